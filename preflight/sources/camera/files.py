"""A picture or a video file in place of a camera."""

import dataclasses
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from preflight import platforms
from preflight.captures import CameraCapture, DocumentCapture
from preflight.errors import MeasurementError
from preflight.measures.image import Picture
from preflight.model import Kind
from preflight.sources import file_kind
from preflight.sources.camera import pictures, preview
from preflight.sources.camera.environment import MOST_PIXELS
from preflight.sources.camera.frames import (
    FrameTally,
    frame_interval,
    is_blank,
    keep_sharpest,
    require_size,
    to_bgr,
)

_VIDEO_BYTES = 4 << 30
"""Largest film that is read."""
_SETTLE_S, _SETTLE_FRAMES, _SETTLE_STEP = 3.0, 5, 2.0
"""A film that begins black has begun once five frames differ by two levels at most, as a camera's do."""
DEFAULT_INTERVAL = 0.04
"""Seconds from frame to frame of a film that does not name them."""
_DOCUMENT_FILE_S = 10.0
_CODED = (cv2.CAP_PROP_FORMAT, -1)
"""What has OpenCV hand on the coded frames."""
_CODED_FRAMES, _CODED_BYTES = 8, 1 << 20
"""How many coded frames are looked at, and how much of each."""
_PLAIN_BYTES = 4096
"""A coded frame of black has 81 to 2740 bytes when it is compressed (720x576, six codecs)."""
FORMATS = "avi,mov,matroska,mpegts,mpeg,mpegvideo,ogg,flv,asf,mjpeg,m4v,h264,hevc,ivf,wtv,dv"
"""What FFmpeg may take a file for: else it plays a text file as a terminal's picture."""
_READ_KINDS = (
    *pictures.KINDS,
    "AVI",
    "MP4",
    "MOV",
    "WebM",
    "Matroska",
    "OGG",
    "FLV",
    "MPEG-TS",
    "Windows Media",
)
_FILE_OPTIONS = f"protocol_whitelist;file|format_whitelist;{FORMATS}"


def find_file(target: str) -> Path | None:
    """Return the path of a target that is a file in place of a device."""
    path = Path(target.removeprefix("file://"))
    if path.is_file():
        return path
    if target.startswith("file://") or (path.exists() and not path.is_char_device()):
        raise MeasurementError(Kind.BAD_INPUT, "not a file")
    return None


def capture_file(path: Path, seconds: float, *, camera: bool, document: bool) -> Iterator[object]:
    """Yield what a picture or a video shows; a picture has no frame rate, and none is claimed."""
    size = path.stat().st_size
    if not size:
        raise MeasurementError(Kind.BAD_INPUT, "an empty file")
    if (photo := pictures.read_picture(path)) is not None:
        if camera:
            tally = FrameTally(span=0.0)
            tally.add(photo.picture, 0.0, clock=0.0)
            yield dataclasses.replace(tally.result(None), width=photo.width, height=photo.height)
        if document:
            yield DocumentCapture(asked=True, frames=(photo.picture,))
        return
    if size > _VIDEO_BYTES:
        raise MeasurementError(Kind.BAD_INPUT, f"{size:d} bytes are more than is read")
    refuse_undecoded(path)
    if camera:
        with open_film(path) as film:
            dark = count_dark_start(film)
        with open_film(path) as film:
            captured = capture_film(film, seconds, skipped=dark)
        yield captured
    if document:
        with open_film(path) as film:
            frames = _document_frames(film)
        yield DocumentCapture(asked=True, frames=frames)


def play_file(path: Path) -> Iterator[Picture]:
    """Yield the frames of a film in their own time, over and over, or a picture again and again."""
    if (photo := pictures.read_picture(path)) is not None:
        while True:
            yield photo.picture
            time.sleep(preview.FRAME_S)
    shown = True
    while shown:
        shown = False
        with open_film(path) as film:
            interval, due = frame_interval(film) or DEFAULT_INTERVAL, time.monotonic()
            while film.grab():
                due += interval
                time.sleep(max(0.0, due - time.monotonic()))
                frame = to_bgr(film.retrieve()[1])
                if frame is not None:
                    shown = True
                    yield require_size(frame)
    raise MeasurementError(Kind.BAD_INPUT, "a video without a picture")


@contextmanager
def open_film(path: Path, options: Sequence[int] = ()) -> Iterator[cv2.VideoCapture]:
    """Open a film; raises `MeasurementError` for what is none and for frames too large."""
    platforms.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", _FILE_OPTIONS)
    # By a file object: in a name FFmpeg takes what is before a colon for a protocol, and %03d for a number.
    with path.open("rb") as file:
        # One thread: each more holds frames of its own, and two seconds are decoded soon enough.
        film = cv2.VideoCapture(cast("Any", file), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1, *options])
        try:
            if not film.isOpened():
                raise refuse(path)
            width, height = film.get(cv2.CAP_PROP_FRAME_WIDTH), film.get(cv2.CAP_PROP_FRAME_HEIGHT)
            if width * height > MOST_PIXELS:
                raise MeasurementError(Kind.BAD_INPUT, f"frames of {width:.0f}x{height:.0f} pixels")
            yield film
        finally:
            film.release()


