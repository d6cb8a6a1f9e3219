"""The whole program on files: ready when all is well; what is wrong fails its own check only.

With PREFLIGHT_PROGRAM set, the program of that name is tested: an installed one, or the standalone one.
Longer than 500 lines because all that such a program is tested by has to lie in one file.
"""

import json
import os
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import computers
import disks
import hostile
import line_recordings
import numpy as np
import psutil
import pytest
import scenes
import voices
from input_files import InputFiles

from preflight import __version__, cli, policy
from preflight.texts import ERRORS, LANGUAGES, Words

PROGRAM = os.environ.get("PREFLIGHT_PROGRAM")
COMMAND = [PROGRAM] if PROGRAM else [sys.executable, "-m", "preflight"]
STANDALONE = PROGRAM is not None and (Path(PROGRAM).parent / "_internal").is_dir()
CHECKS = 19


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory) -> InputFiles:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    return InputFiles.in_folder(tmp_path_factory.mktemp("kit"))


def preflight(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1", **(env or {})},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., str]]:
    """Return what tells of a wrong command line, in this process where no other program is tested."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in numbers}

    def told(*arguments: str) -> str:
        if PROGRAM:
            done = preflight(*arguments)
            code, said, complaint = done.returncode, done.stdout.decode(), done.stderr.decode()
        else:
            code = cli.main(arguments)
            said, complaint = capsys.readouterr()
        assert code == 2
        assert not said
        assert "Traceback" not in complaint
        return complaint

    yield told
    for number, handler in handlers.items():
        signal.signal(number, handler)


def report(*arguments: str, code: int) -> dict[str, Any]:
    done = preflight("run", "--no-input", "--format", "json", *arguments)
    assert done.returncode == code, done.stderr.decode() + done.stdout[-3000:].decode()
    assert b"Traceback" not in done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def verdicts(document: Mapping[str, Any]) -> dict[str, str]:
    return {check["id"]: check["verdict"] for check in document["checks"]}


def with_verdict(document: Mapping[str, Any], verdict: str) -> set[str]:
    return {check for check, said in verdicts(document).items() if said == verdict}


def test_the_version_is_told_at_once() -> None:
    seconds = []
    for _ in range(5):
        began = time.monotonic()
        done = preflight("--version")
        seconds.append(time.monotonic() - began)
        assert done.returncode == 0
        assert done.stdout.decode().split() == ["preflight", __version__]
    assert min(seconds) <= 1.0


@pytest.fixture(scope="session")
def good(kit: InputFiles) -> dict[str, Any]:
    """Return the report of the run on all the files."""
    return report(*kit.arguments(), code=0)


@voices.needs_espeak
def test_with_everything_good_it_is_ready(good: dict[str, Any]) -> None:
    assert good["verdict"] == "ready"
    assert len(good["checks"]) == CHECKS
    said = verdicts(good)
    assert said.pop("camera.document") == "skip"
    assert said.pop("speaker.heard") == "skip"
    assert said.pop("camera.still") == "warn"
    assert set(said.values()) == {"pass"}, {check: word for check, word in said.items() if word != "pass"}


@voices.needs_espeak
def test_the_facts_are_those_of_the_catalogue(good: dict[str, Any]) -> None:
    catalogue = policy.load().catalogue
    for check in good["checks"]:
        units = catalogue[check["id"]].units
        assert {name: fact["unit"] for name, fact in check["facts"].items()}.items() <= units.items()
        assert [result["verdict"] for result in check["results"] if result["verdict"] == "error"] == []


@voices.needs_espeak
def test_the_second_face_detector_is_at_hand(good: dict[str, Any]) -> None:
    (seen,) = (check["facts"] for check in good["checks"] if check["id"] == "camera.face")
    assert seen["second_look"]["value"] is True


@voices.needs_espeak
def test_the_sources_are_measured_beside_one_another(good: dict[str, Any]) -> None:
    longest: dict[str, float] = {}
    for check in good["checks"]:
        source = check["id"].partition(".")[0]
        longest[source] = max(longest.get(source, 0.0), check["duration_s"] or 0.0)
    assert len(longest) == 6
    # However busy the computer is: one after another they take the sum of it and more.
    assert good["duration_s"] < sum(longest.values())


@dataclass(frozen=True)
class Change:
    """One thing that is wrong, and what must come of it."""

    source: str
    make: Callable[[Path], Path]
    fails: str
    skips: frozenset[str] = frozenset()


def _video(scene: Callable[[], Any]) -> Callable[[Path], Path]:
    return lambda folder: scenes.video(folder / "changed.avi", scene(), seconds=0.7)


def _sound(samples: Callable[[], voices.Sound]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "changed.wav"
        path.write_bytes(voices.wav(samples()))
        return path

    return make


def _machine(capture: Callable[[], Any]) -> Callable[[Path], Path]:
    return lambda folder: computers.write_captures(folder, capture())


FACE = frozenset({"camera.lighting", "camera.focus"})
CHANGES = [
    pytest.param(Change("camera", _video(scenes.small), "camera.video"), id="720p"),
    pytest.param(Change("camera", _video(scenes.grey), "camera.colour"), id="grey"),
    pytest.param(Change("camera", _video(scenes.dark), "camera.lighting"), id="dark"),
    pytest.param(Change("camera", _video(scenes.blurred), "camera.focus"), id="blurred"),
    pytest.param(Change("camera", _video(scenes.empty), "camera.face", FACE), id="nobody there"),
    pytest.param(Change("microphone", _sound(lambda: voices.recording(5.0)), "microphone.noise"), id="noisy"),
    pytest.param(
        Change(
            "microphone",
            _sound(lambda: 0 * voices.recording()),
            "microphone.signal",
            frozenset({"microphone.noise"}),
        ),
        id="muted",
    ),
    pytest.param(
        Change(
            "network", lambda folder: line_recordings.write_recording(folder, down=5.0), "network.download"
        ),
        id="5 Mbit/s",
    ),
    pytest.param(
        Change("power", _machine(lambda: computers.on_battery(10)), "power.battery"),
        id="10 minutes of battery",
    ),
    pytest.param(Change("software", _machine(computers.without_zoom), "software.zoom"), id="no Zoom"),
    pytest.param(
        Change("software", _machine(lambda: computers.with_zoom("4.6.9")), "software.zoom"), id="Zoom too old"
    ),
    pytest.param(
        Change("software", _machine(computers.without_browser), "software.browser"), id="no browser"
    ),
]


@voices.needs_espeak
@pytest.mark.parametrize("change", CHANGES)
def test_one_change_fails_one_check(kit: InputFiles, change: Change, tmp_path: Path) -> None:
    changed = change.make(tmp_path)
    document = report("--only", change.source, *kit.arguments(**{change.source: changed}), code=1)
    assert with_verdict(document, "fail") == {change.fails}
    assert with_verdict(document, "error") == set()
    skipped = {
        check["id"]: check["skipped_for"] for check in document["checks"] if check["verdict"] == "skip"
    }
    skipped.pop("camera.document", None)
    assert skipped == dict.fromkeys(change.skips, change.fails)


def test_a_document_from_a_file_is_looked_at(tmp_path: Path) -> None:
    picture = scenes.picture(tmp_path / "good.png", scenes.good())
    document = report("--only", "camera.document", "--document", str(picture), code=0)
    assert verdicts(document)["camera.document"] in ("warn", "pass")


@pytest.mark.parametrize("first", [0, 3])
def test_a_file_that_is_none_is_bad_input(first: int, tmp_path: Path) -> None:
    sources, contents = policy.SOURCES, list(hostile.NOT_RECORDINGS.values())
    files: list[str] = []
    for source, content in zip(sources, (contents[first:] + contents[:first]), strict=False):
        path = tmp_path / source
        path.write_bytes(content)
        files += [f"--{source}", str(path)]
    document = report("--skip", "camera.document", *files, code=3)
    assert with_verdict(document, "error") == set(verdicts(document))
    assert {check["trouble"]["kind"] for check in document["checks"]} == {"bad-input"}


def not_a_number(folder: Path) -> Path:
    """Write five seconds of float samples that are none."""
    samples = np.full(5 * voices.RATE, np.nan, np.float32).tobytes()
    layout = struct.pack("<HHIIHH", 3, 1, voices.RATE, 4 * voices.RATE, 4, 32)
    chunks = b"fmt " + struct.pack("<I", 16) + layout + b"data" + struct.pack("<I", len(samples)) + samples
    path = folder / "nan.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return path


@pytest.mark.parametrize(
    ("source", "make"),
    [
        pytest.param("camera", lambda path: scenes.picture(path / "dot.png", scenes.dot()), id="one pixel"),
        pytest.param("microphone", not_a_number, id="samples that are no numbers"),
    ],
)
def test_media_that_say_nothing_are_bad_input(
    source: str, make: Callable[[Path], Path], tmp_path: Path
) -> None:
    document = report("--only", source, f"--{source}", str(make(tmp_path)), code=3)
    kinds = {check["trouble"]["kind"] for check in document["checks"] if check["trouble"]}
    assert kinds == {"bad-input"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--camera", "/nowhere/face.avi"], "/nowhere/face.avi", id="a path that is not there"),
        pytest.param(["--microphone", "."], "directory", id="a folder"),
        pytest.param(["--camera", 300 * "a"], 300 * "a", id="a camera's name too long for a file"),
        pytest.param(["--camera", f"/{300 * 'a'}"], 300 * "a", id="a path too long for a file"),
        pytest.param(
            ["--power", os.devnull],
            "Not a regular file",
            id="a device for a file",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="NUL is none of its files"),
        ),
        pytest.param(["--camera", "No Such Camera"], "No Such Camera", id="an unknown camera"),
        pytest.param(["--only", "camera.vidoe"], "camera.video", id="an unknown check"),
        pytest.param(["--only", "browser"], "software.browser", id="a check without its source"),
        pytest.param(["--policy", "bleu"], "bluor", id="an unknown policy"),
        pytest.param(["--network", "carrier pigeon"], "cloudflare", id="an unknown provider"),
        pytest.param(["--output", "report.doc"], ".json", id="an unknown format of a file"),
        pytest.param(["--format", "doc"], "json", id="an unknown format"),
        pytest.param(["--strict=vague"], "close", id="an unknown reason"),
        pytest.param(["--lang", "de"], "lv", id="an unknown language"),
        pytest.param(["--frobnicate"], "--frobnicate", id="an unknown option"),
        pytest.param(
            ["--network", "nowhere.json"], "nowhere.json cannot be read", id="a recording that is not there"
        ),
        pytest.param(
            ["--policy", "nowhere.toml"], "nowhere.toml cannot be read", id="a policy that is not there"
        ),
        pytest.param(["--microphone"], "DEVICE|FILE", id="an option without its value"),
        pytest.param(["--network", "speed.example.com"], "https://", id="a host without its address"),
        pytest.param(["--network", 300 * "a"], "https://", id="a name too long for a file"),
        pytest.param(["--plain=yes"], "--plain takes no value", id="a value where none belongs"),
        pytest.param(["--timeout", "0.5"], "1 or more", id="too short a time"),
        pytest.param(["--timeout", "soon"], "1 or more", id="a time that is no number"),
        pytest.param(["--silence", "inf"], "--silence", id="silence without end"),
        pytest.param(["--strict", "close"], "close", id="a word that belongs nowhere"),
        pytest.param(
            ["--skip", "camera,microphone,speaker,network,power,software"], "left", id="nothing left"
        ),
    ],
)
def test_what_is_asked_wrongly_is_told_before_measuring(
    arguments: list[str], words: str, refused: Callable[..., str]
) -> None:
    began = time.monotonic()
    assert words in refused("run", "--no-input", *arguments)
    assert time.monotonic() - began < 20


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    if sys.platform == "win32" or os.geteuid() == 0:
        pytest.skip("root reads everything, and so do the owners of a file on Windows")
    path = tmp_path / "secret.wav"
    path.write_bytes(b"")
    path.chmod(0)
    assert preflight("run", "--no-input", "--microphone", str(path)).returncode == 2


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows' owners may do everything"
)
def test_what_may_not_be_entered_is_told(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    for arguments in (
        ["summary", str(closed)],
        ["summary", str(closed / "report.json")],
        ["run", "--no-input", "--camera", str(closed / "face.avi")],
        ["run", "--no-input", "--only", "power", "--record", str(closed)],
    ):
        done = preflight(*arguments)
        assert done.returncode == 2, arguments
        assert b"Permission denied" in done.stderr


def test_a_report_for_no_folder_is_told_before_anything_is_measured(kit: InputFiles, tmp_path: Path) -> None:
    where = str(tmp_path / "no" / "such" / "report.json")
    done = preflight("run", "--no-input", "--only", "software", *kit.arguments(), "--output", where)
    assert done.returncode == 4
    assert where in done.stderr.decode()
    assert not done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX can set a limit to files")
def test_a_report_that_cannot_be_written_still_goes_to_the_terminal(kit: InputFiles, tmp_path: Path) -> None:
    where = tmp_path / "report.json"
    with disks.full_disk(100):
        done = preflight("run", "--no-input", "--only", "software", *kit.arguments(), "--output", str(where))
    assert done.returncode == 4
    assert not where.exists()
    assert str(where) in done.stderr.decode()
    assert b"Everything that was checked is ready" in done.stdout


def test_reports_go_to_files_beside_the_terminal(kit: InputFiles, tmp_path: Path) -> None:
    one, many = tmp_path / "report.json", tmp_path / "all.ndjson"
    arguments = ["--only", "power", *kit.arguments(), "--output", str(one), "--output", str(many)]
    for _ in range(2):
        done = preflight("run", "--no-input", *arguments)
        assert done.returncode == 0
        assert f"The report has been saved: {one}" in done.stderr.decode()
    assert json.loads(one.read_text("utf-8"))["verdict"] == "ready"
    assert [json.loads(line)["verdict"] for line in many.read_text("utf-8").splitlines()] == ["ready"] * 2


def test_a_recording_replays_as_the_run_it_was_made_of(tmp_path: Path) -> None:
    first = report("--only", "software", "--record", str(tmp_path), code=1)
    second = report("--only", "software", "--software", str(tmp_path / "software.json"), code=1)
    assert verdicts(first) == verdicts(second)
    facts = [[check["facts"] for check in document["checks"]] for document in (first, second)]
    assert facts[0] == facts[1]


def test_strict_makes_misses_of_warnings(tmp_path: Path) -> None:
    picture = scenes.picture(tmp_path / "good.png", scenes.good())
    lenient = ["--only", "camera.still", "--camera", str(picture)]
    assert verdicts(report(*lenient, code=0))["camera.still"] == "warn"
    assert verdicts(report(*lenient, "--strict", code=1))["camera.still"] == "fail"
    assert verdicts(report(*lenient, "--strict=close", code=0))["camera.still"] == "warn"


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def workers_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        found = [child for child in psutil.Process(process.pid).children() if "--worker" in child.cmdline()]
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("no worker started")


def runs(process: psutil.Process) -> bool:
    """Tell whether a process does anything: where nobody reaps it, as in a container, its entry stays."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGINT, 130, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, 130, id="a polite kill"),
        pytest.param(getattr(signal, "SIGKILL", 9), -9, id="a rude kill"),
    ],
)
def test_an_interrupted_run_leaves_no_process(silent_server: str, number: int, code: int) -> None:
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("started where this signal is ignored")
    arguments = ["run", "--no-input", "--only", "network", "--network", silent_server]
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    workers = workers_of(process)
    process.send_signal(number)
    _, complaint = process.communicate(timeout=10)
    assert process.returncode == code
    # Nothing is claimed of what was saved: readings and an earlier report may have been.
    assert complaint.decode() == ("" if code < 0 else "Stopped.\n")
    until = time.monotonic() + 3
    while (left := [worker for worker in workers if runs(worker)]) and time.monotonic() < until:
        time.sleep(0.02)
    assert not left


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_run_that_was_to_outlive_its_window_does(silent_server: str) -> None:
    arguments = ["run", "--no-input", "--only", "network", "--network", silent_server]
    script = f"trap '' HUP; exec {shlex.join([*COMMAND, *arguments])}"
    process = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    workers_of(process)
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 130


