"""What hosts, proxies and STUN servers on the way may do costs neither data nor time nor the truth."""

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from urllib.parse import parse_qs, urlsplit

import pytest
import servers
from worker_protocol import Silent

from preflight import policy, runner
from preflight.model import Finding, Job, Kind, Outcome, Trouble
from preflight.sources.network import stun
from preflight.sources.network.line import Line

Pieces = Iterator[bytes]
PIECE = bytes(1 << 14)
DRIP_S = 0.3
AWAY = "http://127.0.0.1:9/"


def answer(body: bytes | Pieces, *, length: int | None = None) -> Pieces:
    """Yield a right answer with this body."""
    known = length if length is not None or not isinstance(body, bytes) else len(body)
    kind = "Content-Type: application/octet-stream\r\n"
    yield f"HTTP/1.1 200 OK\r\n{kind}Content-Length: {known}\r\n\r\n".encode()
    yield from (body,) if isinstance(body, bytes) else body


class Host:
    """A host of one's own making on loopback; what it gave and took is counted."""

    def __init__(self, behave: Callable[[str, int], Pieces]) -> None:
        """`behave` is asked for each answer by the target and the number of the question, from 0."""
        self.asked: list[str] = []
        self.gave = self.took = 0
        self._behave = behave
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 15)
        with caller, caller.makefile("rb") as come:
            try:
                while first := come.readline():
                    head = [first, *iter(come.readline, b"\r\n")]
                    length = next(
                        (int(line[15:]) for line in head if line.lower()[:15] == b"content-length:"), 0
                    )
                    self._swallow(come, length)
                    target = first.split()[1].decode()
                    self.asked.append(target)
                    for piece in self._behave(target, len(self.asked) - 1):
                        caller.sendall(piece)
                        self.gave += len(piece)
            except OSError:
                return

    def _swallow(self, come: BufferedReader, length: int) -> None:
        while length and (piece := come.read(min(length, len(PIECE)))):
            length -= len(piece)
            self.took += len(piece)

    def close(self) -> None:
        self._listening.close()


@contextmanager
def host(behave: Callable[[str, int], Pieces]) -> Iterator[Host]:
    made = Host(behave)
    try:
        yield made
    finally:
        made.close()


def honest(target: str, _: int) -> Pieces:
    """Behave as a test host does that speaks Cloudflare's convention."""
    wanted = int(parse_qs(urlsplit(target).query).get("bytes", ["2"])[0])
    whole, rest = divmod(wanted, len(PIECE))
    return answer(itertools.chain(itertools.repeat(PIECE, whole), [bytes(rest)]), length=wanted)


def endless(_: str, __: int) -> Pieces:
    return answer(itertools.repeat(PIECE), length=10**12)


def dripping(_: str, __: int) -> Pieces:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        time.sleep(DRIP_S)
        yield b"x"


def run(place: str, *checks: str, **parameters: object) -> Mapping[str, Outcome]:
    """Return what a worker makes of a host, as a run of the program does."""
    ours: dict[str, object] = {"stun": ["127.0.0.1:9"], "portal": AWAY, "cabinet": AWAY, "zoom": AWAY}
    job = Job(
        source="network",
        target=f"http://{place}",
        checks=tuple(f"network.{check}" for check in checks),
        parameters={**policy.load().parameters["network"], **ours, "rehearsal_s": 1.0, **parameters},
        bounds={"network.download.rate": 8.0, "network.upload.rate": 8.0},
    )
    return runner.run([job], Silent()).outcomes


def megabytes(outcomes: Mapping[str, Outcome]) -> float:
    """Return what was told to have been used, in the facts or, where there are none, in the detail."""
    total = 0.0
    for outcome in outcomes.values():
        if isinstance(outcome, Finding):
            total += float(str(outcome.facts["used"].value))
        elif isinstance(outcome, Trouble):
            total += float(outcome.detail.rpartition("; ")[2].removesuffix(" MB used"))
    return total


@pytest.fixture(autouse=True)
def directly(monkeypatch: pytest.MonkeyPatch) -> None:
    servers.remove_proxies(monkeypatch)


def test_a_host_that_turns_bad_after_right_answers_costs_nothing_more() -> None:
    def turning(target: str, number: int) -> Pieces:
        small = target.endswith("bytes=1000")
        return endless(target, number) if small and number > 2 else honest(target, number)

    with host(turning) as bad:
        outcomes = run(bad.place, "download", "stability")
    # What was carried, and what waits in the buffers of some thirty questions of a tenth of a second.
    assert (bad.gave + bad.took) / 1e6 < 12
    assert megabytes(outcomes) == pytest.approx((bad.gave + bad.took) / 1e6, rel=0.15)


@pytest.mark.parametrize("total", [1.0, 2.0])
def test_all_exchanges_together_keep_to_what_a_run_may_use(total: float) -> None:
    with host(honest) as good:
        outcomes = run(good.place, "download", "upload", "stability", total_mb=total)
    assert (good.gave + good.took) / 1e6 < total + 0.7
    assert total <= megabytes(outcomes) < total + 0.7


