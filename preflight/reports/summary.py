"""What many reports come to: counts, commonest failures, how each fact is spread.

Reports are streamed: only the numbers stay, eight bytes each, and so many different words.
"""

import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from preflight import codec, storage
from preflight.errors import UsageError, UserError, system_reason
from preflight.measures.estimate import percentile
from preflight.model import Kind, Readiness, Verdict, between, exact
from preflight.reports import json_document
from preflight.reports.content import source_of
from preflight.reports.overview import Entry, Overview, Part
from preflight.texts import MISSES, READINESS, SOURCES, TROUBLES, VERDICTS, Words, _

_LINE_SUFFIXES = (".ndjson", ".jsonl")
_SUFFIXES = (".json", *_LINE_SUFFIXES)
_COMMONEST = 10
_VALUES_LIMIT = 1000
"""Different texts or versions of one fact that are told apart."""
_TEXTS_LIMIT = 20_000
"""Such texts of all facts together."""
_GROUPS_LIMIT = 1000
"""Different systems, versions, policies, checks or failures that are told apart."""
_FACTS_LIMIT = 5000
_KEY_LENGTH = 100
"""Characters of what is told apart."""
_GROUPS_SHOWN = 20
_COMPLAINTS_LIMIT = 5
_OTHERS = ""
"""The one group of whatever there was no room for."""
_Key = TypeVar("_Key", str, tuple[str, str])
_YES, _NO = _("yes"), _("no")
_PLAIN_TEXTS = {_YES: "true", _NO: "false"}
"""As JSON has them."""
_LEAST_FOR_PERCENTILES = 20
_PERCENTILES = (5, 50, 95)


@dataclass(slots=True)
class Spread:
    """The values of one fact: numbers one by one, anything else counted."""

    unit: str = ""
    numbers: "array[float]" = field(default_factory=lambda: array("d"))
    others: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Tally:
    """What has been counted so far."""

    verdicts: Counter[str] = field(default_factory=Counter)
    systems: dict[str, Counter[str]] = field(default_factory=dict)
    versions: dict[str, Counter[str]] = field(default_factory=dict)
    policies: dict[str, Counter[str]] = field(default_factory=dict)
    checks: dict[str, Counter[str]] = field(default_factory=dict)
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By check and fact, with the cause where one was found."""
    troubles: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By source and kind."""
    facts: dict[tuple[str, str], Spread] = field(default_factory=dict)
    texts: int = 0
    """Different texts of all facts together."""
    complaints: list[UserError] = field(default_factory=list)
    """The first few reasons why something was left out."""
    left_out: int = 0

    def add_or_skip(self, report: object, path: str) -> None:
        """Count one report; what is none is left out and its reason kept."""
        try:
            if isinstance(report, UserError):
                raise report
            json_document.require_known_schema(report, path)
            self.add(report)  # type: ignore[arg-type] # an object, as just seen
        except UserError as error:
            self._leave_out(error)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._leave_out(UsageError("report-damaged", path=path, place=repr(error)[:_KEY_LENGTH]))

    def add(self, report: Mapping[str, Any]) -> None:
        """Count one report; raises `KeyError`, `TypeError` or `ValueError` before counting a damaged one."""
        verdict = Readiness(report["verdict"]).value
        checks = [_validate_check(check) for check in report["checks"]]
        system = report["system"]
        name = f"{system.get('os', '?')} {str(system.get('release', '')).partition('.')[0]}".strip()
        tool, policy = report["tool"]["version"], f"{report['policy']['name']} {report['policy']['version']}"
        self.verdicts[verdict] += 1
        for group, key in ((self.systems, name), (self.versions, str(tool)), (self.policies, policy)):
            _counts(group, key)[verdict] += 1
        for check in checks:
            self._add_check(check)
        # One busy camera is one trouble, however many checks it costs.
        broken = [check for check in checks if check["trouble"]]
        for trouble in {(source_of(check["id"]), check["trouble"]["kind"]) for check in broken}:
            if _has_room(self.troubles, trouble):
                self.troubles[trouble] += 1

    def _leave_out(self, error: UserError) -> None:
        self.left_out += 1
        if len(self.complaints) < _COMPLAINTS_LIMIT:
            self.complaints.append(error)

    def _add_check(self, check: Mapping[str, Any]) -> None:
        identity, facts = check["id"], check["facts"]
        _counts(self.checks, identity)[check["verdict"]] += 1
        if check["verdict"] == Verdict.FAIL:
            cause = facts.get("cause", {}).get("value")
            missed = next((r["fact"] for r in check["results"] if r["verdict"] == Verdict.FAIL), "")
            key = identity, (f"{missed}.{cause}" if cause else missed)[:_KEY_LENGTH]
            if _has_room(self.failures, key):
                self.failures[key] += 1
        for name, fact in facts.items():
            spread = self.facts.get((identity, name))
            if spread is None and len(self.facts) >= _FACTS_LIMIT:
                continue
            if spread is None:
                spread = self.facts[identity, name] = Spread(unit=fact["unit"])
            value = fact["value"]
            if type(value) is float or type(value) is int:
                spread.numbers.append(value)
            elif value is not None:
                self._add_text(spread, _value_text(value)[:_KEY_LENGTH])

    def _add_text(self, spread: Spread, text: str) -> None:
        if text not in spread.others:
            if len(spread.others) >= _VALUES_LIMIT or self.texts >= _TEXTS_LIMIT:
                return
            self.texts += 1
        spread.others[text] += 1


