"""Where the face is in the frames of a capture.

Found with OpenCV's Haar cascade, which ships inside its 4.x wheels, and where that sees nobody with
three small networks (`mtcnn`); or with a YuNet network where the bank supplies the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from preflight.captures import CameraCapture, Glimpse
from preflight.measures.face import Face, FaceDetector
from preflight.measures.haar import HaarDetector
from preflight.measures.image import Picture
from preflight.measures.yunet import YuNetDetector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FaceSearch:
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


def face_model_path(parameters: Mapping[str, object]) -> str | None:
    """Return the path of the YuNet file that the policy or the client names, None for the cascade."""
    named = parameters.get("face_model")
    return named if isinstance(named, str) and named else None


@lru_cache(maxsize=2)
def find_faces(capture: CameraCapture, model: str | None) -> FaceSearch:
    """Search every frame of a capture; `model` is the path of a YuNet file or None.

    The first, the middle and the last frame are searched as a whole, the others near
    the face already known: a person does not jump within two seconds. A single frame seen
    in passing is searched where the face was, or only glanced at where there was none.
    """
    detector = _detector(model)
    frames = capture.frames
    if capture.before:
        return _find_in_glimpse(detector, frames[0], capture.before)
    middle = len(frames) // 2
    searched = {index: detector.search(frames[index]) for index in sorted({0, middle, len(frames) - 1})}
    nobody = not any(searched.values())
    if nobody or searched[middle]:
        sign = detector.detect_rotation(frames[middle], next(iter(searched[middle]), None))
        if sign:
            return FaceSearch(faces=(None,) * len(frames), others=0.0, sign=sign)
    if nobody:
        searched[middle] = detector.search_thoroughly(frames[middle])
        if searched[middle] and searched[middle][0].is_far(frames[middle]):
            # Of somebody in the background: the client may be half outside the picture.
            sign = detector.explain_no_face(frames[middle])
            if sign == "cut":
                return FaceSearch(faces=(None,) * len(frames), others=0.0, sign=sign)
    found: dict[int, Face | None] = {index: faces[0] for index, faces in searched.items() if faces}
    if not found:
        return FaceSearch(
            faces=(None,) * len(frames), others=0.0, sign=detector.explain_no_face(frames[middle])
        )
    known = dict(found)
    for index in set(range(len(frames))) - set(found):
        nearest = known[min(known, key=lambda other: abs(other - index))]
        found[index] = nearest and detector.track(frames[index], nearest)
    crowded = [any(face.side * 2 >= faces[0].side for face in faces[1:]) for faces in searched.values()]
    return FaceSearch(
        faces=tuple(found.get(index) for index in range(len(frames))),
        others=sum(crowded) / len(crowded),
        sign="",
    )


def _find_in_glimpse(detector: FaceDetector, frame: Picture, before: Glimpse) -> FaceSearch:
    """Search a single frame near the face known a moment before, or quickly where there was none."""
    if before.near:
        left, top, side = before.near
        face = detector.track(frame, Face(x=left, y=top, side=side))
    else:
        face = detector.search_quickly(frame)
    return FaceSearch(faces=(face,), others=before.others if face else 0.0, sign="" if face else before.sign)


@cache
def _detector(model: str | None) -> FaceDetector:
    """Return the detector, loaded once."""
    return YuNetDetector(model) if model else HaarDetector()
