import numpy as np
import pytest
import sound_processing
import voices
from sound_processing import Gate
from voices import Sound, needs_espeak

from preflight import judge, policy
from preflight.captures import MicrophoneCapture
from preflight.checks import signal
from preflight.model import Check, Verdict, WarnReason

POLICY = policy.load()


def captured(samples: Sound, **more: object) -> MicrophoneCapture:
    onset = round(voices.QUIET_S * voices.RATE)
    fields = {"present": True, "origin": "file", "rate": voices.RATE, "onset": onset, "due": 100, "came": 100}
    return MicrophoneCapture(samples=samples.astype(np.float32), **(fields | more))  # type: ignore[arg-type] # a maker


def judged(capture: MicrophoneCapture) -> Check:
    return judge.judge(
        "microphone.signal", signal.analyse(capture, {}), POLICY.demands_on("microphone.signal")
    )


def missed(check: Check) -> list[str]:
    return [each.fact for each in check.results if each.verdict not in (Verdict.PASS, Verdict.SKIP)]


@needs_espeak
def test_a_good_voice_passes() -> None:
    check = judged(captured(voices.recording()))
    assert check.verdict is Verdict.PASS
    assert set(check.facts) <= set(POLICY.catalogue["microphone.signal"].units)


@pytest.mark.parametrize("monitor", [False, True])
def test_no_microphone_fails(monitor: bool) -> None:  # noqa: FBT001 - a parameter of the test
    check = judged(MicrophoneCapture(present=False, monitor=monitor))
    assert check.verdict is Verdict.FAIL
    assert missed(check) == ["present"]
    assert check.facts["cause"].value == ("monitor" if monitor else "none")


def test_exact_zeros_are_a_muted_microphone() -> None:
    check = judged(captured(np.zeros(8 * voices.RATE)))
    assert check.verdict is Verdict.FAIL
    assert missed(check) == ["muted"]


def test_less_than_a_hundredth_of_a_second_at_the_end_is_nothing_recorded() -> None:
    samples = np.zeros(8 * voices.RATE + 37)
    samples[-30:] = 0.1
    assert missed(judged(captured(samples))) == ["muted"]


def test_a_single_sample_is_not_muted() -> None:
    samples = np.zeros(8 * voices.RATE)
    samples[-1000] = 2**-15
    assert judged(captured(samples)).facts["muted"].value is False


@needs_espeak
@pytest.mark.parametrize(
    ("over", "verdict"),
    [
        pytest.param(0.9, Verdict.PASS, id="below full scale"),
        pytest.param(2.0, Verdict.FAIL, id="6 dB too much"),
    ],
)
def test_an_overdriven_voice_fails(over: float, verdict: Verdict) -> None:
    samples = voices.recording()
    check = judged(captured(np.clip(samples * over / np.abs(samples).max(), -1, 1)))
    assert check.verdict is verdict
    assert missed(check) == ([] if verdict is Verdict.PASS else ["clipping"])


@needs_espeak
@pytest.mark.parametrize(("level", "verdict"), [(-43, Verdict.PASS), (-47, Verdict.WARN)])
def test_a_low_voice_is_warned_of(level: float, verdict: Verdict) -> None:
    check = judged(captured(voices.recording(level=level)))
    assert check.verdict is verdict
    assert missed(check) == ([] if verdict is Verdict.PASS else ["speech_level"])


@needs_espeak
def test_a_telephone_voice_is_warned_of() -> None:
    samples = voices.recording()
    hz = np.fft.rfftfreq(len(samples), 1 / voices.RATE)
    check = judged(
        captured(np.fft.irfft(np.fft.rfft(samples) * np.clip((3700 - hz) / 300, 0, 1), len(samples)))
    )
    assert (check.verdict, check.why) == (Verdict.WARN, WarnReason.ADVISED)
    assert missed(check) == ["treble"]


@needs_espeak
@pytest.mark.parametrize(("came", "verdict"), [(99, Verdict.PASS), (97, Verdict.WARN)])
def test_lost_samples_are_warned_of(came: int, verdict: Verdict) -> None:
    check = judged(captured(voices.recording(), came=came))
    assert check.verdict is verdict
    assert missed(check) == ([] if verdict is Verdict.PASS else ["lost"])


def test_nothing_is_said_of_a_voice_that_was_not_heard() -> None:
    check = judged(captured(0.001 * voices.white(8)))
    assert not {"speech_level", "treble"} & set(check.facts)
    assert (check.verdict, check.why) == (Verdict.WARN, WarnReason.UNSURE)


def test_a_short_sound_in_exact_zeros_is_no_voice() -> None:
    samples = np.zeros(8 * voices.RATE)
    beep = np.sin(2 * np.pi * 200 * np.arange(round(0.2 * voices.RATE)) / voices.RATE)
    samples[5 * voices.RATE :][: len(beep)] = 0.3 * beep
    check = judged(captured(samples))
    assert not {"speech_level", "treble"} & set(check.facts)
    assert check.verdict is not Verdict.PASS


def with_holes(*holes: tuple[float, float], ratio: float = 40.0) -> Sound:
    """Return a recording without a single bit of sound from and for so many seconds."""
    samples = voices.recording(ratio).copy()
    for begin_s, lasting_s in holes:
        samples[round(begin_s * voices.RATE) :][: round(lasting_s * voices.RATE)] = 0
    return samples


@needs_espeak
@pytest.mark.parametrize(
    ("holes", "verdict"),
    [
        pytest.param([(1.0, 7.0)], Verdict.FAIL, id="dead after a second"),
        pytest.param([(5.0, 3.0)], Verdict.FAIL, id="dead while talking"),
        pytest.param([(3.5, 0.2), (4.5, 0.2), (6.0, 0.2)], Verdict.FAIL, id="dropping now and then"),
        pytest.param([(4.0, 0.1)], Verdict.WARN, id="one short drop"),
        pytest.param([(4.0, 0.03)], Verdict.PASS, id="a drop that nobody notices"),
        pytest.param([(0.0, 0.5)], Verdict.PASS, id="zeros before the device has started"),
    ],
)
@pytest.mark.parametrize(
    "onset", [pytest.param(3 * voices.RATE, id="guided"), pytest.param(None, id="a file")]
)
def test_holes_in_the_sound_are_told(
    holes: list[tuple[float, float]], verdict: Verdict, onset: int | None
) -> None:
    check = judged(captured(with_holes(*holes), onset=onset))
    assert check.verdict is verdict
    assert missed(check) == ([] if verdict is Verdict.PASS else ["interrupted"])


@needs_espeak
def test_holes_cut_into_a_noise_are_told() -> None:
    assert "interrupted" in missed(judged(captured(with_holes((4.0, 1.0), ratio=5))))


@needs_espeak
@pytest.mark.parametrize("ratio", [10, 40])
def test_the_silences_that_a_gate_leaves_are_no_holes(ratio: float) -> None:
    gate = Gate(threshold=-35, depth=200, hold=0.05)
    samples = sound_processing.apply_gate(voices.recording(ratio), voices.RATE, gate)
    assert np.mean(samples == 0) > (0.1 if ratio > 20 else 0)
    assert judged(captured(samples)).facts["interrupted"].value == 0


@needs_espeak
def test_the_steps_of_the_converter_are_no_holes() -> None:
    samples = np.round(voices.recording(40) * 10**-1.5 * 32768) / 32768
    assert judged(captured(samples)).facts["interrupted"].value == 0
