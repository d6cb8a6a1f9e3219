"""The product on Windows: real Python, registry, sound and DirectShow, row by row of the table.

Longer than 500 lines because all of it shares the one computer that takes minutes to set up.
"""

# ruff: noqa: E402 - what follows the skip cannot be imported on Windows

import codecs
import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import layouts
import pytest
import voices

if sys.platform == "win32":
    pytest.skip("a lab of Linux", allow_module_level=True)
assert sys.platform != "win32"  # the form by which a type checker leaves out a module

from input_files import InputFiles
from lab.answers import EXITS, wrong
from lab.sound.server import Server
from lab.sound.test_sound import QUIET, QUIET_S, voice
from lab.sound.test_speaker import Person
from lab.windows import root
from lab.windows.computer import MODULE, PYTHON, CannotBuild, Computer, State
from lab.windows.root import PROJECT
from lab.windows.scenarios import CAMERAS, SILENCES, Row, Silence, webcam

from preflight import __version__

pytestmark = [pytest.mark.lab, pytest.mark.lab_windows]

ALL = bool(os.environ.get("PREFLIGHT_LAB_WINDOWS"))
"""Whether to run all of it, which takes half an hour, and not one of each kind."""
TYPED = r"Z:\win\python\python.exe"
"""Python as it is named at a prompt of Windows."""
PREFLIGHT = f"{TYPED} -m preflight"
NEVER_EMPTY = pytest.mark.skip(reason="Wine, as Windows, is never without a registry")
RECORDED = [
    pytest.param(path, id=path.stem, marks=[NEVER_EMPTY] if path.stem == "empty-registry" else [])
    for path in sorted((layouts.LAYOUTS / "windows").glob("*.toml" if ALL else "*-held-by-*.toml"))
]
OWN_PAGES = {"en": (437, 775, 866, 1252, 1257, 65001), "lv": (775, 1257, 65001), "ru": (866, 65001)}
WORDS = {"en": ("Zoom",), "lv": ("Zoom", "ā"), "ru": ("Zoom", "о")}
PAGES = [(page, lang) for page in OWN_PAGES["en"] for lang in WORDS] if ALL else [(775, "lv"), (437, "ru")]
TESTS: Sequence[Sequence[str]] = (
    [["tests"]] if ALL else [["tests/sources/test_network.py", "-k", "takes_nothing or hangs_up"]]
)
BREAK = "\0"
"""Ctrl-Break, for which a terminal has no letter."""
HOURS_S = 3 * 3600
LONG_S = 150
"""Until a report is there, on a computer that does much else; 6 s where it does not."""


@pytest.fixture(scope="session")
def computer() -> Iterator[Computer]:
    try:
        with Computer() as made:
            yield made
    except CannotBuild as cannot:
        pytest.skip(str(cannot))


def facts(report: dict[str, Any]) -> dict[str, Any]:
    """Return all facts by CHECK.FACT, the check without its source."""
    return {
        f"{check['id'].partition('.')[2]}.{name}": fact["value"]
        for check in report["checks"]
        for name, fact in check["facts"].items()
    }


@pytest.mark.parametrize("row", CAMERAS, ids=lambda row: row.id)
def test_answer_is_a_careful_persons(row: Row, computer: Computer) -> None:
    computer.become(row.state)

    command = f"run --no-input --lang en --format json --output report.txt {row.run}"
    done = computer.run(*shlex.split(command), seconds=LONG_S)

    asked = "\n".join(done.streams)
    assert done.status is not None, f"no answer within {LONG_S} s\n{asked}"
    text = computer.read("report.txt")
    assert "Traceback" not in done.err + text
    report = json.loads(done.out)
    assert not wrong(row.expect, report), "\n".join([*wrong(row.expect, report), asked])
    assert done.status == EXITS[report["verdict"]]
    assert row.device in report.get("devices", {}).get("camera", "")
    assert re.sub(r"\s+", " ", text).count(row.says)
    found = facts(report)
    assert {name: found.get(name) for name in row.facts} == row.facts, asked
    assert re.search(row.streams, asked), asked
    assert not (row.never and re.search(row.never, asked)), asked
    assert not done.left


def lay(computer: Computer, told: dict[str, Any]) -> None:
    """Give it the registry and the files of a recorded layout."""
    computer.become(State(registry=told.get("registry", "")))
    for file in told.get("files", []):
        computer.touch(file)


