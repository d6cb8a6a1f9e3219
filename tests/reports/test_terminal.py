"""The report on the terminal: what it says first, how it fits, what it does where letters are missing."""

import os
import re
import sys
from functools import lru_cache
from io import StringIO
from pathlib import Path

import pytest
from sample_reports import GOOD, REPORTS, with_no_break_spaces

from preflight.console import transliterate
from preflight.reports import json_document, terminal
from preflight.reports.content import content
from preflight.reports.terminal import Screen
from preflight.texts import LANGUAGES, VERDICTS, Words

NO_BREAK = "\N{NO-BREAK SPACE}"
SNAPSHOTS = Path(__file__).parent / "snapshots"
ENCODINGS = ("utf-8", "cp437", "cp1252", "cp1257", "cp775", "cp866", "ascii", "no-such-encoding")


def shown(
    name: str, lang: str = "en", *, verbose: bool = False, plain: bool = False, width: int = 80
) -> list[str]:
    screen = Screen(width=width, program="preflight run")
    return terminal.render(REPORTS[name], Words(lang), screen, verbose=verbose, plain=plain).splitlines()


@lru_cache
def questions(name: str, lang: str, *, plain: bool) -> int:
    """How many question marks a report has where every letter can be written."""
    return terminal.render(REPORTS[name], Words(lang), Screen(), verbose=True, plain=plain).count("?")


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["ready-with-warnings", "not-ready", "incomplete"])
def test_it_looks_as_it_was_looked_at(name: str, lang: str, width: int) -> None:
    """PREFLIGHT_SNAPSHOTS=write keeps what is shown now; look at it before it is committed."""
    text = "".join(f"{line}\n" for line in shown(name, lang, width=width))
    path = SNAPSHOTS / f"{name}-{lang}-{width}.txt"
    if os.environ.get("PREFLIGHT_SNAPSHOTS") == "write":
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 300])
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_the_screen_nor_too_wide_to_read(name: str, lang: str, width: int) -> None:
    assert max(map(len, shown(name, lang, verbose=True, width=width))) <= min(width, terminal.WIDEST)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_line_ends_between_a_number_and_its_unit(lang: str) -> None:
    report, words = REPORTS["not-ready"], Words(lang)
    whole = terminal.render(report, words, Screen(), plain=True).count(NO_BREAK)
    assert whole > 15
    for width in range(40, 121):
        text = terminal.render(report, words, Screen(width=width))
        # One at the end of a line would have been cut off with the spaces there.
        assert text.count(NO_BREAK) == whole, width
        assert "\ue000" not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_short_word_stands_alone_and_no_count_is_torn_apart(lang: str) -> None:
    words = Words(lang)
    for name, report in REPORTS.items():
        counts = content(report, words).counts.split(" · ")
        for width in (60, 80, 120):
            text = terminal.render(report, words, Screen(width=width))
            assert not re.search(r"\n( +)\S.*\n\1\S{1,7}\n", text), (name, width)
            assert all(count in text for count in counts), (name, width)
            assert not re.search(r" [вик]\n", text), (name, width)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        pytest.param("cp437", '-5~dB "ja" "ja" «da»', id="437"),
        pytest.param("cp775", "-5~dB “ja” „jā” «da»", id="775"),
        pytest.param("cp866", '-5~dB "ja" "ja" "да"', id="866"),
        pytest.param("cp1252", "-5~dB “ja” „ja” «da»", id="1252"),
        pytest.param("cp1257", "-5~dB “ja” „jā” «da»", id="1257"),
        pytest.param("ascii", '-5 dB "ja" "ja" "da"', id="ascii"),
    ],
)
def test_typography_falls_back_where_a_code_page_has_none(encoding: str, shown: str) -> None:
    text = transliterate(with_no_break_spaces("−5~dB “ja” „jā” «да»"), encoding)
    assert text == with_no_break_spaces(shown)
    assert text.encode(encoding)


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("name", REPORTS)
def test_only_sections_stand_apart(name: str, width: int) -> None:
    sources = {check.id.partition(".")[0] for check in REPORTS[name].checks}
    assert shown(name, width=width).count("") == len(sources) + 1


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("plain", [True, False], ids=["plain", "laid out"])
def test_every_encoding_carries_it_without_a_question_mark_for_a_letter(
    encoding: str, lang: str, *, plain: bool
) -> None:
    screen = Screen(encoding=encoding)
    for name in ("not-ready", "incomplete"):
        text = terminal.render(REPORTS[name], Words(lang), screen, verbose=True, plain=plain)
        assert text.encode("ascii" if encoding.startswith("no-") else encoding), name
        assert text.count("?") == questions(name, lang, plain=plain), name


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", REPORTS)
def test_columns_stand_apart_where_letters_are_transliterated(name: str, lang: str) -> None:
    words = Words(lang)
    rows = terminal.render(REPORTS[name], words, Screen(width=100, encoding="ascii")).splitlines()
    for check in REPORTS[name].checks:
        word = transliterate(words.say(VERDICTS[check.verdict]), "ascii")
        title = transliterate(words.title(check.id), "ascii")
        assert any(
            re.match(rf"  . {re.escape(word)} {{2,}}{re.escape(title)}( {{2,}}|$)", row) for row in rows
        )


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("ready", "Ready."),
        ("ready-with-warnings", "Ready."),
        ("left-out", "Everything that was checked is ready (13 of 17 checks)."),
        ("not-ready", "Not ready yet. "),
        ("incomplete", "Not fully checked. Another program is using the camera. Close"),
        ("nothing", "Not fully checked. Nothing was measured."),
    ],
)
def test_the_first_line_sums_it_up(name: str, first: str) -> None:
    assert shown(name)[0].startswith(first)


