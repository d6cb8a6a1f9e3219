"""Both sides of the line between worker and program, kept for tests: what a worker writes, and a watcher."""

import io
import json
from collections.abc import Mapping
from typing import Any

from preflight.model import Job
from preflight.worker import PipeLink


def wire(*, guided: bool = False, shown: bool = False) -> tuple[PipeLink, io.BytesIO]:
    """Return the worker's own end, and what it writes to it."""
    said = io.BytesIO()
    return PipeLink(said, guided=guided, shown=shown), said


def events(said: io.BytesIO) -> list[dict[str, Any]]:
    """Return the events in what was written."""
    return [json.loads(line) for line in said.getvalue().splitlines()]


def phases(said: io.BytesIO) -> list[tuple[str, float | None]]:
    """Return the names of the phases in what was written, and how long each takes."""
    return [(event["name"], event["seconds"]) for event in events(said) if event["event"] == "phase"]


class Silent:
    """Sees everything, shows nothing, agrees to all that is asked."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.asked: list[str] = []

    def handle_event(self, job: Job, event: Mapping[str, Any]) -> None:  # noqa: ARG002 - a watcher's form
        self.events.append(event)

    def answer(self, job: Job, prompt: str) -> str:  # noqa: ARG002 - a watcher's form
        self.asked.append(prompt)
        return prompt

    def tick(self) -> None:
        return
