"""A report on the terminal: one summary line, then the checks of each source, each with one action."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import TextIO

from preflight.console import DEFAULT_COLUMNS, columns, transliterate
from preflight.model import Readiness, Report, Verdict
from preflight.platforms.console import enable_escape_sequences, is_terminal
from preflight.reports.content import Content, Item, content, details, saving_hint, sentence
from preflight.reports.support_code import encode
from preflight.texts import SYMBOLS, Words, _

WIDEST = 100
"""Columns; longer lines of prose are hard to read."""

_STYLES = {
    Verdict.PASS: "green",
    Verdict.WARN: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "magenta",
    Verdict.SKIP: "dim",
}
_READINESS_STYLES = {
    Readiness.READY: "bold green",
    Readiness.NOT_READY: "bold red",
    Readiness.INCOMPLETE: "bold magenta",
}
_INDENT = 4
_NARROWEST = 20
_LEAST_TITLE_WIDTH = 16
"""Columns that a title needs to stand beside its verdict."""
_ENDLESS_WIDTH = 4000
_NO_BREAK = "\ue000"
"""Stands for a no-break space while rich, which breaks lines at every space, lays them out."""
_JOIN = "\ue001"
"""Stands for a space at which a line does not end, but which is written as any other."""
_NEVER_AT = re.compile(r"(?<=\S) (?=\S{1,7}$)|(?<=\s[^\W\d]) (?=\S)")
"""Before a short last word, which would stand in a line of its own, and after a word of one letter."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """A piece of text in a column at least so wide; None takes what is left of the line, and wraps there."""

    text: str
    style: str = ""
    width: int | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """Cells side by side."""

    cells: tuple[_Cell, ...] = ()
    indent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What a report is laid out for."""

    width: int = DEFAULT_COLUMNS
    encoding: str = "utf-8"
    colour: bool = False
    program: str = ""
    """How this run was started; empty where nobody is to be told how to make a report."""

    @classmethod
    def of(cls, stream: TextIO | None, environ: Mapping[str, str], program: str = "") -> "Screen":
        """Return what a stream shows.

        NO_COLOR and FORCE_COLOR decide on colour, else whether it is a terminal.
        """
        if stream is None:
            return cls(program=program)
        terminal = is_terminal(stream)
        colour = terminal and environ.get("TERM") != "dumb" and enable_escape_sequences(stream)
        if environ.get("FORCE_COLOR"):
            colour = True
        if environ.get("NO_COLOR"):
            colour = False
        width = max(columns(stream, environ), _NARROWEST)
        return cls(width=width, encoding=stream.encoding or "utf-8", colour=colour, program=program)


def render(
    report: Report, words: Words, screen: Screen, *, verbose: bool = False, plain: bool = False
) -> str:
    """Return a report as text for a terminal.

    `plain` gives whole sentences without symbols or columns, for a screen reader.
    What the screen's encoding cannot carry is written with letters that it can.
    """
    page = content(report, words)
    if plain:
        hint = " ".join(saving_hint(report, words, screen.program)).strip()
        lines = _plain_lines(page, words, hint, _code_line(report, words), verbose=verbose)
    else:
        lines = _report_lines(report, page, words, screen, verbose=verbose)
    return _lay_out((_fit_encoding(line, screen.encoding) for line in lines), screen, plain=plain)


def _report_lines(
    report: Report, page: Content, words: Words, screen: Screen, *, verbose: bool
) -> Iterator[_Line]:
    yield _text_line(page.headline, _READINESS_STYLES[report.verdict])
    if page.other_problems:
        yield _text_line(page.other_problems)
    items = [item for section in page.sections for item in section.items]
    widths = (
        max((len(transliterate(item.verdict_word, screen.encoding)) for item in items), default=0),
        max((len(transliterate(item.title, screen.encoding)) for item in items), default=0),
    )
    for section in page.sections:
        yield _Line()
        yield _text_line(section.heading, "bold")
        for item in section.items:
            yield from _item_lines(item, words, widths, screen, verbose=verbose)
    yield _Line()
    yield _text_line(_whole_pieces(page.counts))
    hint, command = saving_hint(report, words, screen.program)
    if len(hint) + len(command) >= min(screen.width, WIDEST):
        # To be copied, which a break would spoil.
        yield _text_line(hint, "bold")
        yield _text_line(command, "bold", _INDENT)
    elif command:
        yield _text_line(f"{hint} {command}", "bold")
    yield _text_line(_whole_pieces(page.provenance), "dim")
    yield _text_line(_code_line(report, words), "bold")