def test_what_a_source_suffers_from_is_explained_once() -> None:
    lines = shown("incomplete", width=100)
    # In the summary, and in the camera's own section: what to do.
    assert sum("Close Zoom, Teams" in line for line in lines) == 2
    assert sum("Another program is using the camera." in line for line in lines) == 2
    # In each other row that could not be measured: why.
    assert sum(line.endswith("another program is using the camera") for line in lines) == 5
    assert sum("voice.wav" in line for line in shown("incomplete")) == 1


def test_a_value_just_short_of_its_bound_does_not_look_like_the_bound() -> None:
    text = "\n".join(shown("not-ready"))
    assert with_no_break_spaces("7.9996~Mbit/s") in text
    assert not re.search(r"[^.\d]8 Mbit/s \(", text)


def test_every_check_is_there_with_its_verdict_in_a_word() -> None:
    for name in REPORTS:
        words = [
            line for line in shown(name) if re.match(r"  [✓!✗?–] (Pass|Warning|Fail|Not measured|Skip)", line)
        ]
        assert len(words) == len(REPORTS[name].checks)


def test_only_what_is_not_ready_says_how_to_send_the_report() -> None:
    for name in REPORTS:
        told = any("preflight run --output report.html" in line for line in shown(name))
        assert told is not name.startswith(("ready", "left-out")), name
        assert "--output" not in terminal.render(REPORTS[name], Words("en"), Screen(width=80)), name


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_to_be_typed_stands_on_one_line(lang: str, width: int) -> None:
    lines = shown("not-ready", lang, width=width)
    assert [line for line in lines if line.endswith("preflight run --output report.html")]


def test_a_report_shown_again_is_the_report_printed_at_the_run() -> None:
    for name, report in REPORTS.items():
        again = json_document.load(json_document.parse(json_document.dump(report).encode(), name), name)
        one, other = (terminal.render(each, Words("lv"), Screen(), verbose=True) for each in (report, again))
        assert one == other


@pytest.mark.parametrize("name", REPORTS)
def test_plain_lines_hold_no_symbols_and_no_escape_sequences(name: str) -> None:
    screen = Screen(width=60, colour=True)
    text = terminal.render(REPORTS[name], Words("en"), screen, plain=True)
    assert not re.search(r"[✓✗→·\x1b|]| {2}", text)
    assert text.count("\n") == len([line for line in text.splitlines() if line.strip()])
    for check in REPORTS[name].checks:
        assert f"{Words('en').title(check.id)}: " in text


def test_colour_stands_beside_words_and_changes_none_of_them() -> None:
    for report in REPORTS.values():
        coloured = terminal.render(report, Words("en"), Screen(colour=True))
        assert "\x1b[" in coloured
        bare = "".join(f"{line.rstrip()}\n" for line in re.sub(r"\x1b\[[\d;]*m", "", coloured).splitlines())
        assert bare == terminal.render(report, Words("en"), Screen())


POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows is asked, not the stream")


class Terminal(StringIO):
    encoding = "cp775"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "colour"),
    [
        pytest.param(Terminal(), {}, True, id="a terminal", marks=POSIX),
        pytest.param(Terminal(), {"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param(Terminal(), {"NO_COLOR": ""}, True, id="an empty NO_COLOR", marks=POSIX),
        pytest.param(Terminal(), {"TERM": "dumb"}, False, id="a dumb terminal"),
        pytest.param(StringIO(), {}, False, id="a pipe"),
        pytest.param(StringIO(), {"FORCE_COLOR": "1"}, True, id="a pipe with FORCE_COLOR"),
        pytest.param(StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="both"),
        pytest.param(None, {}, False, id="no stream at all"),
    ],
)
def test_colour_is_chosen_by_the_environment_then_by_the_stream(
    stream: StringIO | None, environ: dict[str, str], *, colour: bool
) -> None:
    assert Screen.of(stream, environ).colour is colour


def test_the_width_comes_from_columns_and_never_gets_too_narrow() -> None:
    assert Screen.of(StringIO(), {"COLUMNS": "60"}).width == 60
    assert Screen.of(StringIO(), {"COLUMNS": "3"}).width == 20
    for wrong in ("wide", "", "0", "²", "9" * 5000):
        assert Screen.of(StringIO(), {"COLUMNS": wrong}).width == 80
    assert Screen.of(Terminal(), {}).encoding == "cp775"


def test_a_terminal_that_does_not_know_its_width_has_the_usual_one() -> None:
    pty = pytest.importorskip("pty", reason="terminals of POSIX")
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        assert os.get_terminal_size(theirs).columns == 0
        assert Screen.of(stream, {}).width == 80
    os.close(ours)


def test_details_show_every_fact() -> None:
    report = REPORTS["not-ready"]
    text = "\n".join(shown("not-ready", verbose=True, width=100))
    for check in report.checks:
        # What the cause of a check stands for is said in its finding.
        for fact in check.facts.keys() - {"cause"}:
            assert Words("en").label(check.id, fact) in text, (check.id, fact)
    assert set(GOOD) == {check.id for check in report.checks}
    assert "load 9.3 on 2 processors" in text
