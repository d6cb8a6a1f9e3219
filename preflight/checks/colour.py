"""Is it a colour camera?"""

from collections.abc import Mapping

from preflight.captures import CameraCapture
from preflight.measures import face, image, light
from preflight.model import Finding, Skip, between, exact, unknown

READS = CameraCapture

_DARK = 8.0
"""Mean level below which JPEG may leave grey and coloured pictures alike."""
_COLOUR_OF_NOISE = 0.5
"""Chroma that blotches of noise in a single grey frame make at most, over noise / brightness; a second
frame has others."""


def analyse(capture: CameraCapture, parameters: Mapping[str, object]) -> Finding | Skip:
    """Tell how much colour the picture holds, beside its brightness."""
    if not capture.present or capture.covered:
        return Skip(skipped_for="camera.video")
    mean, noise = light.surroundings(capture)
    if mean >= _DARK:
        chroma = round(100 * image.chroma(capture.frames), 1)
        if len(capture.frames) > 1:
            return Finding(facts={"chroma": exact(chroma, "%")})
        doubt = min(100 * _COLOUR_OF_NOISE * noise / max(mean, image.DIM), chroma)
        return Finding(facts={"chroma": between(chroma, round(chroma - doubt, 1), chroma, "%")})
    if light.too_dark(capture, face.model(parameters)):
        return Skip(skipped_for="camera.lighting")
    return Finding(facts={"chroma": unknown("%"), "cause": exact("dark")})