def tally(paths: Iterable[str]) -> Tally:
    """Return what the reports in files, NDJSON files and folders come to.

    What is none of our reports is left out and counted. Raises `UsageError` for a path that
    cannot be read, and when not one report was found.
    """
    counted = Tally()

    def skip_folder(error: OSError) -> None:
        counted.add_or_skip(
            UsageError("file-unreadable", path=error.filename, reason=system_reason(error)), error.filename
        )

    for path in paths:
        try:
            Path(path).stat()
        except OSError as error:
            raise UsageError("file-unreadable", path=path, reason=system_reason(error)) from None
        for file in _report_files(path, skip_folder):
            # What a person names may be a pipe; what lies in a folder is whoever's.
            for report in _read_documents(file, typed=file == path):
                counted.add_or_skip(report, file)
    if not counted.verdicts:
        raise (
            counted.complaints[0] if counted.complaints else UsageError("report-none", path=", ".join(paths))
        )
    return counted


def summarise(counted: Tally, words: Words, *, verbose: bool = True) -> Overview:
    """Return a tally in words; `verbose` adds what was measured."""
    first = [Entry(_readiness_shares(counted.verdicts, words))]
    if counted.left_out:
        said = words.say(_("Skipped because they are not reports: {count}"), count=counted.left_out)
        first.append(Entry(said, tuple(words.error_text(complaint) for complaint in counted.complaints)))
    blocks = (
        (_("Most common problems"), _failure_lines(counted, words)),
        (_("Not measured"), _trouble_lines(counted, words)),
        (_("By system"), _group_lines(counted.systems, words)),
        (_("By version of preflight"), _group_lines(counted.versions, words)),
        (_("By policy"), _group_lines(counted.policies, words)),
        (_("By check"), _check_lines(counted, words)),
        (_("Measurements: count, median (5%–95%)"), _fact_lines(counted, words) if verbose else ()),
    )
    parts = (Part(words.say(heading), tuple(map(Entry, rows))) for heading, rows in blocks)
    return Overview(
        words.say(_("Reports: {count}"), count=counted.verdicts.total()),
        (Part("", tuple(first)), *(part for part in parts if part.entries)),
    )


