"""A person's way through the live screen, in a real terminal with real workers."""

# ruff: noqa: E402 - what follows the skip cannot be imported on Windows

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

if sys.platform == "win32":
    pytest.skip("terminals of POSIX", allow_module_level=True)
assert sys.platform != "win32"  # the form by which a type checker leaves out a module

import scenes
import webcam_server
from terminals import Terminal

from preflight import live_drawing, live_state, policy, texts
from preflight.model import Check, Demand, Fact, Level, Operator, Result, Verdict, WarnReason

# Real time in real terminals: a second each of several processes at once.
pytestmark = [pytest.mark.lab, pytest.mark.lab_terminal]

COMMAND = [sys.executable, "-m", "preflight"]
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
SHOWN, HIDDEN = b"\x1b[?25h", b"\x1b[?25l"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("live") / "person.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (1920, 1080))
    for shift in range(6):
        writer.write(np.roll(scenes.good(), shift, axis=1))
    writer.release()
    return path


@pytest.fixture
def open_live(film: Path) -> Iterator[Callable[..., Terminal]]:
    """Open `preflight live camera` on the film; what is still open afterwards is closed."""
    opened: list[Terminal] = []

    def open_(*more: str, columns: int = 80, rows: int = 24, **env: str) -> Terminal:
        command = [*COMMAND, "live", "camera", "--camera", str(film), "--lang", "en", *more]
        opened.append(Terminal(command, columns, rows, env))
        return opened[-1]

    yield open_
    for terminal in opened:
        terminal.__exit__()


def workers(terminal: Terminal) -> list[psutil.Process]:
    return psutil.Process(terminal.process.pid).children(recursive=True)


def assert_restored(terminal: Terminal) -> None:
    assert terminal.written.rindex(LEAVE) > terminal.written.rindex(ENTER)
    assert terminal.written.rindex(SHOWN) > terminal.written.rindex(HIDDEN)
    assert terminal.modes == terminal.before


def test_from_a_dark_room_to_a_report(tmp_path: Path) -> None:
    with webcam_server.serve_webcam(scenes.dark()) as feed:
        only = "camera.face,camera.lighting"
        command = [*COMMAND, "run", "--camera", feed.address, "--only", only, "--lang", "en"]
        with Terminal(command, 100, 40, folder=tmp_path) as terminal:
            terminal.until("Then press Enter", 30)
            terminal.until("✗", 30)
            assert "▀" in terminal.text
            terminal.press("\n")
            terminal.until("repeat the checks that failed", 30)
            assert "▀" not in terminal.text
            last = terminal.text.partition("You also need")[2]
            assert re.search(
                r"Not ready yet\. .*\s+r: repeat the checks that failed   s: save", last, re.DOTALL
            )
            assert "which no computer can check" in terminal.text
            terminal.press("s")
            terminal.until("The report has been saved", 10)
            feed.see(scenes.good())
            terminal.press("r")
            terminal.until("The picture and the light are good.", 30)
            terminal.press("\n")
            terminal.until(lambda: "quit" in terminal.text and "▀" not in terminal.text, 30)
            assert "Not ready yet" not in terminal.text
            assert "repeat the checks that failed" not in terminal.text
            terminal.press("q")
            assert terminal.ended() == 0
            assert_restored(terminal)
    (saved,) = tmp_path.glob("preflight-*.html")
    assert "<html" in saved.read_text("utf-8")


@pytest.mark.parametrize(
    ("columns", "rows"), [pytest.param(80, 24, id="80x24"), pytest.param(120, 40, id="120x40")]
)
def test_the_live_screen_fills_the_terminal(
    open_live: Callable[..., Terminal], columns: int, rows: int
) -> None:
    terminal = open_live(columns=columns, rows=rows)
    terminal.until("The picture and the light are good.", 30)
    lines = terminal.lines
    assert len(lines) == rows
    assert lines[0].startswith(" preflight  Adjust lamp")
    assert lines[-1] == " q: quit"
    assert any(re.match(r"Light +█+│█*░* ✓", line) for line in lines)
    picture = [line for line in lines if "▀" in line]
    assert len(picture) >= rows // 2 - 4
    assert any("✓ Face in view" in line for line in lines)
    colours = {terminal.cell(column, row).fg for column in range(40) for row in range(2, 14)}
    assert len(colours) > 5
    terminal.press("q")
    assert terminal.ended() == 0
    assert_restored(terminal)


