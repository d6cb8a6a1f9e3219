"""The product on Windows: real Python, registry, sound and DirectShow, row by row of the table."""

# ruff: noqa: E402 - what follows the skip cannot be imported on Windows

import codecs
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import voices

if sys.platform == "win32":
    pytest.skip("a lab of Linux", allow_module_level=True)
assert sys.platform != "win32"  # the form by which a type checker leaves out a module

from lab.answers import EXITS, wrong
from lab.sound.server import Server
from lab.sound.test_sound import QUIET, QUIET_S, voice
from lab.windows.computer import CannotBuild, Computer, State
from lab.windows.scenarios import CAMERAS, Row, webcam

pytestmark = [pytest.mark.lab, pytest.mark.lab_windows]

ALL = bool(os.environ.get("PREFLIGHT_LAB_WINDOWS"))
"""Whether to run all of it, which takes hours, and not one of each kind."""
PYTHON = r"Z:\win\python\python.exe"
PREFLIGHT = f"{PYTHON} -m preflight"
LAYOUTS = sorted(
    (Path(__file__).parents[2] / "platforms/layouts/windows").glob(
        "*.toml" if ALL else "zoom-for-one-person.toml"
    )
)
OWN_PAGES = {"en": (437, 775, 866, 1252, 1257, 65001), "lv": (775, 1257, 65001), "ru": (866, 65001)}
WORDS = {"en": ("Zoom",), "lv": ("Zoom", "ā"), "ru": ("Zoom", "о")}
PAGES = [(page, lang) for page in OWN_PAGES["en"] for lang in WORDS] if ALL else [(775, "lv"), (437, "ru")]
TESTS: Sequence[Sequence[str]] = (
    [["tests"]] if ALL else [["tests/sources/test_network.py", "-k", "takes_nothing or hangs_up"]]
)
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


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.stem)
def test_a_recorded_registry_is_read_as_windows_keeps_it(layout: Path, computer: Computer) -> None:
    told = tomllib.loads(layout.read_text("utf-8"))
    computer.become(State(registry=told.get("registry", "")))
    for file in told.get("files", []):
        computer.touch(file)
    home = {
        "USERPROFILE": r"C:\Users\anna",
        "APPDATA": r"C:\Users\anna\AppData\Roaming",
        "LOCALAPPDATA": r"C:\Users\anna\AppData\Local",
    }

    done = computer.run(
        *("run", "--no-input", "--format", "json", "--only", "software"),
        seconds=LONG_S,
        environment=home | told.get("environ", {}),
    )

    found: dict[str, object] = {}
    for check in json.loads(done.out)["checks"]:
        name = check["id"].partition(".")[2]
        found[name] = check["verdict"]
        found |= {f"{name}.{fact}": value["value"] for fact, value in check["facts"].items()}
    says = {
        key: value
        for key, value in told["says"].items()
        # The day of the run decides which version is recent enough.
        if key.startswith(("zoom.", "browser")) and key != "zoom.recent" and value != "unknown"
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
        f"{PYTHON} keep.py show report.json --lang {lang}",
        f"{PYTHON} keep.py run --help --lang {lang}",
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


def test_whoever_ends_the_program_ends_its_workers(computer: Computer) -> None:
    computer.become(State(cameras=(webcam("frames=0"),)))
    command = computer.python("-m", "preflight", "run", "--no-input", "--only", "camera")
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            command, env=computer.environment, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed
        )
        until = time.monotonic() + 60
        while not any("--worker" in line for line in computer.running()) and time.monotonic() < until:
            time.sleep(0.1)
        assert any("--worker" in line for line in computer.running())
        computer.kill_parent()
        process.wait(30)
    assert not computer.left(10)


@pytest.mark.parametrize("selection", TESTS, ids=" ".join)
def test_the_fast_tests_pass_there_too(selection: Sequence[str], computer: Computer) -> None:
    computer.become(State())
    usual = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=120")

    said = computer.try_out(*usual, *selection, seconds=HOURS_S if ALL else 600)

    assert re.search(r"\d+ passed", said), said
    assert not re.search(r"\d+ (failed|error)", said), said


def test_every_row_has_a_name_of_its_own() -> None:
    names = [row.id for row in CAMERAS]

    assert len(set(names)) == len(names)
