"""Imports run downward only, and the command line loads nothing heavy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import preflight

ROOT = Path(preflight.__file__).parent
FLOORS = (
    ("model", "storage", "__init__"),
    ("errors",),
    ("codec",),
    ("captures",),
    ("platforms",),
    ("texts", "console", "canvas"),
    ("measures",),
    ("sources",),
    ("checks",),
    ("judge",),
    ("policy", "runner", "worker"),
    ("inspection", "reports"),
    ("live_state",),
    ("live_drawing",),
    ("guide", "live"),
    ("devices",),
    ("options",),
    ("delivery",),
    ("commands", "help_text"),
    ("cli",),
    ("__main__",),
)
HEAVY = ("cv2", "numpy", "sounddevice", "soundfile", "speedtest", "psutil", "rich", "urllib3")


def room(module: str) -> str:
    return module.removeprefix("preflight").lstrip(".").partition(".")[0] or "__init__"


def floor(module: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room(module) in rooms)


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & KNOWN


def dotted(path: Path) -> str:
    own = path.relative_to(ROOT.parent).with_suffix("").as_posix().replace("/", ".")
    return own.removesuffix(".__init__")


MODULES = sorted(ROOT.rglob("*.py"))
KNOWN = {dotted(path) for path in MODULES} - {"preflight"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_run_downward_only(path: Path) -> None:
    own = dotted(path)
    for name in imported(path):
        same_room = room(name) == room(own)
        assert floor(name) < floor(own) or same_room, f"{own} imports {name}"


def test_no_check_imports_another() -> None:
    for path in (ROOT / "checks").glob("*.py"):
        assert not [name for name in imported(path) if name.startswith("preflight.checks.")]


@pytest.mark.parametrize("module", ["cli", "commands", "worker"])
def test_nothing_heavy_is_loaded(module: str) -> None:
    code = f"import sys, preflight.{module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(HEAVY) & {name.partition(".")[0] for name in loaded.stdout.split()}


def test_help_loads_no_more_than_it_says() -> None:
    """Typer reads the value of each option by pydantic, which takes longer to load than all else together."""
    code = "import sys; from preflight import cli; cli.main(['run', '--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "preflight.cli" in loaded
    assert not loaded & {*HEAVY, "pydantic", "preflight.captures", "preflight.commands"}


def test_only_the_platforms_ask_which_system_this_is() -> None:
    for path in MODULES:
        asks = "sys.platform" in path.read_text("utf-8") or "os.name" in path.read_text("utf-8")
        assert not asks or "platforms" in path.parts, path


def test_only_the_command_line_knows_typer() -> None:
    for path in MODULES:
        assert ("import typer" in path.read_text("utf-8")) == (path.name == "cli.py"), path
