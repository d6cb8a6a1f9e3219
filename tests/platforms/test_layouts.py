"""Layouts of real computers -> what is said; dropping a file into `layouts` adds a row."""

import sys
from pathlib import Path

import layouts
import pytest

FILES = sorted(layouts.LAYOUTS.rglob("*.toml"))
LEAST = {"windows": 12, "macos": 8, "linux": 12}


@pytest.mark.parametrize(
    "path", FILES, ids=lambda path: path.relative_to(layouts.LAYOUTS).with_suffix("").as_posix()
)
def test_what_is_said_of_a_layout(path: Path, tmp_path: Path) -> None:
    name = path.parent.name
    if name != "windows" and sys.platform == "win32":
        pytest.skip("needs symbolic links and the permission to execute")
    told = layouts.load_layout(path)
    system = layouts.build_system(told, name, tmp_path)
    found = layouts.answers(system, told.get("made", layouts.MADE), told.get("interface", ""))
    assert told["says"]
    assert {key: found.get(key) for key in told["says"]} == layouts.expected(told)


@pytest.mark.parametrize("name", LEAST)
def test_each_system_has_its_table(name: str) -> None:
    assert len([path for path in FILES if path.parent.name == name]) >= LEAST[name]
