"""Where the face is.

Found with OpenCV's Haar cascade, which ships inside its 4.x wheels, and where that sees nobody with
three small networks (`mtcnn`); or with a YuNet network where the bank supplies the file. A face
is the cascade's square box; the proportions of eyes and skin within it were measured on webcam pictures.
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
from preflight.errors import MeasurementError, label
from preflight.measures import image, mtcnn
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
_SECOND_EYES = 1.05
"""Distance of the eyes as the second look has it over the true one."""
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
    """Where no face was found, what there are signs of: "sideways", "upside-down" (the picture is turned),
    "turned" (the face is), "cut" (by the edge), "too-small", else "nobody"."""

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

    def turn(self, frame: Picture, found: Face | None) -> str:
        """Return "sideways" or "upside-down" where the picture is turned, else "".

        `found` is the face that `search` saw, in which case it is only asked whether that is upright.
        """

    def sign(self, frame: Picture) -> str:
        """Return "cut", "turned" or "too-small" where there are signs of such a face, else "nobody"."""


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
    nobody = not any(searched.values())
    if nobody or searched[middle]:
        sign = finder.turn(frames[middle], next(iter(searched[middle]), None))
        if sign:
            return Seen(faces=(None,) * len(frames), others=0.0, sign=sign)
    if nobody:
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
    _SCORE, _TURNED, _UPRIGHT = 0.8, 0.97, 0.5
    """What a face must score in the second look: upright, in a turned picture (of 54 scenes without people
    none upright comes to 0.8, two in 162 turned ones to more than 0.97), and where it was seen at once."""
    _MIRRORED = 0.9
    """The same for half a face together with its mirror image."""
    _FAR = (1280, 18)
    """Longer side of the picture and smallest face in it, in pixels, for people too far away."""
    _TURNED_SIZE = 1 / 20
    """Height of a face in a turned picture over the picture's."""

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
        if faces := self._second(frame):
            return faces
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
        closer = self._closer(frame, known, self._FOLLOWED)
        return closer or next(iter(self._near(frame, known, self._SCORE)), None)

    def turn(self, frame: Picture, found: Face | None) -> str:
        """Look at the picture as it is, and turned by a quarter, a half and three quarters."""
        networks = mtcnn.load()
        if networks is None:
            quarters = (0,) if found else (1, 2, 3)
            seen = [quarter for quarter in quarters if quarter and self.search(_rotated(frame, quarter))]
            return _TURNS[seen[0]] if seen else ""
        if found and self._near(frame, found, self._UPRIGHT):
            return ""
        scores = []
        for quarter in range(4):
            faces = networks.search(_rotated(frame, quarter), 0.0 if quarter else self._UPRIGHT)
            large = [
                face
                for face in faces
                if not quarter or face.height > self._TURNED_SIZE * min(frame.shape[:2])
            ]
            scores.append(max((face.score for face in large), default=0.0))
        best = int(np.argmax(scores))
        if scores[best] < self._TURNED or (found and best and not self.search(_rotated(frame, best))):
            return ""
        return _TURNS[best]

    def sign(self, frame: Picture) -> str:
        """Look for half a face at the edge, a profile, and a face too small to be sure of."""
        networks = mtcnn.load()
        if networks and self._halved(networks, frame):
            return "cut"
        grey, _ = self._reduced(frame, self._WIDTH)
        mirrored = np.ascontiguousarray(grey[:, ::-1])
        profile, least = _cascade("profileface"), self._least(grey)
        if any(_boxes(profile, plane, 1.2, 3, least) for plane in (grey, mirrored)):
            return "turned"
        if networks and networks.search(frame, self._TURNED, *self._FAR):
            return "too-small"
        width, *sizes = self._SMALL
        small = self._rough(*self._reduced(frame, width), *sizes)
        return "too-small" if self._sure(frame, small, self._LIKELY) else "nobody"

    def _halved(self, networks: mtcnn.Networks, frame: Picture) -> bool:
        """Return whether a half face at the edge makes a whole one with its mirror image."""
        small = image.shrunk(frame, self._WIDTH)
        height, width = small.shape[:2]
        pad = round(self._PAD * height)
        beyond = np.asarray(cv2.copyMakeBorder(small, *(pad,) * 4, cv2.BORDER_REFLECT), np.uint8)
        for face in networks.search(beyond, self._MIRRORED, self._WIDTH + 2 * pad):
            found = _upright(face, 1.0, pad)
            x, y, near = found.x + found.side / 2, found.y + found.side / 2, found.side / 3
            at_edge = min(abs(x), abs(width - x), abs(y), abs(height - y)) < near
            if at_edge and found.side > self._NEAR * height:
                return True
        return False

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

    def _second(self, frame: Picture) -> list[Face]:
        """Return what the second look finds in the picture as it is, lightened, and across its edge."""
        networks = mtcnn.load()
        if networks is None:
            return []
        small = image.shrunk(frame, self._WIDTH)
        scale = frame.shape[1] / small.shape[1]
        pad = round(self._PAD * small.shape[0])
        beyond = np.asarray(cv2.copyMakeBorder(small, *(pad,) * 4, cv2.BORDER_REPLICATE), np.uint8)
        for plane, edge in ((small, 0), (lifted(small), 0), (lifted(small, _SHADOWS), 0), (beyond, pad)):
            if faces := networks.search(plane, self._SCORE, self._WIDTH + 2 * edge):
                return [_upright(face, scale, edge) for face in faces[: self._LOOKS]]
        return []

    def _near(self, frame: Picture, known: Face, score: float) -> list[Face]:
        """Return what the second look finds in the surroundings of a face."""
        networks = mtcnn.load()
        around = known.crop(frame, -0.4, -0.4, 1.4, 1.4)
        if networks is None or not around.size:
            return []
        left, top = max(known.x - 0.4 * known.side, 0), max(known.y - 0.4 * known.side, 0)
        for plane in (around, lifted(around)):
            if faces := networks.search(plane, score, 120, 40):
                found = (_upright(face, 1.0, 0) for face in faces)
                return [Face(x=face.x + round(left), y=face.y + round(top), side=face.side) for face in found]
        return []

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
        """Load the file; raises `MeasurementError` when it is not such a network."""
        self._alone = threading.Lock()
        try:
            content = np.fromfile(model, np.uint8)
        except OSError as error:
            raise MeasurementError(Kind.BAD_INPUT, f"the face model: {label(error)}") from None
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

    def turn(self, frame: Picture, found: Face | None) -> str:
        """Look for faces that only stand upright once the picture is turned."""
        if found:
            return ""
        seen = [quarter for quarter in (0, 2, 1, 3) if self.search(_rotated(frame, quarter))]
        return _TURNS[seen[0]] if seen else ""

    def sign(self, frame: Picture) -> str:
        """Return "nobody": the network finds turned and small faces as faces."""
        del frame
        return "nobody"

    def _none(self, error: cv2.error) -> MeasurementError:
        return MeasurementError(
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
        raise MeasurementError(Kind.NO_LIBRARY, "no face cascades in this OpenCV")
    return cascade


_THREAD = threading.local()


_TURNS = ("", "sideways", "upside-down", "sideways")
"""What a picture is whose faces stand upright after so many quarter turns."""


def _rotated(frame: Picture, quarter: int) -> Picture:
    return np.ascontiguousarray(np.rot90(frame, quarter))


def _upright(found: mtcnn.Candidate, scale: float, edge: int) -> Face:
    """Return a face of the second look, in a picture enlarged by `scale` once `edge` pixels are taken off."""
    (left, top), (right, below) = found.left_eye, found.right_eye
    side = scale * max(np.hypot(right - left, below - top) / _SECOND_EYES, EYES * found.height / 1.3) / EYES
    middle, line = (scale * ((near + far) / 2 - edge) for near, far in ((left, right), (top, below)))
    return Face(x=float(middle - side / 2), y=float(line - _EYE_LINE * side), side=float(side))


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
