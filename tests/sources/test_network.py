"""The line test over loopback against the lab's server: conventions, rates, faults, what is left behind.

Longer than 500 lines because all of it shares that server and what it is asked for.
"""

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import line_recordings
import pytest
import servers
import trustme
from worker_protocol import Silent

from preflight import platforms, policy, runner
from preflight.captures import Download, Endurance, Reach, Rehearsal, Upload
from preflight.checks import download, reach, stability, upload
from preflight.errors import MeasurementError
from preflight.measures import throughput
from preflight.model import FailedCapture, Finding, Job, Kind, Outcome, Trouble
from preflight.sources import network, recording
from preflight.sources.network import line, providers, rehearsal, stun, transfer
from preflight.sources.network.future import DaemonFuture
from preflight.sources.network.session import Session, find_proxy


def _local_name() -> bool:
    try:
        return bool(socket.getaddrinfo("localhost", 80))
    except OSError:
        return False


needs_localhost = pytest.mark.skipif(not _local_name(), reason="this system does not know localhost")

SERVER = Path(__file__).parents[1] / "lab" / "network" / "server.py"
BOUND = 8.0
"""Mbit/s."""
NONSENSE = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"
CHECKS: Mapping[type, Any] = {
    Download: download,
    Upload: upload,
    Rehearsal: stability,
    Endurance: stability,
    Reach: reach,
}


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
    def show_glimpse(self, capture: object, checks: object) -> None: ...
    def ask(self, prompt: str) -> str:  # noqa: ARG002 - the form of a link
        return "skip"


NAMES = ("localhost", "127.0.0.1", "speed.cloudflare.com", "www.speedtest.net")


@contextmanager
def serving(folder: Path, *more: str) -> Iterator[dict[str, int]]:
    """Serve on loopback with a certificate of an authority that this process trusts; yields the ports."""
    authority = trustme.CA()
    authority.issue_cert(*NAMES).private_key_and_cert_chain_pem.write_to_path(folder / "default.pem")
    authority.cert_pem.write_to_path(folder / "authority.crt")
    options = ["--stun", "0", "--queue", "32768", "--certificates", str(folder), *more]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(folder / "authority.crt"))
        servers.remove_proxies(patch)
        with subprocess.Popen(
            [sys.executable, str(SERVER), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
            process.stdin.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    with serving(tmp_path_factory.mktemp("certificates")) as ports:
        yield ports


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
        bounds={"network.download.rate": BOUND, "network.upload.rate": BOUND},
    )


def trouble(capture: object) -> Kind:
    """Return the kind of trouble a capture comes to."""
    if isinstance(capture, FailedCapture):
        return capture.trouble.kind
    with pytest.raises(MeasurementError) as told:
        CHECKS[type(capture)].analyse(capture, {})
    return told.value.trouble.kind


def finding(capture: object) -> Finding:
    """Return what a capture comes to; a busy host is no answer, and said so."""
    assert not isinstance(capture, FailedCapture), capture
    try:
        found = CHECKS[type(capture)].analyse(capture, {})
    except MeasurementError as told:
        if told.trouble.kind is Kind.STARVED:
            pytest.skip("the host was too busy to measure")
        raise
    assert isinstance(found, Finding)
    return found


def carried(found: Finding) -> bool:
    """Tell whether the bound is surely exceeded.

    By how much is this computer's: busy ones push 15 of the 24 Mbit/s through themselves.
    `tests/checks/test_line.py` holds what is told of 24.
    """
    low = found.facts["rate"].low
    return low is not None and low > BOUND


@pytest.mark.parametrize(
    ("manner", "check"),
    [
        pytest.param("", "download", id="cloudflare, download"),
        pytest.param("", "upload", id="cloudflare, upload"),
        pytest.param("/with/speaks=librespeed", "download", id="librespeed, download"),
        pytest.param("/with/speaks=librespeed", "upload", id="librespeed, upload"),
        pytest.param("/with/speaks=plain", "download", id="plain, download"),
        pytest.param("/with/speaks=librespeed;empty=gzip", "download", id="an empty page, compressed"),
        pytest.param("/with/speaks=librespeed;empty=closed", "upload", id="an empty page without a length"),
        pytest.param("/with/speaks=plain;typed=html", "download", id="data that calls itself HTML"),
    ],
)
def test_a_fast_host_is_found_and_measured_in_each_convention(
    served: dict[str, int], manner: str, check: str
) -> None:
    for capture in network.capture(job(served, manner, check), Listener()):
        assert isinstance(capture, Download if check == "download" else Upload)
        assert carried(finding(capture))
        assert capture.used < 9_500_000
        assert capture.provider == "own"


def test_a_slow_host_is_slow_both_ways(served: dict[str, int]) -> None:
    listener = Listener()
    for capture in network.capture(job(served, "/with/rate=2", "download", "upload"), listener):
        rate = finding(capture).facts["rate"]
        assert rate.high is not None
        assert rate.high < BOUND
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
        ("404", Kind.NO_SPEED_TEST),
        ("portal-redirect", Kind.NO_SPEED_TEST),
        ("portal-page", Kind.NO_SPEED_TEST),
        ("login", Kind.PROXY_LOGIN),
        ("reset:0", Kind.INTERRUPTED),
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


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("portal-redirect", Kind.PORTAL),
        ("portal-page", Kind.PORTAL),
        ("404", Kind.PORTAL),
        ("login", Kind.PROXY_LOGIN),
    ],
)
def test_a_page_is_a_portals_where_the_portal_question_meets_one_too(
    served: dict[str, int], fault: str, kind: Kind
) -> None:
    page = f"http://127.0.0.1:{served['http']}/with/fault=portal-page/generate_204"
    (capture,) = network.capture(job(served, f"/with/fault={fault}", "download", portal=page), Listener())
    assert trouble(capture) is kind


