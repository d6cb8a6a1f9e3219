"""What the person in front of this computer reads and types: language, colours, a program and its words."""

import sys
from typing import TextIO

__all__ = [
    "closes_with_program",
    "enable_escape_sequences",
    "is_forbidden_name",
    "is_terminal",
    "join_command",
    "language",
    "quote_program",
    "replace_missing_glyphs",
    "set_output_encoding",
]

if sys.platform == "win32":
    import ctypes
    import locale
    import msvcrt
    import os
    from subprocess import list2cmdline as join_command

    from preflight.platforms import windows_names
    from preflight.platforms.windows_names import is_forbidden_name, quote_program

    _ENABLE_VIRTUAL_TERMINAL_PROCESSING = 4
    _FILE_TYPE_DISK, _FILE_TYPE_PIPE = 1, 3
    _QUERY_LIMITED_INFORMATION = 0x1000
    _LONGEST_PATH = 32768

    def language() -> str:
        """Return the language of the person's menus ("lv_LV"), or an empty text."""
        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")

    def is_terminal(stream: TextIO | None) -> bool:
        """Tell whether a stream is a console, where a person may sit.

        NUL calls itself a terminal as well (its C run-time asks for a character device), and
        schedulers and agents of remote support start programs with it.
        """
        return _console_mode(stream) is not None

    def enable_escape_sequences(stream: TextIO | None) -> bool:
        """Let the console of a stream understand escape sequences; returns whether it does."""
        console = _console_mode(stream)
        if console is None:
            return False
        handle, mode = console
        wanted = mode | _ENABLE_VIRTUAL_TERMINAL_PROCESSING
        return bool(ctypes.windll.kernel32.SetConsoleMode(handle, wanted))

    def set_output_encoding(stream: TextIO | None) -> None:
        """Let a stream that is piped or a file write letters as those expect who read it.

        Python writes the code page of Windows. But `more`, `findstr` and PowerShell read a pipe in that of
        the console's output; and Notepad and PowerShell 5.1 know a file's UTF-8 by its mark.
        """
        handle = _handle(stream)
        if handle is None or sys.flags.utf8_mode or os.environ.get("PYTHONIOENCODING"):
            return
        kind = ctypes.windll.kernel32.GetFileType(handle)
        if kind == _FILE_TYPE_DISK:
            encoding = "utf-8-sig"
        elif kind == _FILE_TYPE_PIPE and (page := ctypes.windll.kernel32.GetConsoleOutputCP()):
            encoding = f"cp{page}"
        else:
            return
        stream.reconfigure(encoding=encoding)  # type: ignore[union-attr] # what has a handle is no mere TextIO

    def replace_missing_glyphs(text: str, stream: TextIO) -> str:
        """Return a text with no sign that a terminal could not draw."""
        return windows_names.replace_missing_glyphs(text, os.environ) if is_terminal(stream) else text

    def _console_mode(stream: TextIO | None) -> tuple[ctypes.c_void_p, int] | None:
        """Return the handle and the mode of the console that a stream is, None where it is none."""
        handle, mode = _handle(stream), ctypes.c_uint32()
        if handle is None or not ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(mode)):
            return None
        return handle, mode.value

    def _handle(stream: TextIO | None) -> ctypes.c_void_p | None:
        try:
            return ctypes.c_void_p(msvcrt.get_osfhandle(stream.fileno())) if stream else None
        except (AttributeError, OSError, ValueError):
            # Closed, or a text in memory.
            return None

    def closes_with_program() -> bool:
        """Tell whether the window closes with this program: nobody else uses its console.

        So it is after a double click; a program that is called from a shell shares the shell's. Pip's
        launcher and a virtual environment's Python wait for the one that runs this, and close with it.
        """
        processes = (ctypes.c_uint32 * 8)()
        count = ctypes.windll.kernel32.GetConsoleProcessList(processes, len(processes))
        launcher = sys.argv[0] if sys.argv[0].lower().endswith(".exe") else f"{sys.argv[0]}.exe"
        own = (launcher, sys.executable, getattr(sys, "_base_executable", sys.executable))
        files = {os.path.normcase(os.path.abspath(path)) for path in own}  # noqa: PTH100 - only ever compared
        return 0 < count <= len(processes) and all(
            os.path.normcase(_executable_of(process)) in files for process in processes[:count]
        )

    def _executable_of(process: int) -> str:
        """Return the file that a process runs, "" where Windows does not tell."""
        kernel32 = ctypes.windll.kernel32
        kernel32.OpenProcess.restype = ctypes.c_void_p
        handle = ctypes.c_void_p(kernel32.OpenProcess(_QUERY_LIMITED_INFORMATION, 0, process))
        path = ctypes.create_unicode_buffer(_LONGEST_PATH)
        size = ctypes.c_uint32(len(path))
        known = kernel32.QueryFullProcessImageNameW(handle, 0, path, ctypes.byref(size))
        kernel32.CloseHandle(handle)
        return path.value if known else ""

else:
    from shlex import join as join_command
    from shlex import quote as quote_program

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

    def is_terminal(stream: TextIO | None) -> bool:
        """Tell whether a stream is a terminal, where a person may sit."""
        return stream is not None and not stream.closed and stream.isatty()

    def enable_escape_sequences(stream: TextIO | None) -> bool:  # noqa: ARG001 - the same question on each system
        """Let the terminal of a stream understand escape sequences; returns whether it does."""
        return True

    def set_output_encoding(stream: TextIO | None) -> None:
        """Let a stream that is piped or a file write letters as those expect who read it."""

    def replace_missing_glyphs(text: str, stream: TextIO) -> str:  # noqa: ARG001 - the same question on each system
        """Return a text with no sign that a terminal could not draw."""
        return text

    def is_forbidden_name(path: str) -> bool:  # noqa: ARG001 - the same question on each system
        """Tell whether no file can have the last name of this path: one too long is told by the system."""
        return False

    def closes_with_program() -> bool:
        """Tell whether the window closes with this program: no terminal of Linux or macOS does."""
        return False
