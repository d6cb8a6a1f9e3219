import numpy as np
import pytest
import voices
from voices import Sound, Voice, needs_espeak

from preflight import judge, policy
from preflight.captures import MicrophoneCapture
from preflight.checks import noise
from preflight.errors import Unmeasured
from preflight.measures import sound
from preflight.model import Check, Kind, Skip, Verdict, Why

POLICY = policy.load()


def captured(samples: Sound, **more: object) -> MicrophoneCapture:
    onset = round(voices.QUIET_S * voices.RATE)
    fields = {"present": True, "origin": "file", "rate": voices.RATE, "onset": onset}
    return MicrophoneCapture(samples=samples.astype(np.float32), **(fields | more))  # type: ignore[arg-type] # a maker


def judged(capture: MicrophoneCapture) -> Check:
    return judge.judge("microphone.noise", noise.analyse(capture, {}), POLICY.of("microphone.noise"))


def after(event: Sound) -> Sound:
    """A quiet room in which something happens once, in the talking part."""
    samples = 1e-3 * voices.white(8)
    samples[5 * voices.RATE :][: len(event)] += event
    return samples


@needs_espeak
@pytest.mark.parametrize(
    ("ratio", "verdict", "why"),
    [
        pytest.param(-3, Verdict.FAIL, None, id="drowned"),
        pytest.param(8.5, Verdict.FAIL, None, id="below the bound"),
        pytest.param(12, Verdict.WARN, Why.CLOSE, id="above the bound"),
        pytest.param(18.5, Verdict.WARN, Why.CLOSE, id="below the comfortable mark"),
        pytest.param(21.5, Verdict.PASS, None, id="above the comfortable mark"),
        pytest.param(40, Verdict.PASS, None, id="a quiet room"),
    ],
)
def test_the_ratio_decides(ratio: float, verdict: Verdict, why: Why | None) -> None:
    check = judged(captured(voices.recording(ratio)))
    assert (check.verdict, check.why) == (verdict, why)
    assert set(check.facts) <= set(POLICY.catalogue["microphone.noise"].units)


@needs_espeak
def test_the_far_end_is_not_rounded_up_to_the_bound() -> None:
    capture = captured(voices.recording(9.4))
    measured = sound.listen(capture).high
    assert judged(capture).facts["ratio"].high == pytest.approx(measured, abs=0.005)


@needs_espeak
def test_a_noise_is_named_where_it_disturbs() -> None:
    assert judged(captured(voices.recording(8))).facts["cause"].value == "hiss"
    assert "cause" not in judged(captured(voices.recording(30))).facts


def test_a_silent_person_is_a_cause_of_its_own() -> None:
    check = judged(captured(0.003 * voices.white(8)))
    assert check.verdict is Verdict.FAIL
    assert [each.fact for each in check.results if each.verdict is Verdict.FAIL] == ["voice"]
    assert check.facts["cause"].value == "voice-not-heard"


def test_a_slammed_door_is_no_voice_and_no_pass() -> None:
    bang = 0.3 * voices.white(0.5, seed=3) * np.exp(-np.arange(voices.RATE // 2) / 5000)
    check = judged(captured(after(bang)))
    assert check.verdict in (Verdict.WARN, Verdict.FAIL)
    assert check.facts["voice"].value is not True


@needs_espeak
def test_a_whisper_is_neither_passed_nor_failed() -> None:
    said, rate = voices.speech(Voice("en-us+whisper"))
    voice = np.resize(voices.resampled(said, rate, voices.RATE), 5 * voices.RATE)
    check = judged(captured(voices.mixed(voice, voices.white(8), 35)))
    assert (check.verdict, check.why) == (Verdict.WARN, Why.UNSURE)


@pytest.mark.parametrize(
    "capture",
    [
        pytest.param(MicrophoneCapture(present=False), id="absent"),
        pytest.param(MicrophoneCapture(present=False, monitor=True), id="a monitor"),
        pytest.param(captured(np.zeros(8 * voices.RATE)), id="muted"),
        pytest.param(captured(np.full(8 * voices.RATE, 0.1)), id="the same value throughout"),
    ],
)
def test_without_a_signal_there_is_nothing_to_say(capture: MicrophoneCapture) -> None:
    assert noise.analyse(capture, {}) == Skip(skipped_for="microphone.signal")


def test_unguided_silence_claims_nothing() -> None:
    with pytest.raises(Unmeasured) as broken:
        noise.analyse(captured(0.003 * voices.white(5), origin="unguided", onset=None), {})
    assert broken.value.trouble.kind is Kind.NOT_HEARD


@needs_espeak
@pytest.mark.parametrize(
    ("onset", "origin", "begin_s"),
    [
        pytest.param(3 * voices.RATE, "guided", 0, id="guided"),
        pytest.param(None, "file", 0, id="a file"),
        pytest.param(None, "unguided", 1, id="unguided"),
        pytest.param(None, "unguided", 2.5, id="unguided, soon after the device began"),
    ],
)
def test_exact_zeros_are_no_quiet_room(onset: int | None, origin: str, begin_s: float) -> None:
    samples = voices.recording(40).copy()
    samples[: 3 * voices.RATE] = 0
    with pytest.raises(Unmeasured) as broken:
        noise.analyse(captured(samples[round(begin_s * voices.RATE) :], origin=origin, onset=onset), {})
    assert broken.value.trouble.kind is Kind.NO_SIGNAL


@needs_espeak
@pytest.mark.parametrize("origin", ["file", "unguided"])
def test_a_voice_without_silence_before_it_is_neither_passed_nor_failed(origin: str) -> None:
    check = judged(captured(voices.recording(40)[3 * voices.RATE :], origin=origin, onset=None))
    assert (check.verdict, check.why) == (Verdict.WARN, Why.UNSURE)
    assert check.facts["cause"].value == "one-phase"


@needs_espeak
def test_a_noise_that_its_pauses_prove_fails_an_unguided_voice() -> None:
    check = judged(captured(voices.recording(3)[3 * voices.RATE :], origin="unguided", onset=None))
    assert check.verdict is Verdict.FAIL


@needs_espeak
@pytest.mark.parametrize(("ratio", "verdict"), [(40, Verdict.PASS), (15, Verdict.WARN)])
def test_an_unguided_voice_passes_only_far_above_the_background(ratio: float, verdict: Verdict) -> None:
    samples = voices.recording(ratio)[2 * voices.RATE :]
    assert judged(captured(samples, origin="unguided", onset=None)).verdict is verdict


@needs_espeak
def test_the_loudness_over_time_comes_along() -> None:
    series = judged(captured(voices.recording())).series["level"]
    assert len(series.values) * series.step == pytest.approx(8, abs=0.1)
    assert max(series.values) > series.values[10] + 20
