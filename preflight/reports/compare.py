"""What changed from one report to another."""

from collections.abc import Iterator, Mapping
from typing import Any

from preflight import codec
from preflight.model import Check, Fact, Report, Value, is_number
from preflight.reports import json_document
from preflight.reports.content import deciding_result, item, start_time
from preflight.reports.overview import ARROW, Entry, Overview, Part
from preflight.texts import READINESS, VERDICTS, Words, _

_LEAST_CHANGE = 0.1
"""A change smaller than a tenth is how measurements go, even where their intervals are narrow."""


def compare(before: Report, after: Report, words: Words) -> Overview:
    """Return what changed from one report to another, an entry for each change."""
    changes = list(_circumstance_changes(before, after, words))
    same: list[str] = []
    for check, old, new in _pairs(before, after):
        if change := _check_change(old, new, words):
            changes.append(change)
        else:
            same.append(words.title(check))
    if same:
        changes.append(Entry(words.say(_("Unchanged: {titles}."), titles=", ".join(same))))
    return Overview(_verdict_line(before, after, words), (Part("", tuple(changes)),))


def comparison_document(before: Report, after: Report) -> dict[str, Any]:
    """Return what changed from one report to another as JSON."""
    changes, unchanged = [], []
    for check, old, new in _pairs(before, after):
        change = _check_document(old, new)
        if change:
            changes.append({"id": check, **change})
        else:
            unchanged.append(check)
    return {
        "before": _without_checks(before),
        "after": _without_checks(after),
        "changes": changes,
        "unchanged": unchanged,
    }


def _pairs(before: Report, after: Report) -> Iterator[tuple[str, Check | None, Check | None]]:
    old, new = ({check.id: check for check in report.checks} for report in (before, after))
    for check in dict.fromkeys((*old, *new)):
        yield check, old.get(check), new.get(check)


def _without_checks(report: Report) -> dict[str, Any]:
    """Return a report as JSON without its checks."""
    whole = json_document.to_dict(report)
    return {key: whole[key] for key in ("tool", "policy", "started", "verdict", "system")}


def _check_document(old: Check | None, new: Check | None) -> dict[str, Any]:
    """Return what changed in a check as JSON; empty where nothing did."""
    verdicts = {
        "before": old.verdict.value if old else None,
        "after": new.verdict.value if new else None,
    }
    if old is None or new is None:
        return verdicts
    facts = {
        name: {"before": codec.fact_document(before), "after": codec.fact_document(after)}
        for name, before, after in _changed_facts(old, new)
    }
    bounds = {fact: {"before": before, "after": after} for fact, before, after in _changed_bounds(old, new)}
    kinds = [check.trouble.kind.value if check.trouble else None for check in (old, new)]
    if old.verdict is new.verdict and old.trouble == new.trouble and not facts and not bounds:
        return {}
    return {**verdicts, "trouble": dict(zip(verdicts, kinds, strict=True)), "facts": facts, "bounds": bounds}


def _verdict_line(before: Report, after: Report, words: Words) -> str:
    old, new = (f"{start_time(report)} {words.say(READINESS[report.verdict])}" for report in (before, after))
    return old + ARROW + new


def _circumstance_changes(before: Report, after: Report, words: Words) -> Iterator[Entry]:
    pairs = {
        "preflight": (before.tool_version, after.tool_version),
        words.say(_("policy")): (
            f"{before.policy_name} {before.policy_version}",
            f"{after.policy_name} {after.policy_version}",
        ),
        **{
            words.system_label(name): (before.system.get(name), after.system.get(name))
            for name in dict.fromkeys((*before.system, *after.system))
        },
    }
    for name, (old, new) in pairs.items():
        if old != new:
            yield Entry(f"{name}: {words.value(old)}{ARROW}{words.value(new)}")


def _check_change(old: Check | None, new: Check | None, words: Words) -> Entry | None:
    if old is None or new is None:
        return _one_sided(old, new, words)
    title = words.title(new.id)
    below = [*_fact_lines(old, new, words)]
    if old.verdict is not new.verdict:
        new_item = item(new, words)
        reason = (
            new_item.finding
            if deciding_result(new) or new.trouble
            else new_item.measured
            if new.skipped_for
            else ""
        )
        verdicts = f"{words.say(VERDICTS[old.verdict])}{ARROW}{words.say(VERDICTS[new.verdict])}"
        said = f"{title}: {verdicts}" + (f" ({reason})" if reason else "")
    else:
        said = f"{title}: {words.say(VERDICTS[new.verdict])}"
        if old.trouble != new.trouble and new.trouble is not None:
            below.append(item(new, words).finding)
    below += _bound_lines(old, new, words)
    changed = below or old.verdict is not new.verdict or old.trouble != new.trouble
    return Entry(said, tuple(below)) if changed else None


def _one_sided(old: Check | None, new: Check | None, words: Words) -> Entry | None:
    """Return what is said of a check that only one report has."""
    check = old or new
    if check is None:
        return None
    pattern = _("{title}: checked only in the second report, {verdict}")
    if new is None:
        pattern = _("{title}: checked only in the first report, {verdict}")
    return Entry(words.say(pattern, title=words.title(check.id), verdict=words.say(VERDICTS[check.verdict])))


def _fact_lines(old: Check, new: Check, words: Words) -> Iterator[str]:
    bounds = _bounds(new)
    for name, before, after in _changed_facts(old, new):
        values = (words.fact(each, apart_from=bounds.get(name)) for each in (before, after))
        yield f"{words.label(new.id, name)}: {ARROW.join(values)}"


def _bound_lines(old: Check, new: Check, words: Words) -> Iterator[str]:
    for fact, before, after in _changed_bounds(old, new):
        unit = new.facts[fact].unit if fact in new.facts else ""
        yield words.say(
            _("{label}: needed {before} before, now {after}"),
            label=words.label(new.id, fact),
            before=words.value(before, unit),
            after=words.value(after, unit),
        )


def _changed_facts(old: Check, new: Check) -> Iterator[tuple[str, Fact, Fact]]:
    """Yield the facts whose values are really others, not just measured again."""
    for name, fact in new.facts.items():
        before = old.facts.get(name)
        if before is not None and _differ(before, fact):
            yield name, before, fact


def _changed_bounds(old: Check, new: Check) -> Iterator[tuple[str, Value, Value]]:
    before = _bounds(old)
    for fact, bound in _bounds(new).items():
        if fact in before and before[fact] != bound:
            yield fact, before[fact], bound


def _bounds(check: Check) -> Mapping[str, Value]:
    return {result.fact: result.demand.bound for result in check.results}


def _differ(old: Fact, new: Fact) -> bool:
    one, other = old.value, new.value
    if not is_number(one) or not is_number(other):
        return one != other
    if abs(one - other) <= _LEAST_CHANGE * max(abs(one), abs(other)):
        return False
    inf = float("inf")
    lows = [-inf if fact.low is None else fact.low for fact in (old, new)]
    highs = [inf if fact.high is None else fact.high for fact in (old, new)]
    return max(lows) > min(highs)
