"""A report as one JSON document, schema version 1, and back: the stable interface for machines."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from preflight import codec
from preflight.errors import Usage, reason
from preflight.model import (
    Check,
    Demand,
    Fact,
    Level,
    Operator,
    Readiness,
    Report,
    Result,
    Value,
    Verdict,
    Why,
)
from preflight.texts import _

SCHEMA = 1
TOOL = "preflight"
SIZE_LIMIT = 16 << 20
"""Bytes; a report of every check with every series is a hundred times smaller."""

_Word = TypeVar("_Word", Verdict, Why, Level, Readiness)

_REPORT = (
    "schema",
    "tool",
    "policy",
    "started",
    "duration_s",
    "lang",
    "verdict",
    "left_out",
    "checks",
    "system",
)
_CHECK = (
    "id",
    "verdict",
    "why",
    "duration_s",
    "trouble",
    "skipped_for",
    "facts",
    "results",
    "series",
)
_RESULT = ("fact", "verdict", "why", "comfortable", "level", "because", "origin")


def document(report: Report) -> dict[str, Any]:
    """Return a report as JSON; `devices` only where the report names any."""
    return {
        "schema": SCHEMA,
        "tool": {"name": TOOL, "version": report.tool_version},
        "policy": {"name": report.policy_name, "version": report.policy_version},
        "started": report.started,
        "duration_s": report.duration_s,
        "lang": report.lang,
        "verdict": report.verdict.value,
        "left_out": list(report.left_out),
        "checks": [_check_document(check) for check in report.checks],
        "system": dict(report.system),
        **({"devices": dict(report.devices)} if report.devices else {}),
    }


def dump(report: Report) -> str:
    """Return a report as JSON text for people to look at."""
    return json.dumps(document(report), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def line(report: Report) -> str:
    """Return a report as one line of NDJSON."""
    text = json.dumps(document(report), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text + "\n"


def read(path: str) -> Report:
    """Return the report in a file.

    Raises `Usage` when the file cannot be read or holds something else.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise Usage("file-unreadable", path=path, reason=reason(error)) from None
    if len(content) > SIZE_LIMIT:
        raise Usage("report-foreign", path=path, reason=_("it is too large"))
    return load(parse(content, path), path)


def parse(content: bytes, path: str) -> object:
    """Return the JSON value in some bytes; raises `Usage` when there is none."""
    try:
        # PowerShell 5.1 turns what it redirects into UTF-16.
        return codec.parse(content.decode(json.detect_encoding(content)))
    except (ValueError, RecursionError):
        raise Usage("report-foreign", path=path, reason=_("it is not a JSON file")) from None


def load(value: object, path: str) -> Report:
    """Return the report that a JSON value holds.

    Raises `Usage`, naming `path`, when it is none of ours, of a newer schema, or damaged.
    """
    known(value, path)
    try:
        return _report(value)
    except codec.Malformed as error:
        raise Usage("report-foreign", path=path, reason=str(error)) from None


def known(value: object, path: str) -> None:
    """Raise `Usage` unless a JSON value says that it is a report of a schema that is understood."""
    tool = value.get("tool") if isinstance(value, dict) else None
    schema = value.get("schema") if isinstance(value, dict) else None
    if not isinstance(tool, dict) or tool.get("name") != TOOL or type(schema) is not int:
        raise Usage("report-foreign", path=path, reason=_("it was made by another program"))
    if schema > SCHEMA:
        raise Usage("report-newer", path=path, schema=schema, known=SCHEMA)
    if schema < 1:
        raise Usage("report-foreign", path=path, reason=f'"schema": {schema}')


def _check_document(check: Check) -> dict[str, Any]:
    trouble = check.trouble
    return {
        "id": check.id,
        "verdict": check.verdict.value,
        "why": check.why,
        "duration_s": check.duration_s,
        "trouble": {"kind": trouble.kind.value, "detail": trouble.detail} if trouble else None,
        "skipped_for": check.skipped_for,
        "facts": {name: codec.fact_document(fact) for name, fact in check.facts.items()},
        "results": [_result_document(result) for result in check.results],
        "series": {name: codec.series_document(series) for name, series in check.series.items()},
    }


def _result_document(result: Result) -> dict[str, Any]:
    demand = result.demand
    bound = list(demand.bound) if isinstance(demand.bound, tuple) else demand.bound
    return {
        "fact": result.fact,
        "verdict": result.verdict.value,
        "why": result.why,
        demand.operator.value: bound,
        "comfortable": demand.comfortable,
        "level": demand.level.value,
        "because": demand.because,
        "origin": demand.origin,
    }


