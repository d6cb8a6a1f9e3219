"""Is the computer powerful enough, and not too busy, for a twenty-minute video call?"""

from collections.abc import Mapping

from preflight.captures import SoftwareCapture
from preflight.measures.power import is_plugged_in
from preflight.measures.versions import is_at_least, parse_version
from preflight.model import Fact, Finding, between, exact, unknown

READS = SoftwareCapture

NEVER_MIN = 24 * 60
"""What a computer that never sleeps by itself is said to stay awake at least."""
GIB = 1 << 30
ARCHITECTURES: Mapping[str, frozenset[str]] = {
    "linux": frozenset(("x86_64",)),
    "windows": frozenset(("x86_64", "arm64")),
    "macos": frozenset(("x86_64", "arm64")),
}
"""What Zoom is built for; its program for 32-bit Windows ended with the release of 2025-11-17."""

HINDRANCES = ("remote", "restart", "saver", "virtual")
"""What a system tells of itself that may get in the way of a session, the weightiest first."""


def analyse(capture: SoftwareCapture, parameters: Mapping[str, object]) -> Finding:
    """Return what a 1080p call needs of the computer."""
    supported = _is_supported(capture, parameters)
    facts: dict[str, Fact] = {
        "system": exact(capture.os_name or capture.system),
        "processor": exact(capture.processor) if capture.processor else unknown(),
        "processors": exact(capture.processors) if capture.processors else unknown(),
        "memory": exact(round(capture.memory / GIB, 1), "GiB") if capture.memory else unknown("GiB"),
        "load": exact(round(100 * capture.load), "%") if capture.load is not None else unknown("%"),
        "sleep": _minutes_to_sleep(capture),
        "supported": exact(supported) if supported is not None else unknown(),
    }
    told = {name: getattr(capture, name) for name in HINDRANCES}
    facts |= {name: exact(value) for name, value in told.items() if value is not None}
    hindrances = [name for name, value in told.items() if value]
    facts["hindered"] = exact(bool(hindrances))
    causes = [
        *(["untold"] if supported is None else []),
        # It has no minutes before sleep to set, only those before its display is off.
        *(["display"] if capture.system == "macos" else []),
        *hindrances,
    ]
    if causes:
        facts["cause"] = exact(", ".join(causes))
    return Finding(facts=facts)


def _is_supported(capture: SoftwareCapture, parameters: Mapping[str, object]) -> bool | None:
    """Return whether Zoom's program runs on this system; None if that cannot be determined."""
    built = ARCHITECTURES.get(capture.system)
    if built is not None and capture.architecture and capture.architecture not in built:
        return False
    oldest = parameters.get("oldest")
    least = parse_version(str(oldest.get(capture.system, ""))) if isinstance(oldest, Mapping) else ()
    version = parse_version(capture.os_version)
    return is_at_least(version, least) if least and capture.architecture else None


def _minutes_to_sleep(capture: SoftwareCapture) -> Fact:
    """Return the minutes without a touch before the computer sleeps, on what it runs on now."""
    on = is_plugged_in(capture.supplies)
    settings = [capture.sleep_mains_s] if on else [capture.sleep_battery_s]
    if on is None:
        settings.append(capture.sleep_mains_s)
    known = [setting for setting in settings if setting is not None and setting >= 0]
    if len(known) < len(settings):
        return unknown("min")
    touched = [setting / 60 for setting in known if setting > 0]
    if not touched or min(touched) > NEVER_MIN:
        return between(NEVER_MIN, NEVER_MIN, None, "min")
    return exact(round(min(touched), 1), "min")
