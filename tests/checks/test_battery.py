from dataclasses import replace

import computers
import pytest

from preflight import policy
from preflight.captures import PowerCapture, Supply
from preflight.checks import battery
from preflight.errors import MeasurementError
from preflight.judge import judge
from preflight.measures.power import is_draining, is_plugged_in
from preflight.model import Finding, Kind, Skip, Verdict, WarnReason

BLUOR = policy.load()
PARAMETERS = BLUOR.parameters["power"]
OFF = replace(computers.MAINS, online=False)
USB = Supply(name="usb", kind="USB", online=True)
DRAINING = replace(computers.BATTERY, status="Discharging", power=10.0)


def found(*supplies: Supply) -> Finding:
    outcome = battery.analyse(PowerCapture(system="linux", readings=(supplies,), step_s=0.5), PARAMETERS)
    assert isinstance(outcome, Finding)
    return outcome


def verdict(capture: PowerCapture) -> tuple[Verdict, WarnReason | None]:
    check = judge("power.battery", battery.analyse(capture, PARAMETERS), BLUOR.demands_on("power.battery"))
    return check.verdict, check.why


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        pytest.param(10, (Verdict.FAIL, None), id="ten-minutes"),
        pytest.param(19.5, (Verdict.FAIL, None), id="just-below-the-bound"),
        pytest.param(20.5, (Verdict.WARN, WarnReason.CLOSE), id="just-above-the-bound"),
        pytest.param(29.5, (Verdict.WARN, WarnReason.CLOSE), id="just-below-comfort"),
        pytest.param(30.5, (Verdict.PASS, None), id="just-above-comfort"),
        pytest.param(180, (Verdict.PASS, None), id="three-hours"),
    ],
)
def test_minutes_on_battery(minutes: float, expected: tuple[Verdict, WarnReason | None]) -> None:
    assert verdict(computers.on_battery(minutes)) == expected


def test_the_minutes_come_from_both_inputs() -> None:
    facts = found(OFF, replace(DRAINING, energy_now=32.5, power=30.0)).facts
    assert (facts["energy"].value, facts["draw"].value, facts["assumed"].value) == (30.0, 30.0, 20.0)
    assert facts["minutes"].value == 60.0


def test_an_idle_draw_does_not_promise_half_a_day() -> None:
    minutes = found(OFF, replace(DRAINING, energy_now=12.5, power=4.0)).facts["minutes"]
    assert (minutes.value, minutes.low, minutes.high) == (30.0, 30.0, 150.0)


def test_the_highest_draw_of_all_readings_counts() -> None:
    readings = tuple((OFF, replace(DRAINING, power=watts)) for watts in (9.0, 25.0, 12.0))
    outcome = battery.analyse(PowerCapture(system="linux", readings=readings, step_s=0.5), PARAMETERS)
    assert isinstance(outcome, Finding)
    assert outcome.facts["draw"].value == 25.0


@pytest.mark.parametrize(
    ("watts", "step_s", "drawn"),
    [
        pytest.param((None, None, None), 600.0, 15.0, id="no gauge of the power"),
        pytest.param((14.0, 60.0, 14.0), 600.0, 15.0, id="a moment's peak"),
        pytest.param((14.0, 60.0, 14.0), 0.5, 60.0, id="seen for a second only"),
    ],
)
def test_over_a_whole_session_counts_what_the_battery_lost(
    watts: tuple[float | None, ...], step_s: float, drawn: float
) -> None:
    readings = tuple(
        (OFF, replace(DRAINING, energy_now=energy, power=power))
        for energy, power in zip((30.0, 28.0, 25.0), watts, strict=True)
    )
    outcome = battery.analyse(PowerCapture(system="linux", readings=readings, step_s=step_s), PARAMETERS)
    assert isinstance(outcome, Finding)
    assert outcome.facts["draw"].value == drawn


def test_unplugged_during_the_measurement_is_not_plugged() -> None:
    readings = ((computers.MAINS, computers.BATTERY), (OFF, DRAINING))
    outcome = battery.analyse(PowerCapture(system="linux", readings=readings, step_s=0.5), PARAMETERS)
    assert isinstance(outcome, Finding)
    assert outcome.facts["plugged"].value is False


def test_plugged_in_passes_whatever_the_charge() -> None:
    empty = replace(computers.BATTERY, status="Charging", percent=1, energy_now=0.5, power=30.0)
    facts = found(computers.MAINS, empty).facts
    assert (facts["plugged"].value, facts["minutes"].low, facts["cause"].value) == (True, 1440, "plugged")
    assert verdict(computers.plugged_in()) == (Verdict.PASS, None)


