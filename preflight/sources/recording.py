"""A recording in place of a device: captures as the JSON document that `--record` writes, and back."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from preflight.captures import (
    Download,
    Endurance,
    HearingCapture,
    OutputCapture,
    PowerCapture,
    Reach,
    Rehearsal,
    SoftwareCapture,
    Upload,
)
from preflight.errors import MeasurementError, label
from preflight.model import FailedCapture, Kind, Trouble, is_number

RECORDED: Mapping[str, Mapping[str, type]] = {
    "network": {
        "download": Download,
        "upload": Upload,
        "rehearsal": Rehearsal,
        "endurance": Endurance,
        "reach": Reach,
    },
    "power": {"power": PowerCapture},
    "speaker": {"output": OutputCapture, "hearing": HearingCapture},
    "software": {"software": SoftwareCapture},
}
"""The captures that are plain data, by source and name: what `--record` writes and a file is read as."""

RECORDING_VERSION = 1
LARGEST_NUMBER = 2**63
"""No reading of a computer is larger; what is could not be reckoned with."""
MOST_BYTES = 4_000_000
"""Of a file; a recorded network run, the largest, takes about 40 kB."""


def read(source: str, path: str) -> list[object]:
    """Return the captures, and each `FailedCapture`, that the file holds for this source.

    Raises `MeasurementError(BAD_INPUT)` for whatever is not such a document.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise MeasurementError(Kind.BAD_INPUT, label(error)) from error
    if len(content) > MOST_BYTES:
        raise MeasurementError(Kind.BAD_INPUT, f"larger than {MOST_BYTES:d} bytes")
    try:
        document = json.loads(content)
    except json.JSONDecodeError as error:
        raise MeasurementError(
            Kind.BAD_INPUT, f"not JSON: line {error.lineno:d}, column {error.colno:d}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise MeasurementError(Kind.BAD_INPUT, f"not JSON: {label(error)}") from error
    return load(source, document)


def dump(source: str, captures: Iterable[object]) -> dict[str, object]:
    """Return the JSON document that holds these captures of one source.

    A `FailedCapture` is kept too, so that a recording replays as the run it was made of.
    """
    names = {cls: name for name, cls in RECORDED[source].items()}
    kept: dict[str, object] = {}
    broken: dict[str, object] = {}
    for capture in captures:
        if isinstance(capture, FailedCapture):
            broken[names[capture.reads]] = asdict(capture.trouble)
        elif is_dataclass(capture) and not isinstance(capture, type):
            kept[names[type(capture)]] = asdict(capture)
    document: dict[str, object] = {"source": source, "version": RECORDING_VERSION, "captures": kept}
    return document | {"broken": broken} if broken else document


def load(source: str, document: object) -> list[object]:
    """Return the captures (and `FailedCapture`s) a JSON document holds.

    Raises `MeasurementError(BAD_INPUT)` that names the place where the document is not as `dump` writes it.
    """
    top = _require_object(document, "the document")
    if top.get("source") != source:
        raise _bad_input("source", f"is not {source!r}")
    if top.get("version") != RECORDING_VERSION:
        raise _bad_input("version", f"is not {RECORDING_VERSION}")
    if top.keys() - {"source", "version", "captures", "broken"}:
        raise _bad_input("the document", "has a key that is not known")
    read = [
        _parse_capture(source, name, value)
        for name, value in _require_object(top.get("captures"), "captures").items()
    ]
    for name, value in _require_object(top.get("broken", {}), "broken").items():
        reads = _capture_class(source, name)
        trouble: Trouble = _parse(Trouble, value, f"broken.{name}")
        read.append(FailedCapture(reads=reads, trouble=trouble))
    if not read:
        raise _bad_input("captures", "is empty")
    return read


def _parse_capture(source: str, name: str, value: object) -> object:
    return _parse(_capture_class(source, name), value, f"captures.{name}")


def _capture_class(source: str, name: str) -> type:
    try:
        return RECORDED[source][name]
    except KeyError:
        raise _bad_input("captures", f"holds something else than {', '.join(RECORDED[source])}") from None


def _bad_input(where: str, what: str) -> MeasurementError:
    return MeasurementError(Kind.BAD_INPUT, f"{where} {what}")


def _require_object(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _bad_input(where, "is not an object")
    return value


def _parse(kind: Any, value: object, where: str) -> Any:
    """Return `value`, read from JSON, as the annotated type `kind`."""
    if is_dataclass(kind):
        return _parse_object(kind, value, where)
    if kind in SCALARS:
        wanted, is_right = SCALARS[kind]
        if not is_right(value):
            raise _bad_input(where, f"is not {wanted}")
        return kind(value)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        if value is None and NoneType in arguments:
            return None
        (inner,) = (argument for argument in arguments if argument is not NoneType)
        return _parse(inner, value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise _bad_input(where, "is not a list")
        return tuple(_parse(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    raise TypeError(f"{kind} cannot be recorded")


def _parse_object(kind: Any, value: object, where: str) -> Any:
    table = _require_object(value, where)
    hints = get_type_hints(kind)
    if table.keys() - hints.keys():
        raise _bad_input(where, "has a key that is not known")
    for field in fields(kind):
        if field.name not in table and field.default is MISSING and field.default_factory is MISSING:
            raise _bad_input(f"{where}.{field.name}", "is missing")
    return kind(**{key: _parse(hints[key], item, f"{where}.{key}") for key, item in table.items()})


SCALARS: Mapping[Any, tuple[str, Callable[[object], bool]]] = {
    float: ("a number below 2^63", lambda value: is_number(value) and abs(value) < LARGEST_NUMBER),
    int: ("a whole number below 2^63", lambda value: type(value) is int and abs(value) < LARGEST_NUMBER),
    str: ("a text", lambda value: isinstance(value, str)),
    bool: ("true or false", lambda value: isinstance(value, bool)),
    Kind: ("a kind of trouble", lambda value: isinstance(value, str) and value in set(Kind)),
}
"""How each scalar is named to a person, and what JSON value may stand for it."""
