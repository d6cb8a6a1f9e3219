"""JUnit, Markdown and HTML: each whole, each with every check, none with anything it should not hold."""

import os
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import disks
import pytest
from sample_reports import REPORTS, build, with_no_break_spaces

from preflight import reports
from preflight.errors import UsageError, UserError
from preflight.model import Kind, Trouble, Verdict
from preflight.reports import content, html, json_document, junit, markdown
from preflight.reports.terminal import Screen
from preflight.texts import LANGUAGES, Words

every_report = pytest.mark.parametrize("name", REPORTS)
every_language = pytest.mark.parametrize("lang", LANGUAGES)


@every_report
@every_language
def test_junit_has_what_the_usual_schemas_ask_for(name: str, lang: str) -> None:
    root = ET.fromstring(junit.render(REPORTS[name], Words(lang)))  # noqa: S314 - made just now
    assert (root.tag, root.attrib) == ("testsuites", {})
    for number, suite in enumerate(root):
        assert suite.tag == "testsuite"
        assert suite.get("id") == str(number)
        assert suite.get("package")
        assert suite.get("hostname") == "localhost"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp", ""))
        assert re.fullmatch(r"\d+\.\d{3}", suite.get("time", ""))
        tags = [element.tag for element in suite]
        cases = len(tags) - 3
        assert tags == ["properties", *["testcase"] * cases, "system-out", "system-err"]
        assert suite.get("tests") == str(cases)
        for tag, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert suite.get(count) == str(len(suite.findall(f"testcase/{tag}")))
        for case in suite.findall("testcase"):
            assert set(case.attrib) == {"name", "classname", "time"}
            assert len(case) <= 1
            for told in case:
                if told.tag == "system-out":
                    continue
                assert told.get("message")
                assert told.tag == "skipped" or told.get("type")


@every_report
def test_junit_maps_each_verdict_of_each_check(name: str) -> None:
    root = ET.fromstring(junit.render(REPORTS[name], Words("en")))  # noqa: S314 - made just now
    cases = {case.get("name"): case for case in root.iter("testcase")}
    tags = {
        Verdict.FAIL: ["failure"],
        Verdict.ERROR: ["error"],
        Verdict.SKIP: ["skipped"],
        Verdict.PASS: ["system-out"],
        Verdict.WARN: ["system-out"],
    }
    assert list(cases) == [check.id for check in REPORTS[name].checks]
    for check in REPORTS[name].checks:
        assert [told.tag for told in cases[check.id]] == tags[check.verdict]


def test_junit_times_add_up_to_what_a_source_took() -> None:
    checks = (
        replace(check, duration_s=1.5 + 0.25 * index) for index, check in enumerate(REPORTS["ready"].checks)
    )
    root = ET.fromstring(junit.render(replace(REPORTS["ready"], checks=tuple(checks)), Words("en")))  # noqa: S314 - made just now
    for suite in root:
        times = [float(case.get("time", "")) for case in suite.iter("testcase")]
        assert sum(times) == pytest.approx(float(suite.get("time", "")))
        assert times[1:] == pytest.approx([0.25] * (len(times) - 1))


def test_junit_says_measured_and_demanded() -> None:
    root = ET.fromstring(junit.render(REPORTS["not-ready"], Words("en")))  # noqa: S314 - made just now
    case = root.find(".//testcase[@name='network.upload']/failure")
    assert case is not None
    assert with_no_break_spaces("7.9996~Mbit/s") in case.get("message", "")
    assert with_no_break_spaces("at least 8~Mbit/s") in case.get("message", "")
    output = "".join(root.itertext())
    assert "camera.video: Pass." in output


def test_junit_says_of_a_warning_in_its_test_case_why_it_is_one() -> None:
    root = ET.fromstring(junit.render(REPORTS["ready-with-warnings"], Words("en")))  # noqa: S314 - made just now
    told = root.findtext(".//testcase[@name='camera.still']/system-out", "")
    assert told.startswith("camera.still: Warning. ")
    assert "advised: at least 10\N{NO-BREAK SPACE}MP" in told


def test_a_reason_stands_with_what_missed_it_and_never_alone() -> None:
    """Alone, under a camera that passed, why pictures must not stand still reads as a finding."""
    told = 0
    for check in REPORTS["not-ready"].checks:
        missed = {result.demand.because for result in check.results if result.verdict in ("warn", "fail")}
        for line in content.details(check, Words("en")):
            for reason in {result.demand.because for result in check.results} - {""}:
                assert reason not in line or (reason in missed and line.endswith(f". Why: {reason}"))
                told += reason in line
    assert told > 2


