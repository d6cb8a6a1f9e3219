"""A report as one HTML page: no network, no script, light and dark, fit for print and for a screen reader."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from pathlib import Path

from preflight.model import Check, Fact, Operator, Report, Result, Verdict, is_number
from preflight.reports.content import (
    Content,
    Item,
    Section,
    content,
    deciding_result,
    details,
    sentence,
    start_time,
)
from preflight.texts import CHECKS, READINESS, SYMBOLS, Words, _

_MARKED_FACTS = {"microphone.noise.level": ("microphone.noise.floor", "microphone.signal.speech_level")}
"""Facts that are read from a series, marked in its plot."""
_STROKE = 'vector-effect="non-scaling-stroke"'
"""Lines of one width, however a drawing is stretched."""

_STYLE = Path(__file__).with_name("report.css")
_SECURITY_POLICY = "default-src 'none'; style-src 'sha256-{}'; form-action 'none'; base-uri 'none'"
"""The page may load nothing at all, send nothing, and has the looks of this very style only."""


def render(report: Report, words: Words) -> str:
    """Return a report as a page of its own."""
    shown = content(report, words)
    facts = {f"{check.id}.{name}": fact for check in report.checks for name, fact in check.facts.items()}
    body = "".join(_section(section, facts, words) for section in shown.sections)
    title = f"{words.say(READINESS[report.verdict])} · {start_time(report)} · preflight"
    return page(
        title,
        f'<main>\n<h1 class="{escape(report.verdict)}"><span>{escape(shown.headline)}</span></h1>\n'
        f"{_paragraph(shown.other_problems)}{_paragraph(shown.counts, 'soft')}{body}</main>\n"
        f"{_footer(report, shown, words)}",
        words,
    )


def page(title: str, body: str, words: Words) -> str:
    """Return a whole page around its body."""
    style = f"\n{_STYLE.read_text('utf-8')}"
    allowed = _SECURITY_POLICY.format(b64encode(sha256(style.encode()).digest()).decode())
    return (
        f'<!DOCTYPE html>\n<html lang="{words.lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def _section(section: Section, facts: Mapping[str, Fact], words: Words) -> str:
    items = "".join(_item(item, facts, words) for item in section.items)
    return (
        f'<section aria-labelledby="{escape(section.source)}">\n'
        f'<h2 id="{escape(section.source)}">{escape(section.heading)}</h2>\n'
        f"<ul>\n{items}</ul>\n</section>\n"
    )


def _item(item: Item, facts: Mapping[str, Fact], words: Words) -> str:
    check = item.check
    lines = [
        _paragraph(item.explanation),
        f'<p class="action"><span aria-hidden="true">→ </span>{escape(item.action)}</p>\n'
        if item.action
        else "",
        _paragraph(item.detail, "soft"),
    ]
    plots = "".join(_plot(check, name, facts, words) for name in check.series)
    return (
        f'<li class="check" id="{escape(check.id)}">\n<div class="row">'
        f'<span class="word {check.verdict}"><span aria-hidden="true">{SYMBOLS[check.verdict]} </span>'
        f"{escape(item.verdict_word)}</span>\n<h3>{escape(item.title)}</h3>\n"
        f"<span>{escape(item.measured)}</span>\n{_scale(check, words)}</div>\n"
        + (f'<div class="told">{"".join(lines)}</div>\n' if any(lines) else "")
        + plots
        + _details(check, words)
        + "</li>\n"
    )


def _details(check: Check, words: Words) -> str:
    measured = check.verdict is not Verdict.SKIP
    lines = "".join(f"<li>{escape(line)}</li>" for line in details(check, words) if measured)
    return (
        f"<details><summary>{escape(words.say(_('Details')))}"
        f'<span class="soft"> · {escape(check.id)}</span></summary><ul>{lines}</ul></details>\n'
        if lines
        else ""
    )


def _scale(check: Check, words: Words) -> str:
    """Return measured against demanded on a line: the good side is a band, the bound its edge."""
    to_draw = _result_to_draw(check)
    if to_draw is None:
        return ""
    result, value, bound = to_draw
    fact, demand = check.facts[result.fact], result.demand
    low = value if fact.low is None else fact.low
    high = value if fact.high is None else fact.high
    marks = [value, bound, low, high, *([demand.comfortable] if demand.comfortable is not None else [])]
    least, most = min(*marks, 0.0), max(*marks, 0.0)
    margin = (most - least or 1.0) * 0.1
    least -= margin if least < 0 else 0.0
    most += margin if most > 0 else 0.0

    def across(mark: float) -> float:
        return round(100 * (mark - least) / (most - least), 1)

    edge = across(bound)
    good = (edge, 100 - edge) if demand.operator is Operator.AT_LEAST else (0.0, edge)
    label, needed = words.label(check.id, result.fact), words.bound(demand, fact.unit)
    label_text = words.say(
        _("{label}: measured {value}, needed {bound}"),
        label=label,
        value=words.fact(fact, apart_from=demand.bound),
        bound=needed,
    )
    # Said already to those who listen.
    caption = f'<span class="soft" aria-hidden="true">{escape(f"{label}: {needed}")}</span>'
    comfortable = (
        "" if demand.comfortable is None else _vertical_line("comfortable", across(demand.comfortable), 6)
    )
    return (
        f'<div class="scale {check.verdict}"><svg role="img" aria-label="{escape(label_text)}" '
        f'viewBox="0 0 100 20" preserveAspectRatio="none"><title>{escape(label_text)}</title>'
        '<rect class="track" x="0" y="8" width="100" height="4"/>'
        f'<rect class="good" x="{good[0]}" y="8" width="{round(good[1], 1)}" height="4"/>'
        f"{comfortable}{_vertical_line('bound', edge, 3)}"
        f'<line class="interval" x1="{across(low)}" x2="{across(high)}" y1="10" y2="10" {_STROKE}/>'
        f'<line class="value" x1="{across(value)}" x2="{across(value)}" y1="10" y2="10" {_STROKE}/></svg>'
        f"{caption}</div>\n"
    )


def _vertical_line(style: str, x: float, y: float) -> str:
    return f'<line class="{style}" x1="{x}" x2="{x}" y1="{y}" y2="{20 - y}" {_STROKE}/>'


def _plot(check: Check, name: str, facts: Mapping[str, Fact], words: Words) -> str:
    """Return a value over time with what it is held against."""
    series = check.series[name]
    if len(series.values) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    lines = list(_plot_marks(check, name, facts, words))
    marked = [*series.values, *(mark for mark, _, _ in lines)]
    least, most = min(*marked, 0.0), max(*marked, 0.0)
    if most == least:
        most = least + 1.0
    points = " ".join(
        f"{100 * index / (len(series.values) - 1):.1f},{_height(value, least, most)}"
        for index, value in enumerate(series.values)
    )
    mark_lines = "".join(
        f'<line class="{style}" x1="0" x2="100" y1="{_height(mark, least, most)}" '
        f'y2="{_height(mark, least, most)}" {_STROKE}/>'
        for mark, style, _ in lines
    )
    seconds = words.value(round(series.step * (len(series.values) - 1), 1), "s")
    legend = "; ".join(legend_text for _, _, legend_text in lines)
    caption = sentence(words.label(check.id, name)) + (f" {sentence(legend)}" if legend else "")
    range_text = words.say(
        _("from {low} to {high} over {seconds}"),
        low=words.value(min(series.values), series.unit),
        high=words.value(max(series.values), series.unit),
        seconds=seconds,
    )
    return (
        f"<figure><figcaption>{escape(caption)}</figcaption>\n"
        f'<div class="plot"><span class="most">{escape(words.value(most, series.unit))}</span>'
        f'<span class="least">{escape(words.value(least, series.unit))}</span>'
        f'<svg role="img" aria-label="{escape(f"{caption} {sentence(range_text)}")}" viewBox="0 0 100 100" '
        f'preserveAspectRatio="none">{mark_lines}<polyline class="curve" points="{points}" {_STROKE}/></svg>'
        f'<span class="span"><span>0</span><span>{escape(seconds)}</span></span></div></figure>\n'
    )


def _plot_marks(
    check: Check, name: str, facts: Mapping[str, Fact], words: Words
) -> Iterator[tuple[float, str, str]]:
    """Yield the levels of a plot: the bound of what it shows, then what was read from it."""
    key, unit = f"{check.id}.{name}", check.series[name].unit
    for result in check.results:
        bound = result.demand.bound
        if result.fact == name and is_number(bound):
            legend_text = words.say(_("solid line: needed, {bound}"), bound=words.bound(result.demand, unit))
            yield float(bound), "mark", legend_text
    for key_of_fact in (key, *_MARKED_FACTS.get(key, ())):
        fact = facts.get(key_of_fact)
        if fact is not None and fact.unit == unit and is_number(fact.value):
            label = words.label(*key_of_fact.rsplit(".", 1))
            legend_text = words.say(
                _("dashed line: {label}, {value}"), label=label, value=words.value(fact.value, unit)
            )
            yield float(fact.value), "read", legend_text


def _footer(report: Report, page: Content, words: Words) -> str:
    system = "".join(
        f"<dt>{escape(words.system_label(name))}</dt><dd>{escape(words.value(value))}</dd>"
        for name, value in report.system.items()
    )
    privacy = words.say(_("This report contains no pictures, no sound, no addresses and no personal names."))
    return f"<footer><p>{escape(page.provenance)}</p><p>{escape(privacy)}</p><dl>{system}</dl></footer>\n"


def _paragraph(text: str, style: str = "") -> str:
    shape = f' class="{style}"' if style else ""
    return f"<p{shape}>{escape(text)}</p>\n" if text else ""


def _result_to_draw(check: Check) -> tuple[Result, float, float] | None:
    """Return the result to draw, the value and the bound.

    It is the one that made the verdict, else the one that is shown in words.
    """
    deciding = deciding_result(check)
    about = CHECKS.get(check.id)
    shown = about.measured if about else ""
    results = (
        [deciding]
        if deciding
        else sorted(check.results, key=lambda result: f"{{{result.fact}}}" not in shown)
    )
    for result in results:
        fact, bound = check.facts.get(result.fact), result.demand.bound
        if fact is None or result.demand.operator is Operator.EQUALS:
            continue
        if is_number(fact.value) and is_number(bound):
            return result, float(fact.value), float(bound)
    return None


def _height(value: float, least: float, most: float) -> float:
    return round(100 - 96 * (value - least) / (most - least) - 2, 1)
