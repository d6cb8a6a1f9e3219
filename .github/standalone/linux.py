"""What the program in a folder needs on Linux before anything else runs.

PyInstaller's start-up puts the folder's libraries before the system's. That holds for
this process from its beginning; the system's own programs which it calls must not see it,
and a worker has to be started like a program of its own to have them too.

sounddevice asks `ctypes.util.find_library` for PortAudio, which looks in the system's
folders only, and most systems have none.
"""

import ctypes.util
import os
import sys
from pathlib import Path

_before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
os.environ.pop("LD_LIBRARY_PATH", None)
if _before is not None:
    os.environ["LD_LIBRARY_PATH"] = _before
os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"

_of_the_system = ctypes.util.find_library


def _find_library(name: str) -> str | None:
    ours = Path(sys.prefix) / "libportaudio.so.2"
    return str(ours) if name == "portaudio" and ours.exists() else _of_the_system(name)


ctypes.util.find_library = _find_library
