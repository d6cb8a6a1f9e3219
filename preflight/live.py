"""A run on a live screen, and the same in lines where the terminal carries no screen.

The screen leads the person: picture, meters, checklist, and one thing to do at a time.
"""

import contextlib
import math
import sys
import time
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from preflight import canvas, codec, console, inspection, judge
from preflight.live_drawing import FOOTER_ROWS, LIST_COLUMNS, MINIMUM_SIZE, Footer, LiveDrawing
from preflight.live_state import GLIMPSED_CHECKS, LiveState, SourceState, SteadyVerdicts, advice, most_urgent
from preflight.model import PREVIEW_LIMIT, Job, Outcome, Verdict
from preflight.platforms.console import enable_escape_sequences, is_terminal
from preflight.platforms.keyboard import KeyReader, read_keys
from preflight.policy import Policy
from preflight.reports.content import source_of
from preflight.texts import GUIDE, HELP, Words

_FRAME_S = 0.04
_IDLE_S = 0.1
_STEADY_S = 1.0
"""How long something else must have been seen until a line is spent on it."""
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
_INSTRUCTION_ORDER = ("microphone", "camera", "speaker", "network", "power", "software")
"""Whose instruction is shown where several have one."""


def live_title(jobs: Iterable[Job]) -> str:
    """Return what a live view of these is for."""
    alone = {job.source for job in jobs} == {"speaker"}
    return GUIDE["live.title.speaker" if alone else "live.title"]


class UserLeft(Exception):
    """Whoever sits there has seen enough."""


