"""What each command does, once the command line is understood: one function per command."""

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from preflight import codec, console, inspection, judge, policy, reports, runner
from preflight.delivery import ask_to_repeat, command_to_repeat, deliver, deliver_overview, terminal_width
from preflight.devices import list_devices
from preflight.errors import ExitCode, UsageError, UserError
from preflight.guide import Guide, RehearsalGuide
from preflight.live import LiveLines, LiveScreen, UserLeft, supports_live_screen
from preflight.live_state import GLIMPSED_CHECKS, advice
from preflight.model import Readiness, Report, Trouble
from preflight.options import Options, read_choices, read_strict
from preflight.platforms.console import is_terminal
from preflight.policy import Policy
from preflight.reports.content import source_of
from preflight.texts import GUIDE, Words

EXIT_CODES = {
    Readiness.READY: ExitCode.READY,
    Readiness.NOT_READY: ExitCode.NOT_READY,
    Readiness.INCOMPLETE: ExitCode.INCOMPLETE,
}


def run(words: Words, options: Options) -> int:
    """Measure, print, write; the verdict is the exit code unless the report could not be delivered.

    Everything that was asked for wrongly raises `UsageError` before anything is measured.
    """
    demanded = policy.load(options.policy)
    reports.validate_outputs(options.form, options.output)
    choices = read_choices(options)
    report, delivered = _measure_and_deliver(words, options, demanded, choices, None)
    if options.form == "text" and any(job.guided for job in inspection.plan(demanded, choices)):
        console.write(reports.also_needed(words, width=terminal_width()))
        while ask_to_repeat(words, options, report):
            again = replace(choices, only=inspection.checks_to_repeat(report), skip=())
            report, delivered = _measure_and_deliver(words, options, demanded, again, report)
    return EXIT_CODES[report.verdict] if delivered else ExitCode.FAILED


def live(words: Words, source: str | None, options: Options) -> int:
    """Show picture, level and what would be said now, until somebody has seen enough."""
    if source not in (None, *inspection.GUIDED_SOURCES):
        raise UsageError("source-unknown", source=source, known=", ".join(inspection.GUIDED_SOURCES))
    demanded = policy.load(options.policy)
    wanted = [
        check for check in demanded.catalogue if check in (*GLIMPSED_CHECKS, "camera.video", "speaker.output")
    ]
    named = (source,) if source else ("camera", "microphone")
    only = tuple(check for check in wanted if source_of(check) in named)
    if not only:
        raise UsageError("nothing-left")
    choices = replace(read_choices(options), only=only)
    screen = _open_live_screen(words, options, demanded, reported=False) or LiveLines(
        words, sys.stderr, demanded, plain=options.plain
    )
    jobs = inspection.plan_live(demanded, _with_preview_size(choices, screen))
    try:
        screen.begin(jobs)
        measured = runner.run(jobs, screen)
    except UserLeft:
        screen.end()
        console.say_wrapped(words.say(GUIDE["interrupted"]), sys.stderr)
        return ExitCode.READY
    finally:
        screen.end()
    for check, outcome in measured.outcomes.items():
        if isinstance(outcome, Trouble):
            cure = words.trouble(outcome, source_of(check))
            console.say_wrapped(f"{words.title(check)}: {cure.finding}. {cure.advice}", sys.stderr)
        # Without a screen it was told as it came.
        elif isinstance(screen, LiveScreen) and (
            said := advice(judge.judge(check, outcome, demanded.demands_on(check)), words)
        ):
            console.say_wrapped(said, sys.stderr)
    return ExitCode.INCOMPLETE


def rehearse(words: Words, minutes: float, *, camera: bool, options: Options) -> int:
    """Watch line and battery for as long as a session takes; Ctrl-C judges what was seen until then."""
    demanded = policy.load(options.policy)
    reports.validate_outputs(options.form, options.output)
    choices = replace(read_choices(options), only=inspection.SESSION_CHECKS)
    watcher = RehearsalGuide(words, sys.stderr, minutes, quiet=options.quiet)
    jobs = inspection.plan_rehearsal(demanded, choices, camera=camera)
    before = signal.signal(signal.SIGINT, lambda *_: watcher.stop())
    try:
        watcher.begin(jobs)
        report, measured = inspection.inspect(demanded, choices, watcher, words.lang, jobs)
    finally:
        signal.signal(signal.SIGINT, before)
    if options.verbose:
        for note in measured.notes:
            console.say_wrapped(note, sys.stderr)
    delivered = deliver(words, report, options)
    if options.form == "text":
        seen = words.value(round(report.duration_s / 60, 1), "min")
        console.say_wrapped(
            words.say(GUIDE["rehearse.seen"], seen=seen, minutes=words.value(minutes, "min")), sys.stderr
        )
    return EXIT_CODES[report.verdict] if delivered else ExitCode.FAILED


def checks(words: Words, wanted: str | None, policy_name: str) -> int:
    """List the checks, or explain one or those of a source."""
    _print(reports.checks_text(policy.load(policy_name), words, wanted, width=terminal_width()))
    return ExitCode.READY


