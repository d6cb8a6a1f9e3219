"""What the computer runs on: the system's own readings, or a recording of them."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from preflight import platforms
from preflight.captures import PowerCapture, Supply
from preflight.errors import MeasurementError
from preflight.measures.power import batteries, is_draining, is_plugged_in
from preflight.model import CAMERA_STAYED_ON, Job, Kind, Link
from preflight.sources import recording
from preflight.sources.prompt import ask_in_background

STEP_S = 0.5
"""Between readings; the gauges of most batteries answer once a second."""

WHOLE_STEP_S = 10.0
"""Over a whole session."""


def capture(job: Job, link: Link) -> Iterator[object]:
    """Yield one `PowerCapture`; on battery it takes `sample_s`, while the camera works."""
    if job.target is not None:
        yield from recording.read("power", job.target)
        return
    if job.whole:
        yield watch(platforms.current_system(), ask_in_background(link, "stop"))
        return
    seconds = job.number("sample_s")
    link.phase("power", seconds)
    yield sample(platforms.current_system(), seconds)


def sample(system: platforms.System, seconds: float) -> PowerCapture:
    """Return one reading, or one each `STEP_S` over so many seconds where a battery is in use.

    Raises `MeasurementError` (no-data) if the system does not tell.
    """
    readings: list[tuple[Supply, ...] | None] = [first := _read_supplies(system)]
    until = time.monotonic() + seconds
    in_use = batteries(first) and (is_draining(first) is not False or not is_plugged_in(first))
    while in_use and time.monotonic() < until:
        time.sleep(STEP_S)
        readings.append(system.supplies())
    return _make_capture(system, readings, STEP_S)


def watch(system: platforms.System, stopped: Callable[[], str]) -> PowerCapture:
    """Return a reading each `WHOLE_STEP_S` seconds until `stopped()` gives an answer, whatever it runs on.

    Raises `MeasurementError` (no-data) if the system does not tell.
    """
    readings: list[tuple[Supply, ...] | None] = [_read_supplies(system)]
    while not stopped():
        until = time.monotonic() + WHOLE_STEP_S
        while not stopped() and time.monotonic() < until:
            time.sleep(STEP_S)
        readings.append(system.supplies())
    made = _make_capture(system, readings, WHOLE_STEP_S)
    return replace(made, camera_on=stopped() == CAMERA_STAYED_ON)


def _read_supplies(system: platforms.System) -> tuple[Supply, ...]:
    first = system.supplies()
    if first is None:
        raise MeasurementError(Kind.NO_DATA, f"{system.name} does not say what it runs on")
    return first


def _make_capture(
    system: platforms.System, readings: Sequence[tuple[Supply, ...] | None], step_s: float
) -> PowerCapture:
    told = tuple(reading for reading in readings if reading is not None)
    return PowerCapture(system=system.name, readings=told, step_s=step_s)
