"""Facts against demands: pure, generic, and the only place that decides anything."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from preflight.model import (
    Check,
    Demand,
    Fact,
    Finding,
    Level,
    Operator,
    Outcome,
    Readiness,
    Result,
    Skip,
    SkipReason,
    Trouble,
    Verdict,
    WarnReason,
    is_number,
)

_Judgement = tuple[Verdict, WarnReason | None]
_PASS: _Judgement = (Verdict.PASS, None)
_FAIL: _Judgement = (Verdict.FAIL, None)
_ERROR: _Judgement = (Verdict.ERROR, None)
_UNSURE: _Judgement = (Verdict.WARN, WarnReason.UNSURE)


def judge(
    check: str,
    outcome: Outcome,
    demands: Iterable[Demand],
    *,
    strict: AbstractSet[WarnReason] = frozenset(),
    duration_s: float | None = None,
) -> Check:
    """Return one check of the report: what it came to, held against its demands.

    Warnings whose reason is in `strict` count as misses.
    """
    match outcome:
        case Trouble():
            return Check(id=check, verdict=Verdict.ERROR, trouble=outcome, duration_s=duration_s)
        case Skip():
            skipped = outcome.skipped_for
            return Check(id=check, verdict=Verdict.SKIP, skipped_for=skipped, duration_s=duration_s)
        case Finding():
            results = _judge_facts(outcome.facts, tuple(demands), strict)
            verdict, why = _combine_results(results, strict)
            return Check(
                id=check,
                verdict=verdict,
                why=why,
                duration_s=duration_s,
                facts=outcome.facts,
                results=results,
                series=outcome.series,
            )


def readiness(checks: Iterable[Check], levels: Mapping[str, Level]) -> Readiness:
    """Return what the checks come to: a must that failed, one that is open, or all passed.

    A skip never makes a report ready beside others: one because of another check leaves a
    must open, and where nothing at all was measured nothing is claimed. Only where all that
    was asked for does not apply to this computer there is nothing to wait for.
    """
    checks = tuple(checks)
    open_, measured = False, is_nothing_applicable(checks)
    for check in checks:
        if check.verdict is Verdict.FAIL:
            return Readiness.NOT_READY
        harmless = check.verdict is Verdict.SKIP and check.skipped_for in tuple(SkipReason)
        blocked = check.verdict in (Verdict.ERROR, Verdict.SKIP) and not harmless
        open_ |= blocked and levels.get(check.id, Level.MUST) is Level.MUST
        measured |= check.verdict in (Verdict.PASS, Verdict.WARN)
    return Readiness.READY if measured and not open_ else Readiness.INCOMPLETE


def is_nothing_applicable(checks: Iterable[Check]) -> bool:
    """Tell whether there was something to check and none of it applies to this computer."""
    asked = [
        check for check in checks if check.skipped_for not in (SkipReason.NOT_ASKED, SkipReason.DECLINED)
    ]
    return bool(asked) and all(check.skipped_for == SkipReason.NOT_APPLICABLE for check in asked)


def _judge_facts(
    facts: Mapping[str, Fact], demands: tuple[Demand, ...], strict: AbstractSet[WarnReason]
) -> tuple[Result, ...]:
    said = {demand: _judge_fact(facts.get(demand.fact), demand, strict) for demand in demands}
    failed = any(verdict is Verdict.FAIL for verdict, _ in said.values())
    return tuple(
        Result(
            fact=demand.fact,
            # Where one demand already failed, what could not be measured for it is no news:
            # an absent camera has no width.
            verdict=Verdict.SKIP if failed and demand.fact not in facts else verdict,
            why=why,
            demand=demand,
        )
        for demand, (verdict, why) in said.items()
    )


def _combine_results(results: tuple[Result, ...], strict: AbstractSet[WarnReason]) -> _Judgement:
    for verdict in (Verdict.FAIL, Verdict.ERROR, Verdict.WARN):
        for result in results:
            if result.verdict is verdict and not (
                verdict is Verdict.ERROR and result.demand.level is Level.SHOULD
            ):
                return verdict, result.why
    if any(result.verdict is Verdict.ERROR for result in results):
        if all(result.verdict is not Verdict.PASS for result in results):
            return _ERROR
        return (Verdict.FAIL, WarnReason.UNSURE) if WarnReason.UNSURE in strict else _UNSURE
    return _PASS


def _judge_fact(fact: Fact | None, demand: Demand, strict: AbstractSet[WarnReason]) -> _Judgement:
    verdict, why = _ERROR if fact is None else _compare_fact(fact, demand)
    if verdict is Verdict.FAIL and demand.level is Level.SHOULD:
        verdict, why = Verdict.WARN, WarnReason.ADVISED
    if verdict is Verdict.WARN and why in strict:
        verdict = Verdict.FAIL
    return verdict, why


def _compare_fact(fact: Fact, demand: Demand) -> _Judgement:
    if fact.value is None:
        return _UNSURE
    if demand.operator is Operator.EQUALS:
        return _PASS if fact.value == demand.bound else _FAIL
    sign = 1 if demand.operator is Operator.AT_LEAST else -1
    if isinstance(fact.value, tuple) and isinstance(demand.bound, tuple):
        ours, theirs = _pad_versions(fact.value, demand.bound)
        return _PASS if (ours >= theirs if sign > 0 else ours <= theirs) else _FAIL
    return _compare_interval(fact, demand, sign)


def _compare_interval(fact: Fact, demand: Demand, sign: int) -> _Judgement:
    """Compare numbers, with `sign` turning at_most into at_least: the near end is the worse one."""
    value, bound = fact.value, demand.bound
    if not is_number(value) or not is_number(bound):
        return _ERROR
    near, far = (fact.low, fact.high) if sign > 0 else (fact.high, fact.low)
    if near is not None and sign * near >= sign * bound:
        close = demand.comfortable is not None and sign * value < sign * demand.comfortable
        return (Verdict.WARN, WarnReason.CLOSE) if close else _PASS
    if far is None:
        # Observed only up to a point below the bound: nothing can be claimed beyond it.
        return _ERROR if near is not None else _UNSURE
    return _FAIL if sign * far < sign * bound else _UNSURE


def _pad_versions(ours: tuple[int, ...], theirs: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    length = max(len(ours), len(theirs))
    return ours + (0,) * (length - len(ours)), theirs + (0,) * (length - len(theirs))
