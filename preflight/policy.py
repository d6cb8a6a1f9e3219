"""The policy: what is demanded, read from TOML, with a word on what is wrong and where."""

import errno
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, cast

from preflight import codec, storage
from preflight.errors import UsageError, closest_match, system_reason
from preflight.model import Demand, Level, Operator, Value, is_number
from preflight.texts import _

DEFAULT = "bluor"
SOURCES = ("camera", "microphone", "speaker", "network", "power", "software")
SIZE_LIMIT = 1 << 17
"""Bytes; the bank's own policy takes a tenth."""
_NESTING_LIMIT = 6
"""Tables within tables, and dots within a name: tomllib's time grows with their square."""
_LIST_LIMIT = 20
_STRINGS_AND_COMMENTS = re.compile(
    r'"""(?:\\.|[^\\])*?"""' + r"|'''.*?'''" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'|#[^\n]*", re.DOTALL
)
_DOTTED_NAMES = re.compile(r"[\w\-. \t]+")
_REMOTE_PATH = re.compile(r"[\\/]{2}|[\\/]\?\?[\\/]")
"""How the path of a file on another computer begins: Windows would tell that one who sits here."""
_OPERATORS = tuple(operator.value for operator in Operator)
_FACT_KEYS = ("unit", *_OPERATORS, "comfortable", "level", "because", "origin")
_CHECK_KEYS = ("level", "because", "origin")
_EXTENDS_LIMIT = 8
OLD_DAYS = 123
"""Four months: what a policy knows of Zoom's releases is then missing a whole quarter of them."""
_TEXT_FORMS = {
    re.compile(r"\d+(\.\d+){1,3} \d{4}-\d\d-\d\d", re.ASCII): "7.2.0 2026-09-18",
    re.compile(r"\d{4}-\d\d-\d\d", re.ASCII): "2026-09-18",
}
"""Texts that the program reads on; where one stands in the catalogue, a policy has to keep to its form."""
_TYPE_NAMES = {bool: "true | false", int: "number", float: "number", str: "text", list: "list", dict: "table"}
"""What a TOML value is called where another one stands in its place."""
_SYNTAX_REASONS = (
    (
        re.compile("Cannot (overwrite|declare|mutate)|Duplicate"),
        _("this name was already given a value above"),
    ),
    (
        re.compile(r"Unescaped|Invalid hex|Escaped"),
        _("within double quotation marks a backslash has to be written twice, or use single quotation marks"),
    ),
    (
        re.compile(r"Unclosed|Unterminated|Expected [\"'][]\"']|Illegal character '\\[nr]'"),
        _("a quotation mark, a bracket or a comma is missing"),
    ),
)
"""What the English words of `tomllib` mean; whatever else they say is `_NOT_TOML`."""
_NOT_TOML = _("this is not TOML; a correct line is, for example, `at_least = 8`")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """One check of the catalogue."""

    level: Level
    """Must, when any of its demands is one."""
    because: str
    origin: str
    units: Mapping[str, str]
    """Every fact the check can deliver, with its unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Demands, parameters and the catalogue of checks."""

    name: str
    version: str
    parameters: Mapping[str, Mapping[str, object]]
    catalogue: Mapping[str, CatalogueEntry]
    demands: tuple[Demand, ...]

    def demands_on(self, check: str) -> tuple[Demand, ...]:
        """Return the demands on one check, in the policy's order."""
        return tuple(demand for demand in self.demands if demand.check == check)

    def bounds(self) -> dict[str, float]:
        """Return every numeric bound by "check.fact"."""
        return {
            f"{demand.check}.{demand.fact}": float(demand.bound)
            for demand in self.demands
            if is_number(demand.bound)
        }


def load(name: str = DEFAULT) -> Policy:
    """Return the policy of that name, or of the file at that path.

    Raises `UsageError` when there is none, or when it says something that is not understood.
    """
    return _build_policy(name, _resolve(name, Path(), 0))


def built_in_names() -> tuple[str, ...]:
    """Return the names of the policies that come with the program."""
    folder = resources.files("preflight") / "policies"
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml")))


