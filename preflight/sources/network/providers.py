"""Hosts that give and take bytes: who speaks which convention is found by asking."""

import errno
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import truststore
import urllib3

from preflight.errors import MeasurementError, label
from preflight.model import Kind, Trouble
from preflight.sources.network.future import DaemonFuture
from preflight.sources.network.session import BAD_ANSWERS, Session, explain_failure, find_proxy

CLOUDFLARE = "https://speed.cloudflare.com"
SPEEDTEST_CONFIGURATION = "https://www.speedtest.net/speedtest-config.php"
SPEEDTEST_FIND_S = 8.0
"""Deadline of finding a server: configuration, list of servers, latencies."""
SPEEDTEST_COMPLETE_S = 45.0
"""Deadline of one direction of the complete test, which plans 10 s and lets what hangs hang for 10 s."""
REQUEST_BYTES = 10_000_000
"""Asked for or announced at once: more than a stream carries in a test; Cloudflare refuses above 25 MB."""
QUESTION_BYTES = 1000
READ_LIMIT = 4096
LIST_LIMIT = 8_000_000
"""Bytes of speedtest.net's list of servers, unpacked; it takes less than two million."""

PRECEDENCE = (
    Kind.PORTAL,
    Kind.PROXY_LOGIN,
    Kind.NO_NETWORK,
    Kind.EXPIRED,
    Kind.INSPECTED,
    Kind.NO_NAMES,
    Kind.INTERRUPTED,
    Kind.REFUSED,
    Kind.UNREACHABLE,
    Kind.NO_SPEED_TEST,
)
"""When every provider failed, the kind that tells a person most is named."""
BEHIND_PORTAL = frozenset(
    (
        Kind.INSPECTED,
        Kind.NO_SPEED_TEST,
        Kind.REFUSED,
        Kind.UNREACHABLE,
        Kind.INTERRUPTED,
        Kind.EXPIRED,
    )
)
"""What a captive portal makes of a question to somebody else."""
OTHER_SERVICE = (
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.GONE,
    HTTPStatus.NOT_IMPLEMENTED,
)
"""What a host answers that serves other things than the one asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A host that answered, and how it is spoken to."""

    name: str
    """"own", "cloudflare" or "speedtest"."""
    down: str
    """Address of `REQUEST_BYTES` or about as many."""
    length: int | None
    """Bytes that `down` must answer with; None: whatever it announces."""
    up: str
    """Address that takes a POST."""
    ping: str
    """Address with a small answer."""
    round_trip: float
    """Seconds there and back on the idle line."""
    complete: Callable[[str], float] | None = None
    """speedtest-cli's own complete test of "download" or "upload", in Mbit/s."""


Finder = Callable[[Session], Service]


class OtherConventionError(MeasurementError):
    """Raised where a host answers, but with something else than data: it may serve another convention."""

    def __init__(self, detail: str) -> None:
        super().__init__(Kind.REFUSED, detail)


class Services:
    """The providers in order: the first that works is used until it fails."""

    def __init__(
        self, finders: Sequence[Finder], session: Callable[[], Session], portal: Callable[[], bool | None]
    ) -> None:
        """`portal` tells whether the network wants a person to sign in; it is asked once something failed."""
        self._finders = list(finders)
        self._session = session
        self._portal = portal
        self._current: Service | None = None
        self._troubles: list[Trouble] = []

    def current(self) -> Service:
        """Return the service in use, found by asking; raises `MeasurementError` when none is left."""
        while self._current is None:
            if not self._finders or any(trouble.kind is Kind.PORTAL for trouble in self._troubles):
                raise _most_telling(self._troubles)
            session = self._session()
            try:
                self._current = self._finders[0](session)
            except MeasurementError as failed:
                self.drop(failed.trouble)
            finally:
                session.close()
        return self._current

    def drop(self, trouble: Trouble) -> None:
        """Give up the service in use for this reason; the next follows, unless a portal stands in the way."""
        if trouble.kind in BEHIND_PORTAL and self._portal():
            trouble = replace(trouble, kind=Kind.PORTAL)
        self._troubles.append(trouble)
        self._finders = self._finders[1:]
        self._current = None


def _most_telling(troubles: Sequence[Trouble]) -> MeasurementError:
    kinds = [trouble.kind for trouble in troubles]
    kind = next((kind for kind in PRECEDENCE if kind in kinds), Kind.UNREACHABLE)
    # Both services fail alike where the line does.
    said = (
        trouble.detail if trouble.kind is kind else f"{trouble.kind}: {trouble.detail}"
        for trouble in troubles
    )
    return MeasurementError(kind, "; ".join(dict.fromkeys(said)))


