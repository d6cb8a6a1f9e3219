"""A report as one JSON document, schema version 1, and back: the stable interface for machines."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from preflight import codec
from preflight.errors import UsageError, system_reason
from preflight.model import (
    Check,
    Demand,
    Fact,
    Level,
    Operator,
    Readiness,
    Report,
    Result,
    SkipReason,
    Value,
    Verdict,
    WarnReason,
)
from preflight.texts import LANGUAGES, _

SCHEMA = 1
TOOL = "preflight"
SIZE_LIMIT = 2 << 20
"""Bytes; a report of every check with every series is thirty times smaller."""
CHECKS_LIMIT = 200
SERIES_LIMIT = 20
SYSTEM_LIMIT = 50
DEVICES_LIMIT = 20
ID_LIMIT = 60
ID = re.compile(r"[a-z]+\.[a-z_]+")
"""Of a check, also of one that only a newer preflight has."""
NAME = re.compile(r"[a-z][a-z0-9_]*")
"""Of a fact or a series."""
_SOURCE = re.compile(r"[a-z]+")
_ANY_TEXT = re.compile(r".*", re.DOTALL)
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}")

_Enum = TypeVar("_Enum", Verdict, WarnReason, Level, Readiness)

_REPORT_KEYS = (
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
_CHECK_KEYS = (
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
_RESULT_KEYS = ("fact", "verdict", "why", "comfortable", "level", "because", "origin")


def to_dict(report: Report) -> dict[str, Any]:
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
        "checks": [_check_dict(check) for check in report.checks],
        "system": dict(report.system),
        **({"devices": dict(report.devices)} if report.devices else {}),
    }


def dump(report: Report) -> str:
    """Return a report as JSON text for people to look at."""
    return json.dumps(to_dict(report), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def dump_line(report: Report) -> str:
    """Return a report as one line of NDJSON."""
    text = json.dumps(to_dict(report), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text + "\n"


def dump_overview(document: Mapping[str, Any]) -> str:
    """Return what is said of several reports as JSON text."""
    return json.dumps({"schema": SCHEMA, **document}, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def read(path: str) -> Report:
    """Return the report in a file.

    Raises `UsageError` when the file cannot be read or holds something else.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise UsageError("file-unreadable", path=path, reason=system_reason(error)) from None
    if len(content) > SIZE_LIMIT:
        raise UsageError("report-foreign", path=path, reason=_("it is too large"))
    return load(parse(content, path), path)


def parse(content: bytes, path: str) -> object:
    """Return the JSON value in some bytes; raises `UsageError` when there is none."""
    try:
        return codec.parse(codec.decode(content))
    except (ValueError, RecursionError):
        raise UsageError("report-foreign", path=path, reason=_("it is not a JSON file")) from None


def load(value: object, path: str) -> Report:
    """Return the report that a JSON value holds.

    Raises `UsageError`, naming `path`, when it is none of ours, of a newer schema, or damaged.
    """
    require_known_schema(value, path)
    try:
        return _load_report(value)
    except codec.MalformedError as error:
        raise UsageError("report-damaged", path=path, place=str(error)) from None


def require_known_schema(value: object, path: str) -> None:
    """Raise `UsageError` unless a JSON value says that it is a report of a schema that is understood."""
    tool = value.get("tool") if isinstance(value, dict) else None
    schema = value.get("schema") if isinstance(value, dict) else None
    if not isinstance(tool, dict) or tool.get("name") != TOOL or not _is_whole(schema):
        raise UsageError("report-foreign", path=path, reason=_("it was made by another program"))
    if schema > SCHEMA:
        raise UsageError("report-newer", path=path, schema=schema, known=SCHEMA)
    if schema < 1:
        raise UsageError("report-damaged", path=path, place=f"schema: {schema}")


