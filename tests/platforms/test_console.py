"""Whose window it is, that of a shell stays, that of a double click closes; and what is typed there."""

import subprocess
import sys
from pathlib import Path

import pytest

from preflight.platforms import console, windows_names

ASK = "import sys; from preflight.platforms import console; sys.exit(int(console.closes_with_program()))"


@pytest.mark.parametrize(
    ("path", "forbidden"),
    [
        pytest.param(r"C:\reports\what?.json", True, id="a sign"),
        pytest.param("report 12:30.html", True, id="a hidden part of a file"),
        pytest.param("nul.json", True, id="a device"),
        pytest.param("report.", True, id="a dot at the end"),
        pytest.param("r" * 251 + ".json", True, id="256 letters"),
        pytest.param("r" * 250 + ".json", False, id="255 letters"),
        pytest.param(r"C:\reports\nulle.json", False, id="like a device"),
        pytest.param(r"C:report.json", False, id="a drive"),
        pytest.param("Pārskats – 1.html", False, id="letters of any alphabet"),
    ],
)
def test_names_that_windows_forbids(path: str, forbidden: bool) -> None:  # noqa: FBT001 - of a table
    assert windows_names.is_forbidden_name(path) is forbidden


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
    assert console.closes_with_program() is False


@pytest.mark.parametrize(
    ("program", "typed"),
    [
        pytest.param(r"C:\preflight\preflight.exe", r"C:\preflight\preflight.exe", id="plain"),
        pytest.param(
            r"C:\Users\Anna Bērziņa\preflight (1)\preflight.exe",
            r'C:\Users\"Anna Bērziņa"\"preflight (1)"\preflight.exe',
            id="spaces and brackets",
        ),
        pytest.param(r"C:\Users\Jānis\preflight.exe", r"C:\Users\Jānis\preflight.exe", id="other letters"),
        pytest.param(r"C:\R&D\preflight.exe", r'C:\"R&D"\preflight.exe', id="what joins commands"),
        pytest.param(r"\\nas\our tools\preflight.exe", r'\\nas\"our tools"\preflight.exe', id="a share"),
        pytest.param(r".\preflight", r".\preflight", id="in this folder"),
        pytest.param(r"our tools\preflight", r'.\"our tools"\preflight', id="in a folder of this one"),
        pytest.param("preflight", r".\preflight", id="in this folder, as cmd.exe takes it"),
        pytest.param("preflight (1).exe", r'.\"preflight (1).exe"', id="in this folder, renamed"),
        pytest.param("C:/our tools/preflight.exe", r'C:\"our tools"\preflight.exe', id="slashes"),
        pytest.param("elsewhere", "elsewhere", id="on the path"),
        pytest.param("unpacked", "unpacked", id="on the path, like a folder in this one"),
    ],
)
def test_what_is_told_to_type_is_right_in_cmd_and_in_powershell(
    program: str, typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("preflight.exe", "preflight (1).exe"):
        (tmp_path / name).write_text("")
    (tmp_path / "unpacked").mkdir()
    monkeypatch.chdir(tmp_path)
    assert windows_names.quote_program(program) == typed


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        pytest.param({"PATH": "C:"}, "√ Pass  × Fail  – Skipped  1920 × 1080", id="the old console"),
        pytest.param({"WT_SESSION": "1"}, "✓ Pass  ✗ Fail  – Skipped  1920 × 1080", id="Windows Terminal"),
    ],
)
def test_the_old_console_is_given_what_its_fonts_have(environ: dict[str, str], shown: str) -> None:
    assert windows_names.replace_missing_glyphs("✓ Pass  ✗ Fail  – Skipped  1920 × 1080", environ) == shown
