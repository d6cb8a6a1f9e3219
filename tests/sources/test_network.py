"""The line test over loopback against the lab's server: conventions, rates, faults, what is left behind."""

import base64
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import lines
import pytest
import trustme

from preflight import captures, policy
from preflight.captures import Download, Reach, Rehearsal, Upload
from preflight.checks import download, reach, stability, upload
from preflight.errors import Unmeasured
from preflight.model import Broken, Finding, Job, Kind
from preflight.sources import network
from preflight.sources.network import line, providers, stun


def _local_name() -> bool:
    try:
        return bool(socket.getaddrinfo("localhost", 80))
    except OSError:
        return False


needs_localhost = pytest.mark.skipif(not _local_name(), reason="this system does not know localhost")

SERVER = Path(__file__).parents[1] / "lab" / "network" / "server.py"
CHECKS: Mapping[type, Any] = {Download: download, Upload: upload, Rehearsal: stability, Reach: reach}


class Listener:
    """A link that remembers what it was told."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.levels: list[tuple[str, float]] = []

    def device(self, name: str) -> None: ...
    def phase(self, name: str, seconds: float | None = None) -> None:  # noqa: ARG002 - the form of a link
        self.phases.append(name)

    def level(self, name: str, value: float) -> None:
        self.levels.append((name, value))

    def preview(self, pixels: bytes, width: int, height: int) -> None: ...
    def now(self, capture: object, checks: object) -> None: ...
    def ask(self, prompt: str) -> str:  # noqa: ARG002 - the form of a link
        return "skip"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """Serve on loopback with a certificate of an authority that this process trusts; yields the ports."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        folder / "default.pem"
    )
    authority.cert_pem.write_to_path(folder / "authority.crt")
    options = ["--stun", "0", "--queue", "32768", "--certificates", str(folder)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(folder / "authority.crt"))
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            patch.delenv(name)
        with subprocess.Popen(
            [sys.executable, str(SERVER), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
            process.stdin.close()


def job(served: Mapping[str, int], manner: str, *checks: str, **parameters: object) -> Job:
    """Return a job against the server that behaves as `manner` says; see server.py."""
    tls = f"https://localhost:{served['https']}/"
    ours: dict[str, object] = {
        "stun": [f"127.0.0.1:{served['stun']}"],
        "portal": f"http://127.0.0.1:{served['http']}/generate_204",
        "cabinet": tls,
        "zoom": tls,
        "rehearsal_s": 1.0,
    }
    return Job(
        source="network",
        target=f"http://127.0.0.1:{served['http']}{manner}",
        checks=tuple(f"network.{check}" for check in checks),
        parameters={**policy.load().parameters["network"], **ours, **parameters},
        bounds={"network.download.rate": 8.0, "network.upload.rate": 8.0},
    )


def trouble(capture: object) -> Kind:
    """Return the kind of trouble a capture comes to."""
    if isinstance(capture, Broken):
        return capture.trouble.kind
    with pytest.raises(Unmeasured) as told:
        CHECKS[type(capture)].analyse(capture, {})
    return told.value.trouble.kind


def finding(capture: object) -> Finding:
    """Return what a capture comes to; a busy host is no answer, and said so."""
    assert not isinstance(capture, Broken), capture
    try:
        found = CHECKS[type(capture)].analyse(capture, {})
    except Unmeasured as told:
        if told.trouble.kind is Kind.STARVED:
            pytest.skip("the host was too busy to measure")
        raise
    assert isinstance(found, Finding)
    return found


@pytest.mark.parametrize(
    ("manner", "check"),
    [
        pytest.param("", "download", id="cloudflare, download"),
        pytest.param("", "upload", id="cloudflare, upload"),
        pytest.param("/with/speaks=librespeed", "download", id="librespeed, download"),
        pytest.param("/with/speaks=librespeed", "upload", id="librespeed, upload"),
        pytest.param("/with/speaks=plain", "download", id="plain, download"),
    ],
)
def test_a_fast_host_is_found_and_measured_in_each_convention(
    served: dict[str, int], manner: str, check: str
) -> None:
    for capture in network.capture(job(served, manner, check), Listener()):
        assert isinstance(capture, Download if check == "download" else Upload)
        rate = finding(capture).facts["rate"]
        assert (rate.value, rate.low, rate.high) == (24.0, 24.0, None)
        assert capture.used < 9_500_000
        assert capture.provider == "own"


def test_a_slow_host_is_slow_both_ways(served: dict[str, int]) -> None:
    listener = Listener()
    for capture in network.capture(job(served, "/with/rate=2", "download", "upload"), listener):
        rate = finding(capture).facts["rate"]
        assert rate.high is not None
        assert rate.high < 8.0
        assert isinstance(capture, Download | Upload)
        assert capture.seconds < 5.0
    assert listener.phases == ["download", "upload"]
    assert {name for name, _ in listener.levels} == {"download", "upload"}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("403", Kind.REFUSED),
        ("429", Kind.REFUSED),
        ("503", Kind.REFUSED),
        ("portal-redirect", Kind.PORTAL),
        ("portal-page", Kind.PORTAL),
        ("login", Kind.PROXY_LOGIN),
        ("reset:100000", Kind.INTERRUPTED),
        ("short:100000", Kind.INTERRUPTED),
        ("stall:300000", Kind.INTERRUPTED),
    ],
)
def test_a_fault_is_named_and_is_never_a_slow_line(served: dict[str, int], fault: str, kind: Kind) -> None:
    checks = ("download",) if fault.startswith("stall") else ("download", "upload")
    found = list(network.capture(job(served, f"/with/fault={fault}", *checks), Listener()))
    assert [trouble(capture) for capture in found] == [kind] * len(checks)


