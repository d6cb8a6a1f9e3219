"""Can your document be read?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preflight.captures import DocumentCapture
from preflight.errors import MeasurementError
from preflight.measures import document, image, mrz
from preflight.model import Finding, Kind, Skip, SkipReason, between, exact

READS = DocumentCapture

# 95% of 185 scenes were within 1.3%, the worst was 1.9% off (tests/bench/camera.py).
_DPI = 0.02
# In logs of sharpness: one character of a hundred that is washed out is a third less fine detail. Three in
# four texts that can be read have the last of these sharpnesses, and more reads no better.
_GLARE, _CUT, _ENOUGH = 40.0, 0.6, 0.36


@dataclass(frozen=True, slots=True, kw_only=True)
class _FrameQuality:
    """What one frame shows of the document."""

    dpi: float
    sharpness: float
    glare: float
    whole: bool

    @property
    def score(self) -> float:
        """How good it is beside other frames."""
        sharp = math.log(min(max(self.sharpness, 1e-3), _ENOUGH))
        return sharp - _GLARE * self.glare - _CUT * (not self.whole)


def analyse(capture: DocumentCapture, parameters: Mapping[str, object]) -> Finding | Skip:  # noqa: ARG001 - a check's form
    """Say whether a machine-readable zone is in view, and how well in the best of the frames.

    A hand moves: one good frame is enough, as it is for the person at the other end.
    Nothing is read and nothing is kept.
    """
    if not capture.asked:
        return Skip(skipped_for=SkipReason.NOT_ASKED)
    if capture.declined:
        return Skip(skipped_for=SkipReason.DECLINED)
    if not capture.shown:
        return Skip(skipped_for=SkipReason.NOT_SHOWN)
    if not capture.frames:
        raise MeasurementError(Kind.NO_DATA, "no frame of the document")
    measured = [frame_quality for frame in capture.frames if (frame_quality := _measure_frame(frame))]
    if not measured:
        hidden = {mrz.find_obstruction(image.grey(frame)) for frame in capture.frames}
        cause = next(({"cause": exact(str(one))} for one in mrz.Obstruction if one in hidden), {})
        return Finding(facts={"found": exact(value=False)} | cause)
    best = max(measured, key=lambda frame_quality: frame_quality.score)
    return Finding(
        facts={
            "found": exact(value=True),
            "dpi": between(round(best.dpi), best.dpi * (1 - _DPI), best.dpi * (1 + _DPI), "dpi"),
            "sharpness": exact(round(100 * best.sharpness), "%"),
            "glare": exact(round(100 * best.glare, 1), "%"),
            "whole": exact(best.whole),
        }
    )


def _measure_frame(frame: NDArray[np.uint8]) -> _FrameQuality | None:
    """Return what a BGR frame shows of the document; None where no machine-readable zone is found."""
    grey = image.grey(frame)
    found = mrz.find_mrz(grey)
    if found is None:
        return None
    return _FrameQuality(
        dpi=document.dpi(found),
        sharpness=document.sharpness(grey, found),
        glare=document.glare(grey, found),
        whole=document.is_page_in_view(found, grey.shape),
    )
