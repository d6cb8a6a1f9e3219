from dataclasses import replace

import numpy as np
import pytest
import sound_processing
import voices
from lab.machine import media
from sound_processing import Gate, Suppressor, needs_ffmpeg
from voices import Sound, Voice, needs_espeak

from preflight import judge, policy
from preflight.captures import MicrophoneCapture
from preflight.checks import noise
from preflight.errors import MeasurementError
from preflight.measures import snr
from preflight.model import Check, Kind, Skip, Verdict, WarnReason

POLICY = policy.load()


def captured(samples: Sound, **more: object) -> MicrophoneCapture:
    onset = round(voices.QUIET_S * voices.RATE)
    fields = {"present": True, "origin": "file", "rate": voices.RATE, "onset": onset}
    return MicrophoneCapture(samples=samples.astype(np.float32), **(fields | more))  # type: ignore[arg-type] # a maker


def judged(capture: MicrophoneCapture) -> Check:
    return judge.judge("microphone.noise", noise.analyse(capture, {}), POLICY.demands_on("microphone.noise"))


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
        pytest.param(12, Verdict.WARN, WarnReason.CLOSE, id="above the bound"),
        pytest.param(18.5, Verdict.WARN, WarnReason.CLOSE, id="below the comfortable mark"),
        pytest.param(21.5, Verdict.PASS, None, id="above the comfortable mark"),
        pytest.param(40, Verdict.PASS, None, id="a quiet room"),
    ],
)
def test_the_ratio_decides(ratio: float, verdict: Verdict, why: WarnReason | None) -> None:
    check = judged(captured(voices.recording(ratio)))
    assert (check.verdict, check.why) == (verdict, why)
    assert set(check.facts) <= set(POLICY.catalogue["microphone.noise"].units)


@needs_espeak
def test_the_ratio_is_not_rounded_up_to_the_bound() -> None:
    capture = captured(voices.recording(9.4))
    measured = snr.measure_voice(capture).ratio
    assert judged(capture).facts["ratio"].value == pytest.approx(measured, abs=0.005)


@needs_espeak
def test_the_doubt_grows_with_the_wavering_of_the_noise() -> None:
    steady = voices.recording(25)
    now_and_then = steady * np.where(np.arange(len(steady)) % 72000 < 36000, 1.0, 0.1)
    doubts = [judged(captured(each)).facts["doubt"].value for each in (steady, now_and_then)]
    assert doubts[0] == pytest.approx(1.2, abs=0.2)
    assert isinstance(doubts[1], float)
    assert doubts[1] > 3


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
    voice = voices.synthetic_voice(voice=Voice("en-us+whisper"))
    check = judged(captured(voices.mix_noise(voice, voices.white(8), 35)))
    assert (check.verdict, check.why) == (Verdict.WARN, WarnReason.UNSURE)


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
    with pytest.raises(MeasurementError) as broken:
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
    check = judged(captured(samples[round(begin_s * voices.RATE) :], origin=origin, onset=onset))
    assert (check.verdict, check.why) == (Verdict.WARN, WarnReason.UNSURE)
    assert check.facts["cause"].value == "silenced"


def test_exact_zeros_around_no_voice_tell_nothing() -> None:
    samples = 1e-3 * voices.white(8)
    samples[: 3 * voices.RATE] = 0
    with pytest.raises(MeasurementError) as broken:
        noise.analyse(captured(samples), {})
    assert broken.value.trouble.kind is Kind.NO_SIGNAL


@needs_espeak
@pytest.mark.parametrize("origin", ["file", "unguided"])
def test_a_voice_without_silence_before_it_is_neither_passed_nor_failed(origin: str) -> None:
    check = judged(captured(voices.recording(40)[3 * voices.RATE :], origin=origin, onset=None))
    assert (check.verdict, check.why) == (Verdict.WARN, WarnReason.UNSURE)
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
@pytest.mark.parametrize(
    ("sound", "verdict"),
    [
        pytest.param("quiet", Verdict.PASS, id="silence and a voice in turns"),
        pytest.param("noisy", Verdict.FAIL, id="a voice in noise throughout"),
    ],
)
def test_what_the_lab_plays_has_one_verdict_whenever_the_recording_begins(
    sound: str, verdict: Verdict
) -> None:
    samples = media.sounds()[sound]
    begins = voices.RATE * np.arange(0, 6, 0.4)
    found = [
        judged(captured(samples[round(begin) :][: 5 * voices.RATE], origin="unguided", onset=None)).verdict
        for begin in begins
    ]
    assert set(found) == {verdict}


