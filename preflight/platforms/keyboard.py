"""Single keystrokes of the person at this computer's terminal."""

import atexit
import contextlib
import os
import sys
from collections.abc import Callable, Iterator

_TO_LATIN = str.maketrans("йцукенгшщзфывапролдячсмить", "qwertyuiopasdfghjklzxcvbnm")
"""The letters of a Russian keyboard by those printed on the same keys."""

KeyReader = Callable[[float], str]
"""Waits up to so many seconds for a key: a small letter, "\\n" for Enter, "" where none came."""

if sys.platform == "win32":
    import msvcrt
    import time

    _STEP_S = 0.02

    @contextlib.contextmanager
    def read_keys() -> Iterator[KeyReader]:
        """Read keys as they are pressed; Ctrl-C still interrupts."""

        def read(seconds: float) -> str:
            until = time.monotonic() + seconds
            while not msvcrt.kbhit():
                if time.monotonic() >= until:
                    return ""
                time.sleep(_STEP_S)
            key = msvcrt.getwch()
            if key in "\0\xe0":
                # An arrow or a function key: its second half means nothing here.
                msvcrt.getwch()
                return ""
            if key == "\x03":
                raise KeyboardInterrupt
            return latin_letter(key)

        yield read

else:
    import select
    import termios

    _SEQUENCE_BYTES = 64
    """Bytes read at once; what an arrow key sends comes in one piece."""

    @contextlib.contextmanager
    def read_keys() -> Iterator[KeyReader]:
        """Read keys as they are pressed, unseen; Ctrl-C still interrupts.

        The terminal is as it was afterwards, however this ends. Raises OSError where
        standard input is not a terminal.
        """
        descriptor = sys.stdin.fileno()
        try:
            before = termios.tcgetattr(descriptor)
        except termios.error as error:
            raise OSError(*error.args) from None

        def restore() -> None:
            # A window that was closed has nothing left to restore.
            with contextlib.suppress(termios.error):
                termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)

        def read(seconds: float) -> str:
            if not select.select([descriptor], [], [], seconds)[0]:
                return ""
            pressed = os.read(descriptor, _SEQUENCE_BYTES)
            if not pressed:
                raise KeyboardInterrupt
            return latin_letter(pressed.decode(errors="replace"))

        modes = termios.tcgetattr(descriptor)
        modes[3] &= ~(termios.ICANON | termios.ECHO)
        # Ctrl-Z would leave the shell in the live screen.
        modes[6][termios.VSUSP] = os.fpathconf(descriptor, "PC_VDISABLE").to_bytes()
        atexit.register(restore)
        try:
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, modes)
            yield read
        finally:
            restore()
            atexit.unregister(restore)


def latin_letter(pressed: str) -> str:
    """Return what was pressed first as one small Latin letter; keys that send a sequence are none."""
    if pressed.startswith("\x1b"):
        return ""
    return pressed[:1].replace("\r", "\n").lower().translate(_TO_LATIN)