def test_on_a_terminal_somebody_is_led(kit: InputFiles) -> None:
    """Somebody is asked only on a terminal, and Ctrl-C at the question ends with 130."""
    pty = pytest.importorskip("pty", reason="terminals of POSIX")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        pytest.skip("started where Ctrl-C is ignored")
    try:
        main, other = pty.openpty()
    except OSError as error:
        pytest.skip(f"no terminal to be had: {error}")
    with subprocess.Popen(
        [*COMMAND, "run", "--plain", "--only", "camera,power", "--power", str(kit.files["power"])],
        stdin=other,
        stdout=other,
        stderr=other,
        env={key: value for key, value in os.environ.items() if key != "CI"},
        start_new_session=True,
    ) as process:
        os.close(other)
        try:
            seen = b""
            while b"Press Enter" not in seen:
                seen += os.read(main, 1024)
            assert b"look at the camera" in seen
            # Whoever presses it has read the question; Python misses it just before it begins to wait.
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 130
        finally:
            process.kill()
    os.close(main)


def test_what_is_kept_of_the_text_holds_no_path(tmp_path: Path) -> None:
    """What to type for another report is for whoever sits at the terminal."""
    weak = computers.write_captures(tmp_path, computers.on_battery(10))
    done = preflight("run", "--no-input", "--only", "power", "--power", str(weak))
    assert done.returncode == 1
    assert str(tmp_path) not in done.stdout.decode()


