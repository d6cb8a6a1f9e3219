"""Programs and the computer itself: as the system tells, or a recording of that."""

import os
from collections.abc import Iterator
from datetime import date, datetime

import psutil

from preflight import platforms
from preflight.captures import SoftwareCapture
from preflight.model import Job, Link
from preflight.sources import recording

SAMPLE_S = 0.3


def capture(job: Job, link: Link) -> Iterator[object]:
    """Yield one `SoftwareCapture`; says "sampled" once the load was read, for others to begin."""
    if job.target is not None:
        link.phase("sampled")
        yield from recording.read("software", job.target)
        return
    load = _load()
    link.phase("sampled")
    yield read(platforms.current_system(), load, datetime.now().astimezone().date())


def read(system: platforms.System, load: float | None, today: date) -> SoftwareCapture:
    """Return what a system tells of its programs and of the computer, beside the load that was sampled."""
    machine = system.machine()
    return SoftwareCapture(
        system=system.name,
        os_name=machine.os_name,
        os_version=machine.os_version,
        architecture=machine.architecture,
        processor=machine.processor,
        processors=_processors(),
        memory=_memory(),
        load=load,
        sleep_mains_s=machine.sleep_mains_s,
        sleep_battery_s=machine.sleep_battery_s,
        supplies=system.supplies() or (),
        programs=system.programs(),
        handlers=system.handlers(),
        saver=machine.saver,
        restart=machine.restart,
        remote=machine.remote,
        virtual=machine.virtual,
        made=today.isoformat(),
    )


def _load() -> float | None:
    """Return the share of all processors that was busy in the last moment."""
    try:
        return float(psutil.cpu_percent(interval=SAMPLE_S)) / 100
    except (OSError, psutil.Error):
        return None


def _processors() -> int | None:
    """Return how many logical processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count()


def _memory() -> int | None:
    try:
        return int(psutil.virtual_memory().total)
    except (OSError, psutil.Error):
        return None
