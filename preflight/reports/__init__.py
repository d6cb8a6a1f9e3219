"""Reports: one module per format, each a pure function from a report to text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from preflight import storage
from preflight.errors import UsageError, UserError, system_reason
from preflight.model import Report
from preflight.platforms.console import is_forbidden_name
from preflight.platforms.windows_names import FORBIDDEN_CHARACTERS
from preflight.reports import html, json_document, junit, markdown, terminal
from preflight.reports.compare import compare, comparison_document
from preflight.reports.content import age, headline
from preflight.reports.demands import also_needed, checks_text, policy_text, wrap
from preflight.reports.json_document import read
from preflight.reports.overview import LAYOUTS, Overview
from preflight.reports.summary import summarise, summary_document, tally
from preflight.reports.support_code import describe, is_code
from preflight.reports.terminal import Screen
from preflight.texts import Words

__all__ = [
    "FORMATS",
    "OVERVIEW_FORMATS",
    "Overview",
    "age",
    "also_needed",
    "checks_text",
    "compare",
    "comparison_document",
    "describe",
    "format_of",
    "headline",
    "is_code",
    "policy_text",
    "read",
    "render",
    "render_overview",
    "summarise",
    "summary_document",
    "tally",
    "validate_outputs",
    "wrap",
    "write",
    "write_overview",
]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a report."""

    suffixes: tuple[str, ...]
    render: Callable[[Report, Words], str]
    appends: bool = False
    """Written after what the file already holds."""


FORMATS: Mapping[str, Format] = {
    "text": Format((".txt",), lambda report, words: terminal.render(report, words, Screen(), verbose=True)),
    "json": Format((".json",), lambda report, _: json_document.dump(report)),
    "ndjson": Format((".ndjson", ".jsonl"), lambda report, _: json_document.dump_line(report), appends=True),
    "junit": Format((".xml",), junit.render),
    "html": Format((".html", ".htm"), html.render),
    "markdown": Format((".md",), markdown.render),
}
OVERVIEW_FORMATS = ("text", "json", "html", "markdown")
"""Of those, what is said of several reports at once can have."""


def validate_outputs(form: str, paths: Iterable[str], formats: Sequence[str] = tuple(FORMATS)) -> None:
    """Raise `UserError` for a format that does not exist, or a file that cannot become a report."""
    if form not in formats:
        raise UsageError("format-unknown", form=form, known=", ".join(formats))
    for path in paths:
        try:
            if is_forbidden_name(path):
                raise UsageError("output-name", name=Path(path).name, signs=FORBIDDEN_CHARACTERS)
            if Path(path).is_dir():
                raise UsageError("output-folder", path=path)
            written = FORMATS[format_of(path, form, formats)]
            folder = Path(path).parent
            if not folder.is_dir():
                raise UserError("folder-missing", path=path, folder=folder)
            storage.check_writable(Path(path), appends=written.appends)
        except OSError as error:
            raise UserError("output-unwritable", path=path, reason=system_reason(error)) from None


def format_of(path: str, form: str, formats: Sequence[str] = tuple(FORMATS)) -> str:
    """Return the format that the name of a file asks for; raises `UsageError` where it asks for none.

    A device or a pipe, whose name asks for none, takes `form`: what is printed.
    """
    suffix = Path(path).suffix.lower()
    for name in formats:
        if suffix in FORMATS[name].suffixes:
            return name
    if storage.is_stream(Path(path)):
        return form
    known = ", ".join(suffix for name in formats for suffix in FORMATS[name].suffixes)
    raise UsageError("output-format", path=path, known=known)


def render(
    form: str,
    report: Report,
    words: Words,
    screen: Screen,
    *,
    devices: bool = False,
    verbose: bool = False,
    plain: bool = False,
) -> str:
    """Return a report in a format, to be printed.

    The terminal always shows which devices were used; what may be kept or sent names
    them only when asked to, as a name can hold a person's.
    """
    if form == "text":
        return terminal.render(report, words, screen, verbose=verbose, plain=plain)
    return _render_to_keep(form, report, words, devices=devices)


def render_overview(form: str, overview: Overview, document: Mapping[str, Any], words: Words) -> str:
    """Return what is said of several reports in a format: in words, or its numbers as JSON."""
    return json_document.dump_overview(document) if form == "json" else LAYOUTS[form](overview, words)


def write(path: str, report: Report, words: Words, form: str = "text", *, devices: bool = False) -> None:
    """Write a report to a file in the format its name asks for; raises `UserError` where it cannot be.

    A device or a pipe whose name asks for none takes `form`.
    """
    form = format_of(path, form)
    _write(path, _render_to_keep(form, report, words, devices=devices), appends=FORMATS[form].appends)


def write_overview(
    path: str, overview: Overview, document: Mapping[str, Any], words: Words, form: str = "text"
) -> None:
    """Write what is said of several reports as `write` writes one."""
    _write(path, render_overview(format_of(path, form, OVERVIEW_FORMATS), overview, document, words))


def _write(path: str, text: str, *, appends: bool = False) -> None:
    try:
        (storage.append if appends else storage.write)(Path(path), text.encode())
    except OSError as error:
        raise UserError("output-unwritable", path=path, reason=system_reason(error)) from None


def _render_to_keep(form: str, report: Report, words: Words, *, devices: bool) -> str:
    return FORMATS[form].render(report if devices else replace(report, devices={}), words)
