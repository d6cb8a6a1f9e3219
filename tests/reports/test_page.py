"""The HTML report in a real browser: no error, no overflow, nothing that axe finds wrong.

Needs chromium and axe-core (`npm install -g axe-core`).
"""

import json
import re
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path

import pytest
from runs import REPORTS

from preflight.reports import html
from preflight.texts import LANGUAGES, Words

pytestmark = pytest.mark.lab

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


def chromium(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "chromium is not installed"
    return subprocess.run(
        [program, "--headless", "--no-sandbox", "--disable-gpu", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def axe() -> str:
    folder = subprocess.run(["npm", "root", "-g"], capture_output=True, text=True, check=True).stdout.strip()
    return (Path(folder) / "axe-core" / "axe.min.js").read_text("utf-8")


def frame(name: str, lang: str, width: int) -> str:
    """One report in a frame, as a window of the browser itself cannot be made as narrow as a phone."""
    page = html.render(REPORTS[name], Words(lang))
    # The page forbids every script; only the probe's own copy lets one in.
    open_page = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page)
    probed = open_page.replace("</body>", PROBE.format(axe=axe()) + "</body>")
    return (
        f'<iframe name="{name} {lang}" width="{width}" height="900" style="border:0" '
        f'srcdoc="{escape(probed)}"></iframe>'
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_renders_without_an_error_an_overflow_or_a_violation(tmp_path: Path, *, dark: bool) -> None:
    frames = [
        frame(name, lang, width)
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


def test_it_prints_on_two_pages_at_most(tmp_path: Path) -> None:
    for name, report in REPORTS.items():
        page, printed = tmp_path / f"{name}.html", tmp_path / f"{name}.pdf"
        page.write_text(html.render(report, Words("lv")), "utf-8")
        chromium("--no-pdf-header-footer", f"--print-to-pdf={printed}", page.as_uri())
        assert len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes())) <= 2, name
