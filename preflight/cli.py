"""The command line: its options, its help, and how a mistake in it is explained.

What the commands do is imported only when one is run: help costs none of it.
"""

import contextlib
import errno
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from preflight import __version__, console
from preflight.errors import ExitCode, UsageError, UserError, closest_match, is_out_of_memory, label
from preflight.help_text import formatter_class, translate_placeholders
from preflight.model import WarnReason
from preflight.platforms.console import closes_with_program
from preflight.platforms.console import language as system_language
from preflight.texts import ERRORS, GUIDE, HELP, LANGUAGES, Words, language

COMMANDS = ("run", "live", "checks", "devices", "rehearse", "policy", "show", "compare", "summary")
_POLICY_COMMANDS = ("policy show", "policy check")
_HELP = {"-h", "--help"}
_TYPER_OPTIONS = (*_HELP, "--install-completion", "--show-completion")
_DEFAULT_POLICY = "bluor"
_FORMATS = "text|json|ndjson|junit|html|markdown"
_OVERVIEW_FORMATS = "text|json|html|markdown"
# Typer's own class for what is wrong on a command line; older versions take it from Click.
_TyperUsageError: type[Exception] = typer.BadParameter.__mro__[1]

_EXTRA_WORDS = re.compile(r"extra argument.*\((.+)\)")
"""What Typer says of words that stand for nothing; the words are told nowhere else."""

