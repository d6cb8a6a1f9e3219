"""The report to whoever asked for it: printed, written to files, saved as a page on request."""

import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from preflight import codec, console, inspection, reports
from preflight.errors import UserError
from preflight.model import Report
from preflight.options import Options
from preflight.platforms import programs
from preflight.platforms.console import is_terminal, join_command, quote_program
from preflight.platforms.keyboard import read_keys
from preflight.reports.terminal import Screen
from preflight.texts import GUIDE, Words


def deliver(words: Words, report: Report, options: Options, program: str = "") -> bool:
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
    return _hand_over(
        words,
        options,
        text,
        lambda path: reports.write(path, report, words, options.form, devices=options.devices),
    )


def deliver_overview(
    words: Words, overview: reports.Overview, document: Mapping[str, Any], options: Options
) -> bool:
    """Print what is said of several reports and write its files; returns whether all of it arrived."""
    text = reports.render_overview(options.form, overview, document, words)
    if options.form == "text" and options.plain:
        text = overview.plain_text(words)
    elif options.form == "text" and is_terminal(sys.stdout):
        # Between words where a person reads them; whole where a program may.
        text = reports.wrap(text.splitlines(), terminal_width())
    return _hand_over(
        words,
        options,
        text,
        lambda path: reports.write_overview(path, overview, document, words, options.form),
    )


def _hand_over(words: Words, options: Options, text: str, write: Callable[[str], None]) -> bool:
    """Print a text and have each output written; returns whether all of it arrived."""
    arrived = console.write(text) if options.form == "text" else console.write_bytes(text)
    if not arrived:
        console.say_wrapped(words.error_text(UserError("unprinted")), sys.stderr)
    for path in options.output:
        try:
            write(path)
        except UserError as error:
            console.say_wrapped(words.error_text(error), sys.stderr)
            arrived = False
        else:
            if not options.quiet:
                console.say_wrapped(words.say(GUIDE["saved"], path=Path(path).resolve()), sys.stderr)
    return arrived


def ask_to_repeat(words: Words, options: Options, report: Report) -> bool:
    """Ask what to do with the report; returns whether the failed checks are to be done again."""
    if not (is_terminal(sys.stdout) and is_terminal(sys.stdin)):
        return False
    offered = ["again", "save", "leave"] if inspection.checks_to_repeat(report) else ["save", "leave"]
    # The report's own first line has left a small window by now.
    said = reports.headline(report, words)
    (console.say if options.plain else console.say_wrapped)(f"\n{said}")
    with contextlib.suppress(KeyboardInterrupt, OSError):
        while True:
            shown = [words.say(GUIDE["key." + key]) for key in offered]
            beside = "   ".join(shown)
            console.say("\n" + (beside if len(beside) < terminal_width() else "\n".join(shown)))
            key = _wait_for_key("rsq\n" if "again" in offered else "sq\n")
            if key != "s":
                return key == "r"
            _save_page(words, options, report)
            offered.remove("save")
    return False


def _wait_for_key(wanted: str) -> str:
    with read_keys() as read:
        while True:
            key = read(60.0)
            if key and key in wanted:
                return key


def _save_page(words: Words, options: Options, report: Report) -> None:
    """Keep the report as a page in this folder, or at home where this one cannot be written."""
    moment = "-".join(report.started[:19].replace("-", "").replace(":", "").split("T"))
    for folder in (Path.cwd(), Path.home()):
        path = folder / f"preflight-{moment}.html"
        try:
            reports.write(str(path), report, words, devices=options.devices)
        except UserError as error:
            console.say_wrapped(words.error_text(error), sys.stderr)
        else:
            console.say(words.say(GUIDE["saved"], path=path))
            return


def command_to_repeat() -> str:
    """Return what to type to run this program again as it was run, here."""
    typed, asked = sys.argv[0], sys.argv[1:]
    program = quote_program(typed)
    if not getattr(sys, "frozen", False):
        if Path(typed).stem != "preflight":
            program = "python -m preflight"
        elif programs.find("preflight"):
            program = "preflight"
    return codec.sanitize_text(f"{program} {join_command(asked if 'run' in asked else ['run', *asked])}")


def terminal_width() -> int:
    """Return the columns of the terminal that standard output is."""
    return Screen.of(sys.stdout, os.environ).width
