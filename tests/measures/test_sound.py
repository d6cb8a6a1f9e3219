import numpy as np
import pytest
import voices
from voices import Sound, Voice, needs_espeak

from preflight.captures import MicrophoneCapture
from preflight.measures import silence, snr, sound, speech
from preflight.measures.snr import NoiseKind

SECONDS = np.arange(8 * voices.RATE) / voices.RATE


def tone(hz: float, level: float = 1.0) -> Sound:
    return level * np.sin(2 * np.pi * hz * SECONDS)


def heard(
    samples: Sound, onset_s: float | None = voices.QUIET_S, rate: int = voices.RATE
) -> snr.VoiceMeasurement:
    onset = None if onset_s is None else round(onset_s * rate)
    return snr.measure_voice(
        MicrophoneCapture(
            present=True, origin="file", samples=samples.astype(np.float32), rate=rate, onset=onset
        )
    )


@pytest.mark.parametrize(
    ("hz", "gain"),
    [
        pytest.param(100, -19.1, id="100 Hz"),
        pytest.param(250, -8.6, id="250 Hz"),
        pytest.param(1000, 0.0, id="1 kHz"),
        pytest.param(2500, 1.3, id="2.5 kHz"),
        pytest.param(10000, -2.5, id="10 kHz"),
    ],
)
def test_weights_tones_as_the_standard_does(hz: float, gain: float) -> None:
    # IEC 61672-1, table 3.
    assert 20 * np.log10(sound.a_weighting(np.array([hz]))[0]) == pytest.approx(gain, abs=0.1)


def test_frames_keep_the_power_of_a_tone() -> None:
    frames = sound.power_spectra(tone(1000).astype(np.float32), voices.RATE, 0.02, 0.01)
    assert frames.power.sum(axis=1).mean() == pytest.approx(0.5, rel=1e-3)


def test_the_high_pass_takes_offset_and_hum_and_leaves_the_voice() -> None:
    low = sound.high_pass((0.1 + tone(50)).astype(np.float32), voices.RATE)
    kept = sound.high_pass(tone(100).astype(np.float32), voices.RATE)
    middle = slice(voices.RATE, -voices.RATE)
    assert np.mean(low[middle] ** 2) < 1e-5
    assert np.mean(kept[middle] ** 2) == pytest.approx(0.5, rel=0.01)


def test_pauses_do_not_count_into_the_active_level() -> None:
    powers = np.full(400, 1e-6)
    powers[100:200] = 1.0
    level, active = speech.active_level(powers)
    assert 0.8 < level <= 1.0
    assert 100 <= np.count_nonzero(active) <= 125


def test_an_even_power_is_active_throughout() -> None:
    level, active = speech.active_level(np.full(100, 0.25))
    assert level == pytest.approx(0.25)
    assert active.all()


@needs_espeak
@pytest.mark.parametrize("ratio", [5, 10, 20, 30])
@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_tells_the_ratio_it_was_mixed_at(ratio: float, rate: int) -> None:
    assert heard(voices.recording(ratio, rate=rate), rate=rate).ratio == pytest.approx(ratio, abs=1.0)


@needs_espeak
@pytest.mark.parametrize("level", [-45, -15])
def test_tells_the_level_of_the_voice_whatever_it_is(level: float) -> None:
    assert heard(voices.recording(30, level=level)).level == pytest.approx(level, abs=1.0)


@needs_espeak
def test_what_nobody_hears_does_not_change_the_ratio() -> None:
    samples = voices.recording(35)
    plain = heard(samples).ratio
    assert heard(samples + 0.01).ratio == pytest.approx(plain, abs=0.1)
    assert heard(samples + tone(50, 0.02)).ratio == pytest.approx(plain, abs=0.1)
    assert heard(samples / 30).ratio == pytest.approx(plain, abs=0.1)


@needs_espeak
@pytest.mark.parametrize("quiet_s", [2.0, 3.0, 4.0])
@pytest.mark.parametrize("ratio", [6, 30])
def test_finds_where_the_silent_part_ends(quiet_s: float, ratio: float) -> None:
    samples = voices.mix_noise(
        voices.synthetic_voice(16000), voices.white(9, 16000), ratio, rate=16000, quiet_s=quiet_s
    )
    found = heard(samples, None, 16000)
    assert found.high == found.ratio
    assert found.ratio == pytest.approx(heard(samples, quiet_s, 16000).ratio, abs=1.0)


