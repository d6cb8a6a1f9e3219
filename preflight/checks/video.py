"""Does the camera send a clear, moving picture at least 1080 lines high?"""

from collections.abc import Mapping

from preflight.captures import CameraCapture
from preflight.measures import sharpness, upscaling
from preflight.model import Fact, Finding, Skip, between, exact, unknown

READS = CameraCapture

_STARVED = 0.5
"""Share of frames waiting for this computer from which on it, not the camera, sets the pace."""
_FULL_HD = (1920, 1080)


def analyse(capture: CameraCapture, parameters: Mapping[str, object]) -> Finding | Skip:  # noqa: ARG001 - a check's form
    """Tell the size that came, how many frames were no pictures, their rate and their real detail.

    Width is the longer side. A picture file has no rate, and none is claimed.
    """
    if not capture.present:
        return Finding(facts={"present": exact(value=False)})
    count = max(len(capture.arrivals), 1)
    facts = {
        "present": exact(value=True),
        "virtual": exact(value=capture.virtual),
        "width": exact(max(capture.width, capture.height), "px"),
        "height": exact(min(capture.width, capture.height), "px"),
        "black": exact(_percent(capture.black, count), "%"),
        "frozen": exact(round(capture.still_s, 2), "s"),
        "corrupted": exact(_percent(capture.corrupted, count), "%"),
        **({"cause": exact("clip")} if capture.clip else {}),
        "dropped": exact(_percent(capture.dropped, count + capture.dropped), "%"),
    }
    return Finding(facts=facts | _frame_rate_facts(capture) | _detail_facts(capture))


def _frame_rate_facts(capture: CameraCapture) -> dict[str, Fact]:
    """Return the frames a second; an interval where this computer, not the camera, set the pace."""
    times = capture.stamps or capture.arrivals
    if not times or times[-1] <= times[0]:
        return {"fps": unknown("fps"), "cause": exact("still")}
    measured = round((len(times) - 1) / (times[-1] - times[0]), 1)
    if capture.starved < _STARVED:
        return {"fps": exact(measured, "fps")}
    promised = 1 / capture.interval if capture.interval else None
    return {"fps": between(measured, measured, promised and max(promised, measured), "fps")}


def _detail_facts(capture: CameraCapture) -> dict[str, Fact]:
    """Return the lines of real detail, and the blur of the sharpest edges in px of a 1080p picture."""
    lines = min(capture.width, capture.height)
    if lines < _FULL_HD[1] or capture.covered:
        # It fails already, whatever is in it.
        return {}
    frames = upscaling.pick_frames(capture.frames)
    blurs = [blur for frame in frames if (blur := sharpness.edge_blur(frame)) is not None]
    softness = exact(round(min(blurs) * _FULL_HD[1] / lines, 1), "px") if blurs else unknown("px")
    if (capture.width, capture.height) == _FULL_HD:
        # A larger picture holds 1080 lines whatever it was made from.
        lines = (
            upscaling.measure_upscaling(frames).source_lines(larger_offered=capture.largest > _FULL_HD)
            or lines
        )
    return {"detail": exact(lines, "px"), "softness": softness}


def _percent(part: int, whole: int) -> float:
    """Return the share of a part, in %."""
    return round(100 * part / whole, 1)
