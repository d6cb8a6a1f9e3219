"""Bytes one way over several paced streams, until it is sure whether the line carries a bound."""

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import urllib3

from preflight.captures import Download, Transfer, Upload
from preflight.errors import MeasurementError
from preflight.measures import throughput
from preflight.model import Kind
from preflight.sources.network.line import Line
from preflight.sources.network.meter import DataLimitError
from preflight.sources.network.providers import REQUEST_BYTES, Service, refuse_page, require_data
from preflight.sources.network.session import BAD_ANSWERS, Session, explain_failure

STREAMS = 4
"""One alone reads 60% too little at 50 Mbit/s and gives way at 0.5% loss; four carry 20 Mbit/s at 2%
and do not overrun a line of 8 when they start."""
PACE = 1.03 * throughput.HIGHEST_RATIO
"""Load in multiples of the bound: a little above the most that is told, as more would only cost data."""
FIRST_BYTE_S = 4.0
STALL_S = 2.0
READ_BYTES = 16384
WRITE_BYTES = 8192
"""Small, so that a slow line is counted evenly; in smaller ones TLS's own bytes would weigh."""
SMALLEST_BUFFER = 32768
REST_S = 0.02
"""How much of its pace a stream may catch up after it was held up."""
_REFUSALS = (Kind.REFUSED, Kind.PORTAL, Kind.PROXY_LOGIN)
"""What a host answers that will not take part: nothing was measured, and another may do it."""
RANDOM_BYTES = os.urandom(1 << 18)
"""Nothing on the way can compress it."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one direction may use, whichever providers carry it one after another."""

    seconds: float
    """Of each transfer."""
    until: float
    """What the run's meter may read at the end of the last of them."""


