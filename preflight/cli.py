"""The commands: what is asked for, what is printed, and the exit code."""

import contextlib
import difflib
import errno
import os
import signal
import stat
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from preflight import __version__, inspection, policy, reports, runner
from preflight.errors import Exit, Told, Usage
from preflight.guide import Guide
from preflight.model import Job, Readiness, Report, Trouble, Why
from preflight.reports.terminal import Screen
from preflight.texts import ERRORS, GUIDE, HELP, LANGUAGES, Words, language

COMMANDS = ("run", "checks", "devices", "policy")
_EXITS = {
    Readiness.READY: Exit.READY,
    Readiness.NOT_READY: Exit.NOT_READY,
    Readiness.INCOMPLETE: Exit.INCOMPLETE,
}
_PROVIDERS = ("auto", "cloudflare", "speedtest")
# Typer's own class for what is wrong on a command line; older versions take it from Click.
_WrongUsage: type[Exception] = typer.BadParameter.__mro__[1]


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code. The last place where a bug is caught."""
    words = Words("en")
    _interruptible()
    try:
        asked, rest = _language(arguments)
        words = Words(language(asked, os.environ))
        return _app(words)(_completed(rest), prog_name="preflight", standalone_mode=False) or 0
    except Told as error:
        return _complain(words.told(error), error.code)
    except _WrongUsage as error:
        return _complain(_usage(words, error), Exit.USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return _complain(words.say(GUIDE["interrupted"]), Exit.INTERRUPTED)
    except Exception:  # noqa: BLE001 - the last resort: a report of our own mistake, ready to paste
        return _complain(words.say(GUIDE["bug"]) + "\n" + _trace(), Exit.FAILED)


def _app(words: Words) -> Callable[..., int | None]:  # noqa: C901 - a function per command
    """Build the commands with their help in one language."""
    app = typer.Typer(
        help=words.say(HELP["preflight"]),
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        no_args_is_help=False,
    )
    policies = typer.Typer(help=words.say(HELP["policy"]), rich_markup_mode=None)
    app.add_typer(policies, name="policy")

    def option(key: str, *names: str, **more: Any) -> Any:
        return typer.Option(*names, help=words.say(HELP[key]), **more)

    only = option("only", "--only", metavar="ID,…")
    named = option("policy-option", "--policy", metavar="NAME|FILE")

    @app.command(help=words.say(HELP["run"]))
    def run(  # noqa: PLR0913 - one argument per option
        *,
        only: Annotated[list[str] | None, only] = None,
        skip: Annotated[list[str] | None, option("skip", "--skip", metavar="ID,…")] = None,
        policy_name: Annotated[str, named] = policy.DEFAULT,
        lang: Annotated[str, option("lang", "--lang", metavar="en|lv|ru")] = words.lang,  # noqa: ARG001 - read before
        no_input: Annotated[bool, option("no-input", "--no-input")] = False,
        plain: Annotated[bool, option("plain", "--plain", envvar="ACCESSIBLE")] = False,
        strict: Annotated[str, option("strict", "--strict", metavar="[=close,unsure,advised]")] = "",
        timeout: Annotated[float | None, option("timeout", "--timeout", metavar="S", min=1.0)] = None,
        camera: Annotated[str | None, option("camera", "--camera", metavar="DEVICE|FILE")] = None,
        face_model: Annotated[str | None, option("face-model", "--face-model", metavar="FILE")] = None,
        document: Annotated[str | None, option("document", "--document", metavar="DEVICE|FILE")] = None,
        microphone: Annotated[str | None, option("microphone", "--microphone", metavar="DEVICE|FILE")] = None,
        silence: Annotated[float | None, option("silence", "--silence", metavar="S", min=0.0)] = None,
        network: Annotated[
            str, option("network", "--network", metavar="auto|cloudflare|speedtest|URL|FILE")
        ] = "auto",
        full: Annotated[bool, option("full", "--full")] = False,
        power: Annotated[str | None, option("power", "--power", metavar="FILE")] = None,
        software: Annotated[str | None, option("software", "--software", metavar="FILE")] = None,
        record: Annotated[str | None, option("record", "--record", metavar="DIR")] = None,
        form: Annotated[str, option("format", "--format", metavar="|".join(reports.FORMATS))] = "text",
        output: Annotated[list[str] | None, option("output", "--output", metavar="FILE")] = None,
        devices: Annotated[bool, option("devices-option", "--devices")] = False,
        quiet: Annotated[bool, option("quiet", "-q", "--quiet")] = False,
        verbose: Annotated[bool, option("verbose", "-v", "--verbose")] = False,
    ) -> int:
        asked = policy.load(policy_name)
        files = _files(power=power, software=software, face_model=face_model)
        targets = {
            **{source: file for source, file in files.items() if source != "face_model"},
            **_devices("camera", camera),
            **_devices("microphone", microphone),
            **_devices("camera", document, "document"),
            **_network(network),
        }
        parameters: dict[str, dict[str, object]] = {"camera": {}, "microphone": {}, "network": {}}
        if face_model:
            parameters["camera"]["face_model"] = face_model
        if silence is not None:
            parameters["microphone"]["silence_s"] = silence
        if full:
            parameters["network"]["full"] = True
        if network in _PROVIDERS[1:]:
            parameters["network"]["provider"] = network
        choices = inspection.Choices(
            only=_listed(only),
            skip=_listed(skip),
            guided=not no_input
            and not os.environ.get("CI")
            and sys.stdin is not None
            and sys.stdin.isatty()
            and sys.stderr.isatty(),
            strict=_strict(strict),
            timeout_s=timeout,
            targets=targets,
            parameters=parameters,
            record=_folder(record),
        )
        reports.check(form, output or [])
        return _run(words, asked, choices, _Printing(form, output or [], devices, quiet, verbose, plain))

    @app.command(help=words.say(HELP["checks"]))
    def checks(
        check: Annotated[str | None, typer.Argument(metavar="[ID]", help=words.say(HELP["check-id"]))] = None,
        policy_name: Annotated[str, named] = policy.DEFAULT,
    ) -> None:
        _print(reports.catalogue(policy.load(policy_name), words, check))

    @app.command(help=words.say(HELP["devices"]))
    def devices() -> None:
        for source in inspection.PROMPTED:
            _say(words.say(GUIDE["list." + source]))
            listed, trouble = _listing(source)
            for each in listed:
                _say(f"  {each['index']}  {each['name']}")
            if not listed:
                none = words.trouble(trouble, source).finding if trouble else words.say(GUIDE["none"])
                _say(f"  {none}")

    @policies.command("show", help=words.say(HELP["policy-show"]))
    def show(name: Annotated[str, typer.Argument(metavar="[NAME|FILE]")] = policy.DEFAULT) -> None:
        _print(reports.policy_text(policy.load(name), words))

    @policies.command("check", help=words.say(HELP["policy-check"]))
    def check(file: Annotated[str, typer.Argument(metavar="FILE")]) -> None:
        read = policy.load(file)
        _say(words.say(GUIDE["policy-fine"], policy=read.name, count=str(len(read.demands))))

    return app


@dataclass(frozen=True, slots=True)
class _Printing:
    """How a report leaves the program."""

    form: str
    outputs: list[str]
    devices: bool
    quiet: bool
    verbose: bool
    plain: bool


def _run(words: Words, asked: policy.Policy, choices: inspection.Choices, printing: _Printing) -> int:
    """Measure, print, write; the verdict is the exit code unless the report could not be delivered."""
    ids = inspection.chosen(asked, choices.only, choices.skip)
    jobs = inspection.plan(asked, choices, ids)
    guided = any(job.guided for job in jobs)
    guide = Guide(words, sys.stderr, guided=guided, plain=printing.plain, quiet=printing.quiet)
    guide.begin(jobs)
    try:
        report, measured = inspection.inspect(asked, choices, guide, words.lang)
    finally:
        guide.end()
    if printing.verbose:
        for note in measured.notes:
            _say(note, sys.stderr)
    delivered = _deliver(words, report, printing)
    for path, reason in measured.unrecorded:
        _complain(words.told(Told("output-unwritable", path=path, reason=reason)), Exit.FAILED)
        delivered = False
    return _EXITS[report.verdict] if delivered else Exit.FAILED


def _deliver(words: Words, report: Report, printing: _Printing) -> bool:
    """Print the report and write its files; tells whether all of it arrived."""
    text = reports.render(
        printing.form,
        report,
        words,
        Screen.of(sys.stdout, os.environ),
        devices=printing.devices,
        verbose=printing.verbose,
        plain=printing.plain,
    )
    arrived = _print(text) if printing.form == "text" else _bytes(text)
    for path in printing.outputs:
        try:
            reports.write(path, report, words, devices=printing.devices)
        except Told as error:
            _say(words.told(error), sys.stderr)
            arrived = False
    return arrived


def _language(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Take `--lang` out of the command line, wherever it stands."""
    asked: str | None = None
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return asked, [*rest, word, *words]
        if word == "--lang" or word.startswith("--lang="):
            asked = word.partition("=")[2] if "=" in word else next(words, "")
            if asked not in LANGUAGES:
                raise Usage("language-unknown", lang=asked, known=", ".join(LANGUAGES))
        else:
            rest.append(word)
    return asked, rest


