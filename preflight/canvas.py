"""Drawing on a terminal: a picture in half-block characters, bars, a whole screen at once.

A cell shows two pixels, one above the other: the upper half-block in the colour of
the first on a ground of the second. Plain Python on bytes, so that the parent process
needs no numpy.
"""

import atexit
import contextlib
import os
import unicodedata
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TextIO

from preflight.platforms.console import replace_missing_glyphs

RESET = "\x1b[0m"
_ENTER_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
"""The other screen, without the cursor, without wrapping, empty."""
_LEAVE_SCREEN = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[2J\x1b[?1049l"
"""Back, the other screen emptied: tmux 3.3 leaves parts of it behind when its window grew meanwhile."""
_SYNCHRONIZED = ("\x1b[?2026h", "\x1b[?2026l")
"""Terminals that know synchronized output show what is between these at once."""
_COARSE_LEVELS = bytes(min(255, (level + 4) // 8 * 8) for level in range(256))
"""Steps of 8 levels: the eye sees no difference, and noise does not make each cell a new colour."""
_CUBE_LEVELS = bytes(bisect((48, 115, 155, 195, 235), level) for level in range(256))
"""The nearest of the six levels 0, 95, 135, 175, 215 and 255 that xterm's 256 colours mix."""
QUIETEST_DBFS = -70.0
"""Where a meter of sound begins."""
_FULL, _GREY, _EMPTY, _MARK = "█", "▒", "░", "│"


class HalfBlockPicture:
    """The latest picture, and how it is shown."""

    def __init__(self, *, truecolour: bool) -> None:
        self._colour = _truecolour_cell if truecolour else _indexed_cell
        self._levels = _COARSE_LEVELS if truecolour else _CUBE_LEVELS
        self.pixels = b""
        self.width = 0
        self.height = 0

    def update(self, pixels: bytes, width: int, height: int) -> None:
        """Keep a picture of RGB bytes; one that is not as large as it says is left out."""
        if width > 0 and height > 0 and len(pixels) == 3 * width * height:
            self.pixels, self.width, self.height = pixels.translate(self._levels), width, height

    def lines(self, columns: int, rows: int) -> list[str]:
        """Return the picture as large as it fits, centred, in lines of this many columns."""
        if not self.pixels or columns < 1 or rows < 1:
            return [" " * columns] * rows
        scale = min(columns / self.width, 2 * rows / self.height)
        wide, high = max(1, int(self.width * scale)), max(1, int(self.height * scale) // 2)
        left, above = (columns - wide) // 2, (rows - high) // 2
        across = [3 * (x * self.width // wide) for x in range(wide)]
        down = [y * self.height // (2 * high) for y in range(2 * high)]
        margin, rest = " " * left, " " * (columns - wide - left)
        empty = " " * columns
        shown = [
            margin + self._row(across, down[y], down[y + 1]) + RESET + rest for y in range(0, 2 * high, 2)
        ]
        return [empty] * above + shown + [empty] * (rows - high - above)

    def _row(self, across: Sequence[int], upper: int, lower: int) -> str:
        row = 3 * self.width
        over = self.pixels[upper * row : upper * row + row]
        under = self.pixels[lower * row : lower * row + row]
        colour, before = self._colour, b""
        parts = []
        for x in across:
            pair = over[x : x + 3] + under[x : x + 3]
            parts.append("▀" if pair == before else colour(pair))
            before = pair
        return "".join(parts)


@lru_cache(maxsize=1 << 15)
def _truecolour_cell(pair: bytes) -> str:
    r, g, b, under_r, under_g, under_b = pair
    return f"\x1b[38;2;{r};{g};{b};48;2;{under_r};{under_g};{under_b}m▀"


@lru_cache(maxsize=1 << 15)
def _indexed_cell(pair: bytes) -> str:
    """Return a cell in the 6x6x6 colours of a terminal that has 256 of them."""
    r, g, b, under_r, under_g, under_b = pair
    return f"\x1b[38;5;{16 + 36 * r + 6 * g + b};48;5;{16 + 36 * under_r + 6 * under_g + under_b}m▀"


class Canvas:
    """The whole screen of a terminal, given back as it was when this ends."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown: list[str] = []
        self._size = (0, 0)
        self._open = False

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows, as they are now."""
        with contextlib.suppress(OSError):
            return tuple(os.get_terminal_size(self._stream.fileno()))  # type: ignore[return-value] # two
        return self._size

    def open(self) -> None:
        """Go to the other screen."""
        atexit.register(self.close)
        self._open = True
        self._write(_ENTER_SCREEN)

    def close(self) -> None:
        """Go back; harmless when that was done before."""
        if self._open:
            self._open = False
            atexit.unregister(self.close)
            self._write(_LEAVE_SCREEN)

    def show(self, lines: Iterable[str]) -> None:
        """Show these lines from the top down, in one write of those that changed."""
        size = self.size
        rows = list(lines)[: size[1]]
        rows += [""] * (size[1] - len(rows))
        known = self._shown if size == self._size and len(self._shown) == len(rows) else None
        self._size, self._shown = size, rows
        changed = [
            f"\x1b[{number};1H{row}{RESET}\x1b[K"
            for number, row in enumerate(rows, 1)
            if known is None or known[number - 1] != row
        ]
        if changed:
            clear = "" if known else "\x1b[2J"
            self._write(_SYNCHRONIZED[0] + clear + "".join(changed) + _SYNCHRONIZED[1])

    def _write(self, text: str) -> None:
        # A window that was closed is told by a signal.
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(replace_missing_glyphs(text, self._stream))
            self._stream.flush()


def has_truecolour(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal says that it knows 16 million colours."""
    # Windows Terminal sets no COLORTERM.
    return environ.get("COLORTERM", "") in ("truecolor", "24bit") or "WT_SESSION" in environ


def add_style(text: str, style: str) -> str:
    """Return a text in an SGR style such as "1;31"; an empty style leaves it plain."""
    return f"\x1b[{style}m{text}{RESET}" if style else text


def fit_to_width(text: str, columns: int) -> str:
    """Return a text cut or filled to so many columns."""
    text = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
    if text.isascii() and len(text) <= columns:
        return text.ljust(columns)
    used, kept = 0, []
    whole = sum(map(_letter_width, text))
    limit = columns if whole <= columns else columns - 1
    for letter in text:
        if used + _letter_width(letter) > limit:
            break
        kept.append(letter)
        used += _letter_width(letter)
    cut = "…" if whole > columns > 0 else ""
    return "".join(kept) + cut + " " * (columns - used - len(cut))


def bar(columns: int, share: float, *, mark: float | None = None, floor: float = 0.0) -> str:
    """Return a bar filled to a share of its length, with a mark, and all below `floor` in grey."""
    filled, low = round(columns * _clip_share(share)), round(columns * _clip_share(floor))
    cells = [_GREY if x < min(low, filled) else _FULL if x < filled else _EMPTY for x in range(columns)]
    if mark is not None and columns:
        cells[min(columns - 1, round(columns * _clip_share(mark)))] = _MARK
    return "".join(cells)


def meter_share(level: float) -> float:
    """Return the share of a meter that a level of sound fills, in dBFS."""
    return _clip_share(1 - level / QUIETEST_DBFS)


def _clip_share(share: float) -> float:
    return min(1.0, max(0.0, share))


def _letter_width(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
