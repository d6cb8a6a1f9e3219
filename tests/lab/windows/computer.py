"""A Windows computer: what is plugged into it, the product run on it, what was left.

    PYTHONPATH=tests python -m lab.windows.computer -m preflight devices

runs its Python with these words and prints what came.
"""

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import cv2
import scenes
from lab.windows import root
from lab.windows.root import CannotBuild
from terminals import Terminal

__all__ = ["Camera", "CannotBuild", "Computer", "Done", "State"]

DESK = f"/{root.WIN}/desk"
"""The folder in which the product is run."""
LAB = f"/{root.WIN}/lab"
PYTHON = f"/{root.WIN}/python/python.exe"
MODULE = (PYTHON, "-m", "preflight")
"""How the product is started where it is not installed."""
USB = r"\\?\usb#vid_0000&pid_0000&mi_00#lab{at}#{{65e8773d}}\global"
_SPARE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera as DirectShow lists it."""

    name: str
    plan: tuple[str, ...]
    """What it offers and how it behaves: lines that `inside/camera.c` explains."""
    path: str = USB
    """Its DevicePath; "" as most programs have that pose as a camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is there before a program is run."""

    cameras: tuple[Camera, ...] = ()
    consent: Mapping[str, str] = field(default_factory=dict)
    """`webcam` or `microphone` to the person's switch: Allow, Deny."""
    users: Mapping[str, str] = field(default_factory=dict)
    """As above, to the program that has it now, as the ConsentStore spells it."""
    registry: str = ""
    """What regedit imports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a program."""

    status: int | None
    """None: it was not done within its time."""
    out: str
    err: str
    seconds: float
    left: tuple[str, ...]
    """Command lines of the product that still run."""
    streams: tuple[str, ...]
    """What cameras were asked for and did, as they wrote it down."""


