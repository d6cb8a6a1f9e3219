"""Versions as people and registries write them."""

import re

BUILD = 1000
"""Zoom's builds count in thousands, its patches below a hundred."""
_NUMBERS = re.compile(r"(?<![\w.])(\d{1,6}(?:\.\d{1,9}){0,3})(?!\d)(?: ?\((\d{1,9})\))?")


def parse(text: str, *, of_installer: bool = False) -> tuple[int, ...]:
    """Return the numbers, four at most, of a version: "6.3.0 (52884)", "6.0.2.4680"; nothing if none.

    An installer of Windows (`of_installer`) has three fields only and leaves one out:
    its 7.1.43453 is Zoom 7.1.5.43453, so that two numbers are known.
    """
    match = _NUMBERS.search(text[:200])
    if match is None:
        return ()
    written = match[1].split(".") + ([match[2]] if match[2] else [])
    numbers = tuple(int(part) for part in written[:4])
    if of_installer and len(numbers) == 3 and numbers[2] >= BUILD:  # noqa: PLR2004 - the three fields
        return numbers[:2]
    return numbers


def reaches(version: tuple[int, ...], least: tuple[int, ...]) -> bool | None:
    """Return whether a version is not older than another; None if too little of it is known."""
    known = version[: len(least)]
    if not known:
        return None
    if known != least[: len(known)]:
        return known > least[: len(known)]
    return True if len(known) == len(least) or not any(least[len(known) :]) else None
