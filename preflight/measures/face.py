"""Where the face is.

Found with OpenCV's Haar cascade, which ships inside its 4.x wheels, or with a YuNet
network where the bank supplies the file. A face is the cascade's square box; the
proportions of eyes and skin within it were measured on webcam pictures.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from preflight.captures import CameraCapture, Glimpse
from preflight.errors import Unmeasured, label
from preflight.measures import image
from preflight.measures.image import Picture
from preflight.model import Kind

EYES = 0.38
"""Distance of the eyes over the side of the box: median error 4 %, p90 12 %."""
_EYE_LINE = 0.39
_SKIN = (0.50, 0.55, 0.29, 0.42)
"""Centre and half axes of the ellipse of skin, in sides of the box."""
_MIDDLE = 128.0
_USUAL = 60
"""Percentile of a dim picture's light that is brought to middle grey."""
_SHADOWS = 5
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
        return EYES * self.side

    def inside(self, frame: Picture) -> float:
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

    def skin(self, size: int, wider: float = 1.0) -> Picture:
        """Return a mask (size, size) of the box scaled to `size` pixels: 255 on the skin.

        With `wider` 1.2 it reaches to the edges of the cheeks and a little beyond.
        """
        across, down, wide, high = (share * size for share in _SKIN)
        wide *= wider
        mask = np.zeros((size, size), np.uint8)
        axes = (round(wide), round(high))
        cv2.ellipse(mask, (round(across), round(down)), axes, 0, 0, 360, 255, cv2.FILLED)
        return mask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What a search of all frames of a capture came to."""

    faces: tuple[Face | None, ...]
    """The nearest person's face in each frame."""
    others: float
    """Share of the frames searched as a whole with a second face at least half as large."""
    sign: str
    """Where no face was found: "turned" or "too-small" where there are signs of one, else "nobody"."""

    @property
    def found(self) -> bool:
        """Whether a face stands in at least half of the frames."""
        return sum(face is not None for face in self.faces) * 2 >= len(self.faces) > 0


def model(parameters: Mapping[str, object]) -> str | None:
    """Return the path of the YuNet file that the policy or the client names, None for the cascade."""
    named = parameters.get("face_model")
    return named if isinstance(named, str) and named else None


class Finder(Protocol):
    """A face detector."""

    def search(self, frame: Picture) -> list[Face]:
        """Return all faces of a frame, the largest first."""

    def glance(self, frame: Picture) -> Face | None:
        """Return the face of somebody who sits where one usually sits, at a small part of that cost."""

    def strain(self, frame: Picture) -> list[Face]:
        """Return the faces of a frame in which `search` saw nobody, at whatever it costs."""

    def follow(self, frame: Picture, known: Face) -> Face | None:
        """Return the face near one known from a neighbouring frame."""

    def sign(self, frame: Picture) -> str:
        """Return "turned" or "too-small" where there are signs of such a face, else "nobody"."""


@lru_cache(maxsize=2)
def seen(capture: CameraCapture, model: str | None) -> Seen:
    """Search every frame of a capture; `model` is the path of a YuNet file or None.

    The first, the middle and the last frame are searched as a whole, the others near
    the face already known: a person does not jump within two seconds. A single frame seen
    in passing is searched where the face was, or only glanced at where there was none.
    """
    finder = _finder(model)
    frames = capture.frames
    if capture.before:
        return _glimpsed(finder, frames[0], capture.before)
    middle = len(frames) // 2
    searched = {index: finder.search(frames[index]) for index in sorted({0, middle, len(frames) - 1})}
    if not any(searched.values()):
        searched[middle] = finder.strain(frames[middle])
    found: dict[int, Face | None] = {index: faces[0] for index, faces in searched.items() if faces}
    if not found:
        return Seen(faces=(None,) * len(frames), others=0.0, sign=finder.sign(frames[middle]))
    known = dict(found)
    for index in set(range(len(frames))) - set(found):
        nearest = known[min(known, key=lambda other: abs(other - index))]
        found[index] = nearest and finder.follow(frames[index], nearest)
    crowded = [any(face.side * 2 >= faces[0].side for face in faces[1:]) for faces in searched.values()]
    return Seen(
        faces=tuple(found.get(index) for index in range(len(frames))),
        others=sum(crowded) / len(crowded),
        sign="",
    )


