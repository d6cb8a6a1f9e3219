"""The parent side: a worker per source, their deadlines, their end; never raises for them.

A thread per worker reads its lines into one queue; everything else happens in the
caller's thread, so that whoever watches need not be safe for threads.
"""

import contextlib
import errno
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from preflight import codec, platforms
from preflight.errors import label, redact, require_memory_for_thread
from preflight.model import Finding, Job, Kind, Outcome, Skip, Trouble
from preflight.platforms import programs

HEAD_START_PHASE = "sampled"
"""The phase after which the other workers may load the computer too."""
HEAD_START_LIMIT_S = 3.0
_STDERR_LIMIT = 64 * 1024
_SLOW_TICK_S = 0.5
"""No drawing takes so long."""
_EXIT_WAIT_S = 1.0
"""How long a worker that has said all may take to leave by itself."""


class Watcher(Protocol):
    """Whoever shows what goes on."""

    def handle_event(self, job: Job, event: Mapping[str, Any]) -> None:
        """See one event of a worker as it comes."""

    def answer(self, job: Job, prompt: str) -> str | None:
        """Ask the person; None: not yet, ask again at the next tick.

        The worker's deadline stands still until there is an answer.
        """

    def tick(self) -> None:
        """Called about ten times a second."""


@dataclass(slots=True, kw_only=True)
class Measurements:
    """All that came of the workers."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    durations: dict[str, float] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    """The device of each source: that of its first job, where it has two."""
    notes: list[str] = field(default_factory=list)
    """What the workers and their libraries printed, for -v: no word of it that may be a client's."""
    unrecorded: list[tuple[str, str]] = field(default_factory=list)
    """Recordings that could not be written: path and reason."""


_PERMISSION_SOURCES = frozenset(platforms.Device)
"""Sources that macOS asks the person about."""
_NO_MEMORY = re.compile(rb"^OpenBLAS error: Memory allocation|^MemoryError\b|std::bad_alloc", re.MULTILINE)
"""What NumPy's library, Python and C++ print where they end a process that has no memory left."""
_KILLED = -9
"""How a worker ends on POSIX that the system stops, mostly for its memory (SIGKILL)."""
_Lines = queue.SimpleQueue[tuple["_Worker", bytes | None]]
"""What the workers say, a line each; None is the end of one."""


class _Worker:
    """One child process and what is still expected of it."""

    def __init__(self, job: Job, lines: _Lines) -> None:
        self.job = job
        self.open = list(job.checks)
        self.started = time.monotonic()
        self.deadline = self.started + job.deadline_s
        self.done = False
        self.device: str | None = None
        self.prompt: str | None = None
        """What the worker waits for the person to answer, and since when."""
        self.prompt_at = 0.0
        self.stderr_tail = bytearray()
        self.process = subprocess.Popen(
            worker_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=programs.environment(),
            **platforms.popen_kwargs(),
        )
        platforms.tie_to_parent(self.process)
        self._readers = [
            threading.Thread(target=self._read_lines, args=(lines,), daemon=True),
            threading.Thread(target=self._drain_stderr, daemon=True),
        ]
        try:
            for reader in self._readers:
                require_memory_for_thread()
                reader.start()
        except (MemoryError, RuntimeError) as error:
            self.done = True
            platforms.kill(self.process)
            self.process.wait()
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)) from error
        self.send(codec.job_document(job))

    def send(self, document: Mapping[str, Any]) -> None:
        """Send one line; a worker that is gone is noticed elsewhere."""
        stdin = self.process.stdin
        with contextlib.suppress(OSError, ValueError):
            if stdin:
                stdin.write(json.dumps(document).encode() + b"\n")
                stdin.flush()

    def kill_and_reap(self) -> int:
        """Kill the worker and all it started, reap it, close its pipes; returns its exit status."""
        if self.done:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_EXIT_WAIT_S)
        platforms.kill(self.process)
        status = self.process.wait()
        for reader in self._readers:
            reader.join(_EXIT_WAIT_S)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
        return status

    def _read_lines(self, lines: _Lines) -> None:
        stdout = self.process.stdout
        with contextlib.suppress(OSError, ValueError):
            while stdout and (line := stdout.readline(codec.LINE_LIMIT)):
                lines.put((self, line))
        lines.put((self, None))

    def _drain_stderr(self) -> None:
        stderr = self.process.stderr
        with contextlib.suppress(OSError, ValueError):
            while stderr and (chunk := stderr.readline(_STDERR_LIMIT)):
                self.stderr_tail += chunk
                del self.stderr_tail[:-_STDERR_LIMIT]


