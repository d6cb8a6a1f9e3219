"""Is it a colour camera?"""

from collections.abc import Mapping

from preflight.captures import CameraCapture
from preflight.measures import face, image, light
from preflight.model import Finding, Skip, exact, unknown

READS = CameraCapture

_DIM = 16.0
"""Mean level below which JPEG leaves grey and coloured pictures alike."""


def analyse(capture: CameraCapture, parameters: Mapping[str, object]) -> Finding | Skip:
    """Tell how much colour the picture holds, beside its brightness."""
    if not capture.present or capture.covered:
        return Skip(skipped_for="camera.video")
    mean, _ = light.surroundings(capture)
    if mean >= _DIM:
        return Finding(facts={"chroma": exact(round(100 * image.chroma(capture.frames), 1), "%")})
    if light.too_dark(capture, face.model(parameters)):
        return Skip(skipped_for="camera.lighting")
    return Finding(facts={"chroma": unknown("%")})
