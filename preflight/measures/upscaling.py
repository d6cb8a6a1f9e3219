"""Is a picture enlarged from a smaller one?

Enlarging by 3/2 or 9/4 repeats the same few interpolation weights, which leaves a
period in the roughness of the columns and rows, in the sensor's noise as much as in the
scene. Defocus can neither make nor remove it, so "enlarged" and "soft" are two answers (see `sharpness`).
Enlarging by exactly 2 leaves no such period and is not seen here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from preflight.measures import image
from preflight.measures.image import Picture

Profile = NDArray[np.float64]
# 1280/1920 = 2/3 repeats every 3 px; 640 px and 360 lines do so too.
_THIRD = 1 / 3
# 854/1920 and 480/1080 = 4/9 repeat every 9 px; 3/9 is left to the thirds.
_NINTHS = (4 / 9, 2 / 9, 1 / 9)
# log(1 + x) of an 8-bit x, in 45ths: keeps one bright edge from outweighing a whole column.
_LOG_TABLE = np.round(45 * np.log1p(np.arange(256))).astype(np.uint8)
# Squares stop at 15 grey levels: noise counts, what moved between two frames hardly does.
_SQUARE_TABLE = np.minimum(np.arange(256) ** 2, 255).astype(np.uint8)
_SECOND_DIFFERENCE = np.array([[1, -2, 1]], np.float32)
_BANDS = 8
_PADDING = 4
_BASE_PX = 61
_NEAR_BINS = 3
_AWAY_BINS = (24, 260)
# One source of four with a period of its own must not reach the limit by itself.
_TONE_LIMIT = 3.5
# Ordinary pictures reach 1.89 and 1.60 (tests/bench/camera_detail.py, train part of the photographs);
# a single frame varies more.
_THIRDS_LIMIT, _NINTHS_LIMIT = 2.2, 1.8
_ONE_FRAME_LEEWAY = 1.3
_FRAMES_COMPARED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class UpscalingTrace:
    """How far the period of an enlargement stands out; about 1 is chance."""

    thirds: float
    """Of 1280x720 (also 640x360) enlarged to 1920x1080, and of 2560x1440 reduced to it; 3.5 at most."""
    ninths: float
    """Of 854x480 enlarged to 1920x1080; no upper end."""
    alone: bool
    """The scene's trace only: one frame, or frames that are all alike."""

    def source_lines(self, *, larger_offered: bool) -> int | None:
        """Return the lines of the picture this one seems enlarged from, None where nothing shows it.

        A camera that offers more than 1920x1080 (`larger_offered`) leaves the same
        period of three when it makes its picture smaller: it is not held against it.
        """
        leeway = _ONE_FRAME_LEEWAY if self.alone else 1.0
        if self.ninths > _NINTHS_LIMIT * leeway:
            return 480
        if self.thirds > _THIRDS_LIMIT * leeway and not larger_offered:
            return 720
        return None


