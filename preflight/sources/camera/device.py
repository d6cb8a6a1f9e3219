"""An open camera or stream: waiting for its frames, and what becomes of one that goes away."""

import time
from contextlib import suppress
from dataclasses import dataclass

import cv2

from preflight.errors import MeasurementError
from preflight.measures.image import Picture
from preflight.model import Kind
from preflight.sources.camera.frames import to_bgr
from preflight.sources.camera.listing import Camera, list_cameras
from preflight.sources.camera.preview import Preview

_AT_ONCE_S = 0.002
"""A frame that is there at once had to wait for us."""
_AT_ONCE_COPIED_S = 0.008
"""As `_AT_ONCE_S`, with the copy of a frame."""
_BUSY_S = 1 / 30
"""Whoever is busy for longer between two waits misses frames of a camera that gives 30 a second."""
_SHORTEST_WAIT_S = 0.5
"""Whoever says earlier that no frame comes has not waited for one."""
_FRAME_S = 3.5
"""DirectShow and AVFoundation wait one second for a frame."""
_FIRST_FRAME_S = 9.5
"""As `_FRAME_S`, for the first frame after a start: many a camera takes two seconds to begin, some five.
Less than the ten that Media Foundation waits for each (cap_msmf.cpp), which is not asked a second time."""
_TRIED_FRAMES = 5
"""So many may be broken, after a camera was set to another mode, before it is said to give none."""


@dataclass(slots=True, kw_only=True)
class OpenCamera:
    """An open device or stream."""

    video: cv2.VideoCapture
    camera: Camera | None = None
    """As the system lists it; when it does so no more, the plug was pulled. None: a stream."""
    opened: tuple[int, int] = (0, 0)
    """Index and backend by which the camera opened."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the last frame."""
    _started: bool = False
    """Whether a frame came since the last start."""
    _fetched: Picture | None = None
    _returned: float | None = None
    """When the last frame was here."""

    @property
    def is_directshow(self) -> bool:
        """Whether it is read through DirectShow, as on Windows unless that fails."""
        return self.opened[1] == cv2.CAP_DSHOW

    @property
    def is_media_foundation(self) -> bool:
        """Whether it is read through Media Foundation: on Windows, where DirectShow fails."""
        return self.opened[1] == cv2.CAP_MSMF

    def read(self) -> tuple[bool, Picture | None]:
        """Return whether it had to wait for us, and the frame; None is a broken one.

        Raises `MeasurementError` when none comes.
        """
        waiting = self.wait()
        return waiting, self.frame()

    def frame(self) -> Picture | None:
        """Return the frame that was waited for, None where it is broken."""
        frame = self._fetched if self.is_directshow else to_bgr(self.video.retrieve()[1])
        if frame is not None:
            self.size = (frame.shape[1], frame.shape[0])
        return frame

    def wait(self) -> bool:
        """Wait for the next frame; returns whether it had to wait for us, or one before it was missed.

        Raises `MeasurementError` when none comes.
        """
        # Until Python 3.13 the monotonic clock of Windows ticks 64 times a second.
        begun = asked = time.perf_counter()
        longest = _FRAME_S if self._started else _FIRST_FRAME_S
        while not self._grab():
            now = time.perf_counter()
            if self._is_unplugged():
                raise MeasurementError(Kind.LOST, "the camera went away")
            if now - asked < _SHORTEST_WAIT_S or now - begun > longest:
                raise MeasurementError(Kind.NO_DATA, f"no frame within {now - begun:.1f} s")
            asked = time.perf_counter()
        self._started = True
        before, self._returned = self._returned, time.perf_counter()
        if self.opened[1] == cv2.CAP_AVFOUNDATION:
            # None is ever there: its grab passes over what came meanwhile (cap_avfoundation_mac.mm).
            return before is not None and begun - before > _BUSY_S
        return self._returned - begun < (_AT_ONCE_COPIED_S if self.is_directshow else _AT_ONCE_S)

    def _grab(self) -> bool:
        """Wait as long as the driver does; returns whether a frame came."""
        if not self.is_directshow:
            return self.video.grab()
        # Its grab returns at once, and what waits is the other (cap_dshow.cpp).
        came, frame = self.video.retrieve() if self.video.grab() else (False, None)
        self._fetched = to_bgr(frame) if came else None
        return came

    def next_size(self) -> tuple[int, int]:
        """Return width and height of the next frames that can be decoded, or zeros."""
        for _ in range(_TRIED_FRAMES):
            if self.read()[1] is not None:
                return self.size
        return 0, 0

    def reopen(self) -> None:
        """Open it again, in the driver's own mode; raises `MeasurementError` where that fails."""
        self.video.release()
        self.video = cv2.VideoCapture(*self.opened)
        self._started = False
        if not self.video.isOpened():
            raise MeasurementError(Kind.BUSY, "the camera cannot be opened again")

    def resize(self, size: tuple[int, int]) -> bool:
        """Ask for a width and a height; returns whether the driver takes them."""
        self.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        return self.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])

    def set(self, what: int, value: float) -> bool:
        """Set one of OpenCV's properties of a camera; returns whether the driver takes it."""
        # What was asked for begins the stream again.
        self._started = False
        # Apple's systems raise where others pass over what they have not (opencv issue 22912).
        with suppress(cv2.error):
            return self.video.set(what, value)
        return False

    def _is_unplugged(self) -> bool:
        path = self.camera.path if self.camera else ""
        return bool(path) and not any(camera.path == path for camera in list_cameras())

    def show(self, view: Preview) -> None:
        """Wait for a frame and show it, if it is time for one; else it is not even decoded."""
        self.wait()
        if view.is_due and (frame := self.frame()) is not None:
            view.show(frame)
