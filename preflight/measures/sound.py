"""Levels and spectra of recorded sound, whatever is in it.

Sound is mono float32 with full scale at 1.0. Levels are dBFS of the mean square: a full
sine is at -3.0. Powers are mean squares, one for each frame of `FRAME_S`, every `HOP_S`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Powers = NDArray[np.float64]
HOP_S = 0.01
FRAME_S = 2 * HOP_S
_HIGH_PASS_HZ = (60.0, 80.0)
"""Below the first nothing passes. A DC offset or a hum too low to be heard would leak through
the frame's window to where the ear is keen: an offset of 0.01 makes 31 dB out of 76."""
LEAST_POWER = 1e-14
"""-140 dBFS, less than 24 bits can hold: keeps logarithms finite."""
BLOCK_FRAMES = 50
"""Frames of half a second: longer than the gaps between words."""
_FLAT_SAMPLES = 4
"""Samples of a flat top: fewer are round tops of high tones."""
_SMALLEST_TOP = 1e-3
"""-60 dBFS: tops lower than that are steps of the converter."""


@dataclass(frozen=True, slots=True, eq=False)
class Spectra:
    """Power of each frame at each frequency: mean squares, (frames, frequencies)."""

    power: Powers
    hz: Powers

    def band_power(self, low: float, high: float) -> Powers:
        """Return the power of each frame from `low` up to `high` Hz."""
        first, last = np.searchsorted(self.hz, (low, high))
        return np.asarray(self.power[:, first:last].sum(axis=1))


def decibel(power: float) -> float:
    """Return a power or a ratio of powers in dB; nothing at all is -140."""
    return float(10 * np.log10(max(power, LEAST_POWER)))


def a_weighting(hz: Powers) -> Powers:
    """Return the gain of A-weighting at each frequency (IEC 61672-1, annex E)."""
    square = hz**2
    outer = (square + 20.6**2) * (square + 12194.0**2)
    gain: Powers = (
        10**0.1 * 12194.0**2 * square**2 / (outer * np.sqrt((square + 107.7**2) * (square + 737.9**2)))
    )
    return gain


def is_muted(samples: Sound, rate: int) -> bool:
    """Tell whether nothing at all was recorded."""
    return not mark_recorded_hops(samples, round(HOP_S * rate)).any()


def mark_recorded_hops(samples: Sound, hop: int) -> NDArray[np.bool_]:
    """Tell of each hop whether anything was recorded in it.

    The same value throughout, mostly zero, is what a muted, a starting or a gated device
    gives; no room is as quiet as that. For less than half a second it is what the steps of
    the converter leave of a low sound.
    """
    moves = np.ptp(samples[: len(samples) // hop * hop].reshape(-1, hop), axis=1) > 0
    at = np.flatnonzero(moves)
    for gap in np.flatnonzero((np.diff(at) > 1) & (np.diff(at) <= BLOCK_FRAMES)):
        moves[at[gap] : at[gap + 1]] = True
    return np.asarray(moves)


def high_pass(samples: Sound, rate: int) -> Sound:
    """Return the sound without its mean and without what lies below the ear's reach."""
    length = len(samples)
    # A power of two: other lengths can have large primes, with which the transform is slow.
    size = 1 << (length - 1).bit_length()
    spectrum = np.fft.rfft(samples - samples.mean(), size)
    hz = np.fft.rfftfreq(size, 1 / rate)
    spectrum *= np.clip((hz - _HIGH_PASS_HZ[0]) / (_HIGH_PASS_HZ[1] - _HIGH_PASS_HZ[0]), 0, 1)
    return np.fft.irfft(spectrum, size)[:length].astype(np.float32)


def power_spectra(samples: Sound, rate: int, frame_s: float, hop_s: float) -> Spectra:
    """Return the power of each frame under a Hann window."""
    length = round(frame_s * rate)
    window = np.hanning(length + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[:: round(hop_s * rate)]
    spectrum = np.fft.rfft(frames * window, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) * (2 / (length * np.sum(window**2)))
    return Spectra(power, np.fft.rfftfreq(length, 1 / rate).astype(np.float64))


def block_means(powers: Powers, length: int) -> Powers:
    """Return the mean of each `length` powers; a rest shorter than that counts with the last."""
    starts = np.arange(0, max(1, len(powers) - length + 1), length)
    return np.add.reduceat(powers, starts) / np.diff(np.append(starts, len(powers)))


def treble_ratio(spectra: Spectra) -> float:
    """Return the power at 4.5 to 7 kHz against that at 0.3 to 3.4 kHz in dB."""
    return decibel(
        spectra.band_power(4500, 7000).sum() / max(spectra.band_power(300, 3400).sum(), LEAST_POWER)
    )


def clipped_share(samples: Sound) -> float:
    """Return the share of samples on flat tops: runs of four and more at the end of the scale.

    Wherever the scale ends: a preamplifier clips below full scale. A top counts as flat
    within 2% and when a side of it is steep, which the round top of a tone has not.
    """
    count = 0
    for side in (samples, -samples):
        top = side.max()
        span = float(top - np.median(side))
        if span < _SMALLEST_TOP:
            continue
        near = np.concatenate(([False], side >= top - 0.02 * span, [False]))
        edges = np.flatnonzero(near[1:] != near[:-1])
        first, last = edges[::2], edges[1::2]
        outside = np.minimum(side[np.maximum(first - 1, 0)], side[np.minimum(last, len(side) - 1)])
        flat = (last - first >= _FLAT_SAMPLES) & (outside < top - 0.07 * span)
        count += int((last - first)[flat].sum())
    return count / len(samples)


def insert_empty_frames(spectra: Spectra, moves: NDArray[np.bool_]) -> Spectra:
    """Return spectra of what moves with empty frames where nothing did."""
    count = len(spectra.power)
    spread = np.zeros((len(moves) - np.count_nonzero(moves) + count, len(spectra.hz)))
    spread[np.flatnonzero(moves)[:count]] = spectra.power
    return Spectra(spread, spectra.hz)


def running_mean(powers: Powers, length: int) -> Powers:
    """Return the running mean of the same length."""
    padded = np.pad(powers, (length // 2, length - 1 - length // 2), "edge")
    return np.convolve(padded, np.full(length, 1 / length), "valid")
