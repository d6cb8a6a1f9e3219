"""Is there a web browser that opens the bank's pages?"""

from collections.abc import Mapping
from pathlib import PureWindowsPath

from preflight.captures import Program, SoftwareCapture
from preflight.measures.versions import parse_version
from preflight.model import Fact, Finding, exact, unknown

READS = SoftwareCapture

RETIRED = frozenset(("iexplore.exe",))
"""Still registered on Windows 10, but shows no video session; Microsoft ended it on 2022-06-15."""


def analyse(capture: SoftwareCapture, parameters: Mapping[str, object]) -> Finding:  # noqa: ARG001 - a check's form
    """Return whether one can be started, and which one opens links."""
    known = [program for program in capture.programs if program.exists is not False and _is_browser(program)]
    browsers = [program for program in known if program.exists]
    if known and not browsers:
        return Finding(facts={"installed": unknown(), "default": unknown(), "cause": exact("untold")})
    if not browsers:
        return Finding(facts={"installed": exact(value=False)})
    opener = next((handler for handler in capture.handlers if handler.scheme == "https"), None)
    default = opener if opener is not None and opener.exists and not _is_retired(opener.program) else None
    chosen = next(
        (
            browser
            for browser in browsers
            if default is not None
            and (
                default.program.lower() == browser.program.lower()
                or default.place in {browser.place, browser.maker}
            )
        ),
        browsers[0],
    )
    version = parse_version(chosen.version)
    untold = opener is not None and opener.exists is None
    facts: dict[str, Fact] = {
        "installed": exact(value=True),
        "default": unknown() if untold else exact(default is not None),
        "name": exact(chosen.name),
        "version": exact(version) if version else unknown(),
    }
    return Finding(facts=facts | ({"cause": exact("untold")} if untold else {}))


def _is_browser(program: Program) -> bool:
    """Return whether a program registered as a browser, or opens both http and https, and is not retired."""
    listed = "StartMenuInternet" in program.place
    return (listed or {"http", "https"} <= set(program.schemes)) and not _is_retired(program.program)


def _is_retired(program: str) -> bool:
    """Return whether the program at this path shows no video session any more."""
    return PureWindowsPath(program.lower()).name in RETIRED
