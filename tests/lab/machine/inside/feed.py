#!/usr/bin/python3
"""A still picture, frame after frame, into a v4l2loopback device: a program that poses as a camera.

    feed /dev/video0 --picture FILE --size 1920x1080 --leave-after 2

It puts itself in the background once the first frame is in. The picture is converted
once and then only written, so that a guest without KVM keeps up.
"""

import argparse
import fcntl
import os
import random
import struct
import sys
import time
from pathlib import Path

import cv2
import numpy as np

VIDIOC_S_FMT = 0xC0D05605
OUTPUT, FIELD_NONE, SRGB = 2, 1, 8


def encode(pictures: list[np.ndarray], *, grey: bool) -> tuple[bytes, int, list[bytes]]:
    """Return V4L2's name of the format, the bytes of a line, the frames."""
    # V4L2 calls I420 YU12.
    code, conversion = (b"GREY", cv2.COLOR_BGR2GRAY) if grey else (b"YU12", cv2.COLOR_BGR2YUV_I420)
    return code, pictures[0].shape[1], [cv2.cvtColor(picture, conversion).tobytes() for picture in pictures]


def watched(device: str) -> bool:
    """Tell whether another program has the device open."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.parts[2] != str(os.getpid()) and link.readlink() == Path(device):
                return True
        except OSError:
            continue
    return False


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("device")
    words.add_argument("--picture", required=True)
    words.add_argument("--size", default="1920x1080")
    words.add_argument("--rate", type=float, default=15)
    words.add_argument("--grey", action="store_true")
    words.add_argument("--leave-after", type=float, metavar="S", help="seconds that somebody watched")
    options = words.parse_args()
    width, height = map(int, options.size.split("x"))
    scene = cv2.imread(options.picture)
    if scene is None:
        sys.exit(f"no picture in {options.picture}")
    picture = cv2.resize(scene, (width, height), interpolation=cv2.INTER_AREA)
    # No camera gives the same frame twice.
    grains = [np.random.default_rng(seed).integers(0, 4, picture.shape, np.uint8) for seed in range(7)]
    code, line, frames = encode([cv2.add(picture, grain) for grain in grains], grey=options.grey)
    file = os.open(options.device, os.O_RDWR)
    pixels = struct.pack("<II4sIIII", width, height, code, FIELD_NONE, line, len(frames[0]), SRGB)
    fcntl.ioctl(file, VIDIOC_S_FMT, bytearray((struct.pack("<II", OUTPUT, 0) + pixels).ljust(208, b"\0")))
    os.write(file, frames[0])
    if os.fork():
        return
    os.setsid()
    since = None
    while True:
        # By chance and not by turns: a reader slow enough to get each seventh would see one and the same.
        os.write(file, random.choice(frames))
        time.sleep(1 / options.rate)
        if options.leave_after is None:
            continue
        # Whoever lists the cameras opens each for a moment: that is no watching.
        since = (since or time.monotonic()) if watched(options.device) else None
        if since is not None and time.monotonic() > since + options.leave_after:
            return


if __name__ == "__main__":
    main()
