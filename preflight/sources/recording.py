"""A recording in place of a device: the JSON document that `--record` writes."""

import json
from pathlib import Path

from preflight import captures
from preflight.errors import MeasurementError, label
from preflight.model import Kind

LARGEST = 4_000_000
"""Bytes; a recorded network run, the largest, takes about 40 kB."""


def read(source: str, path: str) -> list[object]:
    """Return the captures, and each `FailedCapture`, that the file holds for this source.

    Raises `MeasurementError(BAD_INPUT)` for whatever is not such a document.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise MeasurementError(Kind.BAD_INPUT, label(error)) from error
    if len(content) > LARGEST:
        raise MeasurementError(Kind.BAD_INPUT, f"larger than {LARGEST:d} bytes")
    try:
        document = json.loads(content)
    except json.JSONDecodeError as error:
        raise MeasurementError(
            Kind.BAD_INPUT, f"not JSON: line {error.lineno:d}, column {error.colno:d}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise MeasurementError(Kind.BAD_INPUT, f"not JSON: {label(error)}") from error
    return captures.load(source, document)
