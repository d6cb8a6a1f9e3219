"""How blurred a face is, in shares of the distance between its eyes.

Two measures on the face scaled to a box of 160 px, neither of which the variance of the
Laplacian (blind under noise) can replace: how wide its strongest edges are, seen in each
of four directions, since motion widens those across it only; and how much fine structure
stands beside the coarse, the noise's part taken off.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from preflight.captures import CameraCapture
from preflight.measures import image
from preflight.measures.face import Face
from preflight.measures.face_search import find_faces
from preflight.measures.image import Picture, Plane

_FACE_PX = 160
_MEASURED_PART = (0.15, 0.18, 0.85, 0.95)
"""Left, top, right, bottom of what is measured: brows to chin, without hair and background."""
_LEAST_SHARE, _LEAST_SIDE = 0.4, 16
"""Of the box, and pixels, that must be in the frame."""
_STRONGEST = (97.0, 97.5)
"""Percentile from which on a gradient counts as an edge: in all directions, in one."""
_REACH = (11, 15)
"""Pixels over which the contrast of an edge is taken: around it, along its gradient."""
_FINE, _COARSE = (0.7, 1.4), (2.8, 5.6)
_NEIGHBOURHOOD = (9, 9)
_MOTION_MARGIN = 0.3
"""What the second line is raised by: on other people's faces than it was fitted to, one smear of 15% in
three came out below the warning, while the most that a sharp face comes to is 1.7."""
_LEAST_OVER_NOISE = 1.15
"""Times the noise's part that fine structure must have to count: that of sharp dim faces with noise of 8
levels has 1.2 and more, that of blurred ones less than the scatter of the noise."""
_ALONG, _EDGE = 1.5, 9
"""Blur in px whose loss in one direction is the fine structure that way; what is left out at the edges."""
_LEAST_POWER = 1e-3
_LEAST_BAND = -4.0
"""Below this the fine structure is gone and its logarithm says nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlurFeatures:
    """What is measured on one face scaled to 160 px."""

    width: float
    """Pixels from foot to top of its strongest edges, any direction; median."""
    widest: float
    """The same in that of four directions in which they are widest."""
    narrowest: float
    band: float
    """Logarithm of fine over coarse structure."""
    uneven: float
    """Power of the fine structure in the direction that has most over that which has least."""


def estimate_blur(features: BlurFeatures) -> float:
    """Return the blur as the sigma of a Gaussian, in % of the distance between the eyes.

    Two lines fitted to blurred and to shaken faces (tests/bench/camera.py fit, train part);
    the second counts where the edges are wide in one direction only.
    """
    band = max(features.band, _LEAST_BAND)
    soft = -5.79 + 0.60 * features.width - 1.35 * band
    shaken = -5.22 + _MOTION_MARGIN + 0.63 * features.widest - 0.91 * band
    return max(soft, shaken, 0.0)


def estimate_anisotropy(features: BlurFeatures) -> float:
    """Return how much more a face is blurred in one direction than in another, 0 for evenly.

    Of smeared faces 94 % have 0.57 and more, of faces out of focus 6 % (48 and 32 versions of four
    people, of whom 94 % each were told apart on three others; the first term alone: 96 and 78 %).
    """
    return float(np.log(features.widest / features.narrowest) + 0.25 * np.log(features.uneven))


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """The focus of a face over the frames of a capture."""

    best: float
    """Blur of the best frame, in % of the distance between the eyes: hands and heads move."""
    usual: float
    """The median."""
    anisotropy: float
    """As `estimate_anisotropy`; median."""


@lru_cache(maxsize=2)
def measure_focus(capture: CameraCapture, model: str | None) -> Focus | None:
    """Return the focus of the face found in a capture, None where no face can be measured."""
    pairs = zip(capture.frames, find_faces(capture, model).faces, strict=True)
    found = [measure_blur_features(frame, face) for frame, face in pairs if face]
    measured = [features for features in found if features]
    if not measured:
        return None
    blurs = [estimate_blur(features) for features in measured]
    return Focus(
        best=min(blurs),
        usual=float(np.median(blurs)),
        anisotropy=float(np.median([estimate_anisotropy(features) for features in measured])),
    )