def find_own(base: str) -> Finder:
    """Return the finder for a host of one's own: Cloudflare's convention, LibreSpeed's or plain `?bytes=`."""
    at = base.rstrip("/")
    conventions = (_cloudflare_convention, _librespeed_convention, _plain_convention)

    def find(session: Session) -> Service:
        refusals: list[MeasurementError] = []
        for convention in conventions:
            try:
                return convention(session, "own", at)
            except MeasurementError as failed:
                # Silence and broken certificates will not be better at the next path.
                if failed.trouble.kind is not Kind.REFUSED:
                    raise
                refusals.append(failed)
        other = all(isinstance(refusal, OtherConventionError) for refusal in refusals)
        details = "; ".join(refusal.trouble.detail for refusal in refusals)
        raise MeasurementError(Kind.NO_SPEED_TEST if other else Kind.REFUSED, details)

    return find


def find_cloudflare(session: Session) -> Service:
    """Find Cloudflare's public speed test."""
    return _cloudflare_convention(session, "cloudflare", CLOUDFLARE)


def _cloudflare_convention(session: Session, name: str, at: str) -> Service:
    return _byte_count_convention(session, name, f"{at}/__down?bytes=", f"{at}/__up")


def _plain_convention(session: Session, name: str, at: str) -> Service:
    return _byte_count_convention(session, name, f"{at}?bytes=", at)


def _byte_count_convention(session: Session, name: str, down: str, up: str) -> Service:
    ping = f"{down}{QUESTION_BYTES}"
    if len(read_small(session, ping)) != QUESTION_BYTES:
        raise OtherConventionError("another length than asked for")
    return Service(
        name=name,
        down=f"{down}{REQUEST_BYTES}",
        length=REQUEST_BYTES,
        up=up,
        ping=ping,
        round_trip=_round_trip(session, ping),
    )


def _librespeed_convention(session: Session, name: str, at: str) -> Service:
    mebibytes = REQUEST_BYTES >> 20
    ping = f"{at}/empty.php"
    if read_small(session, ping):
        raise OtherConventionError("empty.php is not empty")
    return Service(
        name=name,
        down=f"{at}/garbage.php?ckSize={mebibytes}",
        length=mebibytes << 20,
        up=ping,
        ping=ping,
        round_trip=_round_trip(session, ping),
    )


def read_small(session: Session, url: str) -> bytes:
    """Return the small body of a GET that is data; raises `MeasurementError`."""
    response = session.request("GET", url)
    try:
        require_data(response, url)
        # An empty answer may come compressed all the same.
        body = response.read(READ_LIMIT, decode_content=True)
    except BAD_ANSWERS as error:
        raise explain_failure(error) from error
    finally:
        # The connection of an answer that was read to its end stays; of any other it is closed, as what
        # follows may be without end.
        response.close()
    refuse_page(response, body)
    return body


def require_data(response: urllib3.BaseHTTPResponse, url: str) -> None:
    """Raise `MeasurementError` for an answer whose head says that it is not the data asked for."""
    status = response.status
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        raise MeasurementError(Kind.PROXY_LOGIN, "HTTP 407")
    elsewhere = response.get_redirect_location() and not _is_upgrade_to_tls(response, url)
    if status == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED:
        raise MeasurementError(Kind.PORTAL, f"HTTP {status:d}")
    if elsewhere or status in OTHER_SERVICE:
        raise OtherConventionError(f"HTTP {status:d}")
    if status != HTTPStatus.OK:
        raise MeasurementError(Kind.REFUSED, f"HTTP {status:d}")


def refuse_page(response: urllib3.BaseHTTPResponse, beginning: bytes) -> None:
    """Raise `MeasurementError` for an answer that is meant to be looked at, by its type and how it begins.

    PHP calls all that it sends HTML: LibreSpeed's empty answer, and data.
    """
    html = "html" in response.headers.get("Content-Type", "").lower()
    if html and beginning.lstrip().startswith(b"<"):
        raise OtherConventionError("a page instead of data")


def _is_upgrade_to_tls(response: urllib3.BaseHTTPResponse, url: str) -> bool:
    """Say whether the redirect leads to the same host over TLS, as an honest host's may."""
    try:
        there = urlsplit(str(response.get_redirect_location()))
    except ValueError:
        return False
    return there.scheme == "https" and there.hostname == urlsplit(url).hostname


def _round_trip(session: Session, url: str) -> float:
    """Return the seconds of an exchange on a standing connection, or of the handshake if faster."""
    started = time.perf_counter()
    read_small(session, url)
    exchange = time.perf_counter() - started
    return exchange if find_proxy(url) else min(exchange, *session.connects)


