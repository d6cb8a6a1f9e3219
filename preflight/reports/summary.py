"""What many reports come to: counts, commonest failures, how each fact is spread.

Reports are streamed: only the numbers stay, eight bytes each.
"""

import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from preflight import codec
from preflight.errors import Told, Usage, reason
from preflight.model import Readiness, Verdict, between
from preflight.reports import document
from preflight.reports.content import source_of
from preflight.texts import MISSES, READINESS, SOURCES, TROUBLES, VERDICTS, Words, _

_LINES = (".ndjson", ".jsonl")
_KNOWN = (".json", *_LINES)
_COMMONEST = 10
_VALUES_LIMIT = 1000
"""Different texts or versions of one fact that are told apart."""
_COMPLAINTS = 5
_YES, _NO = _("yes"), _("no")
_SHARES = (0.05, 0.5, 0.95)


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
    complaints: list[Told] = field(default_factory=list)
    """The first few reasons why something was left out."""
    left_out: int = 0

    def take(self, report: object, path: str) -> None:
        """Count one report; what is none is left out and its reason kept."""
        try:
            if isinstance(report, Told):
                raise report
            document.known(report, path)
            self.add(report)  # type: ignore[arg-type] # an object, as just seen
        except Told as error:
            self._leave_out(error)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._leave_out(Usage("report-foreign", path=path, reason=repr(error)))

    def add(self, report: Mapping[str, Any]) -> None:
        """Count one report; raises `KeyError`, `TypeError` or `ValueError` before counting a damaged one."""
        verdict = Readiness(report["verdict"]).value
        checks = [_checked(check) for check in report["checks"]]
        system = report["system"]
        name = f"{system.get('os', '?')} {str(system.get('release', '')).partition('.')[0]}".strip()
        tool, policy = report["tool"]["version"], f"{report['policy']['name']} {report['policy']['version']}"
        self.verdicts[verdict] += 1
        self.systems.setdefault(name, Counter())[verdict] += 1
        self.versions.setdefault(str(tool), Counter())[verdict] += 1
        self.policies.setdefault(policy, Counter())[verdict] += 1
        for check in checks:
            self._add(check)
        # One busy camera is one trouble, however many checks it costs.
        self.troubles.update(
            {(source_of(check["id"]), check["trouble"]["kind"]) for check in checks if check["trouble"]}
        )

    def _leave_out(self, error: Told) -> None:
        self.left_out += 1
        if len(self.complaints) < _COMPLAINTS:
            self.complaints.append(error)

    def _add(self, check: Mapping[str, Any]) -> None:
        identity, facts = check["id"], check["facts"]
        self.checks.setdefault(identity, Counter())[check["verdict"]] += 1
        if check["verdict"] == Verdict.FAIL:
            cause = facts.get("cause", {}).get("value")
            missed = next((r["fact"] for r in check["results"] if r["verdict"] == Verdict.FAIL), "")
            self.failures[identity, f"{missed}.{cause}" if cause else missed] += 1
        for name, fact in facts.items():
            spread = self.facts.get((identity, name))
            if spread is None:
                spread = self.facts[identity, name] = Spread(unit=fact["unit"])
            value = fact["value"]
            if type(value) is float or type(value) is int:
                spread.numbers.append(value)
            elif value is not None and (len(spread.others) < _VALUES_LIMIT or _key(value) in spread.others):
                spread.others[_key(value)] += 1


def tally(paths: Iterable[str]) -> Tally:
    """Return what the reports in files, NDJSON files and folders come to.

    What is none of our reports is left out and counted. Raises `Usage` for a path that
    cannot be read, and when not one report was found.
    """
    counted = Tally()

    def closed(error: OSError) -> None:
        counted.take(Usage("file-unreadable", path=error.filename, reason=reason(error)), error.filename)

    for path in paths:
        try:
            Path(path).stat()
        except OSError as error:
            raise Usage("file-unreadable", path=path, reason=reason(error)) from None
        for file in _files(path, closed):
            for report in _documents(file):
                counted.take(report, file)
    if not counted.verdicts:
        raise counted.complaints[0] if counted.complaints else Usage("report-none", path=", ".join(paths))
    return counted


def summary(counted: Tally, words: Words) -> str:
    """Return a tally in words."""
    total = counted.verdicts.total()
    lines = [words.say(_("Reports: {count}"), count=total), _readiness(counted.verdicts, words)]
    if counted.left_out:
        lines.append(words.say(_("Skipped because they are not reports: {count}"), count=counted.left_out))
        lines += [f"  {words.told(complaint)}" for complaint in counted.complaints]
    lines += _block(_("Most common problems"), _failures(counted, words), words)
    lines += _block(_("Not measured"), _troubles(counted, words), words)
    groups = (
        (_("By system"), counted.systems),
        (_("By version of preflight"), counted.versions),
        (_("By policy"), counted.policies),
    )
    for title, group in groups:
        rows = sorted(group.items(), key=lambda row: (-row[1].total(), row[0]))
        lines += _block(
            title, [f"{name}: {counts.total()} ({_readiness(counts, words)})" for name, counts in rows], words
        )
    lines += _block(_("By check"), _checks(counted, words), words)
    lines += _block(_("Measurements: count, median (5%–95%)"), _facts(counted, words), words)
    return "".join(f"{line}\n" for line in lines)