def test_a_portal_before_everything_is_named_wherever_it_stands(served: dict[str, int]) -> None:
    page = f"http://127.0.0.1:{served['http']}/with/fault=portal-page/generate_204"
    asked = replace(job(served, "", "download", "reach", portal=page), target="https://127.0.0.1:9/")
    found = list(network.capture(asked, Listener()))
    assert [trouble(capture) for capture in found[1:]] == [Kind.PORTAL]
    assert isinstance(found[0], Reach)
    assert found[0].portal is True


@needs_localhost
def test_an_untrusted_certificate_is_inspection(
    served: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.crt"
    trustme.CA().cert_pem.write_to_path(stranger)
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger))
    asked = replace(job(served, "", "download", "reach"), target=f"https://localhost:{served['https']}")
    surveyed, measured = network.capture(asked, Listener())
    assert trouble(measured) is Kind.INSPECTED
    facts = finding(surveyed).facts
    assert (facts["cabinet"].value, facts["cause"].value) == (False, "inspected")


def test_the_rehearsal_times_stun_beside_its_load(served: dict[str, int]) -> None:
    (capture,) = network.capture(job(served, "", "stability"), Listener())
    facts = finding(capture).facts
    assert facts["method"].value == "stun"
    assert facts["loss"].value == 0.0
    assert isinstance(capture, Rehearsal)
    assert len(capture.probes) == 50
    for direction in ("down", "up"):
        value = facts[direction].value
        assert isinstance(value, float)
        assert 3.0 < value < 4.5


def test_without_stun_the_rehearsal_says_that_it_used_https(served: dict[str, int]) -> None:
    (capture,) = network.capture(job(served, "", "stability", stun=["127.0.0.1:9"]), Listener())
    facts = finding(capture).facts
    assert facts["method"].value == "https"
    assert facts["loss"].value is None


@needs_localhost
def test_tls_reach_and_udp(served: dict[str, int]) -> None:
    (capture,) = network.capture(job(served, "", "reach"), Listener())
    facts = {name: fact.value for name, fact in finding(capture).facts.items()}
    assert (facts["cabinet"], facts["zoom"], facts["udp"]) == (True, True, True)


def test_no_thread_and_no_socket_is_left(served: dict[str, int]) -> None:
    list(network.capture(job(served, "", "reach"), Listener()))
    threads, handles = threading.active_count(), open_handles()
    list(network.capture(job(served, "/with/fault=reset:100000", "download", "upload", "reach"), Listener()))
    assert threading.active_count() == threads
    assert open_handles() == handles


def open_handles() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


