"""An inspection: plans the jobs, has them measured, judges what came of them and makes the report."""

import math
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from preflight import __version__, judge, runner
from preflight.errors import UsageError, closest_match
from preflight.model import (
    Check,
    Finding,
    Job,
    Kind,
    Level,
    Outcome,
    Readiness,
    Report,
    Skip,
    SkipReason,
    Trouble,
    Verdict,
    WarnReason,
)
from preflight.policy import SOURCES, Policy

DOCUMENT_CHECK = "camera.document"
GUIDED_SOURCES = ("camera", "microphone", "speaker")
"""The sources that need a person in front of them."""
LAST_SOURCE = "speaker"
"""The source that asks something of the person once the others need nothing more."""
LOW_PRIORITY_SOURCES = ("camera",)
"""The sources whose analysis would starve a line test beside them, or the screen that leads a person."""
SESSION_CHECKS = ("network.stability", "power.battery")
"""What a rehearsal of the whole session answers."""
LISTING_DEADLINE_S = 15.0
DEADLINE_S = 60.0
"""For a source whose parameters name none."""
_PROTOCOL_OVERHEAD = 1.06
"""Bytes on the line for each that is carried: headers of TCP and IP in packets of 1500, and TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the command line chose; None and empty are the system's or the policy's own choice."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    guided: bool = False
    strict: AbstractSet[WarnReason] = frozenset()
    timeout_s: float | None = None
    targets: Mapping[str, str] = field(default_factory=dict)
    """Source to device, address or file; "document" for the camera's second phase."""
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Source to parameters that the command line lays over the policy's."""
    record: str | None = None