def outdated_since(policy: Policy, today: date) -> str:
    """Return the day on which the policy's list of Zoom's releases was checked, if it is out of date."""
    checked = str(policy.parameters.get("software", {}).get("zoom_checked", ""))
    day = _parse_day(checked)
    return checked if day is not None and (today - day).days > OLD_DAYS else ""


def _resolve(name: str, near: Path, depth: int) -> dict[str, Any]:
    """Return the document of a policy with everything it extends laid below it."""
    if depth > _EXTENDS_LIMIT:
        raise UsageError("policy-circle", policy=name)
    document, folder = _read(name, near)
    base = document.pop("extends", None)
    if depth == 0 and name == DEFAULT:
        return document
    if base is not None and not isinstance(base, str):
        raise UsageError("policy-type", policy=name, key="extends", wanted="text")
    catalogue = _resolve(DEFAULT, Path(), 0)
    _check_document(name, document, catalogue)
    if base is None:
        return _merge(_strip_demands(catalogue), document)
    below = catalogue if base == DEFAULT else _resolve(base, folder, depth + 1)
    # What is demanded is no longer what the other one of that name demands.
    return _merge({key: value for key, value in below.items() if key != "name"}, document)


def _read(name: str, near: Path) -> tuple[dict[str, Any], Path]:
    if name in built_in_names():
        text = (resources.files("preflight") / "policies" / f"{name}.toml").read_text("utf-8")
        return tomllib.loads(text), Path()
    path = near / name
    try:
        return codec.sanitize(_parse(name, codec.decode(storage.read(path, SIZE_LIMIT)))), path.parent
    except FileNotFoundError as error:
        if path.suffix:
            raise UsageError("file-unreadable", path=name, reason=system_reason(error)) from None
        raise UsageError("policy-unknown", policy=name, known=", ".join(built_in_names())) from None
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise UsageError("policy-huge", policy=name) from None
        raise UsageError("file-unreadable", path=name, reason=system_reason(error)) from None
    except UnicodeDecodeError:
        raise UsageError("policy-syntax", policy=name, reason=_("it is not UTF-8 text")) from None


def _parse(name: str, text: str) -> dict[str, Any]:
    """Return what a policy holds, all of it within the limits of what a policy needs."""
    for names in _DOTTED_NAMES.findall(_STRINGS_AND_COMMENTS.sub("x", text)):
        if names.count(".") > _NESTING_LIMIT:
            raise UsageError("policy-limit", policy=name, key=names.strip()[: codec.NAME_LIMIT])
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _explain_syntax(name, text, str(error)) from None
    except RecursionError:
        raise UsageError("policy-syntax", policy=name, reason=_("it is nested too deeply")) from None
    except ValueError:
        # A number of more digits than Python reads.
        raise UsageError("policy-huge", policy=name) from None
    for key, value in document.items():
        _check_sizes(name, key, value, 1)
    return document


def _explain_syntax(name: str, text: str, error: str) -> UsageError:
    """Return what is wrong with a policy, and in which line, told from the English words of `tomllib`."""
    place = re.search(r"\(at line (\d+), ", error)
    line = int(place[1]) if place else text.rstrip("\n").count("\n") + 1
    reason = next((reason for words, reason in _SYNTAX_REASONS if words.match(error)), _NOT_TOML)
    return UsageError("policy-line", policy=name, line=line, reason=reason)


def _check_sizes(name: str, where: str, value: object, depth: int) -> None:
    """Raise `UsageError` at the first name or value larger than any policy needs, or path elsewhere."""
    inner: Iterable[tuple[str, object]] = ()
    match value:
        case str():
            large = len(value) > codec.TEXT_LIMIT
            if _REMOTE_PATH.match(value):
                raise UsageError("policy-remote", policy=name, key=where)
        case int():
            large = abs(value) > codec.NUMBER_LIMIT
        case list():
            large, inner = len(value) > _LIST_LIMIT, ((where, each) for each in value)
        case dict():
            large, inner = depth > _NESTING_LIMIT, ((f"{where}.{key}", each) for key, each in value.items())
        case _:
            large = False
    if large or len(where) > codec.TEXT_LIMIT:
        raise UsageError("policy-limit", policy=name, key=where[: codec.TEXT_LIMIT])
    for key, each in inner:
        _check_sizes(name, key, each, depth + 1)


