"""How large a photo can the camera take?"""

from collections.abc import Mapping

from preflight.captures import StillCapture
from preflight.model import Finding, Skip, exact

READS = StillCapture


def analyse(capture: StillCapture, parameters: Mapping[str, object]) -> Finding | Skip:  # noqa: ARG001 - a check's form
    """Tell the size of the largest picture that really came, in millions of pixels."""
    if not capture.present:
        return Skip(skipped_for="camera.video")
    cause = {"cause": exact("clip")} if capture.clip else {}
    return Finding(facts={"megapixels": exact(round(capture.width * capture.height / 1e6, 1), "MP")} | cause)
