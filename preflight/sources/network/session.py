"""HTTP: proxies, certificates, every byte counted, and what a failed request means to a person."""

import contextlib
import errno
import http.client
import io
import socket
import ssl
import struct
import threading
import time
import urllib.request
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

import truststore
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from preflight import __version__, platforms
from preflight.errors import MeasurementError, label
from preflight.model import Kind
from preflight.sources.network.line import CONNECT_S, Line, connect, unreachable_error
from preflight.sources.network.meter import DataLimitError, Meter

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

ANSWER_S = 3.5
"""Time between any two parts of an answer."""
QUESTION_S = 5.0
"""Time for the whole of a small answer, its head included: one that drips never ends by itself."""

HEADERS: Mapping[str, str] = {
    "User-Agent": f"preflight/{__version__}",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-store",
}

BAD_ANSWERS = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError, AssertionError)
"""What the libraries raise at what is not an answer: of a chunk of -5 bytes, that there is no such thing."""
_EXPIRED_CODES = (9, 10, 0x800B0101)
"""X509_V_ERR_CERT_NOT_YET_VALID and _HAS_EXPIRED of OpenSSL; CERT_E_EXPIRED of Windows."""


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
        whole_requests: bool = False,
    ) -> None:
        """`answer_s` is the deadline of each whole answer, from when it is awaited on.

        With `whole_requests` the first part of a body travels with the head before it; each request has one.

        The buffers fix how many bytes may wait in each socket (else the system decides).
        """
        self._line = line
        self._answer = partial(_CountedResponse, session=self, meter=line.meter, seconds=answer_s)
        self._receive_buffer = receive_buffer
        self._streams = streams
        self._send_buffer = send_buffer
        self._whole_requests = whole_requests
        self._head = b""
        self._context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._managers: dict[str | None, urllib3.PoolManager] = {}
        self._open: list[HTTPConnection] = []
        self._readers: list[_CountingReader] = []
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
                raise explain_failure(error) from error

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

    def reset_connections(self) -> None:
        """Reset every connection: what still waits in them is thrown away and the line is free."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            connections = tuple(self._open)
        for reader in tuple(self._readers):
            reader.count_unread()
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
        self.reset_connections()
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
        through = find_proxy(url)
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
                proxy_headers=_proxy_headers(through),
                proxy_ssl_context=self._context,
                ssl_context=self._context,
                maxsize=self._streams,
            )
        manager.pool_classes_by_scheme = _pool_classes(self)
        return manager

    def open_socket(self, connection: HTTPConnection) -> socket.socket:
        """Return a connection to the host of `connection`; raises `OSError` or `MeasurementError`."""
        # Of this session, also where http.client reads a proxy's answer to CONNECT.
        connection.response_class = self._answer  # type: ignore[assignment] # it is only called
        started = time.perf_counter()
        addresses = self._line.resolver.addresses(connection.host, connection.port)
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

    def join_head(self, data: Any) -> Any:
        """Return what to send now of a part of a request: nothing of a head that waits for its body."""
        if not self._whole_requests or data.startswith(b"CONNECT "):
            return data
        if not self._head:
            self._head = data
            return b""
        joined, self._head = self._head + data, b""
        return joined

    def count_sent(self, data: Any) -> None:
        """Count what is about to be sent; raises `DataLimitError`."""
        if self._line.meter.allowed_bytes(len(data)) < len(data):
            raise DataLimitError
        self._line.meter.add(len(data))

    def count_class(self, connections: Any, seconds: float) -> None:
        """Count a class of connections that another library opens too; each answer has so many seconds."""
        session, plain = self, connections.send

        def send(connection: http.client.HTTPConnection, data: Any) -> None:
            if isinstance(data, bytes):
                session.count_sent(data)
            plain(connection, data)

        connections.send = send
        connections.response_class = partial(
            _CountedResponse, session=self, meter=self._line.meter, seconds=seconds
        )

    def count_unread_of(self, reader: "_CountingReader") -> None:
        """Count what waits unread in this reader too, when the session is cut."""
        self._readers.append(reader)


class _CountingReader(io.RawIOBase):
    """What a socket receives: every byte counted, and none after this many seconds."""

    def __init__(self, raw: io.RawIOBase, meter: Meter, seconds: float) -> None:
        self._raw = raw
        self._meter = meter
        self._due = time.monotonic() + seconds
        self._unread_counted = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        view = memoryview(buffer)
        if time.monotonic() > self._due:
            raise TimeoutError
        count = cast("io.FileIO", self._raw).readinto(view[: self._meter.allowed_bytes(len(view))])
        self._meter.add(count or 0)
        return count

    def count_unread(self) -> None:
        """Count what came and will not be read."""
        if not (self._unread_counted or self._raw.closed):
            self._unread_counted = True
            self._meter.add(platforms.unread_bytes(self._raw.fileno()))

    def close(self) -> None:
        self.count_unread()
        self._raw.close()
        super().close()


class _CountedResponse(http.client.HTTPResponse):
    """An answer of which every byte is counted, and whose end is not waited for without limit."""

    def __init__(self, *args: Any, session: Session, meter: Meter, seconds: float, **more: Any) -> None:
        super().__init__(*args, **more)
        reader = _CountingReader(self.fp.detach(), meter, seconds)
        session.count_unread_of(reader)
        self.fp = io.BufferedReader(reader)


def _pool_classes(session: Session) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Return urllib3's pools with connections that the session makes and counts."""

    class PlainConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return session.open_socket(self)

        def send(self, data: Any) -> None:
            if data := session.join_head(data):
                session.count_sent(data)
                super().send(data)

    class SecureConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            dialled = session.open_socket(self)
            self._dialled_at = time.perf_counter()
            return dialled

        def connect(self) -> None:
            super().connect()
            session.tls_s = time.perf_counter() - self._dialled_at

        def send(self, data: Any) -> None:
            if data := session.join_head(data):
                session.count_sent(data)
                super().send(data)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = SecureConnection

    return {"http": PlainPool, "https": SecurePool}


