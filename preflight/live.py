"""The run on a live screen: the picture, the meters, the checklist, and one thing to do at a time.

Nothing here decides: what a glimpse shows is judged by the same policy and told in the
same words as the report.
"""

import contextlib
import math
import sys
import textwrap
import time
from base64 import b64decode
from binascii import Error as NotBase64
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from preflight import canvas, codec, console, inspection, judge
from preflight.model import (
    PREVIEW_LIMIT,
    Check,
    Demand,
    Fact,
    Finding,
    Job,
    Operator,
    Outcome,
    Verdict,
    WarnReason,
    is_number,
)
from preflight.platforms.console import enable_escape_sequences, is_terminal
from preflight.platforms.keyboard import KeyReader, read_keys
from preflight.policy import Policy
from preflight.reports.content import finding_and_action, sentence, source_of
from preflight.texts import GUIDE, HELP, SYMBOLS, Words

LEAST = (72, 24)
"""Columns and rows that the whole screen needs."""
NOW = (
    "camera.face",
    "camera.lighting",
    "camera.focus",
    "camera.colour",
    "microphone.signal",
    "microphone.noise",
)
"""What can be told of a glimpse, in the order in which it is put right."""

TITLE = 28
"""Columns of a check's name in the checklist."""
LABEL = 17
FOOT = 6
ADVICE = 3
"""Rows of what to do, the keys included, and how many of them tell what is wrong."""
_LIST = TITLE + 2
_FRAME_S = 0.04
_IDLE_S = 0.1
_DOUBT_S = 4.0
"""People who speak pause more often; while they do not, their room cannot be told apart from their voice."""
_STEADY_S = 1.0
"""How long something else must have been seen until a line is spent on it."""
_FLOOR_LEVELS = 60
_MARK = 1 / 3
"""Where on a meter the bound is."""
_OCTAVES_DB = 60.0
"""A meter's length where the bound is a level below full scale."""
_ANSWERS: Mapping[str, Mapping[str, str]] = {
    "document": {"\n": "document", "s": "skip"},
    "tones": {"\n": "tones", "s": "skip"},
    "count": {**{digit: digit for digit in "0123456789"}, "s": "skip"},
    "play": {"\n": "play"},
}
"""What a prompt that waits for its turn takes for an answer, by key."""
_KEYS: Mapping[str, tuple[str, ...]] = {
    "document": ("held", "skip"),
    "tones": ("listen", "skip"),
    "count": ("count", "silent", "skip"),
    "play": ("play",),
}
"""The keys that are shown with it."""
_FIRST = ("microphone", "camera", "speaker", "network", "power", "software")
"""Whose instruction is shown where several have one."""
_PENDING = "·"
_STYLES = {
    Verdict.PASS: "32",
    Verdict.WARN: "33",
    Verdict.FAIL: "1;31",
    Verdict.ERROR: "35",
    Verdict.SKIP: "2",
}


class Left(Exception):
    """Whoever sits there has seen enough."""


