"""Whose window it is: that of a shell stays, that of a double click closes with the program."""

import subprocess
import sys

import pytest

from preflight.platforms import console

ASK = "import sys; from preflight.platforms.console import closes; sys.exit(int(closes()))"


def test_the_window_of_whoever_called_stays_open() -> None:
    assert subprocess.run([sys.executable, "-c", ASK], check=False).returncode == 0


@pytest.mark.skipif(sys.platform != "win32", reason="only there a window closes by itself")
def test_a_window_of_its_own_closes() -> None:
    if sys.platform == "win32":
        # A virtual environment's python.exe starts the real one and shares the console with it.
        real = getattr(sys, "_base_executable", sys.executable)
        done = subprocess.run(
            [real, "-c", ASK.replace("import sys;", f"import sys; sys.path[:] = {sys.path!r};")],
            creationflags=subprocess.CREATE_NEW_CONSOLE,
            check=False,
        )
        assert done.returncode == 1
    assert console.closes() is False
