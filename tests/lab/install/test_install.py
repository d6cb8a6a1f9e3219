"""The README's lines, word for word, in bare roots of Debian with nothing set but PATH and HOME.

Its test command, which .ci/run runs by itself, takes minutes in each: PREFLIGHT_INSTALL=all runs it there.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from input_files import InputFiles
from lab.install import root as lab

from preflight.errors import ExitCode
from preflight.model import Readiness
from preflight.texts import READINESS, SOURCES, Words

pytestmark = [pytest.mark.lab, pytest.mark.lab_install]

SUITES = {"bookworm": "Debian 12", "trixie": "Debian 13"}
TESTED = tuple(SUITES) if os.environ.get("PREFLIGHT_INSTALL") == "all" else ()
INSTALLED = "~/.local/bin/preflight"


@pytest.fixture(scope="module", params=list(SUITES), ids=list(SUITES.values()))
def root(request: pytest.FixtureRequest) -> Iterator[Path]:
    with lab.fresh(_base(request.param)) as folder:
        yield folder


def test_the_run_line_installs_updates_and_reports(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _report(_run(root, "run", capsys))
    version = root / lab.FOLDER / "preflight" / "__init__.py"
    version.write_text(re.sub(r'(__version__ = )".+"', r'\1"9.9.9"', version.read_text("utf-8")), "utf-8")
    _report(_run(root, "run", capsys))
    assert lab.inside(root, f"{INSTALLED} --version").stdout == "preflight 9.9.9\n"


def test_what_was_installed_is_ready_on_files(root: Path, tmp_path: Path) -> None:
    """Relies on the test before, which installs it."""
    kit = InputFiles.in_folder(tmp_path)
    shutil.copytree(kit.folder, root / lab.FOLDER / "kit")
    there = InputFiles(kit.folder, {source: Path("kit") / path.name for source, path in kit.files.items()})
    line = f"{INSTALLED} run --no-input --format json {shlex.join(there.arguments())}"
    done = lab.inside(root, line)
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert json.loads(done.stdout)["verdict"] == "ready"
    assert lab.inside(root, f"pipx uninstall session-preflight && ! test -e {INSTALLED}").returncode == 0


@pytest.mark.parametrize("suite", TESTED, ids=lambda suite: SUITES[suite])
def test_the_test_line_passes(suite: str, capsys: pytest.CaptureFixture[str]) -> None:
    with lab.fresh(_base(suite)) as folder:
        done = _run(folder, "test", capsys)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        assert re.search(r"^=+ \d+ passed", done.stdout.splitlines()[-1])


def _base(suite: str) -> Path:
    try:
        return lab.build(suite)
    except lab.CannotBuild as why:
        pytest.skip(f"the install lab: {why}")


def _report(done: subprocess.CompletedProcess[str]) -> None:
    """Assert that a run on a computer without devices ended in a report that says so."""
    words = Words("en")
    assert done.returncode == ExitCode.NOT_READY, done.stdout[-3000:] + done.stderr[-3000:]
    assert f"\n{words.say(READINESS[Readiness.NOT_READY])}" in done.stdout
    assert all(words.say(title) in done.stdout for title in SOURCES.values())


def _run(root: Path, name: str, capsys: pytest.CaptureFixture[str]) -> subprocess.CompletedProcess[str]:
    """Run a command of the README; prints what came of it."""
    began = time.monotonic()
    done = lab.inside(root, lab.command(name))
    ends = "|".join(Words("en").say(end) for end in READINESS.values())
    said = re.findall(rf"^(?:{ends})\b.+|^=+ \d+ (?:passed|failed).*", done.stdout, re.MULTILINE)
    seconds = time.monotonic() - began
    with capsys.disabled():
        where = re.findall(r'^VERSION="(.+)"', (root / "etc/os-release").read_text(), re.MULTILINE)[0]
        sys.stdout.write(
            f"\nDebian {where}: the {name} line, exit {done.returncode} in {seconds:.0f} s: {said}\n"
        )
    return done
