"""What the computer runs on: the system's own readings, or a recording of them."""

import time
from collections.abc import Iterator

from preflight import platforms
from preflight.captures import PowerCapture
from preflight.errors import Unmeasured
from preflight.measures.supply import batteries, drains, plugged
from preflight.model import Job, Kind, Link
from preflight.sources import recording

STEP_S = 0.5
"""Between readings; the gauges of most batteries answer once a second."""


def capture(job: Job, link: Link) -> Iterator[object]:
    """Yield one `PowerCapture`; on battery it takes `sample_s`, while the camera works."""
    if job.target is not None:
        yield from recording.read("power", job.target)
        return
    seconds = job.number("sample_s")
    link.phase("power", seconds)
    yield sample(platforms.this(), seconds)


def sample(system: platforms.System, seconds: float) -> PowerCapture:
    """Return one reading, or one each `STEP_S` over so many seconds where a battery is in use.

    Raises `Unmeasured` (no-data) if the system does not tell.
    """
    readings = [system.supplies()]
    if readings[0] is None:
        raise Unmeasured(Kind.NO_DATA, f"{system.name} does not say what it runs on")
    until = time.monotonic() + seconds
    in_use = batteries(readings[0]) and (drains(readings[0]) is not False or not plugged(readings[0]))
    while in_use and time.monotonic() < until:
        time.sleep(STEP_S)
        readings.append(system.supplies())
    told = tuple(reading for reading in readings if reading is not None)
    return PowerCapture(system=system.name, readings=told, step_s=STEP_S)