@pytest.mark.parametrize("layout", RECORDED)
def test_a_recorded_registry_is_read_as_windows_keeps_it(layout: Path, computer: Computer) -> None:
    told = layouts.load_layout(layout)
    lay(computer, told)
    recorded = f"Z:/win/src/{layout.relative_to(PROJECT).as_posix()}"

    done = computer.run(
        recorded,
        seconds=LONG_S,
        environment={"PYTHONPATH": r"Z:\win\src;Z:\win\src\tests"},
        program=(PYTHON, r"Z:\win\lab\layout.py"),
    )

    assert done.status == 0, done.err
    found = json.loads(done.out)
    assert {key: found.get(key) for key in told["says"]} == layouts.expected(told)


def test_zoom_and_the_browser_are_found_where_a_registry_names_them(computer: Computer) -> None:
    told = layouts.load_layout(layouts.LAYOUTS / "windows/zoom-for-one-person.toml")
    lay(computer, told)
    home = {name: layouts.WINDOWS[name] for name in ("USERPROFILE", "APPDATA", "LOCALAPPDATA")}

    words = ("run", "--no-input", "--format", "json", "--only", "software")
    done = computer.run(*words, seconds=LONG_S, environment=home)

    found: dict[str, object] = {}
    for check in json.loads(done.out)["checks"]:
        name = check["id"].partition(".")[2]
        found[name] = check["verdict"]
        found |= {f"{name}.{fact}": value["value"] for fact, value in check["facts"].items()}
    says = {
        key: value
        for key, value in told["says"].items()
        # The day of the run decides which version is recent enough.
        if key.startswith(("zoom.", "browser")) and key != "zoom.recent"
    }
    assert says
    assert {key: found.get(key) for key in says} == says


def test_a_battery_is_seen_through_both_of_windows_calls(computer: Computer) -> None:
    computer.become(State())
    computer.supply("AC", type="Mains", online=0)
    battery = {"type": "Battery", "present": 1, "status": "Discharging", "capacity": 12}
    # Of 12 V, in millionths of a volt, an ampere and an ampere-hour: 5.8 of 48 Wh.
    charge = {"voltage_now": 12e6, "current_now": 1e6, "charge_full": 4e6, "charge_now": 0.48e6}
    computer.supply("BAT0", **battery, **{name: round(value) for name, value in charge.items()})

    done = computer.run("run", "--no-input", "--format", "json", "--only", "power", seconds=LONG_S)

    (check,) = json.loads(done.out)["checks"]
    said = {name: fact["value"] for name, fact in check["facts"].items()}
    assert check["verdict"] == "fail", said
    assert (said["plugged"], said["charge"], said["draw"]) == (False, 12, 12.0), said


def test_nobody_sits_at_nul(computer: Computer) -> None:
    computer.become(State())

    computer.type_in(f"{PREFLIGHT} run --only software --format json < NUL > report.json 2> NUL")

    assert {check["id"] for check in json.loads(computer.read_bytes("report.json"))["checks"]} >= {
        "software.zoom"
    }


@pytest.mark.parametrize(("page", "lang"), PAGES)
def test_text_comes_in_the_letters_of_whoever_reads_it(page: int, lang: str, computer: Computer) -> None:
    """A pipe's readers take the console's code page; those of a file know UTF-8 by its mark."""
    computer.become(State())
    # Wine's prompt makes a file of a pipe.
    computer.write(
        "keep.py",
        "import subprocess, sys\n"
        "command = [sys.executable, '-m', 'preflight', *sys.argv[1:]]\n"
        "open('piped.txt', 'ab').write(subprocess.run(command, stdout=subprocess.PIPE).stdout)\n",
    )

    computer.type_in(
        f"chcp {page} > NUL",
        f"{PREFLIGHT} run --no-input --only software --output report.json > NUL 2> NUL",
        f"{PREFLIGHT} show report.json --lang {lang} > shown.txt",
        f"{PREFLIGHT} run --help --lang {lang} > help.txt",
        f"{TYPED} keep.py show report.json --lang {lang}",
        f"{TYPED} keep.py run --help --lang {lang}",
        f"{PREFLIGHT} show report.json --format json > printed.json",
    )

    shown, helped = computer.read_bytes("shown.txt"), computer.read_bytes("help.txt")
    assert shown.startswith(codecs.BOM_UTF8)
    assert helped.startswith(codecs.BOM_UTF8)
    for word in WORDS[lang]:
        assert word in shown.decode("utf-8-sig") + helped.decode("utf-8-sig")
    piped = computer.read_bytes("piped.txt").decode("utf-8" if page == 65001 else f"cp{page}")
    assert piped.count("?") == shown.count(b"?") + helped.count(b"?")
    if page in OWN_PAGES[lang]:
        for word in WORDS[lang]:
            assert word in piped
    printed = computer.read_bytes("printed.json")
    assert not printed.startswith(codecs.BOM_UTF8)
    json.loads(printed)