@pytest.fixture(scope="session")
def saved(kit: InputFiles) -> Path:
    """Return the report of a run that was kept."""
    path = kit.folder / "report.json"
    arguments = ["--only", "power,software", *kit.arguments(), "--output", str(path)]
    assert preflight("run", "--no-input", *arguments).returncode == 0
    return path


@pytest.mark.skipif(STANDALONE, reason="the standalone program heeds no variable of Python's")
@pytest.mark.parametrize(
    ("encoding", "lang"),
    [("cp1252", "en"), ("cp1257", "lv"), ("cp775", "lv"), ("cp866", "ru"), ("cp1257", "ru"), ("ascii", "lv")],
)
def test_no_code_page_breaks_the_report(saved: Path, encoding: str, lang: str) -> None:
    environ = {"PYTHONUTF8": "0", "PYTHONIOENCODING": encoding}
    done = preflight("show", str(saved), "--lang", lang, env=environ)
    assert done.returncode == 0, done.stderr
    assert "?" not in done.stdout.decode(encoding)
    done = preflight("run", "--help", "--lang", lang, env=environ)
    assert done.returncode == 0, done.stderr
    assert ": preflight run [" in done.stdout.decode(encoding).splitlines()[0]


@pytest.mark.skipif(STANDALONE, reason="the standalone program heeds no variable of Python's")
@pytest.mark.parametrize(("encoding", "lang"), [("cp1252", "lv"), ("cp1257", "ru"), ("cp437", "lv")])
def test_no_code_page_breaks_the_help(encoding: str, lang: str) -> None:
    environ = {"PYTHONUTF8": "0", "PYTHONIOENCODING": encoding}
    done = preflight("run", "--help", "--lang", lang, env=environ)
    assert done.returncode == 0, done.stderr
    assert "?" not in done.stdout.decode(encoding)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.skipif(sys.platform == "win32", reason="a locale of POSIX")
