#!/usr/bin/python3
"""A USB webcam in software, for the kernel's own uvcvideo driver.

    camera --mode MJPG:1280x720@30 --mode YUYV:640x480@30 --picture FILE

It speaks the USB/IP protocol (kernel: Documentation/usb/usbip_protocol.rst) to the
virtual host controller vhci-hcd through a pair of sockets, and USB Video Class 1.0 above
that: one camera terminal, one bulk endpoint, exactly the modes it is given, the first of
them its default. It puts itself in the background once the driver has made its device,
and is unplugged by being ended.
"""

import argparse
import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

PORTS = Path("/sys/devices/platform/vhci_hcd.0")
HIGH_SPEED = 3
PAYLOAD = 16384
"""Bytes of one bulk transfer, two of them the payload's header."""
GRAINS = 7
GUIDS = {
    "YUYV": bytes.fromhex("5955593200001000800000aa00389b71"),
    "GREY": bytes.fromhex("5938303000001000800000aa00389b71"),
}
BITS = {"YUYV": 16, "GREY": 8, "MJPG": 0}

SUBMIT, UNLINK, SUBMITTED, UNLINKED = 1, 2, 3, 4
STALL, CONNECTION_RESET = -32, -104


@dataclass(frozen=True, slots=True)
class Mode:
    """One line of what a camera offers."""

    code: str
    width: int
    height: int
    rate: int

    @property
    def interval(self) -> int:
        """From frame to frame, in units of 100 ns."""
        return 10_000_000 // self.rate

    @property
    def size(self) -> int:
        """The largest frame in bytes."""
        return self.width * self.height * 2


class Unplugged(Exception):
    """As it was told to be."""


@contextmanager
def feeding() -> Iterator[None]:
    """Leave a mark that the host finds if this program ends otherwise than it was told to."""
    mark = Path(f"/run/feeding.{os.getpid()}")
    mark.touch()
    with suppress(Unplugged):
        yield
    mark.unlink()


def parse_mode(text: str) -> Mode:
    code, _, rest = text.partition(":")
    size, _, rate = rest.partition("@")
    width, _, height = size.partition("x")
    if code not in BITS:
        raise argparse.ArgumentTypeError(f"{code} is none of {', '.join(BITS)}")
    return Mode(code, int(width), int(height), int(rate))


def packed(*fields: tuple[str, int]) -> bytes:
    """Return a descriptor behind its own length, the fields little-endian as they come."""
    body = b"".join(struct.pack("<" + code, value) for code, value in fields)
    return bytes([len(body) + 1]) + body


def raw(*values: int) -> bytes:
    return bytes([len(values) + 1, *values])


def formats(modes: Iterable[Mode]) -> dict[str, list[Mode]]:
    """Return the modes by their format; both are numbered from 1 in this order."""
    ordered: dict[str, list[Mode]] = {}
    for mode in modes:
        ordered.setdefault(mode.code, []).append(mode)
    return ordered


def streaming(offered: dict[str, list[Mode]]) -> bytes:
    """Return the descriptors of formats and frames (UVC 1.0, 3.9.2, and of each payload)."""
    lines = b""
    for number, (code, modes) in enumerate(offered.items(), 1):
        if code == "MJPG":
            lines += raw(0x24, 6, number, len(modes), 1, 1, 0, 0, 0, 0)
        else:
            body = bytes([0x24, 4, number, len(modes)]) + GUIDS[code] + bytes([BITS[code], 1, 0, 0, 0, 0])
            lines += bytes([len(body) + 1]) + body
        for index, mode in enumerate(modes, 1):
            rate = mode.size * 8 * mode.rate
            lines += packed(
                *(("B", value) for value in (0x24, 7 if code == "MJPG" else 5, index, 0)),
                *(("H", mode.width), ("H", mode.height), ("I", rate), ("I", rate), ("I", mode.size)),
                *(("I", mode.interval), ("B", 1), ("I", mode.interval)),
            )
        lines += raw(0x24, 13, 1, 1, 4)
    count = len(offered)
    length = 13 + count + len(lines)
    header = struct.pack("<BBBBHBBBBBBB", 13 + count, 0x24, 1, count, length, 0x81, 0, 3, 0, 0, 0, 1)
    return header + bytes(count) + lines


def configuration(offered: dict[str, list[Mode]]) -> bytes:
    """Return the configuration: video control on interface 0, video streaming on interface 1."""
    units = struct.pack("<BBBBHBBHHHB3x", 18, 0x24, 2, 1, 0x0201, 0, 0, 0, 0, 0, 3)
    units += struct.pack("<BBBBBHB2xB", 11, 0x24, 5, 2, 1, 0, 2, 0)
    units += struct.pack("<BBBBHBBB", 9, 0x24, 3, 3, 0x0101, 0, 2, 0)
    control = struct.pack("<BBBHHIBB", 13, 0x24, 1, 0x0100, 13 + len(units), 48_000_000, 1, 1) + units
    body = raw(11, 0, 2, 0x0E, 3, 0, 2)
    body += raw(4, 0, 0, 0, 0x0E, 1, 0, 2) + control
    body += raw(4, 1, 0, 1, 0x0E, 2, 0, 0) + streaming(offered)
    body += packed(("B", 5), ("B", 0x81), ("B", 2), ("H", 512), ("B", 0))
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 2, 1, 0, 0x80, 250) + body


