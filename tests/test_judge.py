"""What a fact comes to against a demand: both sides of every bound."""

import pytest

from preflight.judge import judge, readiness
from preflight.model import (
    Check,
    Demand,
    Fact,
    Finding,
    Kind,
    Level,
    Operator,
    Readiness,
    Skip,
    SkipReason,
    Trouble,
    Value,
    Verdict,
    WarnReason,
    between,
    exact,
    unknown,
)

PASS, WARN, FAIL, ERROR, SKIP = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.ERROR, Verdict.SKIP


def demand(
    operator: str, bound: Value, *, comfortable: float | None = None, level: str = "must", fact: str = "fact"
) -> Demand:
    return Demand(
        check="some.check",
        fact=fact,
        operator=Operator(operator),
        bound=bound,
        comfortable=comfortable,
        level=Level(level),
    )


@pytest.mark.parametrize(
    ("fact", "asked", "verdict", "why"),
    [
        pytest.param(exact(8.0), demand("at_least", 8), PASS, None, id="exactly at the bound"),
        pytest.param(exact(7.999), demand("at_least", 8), FAIL, None, id="just below the bound"),
        pytest.param(exact(8.0), demand("at_most", 8), PASS, None, id="exactly at the most"),
        pytest.param(exact(8.001), demand("at_most", 8), FAIL, None, id="just above the most"),
        pytest.param(
            between(8.2, 7.9, 8.5), demand("at_least", 8), WARN, WarnReason.UNSURE, id="straddles a least"
        ),
        pytest.param(
            between(7.8, 7.9, 8.5), demand("at_most", 8), WARN, WarnReason.UNSURE, id="straddles a most"
        ),
        pytest.param(
            between(8.2, 8.0, 8.5), demand("at_least", 8), PASS, None, id="interval from the bound up"
        ),
        pytest.param(
            between(7.5, 7.0, 7.99), demand("at_least", 8), FAIL, None, id="interval below the bound"
        ),
        pytest.param(between(24, 24, None), demand("at_least", 8), PASS, None, id="at least 24 against 8"),
        pytest.param(
            between(24, 24, None), demand("at_least", 50), ERROR, None, id="above what was observed"
        ),
        pytest.param(between(3, None, 3), demand("at_most", 8), PASS, None, id="at most 3 against 8"),
        pytest.param(between(3, None, 3), demand("at_most", 1), ERROR, None, id="below what was observed"),
        pytest.param(between(15, 2, 30), demand("at_least", 1, comfortable=15), PASS, None, id="comfortable"),
        pytest.param(
            between(14.9, 2, 30),
            demand("at_least", 1, comfortable=15),
            WARN,
            WarnReason.CLOSE,
            id="not comfortable",
        ),
        pytest.param(exact(30), demand("at_most", 40, comfortable=30), PASS, None, id="comfortable most"),
        pytest.param(
            exact(31), demand("at_most", 40, comfortable=30), WARN, WarnReason.CLOSE, id="not quite most"
        ),
        pytest.param(
            exact(2.07),
            demand("at_least", 10, level="should"),
            WARN,
            WarnReason.ADVISED,
            id="a should missed",
        ),
        pytest.param(exact(value=True), demand("equals", True), PASS, None, id="yes is yes"),  # noqa: FBT003 - the bound
        pytest.param(exact(value=False), demand("equals", True), FAIL, None, id="no is not yes"),  # noqa: FBT003 - the bound
        pytest.param(exact((6, 0, 2)), demand("at_least", (6, 0, 2)), PASS, None, id="the version itself"),
        pytest.param(exact((6, 0, 1, 9)), demand("at_least", (6, 0, 2)), FAIL, None, id="an older version"),
        pytest.param(exact((6, 1)), demand("at_least", (6, 0, 2)), PASS, None, id="a shorter newer version"),
        pytest.param(exact((6,)), demand("at_least", (6, 0)), PASS, None, id="zeros are implied"),
        pytest.param(unknown(), demand("at_least", 8), WARN, WarnReason.UNSURE, id="cannot be told"),
        pytest.param(None, demand("at_least", 8), ERROR, None, id="not measured"),
        pytest.param(None, demand("at_least", 8, level="should"), ERROR, None, id="a should not measured"),
        pytest.param(exact("words"), demand("at_least", 8), ERROR, None, id="no number at all"),
        pytest.param(exact(float("nan")), demand("at_least", 8), WARN, WarnReason.UNSURE, id="not a number"),
    ],
)
def test_one_fact(fact: Fact | None, asked: Demand, verdict: Verdict, why: WarnReason | None) -> None:
    check = judge("some.check", Finding(facts={"fact": fact} if fact else {}), [asked])
    assert (check.verdict, check.why) == (verdict, why)
    assert [(result.verdict, result.why) for result in check.results] == [(verdict, why)]


