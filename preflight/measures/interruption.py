"""Holes in a recording: where nothing at all was recorded after sound had begun."""

import math

import numpy as np

from preflight.captures import MicrophoneCapture
from preflight.measures.silence import LEAST_PART_FRAMES, RISE_DB
from preflight.measures.sound import BLOCK_FRAMES, HOP_S, running_mean
from preflight.measures.speech import QUIETEST_PERCENT, SYLLABLE_FRAMES, active_level

_LEAST_HOLE_HOPS = 2
"""Hops of the shortest stretch of nothing at all that counts as missing sound, 20 ms."""
_DEAD_HOPS = 250
"""Hops: somebody who does not speak into a gate for so long has long finished reading."""
_LIVE_SHARE = 0.95
"""Share of a silent part in which a microphone sends something if no gate empties silences."""
_ABRUPT_END_DB = 15.0
"""Sound that ends no further than that below the voice was cut off: a gate closes on what is lower."""
_LEAST_16_BIT_POWER = 1e-8
"""-80 dBFS: what is lower, 16 bits can hold as stretches of one value."""


def interruption_s(capture: MicrophoneCapture) -> float:
    """Return for how many seconds nothing at all was recorded after sound had begun.

    A gate leaves nothing of a silence as well, and fades into it. So a hole counts where it cuts off
    something loud, or the steady sound of the room that the microphone lets be heard elsewhere.
    """
    if capture.samples is None:
        return 0.0
    hop = round(HOP_S * capture.rate)
    frames = capture.samples[: len(capture.samples) // hop * hop].reshape(-1, hop)
    powers = np.where(np.ptp(frames, axis=1) > 0, frames.var(axis=1, dtype=np.float64), 0.0)
    live = np.flatnonzero(powers)
    if len(live) < BLOCK_FRAMES:
        return 0.0
    first = powers[
        : LEAST_PART_FRAMES if capture.onset is None else max(LEAST_PART_FRAMES, capture.onset // hop)
    ]
    if np.count_nonzero(first) < len(first) / 2 and live[-1] >= len(first):
        # Silent at first and heard later: the silence is a gate's, and so are the holes.
        return 0.0
    begins, ends = np.flatnonzero(np.diff(powers == 0, prepend=False, append=False)).reshape(-1, 2).T
    level = active_level(powers[live])[0]
    around = np.lib.stride_tricks.sliding_window_view(running_mean(powers, SYLLABLE_FRAMES), BLOCK_FRAMES)
    lowest, highest = around.min(axis=1), around.max(axis=1)
    rooms = highest[(lowest > _LEAST_16_BIT_POWER) & (highest < lowest * 10 ** (RISE_DB / 10))]
    floors, longest = [level * 10 ** (-(_ABRUPT_END_DB - RISE_DB) / 10), *rooms], math.inf
    if np.count_nonzero(first) >= _LIVE_SHARE * len(first):
        floors.append(float(np.percentile(first, QUIETEST_PERCENT)))
        longest = BLOCK_FRAMES if capture.onset is not None else _DEAD_HOPS
    edge = max(min(floors) * 10 ** (-RISE_DB / 10), _LEAST_16_BIT_POWER)
    lengths = [
        end - begin
        for begin, end in zip(begins, ends, strict=True)
        if begin
        and (
            end - begin >= longest
            or (end - begin >= _LEAST_HOLE_HOPS and powers[max(0, begin - 2) : begin].max() > edge)
        )
    ]
    return round(float(sum(lengths)) * HOP_S, 2)
