"""The words: everything a person reads, in English here and in lv and ru under `locale`.

Each module holds the messages of one kind. `_` only marks a string for translation;
`Words` says it in a language.
"""

from preflight.texts.checks import CHECKS, FACTS, MEASURED, USUAL_HELP
from preflight.texts.command_line import HELP, PLACEHOLDERS, TYPER_MESSAGES, TYPER_NOTES
from preflight.texts.errors import ERRORS, SYSTEM_REASONS
from preflight.texts.guide import ALSO_NEEDED, GUIDE, PHASES
from preflight.texts.message import CheckText, MissText, TroubleText, _
from preflight.texts.troubles import DETAILED, TROUBLES
from preflight.texts.unmet_demands import MISSES
from preflight.texts.uplinks import UPLINK_ADVICE
from preflight.texts.values import (
    LEVELS,
    OPERATORS,
    READINESS,
    SKIP_REASONS,
    SOURCES,
    SYMBOLS,
    SYSTEM,
    UNITS,
    VERDICTS,
    WARN_REASONS,
)
from preflight.texts.words import LANGUAGES, Words, language

__all__ = [
    "ALSO_NEEDED",
    "CHECKS",
    "DETAILED",
    "ERRORS",
    "FACTS",
    "GUIDE",
    "HELP",
    "LANGUAGES",
    "LEVELS",
    "MEASURED",
    "MISSES",
    "OPERATORS",
    "PHASES",
    "PLACEHOLDERS",
    "READINESS",
    "SKIP_REASONS",
    "SOURCES",
    "SYMBOLS",
    "SYSTEM",
    "SYSTEM_REASONS",
    "TROUBLES",
    "TYPER_MESSAGES",
    "TYPER_NOTES",
    "UNITS",
    "UPLINK_ADVICE",
    "USUAL_HELP",
    "VERDICTS",
    "WARN_REASONS",
    "CheckText",
    "MissText",
    "TroubleText",
    "Words",
    "_",
    "language",
]
