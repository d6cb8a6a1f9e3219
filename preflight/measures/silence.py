"""Where in a recording nobody speaks: the part that tells of the noise alone."""

import numpy as np

from preflight.captures import MicrophoneCapture
from preflight.measures.sound import BLOCK_FRAMES, HOP_S, LEAST_POWER, Powers, Sound, running_mean
from preflight.measures.speech import (
    PARTLY_VOICED_S,
    SYLLABLE_FRAMES,
    UNTOLD_VOICED_SHARE,
    holds_speech,
    voiced_seconds,
)

GUARD_FRAMES = 3
"""Frames at the border of two phases that hold a bit of both."""
_ONSET_DB = 3.0
"""A talking part is at least this much louder than what is before it; less is chance."""
_EVEN_DB = 4.0
"""How far 50 ms of an even noise are above its mean at most: of white noise 0.6 dB, of a running tap 2.3, of
an exercise bike 3.2; of dishes more than 5 and of a cat 11 in every other recording of 3 s."""
RISE_DB = 10.0
"""What is so far above all of a silent part is not silence."""
LEAST_PART_FRAMES = 100
"""Frames of the shortest silent part that is looked for: 1 s."""
SURE_PART_FRAMES = 150
"""Frames of a silent part, found in a file, that a voice passes by, and of a talk before it. A noise pauses
for a second as well, a first word makes a second of what is less, and what sounds for less is not talk."""
_CLICK_FRAMES = 30
"""Frames: a shorter sound between two silent seconds does not end a silent part."""
_GUIDED_SILENCE_FRAMES = 300
"""Frames of the silent part of a guided recording: 3 s."""
_GUIDED_FRAMES = (700, 1000)
"""Frames that such a recording has, give or take a second or two: nothing else surely holds a silent part."""


def find_silent_part(capture: MicrophoneCapture, powers: Powers, samples: Sound) -> tuple[int, int, int]:
    """Return the frames at which the silent part begins and ends, 0 and 0 where there is one phase only.

    The third is where a word ends that the silent part may begin with. `powers` has empty frames where
    nothing was recorded, `samples` are without these.
    """
    if capture.onset is not None:
        return 0, min(round(capture.onset / capture.rate / HOP_S), len(powers) - 1), 0
    live = np.flatnonzero(powers)
    # A file that begins or ends with nothing at all has its silent part there, and it tells nothing.
    held = capture.origin == "file" and max(live[0], len(powers) - 1 - live[-1]) < LEAST_PART_FRAMES
    guided = held and _GUIDED_FRAMES[0] <= len(powers) <= _GUIDED_FRAMES[1]
    begin, end = find_quietest_part(powers[live])
    word, least = 0, SURE_PART_FRAMES if guided else LEAST_PART_FRAMES
    if begin and end:
        between = extend_over_background(samples, capture.rate, begin, end)
        if guided and between[0] and begin < SURE_PART_FRAMES:
            word, between = begin, (0, end)
        begin, end = between
    if not (begin and end):
        begin, end = (begin if begin >= least else 0), (end if len(live) - end >= LEAST_PART_FRAMES else 0)
    if (begin or end) and not (begin and guided):
        quiet, talk = np.split(np.roll(powers[live], -begin), [(end or len(live)) - begin])
        if holds_speech(quiet[word:], talk):
            # Less than a second of silence and a first word look like this.
            begin = end = word = 0
    if begin and not (
        guided
        and begin >= _GUIDED_SILENCE_FRAMES
        and begins_without_voice(samples, powers[live], capture.rate)
    ):
        return int(live[begin]), int(live[end]) if end else len(powers), 0
    if not guided:
        return 0, int(live[end]) if end else 0, 0
    end = 0 if begin else end
    step = find_talk_onset(powers[live])
    # What sounds between two pauses of a noise is noise, and the louder part is the talking. Out of an
    # even noise a talk may rise so little that only a loud word ends the silence: there the step does.
    end = step if step and is_even_noise(powers[live][:step]) else max(end, step)
    usual, rest = (
        powers[live][: _GUIDED_SILENCE_FRAMES - GUARD_FRAMES],
        powers[live][_GUIDED_SILENCE_FRAMES : end - GUARD_FRAMES],
    )
    if len(rest) and rest.mean() > usual.mean() * 10 ** (_ONSET_DB / 10):
        # Somebody who was told when to speak began softly.
        end = _GUIDED_SILENCE_FRAMES
    # Where nobody spoke, or too low, it is where it usually is.
    return 0, int(live[end]) if end else _GUIDED_SILENCE_FRAMES, int(live[word]) if word else 0


