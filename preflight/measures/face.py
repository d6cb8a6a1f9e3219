"""A face in a picture, and what a face detector is.

A face is the square box of OpenCV's Haar cascade; the proportions of eyes and skin within it were measured
on webcam pictures.
"""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from preflight.measures import image
from preflight.measures.image import Picture

EYE_DISTANCE = 0.38
"""Distance of the eyes over the side of the box: median error 4%, p90 12%."""
EYE_LINE = 0.39
_SKIN = (0.50, 0.55, 0.29, 0.42)
"""Centre and half axes of the ellipse of skin, in sides of the box."""
_FAR_SIDE = 0.075
"""Side of the box over the picture's height: of 1080 lines, 31 px between the eyes."""
_MIDDLE_GREY = 128.0
USUAL_PERCENTILE = 60
"""Percentile of a dim picture's light that is brought to middle grey."""
SHADOW_PERCENTILE = 5
"""Percentile of the light that is brought to middle grey for a face against the light."""
_HEAD = (-0.05, -0.15, 1.05, 1.10)
"""Left, top, right and bottom of hair to chin, in sides of the box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A face's square box in pixels of the frame; it may reach over the frame's edge."""

    x: float
    y: float
    side: float

    @property
    def eyes(self) -> float:
        """Distance between the pupils in pixels, seen from the front."""
        return EYE_DISTANCE * self.side

    def is_far(self, frame: Picture) -> bool:
        """Return whether the face is too small to be that of somebody who sits before the camera."""
        height: int = frame.shape[0]
        return self.side < _FAR_SIDE * height

    def share_in_frame(self, frame: Picture) -> float:
        """Return the share of the head, hair to chin, that lies within the frame."""
        height, width = frame.shape[:2]
        left, top, right, bottom = (
            origin + self.side * edge for origin, edge in zip((self.x, self.y) * 2, _HEAD, strict=True)
        )
        wide = max(0.0, min(right, width) - max(left, 0))
        high = max(0.0, min(bottom, height) - max(top, 0))
        return float(wide * high / ((right - left) * (bottom - top)))

    def crop(self, frame: Picture, left: float, top: float, right: float, bottom: float) -> Picture:
        """Return a part of the frame given in sides of the box, as far as the frame goes."""
        height, width = frame.shape[:2]
        columns = [round(min(max(self.x + edge * self.side, 0), width)) for edge in (left, right)]
        rows = [round(min(max(self.y + edge * self.side, 0), height)) for edge in (top, bottom)]
        return frame[rows[0] : rows[1], columns[0] : columns[1]]

    def skin_mask(self, size: int, wider: float = 1.0) -> Picture:
        """Return a mask (size, size) of the box scaled to `size` pixels: 255 on the skin.

        With `wider` 1.2 it reaches to the edges of the cheeks and a little beyond.
        """
        across, down, wide, high = (share * size for share in _SKIN)
        wide *= wider
        mask = np.zeros((size, size), np.uint8)
        axes = (round(wide), round(high))
        cv2.ellipse(mask, (round(across), round(down)), axes, 0, 0, 360, 255, cv2.FILLED)
        return mask


class FaceDetector(Protocol):
    """A face detector."""

    def search(self, frame: Picture) -> list[Face]:
        """Return all faces of a frame, the largest first."""

    def search_quickly(self, frame: Picture) -> Face | None:
        """Return the face of somebody who sits where one usually sits, at a small part of that cost."""

    def search_thoroughly(self, frame: Picture) -> list[Face]:
        """Return the faces of a frame in which `search` saw nobody, at whatever it costs."""

    def track(self, frame: Picture, known: Face) -> Face | None:
        """Return the face near one known from a neighbouring frame."""

    def detect_rotation(self, frame: Picture, found: Face | None) -> str:
        """Return "sideways" or "upside-down" where the picture is turned, else "".

        `found` is the face that `search` saw, in which case it is only asked whether that is upright.
        """

    def explain_no_face(self, frame: Picture) -> str:
        """Return "cut", "turned" or "too-small" where there are signs of such a face, else "nobody"."""


def brighten(picture: Picture, percentile: float = USUAL_PERCENTILE) -> Picture:
    """Return a dim picture with its light multiplied so that this percentile comes to middle grey."""
    level = max(float(np.percentile(picture, percentile)), 1.0)
    if level >= _MIDDLE_GREY:
        return picture
    gain = image.srgb_to_linear(_MIDDLE_GREY) / image.srgb_to_linear(level)
    table = np.rint(image.linear_to_srgb(image.srgb_to_linear(np.arange(256)) * gain)).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, table), np.uint8)


ROTATIONS = ("", "sideways", "upside-down", "sideways")
"""What a picture is whose faces stand upright after so many quarter turns."""


def rotate_quarters(frame: Picture, quarter: int) -> Picture:
    """Return the frame rotated anticlockwise by so many quarter turns."""
    return np.ascontiguousarray(np.rot90(frame, quarter))
