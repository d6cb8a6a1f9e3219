"""What the live screen costs: pictures and processor time a second, and frames of the measured capture.

The camera is a 1080p film at 30 frames a second, played in its own time, and the same
over HTTP from a process of its own. Processor time is that of the program and its
workers together, of one core. `python tests/bench/live.py`
"""

import contextlib
import importlib
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import cv2
import numpy as np
import psutil
import scenes
import webcam_server

from preflight import captures, inspection, live, live_state, model, policy, runner
from preflight.sources import camera
from preflight.sources.camera import preview

assert sys.platform != "win32"  # the form by which a type checker leaves out a module

SECONDS = 8.0
SHOWN = round(1 / preview.FRAME_S)
"""How many frames of a device are decoded a second."""
RUNS = 3
COMMAND = [sys.executable, "-m", "preflight"]
FRAME = b"\x1b[?2026h"


class Screen:
    """A terminal that takes whatever is written, at once, and looks at little of it."""

    def __init__(self, arguments: list[str], columns: int, rows: int) -> None:
        self.ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (rows, columns))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "CI": ""}
        self.process = subprocess.Popen(
            [*COMMAND, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
        )
        os.close(theirs)
        self.written = b""

    def read(self, until: Callable[[], bool], seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not until() and time.monotonic() < end:
            if select.select([self.ours], [], [], 0.05)[0]:
                try:
                    self.written += os.read(self.ours, 1 << 20)
                except OSError:
                    return

    def spent(self) -> float:
        """Return the seconds of processor time of the program and its workers."""
        program = psutil.Process(self.process.pid)
        times = [each.cpu_times() for each in (program, *program.children(recursive=True))]
        return sum(each.user + each.system for each in times)

    def pictures(self) -> int:
        return sum("▀".encode() in each for each in self.written.split(FRAME)[1:])


def watched(source: list[str], columns: int, rows: int) -> str:
    screen = Screen(["live", *source], columns, rows)
    screen.read(lambda: screen.pictures() > 10)
    before, pictures, written = screen.spent(), screen.pictures(), len(screen.written)
    begun = time.monotonic()
    screen.read(lambda: time.monotonic() - begun > SECONDS)
    took = time.monotonic() - begun
    spent = 100 * (screen.spent() - before) / took
    shown = (screen.pictures() - pictures) / took
    kept = (len(screen.written) - written) / took / 1000
    screen.process.send_signal(signal.SIGINT)
    screen.read(lambda: screen.process.poll() is not None, 5)
    return f"{columns}x{rows}  {shown:5.1f} pictures/s  {spent:5.1f} % of a core  {kept:5.0f} kB/s"


class Told:
    """Counts how often what would be said of the face is told anew, and ends that after a while."""

    def __init__(self) -> None:
        self._moments: list[float] = []

    def handle_event(self, job: model.Job, event: Mapping[str, Any]) -> None:  # noqa: ARG002 - a watcher's form
        if event["event"] == "now" and event["check"] == "camera.face":
            self._moments.append(time.monotonic())

    def answer(self, job: model.Job, prompt: str) -> str:  # noqa: ARG002 - a watcher's form
        return prompt

    def tick(self) -> None:
        if self._moments and time.monotonic() - self._moments[0] > 2 + SECONDS:
            raise live.UserLeft

    def __str__(self) -> str:
        told = np.array([each for each in self._moments if each - self._moments[0] > 2])
        gaps = np.diff(told)
        return f"{len(gaps) / (told[-1] - told[0]):5.1f} hints/s  longest gap {1000 * gaps.max():4.0f} ms"


def told(film: Path) -> Told:
    choices = inspection.Choices(only=live_state.GLIMPSED_CHECKS[:4], targets={"camera": str(film)})
    watcher = Told()
    with contextlib.suppress(live.UserLeft):
        runner.run(inspection.plan_live(policy.load(), choices), watcher)
    return watcher


class Watched:
    """The link of a guided run whose screen takes its time."""

    def __init__(self) -> None:
        self.pictures = 0
        self.glimpses = 0

    def device(self, name: str) -> None:
        """Not shown."""

    def phase(self, name: str, seconds: float | None = None) -> None:
        """Not shown."""

    def level(self, name: str, value: float) -> None:
        """Not shown."""

    def preview(self, pixels: bytes, width: int, height: int) -> None:  # noqa: ARG002 - a link's form
        self.pictures += 1
        time.sleep(0.05)

    def show_glimpse(self, capture: object, checks: Sequence[str]) -> None:  # noqa: ARG002 - a link's form
        self.glimpses += 1
        for name in ("face", "lighting", "focus", "colour"):
            importlib.import_module(f"preflight.checks.{name}").analyse(capture, {})

    def ask(self, prompt: str) -> str:
        return prompt


def measured(address: str, *, guided: bool) -> str:
    """Return what came of a capture, with a live screen or without anybody."""
    job = model.Job(
        source="camera",
        target=address,
        checks=("camera.video",),
        parameters={"seconds": 4.0},
        bounds={},
        guided=guided,
    )
    link = Watched()
    (capture,) = camera.capture(job, link)
    assert isinstance(capture, captures.CameraCapture)
    gaps = np.diff(capture.arrivals)
    rate = len(gaps) / (capture.arrivals[-1] - capture.arrivals[0])
    return (
        f"{'live' if guided else 'none'}  {rate:5.2f} frames/s  longest gap {1000 * gaps.max():4.0f} ms"
        f"  waited for us {100 * capture.starved:3.0f} %  {link.pictures} pictures, {link.glimpses} glimpses"
    )


def filmed(path: Path, picture: webcam_server.Picture, rate: int) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (1920, 1080))
    for jpeg in webcam_server.Webcam(picture).frames * 16:
        writer.write(np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)))
    writer.release()
    return path


def serve() -> None:
    with webcam_server.serve_webcam(scenes.good()) as feed:
        print(feed.address, flush=True)
        time.sleep(600)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Of a device only what is shown is decoded; of a film every frame. The slower film is the device.
        for rate in (SHOWN, webcam_server.FPS):
            film = filmed(folder / f"{rate}.avi", scenes.good(), rate)
            for columns, rows in ((80, 24), (120, 40)):
                print(f"live, {rate:2} decoded/s", watched(["camera", "--camera", str(film)], columns, rows))
        nobody = filmed(folder / "nobody.avi", scenes.empty(), SHOWN)
        print("live, nobody there", watched(["camera", "--camera", str(nobody)], 80, 24))
        print("live, somebody    ", told(folder / f"{SHOWN}.avi"))
        print("live, nobody there", told(nobody))
        with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE) as server:
            assert server.stdout
            address = server.stdout.readline().decode().strip()
            print("live, HTTP stream ", watched(["camera", "--camera", address], 80, 24))
            for guided in (True, False) * RUNS:
                print("measured capture, screen:", measured(address, guided=guided))
            server.kill()


if __name__ == "__main__":
    serve() if "--serve" in sys.argv else main()
