"""The three systems: the only room that asks which one this is."""

import signal
import sys

from preflight.platforms.system import Device, Permission, System

if sys.platform == "win32":
    from preflight.platforms.win32 import (
        end_worker,
        kill,
        lower_priority,
        popen_kwargs,
        setenv,
        tie_to_parent,
        unread_bytes,
        unsent_bytes,
        uptime,
    )
else:
    from preflight.platforms.posix import (
        end_worker,
        kill,
        lower_priority,
        popen_kwargs,
        setenv,
        tie_to_parent,
        unread_bytes,
        unsent_bytes,
        uptime,
    )

__all__ = [
    "Device",
    "Permission",
    "System",
    "current_system",
    "end_worker",
    "kill",
    "lacks_usage_description",
    "lower_priority",
    "popen_kwargs",
    "setenv",
    "tie_to_parent",
    "unread_bytes",
    "unsent_bytes",
    "uptime",
]


def lacks_usage_description(status: int, system: str = sys.platform) -> bool:
    """Return whether a worker ended as macOS ends one whose terminal does not say what it needs devices for.

    TCC aborts a process that asks for a camera or microphone in the name of a program without
    NSCameraUsageDescription or NSMicrophoneUsageDescription.
    """
    return system == "darwin" and status == -signal.SIGABRT


def current_system() -> System:
    """Return the system that this program runs on."""
    # Imported here: the parent process ends workers, and never asks for anything else.
    if sys.platform == "win32":
        from preflight.platforms.coreaudio import loudness  # noqa: PLC0415 - as above
        from preflight.platforms.networklist import cost  # noqa: PLC0415 - as above
        from preflight.platforms.win32 import WindowsRegistry, adapter, power_state, remote_session  # noqa: PLC0415 - as above
        from preflight.platforms.windows import Windows  # noqa: PLC0415 - as above

        return Windows(
            registry=WindowsRegistry(),
            power=power_state,
            volume=loudness,
            remote=remote_session,
            adapter=adapter,
            cost=cost,
        )
    if sys.platform == "darwin":
        from preflight.platforms.darwin import authorization, cameras  # noqa: PLC0415 - as above
        from preflight.platforms.macos import MacOS  # noqa: PLC0415 - as above

        return MacOS(authorization=authorization, list_cameras=cameras)
    from preflight.platforms.linux import Linux  # noqa: PLC0415 - as above

    return Linux()
