"""The program in a root with real browsers, a Zoom of each layout laid over it: one row a scenario."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lab.software import root as lab
from layouts import LAYOUTS, PROGRAM, load_layout

pytestmark = [pytest.mark.lab, pytest.mark.lab_software]

FIREFOX = ("usr/lib/firefox-esr", "usr/bin/firefox-esr")
CHROMIUM = ("usr/bin/chromium", "usr/lib/chromium")
DEB = "[Default Applications]\nx-scheme-handler/https=firefox-esr.desktop\n"


@dataclass(frozen=True, kw_only=True)
class Row:
    id: str
    expect: Mapping[str, object]
    """A check: its verdict; "check.fact": its value."""
    zoom: str = ""
    """The recorded layout that is laid over the root, of which the browsers are left out."""
    deb: bool = False
    """It is packed as Zoom packs its .deb, and installed by dpkg."""
    files: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    """Paths that are gone while their desktop entries stayed."""


NONE = {"zoom": "fail", "zoom.installed": False, "browser": "pass"}
# Whether it is recent depends on the day of the run.
GOOD = {"zoom.installed": True, "zoom.handler": True, "browser": "pass"}
ROWS = (
    Row(id="browsers only", expect=NONE | {"browser.name": "Chromium Web Browser", "browser.default": True}),
    Row(
        id="firefox chosen",
        files={"home/anna/.config/mimeapps.list": DEB},
        expect=NONE | {"browser.name": "Firefox ESR"},
    ),
    Row(id="chromium gone", removed=CHROMIUM, expect=NONE | {"browser.name": "Firefox ESR"}),
    Row(id="both browsers gone", removed=CHROMIUM + FIREFOX, expect={"browser": "fail", "zoom": "fail"}),
    Row(id="zoom .deb", zoom="zoom-deb", deb=True, expect=GOOD | {"zoom.version": [6, 3, 0, 5527]}),
    Row(
        id="zoom .deb too old",
        zoom="zoom-deb-too-old",
        deb=True,
        expect={"zoom": "fail", "zoom.recent": False},
    ),
    Row(id="zoom flatpak", zoom="zoom-flatpak", expect=GOOD | {"zoom.version": [6, 5, 7, 3298]}),
    Row(id="zoom flatpak of one person", zoom="zoom-flatpak-of-one-person", expect=GOOD),
    Row(id="zoom snap", zoom="zoom-snap", expect=GOOD | {"zoom.version": [6, 0, 2, 4680]}),
    Row(id="zoom behind systemd-run", zoom="zoom-by-systemd-run", expect=GOOD),
    Row(
        id="zoom in a container",
        zoom="zoom-in-a-distrobox",
        expect={"zoom": "warn", "zoom.installed": None, "browser": "pass"},
    ),
    Row(id="web-app shim", zoom="zoom-web-app-shim", expect=NONE | {"zoom.left_over": False}),
    Row(
        id="zoom, link owned by a shim",
        zoom="zoom-link-owned-by-a-web-app",
        expect={"zoom": "warn", "zoom.installed": True, "zoom.handler": False},
    ),
    Row(id="stale entry", zoom="zoom-stale-entry", expect=NONE | {"zoom.left_over": True}),
)


@pytest.fixture(scope="session")
def base() -> Path:
    try:
        return lab.build()
    except lab.CannotBuild as why:
        pytest.skip(f"the software lab: {why}")


@pytest.fixture
def merged(base: Path) -> Iterator[Path]:
    try:
        with lab.over(base) as folder:
            yield folder
    except lab.CannotBuild as why:
        pytest.skip(f"the software lab: {why}")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_row(row: Row, merged: Path, tmp_path: Path) -> None:
    told = load_layout(LAYOUTS / "linux" / f"{row.zoom}.toml") if row.zoom else {}
    target = tmp_path / "package" if row.deb else merged
    _lay(target, told, already=merged)
    if row.deb:
        _install(target, merged)
    for path, content in row.files.items():
        _write(merged / path, content)
    for path in row.removed:
        place = merged / path
        shutil.rmtree(place) if place.is_dir() and not place.is_symlink() else place.unlink()
    report = _report(merged)
    said: dict[str, object] = {}
    for check in report["checks"]:
        name = check["id"].partition(".")[2]
        said |= {name: check["verdict"]}
        said |= {f"{name}.{fact}": value["value"] for fact, value in check["facts"].items()}
    assert {key: said.get(key) for key in row.expect} == dict(row.expect)


def test_the_desktops_own_tool_agrees_on_who_opens_links(merged: Path) -> None:
    _lay(merged, load_layout(LAYOUTS / "linux" / "zoom-link-owned-by-a-web-app.toml"), already=merged)
    _write(merged / "home/anna/.config/mimeapps.list", DEB.replace("https=firefox-esr", "zoommtg=zoom-web"))
    asked = lab.inside(merged, "xdg-mime", "query", "default", "x-scheme-handler/zoommtg")
    assert asked.stdout.strip() == "zoom-web.desktop"


def _report(merged: Path) -> dict[str, Any]:
    command = ("python3", "-m", "preflight", "run", "--only", "software", "--no-input", "--format", "json")
    done = lab.inside(merged, *command)
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 1, 3}, done.stderr
    return dict(json.loads(done.stdout))


def _lay(root: Path, told: Mapping[str, Any], *, already: Path) -> None:
    """Write the files of a layout; a real browser is not covered by the recorded one."""
    files = {**told.get("tree", {}), **dict.fromkeys(told.get("programs", ()), PROGRAM)}
    for path, content in files.items():
        if not os.path.lexists(already / path.lstrip("/")):
            _write(root / path.lstrip("/"), content)
            (root / path.lstrip("/")).chmod(0o755)
    for path, target in told.get("links", {}).items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)


def _install(package: Path, merged: Path) -> None:
    """Pack the files into a .deb and let dpkg install it in the root."""
    for personal in ("home", "etc/os-release", "proc"):
        place = package / personal
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    keys = {"Package": "zoom", "Version": "1", "Architecture": "all", "Maintainer": "Lab <lab@example.org>"}
    control = "".join(f"{key}: {value}\n" for key, value in (keys | {"Description": "a layout"}).items())
    _write(package / "DEBIAN/control", control)
    lab.run("dpkg-deb", "--build", "--root-owner-group", package, merged / "zoom.deb")
    lab.run("chroot", merged, "dpkg", "--install", "/zoom.deb")


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
