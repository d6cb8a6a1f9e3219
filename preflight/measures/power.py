"""What a computer runs on, from its batteries and its outlets."""

from collections.abc import Sequence

from preflight.captures import Supply

PLAUSIBLE_W = (0.5, 300.0)
"""What a laptop can draw from its batteries: less is a gauge's error, more is units gone wrong."""


def batteries(supplies: Sequence[Supply]) -> tuple[Supply, ...]:
    """Return the computer's own batteries that are there; not those of a mouse or a headset."""
    return tuple(
        supply
        for supply in supplies
        if supply.kind == "Battery" and supply.scope != "Device" and supply.present is not False
    )


def outlets(supplies: Sequence[Supply]) -> tuple[Supply, ...]:
    """Return what outside power may come in by; not what charges a mouse or a headset."""
    return tuple(supply for supply in supplies if supply.kind != "Battery" and supply.scope != "Device")


def is_plugged_in(supplies: Sequence[Supply]) -> bool | None:
    """Return whether outside power comes in; None if that cannot be determined.

    Every outlet is looked at: a laptop charged over USB-C says its AC is offline. A USB
    port that says it is online while the battery discharges gives power away, or too
    little comes in, so that it does not count. Where outlets say nothing, a battery
    that charges, or is full or held back and not drained, shows outside power.
    """
    own = batteries(supplies)
    states = {battery.status for battery in own}
    on = {outlet.kind for outlet in outlets(supplies) if outlet.online}
    if "Mains" in on:
        return True
    if "Discharging" in states:
        return False
    if on or "Charging" in states:
        return True
    if any(outlet.online is False for outlet in outlets(supplies)):
        return False
    return True if not own or states & {"Full", "Not charging"} else None


def power_flow_w(battery: Supply) -> float | None:
    """Return the W that flow into or out of a battery; None if that is not told."""
    if battery.power is not None:
        return battery.power
    volts = battery.voltage or battery.voltage_design
    return None if battery.current is None or volts is None else battery.current * volts


def is_draining(supplies: Sequence[Supply]) -> bool | None:
    """Return whether the batteries run down, whatever the outlets say; None if that cannot be determined.

    A charger that is too weak, or an outlet that is wrongly said to be online, leaves a battery that
    discharges by `TOLD_W` or more. One that feeds another battery of the computer does not count.
    """
    own = batteries(supplies)
    giving = [battery for battery in own if battery.status == "Discharging"]
    if not giving or any(battery.status == "Charging" for battery in own):
        return False
    flows = [flow for battery in giving if (flow := power_flow_w(battery)) is not None]
    if sum(flows) > PLAUSIBLE_W[1] or (len(flows) < len(giving) and sum(flows) < PLAUSIBLE_W[0]):
        return None
    return sum(flows) >= PLAUSIBLE_W[0]
