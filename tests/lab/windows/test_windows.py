"""The product on Windows: real Python, registry, sound and DirectShow, row by row of the table."""

# ruff: noqa: E402 - what follows the skip cannot be imported on Windows

import json
import re
import shlex
import sys
from collections.abc import Iterator

import pytest

if sys.platform == "win32":
    pytest.skip("a lab of Linux", allow_module_level=True)
assert sys.platform != "win32"  # the form by which a type checker leaves out a module

from lab.answers import EXITS, wrong
from lab.windows.computer import CannotBuild, Computer
from lab.windows.scenarios import CAMERAS, Row

pytestmark = [pytest.mark.lab, pytest.mark.lab_windows]

LONG_S = 150
"""Until a report is there, on a computer that does much else; 6 s where it does not."""


@pytest.fixture(scope="session")
def computer() -> Iterator[Computer]:
    try:
        with Computer() as made:
            yield made
    except CannotBuild as cannot:
        pytest.skip(str(cannot))


@pytest.mark.parametrize("row", CAMERAS, ids=lambda row: row.id)
def test_answer_is_a_careful_persons(row: Row, computer: Computer) -> None:
    computer.become(row.state)

    command = f"run --no-input --lang en --format json --output report.txt {row.run}"
    done = computer.run(*shlex.split(command), seconds=LONG_S)

    asked = "\n".join(done.streams)
    assert done.status is not None, f"no answer within {LONG_S} s\n{asked}"
    text = computer.read("report.txt")
    assert "Traceback" not in done.err + text
    report = json.loads(done.out)
    assert not wrong(row.expect, report), "\n".join([*wrong(row.expect, report), asked])
    assert done.status == EXITS[report["verdict"]]
    assert row.device in report.get("devices", {}).get("camera", "")
    assert re.sub(r"\s+", " ", text).count(row.says)
    facts = {
        f"{check['id'].partition('.')[2]}.{name}": fact["value"]
        for check in report["checks"]
        for name, fact in check["facts"].items()
    }
    assert {name: facts.get(name) for name in row.facts} == row.facts, asked
    assert re.search(row.streams, asked), asked
    assert not (row.never and re.search(row.never, asked)), asked
    assert not done.left


def test_every_row_has_a_name_of_its_own() -> None:
    names = [row.id for row in CAMERAS]

    assert len(set(names)) == len(names)
