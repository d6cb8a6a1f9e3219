"""What each command does, once its words are understood."""

import contextlib
import errno
import math
import os
import signal
import stat
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from preflight import codec, console, inspection, judge, policy, reports, runner
from preflight.errors import ExitCode, UsageError, UserError, system_reason
from preflight.guide import Guide, RehearsalGuide
from preflight.live import LiveLines, LiveScreen, UserLeft, supports_live_screen
from preflight.live_state import GLIMPSED_CHECKS, advice
from preflight.model import Job, Readiness, Report, Trouble, WarnReason
from preflight.platforms import programs
from preflight.platforms.console import is_terminal, join_command, quote_program
from preflight.platforms.keyboard import read_keys
from preflight.policy import Policy
from preflight.reports.content import source_of
from preflight.reports.terminal import WIDEST, Screen
from preflight.texts import GUIDE, Words

PROVIDERS = ("auto", "cloudflare", "speedtest")
EXITS = {
    Readiness.READY: ExitCode.READY,
    Readiness.NOT_READY: ExitCode.NOT_READY,
    Readiness.INCOMPLETE: ExitCode.INCOMPLETE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `run`, as they were given; `live` and `show` know some of them."""

    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    policy: str = policy.DEFAULT
    no_input: bool = False
    plain: bool = False
    strict: str = ""
    timeout: float | None = None
    camera: str | None = None
    face_model: str | None = None
    document: str | None = None
    microphone: str | None = None
    speaker: str | None = None
    silence: float | None = None
    network: str = PROVIDERS[0]
    full: bool = False
    power: str | None = None
    software: str | None = None
    record: str | None = None
    form: str = "text"
    output: Sequence[str] = ()
    devices: bool = False
    quiet: bool = False
    verbose: bool = False


def run(words: Words, options: Options) -> int:
    """Measure, print, write; the verdict is the exit code unless the report could not be delivered.

    Everything that was asked for wrongly raises `UsageError` before anything is measured.
    """
    demanded = policy.load(options.policy)
    reports.validate_outputs(options.form, options.output)
    choices = _choices(options)
    report, delivered = _inspected(words, options, demanded, choices, None)
    if options.form == "text" and any(job.guided for job in inspection.plan(demanded, choices)):
        console.write(reports.also_needed(words, width=_width()))
        while _again(words, options, report):
            again = replace(choices, only=inspection.checks_to_repeat(report), skip=())
            report, delivered = _inspected(words, options, demanded, again, report)
    return EXITS[report.verdict] if delivered else ExitCode.FAILED


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
    choices = replace(_choices(options), only=only)
    screen = _screen(words, options, demanded, reported=False) or LiveLines(words, sys.stderr, demanded)
    jobs = inspection.plan_live(demanded, _sized(choices, screen))
    try:
        screen.begin(jobs)
        measured = runner.run(jobs, screen)
    except UserLeft:
        screen.end()
        console.say(words.say(GUIDE["interrupted"]), sys.stderr)
        return ExitCode.READY
    finally:
        screen.end()
    for check, outcome in measured.outcomes.items():
        if isinstance(outcome, Trouble):
            cure = words.trouble(outcome, source_of(check))
            console.say(f"{words.title(check)}: {cure.finding}. {cure.advice}", sys.stderr)
        # Without a screen it was told as it came.
        elif isinstance(screen, LiveScreen) and (
            said := advice(judge.judge(check, outcome, demanded.demands_on(check)), words)
        ):
            console.say(said, sys.stderr)
    return ExitCode.INCOMPLETE


def rehearse(words: Words, minutes: float, *, camera: bool, options: Options) -> int:
    """Watch line and battery for as long as a session takes; Ctrl-C judges what was seen until then."""
    demanded = policy.load(options.policy)
    reports.validate_outputs(options.form, options.output)
    choices = replace(_choices(options), only=inspection.SESSION_CHECKS)
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
            console.say(note, sys.stderr)
    delivered = _deliver(words, report, options)
    if options.form == "text":
        seen = words.value(round(report.duration_s / 60, 1), "min")
        console.say(
            words.say(GUIDE["rehearse.seen"], seen=seen, minutes=words.value(minutes, "min")), sys.stderr
        )
    return EXITS[report.verdict] if delivered else ExitCode.FAILED


def checks(words: Words, wanted: str | None, policy_name: str) -> int:
    """List the checks, or explain one or those of a source."""
    _print(reports.checks_text(policy.load(policy_name), words, wanted, width=_width()))
    return ExitCode.READY


def devices(words: Words) -> int:
    """List cameras and microphones."""
    code = ExitCode.READY
    for source in inspection.GUIDED_SOURCES:
        listed, trouble = _listing(source)
        lines = [f"  {each['index']}  {each['name']}" for each in listed] or [f"  {words.say(GUIDE['none'])}"]
        if trouble:
            cure, code = words.trouble(trouble, source), ExitCode.INCOMPLETE
            lines = [f"  {cure.finding}. {cure.advice}"]
        _print("\n".join([words.say(GUIDE["list." + source]), *lines, ""]))
    return code


def policy_show(words: Words, name: str) -> int:
    """Show what a policy demands."""
    _print(reports.policy_text(policy.load(name), words, width=_width()))
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
        return _show_code(words, path, judged_by, options)
    report, strict = reports.read(path), _strict(options.strict)
    if judged_by is not None:
        report = inspection.rejudge(report, policy.load(judged_by), strict)
    elif strict:
        report = inspection.apply_strict(report, strict)
    delivered = _deliver(words, report, options)
    if options.form == "text" and (age := reports.age(report, words, datetime.now().astimezone())):
        _print(f"{age}\n")
    return EXITS[report.verdict] if delivered else ExitCode.FAILED


def _show_code(words: Words, code: str, judged_by: str | None, options: Options) -> int:
    if options.form != "text" or options.output or options.strict:
        raise UsageError("code-format")
    own = policy.load(judged_by) if judged_by is not None else None
    text, verdict = reports.describe(code, words, min(_width(), WIDEST), own)
    _print(text)
    return EXITS[verdict]


def compare(words: Words, before: str, after: str) -> int:
    """Say what changed from one saved report to another."""
    _print(_fitted(reports.compare(reports.read(before), reports.read(after), words)))
    return ExitCode.READY


def summary(words: Words, paths: Sequence[str], *, verbose: bool = False) -> int:
    """Sum up many saved reports: files, NDJSON or folders; `verbose` adds what was measured."""
    _print(_fitted(reports.summary_text(reports.tally(paths), words, verbose=verbose)))
    return ExitCode.READY


def _fitted(text: str) -> str:
    """Return lines wrapped between words where a person reads them; whole where a program may."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return reports.wrap(text.splitlines(), _width()) if terminal else text


def _width() -> int:
    return Screen.of(sys.stdout, os.environ).width


def _print(text: str) -> None:
    if not console.write(text):
        raise UserError("unprinted")


def _inspected(
    words: Words, options: Options, demanded: Policy, choices: inspection.Choices, before: Report | None
) -> tuple[Report, bool]:
    """Measure and deliver, on top of what was measured before; returns whether all of it arrived."""
    guided = any(job.guided for job in inspection.plan(demanded, choices))
    screen = _screen(words, options, demanded, reported=True) if guided else None
    watcher = screen or Guide(words, sys.stderr, guided=guided, plain=options.plain, quiet=options.quiet)
    choices = _sized(choices, screen)
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
    delivered = _deliver(words, report, options, _called() if hinted else "")
    for path, said in measured.unrecorded:
        console.say(words.error_text(UserError("output-unwritable", path=path, reason=said)), sys.stderr)
        delivered = False
    return report, delivered


def _screen(words: Words, options: Options, demanded: Policy, *, reported: bool) -> LiveScreen | None:
    """Return the live screen where the terminal carries it and nobody asked for plain lines."""
    if options.plain or options.quiet or not supports_live_screen(sys.stderr, os.environ):
        return None
    return LiveScreen(words, sys.stderr, demanded, os.environ, reported=reported)


def _sized(choices: inspection.Choices, screen: object) -> inspection.Choices:
    """Let the camera send pictures of the size in which the screen shows them."""
    if not isinstance(screen, LiveScreen):
        return choices
    camera = {**choices.parameters.get("camera", {}), "preview": screen.preview_size()}
    return replace(choices, parameters={**choices.parameters, "camera": camera})


def _again(words: Words, options: Options, report: Report) -> bool:
    """Ask what to do with the report; returns whether the failed checks are to be done again."""
    if not (is_terminal(sys.stdout) and is_terminal(sys.stdin)):
        return False
    offered = ["again", "save", "leave"] if inspection.checks_to_repeat(report) else ["save", "leave"]
    # The report's own first line has left a small window by now.
    said = reports.headline(report, words)
    console.say("\n" + (said if options.plain else textwrap.fill(said, _width() - 1)))
    with contextlib.suppress(KeyboardInterrupt, OSError):
        while True:
            shown = [words.say(GUIDE["key." + key]) for key in offered]
            beside = "   ".join(shown)
            console.say("\n" + (beside if len(beside) < _width() else "\n".join(shown)))
            key = _pressed("rsq\n" if "again" in offered else "sq\n")
            if key != "s":
                return key == "r"
            _save(words, options, report)
            offered.remove("save")
    return False


def _pressed(wanted: str) -> str:
    with read_keys() as read:
        while True:
            key = read(60.0)
            if key and key in wanted:
                return key


def _save(words: Words, options: Options, report: Report) -> None:
    """Keep the report as a page in this folder, or at home where this one cannot be written."""
    moment = "-".join(report.started[:19].replace("-", "").replace(":", "").split("T"))
    for folder in (Path.cwd(), Path.home()):
        path = folder / f"preflight-{moment}.html"
        try:
            reports.write(str(path), report, words, devices=options.devices)
        except UserError as error:
            console.say(words.error_text(error), sys.stderr)
        else:
            console.say(words.say(GUIDE["saved"], path=path))
            return


def _deliver(words: Words, report: Report, options: Options, program: str = "") -> bool:
    """Print the report and write its files; returns whether all of it arrived.

    `program` is what to type for another one, where that is to be told.
    """
    text = reports.render(
        options.form,
        report,
        words,
        Screen.of(sys.stdout, os.environ, program),
        devices=options.devices,
        verbose=options.verbose,
        plain=options.plain,
    )
    arrived = console.write(text) if options.form == "text" else console.write_bytes(text)
    if not arrived:
        console.say(words.error_text(UserError("unprinted")), sys.stderr)
    for path in options.output:
        try:
            reports.write(path, report, words, devices=options.devices)
        except UserError as error:
            console.say(words.error_text(error), sys.stderr)
            arrived = False
        else:
            if not options.quiet:
                console.say(words.say(GUIDE["saved"], path=Path(path).resolve()), sys.stderr)
    return arrived


def _called() -> str:
    """Return what to type to run this program again as it was run, here."""
    typed, asked = sys.argv[0], sys.argv[1:]
    program = quote_program(typed)
    if not getattr(sys, "frozen", False):
        if Path(typed).stem != "preflight":
            program = "python -m preflight"
        elif programs.find("preflight"):
            program = "preflight"
    return codec.sanitize_text(f"{program} {join_command(asked if 'run' in asked else ['run', *asked])}")


def _choices(options: Options) -> inspection.Choices:
    if options.silence is not None and not math.isfinite(options.silence):
        raise UsageError("value-wrong", option="--silence")
    files = _files(power=options.power, software=options.software, face_model=options.face_model)
    face_model = files.pop("face_model", None)
    provider = options.network if options.network in PROVIDERS[1:] else None
    parameters: Mapping[str, dict[str, object | None]] = {
        "camera": {"face_model": face_model},
        "microphone": {"silence_s": options.silence},
        "network": {"full": options.full or None, "provider": provider},
    }
    return inspection.Choices(
        only=_listed(options.only),
        skip=_listed(options.skip),
        guided=_attended(options),
        strict=_strict(options.strict),
        timeout_s=options.timeout,
        targets={
            **files,
            **_device("camera", options.camera),
            **_device("microphone", options.microphone),
            **_device("speaker", options.speaker),
            **_device("camera", options.document, use="document"),
            **_network(options.network),
        },
        parameters={
            source: {name: value for name, value in given.items() if value is not None}
            for source, given in parameters.items()
        },
        record=_folder(options.record),
    )


def _attended(options: Options) -> bool:
    """Tell whether somebody sits there who can be asked."""
    unasked = options.no_input or options.quiet or bool(os.environ.get("CI"))
    return not unasked and is_terminal(sys.stdin) and is_terminal(sys.stderr)


def _listed(values: Sequence[str]) -> tuple[str, ...]:
    """Return the words of repeated options and of lists with commas in them."""
    return tuple(each.strip() for value in values for each in value.split(",") if each.strip())


def _strict(value: str) -> frozenset[WarnReason]:
    for word in _listed([value]):
        if word not in tuple(WarnReason):
            raise UsageError("strict-unknown", word=word, known=", ".join(WarnReason))
    return frozenset(WarnReason(word) for word in _listed([value]))


def _files(**paths: str | None) -> dict[str, str]:
    """Return the files that were named, each seen to be readable; raises `UsageError`."""
    named = {name: path for name, path in paths.items() if path is not None}
    for path in named.values():
        _readable(path)
    return named


def _readable(path: str) -> None:
    try:
        # Opening a pipe would wait for somebody to write to it.
        mode = Path(path).stat().st_mode
        with Path(path).open("rb") if stat.S_ISREG(mode) else contextlib.nullcontext():
            pass
    except OSError as error:
        raise UsageError("file-unreadable", path=path, reason=system_reason(error)) from None
    if not stat.S_ISREG(mode):
        no_file = os.strerror(errno.EISDIR) if stat.S_ISDIR(mode) else "Not a regular file"
        raise UsageError("file-unreadable", path=path, reason=no_file)


def _device(source: str, target: str | None, use: str = "") -> dict[str, str]:
    """Return the camera or microphone that was named, seen to exist; raises `UsageError`.

    Where the devices cannot be listed the run itself will say why.
    """
    if target is None:
        return {}
    if target.startswith("file:"):
        from urllib.request import url2pathname  # noqa: PLC0415 - few name a file so, and it takes 50 ms

        target = url2pathname(target.removeprefix("file:"))
        _readable(target)
        return {use or source: target}
    # A name too long for a file is none.
    there = os.path.exists(target)  # noqa: PTH110 - see above
    if "://" in target or (there and Path(target).is_char_device()):
        return {use or source: target}
    if there or _names_folder(target) or Path(target).suffix[1:].isalpha():
        _readable(target)
        return {use or source: target}
    listed, trouble = _listing(source)
    names = [str(device["name"]) for device in listed]
    known = target in names or target in [str(device["index"]) for device in listed]
    fitting = [name for name in names if target.lower() in name.lower()]
    if trouble is None and not known and len(fitting) != 1:
        key = "device-several" if fitting else "device-unknown" if names else f"no-{source}"
        raise UsageError(key, device=target, known="; ".join(fitting or names))
    return {use or source: target}


def _names_folder(target: str) -> bool:
    """Tell whether a text can only be a path; Windows has two signs between folders."""
    return any(sign in target for sign in (os.sep, os.altsep) if sign)


def _listing(source: str) -> tuple[list[Mapping[str, Any]], Trouble | None]:
    """Return the devices of a source, as a worker of their own sees them."""
    watcher = _Listing()
    trouble = runner.run((inspection.plan_device_listing(source),), watcher).outcomes.get(source)
    return watcher.devices, trouble if isinstance(trouble, Trouble) else None


class _Listing:
    """Collects the devices that a worker lists."""

    def __init__(self) -> None:
        self.devices: list[Mapping[str, Any]] = []

    def handle_event(self, job: Job, event: Mapping[str, Any]) -> None:  # noqa: ARG002 - a watcher's form
        if event["event"] == "listed":
            self.devices = list(event.get("devices", ()))

    def answer(self, job: Job, prompt: str) -> str:  # noqa: ARG002 - a watcher's form
        return "skip"

    def tick(self) -> None:
        return


def _network(target: str) -> dict[str, str]:
    if target in PROVIDERS:
        return {}
    if not target.startswith(("http://", "https://")):
        named = _names_folder(target) or Path(target).suffix.lower() == ".json"
        # A name too long for a file is none.
        if not named and not os.path.exists(target):  # noqa: PTH110 - see above
            raise UsageError("network-unknown", target=target, known=", ".join(PROVIDERS))
        _readable(target)
    return {"network": target}


def _folder(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError("folder-unmakeable", path=path, reason=system_reason(error)) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise UsageError("folder-unmakeable", path=path, reason=os.strerror(errno.EACCES))
    return str(Path(path).resolve())