@needs_espeak
@pytest.mark.parametrize("lead_s", [0.4, 0.7, 0.9])
def test_a_first_word_is_not_taken_for_the_end_of_an_unguided_silence(lead_s: float) -> None:
    samples = voices.recording(40)[round((voices.QUIET_S - lead_s) * voices.RATE) :]
    check = judged(captured(samples[: 5 * voices.RATE], origin="unguided", onset=None))
    assert (check.verdict, check.why) == (Verdict.WARN, WarnReason.UNSURE)


@needs_espeak
def test_the_loudness_over_time_comes_along() -> None:
    series = judged(captured(voices.recording())).series["level"]
    assert len(series.values) * series.step == pytest.approx(8, abs=0.1)
    assert max(series.values) > series.values[10] + 20


def found(samples: Sound) -> Check:
    """What is said of a file whose silent part is not known."""
    return judged(captured(samples, onset=None))


def bursts(begin_s: float, lasting_s: float, period_s: float) -> Sound:
    """Eight seconds of hiss that comes and goes."""
    since = (np.arange(8 * voices.RATE) / voices.RATE - begin_s) % period_s
    return np.asarray(0.05 * voices.white(8) * np.where(since < lasting_s, 1.0, 0.01))


@needs_espeak
@pytest.mark.parametrize(
    ("lead_s", "talk_s"),
    [
        pytest.param(0.0, 5, id="no silence in 5 s"),
        pytest.param(0.4, 5, id="0.4 s of silence"),
        pytest.param(0.7, 5, id="0.7 s of silence"),
        pytest.param(0.9, 5, id="0.9 s of silence"),
        pytest.param(0.5, 7.5, id="0.5 s of silence in what is as long as a guided recording"),
        pytest.param(0.9, 7.5, id="0.9 s of silence in what is as long as a guided recording"),
        pytest.param(0.7, 11, id="0.7 s of silence in what is longer"),
        pytest.param(1.3, 5, id="1.3 s of silence"),
    ],
)
def test_a_file_with_too_little_silence_neither_passes_nor_fails(lead_s: float, talk_s: float) -> None:
    voice = np.resize(voices.recording(40)[3 * voices.RATE :], round(talk_s * voices.RATE))
    check = found(np.concatenate((voices.recording(40)[: round(lead_s * voices.RATE)], voice)))
    assert (check.verdict, check.why) == (Verdict.WARN, WarnReason.UNSURE)
    assert check.facts["cause"].value == "one-phase"


@needs_espeak
def test_a_file_with_enough_silence_passes() -> None:
    assert found(voices.recording(40)[round(1.3 * voices.RATE) :]).verdict is Verdict.PASS


@needs_espeak
@pytest.mark.parametrize("word_s", [pytest.param(0.0, id="alone"), pytest.param(0.3, id="behind a word")])
@pytest.mark.parametrize(
    ("begin_s", "lasting_s", "period_s"),
    [
        pytest.param(0.0, 0.6, 1.7, id="around it"),
        pytest.param(1.4, 0.6, 1.9, id="behind it"),
    ],
)
def test_a_pause_of_a_noise_is_not_taken_for_the_silent_part(
    begin_s: float, lasting_s: float, period_s: float, word_s: float
) -> None:
    samples = voices.recording(60) + bursts(begin_s, lasting_s, period_s)
    word = round(word_s * voices.RATE)
    samples[:word] += samples[4 * voices.RATE :][:word]
    assert found(samples).verdict is Verdict.FAIL


