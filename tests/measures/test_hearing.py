"""Tones that a person counts and a microphone finds again."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from preflight.captures import Round
from preflight.measures import hearing

RATE = 48000
BEGUN_S = 0.4


def room(
    played: NDArray[np.float32], gain_db: float | None, delay_s: float = 0.08, noise_db: float = -70
) -> NDArray[np.float32]:
    """Return what a microphone hears of what is played `BEGUN_S` after it began to listen."""
    heard = np.random.default_rng(1).standard_normal(len(played) + 2 * RATE) * 10 ** (noise_db / 20)
    if gain_db is not None:
        start = round((BEGUN_S + delay_s) * RATE)
        heard[start : start + len(played)] += 10 ** (gain_db / 20) * played
    return heard.astype(np.float32)


def bursts(sound: NDArray[np.float32]) -> int:
    """Return how many pieces of sound stand between silences."""
    loud = [np.abs(part).max() > 0.05 for part in np.array_split(sound, round(len(sound) / RATE / 0.05))]
    return sum(1 for sounds, _ in itertools.groupby(loud) if sounds)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("rate", [16000, RATE])
def test_as_many_tones_are_played_as_were_asked_for(count: int, rate: int) -> None:
    sound = hearing.render_tones(count, rate)
    step = hearing.TONE_S + hearing.GAP_S
    assert len(sound) == pytest.approx(rate * (count * step - hearing.GAP_S), abs=count)
    assert np.abs(sound).max() == pytest.approx(hearing.PEAK, rel=0.01)
    assert abs(sound[0]) < 0.01
    assert abs(sound[-1]) < 0.01
    if rate == RATE:
        assert bursts(sound) == count


@pytest.mark.parametrize("gain", [0.0, -20.0, -40.0, -60.0])
@pytest.mark.parametrize("count", [2, 5])
def test_the_coupling_is_read_within_a_decibel(gain: float, count: int) -> None:
    played = hearing.render_tones(count, RATE)
    found = hearing.find_coupling(played, room(played, gain), RATE, BEGUN_S)
    assert found is not None
    assert found.gain_db == pytest.approx(gain, abs=1)
    assert found.delay_s == pytest.approx(0.08, abs=0.001)


@pytest.mark.parametrize("delay", [0.0, 0.3, 0.95], ids=["at once", "bluetooth", "nearly too late"])
def test_it_is_found_however_late_it_comes_back(delay: float) -> None:
    played = hearing.render_tones(3, RATE)
    found = hearing.find_coupling(played, room(played, -30, delay), RATE, BEGUN_S)
    assert found is not None
    assert found.delay_s == pytest.approx(delay, abs=0.001)


@pytest.mark.parametrize("noise", [-90, -50, -20], ids=["quiet", "usual", "loud"])
def test_where_nothing_comes_back_nothing_is_found(noise: float) -> None:
    played = hearing.render_tones(3, RATE)
    assert hearing.find_coupling(played, room(played, None, noise_db=noise), RATE, BEGUN_S) is None


@pytest.mark.parametrize(
    "heard", [np.zeros(0, np.float32), np.zeros(RATE, np.float32)], ids=["none", "zeros"]
)
def test_a_dead_microphone_hears_nothing(heard: NDArray[np.float32]) -> None:
    assert hearing.find_coupling(hearing.render_tones(2, RATE), heard, RATE, BEGUN_S) is None


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param([], None, id="nothing was asked yet"),
        pytest.param([(3, 3)], True, id="right at once"),
        pytest.param([(3, 2)], None, id="a miss"),
        pytest.param([(3, 2), (4, 4)], None, id="a miss, then right"),
        pytest.param([(3, 2), (4, 4), (2, 2)], True, id="a miss, then right twice"),
        pytest.param([(3, 2), (4, 4), (2, 3)], False, id="a miss, right, a miss"),
        pytest.param([(3, 2), (4, 5)], False, id="two misses"),
        pytest.param([(3, 0)], False, id="nothing heard"),
        pytest.param([(3, 2), (4, 0)], False, id="a miss, then nothing heard"),
    ],
)
def test_guessing_does_not_pass(answers: list[tuple[int, int]], said: bool | None) -> None:  # noqa: FBT001 - what is expected
    rounds = tuple(Round(played=played, counted=counted) for played, counted in answers)
    assert hearing.were_tones_heard(rounds) is said
