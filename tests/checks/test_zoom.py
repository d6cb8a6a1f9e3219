from dataclasses import replace
from datetime import date, timedelta

import computers
import pytest

from preflight import policy
from preflight.captures import Handler, Program, SoftwareCapture
from preflight.checks import zoom
from preflight.judge import judge
from preflight.model import Check, Value, Verdict, WarnReason

BLUOR = policy.load()


def checked(capture: SoftwareCapture) -> Check:
    outcome = zoom.analyse(capture, BLUOR.parameters["software"])
    return judge("software.zoom", outcome, BLUOR.demands_on("software.zoom"))


def told(capture: SoftwareCapture, fact: str) -> Value:
    return checked(capture).facts[fact].value


def test_a_good_computer_passes() -> None:
    assert checked(computers.good()).verdict is Verdict.PASS


def test_without_zoom_it_fails_and_says_no_more() -> None:
    check = checked(computers.without_zoom())
    assert check.verdict is Verdict.FAIL
    assert {result.fact: str(result.verdict) for result in check.results} == {
        "installed": "fail",
        "recent": "skip",
        "handler": "skip",
        "held_back": "skip",
    }


@pytest.mark.parametrize(
    ("version", "recent", "verdict"),
    [
        pytest.param("5.17.5", None, Verdict.WARN, id="the-minimum-itself-long-ago"),
        pytest.param("5.17.4 (1234)", False, Verdict.FAIL, id="just-below"),
        pytest.param("5.17.6 (31409)", None, Verdict.WARN, id="just-above-long-ago"),
        pytest.param("5.16.99", False, Verdict.FAIL, id="older-line"),
        pytest.param("7.1.43453", True, Verdict.PASS, id="installer-newer-line"),
        pytest.param("5.17.31409", None, Verdict.WARN, id="installer-same-line-hides-the-third-number"),
        pytest.param("5.16.26186", False, Verdict.FAIL, id="installer-older-line"),
        pytest.param("", None, Verdict.WARN, id="not-told"),
        pytest.param("unknown", None, Verdict.WARN, id="no-number"),
        pytest.param("7.2", True, Verdict.PASS, id="two-numbers"),
        pytest.param("8", True, Verdict.PASS, id="one-number-newer"),
        pytest.param("6", None, Verdict.WARN, id="one-number-of-two-years"),
        pytest.param("5", None, Verdict.WARN, id="one-number-same"),
    ],
)
def test_versions_against_the_minimum(version: str, recent: bool | None, verdict: Verdict) -> None:  # noqa: FBT001 - a column
    check = checked(computers.with_zoom(version))
    assert (check.facts["recent"].value, check.verdict) == (recent, verdict)


def test_another_system_has_another_minimum() -> None:
    bundle = Program(
        place="/Applications/zoom.us.app", name="zoom.us", maker="us.zoom.xos", version="5.17.5", exists=True
    )
    mac = replace(computers.good(), system="macos", programs=(bundle,), handlers=())
    assert told(mac, "recent") is False
    assert told(replace(mac, programs=(replace(bundle, version="6.0.2 (33403)"),)), "recent") is None


LAST_DAYS = {
    "6.0.0": "2025-01-01",
    "6.1.99": "2025-01-01",
    "6.2.7": "2025-08-01",
    "6.6.0": "2025-08-01",
    "6.6.1": "2026-06-01",
    "6.6.6": "2026-07-01",
    "6.7.2": "2026-09-30",
    "6.7.8": "2026-12-11",
    "7.0.0": "2026-12-24",
    "7.0.1": "2026-12-24",
    "7.0.2": "2027-01-03",
    "7.1.0": "2027-03-22",
    "7.1.8": "2027-05-31",
    "7.2.0": "2027-06-18",
    "7.2.0.9999": "2027-06-18",
    "7.2.1": "9999-12-31",
    "8.0": "9999-12-31",
}
"""Until when a version is surely let in: nine months after its release, or after the next lower one's."""
YEAR = [date(2026, 9, 1) + timedelta(days=day) for day in range(366)]


