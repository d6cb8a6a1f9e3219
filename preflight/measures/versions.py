"""Versions as people and registries write them, and the days of their releases."""

import calendar
import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

LEAST_BUILD = 1000
"""Zoom's builds count in thousands, its patches below a hundred."""
_NUMBERS = re.compile(r"(?<![\w.])(\d{1,6}(?:\.\d{1,9}){0,3})(?!\d)(?: ?\((\d{1,9})\))?")


def parse_version(text: str, *, of_installer: bool = False) -> tuple[int, ...]:
    """Return the numbers, four at most, of a version: "6.3.0 (52884)", "6.0.2.4680"; nothing if none.

    An installer of Windows (`of_installer`) has three fields only and leaves one out:
    its 7.1.43453 is Zoom 7.1.5.43453, so that two numbers are known.
    """
    match = _NUMBERS.search(text[:200])
    if match is None:
        return ()
    written = match[1].split(".") + ([match[2]] if match[2] else [])
    numbers = tuple(int(part) for part in written[:4])
    if of_installer and len(numbers) == 3 and numbers[2] >= LEAST_BUILD:  # noqa: PLR2004 - the three fields
        return numbers[:2]
    return numbers


def is_at_least(version: tuple[int, ...], least: tuple[int, ...]) -> bool | None:
    """Return whether a version is not older than another; None if too little of it is known."""
    known = version[: len(least)]
    if not known:
        return None
    if known != least[: len(known)]:
        return known > least[: len(known)]
    return True if len(known) == len(least) or not any(least[len(known) :]) else None


def parse_releases(listed: Sequence[str]) -> tuple[tuple[tuple[int, ...], date], ...]:
    """Return versions and their days, the oldest version first, from texts such as "7.2.0 2026-09-18"."""
    pairs = (text.rpartition(" ") for text in listed)
    return tuple(sorted((parse_version(version), date.fromisoformat(day)) for version, _, day in pairs))


def release_day(version: tuple[int, ...], known: Sequence[tuple[tuple[int, ...], date]]) -> date | None:
    """Return the day of a version: its own, or that of the next lower one; None if it is older than all.

    Three numbers count; one that is missing may be any, so that the lowest is supposed.
    """
    place = bisect_right([each for each, _ in known], _pad_to_three(version))
    return known[place - 1][1] if place else None


def is_newer_than_all(version: tuple[int, ...], known: Sequence[tuple[tuple[int, ...], date]]) -> bool:
    """Return whether a version is newer than all that are known."""
    return bool(known) and _pad_to_three(version) > known[-1][0]


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _pad_to_three(version: tuple[int, ...]) -> tuple[int, ...]:
    """Return the first three numbers of a version, zeros for those it lacks."""
    return (*version, 0, 0, 0)[:3]
