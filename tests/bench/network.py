"""The line test against speedtest-cli on the same shaped lines: verdicts, seconds, bytes, ratios.

    python tests/bench/network.py                     rates around the bound, 20 runs each, both ways
    python tests/bench/network.py --rates 50,300 --runs 2 --speedtest
    python tests/bench/network.py --rates 20 --loss 0.02
    python tests/bench/network.py --stun

Needs root on Linux and a quiet machine: a run in which the clock woke late is counted as starved.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__)
sys.path.insert(0, str(HERE.parents[1]))

RATES = (2, 4, 6, 7, 7.5, 8, 8.5, 9, 12, 20, 50, 100)
BOUND = 8.0
AHEAD = ("chrt", "--rr", "1")
SPEEDTEST_OPTIONS = ("--secure", "--json", "--no-pre-allocate")


class Silence:
    """A link on which nobody listens."""

    def device(self, name: str) -> None: ...
    def phase(self, name: str, seconds: float | None = None) -> None: ...
    def level(self, name: str, value: float) -> None: ...
    def show_glimpse(self, capture: object, checks: Sequence[str]) -> None: ...
    def preview(self, pixels: bytes, width: int, height: int) -> None: ...
    def ask(self, prompt: str) -> str:  # noqa: ARG002 - the form of a link
        return "skip"


def client(check: str, runs: int) -> None:
    """Measure inside the client's namespace: one line of JSON a run."""
    from preflight import judge, policy  # noqa: PLC0415 - the parent needs none of it
    from preflight.checks import download, stability, upload  # noqa: PLC0415
    from preflight.errors import MeasurementError  # noqa: PLC0415
    from preflight.model import FailedCapture, Finding, Job, Skip, Trouble  # noqa: PLC0415
    from preflight.sources import network, recording  # noqa: PLC0415

    asked = policy.load()
    modules: dict[str, Any] = {"download": download, "upload": upload, "stability": stability}
    name = f"network.{check}"
    job = Job(
        source="network",
        target=None,
        checks=(name,),
        parameters=asked.parameters["network"],
        bounds={name + ".rate": BOUND},
    )
    for _ in range(runs):
        for capture in network.capture(job, Silence()):
            outcome: Finding | Skip | Trouble
            try:
                outcome = (
                    capture.trouble
                    if isinstance(capture, FailedCapture)
                    else modules[check].analyse(capture, asked.parameters["network"])
                )
            except MeasurementError as unmeasured:
                outcome = unmeasured.trouble
            judged = judge.judge(name, outcome, asked.demands_on(name))
            verdict = judged.trouble.kind if judged.trouble else judged.why or judged.verdict
            facts = {key: fact.value for key, fact in judged.facts.items()}
            recorded = (
                {} if isinstance(capture, FailedCapture) else recording.dump("network", [capture])["captures"]
            )
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            line = {"verdict": verdict, "facts": facts, "capture": recorded, "peak_mb": peak}
            sys.stdout.write(json.dumps(line | {"threads": threading.active_count()}) + "\n")
            sys.stdout.flush()
        time.sleep(0.3)