@pytest.mark.parametrize("ratio", [5, 12, 25] if ALL else [12])
def test_a_microphone_hears_what_the_file_holds(ratio: float, computer: Computer) -> None:
    computer.become(State())
    samples = voice(ratio)
    with Server() as sound, computer.hearing(sound.environment["PULSE_SERVER"]):
        words = ("run", "--lang", "en", "--only", "microphone", "--plain", "--output", "live.json")
        with computer.terminal(*words) as terminal:
            terminal.until("Press Enter", LONG_S)
            terminal.press("\r")
            terminal.until(QUIET, LONG_S)
            sound.play(samples)
            terminal.until(lambda: bool(computer.read_bytes("live.json")), LONG_S)
    length = round((QUIET_S + 5) * voices.RATE)
    (computer.files / "win/desk/voice.wav").write_bytes(voices.wav(samples[:length]))
    file = ("--microphone", "voice.wav", "--silence", str(QUIET_S))
    computer.run("run", "--no-input", "--only", "microphone", *file, "--output", "file.json", seconds=LONG_S)

    live, read = (facts(json.loads(computer.read_bytes(f"{name}.json"))) for name in ("live", "file"))
    assert live["noise.ratio"] == pytest.approx(read["noise.ratio"], abs=1.5)


def test_a_camera_shows_what_the_film_holds(computer: Computer) -> None:
    """Same verdicts, and the facts within what one frame and the next differ by."""
    computer.become(State(cameras=(webcam(),)))
    reports = []
    for target in ("HD Webcam", r"Z:\win\lab\scene\film.avi"):
        words = ("run", "--no-input", "--only", "camera", "--skip", "camera.video", "--timeout", "100")
        done = computer.run(*words, "--format", "json", "--camera", target, seconds=LONG_S)
        reports.append(json.loads(done.out))

    device, film = ({check["id"]: check["verdict"] for check in report["checks"]} for report in reports)
    assert device == film
    there, here = map(facts, reports)
    for name, value in here.items():
        if isinstance(value, float | int):
            assert there[name] == pytest.approx(value, rel=0.1, abs=0.2), name
        else:
            assert there[name] == value, name


def test_a_person_is_led_through_picture_and_document(computer: Computer) -> None:
    computer.become(State(cameras=(webcam(),)))
    words = (
        "run",
        "--lang",
        "en",
        "--only",
        "camera",
        "--plain",
        "--timeout",
        "100",
        "--output",
        "report.json",
    )
    with computer.terminal(*words) as terminal:
        terminal.until("Press Enter", LONG_S)
        terminal.press("\r")
        terminal.until("document", LONG_S)
        terminal.press("\r")
        terminal.until(lambda: bool(computer.read_bytes("report.json")), LONG_S)

    verdicts = {check["id"]: check for check in json.loads(computer.read_bytes("report.json"))["checks"]}
    assert verdicts["camera.document"]["skipped_for"] is None
    assert verdicts["camera.document"]["trouble"] is None
    assert verdicts["camera.still"]["facts"]["megapixels"]["value"] == 2.1


