"""What a message is: `_` marks one for translation, and a few classes hold those that belong together."""

from dataclasses import dataclass


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class CheckText:
    """What a check is about."""

    title: str
    question: str
    how: str
    sure: str = ""
    """How far the answer can be relied on."""
    measured: str = ""
    """What to show when all is well: a template of the check's facts, such as "{width} x {height}"."""


@dataclass(frozen=True, slots=True)
class MissText:
    """What to say of a demand that was not met."""

    finding: str
    effect: str
    advice: str


@dataclass(frozen=True, slots=True)
class TroubleText:
    """What to say of a measurement that broke."""

    finding: str
    advice: str
