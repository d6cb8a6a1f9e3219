"""A client and a server with a shaped line between them, made of network namespaces (Linux, root).

    client ── router ── server        10.77.0.2 and .3, fd77::2 and ::3, one Ethernet

The rates are shaped on the router's two outgoing interfaces, as in a modem: shaped on the client
itself, its TCP would see the queue and never overrun it. They are given as TCP's goodput. Segmentation
offload is off, so that the shaper sees packets of 1514 bytes and 100 ms are honest. Delay, jitter,
loss and outages come from `wire.c`, which carries the packets through the router.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import trustme

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
GOODPUT_TO_LINE = 1514 / 1448
"""An Ethernet frame of 1514 bytes carries 1448 of TCP with time stamps."""
QUEUE_MS = 100
NEEDED = ("ip", "tc", "ethtool", "nft", "gcc")
CLIENT, SERVER = ("10.77.0.2", "fd77::2"), ("10.77.0.3", "fd77::3")
NAMES = (
    "speed.cloudflare.com",
    "cp.cloudflare.com",
    "www.speedtest.net",
    "near.speedtest.example",
    "online.bluorbank.lv",
    "zoom.us",
    "stun.cloudflare.com",
    "stun.l.google.com",
    "own.example",
    "proxy.example",
)


def unable() -> str | None:
    """Return why no lab can be set up here, or None."""
    if sys.platform != "linux":
        return "needs Linux"
    if os.geteuid() != 0:
        return "needs root"
    if missing := [program for program in NEEDED if not shutil.which(program)]:
        return f"needs {', '.join(missing)}"
    probe = f"pf{os.getpid()}-probe"
    if subprocess.run(["ip", "netns", "add", probe], capture_output=True, check=False).returncode:
        return "needs network namespaces"
    subprocess.run(["ip", "netns", "del", probe], capture_output=True, check=False)
    return None


class LabFailed(Exception):
    """The line or the server could not be set up: the lab's failure, not the product's."""


class Lab:
    """Three namespaces, their line, and a server; everything goes when the context ends."""

    def __init__(self, ahead: Sequence[str] = ("nice", "-n", "-10")) -> None:
        """Make ready; the server is started by `ahead`, so that it does not wait for other programs."""
        self._ahead = ahead
        self._name = f"pf{os.getpid()}"
        self.client, self.router, self.server = (f"{self._name}-{end}" for end in ("c", "r", "s"))
        self._exit = contextlib.ExitStack()
        self._folder = Path(tempfile.mkdtemp(prefix="preflight-lab-"))
        self._wire: subprocess.Popen[str] | None = None
        self._serving: subprocess.Popen[str] | None = None
        self._authority = trustme.CA()
        self._stranger = trustme.CA()

    def __enter__(self) -> Self:
        try:
            self._set_up()
        except BaseException:
            self._exit.close()
            raise
        return self

    def _set_up(self) -> None:
        self._exit.callback(shutil.rmtree, self._folder)
        self._authority.cert_pem.write_to_path(self._folder / "authority.crt")
        _call("gcc", "-O2", "-o", self._folder / "wire", HERE / "wire.c")
        # A namespace may choose only what is allowed here; most clients use cubic, whatever runs here.
        allowed = Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control")
        allowed.write_text(" ".join({*allowed.read_text().split(), "cubic"}))
        for namespace in (self.client, self.router, self.server):
            self._exit.callback(_call, "ip", "netns", "del", namespace)
            _call("ip", "netns", "add", namespace)
            _call("ip", "-n", namespace, "link", "set", "lo", "up")
            for setting in (
                "net.ipv4.tcp_congestion_control=cubic",
                # Each run starts as if it were the first.
                "net.ipv4.tcp_no_metrics_save=1",
                "net.ipv6.conf.all.accept_dad=0",
                "net.ipv6.conf.default.accept_dad=0",
            ):
                self._in(namespace, "sysctl", "-qw", setting)
        for end, namespace, (ipv4, ipv6) in (("c", self.client, CLIENT), ("s", self.server, SERVER)):
            _call(
                "ip", "-n", self.router, "link", "add", end, "type", "veth", "peer", "e", "netns", namespace
            )
            for where, interface in ((self.router, end), (namespace, "e")):
                off = (each for kind in ("tso", "gso", "gro", "tx", "rx", "sg") for each in (kind, "off"))
                self._in(where, "ethtool", "-K", interface, *off)
                _call("ip", "-n", where, "link", "set", interface, "up")
            _call("ip", "-n", namespace, "addr", "add", f"{ipv4}/24", "dev", "e")
            _call("ip", "-n", namespace, "addr", "add", f"{ipv6}/64", "dev", "e")
        _call("ip", "-n", self.client, "route", "add", "default", "via", SERVER[0])
        self.names()
        self._exit.callback(shutil.rmtree, Path("/etc/netns") / self.client, ignore_errors=True)
        self._exit.callback(self.end_server)
        self._exit.callback(self.end_wire)

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    def line(self, down: float | None, up: float | None, **wire: float) -> None:
        """Shape the line: Mbit/s towards and from the client (None: unshaped), and `wire.c`'s words."""
        for interface, rate in (("c", down), ("s", up)):
            subprocess.run(
                ["tc", "-n", self.router, "qdisc", "del", "dev", interface, "root"],
                capture_output=True,
                check=False,
            )
            if rate is None:
                continue
            bits = rate * 1e6 * GOODPUT_TO_LINE
            # What 2 ms carry, for the timer's slack, but two packets at least.
            burst, queue = max(2 * 1514, bits / 8 * 0.002), max(10 * 1514, bits / 8 * QUEUE_MS / 1000)
            tbf = f"rate {bits:.0f}bit burst {burst:.0f} limit {queue:.0f}".split()
            _call("tc", "-n", self.router, "qdisc", "add", "dev", interface, "root", "tbf", *tbf)
        self.end_wire()
        words = [f"{word}={value}" for word, value in ({"delay": 15} | wire).items()]
        self._wire = self.popen(self.router, str(self._folder / "wire"), "c", "s", *words)
        _ready(self._wire)

    def end_wire(self) -> dict[str, Any]:
        """Take the wire away; return what it carried and lost."""
        if self._wire is None:
            return {}
        self._wire.terminate()
        said, _ = self._wire.communicate(timeout=5)
        self._wire = None
        told: dict[str, Any] = json.loads(said)
        return told

    def serve(self, *options: str, certificates: Mapping[str, str] | None = None) -> None:
        """Start the server; `certificates` are "expired" or "untrusted" by the name they are for."""
        self.end_server()
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        self._certify(folder, certificates or {})
        command = [sys.executable, str(HERE / "server.py"), "--host", "::", "--http", "80", "--https", "443"]
        command += ["--stun", "3478", "--certificates", str(folder), "--public", "near.speedtest.example:80"]
        self._serving = self.popen(self.server, *self._ahead, *command, *options)
        _ready(self._serving)

    def _certify(self, folder: Path, faults: Mapping[str, str]) -> None:
        for name in (*NAMES, "default"):
            fault = faults.get(name, "")
            authority = self._stranger if fault == "untrusted" else self._authority
            now = datetime.now(UTC)
            leaf = authority.issue_cert(
                *(NAMES if name == "default" else [name]),
                not_before=now - timedelta(days=90),
                not_after=now + timedelta(days=-1 if fault == "expired" else 90),
            )
            leaf.private_key_and_cert_chain_pem.write_to_path(folder / f"{name}.pem")

    def end_server(self) -> dict[str, int]:
        """End the server; return the bytes of HTTP that it took, and those that arrived at the client."""
        if self._serving is None:
            return {}
        said, _ = self._serving.communicate(timeout=5)
        self._serving = None
        told: dict[str, int] = json.loads(said)
        return told

    def names(
        self, *, known: bool = True, families: Sequence[int] = (4, 6), dead: Sequence[str] = ()
    ) -> None:
        """Let the client know the names by their addresses, or ask a resolver that never answers.

        Names in `dead` lead to an address where nobody is.
        """
        folder = Path("/etc/netns") / self.client
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "resolv.conf").write_text(f"nameserver {SERVER[0]}\n")
        hosts = ["127.0.0.1 localhost"]
        for name in NAMES if known else ():
            addresses = ("10.77.0.99", "fd77::99") if name in dead else SERVER
            hosts += [
                f"{address} {name}"
                for address, family in zip(addresses, (4, 6), strict=True)
                if family in families
            ]
        (folder / "hosts").write_text("\n".join(hosts) + "\n")

    def drop(self, *rules: str) -> None:
        """Let the server drop what matches these nftables expressions, and nothing else any more."""
        table = "".join(f"add rule inet lab input {rule} drop\n" for rule in rules)
        chain = "add chain inet lab input { type filter hook input priority 0 ; }\n"
        script = f"add table inet lab\nflush table inet lab\n{chain}{table}"
        self._in(self.server, "nft", "-f", "-", said=script)

    def addresses(self, *, ipv4: bool = True, ipv6: bool = True, plugged: bool = True) -> None:
        """Give the client its addresses and its cable, or take them away."""
        for family, address, there in (("-4", f"{CLIENT[0]}/24", ipv4), ("-6", f"{CLIENT[1]}/64", ipv6)):
            _call("ip", "-n", self.client, family, "addr", "flush", "dev", "e", "scope", "global")
            if there:
                _call("ip", "-n", self.client, "addr", "add", address, "dev", "e")
        _call("ip", "-n", self.client, "link", "set", "e", "up" if plugged else "down")
        if ipv4 and plugged:
            _call("ip", "-n", self.client, "route", "replace", "default", "via", SERVER[0])

    def tunnel(self, *, there: bool = True) -> None:
        """Let all that is not on the client's own cable leave by a tunnel, as WireGuard's wg-quick does."""
        table = ("table", "51820")
        if not there:
            # Its routes go with it; a rule without a table leads on to the next.
            subprocess.run(["ip", "-n", self.client, "link", "del", "vpn"], capture_output=True, check=False)
            return
        _call("ip", "-n", self.client, "tuntap", "add", "dev", "vpn", "mode", "tun")
        _call("ip", "-n", self.client, "addr", "add", "10.78.0.2/32", "dev", "vpn")
        _call("ip", "-n", self.client, "link", "set", "vpn", "up")
        _call("ip", "-n", self.client, "route", "add", "default", "dev", "vpn", *table)
        _call("ip", "-n", self.client, "rule", "add", "not", "fwmark", "51820", *table)
        _call("ip", "-n", self.client, "rule", "add", "table", "main", "suppress_prefixlength", "0")

    def counters(self) -> tuple[int, int]:
        """Return the bytes that came to and went from the client's interface."""
        shown = json.loads(self._in(self.client, "ip", "-s", "-j", "link", "show", "dev", "e"))
        statistics = shown[0]["stats64"]
        return statistics["rx"]["bytes"], statistics["tx"]["bytes"]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment in which the client trusts the lab's authority."""
        bare = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        return bare | {"SSL_CERT_FILE": str(self._folder / "authority.crt"), "PYTHONPATH": str(ROOT)} | more

    def popen(self, namespace: str, *command: str, **more: Any) -> subprocess.Popen[str]:
        """Start a program at one end of the line, with pipes to it."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE} | more
        return subprocess.Popen(["ip", "netns", "exec", namespace, *command], text=True, **pipes)

    def preflight(self, *arguments: str, **environment: str) -> dict[str, Any]:
        """Run the program at the client's end; return its JSON report."""
        command = [sys.executable, "-m", "preflight", "run", "--no-input", "--format", "json", *arguments]
        ran = subprocess.run(
            ["ip", "netns", "exec", self.client, *command],
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        assert ran.stdout, f"exit {ran.returncode}: {ran.stderr}"
        report: dict[str, Any] = json.loads(ran.stdout)
        return report

    def _in(self, namespace: str, *command: str, said: str | None = None) -> str:
        return _call("ip", "netns", "exec", namespace, *command, said=said)


def _ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    if not process.stdout.readline():
        raise LabFailed(f"{process.args!r} did not start")


def _call(*command: str | Path, said: str | None = None) -> str:
    ran = subprocess.run(command, input=said, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise LabFailed(f"{' '.join(map(str, command))}: {ran.stderr.strip()}")
    return ran.stdout