def _check_dict(check: Check) -> dict[str, Any]:
    trouble = check.trouble
    return {
        "id": check.id,
        "verdict": check.verdict.value,
        "why": check.why,
        "duration_s": check.duration_s,
        "trouble": {"kind": trouble.kind.value, "detail": trouble.detail} if trouble else None,
        "skipped_for": check.skipped_for,
        "facts": {name: codec.fact_document(fact) for name, fact in check.facts.items()},
        "results": [_result_dict(result) for result in check.results],
        "series": {name: codec.series_document(series) for name, series in check.series.items()},
    }


def _result_dict(result: Result) -> dict[str, Any]:
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


def _load_report(value: object) -> Report:
    report = _object(value, "report", _REPORT_KEYS, optional=("devices",))
    tool = _object(report["tool"], "tool", ("name", "version"))
    policy = _object(report["policy"], "policy", ("name", "version"))
    duration = _seconds(report, "duration_s")
    if duration is None:
        raise codec.MalformedError("duration_s: not a number")
    left_out = tuple(_id(item, "left_out") for item in _list(report, "left_out", CHECKS_LIMIT))
    if len(set(left_out)) < len(left_out):
        raise codec.MalformedError("left_out: one id twice")
    return Report(
        tool_version=codec.text(tool, "version"),
        policy_name=codec.text(policy, "name"),
        policy_version=codec.text(policy, "version"),
        started=_matching_text(report["started"], _TIMESTAMP, "started"),
        duration_s=duration,
        lang=_language(report["lang"]),
        verdict=_enum_member(Readiness, report["verdict"], "verdict"),
        left_out=left_out,
        checks=tuple(
            _load_check(check, f"checks[{index}]")
            for index, check in enumerate(_list(report, "checks", CHECKS_LIMIT))
        ),
        system={
            name: _scalar(item, f"system.{name}")
            for name, item in _table(report, "system", _ANY_TEXT, SYSTEM_LIMIT).items()
        },
        devices={
            name: _text(item, f"devices.{name}")
            for name, item in _table(report, "devices", _SOURCE, DEVICES_LIMIT).items()
        },
    )


def _load_check(value: object, where: str) -> Check:
    check = _object(value, where, _CHECK_KEYS)
    identity = _id(check["id"], f"{where}.id")
    trouble, skipped_for = check["trouble"], check["skipped_for"]
    return Check(
        id=identity,
        verdict=_enum_member(Verdict, check["verdict"], f"{where}.verdict"),
        why=_why(check["why"], f"{where}.why"),
        duration_s=_seconds(check, "duration_s"),
        trouble=None
        if trouble is None
        else codec.load_trouble(_object(trouble, f"{where}.trouble", ("kind", "detail"))),
        skipped_for=None if skipped_for is None else _skipped_for(skipped_for, f"{where}.skipped_for"),
        facts={
            name: _load_fact(fact, f"{where}.facts.{name}")
            for name, fact in _table(check, "facts", NAME, codec.FACTS_LIMIT).items()
        },
        results=tuple(
            _load_result(result, identity, f"{where}.results[{index}]")
            for index, result in enumerate(_list(check, "results", codec.FACTS_LIMIT))
        ),
        series={
            name: codec.load_series(
                _object(series, f"{where}.series.{name}", ("unit", "step", "values")),
            )
            for name, series in _table(check, "series", NAME, SERIES_LIMIT).items()
        },
    )


def _load_fact(value: object, where: str) -> Fact:
    return codec.load_fact(_object(value, where, ("value", "unit", "low", "high")))


