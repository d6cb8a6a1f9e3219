"""The light on a face: how much, how even, how noisy, and against what background."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from preflight.captures import CameraCapture
from preflight.measures import image
from preflight.measures.face import Face
from preflight.measures.face_search import find_faces
from preflight.measures.image import Picture

_FACE_PX = 160
_OVEREXPOSED_LEVEL = 250
"""Level from which on skin shows no more features."""
_CHEEK_WIDTH = 1.2
"""How much wider than the skin light from the side is looked for: it lies on the edge of the cheek."""
_LEAST_LIGHT = 1e-4
"""Linear light below which a ratio says nothing: a third of the first level of sRGB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceLight:
    """The light on a face: medians over the frames in which it was found."""

    dark_half: float
    """Mean level, 0..255, of the darker half (left or right) of the skin."""
    noise: float
    """Sigma in levels, at native size."""
    overexposed: float
    """Share of the skin at or above level 250, 0..1."""
    side: float
    """Stops (factors of two) by which one half of the face has more light than the other."""
    behind: float
    """Stops by which the whole picture is brighter than the skin."""


@lru_cache(maxsize=2)
def measure_face_light(capture: CameraCapture, model: str | None) -> FaceLight | None:
    """Return the light on the face found in a capture, None where none was found."""
    pairs = zip(capture.frames, find_faces(capture, model).faces, strict=True)
    measured = [_measure_frame(frame, face) for frame, face in pairs if face]
    if not measured:
        return None
    return FaceLight(**dict(zip(FaceLight.__slots__, np.median(measured, axis=0).tolist(), strict=True)))


@lru_cache(maxsize=2)
def mean_level_and_noise(capture: CameraCapture) -> tuple[float, float]:
    """Return mean level and noise of the whole picture, medians over three frames."""
    frames = capture.frames[:: max(1, len(capture.frames) // 3)]
    means = [float(image.grey(frame[::4, ::4]).mean()) for frame in frames]
    noises = [image.noise_sigma(image.grey(_central_part(frame))) for frame in frames]
    return float(np.median(means)), float(np.median(noises))


def _measure_frame(frame: Picture, face: Face) -> tuple[float, ...]:
    """Return what `Light` holds, in its order, for one frame."""
    native = image.grey(face.crop(frame, 0, 0, 1, 1))
    grey = np.asarray(cv2.resize(native, (_FACE_PX, _FACE_PX), interpolation=cv2.INTER_AREA), np.uint8)
    skin, cheeks = face.skin_mask(_FACE_PX) > 0, face.skin_mask(_FACE_PX, _CHEEK_WIDTH) > 0
    halves = [part[mask] for part, mask in zip(np.hsplit(grey, 2), np.hsplit(skin, 2), strict=True)]
    beams = [
        max(float(image.srgb_to_linear(part[mask]).mean()), _LEAST_LIGHT)
        for part, mask in zip(np.hsplit(grey, 2), np.hsplit(cheeks, 2), strict=True)
    ]
    skin_light = max(float(image.srgb_to_linear(grey[skin]).mean()), _LEAST_LIGHT)
    whole = max(float(image.srgb_to_linear(image.grey(image.shrink(frame, 320))).mean()), _LEAST_LIGHT)
    return (
        min(float(half.mean()) for half in halves),
        image.noise_sigma(native),
        float((grey[skin] >= _OVEREXPOSED_LEVEL).mean()),
        abs(float(np.log2(beams[0] / beams[1]))),
        float(np.log2(whole / skin_light)),
    )


def _central_part(frame: Picture) -> Picture:
    """Return the middle half of the frame, both ways."""
    height, width = frame.shape[:2]
    return frame[height // 4 : height - height // 4, width // 4 : width - width // 4]
