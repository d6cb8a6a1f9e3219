"""What a release is made of: named by version and hash, for every system and Python."""

import re
import sys
import tomllib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RELEASE = ROOT / ".github" / "workflows" / "release.yml"
LISTS = sorted((ROOT / ".github" / "constraints").glob("*.txt"))
EXTRAS: Mapping[str, list[str]] = PROJECT["optional-dependencies"]

GPL = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public", re.IGNORECASE)


def pinned(path: Path) -> Mapping[str, list[tuple[str, int]]]:
    """Return version and number of hashes of each line of a list, by the package's name."""
    found: dict[str, list[tuple[str, int]]] = {}
    for line in path.read_text("utf-8").replace("\\\n", " ").splitlines():
        match = re.fullmatch(r"([a-z0-9-]+)==([\w.]+)( ; [^#]*?)? +((?:--hash=sha256:[0-9a-f]{64} *)+)", line)
        assert match, line
        found.setdefault(match[1], []).append((match[2], match[4].count("--hash")))
    return found


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_what_a_release_is_made_of_is_pinned_by_version_and_hash(path: Path) -> None:
    assert [each.stem for each in LISTS] == ["package", "shipped", "test"]
    versions = pinned(path)
    for each in (*PROJECT["dependencies"], *EXTRAS.get(path.stem, [])):
        wanted = Requirement(each)
        assert wanted.name in versions, wanted
        assert all(wanted.specifier.contains(version) for version, _ in versions[wanted.name])


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_the_lists_agree_on_what_is_shipped(path: Path) -> None:
    shipped = pinned(LISTS[1])
    assert {name: versions for name, versions in pinned(path).items() if name in shipped} == shipped


def test_nothing_under_the_gpl_is_shipped() -> None:
    """The LGPL's libraries may stand beside a program of any licence; PyAV's hold encoders under the GPL."""
    names = set(pinned(LISTS[1]))
    assert "pi-heif" in names
    assert "av" not in names
    looked = 0
    for name in names:
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            # Another system's.
            continue
        told = [
            said
            for key in ("License-Expression", "License", "Classifier")
            for said in package.metadata.get_all(key, [])
        ]
        assert not GPL.search("\n".join(told)), name
        for each in package.files or ():
            if re.search(r"avcodec|videoio_ffmpeg|x26[45]", each.name):
                looked += 1
                assert not re.search(r"x26[45]", each.name), each
                assert b"--enable-gpl" not in Path(str(each.locate())).read_bytes(), each
    assert looked or sys.platform == "darwin"


def test_no_list_names_a_host() -> None:
    assert not any("//" in path.read_text("utf-8") for path in LISTS)


def test_a_release_installs_nothing_that_is_not_pinned() -> None:
    release = RELEASE.read_text("utf-8")
    installs = re.findall(r"pip (?:--python \w+ )?(?:install|wheel) (.+)", release)
    assert len(installs) > 4
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)
    assert "--no-isolation" in release
    assert "cdx.json" in release