@pytest.mark.parametrize(
    ("frames", "empty", "found"),
    [
        pytest.param(90, 0, 0, id="less than a second"),
        pytest.param(200, 0, 0, id="two seconds"),
        pytest.param(699, 0, 0, id="just too short"),
        pytest.param(700, 0, 300, id="the shortest"),
        pytest.param(700, 40, 300, id="the shortest with a gap of exact zeros"),
        pytest.param(1000, 0, 300, id="the longest"),
        pytest.param(1001, 40, 0, id="just too long with a gap of exact zeros"),
    ],
)
def test_without_a_step_only_what_is_as_long_as_a_guided_recording_has_a_silent_part(
    frames: int, empty: int, found: int
) -> None:
    powers = np.ones(frames)
    powers[150 : 150 + empty] = 0
    file = MicrophoneCapture(present=True, origin="file", rate=voices.RATE)
    assert silence.find_silent_part(file, powers, np.zeros(0, np.float32)) == (0, found, 0)


@pytest.mark.parametrize(
    ("decibels", "found"),
    [
        pytest.param(3.5, 300, id="even: at the step"),
        pytest.param(6.0, 300, id="with moments of its own: where somebody was told to speak"),
    ],
)
def test_a_talk_that_hardly_rises_begins_at_the_step_out_of_an_even_noise(
    decibels: float, found: int
) -> None:
    powers = np.ones(800)
    powers[100:120] = 10 ** (decibels / 10)
    powers[300:] = 10**0.6
    powers[500:540] = 10**1.2
    file = MicrophoneCapture(present=True, origin="file", rate=voices.RATE)
    assert silence.find_silent_part(file, powers, np.zeros(0, np.float32)) == pytest.approx(
        (0, found, 0), abs=5
    )


@needs_espeak
@pytest.mark.parametrize("lead_s", [0.3, 0.6, 0.9])
@pytest.mark.parametrize(
    "text", [voices.SENTENCE, "One two three four five six seven eight nine ten eleven."]
)
def test_a_talk_from_the_first_second_on_is_no_loud_background(lead_s: float, text: str) -> None:
    said, own = voices.speech(Voice("en-us", 170), text)
    voice = voices.resample(np.resize(said, 7 * own), own, voices.RATE)
    samples = voices.mix_noise(voice, voices.white(7 + lead_s), 30, quiet_s=lead_s)
    told = heard(samples, None)
    assert told.high is None or told.high >= 10


@needs_espeak
def test_a_steady_noise_does_not_count_as_speech() -> None:
    voice = voices.synthetic_voice().copy()
    # Two seconds of saying nothing, which a noise must not fill.
    voice[voices.RATE : 3 * voices.RATE] = 0
    assert heard(voices.mix_noise(voice, voices.white(8), 10)).ratio == pytest.approx(10, abs=0.7)


@needs_espeak
@pytest.mark.parametrize("ratio", [1, 3, 5, 8])
def test_a_voice_that_drowns_in_a_hiss_is_told_from_it_in_a_file_too(ratio: float) -> None:
    found = heard(voices.recording(ratio), None)
    assert found.ratio == pytest.approx(ratio, abs=0.5)
    assert found.noise is snr.NoiseKind.HISS


@pytest.mark.parametrize(
    ("talks", "decibels", "found"),
    [
        pytest.param([(150, 400)], 9, (0, 0), id="9 dB above it, nobody"),
        pytest.param([(150, 400)], 11, (0, 150), id="11 dB above it, behind it"),
        pytest.param([(0, 250)], 11, (250, 0), id="before it"),
        pytest.param([(0, 90), (250, 400)], 11, (90, 250), id="on both sides"),
        pytest.param([(120, 144), (280, 400)], 20, (0, 280), id="behind a click of 0.24 s as well"),
        pytest.param([(120, 152), (280, 400)], 20, (0, 120), id="behind it, from a word of 0.32 s on"),
        pytest.param([(95, 400)], 20, (0, 0), id="behind less than a second of it, nobody"),
    ],
)
def test_a_silent_part_ends_where_something_else_is_heard(
    talks: list[tuple[int, int]], decibels: float, found: tuple[int, int]
) -> None:
    powers = np.ones(400)
    for begin, end in talks:
        powers[begin:end] = 10 ** (decibels / 10)
    assert silence.find_quietest_part(powers) == pytest.approx(found, abs=3)