def test_what_is_told_is_what_passed() -> None:
    with host(honest) as good:
        outcomes = run(good.place, "download", "upload", "stability")
    # What the host wrote into its sockets and the client threw away there is no byte that passed.
    assert megabytes(outcomes) == pytest.approx((good.gave + good.took) / 1e6, rel=0.05)


def heads(line: bytes) -> Callable[[str, int], Pieces]:
    return lambda _, __: itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(line * 100))


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(endless, id="a body"),
        pytest.param(heads(b"X-More: 1\r\n"), id="a head"),
        pytest.param(heads(bytes([65]) * 100), id="a line"),
        pytest.param(lambda _, __: itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100), id="patience"),
        pytest.param(
            lambda _, __: itertools.chain(
                [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
                itertools.repeat(b"1\r\n.\r\n" * 999),
            ),
            id="chunks",
        ),
    ],
)
def test_an_answer_without_end_is_left(behave: Callable[[str, int], Pieces]) -> None:
    with host(behave) as bad:
        started = time.monotonic()
        outcomes = run(bad.place, "download", total_mb=3.0)
        seconds = time.monotonic() - started
    assert isinstance(outcomes["network.download"], Trouble)
    assert bad.gave / 1e6 < 3.0 + 0.7
    assert seconds < 15


def test_a_proxy_whose_head_has_no_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    with host(heads(b"X-More: 1\r\n")) as bad:
        monkeypatch.setenv("https_proxy", f"http://{bad.place}")
        outcomes = run(
            "127.0.0.1:9", "reach", cabinet="https://a.invalid/", zoom="https://b.invalid/", total_mb=2.0
        )
    assert isinstance(outcomes["network.reach"], Finding)
    assert bad.gave / 1e6 < 2.0 + 0.7


@pytest.mark.parametrize("size", [b"-5", b"-1", b"0x5", b"1_0", b"g", b"", b"f" * 400])
def test_a_chunk_of_no_size_is_no_mistake_of_ours(size: bytes) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\nabc\r\n"
    with host(lambda _, __: iter([chunked])) as bad:
        outcome = run(bad.place, "download")["network.download"]
    assert isinstance(outcome, Trouble)
    assert outcome.kind is not Kind.BUG


def test_an_upload_whose_receipt_is_a_chunk_of_no_size_is_no_mistake_of_ours() -> None:
    def receipts(target: str, number: int) -> Pieces:
        bad = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n"
        return iter([bad]) if target.endswith("__up") else honest(target, number)

    with host(receipts) as bad:
        outcome = run(bad.place, "upload")["network.upload"]
    assert not (isinstance(outcome, Trouble) and outcome.kind is Kind.BUG)


def test_a_cabinet_that_drips_costs_its_own_answer_only() -> None:
    with host(dripping) as slow, host(honest) as good:
        started = time.monotonic()
        outcomes = run(good.place, "reach", "download", cabinet=f"http://{slow.place}/")
        seconds = time.monotonic() - started
    assert isinstance(outcomes["network.download"], Finding)
    assert isinstance(outcomes["network.reach"], Finding)
    assert seconds < 15


@pytest.mark.parametrize("where", ["host", "portal"])
def test_a_host_that_drips_is_given_up(where: str) -> None:
    with host(dripping) as slow, host(honest) as good:
        started = time.monotonic()
        page = f"http://{slow.place}/" if where == "portal" else AWAY
        outcomes = run(slow.place if where == "host" else good.place, "reach", "download", portal=page)
        seconds = time.monotonic() - started
    assert isinstance(outcomes["network.reach"], Finding)
    said = outcomes["network.download"]
    assert isinstance(said, Trouble if where == "host" else Finding)
    assert not (isinstance(said, Trouble) and said.kind is Kind.TIMEOUT)
    assert seconds < 20


def test_questions_that_drip_beside_the_rehearsal_end_with_it() -> None:
    def turning(target: str, number: int) -> Pieces:
        small = target.endswith("bytes=1000")
        return dripping(target, number) if small and number > 2 else honest(target, number)

    with host(turning) as slow:
        started = time.monotonic()
        outcomes = run(slow.place, "stability")
        seconds = time.monotonic() - started
    said = outcomes["network.stability"]
    assert not (isinstance(said, Trouble) and said.kind is Kind.TIMEOUT), said
    assert seconds < 20


def test_a_stun_answer_from_another_port_is_none() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        asked.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        asked.settimeout(3)

        def reply() -> None:
            question, caller = asked.recvfrom(2048)
            other.sendto(b"\x01\x01" + question[2:], caller)

        threading.Thread(target=reply, daemon=True).start()
        port = asked.getsockname()[1]
        assert stun.find([f"127.0.0.1:{port}"], Line()) is None
