"""Workers that hang, die or talk nonsense cost their own checks only."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import psutil
import pytest

from preflight import runner
from preflight.model import Finding, Job, Kind, Trouble

CHECKS = ("software.zoom", "software.browser")


class Silent:
    """Sees everything, shows nothing."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.asked: list[str] = []

    def event(self, job: Job, event: Mapping[str, Any]) -> None:  # noqa: ARG002 - a watcher's form
        self.events.append(event)

    def answer(self, job: Job, prompt: str) -> str:  # noqa: ARG002 - a watcher's form
        self.asked.append(prompt)
        return prompt

    def tick(self) -> None:
        return


def job(source: str = "software", checks: tuple[str, ...] = CHECKS, **more: Any) -> Job:
    from preflight import policy  # noqa: PLC0415 - read when a test needs it

    bluor = policy.load()
    given = {"target": None, "parameters": bluor.parameters[source], "bounds": {}, **more}
    return Job(source=source, checks=checks, **given)


def as_soon_as_it_runs(act: Callable[[psutil.Process], object]) -> threading.Thread:
    """Do something to the first worker that starts."""

    def wait() -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            for child in psutil.Process().children():
                if "--worker" in child.cmdline():
                    act(child)
                    return

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def nobody_is_left() -> bool:
    return not [child for child in psutil.Process().children(recursive=True) if child.is_running()]


def test_a_worker_delivers_facts() -> None:
    measured = runner.run([job()], Silent())
    assert set(measured.outcomes) == set(CHECKS)
    assert all(isinstance(outcome, Finding) for outcome in measured.outcomes.values())
    assert set(measured.durations) == set(CHECKS)
    assert nobody_is_left()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "kind", "detail"),
    [
        pytest.param(signal.SIGSTOP, Kind.TIMEOUT, "2 s", id="hangs"),
        pytest.param(signal.SIGSEGV, Kind.CRASH, "-11", id="segfaults"),
        pytest.param(signal.SIGKILL, Kind.CRASH, "-9", id="is killed"),
    ],
)
def test_a_worker_that_breaks_costs_its_own_checks_only(number: int, kind: Kind, detail: str) -> None:
    healthy = job("power", ("power.battery",))
    breaker = as_soon_as_it_runs(lambda worker: worker.send_signal(number))
    began = time.monotonic()
    measured = runner.run([job(deadline_s=2.0), healthy], Silent())
    breaker.join()
    assert time.monotonic() - began < 2.0 + 1.0 + runner.HEAD_START_LIMIT_S
    for check in CHECKS:
        outcome = measured.outcomes[check]
        assert isinstance(outcome, Trouble)
        assert outcome.kind is kind
        assert detail in outcome.detail
    other = measured.outcomes["power.battery"]
    assert not isinstance(other, Trouble) or other.kind not in (Kind.TIMEOUT, Kind.CRASH)
    assert nobody_is_left()


def test_the_deadline_is_kept() -> None:
    stopper = as_soon_as_it_runs(lambda worker: worker.suspend())
    began = time.monotonic()
    runner.run([job(deadline_s=1.0)], Silent())
    took = time.monotonic() - began
    stopper.join()
    assert 1.0 <= took < 2.0
    assert nobody_is_left()


def test_an_interrupt_leaves_no_process() -> None:
    class Interrupting(Silent):
        def tick(self) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run([job()], Interrupting())
    assert nobody_is_left()


def test_a_worker_without_a_request_ends() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "preflight", "--worker"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert process.stdin
    process.stdin.close()
    assert process.wait(10) == 2


def test_a_request_that_is_none_ends_the_worker() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "preflight", "--worker"],
        input=b'{"source": 1}\n',
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr


def test_an_unknown_source_is_a_trouble() -> None:
    measured = runner.run([job(checks=("software.none",))], Silent())
    outcome = measured.outcomes["software.none"]
    assert isinstance(outcome, Trouble)
    assert os.sep not in outcome.detail