def select_checks(policy: Policy, only: tuple[str, ...], skip: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids asked for, in the catalogue's order; an id is a source or a check.

    Raises `UsageError` for an id that does not exist, and when nothing is left.
    """
    wanted = _expand_ids(policy, only) if only else set(policy.catalogue)
    ids = tuple(check for check in policy.catalogue if check in wanted - _expand_ids(policy, skip))
    if not ids:
        raise UsageError("nothing-left")
    return ids


def plan(policy: Policy, choices: Choices) -> tuple[Job, ...]:
    """Return a job for each source that has something to do; raises `UsageError` for unknown checks."""
    ids = select_checks(policy, choices.only, choices.skip)
    jobs = []
    for source in SOURCES:
        target = choices.targets.get(source)
        checks = tuple(check for check in ids if check.startswith(f"{source}."))
        live = source in GUIDED_SOURCES and not runner.is_file(target)
        guided = choices.guided and live
        if not guided or "document" in choices.targets:
            checks = tuple(check for check in checks if check != DOCUMENT_CHECK)
        if checks:
            jobs.append(_build_job(policy, choices, source, target, checks, guided=guided))
    if "document" in choices.targets and DOCUMENT_CHECK in ids:
        jobs.append(
            _build_job(
                policy, choices, "camera", choices.targets["document"], (DOCUMENT_CHECK,), guided=False
            )
        )
    tested = any(job.source == "network" and not runner.is_file(job.target) for job in jobs)
    return tuple(
        replace(job, yields=job.source in LOW_PRIORITY_SOURCES and (tested or job.guided)) for job in jobs
    )


def plan_live(policy: Policy, choices: Choices) -> tuple[Job, ...]:
    """Return jobs that report nothing and show what would be said now, until somebody stops them.

    A file is played as if it were the device.
    """
    jobs = plan(policy, replace(choices, guided=True))
    return tuple(
        replace(job, guided=True, live=True, yields=False) for job in jobs if job.source in GUIDED_SOURCES
    )


def plan_rehearsal(policy: Policy, choices: Choices, *, camera: bool) -> tuple[Job, ...]:
    """Return jobs that measure over a whole session, until the prompt "stop" is answered.

    With `camera` it stays open meanwhile, so that the battery gives what a session takes.
    """
    jobs = plan(policy, replace(choices, only=SESSION_CHECKS, skip=()))
    whole = tuple(replace(job, guided=True, whole=True, yields=False) for job in jobs)
    opened = replace(choices, only=("camera.video",), skip=())
    return whole + (plan_live(policy, opened) if camera else ())


def plan_device_listing(source: str) -> Job:
    """Return the job of a worker that lists a source's devices and measures nothing."""
    return Job(source=source, target=None, checks=(), parameters={}, bounds={}, deadline_s=LISTING_DEADLINE_S)


def uses_limited_data(jobs: Iterable[Job]) -> bool:
    """Tell whether a line is tested with no more data than usual: no recorded one, no complete test."""
    return any(
        job.source == "network" and not runner.is_file(job.target) and not job.parameters.get("full")
        for job in jobs
    )


def data_limit_mb(jobs: Iterable[Job]) -> int:
    """Return how many MB the tests of a line take at most, with what the network adds, in steps of five."""
    total = sum(
        job.number("whole_mb" if job.whole else "total_mb") for job in jobs if job.source == "network"
    )
    return 5 * math.ceil(total * _PROTOCOL_OVERHEAD / 5)


def inspect(
    policy: Policy, choices: Choices, watcher: runner.Watcher, lang: str, jobs: Sequence[Job] = ()
) -> tuple[Report, runner.Measurements]:
    """Measure, judge and report; returns beside it what came of the workers.

    Other `jobs` than those that are planned for a run answer the same checks.
    """
    ids = select_checks(policy, choices.only, choices.skip)
    jobs = jobs or plan(policy, choices)
    started, begun = datetime.now().astimezone(), time.monotonic()
    measured = runner.run(jobs, watcher)
    asked = {check for job in jobs for check in job.checks}
    unasked, lost = (
        Skip(skipped_for=SkipReason.NOT_ASKED),
        Trouble(kind=Kind.BUG, detail="no worker answered"),
    )
    checks = tuple(
        judge.judge(
            check,
            measured.outcomes.get(check, lost if check in asked else unasked),
            policy.demands_on(check),
            strict=choices.strict,
            duration_s=measured.durations.get(check),
        )
        for check in ids
    )
    report = Report(
        tool_version=__version__,
        policy_name=policy.name,
        policy_version=policy.version,
        started=started.isoformat(timespec="seconds"),
        duration_s=round(time.monotonic() - begun, 2),
        lang=lang,
        verdict=judge.readiness(checks, check_levels(policy)),
        left_out=tuple(check for check in policy.catalogue if check not in ids),
        checks=checks,
        system=_system_facts(),
        devices=measured.devices,
    )
    return report, measured


def checks_to_repeat(report: Report) -> tuple[str, ...]:
    """Return the checks worth another try: what failed or broke, and what was skipped because of it."""
    broken = {check.id for check in report.checks if check.verdict in (Verdict.FAIL, Verdict.ERROR)}
    blocked = {check.id for check in report.checks if check.skipped_for in broken}
    return tuple(check.id for check in report.checks if check.id in broken | blocked)


def merge_repeated(report: Report, later: Report, policy: Policy) -> Report:
    """Return a report with those checks replaced that were done again later."""
    again = {check.id: check for check in later.checks}
    checks = tuple(again.get(check.id, check) for check in report.checks)
    return replace(
        report,
        duration_s=round(report.duration_s + later.duration_s, 2),
        checks=checks,
        verdict=judge.readiness(checks, check_levels(policy)),
        devices={**report.devices, **later.devices},
    )


def rejudge(report: Report, policy: Policy, strict: AbstractSet[WarnReason] = frozenset()) -> Report:
    """Return a saved report judged again by another policy, without any hardware."""
    checks = tuple(
        judge.judge(
            check.id, _outcome(check), policy.demands_on(check.id), strict=strict, duration_s=check.duration_s
        )
        for check in report.checks
    )
    return replace(
        report,
        policy_name=policy.name,
        policy_version=policy.version,
        checks=checks,
        verdict=judge.readiness(checks, check_levels(policy)),
    )


def apply_strict(report: Report, strict: AbstractSet[WarnReason]) -> Report:
    """Return a saved report with its warnings for these reasons counted as misses."""
    checks = tuple(
        judge.judge(
            check.id,
            _outcome(check),
            [result.demand for result in check.results],
            strict=strict,
            duration_s=check.duration_s,
        )
        if check.verdict is Verdict.WARN
        else check
        for check in report.checks
    )
    missed = any(check.verdict is Verdict.FAIL for check in checks)
    return replace(report, checks=checks, verdict=Readiness.NOT_READY if missed else report.verdict)


def check_levels(policy: Policy) -> dict[str, Level]:
    """Return how much each check weighs."""
    return {check: entry.level for check, entry in policy.catalogue.items()}


def _outcome(check: Check) -> Outcome:
    if check.trouble:
        return check.trouble
    if check.skipped_for is not None:
        return Skip(skipped_for=check.skipped_for)
    return Finding(facts=check.facts, series=check.series)


def _expand_ids(policy: Policy, ids: tuple[str, ...]) -> set[str]:
    expanded: set[str] = set()
    for each in ids:
        checks = {check for check in policy.catalogue if check == each or check.startswith(f"{each}.")}
        if not checks:
            known = (*policy.catalogue, *SOURCES)
            raise UsageError(
                "check-unknown", check=each, nearest=closest_match(each, known) or ", ".join(SOURCES)
            )
        expanded |= checks
    return expanded


def _build_job(
    policy: Policy,
    choices: Choices,
    source: str,
    target: str | None,
    checks: tuple[str, ...],
    *,
    guided: bool,
) -> Job:
    parameters = {**policy.parameters.get(source, {}), **choices.parameters.get(source, {})}
    deadline = choices.timeout_s or parameters.get("deadline_s")
    return Job(
        source=source,
        target=target,
        checks=checks,
        parameters=parameters,
        bounds=policy.bounds(),
        guided=guided,
        deadline_s=float(deadline) if isinstance(deadline, int | float) else DEADLINE_S,
        record=choices.record,
    )


def _system_facts() -> dict[str, str | int | float | None]:
    """Return what the report says of the computer: nothing that tells whose it is."""
    return {
        "os": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }
