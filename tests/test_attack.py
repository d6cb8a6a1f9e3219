"""Attacks: what lies in the current folder, in a report, a policy or a file does no harm."""

import base64
import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from runs import REPORTS

from preflight import reports
from preflight.errors import Usage
from preflight.model import Report
from preflight.platforms import programs
from preflight.reports import document
from preflight.reports.terminal import Screen
from preflight.texts import Words

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


# --- reports ---

MARKUP = '"><script>alert(1)</script><meta http-equiv="refresh" content="0;url=//x"><b onclick=x style=y>'


def poisoned(value: Any) -> Any:
    """A report, or a part of one, with markup in every text that is not one of a closed set."""
    if isinstance(value, str) and type(value) is str:
        return value + MARKUP
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: poisoned(getattr(value, field.name)) for field in fields(value)})
    if isinstance(value, Mapping):
        return {key + MARKUP: poisoned(item) for key, item in value.items()}
    return tuple(map(poisoned, value)) if isinstance(value, tuple) else value


class Page(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag == "meta" and dict(attrs).get("http-equiv"):
            assert not self.policy
            self.policy = dict(attrs)["content"] or ""


def seen(report: Report) -> Page:
    page = Page()
    page.feed(reports.render("html", report, Words("en"), Screen()))
    return page


@pytest.mark.parametrize("name", REPORTS)
def test_no_text_of_a_report_becomes_a_part_of_its_page(name: str) -> None:
    good, bad = seen(REPORTS[name]), seen(poisoned(REPORTS[name]))
    assert bad.tags <= {*seen(REPORTS["not-ready"]).tags, "details", "summary"}
    assert bad.attributes <= seen(REPORTS["not-ready"]).attributes
    assert bad.policy == good.policy
    assert {"default-src 'none'", "form-action 'none'", "base-uri 'none'"} <= set(good.policy.split("; "))


def test_the_page_has_no_style_but_its_own() -> None:
    page = reports.render("html", REPORTS["ready"], Words("en"), Screen())
    style = page.partition("<style>")[2].partition("</style>")[0]
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{allowed}';" in page
    assert " style=" not in page


def test_a_check_of_a_newer_preflight_is_read_and_one_with_markup_is_not(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    for identity, read in (("newer.check", True), (f"x{MARKUP}.video", False)):
        check = replace(REPORTS["ready"].checks[0], id=identity)
        path.write_text(document.dump(replace(REPORTS["ready"], checks=(check,))), "utf-8")
        with contextlib.nullcontext() if read else pytest.raises(Usage, match="report-foreign"):
            assert "newer.check" in reports.render("html", reports.read(str(path)), Words("en"), Screen())
