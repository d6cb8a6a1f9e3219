"""Is Zoom installed, is it new enough, and does it open the bank's link?"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import PurePosixPath, PureWindowsPath

from preflight.captures import Handler, Program, SoftwareCapture
from preflight.measures.versions import (
    is_at_least,
    is_newer_than_all,
    months_after,
    parse_releases,
    parse_version,
    release_day,
)
from preflight.model import Fact, Finding, exact, unknown

READS = SoftwareCapture

IDENTIFIERS = frozenset(("us.zoom.xos", "us.zoom.Zoom", "zoom-client"))
"""Of the bundle, the flatpak and the snap."""
LINUX_FOLDER = "/opt/zoom/"
LINUX_NAMES = frozenset(("zoom", "zoom-us", "ZoomLauncher"))
"""Its program in Zoom's packages, and in NixOS's and others' of the same files."""


def analyse(capture: SoftwareCapture, parameters: Mapping[str, object]) -> Finding:
    """Return whether there is a Zoom that can be started, its version, and who opens its links."""
    there = [program for program in capture.programs if program.exists and is_zoom(program, capture.system)]
    if not there and any(_may_be_zoom(program, capture.system) for program in capture.programs):
        open_ = dict.fromkeys(
            ("installed", "version", "minimum", "recent", "handler", "held_back"), unknown()
        )
        return Finding(facts={**open_, "cause": exact("untold")})
    if not there:
        stale = any(is_zoom(program, capture.system) for program in capture.programs)
        return Finding(facts={"installed": exact(value=False), "left_over": exact(stale)})
    opener = next((handler for handler in capture.handlers if handler.scheme == "zoommtg"), None)
    opened = [program for program in there if opener is not None and _opens_with(opener, program)]
    version = max(_version_of(program, capture.system) for program in opened or there)
    least = parse_version(str(_table_of(parameters.get("zoom_minimum")).get(capture.system, "")))
    day, recent = _release_and_recency(version, least, _parse_day(capture.made), parameters)
    facts: dict[str, Fact] = {
        "installed": exact(value=True),
        "version": exact(version) if version else unknown(),
        **({"released": exact(day.isoformat())} if day else {}),
        "minimum": exact(least) if least else unknown(),
        "recent": exact(recent) if recent is not None else unknown(),
        "handler": exact(bool(opened)) if opened or _is_certainly_not_zoom(opener) else unknown(),
    }
    causes = _restraints(opened or there)
    facts["held_back"] = exact(bool(causes))
    if recent is None or (recent and facts["handler"].value is None):
        old = recent is None and least and is_at_least(version, least)
        causes.insert(0, "old" if old else "untold")
    if causes:
        facts["cause"] = exact(", ".join(causes))
    return Finding(facts=facts)


def _restraints(programs: Sequence[Program]) -> list[str]:
    """Return what each of these programs is held back by, the weightiest first."""
    each = [{*program.withheld, *(["hd"] if program.hd is False else [])} for program in programs]
    return [name for name in ("camera", "microphone", "hd") if all(name in held for held in each)]


def _release_and_recency(
    version: tuple[int, ...], least: tuple[int, ...], today: date | None, parameters: Mapping[str, object]
) -> tuple[date | None, bool | None]:
    """Return the day of a version's release, and whether Zoom lets it in; None if it cannot be determined.

    Zoom raises its minimum every quarter, and promises only for how long a version is let in at least.
    """
    known = parse_releases(_strings_of(parameters.get("zoom_releases")))
    day = None if not version or is_newer_than_all(version, known) else release_day(version, known)
    if not least or not is_at_least(version, least):
        return day, is_at_least(version, least) if least else None
    months = parameters.get("zoom_months")
    if is_newer_than_all(version, known):
        return None, True
    in_time = day and today and isinstance(months, int) and today <= months_after(day, months)
    return day, True if in_time else None


def is_zoom(program: Program, system: str) -> bool:
    """Return whether a program is the one that joins Zoom meetings: not ZoomIt, nor a web page's shim."""
    if program.maker in IDENTIFIERS:
        return True
    if system == "windows":
        return _is_zoom_of_windows(program)
    if system == "linux":
        known = PurePosixPath(program.program).name in LINUX_NAMES and "zoommtg" in program.schemes
        return program.program.startswith(LINUX_FOLDER) or known
    return False


def _may_be_zoom(program: Program, system: str) -> bool:
    """Return whether a program that starts out of sight may be Zoom: by its own name, or by its links."""
    return program.exists is None and (is_zoom(program, system) or "zoommtg" in program.schemes)


def _is_certainly_not_zoom(opener: Handler | None) -> bool:
    """Return whether it is certain that Zoom's links are not opened by Zoom."""
    return opener is None or opener.exists is not None


def _is_zoom_of_windows(program: Program) -> bool:
    """Return whether a program is Zoom.exe, by its maker or by the folder it lies in."""
    path = PureWindowsPath(program.program.lower())
    if path.name != "zoom.exe":
        return False
    return program.maker.startswith("Zoom") or (not program.maker and path.parts[-3:-1] == ("zoom", "bin"))


def _opens_with(opener: Handler, program: Program) -> bool:
    """Return whether Zoom's links are opened by this very program."""
    same = opener.program.lower() == program.program.lower() and bool(opener.program)
    return bool(opener.exists) and (same or opener.place in {program.place, program.maker})


def _version_of(program: Program, system: str) -> tuple[int, ...]:
    """Return a program's version as numbers; nothing if it has none."""
    return parse_version(program.version, of_installer=system == "windows")


def _parse_day(text: str) -> date | None:
    """Return an ISO date; None if it is not one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _strings_of(value: object) -> list[str]:
    """Return the strings of a list; nothing if it is not a list."""
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _table_of(value: object) -> Mapping[str, object]:
    """Return a table of the policy; an empty one if it is not a table."""
    return value if isinstance(value, Mapping) else {}