def _check_document(name: str, document: Mapping[str, Any], catalogue: Mapping[str, Any]) -> None:
    """Raise `UsageError` at the first thing in a policy that the catalogue does not know."""
    known = ("extends", "name", "version", "date", "parameters", *SOURCES)
    for key, value in document.items():
        _check_known(name, key, key, known)
        if key in SOURCES:
            _check_source(name, key, _as_table(name, key, value), catalogue.get(key, {}))
    for source, table in _as_table(name, "parameters", document.get("parameters", {})).items():
        where = f"parameters.{source}"
        _check_known(name, where, source, SOURCES)
        theirs = catalogue.get("parameters", {}).get(source, {})
        for key, value in _as_table(name, where, table).items():
            _check_known(name, f"{where}.{key}", key, tuple(theirs))
            _check_type(name, f"{where}.{key}", value, theirs[key])
            if type(theirs[key]) in {int, float} and not (codec.is_bounded_number(value) and value > 0):
                raise UsageError("policy-value", policy=name, key=f"{where}.{key}", value=value, wanted="> 0")


def _check_source(name: str, source: str, table: Mapping[str, Any], catalogue: Mapping[str, Any]) -> None:
    for check, facts in table.items():
        where = f"{source}.{check}"
        _check_known(name, where, check, tuple(catalogue))
        for fact, entry in _as_table(name, where, facts).items():
            key = f"{where}.{fact}"
            if fact in _CHECK_KEYS and not isinstance(entry, dict):
                _check_text(name, key, fact, entry)
                continue
            _check_known(
                name, key, fact, tuple(k for k, v in catalogue[check].items() if isinstance(v, dict))
            )
            _check_fact(name, key, _as_table(name, key, entry), catalogue[check][fact])


