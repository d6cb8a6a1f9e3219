"""Other programs: found in absolute folders only, so that none in the current one is ever run.

`PATH` and its like may name that folder, as an empty entry or ".". Windows looks there
first of all, whatever `PATH` says, unless a program is given with its folder.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence

COMMAND_S = 3.0
_FOLDERS = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What names folders in which programs, modules and libraries are looked for."""


def environment() -> dict[str, str]:
    """Return this process' environment with absolute folders only where programs and code are looked for."""
    own = dict(os.environ)
    for name in _FOLDERS:
        if name in own:
            own[name] = os.pathsep.join(_absolute(own[name]))
            # An empty list would be the current folder.
            if not own[name]:
                del own[name]
    return own


def find(name: str) -> str | None:
    """Return the path of the first program of that name in an absolute folder of `PATH`, or None."""
    # Windows' programs end in one of these; elsewhere the variable is not set.
    endings = ("", *os.environ.get("PATHEXT", "").split(os.pathsep))
    for folder in _absolute(os.environ.get("PATH", os.defpath)):
        for ending in endings:
            # With its folder a program is looked for nowhere else.
            if found := shutil.which(os.path.join(folder, name + ending)):  # noqa: PTH118 - a hundred of them
                return found
    return None


def output(command: Sequence[str], **variables: str) -> bytes:
    """Return what a program of the system prints; nothing if it is missing, fails or takes too long.

    `variables` are set in its environment.
    """
    program = find(command[0])
    if program is None:
        return b""
    try:
        return subprocess.run(
            [program, *command[1:]],
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=COMMAND_S,
            env={**environment(), **variables},
        ).stdout
    except (OSError, ValueError, subprocess.SubprocessError):
        return b""


def _absolute(folders: str) -> list[str]:
    return [folder for folder in folders.split(os.pathsep) if os.path.isabs(folder)]  # noqa: PTH117 - as above
