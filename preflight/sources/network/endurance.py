"""The line over a whole session: twenty questions a second, and each minute a moment of the session's load.

Quiet enough to go on while the person does something else, and long enough to see what seconds
cannot: a dropout a minute, a router that restarts, a computer that goes to sleep.
"""

import contextlib
import os
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil

from preflight import platforms
from preflight.captures import Endurance, Probe
from preflight.errors import MeasurementError
from preflight.sources.network import stun
from preflight.sources.network.future import DaemonFuture
from preflight.sources.network.line import Line
from preflight.sources.network.providers import Services
from preflight.sources.network.rehearsal import STREAMS, probe_https
from preflight.sources.network.transfer import Flow, Ticker

RATE = 20
"""Questions a second: enough to see an outage of 0.3 s, at 100 bytes each way 2.4 MB in twenty minutes."""
BURST_S = 1.0
"""How long the session's load is carried each minute."""
MINUTE_S = 60.0
SILENT_S = 3.0
"""Without an answer for so long the way out may be another one: the questions begin anew."""
ASLEEP_S = 5.0
"""A loop that runs each tenth of a second and misses so many has not run at all."""
_STEP_S = 0.1
_LATE_S = 1.0
_BURST_BYTES = 2e6
"""What a burst may take at most; the rest of the data is for the questions."""


@dataclass(slots=True)
class _SleepDetector:
    """Notices that the computer slept, by a clock that went on meanwhile and that nobody sets."""

    last: float = field(default_factory=platforms.uptime)
    asleep_s: float = 0.0

    def check(self) -> bool:
        """Return whether the computer slept since the last check."""
        before, self.last = self.last, platforms.uptime()
        slept = self.last - before > ASLEEP_S
        if slept:
            self.asleep_s += self.last - before
        return slept


def endure(
    services: Services,
    line: Line,
    server: stun.Server | None,
    load: float,
    stopped: Callable[[], object],
) -> Endurance:
    """Question the line until `stopped()`; each minute begins with `load` Mbit/s each way for a second.

    Where no STUN `server` answers, the questions go over HTTPS. Raises `MeasurementError` if no host for the
    load is found at the beginning.
    """
    service = services.current()
    sleep = _SleepDetector()
    counted, started = line.meter.count, time.perf_counter()
    psutil.cpu_percent()
    asking = DaemonFuture(
        (lambda: _probe_stun(server, line, stopped, sleep))
        if server
        else (lambda: probe_https(service, line, float("inf"), stopped))
    )
    rates: tuple[list[float], list[float]] = ([], [])
    late: list[float] = []
    errors: list[str] = []
    due = time.perf_counter()
    while not asking.done(_STEP_S):
        if server is None:
            sleep.check()
        if time.perf_counter() >= due and line.meter.remaining > _BURST_BYTES and not stopped():
            due = time.perf_counter() + MINUTE_S
            with contextlib.suppress(MeasurementError):
                flows = [Flow(service, line, way, STREAMS, load) for way in ("download", "upload")]
                late += _carry_burst(flows, rates, stopped)
                errors += [error.trouble.kind for flow in flows for error in flow.errors]
    down, up = (tuple(round(rate, 4) for rate in each) for each in rates)
    return Endurance(
        method="stun" if server else "https",
        probes=asking.result(),
        load=load,
        down=down,
        up=up,
        late=tuple(round(each, 5) for each in late),
        errors=tuple(errors),
        used=line.meter.count - counted,
        seconds=round(time.perf_counter() - started, 3),
        asleep_s=round(sleep.asleep_s, 1),
        busy=psutil.cpu_percent() / 100,
    )


def _carry_burst(
    flows: Sequence[Flow], rates: tuple[list[float], list[float]], stopped: Callable[[], object]
) -> list[float]:
    """Carry load for a moment and add what passed each 100 ms to `rates`; returns how late the clock was."""
    ticker = Ticker()
    until = ticker.now + BURST_S
    try:
        while ticker.now < until and not stopped():
            before = [flow.bytes_carried() for flow in flows]
            passed = ticker.tick()
            for flow, carried, into in zip(flows, before, rates, strict=True):
                into.append((flow.bytes_carried() - carried) * 8 / passed / 1e6)
    finally:
        for flow in flows:
            flow.finish()
    return ticker.late


def _probe_stun(
    server: stun.Server, line: Line, stopped: Callable[[], object], sleep: _SleepDetector
) -> tuple[Probe, ...]:
    """Ask `RATE` times a second until `stopped()`; return every question.

    While the computer sleeps nothing is asked. A socket that hears nothing is replaced: the network
    may be another by now.
    """
    sent: list[float] = []
    trips: dict[int, float] = {}
    open_: dict[bytes, int] = {}
    started = time.perf_counter()
    heard = next_at = 0.0
    through = _connect(server)
    try:
        while not stopped():
            now = time.perf_counter() - started
            if sleep.check() or now > next_at + _LATE_S:
                next_at = heard = now
            if now - heard > SILENT_S:
                through.close()
                through, heard = _connect(server), now
            if now >= next_at:
                next_at += 1 / RATE
                transaction = os.urandom(12)
                open_[transaction] = len(sent)
                sent.append(now)
                with contextlib.suppress(OSError):
                    stun.send(through, transaction, line)
                continue
            if select.select([through], [], [], max(0.0, min(next_at - now, _STEP_S)))[0]:
                with contextlib.suppress(OSError):
                    transaction = stun.receive(through, line) or b""
                    heard = time.perf_counter() - started
                    if (number := open_.pop(transaction, None)) is not None:
                        trips[number] = heard - sent[number]
        ended = time.perf_counter() - started
    finally:
        through.close()
    return tuple(
        Probe(sent=round(at, 5), round_trip=round(trips[i], 5) if trips.get(i, 9.9) <= stun.WAIT_S else None)
        for i, at in enumerate(sent)
        # Of the last ones the answers were not waited for.
        if i in trips or at < ended - stun.WAIT_S
    )


def _connect(server: stun.Server) -> socket.socket:
    through = socket.socket(server.address[0], socket.SOCK_DGRAM)
    # Without a way out the next question fails, and the one after a while may not.
    with contextlib.suppress(OSError):
        through.connect(server.address[1])
    return through
