"""The way out: names, sockets, proxies and certificates, and what their failures mean."""

import contextlib
import errno
import http.client
import io
import math
import selectors
import socket
import ssl
import struct
import threading
import time
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

import truststore
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from preflight import __version__, platforms
from preflight.errors import MeasurementError, label
from preflight.model import Kind
from preflight.sources.network.later import Later

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

NAME_S = 2.5
"""Time for a name: a resolver asks again after 1 to 5 s, and a person waits."""
CONNECT_S = 3.5
"""Time for a connection: SYNs go out at 0, 1 and 3 s (RFC 6298), so the third still counts."""
ANSWER_S = 3.5
"""Time between any two parts of an answer."""
QUESTION_S = 5.0
"""Time for the whole of a small answer, its head included: one that drips never ends by itself."""
STAGGER_S = 0.25
"""Head start of an address over the next one, "Connection Attempt Delay" of RFC 8305 section 5."""

HEADERS: Mapping[str, str] = {
    "User-Agent": f"preflight/{__version__}",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-store",
}

BAD_ANSWERS = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError, AssertionError)
"""What the libraries raise at what is not an answer: of a chunk of -5 bytes, that there is no such thing."""

Address = tuple[socket.AddressFamily, tuple[str | int, ...]]

_EXPIRED_CODES = (9, 10, 0x800B0101)
"""X509_V_ERR_CERT_NOT_YET_VALID and _HAS_EXPIRED of OpenSSL; CERT_E_EXPIRED of Windows."""
_FAMILIES = ((socket.AF_INET, ("192.0.2.1", 9)), (socket.AF_INET6, ("2001:db8::1", 9)))
"""Addresses of RFC 5737 and RFC 3849 that belong to nobody: only the route to them is looked up."""


def connected() -> bool:
    """Say whether this computer has a route to anywhere; sends nothing."""
    for family, address in _FAMILIES:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)
            return True
    return False


def unreachable(detail: str) -> MeasurementError:
    """Return what to raise when nothing answered: without any route it is the network that is missing."""
    return MeasurementError(Kind.UNREACHABLE if connected() else Kind.NO_NETWORK, detail)


class Spent(OSError):
    """A run has used all the data it may use."""

    WORDS = "the data that a run may use is used up"


class Meter:
    """Counts the bytes of every exchange of a run, both ways, and ends them all at its limit.

    Of HTTP it counts what is inside TLS, the heads included, and of STUN the datagrams; an answer that
    came in but was not read counts too.
    """

    def __init__(self, limit: float = math.inf) -> None:
        """`limit` is in bytes."""
        self.limit = limit
        self.count = 0
        self._lock = threading.Lock()

    @property
    def room(self) -> float:
        """How many more bytes may pass."""
        return max(0.0, self.limit - self.count)

    def add(self, count: int) -> None:
        """Count bytes that have passed; what the system says was never sent is taken off."""
        with self._lock:
            self.count += count

    def allow(self, count: int) -> int:
        """Return how many of so many bytes may pass; raises `Spent` if none may."""
        allowed = min(count, self.room)
        if count and not allowed:
            raise Spent
        return int(allowed)


class Names:
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
            raise _nameless("the resolver is silent")
        try:
            found = Later(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)).result(NAME_S)
        except TimeoutError:
            self._silent = True
            raise _nameless(f"no answer within {NAME_S:g} s") from None
        except (OSError, UnicodeError) as error:
            raise _nameless(label(error)) from error
        return _by_turns(
            [(family, cast("tuple[str | int, ...]", address)) for family, _, _, _, address in found]
        )


@dataclass(frozen=True, slots=True)
class Line:
    """What all exchanges of a run share."""

    names: Names = field(default_factory=Names)
    meter: Meter = field(default_factory=Meter)


def _nameless(detail: str) -> MeasurementError:
    return MeasurementError(Kind.NO_NAMES if connected() else Kind.NO_NETWORK, detail)


def _by_turns(found: Sequence[Address]) -> tuple[Address, ...]:
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
                        dialled = _dial(*waiting.pop(0), receive_buffer)
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