def measure_blur_features(frame: Picture, face: Face) -> BlurFeatures | None:
    """Return the blur features of one face, None where too little of it is in the frame."""
    native = image.grey(face.crop(frame, *_MEASURED_PART))
    if min(native.shape) < max(_LEAST_SHARE * face.side, _LEAST_SIDE):
        return None
    scale = _FACE_PX / face.side
    size = (round(native.shape[1] * scale), round(native.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    plane = np.asarray(cv2.resize(native.astype(np.float32), size, interpolation=method), np.float32)
    upright = _edge_widths_by_direction(plane, None)
    slanted = _edge_widths_by_direction(*_turn_by_45_degrees(plane))
    return BlurFeatures(
        width=_edge_width(plane),
        widest=max(upright + slanted),
        narrowest=min(upright + slanted),
        band=_log_fine_to_coarse(plane),
        uneven=_fine_power_ratio(plane),
    )


def _edge_width(plane: Plane) -> float:
    """Return the median width in px of the strongest edges, whatever their direction."""
    smooth, across, down = _smooth_and_differentiate(plane)
    slope = np.hypot(across, down)
    return _median_width(smooth, slope, slope >= np.percentile(slope, _STRONGEST[0]), (_REACH[0],) * 2)


def _edge_widths_by_direction(plane: Plane, valid: NDArray[np.bool_] | None) -> tuple[float, float]:
    """Return the median width in px of the strongest edges across and down, where `valid`."""
    smooth, across, down = _smooth_and_differentiate(plane)
    widths = []
    for slope, reach in ((np.abs(across), (1, _REACH[1])), (np.abs(down), (_REACH[1], 1))):
        inside = np.ones(slope.shape, bool) if valid is None else valid
        edges = inside & (slope >= np.percentile(slope[inside], _STRONGEST[1]))
        widths.append(_median_width(smooth, slope, edges, reach))
    return widths[0], widths[1]


def _smooth_and_differentiate(plane: Plane) -> tuple[Plane, Plane, Plane]:
    """Return the plane a little smoothed, and its slopes across and down, in levels per px."""
    smooth = cv2.GaussianBlur(plane, (0, 0), 1.0)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    return np.asarray(smooth, np.float32), np.asarray(across, np.float32), np.asarray(down, np.float32)


def _median_width(smooth: Plane, slope: Plane, edges: NDArray[np.bool_], reach: tuple[int, int]) -> float:
    """Return the median contrast over slope, in px, of the edges; contrast is taken within `reach`."""
    around = np.ones(reach, np.uint8)
    contrast = cv2.dilate(smooth, around) - cv2.erode(smooth, around)
    return float(np.median(contrast[edges] / np.maximum(slope[edges], 1e-3)))


def _turn_by_45_degrees(plane: Plane) -> tuple[Plane, NDArray[np.bool_]]:
    """Return the plane turned by 45 degrees, and where it holds the picture away from its border."""
    height, width = plane.shape
    side = int(np.hypot(height, width)) + 2
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 45, 1)
    turn[:, 2] += ((side - width) / 2, (side - height) / 2)
    turned = cv2.warpAffine(plane, turn, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    whole = cv2.warpAffine(np.ones_like(plane), turn, (side, side))
    inner = cv2.erode((whole >= 1).astype(np.uint8), np.ones((17, 17), np.uint8))
    return np.asarray(turned, np.float32), inner > 0


def _log_fine_to_coarse(plane: Plane) -> float:
    """Return the logarithm of fine over coarse structure.

    Noise lies everywhere, the fine structure of a sharp face on its features only: what
    the median neighbourhood holds is taken off. (The high-pass that measures noise
    elsewhere does not see what JPEG leaves of it.)
    """
    fine, coarse = (
        (cv2.GaussianBlur(plane, (0, 0), near) - cv2.GaussianBlur(plane, (0, 0), far)) ** 2
        for near, far in (_FINE, _COARSE)
    )
    floor = float(np.median(cv2.blur(fine, _NEIGHBOURHOOD)))
    least = 1e-3
    left = float(fine.mean()) - floor if float(fine.mean()) > _LEAST_OVER_NOISE * floor else 0.0
    return float(np.log(max(left, least) / max(float(coarse.mean()), least)))


def _fine_power_ratio(plane: Plane) -> float:
    """Return the highest over the lowest power of the fine structure in four directions."""
    smooth = cv2.GaussianBlur(plane, (0, 0), 1.0)
    size = 2 * math.ceil(3 * _ALONG) + 1
    # A diagonal's samples are √2 px apart.
    straight, diagonal = (cv2.getGaussianKernel(size, sigma) for sigma in (_ALONG, _ALONG / 2**0.5))
    slanted = np.diag(diagonal.ravel())
    inner = slice(_EDGE, -_EDGE)
    powers = [
        float(((smooth - cv2.filter2D(smooth, -1, blur))[inner, inner] ** 2).mean())
        for blur in (straight.T, straight, slanted, slanted[::-1])
    ]
    return max(*powers, _LEAST_POWER) / max(min(powers), _LEAST_POWER)