_TextList = list[str] | None
_Command = Callable[..., int]


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code. The last place where a bug is caught."""
    words, command = Words("en"), ""
    _treat_signals_as_interrupt()
    for stream in (sys.stdout, sys.stderr):
        console.prepare(stream)
    try:
        asked, rest = _take_language_option(arguments)
        words = Words(language(asked, os.environ, system_language))
        rest = _insert_command(rest)
        command = rest[0] if rest[0] in COMMANDS else ""
        code = _run_command(words, rest)
        if code != ExitCode.INTERRUPTED:
            return code
        # Typer takes an interrupt for an end like any other.
        return _print_interrupted(words)
    except UserError as error:
        return _print_error(words.error_text(error), error.code)
    except _TyperUsageError as error:
        return _print_error(_explain_usage_error(words, error, command), ExitCode.USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return _print_interrupted(words)
    except Exception as error:  # noqa: BLE001 - the last resort: a report of our own mistake, ready to paste
        # Typer prints a shell's completion past our console: of that, a full disk is found out only here.
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        if full:
            console.discard_output(sys.stdout)
        key = "unprinted" if full else "no-memory" if is_out_of_memory(error) else ""
        said = words.say(ERRORS[key]) if key else f"{words.say(GUIDE['bug'])}\n{_short_traceback()}"
        return _print_error(said, ExitCode.FAILED)
    finally:
        if closes_with_program():
            _wait_for_enter(words)


def print_output_error() -> int:
    """Say that something could not be printed; returns the exit code."""
    words = Words(language(None, os.environ, system_language))
    return _print_error(words.say(ERRORS["unprinted"]), ExitCode.FAILED)


def _run_command(words: Words, rest: Sequence[str]) -> int:
    """Print the help that is asked for, or run the command; returns the exit code."""
    if _HELP.isdisjoint(rest[: rest.index("--")] if "--" in rest else rest):
        try:
            return _build_app(words)(rest, prog_name="preflight", standalone_mode=False) or 0
        except typer.Abort as aborted:
            # So Typer calls any file that ends too early: nobody stopped anything.
            raise aborted.__cause__ or aborted from None
    if not console.say(_help_text(words, rest)):
        raise UserError("unprinted")
    return ExitCode.READY


def _help_text(words: Words, asked: Sequence[str]) -> str:
    """Return the help of a command.

    Typer's own option prints it past our console, and spends half a second on the library
    with which it reads the option's value.
    """
    command: Any = typer.main.get_command(_build_app(words))
    context = command.context_class(command, info_name="preflight", **command.context_settings)
    for name in asked:
        if name not in getattr(command, "commands", {}):
            break
        command = command.commands[name]
        context = command.context_class(command, info_name=name, parent=context)
    context.formatter_class = formatter_class(type(context.make_formatter()), words)
    return str(context.get_help())


def _build_app(words: Words) -> typer.Typer:  # noqa: C901 - a function per command
    """Build the commands with their help in one language."""
    app = typer.Typer(
        help=words.say(HELP["preflight"]),
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    policies = typer.Typer(help=words.say(HELP["policy"]), rich_markup_mode=None)

    def option(key: str, *names: str, **more: Any) -> Any:
        return typer.Option(*names, help=words.say(HELP[key]), **more)

    def argument(metavar: str, key: str) -> Any:
        return typer.Argument(metavar=metavar, help=words.say(HELP[key]))

    def command(name: str) -> Callable[[_Command], _Command]:
        # Typer would cut what it lists of a long help.
        said = words.say(HELP[name])
        return app.command(name, help=said, short_help=said)

    named = option("policy-option", "--policy", metavar="NAME|FILE")

    @command("run")
    def run(  # noqa: PLR0913 - one argument per option
        *,
        only: Annotated[_TextList, option("only", "--only", metavar="ID,…")] = None,
        skip: Annotated[_TextList, option("skip", "--skip", metavar="ID,…")] = None,
        policy: Annotated[str, named] = _DEFAULT_POLICY,
        lang: Annotated[str, option("lang", "--lang", metavar="en|lv|ru")] = words.lang,  # noqa: ARG001 - read before
        no_input: Annotated[bool, option("no-input", "--no-input")] = False,
        plain: Annotated[bool, option("plain", "--plain", envvar="ACCESSIBLE")] = False,
        strict: Annotated[str, option("strict", "--strict", metavar="[=close,unsure,advised]")] = "",
        timeout: Annotated[float | None, option("timeout", "--timeout", metavar="S", min=1.0)] = None,
        camera: Annotated[str | None, option("camera", "--camera", metavar="DEVICE|FILE")] = None,
        face_model: Annotated[str | None, option("face-model", "--face-model", metavar="FILE")] = None,
        document: Annotated[str | None, option("document", "--document", metavar="DEVICE|FILE")] = None,
        clip: Annotated[str | None, option("clip", "--clip", metavar="FILE")] = None,
        photo: Annotated[str | None, option("photo", "--photo", metavar="FILE")] = None,
        microphone: Annotated[str | None, option("microphone", "--microphone", metavar="DEVICE|FILE")] = None,
        speaker: Annotated[str | None, option("speaker", "--speaker", metavar="DEVICE|FILE")] = None,
        silence: Annotated[float | None, option("silence", "--silence", metavar="S", min=0.0)] = None,
        network: Annotated[
            str, option("network", "--network", metavar="auto|cloudflare|speedtest|URL|FILE")
        ] = "auto",
        full: Annotated[bool, option("full", "--full")] = False,
        power: Annotated[str | None, option("power", "--power", metavar="FILE")] = None,
        software: Annotated[str | None, option("software", "--software", metavar="FILE")] = None,
        record: Annotated[str | None, option("record", "--record", metavar="DIR")] = None,
        form: Annotated[str, option("format", "--format", metavar=_FORMATS)] = "text",
        output: Annotated[_TextList, option("output", "--output", metavar="FILE")] = None,
        devices: Annotated[bool, option("devices-option", "--devices")] = False,
        quiet: Annotated[bool, option("quiet", "-q", "--quiet")] = False,
        verbose: Annotated[bool, option("verbose", "-v", "--verbose")] = False,
    ) -> int:
        from preflight import commands
        from preflight.options import Options

        options = Options(
            only=only or (),
            skip=skip or (),
            policy=policy,
            no_input=no_input,
            plain=plain,
            strict=strict,
            timeout=timeout,
            camera=camera,
            face_model=face_model,
            document=document,
            clip=clip,
            photo=photo,
            microphone=microphone,
            speaker=speaker,
            silence=silence,
            network=network,
            full=full,
            power=power,
            software=software,
            record=record,
            form=form,
            output=output or (),
            devices=devices,
            quiet=quiet,
            verbose=verbose,
        )
        return commands.run(words, options)

    @command("live")
    def live(
        *,
        source: Annotated[str | None, argument("[camera|microphone|speaker]", "live-source")] = None,
        policy: Annotated[str, named] = _DEFAULT_POLICY,
        plain: Annotated[bool, option("plain", "--plain", envvar="ACCESSIBLE")] = False,
        camera: Annotated[str | None, option("camera", "--camera", metavar="DEVICE|FILE")] = None,
        face_model: Annotated[str | None, option("face-model", "--face-model", metavar="FILE")] = None,
        microphone: Annotated[str | None, option("microphone", "--microphone", metavar="DEVICE|FILE")] = None,
        speaker: Annotated[str | None, option("speaker", "--speaker", metavar="DEVICE|FILE")] = None,
    ) -> int:
        from preflight import commands
        from preflight.options import Options

        options = Options(
            policy=policy,
            plain=plain,
            camera=camera,
            face_model=face_model,
            microphone=microphone,
            speaker=speaker,
        )
        return commands.live(words, source, options)

    @command("rehearse")
    def rehearse(  # noqa: PLR0913 - one argument per option
        *,
        minutes: Annotated[float, option("minutes", "--minutes", metavar="N", min=0.5, max=60)] = 20,
        camera: Annotated[bool, option("rehearse-camera", "--camera")] = False,
        policy: Annotated[str, named] = _DEFAULT_POLICY,
        network: Annotated[
            str, option("network-server", "--network", metavar="auto|cloudflare|speedtest|URL")
        ] = "auto",
        plain: Annotated[bool, option("plain", "--plain", envvar="ACCESSIBLE")] = False,
        form: Annotated[str, option("format", "--format", metavar=_FORMATS)] = "text",
        output: Annotated[_TextList, option("output", "--output", metavar="FILE")] = None,
        quiet: Annotated[bool, option("quiet", "-q", "--quiet")] = False,
        verbose: Annotated[bool, option("verbose", "-v", "--verbose")] = False,
    ) -> int:
        from preflight import commands
        from preflight.options import Options

        options = Options(
            policy=policy,
            network=network,
            plain=plain,
            form=form,
            output=output or (),
            quiet=quiet,
            verbose=verbose,
        )
        return commands.rehearse(words, minutes, camera=camera, options=options)

    @command("checks")
    def checks(
        check: Annotated[str | None, argument("[ID]", "check-id")] = None,
        policy: Annotated[str, named] = _DEFAULT_POLICY,
    ) -> int:
        from preflight import commands

        return commands.checks(words, check, policy)

    @command("devices")
    def devices() -> int:
        from preflight import commands

        return commands.devices(words)

    @command("show")
    def show(  # noqa: PLR0913 - one argument per option
        report: Annotated[str, argument("REPORT|CODE", "report-or-code")],
        *,
        policy: Annotated[str | None, option("judge-again", "--policy", metavar="NAME|FILE")] = None,
        strict: Annotated[str, option("strict", "--strict", metavar="[=close,unsure,advised]")] = "",
        form: Annotated[str, option("format", "--format", metavar=_FORMATS)] = "text",
        output: Annotated[_TextList, option("output", "--output", metavar="FILE")] = None,
        plain: Annotated[bool, option("plain", "--plain", envvar="ACCESSIBLE")] = False,
        devices: Annotated[bool, option("devices-option", "--devices")] = False,
        verbose: Annotated[bool, option("verbose", "-v", "--verbose")] = False,
    ) -> int:
        from preflight import commands
        from preflight.options import Options

        options = Options(
            strict=strict, form=form, output=output or (), plain=plain, devices=devices, verbose=verbose
        )
        return commands.show(words, report, policy, options)

    @command("compare")
    def compare(
        before: Annotated[str, argument("REPORT", "report")],
        after: Annotated[str, argument("REPORT", "report")],
        *,
        form: Annotated[str, option("format", "--format", metavar=_OVERVIEW_FORMATS)] = "text",
        output: Annotated[_TextList, option("overview-output", "--output", metavar="FILE")] = None,
        plain: Annotated[bool, option("plain", "--plain", envvar="ACCESSIBLE")] = False,
    ) -> int:
        from preflight import commands
        from preflight.options import Options

        return commands.compare(words, before, after, Options(form=form, output=output or (), plain=plain))

    @command("summary")
    def summary(
        paths: Annotated[list[str], argument("REPORT…", "many-reports")],
        *,
        form: Annotated[str, option("format", "--format", metavar=_OVERVIEW_FORMATS)] = "text",
        output: Annotated[_TextList, option("overview-output", "--output", metavar="FILE")] = None,
        plain: Annotated[bool, option("plain", "--plain", envvar="ACCESSIBLE")] = False,
        verbose: Annotated[bool, option("verbose", "-v", "--verbose")] = False,
    ) -> int:
        from preflight import commands
        from preflight.options import Options

        options = Options(form=form, output=output or (), plain=plain, verbose=verbose)
        return commands.summary(words, paths, options)

    @policies.command("show", help=words.say(HELP["policy-show"]))
    def policy_show(name: Annotated[str, argument("[NAME|FILE]", "policy-shown")] = _DEFAULT_POLICY) -> int:
        from preflight import commands

        return commands.policy_show(words, name)

    @policies.command("check", help=words.say(HELP["policy-check"]))
    def policy_check(file: Annotated[str, argument("FILE", "policy-file")]) -> int:
        from preflight import commands

        return commands.policy_check(words, file)

    app.add_typer(policies, name="policy", short_help=words.say(HELP["policy"]))
    return app


def _take_language_option(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Take `--lang` out of the command line, wherever it stands."""
    asked: str | None = None
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return asked, [*rest, word, *words]
        if word == "--lang" or word.startswith("--lang="):
            asked = (word.partition("=")[2] if "=" in word else next(words, "")).lower()
            if not asked:
                raise UsageError("option-value", option="--lang", wanted="|".join(LANGUAGES))
            if asked not in LANGUAGES:
                raise UsageError("language-unknown", lang=asked, known=", ".join(LANGUAGES))
        else:
            rest.append(word)
    return asked, rest


