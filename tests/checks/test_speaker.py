"""The loudspeaker: what the system says of it, and what the person heard."""

import pytest

from preflight import judge, policy
from preflight.captures import HearingCapture, OutputCapture, Round
from preflight.checks import heard, output
from preflight.model import Check, Finding, Skip, SkipReason, Verdict
from preflight.texts import LANGUAGES, Words

RIGHT = (Round(played=3, counted=3),)
WRONG = (Round(played=3, counted=2), Round(played=4, counted=5))
NOTHING = (Round(played=3, counted=0),)


def judged(check: str, outcome: Finding | Skip) -> Check:
    return judge.judge(check, outcome, policy.load().demands_on(check))


def output_of(*, present: bool = True, muted: bool | None = False, volume: float | None = 40.0) -> Check:
    capture = OutputCapture(present=present, muted=muted, volume=volume)
    return judged("speaker.output", output.analyse(capture, {}))


def heard_of(rounds: tuple[Round, ...], *, gain: float | None = None, listened: bool = True) -> Check:
    capture = HearingCapture(
        present=True, rounds=rounds, listened=listened, gain_db=gain, delay_s=None if gain is None else 0.08
    )
    return judged("speaker.heard", heard.analyse(capture, {}))


@pytest.mark.parametrize(
    ("check", "verdict"),
    [
        pytest.param(output_of(), Verdict.PASS, id="usual"),
        pytest.param(output_of(volume=5), Verdict.PASS, id="just loud enough"),
        pytest.param(output_of(volume=4.9), Verdict.WARN, id="nearly nought"),
        pytest.param(output_of(muted=True), Verdict.WARN, id="muted"),
        pytest.param(output_of(present=False), Verdict.WARN, id="none"),
        pytest.param(output_of(muted=None, volume=None), Verdict.WARN, id="a system that does not tell"),
        pytest.param(heard_of(RIGHT), Verdict.PASS, id="heard"),
        pytest.param(heard_of(WRONG), Verdict.FAIL, id="counted wrongly"),
        pytest.param(heard_of(NOTHING), Verdict.FAIL, id="heard nothing"),
    ],
)
def test_it_is_judged(check: Check, verdict: Verdict) -> None:
    assert check.verdict is verdict


@pytest.mark.parametrize(
    ("capture", "reason"),
    [
        pytest.param(HearingCapture(present=True), SkipReason.NOT_ASKED, id="nobody there"),
        pytest.param(HearingCapture(present=True, declined=True), SkipReason.DECLINED, id="left out"),
    ],
)
def test_without_an_answer_nothing_is_claimed(capture: HearingCapture, reason: SkipReason) -> None:
    assert heard.analyse(capture, {}) == Skip(skipped_for=reason)


def test_without_an_output_nobody_is_heard() -> None:
    check = judged("speaker.heard", heard.analyse(HearingCapture(present=False), {}))
    assert check.verdict is Verdict.FAIL
    assert check.facts["cause"].value == "absent"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("rounds", [WRONG, NOTHING], ids=["counted wrongly", "heard nothing"])
def test_each_miss_has_one_action(rounds: tuple[Round, ...], lang: str) -> None:
    check = heard_of(rounds)
    miss = Words(lang).miss(check, check.results[0])
    assert miss.finding
    assert miss.advice


@pytest.mark.parametrize(
    ("gain", "listened", "cause"),
    [
        pytest.param(-25.0, True, "loudspeaker", id="it comes back"),
        pytest.param(None, True, "headset", id="it does not come back"),
        pytest.param(None, False, None, id="no microphone listened"),
    ],
)
def test_what_comes_back_tells_a_loudspeaker_from_a_headset(
    gain: float | None,
    listened: bool,  # noqa: FBT001 - a row
    cause: str | None,
) -> None:
    facts = heard_of(RIGHT, gain=gain, listened=listened).facts
    assert (facts["cause"].value if "cause" in facts else None) == cause
    assert ("coupling" in facts) == (gain is not None)
