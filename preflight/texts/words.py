"""Messages and values in one language: English where a translation is missing."""

import gettext
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path, PurePath
from typing import Self, TypeVar

from preflight import codec
from preflight.errors import UserError
from preflight.model import Check, Demand, Fact, Result, SkipReason, Trouble, Value, is_number
from preflight.texts.checks import CHECKS, FACTS, MEASURED, USUAL_HELP
from preflight.texts.errors import ERRORS
from preflight.texts.guide import PHASES
from preflight.texts.message import CheckText, MissText, TroubleText, _
from preflight.texts.troubles import DETAILED, TROUBLES
from preflight.texts.unmet_demands import MISSES
from preflight.texts.uplinks import UPLINK_ADVICE
from preflight.texts.values import OPERATORS, SKIP_REASONS, SYSTEM, UNITS

LANGUAGES = ("en", "lv", "ru")

_NUMBER_WITH_UNIT = re.compile(
    r"((?<![\w.,-])\d(?:[\d.,]*\d)?|\{number\}|\{(\w+)\}(?= \{\2:)) (?=[^\W\d_]|[%{])"
)
"""A number or its placeholder before the unit or the word that it counts."""

_PARAMETER_UNITS = {"s": "s", "seconds": "s", "mb": "MB", "mbit": "Mbit/s"}
"""The units of the policy's parameters by the ends of their names."""

_MAC_SAYS = re.compile(r"macos says: \w+ ([a-z-]+)(?: to ([\w ]{1,40}))?$")
"""What macOS said of a device, and the program that it said it of."""

_FILE_SAYS = re.compile(
    r"(other kind|no decoder|too large|too short|too long|no sound|interlaced): ([\w .-]{1,20})$"
)
"""What is wrong with a file that is whole: its kind, a library that is not there, its size or its coding."""

_INSTALL_DECODER = "pipx inject session-preflight av"

_GENERAL_MISS = MissText(
    finding=_("{title}: {value}, needed: {bound}"),
    effect="",
    advice=_("Ask the bank's support what to do, and send this report with your question."),
)


class _ValueText(str):
    """A value as it is shown, of which a message can also take a part.

    `{width:#}` is its number without the unit, `{value:time|times}` the word that goes
    with its number, in as many forms as the language has.
    """

    __slots__ = ("lang", "number")
    lang: str
    number: str

    def __new__(cls, text: str, number: str, lang: str) -> Self:
        shown = super().__new__(cls, text)
        shown.number, shown.lang = number, lang
        return shown

    def __format__(self, part: str) -> str:
        if part == "#":
            return self.number
        return part.split("|")[_plural_form(self.number, self.lang)] if part else str(self)


def _printable(value: object) -> object:
    # What is `_ValueText` was measured, or read as a report or a policy is.
    return codec.sanitize_text(str(value)) if type(value) is str or isinstance(value, PurePath) else value


class _Placeholders(dict[str, object]):
    """Values of placeholders; one that is missing never breaks a sentence."""

    def __missing__(self, key: str) -> str:
        return _ValueText("?", "?", "en")


_AnyText = TypeVar("_AnyText", CheckText, MissText, TroubleText)


