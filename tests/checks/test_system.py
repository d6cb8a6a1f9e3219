from dataclasses import replace

import computers
import pytest

from preflight import policy
from preflight.captures import SoftwareCapture
from preflight.checks import browser, system, zoom
from preflight.judge import judge
from preflight.model import Check, Verdict, WarnReason

BLUOR = policy.load()


def checked(capture: SoftwareCapture) -> Check:
    outcome = system.analyse(capture, BLUOR.parameters["software"])
    return judge("software.system", outcome, BLUOR.demands_on("software.system"))


def test_a_good_computer_passes() -> None:
    assert checked(computers.good()).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"processors": 1}, (Verdict.WARN, WarnReason.ADVISED), id="one-processor"),
        pytest.param({"processors": 2}, (Verdict.WARN, WarnReason.CLOSE), id="two-processors"),
        pytest.param({"processors": 4}, (Verdict.PASS, None), id="four-processors"),
        pytest.param({"processors": None}, (Verdict.WARN, WarnReason.UNSURE), id="processors-untold"),
        pytest.param({"memory": 2 << 30}, (Verdict.WARN, WarnReason.ADVISED), id="2-gib"),
        pytest.param({"memory": 4 << 30}, (Verdict.WARN, WarnReason.CLOSE), id="4-gib"),
        pytest.param({"memory": 8 << 30}, (Verdict.PASS, None), id="8-gib"),
        pytest.param({"load": 0.49}, (Verdict.PASS, None), id="half-busy"),
        pytest.param({"load": 0.60}, (Verdict.WARN, WarnReason.CLOSE), id="busy"),
        pytest.param({"load": 0.95}, (Verdict.WARN, WarnReason.ADVISED), id="very-busy"),
        pytest.param({"load": None}, (Verdict.WARN, WarnReason.UNSURE), id="load-untold"),
        pytest.param(
            {"sleep_mains_s": 600.0}, (Verdict.WARN, WarnReason.ADVISED), id="sleeps-after-ten-minutes"
        ),
        pytest.param({"sleep_mains_s": 1200.0}, (Verdict.PASS, None), id="sleeps-after-twenty"),
        pytest.param({"sleep_mains_s": 0.0}, (Verdict.PASS, None), id="never-sleeps"),
        pytest.param({"sleep_mains_s": None}, (Verdict.WARN, WarnReason.UNSURE), id="sleep-untold"),
        pytest.param({"sleep_battery_s": 60.0}, (Verdict.PASS, None), id="the-other-setting-does-not-count"),
        pytest.param({"os_version": "6.3.9600"}, (Verdict.WARN, WarnReason.ADVISED), id="windows-8.1"),
        pytest.param({"os_version": ""}, (Verdict.WARN, WarnReason.UNSURE), id="version-untold"),
        pytest.param({"architecture": "x86"}, (Verdict.WARN, WarnReason.ADVISED), id="32-bit"),
        pytest.param({"architecture": ""}, (Verdict.WARN, WarnReason.UNSURE), id="architecture-untold"),
        pytest.param({"system": "haiku"}, (Verdict.WARN, WarnReason.UNSURE), id="another-system"),
    ],
)
def test_one_thing_changed(changed: dict[str, object], expected: tuple[Verdict, WarnReason | None]) -> None:
    check = checked(replace(computers.good(), **changed))  # type: ignore[arg-type] # fields of SoftwareCapture
    assert (check.verdict, check.why) == expected


def test_on_battery_the_setting_for_battery_counts() -> None:
    supplies = computers.on_battery().readings[0]
    capture = replace(computers.good(), supplies=supplies, sleep_battery_s=300.0)
    assert checked(capture).facts["sleep"].value == 5.0


@pytest.mark.parametrize(
    ("capture", "failing"),
    [
        (computers.good(), set()),
        (computers.without_zoom(), {"software.zoom"}),
        (computers.with_zoom("5.12.2 (9281)"), {"software.zoom"}),
        (computers.without_browser(), {"software.browser"}),
    ],
    ids=["good", "no-zoom", "zoom-too-old", "no-browser"],
)
def test_one_thing_changed_fails_one_check(capture: SoftwareCapture, failing: set[str]) -> None:
    failed = set()
    for module in (zoom, browser, system):
        check = f"software.{module.__name__.rpartition('.')[2]}"
        outcome = module.analyse(capture, BLUOR.parameters["software"])
        verdict = judge(check, outcome, BLUOR.demands_on(check)).verdict
        assert verdict in {Verdict.PASS, Verdict.FAIL}
        failed |= {check} if verdict is Verdict.FAIL else set()
    assert failed == failing