@every_language
def test_each_row_says_why_nothing_was_measured(lang: str) -> None:
    words = Words(lang)
    broken = {
        f"network.{name}": Trouble(kind=Kind.NO_NAMES, detail=f"0.0{number} MB used")
        for number, name in enumerate(("download", "upload", "stability", "reach"))
    }
    cure = words.trouble(broken["network.download"], "network")
    said = content.content(build(broken), words)
    (items,) = (section.items for section in said.sections if section.source == "network")
    assert [item.measured for item in items] == [cure.finding] * 3 + [""]
    assert [item.action for item in items] == [""] * 3 + [cure.advice]
    assert items[3].explanation == content.sentence(cure.finding)
    assert words.title("network.upload") not in said.other_problems


def test_control_characters_of_a_detail_do_not_spoil_the_xml() -> None:
    broken = Trouble(kind=Kind.CRASH, detail="\x00\x1b[31mboom\x07 \ud800 <&>")
    report = build({"camera.video": broken})
    root = ET.fromstring(junit.render(report, Words("en")))  # noqa: S314 - made just now
    assert "[31mboom" in "".join(root.itertext())


@every_report
@every_language
def test_markdown_has_a_row_for_each_check_and_no_markup_from_outside(name: str, lang: str) -> None:
    words = Words(lang)
    text = markdown.render(REPORTS[name], words)
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| |")]
    assert len(rows) == len(REPORTS[name].checks)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 4 for row in rows)
    hostile = build({"camera.video": Trouble(kind=Kind.BAD_INPUT, detail="<img src=x> | `a` [b](c)")})
    assert not re.search(r"(?<!\\)<", markdown.render(hostile, words))
    assert "[b](c)" not in markdown.render(hostile, words)


