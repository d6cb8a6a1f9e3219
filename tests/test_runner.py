"""Workers that hang, die or talk nonsense cost their own checks only."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import scenes
import webcam_server
from worker_protocol import Silent

from preflight import runner
from preflight.model import Finding, Job, Kind, Skip, SkipReason, Trouble

CHECKS = ("software.zoom", "software.browser")


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
                # It may be gone, of which Wine says another error.
                with contextlib.suppress(psutil.Error, OSError):
                    if is_worker(child):
                        act(child)
                        return

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def is_worker(child: psutil.Process) -> bool:
    """Tell whether a child runs the worker already; of one that has just begun Wine tells no words."""
    if sys.platform == "win32":
        return child.name().startswith("python")
    return "--worker" in child.cmdline()


def nobody_is_left() -> bool:
    children = psutil.Process().children(recursive=True)
    # Wine's desktop is a child of whoever first needs it.
    return not [child for child in children if child.is_running() and child.name() != "explorer.exe"]


def test_a_worker_delivers_facts() -> None:
    measured = runner.run([job()], Silent())
    assert set(measured.outcomes) == set(CHECKS)
    assert all(isinstance(outcome, Finding) for outcome in measured.outcomes.values())
    assert set(measured.durations) == set(CHECKS)
    assert nobody_is_left()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_file_that_takes_too_long_is_told_from_a_device_that_hangs(tmp_path: Path) -> None:
    file = tmp_path / "long.avi"
    file.write_bytes(b"RIFF")
    breaker = as_soon_as_it_runs(lambda worker: worker.send_signal(signal.SIGSTOP))
    measured = runner.run([job(deadline_s=1.0, target=str(file))], Silent())
    breaker.join()
    assert {outcome.kind for outcome in measured.outcomes.values() if isinstance(outcome, Trouble)} == {
        Kind.SLOW
    }


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("name", "kind", "detail"),
    [
        pytest.param("SIGSTOP", Kind.TIMEOUT, "2 s", id="hangs"),
        pytest.param("SIGSEGV", Kind.CRASH, "-11", id="segfaults"),
        pytest.param("SIGKILL", Kind.CRASH, "-9", id="is killed"),
    ],
)
def test_a_worker_that_breaks_costs_its_own_checks_only(name: str, kind: Kind, detail: str) -> None:
    # By name: Windows, which collects this too, has not all of them.
    number = getattr(signal, name)
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


def test_who_watches_hears_of_a_worker_that_could_not_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    watcher = Silent()
    measured = runner.run([job()], watcher)
    assert [(event["event"], event["check"]) for event in watcher.events] == [("trouble", None)]
    for outcome in (measured.outcomes[check] for check in CHECKS):
        assert isinstance(outcome, Trouble)
        assert (outcome.kind, outcome.detail[:9]) == (Kind.CRASH, "no worker")


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


def played(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a shell script play the worker."""
    worker = tmp_path / "worker"
    worker.write_text(f"#!/bin/sh\n{script}\n")
    worker.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(worker))


posix = pytest.mark.skipif(sys.platform == "win32", reason="a shell script plays the worker")
FACTS = '{"event": "facts", "check": "software.zoom", "facts": {"installed": {"value": true, "unit": ""}}}'


@posix
def test_the_deadline_stands_still_while_a_person_is_awaited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Silent):
        def answer(self, job: Job, prompt: str) -> str:
            time.sleep(1.5)
            return super().answer(job, prompt)

    ask = """read request; echo '{"event": "ask", "prompt": "look"}'; read answer"""
    played(f"{ask}; echo \"$answer\" > '{tmp_path}/answer'; echo '{FACTS}'", tmp_path, monkeypatch)
    watcher = Slow()
    measured = runner.run([job(checks=("software.zoom",), deadline_s=1.0)], watcher)
    assert watcher.asked == ["look"]
    assert json.loads((tmp_path / "answer").read_text()) == {"go": "look"}
    assert isinstance(measured.outcomes["software.zoom"], Finding)


def test_a_document_that_the_person_will_not_show_is_declined() -> None:
    class Declining(Silent):
        def answer(self, job: Job, prompt: str) -> str:
            super().answer(job, prompt)
            return "skip"

    watcher = Declining()
    with webcam_server.serve_webcam(scenes.small()) as feed:
        asked = job("camera", ("camera.document",), target=feed.address, guided=True)
        measured = runner.run([asked], watcher)
    assert watcher.asked == ["document"]
    assert measured.outcomes == {"camera.document": Skip(skipped_for=SkipReason.DECLINED)}


@posix
def test_who_never_answers_is_asked_again_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hesitant(Silent):
        def answer(self, job: Job, prompt: str) -> str | None:  # type: ignore[override] # noqa: ARG002 - a watcher's form
            self.asked.append(prompt)
            return prompt if len(self.asked) > 3 else None

    played(
        f"""read r; echo '{{"event": "ask", "prompt": "look"}}'; read a; echo '{FACTS}'""",
        tmp_path,
        monkeypatch,
    )
    watcher = Hesitant()
    measured = runner.run([job(checks=("software.zoom",))], watcher)
    assert len(watcher.asked) == 4
    assert isinstance(measured.outcomes["software.zoom"], Finding)


