"""Where somebody speaks, and how loud."""

import numpy as np
import pytest
import voices
from voices import needs_espeak

from preflight.measures import speech


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
def test_tells_when_something_spoke_in_the_silent_part() -> None:
    samples = voices.recording(40).astype(np.float32)
    start = round(voices.QUIET_S * voices.RATE)
    quiet, voice = samples[:start], samples[start:]
    assert not speech.is_silence_disturbed(quiet, voice, voices.RATE)
    assert speech.is_silence_disturbed(voice[: len(quiet)], voice, voices.RATE)
