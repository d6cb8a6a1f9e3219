"""The words: everything a person reads, in English here and in lv and ru under `locale`.

Each check has a title, a question and a word on how it is measured; each demand
that can be missed has what was found, its effect on the session, and one action.
`_` only marks a string for translation; `Words` says it in a language.
"""

from collections.abc import Mapping
from dataclasses import dataclass


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class About:
    """What a check is about."""

    title: str
    question: str
    how: str


@dataclass(frozen=True, slots=True)
class Miss:
    """What to say of a demand that was not met."""

    finding: str
    effect: str
    advice: str


CHECKS: Mapping[str, About] = {
    # --- camera ---
    # --- microphone ---
    # --- network ---
    # --- power ---
    # --- software ---
}

MISSES: Mapping[str, Miss] = {
    # "check.fact" or, more exact, "check.fact.cause"
    # --- camera ---
    # --- microphone ---
    # --- network ---
    # --- power ---
    # --- software ---
}

PHASES: Mapping[str, str] = {
    # What is said while a source works; keyed by the name given to Link.phase or Link.ask.
    # --- camera ---
    # --- microphone ---
    # --- network ---
    # --- power ---
    # --- software ---
}

ERRORS: Mapping[str, str] = {
    # What a person is told when something cannot be done; keyed by errors.Told.key.
}
