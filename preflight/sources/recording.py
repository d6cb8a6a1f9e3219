"""A recording in place of a device: the JSON document that `--record` writes."""

import json
from pathlib import Path

from preflight import captures
from preflight.errors import Unmeasured
from preflight.model import Kind

LARGEST = 4_000_000
"""Bytes; a recorded network run, the largest, takes about 40 kB."""


def read(source: str, path: str) -> list[object]:
    """Return the captures, and `Broken`s, that the file holds for this source.

    Raises `Unmeasured(BAD_INPUT)` for whatever is not such a document.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Unmeasured(Kind.BAD_INPUT, error.strerror or type(error).__name__) from error
    if len(content) > LARGEST:
        raise Unmeasured(Kind.BAD_INPUT, f"larger than {LARGEST} bytes")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unmeasured(Kind.BAD_INPUT, f"not JSON: {error}") from error
    return captures.load(source, document)