class Camera:
    """The camera's side: what it says of itself, what it was told, and its pictures."""

    def __init__(self, options: argparse.Namespace, number: int) -> None:
        self._options = options
        self._scene, self._shown = self._look()
        self._offered = formats(options.mode)
        self._configuration = configuration(self._offered)
        self._strings = {1: "Lab", 2: options.name, 3: f"{number:04}"}
        self._format = self._frame = 1
        self._encoded: dict[tuple[Mode, int], bytes] = {}
        self._parts: Iterator[bytes] = iter(())
        self._due = 0.0
        self._chance = np.random.default_rng(number)
        self.sent = 0

    def _look(self) -> tuple[np.ndarray, tuple[int, int]]:
        """Return the scene, and by what another one in its place is told."""
        file = Path(self._options.picture).stat()
        scene = cv2.imread(self._options.picture)
        if scene is None:
            sys.exit(f"no picture in {self._options.picture}")
        return scene, (file.st_ino, file.st_mtime_ns)

    @property
    def mode(self) -> Mode:
        modes = list(self._offered.values())[min(max(self._format, 1), len(self._offered)) - 1]
        return modes[min(max(self._frame, 1), len(modes)) - 1]

    def control(self, setup: bytes, out: bytes) -> bytes | None:
        """Answer one control transfer; None is a stall."""
        kind, request, value, index, length = struct.unpack("<BBHHH", setup)
        match kind, request:
            case 0x80, 6:
                answer = self._descriptor(value >> 8, value & 255)
            case ((0x80 | 0x81 | 0x82), (0 | 8 | 10)):
                answer = {0: b"\0\0", 8: b"\1", 10: b"\0"}[request]
            case ((0x00 | 0x01 | 0x02), _):
                if kind == 0x02 and request == 1:
                    self.stop()
                answer = b""
            case 0x21, 1 if index & 255 == 1:
                self._format, self._frame = out[2], out[3]
                self.stop()
                answer = b""
            case 0xA1, 0x85 if index & 255 == 1:
                answer = struct.pack("<H", 26)
            case 0xA1, 0x86 if index & 255 == 1:
                answer = b"\3"
            case 0xA1, _ if index & 255 == 1:
                mode = self.mode
                answer = struct.pack(
                    "<HBBIHHHHHII",
                    1,
                    self._format,
                    self._frame,
                    mode.interval,
                    0,
                    0,
                    0,
                    0,
                    0,
                    mode.size,
                    PAYLOAD,
                )
            case _:
                answer = None
        return None if answer is None else answer[:length]

    def _descriptor(self, kind: int, number: int) -> bytes | None:
        if kind == 1:
            return struct.pack(
                "<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0xEF, 2, 1, 64, 0x1209, 0xCA01, 0x0100, 1, 2, 3, 1
            )
        if kind == 2:
            return self._configuration
        if kind == 3:
            text = (
                struct.pack("<H", 0x0409)
                if number == 0
                else self._strings.get(number, "").encode("utf-16-le")
            )
            return bytes([2 + len(text), 3]) + text
        if kind == 6:
            return raw(6, 0, 2, 0xEF, 2, 1, 64, 1, 0)
        return None

    def stop(self) -> None:
        self._parts = iter(())

    def part(self, now: float) -> bytes | None:
        """Return the next payload, or None while no frame is due."""
        part = next(self._parts, None)
        if part is None and now >= self._due:
            if self._options.freeze_after and self.sent >= self._options.freeze_after:
                return None
            if self._options.unplug_after and self.sent >= self._options.unplug_after:
                raise Unplugged
            step = 1 / (self._options.real_rate or self.mode.rate)
            self._due = max(self._due + step, now - step)
            self._parts = self._payloads(self._picture())
            self.sent += 1
            part = next(self._parts)
        return part

    def wait(self, now: float) -> float:
        """Return how many seconds there is nothing to send."""
        return max(0.0, self._due - now)

    def _payloads(self, frame: bytes) -> Iterator[bytes]:
        # Bit 0 changes with each frame, bit 1 ends one, bit 7 ends the header (UVC 1.0, 2.4.3.3).
        bits = 0x80 | self.sent % 2
        step = PAYLOAD - 2
        for start in range(0, len(frame), step):
            last = start + step >= len(frame)
            yield bytes([2, bits | 2 * last]) + frame[start : start + step]

    def _picture(self) -> bytes:
        file = Path(self._options.picture).stat()
        if (file.st_ino, file.st_mtime_ns) != self._shown:
            self._scene, self._shown = self._look()
            self._encoded.clear()
        # By chance and not by turns: a reader slow enough to get each seventh would see one and the same.
        phase = int(self._chance.integers(GRAINS))
        key = self.mode, phase
        if key not in self._encoded:
            self._encoded[key] = self._encode(phase)
        return self._encoded[key]

    def _encode(self, phase: int) -> bytes:
        mode = self.mode
        picture = cv2.resize(self._scene, (mode.width, mode.height), interpolation=cv2.INTER_AREA)
        # No sensor gives the same frame twice.
        picture = cv2.add(picture, np.random.default_rng(phase).integers(0, 4, picture.shape, np.uint8))
        if mode.code == "GREY":
            return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).tobytes()
        if mode.code == "MJPG":
            encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, self._options.quality])[
                1
            ].tobytes()
            return encoded[: len(encoded) // 2] if self._options.half else encoded
        return yuyv(picture)


def yuyv(picture: np.ndarray) -> bytes:
    """Return a BGR picture as YUYV of BT.601's narrow range, the chroma of every second pixel."""
    planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YCrCb).astype(np.float32)
    luma = 16 + planes[..., 0] * (219 / 255)
    red, blue = (128 + (planes[..., i] - 128) * (224 / 255) for i in (1, 2))
    woven = np.empty((*picture.shape[:2], 2), np.uint8)
    woven[..., 0] = luma
    woven[:, 0::2, 1] = blue[:, 0::2]
    woven[:, 1::2, 1] = red[:, 0::2]
    return woven.tobytes()


