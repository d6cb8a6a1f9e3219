"""Is there enough light on your face to recognise it?"""

from collections.abc import Mapping

from preflight.captures import CameraCapture
from preflight.measures import face_search, image, light, no_face
from preflight.measures.light import FaceLight
from preflight.model import Fact, Finding, Skip, between, exact

READS = CameraCapture

_DARK, _GRAINY = 40.0, 12.0
"""Dark half and noise beyond which recognition suffers: they choose the words, not the verdict."""
_ONE_SIDED, _AGAINST = 1.1, 2.0
"""Stops from which on light from one side, or from behind, is the reason for the dark."""
_WITHOUT_GAIN = 5.0
"""Noise up to which the camera cannot have multiplied the light; beyond, no factor is told."""
_MEASURABLE, _MOST = 3.0, 20.0
"""Dark half below which only "more than this many times" can be said, and that number."""


def analyse(capture: CameraCapture, parameters: Mapping[str, object]) -> Finding | Skip:
    """Tell how dark, noisy, uneven and over-exposed the face is, and how much light is missing."""
    if not capture.present or capture.covered:
        return Skip(skipped_for="camera.video")
    model = face_search.face_model_path(parameters)
    why = no_face.explain_no_face(capture, model)
    if why in no_face.LIGHT_REASONS:
        _, noise = light.mean_level_and_noise(capture)
        facts = {"visible": exact(value=False), "noise": exact(round(noise, 1)), "cause": exact(str(why))}
        return Finding(facts=facts)
    if why in no_face.FOCUS_REASONS:
        return Skip(skipped_for="camera.focus")
    lit = light.measure_face_light(capture, model)
    if lit is None or not face_search.find_faces(capture, model).found:
        return Skip(skipped_for="camera.face")
    facts = {
        "visible": exact(value=True),
        "dark_half": exact(round(lit.dark_half, 1)),
        "noise": exact(round(lit.noise, 1)),
        "overexposed": exact(round(100 * lit.overexposed, 1), "%"),
        "side": exact(round(2**lit.side, 1)),
        "behind": exact(round(2**lit.behind, 1)),
    }
    return Finding(facts=facts | _missing_light(lit) | _cause_of_bad_light(lit))


def _missing_light(lit: FaceLight) -> dict[str, Fact]:
    """Return how many times more light is needed, where the picture can tell: without gain."""
    if lit.dark_half >= _DARK or lit.noise > _WITHOUT_GAIN:
        return {}
    if lit.dark_half < _MEASURABLE:
        return {"light_factor": between(_MOST, _MOST, None)}
    factor = float(image.srgb_to_linear(_DARK) / image.srgb_to_linear(lit.dark_half))
    return {"light_factor": exact(round(factor, 1))}


def _cause_of_bad_light(lit: FaceLight) -> dict[str, Fact]:
    dark, grainy = lit.dark_half < _DARK, lit.noise > _GRAINY
    if dark and lit.noise > _WITHOUT_GAIN:
        cause = "both"
    elif grainy:
        cause = "noise"
    elif dark and lit.side > _ONE_SIDED:
        cause = "one-sided"
    elif dark and lit.behind > _AGAINST:
        cause = "backlight"
    elif dark:
        cause = "dark"
    else:
        return {}
    return {"cause": exact(cause)}
