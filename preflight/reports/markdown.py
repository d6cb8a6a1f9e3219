"""A report as Markdown, to paste into a ticket."""

import re
from collections.abc import Iterator

from preflight.model import Report, Verdict
from preflight.reports.content import Item, Section, content, details
from preflight.texts import Words

_LAYOUT = re.compile(r"[ \t\r\n\f\v]+")
"""Spaces and lines as Markdown lays them out; a no-break space stays."""
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&$])")
_ACTIVE = re.compile(r"(@|#(?=\w)|:(?=//)|\bwww(?=\.)|\b(?:mailto|xmpp)(?=:))", re.IGNORECASE)
"""What begins a mention, a reference or an address that GitHub, GitLab and chats act on, escaped or not."""
_APART = "\N{ZERO WIDTH SPACE}"


def render(report: Report, words: Words) -> str:
    """Return a report as Markdown: a table of the checks of each source, then what to do."""
    said = content(report, words)
    lines = [f"# {_text(said.headline)}", "", *_paragraph(said.also), *_paragraph(said.counts)]
    for section in said.sections:
        lines += _section(section, words)
    lines.append(f"{_text(said.made)}  ")
    made_on = (f"{words.circumstance(name)}: {words.value(value)}" for name, value in report.system.items())
    lines.append(_text(" · ".join(made_on)))
    return "".join(f"{line}\n" for line in lines)


def _section(section: Section, words: Words) -> Iterator[str]:
    yield f"## {_text(section.heading)}"
    yield ""
    yield "| | | |"
    yield "|---|---|---|"
    for item in section.items:
        word = f"**{item.word}**" if item.check.verdict in (Verdict.FAIL, Verdict.ERROR) else item.word
        yield f"| {word} | {_text(item.title)} | {_text(item.measured)} |"
    yield ""
    for item in section.items:
        yield from _told(item, words)


def _told(item: Item, words: Words) -> Iterator[str]:
    if not item.finding:
        return
    yield f"**{_text(item.title)}.** {_text(item.explanation)}"
    yield f"→ {_text(item.action)}" if item.action else ""
    yield ""
    for line in details(item.check, words):
        yield f"- {_text(line)}"
    yield ""


def _paragraph(text: str) -> tuple[str, ...]:
    return (_text(text), "") if text else ()


def _text(text: str) -> str:
    """Return a text in which Markdown, and who shows it, sees nothing but text."""
    return _SPECIAL.sub(r"\\\1", _ACTIVE.sub(rf"\1{_APART}", _LAYOUT.sub(" ", text).strip()))