def _check_fact(name: str, where: str, entry: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    # What has a unit is a number, also where the catalogue demands nothing of it.
    usual = next((theirs[operator] for operator in _OPERATORS if operator in theirs), None)
    usual = 0 if usual is None and theirs.get("unit") else usual
    for key, value in entry.items():
        _check_known(name, f"{where}.{key}", key, _FACT_KEYS)
        if key == "unit" and value != theirs.get("unit", ""):
            raise UsageError("policy-unit", policy=name, key=where, unit=theirs.get("unit", "") or "-")
        if key in (*_CHECK_KEYS, "unit"):
            _check_text(name, f"{where}.{key}", key, value)
        if key in _OPERATORS and usual is not None:
            _check_type(name, f"{where}.{key}", value, usual)


def _check_text(name: str, where: str, key: str, value: object) -> None:
    if not isinstance(value, str):
        raise UsageError("policy-type", policy=name, key=where, wanted="text")
    if key == "level" and value not in tuple(Level):
        raise UsageError("policy-value", policy=name, key=where, value=value, wanted=" | ".join(Level))


def _check_known(name: str, where: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise UsageError(
            "policy-key", policy=name, key=where, nearest=closest_match(word, known) or ", ".join(known)
        )


def _as_table(name: str, where: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError("policy-type", policy=name, key=where, wanted="table")
    return cast("dict[str, Any]", value)


def _check_type(name: str, where: str, value: object, theirs: object) -> None:
    wanted = _TYPE_NAMES[type(theirs)]
    if _TYPE_NAMES.get(type(value)) != wanted:
        raise UsageError("policy-type", policy=name, key=where, wanted=wanted)
    if isinstance(value, str) and isinstance(theirs, str):
        _check_form(name, where, value, theirs)
    if isinstance(value, list) and isinstance(theirs, list):
        for each in value:
            _check_type(name, where, each, theirs[0])
    if isinstance(value, dict) and isinstance(theirs, dict):
        for key, each in value.items():
            _check_known(name, f"{where}.{key}", key, tuple(theirs))
            _check_type(name, f"{where}.{key}", each, theirs[key])


def _check_form(name: str, where: str, value: str, theirs: str) -> None:
    for form, example in _TEXT_FORMS.items():
        if form.fullmatch(theirs) and not (form.fullmatch(value) and _parse_day(value)):
            raise UsageError("policy-type", policy=name, key=where, wanted=f"{_TYPE_NAMES[str]}, {example}")


def _parse_day(text: str) -> date | None:
    """Return the day that a text ends in, None where there is no such day."""
    try:
        return date.fromisoformat(text[-10:])
    except ValueError:
        return None


def _strip_demands(catalogue: Mapping[str, Any]) -> dict[str, Any]:
    """Return the catalogue with its parameters and units, but without a single demand."""
    bare: dict[str, Any] = {"parameters": catalogue.get("parameters", {})}
    for source in SOURCES:
        bare[source] = {
            check: {
                key: {"unit": value.get("unit", "")} if isinstance(value, dict) else value
                for key, value in facts.items()
            }
            for check, facts in catalogue.get(source, {}).items()
        }
    return bare


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return `below` with the single entries of `above` laid over it."""
    merged = dict(below)
    if any(operator in above for operator in _OPERATORS):
        for key in (*_OPERATORS, "comfortable"):
            merged.pop(key, None)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _build_policy(name: str, document: Mapping[str, Any]) -> Policy:
    for key in ("name", "version"):
        if not isinstance(document.get(key, name), str):
            raise UsageError("policy-type", policy=name, key=key, wanted="text")
    catalogue: dict[str, CatalogueEntry] = {}
    demands: list[Demand] = []
    for source in SOURCES:
        for check, table in document.get(source, {}).items():
            own = tuple(_read_demands(name, f"{source}.{check}", table))
            must = any(demand.level is Level.MUST for demand in own)
            catalogue[f"{source}.{check}"] = CatalogueEntry(
                level=Level.MUST if must else Level.SHOULD,
                because=table.get("because", ""),
                origin=table.get("origin", ""),
                units={
                    fact: entry.get("unit", "") for fact, entry in table.items() if isinstance(entry, dict)
                },
            )
            demands += own
    if not demands:
        raise UsageError("policy-empty", policy=name)
    return Policy(
        name=document.get("name", codec.sanitize(Path(name).stem)),
        version=document.get("version", ""),
        parameters=document.get("parameters", {}),
        catalogue=catalogue,
        demands=tuple(demands),
    )


def _read_demands(name: str, check: str, table: Mapping[str, Any]) -> Iterator[Demand]:
    for fact, entry in table.items():
        where = f"{check}.{fact}"
        if not isinstance(entry, dict):
            continue
        used = [operator for operator in Operator if operator.value in entry]
        if len(used) > 1:
            raise UsageError("policy-operators", policy=name, key=where, found=", ".join(used))
        if not used:
            if "comfortable" in entry:
                raise UsageError("policy-comfortable", policy=name, key=where)
            continue
        bound = _read_bound(name, f"{where}.{used[0]}", used[0], entry[used[0]])
        yield Demand(
            check=check,
            fact=fact,
            operator=used[0],
            bound=bound,
            comfortable=_read_comfortable(name, where, used[0], bound, entry.get("comfortable")),
            level=Level(entry.get("level", table.get("level", Level.MUST))),
            because=entry.get("because", table.get("because", "")),
            origin=entry.get("origin", table.get("origin", "")),
        )


def _read_bound(name: str, where: str, operator: Operator, value: object) -> Value:
    if parts := codec.version(value):
        return parts
    if codec.is_bounded_number(value) or (operator is Operator.EQUALS and isinstance(value, bool | str)):
        return value
    raise UsageError("policy-type", policy=name, key=where, wanted="number")


def _read_comfortable(name: str, where: str, operator: Operator, bound: Value, value: object) -> float | None:
    if value is None:
        return None
    if operator is Operator.EQUALS or not codec.is_bounded_number(value) or not is_number(bound):
        raise UsageError("policy-comfortable", policy=name, key=where)
    if (value < bound) if operator is Operator.AT_LEAST else (value > bound):
        raise UsageError("policy-comfortable", policy=name, key=where)
    return float(value)
