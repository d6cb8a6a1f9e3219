"""Why no face is found: what in the picture speaks for somebody who cannot be made out.

Rules on grey levels, set on webcam frames that were burnt out, darkened before their own background,
blurred and smeared, and on scenes without people (tests/bench/camera.py reasons, train part).
"""

from enum import StrEnum
from functools import lru_cache

import cv2
import numpy as np

from preflight.captures import CameraCapture
from preflight.measures import image, light, sharpness
from preflight.measures.face_search import find_faces
from preflight.measures.image import Picture

_BLOWN, _BURNT, _WHITE = 250, 0.40, 0.50
"""Level from which on nothing more is to be seen, and the share of the picture, and of its middle, that hides
who is there."""
_GRID = (96, 54)
_BLACK, _BRIGHT = 30, 180
"""Level up to which a figure against the light is black, and from which on what is behind it is bright."""
_BODY, _CHEST, _BEHIND = 0.55, 0.40, 0.07
"""Share of black cells in the middle of the lower half and in the middle, and of bright ones in all."""
_DIM_MEAN, _NOISY = 60.0, 5.0
"""No face below this mean level or above this noise means that it cannot be told whether one
is there: so it was for 31 of 31 faces missed in dim frames, and for none of 43 in bright ones."""
_GRAINY_NOISE = 5.0
"""Noise from which on a dark picture is called grainy."""
_LINES, _LEAST_LINES = 1080, 270
_BLURRED = 3.0
"""Blur of the sharpest edges, in px of a picture of 1080 lines, in which nobody can be made out for
certain: from 3.5 to 4.5 px on a face 37 px between the eyes is no longer found."""
_SMOOTH, _ONE_WAY = 1.25, 1.07
"""Fine over coarse structure in the worst of four directions below which nothing is sharp along it (sharp
pictures have 1.38 and more), and how many times more there is in the best: movement, blur has 1.04."""
_WIDTH, _FINE, _COARSE, _MARGIN = 640, 1.0, 3.0, 20
"""Pixels to which a picture is reduced, the two blurs compared in it, and what is left out at its edges."""
_STRONGEST = 98
"""Percentile of the gradient that stands for the edges."""


class NoFaceReason(StrEnum):
    """What keeps a face from being found, and the word for it in a report."""

    BURNT = "burnt"
    BACKLIGHT = "backlight"
    DARK = "dark"
    NOISE = "noise"
    BLURRED = "blurred"
    MOTION = "motion"
    UNSEEN = "unseen"
    """None of these: what `face_search.FaceSearch.sign` says holds."""


LIGHT_REASONS = (NoFaceReason.BURNT, NoFaceReason.BACKLIGHT, NoFaceReason.DARK, NoFaceReason.NOISE)
FOCUS_REASONS = (NoFaceReason.BLURRED, NoFaceReason.MOTION)
_SIGNS_OF_A_FACE = ("sideways", "upside-down", "cut")
"""Signs of somebody whom the detector did find, in its way."""


@lru_cache(maxsize=2)
def explain_no_face(capture: CameraCapture, model: str | None) -> NoFaceReason | None:
    """Return why no face was found in a capture, None where one was.

    One far away may be a bystander's or a portrait's: the light can hide the client all the same.
    """
    faces = find_faces(capture, model)
    if faces.found:
        middle = capture.frames[len(capture.frames) // 2]
        known = [face for face in faces.faces if face]
        if not all(face.is_far(middle) for face in known):
            return None
        reason = _lighting_reason(capture, image.grey(middle))
        lit = any(image.grey(face.crop(middle, 0, 0, 1, 1)).mean() >= _DIM_MEAN for face in known)
        return None if lit and reason in (NoFaceReason.DARK, NoFaceReason.NOISE) else reason
    if faces.sign in _SIGNS_OF_A_FACE:
        return NoFaceReason.UNSEEN
    frame = image.grey(capture.frames[len(capture.frames) // 2])
    return _lighting_reason(capture, frame) or _focus_reason(frame) or NoFaceReason.UNSEEN


def _lighting_reason(capture: CameraCapture, frame: Picture) -> NoFaceReason | None:
    """Return what in the light hides a face, in the picture as a whole; None where nothing does."""
    cells = np.asarray(cv2.resize(frame, _GRID, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = cells.shape
    body = cells[height // 2 :, width // 3 : width - width // 3]
    chest = cells[height // 4 : height - height // 4, width // 3 : width - width // 3]
    if (
        (body <= _BLACK).mean() >= _BODY
        and (chest <= _BLACK).mean() >= _CHEST
        and (cells >= _BRIGHT).mean() >= _BEHIND
    ):
        return NoFaceReason.BACKLIGHT
    if (frame[::4, ::4] >= _BLOWN).mean() >= _BURNT or (chest >= _BLOWN).mean() >= _WHITE:
        return NoFaceReason.BURNT
    mean, noise = light.mean_level_and_noise(capture)
    if mean < _DIM_MEAN or noise > _NOISY:
        return NoFaceReason.NOISE if noise > _GRAINY_NOISE else NoFaceReason.DARK
    return None


def _focus_reason(frame: Picture) -> NoFaceReason | None:
    """Return whether blur or movement hides a face; None where the picture is sharp or too small."""
    if frame.shape[0] < _LEAST_LINES or frame.shape[1] < 2 * _LEAST_LINES:
        return None
    along = _fine_to_coarse_ratios(frame)
    blurred = sharpness.edge_blur(frame)
    soft = blurred is not None and blurred * _LINES / frame.shape[0] > _BLURRED
    if not soft and min(along) > _SMOOTH:
        return None
    return NoFaceReason.MOTION if max(along) > _ONE_WAY * min(along) else NoFaceReason.BLURRED


def _fine_to_coarse_ratios(frame: Picture) -> list[float]:
    """Return the fine over the coarse structure of a grey picture in each of four directions."""
    plane = image.shrink(frame, _WIDTH).astype(np.float32)
    size = (plane.shape[1], plane.shape[0])
    turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), 45, 1.0)
    turned = cv2.warpAffine(plane, turn, size, borderMode=cv2.BORDER_REFLECT)
    inner = slice(_MARGIN, -_MARGIN)
    ratios = []
    for view in (plane, turned):
        blurs = [cv2.GaussianBlur(view, (0, 0), sigma) for sigma in (_FINE, _COARSE)]
        for order in ((1, 0), (0, 1)):
            slopes = (np.abs(cv2.Sobel(blur, cv2.CV_32F, *order))[inner, inner] for blur in blurs)
            fine, coarse = (float(np.percentile(slope, _STRONGEST)) for slope in slopes)
            ratios.append(fine / max(coarse, 1.0))
    return ratios
