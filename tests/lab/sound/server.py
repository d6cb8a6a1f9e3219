"""A sound server of its own with a microphone made of nothing: what is played is what it hears.

PulseAudio without sound hardware: a null sink is the loudspeaker, and its monitor, mapped
to a source of its own, the microphone. `norewinds` keeps the sink from giving its sound out
again and again (0.5 s would take 2.5 s).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import voices
from voices import Sound

from preflight import platforms

PROGRAMS = ("pulseaudio", "pactl", "paplay", "espeak-ng")
MICROPHONE = "Lab Microphone"
ALSA = """\
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse hint { show on description "Sound server" } }
ctl.!default { type pulse }
"""


def unable() -> str | None:
    """Say what keeps this machine from the lab; None when nothing does."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    return f"needs {', '.join(missing)}" if missing else None


class Server:
    """One PulseAudio server and the programs that are run with it."""

    def __init__(self, *, microphone: bool = True, rescue: bool = False, rate: int = 48000) -> None:
        self._modules = [
            (
                f"module-null-sink sink_name=speaker norewinds=1 rate={rate} channels=1 format=float32le"
                " sink_properties=device.description=Lab_Loudspeaker"
            ),
        ]
        if microphone:
            self._modules.append(
                "module-remap-source source_name=microphone master=speaker.monitor channels=1"
                " source_properties='device.description=\"" + MICROPHONE + "\"'"
            )
        if rescue:
            self._modules.append("module-rescue-streams")
        self._default = "microphone" if microphone else "speaker.monitor"

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="sound-lab-")
        folder = Path(self._folder.name)
        (folder / "asound.conf").write_text(ALSA)
        socket = folder / "native"
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "PULSE_SERVER": f"unix:{socket}",
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }
        self.environment.pop("CI", None)
        modules = [f"module-native-protocol-unix socket={socket} auth-anonymous=1", *self._modules]
        self._server = subprocess.Popen(
            [
                "pulseaudio",
                "-n",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--use-pid-file=no",
                "--realtime=no",
            ]
            + ["--high-priority=no", "--log-target=stderr", "--log-level=error"]
            + [word for module in modules for word in ("-L", module)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._players: list[subprocess.Popen[bytes]] = []
        until = time.monotonic() + 10
        while not self.control("set-default-source", self._default, check=False):
            if time.monotonic() > until:
                self.__exit__(None, None, None)
                raise TimeoutError("PulseAudio did not start")
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (*self._players, self._server):
            process.kill()
            process.wait()
        self._folder.cleanup()

    def control(self, *words: str, check: bool = True) -> bool:
        """Tell the server something; returns whether it did it."""
        done = subprocess.run(["pactl", *words], env=self.environment, capture_output=True, check=check)
        return done.returncode == 0

    def unplug(self) -> None:
        """Take the microphone away."""
        self.control("unload-module", "module-remap-source")

    def kill(self) -> None:
        """End the server as a crash does."""
        self._server.kill()

    def play(self, samples: Sound) -> None:
        """Play into the loudspeaker, which is what the microphone hears."""
        path = Path(self._folder.name) / f"{len(self._players)}.wav"
        path.write_bytes(voices.wav(samples))
        command = ["paplay", "--device=speaker", "--latency-msec=400", str(path)]
        self._players.append(subprocess.Popen(command, env=self.environment, stderr=subprocess.DEVNULL))

    def listen(self) -> Path:
        """Return a file to which what the loudspeaker plays is written (mono, float32, 48 kHz)."""
        path = Path(self._folder.name) / "heard.raw"
        command = ["parec", "--device=speaker.monitor", "--raw", "--format=float32le", "--channels=1"]
        with path.open("wb") as file:
            self._players.append(
                subprocess.Popen(
                    [*command, "--rate=48000", "--latency-msec=50"], env=self.environment, stdout=file
                )
            )
        return path

    def preflight(
        self,
        *arguments: str,
        on: Mapping[str, Callable[[], object]],
        wrap: Sequence[str],
        each: Mapping[str, Callable[[int], object]] | None = None,
    ) -> "Told":
        """Run the program as a person at a terminal does, who presses Enter when asked to.

        `on` maps a piece of what the terminal shows to what is done when it first appears, `each` to what
        is done, with the terminal, each time it does.
        """
        if sys.platform == "win32":
            raise NotImplementedError("there are no pseudo-terminals")
        import pty  # noqa: PLC0415 - Windows has none, and collects this file too

        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*wrap, sys.executable, "-m", "preflight", "run", "--format", "json", "--devices", *arguments],
            env={**self.environment, "TERM": "xterm", "LC_ALL": "C.UTF-8"},
            cwd=Path(__file__).parents[3],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        started = time.monotonic()
        shown: list[str] = []
        acts = {"Press Enter": lambda: _enter(ours), **on}
        watcher = threading.Thread(target=_watch, args=(ours, acts, each or {}, shown))
        watcher.start()
        try:
            with _Clock() as clock:
                document, _ = process.communicate(timeout=60)
        finally:
            platforms.kill(process)
        watcher.join()
        os.close(ours)
        return Told(
            report=json.loads(document),
            shown="".join(shown),
            left=self._left(),
            seconds=time.monotonic() - started,
            late=clock.late,
        )

    def _left(self) -> list[str]:
        """Return what still runs with this server's environment, but for the server and its players."""
        own = {self._server.pid, *(player.pid for player in self._players)}
        return [
            each.name()
            for each in psutil.process_iter()
            if each.pid not in own and self._spoken_for(each) and each.status() != psutil.STATUS_ZOMBIE
        ]

    def _spoken_for(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("PULSE_SERVER") == self.environment["PULSE_SERVER"]
        except psutil.Error:
            return False


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the program answered, and after how long."""

    report: dict[str, Any]
    shown: str
    """What stood on the terminal."""
    left: list[str]
    """Processes that outlived it."""
    seconds: float
    late: float
    """Seconds by which somebody on this machine who sleeps was woken too late, at worst."""

    def fact(self, check: str, name: str) -> Any:
        """Return the value of one fact, None where it is not there."""
        return self._check(check)["facts"].get(name, {}).get("value")

    def word(self, check: str) -> str:
        """Return a verdict with the facts that are not good, or the trouble, or what it is skipped for."""
        found = self._check(check)
        if found["trouble"]:
            return f"error {found['trouble']['kind']}"
        if found["skipped_for"]:
            return f"skip {found['skipped_for']}"
        missed = [each["fact"] for each in found["results"] if each["verdict"] not in ("pass", "skip")]
        return " ".join([found["verdict"], ",".join(missed)]).strip()

    def _check(self, check: str) -> Any:
        return next(each for each in self.report["checks"] if each["id"] == check)


class _Clock:
    """Tells whether the machine keeps time: sound that is late is not what was played."""

    def __enter__(self) -> Self:
        self.late = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        before = time.monotonic()
        while not self._done.wait(0.01):
            now = time.monotonic()
            self.late = max(self.late, now - before - 0.01)
            before = now


def _enter(terminal: int) -> None:
    os.write(terminal, b"\n")


def _watch(
    terminal: int,
    on: Mapping[str, Callable[[], object]],
    each: Mapping[str, Callable[[int], object]],
    shown: list[str],
) -> None:
    """Read what the terminal shows until nobody writes to it; act on words, once or each time."""
    left, seen = dict(on), dict.fromkeys(each, 0)
    while True:
        try:
            shown.append(os.read(terminal, 4096).decode(errors="replace"))
        except OSError:
            return
        for word in [word for word in left if word in "".join(shown)]:
            left.pop(word)()
        for word, act in each.items():
            while "".join(shown).count(word) > seen[word]:
                seen[word] += 1
                act(terminal)
