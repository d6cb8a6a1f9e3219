"""The reports in other people's hands: a real browser, axe, an HTML validator, Jenkins' schema of JUnit.

Needs chromium, xmllint, npm and the network, from which it takes axe-core, html-validate and
the schema (in pytest's own source archive).
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
from html import escape, unescape
from pathlib import Path

import pytest
from sample_reports import REPORTS

from preflight.reports import html, junit
from preflight.texts import LANGUAGES, Words

pytestmark = [pytest.mark.lab, pytest.mark.lab_reports]

PROBE = """
<script>{axe}</script><script>
axe.run(document, {{}}).then(found => {{
  const row = parent.document.createElement("pre");
  row.textContent = JSON.stringify({{
    name: window.name,
    violations: found.violations.map(each => each.id + ": " + each.nodes.map(node => node.html).join(" ")),
    tried: found.passes.map(each => each.id),
    wide: document.documentElement.scrollWidth,
    window: window.innerWidth,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
  }});
  parent.document.body.append(row);
}});
</script>
"""
WIDTHS = (360, 1280)
# Root has no sandbox, a container little shared memory.
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
)


# What html-validate asks for beyond the standard, and we do otherwise: ids are those of the checks.
RULES = {"extends": ["html-validate:recommended"], "rules": {"valid-id": ["error", {"relaxed": True}]}}


def program(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    return found or pytest.skip(f"{names[0]} is not installed")


def fetched(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.skip(f"could not be fetched: {' '.join(command[:3])}: {done.stderr[-300:]}")


def chromium(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("chromium", "google-chrome"), *SWITCHES, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where axe-core and html-validate are."""
    folder = tmp_path_factory.mktemp("npm")
    wanted = ("axe-core@4", "html-validate@10")
    fetched([program("npm"), "install", "--no-fund", "--no-audit", "--prefix", str(folder), *wanted])
    return folder / "node_modules"


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Jenkins' schema of JUnit XML (xunit-plugin's junit-10.xsd), which pytest is tested with too."""
    folder = tmp_path_factory.mktemp("schema")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "pytest"]
    fetched([*pip, "--dest", str(folder), f"pytest=={pytest.__version__}"])
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        member = next(name for name in archive.getnames() if name.endswith("/junit-10.xsd"))
        archive.extract(member, folder, filter="data")
    return folder / member


def files(folder: Path, suffix: str) -> list[str]:
    """Every report in every language."""
    render = {"html": html.render, "xml": junit.render}[suffix]
    paths = []
    for name, report in REPORTS.items():
        for lang in LANGUAGES:
            path = folder / f"{name}-{lang}.{suffix}"
            path.write_text(render(report, Words(lang)), "utf-8")
            paths.append(str(path))
    return paths


def frame(name: str, lang: str, width: int, axe: str) -> str:
    """One report in a frame, as a window of the browser itself cannot be made as narrow as a phone."""
    page = html.render(REPORTS[name], Words(lang))
    # The page forbids every script; only the probe's own copy lets one in.
    open_page = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page)
    probed = open_page.replace("</body>", PROBE.format(axe=axe) + "</body>")
    return (
        f'<iframe name="{name} {lang}" width="{width}" height="900" style="border:0" '
        f'srcdoc="{escape(probed)}"></iframe>'
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_renders_without_an_error_an_overflow_or_a_violation(
    tmp_path: Path, modules: Path, *, dark: bool
) -> None:
    axe = (modules / "axe-core" / "axe.min.js").read_text("utf-8")
    frames = [
        frame(name, lang, width, axe)
        for name in ("not-ready", "incomplete", "ready-with-warnings")
        for lang in LANGUAGES
        for width in WIDTHS
    ]
    path = tmp_path / "frames.html"
    path.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body>{"".join(frames)}</body>', "utf-8")
    ran = chromium(
        "--virtual-time-budget=60000",
        "--enable-logging=stderr",
        *(["--blink-settings=preferredColorScheme=0"] if dark else []),
        "--dump-dom",
        path.as_uri(),
    )
    assert "CONSOLE" not in ran.stderr, ran.stderr
    found = [json.loads(unescape(told)) for told in re.findall(r"<pre>(.*?)</pre>", ran.stdout, re.DOTALL)]
    assert len(found) == len(frames)
    for each in found:
        assert each["violations"] == [], each["name"]
        assert {"color-contrast", "html-has-lang", "document-title", "region"} <= set(each["tried"])
        assert each["wide"] <= each["window"], each["name"]
        assert each["dark"] is dark
    assert {each["window"] for each in found} == set(WIDTHS)


def test_a_page_prints_on_two_sheets_at_most(tmp_path: Path) -> None:
    for name, report in REPORTS.items():
        page, printed = tmp_path / f"{name}.html", tmp_path / f"{name}.pdf"
        page.write_text(html.render(report, Words("lv")), "utf-8")
        chromium("--no-pdf-header-footer", f"--print-to-pdf={printed}", page.as_uri())
        assert len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes())) <= 2, name


def test_a_validator_finds_nothing_wrong_with_a_page(tmp_path: Path, modules: Path) -> None:
    (tmp_path / ".htmlvalidate.json").write_text(json.dumps({"root": True, **RULES}), "utf-8")
    validate = [program("node"), str(modules / "html-validate" / "bin" / "html-validate.mjs")]
    paths, broken = files(tmp_path, "html"), tmp_path / "broken.html"
    broken.write_text(Path(paths[0]).read_text("utf-8").replace("</h1>", "", 1), "utf-8")
    assert subprocess.run([*validate, str(broken)], capture_output=True, check=False).returncode == 1
    done = subprocess.run([*validate, *paths], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_junit_keeps_to_the_schema_of_jenkins(tmp_path: Path, schema: Path) -> None:
    lint = [program("xmllint"), "--noout", "--schema", str(schema)]
    paths = files(tmp_path, "xml")
    broken = tmp_path / "broken.xml"
    broken.write_text(Path(paths[0]).read_text("utf-8").replace("<testcase ", "<test ", 1), "utf-8")
    assert subprocess.run([*lint, str(broken)], capture_output=True, check=False).returncode
    done = subprocess.run([*lint, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
