"""Facts over the wire and back; what a broken worker or file sends is refused."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight import codec
from preflight.model import (
    POINTS_LIMIT,
    Fact,
    Finding,
    Job,
    Kind,
    Series,
    Skip,
    Trouble,
    between,
    exact,
    unknown,
)

numbers = st.floats(-1e15, 1e15) | st.integers(-(10**15), 10**15)
units = st.text(max_size=20)
versions = st.lists(st.integers(0, 99), max_size=10)
facts = (
    st.builds(exact, numbers | st.booleans() | st.text() | versions.map(tuple), units)
    | st.builds(between, numbers, st.none() | numbers, st.none() | numbers, units)
    | st.builds(unknown)
)
series = st.builds(
    Series,
    unit=units,
    step=st.floats(0.001, 10),
    values=st.lists(st.floats(-1e6, 1e6), max_size=POINTS_LIMIT).map(tuple),
)


@settings(deadline=None)
@given(st.builds(Finding, facts=st.dictionaries(st.text(), facts), series=st.dictionaries(st.text(), series)))
def test_a_finding_survives_the_wire(finding: Finding) -> None:
    assert codec.load_finding(json.loads(json.dumps(codec.finding_document(finding)))) == finding


def test_a_job_survives_the_wire() -> None:
    job = Job(
        source="camera", target=None, checks=("camera.video",), parameters={"a": [1]}, bounds={"b": 1.0}
    )
    assert codec.load_job(json.loads(json.dumps(codec.job_document(job)))) == job


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


@settings(deadline=None)
@given(json_values)
def test_anything_else_is_refused_in_one_way(document: Any) -> None:
    for load in (codec.load_fact, codec.load_series, codec.load_job):
        try:
            load(document)
        except codec.MalformedError:
            continue


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"value": float("nan"), "unit": ""}, id="not a number"),
        pytest.param({"value": {"a": 1}, "unit": ""}, id="an object for a value"),
        pytest.param({"value": [1, "2"], "unit": ""}, id="a version with words"),
        pytest.param({"value": 1, "unit": 3}, id="a unit that is a number"),
        pytest.param({"value": 1, "unit": "", "low": "1"}, id="a bound that is a word"),
    ],
)
def test_a_fact_that_is_none(document: dict[str, Any]) -> None:
    with pytest.raises(codec.MalformedError):
        codec.load_fact(document)


def test_a_series_has_its_limit() -> None:
    values = {"unit": "dB", "step": 0.1, "values": [0.0] * POINTS_LIMIT}
    assert isinstance(codec.load_series(values), Series)
    with pytest.raises(codec.MalformedError):
        codec.load_series({**values, "values": [0.0] * (POINTS_LIMIT + 1)})
    with pytest.raises(codec.MalformedError):
        codec.load_series([0.0])


def test_what_was_observed_stays_as_it_was() -> None:
    assert codec.load_fact(codec.fact_document(exact((6, 0, 2)))) == Fact(value=(6, 0, 2))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('"\\u001b]0;x\\u0007"', "\ufffd]0;x\ufffd", id="a terminal's title"),
        pytest.param('"\\ud800"', "\ufffd", id="half a character"),
        pytest.param('"\x9b31m"', "\ufffd31m", id="a control sequence in one byte"),
        pytest.param('"a\\n\\tb"', "a  b", id="lines and tabs"),
        pytest.param('"a\u202eb\u200bc"', "a\ufffdb\ufffdc", id="another order and nothing to see"),
        pytest.param('{"\\u0000": ["\\u0000", 1]}', {"\ufffd": ["\ufffd", 1]}, id="in names and lists"),
        pytest.param('"šķērsām 😀"', "šķērsām 😀", id="letters stay"),
        pytest.param('"\\ud83d\\ude00"', "😀", id="a whole pair stays"),
    ],
)
def test_what_others_wrote_can_be_printed(text: str, expected: object) -> None:
    assert codec.parse(text) == expected


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "", "{", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        codec.parse(text)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(
            {"facts": {"a": {"value": 1, "unit": "s"}}},
            Finding(facts={"a": Fact(value=1, unit="s")}),
            id="facts",
        ),
        pytest.param({"skipped_for": "camera.face"}, Skip(skipped_for="camera.face"), id="skip"),
        pytest.param({"kind": "busy", "detail": "x"}, Trouble(kind=Kind.BUSY, detail="x"), id="trouble"),
    ],
)
def test_an_outcome_is_any_of_three(document: dict[str, Any], expected: object) -> None:
    assert codec.load_outcome(document) == expected


@pytest.mark.parametrize("checks", [None, 5, "camera.video", {"a": 1}])
def test_a_job_without_a_list_of_checks_is_none(checks: object) -> None:
    job = Job(source="power", target=None, checks=(), parameters={}, bounds={})
    with pytest.raises(codec.MalformedError):
        codec.load_job({**codec.job_document(job), "checks": checks})