def test_the_face_is_framed(open_live: Callable[..., Terminal]) -> None:
    terminal = open_live()
    terminal.until("✓ Face in view", 30)
    frame = "ffd808"  # the frame's colour in steps of 8

    def framed() -> bool:
        time.sleep(0.3)
        cells = [terminal.cell(column, row) for row in range(1, 16) for column in range(48)]
        return sum(frame in (cell.fg, cell.bg) for cell in cells) >= 4

    terminal.until(framed, 30)


def test_a_russian_keyboard_quits_too(open_live: Callable[..., Terminal]) -> None:
    terminal = open_live()
    terminal.until(lambda: terminal.frames > 0, 30)
    terminal.press("й")
    assert terminal.ended() == 0


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param(lambda terminal: terminal.press("\x03"), id="Ctrl-C"),
        pytest.param(lambda terminal: terminal.process.send_signal(signal.SIGTERM), id="a polite kill"),
        pytest.param(lambda terminal: terminal.process.send_signal(signal.SIGHUP), id="a closed window"),
    ],
)
def test_however_it_ends_the_terminal_is_as_before(
    open_live: Callable[..., Terminal], leave: Callable[[Terminal], None]
) -> None:
    terminal = open_live()
    terminal.until(lambda: terminal.frames > 0, 30)
    children = workers(terminal)
    assert children
    began = time.monotonic()
    leave(terminal)
    assert terminal.ended() == 130
    assert time.monotonic() - began < 2
    assert_restored(terminal)
    assert "Stopped" in terminal.text
    assert not any(child.is_running() for child in children)


def test_whoever_is_led_can_leave_while_it_is_measured() -> None:
    with webcam_server.serve_webcam(scenes.good()) as feed:
        command = [*COMMAND, "run", "--camera", feed.address, "--only", "camera", "--lang", "en"]
        with Terminal(command) as terminal:
            terminal.until("Then press Enter", 30)
            terminal.press("\n")
            terminal.until(lambda: "Enter: begin" not in terminal.text, 30)
            children = workers(terminal)
            began = time.monotonic()
            terminal.press("q")
            assert terminal.ended() == 130
            assert time.monotonic() - began < 2
            assert_restored(terminal)
            assert not any(child.is_running() for child in children)


def test_a_worker_that_crashes_leaves_the_terminal_as_before(open_live: Callable[..., Terminal]) -> None:
    terminal = open_live()
    terminal.until(lambda: terminal.frames > 0, 30)
    for child in workers(terminal):
        os.kill(child.pid, signal.SIGSEGV)
    assert terminal.ended() == 3
    assert_restored(terminal)
    assert "Traceback" not in terminal.text
    # A file stands in for the camera here, and no driver can be at fault.
    assert "the file cannot be read" in terminal.text


