"""One term per thing and language, no English left, typography: in all messages and what commands print."""

import contextlib
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import words as catalogue
from sample_reports import POLICY, REPORTS

from preflight import cli, policy, reports
from preflight.model import Kind, Report
from preflight.reports import html, junit, markdown, terminal
from preflight.reports.terminal import Screen
from preflight.texts import LANGUAGES, SYSTEM, Words

ROOT = Path(__file__).parents[1]
GLOSSARY = tomllib.loads((ROOT / "tests/glossary.toml").read_text("utf-8"))
TERMS: list[dict[str, Any]] = GLOSSARY["term"]
COMMANDS = ([], *([command] for command in cli.COMMANDS), ["policy", "show"], ["policy", "check"])
LETTERS = re.compile(r"[^\W\d_]+(?:['’/-][^\W\d_]+)*")
NAMES = re.compile(
    r"(?<!\w)--?[a-z][\w-]*"  # options
    r"|sudo apt install .*|sudo snap connect \S+|`.*?`"  # what is typed
    r"|https?:\S+|[\w/-]*\.[\w./-]+|\w+_\w+"  # addresses, ids, files, versions
    r"|\{[^{}]*\}|<[^<>]*>|&\w+;|&#\w+;"  # placeholders, markup
    r"|\[[^\[\]]*[=|][^\[\]]*\]|\w+(\|\w+)+"  # values to choose from
    r"|\b1[0-9A-Z]{2,4}(-[0-9A-Z]{2,5})+"  # codes
)
KINDS = frozenset(Kind)
QUOTES = {"en": "“”", "lv": "„”", "ru": "«»"}


def messages() -> list[str]:
    return sorted({message for message, _ in catalogue.messages()})


def named(term: dict[str, Any]) -> str:
    return str(term["thing"])


def found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


@pytest.mark.parametrize("term", [term for term in TERMS if "en" in term], ids=named)
def test_a_thing_has_one_name(term: dict[str, Any]) -> None:
    used = [message for message in messages() if found(term["en"], message)]
    assert used
    for lang in catalogue.LANGUAGES:
        for message in used:
            assert found(term[lang], Words(lang).say(message)), (lang, message)


@pytest.mark.parametrize("term", [term for term in TERMS if "never" in term], ids=named)
def test_what_the_glossary_forbids_is_said_nowhere(term: dict[str, Any]) -> None:
    for lang, patterns in term["never"].items():
        for said in map(Words(lang).say, messages()):
            for pattern in patterns:
                assert not found(pattern, said), (lang, pattern, said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_message_is_set_as_its_language_is(lang: str) -> None:
    percent = r"\d\s%" if lang == "en" else r"\d%"
    for said in map(Words(lang).say, messages()):
        assert '"' not in said, said
        assert not set(said) & (set("“”„«»") - set(QUOTES[lang])), said
        assert said.count(QUOTES[lang][0]) == said.count(QUOTES[lang][1]), said
        assert not re.search(r"(?<!\n)(?<! )  (?! )", said), said
        assert not re.search(r"(?<![\w.})-])-\d", said), said
        assert not re.search(percent, said), said
        assert not re.search(r"(?<![\w.,-])\d+ (?=[^\W\d_]|%)", said), said


def test_the_english_pages_write_percent_as_the_messages_do() -> None:
    for page in (ROOT / "README.md", *(ROOT / ".github").glob("*.md")):
        english_part = page.read_text("utf-8").partition("\n## Latviešu")[0]
        assert not re.search(r"\d\s%", re.sub("`.*?`", "", english_part)), page.name


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
def test_no_english_is_left_in_a_message(lang: str) -> None:
    for message in messages():
        assert not english(Words(lang).say(message), lang), message


@pytest.mark.parametrize("lang", catalogue.LANGUAGES)
def test_no_english_is_left_in_what_is_printed(lang: str) -> None:
    for shown, text in printed(lang):
        assert not english(text, lang), shown
        assert not re.search(r"\bPreflight\b", text), shown
        # Brackets in brackets, a range in signs, a help that was cut short.
        assert not shown.endswith("--help") or not re.search(r"\[\[|\{|<=|\w\.\.\.", text), shown


def english(text: str, lang: str) -> set[str]:
    """Return the English words of a text: in Latin letters, or of the smallest that Latvian has not."""
    words = set(LETTERS.findall(NAMES.sub(" ", text)))
    if lang == "lv":
        return words & set(GLOSSARY["english"])
    return set(filter(str.isascii, words)) - {*GLOSSARY["latin"], *KINDS}


def without_details(report: Report) -> Report:
    """A report without what is for support staff in any language, of a computer that says what ours do."""
    checks = (
        replace(check, trouble=check.trouble and replace(check.trouble, detail="")) for check in report.checks
    )
    system = dict.fromkeys(SYSTEM, "12")
    return replace(report, checks=tuple(checks), system=system)


def printed(lang: str) -> Iterator[tuple[str, str]]:
    """Yield what commands print, by their names."""
    words, screen = Words(lang), Screen(program="preflight run")
    for name, made in REPORTS.items():
        report = without_details(made)
        for plain in (False, True):
            yield f"show {name}", terminal.render(report, words, screen, verbose=not plain, plain=plain)
        page = html.render(report, words)
        yield f"page {name}", re.sub("<style>.*?</style>", "", page, flags=re.DOTALL)
        yield f"markdown {name}", markdown.render(report, words)
        yield f"junit {name}", " ".join(re.findall(r'message="(.*?)"', junit.render(report, words)))
    yield "compare", reports.compare(REPORTS["not-ready"], REPORTS["ready"], words).text()
    yield "checks", reports.checks_text(POLICY, words)
    for source in policy.SOURCES:
        yield f"checks {source}", reports.checks_text(POLICY, words, source)
    yield "policy show", reports.policy_text(POLICY, words)
    for command in COMMANDS:
        out = io.TextIOWrapper(io.BytesIO(), "utf-8")
        with contextlib.redirect_stdout(out):
            assert cli.main([*command, "--help", "--lang", lang]) == 0
        out.seek(0)
        yield f"{' '.join(command)} --help", out.read()
