"""How large a picture can the camera take?"""

from collections.abc import Mapping

from preflight.captures import CameraCapture
from preflight.model import Finding, Skip, exact

READS = CameraCapture


def analyse(capture: CameraCapture, parameters: Mapping[str, object]) -> Finding | Skip:  # noqa: ARG001 - a check's form
    """Tell the size of the largest picture that really came, in millions of pixels."""
    if not capture.present:
        return Skip(skipped_for="camera.video")
    width, height = capture.largest
    return Finding(facts={"megapixels": exact(round(width * height / 1e6, 1), "MP")})
