"""The tables of the reference pages, made from the schema and the policy.

`python tests/reference.py` writes them below the mark in each page. A test keeps them current.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import preflight
from preflight import policy
from preflight.policy import Policy
from preflight.texts import LEVELS, Words

HERE = Path(__file__).parents[1] / ".github"
SCHEMA = Path(preflight.__file__).parent / "reports" / "report.schema.json"
MARK = "<!-- made by tests/reference.py -->\n"
OBJECTS = ("check", "fact", "result", "series")


def current(page: Path) -> str:
    """Return a page as it stands, with its tables made anew."""
    words, mark, _ = page.read_text("utf-8").partition(MARK)
    return f"{words}{mark}\n{PAGES[page]()}"


def json_tables() -> str:
    """Return the tables of all that a report as JSON can hold."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    defs = schema["$defs"]
    tables = [_object("The report", schema, defs)]
    return "\n".join(tables + [_object(f"A {name}", defs[name], defs) for name in OBJECTS])


def policy_tables() -> str:
    """Return the tables of what the bank's own policy demands."""
    demanded = policy.load()
    return "\n".join([*_parameters(demanded), *_demands(demanded)])


def _object(title: str, schema: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    lines = [f"## {title}\n"]
    lines += [schema["description"] + "\n"] if "description" in schema else []
    lines += ["| key | type | meaning |", "|---|---|---|"]
    lines += [f"| `{key}` | {kind} | {meaning} |" for key, kind, meaning in _rows("", schema, defs)]
    return "\n".join(lines) + "\n"


def _rows(within: str, schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield key, type and meaning of each property, and of those within it."""
    required = schema.get("required", ())
    for name, theirs in schema["properties"].items():
        meaning = _meaning(theirs, defs)
        chosen = name in ("at_least", "at_most", "equals")
        optional = "" if name in required or chosen else " Not always there."
        yield within + name, _type(theirs, defs), (meaning + optional).strip()
        if "properties" in theirs:
            yield from _rows(f"{within}{name}.", theirs, defs)


def _meaning(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    named = defs.get(schema.get("$ref", "").rpartition("/")[2], {})
    return str(schema.get("description") or named.get("description", ""))


def _type(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> str:  # noqa: C901, PLR0911 - a kind of schema each
    match schema:
        case {"$ref": str(reference)}:
            name = reference.rpartition("/")[2]
            own = f"a [{name}](#a-{name})"
            return own if name in OBJECTS else _type(defs[name], defs)
        case {"const": value}:
            return f"`{json.dumps(value)}`"
        case {"enum": list(values)}:
            return ", ".join(f"`{json.dumps(value)}`" for value in values)
        case {"anyOf": list(choices)}:
            return " or ".join(_type(each, defs) for each in choices)
        case {"type": "array", "items": dict(items)}:
            most = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
            return f"array of {_type(items, defs)}{most}"
        case {"type": "object", "additionalProperties": dict(values)}:
            return f"object of {_type(values, defs)}"
        case {"format": str(name)}:
            return f"string, a {name}"
        case {"pattern": str(pattern)}:
            return f"string like `{pattern}`"
        case {"type": list(kinds)}:
            return " or ".join(kinds)
        case {"type": str(kind)}:
            return kind
    raise ValueError(f"a schema of a kind that this page does not know: {schema}")


def _parameters(demanded: Policy) -> Iterator[str]:
    yield "## Parameters\n\nHow things are measured; what each means stands beside it in `bluor.toml`.\n"
    yield "| key | value |\n|---|---|"
    for source, table in demanded.parameters.items():
        yield from (
            f"| `parameters.{source}.{key}` | `{json.dumps(value)}` |" for key, value in table.items()
        )
    yield ""


def _demands(demanded: Policy) -> Iterator[str]:
    words = Words("en")
    yield "## What the bank's policy demands\n"
    for check, entry in demanded.catalogue.items():
        yield f"### {check}\n\n{entry.because} ({entry.origin})\n"
        yield "| fact | in words | unit | demanded | level | origin of the figure |"
        yield "|---|---|---|---|---|---|"
        demands = {demand.fact: demand for demand in demanded.demands_on(check)}
        for fact, unit in entry.units.items():
            row = [f"`{fact}`", words.label(check, fact), unit]
            if demand := demands.get(fact):
                mark = (
                    ""
                    if demand.comfortable is None
                    else f", comfortable {words.comfortable_bound(demand, unit)}"
                )
                row += [words.bound(demand, unit) + mark, words.say(LEVELS[demand.level])]
                row += [demand.origin if demand.origin != entry.origin else ""]
            else:
                row += ["only informs", "", ""]
            yield "| " + " | ".join(row) + " |"
        yield ""


PAGES: Mapping[Path, Callable[[], str]] = {
    HERE / "JSON.md": json_tables,
    HERE / "POLICY.md": policy_tables,
}

if __name__ == "__main__":
    for each in PAGES:
        each.write_text(current(each), "utf-8")