@pytest.mark.parametrize(
    ("readings", "cause"),
    [
        pytest.param(((computers.MAINS, DRAINING),) * 8, "weak-charger", id="drains-all-the-time"),
        pytest.param(
            (*((computers.MAINS, DRAINING),) * 7, (computers.MAINS, computers.BATTERY)),
            "plugged",
            id="helps-the-charger-for-a-moment",
        ),
    ],
)
def test_a_battery_that_drains_on_a_charger(readings: tuple[tuple[Supply, ...], ...], cause: str) -> None:
    outcome = battery.analyse(PowerCapture(system="linux", readings=readings, step_s=0.5), PARAMETERS)
    assert isinstance(outcome, Finding)
    assert (outcome.facts["plugged"].value, outcome.facts["cause"].value) == (True, cause)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        pytest.param((replace(DRAINING, power=0.49),), False, id="just-below-what-a-laptop-draws"),
        pytest.param((replace(DRAINING, power=0.5),), True, id="the-least-a-laptop-draws"),
        pytest.param((replace(DRAINING, power=301.0),), None, id="more-than-any-laptop-draws"),
        pytest.param((replace(DRAINING, power=0.3),) * 2, True, id="both-together"),
        pytest.param((DRAINING, replace(DRAINING, status="Charging")), False, id="one-feeds-the-other"),
        pytest.param((replace(DRAINING, power=None),), None, id="untold-how-fast"),
        pytest.param((replace(DRAINING, power=None, current=1.0),), True, id="told-by-its-current"),
        pytest.param((DRAINING, replace(DRAINING, power=None)), True, id="one-of-two-is-enough"),
        pytest.param((replace(DRAINING, status="Unknown"),), False, id="not-said-to-discharge"),
        pytest.param((replace(DRAINING, scope="Device"),), False, id="of-a-mouse"),
    ],
)
def test_whether_it_drains(own: tuple[Supply, ...], expected: bool | None) -> None:  # noqa: FBT001 - a column
    assert is_draining((computers.MAINS, *own)) is expected


def test_a_desktop_is_skipped() -> None:
    assert battery.analyse(computers.desktop(), PARAMETERS) == Skip(skipped_for="not-applicable")


def test_more_than_a_day_is_not_believed() -> None:
    facts = found(OFF, replace(DRAINING, energy_now=399.0, energy_full=399.0, power=0.6)).facts
    assert facts["minutes"].value == pytest.approx(1137.2, abs=0.1)
    two = [replace(DRAINING, name=name, energy_now=399.0, energy_full=399.0) for name in ("BAT0", "BAT1")]
    assert found(OFF, *two).facts["minutes"].value is None


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        pytest.param(80, (Verdict.PASS, None), id="eighty"),
        pytest.param(10, (Verdict.WARN, WarnReason.UNSURE), id="ten"),
        pytest.param(5, (Verdict.FAIL, None), id="five-where-systems-go-to-sleep"),
        pytest.param(101, (Verdict.WARN, WarnReason.UNSURE), id="impossible"),
        pytest.param(None, (Verdict.WARN, WarnReason.UNSURE), id="nothing-told"),
    ],
)
def test_a_battery_that_tells_only_its_percentage(
    percent: float | None, expected: tuple[Verdict, WarnReason | None]
) -> None:
    bare = Supply(name="BAT0", kind="Battery", status="Discharging", percent=percent)
    assert verdict(PowerCapture(system="linux", readings=((OFF, bare),), step_s=0.5)) == expected


def test_nothing_read_is_no_answer() -> None:
    with pytest.raises(MeasurementError) as broken:
        battery.analyse(PowerCapture(system="linux", readings=(), step_s=0.5), PARAMETERS)
    assert broken.value.trouble.kind is Kind.BAD_INPUT


@pytest.mark.parametrize(
    ("supplies", "expected"),
    [
        pytest.param((computers.MAINS, DRAINING), True, id="mains-online-though-it-drains"),
        pytest.param((OFF, replace(DRAINING, status="Charging")), True, id="it-charges"),
        pytest.param((OFF, USB, replace(DRAINING, status="Not charging")), True, id="usb-online"),
        pytest.param((OFF, USB, DRAINING), False, id="usb-online-but-it-drains"),
        pytest.param((OFF, DRAINING), False, id="offline"),
        pytest.param((OFF, replace(DRAINING, status="Full")), False, id="full-just-unplugged"),
        pytest.param((replace(DRAINING, status="Full"),), True, id="full-no-outlet-listed"),
        pytest.param((replace(DRAINING, status="Not charging"),), True, id="held-no-outlet-listed"),
        pytest.param((replace(DRAINING, status="Unknown"),), None, id="unknown-no-outlet-listed"),
        pytest.param((replace(OFF, online=None), replace(DRAINING, status="Unknown")), None, id="untold"),
        pytest.param(
            (replace(USB, scope="Device"), replace(DRAINING, status="")), None, id="a-mouse-charges"
        ),
        pytest.param((), True, id="no-battery-at-all"),
    ],
)
def test_outside_power(supplies: tuple[Supply, ...], expected: bool | None) -> None:  # noqa: FBT001 - a column
    assert is_plugged_in(supplies) is expected


def test_where_outside_power_is_untold_the_battery_decides_only_for_the_better() -> None:
    untold = replace(DRAINING, status="Unknown", power=None)
    assert found(replace(untold, energy_now=50.0)).facts["minutes"].high == 1440
    low = PowerCapture(system="linux", readings=((replace(untold, energy_now=5.0),),), step_s=0.5)
    assert verdict(low) == (Verdict.WARN, WarnReason.UNSURE)


@pytest.mark.parametrize(
    "battery_told",
    [
        replace(DRAINING, energy_now=1e18, energy_full=1e18),
        replace(DRAINING, energy_now=-1.0, energy_full=0.0, charge_now=1e9, charge_full=1e-9, voltage=1e9),
        replace(DRAINING, percent=-5, energy_full=None, charge_full=None),
        replace(DRAINING, power=1e12, voltage=0.0),
        replace(DRAINING, power=None, current=1e9, voltage=1e9),
    ],
)
def test_impossible_readings_never_raise(battery_told: Supply) -> None:
    assert found(OFF, battery_told).facts["plugged"].value is False