def find_speedtest(session: Session) -> Service:
    """Find a server of speedtest.net through speedtest-cli, under our own deadlines.

    Its own test of latency is not used: it goes past the proxy and waits 10 s for each dead server.
    """
    # It takes failures for answers, so what becomes of its first question is looked at before.
    if b"<settings" not in read_small(session, SPEEDTEST_CONFIGURATION):
        raise OtherConventionError("no speedtest.net configuration")
    try:
        finder, servers = DaemonFuture(partial(_find_nearby_servers, session)).result(SPEEDTEST_FIND_S)
    except TimeoutError:
        raise MeasurementError(
            Kind.UNREACHABLE, f"no list of servers within {SPEEDTEST_FIND_S:g} s"
        ) from None
    except Exception as error:
        # It raises NameError and the like where it met a page instead of a list.
        raise MeasurementError(Kind.REFUSED, f"speedtest-cli: {label(error)}") from error
    service = _find_fastest_server(session, servers)
    return replace(service, complete=lambda direction: _run_complete_test(finder, service, direction))


def _find_nearby_servers(session: Session) -> tuple[Any, list[Mapping[str, Any]]]:
    """Return a speedtest-cli that knows the servers, and the five nearest."""
    # Its import wraps the file descriptors 1 and 2: only here, in a worker, and only when needed.
    truststore.inject_into_ssl()
    import speedtest as speedtest_cli  # noqa: PLC0415

    class LimitedGzip(speedtest_cli.GzipDecodedResponse):  # type: ignore[misc] # no types of its own
        """A list that was packed, of which a small part may unpack to more than memory holds."""

        def read(self, size: int = -1) -> bytes:
            if self.tell() > LIST_LIMIT:
                raise OSError(errno.EFBIG, "")
            return bytes(super().read(size))

    speedtest_cli.GzipDecodedResponse = LimitedGzip
    for connection in (speedtest_cli.SpeedtestHTTPConnection, speedtest_cli.SpeedtestHTTPSConnection):
        session.count_class(connection, SPEEDTEST_COMPLETE_S)
    finder = speedtest_cli.Speedtest(timeout=4, secure=True, shutdown_event=Shutdown())
    finder.get_servers()
    return finder, finder.get_closest_servers()


class Shutdown(threading.Event):
    """The event that ends speedtest-cli's threads, under the name it asks for."""

    isSet = threading.Event.is_set  # noqa: N815 - its name


def _find_fastest_server(session: Session, servers: Sequence[Mapping[str, Any]]) -> Service:
    """Return the server with the shortest round trip; all are asked at once."""
    asked = [DaemonFuture(partial(_speedtest_service, session, str(server["url"]))) for server in servers]
    answered: list[Service] = []
    failed: list[Trouble] = []
    for each in asked:
        try:
            answered.append(each.result())
        except MeasurementError as error:
            failed.append(error.trouble)
    if not answered:
        raise _most_telling(failed)
    return min(answered, key=lambda service: service.round_trip)


def _speedtest_service(session: Session, url: str) -> Service:
    folder = url.rpartition("/")[0]
    ping = f"{folder}/latency.txt"
    if not read_small(session, ping).startswith(b"test=test"):
        raise MeasurementError(Kind.REFUSED, "no latency.txt")
    started = time.perf_counter()
    read_small(session, ping)
    return Service(
        name="speedtest",
        # About 8 MB; the number is the side of the picture.
        down=f"{folder}/random2000x2000.jpg",
        length=None,
        up=url,
        ping=ping,
        round_trip=time.perf_counter() - started,
    )


def _run_complete_test(finder: Any, service: Service, direction: str) -> float:
    """Return speedtest-cli's own figure, in Mbit/s."""

    def run() -> float:
        finder.get_best_server([{"url": service.up, "d": 0.0, "id": 0}])
        if direction == "download":
            return float(finder.download())
        # 179 MB of memory otherwise.
        return float(finder.upload(pre_allocate=False))

    try:
        return DaemonFuture(run).result(SPEEDTEST_COMPLETE_S) / 1e6
    except TimeoutError:
        finder._shutdown_event.set()  # noqa: SLF001 - ours, handed over in `_find_nearby_servers`
        raise MeasurementError(Kind.INTERRUPTED, f"no result within {SPEEDTEST_COMPLETE_S:g} s") from None
    except Exception as error:
        raise MeasurementError(Kind.INTERRUPTED, f"speedtest-cli: {label(error)}") from error