def _completed(arguments: Sequence[str]) -> list[str]:
    """Insert `run` where no command is named, and what a bare `--strict` stands for."""
    words = ["--strict=" + ",".join(Why) if word == "--strict" else word for word in arguments]
    first = words[0] if words else ""
    if first in (*COMMANDS, "-h", "--help", "--install-completion", "--show-completion"):
        return words
    if first and not first.startswith("-"):
        known = policy.nearest(first, COMMANDS) or ", ".join(COMMANDS)
        raise Usage("command-unknown", command=first, nearest=known)
    return ["run", *words]


def _listed(values: list[str] | None) -> tuple[str, ...]:
    """Return the ids of repeated options and of lists with commas in them."""
    return tuple(each.strip() for value in values or () for each in value.split(",") if each.strip())


def _strict(value: str) -> frozenset[Why]:
    words = _listed([value])
    for word in words:
        if word not in tuple(Why):
            raise Usage("strict-unknown", word=word, known=", ".join(Why))
    return frozenset(Why(word) for word in words)


def _files(**paths: str | None) -> dict[str, str]:
    """Return the files that were named, each seen to be readable; raises `Usage`."""
    named = {name: path for name, path in paths.items() if path is not None}
    for path in named.values():
        _readable(path)
    return named


def _readable(path: str) -> None:
    try:
        # A pipe or a folder is no file; opening a pipe would wait for somebody to write to it.
        regular = stat.S_ISREG(Path(path).stat().st_mode)
        with Path(path).open("rb") if regular else contextlib.nullcontext():
            reason = "" if regular else os.strerror(errno.EISDIR)
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise Usage("file-unreadable", path=path, reason=reason)