def carries(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Return whether a stream is a terminal that can carry the live screen, with a keyboard beside it."""
    if stream is None or not (is_terminal(stream) and is_terminal(sys.stdin)):
        return False
    if environ.get("TERM", "") == "dumb" or "utf" not in (stream.encoding or "").lower():
        return False
    columns, rows = canvas.Canvas(stream).size
    return columns >= LEAST[0] and rows >= LEAST[1] and enable_escape_sequences(stream)


class Steady:
    """What would be said of each check now; a passing doubt changes nothing."""

    def __init__(self, demanded: Policy) -> None:
        self._demanded = demanded
        self._sure: dict[str, tuple[Check, float]] = {}

    def take(self, event: Mapping[str, Any]) -> Check | None:
        """Return what would be said after a glimpse, None where it is not known.

        Only what it shows is judged: a single frame has no frame rate. A doubt may pass with
        the speaker's next pause.
        """
        check, now = self._judged(event), time.monotonic()
        if check is None:
            return None
        if check.why is not WarnReason.UNSURE:
            self._sure[check.id] = check, now
            return check
        sure, at = self._sure.get(check.id, (check, now))
        return sure if now - at < _DOUBT_S else check

    def _judged(self, event: Mapping[str, Any]) -> Check | None:
        check = str(event.get("check", ""))
        try:
            outcome = codec.load_outcome(event)
        except codec.MalformedError:
            return None
        shown = outcome.facts if isinstance(outcome, Finding) else {}
        demands = [demand for demand in self._demanded.demands_on(check) if demand.fact in shown]
        return judge.judge(check, outcome, demands) if check in self._demanded.catalogue else None


def worst(said: Mapping[str, Check]) -> Check | None:
    """Return what to put right first."""
    for verdict in (Verdict.FAIL, Verdict.WARN):
        for check in NOW:
            if check in said and said[check].verdict is verdict:
                return said[check]
    return None


def advice(check: Check, words: Words) -> str:
    """Return what is wrong and what to do about it, in two sentences; empty where nothing is."""
    if check.trouble:
        return sentence(words.trouble(check.trouble, source_of(check.id)).finding)
    if check.verdict not in (Verdict.FAIL, Verdict.WARN):
        return ""
    said = finding_and_action(check, words)
    return said[:1].upper() + said[1:]


@dataclass(slots=True, kw_only=True)
class _Source:
    """What a worker does at the moment."""

    job: Job
    device: str = ""
    asked: str = ""
    instruction: str = ""
    until: float | None = None
    ended: bool = False

    @property
    def ready(self) -> bool:
        return bool(self.asked) or self.ended or not self.job.guided

    def end(self) -> None:
        self.ended, self.instruction, self.asked = True, "", ""


@dataclass(slots=True, kw_only=True)
class _Meters:
    """The latest value of each level, and the recent ones of the sound."""

    levels: dict[str, float] = field(default_factory=dict)
    sound: deque[float] = field(default_factory=lambda: deque(maxlen=_FLOOR_LEVELS))

    def take(self, name: str, value: float) -> None:
        self.levels[name] = value
        if name == "sound":
            self.sound.append(value)

    @property
    def floor(self) -> float:
        """The background: the quietest tenth of the last seconds, in dBFS."""
        return sorted(self.sound)[len(self.sound) // 10] if self.sound else canvas.QUIETEST_DBFS


class Live:
    """Watches the workers, shows what they see, and leads the person in front of the computer."""

    def __init__(
        self, words: Words, stream: TextIO, demanded: Policy, environ: Mapping[str, str], *, reported: bool
    ) -> None:
        self._words = words
        self._demanded = demanded
        self._steady = Steady(demanded)
        self._reported = reported
        self._coloured = not environ.get("NO_COLOR")
        self._canvas = canvas.Canvas(stream)
        self._picture = canvas.HalfBlockPicture(truecolour=canvas.has_truecolour(environ))
        self._meters = _Meters()
        self._sources: dict[tuple[str, str | None], _Source] = {}
        self._checks: dict[str, Check | None] = {}
        self._now: dict[str, Check] = {}
        self._begun = False
        self._idle = 0.0
        """Since when nothing is asked of the person."""
        self._pressed = ""
        self._shown = 0.0
        self._fresh = False
        self._closing = contextlib.ExitStack()
        self._key: KeyReader = lambda _: ""

    def begin(self, jobs: Iterable[Job]) -> None:
        """Take the screen and the keyboard."""
        for job in jobs:
            self._sources[job.source, job.target] = _Source(job=job)
        checks = (check for source in self._sources.values() for check in source.job.checks)
        wanted = {check for check in checks if self._reported or check in NOW}
        self._checks = {check: None for check in self._demanded.catalogue if check in wanted}
        self._key = self._closing.enter_context(read_keys())
        self._closing.callback(self._canvas.close)
        self._canvas.open()

    def end(self) -> None:
        """Give both back as they were."""
        self._closing.close()

    def preview(self) -> list[int]:
        """Return the size in pixels of the pictures that fill their place on this screen."""
        columns, rows = self._canvas.size
        return [
            max(16, min(PREVIEW_LIMIT[0], columns - _LIST - 2)),
            max(10, min(PREVIEW_LIMIT[1], 2 * (rows - 1 - FOOT - 5))),
        ]

    def handle_event(self, job: Job, event: Mapping[str, Any]) -> None:
        """See what a worker does."""
        source = self._sources[job.source, job.target]
        match event.get("event"):
            case "preview":
                self._see(event)
            case "level":
                self._meters.take(str(event.get("name", "")), float(event.get("value", 0.0)))
            case "phase":
                self._phase(source, str(event.get("name", "")), event.get("seconds"))
            case "device":
                source.device = str(event.get("name", ""))
            case "now":
                said = self._steady.take(event)
                if said:
                    self._now[said.id] = said
                    if not self._reported:
                        self._checks[said.id] = said
            case "facts" | "skip" | "trouble":
                self._judge(source, event)
            case "done":
                source.end()

    def answer(self, job: Job, prompt: str) -> str | None:
        """Return what the person pressed, None as long as nothing that answers this."""
        source = self._sources[job.source, job.target]
        if prompt in _ANSWERS and self._occupied(source):
            return None
        source.asked = prompt
        if prompt in ("look", "quiet"):
            return prompt if self._begun else None
        if prompt not in _ANSWERS:
            return prompt
        source.instruction, source.until = self._words.phase(job.source, prompt, job.parameters), None
        answer = _ANSWERS[prompt].get(self._pressed)
        self._pressed = ""
        if answer:
            source.asked, source.instruction = "", ""
        return answer

    def tick(self) -> None:
        """Take a key, show what changed."""
        now = time.monotonic()
        self._pressed = self._key(0.0) or self._pressed
        if self._pressed == "q":
            if self._reported:
                raise KeyboardInterrupt
            raise Left
        if self._waiting:
            if self._pressed == "\n" and self._ready:
                self._begun = True
                self._fresh = True
            self._pressed = ""
        if now - self._shown >= (_FRAME_S if self._fresh else _IDLE_S):
            self._shown, self._fresh = now, False
            self._canvas.show(self.lines(*self._canvas.size, now))

    def lines(self, columns: int, rows: int, now: float) -> list[str]:
        """Return the screen at a moment: a title, picture and meters beside the checklist, what to do."""
        title = HELP["preflight"] if self._reported else GUIDE["live.title"]
        head = canvas.add_style(canvas.fit_to_width(f" preflight  {self._words.say(title)}", columns), "7")
        high = max(0, rows - 1 - FOOT)
        if columns < LEAST[0] or rows < LEAST[1]:
            body = self._list(columns, high)
        else:
            wide = columns - _LIST - 2
            meters = self._bars(wide)
            left = [*self._picture.lines(wide, high - len(meters)), *meters]
            body = [f"{one}  {other}" for one, other in zip(left, self._list(_LIST, high), strict=True)]
        return [head, *body, *self._foot(columns, now)]

    def _occupied(self, asking: _Source) -> bool:
        """Whether the person still follows what another source asked for."""
        others = (source for source in self._sources.values() if source is not asking)
        last = inspection.LAST_SOURCE
        return any(each.job.guided and not each.ended and each.job.source != last for each in others)

    @property
    def _ready(self) -> bool:
        return all(source.ready for source in self._sources.values())

    @property
    def _waiting(self) -> bool:
        """Whether the person arranges lamp and seat before the run begins."""
        return (
            self._reported
            and not self._begun
            and any(source.job.guided and not source.ended for source in self._sources.values())
        )

    def _see(self, event: Mapping[str, Any]) -> None:
        with contextlib.suppress(NotBase64, TypeError, ValueError):
            pixels = b64decode(event["pixels"])
            self._picture.update(pixels, int(event["width"]), int(event["height"]))
            self._fresh = True

    def _phase(self, source: _Source, name: str, seconds: object) -> None:
        source.asked, source.instruction = (
            "",
            self._words.phase(source.job.source, name, source.job.parameters),
        )
        source.until = time.monotonic() + seconds if isinstance(seconds, int | float) else None

    def _judge(self, source: _Source, event: Mapping[str, Any]) -> None:
        open_ = [check for check in source.job.checks if self._checks.get(check) is None]
        checks = open_ if event.get("check") is None else [str(event["check"])]
        if event.get("check") is None:
            source.end()
        outcome: Outcome
        try:
            outcome = codec.load_outcome(event)
        except codec.MalformedError:
            return
        for check in checks:
            if check in self._checks:
                judged = judge.judge(check, outcome, self._demanded.demands_on(check))
                self._checks[check] = judged
                if check in NOW:
                    self._now[check] = judged

    def _list(self, columns: int, rows: int) -> list[str]:
        """Return the checklist; where it is too long, what passed goes first."""
        shown = list(self._checks.items())
        while len(shown) > rows:
            passed = next((each for each in shown if each[1] and each[1].verdict is Verdict.PASS), shown[-1])
            shown.remove(passed)
        lines = []
        for check, judged in shown:
            symbol = SYMBOLS[judged.verdict] if judged else _PENDING
            style = _STYLES[judged.verdict] if judged else "2"
            lines.append(
                self._styled(canvas.fit_to_width(f"{symbol} {self._words.title(check)}", columns), style)
            )
        return lines + [" " * columns] * (rows - len(lines))

    def _bars(self, columns: int) -> list[str]:
        """Return the name of the devices and the meters that there is something for."""
        sources = {source.job.source for source in self._sources.values()}
        lines = []
        if "camera" in sources:
            device = next((each.device for each in self._sources.values() if each.job.source == "camera"), "")
            lines.append(self._styled(canvas.fit_to_width(device, columns), "2"))
            lines.append(self._meter("light", self._now.get("camera.lighting"), columns))
            lines.append(self._meter("focus", self._now.get("camera.focus"), columns))
        if "microphone" in sources:
            lines.append(self._sound(columns))
        if "network" in sources:
            lines.append(self._line(columns))
        return lines

    def _meter(self, name: str, check: Check | None, columns: int) -> str:
        """Return a meter of the weakest number of a check."""
        results = check.results if check else ()
        facts = check.facts if check else {}
        shares = [share(facts[each.fact], each.demand) for each in results if each.fact in facts]
        known = [each for each in shares if each is not None]
        return self._gauge(name, min(known, default=None), check, columns)

    def _sound(self, columns: int) -> str:
        level = self._meters.levels.get("sound")
        check = self._now.get("microphone.noise") or self._checks.get("microphone.noise")
        if level is None:
            return self._gauge("sound", None, check, columns)
        ratio = next(
            (each.bound for each in self._demanded.demands_on("microphone.noise") if each.fact == "ratio"), 0
        )
        floor = self._meters.floor
        mark = canvas.meter_share(floor + ratio) if is_number(ratio) else None
        return self._gauge(
            "sound", canvas.meter_share(level), check, columns, mark=mark, floor=canvas.meter_share(floor)
        )

    def _line(self, columns: int) -> str:
        for name in ("upload", "download"):
            check = self._checks.get(f"network.{name}")
            rate = self._meters.levels.get(name)
            if rate is not None:
                demands = self._demanded.demands_on(f"network.{name}")
                demand = next((each for each in demands if each.fact == "rate"), None)
                fact = Fact(value=rate)
                return self._gauge(name, share(fact, demand) if demand else None, check, columns)
        return self._gauge("download", None, None, columns)

    def _gauge(
        self,
        name: str,
        value: float | None,
        check: Check | None,
        columns: int,
        *,
        mark: float | None = _MARK,
        floor: float = 0.0,
    ) -> str:
        label = canvas.fit_to_width(self._words.say(GUIDE["meter." + name]), LABEL)
        symbol = SYMBOLS[check.verdict] if check else " "
        style = _STYLES[check.verdict] if check and value is not None else "2"
        shown = canvas.bar(columns - LABEL - 3, value or 0.0, mark=mark, floor=floor)
        return f"{label}{self._styled(f'{shown} {symbol} ', style)}"

    def _foot(self, columns: int, now: float) -> list[str]:
        """Return what is wrong now, what to do, and the keys that do something."""
        verdict, said = self._wrong()
        hint = wrapped(f"{SYMBOLS[verdict]} {said}" if said else "", columns)[:ADVICE]
        todo = wrapped(self._instruction(now), columns)[: FOOT - 1 - len(hint)]
        lines = [self._styled(canvas.fit_to_width(f" {line}", columns), _STYLES[verdict]) for line in hint]
        lines += [canvas.add_style(canvas.fit_to_width(f" {line}", columns), "1") for line in todo]
        lines = [""] * (FOOT - 1 - len(lines)) + lines
        pressed = "   ".join(self._words.say(GUIDE["key." + key]) for key in self._keys())
        return [*lines, canvas.add_style(canvas.fit_to_width(f" {pressed}", columns), "2")]

    def _wrong(self) -> tuple[Verdict, str]:
        """Return what would be said now, while something can be arranged; else nothing."""
        if not self._now or not (self._waiting or not self._reported):
            return Verdict.SKIP, ""
        if check := worst(self._now):
            return check.verdict, advice(check, self._words)
        for check in self._now.values():
            if check.trouble:
                return Verdict.ERROR, advice(check, self._words)
        # Nothing of what was not measured yet: a microphone may still turn out to be silent.
        good = [GUIDE["live.good." + source] for source in inspection.GUIDED_SOURCES if self._good(source)]
        return (Verdict.PASS, " ".join(map(self._words.say, good))) if good else (Verdict.SKIP, "")

    def _good(self, source: str) -> bool:
        """Whether all that can be told now of a source has been seen and is good."""
        wanted = [check for check in self._checks if check in NOW and source_of(check) == source]
        seen = [self._now[check].verdict for check in wanted if check in self._now]
        return bool(wanted) and seen == [Verdict.PASS] * len(wanted)

    def _instruction(self, now: float) -> str:
        if self._waiting:
            if self._ready:
                return self._words.say(GUIDE["live.sit"])
            said, jobs = (
                self._words.say(GUIDE["live.starting"]),
                [each.job for each in self._sources.values()],
            )
            if inspection.uses_limited_data(jobs):
                most = self._words.value(inspection.data_limit_mb(jobs), "MB")
                said += " " + self._words.say(GUIDE["data"], most=most)
            return said
        asking = [each for each in self._sources.values() if each.asked in _ANSWERS and each.instruction]
        if not self._reported:
            return asking[0].instruction if asking else ""
        ordered = sorted(self._sources.values(), key=lambda source: _FIRST.index(source.job.source))
        for source in [*asking, *ordered]:
            over = source.until is not None and source.until < now and source.job.guided
            if source.instruction and not source.ended and not over:
                self._idle = 0.0
                if source.until is None or not source.job.guided:
                    return source.instruction
                do, *read = source.instruction.splitlines()
                return "\n".join((f"{do.rstrip('.:')}: {math.ceil(source.until - now)}", *read))
        # Between two instructions it would only flash.
        self._idle = self._idle or now
        return self._words.say(GUIDE["live.evaluating"]) if now - self._idle >= _STEADY_S else ""

    def _keys(self) -> list[str]:
        if self._waiting:
            return ["begin", "leave"] if self._ready else ["leave"]
        asking = (source for source in self._sources.values() if source.instruction)
        return [*next((_KEYS[each.asked] for each in asking if each.asked in _KEYS), ()), "leave"]

    def _styled(self, text: str, style: str) -> str:
        plain = style in ("", "1", "2", "7")
        return canvas.add_style(text, style if plain or self._coloured else "")


class Lines:
    """What would be said now, in lines, each time it changes: for a terminal without the live screen."""

    def __init__(self, words: Words, stream: TextIO, demanded: Policy) -> None:
        self._words = words
        self._stream = stream
        self._steady = Steady(demanded)
        self._devices: dict[str, str] = {}
        self._said: dict[str, str] = {}
        self._since: dict[str, tuple[str, float]] = {}
        """What would be said of each check now, and since when."""

    def begin(self, jobs: Iterable[Job]) -> None:
        """Say what this is for."""
        del jobs
        self._tell(self._words.say(GUIDE["live.title"]))

    def end(self) -> None:
        """Leave all lines behind."""

    def handle_event(self, job: Job, event: Mapping[str, Any]) -> None:
        """Tell what a glimpse shows, where it is not what the one before showed."""
        if event.get("event") == "device":
            self._name(job.source, str(event.get("name", "")))
        check = self._steady.take(event) if event.get("event") in ("now", "facts") else None
        if check is None:
            return
        said = advice(check, self._words).removeprefix(f"{self._words.title(check.id)} – ")
        if check.verdict is Verdict.PASS:
            said = self._words.say(GUIDE["live.fine"])
        if said:
            self._change(check.id, said)

    def answer(self, job: Job, prompt: str) -> str | None:
        """Let the source go on; what is played waits for a line."""
        del job
        if prompt == "play":
            self._tell(self._words.say(GUIDE["key.play"]))
            if not sys.stdin.readline():
                raise Left
        return prompt

    def tick(self) -> None:
        """Nothing moves here."""

    def _name(self, source: str, device: str) -> None:
        """Tell which device is used; a file is played over and over."""
        if self._devices.get(source) != device:
            self._devices[source] = device
            self._tell(f"{self._words.say(GUIDE['device.' + source])} {device}")

    def _change(self, check: str, said: str) -> None:
        """Tell what is said otherwise than before, but for its numbers, and not only in passing."""
        now = time.monotonic()
        words = "".join(filter(str.isalpha, said))
        if words == self._said.get(check):
            self._since.pop(check, None)
            return
        before, since = self._since.get(check, ("", now))
        if before != words:
            since = now
        self._since[check] = words, since
        if check not in self._said or now - since >= _STEADY_S:
            self._said[check] = words
            self._tell(f"{self._words.title(check)}: {said}")

    def _tell(self, text: str) -> None:
        console.say(text, self._stream)


def wrapped(text: str, columns: int) -> list[str]:
    """Return a text in lines that leave a column free on each side."""
    return [line for part in text.splitlines() for line in textwrap.wrap(part.strip(), max(1, columns - 2))]


def share(fact: Fact, demand: Demand) -> float | None:
    """Return where on a meter a fact is, its bound at a third; None where it is not a number with a bound."""
    value, bound = fact.value, demand.bound
    if not is_number(value) or not is_number(bound):
        return None
    more = demand.operator is not Operator.AT_MOST
    if bound <= 0:
        return _MARK + (value - bound) / _OCTAVES_DB * (1 if more else -1)
    if more:
        return _MARK * value / bound
    return _MARK * bound / value if value > 0 else 1.0
