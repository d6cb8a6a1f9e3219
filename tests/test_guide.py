"""The run told in plain lines: one thing at a time is asked."""

import io

import pytest

from preflight.guide import Guide
from preflight.model import Job
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
