"""A report goes into JSON and comes back as it was; what is none of ours is told so."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hostile import EFFORTS, Effort, alter_document
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_reports import REPORTS

import preflight
from preflight.errors import UsageError
from preflight.model import (
    Check,
    Demand,
    Fact,
    Kind,
    Level,
    Operator,
    Readiness,
    Report,
    Result,
    Series,
    Trouble,
    Value,
    Verdict,
    WarnReason,
)
from preflight.reports import json_document

SCHEMA = json.loads((Path(preflight.__file__).parent / "reports" / "report.schema.json").read_text("utf-8"))


@cache
def validator() -> Any:
    """Return what holds a document to the schema."""
    import jsonschema  # noqa: PLC0415 - what it brings along for its formats may take seconds

    def pattern(_: object, wanted: str, value: object, __: object) -> Iterator[jsonschema.ValidationError]:
        """The `$` of a schema is that of ECMA-262: the end, never before a last line feed."""
        if isinstance(value, str) and not re.search(wanted.replace("$", r"\Z"), value):
            yield jsonschema.ValidationError(wanted)

    known = jsonschema.Draft202012Validator
    known.check_schema(SCHEMA)
    return jsonschema.validators.extend(known, {"pattern": pattern})(SCHEMA)  # type: ignore[no-untyped-call]


numbers = st.floats(-1e15, 1e15) | st.integers(-(10**15), 10**15)
words = st.text(max_size=12)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
ids = st.from_regex(r"[a-z]{1,8}\.[a-z_]{1,8}", fullmatch=True)
versions = st.lists(st.integers(0, 9999), min_size=1, max_size=4).map(tuple)
values: st.SearchStrategy[Value] = st.none() | st.booleans() | numbers | words | versions
bounds: st.SearchStrategy[Value] = st.booleans() | numbers | words | versions
facts = st.builds(Fact, value=values, unit=words, low=st.none() | numbers, high=st.none() | numbers)
series = st.builds(
    Series,
    unit=words,
    step=st.floats(1e-3, 60),
    values=st.lists(st.floats(-1e6, 1e6), max_size=20).map(tuple),
)
whys = st.none() | st.sampled_from(WarnReason)
verdicts = st.sampled_from(Verdict)


@st.composite
def checks(draw: st.DrawFn) -> Check:
    identity = draw(ids)
    demands = st.builds(
        Demand,
        check=st.just(identity),
        fact=names,
        operator=st.sampled_from(Operator),
        bound=bounds,
        comfortable=st.none() | numbers,
        level=st.sampled_from(Level),
        because=words,
        origin=words,
    )
    results = demands.flatmap(
        lambda demand: st.builds(
            Result, fact=st.just(demand.fact), verdict=verdicts, why=whys, demand=st.just(demand)
        )
    )
    return draw(
        st.builds(
            Check,
            id=st.just(identity),
            verdict=verdicts,
            why=whys,
            duration_s=st.none() | st.floats(0, 1e4),
            trouble=st.none() | st.builds(Trouble, kind=st.sampled_from(Kind), detail=words),
            skipped_for=st.none() | ids | st.sampled_from(["not-asked", "declined", "not-applicable"]),
            facts=st.dictionaries(names, facts, max_size=3),
            results=st.lists(results, max_size=3).map(tuple),
            series=st.dictionaries(names, series, max_size=2),
        )
    )


reports = st.builds(
    Report,
    tool_version=words,
    policy_name=words,
    policy_version=words,
    started=st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "+02:00"),
    duration_s=st.floats(0, 1e4),
    lang=st.sampled_from(["en", "lv", "ru"]),
    verdict=st.sampled_from(Readiness),
    left_out=st.lists(ids, unique=True, max_size=3).map(tuple),
    checks=st.lists(checks(), max_size=3).map(tuple),
    system=st.dictionaries(words, st.none() | words | numbers, max_size=3),
    devices=st.dictionaries(st.sampled_from(["camera", "sound"]), words, max_size=2),
)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_of_every_verdict_keeps_to_the_schema_and_comes_back(name: str) -> None:
    written = json.loads(json_document.dump(REPORTS[name]))
    validator().validate(written)
    assert json_document.load(written, name) == REPORTS[name]


def test_the_reports_of_the_tests_hold_every_verdict_and_every_reason() -> None:
    made = [check for report in REPORTS.values() for check in report.checks]
    assert {check.verdict for check in made} == set(Verdict)
    assert {result.why for check in made for result in check.results} == {None, *WarnReason}
    assert {report.verdict for report in REPORTS.values()} == set(Readiness)


@settings(max_examples=50, deadline=None)
@given(reports)
def test_any_report_keeps_to_the_schema_and_comes_back(report: Report) -> None:
    line = json_document.dump_line(report)
    assert line.count("\n") == 1
    written = json.loads(line)
    validator().validate(written)
    assert json_document.load(written, "a report") == report


def test_the_schema_is_one_and_knows_the_words_of_the_model() -> None:
    assert validator()
    kinds = SCHEMA["$defs"]["check"]["properties"]["trouble"]["properties"]["kind"]["enum"]
    assert sorted(kinds) == sorted(Kind)
    assert sorted(SCHEMA["$defs"]["verdict"]["enum"]) == sorted(Verdict)
    assert SCHEMA["$defs"]["why"]["enum"] == [*WarnReason, None]
    assert SCHEMA["properties"]["verdict"]["enum"] == list(Readiness)


def test_names_of_devices_are_in_it_only_when_the_report_has_them() -> None:
    assert "devices" in json_document.to_dict(REPORTS["ready"])
    plain = json.loads(json_document.dump(REPORTS["ready"]))
    del plain["devices"]
    validator().validate(plain)
    assert json_document.load(plain, "plain").devices == {}


def changed(*path: str | int, to: object) -> Callable[[], dict[str, Any]]:
    def make() -> dict[str, Any]:
        written: dict[str, Any] = copy.deepcopy(json_document.to_dict(REPORTS["not-ready"]))
        place: Any = written
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to
        return written

    return make


def surplus() -> dict[str, Any]:
    return {**json_document.to_dict(REPORTS["ready"]), "ip": "192.0.2.1"}


def lacking() -> dict[str, Any]:
    written = json_document.to_dict(REPORTS["ready"])
    del written["checks"][0]["facts"]
    return written


def two_operators() -> dict[str, Any]:
    written = json_document.to_dict(REPORTS["ready"])
    written["checks"][0]["results"][0]["at_most"] = 3
    return written


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(surplus, id="a key too many"),
        pytest.param(lacking, id="a key too few"),
        pytest.param(two_operators, id="two operators"),
        pytest.param(changed("schema", to=0), id="an older schema than the first"),
        pytest.param(changed("verdict", to="fine"), id="an unknown readiness"),
        pytest.param(changed("duration_s", to="long"), id="a duration in words"),
        pytest.param(changed("left_out", to="camera"), id="a text in place of a list"),
        pytest.param(changed("checks", 0, "verdict", to="maybe"), id="an unknown verdict"),
        pytest.param(changed("checks", 0, "why", to="because"), id="an unknown why"),
        pytest.param(changed("checks", 0, "facts", to=[]), id="facts in a list"),
        pytest.param(changed("checks", 0, "facts", "x", to=3), id="a bare fact"),
        pytest.param(
            changed("checks", 0, "facts", "x", to={"value": {}, "unit": "", "low": None, "high": None}),
            id="an object as value",
        ),
        pytest.param(changed("checks", 0, "results", 0, "level", to="might"), id="an unknown level"),
        pytest.param(
            changed("checks", 0, "series", "x", to={"unit": "", "step": 0, "values": []}), id="no step"
        ),
        pytest.param(
            changed("checks", 0, "series", "x", to={"unit": "", "step": 1, "values": [0] * 201}),
            id="too many points",
        ),
        pytest.param(
            changed("checks", 0, "trouble", to={"kind": "gremlins", "detail": ""}), id="an unknown kind"
        ),
        pytest.param(changed("system", "os", to=["Linux"]), id="a list in system"),
    ],
)
def test_a_damaged_document_is_told_as_such(make: Callable[[], object]) -> None:
    value = make()
    assert not validator().is_valid(value)
    with pytest.raises(UsageError) as told:
        json_document.load(value, "them.json")
    assert told.value.key == "report-damaged"
    assert told.value.values["path"] == "them.json"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(dict, id="an empty object"),
        pytest.param(list, id="a list"),
        pytest.param(lambda: None, id="null"),
        pytest.param(changed("tool", "name", to="other"), id="another tool"),
        pytest.param(changed("schema", to="1"), id="a schema in quotes"),
        pytest.param(changed("schema", to=True), id="a schema that is true"),
    ],
)
def test_a_foreign_document_is_told_as_such(make: Callable[[], object]) -> None:
    value = make()
    assert not validator().is_valid(value)
    with pytest.raises(UsageError) as told:
        json_document.load(value, "them.json")
    assert told.value.key == "report-foreign"
    assert told.value.values["path"] == "them.json"


def many(count: int, value: object) -> dict[str, object]:
    return {f"x{index}": value for index in range(count)}


FACT = {"value": 1, "unit": "", "low": None, "high": None}
LINE = {"unit": "", "step": 1, "values": []}
CHECK = {**json_document.to_dict(REPORTS["nothing"])["checks"][0], "results": []}
RESULT = json_document.to_dict(REPORTS["not-ready"])["checks"][0]["results"][0]


@pytest.mark.parametrize(
    ("path", "most", "beyond"),
    [
        pytest.param(("tool", "version"), 1000 * "x", 1001 * "x", id="a name"),
        pytest.param(("started",), "2026-11-29T09:09:07+00:00", "2026-11-29T09:09:07", id="a moment"),
        pytest.param(("started",), "2026-11-29T09:09:07-03:30", "2026-11-29T09:09:07-03:30\n", id="its end"),
        pytest.param(("duration_s",), 1e15, 1.1e15, id="a long duration"),
        pytest.param(("duration_s",), 0, -1, id="a short duration"),
        pytest.param(("lang",), "lv", "fi", id="a language"),
        pytest.param(("left_out",), ["a.b"], ["a.b", "a.b"], id="left out twice"),
        pytest.param(("left_out",), ["camera.b_c"], ["camera.b<"], id="left out"),
        pytest.param(
            ("left_out",), [f"a.{'b' * n}" for n in range(1, 41)], ["a." + 59 * "b"], id="a long id left out"
        ),
        pytest.param(("system",), many(50, "x"), many(51, "x"), id="the system"),
        pytest.param(("system", 40 * "x"), 1000 * "x", 1001 * "x", id="a word of the system"),
        pytest.param(("system", "x"), -1e15, 10**400, id="a number of the system"),
        pytest.param(("devices",), {"camera": "x"}, {"Camera": "x"}, id="a device"),
        pytest.param(("checks", 0, "id"), "newer.check", "newer.check<b>", id="an unknown check"),
        pytest.param(("checks", 0, "id"), "a." + 58 * "b", "a." + 59 * "b", id="a long id"),
        pytest.param(("checks", 0, "duration_s"), 0, -0.1, id="the duration of a check"),
        pytest.param(("checks", 0, "skipped_for"), "declined", "denied", id="why it was skipped"),
        pytest.param(
            ("checks", 0, "trouble"),
            {"kind": "busy", "detail": 2000 * "x"},
            {"kind": "busy", "detail": 2001 * "x"},
            id="a detail",
        ),
        pytest.param(("checks", 0, "facts"), many(100, FACT), many(101, FACT), id="facts"),
        pytest.param(("checks", 0, "facts"), {"x" * 40: FACT}, {"x" * 41: FACT}, id="the length of a fact"),
        pytest.param(("checks", 0, "facts"), {"x_1": FACT}, {"1_x": FACT}, id="the name of a fact"),
        pytest.param(("checks", 0, "facts", "x"), FACT, {**FACT, "unit": 21 * "x"}, id="a unit"),
        pytest.param(("checks", 0, "facts", "x"), {**FACT, "low": -1e15}, {**FACT, "low": -2e15}, id="low"),
        pytest.param(
            ("checks", 0, "facts", "x"), {**FACT, "value": [6, 0]}, {**FACT, "value": [-1]}, id="part"
        ),
        pytest.param(
            ("checks", 0, "facts", "x"),
            {**FACT, "value": 10 * [1.0]},
            {**FACT, "value": 11 * [1]},
            id="version",
        ),
        pytest.param(
            ("checks", 0, "facts", "x"),
            {**FACT, "value": 1000 * "x"},
            {**FACT, "value": 1001 * "x"},
            id="text",
        ),
        pytest.param(("checks", 0, "results"), 100 * [RESULT], 101 * [RESULT], id="results"),
        pytest.param(("checks", 0, "results", 0, "fact"), "x", "<x>", id="the fact of a result"),
        pytest.param(("checks", 0, "results", 0, "equals"), [999999999], [10**9], id="a bound"),
        pytest.param(("checks", 0, "results", 0, "equals"), [1], [], id="an empty bound"),
        pytest.param(("checks", 0, "results", 0, "because"), 1000 * "x", 1001 * "x", id="a reason"),
        pytest.param(("checks", 0, "series"), many(20, LINE), many(21, LINE), id="series"),
        pytest.param(("checks", 0, "series"), {"x": LINE}, {"X": LINE}, id="the name of a series"),
        pytest.param(("checks",), 200 * [CHECK], 201 * [CHECK], id="checks"),
    ],
)
def test_reader_and_schema_know_the_same_limits(
    path: tuple[str | int, ...], most: object, beyond: object
) -> None:
    within, outside = changed(*path, to=most)(), changed(*path, to=beyond)()
    assert validator().is_valid(within)
    json_document.load(within, "them.json")
    assert not validator().is_valid(outside)
    with pytest.raises(UsageError, match="report-damaged"):
        json_document.load(outside, "them.json")


def is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@EFFORTS
def test_reader_and_schema_agree(effort: Effort) -> None:
    whole = json_document.to_dict(REPORTS["not-ready"])
    short = {**whole, "checks": [check for check in whole["checks"] if check["results"]][4:7]}

    @effort.settings()
    @given(alter_document(short))
    def fuzz(value: object) -> None:
        try:
            json_document.load(value, "them.json")
        except UsageError:
            read = False
        else:
            read = True
        # A schema has no say on what JSON cannot hold: no bound is above or below NaN.
        assert read is (is_json(value) and validator().is_valid(value))

    effort.spend(fuzz)


def test_a_newer_schema_says_that_preflight_is_to_be_updated() -> None:
    with pytest.raises(UsageError) as told:
        json_document.load({"schema": 2, "tool": {"name": "preflight"}, "novelty": 1}, "new.json")
    assert told.value.key == "report-newer"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe\x00", id="no UTF-8"),
        pytest.param(b'{"schema": NaN}', id="NaN"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b'{"schema": 1', id="cut off"),
        pytest.param(b" " * (json_document.SIZE_LIMIT + 1), id="huge"),
    ],
)
def test_a_file_that_holds_no_report_is_told_as_such(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(UsageError) as told:
        json_document.read(str(path))
    assert told.value.key == "report-foreign"


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_text(json_document.dump(REPORTS["incomplete"]), encoding)
        assert json_document.read(str(path)) == REPORTS["incomplete"]


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        json_document.read(str(tmp_path / "none.json"))
    assert told.value.key == "file-unreadable"
