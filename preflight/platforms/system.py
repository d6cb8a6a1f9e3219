"""What each of the three systems answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # The command line asks for the language of the system, and need not pay for what sources hand on.
    from collections.abc import Sequence

    from preflight.captures import Handler, Program, Supply, Uplink


class Device(StrEnum):
    """What a person may allow a program to use, or not."""

    CAMERA = "camera"
    MICROPHONE = "microphone"


class Permission(StrEnum):
    """Whether this program may use a device."""

    ALLOWED = "allowed"
    DENIED = "denied"
    NOT_ASKED = "not-asked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The system and the computer, as `SoftwareCapture` describes each of these."""

    os_name: str
    os_version: str
    architecture: str
    processor: str
    sleep_mains_s: float | None
    sleep_battery_s: float | None
    saver: bool | None = None
    restart: bool | None = None
    remote: bool | None = None
    virtual: bool | None = None


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud the system plays sound; None is what it does not tell."""

    muted: bool | None = None
    volume: float | None = None
    """Percent of its own scale."""


class ProgramRunner(Protocol):
    """Runs a program of the system; returns what it prints, nothing if that fails."""

    def __call__(self, command: Sequence[str], /) -> bytes:
        """Return what the command prints."""


class System(Protocol):
    """One operating system; nothing here raises, what cannot be determined is left out or unknown."""

    @property
    def name(self) -> str:
        """Return "linux", "windows" or "macos"."""

    @property
    def asks_permission(self) -> bool:
        """Whether the system puts a question to the person when a program first opens a device."""

    def supplies(self) -> tuple[Supply, ...] | None:
        """Return batteries and outside power as they are now; None if the system does not tell."""

    def machine(self) -> Machine:
        """Return the system, the processor and the sleep setting."""

    def programs(self) -> tuple[Program, ...]:
        """Return what may be Zoom or a browser, with what is known of each."""

    def handlers(self) -> tuple[Handler, ...]:
        """Return what opens https and zoommtg links; a kind that nothing opens is left out."""

    def uplink(self, interface: str) -> Uplink:
        """Return what kind of way out a network interface is, by its name as psutil has it."""

    def permission(self, device: Device) -> Permission:
        """Return whether this program may use a device."""

    def loudness(self) -> Loudness:
        """Return how loud the system's own choice of output is."""

    @property
    def permission_asker(self) -> str:
        """The program in whose name the system asks the person, where that is another one; else nothing."""

    def cameras(self) -> tuple[tuple[str, str], ...] | None:
        """Return identifier and name of each camera in the order in which OpenCV counts them.

        None where OpenCV and the list of cameras have one order anyway.
        """

    def programs_using(self, device: Device) -> tuple[str, ...]:
        """Return the names of the other programs that use a device now, as far as can be told."""