def _insert_command(arguments: Sequence[str]) -> list[str]:
    """Insert `run` where no command is named, and what a bare `--strict` stands for."""
    words = ["--strict=" + ",".join(WarnReason) if word == "--strict" else word for word in arguments]
    first = words[0] if words else ""
    named = " ".join(words[:2])
    if first == "help":
        return _insert_command([*words[1:], "--help"])
    if words == ["policy"]:
        return [*words, "--help"]
    if first == "policy" and words[1:] and words[1] not in ("show", "check", *_TYPER_OPTIONS):
        raise UsageError(
            "command-unknown",
            command=named,
            nearest=closest_match(named, _POLICY_COMMANDS) or _POLICY_COMMANDS[0],
        )
    if first in (*COMMANDS, *_TYPER_OPTIONS):
        return words
    if first and not first.startswith("-"):
        raise UsageError(
            "command-unknown", command=first, nearest=closest_match(first, COMMANDS) or ", ".join(COMMANDS)
        )
    return ["run", *words]


def _explain_usage_error(words: Words, error: Exception, given: str) -> str:
    """Say what is wrong on the command line in our words; `given` is the command."""
    context = getattr(error, "ctx", None)
    option = getattr(error, "option_name", None)
    parameter = getattr(error, "param", None)
    command = getattr(context, "command_path", None) or f"preflight {given}".strip()
    if option and hasattr(error, "possibilities"):
        known = [each for parameter in context.command.params for each in parameter.opts] if context else []
        near = closest_match(option, known)
        said = words.say(ERRORS["option-unknown"], option=option)
        said += " " + words.say(ERRORS["did-you-mean"], nearest=near) if near else ""
    elif option:
        wanted = translate_placeholders(_option_placeholder(_build_app(words), option) or "", words)
        said = words.say(ERRORS["option-value" if wanted else "option-flag"], option=option, wanted=wanted)
    elif parameter is not None and hasattr(error, "param_type"):
        said = words.say(
            ERRORS["argument-missing"],
            argument=translate_placeholders(parameter.metavar or parameter.name, words),
        )
    elif parameter is not None and (bounds := _bounds(parameter)):
        values = dict(zip(("least", "most"), map(words.value, bounds), strict=False))
        key = "value-between" if "most" in values else "value-least"
        said = words.say(ERRORS[key], option=parameter.opts[0], **values)
    elif parameter is not None and parameter.opts:
        said = words.say(ERRORS["value-wrong"], option=parameter.opts[0])
    elif extra := _EXTRA_WORDS.search(str(error)):
        said = words.say(ERRORS["argument-extra"], words=extra[1])
    else:
        said = words.say(ERRORS["usage"])
    return f"{said}\n{words.say(ERRORS['see-help'], command=command)}"