class Words:
    """The words in one language; English where a translation is missing."""

    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in LANGUAGES else "en"
        self._gettext = _load_catalogue(self.lang)

    def say(self, message: str, /, **values: object) -> str:
        """Return a message in this language with its placeholders filled.

        A text or a path that is filled in may come from anywhere: it is made printable.
        """
        words = self._gettext(message) if message else ""
        return (
            words.format_map(_Placeholders({key: _printable(each) for key, each in values.items()}))
            if values
            else words
        )

    def error_text(self, error: UserError) -> str:
        """Return what a person is told of an error."""
        values = {name: self._value_text(value) for name, value in error.values.items()}
        if reason := error.values.get("reason"):
            values["reason"] = self._gettext(str(reason))
        return self.say(ERRORS.get(error.key, error.key), **values)

    def title(self, check: str) -> str:
        """Return the name of a check; of one without words, its id."""
        return self.say(CHECKS[check].title) if check in CHECKS else check

    def check_text(self, check: str, parameters: Mapping[str, object]) -> CheckText:
        """Return what a check is about; `parameters` are the policy's for its source."""
        return self._fill(
            CHECKS.get(check, CheckText(title=check, question="", how="")), self.figures(parameters)
        )

    def usual_help(self, check: str) -> str:
        """Return what usually helps where no more is known than that a check failed."""
        return self.say(USUAL_HELP[check]) if check in USUAL_HELP else ""

    def label(self, check: str, fact: str) -> str:
        """Return what a fact is called."""
        message = FACTS.get(f"{check}.{fact}") or FACTS.get(fact)
        return self.say(message) if message else fact.replace("_", " ")

    def system_label(self, name: str) -> str:
        """Return what is called so of the computer that a report was made on."""
        return self.say(SYSTEM.get(name, name))

    def number(self, number: float, *, apart_from: Value = None) -> str:
        """Return a number of three significant figures, or more where it would look like `apart_from`."""
        decimals = 0
        if isinstance(number, float) and number and abs(number) < 100:  # noqa: PLR2004 - three figures
            decimals = 2 - math.floor(math.log10(abs(number)))
        shown = _format_number(number, decimals)
        if isinstance(apart_from, int | float) and number != apart_from:
            while decimals < 9 and float(shown) == round(apart_from, decimals):  # noqa: PLR2004 - no noise
                decimals += 1
                shown = _format_number(number, decimals)
        shown = shown.replace("-", "\u2212")
        return shown if self.lang == "en" else shown.replace(".", ",")

    def value(self, value: Value, unit: str = "", *, apart_from: Value = None) -> str:
        """Return a value with its unit: "24.3 Mbit/s", "6.0.2", "yes"."""
        if value is None:
            return self.say(_("unknown"))
        if isinstance(value, bool):
            return self.say(_("yes") if value else _("no"))
        if isinstance(value, tuple):
            return ".".join(map(str, value))
        if isinstance(value, str):
            return value
        number = self.number(value, apart_from=apart_from)
        # The unit of a report that others wrote is not a message.
        return self.say(UNITS[unit], number=number) if unit in UNITS else f"{number}\N{NO-BREAK SPACE}{unit}"

    def fact(self, fact: Fact, *, apart_from: Value = None) -> str:
        """Return a fact with the interval it may lie in: "8 Mbit/s (7.6–8.3)", "at least 24 Mbit/s"."""
        shown = self.value(fact.value, fact.unit, apart_from=apart_from)
        if not is_number(fact.value):
            return shown
        low = None if fact.low is None else self.number(fact.low, apart_from=apart_from)
        high = None if fact.high is None else self.number(fact.high, apart_from=apart_from)
        exactly = self.number(fact.value, apart_from=apart_from)
        if low == high:
            return shown
        if high is None:
            bound = self.say(_("at least {bound}"), bound=shown if low == exactly else low)
            return bound if low == exactly else f"{shown} ({bound})"
        if low is None:
            bound = self.say(_("at most {bound}"), bound=shown if high == exactly else high)
            return bound if high == exactly else f"{shown} ({bound})"
        if fact.low is not None and fact.low < 0:
            return f"{shown} ({self.say(_('{low} to {high}'), low=low, high=high)})"
        return f"{shown} ({low}–{high})"

    def bound(self, demand: Demand, unit: str) -> str:
        """Return what a demand asks for: "at least 8 Mbit/s"."""
        return self.say(OPERATORS[demand.operator], bound=self.value(demand.bound, unit))

    def comfortable_bound(self, demand: Demand, unit: str) -> str:
        """Return the comfortable mark of a demand: "at least 12 Mbit/s"."""
        return self.say(OPERATORS[demand.operator], bound=self.value(demand.comfortable, unit))

    def measured_text(self, check: Check) -> str:
        """Return the template of a check filled with its facts, or an empty text where one is missing."""
        cause = check.facts.get("cause")
        message = MEASURED.get(f"{check.id}.{cause.value}", "") if cause is not None else ""
        message = message or (CHECKS[check.id].measured if check.id in CHECKS else "")
        known = {
            name: self._with_number(fact.value, self.fact(fact))
            for name, fact in check.facts.items()
            if fact.value is not None
        }
        try:
            return self.say(message).format_map(known)
        except KeyError:
            return ""

    def cause_key(self, check: Check, result: Result) -> str:
        """Return the key of the words for a cause that a check names; empty where there are none.

        It may name several, the weightiest first.
        """
        cause = check.facts.get("cause")
        named = str(cause.value).split(", ") if cause is not None else []
        keys = (f"{check.id}.{result.fact}.{each}" for each in named)
        return next((key for key in keys if key in MISSES), "")

    def miss(self, check: Check, result: Result, uplink: Sequence[str] = ()) -> MissText:
        """Return what was found, its effect and one action, by the cause the check names where it does.

        `uplink` is what is known of the way out, in the words of `UPLINK_ADVICE`.
        """
        key = self.cause_key(check, result) or f"{check.id}.{result.fact}"
        fact = check.facts.get(result.fact)
        unit = fact.unit if fact else ""
        value = self.value(fact.value, unit, apart_from=result.demand.bound) if fact else ""
        values = {
            name: self._with_number(other.value, self.value(other.value, other.unit))
            for name, other in check.facts.items()
        }
        return self._fill(
            _advise_by_uplink(MISSES.get(key, _GENERAL_MISS), key, uplink),
            {
                **values,
                "title": self.label(check.id, result.fact),
                **({"value": self._with_number(fact.value, value)} if fact else {}),
                "bound": self.value(result.demand.bound, unit),
            },
        )

    def trouble(self, trouble: Trouble, source: str, uplink: Sequence[str] = ()) -> TroubleText:
        """Return what is said of a measurement of a source that broke; `uplink` as in `miss`."""
        said = _MAC_SAYS.search(trouble.detail)
        exact = f"{trouble.kind}.{source}.{said[1]}" if said else ""
        # Whom it was denied to is only said where that is known.
        if exact in TROUBLES and said and (said[2] or said[1] != "denied"):
            return self._fill(TROUBLES[exact], {"program": said[2]})
        kind = _FILE_SAYS.match(trouble.detail)
        if kind and (exact := f"{trouble.kind}.{source}.{kind[1].replace(' ', '-')}") in TROUBLES:
            return self._fill(TROUBLES[exact], {"kind": kind[2], "command": _INSTALL_DECODER})
        own = f"{trouble.kind}.{source}"
        key = own if own in TROUBLES else str(trouble.kind)
        return self._fill(_advise_by_uplink(TROUBLES[key], key, uplink if source == "network" else ()), {})

    @staticmethod
    def shown_detail(trouble: Trouble) -> str:
        """Return the detail of a trouble that helps the person at once, where its words do not say it."""
        return trouble.detail if trouble.kind in DETAILED and not _FILE_SAYS.match(trouble.detail) else ""

    def skip_reason(self, skipped_for: str) -> str:
        """Return why a check was skipped."""
        if skipped_for in tuple(SkipReason):
            return self.say(SKIP_REASONS[SkipReason(skipped_for)])
        return self.say(_("first solve “{title}”"), title=self.title(skipped_for))

    def phase(self, source: str, name: str, parameters: Mapping[str, object]) -> str:
        """Return what is said of a phase or a prompt of a source; an empty text where nothing is.

        `parameters` are the policy's for this source.
        """
        return self.say(PHASES.get(f"{source}.{name}", PHASES.get(name, "")), **self.figures(parameters))

    def figures(self, parameters: Mapping[str, object]) -> dict[str, object]:
        """Return the policy's parameters as messages name them, with the units that end their names."""
        return {
            name: self._with_number(
                value, self.value(value, _PARAMETER_UNITS.get(name.rpartition("_")[2], ""))
            )
            for name, value in parameters.items()
            if is_number(value)
        }

    def _with_number(self, value: Value, text: str) -> str:
        number = self.number(value) if isinstance(value, int | float) else text
        return _ValueText(text, number, self.lang)

    def _value_text(self, value: object) -> object:
        return self.value(value) if isinstance(value, bool | int | float | tuple) else value

    def _fill(self, texts: _AnyText, values: Mapping[str, object]) -> _AnyText:
        said = {field.name: self.say(getattr(texts, field.name), **values) for field in fields(texts)}
        return type(texts)(**said)