def _dial(
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


class Session:
    """HTTP over connections of one purpose, which can all be cut at once.

    It goes through the proxy that the environment or the system names, and trusts what the
    system's certificate store trusts.
    """

    def __init__(
        self,
        line: Line,
        *,
        answer_s: float = QUESTION_S,
        streams: int = 1,
        send_buffer: int | None = None,
        receive_buffer: int | None = None,
    ) -> None:
        """`answer_s` is the deadline of each whole answer, from when it is awaited on.

        The buffers fix how many bytes may wait in each socket (else the system decides).
        """
        self._line = line
        self._answer = partial(_Answer, session=self, meter=line.meter, seconds=answer_s)
        self._receive_buffer = receive_buffer
        self._streams = streams
        self._send_buffer = send_buffer
        self._context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._managers: dict[str | None, urllib3.PoolManager] = {}
        self._open: list[HTTPConnection] = []
        self._readers: list[_Counted] = []
        self._answers: list[urllib3.BaseHTTPResponse] = []
        self._lock = threading.Lock()
        self._ended = False
        self.dns_s: float | None = None
        """Seconds of the last look-up."""
        self.connects: list[float] = []
        """Seconds of each TCP handshake: to the proxy, where there is one."""
        self.tls_s: float | None = None
        """Seconds of the last TLS handshake."""

    def request(
        self,
        method: str,
        url: str,
        *,
        body: Iterable[bytes] | None = None,
        length: int | None = None,
    ) -> urllib3.BaseHTTPResponse:
        """Return the answer with its body unread; redirects are not followed.

        `length` in bytes goes with a `body` that is made while it is sent. Raises `MeasurementError`.
        """
        headers = dict(HEADERS)
        if length is not None:
            headers |= {"Content-Length": str(length), "Content-Type": "application/octet-stream"}
        connects = len(self.connects)

        def ask() -> urllib3.BaseHTTPResponse:
            try:
                return self._manager(url).request(
                    method,
                    url,
                    body=body,
                    headers=headers,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    decode_content=False,
                    timeout=urllib3.Timeout(connect=CONNECT_S, read=ANSWER_S),
                )
            except BAD_ANSWERS as error:
                raise told(error) from error

        try:
            answer = ask()
        except MeasurementError as failed:
            # A server may close a standing connection just as the question comes (RFC 9112 section 9.5).
            stale = failed.trouble.kind is Kind.INTERRUPTED and len(self.connects) == connects
            if not stale or body is not None or self._ended:
                raise
            answer = ask()
        self._answers.append(answer)
        return answer

    def cut(self) -> None:
        """Reset every connection: what still waits in them is thrown away and the line is free."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            connections = tuple(self._open)
        for reader in tuple(self._readers):
            reader.settle()
        for connection in connections:
            carrier = connection.sock
            if carrier is None:
                continue
            self._line.meter.add(-platforms.unsent_bytes(carrier.fileno()))
            with contextlib.suppress(OSError):
                carrier.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # Past the TLS layer, whose own shutdown would pull the state from under a reading thread.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(carrier, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close every connection; nothing may use them any more."""
        self.cut()
        for manager in self._managers.values():
            manager.clear()
        # A pool knows nothing of a connection whose answer was not read to its end.
        for answer in self._answers:
            answer.close()
        with self._lock:
            connections = tuple(self._open)
        for connection in connections:
            connection.close()

    def _manager(self, url: str) -> urllib3.PoolManager:
        through = proxy(url)
        if through not in self._managers:
            self._managers[through] = self._make_manager(through)
        return self._managers[through]

    def _make_manager(self, through: str | None) -> urllib3.PoolManager:
        manager: urllib3.PoolManager
        if through is None:
            manager = urllib3.PoolManager(ssl_context=self._context, maxsize=self._streams)
        else:
            manager = urllib3.ProxyManager(
                through,
                proxy_headers=_login(through),
                proxy_ssl_context=self._context,
                ssl_context=self._context,
                maxsize=self._streams,
            )
        manager.pool_classes_by_scheme = _pools(self)
        return manager

    def dial(self, connection: HTTPConnection) -> socket.socket:
        """Return a connection to the host of `connection`; raises `OSError` or `MeasurementError`."""
        # Of this session, also where http.client reads a proxy's answer to CONNECT.
        connection.response_class = self._answer  # type: ignore[assignment] # it is only called
        started = time.perf_counter()
        addresses = self._line.names.addresses(connection.host, connection.port)
        resolved = time.perf_counter()
        self.dns_s = resolved - started
        dialled = connect(addresses, self._receive_buffer)
        self.connects.append(time.perf_counter() - resolved)
        dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._send_buffer is not None:
            dialled.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer)
        dialled.settimeout(CONNECT_S)
        with self._lock:
            if self._ended:
                dialled.close()
                raise OSError(errno.ECONNABORTED, "cut")
            self._open.append(connection)
        return dialled

    def count_sent(self, data: Any) -> None:
        """Count what is about to be sent; raises `Spent`."""
        if self._line.meter.allow(len(data)) < len(data):
            raise Spent
        self._line.meter.add(len(data))

    def count(self, connections: Any, seconds: float) -> None:
        """Count a class of connections that another library opens too; each answer has so many seconds."""
        session, plain = self, connections.send

        def send(connection: http.client.HTTPConnection, data: Any) -> None:
            if isinstance(data, bytes):
                session.count_sent(data)
            plain(connection, data)

        connections.send = send
        connections.response_class = partial(_Answer, session=self, meter=self._line.meter, seconds=seconds)

    def watch(self, reader: "_Counted") -> None:
        """Count what waits unread in this reader too, when the session is cut."""
        self._readers.append(reader)


