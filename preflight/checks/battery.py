"""Will the computer run for the whole session?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from preflight.captures import PowerCapture, Supply
from preflight.errors import MeasurementError
from preflight.measures.power import PLAUSIBLE_W, batteries, is_draining, is_plugged_in, outlets, power_flow_w
from preflight.model import Fact, Finding, Kind, Skip, SkipReason, between, exact, unknown

READS = PowerCapture

CEILING_MIN = 24 * 60
"""More than a day means that the readings are wrong; also what an outlet is said to last at least."""
USUAL_CAPACITY_WH = (25.0, 50.0, 100.0)
"""A full laptop battery where it is not told: small, usual, and the most an airliner's cabin takes
(IATA Dangerous Goods Regulations 2.3.5.8)."""
PLAUSIBLE_CAPACITY_WH = (2.0, 400.0)
"""What a full laptop battery can hold; other figures are units gone wrong."""
USUAL_DRAW_W = (6.0, 45.0)
"""What laptops draw in a call, the most frugal and a gaming one, where the draw is not told."""
RESERVE = 0.05
"""Share at which systems go to sleep by themselves (Windows' critical battery level)."""
LEAST_SPAN_S = 600.0
"""At 10 W 1.7 Wh go in this time: three steps of a battery of 50 Wh that counts in hundredths."""

_Span = tuple[float, float, float]
"""Low, likely, high."""


def analyse(capture: PowerCapture, parameters: Mapping[str, object]) -> Finding | Skip:
    """Return whether it is plugged in; else, or if it drains all the same, the minutes it lasts in a call."""
    if not capture.readings:
        raise MeasurementError(Kind.BAD_INPUT, "readings is empty")
    last = batteries(capture.readings[-1])
    if not last:
        return Skip(skipped_for=SkipReason.NOT_APPLICABLE)
    states = {is_plugged_in(reading) for reading in capture.readings}
    outlet = False if False in states else None if None in states else True
    draining = _is_draining_throughout(capture.readings)
    assumed = float(parameters["call_draw_w"])  # type: ignore[arg-type] # a number in the policy
    energies = [_energy_left(battery) for battery in last]
    mean = _mean_power_drawn(capture)
    if mean and capture.camera_on:
        # It is what a session takes: nothing needs to be assumed of that.
        assumed = round(mean, 2)
    drawn = mean or max(
        (draw for reading in capture.readings if (draw := _power_drawn(reading)) is not None), default=None
    )
    known = [energy for energy in energies if energy is not None]
    usable = _sum_spans(known) if len(known) == len(energies) else None
    minutes = _minutes_left(usable, drawn, assumed)
    facts: dict[str, Fact] = {
        "plugged": exact(outlet) if outlet is not None else unknown(),
        "charge": _charge_fact(last),
        "energy": between(usable[1], usable[0], usable[2], "Wh") if usable else unknown("Wh"),
        "draw": exact(round(drawn, 2), "W") if drawn is not None else unknown("W"),
        "assumed": exact(assumed, "W"),
        "minutes": minutes,
    }
    if outlet and draining is False:
        facts |= {"minutes": between(CEILING_MIN, CEILING_MIN, None, "min"), "cause": exact("plugged")}
    elif minutes.value is None:
        facts["cause"] = exact("untold")
    elif draining and any(each.online for each in outlets(capture.readings[-1])):
        facts["cause"] = exact("weak-charger")
    elif outlet is not False:
        facts["minutes"] = replace(minutes, high=CEILING_MIN)
    return Finding(facts=facts)


def _is_draining_throughout(readings: Sequence[Sequence[Supply]]) -> bool | None:
    """Return whether the batteries run down all the time; a moment's help for the charger does not count."""
    said = {is_draining(reading) for reading in readings}
    return False if False in said else None if None in said else True


def _minutes_left(usable: _Span | None, drawn: float | None, assumed: float) -> Fact:
    """Return how long the energy lasts: at the larger of the measured and the assumed draw.

    It may last as long as at the measured draw, for that of the session is not smaller.
    """
    if usable is None:
        return unknown("min")
    least, most = (drawn, max(drawn, assumed)) if drawn is not None else USUAL_DRAW_W
    likely = max(assumed, drawn or 0)
    low, value, high = (60 * usable[0] / most, 60 * usable[1] / likely, 60 * usable[2] / least)
    if value > CEILING_MIN:
        return unknown("min")
    return between(round(value, 1), round(min(low, value), 1), round(max(high, value), 1), "min")


def _energy_left(battery: Supply) -> _Span | None:
    """Return the Wh that a battery still gives before the system goes to sleep."""
    for now, full, volts in (
        (battery.energy_now, battery.energy_full, 1.0),
        (battery.charge_now, battery.charge_full, battery.voltage_design or battery.voltage),
    ):
        if (
            now is None
            or full is None
            or volts is None
            or not PLAUSIBLE_CAPACITY_WH[0] <= full * volts <= PLAUSIBLE_CAPACITY_WH[1]
        ):
            continue
        left = min(max(now - RESERVE * full, 0), full) * volts
        return (left, left, left)
    if battery.percent is None or not 0 <= battery.percent <= 100:  # noqa: PLR2004 - percent
        return None
    share = max(battery.percent / 100 - RESERVE, 0)
    return (share * USUAL_CAPACITY_WH[0], share * USUAL_CAPACITY_WH[1], share * USUAL_CAPACITY_WH[2])


def _power_drawn(reading: Sequence[Supply]) -> float | None:
    """Return the W that all batteries together give at one moment."""
    giving = [battery for battery in batteries(reading) if battery.status in {"Discharging", "Unknown", ""}]
    total = sum(flow for battery in giving if (flow := power_flow_w(battery)) is not None)
    return total if PLAUSIBLE_W[0] <= total <= PLAUSIBLE_W[1] else None


def _mean_power_drawn(capture: PowerCapture) -> float | None:
    """Return the W that the batteries gave on average, by what they hold less at the end.

    None where that is not known: they were watched too short or charged meanwhile, or do not say exactly what
    they hold. It is what a gauge's moments come to, and known where there is no gauge of the power.
    """
    span_s = capture.step_s * (len(capture.readings) - 1)
    states = {battery.status for reading in capture.readings for battery in batteries(reading)}
    if span_s < LEAST_SPAN_S or not states <= {"Discharging", "Unknown", ""}:
        return None
    held = [
        [span for battery in batteries(reading) if (span := _energy_left(battery)) and span[0] == span[2]]
        for reading in (capture.readings[0], capture.readings[-1])
    ]
    if any(len(spans) < len(batteries(capture.readings[0])) for spans in held):
        return None
    before, after = (sum(likely for _, likely, _ in spans) for spans in held)
    mean = 3600 * (before - after) / span_s
    return mean if PLAUSIBLE_W[0] <= mean <= PLAUSIBLE_W[1] else None


def _charge_fact(own: Sequence[Supply]) -> Fact:
    """Return the charge of all batteries together, each weighed by what it holds."""
    known = [battery.percent for battery in own if battery.percent is not None]
    weights = [battery.energy_full or battery.charge_full or 0 for battery in own]
    if len(known) < len(own) or not all(0 <= percent <= 100 for percent in known):  # noqa: PLR2004 - percent
        return unknown("%")
    if not all(0 < weight < 1e6 for weight in weights):  # noqa: PLR2004 - beyond any battery
        weights = [1.0] * len(own)
    pairs = zip(known, weights, strict=True)
    return exact(round(sum(percent * weight for percent, weight in pairs) / sum(weights), 1), "%")


def _sum_spans(energies: Sequence[_Span]) -> _Span:
    """Return the energies of all batteries together, in Wh."""
    low, likely, high = (round(sum(part), 2) for part in zip(*energies, strict=True))
    return (low, likely, high)