def refuse(path: Path) -> MeasurementError:
    """Return what is raised for a file that neither reads as a picture nor opens as a film."""
    kind = file_kind.name_kind(path)
    if not kind or kind in _READ_KINDS:
        return MeasurementError(Kind.BAD_INPUT, "neither a picture nor a video")
    return file_kind.refuse_kind(kind)


def refuse_undecoded(path: Path) -> None:
    """Raise `MeasurementError` for a film of frames in two fields, as old camcorders make.

    OpenCV 4.14 converts none of them, and hands on whatever is in its memory instead: mostly zeros, which
    look like a closed shutter, and always the same. But what is black, or does not change, takes next to
    nothing to describe, whatever its coding.
    """
    with open_film(path) as film:
        frames = (to_bgr(film.retrieve()[1]) for _ in range(_CODED_FRAMES) if film.grab())
        first = next(frames, None)
        # A film that is not interlaced differs by the second frame, or soon after where it begins still.
        if first is None or not all(frame is not None and np.array_equal(frame, first) for frame in frames):
            return
    with open_film(path, _CODED) as film:
        coded = [film.retrieve()[1].tobytes()[:_CODED_BYTES] for _ in range(_CODED_FRAMES) if film.grab()]
    telling = [each for each in coded[1:] if _differ(coded[0], each)]
    if not first.any():
        telling += coded[:1]
    if any(len(zlib.compress(each, 1)) > max(_PLAIN_BYTES, len(each) / 2) for each in telling):
        raise MeasurementError(Kind.BAD_INPUT, "interlaced: film")


def _differ(first: bytes, second: bytes) -> bool:
    """Tell whether two coded frames differ by more than what may number them."""
    if len(first) != len(second):
        return True
    return sum(one != other for one, other in zip(first[::16], second[::16], strict=True)) > len(first) / 64


def count_dark_start(film: cv2.VideoCapture) -> int:
    """Return how many frames pass before a film that begins black shows something, none if it never does."""
    interval = frame_interval(film) or DEFAULT_INTERVAL
    begun = 0
    levels: list[float] = []
    for number, frame in enumerate(_decode_frames(film, _SETTLE_S, interval)):
        if frame is None:
            continue
        coarse = frame[::8, ::8]
        if is_blank(coarse):
            begun, levels = number + 1, []
            continue
        if number == 0:
            return 0
        levels = [*levels, float(coarse.mean())][-_SETTLE_FRAMES:]
        if len(levels) == _SETTLE_FRAMES and max(levels) - min(levels) <= _SETTLE_STEP:
            return number
    # What is filmed by hand or by a flickering lamp does not settle.
    return begun if levels else 0


def capture_film(film: cv2.VideoCapture, seconds: float, *, skipped: int) -> CameraCapture:
    """Count the first seconds of a video after so many skipped frames, by its own clock."""
    interval = frame_interval(film) or DEFAULT_INTERVAL
    count = film.get(cv2.CAP_PROP_FRAME_COUNT)
    promised = min(count - skipped, seconds / interval)
    for _ in range(skipped):
        film.grab()
    tally = FrameTally(span=min(seconds, max(promised, 1) * interval) if count > 0 else seconds)
    for number, frame in enumerate(_decode_frames(film, seconds, interval)):
        tally.add(frame, film.get(cv2.CAP_PROP_POS_MSEC) / 1000, clock=number * interval)
    # Counts that come from a rounded duration are a little off; a file cut short is not.
    if len(tally.arrivals) < 0.9 * promised - 1:
        raise MeasurementError(Kind.BAD_INPUT, f"ends after {len(tally.arrivals):d} of {promised:.0f} frames")
    if not tally.frames:
        raise MeasurementError(Kind.BAD_INPUT, "a video without a picture")
    captured = tally.result(frame_interval(film))
    require_size(captured.frames[0])
    return captured


def _document_frames(film: cv2.VideoCapture) -> tuple[Picture, ...]:
    """Return the sharpest frame of each of eight parts of a video of a document."""
    interval = frame_interval(film) or DEFAULT_INTERVAL
    count = film.get(cv2.CAP_PROP_FRAME_COUNT)
    # What a browser or a program that was ended wrote does not say how long it is.
    seconds = min(count * interval, _DOCUMENT_FILE_S) if count > 0 else _DOCUMENT_FILE_S
    best: dict[int, tuple[float, Picture]] = {}
    for number, frame in enumerate(_decode_frames(film, seconds, interval)):
        if frame is not None:
            keep_sharpest(best, number * interval / seconds, require_size(frame))
    if not best:
        raise MeasurementError(Kind.BAD_INPUT, "a video without a picture")
    return tuple(frame for _, frame in best.values())


def _decode_frames(film: cv2.VideoCapture, seconds: float, interval: float) -> Iterator[Picture | None]:
    for _ in range(max(1, round(seconds / interval))):
        if not film.grab():
            return
        _, frame = film.retrieve()
        yield to_bgr(frame)
