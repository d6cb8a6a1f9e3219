"""One small server in the place of all that the network checks talk to, with faults on demand.

It speaks Cloudflare's speed test (`/__down?bytes=N`, `/__up`), LibreSpeed (`garbage.php?ckSize=N`,
`empty.php`), a plain host (`/?bytes=N`), speedtest.net's old HTTP protocol, a page without content
(`/generate_204`), CONNECT as a proxy does (every tunnel ends at its own TLS port), and STUN over UDP.

How it behaves is chosen on the command line, or for one client by a path that begins with
`/with/KEY=VALUE;KEY=VALUE/`:
  rate=MBIT       both directions are held to this rate (each)
  crowded=S       every other download is refused, after S seconds
  speaks=NAME     only "cloudflare", "librespeed" or "plain" is understood
  empty=HOW       LibreSpeed's empty answer comes compressed ("gzip"), or ends with the connection ("closed")
  typed=html      data calls itself HTML, as PHP does unless told otherwise
  fault=NAME      flood:N, drip:N (small questions, after N right answers: endless bytes, one each 0.3 s);
                  403, 429, 503; portal-redirect, portal-page; login (as a proxy that wants one);
                  silent (no answer); stall:N, reset:N, short:N (after N bytes: nothing more, RST, FIN)

With `--certificates DIR` TLS is served with `DIR/HOST.pem` (key and chain) or `DIR/default.pem`.
It prints one line of JSON with its ports when it is ready, and ends when its stdin does, with another
line: the bytes of HTTP, inside TLS, that it took and that arrived at the client.

Longer than 500 lines because it is a program of its own, which imports nothing of the lab.
"""

import argparse
import asyncio
import contextlib
import gzip
import json
import os
import re
import socket
import ssl
import struct
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

if sys.platform != "win32":
    import fcntl
    import termios

NOISE = os.urandom(1 << 16)
PIECE = 8192
LOOPBACK = "127.0.0.1"
BACKLOG_BYTES = 32768
"""Small queues on this side, so that a paced or stalled server is felt at once."""
PICTURE_BYTES = {
    350: 245_388,
    500: 505_544,
    750: 1_118_012,
    1000: 1_986_284,
    1500: 4_468_241,
    2000: 7_907_740,
    2500: 12_407_926,
    3000: 17_816_816,
    3500: 24_262_167,
    4000: 31_625_365,
}
"""About the size of speedtest.net's random{N}x{N}.jpg."""
MAGIC_COOKIE = b"\x21\x12\xa4\x42"

CONFIGURATION = """<?xml version="1.0" encoding="UTF-8"?>
<settings>
<client ip="192.0.2.7" lat="56.9" lon="24.1" isp="Lab" country="LV"/>
<server-config threadcount="4" ignoreids=""/>
<download testlength="{seconds}" initialtest="250K" mintestsize="250K" threadsperurl="4"/>
<upload testlength="{seconds}" ratio="5" initialtest="0" mintestsize="32K" threads="2" maxchunksize="512K"
 maxchunkcount="50" threadsperurl="4"/>
</settings>"""
SERVERS = """<?xml version="1.0" encoding="UTF-8"?>
<settings><servers>
<server url="http://{host}/speedtest/upload.php" lat="56.9" lon="24.1" name="Lab" country="Lab" cc="LV"
 sponsor="Lab" id="1" host="{host}"/>
</servers></settings>"""
PORTAL_PAGE = b"<html><title>Hotel</title><p>Sign in to use this network.</html>"


@dataclass(frozen=True)
class Manner:
    """How the server behaves to one client."""

    rate: float | None = None
    crowded: float | None = None
    speaks: str | None = None
    empty: str = ""
    typed: str = ""
    fault: str = ""

    def changed(self, said: str) -> "Manner":
        changes: dict[str, str] = dict(word.split("=", 1) for word in said.split(";"))
        rate = float(changes["rate"]) if "rate" in changes else self.rate
        crowded = float(changes["crowded"]) if "crowded" in changes else self.crowded
        words = {name: changes[name] for name in ("speaks", "empty", "typed", "fault") if name in changes}
        return replace(self, rate=rate, crowded=crowded, **words)


class Bucket:
    """Holds all who take from it together to a rate."""

    def __init__(self, mbit: float) -> None:
        self._rate = mbit * 1e6 / 8
        self._due = 0.0

    async def take(self, count: int) -> None:
        now = time.monotonic()
        self._due = max(self._due, now - 0.02) + count / self._rate
        if self._due > now:
            await asyncio.sleep(self._due - now)


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    manner: Manner
    key: str
    """Who shares a rate."""

    def number(self, name: str, otherwise: int = 0) -> int:
        return int(self.query.get(name, [str(otherwise)])[0])


