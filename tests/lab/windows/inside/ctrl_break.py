"""Run the product with these words, and press Ctrl-Break once the file `break` lies in its folder.

Wine has no Ctrl-Break. Windows calls the C run-time for it in a thread of its own, and so does this.
"""

import sys

assert sys.platform == "win32"  # the form by which a type checker leaves out a module

# ruff: noqa: E402 - as above

import runpy
import signal
import threading
import time
from pathlib import Path


def press() -> None:
    """Wait for the file."""
    while not Path("break").exists():
        time.sleep(0.1)
    signal.raise_signal(signal.SIGBREAK)


if __name__ == "__main__":
    threading.Thread(target=press, daemon=True).start()
    runpy.run_module("preflight", run_name="__main__", alter_sys=True)
