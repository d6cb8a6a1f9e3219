"""A server on loopback that is no good one, and the way to it."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class FixedAnswerServer:
    """Gives every caller the same bytes and remembers what was asked.

    It hangs up at once, or, where it is `lingering`, when it is asked again on the same connection.
    """

    def __init__(self, answer: bytes, *, lingering: bool) -> None:
        self.answer = answer
        self.asked: list[bytes] = []
        self._lingering = lingering
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.url = f"http://{self.place}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            with caller:
                caller.settimeout(1.0)
                try:
                    self.asked.append(caller.recv(65536))
                    caller.sendall(self.answer)
                    if self._lingering:
                        caller.recv(65536)
                except OSError:
                    continue

    def close(self) -> None:
        self._listening.close()


@contextmanager
def serve_answer(answer: bytes = b"", *, lingering: bool = False) -> Iterator[FixedAnswerServer]:
    """Serve these bytes to every caller."""
    server = FixedAnswerServer(answer, lingering=lingering)
    try:
        yield server
    finally:
        server.close()


def remove_proxies(patch: pytest.MonkeyPatch) -> None:
    """Let no proxy of the environment stand between."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        patch.delenv(name)


@contextmanager
def relay_with_gap(port: int, *, after_s: float, silent_s: float) -> Iterator[int]:
    """Relay datagrams to a port of this computer, but for some seconds; yields the relay's own port.

    The silence begins `after_s` after the first datagram.
    """
    relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    relay.bind(("127.0.0.1", 0))
    relay.settimeout(0.05)
    ended = threading.Event()

    def serve() -> None:
        begun, last = 0.0, None
        while not ended.is_set():
            try:
                datagram, sender = relay.recvfrom(2048)
            except OSError:
                continue
            begun = begun or time.monotonic()
            if 0 <= time.monotonic() - begun - after_s < silent_s:
                continue
            if sender[1] == port:
                relay.sendto(datagram, last or sender)
            else:
                last = sender
                relay.sendto(datagram, ("127.0.0.1", port))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield relay.getsockname()[1]
    finally:
        ended.set()
        thread.join()
        relay.close()
