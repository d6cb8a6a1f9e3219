"""What a computer runs on, from its batteries and its outlets."""

from collections.abc import Sequence

from preflight.captures import Supply


def batteries(supplies: Sequence[Supply]) -> tuple[Supply, ...]:
    """Return the computer's own batteries that are there; not those of a mouse or a headset."""
    return tuple(
        supply
        for supply in supplies
        if supply.kind == "Battery" and supply.scope != "Device" and supply.present is not False
    )


def plugged(supplies: Sequence[Supply]) -> bool | None:
    """Return whether outside power comes in; None if that cannot be told.

    Every outlet is looked at: a laptop charged over USB-C says its AC is offline. A USB
    port that says it is online while the battery discharges gives power away, or too
    little comes in, so that it does not count. Where outlets say nothing, a battery
    that charges, or is full or held back and not drained, shows outside power.
    """
    own = batteries(supplies)
    states = {battery.status for battery in own}
    outlets = [supply for supply in supplies if supply.kind != "Battery" and supply.scope != "Device"]
    on = {supply.kind for supply in outlets if supply.online}
    if "Mains" in on:
        return True
    if "Discharging" in states:
        return False
    if on or "Charging" in states:
        return True
    if any(supply.online is False for supply in outlets):
        return False
    return True if not own or states & {"Full", "Not charging"} else None
