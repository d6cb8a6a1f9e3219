"""Small files that others wrote, read so that none of them can stop or fill this process."""

import os
import plistlib
from pathlib import Path, PurePosixPath
from typing import Any
from xml.parsers.expat import ExpatError

from preflight import storage

SIZE_LIMIT = 1 << 18
"""Bytes; desktop entries and property lists take a few kB."""
LINKS_LIMIT = 40
"""Links followed in one path, as Linux does (path_resolution(7))."""


def read_bytes(path: Path, limit: int = SIZE_LIMIT) -> bytes:
    """Return what a regular file holds; nothing if it cannot be read, is larger, or is a pipe or device."""
    try:
        return storage.read(path, limit)
    except (OSError, ValueError):
        return b""


def read_text(path: Path, limit: int = SIZE_LIMIT) -> str:
    """Return what a regular file holds as text; what is no UTF-8 in it is replaced."""
    return read_bytes(path, limit).decode("utf-8", "replace")


def parse_plist(document: bytes) -> Any:
    """Return what a property list, XML or binary, holds; None if it is none."""
    # A binary list may name one large object many times over; XML entities are refused by plistlib.
    if not document or len(document) > SIZE_LIMIT * 8:
        return None
    try:
        return plistlib.loads(document)
    except (
        plistlib.InvalidFileException,
        ExpatError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        OverflowError,
        RecursionError,
    ):
        return None


def list_folder(folder: Path, limit: int = 2000) -> tuple[str, ...]:
    """Return the names in a folder, sorted; none if it is not there; at most `limit`."""
    try:
        with os.scandir(folder) as found:
            return tuple(sorted(entry.name for entry, _ in zip(found, range(limit), strict=False)))
    except (OSError, ValueError):
        return ()


def resolve(root: Path, path: str) -> PurePosixPath | None:
    """Return where a path below `root` leads, seen from `root`, its links followed; None if nowhere.

    Links are followed as a process would that has `root` for its root.
    """
    todo, done, hops = [*reversed(PurePosixPath("/", path).parts[1:])], PurePosixPath("/"), 0
    while todo:
        part = todo.pop()
        if part == "..":
            done = done.parent
            continue
        here = root / done.relative_to("/") / part
        try:
            if here.is_symlink():
                hops += 1
                if hops > LINKS_LIMIT:
                    return None
                target = PurePosixPath(os.readlink(here))  # noqa: PTH115 - a path of the inner root, not of ours
                done = PurePosixPath("/") if target.is_absolute() else done
                todo += reversed(target.parts[1:] if target.is_absolute() else target.parts)
                continue
            here.lstat()
        except (OSError, ValueError):
            return None
        done /= part
    return done


def path_inside(root: Path, path: str) -> Path:
    """Return where a path below `root` leads; where it leads nowhere, a place that is not there."""
    return root / str(resolve(root, path) or path).lstrip("/")


def is_accessible(path: Path, mode: int) -> bool:
    """Return whether this process may use a file so, access lists included (`os.R_OK` and so on)."""
    try:
        return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
    except (OSError, ValueError):
        return False


def link_target(path: Path) -> str:
    """Return what a link points to, as it says; an empty text where there is no such link."""
    try:
        return str(path.readlink())
    except OSError:
        return ""
