"""What the person in front of this computer reads and types: language, colours, a program and its words."""

import sys
from typing import TextIO

__all__ = ["ansi", "closes", "drawn", "joined", "language", "quoted"]

if sys.platform == "win32":
    import ctypes
    import locale
    import os
    from subprocess import list2cmdline as joined

    from preflight.platforms import windows
    from preflight.platforms.windows import quoted

    _STDOUT = -11
    _ENABLE_VIRTUAL_TERMINAL_PROCESSING = 4

    def language() -> str:
        """Return the language of the person's menus ("lv_LV"), or an empty text."""
        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")

    def ansi() -> bool:
        """Let the console of standard output understand escape sequences; tells whether it does."""
        kernel32, mode = ctypes.windll.kernel32, ctypes.c_uint32()
        handle = kernel32.GetStdHandle(_STDOUT)
        if not kernel32.GetConsoleMode(handle, ctypes.byref(mode)):
            return False
        return bool(kernel32.SetConsoleMode(handle, mode.value | _ENABLE_VIRTUAL_TERMINAL_PROCESSING))

    def drawn(text: str, stream: TextIO) -> str:
        """Return a text with no sign that a terminal could not draw."""
        return windows.drawn(text, os.environ) if stream.isatty() else text

    def closes() -> bool:
        """Tell whether the window closes with this program: nobody else uses its console.

        So it is after a double click; a program that is called from a shell shares the shell's.
        """
        processes = (ctypes.c_uint32 * 2)()
        return bool(ctypes.windll.kernel32.GetConsoleProcessList(processes, len(processes)) == 1)

else:
    from shlex import join as joined
    from shlex import quote as quoted

    def language() -> str:
        """Return the language of the person's menus ("lv_LV"), or an empty text.

        On Linux the environment says it; on macOS a terminal's environment need not.
        """
        if sys.platform != "darwin":
            return ""
        import subprocess  # noqa: PLC0415 - takes 10 ms, which only macOS has to spend

        try:
            asked = subprocess.run(
                ["/usr/bin/defaults", "read", "-g", "AppleLocale"],
                capture_output=True,
                text=True,
                timeout=2,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return ""
        return asked.stdout.strip()

    def ansi() -> bool:
        """Let the console of standard output understand escape sequences; tells whether it does."""
        return True

    def drawn(text: str, stream: TextIO) -> str:  # noqa: ARG001 - the same question on each system
        """Return a text with no sign that a terminal could not draw."""
        return text

    def closes() -> bool:
        """Tell whether the window closes with this program: no terminal of Linux or macOS does."""
        return False
