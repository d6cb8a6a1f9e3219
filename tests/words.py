"""The catalogues of Latvian and Russian.

`python tests/words.py update` after the texts changed: adds new messages to
the .po files, untranslated, and drops those that are no longer used. `... compile` after
translating: writes the .mo files that the program reads. The messages are the texts
marked with `_` and the reasons and origins in the policies.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1] / "preflight"
LANGUAGES = ("lv", "ru")
WIDTH = 110
_CALL = re.compile(r"\b_\(")
_NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_TRANSIENT = (
    '"Project-Id',
    '"Report-',
    '"POT-',
    '"PO-Rev',
    '"Last-Tr',
    '"Language-Team',
    '"Generated',
)


@cache
def messages() -> tuple[tuple[str, str], ...]:
    """Return every message a person may read, with the room it comes from."""
    return tuple(_messages())


def _messages() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text("utf-8")
        # Few rooms hold any, and a tree takes its time.
        tree = ast.parse(text if _CALL.search(text) else "")
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            match call:
                case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(message))]):
                    yield message, path.relative_to(ROOT).as_posix()
    for path in sorted((ROOT / "policies").glob("*.toml")):
        for message in _reasons(tomllib.loads(path.read_text("utf-8"))):
            yield message, path.relative_to(ROOT).as_posix()


def template() -> Catalog:
    """Return a catalogue of all messages without translations."""
    catalogue = Catalog(project="preflight", fuzzy=False)
    for message, room in messages():
        catalogue.add(message, locations=[(room, 0)])
    return catalogue


def read(lang: str) -> Catalog:
    """Return the catalogue of a language as it stands in its .po file."""
    with path(lang, "po").open("rb") as file:
        return read_po(file, locale=lang)


def path(lang: str, suffix: str) -> Path:
    """Return where a catalogue stands."""
    return ROOT / "locale" / lang / "LC_MESSAGES" / f"preflight.{suffix}"


def compiled(catalogue: Catalog) -> bytes:
    """Return a catalogue as the program reads it, the same on every day."""
    catalogue.creation_date = catalogue.revision_date = _NO_DAY
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def update(lang: str) -> None:
    """Bring a .po file up to the messages in use; what is new waits for a translation."""
    known = read(lang) if path(lang, "po").exists() else Catalog(locale=lang)
    fresh = Catalog(locale=lang, project="preflight", fuzzy=False, header_comment="")
    for message in template():
        if message.id:
            old = known.get(message.id)
            fresh.add(message.id, old.string if old else "", locations=message.locations)
    write(lang, fresh)


def write(lang: str, catalogue: Catalog) -> None:
    """Write a .po file; without its maker and the day of its making it changes only when its words do."""
    out = BytesIO()
    write_po(out, catalogue, width=WIDTH, sort_output=False, include_lineno=False)
    lines = out.getvalue().decode().splitlines(keepends=True)
    path(lang, "po").parent.mkdir(parents=True, exist_ok=True)
    path(lang, "po").write_text("".join(line for line in lines if not line.startswith(_TRANSIENT)), "utf-8")


def _reasons(table: dict[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _reasons(value)
        elif key in ("because", "origin"):
            yield value


if __name__ == "__main__":
    for lang in LANGUAGES:
        if sys.argv[1:] == ["update"]:
            update(lang)
        elif sys.argv[1:] == ["compile"]:
            path(lang, "mo").write_bytes(compiled(read(lang)))
        else:
            sys.exit(__doc__)
