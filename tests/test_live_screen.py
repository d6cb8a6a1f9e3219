"""What the live screen says of what its workers see, without a terminal."""

import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest
import sample_reports

from preflight import codec, inspection, live, live_state, policy, texts
from preflight.model import Finding, Outcome, exact
from preflight.texts import Words

POLICY = policy.load()
PICTURE, SOUND = "The picture and the light are good.", "The sound is good."
DARK = Finding(
    facts={"visible": exact(True), "dark_half": exact(2.0)},  # noqa: FBT003 - a fact
)


def screen(seen: Mapping[str, Outcome], *, reported: bool, only: Sequence[str] = ()) -> str:
    """Return what the screen shows once its workers have seen this."""
    shown = live.LiveScreen(Words("en"), io.StringIO(), POLICY, {}, reported=reported)
    choices = inspection.Choices(guided=True, only=tuple(only))
    jobs = inspection.plan(POLICY, choices)
    if not reported:
        jobs = inspection.plan_live(POLICY, replace(choices, only=live_state.GLIMPSED_CHECKS))
    shown.begin(jobs)
    try:
        for check, outcome in seen.items():
            (job,) = (job for job in jobs if check in job.checks)
            assert isinstance(outcome, Finding)
            kind = "now" if check in live_state.GLIMPSED_CHECKS else "facts"
            shown.handle_event(job, {"event": kind, "check": check, **codec.finding_document(outcome)})
        return "\n".join(line.strip() for line in shown.lines(100, 40, 0.0))
    finally:
        shown.end()


@pytest.fixture(autouse=True)
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if sys.platform == "win32":
        pytest.skip("terminals of POSIX")
    ours, theirs = os.openpty()
    with os.fdopen(theirs) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield
    os.close(ours)


CAMERA = {
    check: sample_reports.GOOD[check] for check in live_state.GLIMPSED_CHECKS if check.startswith("camera.")
}
MICROPHONE = {
    check: sample_reports.GOOD[check]
    for check in live_state.GLIMPSED_CHECKS
    if check.startswith("microphone.")
}


@pytest.mark.parametrize(
    ("seen", "said", "unsaid"),
    [
        pytest.param({}, (), (PICTURE, SOUND), id="nothing seen"),
        pytest.param(CAMERA, (PICTURE,), (SOUND,), id="the camera alone"),
        pytest.param(MICROPHONE, (SOUND,), (PICTURE,), id="the microphone alone"),
        pytest.param(CAMERA | MICROPHONE, (PICTURE, SOUND), (), id="both"),
        pytest.param(
            {"microphone.signal": sample_reports.GOOD["microphone.signal"]},
            (),
            (PICTURE, SOUND),
            id="a sound, no voice yet",
        ),
        pytest.param({**CAMERA, "camera.lighting": DARK}, (), (PICTURE, SOUND), id="too dark"),
    ],
)
def test_only_what_was_seen_is_called_good(
    seen: Mapping[str, Outcome], said: Sequence[str], unsaid: Sequence[str]
) -> None:
    shown = screen(seen, reported=False)
    assert [text for text in said if text not in shown] == []
    assert [text for text in unsaid if text in shown] == []


def test_beside_a_failure_of_another_source_nothing_is_said_of_everything() -> None:
    seen = {**CAMERA, **sample_reports.with_facts("software.zoom", installed=sample_reports.NO)}
    shown = screen(seen, reported=True)
    assert "✗ Zoom" in shown
    assert PICTURE in shown
    assert "verything" not in shown.partition("\n")[2]


def test_a_moment_between_two_instructions_is_not_told_of() -> None:
    words = Words("en")
    shown = live.LiveScreen(words, io.StringIO(), POLICY, {}, reported=True)
    jobs = inspection.plan(POLICY, inspection.Choices(guided=True, only=live_state.GLIMPSED_CHECKS))
    shown.begin(jobs)
    try:
        for job in jobs:
            shown.handle_event(job, {"event": "done"})
        said = [
            words.say(texts.GUIDE["live.evaluating"]) in "\n".join(shown.lines(100, 40, at))
            for at in (9, 9.3, 11)
        ]
    finally:
        shown.end()
    assert said == [False, False, True]


@pytest.mark.parametrize(
    ("only", "answers", "keys"),
    [
        pytest.param(
            ("camera.face", "microphone.noise", "speaker.heard"),
            {"camera": "look", "microphone": "quiet", "speaker": "tones"},
            ("begin", "leave"),
            id="all of them",
        ),
        pytest.param(("speaker.heard",), {"speaker": "tones"}, ("listen", "skip", "leave"), id="tones alone"),
    ],
)
def test_a_run_begins_once_what_is_looked_at_and_heard_is_there(
    only: Sequence[str], answers: Mapping[str, str], keys: Sequence[str]
) -> None:
    """The tones are asked for after all else, and nothing waits for them before."""
    words = Words("en")
    shown = live.LiveScreen(words, io.StringIO(), POLICY, {}, reported=True)
    jobs = inspection.plan(POLICY, inspection.Choices(guided=True, only=tuple(only)))
    shown.begin(jobs)
    try:
        for job in jobs:
            assert shown.answer(job, answers[job.source]) is None
        said = "\n".join(shown.lines(80, 24, 0.0))
    finally:
        shown.end()
    assert "   ".join(words.say(texts.GUIDE[f"key.{key}"]) for key in keys) in said
    assert (words.say(texts.GUIDE["live.sit"]) in said) is ("begin" in keys)


def test_a_live_view_of_the_sound_output_speaks_of_nothing_else() -> None:
    words = Words("en")
    shown = live.LiveScreen(words, io.StringIO(), POLICY, {}, reported=False)
    jobs = inspection.plan_live(POLICY, inspection.Choices(guided=True, only=("speaker.output",)))
    shown.begin(jobs)
    try:
        shown.handle_event(jobs[0], {"event": "device", "name": "Loudspeaker of the lab"})
        shown.answer(jobs[0], "play")
        said = "\n".join(shown.lines(80, 24, 0.0))
    finally:
        shown.end()
    assert words.say(texts.GUIDE["live.title.speaker"]) in said
    assert "Loudspeaker of the lab" in said
    assert "lamp" not in said