def percentile(ordered: "array[float] | list[float]", share: float) -> float:
    """Return the value below which a share of some numbers in order lies, interpolated between two."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _failures(counted: Tally, words: Words) -> Iterator[str]:
    for (check, fact), count in counted.failures.most_common(_COMMONEST):
        name, _dot, _cause = fact.partition(".")
        known = MISSES.get(f"{check}.{fact}") or MISSES.get(f"{check}.{name}")
        # What was measured stands after the colon; here it would be of one computer among many.
        found = words.say(known.finding).partition(":")[0] if known else "{"
        yield f"{count}× {words.title(check)}: {words.label(check, name) if '{' in found else found}"


def _troubles(counted: Tally, words: Words) -> Iterator[str]:
    for (source, kind), count in counted.troubles.most_common(_COMMONEST):
        cure = TROUBLES.get(f"{kind}.{source}") or TROUBLES.get(kind)
        title = words.say(SOURCES.get(source, source))
        yield f"{count}× {title}: {words.say(cure.finding) if cure else kind}"


def _checks(counted: Tally, words: Words) -> Iterator[str]:
    for check, counts in counted.checks.items():
        told = (f"{words.say(VERDICTS[verdict])} {counts[verdict]}" for verdict in Verdict if counts[verdict])
        yield f"{words.title(check)}: {', '.join(told)}"


def _facts(counted: Tally, words: Words) -> Iterator[str]:
    for (check, fact), spread in counted.facts.items():
        title = f"{words.title(check)}, {words.label(check, fact)}"
        if spread.numbers:
            ordered = array("d", sorted(spread.numbers))
            low, median, high = (percentile(ordered, share) for share in _SHARES)
            spread_out = words.fact(between(median, low, high, spread.unit))
            yield f"{title}: {len(ordered)}, {spread_out}"
        elif spread.others:
            common = ", ".join(
                f"{words.say(value)} {count}×" for value, count in spread.others.most_common(3)
            )
            yield f"{title}: {spread.others.total()}, {common}"


def _block(title: str, rows: Iterable[str], words: Words) -> list[str]:
    told = [f"  {row}" for row in rows]
    return ["", words.say(title), *told] if told else []


def _readiness(counts: Counter[str], words: Words) -> str:
    total = counts.total()
    return ", ".join(
        f"{words.say(READINESS[verdict])} {counts[verdict]}"
        f" ({words.value(100 * counts[verdict] / total, '%')})"
        for verdict in Readiness
        if counts[verdict]
    )


def _checked(check: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a check that has what is counted; raises for one that has not."""
    Verdict(check["verdict"])
    if not isinstance(check["id"], str) or not isinstance(check["facts"], dict):
        raise TypeError(check["id"])
    for fact in check["facts"].values():
        value = fact["value"]
        if not isinstance(fact["unit"], str) or (type(value) in {int, float} and not codec.finite(value)):
            raise TypeError(check["id"])
    for result in check["results"]:
        if not isinstance(result["fact"], str) or "verdict" not in result:
            raise TypeError(check["id"])
    if check["trouble"] and not isinstance(check["trouble"]["kind"], str):
        raise TypeError(check["id"])
    return check


def _key(value: object) -> str:
    if isinstance(value, bool):
        return _YES if value else _NO
    return ".".join(map(str, value)) if isinstance(value, list) else str(value)


def _files(path: str, closed: Callable[[OSError], None]) -> Iterator[str]:
    """Yield the files of reports at a path: itself, or all below a folder; `closed` hears of locked ones."""
    if not Path(path).is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path, onerror=closed):
        folders.sort()
        yield from (
            os.path.join(folder, name)  # noqa: PTH118 - tens of thousands of them
            for name in sorted(names)
            if name.endswith(_KNOWN)
        )


def _documents(path: str) -> Iterator[object]:
    """Yield the JSON values of a file, its lines or the whole of it; a `Told` where there is none."""
    try:
        with Path(path).open("rb") as file:
            if not path.endswith(_LINES):
                yield _parsed(file.read(document.SIZE_LIMIT + 1), path)
                return
            while line := file.readline(document.SIZE_LIMIT + 1):
                if line.strip():
                    yield _parsed(line, path)
    except OSError as error:
        yield Usage("file-unreadable", path=path, reason=reason(error))


def _parsed(content: bytes, path: str) -> object:
    try:
        return document.parse(content, path)
    except Told as error:
        return error