def supports_live_screen(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Return whether a stream is a terminal that can carry the live screen, with a keyboard beside it."""
    if stream is None or not (is_terminal(stream) and is_terminal(sys.stdin)):
        return False
    if environ.get("TERM", "") == "dumb" or "utf" not in (stream.encoding or "").lower():
        return False
    columns, rows = canvas.Canvas(stream).size
    return columns >= MINIMUM_SIZE[0] and rows >= MINIMUM_SIZE[1] and enable_escape_sequences(stream)


class LiveScreen:
    """Watches the workers, shows what they see, and leads the person in front of the computer."""

    def __init__(
        self, words: Words, stream: TextIO, demanded: Policy, environ: Mapping[str, str], *, reported: bool
    ) -> None:
        self._words = words
        self._demanded = demanded
        self._steady = SteadyVerdicts(demanded)
        self._reported = reported
        self._canvas = canvas.Canvas(stream)
        self._state = LiveState()
        self._drawing = LiveDrawing(
            words,
            demanded,
            self._state,
            HELP["preflight"] if reported else GUIDE["live.title"],
            truecolour=canvas.has_truecolour(environ),
            coloured=not environ.get("NO_COLOR"),
        )
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
            self._state.sources[job.source, job.target] = SourceState(job=job)
        if not self._reported:
            self._drawing.title = live_title(source.job for source in self._state.sources.values())
        checks = (check for source in self._state.sources.values() for check in source.job.checks)
        wanted = {check for check in checks if self._reported or check in GLIMPSED_CHECKS}
        self._state.checks = {check: None for check in self._demanded.catalogue if check in wanted}
        self._key = self._closing.enter_context(read_keys())
        self._closing.callback(self._canvas.close)
        self._canvas.open()

    def end(self) -> None:
        """Give both back as they were."""
        self._closing.close()

    def preview_size(self) -> list[int]:
        """Return the size in pixels of the pictures that fill their place on this screen."""
        columns, rows = self._canvas.size
        return [
            max(16, min(PREVIEW_LIMIT[0], columns - LIST_COLUMNS - 2)),
            max(10, min(PREVIEW_LIMIT[1], 2 * (rows - 1 - FOOTER_ROWS - 5))),
        ]

    def handle_event(self, job: Job, event: Mapping[str, Any]) -> None:
        """See what a worker does."""
        source = self._state.sources[job.source, job.target]
        match event.get("event"):
            case "preview":
                self._show_preview(event)
            case "level":
                self._state.meters.update(str(event.get("name", "")), float(event.get("value", 0.0)))
            case "phase":
                self._start_phase(source, str(event.get("name", "")), event.get("seconds"))
            case "device":
                source.device = str(event.get("name", ""))
            case "now":
                said = self._steady.update(event)
                if said:
                    self._state.now[said.id] = said
                    if not self._reported:
                        self._state.checks[said.id] = said
            case "facts" | "skip" | "trouble":
                self._judge_event(source, event)
            case "done":
                source.end()

    def answer(self, job: Job, prompt: str) -> str | None:
        """Return what the person pressed, None as long as nothing that answers this."""
        source = self._state.sources[job.source, job.target]
        if prompt in _ANSWERS and self._is_person_busy(source):
            return None
        source.prompt = prompt
        if prompt in ("look", "quiet"):
            return prompt if self._begun else None
        if prompt not in _ANSWERS:
            return prompt
        source.instruction, source.until = self._words.phase(job.source, prompt, job.parameters), None
        answer = _ANSWERS[prompt].get(self._pressed)
        self._pressed = ""
        if answer:
            source.prompt, source.instruction = "", ""
        return answer

    def tick(self) -> None:
        """Take a key, show what changed."""
        now = time.monotonic()
        self._pressed = self._key(0.0) or self._pressed
        if self._pressed == "q":
            if self._reported:
                raise KeyboardInterrupt
            raise UserLeft
        if self._is_arranging:
            if self._pressed == "\n" and self._all_ready:
                self._begun = True
                self._fresh = True
            self._pressed = ""
        if now - self._shown >= (_FRAME_S if self._fresh else _IDLE_S):
            self._shown, self._fresh = now, False
            self._canvas.show(self.lines(*self._canvas.size, now))

    def lines(self, columns: int, rows: int, now: float) -> list[str]:
        """Return the screen at a moment (`time.monotonic`), a text of that many columns for each row."""
        verdict, finding = self._finding_now()
        footer = Footer(
            verdict=verdict, finding=finding, instruction=self._instruction(now), keys=self._usable_keys()
        )
        return self._drawing.lines(columns, rows, footer)

    def _is_person_busy(self, asking: SourceState) -> bool:
        """Whether the person still follows what another source asked for."""
        others = (source for source in self._state.sources.values() if source is not asking)
        last = inspection.LAST_SOURCE
        return any(each.job.guided and not each.ended and each.job.source != last for each in others)

    @property
    def _awaited_sources(self) -> list[SourceState]:
        """The sources that the run waits for: what asks last is not there to be arranged."""
        return [
            source for source in self._state.sources.values() if source.job.source != inspection.LAST_SOURCE
        ]

    @property
    def _all_ready(self) -> bool:
        return all(source.ready for source in self._awaited_sources)

    @property
    def _is_arranging(self) -> bool:
        """Whether the person arranges lamp and seat before the run begins."""
        waiting = any(source.job.guided and not source.ended for source in self._awaited_sources)
        return self._reported and not self._begun and waiting

    def _show_preview(self, event: Mapping[str, Any]) -> None:
        with contextlib.suppress(NotBase64, TypeError, ValueError):
            pixels = b64decode(event["pixels"])
            self._drawing.picture.update(pixels, int(event["width"]), int(event["height"]))
            self._fresh = True

    def _start_phase(self, source: SourceState, name: str, seconds: object) -> None:
        source.prompt, source.instruction = (
            "",
            self._words.phase(source.job.source, name, source.job.parameters),
        )
        source.until = time.monotonic() + seconds if isinstance(seconds, int | float) else None

    def _judge_event(self, source: SourceState, event: Mapping[str, Any]) -> None:
        open_ = [check for check in source.job.checks if self._state.checks.get(check) is None]
        checks = open_ if event.get("check") is None else [str(event["check"])]
        if event.get("check") is None:
            source.end()
        outcome: Outcome
        try:
            outcome = codec.load_outcome(event)
        except codec.MalformedError:
            return
        for check in checks:
            if check in self._state.checks:
                judged = judge.judge(check, outcome, self._demanded.demands_on(check))
                self._state.checks[check] = judged
                if check in GLIMPSED_CHECKS:
                    self._state.now[check] = judged

    def _finding_now(self) -> tuple[Verdict, str]:
        """Return what would be said now, while something can be arranged; else nothing."""
        if not self._state.now or not (self._is_arranging or not self._reported):
            return Verdict.SKIP, ""
        if check := most_urgent(self._state.now):
            return check.verdict, advice(check, self._words)
        for check in self._state.now.values():
            if check.trouble:
                return Verdict.ERROR, advice(check, self._words)
        # Nothing of what was not measured yet: a microphone may still turn out to be silent.
        good = [
            GUIDE["live.good." + source] for source in inspection.GUIDED_SOURCES if self._is_all_good(source)
        ]
        return (Verdict.PASS, " ".join(map(self._words.say, good))) if good else (Verdict.SKIP, "")

    def _is_all_good(self, source: str) -> bool:
        """Whether all that can be told now of a source has been seen and is good."""
        wanted = [
            check for check in self._state.checks if check in GLIMPSED_CHECKS and source_of(check) == source
        ]
        seen = [self._state.now[check].verdict for check in wanted if check in self._state.now]
        return bool(wanted) and seen == [Verdict.PASS] * len(wanted)

    def _instruction(self, now: float) -> str:
        if self._is_arranging:
            if self._all_ready:
                return self._words.say(GUIDE["live.sit"])
            said, jobs = (
                self._words.say(GUIDE["live.starting"]),
                [each.job for each in self._state.sources.values()],
            )
            if inspection.uses_limited_data(jobs):
                most = self._words.value(inspection.data_limit_mb(jobs), "MB")
                said += " " + self._words.say(GUIDE["data"], most=most)
            return said
        asking = [
            each for each in self._state.sources.values() if each.prompt in _ANSWERS and each.instruction
        ]
        if not self._reported:
            return asking[0].instruction if asking else ""
        ordered = sorted(
            self._state.sources.values(), key=lambda source: _INSTRUCTION_ORDER.index(source.job.source)
        )
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

    def _usable_keys(self) -> list[str]:
        if self._is_arranging:
            return ["begin", "leave"] if self._all_ready else ["leave"]
        asking = (source for source in self._state.sources.values() if source.instruction)
        return [*next((_KEYS[each.prompt] for each in asking if each.prompt in _KEYS), ()), "leave"]


class LiveLines:
    """What would be said now, in lines, each time it changes: for a terminal without the live screen."""

    def __init__(self, words: Words, stream: TextIO, demanded: Policy, *, plain: bool = False) -> None:
        self._words = words
        self._stream = stream
        # A screen reader reads a sentence best where no line ends inside it.
        self._write = console.say if plain else console.say_wrapped
        self._steady = SteadyVerdicts(demanded)
        self._devices: dict[str, str] = {}
        self._told_words: dict[str, str] = {}
        self._since: dict[str, tuple[str, float]] = {}
        """What would be said of each check now, and since when."""

    def begin(self, jobs: Iterable[Job]) -> None:
        """Say what this is for."""
        self._print_line(self._words.say(live_title(jobs)))

    def end(self) -> None:
        """Leave all lines behind."""

    def handle_event(self, job: Job, event: Mapping[str, Any]) -> None:
        """Tell what a glimpse shows, where it is not what the one before showed."""
        if event.get("event") == "device":
            self._tell_device(job.source, str(event.get("name", "")))
        check = self._steady.update(event) if event.get("event") in ("now", "facts") else None
        if check is None:
            return
        said = advice(check, self._words).removeprefix(f"{self._words.title(check.id)} – ")
        if check.verdict is Verdict.PASS:
            said = self._words.say(GUIDE["live.fine"])
        if said:
            self._tell_change(check.id, said)

    def answer(self, job: Job, prompt: str) -> str | None:
        """Let the source go on; what is played waits for a line."""
        del job
        if prompt == "play":
            self._print_line(self._words.say(GUIDE["key.play"]))
            if not sys.stdin.readline():
                raise UserLeft
        return prompt

    def tick(self) -> None:
        """Nothing moves here."""

    def _tell_device(self, source: str, device: str) -> None:
        """Tell which device is used; a file is played over and over."""
        if self._devices.get(source) != device:
            self._devices[source] = device
            self._print_line(f"{self._words.say(GUIDE['device.' + source])} {device}")

    def _tell_change(self, check: str, said: str) -> None:
        """Tell what is said otherwise than before, but for its numbers, and not only in passing."""
        now = time.monotonic()
        words = "".join(filter(str.isalpha, said))
        if words == self._told_words.get(check):
            self._since.pop(check, None)
            return
        before, since = self._since.get(check, ("", now))
        if before != words:
            since = now
        self._since[check] = words, since
        if check not in self._told_words or now - since >= _STEADY_S:
            self._told_words[check] = words
            self._print_line(f"{self._words.title(check)}: {said}")

    def _print_line(self, text: str) -> None:
        self._write(text, self._stream)
