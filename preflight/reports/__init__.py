"""Reports: one module per format, each a pure function from a report to text."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from preflight import storage
from preflight.errors import UsageError, UserError, system_reason
from preflight.model import Report
from preflight.platforms.console import is_forbidden_name
from preflight.platforms.windows import FORBIDDEN_CHARACTERS
from preflight.reports import html, json_document, junit, markdown, terminal
from preflight.reports.compare import compare
from preflight.reports.content import age, headline
from preflight.reports.demands import also_needed, checks_text, policy_text, wrap
from preflight.reports.json_document import read
from preflight.reports.summary import summary_text, tally
from preflight.reports.support_code import describe, is_code
from preflight.reports.terminal import Screen
from preflight.texts import Words

__all__ = [
    "FORMATS",
    "age",
    "also_needed",
    "checks_text",
    "compare",
    "describe",
    "format_of",
    "headline",
    "is_code",
    "policy_text",
    "read",
    "render",
    "summary_text",
    "tally",
    "validate_outputs",
    "wrap",
    "write",
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


def validate_outputs(form: str, paths: Iterable[str]) -> None:
    """Raise `UserError` for a format that does not exist, or a file that cannot become a report."""
    if form not in FORMATS:
        raise UsageError("format-unknown", form=form, known=", ".join(FORMATS))
    for path in paths:
        try:
            if is_forbidden_name(path):
                raise UsageError("output-name", name=Path(path).name, signs=FORBIDDEN_CHARACTERS)
            if Path(path).is_dir():
                raise UsageError("output-folder", path=path)
            written = FORMATS[format_of(path)]
            folder = Path(path).parent
            if not folder.is_dir():
                raise UserError("folder-missing", path=path, folder=folder)
            storage.check_writable(Path(path), appends=written.appends)
        except OSError as error:
            raise UserError("output-unwritable", path=path, reason=system_reason(error)) from None


def format_of(path: str) -> str:
    """Return the format that the name of a file asks for; raises `UsageError` where it asks for none."""
    suffix = Path(path).suffix.lower()
    for name, form in FORMATS.items():
        if suffix in form.suffixes:
            return name
    known = ", ".join(suffix for form in FORMATS.values() for suffix in form.suffixes)
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


def write(path: str, report: Report, words: Words, *, devices: bool = False) -> None:
    """Write a report to a file in the format its name asks for; raises `UserError` where it cannot be."""
    form = format_of(path)
    content = _render_to_keep(form, report, words, devices=devices).encode()
    try:
        (storage.append if FORMATS[form].appends else storage.write)(Path(path), content)
    except OSError as error:
        raise UserError("output-unwritable", path=path, reason=system_reason(error)) from None


def _render_to_keep(form: str, report: Report, words: Words, *, devices: bool) -> str:
    return FORMATS[form].render(report if devices else replace(report, devices={}), words)