class Closed(Exception):
    """This connection ends here."""


LOOK_S = 0.001
"""How often it is looked how much has arrived: what comes between the last look and a reset is not seen."""
DRIP_S = 0.3


class Counted:
    """A stream to a client that knows how many of its bytes have arrived there."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._carrier = writer.get_extra_info("socket")
        self._written = 0
        self.arrived = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    def write(self, data: bytes) -> None:
        self._written += len(data)
        self._writer.write(data)

    def look(self) -> None:
        """Take off what waits here or has not been acknowledged."""
        if sys.platform == "win32" or self._carrier.fileno() < 0:
            return
        transport: Any = self._writer.transport
        below = getattr(transport, "_ssl_protocol", transport)
        if below is None:
            # It has been closed.
            return
        waiting = transport.get_write_buffer_size()
        if below is not transport and below._transport:  # noqa: SLF001 - it is not told
            waiting += below._transport.get_write_buffer_size()  # noqa: SLF001 - as above
        with contextlib.suppress(OSError):
            waiting += struct.unpack("i", fcntl.ioctl(self._carrier.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
            self.arrived = max(self.arrived, self._written - waiting)


class Server:
    def __init__(self, manner: Manner, faults: dict[str, str]) -> None:
        self.manner = manner
        self.faults = faults
        """Faults of single host names, as the client names them."""
        self.tls_port = 0
        self.public = ""
        """What the list of speedtest.net servers names."""
        self.complete_s = 10
        """How long a direction of speedtest.net's complete test takes."""
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._askers: Counter[str] = Counter()
        self._small = 0
        self._took = 0
        self._streams: list[Counted] = []
        self._looking: asyncio.Task[None] | None = None

    async def look(self) -> None:
        """See again and again how much has arrived."""
        while True:
            for stream in self._streams:
                stream.look()
            await asyncio.sleep(LOOK_S)

    def counted(self) -> dict[str, int]:
        for stream in self._streams:
            stream.look()
        return {"took": self._took, "gave": sum(stream.arrived for stream in self._streams)}

    async def serve(self, reader: asyncio.StreamReader, plain: asyncio.StreamWriter) -> None:
        writer = cast("asyncio.StreamWriter", Counted(plain))
        self._streams.append(cast("Counted", writer))
        self._looking = self._looking or asyncio.create_task(self.look())
        writer.transport.set_write_buffer_limits(high=BACKLOG_BYTES)
        with contextlib.suppress(OSError, EOFError, Closed, asyncio.LimitOverrunError):
            while True:
                await self._answer(await self._read_head(reader), reader, writer)
        with contextlib.suppress(OSError):
            writer.close()

    async def _read_head(self, reader: asyncio.StreamReader) -> Request:
        said = await reader.readuntil(b"\r\n\r\n")
        self._took += len(said)
        head = said.decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        if method == "CONNECT":
            return Request(method, target, {}, headers, self.manner, "")
        parts = urlsplit(target)
        path, key = parts.path, ""
        name = (parts.hostname or headers.get("host", "")).partition(":")[0]
        manner = replace(self.manner, fault=self.faults.get(name, self.manner.fault))
        if chosen := re.match(r"/with/([^/]*)(/?.*)", path):
            key, path = chosen.groups()
            manner = manner.changed(key)
        return Request(method, path or "/", parse_qs(parts.query), headers, manner, key)

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        fault = request.manner.fault
        if fault == "silent":
            await reader.read()
            raise Closed
        if fault.isdigit():
            await _reply(writer, int(fault), b"<html>no</html>", "text/html")
            raise Closed
        if fault == "portal-redirect":
            await _reply(writer, 302, b"", extra="Location: http://portal.invalid/login\r\n")
            raise Closed
        if fault == "portal-page":
            await _reply(writer, 200, PORTAL_PAGE, "text/html")
            raise Closed
        if fault == "login":
            await _reply(writer, 407, b"", extra="Proxy-Authenticate: Basic realm=lab\r\n")
            raise Closed
        if request.method == "CONNECT":
            await self._tunnel(reader, writer)
        elif request.method == "POST":
            await self._swallow(request, reader, writer)
        else:
            await self._give(request, writer)

    async def _give(self, request: Request, writer: asyncio.StreamWriter) -> None:
        path, speaks = request.path, request.manner.speaks
        fault, _, right = request.manner.fault.partition(":")
        if fault in {"flood", "drip"} and 0 < request.number("bytes") < PIECE:
            self._small += 1
            if self._small > int(right):
                await _pester(fault, writer)
        if path.endswith("/__down") and speaks in (None, "cloudflare"):
            await self._blob(request, writer, request.number("bytes"))
        elif path.endswith("/garbage.php") and speaks in (None, "librespeed"):
            await self._blob(request, writer, request.number("ckSize", 4) << 20)
        elif path.endswith("/empty.php") and speaks in (None, "librespeed"):
            await _empty(writer, request.manner.empty)
        elif "bytes" in request.query and speaks == "plain":
            await self._blob(request, writer, request.number("bytes"))
        elif picture := re.search(r"/random(\d+)x\d+\.jpg$", path):
            await self._blob(request, writer, PICTURE_BYTES.get(int(picture[1]), 245_388))
        else:
            await self._page(path, writer)

    async def _page(self, path: str, writer: asyncio.StreamWriter) -> None:
        pages = {
            "latency.txt": (200, b"test=test\n", "text/plain"),
            "speedtest-config.php": (
                200,
                CONFIGURATION.format(seconds=self.complete_s).encode(),
                "text/xml",
            ),
            "speedtest-servers-static.php": (200, SERVERS.format(host=self.public).encode(), "text/xml"),
            "generate_204": (204, b"", ""),
            "": (200, b"", "text/plain"),
        }
        await _reply(
            writer, *pages.get(path.rpartition("/")[2], (404, b"<html>not here</html>", "text/html"))
        )

    async def _blob(self, request: Request, writer: asyncio.StreamWriter, count: int) -> None:
        if request.manner.crowded is not None and count > PIECE:
            self._askers[request.key] += 1
            if self._askers[request.key] % 2 == 0:
                await asyncio.sleep(request.manner.crowded)
                await _reply(writer, 429, b"<html>no</html>", "text/html")
                raise Closed
        html = request.manner.typed == "html"
        writer.write(_head(200, count, "text/html; charset=UTF-8" if html else "application/octet-stream"))
        bucket = self._bucket(request, "down")
        end = _fault_at(request)
        # Small where the rate is made here, so that it is even; else as large as a TLS record.
        step = PIECE if bucket or end is not None else 2 * PIECE
        for sent in range(0, count, step):
            if end is not None and sent >= end and count > step:
                await _break(request.manner.fault, writer)
            piece = min(step, count - sent)
            at = sent % len(NOISE)
            if writer.transport.is_closing():
                raise Closed
            writer.write(NOISE[at : at + piece])
            await writer.drain()
            # A TLS stream whose peer is gone says so only once the loop had a turn.
            await asyncio.sleep(0)
            if bucket:
                await bucket.take(piece)

    async def _swallow(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        count = int(request.headers.get("content-length", "0"))
        bucket = self._bucket(request, "up")
        end = _fault_at(request)
        got = 0
        while got < count:
            piece = await reader.read(min(PIECE, count - got))
            if not piece:
                raise Closed
            got += len(piece)
            self._took += len(piece)
            if end is not None and got >= end:
                await _break(request.manner.fault, writer)
            if bucket:
                await bucket.take(len(piece))
        await _reply(writer, 200, f"size={count}".encode(), "text/html")

    def _bucket(self, request: Request, direction: str) -> Bucket | None:
        if request.manner.rate is None:
            return None
        return self._buckets.setdefault((request.key, direction), Bucket(request.manner.rate))

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(LOOPBACK, self.tls_port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
        raise Closed


async def _empty(writer: asyncio.StreamWriter, how: str) -> None:
    if how == "gzip":
        await _reply(writer, 200, gzip.compress(b""), "text/html", "Content-Encoding: gzip\r\n")
    elif how == "closed":
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n")
        await writer.drain()
        raise Closed
    else:
        await _reply(writer, 200, b"", "text/html; charset=UTF-8")


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while (piece := await reader.read(PIECE)) and not writer.transport.is_closing():
            writer.write(piece)
            await writer.drain()
    writer.close()


async def _pester(fault: str, writer: asyncio.StreamWriter) -> None:
    """Answer without end."""
    writer.write(_head(200, 10**12, "application/octet-stream"))
    while not writer.transport.is_closing():
        writer.write(b"x" if fault == "drip" else NOISE[:PIECE])
        await writer.drain()
        # Whoever hangs up does so at once.
        cast("Counted", writer).look()
        await asyncio.sleep(DRIP_S if fault == "drip" else 0)
    raise Closed


def _fault_at(request: Request) -> int | None:
    name, _, count = request.manner.fault.partition(":")
    return int(count) if name in ("stall", "reset", "short") else None


async def _break(fault: str, writer: asyncio.StreamWriter) -> None:
    name = fault.partition(":")[0]
    if name == "stall":
        await asyncio.sleep(3600)
    if name == "reset":
        carrier = writer.get_extra_info("socket")
        carrier.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    raise Closed


def _head(status: int, length: int, kind: str, extra: str = "") -> bytes:
    body = f"Content-Type: {kind}\r\nContent-Length: {length}\r\n" if status != 204 else ""
    return f"HTTP/1.1 {status} -\r\n{body}{extra}Cache-Control: no-store\r\n\r\n".encode()


async def _reply(
    writer: asyncio.StreamWriter, status: int, body: bytes, kind: str = "text/plain", extra: str = ""
) -> None:
    writer.write(_head(status, len(body), kind, extra) + body)
    await writer.drain()


class Stun(asyncio.DatagramProtocol):
    """Answers Binding requests with the address they came from (RFC 8489, XOR-MAPPED-ADDRESS)."""

    transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) < 20 or data[:2] != b"\x00\x01" or data[4:8] != MAGIC_COOKIE:
            return
        family, packed = (
            (2, socket.inet_pton(socket.AF_INET6, addr[0]))
            if ":" in addr[0]
            else (1, socket.inet_aton(addr[0]))
        )
        mask = MAGIC_COOKIE + data[8:20]
        value = struct.pack("!BBH", 0, family, addr[1] ^ 0x2112)
        value += bytes(a ^ b for a, b in zip(packed, mask, strict=False))
        attribute = struct.pack("!HH", 0x0020, len(value)) + value
        answer = struct.pack("!HH", 0x0101, len(attribute)) + data[4:20] + attribute
        self.transport.sendto(answer, addr)


def certificates(folder: Path) -> ssl.SSLContext:
    """Return a context that shows each client the certificate made for the name it asks for."""

    def context(name: str) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(folder / f"{name}.pem")
        return made

    contexts = {path.stem: context(path.stem) for path in folder.glob("*.pem")}

    def choose(carrier: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        carrier.context = contexts.get(name or "", contexts["default"])

    contexts["default"].sni_callback = choose
    return contexts["default"]


def listen(host: str, port: int, queue: int | None) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    if queue:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, queue)
    listener.bind((host, port))
    listener.listen(64)
    return listener


async def run(options: argparse.Namespace) -> None:
    faults = dict(each.split("=", 1) for each in options.fault_of)
    manner = Manner(rate=options.rate, speaks=options.speaks, fault=options.fault)
    server = Server(manner, faults)
    loop = asyncio.get_running_loop()
    ports: dict[str, int] = {}
    plain = listen(options.host, options.http, options.queue)
    await asyncio.start_server(server.serve, sock=plain, limit=PIECE * 2)
    ports["http"] = plain.getsockname()[1]
    server.complete_s = options.complete
    server.public = options.public or f"{options.host}:{ports['http']}"
    if options.certificates:
        secure = listen(options.host, options.https, options.queue)
        await asyncio.start_server(
            server.serve, sock=secure, limit=PIECE * 2, ssl=certificates(options.certificates)
        )
        ports["https"] = server.tls_port = secure.getsockname()[1]
    if options.stun is not None:
        transport, _ = await loop.create_datagram_endpoint(Stun, local_addr=(options.host, options.stun))
        ports["stun"] = transport.get_extra_info("sockname")[1]
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    sys.stdout.write(json.dumps(server.counted()) + "\n")
    sys.stdout.flush()
    # Whatever connections still hang need no farewell.
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--http", type=int, default=0, help="port, 0: any free one")
    parser.add_argument("--https", type=int, default=0)
    parser.add_argument("--stun", type=int, help="UDP port, 0: any free one")
    parser.add_argument("--certificates", type=Path)
    parser.add_argument("--public", help="HOST[:PORT] that the list of speedtest.net servers names")
    parser.add_argument(
        "--complete", type=int, default=10, help="seconds of a direction of speedtest.net's complete test"
    )
    parser.add_argument(
        "--queue", type=int, help="receive buffer in bytes: small, a paced upload is felt at once"
    )
    parser.add_argument("--rate", type=float, help="Mbit/s each way")
    parser.add_argument("--speaks", choices=("cloudflare", "librespeed", "plain"))
    parser.add_argument("--fault", default="")
    parser.add_argument("--fault-of", action="append", default=[], metavar="HOST=FAULT")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