def summary_document(counted: Tally) -> dict[str, Any]:
    """Return a tally as JSON."""
    groups = {"systems": counted.systems, "versions": counted.versions, "policies": counted.policies}
    failures = ((*key, count) for key, count in counted.failures.most_common())
    return {
        "reports": counted.verdicts.total(),
        "left_out": counted.left_out,
        "verdicts": dict(counted.verdicts),
        "failures": [
            {"check": check, "fact": fact.partition(".")[0], "cause": fact.partition(".")[2], "count": count}
            for check, fact, count in failures
        ],
        "troubles": [
            {"source": source, "kind": kind, "count": count}
            for (source, kind), count in counted.troubles.most_common()
        ],
        **{
            name: [{"name": key or None, "verdicts": dict(counts)} for key, counts in group.items()]
            for name, group in groups.items()
        },
        "checks": [{"id": key or None, "verdicts": dict(counts)} for key, counts in counted.checks.items()],
        "facts": [
            {"check": check, "fact": fact, **_spread_document(spread)}
            for (check, fact), spread in counted.facts.items()
        ],
    }


def _spread_document(spread: Spread) -> dict[str, Any]:
    ordered = array("d", sorted(spread.numbers))
    percentiles = [percentile(ordered, share) if ordered else None for share in _PERCENTILES]
    low, median, high = percentiles
    told = len(ordered) >= _LEAST_FOR_PERCENTILES
    return {
        "unit": spread.unit,
        "count": len(ordered),
        "low": low if told else None,
        "median": median,
        "high": high if told else None,
        "texts": {_PLAIN_TEXTS.get(text, text): count for text, count in spread.others.most_common()},
    }


def _group_lines(group: Mapping[str, Counter[str]], words: Words) -> Iterator[str]:
    """Yield the largest groups, and what is left in one."""
    rows = sorted(group.items(), key=lambda row: (row[0] == _OTHERS, -row[1].total(), row[0]))
    shown = [row for row in rows[:_GROUPS_SHOWN] if row[0] != _OTHERS]
    for name, counts in shown:
        yield f"{name}: {counts.total()} ({_readiness_shares(counts, words)})"
    left: Counter[str] = Counter()
    for _name, counts in rows[len(shown) :]:
        left.update(counts)
    if left:
        rest = words.say(_("and {count} others"), count=left.total())
        yield f"{rest} ({_readiness_shares(left, words)})"


def _counts(group: dict[str, Counter[str]], key: str) -> Counter[str]:
    """Return the counts of a key; those of all keys for which there is no room are one."""
    key = key[:_KEY_LENGTH]
    return group.setdefault(key if _has_room(group, key) else _OTHERS, Counter())


def _has_room(group: Mapping[_Key, object], key: _Key) -> bool:
    return key in group or len(group) < _GROUPS_LIMIT


def _failure_lines(counted: Tally, words: Words) -> Iterator[str]:
    for (check, fact), count in counted.failures.most_common(_COMMONEST):
        name, _dot, _cause = fact.partition(".")
        known = MISSES.get(f"{check}.{fact}") or MISSES.get(f"{check}.{name}")
        # What was measured stands after the colon; here it would be of one computer among many.
        found = words.say(known.finding).partition(":")[0] if known else "{"
        yield f"{count}× {words.title(check)}: {words.label(check, name) if '{' in found else found}"


def _trouble_lines(counted: Tally, words: Words) -> Iterator[str]:
    for (source, kind), count in counted.troubles.most_common(_COMMONEST):
        cure = TROUBLES.get(f"{kind}.{source}") or TROUBLES.get(kind)
        title = words.say(SOURCES.get(source, source))
        yield f"{count}× {title}: {words.say(cure.finding) if cure else kind}"


def _check_lines(counted: Tally, words: Words) -> Iterator[str]:
    for check, counts in islice(counted.checks.items(), json_document.CHECKS_LIMIT):
        verdict_counts = (
            f"{words.say(VERDICTS[verdict])} {counts[verdict]}" for verdict in Verdict if counts[verdict]
        )
        yield f"{words.title(check)}: {', '.join(verdict_counts)}"


