"""Jobs, facts, series and troubles as JSON and back; strict: a worker or a file may be broken."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeGuard

from preflight.model import (
    POINTS_LIMIT,
    Fact,
    Finding,
    Job,
    Kind,
    Series,
    Skip,
    Trouble,
    Value,
    is_number,
)

LINE_LIMIT = 64 * 1024
"""The longest line of the worker protocol in bytes."""
NUMBER_LIMIT = 1e15
"""No number that is measured or demanded is larger; up to here every reader knows whole numbers exactly."""
TEXT_LIMIT = 1000
"""Characters of one text, such as the reason of a demand."""
DETAIL_LIMIT = 2000
UNIT_LIMIT = 20
NAME_LIMIT = 40
"""Characters of the name of a fact."""
FACTS_LIMIT = 100
"""Facts, or demands, of one check."""
PARTS_LIMIT = 10
"""Numbers of one version."""
PART_LIMIT = 999_999_999

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e00ff]"
)
"""What makes a terminal do things (ECMA-48's control functions), what is drawn in another order or not at all
(Unicode's Bidi_Control and, but for variants of letters, Default_Ignorable_Code_Point), and what XML
or UTF-8 cannot hold."""
_BREAKS = re.compile("[\t-\r]")
"""What ends a line or jumps within it: a text of others is one piece of a line."""


class MalformedError(ValueError):
    """A document that is not what it should be; says where."""


def decode(content: bytes) -> str:
    """Return the text of a JSON or TOML file: UTF-8, or what Windows makes of it (a byte order mark, UTF-16).

    Raises `UnicodeDecodeError`.
    """
    # PowerShell 5.1 turns what it redirects into UTF-16.
    return content.decode(json.detect_encoding(content))


def parse(text: str) -> Any:
    """Return a JSON value whose texts can be printed; raises `ValueError` or `RecursionError`.

    Names of devices and programs, and whole reports, are written by others.
    """
    value = json.loads(text, parse_constant=_refuse_constant)
    return sanitize(value) if "\\" in text or _UNPRINTABLE.search(text) else value


def sanitize(value: Any) -> Any:
    """Return a JSON or TOML value with every character of its texts replaced that cannot be printed."""
    if isinstance(value, str):
        return sanitize_text(value)
    if isinstance(value, dict):
        return {sanitize(key): sanitize(item) for key, item in value.items()}
    return [sanitize(item) for item in value] if isinstance(value, list) else value


def sanitize_text(text: str) -> str:
    """Return a text that others wrote, such as a name of a file, as a piece of a line that can be printed."""
    if text.isascii() and text.isprintable():
        return text
    return _BREAKS.sub(" ", _UNPRINTABLE.sub("\ufffd", text))


def _refuse_constant(constant: str) -> None:
    raise ValueError(constant)


def job_document(job: Job) -> dict[str, Any]:
    """Return a job as JSON."""
    return {field.name: getattr(job, field.name) for field in fields(job)}


def load_job(document: object) -> Job:
    """Return a job from JSON; raises `MalformedError`."""
    if not isinstance(document, dict) or set(document) != {field.name for field in fields(Job)}:
        raise MalformedError("job")
    if not isinstance(document["checks"], list):
        raise MalformedError("job: checks")
    return Job(**{**document, "checks": tuple(document["checks"])})


def fact_document(fact: Fact) -> dict[str, Any]:
    """Return a fact as JSON; a version becomes a list."""
    value = list(fact.value) if isinstance(fact.value, tuple) else fact.value
    return {"value": value, "unit": fact.unit, "low": fact.low, "high": fact.high}


def series_document(series: Series) -> dict[str, Any]:
    """Return a series as JSON."""
    return {"unit": series.unit, "step": series.step, "values": list(series.values)}


def finding_document(finding: Finding) -> dict[str, Any]:
    """Return facts and series as JSON."""
    return {
        "facts": {name: fact_document(fact) for name, fact in finding.facts.items()},
        "series": {name: series_document(series) for name, series in finding.series.items()},
    }


def is_bounded(finding: Finding) -> bool:
    """Tell whether a finding holds only numbers that a report can: what was measured may be absurd."""
    facts = (number for fact in finding.facts.values() for number in (fact.value, fact.low, fact.high))
    series = (number for series in finding.series.values() for number in series.values)
    return all(is_bounded_number(number) for number in (*facts, *series) if is_number(number))


def load_finding(document: Mapping[str, Any]) -> Finding:
    """Return facts and series from JSON; raises `MalformedError`."""
    return Finding(
        facts={name: load_fact(fact) for name, fact in table(document, "facts").items()},
        series={name: load_series(series) for name, series in table(document, "series").items()},
    )


def load_outcome(document: Mapping[str, Any]) -> Finding | Skip | Trouble:
    """Return what a check came to, whichever it is, from JSON; raises `MalformedError`."""
    if "facts" in document:
        return load_finding(document)
    return load_skip(document) if "skipped_for" in document else load_trouble(document)


def load_fact(document: object) -> Fact:
    """Return a fact from JSON; raises `MalformedError`."""
    if not isinstance(document, dict):
        raise MalformedError("fact: not an object")
    return Fact(
        value=_load_value(document.get("value")),
        unit=text(document, "unit", UNIT_LIMIT),
        low=number(document, "low"),
        high=number(document, "high"),
    )


def load_series(document: object) -> Series:
    """Return a series from JSON; raises `MalformedError`."""
    if not isinstance(document, dict):
        raise MalformedError("series: not an object")
    values, step = document.get("values"), number(document, "step")
    if not isinstance(values, list) or len(values) > POINTS_LIMIT or step is None or step <= 0:
        raise MalformedError("series")
    if not all(is_bounded_number(value) for value in values):
        raise MalformedError("series: not numbers")
    return Series(
        unit=text(document, "unit", UNIT_LIMIT), step=step, values=tuple(float(value) for value in values)
    )


def load_trouble(document: Mapping[str, Any]) -> Trouble:
    """Return a trouble from JSON; raises `MalformedError`."""
    kind = document.get("kind")
    if kind not in tuple(Kind):
        raise MalformedError(f"trouble: {str(kind)[:NAME_LIMIT]!r}")
    return Trouble(kind=Kind(kind), detail=text(document, "detail", DETAIL_LIMIT))


def load_skip(document: Mapping[str, Any]) -> Skip:
    """Return a skip from JSON; raises `MalformedError`."""
    return Skip(skipped_for=text(document, "skipped_for"))


def table(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the object at a key, empty when there is none; raises `MalformedError`."""
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise MalformedError(f"{key}: not an object")
    return value


def text(document: Mapping[str, Any], key: str, limit: int = TEXT_LIMIT) -> str:
    """Return the text at a key, of at most this many characters; raises `MalformedError`."""
    value = document.get(key, "")
    if not isinstance(value, str):
        raise MalformedError(f"{key}: not a text")
    if len(value) > limit:
        raise MalformedError(f"{key}: longer than {limit} characters")
    return value


def number(document: Mapping[str, Any], key: str) -> float | None:
    """Return the number at a key as it stands there, or None; raises `MalformedError`."""
    value = document.get(key)
    if value is None:
        return None
    if not is_bounded_number(value):
        raise MalformedError(f"{key}: not a number")
    return value


def is_bounded_number(value: object) -> TypeGuard[float]:
    """Tell whether a JSON value is a number, and none beyond `NUMBER_LIMIT`."""
    return is_number(value) and abs(value) <= NUMBER_LIMIT


def version(value: object) -> tuple[int, ...] | None:
    """Return the numbers of a version; None if it is not one."""
    if not isinstance(value, list) or len(value) > PARTS_LIMIT:
        return None
    # To JSON 6.0 is a whole number too.
    fit = all(is_number(part) and 0 <= part <= PART_LIMIT and part == int(part) for part in value)
    return tuple(int(part) for part in value) if fit else None


def _load_value(value: object) -> Value:
    if value is None or isinstance(value, bool) or is_bounded_number(value):
        return value
    if isinstance(value, str) and len(value) <= TEXT_LIMIT:
        return value
    parts = version(value)
    if parts is None:
        raise MalformedError("value")
    return parts