@needs_espeak
@pytest.mark.parametrize(
    ("before", "found"),
    [
        pytest.param(voices.recording(40, rate=16000)[-32000:], (200, 400), id="a voice"),
        pytest.param(0.03 * voices.white(2, 16000), (0, 400), id="a noise"),
    ],
)
def test_before_a_silent_part_only_a_voice_is_no_background(before: Sound, found: tuple[int, int]) -> None:
    samples = np.concatenate((before, voices.recording(40, rate=16000)[16000:])).astype(np.float32)
    assert silence.extend_over_background(samples, 16000, 200, 400) == found


@needs_espeak
@pytest.mark.parametrize("ratio", [15, 30])
def test_the_silent_part_may_lie_between_words(ratio: float) -> None:
    samples = voices.recording(ratio, rate=16000)
    turned = np.roll(samples, 2 * 16000)
    assert heard(turned, None, 16000).ratio == pytest.approx(heard(samples, rate=16000).ratio, abs=1.0)


@needs_espeak
@pytest.mark.parametrize("ratio", [15, 30])
def test_the_silent_part_may_come_last(ratio: float) -> None:
    samples = voices.recording(ratio, rate=16000)
    turned = np.roll(samples, -round(voices.QUIET_S * 16000))
    assert heard(turned, None, 16000).ratio == pytest.approx(heard(samples, rate=16000).ratio, abs=1.0)


@needs_espeak
@pytest.mark.parametrize("zeros_s", [0.5, 2.0])
@pytest.mark.parametrize("offset", [0.0, 0.01])
def test_exact_zeros_are_left_out_of_the_noise(zeros_s: float, offset: float) -> None:
    samples = voices.recording(25, rate=16000) + offset
    spoilt = samples.copy()
    spoilt[: round(zeros_s * 16000)] = 0
    assert heard(spoilt, rate=16000).floor == pytest.approx(heard(samples, rate=16000).floor, abs=0.3)
    assert not heard(spoilt, rate=16000).silenced


@pytest.mark.parametrize(
    ("still_s", "begin_s", "left_out"),
    [
        pytest.param(0.49, 1.0, 0, id="for less than half a second"),
        pytest.param(0.5, 1.0, 50, id="for half a second"),
        pytest.param(0.2, 0.0, 20, id="before anything else"),
    ],
)
def test_a_still_moment_is_the_converter_and_a_longer_one_the_device(
    still_s: float, begin_s: float, left_out: int
) -> None:
    samples = 0.01 * voices.white(3, 16000).astype(np.float32)
    begin = round(begin_s * 16000)
    samples[begin : begin + round(still_s * 16000)] = 0
    assert np.count_nonzero(~sound.mark_recorded_hops(samples, 160)) == left_out


@needs_espeak
def test_a_hum_that_nobody_hears_does_not_change_a_noise_that_stops_between_words() -> None:
    said, rate = voices.speech(Voice("en+m7"))
    samples = voices.mix_noise(
        np.resize(voices.speech()[0], 5 * rate), np.resize(said, 8 * rate), 20, rate=rate, level=-45
    )
    hum = 5e-4 * np.sin(2 * np.pi * 50 * np.arange(len(samples)) / rate)
    steps, more = (np.round(each * 32768) / 32768 for each in (samples, samples + hum))
    assert heard(more, rate=rate).ratio == pytest.approx(heard(steps, rate=rate).ratio, abs=0.1)


@needs_espeak
def test_a_pause_that_the_device_made_proves_nothing() -> None:
    samples = voices.recording(40, rate=16000)[3 * 16000 :].copy()
    samples[: round(0.3 * 16000)] = 0
    assert heard(samples, None, 16000).silenced


def test_loud_pauses_prove_a_noise_without_a_silent_part() -> None:
    found = heard(0.1 * voices.white(5), None)
    assert found.doubt is None
    assert found.high is not None
    assert found.high < 6


@needs_espeak
def test_pauses_as_low_as_those_of_speech_prove_nothing() -> None:
    found = heard(voices.recording(40, rate=16000)[3 * 16000 :], None, 16000)
    assert found.high is None


