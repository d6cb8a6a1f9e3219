"""The way out: the addresses of names, the socket that connects first, and what all exchanges share."""

import contextlib
import errno
import selectors
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import cast

import psutil

from preflight.errors import MeasurementError, label
from preflight.model import Kind
from preflight.sources.network.future import DaemonFuture
from preflight.sources.network.meter import Meter

NAME_S = 2.5
"""Time for a name: a resolver asks again after 1 to 5 s, and a person waits."""
CONNECT_S = 3.5
"""Time for a connection: SYNs go out at 0, 1 and 3 s (RFC 6298), so the third still counts."""
STAGGER_S = 0.25
"""Head start of an address over the next one, "Connection Attempt Delay" of RFC 8305 section 5."""
Address = tuple[socket.AddressFamily, tuple[str | int, ...]]
_FAMILIES = ((socket.AF_INET, ("192.0.2.1", 9)), (socket.AF_INET6, ("2001:db8::1", 9)))
"""Addresses of RFC 5737 and RFC 3849 that belong to nobody: only the route to them is looked up."""


def has_route() -> bool:
    """Say whether this computer has a route to anywhere; sends nothing."""
    for family, address in _FAMILIES:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)
            return True
    return False


def outgoing_interface() -> str:
    """Return the name of the network interface that traffic leaves by, or nothing; sends nothing.

    The route is looked up by the system itself, so that the rules of a VPN count too.
    """
    for family, address in _FAMILIES:
        with contextlib.suppress(OSError, psutil.Error), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)
            own = probe.getsockname()[0]
            named = {
                # Linux gives a second address of an interface a name of its own ("eth0:1").
                name.partition(":")[0]
                for name, addresses in psutil.net_if_addrs().items()
                if any(each.address.partition("%")[0] == own for each in addresses)
            }
            return named.pop() if len(named) == 1 else ""
    return ""


def unreachable_error(detail: str) -> MeasurementError:
    """Return what to raise when nothing answered: without any route it is the network that is missing."""
    return MeasurementError(Kind.UNREACHABLE if has_route() else Kind.NO_NETWORK, detail)


class Resolver:
    """The addresses of names, asked for once each and within a limited time."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[Address, ...]] = {}
        self._silent = False

    def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """Return where `host` may be found, IPv6 and IPv4 by turns.

        Raises `MeasurementError` (NO_NAMES, NO_NETWORK).
        """
        key = (host, port)
        if key not in self._known:
            self._known[key] = self._ask(host, port)
        return self._known[key]

    def _ask(self, host: str, port: int) -> tuple[Address, ...]:
        if self._silent:
            raise _name_error("the resolver is silent")
        try:
            found = DaemonFuture(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)).result(
                NAME_S
            )
        except TimeoutError:
            self._silent = True
            raise _name_error(f"no answer within {NAME_S:g} s") from None
        except (OSError, UnicodeError) as error:
            raise _name_error(label(error)) from error
        return _alternate_families(
            [(family, cast("tuple[str | int, ...]", address)) for family, _, _, _, address in found]
        )


@dataclass(frozen=True, slots=True)
class Line:
    """What all exchanges of a run share."""

    resolver: Resolver = field(default_factory=Resolver)
    meter: Meter = field(default_factory=Meter)


def _name_error(detail: str) -> MeasurementError:
    return MeasurementError(Kind.NO_NAMES if has_route() else Kind.NO_NETWORK, detail)


def _alternate_families(found: Sequence[Address]) -> tuple[Address, ...]:
    """Order as RFC 8305 section 4: the system's first choice first, then the families by turns."""
    first = [address for address in found if address[0] == found[0][0]]
    other = [address for address in found if address[0] != found[0][0]]
    return tuple(address for address in chain(*zip_longest(first, other)) if address is not None)


def connect(addresses: Iterable[Address], receive_buffer: int | None = None) -> socket.socket:
    """Return a connection to whichever address answers first.

    The next address is tried a quarter of a second after the one before, or at once when that
    one failed: a dead IPv6 costs no more ("Happy Eyeballs", RFC 8305). `receive_buffer` fixes how
    many bytes may wait unread (else the system decides). Raises `OSError`.
    """
    waiting = list(addresses)
    error: OSError = TimeoutError(f"no answer within {CONNECT_S:g} s")
    deadline = time.monotonic() + CONNECT_S
    with selectors.DefaultSelector() as selector:
        try:
            next_at = 0.0
            while True:
                now = time.monotonic()
                if waiting and now >= next_at:
                    next_at = now + STAGGER_S
                    try:
                        dialled = _start_connecting(*waiting.pop(0), receive_buffer)
                        selector.register(dialled, selectors.EVENT_WRITE)
                    except OSError as refused:
                        error, next_at = refused, now
                        continue
                if (not waiting and not selector.get_map()) or now >= deadline:
                    raise error
                until = min(deadline, next_at) if waiting else deadline
                for key, _ in selector.select(max(0.0, until - now)):
                    ready = key.fileobj
                    assert isinstance(ready, socket.socket)  # noqa: S101 - for the type checker
                    selector.unregister(ready)
                    if not (code := ready.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)):
                        return ready
                    ready.close()
                    error, next_at = OSError(code, errno.errorcode.get(code, "")), 0.0
        finally:
            for key in list(selector.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr] # they are sockets


def _start_connecting(
    family: socket.AddressFamily, address: tuple[str | int, ...], receive_buffer: int | None
) -> socket.socket:
    dialled = socket.socket(family, socket.SOCK_STREAM)
    if receive_buffer is not None:
        # Before the handshake, in which the window's scale is agreed on.
        dialled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    dialled.settimeout(0)
    code = dialled.connect_ex(address)
    if code in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
        return dialled
    dialled.close()
    raise OSError(code, errno.errorcode.get(code, ""))
