"""Attacks: what lies in the current folder, in a report, a policy or a file does no harm."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from preflight.platforms import programs

MODULES = ("cv2", "json", "numpy", "preflight", "psutil", "rich", "sounddevice", "soundfile", "typer")
PROGRAMS = ("gcc", "gsettings", "ioreg", "ld", "ldconfig", "pactl", "preflight", "uname")


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current folder with modules and programs of known names, each of which leaves a trace when run."""
    here = tmp_path / "downloads"
    here.mkdir()
    trace = tmp_path / "trace"
    for name in MODULES:
        (here / f"{name}.py").write_text(f"open({str(trace)!r}, 'a').write('module {name}\\n')\n")
    for name in PROGRAMS:
        for ending in ("", ".exe"):
            (here / f"{name}{ending}").write_text(f"#!/bin/sh\necho program {name} >> '{trace}'\n")
            (here / f"{name}{ending}").chmod(0o755)
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
    monkeypatch.setenv("PATH", os.pathsep.join(("", ".", os.environ["PATH"])))
    yield here
    assert not trace.exists(), trace.read_text()


# --- the current folder ---


@pytest.mark.parametrize(
    "before", [("-m", "preflight"), ("-P", "-m", "preflight")], ids=["usual", "safe path"]
)
def test_no_code_of_the_current_folder_is_run(before: tuple[str, ...], downloads: Path) -> None:
    if "-P" not in before:
        # Python itself takes what `-m` names from here.
        (downloads / "preflight.py").unlink()
    command = [sys.executable, *before, "run", "--no-input", "--only", "camera,microphone,software,power"]
    command += ["--format", "json", "--timeout", "10"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    checks = {check["id"]: check for check in json.loads(done.stdout)["checks"]}
    # The sources did look.
    assert checks["software.system"]["facts"]["memory"]["value"] > 0


def test_no_program_of_the_current_folder_is_run(downloads: Path) -> None:  # noqa: ARG001 - where this happens
    assert programs.find("pactl.exe") is None
    assert not [
        program for name in PROGRAMS if (program := programs.find(name)) and not Path(program).is_absolute()
    ]
    programs.output(("pactl", "info"))
    child = [sys.executable, "-P", "-c", "import ctypes.util; print(ctypes.util.find_library('portaudio'))"]
    subprocess.run(child, check=True, capture_output=True, env=programs.environment())


def test_a_list_of_folders_without_an_absolute_one_is_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join(("", ".", "bin")))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(("", "/opt/a", "b")))
    assert "PATH" not in programs.environment()
    assert programs.environment()["PYTHONPATH"] == "/opt/a"
