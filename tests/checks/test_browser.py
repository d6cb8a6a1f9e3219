from dataclasses import replace

import computers
import pytest

from preflight import policy
from preflight.captures import SoftwareCapture
from preflight.checks import browser
from preflight.judge import judge
from preflight.model import Check, Verdict, WarnReason

BLUOR = policy.load()


def checked(capture: SoftwareCapture) -> Check:
    outcome = browser.analyse(capture, BLUOR.parameters["software"])
    return judge("software.browser", outcome, BLUOR.demands_on("software.browser"))


def test_a_good_computer_passes() -> None:
    check = checked(computers.good())
    assert check.verdict is Verdict.PASS
    assert check.facts["name"].value == "Microsoft Edge"
    assert check.facts["version"].value == (142, 0, 3595, 53)


def test_without_a_browser_it_fails() -> None:
    assert checked(computers.without_browser()).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"exists": False}, id="gone"),
        pytest.param({"program": r"C:\Program Files\Internet Explorer\iexplore.exe"}, id="internet-explorer"),
        pytest.param({"place": "x", "schemes": ("https",)}, id="opens-no-http"),
    ],
)
def test_what_is_no_browser(changed: dict[str, object]) -> None:
    other = replace(computers.BROWSER, **changed)  # type: ignore[arg-type] # fields of Program
    assert checked(replace(computers.good(), programs=(other,))).facts["installed"].value is False


def test_no_default_is_advice() -> None:
    check = checked(replace(computers.good(), handlers=()))
    assert (check.verdict, check.why) == (Verdict.WARN, WarnReason.ADVISED)


def test_a_default_that_is_gone_is_none() -> None:
    opener = replace(computers.good().handlers[0], exists=False)
    assert checked(replace(computers.good(), handlers=(opener,))).facts["default"].value is False
