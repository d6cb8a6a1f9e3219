"""The network: bytes down and up, a rehearsal of the session, and the addresses it needs.

`reach` asks the addresses, `providers` finds a host for the speed test, `transfer` carries its bytes,
`rehearsal` and `endurance` carry a session's load; beneath them are `session` (HTTP), `stun` (UDP),
`line` (names and sockets) and `meter` (the data used).
"""

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from preflight.captures import Download, Rehearsal, Transfer, Upload
from preflight.errors import MeasurementError
from preflight.model import FailedCapture, Job, Link, Trouble
from preflight.sources import recording
from preflight.sources.network import providers, reach, stun
from preflight.sources.network.endurance import endure
from preflight.sources.network.future import DaemonFuture
from preflight.sources.network.line import Line
from preflight.sources.network.meter import Meter
from preflight.sources.network.rehearsal import rehearse
from preflight.sources.network.session import Session
from preflight.sources.network.transfer import PACE, Allowance, measure_transfer
from preflight.sources.prompt import ask_in_background

DEFAULT_BOUND_MBIT = 8.0
"""The bound of the test where the policy demands no rate: the question must have one."""
SURVEY_S = 5.0
COMPLETE_S = 25.0


def capture(job: Job, link: Link) -> Iterator[object]:
    """Yield Reach, Download, Upload and Rehearsal, as far as the job's checks need them."""
    if job.target is not None and "://" not in job.target:
        yield from recording.read("network", job.target)
        return
    yield from _Run(job, link).captures()


class _Run:
    """One capture of the line: one thing after another, so that none disturbs the next."""

    def __init__(self, job: Job, link: Link) -> None:
        self._job = job
        self._link = link
        # speedtest.net's complete test was asked for together with all that it uses.
        most = job.number("whole_mb" if job.whole else "total_mb") * 1e6
        limit = math.inf if job.parameters.get("full") else most
        self._line = Line(meter=Meter(limit))
        self._reported = 0
        self._services = providers.Services(
            _finders(job.target, str(job.parameters.get("provider", "auto")), _parameter(job, "host")),
            lambda: Session(self._line),
            self._behind_portal,
        )
        self._wanted = {check.partition(".")[2] for check in job.checks}
        self._server: DaemonFuture[stun.Server | None]
        self._portal: DaemonFuture[bool | None]

    def captures(self) -> Iterator[object]:
        servers = cast("Sequence[str]", self._job.parameters["stun"])
        page = _parameter(self._job, "portal")
        self._portal = DaemonFuture(lambda: reach.detect_portal(self._line, page))
        self._server = DaemonFuture(lambda: stun.find(servers, self._line))
        found = DaemonFuture(self._find_services)
        if "reach" in self._wanted:
            self._link.phase("reach", SURVEY_S)
            targets = {name: _parameter(self._job, name) for name in ("cabinet", "zoom")}
            yield reach.survey(self._line, targets, self._server, len(servers), self._portal)
        found.done()
        for name, cls in (("download", Download), ("upload", Upload)):
            if name in self._wanted:
                yield self._attempt(cls, partial(self._measure_transfer, name))
        if "stability" in self._wanted:
            yield self._attempt(Rehearsal, self._endure if self._job.whole else self._rehearse)

    def _find_services(self) -> None:
        if self._wanted - {"reach"}:
            # A failure is told by whatever needs the service.
            with contextlib.suppress(MeasurementError):
                self._services.current()
            self._server.done()

    def _attempt(self, cls: type, work: Callable[[], Transfer | Rehearsal]) -> object:
        """Return what came of it, with all that passed since the last: nothing is used untold."""
        try:
            captured = work()
        except MeasurementError as failed:
            used = f"{self._bytes_used() / 1e6:.2f} MB used"
            detail = f"{failed.trouble.detail}; {used}" if failed.trouble.detail else used
            return FailedCapture(reads=cls, trouble=Trouble(kind=failed.trouble.kind, detail=detail))
        return replace(captured, used=self._bytes_used())

    def _bytes_used(self) -> int:
        """Return the bytes counted since this was last asked."""
        before, self._reported = self._reported, self._line.meter.count
        return self._reported - before

    def _behind_portal(self) -> bool | None:
        return self._portal.result()

    def _measure_transfer(self, direction: str) -> Transfer:
        bound = self._job.bounds.get(f"network.{direction}.rate", DEFAULT_BOUND_MBIT)
        meter = self._line.meter
        until = min(meter.count + self._job.number("most_mb") * 1e6, meter.limit)
        allowance = Allowance(self._job.number("most_s"), until)
        self._link.phase(direction, allowance.seconds)
        while True:
            service = self._services.current()
            try:
                transfer = measure_transfer(
                    service,
                    self._line,
                    direction,
                    bound,
                    allowance,
                    lambda rate: self._link.level(direction, rate),
                )
            except MeasurementError as failed:
                self._services.drop(failed.trouble)
                if allowance.until - meter.count < PACE * bound * 1e6 / 8:
                    # A second of the next host is the least that tells of the line.
                    raise
                continue
            return self._add_complete_test(transfer, service, direction)

    def _add_complete_test(self, transfer: Transfer, service: providers.Service, direction: str) -> Transfer:
        if not self._job.parameters.get("full") or service.complete is None:
            return transfer
        self._link.phase("complete", COMPLETE_S)
        # Its failure takes nothing from what was measured.
        with contextlib.suppress(MeasurementError):
            return replace(transfer, complete=round(service.complete(direction), 3))
        return transfer

    def _endure(self) -> Rehearsal:
        stopped = ask_in_background(self._link, "stop")
        load = self._job.number("session_mbit")
        return endure(self._services, self._line, self._server.result(), load, stopped)

    def _rehearse(self) -> Rehearsal:
        seconds = self._job.number("rehearsal_s")
        service = self._services.current()
        self._link.phase("rehearsal", seconds)

        def show(down: float, up: float) -> None:
            self._link.level("download", down)
            self._link.level("upload", up)

        return rehearse(
            service, self._line, self._server.result(), self._job.number("session_mbit"), seconds, show
        )


def _finders(base: str | None, provider: str, host: str) -> list[providers.Finder]:
    """Return the providers in order: a `base` or `provider` that was asked for is the only one."""
    public: Mapping[str, providers.Finder] = {
        "cloudflare": providers.find_cloudflare,
        "speedtest": providers.find_speedtest,
    }
    if base is not None:
        return [providers.find_own(base)]
    if provider in public:
        return [public[provider]]
    return [*([providers.find_own(host)] if host else []), *public.values()]


def _parameter(job: Job, name: str) -> str:
    return str(job.parameters[name])