def measure(lab: Any, check: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield what each run at the client's end said."""
    command = [sys.executable, str(HERE), "--client", check, "--runs", str(options.runs)]
    ahead = AHEAD if options.ahead else ()
    process = lab.popen(lab.client, *ahead, *command, env=lab.environment())
    for line in process.stdout:
        yield json.loads(line)
    process.wait()


def speedtest(lab: Any, ahead: Sequence[str]) -> tuple[float, float, float, float]:
    """Run speedtest-cli; return Mbit/s down and up, seconds, and megabytes on the interface."""
    before, started = lab.counters(), time.monotonic()
    ran = subprocess.run(
        ["ip", "netns", "exec", lab.client, *ahead, sys.executable, "-m", "speedtest", *SPEEDTEST_OPTIONS],
        env=lab.environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    seconds = time.monotonic() - started
    said = json.loads(ran.stdout)
    used = sum(lab.counters()) - sum(before)
    return said["download"] / 1e6, said["upload"] / 1e6, seconds, used / 1e6


def bench(options: argparse.Namespace) -> None:
    from lab.network.link import Lab  # noqa: PLC0415 - the client's end needs none of it

    wire = {key: value for key in ("delay", "jitter", "loss") if (value := getattr(options, key)) is not None}
    print(f"{'Mbit/s':>7} {'way':9} {'verdicts':42} s: median, most   MB: app, line  peak MB")
    with Lab(ahead=AHEAD if options.ahead else ()) as lab:
        lab.serve()
        for rate in options.rates:
            lab.line(rate, options.up or rate, **wire)
            ours = [row(lab, rate, check, options) for check in options.checks]
            if options.speedtest:
                down, up, seconds, used = speedtest(lab, AHEAD if options.ahead else ())
                faster = seconds / sum(each[0] for each in ours)
                less = used / sum(each[1] for each in ours)
                print(
                    f"{rate:7g} speedtest-cli: down {down:.1f}, up {up:.1f}; {seconds:.1f} s, {used:.1f} MB:"
                    f" {faster:.1f} times slower, {less:.1f} times the bytes",
                    flush=True,
                )


def row(lab: Any, rate: float, check: str, options: argparse.Namespace) -> tuple[float, float]:
    """Print one row; return the mean seconds and the mean megabytes on the line of one run."""
    before = sum(lab.counters())
    said = list(measure(lab, check, options))
    line_mb = (sum(lab.counters()) - before) / 1e6 / options.runs
    verdicts = Counter(each["verdict"] for each in said)
    seconds = [each["facts"]["seconds"] for each in said if "seconds" in each["facts"]] or [float("nan")]
    used = [each["facts"]["used"] for each in said if "used" in each["facts"]] or [float("nan")]
    words = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    print(
        f"{rate:7g} {check:9} {words:42} {statistics.median(seconds):8.2f} {max(seconds):7.2f}"
        f" {statistics.mean(used):7.2f} {line_mb:6.2f} {max(each['peak_mb'] for each in said):8.0f}",
        flush=True,
    )
    if options.verbose:
        for each in said:
            for capture in each["capture"].values():
                rates, late = capture.get("rates"), capture.get("late")
                print(
                    "       ",
                    each["verdict"],
                    rates,
                    f"late {max(late) * 1000:.1f} ms",
                    capture.get("errors"),
                )
    return statistics.mean(seconds), line_mb


def stun(options: argparse.Namespace) -> None:
    """Print what the rehearsal reads of lines whose delay, jitter, loss and outages are known."""
    from lab.network.link import Lab  # noqa: PLC0415 - the client's end needs none of it

    lines: Sequence[dict[str, float]] = (
        {"delay": 15},
        {"delay": 75},
        {"delay": 15, "jitter": 20},
        {"delay": 15, "loss": 0.02},
        {"delay": 15, "every": 2.5, "for": 0.5},
    )
    with Lab(ahead=AHEAD if options.ahead else ()) as lab:
        lab.serve()
        for line in lines:
            lab.line(None, None, **line)
            for each in measure(lab, "stability", options):
                told = lab.end_wire()
                facts = each["facts"]
                asked = told["up"]["udp"] or 1
                lost = 100 * (told["up"]["udp_lost"] + told["down"]["udp_lost"]) / asked
                words = " ".join(f"{key}={value:g}" for key, value in line.items())
                print(
                    f"{words:30} loss on the wire {lost:5.2f} %   read: {each['verdict']} {facts}", flush=True
                )
                lab.line(None, None, **line)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rates", type=lambda text: [float(each) for each in text.split(",")], default=RATES)
    parser.add_argument("--up", type=float, help="Mbit/s from the client, where it differs")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--checks", type=lambda text: text.split(","), default=["download", "upload"])
    parser.add_argument("--delay", type=float, help="ms one way (15)")
    parser.add_argument("--jitter", type=float)
    parser.add_argument("--loss", type=float, help="share lost each way")
    parser.add_argument("--speedtest", action="store_true", help="run speedtest-cli once beside each rate")
    parser.add_argument("--stun", action="store_true", help="rehearse on lines of known faults instead")
    parser.add_argument(
        "--ahead", action="store_true", help="run both ends before all other programs, where others run too"
    )
    parser.add_argument("--verbose", action="store_true", help="print every run's rates")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        client(options.client, options.runs)
    elif options.stun:
        stun(options)
    else:
        bench(options)


if __name__ == "__main__":
    main()