def _bounds(parameter: Any) -> list[float]:
    """Return the least value of an option and the most; none, or only the first, where there is no other."""
    # Older versions of Typer keep them in the parameter's type.
    typed = getattr(parameter, "type", None)
    bounds = (getattr(parameter, name, getattr(typed, name, None)) for name in ("min", "max"))
    return [bound for bound in bounds if isinstance(bound, int | float)]


def _option_placeholder(app: typer.Typer, option: str) -> str | None:
    """Return what stands for the value of an option in the help; None for one that has none."""
    commands = getattr(typer.main.get_command(app), "commands", {}).values()
    parameters = (each for command in commands for each in command.params if option in each.opts)
    return next((each.metavar for each in parameters), None)


def _print_error(text: str, code: ExitCode) -> int:
    console.say_wrapped(text, sys.stderr)
    return code


def _print_interrupted(words: Words) -> int:
    # A terminal has just shown ^C, and what is said begins on a line of its own.
    beside = sys.stderr is not None and sys.stderr.isatty()
    return _print_error(("\n" if beside else "") + words.say(GUIDE["interrupted"]), ExitCode.INTERRUPTED)


def _wait_for_enter(words: Words) -> None:
    """Keep the window open until it has been read."""
    console.say("\n" + words.say(GUIDE["close"]), sys.stderr)
    with contextlib.suppress(KeyboardInterrupt, AttributeError, OSError, ValueError):
        sys.stdin.readline()


def _short_traceback() -> str:
    """Return a traceback that can be pasted: names and lines, no path of the client's."""
    import traceback

    _, error, trace = sys.exc_info()
    frames = [f"  {Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)]
    where = "\n".join(frames)
    return f"preflight {__version__}\n{where}\n  {label(error) if error else ''}"


def _treat_signals_as_interrupt() -> None:
    """Let a closed window or a polite kill end the run as Ctrl-C does: without leaving workers."""
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        # What is ignored is meant to be: `nohup` lets a run outlive its window.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
