"""What changed from one report to another, in words."""

from collections.abc import Iterator, Mapping

from preflight.model import Check, Fact, Report, Value, is_number
from preflight.reports.content import deciding_result, item, start_time
from preflight.texts import READINESS, VERDICTS, Words, _

_LEAST_CHANGE = 0.1
"""A change smaller than a tenth is how measurements go, even where their intervals are narrow."""


def compare(before: Report, after: Report, words: Words) -> str:
    """Return what changed from one report to another, a line for each change."""
    lines = [_verdict_line(before, after, words), *_circumstance_changes(before, after, words)]
    same: list[str] = []
    old, new = ({check.id: check for check in report.checks} for report in (before, after))
    for check in dict.fromkeys((*old, *new)):
        changes = list(_check_changes(old.get(check), new.get(check), words))
        lines += changes
        if not changes:
            same.append(words.title(check))
    if same:
        lines.append(words.say(_("Unchanged: {titles}."), titles=", ".join(same)))
    return "".join(f"{line}\n" for line in lines)


def _verdict_line(before: Report, after: Report, words: Words) -> str:
    old, new = (words.say(READINESS[report.verdict]) for report in (before, after))
    return f"{start_time(before)} {old} → {start_time(after)} {new}"


def _circumstance_changes(before: Report, after: Report, words: Words) -> Iterator[str]:
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
            yield f"{name}: {words.value(old)} → {words.value(new)}"


def _check_changes(old: Check | None, new: Check | None, words: Words) -> Iterator[str]:
    if old is None or new is None:
        check = old or new
        if check is not None:
            pattern = _("{title}: checked only in the second report, {verdict}")
            if new is None:
                pattern = _("{title}: checked only in the first report, {verdict}")
            yield words.say(pattern, title=words.title(check.id), verdict=words.say(VERDICTS[check.verdict]))
        return
    title, facts = words.title(new.id), list(_fact_changes(old, new, words))
    if old.verdict is not new.verdict:
        new_item = item(new, words)
        reason = (
            new_item.finding
            if deciding_result(new) or new.trouble
            else new_item.measured
            if new.skipped_for
            else ""
        )
        verdicts = f"{words.say(VERDICTS[old.verdict])} → {words.say(VERDICTS[new.verdict])}"
        yield f"{title}: {verdicts}" + (f" ({reason})" if reason else "")
        yield from (f"  {line}" for line in facts)
    elif facts or old.trouble != new.trouble:
        yield f"{title}: {words.say(VERDICTS[new.verdict])}"
        yield from (f"  {line}" for line in facts)
        if old.trouble != new.trouble and new.trouble is not None:
            yield f"  {item(new, words).finding}"
    old_bounds, new_bounds = _bounds(old), _bounds(new)
    for fact, bound in new_bounds.items():
        if fact in old_bounds and old_bounds[fact] != bound:
            unit = new.facts[fact].unit if fact in new.facts else ""
            yield "  " + words.say(
                _("{label}: needed {before} before, now {after}"),
                label=words.label(new.id, fact),
                before=words.value(old_bounds[fact], unit),
                after=words.value(bound, unit),
            )


def _fact_changes(old: Check, new: Check, words: Words) -> Iterator[str]:
    """Yield the facts whose values are really others, not just measured again."""
    bounds = _bounds(new)
    for name, fact in new.facts.items():
        before = old.facts.get(name)
        if before is not None and _differ(before, fact):
            values = (words.fact(each, apart_from=bounds.get(name)) for each in (before, fact))
            yield f"{words.label(new.id, name)}: {' → '.join(values)}"


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
