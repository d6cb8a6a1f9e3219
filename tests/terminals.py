"""A program in a terminal of its own: what is on the screen, which keys are pressed."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pyte

assert sys.platform != "win32"  # the form by which a type checker leaves out a module

# The program needs the terminal as its own, for Ctrl-C and for changes of its size.
_OWN = (
    "import fcntl,os,signal,sys,termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    # Tests in the background ignore Ctrl-C, and under nohup a closed window; what they start would too.
    " [signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGHUP)];"
    " os.execv(sys.argv[1], sys.argv[1:])"
)

_OTHER = b"\x1b[?1049l"
"""Back from the other screen, which the emulator does not have: it is emptied."""


def screen(written: bytes, columns: int, rows: int) -> list[str]:
    """Return the lines of a terminal on which this was written."""
    shown = pyte.Screen(columns, rows)
    stream = pyte.ByteStream(shown)
    *before, last = written.split(_OTHER)
    for part in before:
        stream.feed(part)
        shown.reset()
    stream.feed(last)
    return [line.rstrip() for line in shown.display]


class Terminal:
    """A terminal of so many columns and rows in which a command runs."""

    def __init__(
        self,
        command: Sequence[str],
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        self._ours, self._theirs = pty.openpty()
        termios.tcsetwinsize(self._theirs, (rows, columns))
        self.before = termios.tcgetattr(self._theirs)
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self.written = b""
        usual = {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONUTF8": "1",
            "CI": "",
            "NO_COLOR": "",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", _OWN, *command],
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            cwd=folder,
            env={**os.environ, **usual, **(env or {})},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        os.close(self._theirs)

    @property
    def lines(self) -> list[str]:
        with self._lock:
            return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def frames(self) -> int:
        """How many screens with a part of a picture were drawn."""
        return sum("▀".encode() in drawn for drawn in self.written.split(b"\x1b[?2026h")[1:])

    @property
    def modes(self) -> list[Any]:
        return termios.tcgetattr(self._theirs)

    def cell(self, column: int, row: int) -> Any:
        with self._lock:
            return self._screen.buffer[row][column]

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        with self._lock:
            self._screen.resize(rows, columns)
            termios.tcsetwinsize(self._theirs, (rows, columns))

    def until(self, seen: str | Callable[[], bool], seconds: float = 15.0) -> None:
        """Wait until a text stands on the screen or something else holds."""
        end = time.monotonic() + seconds
        while not (seen in self.text if isinstance(seen, str) else seen()):
            assert time.monotonic() < end, f"not seen: {seen}\n{self.text}"
            time.sleep(0.02)

    def ended(self, seconds: float = 15.0) -> int:
        """Wait until the program has ended and all it wrote was read; returns its exit status."""
        status = self.process.wait(seconds)
        self._reader.join(seconds)
        return status

    def close(self) -> None:
        """Close the window: the program is told, and whatever is left of it is ended."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGHUP)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self._reader.join(5)
        os.close(self._ours)

    def _read(self) -> None:
        while (pending := self._pending()) or self.process.poll() is None:
            if not pending:
                continue
            try:
                written = os.read(self._ours, 1 << 16)
            except OSError:
                return
            with self._lock:
                self.written += written
                *before, last = written.split(_OTHER)
                for part in before:
                    self._stream.feed(part)
                    self._screen.reset()
                self._stream.feed(last)

    def _pending(self) -> bool:
        return bool(select.select([self._ours], [], [], 0.1)[0])