def _devices(source: str, target: str | None, use: str = "") -> dict[str, str]:
    """Return the camera or microphone that was named, seen to exist; raises `Usage`.

    Where the devices cannot be listed the run itself will say why.
    """
    if target is None:
        return {}
    path = Path(target)
    if "://" in target or path.is_char_device():
        return {use or source: target}
    if path.exists() or _like_a_file(target):
        _readable(target)
        return {use or source: target}
    listed, trouble = _listing(source)
    known = [str(device["name"]) for device in listed] + [str(device["index"]) for device in listed]
    if trouble is None and target not in known and not _names_one(target, known):
        raise Usage("device-unknown", device=target, known="; ".join(known) or "-")
    return {use or source: target}


def _names_one(target: str, known: Sequence[str]) -> bool:
    return sum(target.lower() in name.lower() for name in known) == 1


def _like_a_file(target: str) -> bool:
    return os.sep in target or "/" in target or bool(Path(target).suffix)


def _listing(source: str) -> tuple[list[Mapping[str, Any]], Trouble | None]:
    """Return the devices of a source, as a worker of their own sees them."""
    watcher = _Listing()
    measured = runner.run((inspection.listing(source),), watcher)
    trouble = measured.outcomes.get(source)
    return watcher.devices, trouble if isinstance(trouble, Trouble) else None


