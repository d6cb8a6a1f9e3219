"""Frames: counted as they pass, a few kept, and those noticed that are blank or broken."""

import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from preflight.captures import CameraCapture
from preflight.errors import MeasurementError
from preflight.measures import image
from preflight.measures.image import Picture
from preflight.model import Kind
from preflight.sources.camera.environment import MOST_PIXELS

MOST_FRAMES = 8
_KEPT_BYTES = 64_000_000
"""Frames kept at most, together: eight of 1920x1080 or two of 3840x2160."""
_DOCUMENT_BYTES = 200_000_000
"""As `_KEPT_BYTES`, for frames of a document, of which one good one is enough: eight of 3840x2160."""
_LEAST_SIDE = 64
"""Pixels; smaller pictures show nothing to judge."""
_HIGHEST_RATE = 1000
"""Frames a second; what names more names nonsense."""
_BLANK_LEVELS = 1.5
_HALF_LEVELS = 3
"""Levels by which what a decoder puts for missing data may differ from 128."""
_HALF_LEAST = 0.04
"""Share of the rows from which on the lower part counts as missing."""


@dataclass(slots=True, kw_only=True)
class FrameTally:
    """What is counted of frames as they pass, and the few that are kept."""

    span: float
    """Seconds over which the kept ones are spread."""
    keep: int = MOST_FRAMES
    frames: list[Picture] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    stamps: list[float] = field(default_factory=list)
    shape: tuple[int, int] = (0, 0)
    black: int = 0
    corrupted: int = 0
    waited: int = 0
    still_s: float = 0.0
    _last: Picture | None = None
    _changed: float = 0.0

    def add(self, frame: Picture | None, stamp: float, *, clock: float, waiting: bool = False) -> None:
        """Count one frame; `clock` in seconds is what spreads those kept and times a still picture."""
        self.arrivals.append(time.perf_counter())
        self.stamps.append(stamp)
        self.waited += waiting
        if frame is None:
            self.corrupted += 1
            return
        self.shape = (frame.shape[1], frame.shape[0])
        coarse = frame[::8, ::8].copy()
        if self._last is None or not np.array_equal(coarse, self._last):
            self._last, self._changed = coarse, clock
        self.still_s = max(self.still_s, clock - self._changed)
        self.corrupted += _lower_part_missing(coarse)
        self.black += is_blank(coarse)
        if not self.frames:
            self.keep = min(self.keep, max(1, _KEPT_BYTES // frame.nbytes))
        if len(self.frames) < self.keep and clock >= len(self.frames) * self.span / self.keep:
            self.frames.append(frame)

    def result(self, interval: float | None, **more: Any) -> CameraCapture:
        """Return all of it as a capture; raises `MeasurementError` when no frame could be decoded."""
        if not self.frames:
            raise MeasurementError(Kind.NO_DATA, f"none of {len(self.arrivals):d} frames could be decoded")
        stamped = len(self.stamps) > 1 and all(later > earlier for earlier, later in pairwise(self.stamps))
        times = self.stamps if stamped else self.arrivals
        gaps = [later - earlier for earlier, later in pairwise(times)]
        usual = float(np.median(gaps)) if gaps else 0.0
        return CameraCapture(
            present=True,
            width=self.shape[0],
            height=self.shape[1],
            frames=tuple(self.frames),
            arrivals=tuple(self.arrivals),
            stamps=tuple(self.stamps) if stamped else (),
            interval=interval,
            black=self.black,
            corrupted=self.corrupted,
            still_s=self.still_s,
            dropped=sum(round(gap / usual) - 1 for gap in gaps if gap > 1.5 * usual > 0),
            starved=self.waited / len(self.arrivals),
            **more,
        )


def keep_sharpest(best: dict[int, tuple[float, Picture]], passed: float, frame: Picture) -> None:
    """Keep a frame if it is the sharpest of its part of the time; `passed` is the share that went before."""
    most = count_kept(frame)
    part = min(int(most * passed), most - 1)
    small = image.grey(image.shrink(frame, 960))
    sharp = float(cv2.Laplacian(small, cv2.CV_32F).var())
    if part not in best or sharp > best[part][0]:
        best[part] = (sharp, frame)


def count_kept(frame: Picture) -> int:
    """Return how many frames of a document are kept, by their size."""
    return max(1, min(MOST_FRAMES, _DOCUMENT_BYTES // frame.nbytes))


def require_size(picture: Picture) -> Picture:
    """Return the picture; raises `MeasurementError` where it is too small to judge or too large to read."""
    height, width = picture.shape[:2]
    if min(width, height) < _LEAST_SIDE or width * height > MOST_PIXELS:
        raise MeasurementError(Kind.BAD_INPUT, f"{width:d}x{height:d} pixels are no picture to judge")
    return picture


def frame_interval(video: cv2.VideoCapture) -> float | None:
    """Return the seconds from frame to frame that driver or file name, None where they name nonsense."""
    rate = video.get(cv2.CAP_PROP_FPS)
    return 1 / rate if 1 <= rate <= _HIGHEST_RATE else None


def to_bgr(frame: Any) -> Picture | None:
    """Return a decoded frame as BGR, None where there is none."""
    if frame is None or not frame.size:
        return None
    if frame.shape[2:] in ((), (1,)):
        frame = cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR)
    return np.asarray(frame, np.uint8)


def is_blank(coarse: Picture) -> bool:
    """Return whether a picture (every eighth pixel) is one even colour throughout.

    Blocks of 8x8 samples are averaged, so that noise does not count as a scene: what is
    left of the dimmest real scene (light x 0.003) spans more than a level.
    """
    blocks = cv2.resize(coarse, (16, 9), interpolation=cv2.INTER_AREA).astype(np.float32)
    return bool(np.ptp(blocks.reshape(-1, 3), axis=0).max() < _BLANK_LEVELS)


def _lower_part_missing(coarse: Picture) -> bool:
    """Return whether the lower part is what a JPEG decoder leaves where data ended: mid-grey, or nothing.

    OpenCV 4.14 leaves exact zeros of a camera's frame. Bars above and below a picture are
    black too, and stand above as well.
    """
    grey = np.abs(coarse.astype(np.int16) - 128).max(axis=(1, 2)) <= _HALF_LEVELS
    empty = coarse.max(axis=(1, 2)) == 0
    return _ends_with(grey) or (not bool(empty[0]) and _ends_with(empty))


def _ends_with(missing: NDArray[np.bool_]) -> bool:
    rows = int(np.argmin(missing[::-1])) if not missing.all() else len(missing)
    return _HALF_LEAST * len(missing) <= rows < len(missing)
