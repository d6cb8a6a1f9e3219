"""What a person reads: values, intervals, misses, troubles, errors; complete in each language."""

import ast
import gettext
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
import sample_reports
import words as catalogue
from sample_reports import REPORTS, with_no_break_spaces

import preflight
from preflight import judge, policy, reports, texts
from preflight.errors import UserError
from preflight.model import (
    Check,
    Demand,
    Fact,
    Finding,
    Kind,
    Operator,
    Result,
    SkipReason,
    Trouble,
    Value,
    Verdict,
    between,
    exact,
    unknown,
)
from preflight.reports.content import details, item, source_of
from preflight.texts import LANGUAGES, Words, language

POLICY = policy.load()
TITLE_LIMIT = 26
NAMES = ("Zoom", "Klienta Kabinets", "Кабинет клиента", "{")


def placeholders(message: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(message) if name)


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
def test_every_message_is_translated_with_its_placeholders(lang: str) -> None:
    read = catalogue.read(lang)
    used = {message.id for message in catalogue.template() if message.id}
    assert {message.id for message in read if message.id} == used
    for message in read:
        assert not message.fuzzy, message.id
        if message.id:
            assert message.string, message.id
            assert placeholders(str(message.id)) == placeholders(str(message.string)), message.id


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
def test_what_the_program_reads_is_what_was_translated(lang: str) -> None:
    with catalogue.path(lang, "mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in catalogue.read(lang):
        if message.id:
            assert compiled.gettext(str(message.id)) == message.string


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_finding_goes_on_after_a_colon_and_advice_is_a_sentence(lang: str) -> None:
    words = Words(lang)
    told = {key: (miss.finding, miss.advice) for key, miss in texts.MISSES.items()}
    told |= {key: (cure.finding, cure.advice) for key, cure in texts.TROUBLES.items()}
    for key, messages in told.items():
        finding, advice = map(words.say, messages)
        assert finding[0].islower() or finding.startswith(NAMES), (key, finding)
        assert not finding.endswith("."), (key, finding)
        assert advice[0].isupper(), (key, advice)
        assert advice.endswith(".") or "sudo apt install" in advice, (key, advice)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_clients_page_names_the_verdicts_as_the_program_does(lang: str) -> None:
    page = (Path(__file__).parents[1] / ".github" / "CLIENTS.md").read_text("utf-8")
    for message in texts.READINESS.values():
        assert f"*{Words(lang).say(message)}*" in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_check_has_its_words_and_a_short_title(lang: str) -> None:
    for check in POLICY.catalogue:
        about = Words(lang).check_text(check, POLICY.parameters.get(source_of(check), {}))
        assert about.question.endswith("?"), check
        assert about.how, check
        assert about.sure, check
        assert len(about.title) <= TITLE_LIMIT, about.title
    assert set(texts.CHECKS) == set(POLICY.catalogue)


def test_every_demand_that_can_be_missed_has_its_words() -> None:
    for demand in POLICY.demands:
        assert f"{demand.check}.{demand.fact}" in texts.MISSES


def test_words_for_a_miss_speak_of_facts_that_exist() -> None:
    for key, miss in texts.MISSES.items():
        source, check, fact, *_cause = key.split(".")
        units = POLICY.catalogue[f"{source}.{check}"].units
        assert fact in units, key
        for message in (miss.finding, miss.effect, miss.advice):
            assert set(placeholders(message)) <= {"value", "bound", *units}, key


def test_a_vpn_is_a_guess_only_where_it_is_not_known_whether_one_is_on() -> None:
    advised = {key: miss.advice for key, miss in texts.MISSES.items()}
    advised |= {key: cure.advice for key, cure in texts.TROUBLES.items()}
    guessed = {key for key, advice in advised.items() if "VPN if you use one" in advice}
    assert guessed
    for kind, table in texts.UPLINK_ADVICE.items():
        assert set(table) <= set(advised), kind
        assert not any("VPN if" in advice for advice in table.values())
    assert guessed <= set(texts.UPLINK_ADVICE["vpn"])
    assert guessed <= set(texts.UPLINK_ADVICE["no-vpn"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_measured_stands_after_the_colon_of_a_cause(lang: str) -> None:
    for key, miss in texts.MISSES.items():
        if key.count(".") > 2:
            assert not placeholders(Words(lang).say(miss.finding).partition(":")[0]), key


def test_what_is_shown_when_all_is_well_speaks_of_facts_that_exist() -> None:
    shown = {check: about.measured for check, about in texts.CHECKS.items()}
    shown |= {key.rpartition(".")[0]: message for key, message in texts.MEASURED.items()}
    for check, message in shown.items():
        assert set(placeholders(message)) <= set(POLICY.catalogue[check].units), check


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fact_has_a_name(lang: str) -> None:
    for check, entry in POLICY.catalogue.items():
        for fact in entry.units:
            if fact != "cause":
                assert f"{check}.{fact}" in texts.FACTS or fact in texts.FACTS, f"{check}.{fact}"
                assert Words(lang).label(check, fact)


def test_every_unit_of_the_policy_has_its_words() -> None:
    assert {unit for entry in POLICY.catalogue.values() for unit in entry.units.values()} <= set(texts.UNITS)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_every_trouble_has_its_words(kind: Kind, lang: str) -> None:
    for source in texts.SOURCES:
        cure = Words(lang).trouble(Trouble(kind=kind), source)
        assert cure.finding
        assert cure.advice


@pytest.mark.parametrize(
    ("kind", "source", "about"),
    [
        pytest.param(Kind.UNREACHABLE, "camera", "camera", id="a network camera"),
        pytest.param(Kind.UNREACHABLE, "network", "test server", id="a line"),
        pytest.param(Kind.NO_DATA, "power", "plugged in", id="a system that tells nothing"),
    ],
)
def test_a_trouble_is_told_of_what_had_it(kind: Kind, source: str, about: str) -> None:
    assert about in Words("en").trouble(Trouble(kind=kind), source).finding


def raised() -> Iterator[tuple[str, set[str]]]:
    """Every key that is told anywhere in the program, with the names of its values."""
    for path in Path(preflight.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="UserError" | "UsageError"), args=[ast.Constant(value=str(key)), *_]
                ):
                    yield key, {keyword.arg or "" for keyword in node.keywords}


def test_every_error_that_is_raised_has_its_words_and_their_values() -> None:
    found = list(raised())
    assert len(found) > 20
    for key, names in found:
        assert key in texts.ERRORS, key
        assert set(placeholders(texts.ERRORS[key])) <= names, key


@pytest.mark.parametrize(
    ("fact", "english", "latvian"),
    [
        pytest.param(exact(24.31, "Mbit/s"), "24.3~Mbit/s", "24,3~Mbit/s", id="three figures"),
        pytest.param(exact(1920, "px"), "1920~px", "1920~px", id="an integer as it is"),
        pytest.param(exact(1234.56, "ms"), "1235~ms", "1235~ms", id="no decimals above a hundred"),
        pytest.param(exact(0.03421), "0.0342", "0,0342", id="small"),
        pytest.param(exact(-52.34, "dBFS"), "−52.3~dBFS", "−52,3~dBFS", id="negative"),
        pytest.param(exact(-0.0), "0", "0", id="no negative nought"),
        pytest.param(exact((6, 0, 2)), "6.0.2", "6.0.2", id="a version has points everywhere"),
        pytest.param(exact(True), "yes", "jā", id="yes"),  # noqa: FBT003 - a fact
        pytest.param(exact(False), "no", "nē", id="no"),  # noqa: FBT003 - a fact
        pytest.param(exact("Firefox"), "Firefox", "Firefox", id="a name"),
        pytest.param(unknown("min"), "unknown", "nav zināms", id="unknown"),
        pytest.param(exact(3, "furlong"), "3~furlong", "3~furlong", id="an unknown unit"),
        pytest.param(
            between(24.0, 24.0, None, "Mbit/s"), "at least 24~Mbit/s", "vismaz 24~Mbit/s", id="at least"
        ),
        pytest.param(between(30, None, 30, "s"), "at most 30~s", "ne vairāk kā 30~s", id="at most"),
        pytest.param(between(8.0, 7.6, 8.3, "dB"), "8~dB (7.6–8.3)", "8~dB (7,6–8,3)", id="an interval"),
        pytest.param(
            between(-50.0, -52.0, -48.0, "dBFS"),
            "−50~dBFS (−52 to −48)",
            "−50~dBFS (no −52 līdz −48)",
            id="a negative interval",
        ),
        pytest.param(between(9.0, 8.0, None, "s"), "9~s (at least 8)", "9~s (vismaz 8)", id="open above"),
    ],
)
def test_a_fact_in_words(fact: Fact, english: str, latvian: str) -> None:
    assert Words("en").fact(fact) == with_no_break_spaces(english)
    assert Words("lv").fact(fact) == with_no_break_spaces(latvian)


@pytest.mark.parametrize(
    ("factor", "english", "latvian", "russian"),
    [
        (1, "1~time", "1~reizi", "в 1~раз"),
        (2, "2~times", "2~reizes", "в 2~раза"),
        (2.8, "2.8~times", "2,8~reizes", "в 2,8~раза"),
        (5, "5~times", "5~reizes", "в 5~раз"),
        (5.1, "5.1~times", "5,1~reizes", "в 5,1~раза"),
        (11, "11~times", "11~reizes", "в 11~раз"),
        (12, "12~times", "12~reizes", "в 12~раз"),
        (21, "21~times", "21~reizi", "в 21~раз"),
        (22, "22~times", "22~reizes", "в 22~раза"),
        (111, "111~times", "111~reizes", "в 111~раз"),
    ],
)
def test_a_word_goes_with_its_number(factor: float, english: str, latvian: str, russian: str) -> None:
    facts = {"dark_half": exact(12.0), "light_factor": exact(factor), "cause": exact("dark")}
    demand = Demand(check="camera.lighting", fact="dark_half", operator=Operator.AT_LEAST, bound=20)
    result = Result(fact="dark_half", verdict=Verdict.FAIL, why=None, demand=demand)
    check = Check(id="camera.lighting", verdict=Verdict.FAIL, facts=facts, results=(result,))
    for lang, expected in zip(LANGUAGES, (english, latvian, russian), strict=True):
        assert f" {with_no_break_spaces(expected)} " in f"{Words(lang).miss(check, result).finding} "


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_word_that_goes_with_a_number_has_the_forms_of_its_language(lang: str) -> None:
    parts = [
        part
        for message in catalogue.template()
        for _, name, part, _ in string.Formatter().parse(Words(lang).say(str(message.id)))
        if name and part
    ]
    assert any("|" in part for part in parts)
    forms = {"en": 2, "lv": 2, "ru": 3}
    assert {len(part.split("|")) for part in parts if part != "#"} == {forms[lang]}


@pytest.mark.parametrize(
    ("value", "bound", "shown"),
    [
        (7.9996, 8.0, "7.9996"),
        (7.9996, 8, "7.9996"),
        (8.0, 8, "8"),
        (8.04, 8.0, "8.04"),
        (99.98, 100.0, "99.98"),
        (150.4, 150.0, "150.4"),
        (7.5, 8.0, "7.5"),
        (9, 8, "9"),
    ],
)
def test_a_value_never_looks_like_a_bound_that_it_is_not(value: float, bound: Value, shown: str) -> None:
    assert Words("en").number(value, apart_from=bound) == shown


def test_a_demand_in_words() -> None:
    least = Demand(check="network.download", fact="rate", operator=Operator.AT_LEAST, bound=8, comfortable=12)
    words = Words("ru")
    assert words.bound(least, "Mbit/s") == with_no_break_spaces("не менее 8~Мбит/с")
    assert words.comfortable_bound(least, "Mbit/s") == with_no_break_spaces("не менее 12~Мбит/с")
    version = Demand(check="software.zoom", fact="version", operator=Operator.AT_LEAST, bound=(5, 17, 5))
    assert words.bound(version, "") == "не менее 5.17.5"


def test_figures_in_texts_are_those_of_the_policy() -> None:
    parameters = {"most_mb": 4.0, "session_mbit": 2.5, "quiet_s": 6.0, "voice_s": 7.5, "host": ""}
    words = Words("en")
    for name, figure in (("download", "4~MB"), ("upload", "4~MB"), ("rehearsal", "2.5~Mbit/s")):
        assert with_no_break_spaces(figure) in words.phase("network", name, parameters)
    how = words.check_text("microphone.noise", parameters).how
    assert with_no_break_spaces("6~s is compared with 7.5~s") in how


def test_an_error_is_told_in_each_language() -> None:
    error = UserError("file-unreadable", path="a{b}.json", reason="gone")
    assert Words("en").error_text(error) == "a{b}.json cannot be read: gone."
    assert "a{b}.json" in Words("lv").error_text(error)
    assert Words("lv").error_text(error) != Words("en").error_text(error)


def test_a_value_that_is_missing_breaks_no_sentence() -> None:
    assert Words("en").say("{value} of {bound}", value=3) == "3 of ?"
    assert Words("en").say("{value:#} {value:time|times} {bound}", bound=3) == "? times 3"
    assert Words("en").say("") == ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_check_of_every_report_can_be_told(lang: str) -> None:
    words = Words(lang)
    for report in REPORTS.values():
        for check in report.checks:
            assert words.measured_text(check) is not None
            for result in check.results:
                assert "?" not in words.miss(check, result).finding, (check.id, result.fact)
            if check.skipped_for:
                assert words.skip_reason(check.skipped_for)
            if check.trouble:
                assert words.trouble(check.trouble, source_of(check.id)).finding
    assert all(words.skip_reason(unmet) for unmet in SkipReason)


@pytest.mark.parametrize(
    ("explicit", "environ", "system", "expected"),
    [
        pytest.param("ru", {"LANG": "lv_LV.UTF-8"}, "", "ru", id="the one asked for"),
        pytest.param(None, {"LANG": "lv_LV.UTF-8"}, "ru-RU", "lv", id="LANG"),
        pytest.param(None, {"LANG": "lv_LV", "LC_MESSAGES": "ru_RU"}, "", "ru", id="LC_MESSAGES before LANG"),
        pytest.param(None, {"LC_ALL": "lv_LV", "LC_MESSAGES": "ru_RU"}, "", "lv", id="LC_ALL before all"),
        pytest.param(None, {"LC_ALL": "", "LANG": "ru"}, "", "ru", id="an empty LC_ALL"),
        pytest.param(None, {"LANG": "C.UTF-8"}, "lv-LV", "lv", id="C says nothing"),
        pytest.param(None, {"LANG": "POSIX"}, "", "en", id="POSIX says nothing"),
        pytest.param(None, {}, "ru_RU", "ru", id="the system's own word"),
        pytest.param(None, {"LANG": "de_DE.UTF-8"}, "lv_LV", "en", id="a language we do not speak"),
        pytest.param(None, {"LANG": "sr@latin"}, "", "en", id="a modifier"),
        pytest.param(None, {"LANG": "lv@quot"}, "", "lv", id="a modifier of ours"),
        pytest.param(None, {"LC_ALL": "lv.UTF-8"}, "", "lv", id="no country"),
        pytest.param(None, {}, "", "en", id="nothing at all"),
    ],
)
def test_the_language_is_the_one_asked_for_then_the_systems(
    explicit: str | None, environ: dict[str, str], system: str, expected: str
) -> None:
    assert language(explicit, environ, lambda: system) == expected


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("width", "most"), [(40, 40), (80, 80), (200, 100)])
def test_what_is_demanded_fits_the_screen(lang: str, width: int, most: int) -> None:
    words = Words(lang)
    shown = [
        reports.checks_text(POLICY, words, width=width),
        *(reports.checks_text(POLICY, words, source, width=width) for source in policy.SOURCES),
        reports.policy_text(POLICY, words, width=width),
        reports.also_needed(words, width=width),
    ]
    assert max(len(line) for text in shown for line in text.splitlines()) <= most


def told(check: str, **facts: Fact) -> str:
    """What is said of a check of the good report with other facts, in English."""
    changed = sample_reports.with_facts(check, **facts)[check]
    said = item(judge.judge(check, changed, POLICY.demands_on(check)), Words("en"))
    return f"{said.measured}\n{said.finding}\n{said.action}"


def test_a_size_is_told_without_units_of_its_parts() -> None:
    said = told("camera.video", detail=exact(720, "px"))
    assert (
        with_no_break_spaces("the picture is 1920~×~1080~px but looks as if it was enlarged from 720 lines")
        in said
    )


@pytest.mark.parametrize("cause", ["", "hum", "hiss", "talking", "intermittent"])
def test_a_voice_below_the_background_is_not_called_louder(cause: str) -> None:
    said = told("microphone.noise", ratio=exact(-20.0, "dB"), cause=exact(cause))
    assert "the difference between your voice and " in said
    assert with_no_break_spaces("is only −20~dB\n") in said
    assert "louder" not in said


def test_what_cannot_be_told_is_named() -> None:
    assert "could not be determined: UDP works" in told("network.reach", udp=unknown())
    assert "not certain that this is enough" in told("network.stability", loss=unknown("%"))


def test_what_was_not_measured_has_its_unit() -> None:
    silent = Finding(facts={"present": exact(value=True), "muted": exact(value=False)})
    check = judge.judge("microphone.signal", silent, POLICY.demands_on("microphone.signal"))
    for line in details(check, Words("en")):
        assert not re.search(r"(at least|at most) −?[\d.]+(?!\s(dB|dBFS|s)\b|%)(?![\d.])", line), line
    assert "at most 0.1%" in item(check, Words("en")).measured


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_is_pointed_to_the_warnings_finds_them_by_their_name(lang: str) -> None:
    words = Words(lang)
    stem = words.say(texts.VERDICTS[Verdict.WARN])[:7].lower()
    assert stem in reports.headline(REPORTS["ready-with-warnings"], words).lower()


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        pytest.param("macos says: camera denied to iTerm", "switch on iTerm. Then quit iTerm", id="denied"),
        pytest.param(
            "closed; macos says: camera denied to Visual Studio Code", "Studio Code", id="opened first"
        ),
        pytest.param("macos says: camera denied", "privacy settings", id="denied to nobody known"),
        pytest.param("macos says: camera not-asked to iTerm", "choose “OK”", id="not answered"),
        pytest.param("macos says: camera not-asked", "choose “OK”", id="not answered, nobody known"),
        pytest.param("ended with status -6; macos says: camera undeclared", "Apple's own", id="undeclared"),
        pytest.param("linux says: camera denied", "privacy settings", id="another system"),
        pytest.param("macos says: camera denied to <b>{0}</b>", "privacy settings", id="not a name"),
    ],
)
def test_the_advice_on_a_mac_names_what_to_switch_on(detail: str, said: str) -> None:
    trouble = Trouble(kind=Kind.NO_PERMISSION, detail=detail)
    assert said in Words("en").trouble(trouble, "camera").advice