class _Listing:
    """Collects the devices that a worker lists."""

    def __init__(self) -> None:
        self.devices: list[Mapping[str, Any]] = []

    def event(self, job: Job, event: Mapping[str, Any]) -> None:  # noqa: ARG002 - a watcher's form
        if event["event"] == "listed":
            self.devices = list(event.get("devices", ()))

    def answer(self, job: Job, prompt: str) -> str:  # noqa: ARG002 - a watcher's form
        return "skip"

    def tick(self) -> None:
        return


def _network(target: str) -> dict[str, str]:
    if target in _PROVIDERS:
        return {}
    if target.startswith(("http://", "https://")):
        return {"network": target}
    if not Path(target).exists():
        raise Usage("network-unknown", target=target, known=", ".join(_PROVIDERS))
    _readable(target)
    return {"network": target}


def _folder(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Usage("output-unwritable", path=path, reason=error.strerror or str(error)) from None
    return str(Path(path).resolve())


def _usage(words: Words, error: Exception) -> str:
    """Say what is wrong on the command line in our words."""
    context = getattr(error, "ctx", None)
    option = getattr(error, "option_name", None)
    parameter = getattr(error, "param", None)
    named = parameter.opts[0] if parameter is not None and parameter.opts else ""
    command = getattr(context, "command_path", "preflight")
    if option and hasattr(error, "possibilities"):
        known = [each for parameter in context.command.params for each in parameter.opts] if context else []
        near = difflib.get_close_matches(option, known, n=1, cutoff=0.5)
        said = words.say(ERRORS["option-unknown"], option=option)
        said += " " + words.say(ERRORS["did-you-mean"], nearest=near[0]) if near else ""
    elif option:
        said = words.say(ERRORS["option-value"], option=option)
    elif named:
        said = words.say(ERRORS["value-wrong"], option=named)
    else:
        said = words.say(ERRORS["usage"])
    return f"{said}\n{words.say(ERRORS['see-help'], command=command)}"


def _complain(text: str, code: Exit) -> int:
    _say(text, sys.stderr)
    return code


def _trace() -> str:
    """Return a traceback that can be pasted: our own lines, no value and no path of the client's."""
    kind, error, trace = sys.exc_info()
    frames = [f"  {Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)]
    where = "\n".join(frames)
    return f"preflight {__version__}\n{where}\n  {kind.__name__ if kind else ''}: {error}"


def _say(text: str, stream: TextIO | None = None) -> bool:
    return _print(text + "\n", stream or sys.stdout)


def _print(text: str, stream: TextIO | None = None) -> bool:
    """Write text in whatever letters the stream has; tells whether it could be written.

    Somebody who reads no further (`| head -1`) has got what was wanted.
    """
    stream = stream or sys.stdout
    if stream is None:
        return False
    try:
        encoding = stream.encoding or "utf-8"
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        _hush(stream)
    except (OSError, ValueError):
        _hush(stream)
        return False
    return True


def _bytes(text: str) -> bool:
    """Print what is meant for programs: UTF-8 whatever the terminal speaks, lines as they are."""
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    except BrokenPipeError:
        _hush(sys.stdout)
    except (AttributeError, OSError, ValueError):
        _hush(sys.stdout)
        return False
    return True


def _hush(stream: TextIO | None) -> None:
    """Let the interpreter's last flush of a broken stream go nowhere instead of failing."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _interruptible() -> None:
    """Let a closed window or a polite kill end the run as Ctrl-C does: without leaving workers."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
