"""What is checked and what the bank asks for, in words: the answers of `checks` and `policy show`."""

import textwrap
from collections.abc import Iterable, Iterator

from preflight.errors import UsageError, closest_match
from preflight.model import Demand
from preflight.policy import CatalogueEntry, Policy
from preflight.reports.content import sentence, source_of
from preflight.reports.terminal import WIDEST
from preflight.texts import ALSO_NEEDED, GUIDE, LEVELS, SOURCES, Words, _

_DEFAULT_WIDTH = 80


def checks_text(
    policy: Policy, words: Words, wanted: str | None = None, *, width: int = _DEFAULT_WIDTH
) -> str:
    """Return the list of checks, or all that is to be said of one check or of the checks of one source.

    Raises `UsageError` for an id that does not exist.
    """
    if wanted is None:
        return wrap(_catalogue_lines(policy, words), width) + also_needed(words, width=width)
    ids = [check for check in policy.catalogue if wanted in (check, source_of(check))]
    if not ids:
        near = closest_match(wanted, [*policy.catalogue, *SOURCES])
        raise UsageError("check-unknown", check=wanted, nearest=near or ", ".join(SOURCES))
    return "\n".join(wrap(_check_lines(policy, check, words), width) for check in ids)


def also_needed(words: Words, *, width: int = _DEFAULT_WIDTH) -> str:
    """Return what a client needs as well and no computer can measure."""
    needed = (f"  - {words.say(each)}" for each in ALSO_NEEDED)
    return wrap(["", words.say(GUIDE["also-needed"]), *needed], width)


def policy_text(policy: Policy, words: Words, *, width: int = _DEFAULT_WIDTH) -> str:
    """Return every demand of a policy with its reason and its origin."""
    return wrap(_policy_lines(policy, words), width)


def _catalogue_lines(policy: Policy, words: Words) -> Iterator[str]:
    wide = max(map(len, policy.catalogue), default=0)
    titles = max((len(words.title(check)) for check in policy.catalogue), default=0)
    source = ""
    for check, entry in policy.catalogue.items():
        if source_of(check) != source:
            source = source_of(check)
            yield words.say(SOURCES[source])
        level = words.say(LEVELS[entry.level])
        yield f"  {check.ljust(wide)}  {words.title(check).ljust(titles)}  {level}"


def _check_lines(policy: Policy, check: str, words: Words) -> Iterator[str]:
    entry, about = (
        policy.catalogue[check],
        words.check_text(check, policy.parameters.get(source_of(check), {})),
    )
    yield f"{about.title} ({check}, {words.say(LEVELS[entry.level])})"
    if about.question:
        yield f"  {about.question}"
    yield from _reason_lines(entry, words)
    if about.how:
        yield "  " + words.say(_("How: {how}"), how=about.how)
    if about.sure:
        yield "  " + words.say(_("How reliable: {sure}"), sure=about.sure)
    yield from _demand_lines(entry, policy.demands_on(check), words)


def _policy_lines(policy: Policy, words: Words) -> Iterator[str]:
    yield f"{policy.name} {policy.version}".strip()
    for check, entry in policy.catalogue.items():
        yield ""
        yield f"{words.title(check)} ({check})"
        yield from _reason_lines(entry, words)
        yield from _demand_lines(entry, policy.demands_on(check), words)


def _reason_lines(entry: CatalogueEntry, words: Words) -> Iterator[str]:
    if entry.because:
        yield "  " + words.say(_("Why: {because}"), because=words.say(entry.because))
    if entry.origin:
        # It stands behind a colon already.
        origin = words.say(entry.origin).replace(": ", " – ", 1)
        yield "  " + words.say(_("Source: {origin}"), origin=origin)


def _demand_lines(entry: CatalogueEntry, demands: Iterable[Demand], words: Words) -> Iterator[str]:
    """Yield a line for each demand; of its reason and origin only what the check has not said."""
    known = (entry.because, entry.origin)
    for demand in demands:
        unit = entry.units.get(demand.fact, "")
        label, bound = words.label(demand.check, demand.fact), words.bound(demand, unit)
        demand_line = f"{label}: {bound}"
        if demand.comfortable is not None:
            demand_line += words.say(_(", better {bound}"), bound=words.comfortable_bound(demand, unit))
        demand_line += f" ({words.say(LEVELS[demand.level])})"
        own = [words.say(text) for text in (demand.because, demand.origin) if text and text not in known]
        yield f"  - {' '.join([sentence(demand_line), *map(sentence, own)])}"


def wrap(lines: Iterable[str], width: int) -> str:
    """Return lines, those that are too long wrapped under their own beginning."""
    most = min(width, WIDEST)
    wrapped = (
        textwrap.fill(
            line.strip(),
            most,
            initial_indent=" " * (len(line) - len(line.lstrip())),
            subsequent_indent=" " * (len(line) - len(line.lstrip()) + 2),
            break_on_hyphens=False,
            break_long_words=False,
        )
        if len(line) > most
        else line
        for line in lines
    )
    return "".join(f"{line}\n" for line in wrapped)
