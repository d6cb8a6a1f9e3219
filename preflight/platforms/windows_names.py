"""Windows' names and letters: what its prompts, its file systems and its old console take."""

import ntpath
import re
from collections.abc import Mapping
from pathlib import Path

_FONT_FALLBACKS = ("WT_SESSION", "TERM", "TERM_PROGRAM", "TERMINAL_EMULATOR", "ConEmuPID")
"""Set by terminals that take from another font what theirs has not, as Windows' own old console does not."""
_GLYPHS = str.maketrans("✓✗", "√×")
_FORBIDDEN = re.compile(
    r"""[<>:"|?*\x00-\x1f]|[ .]$|^(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(?:\.|$)""", re.IGNORECASE
)
FORBIDDEN_CHARACTERS = '< > : " | ? *'
_LONGEST_NAME = 255
_UNQUOTED = re.compile(r"[\w.:~?-]*")


def quote_program(program: str) -> str:
    r"""Return the path of a program as cmd.exe and PowerShell both take it: `C:\"My tools"\it.exe`.

    What begins with a quote is a mere text to PowerShell, which runs it only after an `&`, which cmd.exe
    does not know. And only cmd.exe looks for a bare name in the folder it is in.
    """
    parts = [
        part if _UNQUOTED.fullmatch(part) else f'"{part}"' for part in program.replace("/", "\\").split("\\")
    ]
    here = len(parts) == 1 and any(Path(program + ending).is_file() for ending in ("", ".exe"))
    return "\\".join([".", *parts] if here or parts[0].startswith('"') else parts)


def is_forbidden_name(path: str) -> bool:
    """Tell whether no file can have the last name of this path (Microsoft, "Naming Files, Paths").

    What follows a colon would be written into a hidden part of another file, and `nul.json` is lost.
    """
    name = ntpath.basename(ntpath.splitdrive(path)[1])
    return bool(_FORBIDDEN.search(name)) or len(name) > _LONGEST_NAME


def replace_missing_glyphs(text: str, environ: Mapping[str, str]) -> str:
    """Return a text with signs for those that the fonts of the old console have not.

    In Consolas and Lucida Console ✓ and ✗ are the same box with a question mark.
    """
    return text if any(name in environ for name in _FONT_FALLBACKS) else text.translate(_GLYPHS)