_Cure = TypeVar("_Cure", MissText, TroubleText)


def _advise_by_uplink(texts: _Cure, key: str, uplink: Sequence[str]) -> _Cure:
    """Return the texts of a miss or a trouble with the advice that fits the way out best."""
    known = (UPLINK_ADVICE[kind] for kind in uplink)
    advice = next((table[key] for table in known if key in table), "")
    return replace(texts, advice=advice) if advice else texts


def language(explicit: str | None, environ: Mapping[str, str], system: Callable[[], str] = str) -> str:
    """Return the language to speak: the one asked for, else the system's, else English.

    `system` tells the user's language on systems that keep it outside the
    environment ("lv-LV", "ru_RU"), and is only asked when the environment says nothing.
    """
    if explicit:
        return explicit
    told = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    if told.partition(".")[0] in ("", "C", "POSIX"):
        told = system()
    code = re.split(r"[-_.@]", told)[0].lower()
    return code if code in LANGUAGES else "en"


def _load_catalogue(lang: str) -> Callable[[str], str]:
    """Return what finds the words of a message; in them a number stays on one line with what follows it."""
    folder = Path(__file__).parents[1] / "locale"
    find = gettext.translation("preflight", folder, languages=[lang], fallback=True).gettext

    @cache
    def words(message: str) -> str:
        said = _NUMBER_WITH_UNIT.sub("\\1\N{NO-BREAK SPACE}", find(message))
        return said.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")

    return words


def _format_number(number: float, decimals: int) -> str:
    """Return a number with at most so many decimals and no trailing zeros."""
    if isinstance(number, int):
        return str(number)
    number = round(number, decimals) + 0.0  # no minus before a nought
    shown = f"{number:.{max(decimals, 0)}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _plural_form(number: str, lang: str) -> int:
    """Return which form of a word goes with a number as it is shown: 0 one, 1 few or some, 2 many."""
    if not number.isdigit():
        return 1  # a fraction: "2.5 times", "2,5 reizes", "2,5 раза"
    if lang == "en":
        return int(number != "1")
    ones, tens = int(number[-1]), int(number[-2:-1] or 0)
    if tens != 1 and ones == 1:
        return 0
    return 1 if lang == "lv" or (tens != 1 and 1 < ones < 5) else 2  # noqa: PLR2004 - два, три, четыре
