"""The run told in plain lines, and what would be said now: one thing at a time, and nothing twice."""

import io
import time
from typing import Any

import pytest

from preflight import live, policy
from preflight.guide import Guide
from preflight.model import Job, Verdict
from preflight.texts import Words

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
    guide.event(MICROPHONE, {"event": "phase", "name": "voice", "seconds": 5.0})
    assert guide.answer(CAMERA, "document") is None
    assert "Hold your document" not in told.getvalue()
    guide.event(MICROPHONE, end)
    assert guide.answer(CAMERA, "document") == "document"
    assert "Hold your document" in told.getvalue()


def test_how_long_it_takes_is_told_where_nothing_can_count(guide: Guide, told: io.StringIO) -> None:
    guide.event(MICROPHONE, {"event": "phase", "name": "quiet", "seconds": 3.0})
    guide.event(MICROPHONE, {"event": "phase", "name": "voice", "seconds": 5.0})
    assert "Please be silent: 3 s\n" in told.getvalue()
    assert "until the time is up: 5 s\n    Yesterday" in told.getvalue()


def noise(ratio: float, low: float | None, high: float) -> dict[str, Any]:
    facts = {
        "voice": {"value": True, "unit": "", "low": None, "high": None},
        "ratio": {"value": ratio, "unit": "dB", "low": low, "high": high},
        "cause": {"value": "hiss", "unit": "", "low": None, "high": None},
    }
    return {"event": "now", "check": "microphone.noise", "facts": facts}


GOOD, UNSURE, BAD = noise(40, 40, 40), noise(9.5, None, 11.5), noise(4, 4, 4)


def test_a_doubt_in_passing_changes_nothing() -> None:
    steady = live.Steady(policy.load())
    said = [steady.take(event) for event in (UNSURE, GOOD, UNSURE, BAD, UNSURE)]
    verdicts = [check.verdict for check in said if check]
    assert verdicts == [Verdict.WARN, Verdict.PASS, Verdict.PASS, Verdict.FAIL, Verdict.FAIL]


def test_a_line_is_told_when_something_else_lasts_and_not_for_another_number(told: io.StringIO) -> None:
    lines = live.Lines(Words("en"), told, policy.load())

    def see(*events: dict[str, Any]) -> list[str]:
        for event in events:
            lines.event(MICROPHONE, event)
        return told.getvalue().splitlines()

    assert see(GOOD, noise(39, 37, 41)) == ["Background noise: good"]
    assert len(see(BAD, GOOD, BAD)) == 1
    time.sleep(1.1)
    assert len(see(BAD)) == 2
    assert len(see(noise(5, 4, 6), noise(4.5, 4, 5))) == 2
