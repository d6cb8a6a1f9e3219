"""The child side: captures one source, runs its checks, sends facts as JSON lines.

A driver that hangs or crashes takes this process with it and nothing else. The
protocol has file descriptors of its own: what libraries print goes to stderr.
"""

import importlib
import json
import os
import queue
import re
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

from preflight import codec, platforms, storage
from preflight.errors import (
    MeasurementError,
    is_out_of_memory,
    label,
    require_memory_for_thread,
    system_reason,
)
from preflight.model import PREVIEW_LIMIT, FailedCapture, Finding, Job, Kind, Skip, Trouble
from preflight.platforms import identity
from preflight.sources import recording

_LIBRARIES = frozenset(
    {
        "cv2",
        "cv2_enumerate_cameras",
        "numpy",
        "psutil",
        "sounddevice",
        "soundfile",
        "speedtest",
        "truststore",
        "urllib3",
    }
)
_MISSING_SHARED_LIBRARY = re.compile(r"(lib[\w+-]+\.so[.\d]*): cannot open shared object file")
"""How Linux's loader (ld.so) begins to say which library of the system another one needs."""


def main() -> int:
    """Serve one job from stdin; returns the exit status."""
    commands, lines = _take_over_pipes()
    request = commands.readline()
    try:
        job = codec.load_job(json.loads(request))
    except (ValueError, codec.MalformedError) as error:
        print(f"preflight --worker: not a job: {error}", file=sys.stderr)  # noqa: T201 - there is no link yet
        return 2
    # NumPy's threads busily wait for work that is too small to be shared: 80 ms of a processor at each start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    link = PipeLink(lines, guided=job.guided, shown="preview" in job.parameters)
    try:
        require_memory_for_thread()
        threading.Thread(target=_forward_answers, args=(commands, link), daemon=True).start()
    except (MemoryError, RuntimeError) as error:
        link.trouble(None, _bug_trouble(error))
        link.send("done")
        return 0
    run_job(job, link)
    return 0


def run_job(job: Job, link: "PipeLink") -> None:
    """Capture, analyse, send; every end is told, also that of a bug."""
    if job.yields:
        platforms.lower_priority()
    try:
        source = importlib.import_module(f"preflight.sources.{job.source}")
        if not job.checks:
            link.send("listed", devices=source.devices())
        checks = {check: _import_check(check) for check in job.checks}
        link.glimpse = lambda capture, wanted: _send_glimpse(
            capture, {check: checks[check] for check in wanted if check in checks}, job.parameters, link
        )
        captured = source.live(job, link) if job.live else source.capture(job, link)
        kept, unanswered = [], dict(checks)
        for capture in captured if checks else ():
            _analyse(capture, checks, job, link)
            unanswered = {
                check: module for check, module in unanswered.items() if not _reads_capture(module, capture)
            }
            if job.record and job.source in recording.RECORDED:
                kept.append(capture)
        if kept:
            _save_recording(job, kept, link)
        for check in unanswered if job.source in recording.RECORDED and job.target is not None else ():
            link.trouble(check, Trouble(kind=Kind.BAD_INPUT, detail="the recording says nothing of this"))
    except MeasurementError as broken:
        link.trouble(None, broken.trouble)
    except ImportError as missing:
        ours = (missing.name or "").startswith("preflight")
        trouble = (
            _bug_trouble(missing) if ours or is_out_of_memory(missing) else _missing_library_trouble(missing)
        )
        link.trouble(None, trouble)
    except Exception as bug:  # noqa: BLE001 - the one place per source where a bug becomes a trouble
        link.trouble(None, _bug_trouble(bug))
    link.send("done")


class PipeLink:
    """The link over the protocol's file descriptor; safe to use from any thread."""

    def __init__(self, lines: BinaryIO, *, guided: bool, shown: bool = False) -> None:
        self._lines = lines
        self._lock = threading.Lock()
        self._guided = guided
        self._shown = guided or shown
        self.glimpse: Callable[[object, Sequence[str]], None] | None = None
        """What looks at a capture in passing; known once the checks are."""
        self.answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def send(self, event: str, **values: object) -> None:
        """Write one event; a line too long for the protocol is a bug of ours and raises."""
        line = json.dumps({"event": event, **values}, allow_nan=False).encode() + b"\n"
        if len(line) > codec.LINE_LIMIT:
            raise ValueError(f"{event}: a line of {len(line)} bytes")
        with self._lock:
            self._lines.write(line)
            self._lines.flush()

    def trouble(self, check: str | None, trouble: Trouble) -> None:
        """Send a trouble; None is the whole source, what it has not yet answered."""
        self.send("trouble", check=check, kind=trouble.kind, detail=trouble.detail[: codec.DETAIL_LIMIT])

    def device(self, name: str) -> None:
        """Name the device that is really used."""
        self.send("device", name=name[:200])

    def phase(self, name: str, seconds: float | None = None) -> None:
        """Say what happens now and how long it is expected to take."""
        self.send("phase", name=name, seconds=seconds)

    def level(self, name: str, value: float) -> None:
        """Show a live value; what is not a number is not shown."""
        if value == value and abs(value) != float("inf"):  # noqa: PLR0124 - nan
            self.send("level", name=name, value=float(value))

    def preview(self, pixels: bytes, width: int, height: int) -> None:
        """Show a thumbnail of RGB bytes; where nobody sits at a screen for it nothing is sent."""
        if width > PREVIEW_LIMIT[0] or height > PREVIEW_LIMIT[1]:
            raise ValueError("no picture larger than a thumbnail leaves the worker")
        if self._shown:
            self.send("preview", width=width, height=height, pixels=b64encode(pixels).decode())

    def show_glimpse(self, capture: object, checks: Sequence[str]) -> None:
        """Show what these checks would say of a glimpse; in an unguided run nobody looks."""
        if self._guided and self.glimpse:
            self.glimpse(capture, checks)

    def ask(self, prompt: str) -> str:
        """Wait for the person; unguided, nobody is there to be waited for."""
        if not self._guided:
            return "skip"
        self.send("ask", prompt=prompt)
        return self.answers.get()


