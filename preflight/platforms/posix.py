"""Processes on Linux and macOS: a worker is the leader of its own session."""

import contextlib
import fcntl
import os
import signal
import struct
import sys
import termios
import time
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import subprocess

assert sys.platform != "win32"  # noqa: S101 - the form by which a type checker leaves out a module

_SIOCOUTQNSD = 0x894B
"""Of Linux (tcp(7) knows SIOCOUTQ, which counts what is on its way too)."""
NICENESS = 10
"""Half-way down the scale: yields to a line test, is not starved by an idle desktop."""


def popen_kwargs() -> dict[str, Any]:
    """Return what `subprocess.Popen` needs so that `kill` reaches the worker's children too."""
    return {"start_new_session": True}


def tie_to_parent(process: "subprocess.Popen[bytes]") -> None:
    """Tie a fresh worker to this process: nothing to do here, its session was made at its start."""


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a worker and all it started, at once; harmless when it has ended by itself.

    Its exit status is still to be fetched with `process.wait`.
    """
    # macOS answers EPERM for a group that holds nothing but zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def end_worker() -> NoReturn:
    """End this worker and all it started, at once: its parent is gone and will not do it."""
    # Where it is not the leader of a group, it shares one with who knows whom.
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def lower_priority() -> None:
    """Let this process yield to the others."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)


def uptime() -> float:
    """Return the seconds since this computer started, sleep included, by a clock that nobody sets.

    Linux' monotonic clock stands still while it sleeps, and that of macOS goes on.
    """
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def setenv(name: str, value: str) -> None:
    """Set a variable of the environment, so that libraries see it too."""
    os.environ[name] = value


def unread_bytes(descriptor: int) -> int:
    """Return how many bytes a socket has received that nobody has read."""
    return _bytes(descriptor, termios.FIONREAD)


def unsent_bytes(descriptor: int) -> int:
    """Return how many bytes were given to a TCP socket that it has not sent; 0 where that is not told."""
    return _bytes(descriptor, _SIOCOUTQNSD) if sys.platform == "linux" else 0


def _bytes(descriptor: int, request: int) -> int:
    try:
        (count,) = struct.unpack("i", fcntl.ioctl(descriptor, request, bytes(4)))
    except (OSError, ValueError):
        return 0
    return int(count)