@needs_espeak
def test_a_word_before_the_silence_is_neither_noise_nor_silence() -> None:
    samples = voices.recording(40).copy()
    samples[: voices.RATE // 2] += samples[4 * voices.RATE :][: voices.RATE // 2]
    check = found(samples)
    assert (check.verdict, check.why) == (Verdict.WARN, WarnReason.UNSURE)
    assert check.facts["cause"].value == "one-phase"


GATES = [
    pytest.param(Gate(hold=0.02, release=0.02), id="that closes at once"),
    pytest.param(Gate(hold=0.1, release=0.05, depth=40), id="that leaves a little"),
    pytest.param(Gate(hold=0.3, release=0.1), id="that closes late"),
    pytest.param(Gate(hold=0.1, depth=200), id="that leaves exact zeros"),
]


def through(gate: Gate, ratio: float) -> Sound:
    """Return a recording through a gate that its noise does not open."""
    samples = voices.recording(ratio, level=-20)
    quiet = slice(0, 3 * voices.RATE)
    noise = 10 * np.log10(np.mean(samples[quiet] ** 2))
    gated = sound_processing.apply_gate(samples, voices.RATE, replace(gate, threshold=noise + 4))
    assert np.mean(gated[quiet] ** 2) < np.mean(samples[quiet] ** 2) / 1000
    return gated


@needs_espeak
@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("ratio", [3, 8])
def test_a_noise_that_a_gate_hides_never_passes(gate: Gate, ratio: float) -> None:
    check = judged(captured(through(gate, ratio)))
    assert check.verdict in (Verdict.WARN, Verdict.FAIL)
    # Where the gate closes late, the pauses between words tell as much.
    assert check.facts["cause"].value in ("hidden", "hiss")


@needs_espeak
@pytest.mark.parametrize(("ratio", "verdict"), [(2, Verdict.FAIL), (8, Verdict.WARN)])
def test_a_noise_that_a_gate_hides_fails_where_it_surely_is_loud(ratio: float, verdict: Verdict) -> None:
    check = judged(captured(through(Gate(hold=0.05), ratio)))
    assert check.verdict is verdict
    assert check.facts["cause"].value == "hidden"


@needs_espeak
@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("ratio", [22, 40])
def test_a_clean_voice_through_a_gate_is_not_sent_away(gate: Gate, ratio: float) -> None:
    check = judged(captured(through(gate, ratio)))
    assert check.verdict in (Verdict.PASS, Verdict.WARN)
    if "cause" in check.facts:
        assert check.facts["cause"].value == "silenced"


@needs_espeak
@pytest.mark.parametrize(("ratio", "verdict"), [(2, Verdict.WARN), (5, Verdict.WARN), (30, Verdict.PASS)])
def test_a_suppressor_that_shuts_most_bands_under_the_voice_is_told(ratio: float, verdict: Verdict) -> None:
    samples = voices.recording(ratio, rate=16000, level=-20)
    how = Suppressor(over=3, bands=14, hold=0.05)
    passed = sound_processing.apply_suppressor(samples, 16000, how)[0]
    check = judged(captured(passed, rate=16000, onset=3 * 16000))
    assert check.verdict is verdict
    assert ("cause" in check.facts) is (verdict is Verdict.WARN)


@needs_espeak
def test_a_fluent_voice_that_a_program_levels_is_no_noise() -> None:
    samples = voices.recording(40).copy()
    voice = samples[3 * voices.RATE :]
    length = 3 * voices.RATE // 100
    level = np.sqrt(np.convolve(voice**2, np.full(length, 1 / length), "same"))
    voice *= np.minimum(0.7 * np.sqrt(np.mean(voice**2)) / np.maximum(level, 1e-6), 2.8)
    check = judged(captured(samples))
    assert (check.verdict, check.facts["cause"].value) == (Verdict.WARN, "hidden")


@needs_espeak
def test_a_gate_below_the_noise_changes_nothing() -> None:
    samples = sound_processing.apply_gate(voices.recording(8), voices.RATE, Gate(threshold=-60))
    assert judged(captured(samples)).facts["cause"].value == "hiss"


@needs_espeak
@needs_ffmpeg
@pytest.mark.parametrize("codec", sound_processing.CODECS)
def test_clean_speech_through_a_codec_is_not_called_gated(codec: str) -> None:
    samples = sound_processing.apply_codec(voices.recording(40), voices.RATE, codec)
    assert judged(captured(samples)).facts.get("cause") is None


@needs_espeak
@pytest.mark.parametrize("ratio", [3, 8])
def test_a_noise_that_begins_with_the_voice_never_passes(ratio: float) -> None:
    samples = voices.recording(ratio).copy()
    samples[: 3 * voices.RATE] *= 0.01
    assert judged(captured(samples)).verdict in (Verdict.WARN, Verdict.FAIL)


@needs_espeak
@pytest.mark.parametrize("at_s", [1.0, 4.0, 6.5])
def test_a_microphone_that_dies_leaves_nothing_to_compare(at_s: float) -> None:
    samples = voices.recording(40).copy()
    samples[round(at_s * voices.RATE) :] = 0
    assert noise.analyse(captured(samples), {}) == Skip(skipped_for="microphone.signal")
