"""A picture or a video file in place of a camera."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from preflight import platforms
from preflight.captures import CameraCapture, DocumentCapture
from preflight.errors import MeasurementError
from preflight.measures.image import Picture
from preflight.model import Kind
from preflight.sources.camera import preview
from preflight.sources.camera.environment import MOST_PIXELS
from preflight.sources.camera.frames import FrameTally, frame_interval, keep_sharpest, require_size, to_bgr

_PICTURE_BYTES, _VIDEO_BYTES = 64 << 20, 4 << 30
"""Largest files that are read."""
_DEFAULT_INTERVAL = 0.04
"""Seconds from frame to frame of a film that does not name them."""
_DOCUMENT_FILE_S = 10.0
FORMATS = "avi,mov,matroska,mpegts,mpeg,mpegvideo,ogg,flv,asf,mjpeg,m4v,h264,hevc,ivf,wtv,dv"
"""What FFmpeg may take a file for: else it plays a text file as a terminal's picture."""
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
    if (picture := read_picture(path)) is not None:
        if camera:
            tally = FrameTally(span=0.0)
            tally.add(picture, 0.0, clock=0.0)
            yield tally.result(None)
        if document:
            yield DocumentCapture(asked=True, frames=(picture,))
        return
    if size > _VIDEO_BYTES:
        raise MeasurementError(Kind.BAD_INPUT, f"{size:d} bytes are more than is read")
    if camera:
        with _open_film(path) as film:
            captured = _capture_film(film, seconds)
        yield captured
    if document:
        with _open_film(path) as film:
            frames = _document_frames(film)
        yield DocumentCapture(asked=True, frames=frames)


def play_file(path: Path) -> Iterator[Picture]:
    """Yield the frames of a film in their own time, over and over, or a picture again and again."""
    if (picture := read_picture(path)) is not None:
        while True:
            yield picture
            time.sleep(preview.FRAME_S)
    shown = True
    while shown:
        shown = False
        with _open_film(path) as film:
            interval, due = frame_interval(film) or _DEFAULT_INTERVAL, time.monotonic()
            while film.grab():
                due += interval
                time.sleep(max(0.0, due - time.monotonic()))
                frame = to_bgr(film.retrieve()[1])
                if frame is not None:
                    shown = True
                    yield require_size(frame)
    raise MeasurementError(Kind.BAD_INPUT, "a video without a picture")


def read_picture(path: Path) -> Picture | None:
    """Return the picture in a file, None where it cannot be decoded, such as a film."""
    if path.stat().st_size > _PICTURE_BYTES:
        return None
    try:
        # From memory: OpenCV opens no path that the code page of Windows cannot write.
        picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        raise MeasurementError(Kind.BAD_INPUT, f"a picture of more than {MOST_PIXELS:d} pixels") from None
    return None if picture is None else require_size(np.asarray(picture, np.uint8))


@contextmanager
def _open_film(path: Path) -> Iterator[cv2.VideoCapture]:
    platforms.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", _FILE_OPTIONS)
    # One thread: each more holds frames of its own, and two seconds are decoded soon enough.
    film = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    try:
        if not film.isOpened():
            raise MeasurementError(Kind.BAD_INPUT, "neither a picture nor a video")
        width, height = film.get(cv2.CAP_PROP_FRAME_WIDTH), film.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if width * height > MOST_PIXELS:
            raise MeasurementError(Kind.BAD_INPUT, f"frames of {width:.0f}x{height:.0f} pixels")
        yield film
    finally:
        film.release()


def _capture_film(film: cv2.VideoCapture, seconds: float) -> CameraCapture:
    """Count the first seconds of a video, by its own clock."""
    interval = frame_interval(film) or _DEFAULT_INTERVAL
    promised = min(film.get(cv2.CAP_PROP_FRAME_COUNT), seconds / interval)
    tally = FrameTally(span=min(seconds, max(promised, 1) * interval))
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
    interval = frame_interval(film) or _DEFAULT_INTERVAL
    seconds = min(max(film.get(cv2.CAP_PROP_FRAME_COUNT), 1) * interval, _DOCUMENT_FILE_S)
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