def _report(value: object) -> Report:
    report = _object(value, "report", _REPORT, optional=("devices",))
    tool = _object(report["tool"], "tool", ("name", "version"))
    policy = _object(report["policy"], "policy", ("name", "version"))
    duration = codec.number(report, "duration_s")
    if duration is None:
        raise codec.Malformed("duration_s: not a number")
    return Report(
        tool_version=codec.text(tool, "version"),
        policy_name=codec.text(policy, "name"),
        policy_version=codec.text(policy, "version"),
        started=codec.text(report, "started"),
        duration_s=duration,
        lang=codec.text(report, "lang"),
        verdict=_word(Readiness, report["verdict"], "verdict"),
        left_out=tuple(_text(item, "left_out") for item in _list(report, "left_out")),
        checks=tuple(
            _check(check, f"checks[{index}]") for index, check in enumerate(_list(report, "checks"))
        ),
        system={
            name: _scalar(item, f"system.{name}") for name, item in codec.table(report, "system").items()
        },
        devices={
            name: _text(item, f"devices.{name}") for name, item in codec.table(report, "devices").items()
        },
    )


def _check(value: object, where: str) -> Check:
    check = _object(value, where, _CHECK)
    identity = codec.text(check, "id")
    trouble, skipped_for = check["trouble"], check["skipped_for"]
    return Check(
        id=identity,
        verdict=_word(Verdict, check["verdict"], f"{where}.verdict"),
        why=_why(check["why"], f"{where}.why"),
        duration_s=codec.number(check, "duration_s"),
        trouble=None
        if trouble is None
        else codec.load_trouble(_object(trouble, f"{where}.trouble", ("kind", "detail"))),
        skipped_for=None if skipped_for is None else _text(skipped_for, f"{where}.skipped_for"),
        facts={
            name: _fact(fact, f"{where}.facts.{name}") for name, fact in codec.table(check, "facts").items()
        },
        results=tuple(
            _result(result, identity, f"{where}.results[{index}]")
            for index, result in enumerate(_list(check, "results"))
        ),
        series={
            name: codec.load_series(
                _object(series, f"{where}.series.{name}", ("unit", "step", "values")),
            )
            for name, series in codec.table(check, "series").items()
        },
    )


def _fact(value: object, where: str) -> Fact:
    return codec.load_fact(_object(value, where, ("value", "unit", "low", "high")))


def _result(value: object, check: str, where: str) -> Result:
    result = _object(value, where, _RESULT, optional=tuple(Operator))
    used = [operator for operator in Operator if operator.value in result]
    if len(used) != 1:
        raise codec.Malformed(f"{where}: {' | '.join(Operator)}")
    return Result(
        fact=codec.text(result, "fact"),
        verdict=_word(Verdict, result["verdict"], f"{where}.verdict"),
        why=_why(result["why"], f"{where}.why"),
        demand=Demand(
            check=check,
            fact=codec.text(result, "fact"),
            operator=used[0],
            bound=_bound(result[used[0].value], where),
            comfortable=codec.number(result, "comfortable"),
            level=_word(Level, result["level"], f"{where}.level"),
            because=codec.text(result, "because"),
            origin=codec.text(result, "origin"),
        ),
    )


def _object(
    value: object, where: str, keys: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return an object that has all of `keys`, perhaps some of `optional`, and no other."""
    if not isinstance(value, dict):
        raise codec.Malformed(f"{where}: not an object")
    missing = [key for key in keys if key not in value]
    surplus = [key for key in value if key not in keys and key not in optional]
    if missing or surplus:
        raise codec.Malformed(f"{where}: {(missing or surplus)[0]}")
    return value


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    value = document[key]
    if not isinstance(value, list):
        raise codec.Malformed(f"{key}: not a list")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise codec.Malformed(f"{where}: not a text")
    return value


def _scalar(value: object, where: str) -> str | int | float | None:
    if value is None or isinstance(value, str) or codec.finite(value):
        return value
    raise codec.Malformed(f"{where}: not a text or number")


def _bound(value: object, where: str) -> Value:
    if isinstance(value, bool | str) or codec.finite(value):
        return value
    if isinstance(value, list) and value and all(type(part) is int for part in value):
        return tuple(value)
    raise codec.Malformed(f"{where}: not a bound")


def _word(words: type[_Word], value: object, where: str) -> _Word:
    if value not in tuple(words):
        raise codec.Malformed(f"{where}: {value!r}")
    return words(str(value))


def _why(value: object, where: str) -> Why | None:
    return None if value is None else _word(Why, value, where)