@pytest.mark.parametrize(
    ("strict", "verdict"),
    [
        pytest.param({WarnReason.CLOSE}, FAIL, id="the reason is named"),
        pytest.param({WarnReason.ADVISED, WarnReason.UNSURE}, WARN, id="other reasons are named"),
    ],
)
def test_strict_counts_only_the_reasons_named(strict: set[WarnReason], verdict: Verdict) -> None:
    close = Finding(facts={"fact": exact(12)})
    check = judge("some.check", close, [demand("at_least", 10, comfortable=20)], strict=strict)
    assert (check.verdict, check.why) == (verdict, WarnReason.CLOSE)


@pytest.mark.parametrize(
    ("strict", "verdict"),
    [
        pytest.param({WarnReason.UNSURE}, FAIL, id="the reason is named"),
        pytest.param({WarnReason.ADVISED, WarnReason.CLOSE}, WARN, id="other reasons are named"),
    ],
)
def test_strict_counts_a_should_that_was_not_measured(strict: set[WarnReason], verdict: Verdict) -> None:
    demands = [demand("at_least", 1, fact="a"), demand("at_least", 1, fact="b", level="should")]
    check = judge("some.check", Finding(facts={"a": exact(1)}), demands, strict=strict)
    assert (check.verdict, check.why) == (verdict, WarnReason.UNSURE)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        pytest.param({"a": exact(0), "b": exact(0)}, FAIL, id="a must fails whatever the should says"),
        pytest.param({"a": exact(1), "b": exact(0)}, WARN, id="only the should is missed"),
        pytest.param({"b": exact(1)}, ERROR, id="the must was not measured"),
        pytest.param({"a": exact(1)}, WARN, id="the should was not measured"),
        pytest.param({"a": exact(1), "b": exact(1)}, PASS, id="both are met"),
    ],
)
def test_a_check_is_its_worst_result(facts: dict[str, Fact], verdict: Verdict) -> None:
    demands = [demand("at_least", 1, fact="a"), demand("at_least", 1, fact="b", level="should")]
    assert judge("some.check", Finding(facts=facts), demands).verdict is verdict


def test_what_an_absent_device_lacks_is_no_news() -> None:
    demands = [demand("equals", True, fact="present"), demand("at_least", 1920, fact="width")]  # noqa: FBT003 - the bound
    check = judge("some.check", Finding(facts={"present": exact(value=False)}), demands)
    assert [result.verdict for result in check.results] == [FAIL, SKIP]


def test_trouble_is_an_error_and_a_skip_a_skip() -> None:
    asked = [demand("at_least", 8)]
    assert judge("some.check", Trouble(kind=Kind.BUSY), asked).verdict is ERROR
    skipped = judge("some.check", Skip(skipped_for="other.check"), asked)
    assert (skipped.verdict, skipped.skipped_for) == (SKIP, "other.check")


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        pytest.param(
            [("must", PASS, None), ("should", WARN, None)], Readiness.READY, id="warnings are ready"
        ),
        pytest.param([("must", PASS, None), ("must", FAIL, None)], Readiness.NOT_READY, id="one must failed"),
        pytest.param(
            [("must", ERROR, None), ("other", FAIL, None)], Readiness.NOT_READY, id="a fail outweighs"
        ),
        pytest.param(
            [("must", PASS, None), ("must2", ERROR, None)], Readiness.INCOMPLETE, id="a must is open"
        ),
        pytest.param([("must", PASS, None), ("should", ERROR, None)], Readiness.READY, id="a should is open"),
        pytest.param(
            [("must", PASS, None), ("must2", SKIP, "x.y")], Readiness.INCOMPLETE, id="a must blocked"
        ),
        pytest.param(
            [("must", PASS, None), ("must2", SKIP, SkipReason.NOT_APPLICABLE)],
            Readiness.READY,
            id="no battery",
        ),
        pytest.param([("must", SKIP, SkipReason.NOT_ASKED)], Readiness.INCOMPLETE, id="nothing was measured"),
        pytest.param([("must", SKIP, SkipReason.NOT_APPLICABLE)], Readiness.READY, id="nothing applies"),
        pytest.param(
            [("must", SKIP, SkipReason.NOT_APPLICABLE), ("must2", SKIP, SkipReason.NOT_ASKED)],
            Readiness.READY,
            id="nothing applies of what was asked for",
        ),
        pytest.param(
            [("must", SKIP, SkipReason.NOT_APPLICABLE), ("must2", ERROR, None)],
            Readiness.INCOMPLETE,
            id="what does not apply beside an open must",
        ),
        pytest.param(
            [("must", SKIP, SkipReason.NOT_APPLICABLE), ("should", ERROR, None)],
            Readiness.INCOMPLETE,
            id="what does not apply beside an open should",
        ),
        pytest.param([], Readiness.INCOMPLETE, id="nothing at all"),
    ],
)
def test_readiness(checks: list[tuple[str, Verdict, str | None]], verdict: Readiness) -> None:
    made = [Check(id=name, verdict=said, skipped_for=skipped) for name, said, skipped in checks]
    assert readiness(made, {"should": Level.SHOULD}) is verdict