class Page(HTMLParser):
    """Checks that every tag is closed in order; collects ids, references and texts."""

    VOID = frozenset({"meta", "line", "rect", "polyline"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.headings: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.VOID
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data


@every_report
@every_language
def test_html_is_well_formed_and_refers_to_nothing_outside(name: str, lang: str) -> None:
    text = html.render(REPORTS[name], Words(lang))
    page = Page(text)
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert page.headings[0] == "h1"
    assert page.headings.count("h1") == 1
    assert ("html", "lang", lang) in page.attributes
    references = [
        name for _, name, _ in page.attributes if name in ("href", "src", "srcset", "data", "action")
    ]
    assert references == []
    assert not any("://" in (value or "") for _, _, value in page.attributes)
    assert not re.search(r"url\(|@import|<script|<link|<img", text)
    labelled = {value for tag, name, value in page.attributes if name == "aria-labelledby"}
    assert labelled < set(page.ids)
    for check in REPORTS[name].checks:
        assert Words(lang).title(check.id) in page.words


def test_html_writes_what_comes_from_outside_as_text() -> None:
    hostile = build({"camera.video": Trouble(kind=Kind.BAD_INPUT, detail='<script>alert("x")</script>')})
    page = html.render(hostile, Words("en"))
    assert "<script" not in page
    assert '<script>alert("x")</script>' in Page(page).words


def test_html_draws_what_was_measured_against_what_is_needed() -> None:
    page = html.render(REPORTS["not-ready"], Words("en"))
    assert (
        with_no_break_spaces(
            'aria-label="rate: measured 7.9996~Mbit/s (7.9–7.9998), needed at least 8~Mbit/s"'
        )
        in page
    )
    bound, value = (
        float(re.search(rf'id="network.upload".*?class="{style}" x1="([\d.]+)"', page, re.DOTALL)[1])  # type: ignore[index]
        for style in ("bound", "value")
    )
    assert value <= bound


@every_report
def test_each_gauge_says_its_bound(name: str) -> None:
    page = html.render(REPORTS[name], Words("en"))
    gauges = re.findall(r'<div class="scale .*?</div>', page, re.DOTALL)
    captions = [
        re.search(r'<span class="soft" aria-hidden="true">.+: .*\d.*</span>', gauge) for gauge in gauges
    ]
    assert all(captions)
    assert gauges or name == "nothing"


def test_a_plot_marks_its_own_bound_and_what_was_read_from_it() -> None:
    page = html.render(REPORTS["ready"], Words("en"))
    sound, rate, delay = re.findall("<figcaption>(.*?)</figcaption>", page)
    assert sound.endswith(with_no_break_spaces("dashed line: level of the voice, −23.5~dBFS."))
    assert with_no_break_spaces("Dashed line: background, −61~dBFS") in sound
    assert rate.startswith(
        with_no_break_spaces("Rate. Solid line: needed, at least 8~Mbit/s; dashed line: rate, ")
    )
    assert delay.count("line: ") == 2
    assert with_no_break_spaces("needed, at most 150~ms") in delay


@every_report
@pytest.mark.parametrize("form", reports.FORMATS)
def test_names_of_devices_are_kept_only_when_asked_for(name: str, form: str) -> None:
    words, screen = Words("en"), Screen()
    if form != "text":
        assert "Anna" not in reports.render(form, REPORTS[name], words, screen)
    assert "Anna" in reports.render(form, REPORTS[name], words, screen, devices=True)


@pytest.mark.parametrize("suffix", [s for form in reports.FORMATS.values() for s in form.suffixes])
def test_a_file_is_written_in_the_format_of_its_name(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    reports.write(str(path), REPORTS["ready"], Words("ru"))
    text = path.read_text("utf-8")
    assert "Anna" not in text
    assert "network.download" in text or Words("ru").title("network.download") in text


def test_ndjson_is_appended_and_begins_anew_after_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "fleet.ndjson"
    for name in ("ready", "not-ready"):
        reports.write(str(path), REPORTS[name], Words("en"), devices=True)
    with path.open("a") as file:
        file.write('{"schema": 1, "tool"')
    reports.write(str(path), REPORTS["incomplete"], Words("en"), devices=True)
    first, second, broken, third = path.read_bytes().splitlines()
    read = [
        json_document.load(json_document.parse(line, "fleet"), "fleet") for line in (first, second, third)
    ]
    assert read == [REPORTS["ready"], REPORTS["not-ready"], REPORTS["incomplete"]]
    with pytest.raises(UsageError):
        json_document.parse(broken, "fleet")


@pytest.mark.parametrize("name", ["report", "report.pdf", "report.json.gz"])
def test_a_name_that_asks_for_no_format_is_told_before_anything_is_measured(name: str) -> None:
    with pytest.raises(UsageError) as told:
        reports.validate_outputs("text", ["fine.html", name])
    assert told.value.key == "output-format"


@pytest.mark.skipif(sys.platform == "win32", reason="devices and pipes of POSIX")
@pytest.mark.parametrize("form", ["json", "ndjson", "text", "html"])
def test_what_is_no_file_takes_what_is_printed(form: str, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    for path in (f"/dev/fd/{writer}", "/dev/stdout", "/dev/null"):
        reports.validate_outputs(form, [path])
    reports.write(f"/dev/fd/{writer}", REPORTS["ready"], Words("en"), form)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as written:
        told = written.read()
    reports.write(
        str(tmp_path / f"report.{'txt' if form == 'text' else form}"), REPORTS["ready"], Words("en")
    )
    assert told == next(tmp_path.iterdir()).read_text("utf-8")
    # A name that asks for a format has it there too; a link that somebody laid is none of the system's.
    (tmp_path / "link").symlink_to("/dev/null")
    assert reports.format_of(f"/dev/fd/{writer}.json", form) == "json"
    with pytest.raises(UsageError, match="output-format"):
        reports.validate_outputs(form, [str(tmp_path / "link")])


def test_a_folder_is_no_name_of_a_report(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="output-folder"):
        reports.validate_outputs("text", [str(tmp_path)])


def test_a_file_in_no_folder_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder-missing") as told:
        reports.validate_outputs("text", [str(tmp_path / "missing" / "report.json")])
    assert told.value.code == 4


def test_a_name_too_long_for_a_file_is_told_before_anything_is_measured() -> None:
    with pytest.raises(UserError, match=r"output-(name|unwritable)"):
        reports.validate_outputs("text", [300 * "a" + ".html"])


def test_an_unknown_format_is_told_as_such() -> None:
    with pytest.raises(UsageError) as told:
        reports.validate_outputs("pdf", [])
    assert told.value.key == "format-unknown"


@pytest.mark.parametrize("name", ["report.json", "fleet.ndjson"])
def test_a_file_that_cannot_be_written_is_told_as_such(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as told:
        reports.write(str(tmp_path / "missing" / name), REPORTS["ready"], Words("en"))
    assert told.value.key == "output-unwritable"
    assert told.value.code == 4


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX can set a limit to files")
@pytest.mark.parametrize("name", ["full.json", "full.ndjson"])
@pytest.mark.parametrize("before", [None, "{}\n"], ids=["new", "old"])
def test_a_full_disk_is_told_as_such(name: str, before: str | None, tmp_path: Path) -> None:
    if before is not None:
        (tmp_path / name).write_text(before)
    with disks.full_disk(1000), pytest.raises(UserError) as told:
        reports.write(str(tmp_path / name), REPORTS["ready"], Words("en"))
    assert told.value.key == "output-unwritable"
    assert told.value.values["reason"] == "File too large"
    assert [path.name for path in tmp_path.iterdir() if path.stat().st_size] == ([name] if before else [])
    assert before is None or (tmp_path / name).read_text() == before