def _analyse(capture: object, checks: Mapping[str, Any], job: Job, link: PipeLink) -> None:
    for check, module in checks.items():
        if not _reads_capture(module, capture):
            continue
        if isinstance(capture, FailedCapture):
            link.trouble(check, capture.trouble)
            continue
        started = time.perf_counter()
        outcome = _run_check(module, capture, job.parameters)
        if isinstance(outcome, Finding) and not codec.is_bounded(outcome):
            kind = Kind.NO_DATA if job.target is None else Kind.BAD_INPUT
            outcome = Trouble(kind=kind, detail=f"a number beyond {codec.NUMBER_LIMIT:g}")
        spent = round(time.perf_counter() - started, 4)
        if isinstance(outcome, Trouble):
            link.trouble(check, outcome)
        elif isinstance(outcome, Skip):
            link.send("skip", check=check, skipped_for=outcome.skipped_for, analysis_s=spent)
        else:
            link.send("facts", check=check, analysis_s=spent, **codec.finding_document(outcome))


def _reads_capture(module: Any, capture: object) -> bool:
    reads = capture.reads if isinstance(capture, FailedCapture) else type(capture)
    return issubclass(reads, module.READS)


def _send_glimpse(
    capture: object, checks: Mapping[str, Any], parameters: Mapping[str, object], link: PipeLink
) -> None:
    for check, module in checks.items():
        outcome = _run_check(module, capture, parameters)
        if isinstance(outcome, Trouble):
            link.send("now", check=check, kind=outcome.kind, detail="")
        elif isinstance(outcome, Skip):
            link.send("now", check=check, skipped_for=outcome.skipped_for)
        else:
            link.send("now", check=check, facts=codec.finding_document(outcome)["facts"])


def _run_check(module: Any, capture: object, parameters: Mapping[str, object]) -> Finding | Skip | Trouble:
    try:
        outcome: Finding | Skip = module.analyse(capture, parameters)
    except MeasurementError as broken:
        return broken.trouble
    except Exception as bug:  # noqa: BLE001 - the one place per check where a bug becomes a trouble
        return _bug_trouble(bug)
    return outcome


def _save_recording(job: Job, kept: list[object], link: PipeLink) -> None:
    """Keep raw readings for a replay; no picture, no sound, and nothing that tells whose they are."""
    path = Path(str(job.record)) / f"{job.source}.json"
    try:
        storage.write(
            path, json.dumps(_remove_personal_data(recording.dump(job.source, kept)), indent=1).encode()
        )
    except OSError as error:
        link.send("unrecorded", path=str(path), reason=system_reason(error))


def _remove_personal_data(value: Any) -> Any:
    if isinstance(value, str):
        return identity.remove_identity(value)
    if isinstance(value, dict):
        return {key: _remove_personal_data(item) for key, item in value.items()}
    return [_remove_personal_data(item) for item in value] if isinstance(value, list | tuple) else value


def _import_check(check: str) -> Any:
    return importlib.import_module(f"preflight.checks.{check.partition('.')[2]}")


def _take_over_pipes() -> tuple[FileIO, BinaryIO]:
    """Take both ends of the protocol for our own; to libraries 0 is empty and 1 is stderr.

    On Windows whoever looks at a pipe waits while a read of it does, and libraries look at 0 when
    they are loaded: numpy's would wait until the parent says something (numpy issue 24290).
    """
    # Unbuffered: a thread that waits in a buffered read makes the interpreter's end abort.
    commands = FileIO(os.dup(0), closefd=False)
    protocol = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return commands, protocol


def _forward_answers(commands: FileIO, link: PipeLink) -> None:
    """Hand on the person's answers; when the parent is gone, go too."""
    while line := commands.readline(codec.LINE_LIMIT):
        try:
            answer = json.loads(line).get("go")
        except (ValueError, AttributeError):
            continue
        if isinstance(answer, str):
            link.answers.put(answer)
    platforms.end_worker()


def _bug_trouble(bug: Exception) -> Trouble:
    """Return where it happened and what: lines of our own code, no value of the client's."""
    if is_out_of_memory(bug):
        return Trouble(kind=Kind.NO_MEMORY, detail=label(bug))
    frames = []
    trace = bug.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        frames.append(f"{os.path.basename(code.co_filename)}:{trace.tb_lineno} {code.co_name}")  # noqa: PTH119 - a name in a traceback
        trace = trace.tb_next
    return Trouble(kind=Kind.BUG, detail=f"{label(bug)} at {' > '.join(frames[-4:])}")


def _missing_library_trouble(error: ImportError) -> Trouble:
    """Return which library is missing: one of those that are used, or one of the system's below it."""
    name = (error.name or "").partition(".")[0]
    below = _MISSING_SHARED_LIBRARY.match(error.msg)
    known = [name] if name in _LIBRARIES else []
    return Trouble(
        kind=Kind.NO_LIBRARY, detail=" ".join([label(error), *known, *(below.groups() if below else ())])
    )
