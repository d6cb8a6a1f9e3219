"""The data that the rooms hand to each other: facts, demands, checks, jobs, the report.

Everything here is frozen data on the standard library alone, so that the parent
process, which imports nothing heavy, can hold all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeGuard

POINTS_LIMIT = 200
"""Values that a series holds at most: more are not seen in a plot, and its line stays short."""
CAMERA_STAYED_ON = "camera-on"
"""The answer to the prompt "stop" of a rehearsal in which the camera was on from beginning to end."""
PREVIEW_LIMIT = (160, 90)
"""Columns and rows of pixels of the largest picture that leaves a worker."""


class Verdict(StrEnum):
    """What is said of one fact or one check."""

    PASS = "pass"  # noqa: S105 - the word of the report, not a secret
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"
    """Could not be measured: nothing is claimed."""
    SKIP = "skip"
    """Does not apply, was not asked for, or its precondition failed."""


class Readiness(StrEnum):
    """What is said of the whole computer."""

    READY = "ready"
    NOT_READY = "not-ready"
    INCOMPLETE = "incomplete"


class WarnReason(StrEnum):
    """Why a verdict is a warning."""

    CLOSE = "close"
    """The demand is met, the comfortable mark is not."""
    UNSURE = "unsure"
    """The interval the value may lie in straddles the bound."""
    ADVISED = "advised"
    """A demand of level `should` is missed."""


class Level(StrEnum):
    """How much a demand weighs."""

    MUST = "must"
    SHOULD = "should"


class Operator(StrEnum):
    """How a fact is compared with its bound."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EQUALS = "equals"


class Kind(StrEnum):
    """Why a measurement broke (closed: each has its words in `texts`)."""

    BUSY = "busy"
    NO_PERMISSION = "no-permission"
    NO_LIBRARY = "no-library"
    NO_DATA = "no-data"
    """The device opens but sends nothing."""
    NO_SIGNAL = "no-signal"
    """A capture card without a picture at its input, a microphone that sends nothing between the words."""
    LOST = "lost"
    """The device went away during the measurement."""
    NOT_HEARD = "not-heard"
    """No voice in an unguided recording: nothing can be said of the noise."""
    NO_NETWORK = "no-network"
    NO_NAMES = "no-names"
    """Names cannot be resolved."""
    PORTAL = "portal"
    """The network wants a person to sign in first."""
    INSPECTED = "inspected"
    """A certificate that this computer does not trust."""
    EXPIRED = "expired"
    """A certificate that is out of date, or a clock that is wrong."""
    PROXY_LOGIN = "proxy-login"
    NO_SPEED_TEST = "no-speed-test"
    """The host that was named answers, but gives and takes no data."""
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    INTERRUPTED = "interrupted"
    NO_MEMORY = "no-memory"
    STARVED = "starved"
    """The computer was too busy to measure."""
    BAD_INPUT = "bad-input"
    """A file in place of a device that cannot be read as one."""
    TIMEOUT = "timeout"
    SLOW = "slow"
    """A file in place of a device, of which there was too much for the time."""
    CRASH = "crash"
    BUG = "bug"


class SkipReason(StrEnum):
    """Why a check was skipped, where no other check is the reason."""

    NOT_ASKED = "not-asked"
    DECLINED = "declined"
    """The person was asked, and chose to skip it."""
    NOT_APPLICABLE = "not-applicable"
    NOT_SHOWN = "not-shown"
    """A recording was looked through, and it is not in it."""


Value = bool | int | float | str | tuple[int, ...] | None
"""What a fact may hold; a version is a tuple of integers, None is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One measured thing.

    `low` and `high` are the interval in which a number may lie; None is
    unbounded. Use `exact`, `between` or `unknown` to make one.
    """

    value: Value
    unit: str = ""
    low: float | None = None
    high: float | None = None


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a number; True and False are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def exact(value: Value, unit: str = "") -> Fact:
    """Return a fact that is known as it stands."""
    if is_number(value):
        return Fact(value=value, unit=unit, low=value, high=value)
    return Fact(value=value, unit=unit)


def between(value: float, low: float | None, high: float | None, unit: str = "") -> Fact:
    """Return a number that may lie anywhere from `low` to `high` (None: unbounded)."""
    return Fact(value=value, unit=unit, low=low, high=high)


