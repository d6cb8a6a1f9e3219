"""A report as Markdown, to paste into a ticket."""

import re
from collections.abc import Iterator

from preflight.model import Report, Verdict
from preflight.reports.content import Item, Section, content, details
from preflight.texts import Words

_WHITESPACE = re.compile(r"[ \t\r\n\f\v]+")
"""Spaces and lines as Markdown lays them out; a no-break space stays."""
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&$])")
_ACTIVE = re.compile(r"(@|#(?=\w)|:(?=//)|\bwww(?=\.)|\b(?:mailto|xmpp)(?=:))", re.IGNORECASE)
"""What begins a mention, a reference or an address that GitHub, GitLab and chats act on, escaped or not."""
_SEPARATOR = "\N{ZERO WIDTH SPACE}"


def render(report: Report, words: Words) -> str:
    """Return a report as Markdown: a table of the checks of each source, then what to do."""
    page = content(report, words)
    lines = [
        f"# {escape(page.headline)}",
        "",
        *_paragraph_lines(page.other_problems),
        *_paragraph_lines(page.counts),
    ]
    for section in page.sections:
        lines += _section_lines(section, words)
    lines.append(f"{escape(page.provenance)}  ")
    made_on = (f"{words.system_label(name)}: {words.value(value)}" for name, value in report.system.items())
    lines.append(escape(" · ".join(made_on)))
    return "".join(f"{line}\n" for line in lines)


def _section_lines(section: Section, words: Words) -> Iterator[str]:
    yield f"## {escape(section.heading)}"
    yield ""
    yield "| | | |"
    yield "|---|---|---|"
    for item in section.items:
        word = (
            f"**{item.verdict_word}**"
            if item.check.verdict in (Verdict.FAIL, Verdict.ERROR)
            else item.verdict_word
        )
        yield f"| {word} | {escape(item.title)} | {escape(item.measured)} |"
    yield ""
    for item in section.items:
        yield from _problem_lines(item, words)


def _problem_lines(item: Item, words: Words) -> Iterator[str]:
    if not item.finding:
        return
    yield f"**{escape(item.title)}.** {escape(item.explanation)}"
    yield f"→ {escape(item.action)}" if item.action else ""
    yield ""
    for line in details(item.check, words):
        yield f"- {escape(line)}"
    yield ""


def _paragraph_lines(text: str) -> tuple[str, ...]:
    return (escape(text), "") if text else ()


def escape(text: str) -> str:
    """Return a text in which Markdown, and who shows it, sees nothing but text."""
    return _SPECIAL.sub(r"\\\1", _ACTIVE.sub(rf"\1{_SEPARATOR}", _WHITESPACE.sub(" ", text).strip()))