@pytest.mark.parametrize("system", ["windows", "macos", "linux"])
@pytest.mark.parametrize("version", LAST_DAYS)
def test_a_version_is_let_in_for_nine_months(version: str, system: str) -> None:
    capture = computers.with_zoom(version)
    if system != "windows":
        bundle = replace(computers.ZOOM, maker="us.zoom.xos", version=version)
        capture = replace(capture, system=system, programs=(bundle,))
    last = date.fromisoformat(LAST_DAYS[version])
    # 6.0.0 is no longer let in on the other systems.
    late = False if version == "6.0.0" and system != "windows" else None
    said = {day: told(replace(capture, made=day.isoformat()), "recent") for day in YEAR}
    assert said == {day: True if day <= last and late is None else late for day in YEAR}


@pytest.mark.parametrize(
    ("version", "made", "verdict", "cause"),
    [
        pytest.param("7.1.8", "2027-05-31", Verdict.PASS, None, id="its-last-day"),
        pytest.param("7.1.8", "2027-06-01", Verdict.WARN, "old", id="the-day-after"),
        pytest.param("7.1.8", "", Verdict.WARN, "old", id="a-recording-without-its-day"),
        pytest.param("7.1.8", "soon", Verdict.WARN, "old", id="a-day-that-is-none"),
        pytest.param("7.3.0", "", Verdict.PASS, None, id="newer-than-all-whatever-the-day"),
        pytest.param("", "2026-11-29", Verdict.WARN, "untold", id="no-version"),
        pytest.param("5.17.4", "2020-01-01", Verdict.FAIL, None, id="below-the-minimum-whatever-the-day"),
    ],
)
def test_why_a_version_is_not_recent(version: str, made: str, verdict: Verdict, cause: str | None) -> None:
    check = checked(replace(computers.with_zoom(version), made=made))
    assert (check.verdict, getattr(check.facts.get("cause"), "value", None)) == (verdict, cause)


@pytest.mark.parametrize(
    ("handler", "opens"),
    [
        pytest.param(
            Handler(scheme="zoommtg", place="x", program=computers.ZOOM.program.upper(), exists=True),
            True,
            id="same-file-other-case",
        ),
        pytest.param(
            Handler(scheme="zoommtg", place="x", program=computers.ZOOM.program, exists=False),
            False,
            id="stale",
        ),
        pytest.param(
            Handler(scheme="zoommtg", place="x", program="C:\\chrome_proxy.exe", exists=True),
            False,
            id="web-app",
        ),
        pytest.param(
            Handler(scheme="https", place="x", program=computers.ZOOM.program, exists=True),
            False,
            id="another-scheme",
        ),
    ],
)
def test_who_opens_the_link(handler: Handler, opens: bool) -> None:  # noqa: FBT001 - a column
    check = checked(replace(computers.good(), handlers=(handler,)))
    assert check.facts["handler"].value is opens
    assert (check.verdict, check.why) == (
        (Verdict.PASS, None) if opens else (Verdict.WARN, WarnReason.ADVISED)
    )


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(
            {"program": r"C:\Tools\ZoomIt.exe", "maker": "Sysinternals - www.sysinternals.com"}, id="zoomit"
        ),
        pytest.param({"program": r"C:\Zoom\bin\Zoom.exe", "maker": "Somebody Else"}, id="another-maker"),
        pytest.param({"program": r"C:\Games\Zoom.exe", "maker": ""}, id="another-folder"),
        pytest.param({"exists": False}, id="gone"),
    ],
)
def test_what_is_not_zoom(changed: dict[str, object]) -> None:
    other = replace(computers.ZOOM, **changed)  # type: ignore[arg-type] # fields of Program
    assert told(replace(computers.good(), programs=(other,)), "installed") is False


def test_a_policy_without_a_minimum_for_the_system_leaves_it_open() -> None:
    outcome = zoom.analyse(computers.good(), {})
    assert outcome.facts["recent"].value is None