@pytest.mark.skipif(not ALL, reason="it takes most of a minute")
def test_a_rehearsal_keeps_the_camera_on(computer: Computer) -> None:
    computer.become(State(cameras=(webcam(),)))
    server = [sys.executable, str(PROJECT / "tests/lab/network/server.py")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(server, text=True, **pipes) as served:  # type: ignore[call-overload] # of Any
        port = json.loads(served.stdout.readline())["http"]
        address = ("--network", f"http://127.0.0.1:{port}/")
        words = ("rehearse", "--camera", "--minutes", "0.5", "--format", "json", *address)
        done = computer.run(*words, seconds=LONG_S)
        served.communicate()
    assert json.loads(done.out)["checks"][0]["facts"]["minutes"]["value"] == 0.5
    # It is on from when its mode is found until the end, and not after it.
    assert sum(each.startswith("stream MJPG 1920x1080") for each in done.streams) == 1
    assert not done.left


@contextlib.contextmanager
def running(computer: Computer, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the product until its worker works at the camera; what it prints is in the file `printed`."""
    with (computer.files / "win/desk/printed").open("wb") as printed:
        process = subprocess.Popen(
            computer.command("wine", *MODULE, *words),
            env=computer.environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.DEVNULL,
        )
        try:
            until = time.monotonic() + LONG_S
            while not (computer.streams() and len(workers(computer)) == 1):
                assert time.monotonic() < until, computer.running()
                assert process.poll() is None, computer.read("printed")
                time.sleep(0.1)
            yield process
        finally:
            process.kill()
            process.wait()


def workers(computer: Computer) -> list[str]:
    return [line for line in computer.running() if "--worker" in line]


def test_whoever_ends_the_program_ends_its_workers(computer: Computer) -> None:
    computer.become(State(cameras=(webcam("setup_ms=600000"),)))
    with running(computer, "run", "--no-input", "--only", "camera") as process:
        held = json.loads(computer.do("wine", PYTHON, r"Z:\win\lab\jobs.py"))
        computer.kill(worker=False)
        process.wait(30)
    # The first process, and the worker that it started.
    assert sorted((each["child"], each["job"]) for each in held) == [(False, False), (True, True)]
    assert not computer.left(10)


def test_a_worker_that_is_killed_costs_its_own_checks(computer: Computer) -> None:
    computer.become(State(cameras=(webcam("setup_ms=600000"),)))
    words = ("run", "--no-input", "--format", "json", "--only", "camera,software", "--timeout", "140")
    with running(computer, *words) as process:
        computer.kill(worker=True)
        process.wait(60)
    report = json.loads(computer.read("printed"))
    troubles = {check["id"]: (check["trouble"] or {}).get("kind") for check in report["checks"]}
    assert {kind for check, kind in troubles.items() if check.startswith("camera.")} == {"crash", None}
    assert troubles["camera.video"] == "crash"
    assert {kind for check, kind in troubles.items() if check.startswith("software.")} == {None}
    assert not computer.left(10)


@pytest.mark.parametrize(
    ("key", "code"), [("q", 0), ("\x03", 130), (BREAK, 130)], ids=["q", "Ctrl-C", "Ctrl-Break"]
)
def test_a_live_view_gives_the_screen_back(key: str, code: int, computer: Computer) -> None:
    """However it ends; and a window that is its alone stays until it has been read."""
    computer.become(State(cameras=(webcam(),)))
    program = (PYTHON, r"Z:\win\lab\ctrl_break.py") if key == BREAK else MODULE
    with computer.terminal("live", "camera", "--lang", "en", program=program) as terminal:
        terminal.until(lambda: "▀".encode() in terminal.written, LONG_S)
        if key == BREAK:
            computer.write("break", "")
        else:
            terminal.press(key)
        terminal.until("Press Enter to close", 60)
        terminal.press("\r")
        status = terminal.ended(60)
    assert status == code
    assert 0 < terminal.written.find(b"\x1b[?1049h") < terminal.written.find(b"\x1b[?1049l")
    assert not computer.left(10)


def test_every_device_is_listed_by_the_name_that_windows_gives_it(computer: Computer) -> None:
    computer.become(State(cameras=(webcam(name="Камера ноутбука"), webcam(name="HD Webcam"))))
    with Server() as sound, computer.hearing(sound.environment["PULSE_SERVER"]):
        done = computer.run("devices", "--lang", "en", seconds=LONG_S)
    listed = done.out.removeprefix("\ufeff").splitlines()
    assert listed[:3] == ["Cameras", "  0  Камера ноутбука", "  1  HD Webcam"]
    assert [line.split("  ")[-1] for line in listed if "PulseAudio" in line] == [
        "PulseAudio Input",
        "PulseAudio Output",
    ]
    assert done.status == 0


def test_no_library_of_the_current_folder_is_loaded(computer: Computer) -> None:
    computer.become(State())
    computer.do("bash", "-c", "cp /win/python/libffi-8.dll /win/desk/mfplat-none.dll")
    asked = "from ctypes import windll; print(bool(windll.kernel32.LoadLibraryW('mfplat-none.dll')))"
    for before, loaded in (("", "True"), ("import preflight.platforms; ", "False")):
        assert computer.do("wine", PYTHON, "-c", before + asked).split() == [loaded]


def test_what_windows_forbids_is_told_before_anything_is_measured(computer: Computer) -> None:
    computer.become(State())
    computer.do("bash", "-c", "mkdir -p /win/locked && mount -t tmpfs -o ro tmpfs /win/locked")
    for option, code, said in (
        (("--output", "what?.json"), 2, "Windows does not allow"),
        (("--output", "report 12:30.html"), 2, "Windows does not allow"),
        (("--output", f"{'long' * 63}.json"), 2, "Windows does not allow"),
        (("--output", r"Z:\win\locked\report.json"), 4, "Permission denied"),
        (("--record", r"Z:\win\locked"), 2, "Permission denied"),
    ):
        done = computer.run("run", "--no-input", "--lang", "en", *option, seconds=LONG_S)
        assert (done.status, done.out) == (code, ""), option
        assert said in done.err, option


@pytest.mark.parametrize("address", ["file:///Z:/win/desk/voice.wav", "Z:/win/desk/voice.wav"])
def test_a_file_is_found_by_whatever_names_it(address: str, computer: Computer) -> None:
    computer.become(State())
    (computer.files / "win/desk/voice.wav").write_bytes(voices.wav(voices.recording()))

    words = ("run", "--no-input", "--only", "microphone", "--format", "json", "--microphone", address)
    done = computer.run(*words, seconds=LONG_S)

    assert {check["verdict"] for check in json.loads(done.out)["checks"]} == {"pass"}, done.err


def test_a_person_counts_the_tones_that_windows_plays(computer: Computer) -> None:
    """At a rate that is not the mixer's own."""
    computer.become(State())
    with Server(rate=44100) as sound, computer.hearing(sound.environment["PULSE_SERVER"]):
        person = Person(sound)
        words = ("run", "--lang", "en", "--only", "speaker", "--plain", "--output", "report.json")
        with computer.terminal(*words) as terminal:
            terminal.until("Press Enter to hear", LONG_S)
            terminal.press("\r")
            terminal.until("Type a number", LONG_S)
            terminal.press(f"{person.count()}\r")
            terminal.until(lambda: bool(computer.read_bytes("report.json")), LONG_S)
    checks = {check["id"]: check for check in json.loads(computer.read_bytes("report.json"))["checks"]}
    assert checks["speaker.heard"]["verdict"] == "pass", checks
    assert checks["speaker.heard"]["facts"]["rounds"]["value"] == 1
    # Wine drops parts of what it plays: -1.1 to -6.3 dB were read where nothing is lost. The decibels are
    # shown by the sound lab; here, that the microphone hears what is played, and not as if by a headset.
    assert -20 < checks["speaker.heard"]["facts"]["coupling"]["value"] < 1


@pytest.mark.skipif(not ALL, reason="one of the kind is enough")
def test_the_live_speaker_plays_a_tone_for_each_key(computer: Computer) -> None:
    computer.become(State())
    with Server() as sound, computer.hearing(sound.environment["PULSE_SERVER"]):
        person = Person(sound)
        with computer.terminal("live", "speaker", "--lang", "en") as terminal:
            for _ in range(2):
                terminal.until(lambda: b"play a tone" in terminal.written, LONG_S)
                terminal.press("\r")
                until = time.monotonic() + LONG_S
                while not (count := person.count()) and time.monotonic() < until:
                    time.sleep(1.5)
                assert count == 1
            terminal.press("q")
            terminal.until("Press Enter to close", 60)


@pytest.mark.parametrize("silence", SILENCES if ALL else SILENCES[:1], ids=lambda silence: silence.id)
def test_a_microphone_without_a_voice_says_why(silence: Silence, computer: Computer) -> None:
    computer.become(silence.state)
    words = ("run", "--no-input", "--only", "microphone", "--format", "json", "--timeout", "100")
    with contextlib.ExitStack() as stack:
        if silence.server:
            sound = stack.enter_context(Server())
            sound.control("set-source-mute", "microphone", str(int(silence.muted)))
            stack.enter_context(computer.hearing(sound.environment["PULSE_SERVER"]))
        done = computer.run(*words, seconds=LONG_S)
    report = json.loads(done.out)
    assert not wrong(silence.expect, report), wrong(silence.expect, report)


def test_the_launcher_that_pip_makes_starts_it(computer: Computer, tmp_path: Path) -> None:
    computer.become(State())
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(PROJECT)]
    subprocess.run(command, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    shutil.copy(wheel, computer.files / "win/desk")
    pip = ("wine", PYTHON, "-m", "pip")
    computer.do(*pip, "install", "-q", "--no-deps", "--no-index", wheel.name, seconds=300)
    try:
        launcher = (r"Z:\win\python\Scripts\preflight.exe",)
        alone = {"PYTHONPATH": ""}
        version = computer.run("--version", program=launcher, environment=alone, seconds=LONG_S)
        assert version.out.removeprefix("\ufeff").strip() == f"preflight {__version__}"
        words = ("run", "--no-input", "--only", "software", "--format", "json")
        done = computer.run(*words, program=launcher, environment=alone, seconds=LONG_S)
        assert {check["verdict"] for check in json.loads(done.out)["checks"]} >= {"fail"}
        with computer.terminal("checks", "camera.focus", "--lang", "en", program=launcher) as terminal:
            terminal.until("Press Enter to close", LONG_S)
        # Of a prompt that goes on, nobody has to close the window.
        assert "Press Enter" not in computer.type_in(rf"{launcher[0]} checks camera.focus --lang en")
    finally:
        computer.do(*pip, "uninstall", "-q", "-y", "session-preflight", seconds=300)


@pytest.mark.skipif(not ALL, reason="it takes minutes to build")
def test_the_program_that_needs_no_python_does_the_main_job(computer: Computer) -> None:
    computer.become(State(cameras=(webcam(),)))
    folders = ("--distpath", r"Z:\win\frozen", "--workpath", r"Z:\win\freezing", "--log-level", "ERROR")
    build = ("wine", PYTHON, "-m", "PyInstaller", "--noconfirm", *folders)
    began = time.monotonic()
    computer.do(*build, ".github/standalone/preflight.spec", seconds=HOURS_S, folder=f"/{root.WIN}/src")
    built = time.monotonic() - began
    program = (r"Z:\win\frozen\preflight\preflight.exe",)
    alone = {"PYTHONPATH": ""}
    kit = InputFiles.in_folder(computer.files / "win/desk")
    arguments = [word for source, path in kit.files.items() for word in (f"--{source}", path.name)]

    # The first start reads it from the disk.
    versions = [computer.run("--version", program=program, environment=alone, seconds=60) for _ in range(3)]
    job = ("run", "--no-input", "--format", "json", "--timeout", "100", *arguments)
    done = computer.run(*job, program=program, environment=alone, seconds=LONG_S)
    listed = computer.run("devices", "--lang", "en", program=program, environment=alone, seconds=LONG_S)

    files = [file.stat().st_size for file in (computer.files / "win/frozen").rglob("*") if file.is_file()]
    told = f"built in {built:.0f} s, {sum(files) / 1e6:.0f} MB, "
    told += f"version in {min(each.seconds for each in versions):.2f} s, job in {done.seconds:.1f} s"
    sys.stderr.write(f"{told}\n")
    assert versions[-1].out.removeprefix("\ufeff").strip() == f"preflight {__version__}"
    assert min(each.seconds for each in versions) < 1
    report = json.loads(done.out)
    assert (done.status, report["verdict"]) == (0, "ready"), report
    assert "HD Webcam" in listed.out
    assert not done.left


@pytest.mark.parametrize("selection", TESTS, ids=" ".join)
def test_the_fast_tests_pass_there_too(selection: Sequence[str], computer: Computer) -> None:
    computer.become(State())
    usual = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=600")

    said = computer.try_out(*usual, *selection, seconds=HOURS_S if ALL else 600)

    assert re.search(r"\d+ passed", said), said
    assert not re.search(r"\d+ (failed|error)", said), said


def test_every_row_has_a_name_of_its_own() -> None:
    names = [row.id for row in CAMERAS]

    assert len(set(names)) == len(names)
