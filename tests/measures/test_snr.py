"""A voice is told from what is behind it, by as much as it was mixed at."""

import numpy as np
import pytest
import voices
from voices import SECONDS, Sound, Voice, needs_espeak, tone

from preflight.captures import MicrophoneCapture
from preflight.measures import snr
from preflight.measures.snr import NoiseKind


def heard(
    samples: Sound, onset_s: float | None = voices.QUIET_S, rate: int = voices.RATE
) -> snr.VoiceMeasurement:
    onset = None if onset_s is None else round(onset_s * rate)
    return snr.measure_voice(
        MicrophoneCapture(
            present=True, origin="file", samples=samples.astype(np.float32), rate=rate, onset=onset
        )
    )


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
    assert found.highest_ratio == found.ratio
    assert found.ratio == pytest.approx(heard(samples, quiet_s, 16000).ratio, abs=1.0)


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
    assert told.highest_ratio is None or told.highest_ratio >= 10


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
    assert found.highest_ratio is not None
    assert found.highest_ratio < 6


@needs_espeak
def test_pauses_as_low_as_those_of_speech_prove_nothing() -> None:
    found = heard(voices.recording(40, rate=16000)[3 * 16000 :], None, 16000)
    assert found.highest_ratio is None


@needs_espeak
def test_a_noise_that_begins_with_the_voice_is_found_behind_it() -> None:
    samples = voices.recording(5, rate=16000).copy()
    samples[: 3 * 16000] /= 100
    found = heard(samples, rate=16000)
    assert found.hidden_ratio == pytest.approx(5, abs=1.5)


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
def test_a_telephone_has_no_treble() -> None:
    samples = voices.recording(60, rate=16000)
    narrow = voices.limit_to_telephone_band(samples, 16000)
    assert heard(samples, rate=16000).treble > -40
    assert heard(narrow, rate=16000).treble < -50
    assert heard(voices.recording(60, rate=8000), rate=8000).treble < -100


def test_a_series_has_two_hundred_points_at_most() -> None:
    assert len(heard(0.01 * np.tile(voices.white(8, 8000), 10), rate=8000).levels) <= 200
