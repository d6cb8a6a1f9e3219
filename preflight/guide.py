"""A guided run in plain lines: what happens now, what to do, how it goes.

One thing at a time is asked of the person; what the line test does meanwhile is
shown beside it. On a terminal the last line is rewritten in place, elsewhere and in
plain mode every line stands for itself.
"""

import math
import os
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from preflight import canvas, console, inspection
from preflight.model import CAMERA_STAYED_ON, Job, Kind, Trouble
from preflight.platforms import keyboard
from preflight.platforms.console import is_terminal
from preflight.texts import GUIDE, MISSES, Words

_ASSUMED_ANSWERS = ("look", "quiet")
"""The prompts of sources that are answered without asking anybody: who began the run agreed to them."""
_BAR_COLUMNS = 20
_LIVE_ENDS = ("facts", "trouble")
"""By which a source ends that was only to be shown: there is no device, or it broke."""
_LEVELS = {"microphone": ("sound",), "network": ("download", "upload")}
"""The levels that each source shows."""


class Guide:
    """Watches the workers and leads the person in front of the computer."""

    def __init__(self, words: Words, stream: TextIO, *, guided: bool, plain: bool, quiet: bool) -> None:
        self._words = words
        self._stream = stream
        self._guided = guided
        self._rewrites_line = not plain and is_terminal(stream)
        self._speaks = not quiet and (guided or is_terminal(stream))
        self._line = ""
        self._until: float | None = None
        self._instruction = ""
        self._levels: dict[str, float] = {}
        self._shown = 0.0
        self._asking_sources: set[str] = set()
        """The sources that still ask something of the person."""

    def begin(self, jobs: Iterable[Job]) -> None:
        """Say what will be done; wait until the person sits in front of the camera."""
        jobs = tuple(jobs)
        self._asking_sources = {job.source for job in jobs if job.guided}
        sources = {job.source for job in jobs}
        recorded = any(job.parameters.get("clip") for job in jobs)
        self._print_message(GUIDE["begin.clip" if recorded else "begin"])
        if inspection.uses_limited_data(jobs):
            most = self._words.value(inspection.data_limit_mb(jobs), "MB")
            self._print_text(self._words.say(GUIDE["data"], most=most))
        if self._guided and sources & {"camera", "microphone"}:
            self._print_message(GUIDE["sit"])
            self._ask_line(GUIDE["enter"])

    def end(self) -> None:
        """Leave the last line behind."""
        self._clear()

    def handle_event(self, job: Job, event: Mapping[str, Any]) -> None:
        """Tell what a worker does."""
        match event.get("event"):
            case "phase":
                self._tell_phase(job, str(event.get("name", "")), event.get("seconds"))
            case "device":
                title = self._words.say(GUIDE["device." + job.source]) if job.guided else ""
                if title:
                    self._print_text(f"{title} {event.get('name', '')}")
            case "level":
                self._levels[str(event.get("name", ""))] = float(event.get("value", 0.0))
            case "trouble" if event.get("check") is None:
                self._asking_sources.discard(job.source)
            case "done":
                self._asking_sources.discard(job.source)
                self._levels = {k: v for k, v in self._levels.items() if k not in _LEVELS.get(job.source, ())}

    def answer(self, job: Job, prompt: str) -> str | None:
        """Ask the person what a source wants to know, once no other one needs them."""
        if prompt in _ASSUMED_ANSWERS:
            return prompt
        if self._asking_sources - {job.source, inspection.LAST_SOURCE}:
            return None
        self._print_text(self._words.phase(job.source, prompt, job.parameters))
        if prompt == "count":
            return self._ask_count()
        asked = GUIDE["enter-to-listen" if prompt == "tones" else "enter-or-skip"]
        return "skip" if keyboard.latin_letter(self._ask_line(asked).strip()) == "s" else prompt

    def _ask_count(self) -> str:
        """Return the number that the person types."""
        while not (typed := self._ask_line(GUIDE["type-count"]).strip()).isdecimal():
            pass
        return str(int(typed))

    def tick(self) -> None:
        """Rewrite the moving line, ten times a second at most."""
        now = time.monotonic()
        if not self._rewrites_line or not self._speaks or now - self._shown < 0.1:  # noqa: PLR2004 - ten a second
            return
        self._shown = now
        levels = [self._level_text(name, value) for name, value in self._levels.items()]
        line, most = "  ".join(levels), self._width() - 1
        if self._instruction and self._until is not None:
            left = max(0, round(self._until - now + 0.5))
            line = "  ".join([f"{self._instruction}: {left}", *levels])
            if len(line) > most:
                # What to do stands above already.
                line = "  ".join([str(left), *levels])
        # A line that wraps is not rewritten but written again and again.
        self._rewrite(line[:most])

    def _tell_phase(self, job: Job, name: str, seconds: object) -> None:
        said = self._words.phase(job.source, name, job.parameters)
        if not said:
            return
        if job.guided:
            first, *rest = said.splitlines()
            self._instruction, self._until = first.rstrip(".:"), None
            if isinstance(seconds, int | float):
                self._until = time.monotonic() + seconds
                if not self._rewrites_line:
                    said = "\n".join((f"{self._instruction}: {self._words.value(seconds, 's')}", *rest))
        self._print_text(said)

    def _level_text(self, name: str, value: float) -> str:
        if name == "sound":
            bar = "#" * round(canvas.meter_share(value) * _BAR_COLUMNS)
            return f"[{bar:<{_BAR_COLUMNS}}]"
        title = self._words.say(GUIDE.get("level." + name, name))
        return f"{title} {self._words.value(round(value, 1), 'Mbit/s')}"

    def _ask_line(self, message: str) -> str:
        self._clear()
        self._write(self._wrap(self._words.say(message)) + " ")
        line = sys.stdin.readline()
        if not line:
            raise KeyboardInterrupt
        return line

    def _print_message(self, message: str) -> None:
        self._print_text(self._words.say(message))

    def _print_text(self, text: str) -> None:
        if self._speaks:
            self._clear()
            self._write(self._wrap(text) + "\n")

    def _width(self) -> int:
        return console.columns(self._stream, os.environ)

    def _wrap(self, text: str) -> str:
        """Return a text in lines that fit the terminal; whole where none is, and for a screen reader."""
        if not self._rewrites_line:
            return text
        return console.wrap(text, self._width())

    def _rewrite(self, text: str) -> None:
        if text != self._line:
            self._write("\r" + text.ljust(len(self._line)))
            self._line = text

    def _clear(self) -> None:
        if self._line:
            self._write("\r" + " " * len(self._line) + "\r")
            self._line = ""

    def _write(self, text: str) -> None:
        if not console.write(text, self._stream):
            self._speaks = False


