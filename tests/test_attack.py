"""Attacks: what lies in the current folder, in a report, a policy or a file does no harm."""

import base64
import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import hostile
import psutil
import pytest
from sample_reports import REPORTS

from preflight import captures, policy, reports
from preflight.errors import UsageError, is_out_of_memory
from preflight.model import Report, Verdict, exact
from preflight.platforms import programs
from preflight.reports import json_document
from preflight.reports.terminal import Screen
from preflight.sources import recording
from preflight.texts import GUIDE, TROUBLES, Words

MODULES = ("cv2", "json", "numpy", "preflight", "psutil", "rich", "sounddevice", "soundfile", "typer")
PROGRAMS = ("gcc", "gsettings", "ioreg", "ld", "ldconfig", "pactl", "preflight", "uname")


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current folder with modules and programs of known names, each of which leaves a trace when run."""
    here = tmp_path / "downloads"
    here.mkdir()
    trace = tmp_path / "trace"
    for name in MODULES:
        (here / f"{name}.py").write_text(f"open({str(trace)!r}, 'a').write('module {name}\\n')\n")
    for name in PROGRAMS:
        for ending in ("", ".exe"):
            (here / f"{name}{ending}").write_text(f"#!/bin/sh\necho program {name} >> '{trace}'\n")
            (here / f"{name}{ending}").chmod(0o755)
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
    monkeypatch.setenv("PATH", os.pathsep.join(("", ".", os.environ["PATH"])))
    yield here
    assert not trace.exists(), trace.read_text()


# --- the current folder ---


@pytest.mark.parametrize(
    "before", [("-m", "preflight"), ("-P", "-m", "preflight")], ids=["usual", "safe path"]
)
def test_no_code_of_the_current_folder_is_run(before: tuple[str, ...], downloads: Path) -> None:
    if "-P" not in before:
        # Python itself takes what `-m` names from here.
        (downloads / "preflight.py").unlink()
    command = [sys.executable, *before, "run", "--no-input", "--only", "camera,microphone,software,power"]
    command += ["--format", "json", "--timeout", "10"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    checks = {check["id"]: check for check in json.loads(done.stdout)["checks"]}
    # The sources did look.
    assert checks["software.system"]["facts"]["memory"]["value"] > 0


def test_no_program_of_the_current_folder_is_run(downloads: Path) -> None:  # noqa: ARG001 - where this happens
    assert programs.find("pactl.exe") is None
    assert not [
        program for name in PROGRAMS if (program := programs.find(name)) and not Path(program).is_absolute()
    ]
    programs.output(("pactl", "info"))
    child = [sys.executable, "-P", "-c", "import ctypes.util; print(ctypes.util.find_library('portaudio'))"]
    subprocess.run(child, check=True, capture_output=True, env=programs.environment())


def test_a_list_of_folders_without_an_absolute_one_is_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join(("", ".", "bin")))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(("", "/opt/a", "b")))
    assert "PATH" not in programs.environment()
    assert programs.environment()["PYTHONPATH"] == "/opt/a"


# --- reports ---


def poisoned(value: Any) -> Any:
    """A report, or a part of one, with markup in every text that is not one of a closed set."""
    if isinstance(value, str) and type(value) is str:
        return value + hostile.MARKUP
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: poisoned(getattr(value, field.name)) for field in fields(value)})
    if isinstance(value, Mapping):
        return {key + hostile.MARKUP: poisoned(item) for key, item in value.items()}
    return tuple(map(poisoned, value)) if isinstance(value, tuple) else value


def seen(report: Report) -> hostile.Page:
    page = hostile.Page()
    page.feed(reports.render("html", report, Words("en"), Screen()))
    return page


@pytest.mark.parametrize("name", REPORTS)
def test_no_text_of_a_report_becomes_a_part_of_its_page(name: str) -> None:
    good, bad = seen(REPORTS[name]), seen(poisoned(REPORTS[name]))
    assert bad.tags <= {*seen(REPORTS["not-ready"]).tags, "details", "summary"}
    assert bad.attributes <= seen(REPORTS["not-ready"]).attributes
    assert bad.policy == good.policy
    assert {"default-src 'none'", "form-action 'none'", "base-uri 'none'"} <= set(good.policy.split("; "))


def test_the_page_has_no_style_but_its_own() -> None:
    page = reports.render("html", REPORTS["ready"], Words("en"), Screen())
    style = page.partition("<style>")[2].partition("</style>")[0]
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{allowed}';" in page
    assert " style=" not in page


def test_a_check_of_a_newer_preflight_is_read_and_one_with_markup_is_not(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    for identity, read in (("newer.check", True), (f"x{hostile.MARKUP}.video", False)):
        check = replace(REPORTS["ready"].checks[0], id=identity)
        path.write_text(json_document.dump(replace(REPORTS["ready"], checks=(check,))), "utf-8")
        with contextlib.nullcontext() if read else pytest.raises(UsageError, match="report-damaged"):
            assert "newer.check" in reports.render("html", reports.read(str(path)), Words("en"), Screen())


def spent(content: bytes, path: Path) -> tuple[float, float]:
    """Seconds of a processor and megabytes that it takes a process to show a file in each format."""
    path.write_bytes(content)
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from preflight import reports\n"
        "from preflight.errors import UsageError\n"
        "from preflight.reports.terminal import Screen\n"
        "from preflight.texts import GUIDE, TROUBLES, Words\n"
        "try:\n"
        "    for form in reports.FORMATS:\n"
        "        reports.render(form, reports.read(sys.argv[1]), Words('ru'), Screen(), verbose=True)\n"
        "except UsageError as wrong:\n"
        "    Words('lv').error_text(wrong).encode()\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        # Linux counts what the process took before it became this program: the memory of the tests.
        "status = Path('/proc/self/status')\n"
        "said = status.read_text().split() if status.exists() else []\n"
        "most = said[said.index('VmHWM:') + 1] if said else used.ru_maxrss\n"
        "print(used.ru_utime, int(most) / 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, check=True, timeout=60
    )
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


WHOLE = json_document.to_dict(REPORTS["not-ready"])
CHECK = WHOLE["checks"][0]
BROKEN = {**CHECK, "verdict": "error", "trouble": {"kind": "busy", "detail": ""}, "results": []}
TABS = {"value": 1000 * "\t", "unit": 20 * "\u0301", "low": None, "high": None}
MARKS = {**TABS, "value": 1000 * "\u0301"}


@pytest.mark.skipif(sys.platform == "win32", reason="asks POSIX what was used")
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: {"checks": 20_000 * [BROKEN]}, id="thousands of checks"),
        pytest.param(lambda: {"checks": 200 * [BROKEN]}, id="as many checks as are read"),
        pytest.param(
            lambda: {"checks": 20 * [{**BROKEN, "facts": dict.fromkeys("abcdefgh", TABS)}]}, id="tabs"
        ),
        pytest.param(
            lambda: {"checks": 20 * [{**BROKEN, "facts": dict.fromkeys("abcdefgh", MARKS)}]}, id="marks"
        ),
        pytest.param(
            lambda: {"policy": {"name": 6_000_000 * "\t\u0301", "version": ""}}, id="an endless name"
        ),
        pytest.param(lambda: {"duration_s": 10**4000}, id="thousands of digits"),
        pytest.param(lambda: {"schema": -(10**4000)}, id="a schema of thousands of digits"),
    ],
)
def test_a_report_costs_little_or_is_none(make: Callable[[], dict[str, object]], tmp_path: Path) -> None:
    content = json.dumps({**WHOLE, **make()}, ensure_ascii=False, separators=(",", ":")).encode()
    seconds, megabytes = spent(content, tmp_path / "report.json")
    assert megabytes < 300
    assert seconds < 20


def test_a_number_too_long_for_python_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(
        json_document.dump(REPORTS["ready"]).replace('"schema": 1', '"schema": ' + 5000 * "1"), "utf-8"
    )
    with pytest.raises(UsageError, match="report-foreign"):
        reports.read(str(path))


# --- what is shown ---


@pytest.mark.skipif(sys.platform == "win32", reason="no file has such a name there")
@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "{}"),
        ("summary", "{}"),
        ("summary", "."),
        ("compare", "{}", "{}"),
        ("policy", "check", "{}"),
        ("run", "--only", "{}"),
        ("run", "--network", "./none{}"),
        ("run", "--only", "power", "--power", "./{}", "--no-input", "-v", "--output", "{}.json"),
    ],
    ids=" ".join,
)
def test_nothing_of_a_name_reaches_the_terminal_but_its_letters(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{hostile.SECRETIVE}.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    typed = [each.replace("{}", f"{hostile.SECRETIVE}.json") for each in arguments]
    done = subprocess.run(
        [sys.executable, "-m", "preflight", *typed],
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    shown = done.stdout.decode() + done.stderr.decode()
    assert done.returncode in {2, 3}
    assert "\ufffd" in shown
    assert not hostile.UNSEEN.search(shown)
    assert not re.search("^c", shown, re.MULTILINE)


def test_no_text_of_a_report_reaches_the_terminal_but_its_letters(tmp_path: Path) -> None:
    check = replace(REPORTS["ready"].checks[0], facts={"cause": exact(hostile.SECRETIVE)}, results=())
    report = replace(
        REPORTS["ready"],
        policy_name=hostile.SECRETIVE,
        checks=(check,),
        devices={"camera": hostile.SECRETIVE},
    )
    path = tmp_path / "report.json"
    path.write_text(json_document.dump(report), "utf-8")
    read = reports.read(str(path))
    for form in ("text", "html", "markdown", "junit", "json"):
        assert not hostile.UNSEEN.search(
            reports.render(form, read, Words("en"), Screen(), devices=True, verbose=True)
        )


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "&#64;everyone",
        "https://evil.example/",
        "HTTP://evil.example",
        "www.evil.example",
        "mailto:a@evil.example",
        "somebody@evil.example",
        "#123",
        "![x](//evil.example)",
        "<https://evil.example>",
        "$`x`$",
    ],
)
def test_nothing_in_markdown_is_active(text: str) -> None:
    report = replace(REPORTS["ready"], policy_name=f"a {text} b", devices={"camera": text})
    written = reports.render("markdown", report, Words("en"), Screen(), devices=True)
    assert not hostile.active_markup(written)


# --- policies ---


@pytest.fixture
def policy_file(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "own.toml"
        # Each line one sign longer, some of them would be too long for another reason.
        path.write_text(text, "utf-8", newline="\n")
        return str(path)

    return write


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param(".".join(100_000 * "a") + "=1", "policy-huge", id="a large file"),
        pytest.param(".".join(60_000 * "a") + "=1", "policy-limit", id="dots"),
        pytest.param("[" + ".".join(60_000 * "a") + "]", "policy-limit", id="dots in a header"),
        pytest.param(".".join(30_000 * ['"a"']) + "=1", "policy-limit", id="dots between quotes"),
        pytest.param(" . ".join(30_000 * "a") + "=1", "policy-limit", id="dots and spaces"),
        pytest.param(
            "".join(f"a{number}.b.c.d.e.f.g=1\n" for number in range(5000)), "policy-key", id="many names"
        ),
        pytest.param(40_000 * "[[a]]\n", "policy-huge", id="tables"),
        pytest.param(20_000 * "[[a]]\n", "policy-limit", id="fewer tables"),
        pytest.param("a=" + 60_000 * "[", "policy-syntax", id="lists in lists"),
        pytest.param("a=" + 30_000 * "{a=", "policy-syntax", id="tables in tables"),
        pytest.param('a="""' + 30_000 * '\\"""', "policy-line", id="an endless text"),
        pytest.param(20_000 * "a='''\n", "policy-line", id="texts without end"),
        pytest.param("[parameters.power]\nsample_s=" + 5000 * "1", "policy-huge", id="digits"),
        pytest.param("[parameters.power]\nsample_s=0x" + 5000 * "f", "policy-limit", id="hexadecimal digits"),
        pytest.param("[parameters.power]\nsample_s=-1_000_000_000_000_001", "policy-limit", id="a number"),
        pytest.param("[parameters.power]\nsample_s=1e999", "policy-value", id="infinity"),
        pytest.param("[parameters.network]\nstun=[" + 4000 * '"x:1",' + "]", "policy-limit", id="servers"),
        pytest.param('name="' + 1001 * "x" + '"', "policy-limit", id="a long name"),
        pytest.param(1001 * "x" + "=1", "policy-limit", id="a long key"),
        pytest.param(
            "[camera.still]\nmegapixels={at_least=[1,2,3,4,5,6,7,8,9,10,11]}", "policy-type", id="parts"
        ),
        pytest.param(
            "extends='/dev/zero'",
            "file-unreadable",
            id="an endless device",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="it has none by that name"),
        ),
        pytest.param("extends='pipe.toml'", "file-unreadable", id="a pipe"),
        pytest.param(r"extends='\\evil.example\share\own.toml'", "policy-remote", id="another computer"),
        pytest.param("extends='//evil.example/share/own.toml'", "policy-remote", id="the same with slashes"),
        pytest.param(r"extends='\\?\UNC\evil.example\share\own.toml'", "policy-remote", id="spelt out"),
        pytest.param(
            r"extends='\??\UNC\evil.example\share\own.toml'", "policy-remote", id="the kernel's way"
        ),
        pytest.param(
            r"parameters.camera.face_model='\/evil.example/share/face.onnx'",
            "policy-remote",
            id="a face model",
        ),
    ],
)
def test_a_policy_costs_little_or_is_none(text: str, key: str, policy_file: Callable[[str], str]) -> None:
    path = policy_file(text)
    if hasattr(os, "mkfifo"):
        os.mkfifo(Path(path).with_name("pipe.toml"))
    started = time.process_time()
    with pytest.raises(UsageError) as told:
        policy.load(path)
    assert told.value.key == key
    assert time.process_time() - started < 5
    assert len(Words("lv").error_text(told.value)) < 3000


def test_a_policy_of_another_computer_is_read_where_a_person_typed_it() -> None:
    with pytest.raises(UsageError) as told:
        policy.load("//evil.example/share/own.toml")
    assert told.value.key == "file-unreadable"


def test_the_limits_of_a_policy_are_above_what_the_bank_needs() -> None:
    bank = (resources.files("preflight") / "policies" / "bluor.toml").read_bytes()
    assert 5 * len(bank) < policy.SIZE_LIMIT


# --- many reports ---


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes or links in a folder")
def test_only_regular_files_of_a_folder_are_summed_up(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json_document.dump(REPORTS["ready"]), "utf-8")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "endless.ndjson").symlink_to("/dev/zero")
    (tmp_path / "round").symlink_to(tmp_path)
    (tmp_path / "folder.json").mkdir()
    # Deeper than any path can be told to a system at once.
    outer = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deep", dir_fd=outer)
        inner = os.open("deep", os.O_RDONLY, dir_fd=outer)
        os.close(outer)
        outer = inner
    os.close(outer)
    counted = reports.tally([str(tmp_path)])
    assert counted.verdicts.total() == 1
    assert counted.left_out == 3
    subprocess.run(["rm", "-r", str(tmp_path / "deep")], check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in a folder")
def test_a_pipe_that_a_person_names_is_summed_up() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "preflight", "summary", "/dev/stdin"],
        input=json_document.dump(REPORTS["ready"]).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_summary_tells_so_many_words_apart_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("_GROUPS_LIMIT", "_FACTS_LIMIT", "_TEXTS_LIMIT"):
        monkeypatch.setattr(import_module("preflight.reports.summary"), limit, 30)
    path = tmp_path / "all.ndjson"
    check = REPORTS["not-ready"].checks[4]
    assert check.verdict is Verdict.FAIL
    with path.open("w", encoding="utf-8") as file:
        for number in range(100):
            word = "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "x" * 20
            facts = {**check.facts, "cause": exact(word), f"f{number}": exact(word)}
            report = replace(
                REPORTS["not-ready"],
                tool_version=word,
                policy_name=word,
                system={"os": word, "release": ""},
                checks=(replace(check, facts=facts), replace(check, id=f"{word}.x")),
            )
            file.write(json_document.dump_line(report))
    counted = reports.tally([str(path)])
    assert counted.verdicts.total() == 100
    for group in (counted.systems, counted.versions, counted.policies, counted.checks):
        # Each in a group, be it that of all others.
        assert len(group) == 31
    assert sum(counts.total() for counts in counted.systems.values()) == 100
    assert len(counted.failures) == len(counted.facts) == 30
    assert sum(len(spread.others) for spread in counted.facts.values()) <= 30
    told = reports.summarise(counted, Words("en")).text()
    # Twenty systems, versions and policies are named.
    assert told.count("and 80 others (") == 3


# --- processes ---


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux which processes there are")
def test_what_hangs_below_a_worker_ends_with_a_killed_parent(tmp_path: Path) -> None:
    mark = f"{time.time_ns()}"
    (tmp_path / "gsettings").write_text(f"#!/bin/sh\ntrap '' TERM HUP INT\nsleep 6{mark[-6:]}\n")
    (tmp_path / "gsettings").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "XDG_CURRENT_DESKTOP": "GNOME"}
    command = [sys.executable, "-m", "preflight", "run", "--no-input", "--only", "software"]

    def hanging() -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if any(str(tmp_path) in word or mark[-6:] in word for word in process.cmdline()):
                    found.append(process)
        return found

    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as parent:
        until = time.monotonic() + 20
        while not hanging() and time.monotonic() < until:
            time.sleep(0.05)
        assert hanging()
        parent.kill()
    # Three seconds later its worker would have ended it all the same.
    until = time.monotonic() + 1.5
    while hanging() and time.monotonic() < until:
        time.sleep(0.05)
    assert not hanging()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux keeps to such a limit")
@pytest.mark.parametrize("megabytes", [40, 60, 200, 400])
def test_too_little_memory_is_told_in_words(megabytes: int) -> None:
    command = f'ulimit -v {megabytes * 1000}; exec "$0" -m preflight run --no-input --only camera.video,power'
    done = subprocess.run(["sh", "-c", command, sys.executable], capture_output=True, check=False, timeout=60)
    said = done.stdout.decode() + done.stderr.decode()
    assert done.returncode in {1, 3, 4}
    assert Words("en").say(GUIDE["bug"]) not in said
    assert TROUBLES["bug"].finding not in said.lower()


@pytest.mark.parametrize(
    ("error", "so"),
    [
        pytest.param(
            SystemError("<built-in function exec> returned NULL without setting an exception"), True, id="C"
        ),
        pytest.param(SystemError("bad argument to internal function"), False, id="another fault of C"),
        pytest.param(RuntimeError("can't start new thread"), True, id="a thread"),
        pytest.param(RuntimeError("dictionary changed size"), False, id="another fault"),
    ],
)
def test_memory_that_is_missing_is_known_by_whoever_lacks_it(error: Exception, *, so: bool) -> None:
    assert is_out_of_memory(error) is so


# --- recordings ---


def test_what_an_absurd_gauge_said_is_read_again() -> None:
    supply = captures.Supply(name="battery", kind="Battery", percent=2.0**62, energy_now=2.0**62)
    capture = captures.PowerCapture(system="linux", readings=((supply,),), step_s=0.5)
    read = recording.load("power", json.loads(json.dumps(recording.dump("power", [capture]))))
    assert recording.dump("power", read) == recording.dump("power", [capture])
