"""Text to a stream, in whatever letters it carries; a stream that is gone is not our error."""

import codecs
import contextlib
import errno
import os
import re
import sys
import textwrap
import unicodedata
from collections.abc import Mapping
from typing import TextIO

DEFAULT_COLUMNS = 80
_COMMAND = re.compile(r"\bpreflight( [a-z]+)* --[a-z]+")
"""What is typed, which a break would spoil."""
_JOIN = "\ue001"
"""Stands for a space at which no line ends."""
_READER_GONE = (errno.EPIPE, errno.EINVAL)
"""What is said of a pipe whose reader has gone; the latter by Windows (CPython's bpo-35754)."""
_ERROR_HANDLER = "preflight.nearest"
"""By which Python knows what writes letters that an encoding lacks in those that it has."""
_ASCII = {
    "✓": "+",
    "✗": "x",
    "→": "->",
    "–": "-",
    "—": "-",
    "−": "-",
    "·": "|",
    "×": "x",
    "≥": ">=",
    "≤": "<=",
    "…": "...",
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "’": "'",
    "\N{NO-BREAK SPACE}": " ",
    "°": " deg",
}
# The passport transliteration of ICAO Doc 9303, which a Russian reader knows from documents.
_LATIN = str.maketrans("абвгдеёзийклмнопрстуфыэ", "abvgdeeziiklmnoprstufye") | {
    ord("ж"): "zh",
    ord("х"): "kh",
    ord("ц"): "ts",
    ord("ч"): "ch",
    ord("ш"): "sh",
    ord("щ"): "shch",
    ord("ъ"): "ie",
    ord("ь"): "",
    ord("ю"): "iu",
    ord("я"): "ia",
}


def prepare(stream: TextIO | None) -> None:
    """Let a stream carry any text: in the letters of those who read it, and never with an error.

    What a library prints to it, as Typer prints the help, gets by that the letters that `write` would choose.
    """
    if stream is None or not hasattr(stream, "reconfigure"):
        return
    # Takes 50 ms, which the version need not spend.
    from preflight.platforms.console import set_output_encoding  # noqa: PLC0415 - as above

    with contextlib.suppress(OSError, ValueError):
        set_output_encoding(stream)
        codecs.register_error(_ERROR_HANDLER, _replace_unencodable)
        stream.reconfigure(errors=_ERROR_HANDLER)


def say(text: str, stream: TextIO | None = None) -> bool:
    """Print a line of text; returns whether it could be written."""
    return write(text + "\n", stream)


def say_wrapped(text: str, stream: TextIO | None = None) -> bool:
    """Print sentences as `say` does; on a terminal their lines end between words, not within."""
    stream = stream or sys.stdout
    return say(wrap(text, columns(stream, os.environ) - 1) if _is_terminal(stream) else text, stream)


def columns(stream: TextIO, environ: Mapping[str, str]) -> int:
    """Return how many columns a stream has: what COLUMNS says, else its terminal, else 80."""
    said = environ.get("COLUMNS", "")
    width = 0
    if said.isdecimal() and len(said) < 10:  # noqa: PLR2004 - what is longer tells no width
        width = int(said)
    elif _is_terminal(stream):
        with contextlib.suppress(OSError):
            width = os.get_terminal_size(stream.fileno()).columns
    # Terminals without a window, such as those of containers, say nought.
    return width or DEFAULT_COLUMNS


def wrap(text: str, width: int) -> str:
    """Return a text with its lines broken between words where they are too long, indented as before."""
    return "\n".join(_wrap_line(line, width) for line in text.split("\n"))


def _is_terminal(stream: TextIO) -> bool:
    # Takes 50 ms, which the version need not spend.
    from preflight.platforms.console import is_terminal  # noqa: PLC0415 - as above

    return is_terminal(stream)


def _wrap_line(line: str, width: int) -> str:
    words = line.lstrip()
    indent = line[: len(line) - len(words)]
    whole = _COMMAND.sub(lambda found: found[0].replace(" ", _JOIN), words)
    return textwrap.fill(
        whole,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    ).replace(_JOIN, " ")


def write(text: str, stream: TextIO | None = None) -> bool:
    """Print text, to stdout unless told otherwise; returns whether it could be written.

    Somebody who reads no further (`| head -1`) has got what was wanted.
    """
    stream = stream or sys.stdout
    try:
        stream.write(_adapt_to_terminal(transliterate(text, stream.encoding or "ascii"), stream))
        stream.flush()
    except OSError as error:
        discard_output(stream)
        return error.errno in _READER_GONE
    except (AttributeError, ValueError):
        discard_output(stream)
        return False
    return True


def write_bytes(text: str) -> bool:
    """Print what is meant for programs: UTF-8 whatever the terminal speaks, lines as they are."""
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    except OSError as error:
        discard_output(sys.stdout)
        return error.errno in _READER_GONE
    except (AttributeError, ValueError):
        discard_output(sys.stdout)
        return False
    return True


def transliterate(text: str, encoding: str) -> str:
    """Return a text with every letter that an encoding cannot carry written in letters it can."""
    if _can_encode(text, encoding):
        return text
    return "".join(letter if _can_encode(letter, encoding) else _nearest_letters(letter) for letter in text)


def _adapt_to_terminal(text: str, stream: TextIO) -> str:
    if text.isascii():
        return text
    # Takes 50 ms, which the version need not spend.
    from preflight.platforms.console import replace_missing_glyphs  # noqa: PLC0415 - as above

    return replace_missing_glyphs(text, stream)


def discard_output(stream: TextIO | None) -> None:
    """Let the interpreter's last flush of a broken stream go nowhere instead of failing."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.isascii()
    return True


def _replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_nearest_letters, error.object[error.start : error.end])), error.end


def _nearest_letters(letter: str) -> str:
    if letter in _ASCII:
        return _ASCII[letter]
    latin = letter.lower().translate(_LATIN)
    if latin.isascii():
        return latin.capitalize() if letter.isupper() else latin
    bare = "".join(part for part in unicodedata.normalize("NFKD", letter) if part.isascii())
    return bare or "?"
