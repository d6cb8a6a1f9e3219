"""The run told in plain lines, and what would be said now: one thing at a time, and nothing twice."""

import io
import os
import time
from dataclasses import replace
from typing import Any

import pytest

from preflight import live, live_state, policy
from preflight.guide import Guide, RehearsalGuide
from preflight.model import CAMERA_STAYED_ON, Job, Kind, Trouble, Verdict
from preflight.texts import GUIDE, LANGUAGES, PHASES, Words

CAMERA, MICROPHONE, POWER = (
    Job(source=source, target=None, checks=(), parameters={}, bounds={}, guided=source != "power")
    for source in ("camera", "microphone", "power")
)


@pytest.fixture
def told() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def guide(told: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> Guide:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n\n"))
    guide = Guide(Words("en"), told, guided=True, plain=True, quiet=False)
    guide.begin((CAMERA, MICROPHONE, POWER))
    return guide


@pytest.mark.parametrize(
    "end",
    [
        pytest.param({"event": "done"}, id="at its end"),
        pytest.param({"event": "trouble", "check": None, "kind": "crash"}, id="at its crash"),
    ],
)
def test_nobody_is_asked_for_a_document_while_they_speak(
    guide: Guide, told: io.StringIO, end: dict[str, object]
) -> None:
    guide.handle_event(MICROPHONE, {"event": "phase", "name": "voice", "seconds": 5.0})
    assert guide.answer(CAMERA, "document") is None
    assert "Hold your document" not in told.getvalue()
    guide.handle_event(MICROPHONE, end)
    assert guide.answer(CAMERA, "document") == "document"
    assert "Hold your document" in told.getvalue()


def test_how_long_it_takes_is_told_where_nothing_can_count(guide: Guide, told: io.StringIO) -> None:
    guide.handle_event(MICROPHONE, {"event": "phase", "name": "quiet", "seconds": 3.0})
    guide.handle_event(MICROPHONE, {"event": "phase", "name": "voice", "seconds": 5.0})
    assert "Please stay quiet: 3 s\n" in told.getvalue()
    assert "until the time is up: 5 s\n    Yesterday" in told.getvalue()


def test_a_video_of_another_device_is_not_called_this_computer(
    told: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    clip = Job(source="camera", target="a.mov", checks=(), parameters={"clip": True}, bounds={})
    Guide(Words("en"), told, guided=True, plain=True, quiet=False).begin((clip,))
    assert "Checking the video from a phone" in told.getvalue()
    assert "this computer" not in told.getvalue()


@pytest.mark.parametrize(
    ("target", "parameters", "said"),
    [
        pytest.param(None, {}, "25 MB", id="a line"),
        pytest.param(None, {"total_mb": 36.0}, "40 MB", id="a policy that allows more"),
        pytest.param("https://speed.example.com", {}, "25 MB", id="a line to a server"),
        pytest.param(__file__, {}, "", id="a file"),
        pytest.param(None, {"full": True}, "", id="a complete test"),
    ],
)
def test_how_much_data_is_used_is_told_where_it_is_so(
    told: io.StringIO, target: str | None, parameters: dict[str, object], said: str
) -> None:
    parameters = {**policy.load().parameters["network"], **parameters}
    network = Job(source="network", target=target, checks=(), parameters=parameters, bounds={})
    Guide(Words("en"), told, guided=True, plain=True, quiet=False).begin((network,))
    assert (f"up to {said or '25 MB'} of data" in told.getvalue()) is bool(said)


@pytest.mark.parametrize("columns", [30, 40, 60, 80, 200])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_narrow_terminal_breaks_no_word_and_keeps_one_moving_line(
    lang: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pty = pytest.importorskip("pty", reason="terminals of POSIX")
    termios, terminals = pytest.importorskip("termios"), pytest.importorskip("terminals")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    monkeypatch.delenv("COLUMNS", raising=False)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (60, columns))
    words = Words(lang)
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        guide = Guide(words, terminal, guided=True, plain=False, quiet=False)
        guide.begin((CAMERA, MICROPHONE))
        terminal.write("\n")
        guide.handle_event(MICROPHONE, {"event": "phase", "name": "voice", "seconds": 5.0})
        for value in (-60.0, -20.0, -40.0):
            guide.handle_event(MICROPHONE, {"event": "level", "name": "sound", "value": value})
            guide.handle_event(CAMERA, {"event": "level", "name": "download", "value": 23.9})
            time.sleep(0.11)
            guide.tick()
        terminal.flush()
        lines = [line for line in terminals.screen(os.read(ours, 1 << 16), columns, 60) if line]
    os.close(ours)
    *told, moving = lines
    assert "5" in moving
    assert len(moving) < columns
    said = [GUIDE["begin"], GUIDE["sit"], GUIDE["enter"], PHASES["voice"]]
    assert " ".join(" ".join(told).split()) == " ".join(" ".join(map(words.say, said)).split())


def noise(ratio: float, low: float | None, high: float) -> dict[str, Any]:
    facts = {
        "voice": {"value": True, "unit": "", "low": None, "high": None},
        "ratio": {"value": ratio, "unit": "dB", "low": low, "high": high},
        "cause": {"value": "hiss", "unit": "", "low": None, "high": None},
    }
    return {"event": "now", "check": "microphone.noise", "facts": facts}


GOOD, UNSURE, BAD = noise(40, 40, 40), noise(9.5, None, 11.5), noise(4, 4, 4)


def test_a_doubt_in_passing_changes_nothing() -> None:
    steady = live_state.SteadyVerdicts(policy.load())
    said = [steady.update(event) for event in (UNSURE, GOOD, UNSURE, BAD, UNSURE)]
    verdicts = [check.verdict for check in said if check]
    assert verdicts == [Verdict.WARN, Verdict.PASS, Verdict.PASS, Verdict.FAIL, Verdict.FAIL]


def test_a_line_is_told_when_something_else_lasts_and_not_for_another_number(told: io.StringIO) -> None:
    lines = live.LiveLines(Words("en"), told, policy.load())

    def see(*events: dict[str, Any]) -> list[str]:
        for event in events:
            lines.handle_event(MICROPHONE, event)
        return told.getvalue().splitlines()

    assert see(GOOD, noise(39, 37, 41)) == ["Background noise: good"]
    assert len(see(BAD, GOOD, BAD)) == 1
    time.sleep(1.1)
    assert len(see(BAD)) == 2
    assert len(see(noise(5, 4, 6), noise(4.5, 4, 5))) == 2


def light(dark_half: float) -> dict[str, Any]:
    return {
        "event": "now",
        "check": "camera.lighting",
        "facts": {
            "dark_half": {"value": dark_half, "unit": "", "low": dark_half, "high": dark_half},
            "cause": {"value": "dark", "unit": "", "low": None, "high": None},
        },
    }


@pytest.mark.parametrize(
    ("dark_half", "said"),
    [
        pytest.param(12.0, "Light on your face: There is too little light on your face", id="missed"),
        pytest.param(28.0, "Light on your face: enough, but with little to spare. Turn on", id="close"),
    ],
)
def test_no_more_is_claimed_than_the_verdict_does(told: io.StringIO, dark_half: float, said: str) -> None:
    live.LiveLines(Words("en"), told, policy.load()).handle_event(CAMERA, light(dark_half))
    assert told.getvalue().startswith(said)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        pytest.param("\n", "document", id="Enter"),
        pytest.param("s\n", "skip", id="s"),
        pytest.param("S\n", "skip", id="a capital"),
        pytest.param("ы\n", "skip", id="the key s of a Russian keyboard"),
        pytest.param(" Ы\n", "skip", id="its capital behind a space"),
    ],
)
def test_a_document_is_left_out_by_the_key_whatever_letter_it_gives(
    told: io.StringIO, monkeypatch: pytest.MonkeyPatch, typed: str, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    guide = Guide(Words("ru"), told, guided=True, plain=True, quiet=False)
    assert guide.answer(CAMERA, "document") == answer


@pytest.mark.parametrize(
    ("event", "finding"),
    [
        pytest.param({"event": "facts", "check": "camera.video"}, "no camera was found", id="none"),
        pytest.param(
            {"event": "trouble", "check": None, "kind": "busy"},
            Words("en").trouble(Trouble(kind=Kind.BUSY), "camera").finding,
            id="in use",
        ),
    ],
)
def test_a_rehearsal_says_once_that_the_camera_is_not_on(
    told: io.StringIO, event: dict[str, Any], finding: str
) -> None:
    guide = RehearsalGuide(Words("en"), told, 20, quiet=False)
    for job in (POWER, replace(CAMERA, live=True), replace(CAMERA, live=True)):
        guide.handle_event(job, event)
    assert told.getvalue().count("The camera is not on") == told.getvalue().count(finding) == 1


@pytest.mark.parametrize(
    ("camera", "events", "answer"),
    [
        pytest.param(False, [], "stop", id="no camera asked for"),
        pytest.param(True, [], CAMERA_STAYED_ON, id="a camera that stays on"),
        pytest.param(True, [{"event": "trouble", "check": None, "kind": "lost"}], "stop", id="a lost camera"),
    ],
)
def test_a_rehearsal_tells_at_its_end_whether_the_camera_was_on(
    told: io.StringIO, events: list[dict[str, Any]], answer: str, *, camera: bool
) -> None:
    guide = RehearsalGuide(Words("en"), told, 20, quiet=False)
    live = replace(CAMERA, live=True)
    guide.begin((POWER, live) if camera else (POWER,))
    assert guide.answer(POWER, "stop") is None
    for event in events:
        guide.handle_event(live, event)
    guide.stop()
    assert guide.answer(POWER, "stop") == answer
