"""A few seconds of the session itself: its load both ways, with small questions beside it."""

import contextlib
import time
from collections.abc import Callable

from preflight.captures import Probe, Rehearsal
from preflight.errors import MeasurementError
from preflight.sources.network import stun
from preflight.sources.network.future import DaemonFuture
from preflight.sources.network.line import Line
from preflight.sources.network.providers import Service, read_small
from preflight.sources.network.session import Session
from preflight.sources.network.transfer import Flow, Ticker

STREAMS = 2
SETTLE_S = 0.5
"""Time for the load to reach its rate before the first question."""
EXCHANGE_S = 0.1
"""Spacing of the questions where they go over HTTPS."""


def rehearse(
    service: Service,
    line: Line,
    server: stun.Server | None,
    load: float,
    seconds: float,
    show: Callable[[float, float], None],
) -> Rehearsal:
    """Load the line with `load` Mbit/s each way for `seconds` and ask small questions beside it.

    They go to the STUN `server`, or where none answers to the service, over HTTPS.
    """
    started, counted = time.perf_counter(), line.meter.count
    flows = [Flow(service, line, direction, STREAMS, load) for direction in ("download", "upload")]
    rates: tuple[list[float], list[float]] = ([], [])
    ticker = Ticker()
    ended = False
    asking: DaemonFuture[tuple[Probe, ...]] | None = None
    try:
        while asking is None or not asking.done(0):
            before = [flow.bytes_carried() for flow in flows]
            passed = ticker.tick()
            for flow, carried, into in zip(flows, before, rates, strict=True):
                into.append((flow.bytes_carried() - carried) * 8 / passed / 1e6)
            show(rates[0][-1], rates[1][-1])
            if asking is None and ticker.now - started >= SETTLE_S:
                asking = DaemonFuture(
                    (lambda: stun.probe(server, line, seconds, lambda: ended))
                    if server
                    else (lambda: probe_https(service, line, seconds, lambda: ended))
                )
    finally:
        ended = True
        for flow in flows:
            flow.finish()
    down, up = (tuple(round(rate, 4) for rate in each) for each in rates)
    return Rehearsal(
        method="stun" if server else "https",
        probes=asking.result(),
        load=load,
        down=down,
        up=up,
        late=tuple(round(late, 5) for late in ticker.late),
        errors=tuple(error.trouble.kind for flow in flows for error in flow.errors),
        used=line.meter.count - counted,
        seconds=round(time.perf_counter() - started, 3),
    )


def probe_https(
    service: Service, line: Line, seconds: float, stop: Callable[[], object]
) -> tuple[Probe, ...]:
    """Return small HTTPS exchanges on one standing connection, a tenth of a second apart or more.

    TCP repeats what gets lost, so a loss shows only as a delay.
    """
    probes: list[Probe] = []
    session = Session(line)
    try:
        # The connection is made before the clock starts.
        with contextlib.suppress(MeasurementError):
            read_small(session, service.ping)
        started = time.perf_counter()
        while (at := time.perf_counter() - started) < seconds and not stop():
            trip: float | None = None
            with contextlib.suppress(MeasurementError):
                read_small(session, service.ping)
                trip = round(time.perf_counter() - started - at, 5)
            probes.append(Probe(sent=round(at, 5), round_trip=trip))
            time.sleep(max(0.0, EXCHANGE_S - (time.perf_counter() - started - at)))
    finally:
        session.close()
    return tuple(probes)
