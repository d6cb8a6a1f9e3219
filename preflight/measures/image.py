"""Numbers of a picture that know nothing of faces: light, noise, colour.

Pictures are (height, width, 3) BGR or (height, width) grey, uint8, sRGB.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Plane = NDArray[np.float32]

_HIGH_PASS = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
"""Blind to planes and to straight edges along an axis; unit white noise leaves it with
sigma 1 (J. Immerkaer, Fast Noise Variance Estimation, 1996)."""
_BLOCKS = 120
"""Blocks across a picture in which colour is averaged."""
_JPEG_BLOCK = 16
"""Pixels over which JPEG spreads the noise of colours."""
_FAINT_LEVEL, _LEAST_DARK = 10.0, 0.05
"""Mean level and share of the picture that a darker part has at least to be looked at by itself."""
DIM_LEVEL = 32.0
"""Mean level as which a darker one counts beside its colours: below it what JPEG leaves of a tint does
not get fainter with the light."""
_GREY_DIMENSIONS = 2
"""Dimensions of a picture without colours."""
_TOE, _TOE_SLOPE = 0.0031308, 12.92
"""Below this light sRGB is a straight line (IEC 61966-2-1)."""
_MAD_TO_SIGMA = 1.4826
"""Median absolute deviation of a normal distribution to its sigma."""


def grey(picture: Picture) -> Picture:
    """Return the luma (BT.601) of a picture, uint8."""
    return (
        picture if picture.ndim == _GREY_DIMENSIONS else _as_uint8(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    )


def shrink(picture: Picture, width: int) -> Picture:
    """Return the picture reduced to `width` by area averages; never enlarged."""
    if picture.shape[1] <= width:
        return picture
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    return _as_uint8(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))


def srgb_to_linear(srgb: Any) -> Any:
    """Decode sRGB levels 0..255 to linear light 0..1 (IEC 61966-2-1)."""
    level = np.asarray(srgb, np.float64) / 255
    return np.where(level <= _TOE * _TOE_SLOPE, level / _TOE_SLOPE, ((level + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(light: Any) -> Any:
    """Encode linear light 0..1 to sRGB levels 0..255 (IEC 61966-2-1); clips."""
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= _TOE, _TOE_SLOPE * light, 1.055 * light ** (1 / 2.4) - 0.055)


def noise_sigma(plane: Picture | Plane) -> float:
    """Return the sigma of the noise of a grey picture at its native size, in levels.

    The median of the high-pass is blind to texture that covers less than half of it.
    """
    if min(plane.shape) < len(_HIGH_PASS) + 2:
        return 0.0
    high = cv2.filter2D(plane, cv2.CV_32F, _HIGH_PASS)[1:-1, 1:-1]
    return float(_MAD_TO_SIGMA * np.median(np.abs(high)))


def chroma(frames: Sequence[Picture]) -> float:
    """Return how much colour pictures of one scene hold that no tint of a grey one explains.

    The block means of B-Y and R-Y are each fitted on those of 1, Y and Y squared, which takes
    off a tint that follows the brightness; the RMS of what is left, over the mean of Y or `DIM`. Noise
    must not count as colour, nor what JPEG leaves of it: what is left in a block is multiplied
    with what is left where JPEG begins another block. The darker part is looked at by itself
    too: a white window outshines the colours of whoever sits before it.
    """
    blocks = np.mean([_block_means(frame) for frame in frames], axis=0)
    luma = _luma(blocks)
    low, high = np.maximum(np.percentile(luma, (5, 95)), 1.0)
    dark = luma < np.sqrt(low * high)
    apart = max(1, round(_JPEG_BLOCK * blocks.shape[1] / frames[0].shape[1]))
    whole = _chroma_of_blocks(blocks, np.ones_like(dark), apart)
    if dark.mean() < _LEAST_DARK or luma[dark].mean() < _FAINT_LEVEL:
        return whole
    return max(whole, _chroma_of_blocks(blocks, dark, apart))


def _chroma_of_blocks(blocks: Plane, where: NDArray[np.bool_], apart: int) -> float:
    """Return the chroma of the blocks (rows, columns, 4) that `where` (rows, columns) picks."""
    left = _remove_tint(blocks, where)
    both = where[:, apart:] & where[:, :-apart]
    power = (left[:, apart:] * left[:, :-apart]).sum(axis=-1)[both]
    level = max(float(_luma(blocks)[where].mean()), DIM_LEVEL)
    return float(np.sqrt(max(power.mean() / 2, 0.0)) / level) if power.size else 0.0


def _block_means(frame: Picture) -> Plane:
    """Return (rows, columns, 4): of each block the mean of B, G, R and of the square of Y."""
    colours = shrink(frame, _BLOCKS)
    square = np.square(grey(frame), dtype=np.float32)
    shape = (colours.shape[1], colours.shape[0])
    return np.dstack([colours, cv2.resize(square, shape, interpolation=cv2.INTER_AREA)])


def _luma(blocks: Plane) -> Plane:
    """Return the luma (BT.601) of blocks (rows, columns, 4): (rows, columns)."""
    return np.asarray(blocks[..., :3] @ np.array([0.114, 0.587, 0.299], np.float32), np.float32)


def _remove_tint(blocks: Plane, where: NDArray[np.bool_]) -> Plane:
    """Return (rows, columns, 2): what is left of B-Y and R-Y once the tint of the blocks picked is off."""
    luma = _luma(blocks)
    powers = np.stack([np.ones_like(luma), luma, blocks[..., 3]], axis=-1)
    differences = np.stack([blocks[..., 0] - luma, blocks[..., 2] - luma], axis=-1)
    fitted, *_ = np.linalg.lstsq(powers[where], differences[where], rcond=None)
    return np.asarray(differences - powers @ fitted, np.float32)


def _as_uint8(picture: Any) -> Picture:
    """Return what OpenCV returned as a picture."""
    return np.asarray(picture, np.uint8)