def _glimpsed(finder: Finder, frame: Picture, before: Glimpse) -> Seen:
    if before.near:
        left, top, side = before.near
        face = finder.follow(frame, Face(x=left, y=top, side=side))
    else:
        face = finder.glance(frame)
    return Seen(faces=(face,), others=before.others if face else 0.0, sign="" if face else before.sign)


@cache
def _finder(model: str | None) -> Finder:
    return Network(model) if model else Cascade()


class Cascade:
    """OpenCV's `haarcascade_frontalface_alt2`, and `profileface` for heads turned away.

    Sizes as measured on webcam frames in 1080p scenes: all of 27 faces of 60 to 300 px between
    the eyes found, no false box. The votes a box needs at a closer look were set on scenes without
    people, cut, mirrored and dimmed (tests/bench/camera.py face, train part).
    """

    _WIDTH = 640
    """Pixels to which a picture is reduced."""
    _NEAR = 1 / 9
    """Smallest box over the picture's height at the first look."""
    _GLANCE_WIDTH, _GLANCE = 320, 24
    """Width and smallest box in pixels for a glance: faces of 55 px between the eyes in 1080p."""
    _PASSES = (
        (_USUAL, 960, 24, 58),
        (_USUAL, 640, 40, 0),
        (_USUAL, 320, 20, 0),
        (_SHADOWS, 640, 27, 0),
        (_SHADOWS, 320, 20, 0),
    )
    """Percentile of light, width, smallest and largest box in pixels (0: any) of each rough look."""
    _SMALL = (1152, 24, 36)
    """The same for people too far away."""
    _FOLLOWED, _LIKELY, _SURE = 3, 14, 25
    """Votes that a box must exceed at a closer look: where a face was known, where a look at the whole
    picture found one, where a rough one did. Faces have 30 to 100, what only looks like one up to 24."""
    _LARGE = 2.4
    """Votes times the side of the box over the picture's height that are enough: of large boxes there are
    few to be mistaken in, and a face lit from the side has 5 to 25."""
    _LOOKS = 16
    """Closer looks at most, at the largest: a wall of portraits must not take minutes."""
    _PAD = 0.25
    """By how much the picture is continued beyond its edge to find a face cut by it."""

    def search(self, frame: Picture) -> list[Face]:
        """Return all faces of the usual size, the largest first."""
        grey, scale = self._reduced(frame, self._WIDTH)
        faces = _faces(_boxes(_cascade("frontalface_alt2"), grey, 1.1, 5, self._least(grey)), scale)
        return [face for face in faces[: self._LOOKS] if self._confirmed(frame, face, self._LIKELY)]

    def glance(self, frame: Picture) -> Face | None:
        """Return the largest face of a very small picture, if a closer look confirms it."""
        grey, scale = self._reduced(frame, self._GLANCE_WIDTH)
        faces = _faces(_boxes(_cascade("frontalface_alt2"), grey, 1.1, 3, self._GLANCE), scale)
        return self.follow(frame, faces[0]) if faces else None

    def strain(self, frame: Picture) -> list[Face]:
        """Return faces further away, in a picture lightened in linear light, or across its edge.

        Rough looks, of which each takes a bounded time, propose; a closer look decides.
        """
        for percentile, width, least, most in self._PASSES:
            # In front of a bright window the picture as a whole is not dim, the face in it is.
            small, scale = self._reduced(frame, width)
            rough = self._rough(lifted(small, percentile), scale, least, most)
            if faces := self._sure(frame, rough, self._SURE):
                return faces
        grey, scale = self._reduced(frame, self._WIDTH)
        pad = round(self._PAD * grey.shape[0])
        beyond = cv2.copyMakeBorder(lifted(grey), pad, pad, pad, pad, cv2.BORDER_REPLICATE)
        rough = self._rough(image.shrunk(np.asarray(beyond, np.uint8), beyond.shape[1] // 2), 2, 20, 0)
        faces = self._sure(np.asarray(beyond, np.uint8), rough, self._SURE)
        return [
            Face(x=scale * (face.x - pad), y=scale * (face.y - pad), side=scale * face.side) for face in faces
        ]

    def follow(self, frame: Picture, known: Face) -> Face | None:
        """Return the face in the surroundings of a known one."""
        return self._closer(frame, known, self._FOLLOWED)

    def sign(self, frame: Picture) -> str:
        """Look for a profile, to the left and right, and for a face too small to be sure of."""
        grey, _ = self._reduced(frame, self._WIDTH)
        mirrored = np.ascontiguousarray(grey[:, ::-1])
        profile, least = _cascade("profileface"), self._least(grey)
        if any(_boxes(profile, plane, 1.2, 3, least) for plane in (grey, mirrored)):
            return "turned"
        width, *sizes = self._SMALL
        small = self._rough(*self._reduced(frame, width), *sizes)
        return "too-small" if self._sure(frame, small, self._LIKELY) else "nobody"

    def _rough(self, plane: Picture, scale: float, least: int, most: int) -> list[Face]:
        """Return what may be faces, at little cost."""
        return _faces(_boxes(_cascade("frontalface_alt2"), plane, 1.2, 1, least, most), scale)

    def _sure(self, frame: Picture, rough: Sequence[Face], votes: int) -> list[Face]:
        """Return the faces that a closer look confirms, the largest first.

        So must its mirror image: what only looks like a face seldom does so both ways round.
        """
        looked = (self._confirmed(frame, face, votes) for face in rough[: self._LOOKS])
        sure = [face for face in looked if face and self._confirmed(*_mirrored(frame, face), votes)]
        return sorted(sure, key=lambda face: -face.side)

    def _confirmed(self, frame: Picture, face: Face, votes: int) -> Face | None:
        return self._closer(frame, face, min(votes, round(self._LARGE * frame.shape[0] / face.side)))

    def _closer(self, frame: Picture, known: Face, votes: int) -> Face | None:
        """Return the face in the surroundings of a known one, at a scale of 48 px a side."""
        around = known.crop(frame, -0.5, -0.5, 1.5, 1.5)
        if not around.size:
            return None
        width = max(24, round(96 * around.shape[1] / (2 * known.side)))
        grey = image.grey(image.shrunk(around, width))
        scale = around.shape[1] / grey.shape[1]
        expected = known.side / scale
        for plane in (grey, lifted(grey), lifted(grey, _SHADOWS)):
            boxes = _boxes(_cascade("frontalface_alt2"), plane, 1.05, votes, round(0.7 * expected))
            if boxes:
                face = _faces(boxes, scale)[0]
                left, top = max(known.x - known.side / 2, 0), max(known.y - known.side / 2, 0)
                return Face(x=face.x + round(left), y=face.y + round(top), side=face.side)
        return None

    def _reduced(self, frame: Picture, width: int) -> tuple[Picture, float]:
        grey = image.grey(image.shrunk(frame, width))
        return grey, frame.shape[1] / grey.shape[1]

    def _least(self, grey: Picture) -> int:
        height: int = grey.shape[0]
        return round(self._NEAR * height)


class Network:
    """YuNet (S. Wu et al., 2023), read from an ONNX file that the bank or the client supplies."""

    _SCORE = 0.6
    _WIDTH = 640

    def __init__(self, model: str) -> None:
        """Load the file; raises `Unmeasured` when it is no such network."""
        self._alone = threading.Lock()
        try:
            content = np.fromfile(model, np.uint8)
        except OSError as error:
            raise Unmeasured(Kind.BAD_INPUT, f"the face model: {label(error)}") from None
        try:
            # From memory: OpenCV opens no path that the code page of Windows cannot write.
            self._net = cv2.FaceDetectorYN.create(
                "onnx", content, np.empty(0, np.uint8), (self._WIDTH, self._WIDTH), self._SCORE
            )
        except cv2.error as error:
            raise self._none(error) from None

    def search(self, frame: Picture) -> list[Face]:
        """Return all faces, the largest first; the box follows from the eyes."""
        small = image.shrunk(frame, self._WIDTH)
        scale = frame.shape[1] / small.shape[1]
        try:
            with self._alone:
                self._net.setInputSize((small.shape[1], small.shape[0]))
                _, rows = self._net.detect(small)
        except cv2.error as error:
            raise self._none(error) from None
        faces = []
        for row in rows if rows is not None else ():
            # A face seen from the side has its eyes close together: the height of the box holds.
            eyes = max(float(np.hypot(row[6] - row[4], row[7] - row[5])), EYES * float(row[3]) / 1.3)
            side = scale * eyes / EYES
            middle, line = scale * float(row[4] + row[6]) / 2, scale * float(row[5] + row[7]) / 2
            faces.append(Face(x=middle - side / 2, y=line - _EYE_LINE * side, side=side))
        return sorted(faces, key=lambda face: -face.side)

    def glance(self, frame: Picture) -> Face | None:
        """Return the largest face: the network is quick enough."""
        return next(iter(self.search(frame)), None)

    def strain(self, frame: Picture) -> list[Face]:
        """Return the faces of the frame lightened in linear light; small ones were found before."""
        return self.search(lifted(frame))

    def follow(self, frame: Picture, known: Face) -> Face | None:
        """Return the face nearest in size: the network is quick enough to look everywhere."""
        return min(self.search(frame), key=lambda face: abs(face.side - known.side), default=None)

    def sign(self, frame: Picture) -> str:
        """Return "nobody": the network finds turned and small faces as faces."""
        del frame
        return "nobody"

    def _none(self, error: cv2.error) -> Unmeasured:
        return Unmeasured(
            Kind.BAD_INPUT, f"the face model is not a YuNet network: OpenCV's error {error.code:d}"
        )


def lifted(picture: Picture, percentile: float = _USUAL) -> Picture:
    """Return a dim picture with its light multiplied so that this percentile comes to middle grey."""
    level = max(float(np.percentile(picture, percentile)), 1.0)
    if level >= _MIDDLE:
        return picture
    gain = image.linear(_MIDDLE) / image.linear(level)
    table = np.rint(image.encoded(image.linear(np.arange(256)) * gain)).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, table), np.uint8)


