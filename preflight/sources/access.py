"""Whether the system lets this program use a device: its own word on what failed or stayed silent."""

import time

from preflight.errors import MeasurementError
from preflight.model import Kind
from preflight.platforms import Device, Permission, System

WITHHELD = frozenset((Permission.DENIED, Permission.NOT_ASKED))
KNOWN_PROGRAMS = """
arecord audacity brave cheese chrome chromium discord ffmpeg firefox gnome-snapshot guvcview kamoso msedge
msteams obs obs64 obs-studio opera pipewire pulseaudio skype slack snapshot teams telegram vlc webex
whatsapp windowscamera wireplumber zoom
"""
DIALOG_S = 12.0
"""How long somebody may think over the question that macOS asks at the first use; with a guided
recording after it, this keeps within the microphone's deadline of 30 s."""
_STEP_S = 0.1


def require_permission(device: Device, system: System) -> None:
    """Raise `MeasurementError` (no-permission) where the system keeps a device from this program.

    To be asked of a device that seems absent, black or mute: a program without permission is
    given nothing but zeros by macOS (python-sounddevice issues 196, 267 and 332) and by some
    drivers of Windows.
    """
    permission = system.permission(device)
    if permission in WITHHELD:
        raise MeasurementError(Kind.NO_PERMISSION, _describe_permission(device, permission, system))


def explain_failure(broken: MeasurementError, device: Device, system: System) -> MeasurementError:
    """Return why a device could not be opened as exactly as the system tells: forbidden, or held by whom."""
    kind, detail = broken.trouble.kind, broken.trouble.detail
    if kind not in {Kind.BUSY, Kind.NO_DATA}:
        return broken
    permission = system.permission(device)
    if permission in WITHHELD:
        return MeasurementError(
            Kind.NO_PERMISSION, f"{detail}; {_describe_permission(device, permission, system)}"
        )
    # Several programs may share a microphone: that one uses it explains only a refusal.
    users = system.programs_using(device) if kind is Kind.BUSY else ()
    known = [user if _is_widespread(user) else "another program" for user in users]
    return (
        MeasurementError(kind, f"{detail}; in use by {', '.join(dict.fromkeys(known))}") if users else broken
    )


def _is_widespread(program: str) -> bool:
    """Tell whether a program is one that many people have: the name of any other may tell whose it is."""
    return program.casefold().removesuffix(".exe") in KNOWN_PROGRAMS.split()


def _describe_permission(device: Device, permission: Permission, system: System) -> str:
    whom = f" to {system.permission_asker}" if system.permission_asker else ""
    return f"{system.name} says: {device} {permission}{whom}"


def await_permission(device: Device, system: System, seconds: float = DIALOG_S) -> bool:
    """Wait while the system's own question stands unanswered; return whether it was and is now allowed.

    What was opened before the answer has to be opened again.
    """
    if not system.asks_permission or system.permission(device) is not Permission.NOT_ASKED:
        return False
    until = time.monotonic() + seconds
    while (permission := system.permission(device)) is Permission.NOT_ASKED and time.monotonic() < until:
        time.sleep(_STEP_S)
    return permission is Permission.ALLOWED