class RehearsalGuide:
    """Watches over a whole session's length, and says how much of it is left."""

    def __init__(self, words: Words, stream: TextIO, minutes: float, *, quiet: bool) -> None:
        self._words = words
        self._stream = stream
        self._quiet = quiet
        self._minutes = minutes
        self._until = 0.0
        self._minutes_left = math.ceil(minutes)
        self._stopped = False
        self._kept_on: set[str] = set()
        self._ended: set[str] = set()
        """Sources that were to be kept on and are not."""

    def begin(self, jobs: Iterable[Job]) -> None:
        """Say what will be done, for how long, and how much data it takes."""
        jobs = tuple(jobs)
        self._until = time.monotonic() + 60 * self._minutes
        self._kept_on = {job.source for job in jobs if job.live}
        most = self._words.value(inspection.data_limit_mb(jobs), "MB")
        self._print_message(GUIDE["rehearse"], minutes=self._words.value(self._minutes, "min"), most=most)

    def stop(self) -> None:
        """End early and judge what was seen; asked twice, leave at once."""
        if self._stopped:
            raise KeyboardInterrupt
        self._stopped = True

    def handle_event(self, job: Job, event: Mapping[str, Any]) -> None:
        """Tell of a camera that does not stay on; of what is measured nothing is told before the end."""
        if not job.live or event["event"] not in _LIVE_ENDS or job.source in self._ended:
            return
        self._ended.add(job.source)
        finding = self._words.say(MISSES["camera.video.present"].finding)
        if event["event"] == "trouble":
            finding = self._words.trouble(Trouble(kind=Kind(event["kind"])), job.source).finding
        self._print_message(GUIDE["rehearse.no-camera"], finding=finding)

    def answer(self, job: Job, prompt: str) -> str | None:
        """Let a source go on, and stop it when the time is up."""
        del job
        if prompt != "stop":
            return prompt
        if not self._stopped and time.monotonic() < self._until:
            return None
        return CAMERA_STAYED_ON if self._kept_on - self._ended else prompt

    def tick(self) -> None:
        """Say each minute how many are left."""
        left = math.ceil((self._until - time.monotonic()) / 60)
        if 0 < left < self._minutes_left:
            self._minutes_left = left
            self._print_message(GUIDE["rehearse.left"], minutes=left)

    def _print_message(self, message: str, **values: object) -> None:
        if not self._quiet:
            console.say_wrapped(self._words.say(message, **values), self._stream)
