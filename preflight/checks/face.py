"""Is your face fully visible and large enough?"""

from collections.abc import Mapping

import numpy as np

from preflight.captures import CameraCapture
from preflight.measures import face_search, mtcnn, no_face
from preflight.model import Fact, Finding, Skip, exact

READS = CameraCapture

_MOST_FRAMES = 0.5
"""Share of the frames in which somebody else must be: the detector errs in one of fifty."""


def analyse(capture: CameraCapture, parameters: Mapping[str, object]) -> Finding | Skip:
    """Tell whether a face is there, how large, and whether all of it is in the picture."""
    if not capture.present or capture.covered:
        return Skip(skipped_for="camera.video")
    model = face_search.face_model_path(parameters)
    seen = face_search.find_faces(capture, model)
    why = no_face.explain_no_face(capture, model)
    if why in no_face.LIGHT_REASONS:
        return Skip(skipped_for="camera.lighting")
    if why in no_face.FOCUS_REASONS:
        return Skip(skipped_for="camera.focus")
    if not seen.found:
        return Finding(
            facts={"found": exact(value=False), "cause": exact(seen.sign or "nobody")}
            | _detector_facts(model)
        )
    pairs = [pair for pair in zip(seen.faces, capture.frames, strict=True) if pair[0]]
    inside = np.median([each.share_in_frame(frame) for each, frame in pairs if each])
    eyes = np.median([each.eyes for each, _ in pairs if each])
    return Finding(
        facts={
            "found": exact(value=True),
            "eyes": exact(round(float(eyes)), "px"),
            "inside": exact(round(100 * float(inside)), "%"),
            "others": exact(value=seen.others > _MOST_FRAMES),
        }
        | _detector_facts(model)
    )


def _detector_facts(model: str | None) -> dict[str, Fact]:
    """Return whether the second look was possible, where it is needed."""
    return {} if model else {"second_look": exact(value=mtcnn.load_networks() is not None)}