class RateLimiter:
    """Holds all streams of a flow together to so many bytes a second."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._due = time.perf_counter()
        self._lock = threading.Lock()

    def wait(self, count: int) -> None:
        """Sleep until `count` more bytes may pass."""
        with self._lock:
            now = time.perf_counter()
            self._due = max(self._due, now - REST_S) + count / self._rate
            wait = self._due - now
        if wait > 0:
            time.sleep(min(wait, 0.5))


class Flow:
    """Streams of one direction; counts the bytes they carry."""

    def __init__(self, service: Service, line: Line, direction: str, streams: int, load: float) -> None:
        """`direction` is "download" or "upload", `load` Mbit/s of all streams together."""
        self._service = service
        self._meter = line.meter
        self._limiter = RateLimiter(load * 1e6 / 8)
        self._carried = [0] * streams
        self._stop = threading.Event()
        down = direction == "download"
        self.session = Session(
            line,
            # As long as the flow lasts.
            answer_s=math.inf,
            streams=streams,
            send_buffer=None if down else send_buffer(service.round_trip, load, streams),
            receive_buffer=receive_buffer(service.round_trip, load, streams) if down else None,
        )
        self.errors: list[MeasurementError] = []
        work = self._download if down else self._upload
        self._threads = [
            threading.Thread(target=self._run, args=(work, i), daemon=True) for i in range(streams)
        ]
        for thread in self._threads:
            thread.start()

    def bytes_carried(self) -> int:
        """Return the bytes of payload carried so far."""
        return sum(self._carried)

    def is_limit_reached(self) -> bool:
        """Say whether the run may carry no more."""
        return not self._meter.remaining

    def finish(self) -> None:
        """End every stream at once; returns when their threads have ended."""
        self._stop.set()
        self.session.reset_connections()
        for thread in self._threads:
            thread.join(1.0)
        self.session.close()

    def _run(self, work: Callable[[int], None], stream: int) -> None:
        try:
            while not self._stop.is_set():
                work(stream)
        except MeasurementError as error:
            failed = error
        except BAD_ANSWERS as error:
            failed = explain_failure(error)
        else:
            return
        if self._stop.is_set() or self.is_limit_reached():
            return
        if self._carried[stream] and failed.trouble.kind in (Kind.UNREACHABLE, Kind.NO_NETWORK):
            failed = MeasurementError(Kind.INTERRUPTED, failed.trouble.detail)
        self.errors.append(failed)

    def _download(self, stream: int) -> None:
        service = self._service
        response = self.session.request("GET", service.down)
        require_data(response, service.down)
        got = 0
        while not self._stop.is_set():
            part = response.read1(READ_BYTES)
            if not part:
                break
            if not got:
                refuse_page(response, part)
            got += len(part)
            self._count(stream, len(part))
        else:
            return
        if service.length is not None and got != service.length:
            raise MeasurementError(Kind.INTERRUPTED, f"{got:d} bytes of {service.length:d}")
        response.release_conn()

    def _upload(self, stream: int) -> None:
        service = self._service
        response = self.session.request(
            "POST", service.up, body=self._random_body(stream), length=REQUEST_BYTES
        )
        if self._stop.is_set():
            return
        require_receipt(response, service.up)

    def _random_body(self, stream: int) -> Iterator[bytes]:
        for sent in range(0, REQUEST_BYTES, WRITE_BYTES):
            if self._stop.is_set():
                return
            at = sent % len(RANDOM_BYTES)
            part = RANDOM_BYTES[at : at + min(WRITE_BYTES, REQUEST_BYTES - sent)]
            yield part
            self._count(stream, len(part))

    def _count(self, stream: int, count: int) -> None:
        self._carried[stream] += count
        self._limiter.wait(count)


def require_receipt(response: urllib3.BaseHTTPResponse, url: str) -> None:
    """Raise `MeasurementError` unless this acknowledges a POST: a few words of whatever declared type."""
    try:
        body = response.read(READ_BYTES, decode_content=True)
    except BAD_ANSWERS as error:
        raise explain_failure(error) from error
    require_data(response, url)
    refuse_page(response, body)


def send_buffer(round_trip: float, load: float, streams: int) -> int:
    """Return how many bytes may wait in the socket of each stream.

    Once it is full, what the socket takes in is what the line takes away; left to itself it grows and
    queued bytes count as sent. Two thirds of the load must fit into one round trip.
    """
    return max(SMALLEST_BUFFER, math.ceil(2 / 3 * load * 1e6 / 8 * round_trip / streams))


def receive_buffer(round_trip: float, load: float, streams: int) -> int:
    """Return how many bytes may wait unread in the socket of each stream.

    The load and half as much must fit into one round trip. Left to itself it grows, and on a fast
    line a megabyte is fetched that nobody reads.
    """
    return max(2 * SMALLEST_BUFFER, math.ceil(3 / 2 * load * 1e6 / 8 * round_trip / streams))


class Ticker:
    """Wakes every 100 ms and notes how late it woke."""

    def __init__(self) -> None:
        self._due = self.now = time.perf_counter()
        self.late: list[float] = []

    def tick(self) -> float:
        """Sleep until the next mark; return the seconds since the last one."""
        self._due += throughput.BIN_S
        time.sleep(max(0.0, self._due - time.perf_counter()))
        before, self.now = self.now, time.perf_counter()
        self.late.append(self.now - self._due)
        # Marks that were slept through are left out, not made up for.
        self._due += throughput.BIN_S * int((self.now - self._due) / throughput.BIN_S)
        return self.now - before


def measure_transfer(
    service: Service,
    line: Line,
    direction: str,
    bound: float,
    allowance: Allowance,
    show: Callable[[float], None],
) -> Transfer:
    """Carry bytes in one direction until it is sure whether the line carries `bound` Mbit/s.

    `show` is told the rate of each 100 ms. Raises
    `MeasurementError` when not one byte came through, or when the host took no more part in it.
    """
    started, counted = time.perf_counter(), line.meter.count
    if direction == "upload":
        _send_one_byte(service, line)
    flow = Flow(service, line, direction, STREAMS, PACE * bound)
    rates: list[float] = []
    try:
        _await_first_byte(flow, started)
        ticker = Ticker()
        end = None
        while end is None:
            before = flow.bytes_carried()
            seconds = ticker.tick()
            rates.append((flow.bytes_carried() - before) * 8 / seconds / 1e6)
            show(rates[-1])
            end = _end_reason(flow, rates, ticker.late, bound, service.round_trip)
            if end is None and ticker.now - started >= allowance.seconds:
                end = "time"
            if end is None and line.meter.count >= allowance.until:
                end = "data"
        seconds = time.perf_counter() - started
        if end == "lost":
            for broken in flow.errors:
                if broken.trouble.kind in _REFUSALS:
                    raise broken
    finally:
        flow.finish()
    return (Download if direction == "download" else Upload)(
        provider=service.name,
        bound=bound,
        pace=PACE * bound,
        streams=STREAMS,
        round_trip=round(service.round_trip, 5),
        rates=tuple(round(rate, 4) for rate in rates),
        late=tuple(round(late, 5) for late in ticker.late),
        connects=tuple(round(connect, 5) for connect in flow.session.connects),
        errors=tuple(error.trouble.kind for error in flow.errors),
        end=end,
        used=line.meter.count - counted,
        seconds=round(seconds, 3),
    )


def _send_one_byte(service: Service, line: Line) -> None:
    """Send one byte; raises `MeasurementError` where the host, or a portal or proxy before it, refuses it.

    Whoever refuses may close the connection without reading on. Windows then drops the answer that has come
    already, and only a broken connection is left to tell of (RFC 9112 section 9.6): hence nothing may be on
    its way after what the refusal answers.
    """
    session = Session(line, whole_requests=True)
    try:
        require_receipt(session.request("POST", service.up, body=[b"0"], length=1), service.up)
    finally:
        session.close()


def _await_first_byte(flow: Flow, started: float) -> None:
    while not flow.bytes_carried():
        if flow.is_limit_reached():
            raise MeasurementError(Kind.REFUSED, DataLimitError.DETAIL)
        if len(flow.errors) == STREAMS:
            raise flow.errors[0]
        if time.perf_counter() - started > FIRST_BYTE_S:
            raise flow.errors[0] if flow.errors else MeasurementError(Kind.INTERRUPTED, "no byte came")
        time.sleep(throughput.BIN_S / 10)


def _end_reason(
    flow: Flow, rates: list[float], late: list[float], bound: float, round_trip: float
) -> str | None:
    """Return why the transfer may end now, None while it may not."""
    # Half of the streams gone, what the rest carry says nothing of the line.
    if len(flow.errors) * 2 >= STREAMS:
        return "lost"
    silent = round(STALL_S / throughput.BIN_S)
    if len(rates) >= silent and not any(rates[-silent:]):
        return "stalled"
    if throughput.is_clock_late(late[throughput.slow_start_bins(round_trip) :]):
        return None
    # As they are recorded: whoever reads the recording comes to the same.
    return (
        "sure"
        if throughput.conclusive_interval([round(rate, 4) for rate in rates], bound, round_trip)
        else None
    )