def unknown(unit: str = "") -> Fact:
    """Return a fact that was looked for and cannot be determined: judged as a warning."""
    return Fact(value=None, unit=unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A value over time, for plots: at most `POINTS_LIMIT` points, `step` seconds apart."""

    unit: str
    step: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found out."""

    facts: Mapping[str, Fact]
    series: Mapping[str, Series] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A check that has nothing to say."""

    skipped_for: str
    """The id of the check whose failure is the reason, or a word of `SkipReason`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A measurement that broke."""

    kind: Kind
    detail: str = ""
    """For support staff only: never translated, holds no personal datum."""


Outcome = Finding | Skip | Trouble
"""What one check came to, before it is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCapture:
    """A capture that failed for one kind of capture only; its checks share the trouble."""

    reads: type
    trouble: Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one worker is asked to do."""

    source: str
    target: str | None
    """A device, address or file; None is the system's own choice."""
    checks: tuple[str, ...]
    """Ids, in the order of the catalogue."""
    parameters: Mapping[str, object]
    """The policy's `[parameters.<source>]`, with the command line's choices laid over it."""
    bounds: Mapping[str, float]
    """The policy's numeric bounds by "check.fact", for tests that stop once they are sure."""
    guided: bool = False
    """A person sits there and follows prompts."""
    whole: bool = False
    """Measured over a whole session, until the person or the clock answers the prompt "stop"."""
    live: bool = False
    """Nothing is reported: what would be said now is shown until somebody stops it."""
    deadline_s: float = 60.0
    """After so many seconds, waiting for the person aside, the worker is killed; a live one when it
    was silent for so long."""
    yields: bool = False
    """It runs at low priority, for the sake of a line test or a screen beside it."""
    record: str | None = None
    """A folder in which the capture of network, power and software is kept, when asked for."""

    def number(self, name: str) -> float:
        """Return a parameter of which the policy has seen to it that it is a number."""
        value = self.parameters[name]
        if not is_number(value):
            raise TypeError(f"parameters.{self.source}.{name}: {value!r}")
        return float(value)


class Link(Protocol):
    """What a source may tell the person in front of the computer while it captures."""

    def device(self, name: str) -> None:
        """Name the device that is really used."""

    def phase(self, name: str, seconds: float | None = None) -> None:
        """Say what happens now and how long it is expected to take."""

    def level(self, name: str, value: float) -> None:
        """Show a live value: "sound" in dBFS, "download" and "upload" in Mbit/s."""

    def preview(self, pixels: bytes, width: int, height: int) -> None:
        """Show a thumbnail: RGB bytes, at most `PREVIEW_LIMIT`; only where a person sits at the screen."""

    def show_glimpse(self, capture: object, checks: Sequence[str]) -> None:
        """Show what these checks, if the job has them, would say of a glimpse; it is not reported.

        May be called from any thread, but not while a capture that was yielded is analysed.
        """

    def ask(self, prompt: str) -> str:
        """Wait for the person: returns the prompt ("look", "quiet", "document"), or "skip".

        The deadline stands still while this waits. Unguided it returns "skip" at once.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What the policy asks of one fact."""

    check: str
    fact: str
    operator: Operator
    bound: Value
    comfortable: float | None = None
    level: Level = Level.MUST
    because: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One fact judged against one demand."""

    fact: str
    verdict: Verdict
    why: WarnReason | None
    demand: Demand


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check in the report."""

    id: str
    verdict: Verdict
    why: WarnReason | None = None
    duration_s: float | None = None
    trouble: Trouble | None = None
    skipped_for: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    results: tuple[Result, ...] = ()
    series: Mapping[str, Series] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole answer; what the JSON document says."""

    tool_version: str
    policy_name: str
    policy_version: str
    started: str
    """ISO 8601 with the offset of local time."""
    duration_s: float
    lang: str
    verdict: Readiness
    left_out: tuple[str, ...]
    checks: tuple[Check, ...]
    system: Mapping[str, str | int | float | None]
    devices: Mapping[str, str] = field(default_factory=dict)
    """Source to device name; shown on the terminal, in files only when asked for."""
