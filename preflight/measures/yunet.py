"""A face detector from a file: a YuNet network (S. Wu et al., 2023)."""

import threading

import cv2
import numpy as np

from preflight.errors import MeasurementError, label
from preflight.measures import image
from preflight.measures.face import EYE_DISTANCE, EYE_LINE, ROTATIONS, Face, brighten, rotate_quarters
from preflight.measures.image import Picture
from preflight.model import Kind


class YuNetDetector:
    """YuNet (S. Wu et al., 2023), read from an ONNX file that the bank or the client supplies."""

    _SCORE = 0.6
    _WIDTH = 640

    def __init__(self, model: str) -> None:
        """Load the file; raises `MeasurementError` when it is not such a network."""
        self._lock = threading.Lock()
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
            raise self._not_a_yunet(error) from None

    def search(self, frame: Picture) -> list[Face]:
        """Return all faces, the largest first; the box follows from the eyes."""
        small = image.shrink(frame, self._WIDTH)
        scale = frame.shape[1] / small.shape[1]
        try:
            with self._lock:
                self._net.setInputSize((small.shape[1], small.shape[0]))
                _, rows = self._net.detect(small)
        except cv2.error as error:
            raise self._not_a_yunet(error) from None
        faces = []
        for row in rows if rows is not None else ():
            # A face seen from the side has its eyes close together: the height of the box holds.
            eyes = max(float(np.hypot(row[6] - row[4], row[7] - row[5])), EYE_DISTANCE * float(row[3]) / 1.3)
            side = scale * eyes / EYE_DISTANCE
            middle, line = scale * float(row[4] + row[6]) / 2, scale * float(row[5] + row[7]) / 2
            faces.append(Face(x=middle - side / 2, y=line - EYE_LINE * side, side=side))
        return sorted(faces, key=lambda face: -face.side)

    def search_quickly(self, frame: Picture) -> Face | None:
        """Return the largest face: the network is quick enough."""
        return next(iter(self.search(frame)), None)

    def search_thoroughly(self, frame: Picture) -> list[Face]:
        """Return the faces of the frame lightened in linear light; small ones were found before."""
        return self.search(brighten(frame))

    def track(self, frame: Picture, known: Face) -> Face | None:
        """Return the face nearest in size: the network is quick enough to look everywhere."""
        return min(self.search(frame), key=lambda face: abs(face.side - known.side), default=None)

    def detect_rotation(self, frame: Picture, found: Face | None) -> str:
        """Look for faces that only stand upright once the picture is turned."""
        if found:
            return ""
        seen = [quarter for quarter in (0, 2, 1, 3) if self.search(rotate_quarters(frame, quarter))]
        return ROTATIONS[seen[0]] if seen else ""

    def explain_no_face(self, frame: Picture) -> str:
        """Return "nobody": the network finds turned and small faces as faces."""
        del frame
        return "nobody"

    def _not_a_yunet(self, error: cv2.error) -> MeasurementError:
        """Return the error for a file that OpenCV cannot run as a YuNet network."""
        return MeasurementError(
            Kind.BAD_INPUT, f"the face model is not a YuNet network: OpenCV's error {error.code:d}"
        )
