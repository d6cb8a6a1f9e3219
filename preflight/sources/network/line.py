"""The way out: names, sockets, proxies and certificates, and what their failures mean."""

import contextlib
import errno
import selectors
import socket
import ssl
import struct
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from typing import cast
from urllib.parse import unquote, urlsplit

import truststore
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from preflight import __version__
from preflight.errors import Unmeasured
from preflight.model import Kind
from preflight.sources.network.later import Later

NAME_S = 2.5
"""Time for a name: a resolver asks again after 1 to 5 s, and a person waits."""
CONNECT_S = 3.5
"""Time for a connection: SYNs go out at 0, 1 and 3 s (RFC 6298), so the third still counts."""
ANSWER_S = 3.5
"""Time between any two parts of an answer."""
STAGGER_S = 0.25
"""Head start of an address over the next one, "Connection Attempt Delay" of RFC 8305 section 5."""

HEADERS: Mapping[str, str] = {
    "User-Agent": f"preflight/{__version__}",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-store",
}

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


def unreachable(detail: str) -> Unmeasured:
    """Return what to raise when nothing answered: without any route it is the network that is missing."""
    return Unmeasured(Kind.UNREACHABLE if connected() else Kind.NO_NETWORK, detail)


class Names:
    """The addresses of names, asked for once each and within a limited time."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[Address, ...]] = {}
        self._silent = False

    def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """Return where `host` may be found, IPv6 and IPv4 by turns.

        Raises `Unmeasured` (NO_NAMES, NO_NETWORK).
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
            raise _nameless(f"no answer within {NAME_S} s") from None
        except (OSError, UnicodeError) as error:
            raise _nameless(str(error)) from error
        return _by_turns(
            [(family, cast("tuple[str | int, ...]", address)) for family, _, _, _, address in found]
        )


def _nameless(detail: str) -> Unmeasured:
    return Unmeasured(Kind.NO_NAMES if connected() else Kind.NO_NETWORK, detail)


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
    error: OSError = TimeoutError(f"no answer within {CONNECT_S} s")
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
        names: Names,
        *,
        streams: int = 1,
        send_buffer: int | None = None,
        receive_buffer: int | None = None,
    ) -> None:
        """The buffers fix how many bytes may wait in each socket (else the system decides)."""
        self._names = names
        self._receive_buffer = receive_buffer
        self._streams = streams
        self._send_buffer = send_buffer
        self._context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._managers: dict[str | None, urllib3.PoolManager] = {}
        self._open: list[HTTPConnection] = []
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

        `length` in bytes goes with a `body` that is made while it is sent. Raises `Unmeasured`.
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
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                raise told(error) from error

        try:
            answer = ask()
        except Unmeasured as failed:
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
            self._ended = True
            connections = tuple(self._open)
        for connection in connections:
            carrier = connection.sock
            if carrier is None:
                continue
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
        manager.pool_classes_by_scheme = _pools(self._dial, self._secured)
        return manager

    def _dial(self, connection: HTTPConnection) -> socket.socket:
        started = time.perf_counter()
        addresses = self._names.addresses(connection.host, connection.port)
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

    def _secured(self, seconds: float) -> None:
        self.tls_s = seconds


def _pools(
    dial: Callable[[HTTPConnection], socket.socket], secured: Callable[[float], None]
) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Return urllib3's pools with connections that are made by `dial`."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return dial(self)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            dialled = dial(self)
            self._dialled_at = time.perf_counter()
            return dialled

        def connect(self) -> None:
            super().connect()
            secured(time.perf_counter() - self._dialled_at)

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


def told(error: Exception) -> Unmeasured:
    """Return what a failed request means to a person."""
    causes = tuple(_causes(error))
    detail = _shorten(causes[-1])
    for each in causes:
        if isinstance(each, ssl.SSLCertVerificationError):
            return Unmeasured(Kind.EXPIRED if _expired(each) else Kind.INSPECTED, detail)
        if isinstance(each, OSError) and "Tunnel connection failed: 407" in str(each):
            return Unmeasured(Kind.PROXY_LOGIN, detail)
    for each in causes:
        if isinstance(each, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
            return Unmeasured(Kind.INTERRUPTED, detail)
        if isinstance(each, urllib3.exceptions.IncompleteRead):
            return Unmeasured(Kind.INTERRUPTED, detail)
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


def _shorten(error: BaseException) -> str:
    """Return the kind and words of an error without the object addresses urllib3 puts there."""
    words = str(error).rpartition("object at 0x")[2].partition(">: ")[2] or str(error)
    return f"{type(error).__name__}: {words}"[:200]
