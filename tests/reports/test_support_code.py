"""The code for the telephone: what it carries, what it never guesses, and who can still read it."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_reports import REPORTS

from preflight import cli, policy
from preflight.errors import UsageError
from preflight.model import Check, Report, Verdict
from preflight.reports import json_document, support_code
from preflight.reports.content import age
from preflight.texts import CHECKS, LANGUAGES, Words

CHECKED = support_code.LAYOUTS[support_code.VERSION]
SYMBOLS = st.sampled_from(support_code.ALPHABET)


def judged(verdicts: Sequence[Verdict], name: str = "bluor", version: str = "2026.11") -> Report:
    checks = tuple(Check(id=check, verdict=each) for check, each in zip(CHECKED, verdicts, strict=True))
    return replace(REPORTS["ready"], checks=checks, policy_name=name, policy_version=version)


REPORTED = st.builds(
    judged,
    st.tuples(*[st.sampled_from(Verdict)] * len(CHECKED)),
    st.text(max_size=20),
    st.text(max_size=20),
)


def told(*arguments: str) -> tuple[int, str]:
    printed = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n")
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = cli.main(arguments)
    printed.seek(0)
    return code, printed.read()


def test_it_speaks_of_every_check_there_is() -> None:
    assert tuple(policy.load().catalogue) == CHECKED


@pytest.mark.parametrize("check", CHECKED)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_knows_what_usually_helps(check: str, lang: str) -> None:
    assert Words(lang).usual_help(check)
    assert check in CHECKS


@given(REPORTED)
def test_what_was_reported_is_what_is_read(report: Report) -> None:
    code = support_code.decode(support_code.encode(report))
    assert code.verdicts == {check.id: check.verdict for check in report.checks}
    assert code.policy == support_code.fingerprint(report.policy_name, report.policy_version)


@given(REPORTED, st.data())
def test_one_wrong_character_is_told(report: Report, data: st.DataObject) -> None:
    code = support_code.encode(report)
    place = data.draw(st.sampled_from([i for i, each in enumerate(code) if each != "-"]))
    wrong = data.draw(SYMBOLS.filter(lambda each: each != code[place]))
    with pytest.raises(UsageError):
        support_code.decode(code[:place] + wrong + code[place + 1 :])


@given(REPORTED, st.data())
def test_two_neighbours_that_changed_places_are_told(report: Report, data: st.DataObject) -> None:
    code = support_code.encode(report).replace("-", "")
    places = [i for i in range(len(code) - 1) if code[i] != code[i + 1]]
    place = data.draw(st.sampled_from(places))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    with pytest.raises(UsageError):
        support_code.decode(swapped)


@given(REPORTED, st.data())
def test_a_character_too_few_or_too_many_is_told(report: Report, data: st.DataObject) -> None:
    code = support_code.encode(report).replace("-", "")
    place = data.draw(st.integers(0, len(code) - 1))
    for other in (code[:place] + code[place + 1 :], code[:place] + data.draw(SYMBOLS) + code[place:]):
        with pytest.raises(UsageError):
            support_code.decode(other)


def test_nothing_is_guessed_from_any_single_or_double_fault_of_one_code() -> None:
    code = support_code.encode(REPORTS["not-ready"]).replace("-", "")
    for first in range(len(code)):
        for one in set(support_code.ALPHABET) - {code[first]}:
            wrong = code[:first] + one + code[first + 1 :]
            assert refuses(wrong)
            second = (first + 5) % len(code)
            for other in set(support_code.ALPHABET) - {code[second]}:
                assert refuses(wrong[:second] + other + wrong[second + 1 :])


def refuses(code: str) -> bool:
    try:
        support_code.decode(code)
    except UsageError:
        return True
    return False


@given(REPORTED)
def test_it_may_be_typed_as_it_was_heard(report: Report) -> None:
    code = support_code.encode(report)
    said = support_code.decode(code)
    cyrillic = code.translate(str.maketrans("ABEKMHPCTXY03", "АВЕКМНРСТХYОЗ"))
    for typed in (
        code.lower(),
        code.replace("0", "O").replace("1", "l"),
        code.replace("0", "o").replace("1", "i"),
        cyrillic,
        cyrillic.lower(),
        code.replace("-", " "),
        code.replace("-", ""),
        f" {code}\u00a0",
        code.replace("-", "–"),
    ):
        assert support_code.decode(typed) == said, typed


def test_it_is_as_short_as_its_contents_allow() -> None:
    code = support_code.encode(REPORTS["ready"]).replace("-", "")
    length = len(code) - 3
    assert 32 ** (length - 1) < 32 * 5 ** len(CHECKED) <= 32**length


def test_a_code_of_a_newer_layout_says_so() -> None:
    newer = support_code._with_check_symbols([support_code.VERSION + 1, *range(12)])  # noqa: SLF001 - nobody makes one yet
    with pytest.raises(UsageError) as caught:
        support_code.decode(support_code._grouped_text(newer))  # noqa: SLF001 - as above
    assert caught.value.key == "code-newer"


def test_codes_that_were_given_out_stay_readable() -> None:
    code = support_code.decode("1K5R-J78-JPK-NVB")
    missed = {check: each for check, each in code.verdicts.items() if each is not Verdict.PASS}
    assert missed == {"camera.still": Verdict.WARN, "camera.lighting": Verdict.FAIL}
    assert code.policy == support_code.fingerprint("bluor", "2026.11")


@pytest.mark.parametrize(
    ("verdict", "exit_code"),
    [(Verdict.PASS, 0), (Verdict.WARN, 0), (Verdict.FAIL, 1), (Verdict.ERROR, 3), (Verdict.SKIP, 0)],
)
def test_show_says_what_each_check_came_to(verdict: Verdict, exit_code: int) -> None:
    others = [Verdict.PASS] * len(CHECKED)
    others[CHECKED.index("camera.lighting")] = verdict
    code, said = told("show", support_code.encode(judged(others)))
    assert code == exit_code
    assert said.count("✓") == len(CHECKED) - (verdict is not Verdict.PASS)
    assert ("lamp in front of you" in said) == (verdict in (Verdict.FAIL, Verdict.ERROR))
    assert "bluor 2026.11" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_show_tells_in_every_language_that_a_code_is_wrong(lang: str) -> None:
    code, said = told("show", "1K5R-J78-JPK-NVJ", "--lang", lang)
    assert code == 2
    assert said.strip() == Words(lang).error_text(UsageError("code-wrong", code="1K5R-J78-JPK-NVJ"))


def test_a_policy_of_ones_own_is_named_where_it_is_known(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('extends = "bluor"\nname = "own"\nversion = "7"\n', "utf-8")
    code = support_code.encode(judged([Verdict.PASS] * len(CHECKED), "own", "7"))
    assert "another policy" in told("show", code)[1]
    assert "own 7" in told("show", code, "--policy", str(own))[1]


@pytest.mark.parametrize("more", [("--format", "json"), ("--strict",), ("--output", "x.html")])
def test_a_code_has_nothing_for_another_format(
    more: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert told("show", "1K5R-J78-JPK-NVB", *more)[0] == 2
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_named_like_a_code_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("1K5R-J78-JPK-NVB").write_text(json_document.dump(REPORTS["not-ready"]), "utf-8")
    assert "Checked against" not in told("show", "1K5R-J78-JPK-NVB")[1]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", [(), ("--plain",)], ids=["laid out", "plain"])
def test_a_report_ends_in_its_code(lang: str, form: tuple[str, ...], tmp_path: Path) -> None:
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    report = replace(REPORTS["not-ready"], started=now)
    path = tmp_path / "report.json"
    path.write_text(json_document.dump(report), "utf-8")
    last = told("show", str(path), "--lang", lang, *form)[1].splitlines()[-1]
    assert last.removesuffix(".").endswith(support_code.encode(report))


@pytest.mark.parametrize(
    ("days", "hours", "said"),
    [(0, 0, ""), (0, 9, ""), (1, 0, "1"), (3, 0, "3"), (400, 0, "400"), (-2, 0, "")],
    ids=["now", "this morning", "yesterday", "three days ago", "last year", "a clock that went back"],
)
def test_the_age_of_a_report_is_told_by_days(days: int, hours: int, said: str) -> None:
    now = datetime.fromisoformat("2026-11-29T23:00:00+02:00")
    started = (now - timedelta(days=days, hours=hours)).isoformat(timespec="seconds")
    text = age(replace(REPORTS["ready"], started=started), Words("en"), now)
    assert (f"made: {said}." in text) == bool(said)
    assert bool(text) == bool(said)


@pytest.mark.parametrize("started", ["", "yesterday", "2026-13-41T00:00:00"])
def test_a_report_without_a_moment_has_no_age(started: str) -> None:
    now = datetime.fromisoformat("2026-11-29T23:00:00+02:00")
    assert age(replace(REPORTS["ready"], started=started), Words("en"), now) == ""
