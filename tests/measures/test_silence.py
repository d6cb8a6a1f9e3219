"""The silent part is found where it is, and nowhere else."""

from collections.abc import Callable

import numpy as np
import pytest
import voices
from voices import Sound, needs_espeak

from preflight.captures import MicrophoneCapture
from preflight.measures import silence


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
        # Not made before it is known that somebody can speak.
        pytest.param(lambda: voices.recording(40, rate=16000)[-32000:], (200, 400), id="a voice"),
        pytest.param(lambda: 0.03 * voices.white(2, 16000), (0, 400), id="a noise"),
    ],
)
def test_before_a_silent_part_only_a_voice_is_no_background(
    before: Callable[[], Sound], found: tuple[int, int]
) -> None:
    samples = np.concatenate((before(), voices.recording(40, rate=16000)[16000:])).astype(np.float32)
    assert silence.extend_over_background(samples, 16000, 200, 400) == found
