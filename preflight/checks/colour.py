"""Is it a colour camera?"""

from collections.abc import Mapping

from preflight.captures import CameraCapture
from preflight.measures import face_search, image, light, no_face
from preflight.model import Finding, Skip, between, exact, unknown

READS = CameraCapture

_DARK = 8.0
"""Mean level below which JPEG may leave grey and coloured pictures alike."""
_WHITE, _BLACK, _LEAST_BETWEEN = 245, 30, 0.35
"""Levels beyond which there is no colour to be seen, and the share of a burnt-out picture that must lie
between them: of a black figure before a white window nothing does."""
_BURNT = 0.1
"""Share of white from which on a picture counts as burnt out."""
_COLOUR_OF_NOISE = 0.5
"""Chroma that blotches of noise in a single grey frame make at most, over noise / brightness; a second
frame has others."""


def analyse(capture: CameraCapture, parameters: Mapping[str, object]) -> Finding | Skip:
    """Tell how much colour the picture holds, beside its brightness."""
    if not capture.present or capture.covered:
        return Skip(skipped_for="camera.video")
    mean, noise = light.mean_level_and_noise(capture)
    hidden = (
        _is_burnt_and_black(capture)
        or no_face.explain_no_face(capture, face_search.face_model_path(parameters)) in no_face.LIGHT_REASONS
    )
    if mean < _DARK:
        if hidden:
            return Skip(skipped_for="camera.lighting")
        return Finding(facts={"chroma": unknown("%"), "cause": exact("dark")})
    chroma = round(100 * image.chroma(capture.frames), 1)
    if hidden:
        # What is black, burnt out or all noise shows no colours, whatever the camera.
        return Finding(facts={"chroma": between(chroma, chroma, 100.0, "%"), "cause": exact("dark")})
    if len(capture.frames) > 1:
        return Finding(facts={"chroma": exact(chroma, "%")})
    doubt = min(100 * _COLOUR_OF_NOISE * noise / max(mean, image.DIM_LEVEL), chroma)
    return Finding(facts={"chroma": between(chroma, round(chroma - doubt, 1), chroma, "%")})


def _is_burnt_and_black(capture: CameraCapture) -> bool:
    """Return whether the middle frame is so white and so black that hardly any of it can show a colour."""
    frame = image.grey(capture.frames[len(capture.frames) // 2][::4, ::4])
    coloured = (frame > _BLACK) & (frame < _WHITE)
    return bool((frame >= _WHITE).mean() >= _BURNT and coloured.mean() < _LEAST_BETWEEN)