class Computer:
    """A running Windows; what is changed in it is gone with it."""

    def __init__(self, locale: str = "C.UTF-8") -> None:
        self._stack = contextlib.ExitStack()
        self._supplied = False
        self._touched: list[Path] = []
        self.environment = {
            **root.ENVIRONMENT,
            "LC_ALL": locale,
            "PYTHONPATH": r"Z:\win\src",
            "XDG_RUNTIME_DIR": "/run/lab",
            "PULSE_SERVER": "unix:/run/lab/native",
            # As on a client's computer, whatever the tests' terminals are set to.
            "PYTHONUTF8": "0",
            "TERM": "",
        }

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self.init = stack.enter_context(root.booted(root.build(), layered=True))
            self.files = Path(f"/proc/{self.init}/root")
            self._furnish()
            self._start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def command(self, *words: str, folder: str = DESK) -> list[str]:
        """Return the command by which this computer runs another one."""
        return root.inside(self.init, *words, folder=folder)

    def python(self, *words: str) -> list[str]:
        """Return the command that runs its Python."""
        return self.command("wine", PYTHON, *words)

    def do(self, *words: str, seconds: float = 60, folder: str = DESK) -> str:
        """Run a command of the lab's own; raises `CannotBuild` when it fails."""
        status, out, err = self._run(self.command(*words, folder=folder), self.environment, seconds)
        if status:
            raise CannotBuild(f"{' '.join(words[:4])}: {status} {err[-2000:]}")
        return out

    def try_out(self, *words: str, seconds: float = 60) -> str:
        """Run its Python in the folder of the project; returns what it printed, however it ended."""
        command = self.command("wine", PYTHON, *words, folder=f"/{root.WIN}/src")
        status, out, err = self._run(command, self.environment, seconds)
        return f"{out}{err}\n{status}"

    def become(self, state: State) -> None:
        """Take away what was plugged in and set before, and put this in its place."""
        told = asdict(state)
        for at, camera in enumerate(told["cameras"]):
            camera["key"] = f"lab{at}"
            camera["path"] = camera["path"].format(at=at)
        (self.files / LAB[1:] / "state.json").write_text(json.dumps(told))
        (self.files / LAB[1:] / "camera.log").unlink(missing_ok=True)
        for file in [*(self.files / DESK[1:]).iterdir(), *self._touched]:
            file.unlink()
        self._touched = []
        self.do(
            "wine",
            PYTHON,
            rf"Z:{LAB}\prepare.py".replace("/", "\\"),
            rf"Z:{LAB}\state.json".replace("/", "\\"),
        )

    def run(
        self,
        *words: str,
        seconds: float = 60,
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = MODULE,
    ) -> Done:
        """Run the product with these words, nobody in front of it."""
        began = time.monotonic()
        environment = {**self.environment, **(environment or {})}
        status, out, err = self._run(self.command("wine", *program, *words), environment, seconds)
        spent = time.monotonic() - began
        if status is None:
            self.end()
        left = self.left(_SPARE_S)
        return Done(status=status, out=out, err=err, seconds=spent, left=left, streams=self.streams())

    def terminal(self, *words: str, program: Sequence[str] = MODULE) -> Terminal:
        """Run the product with these words at a console that is its alone, as after a double click."""
        return Terminal(self.command("wine", *program, *words), 100, 40, self.environment)

    def type_in(self, *lines: str, seconds: float = 240) -> str:
        """Type lines at the console's own prompt, one after the other; returns all that it then shows."""
        typed = "\r\n".join(["@echo off", *lines, ""])
        (self.files / DESK[1:] / "typed.bat").write_bytes(typed.encode("ascii"))
        command = self.command("wine", "cmd.exe", "/c", "typed.bat")
        with Terminal(command, 120, 60, self.environment) as terminal:
            terminal.ended(seconds)
            return terminal.text

    def end(self) -> None:
        """End all of Windows, as the plug does; the next program starts it anew."""
        subprocess.run(self.command("wineserver", "--kill"), env=self.environment, check=False)
        self._start()

    def running(self) -> tuple[str, ...]:
        """Return the command lines of the product's processes."""
        return self.left(0.0)

    def left(self, seconds: float) -> tuple[str, ...]:
        """Return what of the product still runs after so many seconds at most."""
        until = time.monotonic() + seconds
        while (running := self._running()) and time.monotonic() < until:
            time.sleep(0.1)
        return running

    def streams(self) -> tuple[str, ...]:
        """Return what the cameras wrote down since the state was made, without times and names."""
        log = self.files / LAB[1:] / "camera.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return tuple(line.split(": ", 1)[-1] for line in lines)

    def read(self, name: str) -> str:
        """Return a file that the product wrote on its desk; "" where there is none."""
        return self.read_bytes(name).decode(errors="replace")

    def read_bytes(self, name: str) -> bytes:
        """Return what is in a file on the desk; b"" where there is none."""
        file = self.files / DESK[1:] / name
        return file.read_bytes() if file.exists() else b""

    def write(self, name: str, text: str) -> None:
        """Lay a file on the desk."""
        (self.files / DESK[1:] / name).write_text(text, "utf-8")

    def touch(self, path: str) -> None:
        """Make an empty file, named as Windows does; it goes with the state."""
        drive, _, rest = path.partition(":\\")
        assert drive.upper() == "C"
        file = self.files / root.PREFIX[1:] / "drive_c" / rest.replace("\\", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        self._touched.append(file)

    def supply(self, name: str, **attributes: object) -> None:
        """Give it a battery or a charger, as the kernel would name it; the first one hides the host's own."""
        supplies = self.files / "sys/class/power_supply"
        if not self._supplied:
            self.do("mount", "-t", "tmpfs", "tmpfs", "/sys/class/power_supply")
            self._supplied = True
        (supplies / name).mkdir(exist_ok=True)
        for attribute, value in attributes.items():
            (supplies / name / attribute).write_text(f"{value}\n")

    @contextlib.contextmanager
    def hearing(self, sound: str) -> Iterator[None]:
        """Connect it to a sound server, whose socket is at this address, for as long as this lasts."""
        here = Path(f"/proc/{self.init}/root").readlink() / "run/lab"
        outside = ["nsenter", f"--target={self.init}", "--mount"]
        socket = Path(sound.removeprefix("unix:"))
        subprocess.run([*outside, "mount", "--bind", socket.parent, here], check=True)
        try:
            yield
        finally:
            # Windows' own service keeps the connection.
            self.end()
            subprocess.run([*outside, "umount", "--lazy", here], check=True)

    def kill(self, *, worker: bool) -> None:
        """End the product's first process, or its workers, as a task manager does."""
        for process in (self.files / "proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if "preflight" in words and ("--worker" in words) is worker:
                    self.do("bash", "-c", f"kill -KILL {process.name}")

    def _start(self) -> None:
        """Start Windows' own server and services, which stay: else each program would wait for them."""
        self.do("wineserver", "--persistent")
        self.do("wine", "cmd.exe", "/c", "exit")

    def _run(
        self, command: Sequence[str], environment: Mapping[str, str], seconds: float
    ) -> tuple[int | None, str, str]:
        """Return the status (None: not done in time) and what was printed.

        Into files, since the services of Windows, which the first program starts, keep its pipes.
        """
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
            status: int | None = None
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode(errors="replace"))
        return status, texts[0], texts[1]

    def _running(self) -> tuple[str, ...]:
        found = []
        for process in (self.files / "proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = process.read_bytes().decode(errors="replace").split("\0")
                if "preflight" in words or any(word.endswith("preflight.exe") for word in words):
                    found.append(" ".join(words).strip())
        return tuple(found)

    def _furnish(self) -> None:
        """Install the product, the programs and pictures of the lab."""
        win = self.files / root.WIN
        for name in ("preflight", "tests", ".github"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(root.PROJECT / name, win / "src" / name, ignore=ignored)
        for name in ("README.md", "LICENSE", "pyproject.toml"):
            shutil.copy(root.PROJECT / name, win / "src")
        for script in root.INSIDE.glob("*.py"):
            shutil.copy(script, win / "lab")
        (win / "desk").mkdir()
        (self.files / "run/lab").mkdir()
        pictures(win / "lab/scene")


def pictures(folder: Path) -> None:
    """Write what the cameras see, in each of their sizes, and the same as a film.

    A file holds frames one after the other as DirectShow has them: BGR, the lowest row first.
    """
    folder.mkdir()
    with tempfile.TemporaryDirectory() as made:
        film = Path(made) / "film.avi"
        scenes.video(film, scenes.good())
        shutil.copy(film, folder)
        seen = list(_frames(film))[:5]
    sizes: Mapping[tuple[int, int], Sequence[Any]] = {
        (1920, 1080): seen,
        (1280, 720): seen,
        (640, 360): seen,
        (640, 480): [picture[:, 240:1680] for picture in seen],
        (3840, 2160): seen[:2],
    }
    for (width, height), shown in sizes.items():
        way = cv2.INTER_CUBIC if width > 1920 else cv2.INTER_AREA
        with (folder / f"{width}x{height}.rgb").open("wb") as file:
            for picture in shown:
                file.write(cv2.resize(picture, (width, height), interpolation=way)[::-1].tobytes())


def _frames(film: Path) -> Iterator[Any]:
    video = cv2.VideoCapture(str(film), cv2.CAP_FFMPEG)
    while (got := video.read())[0]:
        yield got[1]


def main() -> int:
    """Run its Python once."""
    with Computer() as computer:
        return subprocess.run(
            computer.python(*sys.argv[1:]), env=computer.environment, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