@needs_localhost
def test_a_proxy_from_the_environment_is_gone_through(
    served: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{served['http']}")
    asked = replace(job(served, "", "download"), target="https://localhost:9")
    (capture,) = network.capture(asked, Listener())
    assert finding(capture).facts["rate"].low == 24.0
    monkeypatch.setenv("no_proxy", "localhost")
    (capture,) = network.capture(asked, Listener())
    assert trouble(capture) in (Kind.UNREACHABLE, Kind.NO_NETWORK)


def test_a_dead_first_address_costs_a_quarter_of_a_second(served: dict[str, int]) -> None:
    import socket  # noqa: PLC0415 - only here
    import time  # noqa: PLC0415

    with socket.socket() as silent:
        # A listener whose queue is full answers no further SYN.
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        with socket.create_connection(silent.getsockname()):
            dead = (socket.AF_INET, silent.getsockname())
            started = time.monotonic()
            with line.connect([dead, (socket.AF_INET, ("127.0.0.1", served["http"]))]) as reached:
                assert reached.getpeername()[1] == served["http"]
    assert time.monotonic() - started < 1.0


def test_a_stun_answer_counts_only_for_its_question() -> None:
    transaction = bytes(range(12))
    asked = stun.request(transaction)
    answer = b"\x01\x01" + asked[2:]
    assert len(asked) == 20
    assert stun.answered(answer) == transaction
    assert stun.answered(asked) is None
    assert stun.answered(answer[:19]) is None
    assert stun.answered(answer + b"more") is None
    assert stun.answered(b"\x01\x01\x00\x00\x00\x00\x00\x00" + transaction) is None


def test_a_recording_replays_as_it_was(served: dict[str, int], tmp_path: Path) -> None:
    seen = [lines.transfer(Download, 20.0), lines.transfer(Upload, 5.0), lines.rehearsal(), lines.reach()]
    file = tmp_path / "network.json"
    file.write_text(json.dumps(captures.dump("network", seen)))
    again = list(network.capture(replace(job(served, "", "download"), target=str(file)), Listener()))
    assert captures.dump("network", again) == captures.dump("network", seen)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("[" * 100000, id="nested"),
        pytest.param("{}", id="no source"),
        pytest.param('{"source": "power", "version": 1, "captures": {}}', id="of another source"),
        pytest.param('{"source": "network", "version": 1, "captures": {}}', id="nothing in it"),
        pytest.param('{"source": "network", "version": 1, "captures": {"reach": {}}}', id="fields missing"),
        pytest.param('{"source": "network", "version": 1, "captures": {"speed": {}}}', id="unknown capture"),
    ],
)
def test_what_is_no_recording_is_bad_input(served: dict[str, int], tmp_path: Path, content: str) -> None:
    file = tmp_path / "network.json"
    file.write_text(content)
    with pytest.raises(Unmeasured) as told:
        list(network.capture(replace(job(served, "", "download"), target=str(file)), Listener()))
    assert told.value.trouble.kind is Kind.BAD_INPUT


class Answering:
    """A server on loopback that gives every caller the same bytes, hangs up, and remembers what was asked."""

    def __init__(self, answer: bytes) -> None:
        # Who hangs up says so: else the next question may go into a connection that is just closed.
        self._answer = answer.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        self.asked: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            with caller:
                self.asked.append(caller.recv(65536))
                caller.sendall(self._answer)

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def through_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answering]:
    """Let the environment name a proxy that wants a login."""
    server = Answering(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"anna:s%40crt@{server.place}")
    monkeypatch.setenv("no_proxy", "10.0.0.1")
    yield server
    server.close()


@pytest.mark.parametrize(
    "url", ["https://zoom.example.invalid/", "http://speed.example.invalid/__down?bytes=1000"]
)
def test_a_proxy_that_wants_a_login_is_told(url: str, through_proxy: Answering) -> None:
    session = line.Session(line.Names())
    assert session.via_proxy(url)
    with pytest.raises(Unmeasured) as broken:
        providers.read(session, url)
    session.close()
    assert broken.value.trouble.kind is Kind.PROXY_LOGIN
    login = base64.b64encode(b"anna:s@crt")
    assert b"proxy-authorization: basic " + login.lower() in through_proxy.asked[0].lower()


@pytest.mark.usefixtures("through_proxy")
def test_what_the_proxy_is_not_for_goes_past_it() -> None:
    assert line.proxy("http://10.0.0.1/") is None
    assert line.proxy("https://zoom.example.invalid/") == f"http://{os.environ['https_proxy']}"


def test_a_name_that_is_none_cannot_be_found() -> None:
    with pytest.raises(Unmeasured) as broken:
        line.Names().addresses(f"{'a' * 64}.example", 443)
    assert broken.value.trouble.kind in {Kind.NO_NAMES, Kind.NO_NETWORK}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789", Kind.REFUSED, id="too short"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n12", Kind.REFUSED, id="cut off"),
        pytest.param(b"HTTP/1.1 302 x\r\nLocation: http://login.invalid/\r\n\r\n", Kind.PORTAL, id="sent on"),
        pytest.param(b"HTTP/1.1 302 x\r\nLocation: http://[::1\r\n\r\n", Kind.PORTAL, id="sent nowhere"),
        pytest.param(b"HTTP/1.1 511 x\r\nContent-Length: 0\r\n\r\n", Kind.PORTAL, id="sign in first"),
        pytest.param(b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", Kind.REFUSED, id="overloaded"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2p1\r\n", Kind.UNREACHABLE, id="no web server"),
        pytest.param(b"", Kind.INTERRUPTED, id="hangs up"),
    ],
)
def test_why_a_server_is_of_no_use(answer: bytes, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    server = Answering(answer)
    session = line.Session(line.Names())
    with pytest.raises(Unmeasured) as broken:
        providers.own(f"http://{server.place}")(session)
    session.close()
    server.close()
    assert broken.value.trouble.kind is kind


def test_a_session_that_was_cut_connects_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    server = Answering(b"")
    session = line.Session(line.Names())
    session.cut()
    with pytest.raises(Unmeasured) as broken:
        session.request("GET", f"http://{server.place}/")
    server.close()
    assert broken.value.trouble.kind is Kind.INTERRUPTED
