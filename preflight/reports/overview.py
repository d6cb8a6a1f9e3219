"""What is said of several reports at once, laid out: as text, as Markdown, as an HTML page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from preflight.reports import html, markdown
from preflight.texts import Words, _

ARROW = " → "
"""Between what was and what is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, and what belongs below it."""

    text: str
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Entries under one heading; the first part of an overview needs none."""

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """What changed between two reports, or what many come to."""

    heading: str
    parts: tuple[Part, ...]

    def text(self) -> str:
        """Return it as lines of text."""
        return "".join(f"{line}\n" for line in self._lines())

    def plain_text(self, words: Words) -> str:
        """Return it as lines without symbols and indentation, for a screen reader."""
        return "".join(f"{_without_symbols(line.lstrip(' '), words)}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield self.heading
        for part in self.parts:
            if part.heading:
                yield ""
                yield part.heading
            indent = "  " if part.heading else ""
            for entry in part.entries:
                yield indent + entry.text
                yield from (f"{indent}  {line}" for line in entry.below)


def _without_symbols(line: str, words: Words) -> str:
    before, arrow, after = line.partition(ARROW)
    return words.say(_("{before}, now {after}"), before=before, after=after) if arrow else line


def _markdown(overview: Overview, _words: Words) -> str:
    lines = [f"# {markdown.escape(overview.heading)}"]
    for part in overview.parts:
        lines += ["", f"## {markdown.escape(part.heading)}"] if part.heading else []
        lines.append("")
        for entry in part.entries:
            lines.append(f"- {markdown.escape(entry.text)}")
            lines += [f"  - {markdown.escape(line)}" for line in entry.below]
    return "".join(f"{line}\n" for line in lines)


def _html(overview: Overview, words: Words) -> str:
    body = [f"<h1><span>{escape(overview.heading)}</span></h1>\n"]
    for part in overview.parts:
        heading = f"<h2>{escape(part.heading)}</h2>\n" if part.heading else ""
        body.append(f"<section>\n{heading}<ul>\n{''.join(map(_html_entry, part.entries))}</ul>\n</section>\n")
    return html.page(f"{overview.heading} · preflight", f"<main>\n{''.join(body)}</main>\n", words)


def _html_entry(entry: Entry) -> str:
    below = "".join(f"<li>{escape(line)}</li>" for line in entry.below)
    return f"<li>{escape(entry.text)}" + (f'<ul class="below">{below}</ul>' if below else "") + "</li>\n"


LAYOUTS: Mapping[str, Callable[[Overview, Words], str]] = {
    "text": lambda overview, _: overview.text(),
    "html": _html,
    "markdown": _markdown,
}
"""Besides JSON, which has numbers in place of words."""
