"""What to do instead where it is known what the computer's traffic leaves by."""

from collections.abc import Mapping

from preflight.texts.message import _

_RATES = ("network.download.rate", "network.upload.rate")
_CALLS = ("network.stability.round_trip", "network.stability.jitter", "network.stability.loss")
_GAP = "network.stability.gap"
_UNTOLD = ("network.stability.loss.untold", "network.reach.udp")
_ADDRESSES = ("network.reach.cabinet", "network.reach.zoom")
_BROKEN = ("no-names", "interrupted", "unreachable", "timeout.network")

UPLINK_ADVICE: Mapping[str, Mapping[str, str]] = {
    # The kind of way out, then the miss or the trouble whose advice is another there.
    "vpn": dict.fromkeys(
        (*_RATES, *_CALLS, _GAP, *_UNTOLD, *_ADDRESSES, *_BROKEN),
        _("Switch off the VPN that is on now, then check again."),
    ),
    "mobile": dict.fromkeys(
        (*_RATES, *_CALLS, _GAP, "interrupted"),
        _("Go where the mobile reception is better, or use Wi-Fi, then check again."),
    ),
    "cable": {
        **dict.fromkeys(
            (*_RATES, *_CALLS, _GAP),
            _("Pause downloads and video streaming on all devices at home, and restart the router."),
        ),
        "interrupted": _("Push the network cable in firmly at both ends, then check again."),
    },
    "no-vpn": {
        "network.stability.round_trip": _("Sit closer to the router or use a cable."),
        **dict.fromkeys(_UNTOLD, _("Use a home network or a phone's hotspot.")),
        "no-names": _(
            "At home, restart your router; at work, ask your IT department. After that, check again."
        ),
    },
}
