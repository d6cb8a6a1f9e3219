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
    face_light = light.measure_face_light(capture, model)
    if face_light is None or not face_search.find_faces(capture, model).found:
        return Skip(skipped_for="camera.face")
    facts = {
        "visible": exact(value=True),
        "dark_half": exact(round(face_light.dark_half, 1)),
        "noise": exact(round(face_light.noise, 1)),
        "overexposed": exact(round(100 * face_light.overexposed, 1), "%"),
        "side": exact(round(2**face_light.side, 1)),
        "behind": exact(round(2**face_light.behind, 1)),
    }
    return Finding(facts=facts | _missing_light(face_light) | _cause_of_bad_light(face_light))


def _missing_light(face_light: FaceLight) -> dict[str, Fact]:
    """Return how many times more light is needed, where the picture can tell: without gain."""
    if face_light.dark_half >= _DARK or face_light.noise > _WITHOUT_GAIN:
        return {}
    if face_light.dark_half < _MEASURABLE:
        return {"light_factor": between(_MOST, _MOST, None)}
    factor = float(image.srgb_to_linear(_DARK) / image.srgb_to_linear(face_light.dark_half))
    return {"light_factor": exact(round(factor, 1))}


def _cause_of_bad_light(face_light: FaceLight) -> dict[str, Fact]:
    """Return the word for what is wrong with the light, nothing where nothing is."""
    dark, grainy = face_light.dark_half < _DARK, face_light.noise > _GRAINY
    if dark and face_light.noise > _WITHOUT_GAIN:
        cause = "both"
    elif grainy:
        cause = "noise"
    elif dark and face_light.side > _ONE_SIDED:
        cause = "one-sided"
    elif dark and face_light.behind > _AGAINST:
        cause = "backlight"
    elif dark:
        cause = "dark"
    else:
        return {}
    return {"cause": exact(cause)}