@posix
@pytest.mark.parametrize(
    ("said", "noted"),
    [
        pytest.param(
            '{"event": "facts", "check": "software.zoom", "facts": 1}', "facts", id="facts that are none"
        ),
        pytest.param('{"event": "trouble", "check": null, "kind": "?"}', "trouble", id="an unknown trouble"),
        pytest.param("Traceback (most recent call last):", "unknown line", id="a library's words"),
        pytest.param("[1]", "unknown line", id="another value"),
    ],
)
def test_a_line_that_is_none_is_noted_and_passed_over(
    said: str, noted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(f"echo '{said}'; echo '{FACTS}'", tmp_path, monkeypatch)
    measured = runner.run([job(checks=("software.zoom",))], Silent())
    assert isinstance(measured.outcomes["software.zoom"], Finding)
    assert noted in " ".join(measured.notes)


@posix
def test_what_a_worker_could_not_keep_and_printed_is_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unrecorded = '{"event": "unrecorded", "path": "x/software.json", "reason": "full"}'
    played(f"echo 'no such card' >&2; echo '{unrecorded}'; echo '{FACTS}'", tmp_path, monkeypatch)
    measured = runner.run([job(checks=("software.zoom",))], Silent())
    assert measured.unrecorded == [("x/software.json", "full")]
    assert "software: no such card" in measured.notes


@posix
def test_the_device_of_a_source_is_that_of_its_first_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    which = """case "$request" in *camera.document*) sleep 0.5; name=second;; *) name=first;; esac"""
    device = """echo '{"event": "device", "name": "'$name'"}'"""
    played(f"read request; {which}; {device}", tmp_path, monkeypatch)
    jobs = [job("camera", (check,)) for check in ("camera.still", "camera.document")]
    assert runner.run(jobs, Silent()).devices == {"camera": "first"}


@posix
def test_a_trouble_of_the_source_is_that_of_all_its_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = '{"event": "trouble", "check": null, "kind": "busy", "detail": "x"}'
    played(f"echo '{FACTS}'; echo '{trouble}'", tmp_path, monkeypatch)
    measured = runner.run([job()], Silent())
    assert isinstance(measured.outcomes["software.zoom"], Finding)
    assert measured.outcomes["software.browser"] == Trouble(kind=Kind.BUSY, detail="x")


@posix
@pytest.mark.parametrize(
    "said",
    [
        "OpenBLAS error: Memory allocation still failed after 10 retries, giving up.",
        "MemoryError",
        "terminate called after throwing an instance of 'std::bad_alloc'",
    ],
)
def test_a_worker_that_a_library_ends_for_lack_of_memory_says_so(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(f'echo "{said}" >&2; exit 1', tmp_path, monkeypatch)
    told = runner.run([job()], Silent()).outcomes["software.zoom"]
    assert told == Trouble(kind=Kind.NO_MEMORY, detail="ended with status 1")


@posix
def test_a_listing_that_breaks_has_the_sources_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played("exit 3", tmp_path, monkeypatch)
    measured = runner.run([job(checks=())], Silent())
    assert measured.outcomes == {"software": Trouble(kind=Kind.CRASH, detail="ended with status 3")}


@posix
@pytest.mark.parametrize(("number", "kind"), [("SEGV", Kind.BAD_INPUT), ("KILL", Kind.CRASH)])
def test_what_ends_the_decoder_of_a_file_is_the_file(
    number: str, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = tmp_path / "film.mp4"
    film.touch()
    played(f"kill -{number} $$", tmp_path, monkeypatch)
    measured = runner.run([job("camera", ("camera.video",), target=str(film))], Silent())
    told = measured.outcomes["camera.video"]
    assert isinstance(told, Trouble)
    assert told.kind is kind


@posix
def test_a_slow_screen_falls_behind_by_one_picture_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    level = """echo '{"event": "level", "name": "sound", "value": -20}'"""
    ends = "; ".join(f"echo '{FACTS.replace('software.zoom', check)}'" for check in CHECKS)
    played(f"for each in $(seq 100); do {level}; done; {ends}", tmp_path, monkeypatch)

    class Slow(Silent):
        drawn = 0

        def tick(self) -> None:
            self.drawn += 1
            time.sleep(0.1)

    watcher = Slow()
    measured = runner.run([job()], watcher)
    assert len(watcher.events) > 100
    assert all(isinstance(measured.outcomes[check], Finding) for check in CHECKS)
    assert watcher.drawn < 20


@posix
def test_a_screen_that_stands_still_costs_no_worker_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(f"sleep 3; echo '{FACTS}'; echo '{{\"event\": \"done\"}}'", tmp_path, monkeypatch)

    class Selected(Silent):
        def tick(self) -> None:
            time.sleep(2.0)

    measured = runner.run([job(checks=("software.zoom",), deadline_s=1.5)], Selected())
    assert isinstance(measured.outcomes["software.zoom"], Finding)


@posix
def test_a_live_worker_may_go_on_as_long_as_it_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    level = """echo '{"event": "level", "name": "sound", "value": -20}'; sleep 0.5"""
    played(f"{'; '.join([level] * 4)}; sleep 30", tmp_path, monkeypatch)
    began = time.monotonic()
    measured = runner.run([job(checks=("software.zoom",), live=True, deadline_s=1.0)], Silent())
    assert time.monotonic() - began > 2.0
    outcome = measured.outcomes["software.zoom"]
    assert isinstance(outcome, Trouble)
    assert outcome.kind is Kind.TIMEOUT
    assert nobody_is_left()


def test_a_frozen_program_is_its_own_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert runner.worker_command() == [sys.executable, "--worker"]
