"""What a source hands to its checks: plain data, shapes and units written down.

Captures compare by identity (`eq=False`), so that a measure shared by several
checks can be cached per capture with `functools.lru_cache`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Sound = NDArray[np.float32]

# --- camera ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """What the last search of a whole picture came to: the next frames need no other as long as it holds."""

    near: tuple[float, float, float] | None
    """Left, top and side of the face's box; None where nobody was found."""
    others: float
    sign: str
    """As in `measures.face_search.FaceSearch`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CameraCapture:
    """What a camera, a stream or a file gave in about two seconds, exposure settled.

    Of a camera that is not there only `present` says something.
    """

    present: bool
    virtual: bool = False
    """It is a program that pretends to be a camera."""
    clip: bool = False
    """It is a film that another device recorded."""
    width: int = 0
    height: int = 0
    """Of the frames as they came, in pixels; what was asked for or promised does not count."""
    frames: "tuple[Picture, ...]" = ()
    """At most 8, evenly spread: BGR, uint8, (height, width, 3). One where the file is a picture."""
    arrivals: tuple[float, ...] = ()
    """When each frame of the measured time was here, in seconds of a monotonic clock."""
    stamps: tuple[float, ...] = ()
    """When each was taken, by the driver or the file, in seconds; empty where neither says."""
    interval: float | None = None
    """Seconds from frame to frame as the driver or the file has them."""
    black: int = 0
    """Frames of one even colour throughout, as a closed shutter gives."""
    corrupted: int = 0
    """Frames whose lower part is missing, as a half JPEG decodes."""
    still_s: float = 0.0
    """Longest time in seconds in which every frame was the same to the last bit."""
    dropped: int = 0
    """Frames missing between two others, by their times."""
    starved: float = 0.0
    """Share of the frames that had to wait for this computer; 0 where it waited for each."""
    largest: tuple[int, int] = (0, 0)
    """Width and height of the largest picture that came; zeros where it was not asked for yet."""
    before: "Glimpse | None" = None
    """What was known a moment before, where this is a single frame seen in passing."""

    @property
    def covered(self) -> bool:
        """Whether most frames show nothing at all, so that nothing can be said of their content."""
        return 2 * self.black > len(self.arrivals)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StillCapture:
    """The largest picture that a camera gave."""

    present: bool
    clip: bool = False
    """It is a photo that another device took."""
    width: int = 0
    height: int = 0
    """In pixels."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DocumentCapture:
    """What was shown when a document was asked for."""

    asked: bool
    """False: nobody was asked to show one."""
    declined: bool = False
    """They were asked, and chose to skip it."""
    shown: bool = True
    """False: a recording was looked through, and no document is in it."""
    frames: "tuple[Picture, ...]" = ()
    """At most 8, the sharpest of the time: BGR, uint8, (height, width, 3)."""


# --- microphone ---


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MicrophoneCapture:
    """What a microphone or a file gave.

    Of a microphone that is not there only `present` and `monitor` say something.
    """

    present: bool
    monitor: bool = False
    """What would be recorded is the computer's own sound: the monitor of a loudspeaker."""
    origin: Literal["guided", "unguided", "file"] = "unguided"
    """A guided recording and a file hold a silent part, then a voice; an unguided one whatever there was."""
    samples: "Sound | None" = None
    """Mono, float32, full scale 1.0; at least a second of it where there is a microphone."""
    rate: int = 0
    """Samples a second."""
    onset: int | None = None
    """Sample at which the talking part begins; None where that is not known."""
    due: int = 0
    """Samples there should have been: by the clock, or as the file says."""
    came: int = 0
    """Samples that did come."""


