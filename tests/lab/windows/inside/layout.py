r"""Print what the product's own code reads of this Windows; run by its own Python.

    layout.py FILE

FILE is a recorded layout, whose registry and files are there. What no registry holds, as the state of
a battery, is told by the layout. It prints the JSON of `layouts.answers`.
"""

import sys

assert sys.platform == "win32"  # the form by which a type checker leaves out a module

# ruff: noqa: E402 - as above

import json
import ntpath
from dataclasses import replace
from pathlib import Path

import layouts

from preflight.platforms.win32 import WindowsRegistry
from preflight.platforms.windows import Windows


def main(file: str) -> None:
    """Read and print."""
    told = layouts.load_layout(Path(file))
    recorded = layouts.build_system(told, "windows", Path())
    assert isinstance(recorded, Windows)
    real = replace(recorded, registry=WindowsRegistry(), exists=ntpath.isfile)
    found = layouts.answers(real, told.get("made", layouts.MADE), told.get("interface", ""))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