def _fact_lines(counted: Tally, words: Words) -> Iterator[str]:
    for (check, fact), spread in islice(counted.facts.items(), _GROUPS_LIMIT):
        title = f"{words.title(check)}, {words.label(check, fact)}"
        if spread.numbers:
            ordered = array("d", sorted(spread.numbers))
            low, median, high = (percentile(ordered, share) for share in _PERCENTILES)
            distribution = between(median, low, high, spread.unit)
            # Of fewer the 5% are less than one report.
            spread_out = words.fact(
                distribution if len(ordered) >= _LEAST_FOR_PERCENTILES else exact(median, spread.unit)
            )
            yield f"{title}: {len(ordered)}, {spread_out}"
        elif spread.others:
            common = ", ".join(
                f"{words.say(value)} {count}×" for value, count in spread.others.most_common(3)
            )
            yield f"{title}: {spread.others.total()}, {common}"


def _readiness_shares(counts: Counter[str], words: Words) -> str:
    total = counts.total()
    return ", ".join(
        f"{words.say(READINESS[verdict])} {counts[verdict]}"
        f" ({words.value(100 * counts[verdict] / total, '%')})"
        for verdict in Readiness
        if counts[verdict]
    )


def _validate_check(check: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a check that has what is counted; raises for one that has not."""
    Verdict(check["verdict"])
    if not _is_id(check["id"]) or not isinstance(check["facts"], dict):
        raise TypeError("id")
    for name, fact in check["facts"].items():
        value = fact["value"]
        if not _is_name(name) or not isinstance(fact["unit"], str) or len(fact["unit"]) > codec.UNIT_LIMIT:
            raise TypeError("facts")
        if type(value) in {int, float} and not codec.is_bounded_number(value):
            raise TypeError("value")
    for result in check["results"]:
        if not _is_name(result["fact"]) or "verdict" not in result:
            raise TypeError("results")
    if check["trouble"]:
        Kind(check["trouble"]["kind"])
    return check


@lru_cache(maxsize=1000)
def _is_id(text: object) -> bool:
    return (
        isinstance(text, str)
        and len(text) <= json_document.ID_LIMIT
        and bool(json_document.ID.fullmatch(text))
    )


@lru_cache(maxsize=10_000)
def _is_name(text: object) -> bool:
    return (
        isinstance(text, str) and len(text) <= codec.NAME_LIMIT and bool(json_document.NAME.fullmatch(text))
    )


def _value_text(value: object) -> str:
    if isinstance(value, bool):
        return _YES if value else _NO
    return ".".join(map(str, value)) if isinstance(value, list) else str(value)


def _report_files(path: str, skip_folder: Callable[[OSError], None]) -> Iterator[str]:
    """Yield the files of reports at a path: itself, or all below a folder; `skip_folder` gets locked ones."""
    if not Path(path).is_dir():
        yield path
        return
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            skip_folder(error)
            continue
        folders = {entry.path for entry in entries if entry.is_dir(follow_symlinks=False)}
        yield from (
            each.path for each in entries if each.name.endswith(_SUFFIXES) and each.path not in folders
        )
        waiting += sorted(folders, reverse=True)


def _read_documents(path: str, *, typed: bool) -> Iterator[object]:
    """Yield the JSON values of a file, its lines or the whole of it; a `UserError` where there is none."""
    try:
        with Path(path).open("rb") if typed else storage.open_regular(path) as file:
            if not path.endswith(_LINE_SUFFIXES):
                yield _parse_or_error(file.read(json_document.SIZE_LIMIT + 1), path)
                return
            while line := file.readline(json_document.SIZE_LIMIT + 1):
                if line.strip():
                    yield _parse_or_error(line, path)
    except OSError as error:
        yield UsageError("file-unreadable", path=path, reason=system_reason(error))


def _parse_or_error(content: bytes, path: str) -> object:
    try:
        return json_document.parse(content, path)
    except UserError as error:
        return error