# --- speaker ---


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutputCapture:
    """What plays sound here, as the system has it; no sound is made for it."""

    present: bool
    muted: bool | None = None
    """None: the system does not tell."""
    volume: float | None = None
    """Percent of the system's own scale; None: it does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """So many tones played, and how many the person counted (0: none was heard)."""

    played: int
    counted: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HearingCapture:
    """What a person said of the tones that were played."""

    present: bool
    """Something that plays sound is there."""
    declined: bool = False
    """They were asked, and chose to skip it."""
    rounds: tuple[Round, ...] = ()
    """None: nobody was asked."""
    listened: bool = False
    """A microphone was open meanwhile."""
    gain_db: float | None = None
    """How much the tones came back through it, against what was played; None: not found in it."""
    delay_s: float | None = None


# --- network ---


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transfer:
    """One direction of the line under a load that is paced and spread over several streams."""

    provider: str
    """"own" (the policy's host), "cloudflare" or "speedtest"."""
    bound: float
    """Mbit/s the question was about: the transfer stopped once the answer was sure."""
    pace: float
    """Mbit/s that all streams together were held to."""
    streams: int
    round_trip: float
    """Seconds there and back on the idle line."""
    rates: tuple[float, ...]
    """Mbit/s of each 100 ms since the first byte."""
    late: tuple[float, ...]
    """Seconds by which the clock of each of these 100 ms woke too late."""
    connects: tuple[float, ...]
    """Seconds that each stream needed to connect; streams that never did are missing."""
    errors: tuple[str, ...]
    """The kinds of trouble in which streams ended, one per broken stream."""
    end: str
    """Why it stopped: "sure", "time", "data", "stalled" (no byte for 2 s) or "lost" (every stream broke)."""
    used: int
    """Bytes that passed both ways since the capture before, in questions and attempts that failed too."""
    seconds: float
    """Duration, the connecting included."""
    complete: float | None = None
    """Mbit/s by speedtest-cli's own complete test, where that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Download(Transfer):
    """A transfer towards this computer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Upload(Transfer):
    """A transfer from this computer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One small question sent and its answer awaited."""

    sent: float
    """Seconds since the start."""
    round_trip: float | None
    """Seconds until the answer; None: none came."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rehearsal:
    """The line under a session's own load, both ways at once, with small questions beside it."""

    method: str
    """"stun": UDP, as a call uses; "https": TCP, which hides losses behind delays."""
    probes: tuple[Probe, ...]
    """In the order of sending."""
    load: float
    """Mbit/s each way that was asked for."""
    down: tuple[float, ...]
    """Mbit/s of each 100 ms towards this computer."""
    up: tuple[float, ...]
    """Mbit/s of each 100 ms from this computer."""
    late: tuple[float, ...]
    """Seconds by which the clock of each of these 100 ms woke too late."""
    errors: tuple[str, ...]
    """The kinds of trouble in which streams of the load ended."""
    used: int
    """As in `Transfer`."""
    seconds: float
    """Duration."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Endurance(Rehearsal):
    """The line over a whole session, its load carried for a second of each minute."""

    asleep_s: float
    """Seconds for which the computer slept meanwhile."""
    busy: float
    """Share of all processors that was busy meanwhile: 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How far one address let this computer come, as seconds of each step; None: not reached."""

    target: str
    """"cabinet" or "zoom"."""
    dns: float | None
    tcp: float | None
    tls: float | None
    """The certificate was trusted as well."""
    http: float | None
    status: int | None
    """The HTTP status of the answer."""
    trouble: str | None
    """The kind of trouble that ended it."""
    detail: str = ""
    """For support staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplink:
    """What carries this computer's traffic; None is what the system does not tell."""

    wireless: bool | None = None
    """Wi-Fi."""
    mobile: bool | None = None
    """A modem for a mobile network, or a phone that shares its own by cable or Bluetooth."""
    tunnel: bool | None = None
    """A VPN; of what is beneath it nothing is known then."""
    metered: bool | None = None
    """The system holds the data to be paid for by volume."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reach:
    """Which addresses a session needs can be reached."""

    answers: tuple[Answer, ...]
    udp: float | None
    """Seconds until the first STUN server answered; None: none did."""
    udp_asked: int
    """STUN servers asked."""
    connected: bool
    """This computer has a way out at all (a route for IPv4 or IPv6)."""
    portal: bool | None
    """The network answered in place of a well-known page; None: it cannot be determined."""
    uplink: Uplink | None = None
    """What the traffic leaves by; None: unknown, as in older recordings."""


# --- power ---


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Supply:
    """One battery or one source of outside power, in the words of Linux's power_supply class.

    What Windows and macOS tell is put into the same words. None is what the system does not tell.
    """

    name: str
    kind: str
    """ "Battery", "Mains" or "USB"."""
    scope: str = ""
    """ "Device" for the battery of a mouse, a pen or a headset."""
    present: bool | None = None
    online: bool | None = None
    status: str = ""
    """ "Charging", "Discharging", "Not charging", "Full", "Unknown"."""
    percent: float | None = None
    energy_now: float | None = None
    """Wh, as `energy_full`."""
    energy_full: float | None = None
    charge_now: float | None = None
    """Ah, as `charge_full`."""
    charge_full: float | None = None
    voltage: float | None = None
    """V, as `voltage_design`."""
    voltage_design: float | None = None
    power: float | None = None
    """W, without the sign that some drivers give it."""
    current: float | None = None
    """A, without its sign."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PowerCapture:
    """What the computer runs on, read several times while the camera works."""

    system: str
    """ "linux", "windows" or "macos"."""
    readings: tuple[tuple[Supply, ...], ...]
    """Every supply at each moment; the first is the earliest. At least one reading."""
    step_s: float
    """Seconds from one reading to the next."""
    camera_on: bool = False
    """The camera was on all the while, so that the batteries gave what a session takes."""


# --- software ---


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Program:
    """One thing that says it is an installed program: a registry key, a bundle, a desktop entry.

    Paths below the person's home begin with "~", so that no user name is kept.
    """

    place: str
    """Where it is said: the registry key, the bundle, the desktop entry."""
    name: str
    maker: str = ""
    """Publisher (Windows) or identifier (bundle, flatpak, snap)."""
    version: str = ""
    """As it is written there; empty when it is not."""
    program: str = ""
    """The file that would be started."""
    exists: bool | None
    """That file is there and can be started; None: it starts in a container or a script, out of sight."""
    schemes: tuple[str, ...] = ()
    """The kinds of link it says it opens: "https", "zoommtg"."""
    hd: bool | None = None
    """Zoom: whether its own settings let it send HD; None: not told."""
    withheld: tuple[str, ...] = ()
    """The devices that the sandbox of its package keeps from it: "camera", "microphone"."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Handler:
    """What the system starts for one kind of link."""

    scheme: str
    place: str
    """The registry's class, the bundle's identifier, the desktop entry."""
    program: str = ""
    exists: bool | None
    """As `Program.exists`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoftwareCapture:
    """Zoom, the browsers and the computer itself."""

    system: str
    """ "linux", "windows" or "macos"."""
    os_name: str
    """As people say it: "Windows 11", "Debian GNU/Linux 12"."""
    os_version: str
    """What Zoom's requirement is compared with: Windows 10.0.22631, macOS 14.5, glibc 2.36."""
    architecture: str
    """ "x86_64" or "arm64", or what else the system calls it."""
    processor: str
    processors: int | None
    """Logical ones, as many as this process may use."""
    memory: int | None
    """Bytes."""
    load: float | None
    """Share of all processors that was busy before the other sources began: 0 to 1."""
    sleep_mains_s: float | None
    """Seconds without a touch after which the computer sleeps on outside power; 0 is never."""
    sleep_battery_s: float | None
    supplies: tuple[Supply, ...]
    """What it ran on then."""
    programs: tuple[Program, ...]
    handlers: tuple[Handler, ...]
    saver: bool | None = None
    """The system saves energy, at the cost of speed."""
    restart: bool | None = None
    """The system waits to be started anew, to finish an update."""
    remote: bool | None = None
    """It is used from another computer, whose camera and microphone are others."""
    virtual: bool | None = None
    """It is a computer within another one."""
    made: str = ""
    """The day when it was read, as "2026-11-29"; older recordings do not hold it."""
