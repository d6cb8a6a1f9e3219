"""What is checked and why, for `preflight checks` and `preflight policy show`."""

from collections.abc import Iterator

from preflight.errors import Usage
from preflight.model import Demand
from preflight.policy import Entry, Policy, nearest
from preflight.texts import LEVELS, SOURCES, Words, _


def listing(policy: Policy, words: Words) -> str:
    """Return a line for every check: its id, its name, how much it weighs."""
    widest = max(map(len, policy.catalogue), default=0)
    titles = {check: words.title(check) for check in policy.catalogue}
    wide = max(map(len, titles.values()), default=0)
    return "".join(
        f"{check:<{widest}}  {titles[check]:<{wide}}  {words.say(LEVELS[entry.level])}\n"
        for check, entry in policy.catalogue.items()
    )


def explained(policy: Policy, words: Words, check: str) -> str:
    """Return what a check, or each check of a source, looks at, why and how.

    Raises `Usage` for an id that does not exist.
    """
    entries = [
        entry for id_, entry in policy.catalogue.items() if id_ == check or id_.startswith(f"{check}.")
    ]
    if not entries:
        known = (*policy.catalogue, *SOURCES)
        raise Usage("check-unknown", check=check, nearest=nearest(check, known) or ", ".join(SOURCES))
    return "\n".join("".join(f"{line}\n" for line in _entry(policy, words, entry)) for entry in entries)


def shown(policy: Policy, words: Words) -> str:
    """Return every demand of a policy with its reason and origin."""
    head = words.say(_("Policy {name}, version {version}"), name=policy.name, version=policy.version)
    lines = [head, ""]
    for check, entry in policy.catalogue.items():
        demands = policy.of(check)
        if demands:
            lines += [f"{check}: {words.title(check)}", *_demands(words, entry, demands), ""]
    return "\n".join(lines)


def _entry(policy: Policy, words: Words, entry: Entry) -> Iterator[str]:
    about = words.about(entry.id)
    yield f"{entry.id}: {about.title}"
    for text in (about.question, about.how):
        if text:
            yield f"  {text}"
    yield from _demands(words, entry, policy.of(entry.id))


def _demands(words: Words, entry: Entry, demands: tuple[Demand, ...]) -> Iterator[str]:
    for demand in demands:
        unit = entry.units.get(demand.fact, "")
        line = f"  - {words.label(demand.check, demand.fact)}: {words.bound(demand, unit)}"
        if demand.comfortable is not None:
            mark = words.comfortable(demand, unit)
            line += f" ({words.say(_('comfortable: {mark}'), mark=mark)})"
        yield f"{line} [{words.say(LEVELS[demand.level])}]"
        yield f"    {words.say(demand.because)} ({words.say(demand.origin)})"
