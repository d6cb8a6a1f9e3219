"""STUN over UDP: small questions that any STUN server answers at once (RFC 8489).

Nothing is sent again: an answer that does not come is a loss, as it would be for a call.
"""

import contextlib
import os
import select
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from preflight.captures import Probe
from preflight.errors import MeasurementError
from preflight.sources.network.line import Address, Line

BINDING_REQUEST, BINDING_SUCCESS = 0x0001, 0x0101
MAGIC_COOKIE = 0x2112A442
HEADER = struct.Struct("!HHI12s")
DEFAULT_PORT = 3478
ASK_S = 1.2
"""Time for the first answer of any server."""
ASK_AGAIN_S = 0.3
WAIT_S = 1.0
"""An answer that is later than this is of no use to a call."""
RATE = 50
"""Questions a second: a call sends 50 packets of sound."""


@dataclass(frozen=True, slots=True)
class Server:
    """A STUN server that answered, and after how many seconds."""

    address: Address
    round_trip: float


def request(transaction: bytes) -> bytes:
    """Return a Binding request; `transaction` are 12 bytes."""
    return HEADER.pack(BINDING_REQUEST, 0, MAGIC_COOKIE, transaction)


def parse_answer(datagram: bytes) -> bytes | None:
    """Return the transaction that this datagram answers, None if it is no Binding success."""
    if len(datagram) < HEADER.size:
        return None
    kind, length, cookie, transaction = HEADER.unpack_from(datagram)
    right = kind == BINDING_SUCCESS and cookie == MAGIC_COOKIE and length == len(datagram) - HEADER.size
    return bytes(transaction) if right else None


def find(servers: Sequence[str], line: Line) -> Server | None:
    """Return whichever of the servers ("host" or "host:port") answers first; all are asked at once."""
    addresses: list[Address] = []
    for server in servers:
        host, _, port = server.partition(":")
        with contextlib.suppress(MeasurementError):
            addresses += line.resolver.addresses(host, int(port or DEFAULT_PORT))
    asked: dict[bytes, tuple[Address, float]] = {}
    with contextlib.ExitStack() as stack:
        sockets: dict[Address, socket.socket] = {}
        for address in addresses:
            through = stack.enter_context(socket.socket(address[0], socket.SOCK_DGRAM))
            # Connected, it hears that server alone.
            with contextlib.suppress(OSError):
                through.connect(address[1])
                sockets[address] = through
        started = time.perf_counter()
        again = started
        while (now := time.perf_counter()) < started + ASK_S and sockets:
            if now >= again:
                again += ASK_AGAIN_S
                for address, through in list(sockets.items()):
                    transaction = os.urandom(12)
                    try:
                        send(through, transaction, line)
                    except OSError:
                        del sockets[address]
                        continue
                    asked[transaction] = (address, time.perf_counter())
            ready, _, _ = (
                select.select(list(sockets.values()), [], [], max(0.0, again - now))
                if sockets
                else ([], [], [])
            )
            for through in ready:
                with contextlib.suppress(OSError):
                    answer = asked.get(receive(through, line) or b"")
                    if answer:
                        return Server(answer[0], time.perf_counter() - answer[1])
    return None


def send(through: socket.socket, transaction: bytes, line: Line) -> None:
    """Send a question, counted; raises `OSError`."""
    line.meter.add(through.send(request(transaction)))


def receive(through: socket.socket, line: Line) -> bytes | None:
    """Return the transaction that the next datagram answers."""
    datagram = through.recv(2048)
    line.meter.add(len(datagram))
    return parse_answer(datagram)


def probe(server: Server, line: Line, seconds: float, stop: Callable[[], object]) -> tuple[Probe, ...]:
    """Ask `RATE` times a second for this many seconds, or until `stop()`; return every question.

    Returns at most `WAIT_S` after the last question.
    """
    sent: list[float] = []
    trips: dict[int, float] = {}
    open_: dict[bytes, int] = {}
    planned = round(seconds * RATE)
    with socket.socket(server.address[0], socket.SOCK_DGRAM) as through:
        through.connect(server.address[1])
        started = time.perf_counter()
        while True:
            now = time.perf_counter() - started
            if len(sent) < planned and now >= len(sent) / RATE:
                transaction = os.urandom(12)
                open_[transaction] = len(sent)
                sent.append(now)
                # A full queue or an ICMP refusal to an earlier one: this one is lost.
                with contextlib.suppress(OSError):
                    send(through, transaction, line)
                continue
            done = len(sent) == planned and (not open_ or now > sent[-1] + WAIT_S)
            if done or stop():
                break
            next_at = len(sent) / RATE if len(sent) < planned else sent[-1] + WAIT_S
            if select.select([through], [], [], max(0.0, min(next_at - now, 0.1)))[0]:
                with contextlib.suppress(OSError):
                    transaction = receive(through, line) or b""
                    arrived = time.perf_counter() - started
                    if (number := open_.pop(transaction, None)) is not None:
                        trips[number] = arrived - sent[number]
    return tuple(
        Probe(sent=round(at, 5), round_trip=round(trips[i], 5) if i in trips and trips[i] <= WAIT_S else None)
        for i, at in enumerate(sent)
    )
