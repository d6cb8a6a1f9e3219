"""The face detector that is always there: OpenCV's Haar cascades, and `mtcnn` where they see nobody."""

import threading
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from preflight.errors import MeasurementError
from preflight.measures import image, mtcnn
from preflight.measures.face import (
    EYE_DISTANCE,
    EYE_LINE,
    ROTATIONS,
    SHADOW_PERCENTILE,
    USUAL_PERCENTILE,
    Face,
    brighten,
    rotate_quarters,
)
from preflight.measures.image import Picture
from preflight.model import Kind

_MTCNN_EYE_DISTANCE = 1.05
"""Distance of the eyes as the second look has it over the true one."""


class HaarDetector:
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
        (USUAL_PERCENTILE, 960, 24, 58),
        (USUAL_PERCENTILE, 640, 40, 0),
        (USUAL_PERCENTILE, 320, 20, 0),
        (SHADOW_PERCENTILE, 640, 27, 0),
        (SHADOW_PERCENTILE, 320, 20, 0),
    )
    """Percentile of light, width, smallest and largest box in pixels (0: any) of each rough look."""
    _SMALL = (1152, 24, 36)
    """The same for people too far away."""
    _TRACKED, _LIKELY, _SURE = 3, 14, 25
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
    _UNLIKE_UPRIGHT = 0.99
    """What a face must score for the picture to be called turned: those in turned ones come to 0.999, an
    upright one lit from the side to 0.981 upside down."""
    _MIRRORED = 0.9
    """The same for half a face together with its mirror image."""
    _FAR = (1280, 18)
    """Longer side of the picture and smallest face in it, in pixels, for people too far away."""
    _TURNED_SIZE = 1 / 20
    """Height of a face in a turned picture over the picture's."""

    def search(self, frame: Picture) -> list[Face]:
        """Return all faces of the usual size, the largest first."""
        grey, scale = self._shrink_to_grey(frame, self._WIDTH)
        faces = _scale_to_frame(
            _detect_boxes(_cascade_of_thread("frontalface_alt2"), grey, 1.1, 5, self._least_side(grey)), scale
        )
        return [face for face in faces[: self._LOOKS] if self._confirm(frame, face, self._LIKELY)]

    def search_quickly(self, frame: Picture) -> Face | None:
        """Return the largest face of a very small picture, if a closer look confirms it."""
        grey, scale = self._shrink_to_grey(frame, self._GLANCE_WIDTH)
        faces = _scale_to_frame(
            _detect_boxes(_cascade_of_thread("frontalface_alt2"), grey, 1.1, 3, self._GLANCE), scale
        )
        return self.track(frame, faces[0]) if faces else None

    def search_thoroughly(self, frame: Picture) -> list[Face]:
        """Return faces further away, in a picture lightened in linear light, or across its edge.

        Rough looks, of which each takes a bounded time, propose; a closer look decides.
        """
        if faces := self._search_with_mtcnn(frame):
            return faces
        for percentile, width, least, most in self._PASSES:
            # In front of a bright window the picture as a whole is not dim, the face in it is.
            small, scale = self._shrink_to_grey(frame, width)
            rough = self._propose(brighten(small, percentile), scale, least, most)
            if faces := self._confirm_all(frame, rough, self._SURE):
                return faces
        grey, scale = self._shrink_to_grey(frame, self._WIDTH)
        pad = round(self._PAD * grey.shape[0])
        beyond = cv2.copyMakeBorder(brighten(grey), pad, pad, pad, pad, cv2.BORDER_REPLICATE)
        rough = self._propose(image.shrink(np.asarray(beyond, np.uint8), beyond.shape[1] // 2), 2, 20, 0)
        faces = self._confirm_all(np.asarray(beyond, np.uint8), rough, self._SURE)
        return [
            Face(x=scale * (face.x - pad), y=scale * (face.y - pad), side=scale * face.side) for face in faces
        ]

    def track(self, frame: Picture, known: Face) -> Face | None:
        """Return the face in the surroundings of a known one."""
        closer = self._look_closer(frame, known, self._TRACKED)
        return closer or next(iter(self._search_near_with_mtcnn(frame, known, self._SCORE)), None)

    def detect_rotation(self, frame: Picture, found: Face | None) -> str:
        """Look at the picture as it is, and turned by a quarter, a half and three quarters."""
        networks = mtcnn.load_networks()
        if networks is None:
            quarters = (0,) if found else (1, 2, 3)
            seen = [
                quarter for quarter in quarters if quarter and self.search(rotate_quarters(frame, quarter))
            ]
            return ROTATIONS[seen[0]] if seen else ""
        if found and self._search_near_with_mtcnn(frame, found, self._UPRIGHT):
            return ""
        scores: dict[int, float] = {}
        for quarter in (0, 2, 1, 3):
            faces = networks.search(rotate_quarters(frame, quarter), 0.0 if quarter else self._UPRIGHT)
            large = [
                face
                for face in faces
                if not quarter or face.height > self._TURNED_SIZE * min(frame.shape[:2])
            ]
            scores[quarter] = max((face.score for face in large), default=0.0)
            # An upside-down face may pass for an upright one; one lying on its side does not.
            if quarter and scores[0] >= self._TURNED:
                break
        best = max(scores, key=scores.__getitem__)
        if scores[best] < self._UNLIKE_UPRIGHT or (
            found and best and not self.search(rotate_quarters(frame, best))
        ):
            return ""
        return ROTATIONS[best]

    def explain_no_face(self, frame: Picture) -> str:
        """Look for half a face at the edge, a profile, and a face too small to be sure of."""
        networks = mtcnn.load_networks()
        if networks and self._is_cut_by_edge(networks, frame):
            return "cut"
        grey, _ = self._shrink_to_grey(frame, self._WIDTH)
        mirrored = np.ascontiguousarray(grey[:, ::-1])
        profile, least = _cascade_of_thread("profileface"), self._least_side(grey)
        if any(_detect_boxes(profile, plane, 1.2, 3, least) for plane in (grey, mirrored)):
            return "turned"
        if networks and networks.search(frame, self._TURNED, *self._FAR):
            return "too-small"
        width, *sizes = self._SMALL
        small = self._propose(*self._shrink_to_grey(frame, width), *sizes)
        return "too-small" if self._confirm_all(frame, small, self._LIKELY) else "nobody"

    def _is_cut_by_edge(self, networks: mtcnn.Networks, frame: Picture) -> bool:
        """Return whether a half face at the edge makes a whole one with its mirror image."""
        small = image.shrink(frame, self._WIDTH)
        height, width = small.shape[:2]
        pad = round(self._PAD * height)
        beyond = np.asarray(cv2.copyMakeBorder(small, *(pad,) * 4, cv2.BORDER_REFLECT), np.uint8)
        for face in networks.search(beyond, self._MIRRORED, self._WIDTH + 2 * pad):
            found = _face_of_candidate(face, 1.0, pad)
            x, y, near = found.x + found.side / 2, found.y + found.side / 2, found.side / 3
            at_edge = min(abs(x), abs(width - x), abs(y), abs(height - y)) < near
            if at_edge and found.side > self._NEAR * height:
                return True
        return False

    def _propose(self, plane: Picture, scale: float, least: int, most: int) -> list[Face]:
        """Return what may be faces, at little cost."""
        return _scale_to_frame(
            _detect_boxes(_cascade_of_thread("frontalface_alt2"), plane, 1.2, 1, least, most), scale
        )

    def _confirm_all(self, frame: Picture, rough: Sequence[Face], votes: int) -> list[Face]:
        """Return the faces that a closer look confirms, the largest first.

        So must its mirror image: what only looks like a face seldom does so both ways round.
        """
        looked = (self._confirm(frame, face, votes) for face in rough[: self._LOOKS])
        sure = [face for face in looked if face and self._confirm(*_mirror(frame, face), votes)]
        return sorted(sure, key=lambda face: -face.side)

    def _confirm(self, frame: Picture, face: Face, votes: int) -> Face | None:
        """Return the face as a closer look has it, None without enough votes; large faces need fewer."""
        return self._look_closer(frame, face, min(votes, round(self._LARGE * frame.shape[0] / face.side)))

    def _look_closer(self, frame: Picture, known: Face, votes: int) -> Face | None:
        """Return the face in the surroundings of a known one, at a scale of 48 px a side."""
        around = known.crop(frame, -0.5, -0.5, 1.5, 1.5)
        if not around.size:
            return None
        width = max(24, round(96 * around.shape[1] / (2 * known.side)))
        grey = image.grey(image.shrink(around, width))
        scale = around.shape[1] / grey.shape[1]
        expected = known.side / scale
        for plane in (grey, brighten(grey), brighten(grey, SHADOW_PERCENTILE)):
            boxes = _detect_boxes(
                _cascade_of_thread("frontalface_alt2"), plane, 1.05, votes, round(0.7 * expected)
            )
            if boxes:
                face = _scale_to_frame(boxes, scale)[0]
                left, top = max(known.x - known.side / 2, 0), max(known.y - known.side / 2, 0)
                return Face(x=face.x + round(left), y=face.y + round(top), side=face.side)
        return None

    def _search_with_mtcnn(self, frame: Picture) -> list[Face]:
        """Return what the second look finds in the picture as it is, lightened, and across its edge."""
        networks = mtcnn.load_networks()
        if networks is None:
            return []
        small = image.shrink(frame, self._WIDTH)
        scale = frame.shape[1] / small.shape[1]
        pad = round(self._PAD * small.shape[0])
        beyond = np.asarray(cv2.copyMakeBorder(small, *(pad,) * 4, cv2.BORDER_REPLICATE), np.uint8)
        for plane, edge in (
            (small, 0),
            (brighten(small), 0),
            (brighten(small, SHADOW_PERCENTILE), 0),
            (beyond, pad),
        ):
            if faces := networks.search(plane, self._SCORE, self._WIDTH + 2 * edge):
                return [_face_of_candidate(face, scale, edge) for face in faces[: self._LOOKS]]
        return []

    def _search_near_with_mtcnn(self, frame: Picture, known: Face, score: float) -> list[Face]:
        """Return what the second look finds in the surroundings of a face."""
        networks = mtcnn.load_networks()
        around = known.crop(frame, -0.4, -0.4, 1.4, 1.4)
        if networks is None or not around.size:
            return []
        left, top = max(known.x - 0.4 * known.side, 0), max(known.y - 0.4 * known.side, 0)
        for plane in (around, brighten(around)):
            if faces := networks.search(plane, score, 120, 40):
                found = (_face_of_candidate(face, 1.0, 0) for face in faces)
                return [Face(x=face.x + round(left), y=face.y + round(top), side=face.side) for face in found]
        return []

    def _shrink_to_grey(self, frame: Picture, width: int) -> tuple[Picture, float]:
        """Return the frame in grey, at most `width` px wide, and how many times wider it was."""
        grey = image.grey(image.shrink(frame, width))
        return grey, frame.shape[1] / grey.shape[1]

    def _least_side(self, grey: Picture) -> int:
        """Return the smallest box looked for, in px of the reduced picture."""
        height: int = grey.shape[0]
        return round(self._NEAR * height)


def _cascade_of_thread(name: str) -> cv2.CascadeClassifier:
    """Return a cascade of this thread's own: two threads in one of them crash."""
    loaded: dict[str, cv2.CascadeClassifier] = _THREAD.__dict__
    if name not in loaded:
        loaded[name] = _load_cascade(name)
    return loaded[name]


def _load_cascade(name: str) -> cv2.CascadeClassifier:
    """Return the cascade of that name as OpenCV ships it; raises `MeasurementError` without it."""
    path = Path(cv2.data.haarcascades) / f"haarcascade_{name}.xml"  # type: ignore[attr-defined] # not in its stubs
    cascade = cv2.CascadeClassifier()
    try:
        # From memory, as in `yunet`: OpenCV opens no path that the code page of Windows cannot write.
        file = cv2.FileStorage(path.read_text("ascii"), cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        known = cascade.read(file.getFirstTopLevelNode())
    except (OSError, ValueError, cv2.error):
        known = False
    if not known:
        raise MeasurementError(Kind.NO_LIBRARY, "no face cascades in this OpenCV")
    return cascade


_THREAD = threading.local()


def _face_of_candidate(found: mtcnn.Candidate, scale: float, edge: int) -> Face:
    """Return a face of the second look, in a picture enlarged by `scale` once `edge` pixels are taken off."""
    (left, top), (right, below) = found.left_eye, found.right_eye
    side = (
        scale
        * max(np.hypot(right - left, below - top) / _MTCNN_EYE_DISTANCE, EYE_DISTANCE * found.height / 1.3)
        / EYE_DISTANCE
    )
    middle, line = (scale * ((near + far) / 2 - edge) for near, far in ((left, right), (top, below)))
    return Face(x=float(middle - side / 2), y=float(line - EYE_LINE * side), side=float(side))


def _mirror(frame: Picture, face: Face) -> tuple[Picture, Face]:
    """Return the frame and the face in it, left and right exchanged."""
    return frame[:, ::-1], Face(x=frame.shape[1] - face.x - face.side, y=face.y, side=face.side)


Box = tuple[float, float, float]


def _detect_boxes(
    cascade: cv2.CascadeClassifier, grey: Picture, step: float, votes: int, least: int, most: int = 0
) -> list[Box]:
    """Return (left, top, side) in px of each box with more than `votes` votes; `most` 0: of any size."""
    boxes = cascade.detectMultiScale(grey, step, votes, minSize=(least, least), maxSize=(most, most))
    return [(float(x), float(y), float(side)) for x, y, side, _ in boxes]


def _scale_to_frame(boxes: Sequence[Box], scale: float) -> list[Face]:
    """Return the faces in px of the frame, the largest first."""
    faces = [Face(x=x * scale, y=y * scale, side=side * scale) for x, y, side in boxes]
    return sorted(faces, key=lambda face: -face.side)