def worker_command() -> list[str]:
    """Return the command line of a worker; a frozen program is its own interpreter."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker"]
    # Without -P modules would be looked for in the current folder first.
    return [sys.executable, "-P", "-m", "preflight", "--worker"]


def is_file(target: str | None) -> bool:
    """Return whether a file stands in for a device."""
    return target is not None and Path(target).is_file()


def run(jobs: Iterable[Job], watcher: Watcher) -> Measurements:
    """Run every job in a worker of its own and return what came of it.

    The software worker has a head start: it samples the load before anybody else
    makes some. Whatever ends this early (an interrupt) leaves no worker behind.
    """
    measured = Measurements()
    waiting = sorted(jobs, key=lambda job: job.source != "software")
    lines: _Lines = queue.SimpleQueue()
    workers: list[_Worker] = []
    try:
        first = 1 if waiting and waiting[0].source == "software" else len(waiting)
        workers += _start_workers(waiting[:first], lines, measured, watcher)
        waiting = waiting[first:]
        head_start = time.monotonic() + HEAD_START_LIMIT_S
        while waiting or _is_measuring(workers):
            now = time.monotonic()
            sampled = _receive_lines(workers, lines, measured, watcher)
            _forward_answers(workers, watcher)
            if waiting and (sampled or not workers or workers[0].done or now > head_start):
                workers += _start_workers(waiting, lines, measured, watcher)
                waiting = []
            _kill_overdue(workers, now, measured, watcher)
            _tick_watcher(workers, watcher)
    finally:
        for worker in workers:
            worker.kill_and_reap()
            if worker.device is not None:
                measured.devices.setdefault(worker.job.source, worker.device)
            text = worker.stderr_tail.decode(errors="replace")
            measured.notes += [
                f"{worker.job.source}: {redact(line)}" for line in text.splitlines() if line.strip()
            ]
    return measured


def _is_measuring(workers: list[_Worker]) -> bool:
    """Return whether anything is still measured; what is only shown beside it ends with it."""
    measuring = [worker for worker in workers if not worker.job.live]
    return any(not worker.done for worker in measuring or workers)


def _kill_overdue(workers: list[_Worker], now: float, measured: Measurements, watcher: Watcher) -> None:
    """Kill each worker whose deadline has passed; its checks that are still open get the reason."""
    for worker in workers:
        if not worker.done and worker.prompt is None and now > worker.deadline:
            # A file never hangs as a device does: there was too much of it, or too little time.
            kind = Kind.SLOW if is_file(worker.job.target) else Kind.TIMEOUT
            _fail_open_checks(worker, measured, kind, f"no end after {worker.job.deadline_s:g} s")
            platforms.kill(worker.process)
            watcher.handle_event(worker.job, {"event": "trouble", "check": None, "kind": kind})


def _start_workers(
    jobs: Iterable[Job], lines: _Lines, measured: Measurements, watcher: Watcher
) -> list[_Worker]:
    workers = []
    for job in jobs:
        try:
            workers.append(_Worker(job, lines))
        except OSError as error:
            # As Linux refuses another process (fork(2)).
            kind = Kind.NO_MEMORY if error.errno in (errno.ENOMEM, errno.EAGAIN) else Kind.CRASH
            trouble = Trouble(kind=kind, detail=f"no worker: {label(error)}")
            measured.outcomes |= dict.fromkeys(job.checks or (job.source,), trouble)
            watcher.handle_event(job, {"event": "trouble", "check": None, "kind": kind})
    return workers


def _receive_lines(workers: list[_Worker], lines: _Lines, measured: Measurements, watcher: Watcher) -> bool:
    """Take the lines that are there, the first within a tick; returns whether one ended the head start.

    Where one tick costs more than a line, as a large screen does on a slow computer, lines taken
    one a tick would be shown later and later.
    """
    sampled = _receive_line(workers, lines, measured, watcher)
    for _ in range(lines.qsize()):
        sampled |= _receive_line(workers, lines, measured, watcher)
    return sampled


def _receive_line(workers: list[_Worker], lines: _Lines, measured: Measurements, watcher: Watcher) -> bool:
    """Take one line, if there is one within a tick; returns whether it ended the head start."""
    now = time.monotonic()
    wait = min([0.1, *(max(0.0, w.deadline - now) for w in workers if not w.done and w.prompt is None)])
    try:
        worker, line = lines.get(timeout=wait)
    except queue.Empty:
        return False
    if worker.done:
        return False
    if line is None:
        status = worker.kill_and_reap()
        kind, detail = Kind.CRASH, f"ended with status {status:d}"
        if worker.job.source in _PERMISSION_SOURCES and platforms.lacks_usage_description(status):
            kind, detail = Kind.NO_PERMISSION, f"{detail}; macos says: {worker.job.source} undeclared"
        elif _NO_MEMORY.search(worker.stderr_tail):
            kind = Kind.NO_MEMORY
        elif _reads_media_file(worker.job) and status != _KILLED:
            kind = Kind.BAD_INPUT
        _fail_open_checks(worker, measured, kind, detail)
        watcher.handle_event(worker.job, {"event": "trouble", "check": None, "kind": kind})
        return False
    event = _parse_event(line)
    if event is None:
        measured.notes.append(f"{worker.job.source}: unknown line of {len(line)} bytes")
        return False
    if worker.job.live:
        worker.deadline = time.monotonic() + worker.job.deadline_s
    _handle_event(worker, event, measured, watcher)
    return event.get("event") == "phase" and event.get("name") == HEAD_START_PHASE


def _forward_answers(workers: list[_Worker], watcher: Watcher) -> None:
    """Hand on what the person answers; who waits for it, or is not watched meanwhile, has more time."""
    for worker in workers:
        if worker.prompt is None or worker.done:
            continue
        begun = time.monotonic()
        answer = watcher.answer(worker.job, worker.prompt)
        spent = time.monotonic() - begun
        for each in workers:
            each.deadline += spent
        if answer is not None:
            worker.deadline += begun - worker.prompt_at
            worker.prompt = None
            worker.send({"go": answer})


def _tick_watcher(workers: list[_Worker], watcher: Watcher) -> None:
    """Let the watcher show what changed; for a screen that stands still no worker is to blame.

    Windows' console takes nothing while somebody has clicked into it to select (QuickEdit).
    """
    begun = time.monotonic()
    watcher.tick()
    spent = time.monotonic() - begun
    if spent > _SLOW_TICK_S:
        for worker in workers:
            worker.deadline += spent


def _handle_event(worker: _Worker, event: dict[str, Any], measured: Measurements, watcher: Watcher) -> None:
    try:
        outcome = _OUTCOME_LOADERS[event["event"]](event) if event["event"] in _OUTCOME_LOADERS else None
    except codec.MalformedError as error:
        measured.notes.append(f"{worker.job.source}: {redact(str(error))}")
        return
    match event["event"]:
        case "done":
            _fail_open_checks(worker, measured, Kind.BUG, "the source said nothing of this check")
        case "trouble" if event.get("check") is None and isinstance(outcome, Trouble):
            _fail_open_checks(worker, measured, outcome.kind, outcome.detail, done=False)
        case "ask":
            worker.prompt, worker.prompt_at = str(event.get("prompt", "")), time.monotonic()
        case "device":
            worker.device = str(event.get("name", ""))
        case "unrecorded":
            measured.unrecorded.append((str(event.get("path", "")), str(event.get("reason", ""))))
    if outcome is not None and event.get("check") in worker.open:
        _keep_outcome(worker, measured, event["check"], outcome)
    watcher.handle_event(worker.job, event)


def _keep_outcome(worker: _Worker, measured: Measurements, check: str, outcome: Outcome) -> None:
    worker.open.remove(check)
    measured.outcomes[check] = outcome
    measured.durations[check] = round(time.monotonic() - worker.started, 3)


def _fail_open_checks(
    worker: _Worker, measured: Measurements, kind: Kind, detail: str, *, done: bool = True
) -> None:
    """Give every check still open the same trouble; a mere listing has the source's name for one."""
    if not worker.job.checks and kind is not Kind.BUG:
        measured.outcomes[worker.job.source] = Trouble(kind=kind, detail=detail)
    for check in tuple(worker.open):
        _keep_outcome(worker, measured, check, Trouble(kind=kind, detail=detail))
    if done:
        worker.done = True


def _reads_media_file(job: Job) -> bool:
    """Return whether a file stands in for a device: what ends its decoder is the file, and no driver."""
    if job.source not in _PERMISSION_SOURCES or job.target is None:
        return False
    return Path(job.target.removeprefix("file://")).is_file()


def _parse_event(line: bytes) -> dict[str, Any] | None:
    try:
        event = codec.parse(line.decode())
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


_OUTCOME_LOADERS: Mapping[str, Callable[[Mapping[str, Any]], Finding | Skip | Trouble]] = {
    "facts": codec.load_finding,
    "skip": codec.load_skip,
    "trouble": codec.load_trouble,
}