@needs_espeak
def test_a_noise_that_begins_with_the_voice_is_found_in_its_pauses() -> None:
    samples = voices.recording(5, rate=16000).copy()
    samples[: 3 * 16000] /= 100
    assert heard(samples, rate=16000).ratio == pytest.approx(5, abs=1.5)


@needs_espeak
@pytest.mark.parametrize(
    "voice",
    [
        pytest.param(Voice("en-us"), id="a man"),
        pytest.param(Voice("ru+f4", 170, 65), id="a woman"),
        pytest.param(Voice("en+grandpa", 130, 40), id="a croaking voice"),
    ],
)
def test_hears_a_voice(voice: Voice) -> None:
    spoken = voices.synthetic_voice(16000, voice)
    assert heard(voices.mix_noise(spoken, voices.white(8, 16000), 12, rate=16000), rate=16000).voiced


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(0.01 * voices.white(8), id="hiss"),
        pytest.param(tone(100, 0.1) + tone(200, 0.05) + 1e-3 * voices.white(8), id="hum"),
        pytest.param(
            1e-3 * voices.white(8) + 0.3 * voices.white(8, seed=1) * ((SECONDS > 5) & (SECONDS < 5.4)),
            id="a bang",
        ),
    ],
)
def test_hears_no_voice_where_there_is_none(samples: Sound) -> None:
    assert not heard(samples).voiced


@pytest.mark.parametrize(
    ("noise", "kind"),
    [
        pytest.param(0.01 * voices.white(8), NoiseKind.HISS, id="hiss"),
        pytest.param(tone(150, 0.1) + tone(300, 0.05), NoiseKind.HUM, id="hum"),
        pytest.param(
            1e-4 * voices.white(8) + 0.1 * voices.white(8, seed=1) * (SECONDS % 0.7 < 0.03),
            NoiseKind.INTERMITTENT,
            id="clicks",
        ),
    ],
)
def test_names_a_background(noise: Sound, kind: NoiseKind) -> None:
    assert heard(noise).noise is kind


@needs_espeak
def test_names_people_who_talk() -> None:
    said, rate = voices.speech(Voice("en+m7"))
    assert heard(np.resize(said, 8 * rate), rate=rate).noise is NoiseKind.TALKING


@needs_espeak
def test_tells_when_something_spoke_in_the_silent_part() -> None:
    samples = voices.recording(40).astype(np.float32)
    start = round(voices.QUIET_S * voices.RATE)
    quiet, voice = samples[:start], samples[start:]
    assert not speech.is_silence_disturbed(quiet, voice, voices.RATE)
    assert speech.is_silence_disturbed(voice[: len(quiet)], voice, voices.RATE)


@needs_espeak
@pytest.mark.parametrize("top", [1.0, 0.5])
@pytest.mark.parametrize("rate", [8000, 48000])
def test_tells_flat_tops_wherever_the_scale_ends(top: float, rate: int) -> None:
    samples = voices.recording(40, rate=rate).astype(np.float32)
    samples *= 0.99 / np.abs(samples).max()
    assert sound.clipped_share(samples) < 1e-4
    assert sound.clipped_share((top * np.clip(2 * samples, -1, 1)).astype(np.float32)) > 2e-3


@pytest.mark.parametrize("hz", [50, 200, 440, 1000, 3000])
@pytest.mark.parametrize("level", [300, 32767])
def test_the_round_tops_of_a_tone_are_not_flat(hz: float, level: float) -> None:
    assert sound.clipped_share((np.round(tone(hz) * level) / 32768).astype(np.float32)) == 0


def test_the_steps_of_the_converter_are_not_flat_tops() -> None:
    steps = np.random.default_rng(0).integers(0, 2, 8 * 16000) / 32768
    assert sound.clipped_share(steps.astype(np.float32)) == 0


@needs_espeak
def test_a_telephone_has_no_treble() -> None:
    samples = voices.recording(60, rate=16000)
    narrow = voices.limit_to_telephone_band(samples, 16000)
    assert heard(samples, rate=16000).treble > -40
    assert heard(narrow, rate=16000).treble < -50
    assert heard(voices.recording(60, rate=8000), rate=8000).treble < -100


def test_a_series_has_two_hundred_points_at_most() -> None:
    assert len(heard(0.01 * np.tile(voices.white(8, 8000), 10), rate=8000).levels) <= 200
