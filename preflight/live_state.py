"""What a live run knows at a moment: what each source does, the levels, what would be said of each check.

Nothing here decides: what a glimpse shows is judged by the same policy and told in the
same words as the report.
"""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from preflight import canvas, codec, judge
from preflight.model import Check, Finding, Job, Verdict, WarnReason
from preflight.policy import Policy
from preflight.reports.content import finding_and_action, sentence, source_of
from preflight.texts import Words

GLIMPSED_CHECKS = (
    "camera.face",
    "camera.lighting",
    "camera.focus",
    "camera.colour",
    "microphone.signal",
    "microphone.noise",
)
"""What can be told of a glimpse, in the order in which it is put right."""
_DOUBT_S = 4.0
"""People who speak pause more often; while they do not, their room cannot be told apart from their voice."""
_FLOOR_LEVELS = 60


class SteadyVerdicts:
    """What would be said of each check now; a passing doubt changes nothing."""

    def __init__(self, demanded: Policy) -> None:
        self._demanded = demanded
        self._sure: dict[str, tuple[Check, float]] = {}

    def update(self, event: Mapping[str, Any]) -> Check | None:
        """Return what would be said after a glimpse, None where it is not known.

        Only what it shows is judged: a single frame has no frame rate. A doubt may pass with
        the speaker's next pause.
        """
        check, now = self._judge_glimpse(event), time.monotonic()
        if check is None:
            return None
        if check.why is not WarnReason.UNSURE:
            self._sure[check.id] = check, now
            return check
        sure, at = self._sure.get(check.id, (check, now))
        return sure if now - at < _DOUBT_S else check

    def _judge_glimpse(self, event: Mapping[str, Any]) -> Check | None:
        check = str(event.get("check", ""))
        try:
            outcome = codec.load_outcome(event)
        except codec.MalformedError:
            return None
        shown = outcome.facts if isinstance(outcome, Finding) else {}
        demands = [demand for demand in self._demanded.demands_on(check) if demand.fact in shown]
        return judge.judge(check, outcome, demands) if check in self._demanded.catalogue else None


def most_urgent(said: Mapping[str, Check]) -> Check | None:
    """Return what to put right first."""
    for verdict in (Verdict.FAIL, Verdict.WARN):
        for check in GLIMPSED_CHECKS:
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
class SourceState:
    """What a worker does at the moment."""

    job: Job
    device: str = ""
    prompt: str = ""
    instruction: str = ""
    until: float | None = None
    ended: bool = False

    @property
    def ready(self) -> bool:
        """Whether nothing is missing for the run to begin."""
        return bool(self.prompt) or self.ended or not self.job.guided

    def end(self) -> None:
        """Forget what was asked: the worker has ended."""
        self.ended, self.instruction, self.prompt = True, "", ""


@dataclass(slots=True, kw_only=True)
class Meters:
    """The latest value of each level, and the recent ones of the sound."""

    levels: dict[str, float] = field(default_factory=dict)
    sound: deque[float] = field(default_factory=lambda: deque(maxlen=_FLOOR_LEVELS))

    def update(self, name: str, value: float) -> None:
        """Keep a level: "sound" in dBFS, "download" and "upload" in Mbit/s."""
        self.levels[name] = value
        if name == "sound":
            self.sound.append(value)

    @property
    def background_dbfs(self) -> float:
        """The background: the quietest tenth of the last seconds, in dBFS."""
        return sorted(self.sound)[len(self.sound) // 10] if self.sound else canvas.QUIETEST_DBFS


@dataclass(slots=True, kw_only=True)
class LiveState:
    """What the workers have shown so far."""

    sources: dict[tuple[str, str | None], SourceState] = field(default_factory=dict)
    """What each job's worker does, by source and target."""
    checks: dict[str, Check | None] = field(default_factory=dict)
    """The checklist: None where a check has not ended."""
    now: dict[str, Check] = field(default_factory=dict)
    """What would be said of each check by its latest glimpse."""
    meters: Meters = field(default_factory=Meters)
