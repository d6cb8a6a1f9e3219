"""What the person sees of the camera while it captures: a small picture, and what would be said of it.

Threads take the latest frame when they have time for it, so that neither the face
search nor a slow terminal ever costs the capture a frame.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping

import cv2
import numpy as np

from preflight.captures import CameraCapture, Glimpse
from preflight.errors import MeasurementError
from preflight.measures import face, face_search
from preflight.measures.image import Picture
from preflight.model import PREVIEW_LIMIT, Link

CHECKS = ("camera.face", "camera.lighting", "camera.focus", "camera.colour")
"""What can be told of one frame."""
_QUICK_CHECKS = 3
"""So many of these, the first, change while a person moves."""
_EVERY_CHECK = 7
"""Once in so many glimpses, which is about once a second, all are told."""
FRAME_S = 0.08
"""About twelve pictures a second."""
_GLIMPSE_S = 0.14
"""Six to seven glimpses a second."""
_SEARCH_S = 0.3
"""From one search of a whole picture to the next at least: where nobody is, it takes a second."""
_CHANGED_LEVELS = 10
"""Levels by which a part of the picture changes when somebody or some light comes in."""
_SEARCH_AGAIN_S = 4.0
"""After so long near the face the whole picture is searched: somebody else may have come."""
_IDLE, _SEARCH_IDLE = 2.0, 4.0
"""How many times as long as it worked a thread rests: a third and a fifth of a core at most."""
_FRAME_COLOUR = (255, 214, 10)
"""Red, green and blue of the frame around the face."""


@contextlib.contextmanager
def open_preview(
    link: Link, parameters: Mapping[str, object], *, wanted: bool, with_glimpses: bool = True
) -> Iterator["Preview"]:
    """Give a preview that shows frames as long as this lasts; one that is not wanted shows none.

    With `with_glimpses` it also tells what would be said of them.
    """
    preview = Preview(link, parameters)
    threads = preview.threads if wanted else []
    started = threads if with_glimpses else threads[:1]
    for thread in started:
        thread.start()
    try:
        yield preview
    finally:
        for thread in started:
            thread.stop()


def show_file(link: Link, parameters: Mapping[str, object], captured: CameraCapture) -> None:
    """Show what a file in place of a camera shows, where other sources have opened a screen."""
    if "preview" in parameters and captured.frames:
        Preview(link, parameters).send_picture(captured.frames[-1])


class Preview:
    """Takes the frames of a camera; `show` returns at once."""

    def __init__(self, link: Link, parameters: Mapping[str, object]) -> None:
        self._link = link
        self._size = _picture_size(parameters.get("preview"))
        self._model = face_search.face_model_path(parameters)
        self._found: face.Face | None = None
        self._glimpses = 0
        self._others = 0.0
        self._sign = ""
        """What the last search of a whole picture came to, where it found nobody."""
        self._searched = np.zeros((1, 1, 3), np.uint8)
        self._searched_at = 0.0
        self._next = 0.0
        self._picture_only = False
        self.threads = [
            _LatestFrameThread(self.send_picture),
            _LatestFrameThread(self._glance, _GLIMPSE_S, _IDLE),
            _LatestFrameThread(self._search_if_due, _SEARCH_S, _SEARCH_IDLE),
        ]

    @property
    def is_due(self) -> bool:
        """Whether it is time for another frame; before, none need be decoded for it."""
        return time.monotonic() >= self._next

    def show(self, frame: Picture) -> None:
        """Hand over a frame, which nobody may change any more."""
        now = time.monotonic()
        if now < self._next:
            return
        # On average that often, whatever the camera's own rhythm.
        self._next = max(self._next + FRAME_S, now - FRAME_S)
        for thread in self.threads[: 1 if self._picture_only else None]:
            thread.put(frame)

    def show_picture_only(self) -> None:
        """Show the picture only from now on: what is measured needs the time for itself.

        The checks' many short calls would keep the capture waiting for the interpreter:
        on a busy computer it came to 19 frames a second in place of 30 (tests/bench/live.py).
        """
        self._picture_only = True

    def send_picture(self, frame: Picture) -> None:
        """Show a frame at once, however long the screen takes for it."""
        height, width = frame.shape[:2]
        scale = min(self._size[0] / width, self._size[1] / height, 1.0)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        # Four samples for each pixel are enough for a thumbnail, and much cheaper than all.
        step = max(1, round(1 / scale) // 4)
        small = cv2.resize(frame[::step, ::step], size, interpolation=cv2.INTER_AREA)
        small = cv2.cvtColor(small, cv2.COLOR_BGR2RGB)
        if found := self._found:
            x, y, side = (round(scale * edge) for edge in (found.x, found.y, found.side))
            cv2.rectangle(small, (x, y), (x + side, y + side), _FRAME_COLOUR, 1)
        self._link.preview(np.asarray(small, np.uint8).tobytes(), size[0], size[1])

    def _glance(self, frame: Picture) -> None:
        """Tell what is seen where the face was, or at a glance where nobody was."""
        known, sign = self._found, self._sign
        if known is None and not sign:
            self._search_whole(frame)
            return
        near = (known.x, known.y, known.side) if known else None
        capture = _make_capture(frame, Glimpse(near=near, others=self._others, sign=sign))
        with contextlib.suppress(MeasurementError):
            (found,) = face_search.find_faces(capture, self._model).faces
            if found:
                self._found = found
            elif known:
                # Only a search of the whole picture tells whether somebody is still there.
                self._found, self._sign = None, ""
                return
        self._glimpses += 1
        self._link.show_glimpse(capture, CHECKS[: _QUICK_CHECKS if self._glimpses % _EVERY_CHECK else None])

    def _search_if_due(self, frame: Picture) -> None:
        """Search the whole picture: for others from time to time, for anybody where it has changed."""
        if self._found:
            due = time.monotonic() - self._searched_at > _SEARCH_AGAIN_S
        else:
            due = (
                bool(self._sign) and int(cv2.absdiff(_shrink(frame), self._searched).max()) > _CHANGED_LEVELS
            )
        if due:
            self._search_whole(frame)

    def _search_whole(self, frame: Picture) -> None:
        capture = _make_capture(frame, None)
        # The checks raise the same and say so.
        with contextlib.suppress(MeasurementError):
            seen = face_search.find_faces(capture, self._model)
            self._searched, self._searched_at = _shrink(frame), time.monotonic()
            followed = self._found is not None
            if followed and not seen.found:
                # Found at a glance meanwhile, or followed where no search finds it.
                return
            self._found, self._others, self._sign = seen.faces[0], seen.others, seen.sign
            if followed:
                # The next glimpse tells of a newer frame: a lamp may have been switched on since this one.
                return
        self._link.show_glimpse(capture, CHECKS)


class _LatestFrameThread(threading.Thread):
    """Acts on the latest frame, at most once in so many seconds, and rests in proportion to its work."""

    def __init__(self, act: Callable[[Picture], None], every: float = 0.0, idle: float = 0.0) -> None:
        super().__init__(daemon=True)
        self._act = act
        self._every = every
        self._idle = idle
        self._frame: Picture | None = None
        self._has_frame = threading.Event()
        self._ended = threading.Event()

    def put(self, frame: Picture) -> None:
        self._frame = frame
        self._has_frame.set()

    def stop(self) -> None:
        self._ended.set()
        self._has_frame.set()
        self.join()

    def run(self) -> None:
        while not self._ended.is_set():
            self._has_frame.wait()
            self._has_frame.clear()
            frame, self._frame = self._frame, None
            if frame is None or self._ended.is_set():
                continue
            begun, used = time.monotonic(), time.thread_time()
            self._act(frame)
            rest = self._idle * (time.thread_time() - used)
            self._ended.wait(max(self._every - (time.monotonic() - begun), rest))


def _make_capture(frame: Picture, before: Glimpse | None) -> CameraCapture:
    size = (frame.shape[1], frame.shape[0])
    return CameraCapture(present=True, width=size[0], height=size[1], frames=(frame,), before=before)


def _shrink(frame: Picture) -> Picture:
    """Return a picture of 16x9 pixels, in which noise is no change."""
    return np.asarray(cv2.resize(frame[::8, ::8], (16, 9), interpolation=cv2.INTER_AREA), np.uint8)


def _picture_size(asked: object) -> tuple[int, int]:
    """Return width and height of the pictures that the screen asked for."""
    if (
        isinstance(asked, list)
        and len(asked) == len(PREVIEW_LIMIT)
        and all(isinstance(each, int) for each in asked)
    ):
        return min(max(asked[0], 1), PREVIEW_LIMIT[0]), min(max(asked[1], 1), PREVIEW_LIMIT[1])
    return PREVIEW_LIMIT