class Wire:
    """USB/IP messages over the socket whose other end the host controller holds."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._waiting: list[int] = []

    def serve(self, camera: Camera) -> None:
        """Answer until the controller hangs up."""
        while True:
            now = time.monotonic()
            wait = min(0.2, camera.wait(now)) if self._waiting else 0.2
            if select.select([self._end], [], [], wait)[0]:
                self._message(camera)
            while self._waiting and (part := camera.part(time.monotonic())) is not None:
                self._reply(self._waiting.pop(0), part)
                if select.select([self._end], [], [], 0)[0]:
                    break

    def _message(self, camera: Camera) -> None:
        head = self._read(48)
        command, number, _, inward, endpoint = struct.unpack_from(">IIIII", head)
        if command == SUBMIT:
            length = struct.unpack_from(">i", head, 24)[0]
            out = b"" if inward else self._read(length)
            if endpoint:
                self._waiting.append(number)
                return
            answer = camera.control(head[40:48], out)
            if answer is None:
                self._reply(number, status=STALL)
            elif inward:
                self._reply(number, answer)
            else:
                self._reply(number, length=len(out))
        elif command == UNLINK:
            victim = struct.unpack_from(">I", head, 20)[0]
            caught = victim in self._waiting
            if caught:
                self._waiting.remove(victim)
            self._end.sendall(
                struct.pack(">IIIIIi24x", UNLINKED, number, 0, 0, 0, CONNECTION_RESET if caught else 0)
            )
            if not self._waiting:
                camera.stop()

    def _reply(self, number: int, data: bytes = b"", status: int = 0, length: int | None = None) -> None:
        size = len(data) if length is None else length
        self._end.sendall(
            struct.pack(">IIIIIiiiii8x", SUBMITTED, number, 0, 0, 0, status, size, 0, 0, 0) + data
        )

    def _read(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            chunk = self._end.recv(count - len(got))
            if not chunk:
                raise SystemExit("the host controller hung up")
            got += chunk
        return got


def plug(camera_of: Callable[[int], Camera]) -> tuple[Wire, Camera]:
    """Put a camera into the first free port of high speed."""
    lines = (PORTS / "status").read_text().splitlines()[1:]
    port = next(int(line.split()[1]) for line in lines if line.startswith("hs") and line.split()[2] == "004")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    (PORTS / "attach").write_text(f"{port} {theirs.fileno()} {0x10001 + port} {HIGH_SPEED}")
    theirs.close()
    return Wire(ours), camera_of(port)


def nodes() -> set[str]:
    return {path.name for path in Path("/sys/class/video4linux").glob("video*")}


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--name", default="Lab Webcam")
    words.add_argument("--mode", type=parse_mode, action="append", required=True)
    words.add_argument("--picture", required=True, help="a link may come to point at another one")
    words.add_argument("--quality", type=int, default=90)
    words.add_argument("--half", action="store_true", help="send the first half of each JPEG")
    words.add_argument("--freeze-after", type=int, metavar="FRAMES")
    words.add_argument("--unplug-after", type=int, metavar="FRAMES")
    words.add_argument("--real-rate", type=float, metavar="HZ", help="whatever was agreed")
    options = words.parse_args()
    subprocess.run(["modprobe", "-a", "vhci-hcd", "uvcvideo"], check=True)
    before = nodes()
    wire, camera = plug(lambda port: Camera(options, port))
    if os.fork():
        # One node for pictures, one for the driver's metadata; then udev has set their owners.
        for _ in range(300):
            if len(nodes() - before) >= 2:
                subprocess.run(["udevadm", "settle", "-t", "30"], check=True)
                return
            time.sleep(0.1)
        sys.exit("the driver made no device")
    os.setsid()
    with feeding():
        wire.serve(camera)


if __name__ == "__main__":
    main()
