"""Computers for tests: captures of power and of software, good ones and ones with one thing changed."""

import json
from dataclasses import replace
from pathlib import Path

from preflight.captures import (
    Handler,
    HearingCapture,
    OutputCapture,
    PowerCapture,
    Program,
    SoftwareCapture,
    Supply,
)
from preflight.sources import recording

ZOOM = Program(
    place=r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\ZoomUMX",
    name="Zoom Workplace",
    maker="Zoom Communications, Inc.",
    version="7.2.0 (52884)",
    program=r"~\AppData\Roaming\Zoom\bin\Zoom.exe",
    exists=True,
)
BROWSER = Program(
    place=r"HKLM\SOFTWARE\Clients\StartMenuInternet\Microsoft Edge",
    name="Microsoft Edge",
    version="142.0.3595.53",
    program=r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    exists=True,
    schemes=("https", "http"),
)
MAINS = Supply(name="AC", kind="Mains", online=True)
BATTERY = Supply(
    name="BAT0",
    kind="Battery",
    present=True,
    status="Full",
    percent=100,
    energy_now=50.0,
    energy_full=50.0,
    voltage=11.4,
    power=0.0,
)


def plugged_in() -> PowerCapture:
    """Return a laptop that is full and plugged in."""
    return PowerCapture(system="linux", readings=((MAINS, BATTERY),), step_s=0.5)


def desktop() -> PowerCapture:
    """Return a computer without a battery."""
    return PowerCapture(system="linux", readings=((),), step_s=0.5)


def on_battery(minutes: float = 180, *, watts: float = 20.0) -> PowerCapture:
    """Return a laptop that lasts so many minutes at so many watts, above the last 5 % of 80 Wh."""
    left = minutes / 60 * watts + 0.05 * 80
    battery = replace(
        BATTERY, status="Discharging", percent=left / 0.8, energy_now=left, energy_full=80.0, power=watts
    )
    reading = (replace(MAINS, online=False), battery)
    return PowerCapture(system="linux", readings=(reading,) * 8, step_s=0.5)


def good() -> SoftwareCapture:
    """Return a Windows 11 laptop with a recent Zoom and Edge, nothing else running."""
    return SoftwareCapture(
        system="windows",
        os_name="Windows 11 Home",
        os_version="10.0.22631",
        architecture="x86_64",
        processor="11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz",
        processors=8,
        memory=16 << 30,
        load=0.08,
        sleep_mains_s=1800,
        sleep_battery_s=1800,
        supplies=(MAINS, BATTERY),
        programs=(ZOOM, BROWSER),
        handlers=(
            Handler(scheme="https", place="MSEdgeHTM", program=BROWSER.program, exists=True),
            Handler(scheme="zoommtg", place="zoommtg", program=ZOOM.program, exists=True),
        ),
        made="2026-11-29",
    )


def without_zoom() -> SoftwareCapture:
    """Return the good computer without Zoom."""
    told = good()
    return replace(told, programs=(BROWSER,), handlers=told.handlers[:1])


def with_zoom(version: str) -> SoftwareCapture:
    """Return the good computer with that version of Zoom; 5.12.2 is too old."""
    return replace(good(), programs=(replace(ZOOM, version=version), BROWSER))


def without_browser() -> SoftwareCapture:
    """Return the good computer without a browser."""
    told = good()
    return replace(told, programs=(ZOOM,), handlers=told.handlers[1:])


def speaker() -> tuple[OutputCapture, HearingCapture]:
    """Return an output at half its volume, of which nobody was asked anything."""
    return OutputCapture(present=True, muted=False, volume=50.0), HearingCapture(present=True)


def write_captures(folder: Path, *kept: object) -> Path:
    """Write captures of one source as `--record` does, for an option such as `--power`; returns the file."""
    source = next(each for each, known in recording.RECORDED.items() if type(kept[0]) in known.values())
    path = folder / f"{source}.json"
    path.write_text(json.dumps(recording.dump(source, kept)), "utf-8")
    return path
