"""Is your face in focus?"""

from collections.abc import Mapping

from preflight.captures import CameraCapture
from preflight.measures import face_search, focus, no_face
from preflight.model import Finding, Skip, exact, unknown

READS = CameraCapture

_SOFT = 2.1
"""Blur from which on there is something to explain: no sharp face came to more."""
_ONE_WAY, _UNSTEADY = 0.57, 1.5
"""Blurred so much more in one direction, or frames that differ so many times: movement."""


def analyse(capture: CameraCapture, parameters: Mapping[str, object]) -> Finding | Skip:
    """Tell the blur of the face in the best frame, and whether it comes from movement."""
    if not capture.present or capture.covered:
        return Skip(skipped_for="camera.video")
    model = face_search.face_model_path(parameters)
    why = no_face.explain_no_face(capture, model)
    if why in no_face.LIGHT_REASONS:
        return Skip(skipped_for="camera.lighting")
    if why in no_face.FOCUS_REASONS:
        return Finding(facts={"visible": exact(value=False), "cause": exact(str(why))})
    if not face_search.find_faces(capture, model).found:
        return Skip(skipped_for="camera.face")
    measured = focus.measure_focus(capture, model)
    if measured is None:
        return Finding(facts={"visible": exact(value=True), "blur": unknown("%")})
    facts = {
        "visible": exact(value=True),
        "blur": exact(round(measured.best, 1), "%"),
        "usual_blur": exact(round(measured.usual, 1), "%"),
    }
    if measured.best > _SOFT:
        moved = measured.anisotropy > _ONE_WAY or measured.usual > _UNSTEADY * measured.best
        facts["cause"] = exact("motion" if moved else "soft")
    return Finding(facts=facts)