class _Counted(io.RawIOBase):
    """What a socket receives: every byte counted, and none after this many seconds."""

    def __init__(self, raw: io.RawIOBase, meter: Meter, seconds: float) -> None:
        self._raw = raw
        self._meter = meter
        self._due = time.monotonic() + seconds
        self._settled = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        view = memoryview(buffer)
        if time.monotonic() > self._due:
            raise TimeoutError
        count = cast("io.FileIO", self._raw).readinto(view[: self._meter.allow(len(view))])
        self._meter.add(count or 0)
        return count

    def settle(self) -> None:
        """Count what came and will not be read."""
        if not (self._settled or self._raw.closed):
            self._settled = True
            self._meter.add(platforms.unread_bytes(self._raw.fileno()))

    def close(self) -> None:
        self.settle()
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer of which every byte is counted, and whose end is not waited for without limit."""

    def __init__(self, *args: Any, session: Session, meter: Meter, seconds: float, **more: Any) -> None:
        super().__init__(*args, **more)
        reader = _Counted(self.fp.detach(), meter, seconds)
        session.watch(reader)
        self.fp = io.BufferedReader(reader)


def _pools(session: Session) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Return urllib3's pools with connections that the session makes and counts."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return session.dial(self)

        def send(self, data: Any) -> None:
            session.count_sent(data)
            super().send(data)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            dialled = session.dial(self)
            self._dialled_at = time.perf_counter()
            return dialled

        def connect(self) -> None:
            super().connect()
            session.tls_s = time.perf_counter() - self._dialled_at

        def send(self, data: Any) -> None:
            session.count_sent(data)
            super().send(data)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def proxy(url: str) -> str | None:
    """Return the proxy that the environment or the system names for `url`, with its scheme."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    proxies = urllib.request.getproxies()
    through = proxies.get(parts.scheme) or proxies.get("all")
    if not through:
        return None
    return through if "://" in through else f"http://{through}"


def _login(through: str) -> dict[str, str]:
    parts = urlsplit(through)
    if parts.username is None:
        return {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return dict(urllib3.make_headers(proxy_basic_auth=login))


def told(error: Exception) -> MeasurementError:
    """Return what a failed request means to a person."""
    causes = tuple(_causes(error))
    detail = label(causes[-1])
    for each in causes:
        if isinstance(each, Spent):
            return MeasurementError(Kind.REFUSED, Spent.WORDS)
        if isinstance(each, ssl.SSLCertVerificationError):
            return MeasurementError(Kind.EXPIRED if _expired(each) else Kind.INSPECTED, detail)
        if isinstance(each, OSError) and str(each).startswith("Tunnel connection failed: 407"):
            return MeasurementError(Kind.PROXY_LOGIN, "HTTP 407")
    for each in causes:
        if isinstance(each, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
            return MeasurementError(Kind.INTERRUPTED, detail)
        if isinstance(each, urllib3.exceptions.IncompleteRead):
            return MeasurementError(Kind.INTERRUPTED, detail)
    return unreachable(detail)


def _causes(error: BaseException) -> Iterable[BaseException]:
    """Walk from urllib3's wrapping inwards to what really happened."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = (getattr(each, "reason", None), getattr(each, "original_error", None), *each.args)
        waiting += [cause for cause in (*inner, each.__cause__, each.__context__) if _is_error(cause)]


def _is_error(value: object) -> bool:
    return isinstance(value, BaseException)


def _expired(error: ssl.SSLCertVerificationError) -> bool:
    # macOS and Windows verify themselves and word it; only OpenSSL's code is dependable.
    code, words = getattr(error, "verify_code", 0), f"{getattr(error, 'verify_message', '')} {error}".lower()
    return code in _EXPIRED_CODES or "expired" in words or "not yet valid" in words
