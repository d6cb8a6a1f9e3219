"""The three systems: the only room that asks which one this is."""

import signal
import sys

from preflight.platforms.system import Device, Permission, System

if sys.platform == "win32":
    from preflight.platforms.win32 import (
        adopt,
        kill,
        leave,
        lower_priority,
        popen_kwargs,
        setenv,
        unread,
        unsent,
    )
else:
    from preflight.platforms.posix import (
        adopt,
        kill,
        leave,
        lower_priority,
        popen_kwargs,
        setenv,
        unread,
        unsent,
    )

__all__ = [
    "Device",
    "Permission",
    "System",
    "adopt",
    "kill",
    "leave",
    "lower_priority",
    "popen_kwargs",
    "setenv",
    "this",
    "undeclared",
    "unread",
    "unsent",
]


def undeclared(status: int, system: str = sys.platform) -> bool:
    """Return whether a worker ended as macOS ends one whose terminal does not say what it needs devices for.

    TCC aborts a process that asks for a camera or microphone in the name of a program without
    NSCameraUsageDescription or NSMicrophoneUsageDescription.
    """
    return system == "darwin" and status == -signal.SIGABRT


def this() -> System:
    """Return the system that this program runs on."""
    # Imported here: the parent process ends workers, and never asks for anything else.
    if sys.platform == "win32":
        from preflight.platforms.coreaudio import loudness  # noqa: PLC0415 - as above
        from preflight.platforms.win32 import Live, power_state, remote_session  # noqa: PLC0415 - as above
        from preflight.platforms.windows import Windows  # noqa: PLC0415 - as above

        return Windows(registry=Live(), power=power_state, volume=loudness, remote=remote_session)
    if sys.platform == "darwin":
        from preflight.platforms.darwin import authorization, cameras  # noqa: PLC0415 - as above
        from preflight.platforms.macos import MacOS  # noqa: PLC0415 - as above

        return MacOS(authorization=authorization, listed=cameras)
    from preflight.platforms.linux import Linux  # noqa: PLC0415 - as above

    return Linux()