def _cascade(name: str) -> cv2.CascadeClassifier:
    """Return a cascade of this thread's own: two threads in one of them crash."""
    loaded: dict[str, cv2.CascadeClassifier] = _THREAD.__dict__
    if name not in loaded:
        loaded[name] = _loaded(name)
    return loaded[name]


def _loaded(name: str) -> cv2.CascadeClassifier:
    path = Path(cv2.data.haarcascades) / f"haarcascade_{name}.xml"  # type: ignore[attr-defined] # not in its stubs
    cascade = cv2.CascadeClassifier()
    try:
        # From memory, as the network.
        file = cv2.FileStorage(path.read_text("ascii"), cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        known = cascade.read(file.getFirstTopLevelNode())
    except (OSError, ValueError, cv2.error):
        known = False
    if not known:
        raise Unmeasured(Kind.NO_LIBRARY, "no face cascades in this OpenCV")
    return cascade


_THREAD = threading.local()


def _mirrored(frame: Picture, face: Face) -> tuple[Picture, Face]:
    return frame[:, ::-1], Face(x=frame.shape[1] - face.x - face.side, y=face.y, side=face.side)


Box = tuple[float, float, float]


def _boxes(
    cascade: cv2.CascadeClassifier, grey: Picture, step: float, votes: int, least: int, most: int = 0
) -> list[Box]:
    boxes = cascade.detectMultiScale(grey, step, votes, minSize=(least, least), maxSize=(most, most))
    return [(float(x), float(y), float(side)) for x, y, side, _ in boxes]


def _faces(boxes: Sequence[Box], scale: float) -> list[Face]:
    faces = [Face(x=x * scale, y=y * scale, side=side * scale) for x, y, side in boxes]
    return sorted(faces, key=lambda face: -face.side)