def find_proxy(url: str) -> str | None:
    """Return the proxy that the environment or the system names for `url`, with its scheme."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    proxies = urllib.request.getproxies()
    through = proxies.get(parts.scheme) or proxies.get("all")
    if not through:
        return None
    return through if "://" in through else f"http://{through}"


def _proxy_headers(through: str) -> dict[str, str]:
    parts = urlsplit(through)
    if parts.username is None:
        return {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return dict(urllib3.make_headers(proxy_basic_auth=login))


def explain_failure(error: Exception) -> MeasurementError:
    """Return what a failed request means to a person."""
    causes = tuple(_causes(error))
    detail = label(causes[-1])
    for each in causes:
        if isinstance(each, DataLimitError):
            return MeasurementError(Kind.REFUSED, DataLimitError.DETAIL)
        if isinstance(each, ssl.SSLCertVerificationError):
            return MeasurementError(Kind.EXPIRED if _is_expired(each) else Kind.INSPECTED, detail)
        if isinstance(each, OSError) and str(each).startswith("Tunnel connection failed: 407"):
            return MeasurementError(Kind.PROXY_LOGIN, "HTTP 407")
    for each in causes:
        if isinstance(each, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
            return MeasurementError(Kind.INTERRUPTED, detail)
        if isinstance(each, urllib3.exceptions.IncompleteRead):
            return MeasurementError(Kind.INTERRUPTED, detail)
    return unreachable_error(detail)


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


def _is_expired(error: ssl.SSLCertVerificationError) -> bool:
    # macOS and Windows verify themselves and word it; only OpenSSL's code is dependable.
    code, words = getattr(error, "verify_code", 0), f"{getattr(error, 'verify_message', '')} {error}".lower()
    return code in _EXPIRED_CODES or "expired" in words or "not yet valid" in words