@pytest.mark.parametrize(
    ("more", "size", "env"),
    [
        pytest.param([], (60, 20), {}, id="too small"),
        pytest.param([], (80, 24), {"TERM": "dumb"}, id="dumb"),
        pytest.param(["--plain"], (80, 24), {}, id="plain"),
        pytest.param([], (80, 24), {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp775"}, id="no such letters"),
    ],
)
def test_plain_lines_where_the_screen_cannot_be(
    open_live: Callable[..., Terminal], more: list[str], size: tuple[int, int], env: dict[str, str]
) -> None:
    terminal = open_live(*more, columns=size[0], rows=size[1], **env)
    terminal.until(lambda: bool(re.search(r"(?m)^.*: good$", terminal.text)), 30)
    assert ENTER not in terminal.written
    assert "▀" not in terminal.text
    terminal.press("\x03")
    assert terminal.ended() == 130
    assert terminal.modes == terminal.before


def test_it_follows_the_size_of_the_terminal(open_live: Callable[..., Terminal]) -> None:
    terminal = open_live()
    terminal.until(lambda: terminal.frames > 0, 30)
    small = max(line.count("▀") for line in terminal.lines)
    terminal.resize(120, 40)
    terminal.until(lambda: max(line.count("▀") for line in terminal.lines) > small, 10)
    terminal.resize(40, 10)
    terminal.until(lambda: "▀" not in terminal.text and "q: quit" in terminal.text, 10)
    terminal.resize(80, 24)
    terminal.until(lambda: max(line.count("▀") for line in terminal.lines) == small, 10)


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_word_of_the_screen_has_its_place(lang: str) -> None:
    words = texts.Words(lang)
    bluor = policy.load()
    for check in bluor.catalogue:
        assert len(words.title(check)) <= live_drawing.TITLE_COLUMNS, check
    for key, text in texts.GUIDE.items():
        if key.startswith("meter."):
            assert len(words.say(text)) < live_drawing.LABEL_COLUMNS, key
    keys = [words.say(texts.GUIDE["key." + key]) for key in ("held", "skip", "leave")]
    assert len("   ".join(keys)) <= 78
    prompts = [text for key, text in texts.PHASES.items() if key.startswith(("camera.", "microphone."))]
    for text in prompts:
        assert len(live_drawing.wrap(words.say(text) + " 10", 80)) <= live_drawing.FOOTER_ROWS - 1, text
    assert (
        len(live_drawing.wrap(words.say(texts.GUIDE["live.sit"]), 80))
        <= live_drawing.FOOTER_ROWS - 1 - live_drawing.ADVICE_ROWS
    )
    starting = f"{words.say(texts.GUIDE['live.starting'])} {words.say(texts.GUIDE['data'])}"
    assert len(live_drawing.wrap(starting, 80)) <= live_drawing.FOOTER_ROWS - 1 - live_drawing.ADVICE_ROWS


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_advice_has_its_place(lang: str) -> None:
    words = texts.Words(lang)
    bluor = policy.load()
    for key in texts.MISSES:
        check, fact = key.split(".")[0] + "." + key.split(".")[1], key.split(".")[2]
        if check not in live_state.GLIMPSED_CHECKS:
            continue
        facts = {fact: Fact(value=0.0, unit=bluor.catalogue[check].units[fact])}
        if key.count(".") == 3:
            facts["cause"] = Fact(value=key.split(".")[3])
        demand = next(each for each in bluor.demands_on(check) if each.fact == fact)
        result = Result(fact=fact, verdict=Verdict.FAIL, why=None, demand=demand)
        said = live_state.advice(Check(id=check, verdict=Verdict.FAIL, facts=facts, results=(result,)), words)
        assert len(live_drawing.wrap(f"✗ {said}", 80)) <= live_drawing.ADVICE_ROWS, said


@pytest.mark.parametrize(
    ("operator", "bound", "value", "shown"),
    [
        pytest.param(Operator.AT_LEAST, 40, 40, 1 / 3, id="at least, at the bound"),
        pytest.param(Operator.AT_LEAST, 40, 120, 1.0, id="at least, three times it"),
        pytest.param(Operator.AT_LEAST, 40, 0, 0.0, id="at least, nothing"),
        pytest.param(Operator.AT_MOST, 8, 8, 1 / 3, id="at most, at the bound"),
        pytest.param(Operator.AT_MOST, 8, 16, 1 / 6, id="at most, twice it"),
        pytest.param(Operator.AT_MOST, 8, 0, 1.0, id="at most, nothing"),
        pytest.param(Operator.AT_LEAST, -45, -45, 1 / 3, id="a level, at the bound"),
        pytest.param(Operator.AT_LEAST, -45, -25, 2 / 3, id="a level, 20 dB above"),
        pytest.param(Operator.EQUALS, True, True, None, id="no number"),
    ],
)
def test_a_meter_has_its_bound_at_a_third(
    operator: Operator, bound: float, value: float, shown: float | None
) -> None:
    demand = Demand(check="camera.lighting", fact="x", operator=operator, bound=bound)
    share = live_drawing.meter_position(Fact(value=value), demand)
    assert share is None if shown is None else share == pytest.approx(shown)


def judged(check: str, verdict: Verdict) -> Check:
    demand = Demand(check=check, fact="x", operator=Operator.EQUALS, bound=True, level=Level.MUST)
    why = WarnReason.CLOSE if verdict is Verdict.WARN else None
    result = Result(fact="x", verdict=verdict, why=why, demand=demand)
    return Check(id=check, verdict=verdict, why=why, results=(result,))


def test_what_is_put_right_first_is_what_the_rest_depends_on() -> None:
    said = {
        "camera.lighting": judged("camera.lighting", Verdict.WARN),
        "camera.focus": judged("camera.focus", Verdict.FAIL),
        "camera.face": judged("camera.face", Verdict.PASS),
    }
    first = live_state.most_urgent(said)
    assert first is not None
    assert first.id == "camera.focus"
    assert live_state.most_urgent({"camera.face": said["camera.face"]}) is None
