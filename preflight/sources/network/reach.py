"""Which addresses a session needs answer: the Client Cabinet, Zoom, UDP; and what stands in the way."""

import time
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus

from preflight import platforms
from preflight.captures import Answer, Reach, Uplink
from preflight.errors import MeasurementError
from preflight.sources.network import stun
from preflight.sources.network.future import DaemonFuture
from preflight.sources.network.line import Line, has_route, outgoing_interface
from preflight.sources.network.session import Session

_UPLINK_S = 5.0
"""Time for the system to say what the traffic leaves by."""


def try_address(line: Line, target: str, url: str) -> Answer:
    """Return how far `url` lets this computer come; the page itself is not fetched."""
    session = Session(line)
    status = http = trouble = None
    detail = ""
    started = time.perf_counter()
    try:
        response = session.request("HEAD", url)
        status, http = response.status, time.perf_counter() - started
    except MeasurementError as failed:
        trouble, detail = failed.trouble.kind, failed.trouble.detail
    finally:
        session.close()
    return Answer(
        target=target,
        dns=_round_time(session.dns_s),
        tcp=_round_time(session.connects[0] if session.connects else None),
        tls=_round_time(session.tls_s),
        http=_round_time(http),
        status=status,
        trouble=trouble,
        detail=detail,
    )


def detect_portal(line: Line, url: str) -> bool | None:
    """Say whether the network answers in place of `url`, a page without content; None: no such answer."""
    session = Session(line)
    try:
        response = session.request("GET", url)
    except MeasurementError:
        return None
    finally:
        session.close()
    if response.status == HTTPStatus.NO_CONTENT:
        return False
    # RFC 6585 section 6: 511 is a captive portal's own word; most redirect or answer with a page.
    page = response.status == HTTPStatus.OK or response.get_redirect_location()
    return True if page or response.status == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED else None


def survey(
    line: Line,
    targets: Mapping[str, str],
    server: DaemonFuture[stun.Server | None],
    udp_asked: int,
    behind_portal: DaemonFuture[bool | None],
) -> Reach:
    """Return the answers of all targets, asked at once; `server` and `behind_portal` are under way."""
    uplink = DaemonFuture(read_uplink)
    asked = [DaemonFuture(partial(try_address, line, target, url)) for target, url in targets.items()]
    answers = tuple(each.result() for each in asked)
    found = server.result()
    return Reach(
        answers=answers,
        udp=_round_time(found.round_trip if found else None),
        udp_asked=udp_asked,
        connected=has_route(),
        portal=behind_portal.result(),
        # It only explains: nothing waits for a system that does not say.
        uplink=uplink.result() if uplink.done(_UPLINK_S) else None,
    )


def read_uplink() -> Uplink | None:
    """Return what this computer's traffic leaves by; None if that cannot be determined."""
    interface = outgoing_interface()
    return platforms.current_system().uplink(interface) if interface else None


def _round_time(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 5)