def begins_without_voice(samples: Sound, powers: Powers, rate: int) -> bool:
    """Tell whether a recording begins with what a guided one begins with: three seconds without a voice."""
    quiet, talk = np.split(powers, [_GUIDED_SILENCE_FRAMES])
    length = round(_GUIDED_SILENCE_FRAMES * HOP_S * rate)
    softer = quiet.mean() < talk.mean() * 10 ** (-_ONSET_DB / 10)
    return bool(softer and voiced_seconds(samples[:length], rate, 0) < PARTLY_VOICED_S)


def find_quietest_part(powers: Powers) -> tuple[int, int]:
    """Return the frames between which nobody talks: the quietest second, and what is as quiet around it.

    0 is a side on which there is nothing else.
    """
    short = running_mean(powers, SYLLABLE_FRAMES)
    if len(short) < 2 * LEAST_PART_FRAMES:
        return 0, 0
    loudest = np.lib.stride_tricks.sliding_window_view(short, LEAST_PART_FRAMES).max(axis=1)
    still = short <= loudest.min() * 10 ** (RISE_DB / 10)
    parts = np.flatnonzero(np.diff(np.concatenate(([False], still, [False])))).reshape(-1, 2)
    parts = parts[parts[:, 1] - parts[:, 0] >= LEAST_PART_FRAMES]
    apart = np.flatnonzero(parts[1:, 0] - parts[:-1, 1] >= _CLICK_FRAMES)
    begins, ends = parts[np.append(0, apart + 1), 0], parts[np.append(apart, -1), 1]
    quietest = np.searchsorted(begins, loudest.argmin(), "right") - 1
    begin, end = int(begins[quietest]), int(ends[quietest])
    return begin, end if end < len(short) else 0


def extend_over_background(samples: Sound, rate: int, begin: int, end: int) -> tuple[int, int]:
    """Return where a silent part begins and ends that has something before and behind it.

    What has no voice is background, and rather what is before it than what is behind it.
    """
    hop = round(HOP_S * rate)
    before, quiet, after = np.split(samples, (begin * hop, end * hop))
    spoken = [
        voiced_seconds(np.concatenate((quiet, each)), rate, len(quiet))
        >= min(PARTLY_VOICED_S, UNTOLD_VOICED_SHARE * len(each) / rate)
        for each in (before, after)
    ]
    return (begin if spoken[0] else 0), (0 if spoken[0] and not spoken[1] else end)


def find_talk_onset(powers: Powers) -> int:
    """Return where a silent part ends: the step up in level that parts the recording best.

    0 where there is no such step.
    """
    level = 10 * np.log10(np.maximum(running_mean(powers, BLOCK_FRAMES), LEAST_POWER))
    count, sums = len(level), np.cumsum(level)
    split = np.arange(LEAST_PART_FRAMES, count - LEAST_PART_FRAMES + 1)
    if not len(split):
        return 0
    before = sums[split - 1] / split
    step = (sums[-1] - sums[split - 1]) / (count - split) - before
    # The variance between two classes (N. Otsu 1979), the louder one last.
    best = int(np.argmax(split * (count - split) * np.maximum(step, 0) ** 2))
    return int(split[best]) if step[best] > _ONSET_DB else 0


def is_even_noise(noise: Powers) -> bool:
    """Tell whether no moment of a noise stands out of it."""
    return bool(running_mean(noise, SYLLABLE_FRAMES).max() <= noise.mean() * 10 ** (_EVEN_DB / 10))
