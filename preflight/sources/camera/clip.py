"""A video that another device recorded: a phone's camera, judged by what it gave.

Whoever records it looks into the camera while silent and speaking, then holds up the document.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import cv2

from preflight.captures import DocumentCapture, StillCapture
from preflight.errors import MeasurementError
from preflight.measures import image, mrz
from preflight.measures.image import Picture
from preflight.model import Kind
from preflight.sources.camera import files, pictures
from preflight.sources.camera.frames import count_kept, frame_interval, require_size, to_bgr

_SHORTEST_S, _LONGEST_S = 5.0, 120.0
_STARTED_S = 1.0
"""What is left out at the start: a hand still moves after it has pressed the button."""
_LOOKS, _FIRST_LOOK, _LAST_LOOK = 32, 0.2, 0.99
"""How many frames are looked at for a document, and the share of the film they are spread over."""


def capture_clip(path: Path, seconds: float, *, camera: bool, document: bool) -> Iterator[object]:
    """Yield what the person shows at the start, and the document wherever it is held up.

    Raises `MeasurementError` for what is no film, or a film too short or too long to have followed the
    guidance.
    """
    files.refuse_undecoded(path)
    with files.open_film(path) as film:
        length = film.get(cv2.CAP_PROP_FRAME_COUNT) * (frame_interval(film) or files.DEFAULT_INTERVAL)
        dark = files.count_dark_start(film)
    # Some films do not say how long they are.
    if 0 < length < _SHORTEST_S or length > _LONGEST_S:
        raise MeasurementError(
            Kind.BAD_INPUT, "too short: clip" if length < _SHORTEST_S else "too long: clip"
        )
    if camera:
        with files.open_film(path) as film:
            started = round(_STARTED_S / (frame_interval(film) or files.DEFAULT_INTERVAL))
            captured = files.capture_film(film, seconds, skipped=dark + started)
        yield dataclasses.replace(captured, clip=True)
    if document:
        with files.open_film(path) as film:
            yield _capture_document(film)


def capture_photo(path: Path) -> StillCapture:
    """Return the size of the photo that the same device took; raises `MeasurementError` for what is none."""
    photo = pictures.read_picture(path)
    if photo is None:
        raise files.refuse(path)
    return StillCapture(present=True, width=photo.width, height=photo.height, clip=True)


def _capture_document(film: cv2.VideoCapture) -> DocumentCapture:
    """Return the frames that show a machine-readable zone, or what hides one; none where nothing does."""
    shown: list[Picture] = []
    hidden: list[Picture] = []
    for frame in _spread_frames(film):
        grey = image.grey(frame)
        if mrz.find_mrz(grey) is not None:
            shown.append(frame)
        elif not hidden and mrz.find_obstruction(grey) is not None:
            hidden.append(frame)
        if len(shown) == count_kept(frame):
            break
    frames = tuple(shown or hidden)
    return DocumentCapture(asked=True, shown=bool(frames), frames=frames)


def _spread_frames(film: cv2.VideoCapture) -> Iterator[Picture]:
    """Yield frames from the whole film, the last first: that is where the document is."""
    count = int(film.get(cv2.CAP_PROP_FRAME_COUNT))
    interval = frame_interval(film) or files.DEFAULT_INTERVAL
    if count <= 0:
        yield from _frames_in_order(film, interval)
        return
    for look in range(_LOOKS):
        share = _LAST_LOOK - (_LAST_LOOK - _FIRST_LOOK) * look / (_LOOKS - 1)
        film.set(cv2.CAP_PROP_POS_FRAMES, int(share * count))
        frame = to_bgr(film.retrieve()[1]) if film.grab() else None
        if frame is not None:
            yield require_size(frame)


def _frames_in_order(film: cv2.VideoCapture, interval: float) -> Iterator[Picture]:
    """Yield two frames a second of a film that does not say how long it is, and so cannot be searched."""
    every = max(1, round(0.5 / interval))
    for number in range(round(_LONGEST_S / interval)):
        if not film.grab():
            return
        if number % every == 0 and (frame := to_bgr(film.retrieve()[1])) is not None:
            yield require_size(frame)
