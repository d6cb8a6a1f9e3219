"""What can be told to a person, and the exit codes."""

import difflib
import errno
import functools
import os
import re
from collections.abc import Sequence
from enum import IntEnum

from preflight.model import Kind, Trouble

_CV_NO_MEMORY = -4
"""OpenCV's StsNoMem."""


class ExitCode(IntEnum):
    """The exit codes: a stable interface for scripts."""

    READY = 0
    NOT_READY = 1
    USAGE = 2
    INCOMPLETE = 3
    FAILED = 4
    INTERRUPTED = 130


class UserError(Exception):
    """An error with words for a person: what happened, where, what to do.

    `key` names the words in `texts.ERRORS`, `values` fill their placeholders.
    """

    code = ExitCode.FAILED

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(f"{key} {values}")
        self.key = key
        self.values = values


class UsageError(UserError):
    """Something on the command line or in a policy is wrong."""

    code = ExitCode.USAGE


def closest_match(word: str, known: Sequence[str]) -> str:
    """Return the known word that is this one after a dot, or most like it, or an empty text."""
    ends = [each for each in known if each.endswith(f".{word}")]
    return next(iter(ends or difflib.get_close_matches(word, known, n=1, cutoff=0.5)), "")


def system_reason(error: OSError) -> str:
    """Return what the system says of a file, in the words of `texts.SYSTEM_REASONS` on every system."""
    return os.strerror(error.errno) if error.errno else str(error)


def label(error: BaseException) -> str:
    """Return the class of an error and its number: all of it that a `Trouble.detail` may hold.

    Its words are a library's, the system's or a server's, and may name a person, a host or a path.
    """
    name = type(error).__name__
    reason = getattr(error, "reason", None)
    if type(error).__module__ == "ssl":
        # Names of OpenSSL's own list, such as CERTIFICATE_VERIFY_FAILED.
        known = isinstance(reason, str) and reason.replace("_", "").isalnum() and reason.isupper()
        return f"{name} {reason}" if known else name
    if isinstance(windows := getattr(error, "winerror", None), int):
        return f"{name} WinError {windows}"
    if isinstance(number := getattr(error, "errno", None), int):
        # A resolver's numbers (gaierror) are others than those of errno.
        return f"{name} {number if name == 'gaierror' else errno.errorcode.get(number, number)}"
    return name


_HARMLESS = re.compile(
    r"-?\d{1,4}|[A-Z][A-Za-z]*(Error|Exception|Warning)|[\w+-]{1,40}\.(c|cc|cpp|cxx|h|hpp|py):\d{1,6}"
)
"""Short numbers, classes of errors, lines of source files."""
_TRADE_WORDS = """
a access alsa an and any at audio backend bad be been buffer bug by bytes call camera can can't cannot
capture card check codec config configuration connect connection could couldn't data decode decoder
default device devices directory does done driver during end error errors event exceeded exit facts fail
failed failure false fatal feature ffmpeg file first font for format found frame frames from get global
has have header i if in index info input interface invalid io is it its job jpeg json killed last later
lib library limit line loaded loading many mapping max memory message microphone missing mjpeg mode module
most name network no none not null number of on one open opencv opened operation or out output overread
oversize pcm permission pipe pixel pixels point portaudio pulseaudio raised range read reading recent
refused request requested returned rtsp sample select server set size skip socket software source stack
stream streaming such support supported system terminate terminated the thread time timed timeout to too
traceback trouble true type unable unexpected unknown unsupported use used v4l2 value version video
videoio wait waiting warn warning was while with without worker wrong xrun
"""


@functools.cache
def _harmless_words() -> frozenset[str]:
    """Return the words that a library may say: a few of its trade, and the system's own for its errors."""
    said = " ".join(os.strerror(number) for number in errno.errorcode)
    return frozenset([*_TRADE_WORDS.split(), *(word.casefold() for word in re.findall(r"[^\W\d_]+", said))])


def redact(line: str) -> str:
    """Return what a library printed with every word left out that may name a person, a host or a path."""
    kept: list[str] = []
    for each in line.split():
        word = each.strip("\"'`()[]{}<>,;:.!?=")
        known = _HARMLESS.fullmatch(word) or word.casefold() in _harmless_words()
        if known or kept[-1:] != ["…"]:
            kept.append(word if known else "…")
    return " ".join(kept)


_THREAD_BYTES = 12 << 20
"""What a thread may take of the address space: a stack of 8 MB, as Linux has it, and room to begin in."""


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that there was no memory left, in whatever words a library has for it."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    # The words of Linux' loader, of Python's threads, and of its parts in C that do not say what they lack.
    words = (
        "allocate memory",
        "failed to map segment",
        "can't start new thread",
        "without setting an exception",
        "without exception set",
    )
    kinds = ImportError | RuntimeError | SystemError
    told = isinstance(error, kinds) and any(each in str(error) for each in words)
    return told or getattr(error, "code", None) == _CV_NO_MEMORY


def require_memory_for_thread() -> None:
    """Raise MemoryError where there is none for one more thread.

    Python waits for ever for a thread that has its stack and then finds no memory for its first step.
    """
    bytearray(_THREAD_BYTES)


class MeasurementError(Exception):
    """Raised by sources and checks: nothing can be claimed, and why."""

    def __init__(self, kind: Kind, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.trouble = Trouble(kind=kind, detail=detail)
