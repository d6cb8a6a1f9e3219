"""Two reports compared, many summed up: counts and words that can be followed by hand."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from sample_reports import POLICY, REPORTS, build, with_facts, with_no_break_spaces

from preflight import judge, reports
from preflight.errors import UsageError
from preflight.measures.estimate import percentile
from preflight.model import Finding, Readiness, Report, between, exact
from preflight.reports import json_document
from preflight.reports.summary import Tally
from preflight.texts import LANGUAGES, Words

EN = Words("en")


def test_what_was_mended_is_told_with_its_values() -> None:
    text = reports.compare(REPORTS["not-ready"], REPORTS["ready"], EN).text()
    lines = text.splitlines()
    assert lines[0] == "2026-11-22 14:56 Not ready yet → 2026-11-22 14:56 Ready"
    assert f"{EN.title('network.upload')}: Fail → Pass" in lines
    assert with_no_break_spaces("  rate: 7.9996~Mbit/s (7.9–7.9998) → 15.4~Mbit/s (13.9–16.8)") in lines
    assert lines[-1].startswith("Unchanged: ")
    assert EN.title("camera.video") in lines[-1]
    assert EN.title("network.upload") not in lines[-1]


def test_two_equal_reports_differ_in_nothing() -> None:
    lines = reports.compare(REPORTS["ready"], REPORTS["ready"], EN).text().splitlines()
    assert len(lines) == 2
    assert all(EN.title(check.id) in lines[1] for check in REPORTS["ready"].checks)


def test_a_value_measured_anew_is_no_change_but_one_that_is_really_another_is() -> None:
    slower = build(with_facts("network.download", rate=between(14.0, 12.5, 15.1, "Mbit/s")))
    close = build(with_facts("network.download", rate=between(14.2, 12.8, 15.5, "Mbit/s")))
    assert len(reports.compare(slower, close, EN).text().splitlines()) == 2
    assert (
        with_no_break_spaces("24~Mbit/s → 14~Mbit/s") in reports.compare(REPORTS["ready"], slower, EN).text()
    )


def test_other_circumstances_are_told() -> None:
    other = replace(
        REPORTS["ready"], policy_version="2027.02", tool_version="0.2.0", system={"os": "Windows"}
    )
    text = reports.compare(REPORTS["ready"], other, EN).text()
    assert "preflight: 0.1.0 → 0.2.0" in text
    assert "policy: bluor 2026.11 → bluor 2027.02" in text
    assert "operating system: Linux → Windows" in text


def test_a_changed_demand_and_a_check_of_one_report_only_are_told() -> None:
    stricter = [
        replace(each, bound=25.0) if (each.check, each.fact) == ("network.download", "rate") else each
        for each in POLICY.demands
    ]
    checks = tuple(
        judge.judge(check.id, Finding(facts=check.facts), [d for d in stricter if d.check == check.id])
        if check.id == "network.download"
        else check
        for check in REPORTS["ready"].checks
        if check.id != "power.battery"
    )
    text = reports.compare(REPORTS["ready"], replace(REPORTS["ready"], checks=checks), EN).text()
    assert with_no_break_spaces("needed 8~Mbit/s before, now 25~Mbit/s") in text
    assert f"{EN.title('power.battery')}: checked only in the first report, Pass" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_any_two_reports_can_be_compared_in_any_language(lang: str) -> None:
    for before in REPORTS.values():
        for after in REPORTS.values():
            assert reports.compare(before, after, Words(lang)).text().endswith("\n")


def folder_of(made: dict[str, Report], folder: Path) -> Path:
    (folder / "deeper").mkdir(parents=True)
    for index, (name, report) in enumerate(made.items()):
        place = folder / "deeper" if index % 2 else folder
        (place / f"{name}.json").write_text(json_document.dump(report), "utf-8")
    return folder


def test_files_lines_and_folders_count_alike(tmp_path: Path) -> None:
    folder = folder_of(dict(REPORTS), tmp_path / "folder")
    lines = tmp_path / "fleet.ndjson"
    lines.write_text("\n".join(json_document.dump_line(report) for report in REPORTS.values()), "utf-8")
    files = [str(path) for path in sorted(folder.rglob("*.json"))]
    texts = {
        "\n".join(sorted(reports.summarise(reports.tally(paths), EN).text().splitlines()))
        for paths in ([str(folder)], [str(lines)], files)
    }
    assert len(texts) == 1


def test_counts_are_those_of_the_reports() -> None:
    counted = Tally()
    for report in REPORTS.values():
        counted.add_or_skip(json_document.to_dict(report), "made")
    ready = sum(report.verdict is Readiness.READY for report in REPORTS.values())
    assert counted.verdicts == {"ready": ready, "not-ready": 1, "incomplete": 2}
    assert counted.failures["camera.lighting", "dark_half.dark"] == 1
    assert counted.troubles == {
        ("camera", "busy"): 1,
        ("microphone", "bad-input"): 1,
        ("network", "starved"): 1,
    }
    assert sum(map(len, (r.checks for r in REPORTS.values()))) == sum(
        counts.total() for counts in counted.checks.values()
    )
    assert list(counted.systems) == ["Linux 6"]
    assert counted.left_out == 0


def test_the_spread_of_a_fact_is_median_and_percentiles() -> None:
    counted = Tally()
    for number in range(101):
        report = build(with_facts("camera.focus", blur=exact(float(number), "%")))
        counted.add_or_skip(json_document.to_dict(report), "made")
    numbers = sorted(counted.facts["camera.focus", "blur"].numbers)
    assert [percentile(numbers, share) for share in (5, 50, 95)] == [5, 50, 95]
    assert f"{EN.label('camera.focus', 'blur')}: 101, 50% (5–95)" in reports.summarise(counted, EN).text()


@pytest.mark.parametrize(("reported", "spread"), [(19, "9%\n"), (20, "9.5% (0.95–18.1)\n")])
def test_of_few_reports_no_percentile_is_told(reported: int, spread: str) -> None:
    counted = Tally()
    for number in range(reported):
        counted.add_or_skip(
            json_document.to_dict(build(with_facts("camera.focus", blur=exact(float(number), "%")))), "made"
        )
    assert (
        f"{EN.label('camera.focus', 'blur')}: {reported}, {spread}" in reports.summarise(counted, EN).text()
    )


@pytest.mark.parametrize(
    ("numbers", "share", "expected"),
    [([7.0], 5, 7.0), ([1.0, 2.0], 50, 1.5), ([0.0, 10.0], 95, 9.5), ([1.0, 2.0, 3.0], 100, 3.0)],
)
def test_a_percentile_lies_between_its_neighbours(
    numbers: list[float], share: float, expected: float
) -> None:
    assert percentile(numbers, share) == pytest.approx(expected)


def test_what_is_none_of_our_reports_is_left_out_and_said(tmp_path: Path) -> None:
    folder = folder_of({"ready": REPORTS["ready"]}, tmp_path / "folder")
    damaged = json_document.to_dict(REPORTS["ready"])
    del damaged["checks"][3]["facts"]["found"]["value"]
    (folder / "foreign.json").write_text("[1, 2]")
    (folder / "broken.json").write_text("{")
    (folder / "damaged.json").write_text(json.dumps(damaged))
    (folder / "new.json").write_text('{"schema": 9, "tool": {"name": "preflight"}}')
    (folder / "notes.txt").write_text("not looked at")
    counted = reports.tally([str(folder)])
    assert counted.verdicts.total() == 1
    assert counted.left_out == 4
    text = reports.summarise(counted, EN).text()
    assert "Skipped because they are not reports: 4" in text
    assert "newer preflight" in text


def test_a_damaged_report_is_counted_nowhere() -> None:
    counted = Tally()
    damaged = json_document.to_dict(REPORTS["ready"])
    damaged["checks"][-1]["verdict"] = "maybe"
    counted.add_or_skip(damaged, "made")
    assert (counted.left_out, counted.verdicts.total(), counted.checks, counted.facts) == (1, 0, {}, {})


def test_a_path_without_reports_or_without_anything_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        reports.tally([str(tmp_path)])
    assert told.value.key == "report-none"
    with pytest.raises(UsageError) as told:
        reports.tally([str(tmp_path / "missing.json")])
    assert told.value.key == "file-unreadable"
    (tmp_path / "foreign.json").write_text("{}")
    with pytest.raises(UsageError) as told:
        reports.tally([str(tmp_path / "foreign.json")])
    assert told.value.key == "report-foreign"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_failure_is_not_called_by_what_was_wanted(lang: str) -> None:
    words = Words(lang)
    for demand in POLICY.demands:
        if isinstance(demand.bound, bool):
            counted = Tally()
            counted.verdicts["not-ready"] = counted.failures[demand.check, demand.fact] = 1
            wanted = f"{words.title(demand.check)}: {words.label(demand.check, demand.fact)}\n"
            assert wanted not in reports.summarise(counted, words).text()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_summary_speaks_each_language(lang: str) -> None:
    counted = Tally()
    for report in REPORTS.values():
        counted.add_or_skip(json_document.to_dict(report), "made")
    text = reports.summarise(counted, Words(lang)).text()
    assert text.startswith(Words(lang).say("Reports: {count}", count=len(REPORTS)))


def test_a_changed_bound_stands_under_its_check() -> None:
    def demanding(rate: float) -> Report:
        demands = [
            replace(each, bound=rate) if (each.check, each.fact) == ("network.download", "rate") else each
            for each in POLICY.demands
        ]
        checks = tuple(
            judge.judge(check.id, Finding(facts=check.facts), [d for d in demands if d.check == check.id])
            if check.id == "network.download"
            else check
            for check in REPORTS["ready"].checks
        )
        return replace(REPORTS["ready"], checks=checks)

    lines = reports.compare(demanding(8.0), demanding(9.0), EN).text().splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("  "))
    assert lines[place - 1] == f"{EN.title('network.download')}: Pass"


def test_a_comparison_for_programs_has_numbers_and_ids() -> None:
    told = reports.comparison_document(REPORTS["not-ready"], REPORTS["ready"])
    assert (told["before"]["verdict"], told["after"]["verdict"]) == ("not-ready", "ready")
    upload = next(change for change in told["changes"] if change["id"] == "network.upload")
    assert (upload["before"], upload["after"], upload["bounds"]) == ("fail", "pass", {})
    assert upload["facts"]["rate"] == {
        "before": {"value": 7.9996, "unit": "Mbit/s", "low": 7.9, "high": 7.9998},
        "after": {"value": 15.4, "unit": "Mbit/s", "low": 13.9, "high": 16.8},
    }
    ids = [check.id for check in REPORTS["ready"].checks]
    assert sorted([change["id"] for change in told["changes"]] + told["unchanged"]) == sorted(ids)


def test_a_summary_for_programs_has_the_counts_of_the_tally() -> None:
    counted = Tally()
    for report in REPORTS.values():
        counted.add_or_skip(json_document.to_dict(report), "made")
    counted.add_or_skip({}, "foreign.json")
    told = reports.summary_document(counted)
    assert (told["reports"], told["left_out"]) == (len(REPORTS), 1)
    assert {"check": "camera.lighting", "fact": "dark_half", "cause": "dark", "count": 1} in told["failures"]
    assert {"source": "camera", "kind": "busy", "count": 1} in told["troubles"]
    assert told["systems"] == [{"name": "Linux 6", "verdicts": dict(counted.verdicts)}]
    facts = {(each["check"], each["fact"]): each for each in told["facts"]}
    rate = facts["network.download", "rate"]
    numbers = sorted(counted.facts["network.download", "rate"].numbers)
    assert (rate["unit"], rate["count"]) == ("Mbit/s", len(numbers))
    assert (rate["low"], rate["median"], rate["high"]) == (None, percentile(numbers, 50), None)
    found = facts["camera.face", "found"]
    assert (found["median"], found["texts"]["true"]) == (
        None,
        counted.facts["camera.face", "found"].others["yes"],
    )


def overviews() -> dict[str, reports.Overview]:
    counted = Tally()
    for report in REPORTS.values():
        counted.add_or_skip(json_document.to_dict(report), "made")
    changed = reports.compare(REPORTS["not-ready"], REPORTS["ready"], EN)
    return {"compare": changed, "summary": reports.summarise(counted, EN)}


@pytest.mark.parametrize("kind", ["compare", "summary"])
def test_every_layout_says_the_same(kind: str) -> None:
    told = overviews()[kind]
    page = reports.render_overview("html", told, {}, EN)
    assert page.startswith("<!DOCTYPE html>")
    said = unescape(re.sub(r"<[^>]+>", "\n", page.partition("<body>")[2]))
    assert said.split() == told.text().split()
    pasted = reports.render_overview("markdown", told, {}, EN)
    bare = re.sub(r"^ *(?:#+|-) ", "", re.sub(r"\\(.)", r"\1", pasted), flags=re.MULTILINE)
    assert bare.split() == told.text().split()
    plain = told.plain_text(EN)
    assert "→" not in plain
    assert not re.search(r"^ ", plain, re.MULTILINE)
    assert len(plain.splitlines()) == len(told.text().splitlines())


def test_what_changed_is_read_aloud_in_words() -> None:
    told = reports.compare(REPORTS["not-ready"], REPORTS["ready"], EN).plain_text(EN).splitlines()
    assert f"{EN.title('network.upload')}: Fail, now Pass" in told
