"""The help of the command line in the reader's language: what the library adds is translated too."""

import re
from collections.abc import Sequence
from typing import Any

from preflight.texts import TYPER_NOTES, Words, _


def formatter_class(typers: Any, words: Words) -> Any:
    """Return Typer's own formatter of help, with its words in a language too."""

    class Formatter(typers):  # type: ignore[misc] # Typer's, of older versions Click's
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            del prefix
            # Typer puts brackets and braces around what has its own.
            tidy = re.sub(r"\[(\[.*?\])\]|\{(.*?)\}", r"\1\2", args).replace("…...", "…")
            super().write_usage(prog, translate_placeholders(tidy, words), words.say("Usage:") + " ")

        def write_heading(self, heading: str) -> None:
            super().write_heading(words.say(heading))

        def write_dl(self, rows: Sequence[tuple[str, str]], *layout: int, **more: int) -> None:
            # Typer tells the type of an argument as well, in Python's words.
            said = [
                (
                    translate_placeholders(re.sub(r" <.*>$", "", name), words),
                    _translate_option_help(text, words),
                )
                for name, text in rows
            ]
            super().write_dl(said, *layout, **more)

    return Formatter


def translate_placeholders(text: str, words: Words) -> str:
    """Return what stands for values, such as FILE, in a language."""
    return re.sub(r"(?<![-\w])[A-Z]{2,}", lambda found: words.say(found[0]), text)


def _translate_option_help(text: str, words: Words) -> str:
    """Return the help of an option with what Typer adds behind it, both in a language."""
    plain, added, notes = text.removesuffix("]").partition("  [")
    if not added or not text.endswith("]"):
        return words.say(text)
    translated = "; ".join(_translate_option_note(note, words) for note in notes.split("; "))
    return f"{words.say(plain)}  [{translated}]"


def _translate_option_note(note: str, words: Words) -> str:
    for start, message in TYPER_NOTES.items():
        if note.startswith(start):
            return words.say(message, value=note.removeprefix(start).removesuffix(".0"))
    least, between, most = note.partition("<=x<=")
    if between:
        return words.say(_("{low} to {high}"), low=words.value(float(least)), high=words.value(float(most)))
    return words.say(note)