def _load_result(value: object, check: str, where: str) -> Result:
    result = _object(value, where, _RESULT_KEYS, optional=tuple(Operator))
    used = [operator for operator in Operator if operator.value in result]
    if len(used) != 1:
        raise codec.MalformedError(f"{where}: {' | '.join(Operator)}")
    fact = _matching_text(result["fact"], NAME, f"{where}.fact", codec.NAME_LIMIT)
    return Result(
        fact=fact,
        verdict=_enum_member(Verdict, result["verdict"], f"{where}.verdict"),
        why=_why(result["why"], f"{where}.why"),
        demand=Demand(
            check=check,
            fact=fact,
            operator=used[0],
            bound=_bound(result[used[0].value], where),
            comfortable=codec.number(result, "comfortable"),
            level=_enum_member(Level, result["level"], f"{where}.level"),
            because=codec.text(result, "because"),
            origin=codec.text(result, "origin"),
        ),
    )


def _object(
    value: object, where: str, keys: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return an object that has all of `keys`, perhaps some of `optional`, and no other."""
    if not isinstance(value, dict):
        raise codec.MalformedError(f"{where}: not an object")
    missing = [key for key in keys if key not in value]
    surplus = [key for key in value if key not in keys and key not in optional]
    if missing or surplus:
        raise codec.MalformedError(f"{where}: {(missing or surplus)[0][: codec.NAME_LIMIT]}")
    return value


def _table(document: Mapping[str, Any], key: str, names: re.Pattern[str], limit: int) -> dict[str, Any]:
    """Return the object at a key, with at most so many names, each of them of a pattern."""
    table = codec.table(document, key)
    if len(table) > limit:
        raise codec.MalformedError(f"{key}: more than {limit}")
    for name in table:
        _matching_text(name, names, key, codec.NAME_LIMIT)
    return table


def _list(document: Mapping[str, Any], key: str, limit: int) -> list[Any]:
    value = document[key]
    if not isinstance(value, list):
        raise codec.MalformedError(f"{key}: not a list")
    if len(value) > limit:
        raise codec.MalformedError(f"{key}: more than {limit}")
    return value


def _text(value: object, where: str, limit: int = codec.TEXT_LIMIT) -> str:
    if not isinstance(value, str) or len(value) > limit:
        raise codec.MalformedError(f"{where}: not a text of at most {limit} characters")
    return value


def _matching_text(value: object, pattern: re.Pattern[str], where: str, limit: int = codec.TEXT_LIMIT) -> str:
    """Return a text that is of a pattern as a whole."""
    text = _text(value, where, limit)
    if not pattern.fullmatch(text):
        raise codec.MalformedError(f"{where}: {pattern.pattern}")
    return text


def _id(value: object, where: str) -> str:
    return _matching_text(value, ID, where, ID_LIMIT)


def _skipped_for(value: object, where: str) -> str:
    return str(value) if value in tuple(SkipReason) else _id(value, where)


def _language(value: object) -> str:
    if value not in LANGUAGES:
        raise codec.MalformedError(f"lang: {' | '.join(LANGUAGES)}")
    return str(value)


def _is_whole(value: object) -> TypeGuard[int]:
    """Tell whether a JSON value is a whole number, which may end in .0 there."""
    return codec.is_bounded_number(value) and value == int(value)


def _seconds(document: Mapping[str, Any], key: str) -> float | None:
    seconds = codec.number(document, key)
    if seconds is not None and seconds < 0:
        raise codec.MalformedError(f"{key}: below 0")
    return seconds


def _scalar(value: object, where: str) -> str | int | float | None:
    if value is None or codec.is_bounded_number(value):
        return value
    return _text(value, where)


def _bound(value: object, where: str) -> Value:
    if isinstance(value, bool) or codec.is_bounded_number(value):
        return value
    if isinstance(value, str):
        return _text(value, where)
    version = codec.version(value)
    if not version:
        raise codec.MalformedError(f"{where}: not a bound")
    return version


def _enum_member(words: type[_Enum], value: object, where: str) -> _Enum:
    if value not in tuple(words):
        raise codec.MalformedError(f"{where}: {str(value)[: codec.NAME_LIMIT]!r}")
    return words(str(value))


def _why(value: object, where: str) -> WarnReason | None:
    return None if value is None else _enum_member(WarnReason, value, where)
