"""Can this computer reach the Client Cabinet and Zoom?"""

from collections.abc import Mapping

from preflight.captures import Answer, Reach
from preflight.errors import MeasurementError
from preflight.model import Fact, Finding, Kind, Skip, exact, unknown

READS = Reach

NETWORK_WIDE = (Kind.PROXY_LOGIN, Kind.NO_NAMES, Kind.NO_NETWORK)
"""What every address meets is not the addresses' doing."""
THROUGH_VPN, WITHOUT_VPN = "; through a VPN", "; without a VPN"
"""What a trouble's detail tells of the way out, which no fact can tell then."""


def analyse(capture: Reach, parameters: Mapping[str, object]) -> Finding | Skip:  # noqa: ARG001 - a check's form
    """Return which addresses answer over TLS with a trusted certificate, and whether UDP gets out."""
    troubles = [answer.trouble for answer in capture.answers if answer.tls is None]
    if troubles and capture.portal:
        raise MeasurementError(Kind.PORTAL, "a page of the network's own")
    if len(troubles) == len(capture.answers):
        _raise_what_all_meet(capture)
    facts: dict[str, Fact] = {answer.target: exact(answer.tls is not None) for answer in capture.answers}
    facts["udp"] = exact(capture.udp is not None) if capture.udp_asked else unknown()
    for answer in capture.answers:
        if answer.tls is not None:
            facts[f"{answer.target}_time"] = exact(_answer_ms(answer), "ms")
    for name in ("wireless", "mobile", "tunnel", "metered"):
        if (told := getattr(capture.uplink, name, None)) is not None:
            facts[name] = exact(told)
    if troubles:
        facts["cause"] = exact(str(troubles[0] or Kind.UNREACHABLE))
    return Finding(facts=facts)


def _raise_what_all_meet(capture: Reach) -> None:
    """Raise what keeps every address out of reach, if it is one thing; to be asked where none answered."""
    troubles = [answer.trouble for answer in capture.answers]
    if not capture.connected and Kind.PROXY_LOGIN not in troubles:
        raise MeasurementError(Kind.NO_NETWORK, "no route")
    tunnel = capture.uplink.tunnel if capture.uplink else None
    way = THROUGH_VPN if tunnel else "" if tunnel is None else WITHOUT_VPN
    for kind in NETWORK_WIDE:
        if troubles and all(trouble == kind for trouble in troubles):
            raise MeasurementError(kind, f"{capture.answers[0].detail}{way}")


def _answer_ms(answer: Answer) -> float:
    """Return how long name, connection and TLS took together, in ms."""
    return round(1000 * ((answer.dns or 0.0) + (answer.tcp or 0.0) + (answer.tls or 0.0)), 1)