def _text_line(text: str, style: str = "", indent: int = 0) -> _Line:
    return _Line((_Cell(text, style),), indent)


def _item_lines(
    item: Item, words: Words, widths: tuple[int, int], screen: Screen, *, verbose: bool
) -> Iterator[_Line]:
    verdict = item.check.verdict
    status = _Cell(f"{SYMBOLS[verdict]} {item.verdict_word}", _STYLES[verdict], widths[0] + 4)
    measured = len(transliterate(item.measured, screen.encoding))
    beside = _INDENT + sum(widths) + 6 + measured <= min(screen.width, WIDEST)
    if beside:
        yield _Line((status, _Cell(item.title, "", widths[1] + 2), _Cell(item.measured)), 2)
    else:
        if screen.width - widths[0] - 6 < _LEAST_TITLE_WIDTH:
            yield _Line((_Cell(status.text, status.style),), 2)
            yield _text_line(item.title, indent=_INDENT)
        else:
            yield _Line((status, _Cell(item.title)), 2)
        if item.measured:
            yield _text_line(item.measured, indent=_INDENT)
    if item.explanation:
        yield _text_line(item.explanation, indent=_INDENT)
    if item.action:
        yield _Line((_Cell("→ ", "bold", 0), _Cell(item.action, "bold")), _INDENT)
    if item.detail and not verbose:
        yield _text_line(item.detail, "dim", _INDENT)
    if verbose:
        for line in details(item.check, words):
            yield _Line((_Cell("· ", "dim", 0), _Cell(line, "dim")), _INDENT)


def _plain_lines(page: Content, words: Words, hint: str, code: str, *, verbose: bool) -> Iterator[_Line]:
    yield from (_text_line(line) for line in (page.headline, page.other_problems) if line)
    for section in page.sections:
        yield _text_line(f"{section.heading}.")
        for item in section.items:
            parts = [
                f"{item.title}: {item.verdict_word}.",
                sentence(item.measured),
                sentence(item.finding),
                item.effect,
            ]
            if item.action:
                parts.append(words.say(_("What to do: {action}"), action=item.action))
            if item.detail and not verbose:
                parts.append(sentence(item.detail))
            yield _text_line(" ".join(filter(None, parts)))
            if verbose:
                yield from (_text_line(_without_dots(line)) for line in details(item.check, words))
    yield from (
        _text_line(_without_dots(line)) for line in (page.counts, hint, page.provenance, code) if line
    )


def _code_line(report: Report, words: Words) -> str:
    return words.say(_("Code for the bank's support: {code}"), code=encode(report))


def _whole_pieces(line: str) -> str:
    """Return a line that may break before a dot that parts its pieces, and nowhere else."""
    return " · ".join(piece.replace(" ", _JOIN) for piece in line.split(" · "))


def _without_dots(line: str) -> str:
    """Return a line without the dots that part its pieces for the eye."""
    return line.replace(" · ", ", ")


def _lay_out(lines: Iterable[_Line], screen: Screen, *, plain: bool) -> str:
    # rich takes 50 ms to import: only a report that is really shown pays for it.
    from rich.console import Console  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    out = StringIO()
    console = Console(
        file=out,
        # A screen reader reads a sentence best where no line ends inside it.
        width=_ENDLESS_WIDTH if plain else min(screen.width, WIDEST),
        color_system="standard" if screen.colour and not plain else None,
        force_terminal=screen.colour and not plain,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    page = Text()
    for line in lines:
        *beside, last = line.cells or (_Cell(""),)
        head = Text(" " * line.indent)
        for cell in beside:
            head.append(cell.text.ljust(cell.width or 0), cell.style)
        left = max(1, console.width - len(head))
        for row in Text(last.text, last.style).wrap(console, left, overflow="fold"):
            row.rstrip()
            page.append_text(head).append_text(row).append("\n")
            head = Text(" " * len(head))
    console.print(page, end="", soft_wrap=True)
    shown = out.getvalue().replace(_NO_BREAK, "\N{NO-BREAK SPACE}").replace(_JOIN, " ")
    return "".join(f"{row.rstrip()}\n" for row in shown.splitlines())


def _fit_encoding(line: _Line, encoding: str) -> _Line:
    def fitted(text: str) -> str:
        pieces = _NEVER_AT.sub(_JOIN, text).split(_JOIN)
        joined = _JOIN.join(transliterate(piece, encoding) for piece in pieces)
        return joined.replace("\N{NO-BREAK SPACE}", _NO_BREAK)

    return _Line(tuple(_Cell(fitted(cell.text), cell.style, cell.width) for cell in line.cells), line.indent)