def test_the_c_locale_breaks_no_report(kit: InputFiles, lang: str) -> None:
    done = preflight(
        *("run", "--no-input", "--lang", lang, "--only", "power,software", *kit.arguments()),
        env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""},
    )
    assert done.returncode == 0, done.stderr
    assert b"?" not in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
def test_somebody_who_reads_no_further_changes_nothing(kit: InputFiles) -> None:
    command = " ".join([*COMMAND, "run", "--no-input", "--only", "power", *kit.arguments()])
    script = f"{command} | head -c 1; echo ${{PIPESTATUS[0]}}; "
    script += f"{command} >&-; echo $?; {command} > /dev/full; echo $?"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout[1:].split() == ["0", "4", "4"]
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
def test_where_nobody_is_to_be_told_the_report_comes_alone(kit: InputFiles) -> None:
    def started(*arguments: str) -> subprocess.CompletedProcess[str]:
        script = f"{shlex.join([*COMMAND, *arguments])} 2>&-"
        return subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, text=True, check=False)

    done = started("run", "--only", "power", *kit.arguments(), "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["verdict"] == "ready"
    assert (refused := started("run", "--only", "nothing")).returncode == 2
    assert not refused.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    ("command", "lang"),
    [
        *[("--help", "en"), ("--version", "lv"), ("checks", "ru"), ("policy show", "en"), ("devices", "lv")],
        *[("run --help", "lv"), ("--show-completion bash", "ru")],
    ],
)
def test_what_a_full_disk_cannot_take_is_told(command: str, lang: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *command.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            env={
                **os.environ,
                "PYTHONUTF8": "1",
                # Set, it hides what is left to be written at the end.
                "PYTHONUNBUFFERED": "",
                "LC_ALL": f"{lang}_XX.UTF-8",
                # Named, and not looked for among the processes above this one: in a container is none.
                "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
            },
            check=False,
        )
    assert done.returncode == 4
    assert done.stderr.decode().splitlines() == [Words(lang).say(ERRORS["unprinted"])]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["show"], "Arguments PĀRSKATS|KODS nav norādīts.", id="no report"),
        pytest.param(["policy", "chek"], "policy check", id="a part of a command"),
        pytest.param(["show", "none.json"], "tāda faila vai mapes nav", id="the system's word for no file"),
        pytest.param(["show", os.devnull], "tas nav JSON fails", id="a file that is no report"),
        pytest.param(["summary", 300 * "a"], 300 * "a", id="a path too long for a file"),
    ],
)
def test_what_is_wrong_is_told_wholly_in_the_language(
    arguments: list[str], words: str, refused: Callable[..., str]
) -> None:
    assert words in refused(*arguments, "--lang", "lv")