def devices(words: Words) -> int:
    """List cameras and microphones."""
    code = ExitCode.READY
    for source in inspection.GUIDED_SOURCES:
        listed, trouble = list_devices(source)
        lines = [f"  {each['index']}  {each['name']}" for each in listed] or [f"  {words.say(GUIDE['none'])}"]
        if trouble:
            cure, code = words.trouble(trouble, source), ExitCode.INCOMPLETE
            lines = [f"  {cure.finding}. {cure.advice}"]
        _print("\n".join([words.say(GUIDE["list." + source]), *lines, ""]))
    return code


def policy_show(words: Words, name: str) -> int:
    """Show what a policy demands."""
    _print(reports.policy_text(policy.load(name), words, width=terminal_width()))
    return ExitCode.READY


def policy_check(words: Words, file: str, today: date | None = None) -> int:
    """Say that a policy is understood, and what in it is out of date; what is wrong raises `UsageError`."""
    read = policy.load(file)
    if day := policy.outdated_since(read, today or datetime.now().astimezone().date()):
        _print(words.say(GUIDE["policy-old"], policy=read.name, day=day) + "\n")
    _print(words.say(GUIDE["policy-fine"], policy=read.name, count=str(len(read.demands))) + "\n")
    return ExitCode.READY


def show(words: Words, path: str, judged_by: str | None, options: Options) -> int:
    """Show a saved report in any format and language; judged again where a policy is named.

    What is not a file but may be a support code is shown as one.
    """
    reports.validate_outputs(options.form, options.output)
    if reports.is_code(path) and not Path(path).exists():
        return _show_support_code(words, path, judged_by, options)
    report, strict = reports.read(path), read_strict(options.strict)
    if judged_by is not None:
        report = inspection.rejudge(report, policy.load(judged_by), strict)
    elif strict:
        report = inspection.apply_strict(report, strict)
    delivered = deliver(words, report, options)
    if options.form == "text" and (age := reports.age(report, words, datetime.now().astimezone())):
        _print(f"{age}\n")
    return EXIT_CODES[report.verdict] if delivered else ExitCode.FAILED


def _show_support_code(words: Words, code: str, judged_by: str | None, options: Options) -> int:
    if options.form != "text" or options.output or options.strict:
        raise UsageError("code-format")
    own = policy.load(judged_by) if judged_by is not None else None
    lines, verdict = reports.describe(code, words, own)
    _print(reports.wrap(lines, terminal_width()))
    return EXIT_CODES[verdict]


def compare(words: Words, before: str, after: str, options: Options) -> int:
    """Say what changed from one saved report to another."""
    reports.validate_outputs(options.form, options.output, reports.OVERVIEW_FORMATS)
    old, new = reports.read(before), reports.read(after)
    overview, document = reports.compare(old, new, words), reports.comparison_document(old, new)
    return ExitCode.READY if deliver_overview(words, overview, document, options) else ExitCode.FAILED


def summary(words: Words, paths: Sequence[str], options: Options) -> int:
    """Sum up many saved reports: files, NDJSON or folders; `verbose` adds what was measured."""
    reports.validate_outputs(options.form, options.output, reports.OVERVIEW_FORMATS)
    counted = reports.tally(paths)
    overview = reports.summarise(counted, words, verbose=options.verbose)
    document = reports.summary_document(counted)
    return ExitCode.READY if deliver_overview(words, overview, document, options) else ExitCode.FAILED


def _print(text: str) -> None:
    if not console.write(text):
        raise UserError("unprinted")


def _measure_and_deliver(
    words: Words, options: Options, demanded: Policy, choices: inspection.Choices, before: Report | None
) -> tuple[Report, bool]:
    """Measure and deliver, on top of what was measured before; returns whether all of it arrived."""
    guided = any(job.guided for job in inspection.plan(demanded, choices))
    screen = _open_live_screen(words, options, demanded, reported=True) if guided else None
    watcher = screen or Guide(words, sys.stderr, guided=guided, plain=options.plain, quiet=options.quiet)
    choices = _with_preview_size(choices, screen)
    try:
        watcher.begin(inspection.plan(demanded, choices))
        report, measured = inspection.inspect(demanded, choices, watcher, words.lang)
    finally:
        watcher.end()
    report = inspection.merge_repeated(before, report, demanded) if before else report
    if options.verbose:
        for note in measured.notes:
            console.say(codec.sanitize_text(note), sys.stderr)
    # Only for whoever sits there: its paths are nothing for a file.
    hinted = not options.output and is_terminal(sys.stdout)
    delivered = deliver(words, report, options, command_to_repeat() if hinted else "")
    for path, said in measured.unrecorded:
        console.say_wrapped(
            words.error_text(UserError("output-unwritable", path=path, reason=said)), sys.stderr
        )
        delivered = False
    return report, delivered


def _open_live_screen(
    words: Words, options: Options, demanded: Policy, *, reported: bool
) -> LiveScreen | None:
    """Return the live screen where the terminal carries it and nobody asked for plain lines."""
    if options.plain or options.quiet or not supports_live_screen(sys.stderr, os.environ):
        return None
    return LiveScreen(words, sys.stderr, demanded, os.environ, reported=reported)


def _with_preview_size(choices: inspection.Choices, screen: object) -> inspection.Choices:
    """Let the camera send pictures of the size in which the screen shows them."""
    if not isinstance(screen, LiveScreen):
        return choices
    camera = {**choices.parameters.get("camera", {}), "preview": screen.preview_size()}
    return replace(choices, parameters={**choices.parameters, "camera": camera})