def test_a_wrong_address_of_the_banks_host_leaves_the_others_to_be_asked(
    served: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"http://127.0.0.1:{served['http']}"
    monkeypatch.setenv("https_proxy", place)
    wrong = replace(job(served, "", "download", host=f"{place}/with/fault=portal-page"), target=None)
    (capture,) = network.capture(wrong, Listener())
    assert isinstance(capture, Download)
    assert capture.provider == "cloudflare"


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


class Unwilling:
    """A speedtest-cli that meets a page in place of a server."""

    def get_best_server(self, servers: object) -> None:
        raise NameError(servers)


def test_a_complete_test_that_breaks_off_says_by_what() -> None:
    service = providers.Service(name="speedtest", down="", length=None, up="", ping="", round_trip=0.1)
    with pytest.raises(MeasurementError) as told:
        providers._run_complete_test(Unwilling(), service, "download")  # noqa: SLF001 - no server breaks it at will
    assert told.value.trouble.kind is Kind.INTERRUPTED
    assert told.value.trouble.detail == "speedtest-cli: NameError"


class Patient(Listener):
    """A person who stops a rehearsal after some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def ask(self, prompt: str) -> str:
        time.sleep(self._seconds)
        return prompt


@pytest.mark.parametrize(
    ("server", "method"),
    [
        pytest.param("answers", "stun", id="over UDP"),
        pytest.param("127.0.0.1:9", "https", id="over HTTPS where no server for calls answers"),
    ],
)
def test_a_whole_session_is_watched_until_somebody_stops_it(
    served: dict[str, int], server: str, method: str
) -> None:
    asked = {} if server == "answers" else {"stun": [server]}
    whole = replace(job(served, "", "stability", **asked), whole=True)
    (capture,) = network.capture(whole, Patient(4.0))
    assert isinstance(capture, Endurance)
    assert capture.method == method
    assert capture.asleep_s == 0
    # A second of load at the beginning, then questions only.
    assert 5 <= len(capture.down) <= 11
    assert max(capture.down) > 1
    lost = [probe for probe in capture.probes if probe.round_trip is None]
    assert len(capture.probes) > 20
    assert len(lost) <= len(capture.probes) / 10


@pytest.mark.parametrize(("clock", "asleep"), [("uptime", 240.0), ("time", 0.0)], ids=["slept", "clock set"])
def test_only_a_computer_that_slept_was_asleep(
    clock: str, asleep: float, served: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one clock jumps by, as it does in sleep, or as it is set to the right time."""
    where = platforms if clock == "uptime" else time
    real, woken = getattr(where, clock), time.monotonic() + 1.0
    monkeypatch.setattr(where, clock, lambda: real() + 240.0 * (time.monotonic() > woken))
    whole = replace(job(served, "", "stability"), whole=True)
    (capture,) = network.capture(whole, Patient(2.0))
    assert isinstance(capture, Endurance)
    assert capture.asleep_s == pytest.approx(asleep, abs=1.0)
    facts = {name: fact.value for name, fact in finding(capture).facts.items()}
    assert facts.get("cause") == ("asleep" if asleep else None)


def test_a_line_that_falls_silent_is_asked_anew_and_its_dropout_seen(served: dict[str, int]) -> None:
    """A server that hears nothing for a while, and then is there again."""
    with servers.relay_with_gap(served["stun"], after_s=1.0, silent_s=3.6) as port:
        whole = replace(job(served, "", "stability", stun=[f"127.0.0.1:{port}"]), whole=True)
        (capture,) = network.capture(whole, Patient(7.5))
    facts = {name: fact.value for name, fact in finding(capture).facts.items()}
    assert facts["dropouts"] == 1
    assert facts["gap"] == pytest.approx(3600, abs=400)


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
    assert carried(finding(capture))
    monkeypatch.setenv("no_proxy", "localhost")
    (capture,) = network.capture(asked, Listener())
    assert trouble(capture) in (Kind.UNREACHABLE, Kind.NO_NETWORK)


@pytest.mark.parametrize(
    ("manner", "provider"),
    [
        pytest.param("", "own", id="the policy's host"),
        pytest.param("/with/fault=503", "cloudflare", id="the next where it is overloaded"),
    ],
)
def test_without_a_choice_the_providers_are_tried_in_order(
    manner: str, provider: str, served: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"http://127.0.0.1:{served['http']}"
    monkeypatch.setenv("https_proxy", place)
    asked = replace(job(served, "", "download", host=place + manner), target=None)
    (capture,) = network.capture(asked, Listener())
    assert carried(finding(capture))
    assert isinstance(capture, Download)
    assert capture.provider == provider


@pytest.mark.parametrize(
    ("most_mb", "late", "end"),
    [
        pytest.param(9.0, 0.9, "sure", id="enough is left for the next"),
        pytest.param(4.5, 0.9, None, id="too little is left for the next"),
        pytest.param(0.01, 0.0, None, id="nothing is left for the next"),
    ],
)
def test_what_a_host_used_that_refused_late_is_taken_from_what_the_next_may_use(
    most_mb: float, late: float, end: str | None, served: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"http://127.0.0.1:{served['http']}"
    monkeypatch.setenv("https_proxy", place)
    # Two of four streams carry 2.4 MB before the others are refused.
    crowded = f"{place}/with/fault=stall:1200000;crowded={late};for={most_mb}"
    asked = replace(job(served, "", "download", host=crowded, most_mb=most_mb), target=None)
    (capture,) = network.capture(asked, Listener())
    if end is None:
        assert trouble(capture) is Kind.REFUSED
        return
    assert isinstance(capture, Download)
    assert capture.provider == "cloudflare"
    if throughput.is_clock_late(capture.late):
        pytest.skip("the host was too busy to measure")
    assert capture.end == end
    assert finding(capture).facts["rate"].value
    assert capture.used < (most_mb - 1.0) * 1e6


def test_the_banks_policy_keeps_to_the_25_mb_that_are_promised() -> None:
    ours = policy.load().parameters["network"]
    most, load, seconds = (float(str(ours[name])) for name in ("most_mb", "session_mbit", "rehearsal_s"))
    # A limit is looked at ten times a second.
    late = transfer.PACE * BOUND * throughput.BIN_S / 8
    rehearsed = 2 * load / 8 * (rehearsal.SETTLE_S + seconds + stun.WAIT_S)
    assert 2 * (most + late) + rehearsed <= 25


def by_speedtest(served: Mapping[str, int], patch: pytest.MonkeyPatch, *checks: str) -> Mapping[str, Outcome]:
    """Return what comes of speedtest.net, for which the server stands behind its own proxy.

    In a worker: speedtest-cli takes the standard streams of its process for itself.
    """
    for name in ("http_proxy", "https_proxy"):
        patch.setenv(name, f"http://127.0.0.1:{served['http']}")
    asked = job(served, "", *checks, provider="speedtest", full=True)
    return runner.run([replace(asked, target=None)], Silent()).outcomes


def test_speedtest_is_measured_with_and_without_its_own_client(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with serving(tmp_path, "--public", "near.speedtest.example", "--complete", "1") as ports:
        outcomes = by_speedtest(ports, monkeypatch, "download", "upload")
    for outcome in outcomes.values():
        assert isinstance(outcome, Finding), outcome
        assert carried(outcome)
        complete, most = outcome.facts["complete"].value, outcome.facts["rate"].value
        assert isinstance(complete, float)
        assert isinstance(most, float)
        assert complete > most


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        pytest.param(["--fault-of", "www.speedtest.net=portal-page"], Kind.REFUSED, id="a page before it"),
        pytest.param(["--public", "<"], Kind.REFUSED, id="a list of servers that is none"),
        pytest.param(
            ["--public", "near.example", "--fault-of", "near.example=503"],
            Kind.REFUSED,
            id="no server answers",
        ),
    ],
)
def test_why_speedtest_is_of_no_use(
    options: list[str], kind: Kind, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with serving(tmp_path, *options) as ports:
        (outcome,) = by_speedtest(ports, monkeypatch, "download").values()
    assert isinstance(outcome, Trouble)
    assert outcome.kind is kind


def transferred(
    served: Mapping[str, int], direction: str, seconds: float = 5.0, most: int = 9_000_000, **other: Any
) -> Download | Upload:
    """Return a transfer from and to the server, some of whose addresses are others."""
    session = Session(line.Line())
    service = replace(providers.find_own(f"http://127.0.0.1:{served['http']}")(session), **other)
    session.close()
    way = line.Line()
    allowance = transfer.Allowance(seconds, most)
    measured = transfer.measure_transfer(service, way, direction, BOUND, allowance, lambda _: None)
    assert isinstance(measured, Download | Upload)
    assert measured.used == way.meter.count
    return measured


def test_a_stream_whose_answer_ends_asks_for_the_next(served: dict[str, int]) -> None:
    down = f"http://127.0.0.1:{served['http']}/__down?bytes=100000"
    measured = transferred(served, "download", down=down, length=100_000)
    assert carried(finding(measured))
    assert measured.used > 4 * 100_000
    assert measured.errors == ()


def test_a_host_that_gives_less_than_it_was_asked_for_breaks_the_line(served: dict[str, int]) -> None:
    down = f"http://127.0.0.1:{served['http']}/__down?bytes=50000"
    measured = transferred(served, "download", down=down, length=100_000)
    assert trouble(measured) is Kind.INTERRUPTED


@pytest.mark.parametrize(
    ("fault", "kind"), [("403", Kind.REFUSED), ("portal-page", Kind.REFUSED), ("login", Kind.PROXY_LOGIN)]
)
def test_a_host_that_takes_nothing_is_told(served: dict[str, int], fault: str, kind: Kind) -> None:
    up = f"http://127.0.0.1:{served['http']}/with/fault={fault}/__up"
    with pytest.raises(MeasurementError) as refused:
        transferred(served, "upload", up=up)
    assert refused.value.trouble.kind is kind


def test_who_refuses_and_hangs_up_is_told_from_a_broken_line(served: dict[str, int]) -> None:
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with servers.serve_answer(refusal) as server, pytest.raises(MeasurementError) as refused:
        transferred(served, "upload", up=f"{server.url}/__up")
    assert refused.value.trouble.kind is Kind.REFUSED
    # What is not wanted is not sent, and nothing is left unread when the host hangs up.
    assert [asked[-5:] for asked in server.asked] == [b"\r\n\r\n0"]


@pytest.mark.parametrize(
    ("seconds", "most", "end"),
    [pytest.param(0.3, 9_000_000, "time", id="time"), pytest.param(5.0, 100_000, "data", id="data")],
)
def test_a_transfer_keeps_to_its_limits(served: dict[str, int], seconds: float, most: int, end: str) -> None:
    assert transferred(served, "download", seconds, most).end == end


def test_what_was_sent_is_acknowledged(served: dict[str, int]) -> None:
    session, up = Session(line.Line()), f"http://127.0.0.1:{served['http']}"

    def send(url: str) -> None:
        response = session.request("POST", url, body=iter([bytes(1000)]), length=1000)
        transfer.require_receipt(response, url)

    send(f"{up}/__up")
    with pytest.raises(MeasurementError, match="a page instead of data"):
        send(f"{up}/with/fault=portal-page/__up")
    with servers.serve_answer(NONSENSE) as server, pytest.raises(MeasurementError, match="unreachable"):
        send(server.url)
    session.close()


def test_a_dead_first_address_costs_a_quarter_of_a_second(served: dict[str, int]) -> None:
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


EVERYBODY = "255.255.255.255"
"""To this address the system lets nobody connect, nor send without asking for that first."""


def test_an_address_that_the_system_refuses_costs_nothing(served: dict[str, int]) -> None:
    refused = (socket.AF_INET, (EVERYBODY, 9))
    with line.connect([refused, (socket.AF_INET, ("127.0.0.1", served["http"]))]) as reached:
        assert reached.getpeername()[1] == served["http"]
    with pytest.raises(OSError, match="E"):
        line.connect([refused])
    assert stun.find([EVERYBODY], line.Line()) is None


def test_nobody_waits_longer_than_they_said() -> None:
    end = threading.Event()
    late = DaemonFuture(lambda: end.wait(10))
    with pytest.raises(TimeoutError):
        late.result(0.01)
    end.set()
    assert late.result(10) is True


def test_a_stun_answer_counts_only_for_its_question() -> None:
    transaction = bytes(range(12))
    asked = stun.request(transaction)
    answer = b"\x01\x01" + asked[2:]
    assert len(asked) == 20
    assert stun.parse_answer(answer) == transaction
    assert stun.parse_answer(asked) is None
    assert stun.parse_answer(answer[:19]) is None
    assert stun.parse_answer(answer + b"more") is None
    assert stun.parse_answer(b"\x01\x01\x00\x00\x00\x00\x00\x00" + transaction) is None


def test_a_recording_replays_as_it_was(served: dict[str, int], tmp_path: Path) -> None:
    seen = [
        line_recordings.transfer(Download, 20.0),
        line_recordings.transfer(Upload, 5.0),
        line_recordings.rehearsal(),
        line_recordings.reach(),
    ]
    file = tmp_path / "network.json"
    file.write_text(json.dumps(recording.dump("network", seen)))
    again = list(network.capture(replace(job(served, "", "download"), target=str(file)), Listener()))
    assert recording.dump("network", again) == recording.dump("network", seen)


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
    with pytest.raises(MeasurementError) as told:
        list(network.capture(replace(job(served, "", "download"), target=str(file)), Listener()))
    assert told.value.trouble.kind is Kind.BAD_INPUT


@pytest.fixture
def through_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[servers.FixedAnswerServer]:
    """Let the environment name a proxy that wants a login."""
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with servers.serve_answer(refusal) as server:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"anna:s%40crt@{server.place}")
        monkeypatch.setenv("no_proxy", "10.0.0.1")
        yield server


@pytest.mark.parametrize(
    "url", ["https://zoom.example.invalid/", "http://speed.example.invalid/__down?bytes=1000"]
)
def test_a_proxy_that_wants_a_login_is_told(url: str, through_proxy: servers.FixedAnswerServer) -> None:
    session = Session(line.Line())
    assert find_proxy(url)
    with pytest.raises(MeasurementError) as broken:
        providers.read_small(session, url)
    session.close()
    assert broken.value.trouble.kind is Kind.PROXY_LOGIN
    login = base64.b64encode(b"anna:s@crt")
    assert b"proxy-authorization: basic " + login.lower() in through_proxy.asked[0].lower()


@pytest.mark.usefixtures("through_proxy")
def test_what_the_proxy_is_not_for_goes_past_it() -> None:
    assert find_proxy("http://10.0.0.1/") is None
    assert find_proxy("https://zoom.example.invalid/") == f"http://{os.environ['https_proxy']}"


def test_a_name_that_is_none_cannot_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    servers.remove_proxies(monkeypatch)
    session = Session(line.Line())
    with pytest.raises(MeasurementError) as broken:
        providers.read_small(session, f"http://{'a' * 64}.example/")
    assert broken.value.trouble.kind in {Kind.NO_NAMES, Kind.NO_NETWORK}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789", Kind.NO_SPEED_TEST, id="too short"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n12", Kind.INTERRUPTED, id="cut off"),
        pytest.param(
            b"HTTP/1.1 302 x\r\nLocation: http://login.invalid/\r\n\r\n", Kind.NO_SPEED_TEST, id="sent on"
        ),
        pytest.param(
            b"HTTP/1.1 302 x\r\nLocation: http://[::1\r\n\r\n", Kind.NO_SPEED_TEST, id="sent nowhere"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Welcome to nginx!</title>",
            Kind.NO_SPEED_TEST,
            id="a welcome page",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n"
            + b"<p>".ljust(1000),
            Kind.NO_SPEED_TEST,
            id="a page as long as what was asked for",
        ),
        pytest.param(b"HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n", Kind.NO_SPEED_TEST, id="not there"),
        pytest.param(b"HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n", Kind.REFUSED, id="forbidden"),
        pytest.param(b"HTTP/1.1 511 x\r\nContent-Length: 0\r\n\r\n", Kind.PORTAL, id="sign in first"),
        pytest.param(b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", Kind.REFUSED, id="overloaded"),
        pytest.param(NONSENSE, Kind.UNREACHABLE, id="nonsense"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2p1\r\n", Kind.UNREACHABLE, id="no web server"),
        pytest.param(b"", Kind.INTERRUPTED, id="hangs up"),
    ],
)
def test_why_a_server_is_of_no_use(answer: bytes, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    servers.remove_proxies(monkeypatch)
    session = Session(line.Line())
    with servers.serve_answer(answer) as server, pytest.raises(MeasurementError) as broken:
        providers.find_own(server.url)(session)
    session.close()
    assert broken.value.trouble.kind is kind


@pytest.mark.parametrize(
    ("answer", "stands"),
    [
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", False, id="the page itself"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", True, id="another page"),
        pytest.param(b"HTTP/1.1 302 x\r\nLocation: http://login.invalid/\r\n\r\n", True, id="sent on"),
        pytest.param(b"HTTP/1.1 511 x\r\nContent-Length: 0\r\n\r\n", True, id="sign in first"),
        pytest.param(b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", None, id="overloaded"),
        pytest.param(b"", None, id="hangs up"),
    ],
)
def test_whether_a_portal_answers_in_place_of_a_page(
    answer: bytes,
    stands: bool | None,  # noqa: FBT001 - a column
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    servers.remove_proxies(monkeypatch)
    with servers.serve_answer(answer) as server:
        assert network.reach.detect_portal(line.Line(), server.url) is stands


THOUSAND = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + bytes(1000)


def test_a_connection_that_was_closed_meanwhile_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    servers.remove_proxies(monkeypatch)
    session = Session(line.Line())
    with servers.serve_answer(THOUSAND, lingering=True) as server:
        found = providers.find_own(server.url)(session)
        assert [len(providers.read_small(session, found.ping)) for _ in range(10)] == [1000] * 10
    session.close()


def test_who_hangs_up_on_a_fresh_connection_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    servers.remove_proxies(monkeypatch)
    session = Session(line.Line())
    with servers.serve_answer() as server:
        with pytest.raises(MeasurementError):
            providers.read_small(session, server.url)
        assert len(server.asked) == 1
    session.close()


def test_a_session_that_was_cut_connects_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    servers.remove_proxies(monkeypatch)
    session = Session(line.Line())
    session.reset_connections()
    with servers.serve_answer() as server, pytest.raises(MeasurementError) as broken:
        session.request("GET", server.url)
    assert broken.value.trouble.kind is Kind.INTERRUPTED
