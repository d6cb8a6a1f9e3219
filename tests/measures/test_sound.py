"""Levels and spectra are those of the standards, and what was cut off is seen."""

import numpy as np
import pytest
import voices
from voices import needs_espeak, tone

from preflight.measures import sound


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
