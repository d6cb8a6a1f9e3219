"""Short rising tones: a person counts them, and a microphone finds them again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preflight.captures import Round

Sound = NDArray[np.float32]

TONE_S = 0.25
GAP_S = 0.45
"""Tones this far apart are counted without effort."""
FADE_S = 0.02
"""Faded in and out, so that no tone begins or ends with a click."""
SWEEP_HZ = (500.0, 1500.0)
"""Age takes tones from 2 kHz on first (ISO 7029:2017); any loudspeaker plays these."""
PEAK = 0.5
"""Peak, full scale 1: loud enough at a usual volume, without distortion."""
LONGEST_DELAY_S = 1.0
"""Delay within which a tone comes back: a Bluetooth headset takes 0.3 s."""
LEAD_S = 0.2
LEAST_SIGMAS = 8.0
"""Standard deviations of the noise: among the 58,000 delays looked at, noise alone reaches 5."""
_MEDIAN = 0.6745
"""Of the absolute value of a normal variable with a standard deviation of 1."""


RIGHT_IN_A_ROW = 2
"""Right answers in a row that are wanted after a wrong one: one of them is guessed in four."""


@dataclass(frozen=True, slots=True)
class Coupling:
    """How what is played comes back through the microphone."""

    gain_db: float
    """Level of the strongest path against what was played; both full scale."""
    delay_s: float


def render_tones(count: int, rate: int) -> Sound:
    """Return so many equal rising tones (mono, float32) with gaps between them, none before or after."""
    time = np.arange(round(TONE_S * rate)) / rate
    low, high = SWEEP_HZ
    tone = PEAK * np.sin(2 * np.pi * (low * time + (high - low) / (2 * TONE_S) * time**2))
    edge = round(FADE_S * rate)
    fade = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)
    tone[:edge] *= fade
    tone[-edge:] *= fade[::-1]
    gap = np.zeros(round(GAP_S * rate))
    parts = [part for _ in range(count) for part in (tone, gap)][:-1]
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)


def find_coupling(played: Sound, recorded: Sound, rate: int, begun_s: float) -> Coupling | None:
    """Return how strongly `played`, begun `begun_s` into `recorded`, comes back; None where it is not found.

    A matched filter (Turin 1960): the correlation with what was played, over its energy, peaks at the
    delay of the strongest path with the gain of that path. It is believed where the peak stands
    `LEAST_SIGMAS` standard deviations above the other delays.
    """
    energy = float(np.dot(played, played))
    if not energy or not len(recorded):
        return None
    size = 1 << (len(played) + len(recorded)).bit_length()
    product = np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(played, size))
    correlation = np.fft.irfft(product, size)
    first = round((begun_s - LEAD_S) * rate)
    delays = np.arange(first, round((begun_s + LONGEST_DELAY_S) * rate))
    seen = np.abs(correlation[delays % size])
    peak = int(np.argmax(seen))
    noise = float(np.median(seen)) / _MEDIAN
    if seen[peak] <= LEAST_SIGMAS * noise:
        return None
    return Coupling(
        gain_db=float(20 * np.log10(seen[peak] / energy)),
        delay_s=max(0.0, float(delays[peak] / rate - begun_s)),
    )


def were_tones_heard(rounds: tuple[Round, ...]) -> bool | None:
    """Return whether the tones are heard; None where another round is wanted.

    A right answer decides; after a wrong one two right ones in a row do.
    """
    right = [each.counted == each.played for each in rounds]
    if not right or right[0]:
        return bool(right) or None
    if not rounds[-1].counted or not all(right[1:]):
        return False
    return True if len(right) > RIGHT_IN_A_ROW else None
