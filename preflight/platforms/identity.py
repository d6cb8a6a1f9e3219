"""Removes from texts and paths what tells whose computer this is."""

import contextlib
import getpass
import os
import re
import socket
from pathlib import Path

_HOME_FOLDERS = re.compile(
    r"((?:[A-Za-z]:|^)[\\/](?:Users|home|media|run[\\/]media)[\\/])[^\\/]+", re.IGNORECASE
)
"""Of persons, whatever they are called: also "C:\\Users\\ANNA~1", and disks that one of them plugged in."""
_ADDRESS = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{2}[:_-]){5}[0-9a-f]{2}(?![0-9a-f])", re.IGNORECASE)
"""Of a network or Bluetooth device (IEEE 802 EUI-48)."""
_ACCOUNT = re.compile(r"S-1-5-21(?:-\d+)+")
"""Windows' number of a person (SID)."""
_REMOVED = "…"


def home_folders() -> tuple[str, ...]:
    """Return the folder of this person as it is named and as its links lead, the longest first."""
    try:
        home = Path.home()
    except RuntimeError:
        return ()
    found = {str(home), os.path.realpath(home)}
    return tuple(sorted((home.rstrip("\\/") for home in found), key=len, reverse=True))


def personal_names() -> frozenset[str]:
    """Return what this person and this computer are called."""
    found = {os.path.basename(home) for home in home_folders()}  # noqa: PTH119 - of either system
    with contextlib.suppress(OSError, KeyError, ImportError):
        found.add(getpass.getuser())
    host = socket.gethostname()
    # Every system has these.
    return frozenset({*found, host, host.partition(".")[0]} - {"", "root", "localhost"})


def remove_identity(text: str) -> str:
    """Return a text, such as a path, without what tells whose computer it comes from.

    A person's own folder becomes "~", as in `Program`.
    """
    for home in home_folders():
        text = re.sub(rf"{re.escape(home)}(?=[\\/]|$)", "~", text, flags=re.IGNORECASE) if home else text
    text = _ACCOUNT.sub(_REMOVED, _ADDRESS.sub(_REMOVED, _HOME_FOLDERS.sub(rf"\1{_REMOVED}", text)))
    for name in personal_names():
        # As a whole part of a path only: a short name stands within other words.
        text = re.sub(rf"(?<=[\\/@]){re.escape(name)}(?=[\\/.@]|$)", _REMOVED, text, flags=re.IGNORECASE)
    return text