def pick_frames(frames: Sequence[NDArray[np.uint8]]) -> list[Picture]:
    """Return three BGR frames of a camera as grey, evenly spread; fewer where there are fewer."""
    step = max(1, len(frames) // _FRAMES_COMPARED)
    return [image.grey(frame) for frame in frames[::step]][:_FRAMES_COMPARED]


def measure_upscaling(frames: Sequence[Picture]) -> UpscalingTrace:
    """Return the trace of resampling in grey frames of one camera, shape (1080, 1920).

    Three frames are enough; what differs between them is noise, whose trace counts as
    much as that of the scene. One frame, or frames that are all alike, give the scene's
    alone, which varies more by chance. Frames must be as delivered: any resizing of
    ours would be found. Raises ValueError without frames.
    """
    if not frames:
        raise ValueError("no frames")
    sources = [np.sum([_roughness(frame, axis) for frame in frames], axis=0) for axis in (0, 1)]
    pairs = list(combinations(frames, 2))
    noise = (
        [np.sum([_frame_difference(*pair, axis) for pair in pairs], axis=0) for axis in (0, 1)]
        if pairs
        else []
    )
    alone = not noise or not all(source.any() for source in noise)
    if not alone:
        sources += noise
    tones = [min(_tone_prominence(source, _THIRD), _TONE_LIMIT) for source in sources]
    spectra = [np.abs(_ripple_spectrum(source.mean(axis=0))) for source in sources]
    return UpscalingTrace(
        thirds=math.sqrt(sum(tone**2 for tone in tones) / len(tones)),
        ninths=_peak_prominence(spectra, _NINTHS),
        alone=alone,
    )


def _roughness(frame: Picture, axis: int) -> Profile:
    """Mean log roughness of each column (axis 0) or row (axis 1), in every band: (bands, length)."""
    kernel = _SECOND_DIFFERENCE if axis == 0 else _SECOND_DIFFERENCE.T
    rough = cv2.convertScaleAbs(cv2.filter2D(frame, cv2.CV_16S, kernel))
    return _band_means(cv2.LUT(rough, _LOG_TABLE), axis)


def _frame_difference(frame: Picture, other: Picture, axis: int) -> Profile:
    """Clipped variance between two frames, as `_roughness`."""
    return _band_means(cv2.LUT(cv2.absdiff(frame, other), _SQUARE_TABLE), axis)


def _band_means(picture: NDArray[np.generic], axis: int) -> Profile:
    """Return the mean along an axis in each of the bands: (bands, length)."""
    bands = np.array_split(np.asarray(picture), _BANDS, axis=axis)
    sums = [cv2.reduce(band, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel() for band in bands]
    return np.stack([total / band.shape[axis] for total, band in zip(sums, bands, strict=True)])


def _ripple_spectrum(profile: Profile) -> NDArray[np.complex128]:
    """Return the spectrum of what ripples in a profile, relative to its slow changes."""
    base = cv2.blur(profile.reshape(1, -1), (_BASE_PX, 1), borderType=cv2.BORDER_REFLECT).ravel()
    ripple = (profile - base) / np.maximum(base, 1e-9)
    return np.asarray(np.fft.rfft(ripple * np.hanning(len(ripple)), _PADDING * len(ripple)))


def _tone_prominence(source: Profile, frequency: float) -> float:
    """How far this frequency stands out, 1 being the median of those around it.

    An enlargement has one phase from edge to edge, what is in the scene has not: the bands
    are added as complex numbers, each weighed by how little else it holds.
    """
    total = np.zeros(_PADDING * source.shape[1] // 2 + 1, np.complex128)
    for band in source:
        spectrum = _ripple_spectrum(band)
        total += spectrum / max(_median_beside(np.abs(spectrum), frequency), 1e-12)
    strength = np.abs(total)
    return float(
        strength[_frequency_bin(strength, frequency)] / max(_median_beside(strength, frequency), 1e-12)
    )


def _peak_prominence(spectra: Sequence[Profile], frequencies: Sequence[float]) -> float:
    """Geometric mean of the peaks: one axis or one source with a period of its own is not enough."""
    peaks = [_peak_ratio(spectrum, frequency) for spectrum in spectra for frequency in frequencies]
    return float(np.exp(np.mean(np.log(np.maximum(peaks, 1e-3)))))


def _peak_ratio(spectrum: Profile, frequency: float) -> float:
    """Return the highest value near a frequency over the median beside it."""
    centre = _frequency_bin(spectrum, frequency)
    near = spectrum[centre - _NEAR_BINS : centre + _NEAR_BINS + 1]
    return float(near.max() / max(_median_beside(spectrum, frequency), 1e-12))


def _median_beside(spectrum: Profile, frequency: float) -> float:
    """The median beside a frequency, which is left out."""
    centre = _frequency_bin(spectrum, frequency)
    inner, outer = _AWAY_BINS
    below = spectrum[max(centre - outer, 0) : max(centre - inner, 0)]
    above = spectrum[centre + inner + 1 : centre + outer + 1]
    return float(np.median(np.concatenate((below, above))))


def _frequency_bin(spectrum: Profile, frequency: float) -> int:
    """Return the bin of a frequency, in periods per px."""
    return round(frequency * 2 * (len(spectrum) - 1))
