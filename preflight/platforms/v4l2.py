"""What Linux says of a video node: whether it is a camera, free, and has a picture."""

import errno
import os
import struct
import sys

from preflight.model import Kind, Trouble

if sys.platform == "linux":
    from fcntl import ioctl

_CAPTURE = 0x1 | 0x1000
"""V4L2_CAP_VIDEO_CAPTURE and its multi-planar form."""
_QUERYCAP, _CAPABILITY = 0x80685600, 104
_G_INPUT = 0x80045626
_ENUMINPUT, _INPUT = 0xC050561A, 80
_REQBUFS, _BUFFERS = 0xC0145608, 20
_DARK_INPUT = 0x1 | 0x2 | 0x100 | 0x10000
"""V4L2_IN_ST_NO_POWER, NO_SIGNAL, NO_H_LOCK, NO_SYNC."""


def hindrance(path: str) -> Trouble | None:
    """Return why no picture can come from this node, as far as the kernel says; None if it is fine.

    Asks for buffers and gives them back, as the only proof that nobody else holds the camera.
    """
    if sys.platform != "linux":
        return None
    try:
        node = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return Trouble(kind=_KINDS.get(error.errno or 0, Kind.NO_DATA), detail=f"{path}: {error.strerror}")
    try:
        capability = bytearray(_CAPABILITY)
        ioctl(node, _QUERYCAP, capability)
        (able,) = struct.unpack_from("=I", capability, 88)
        if not able & _CAPTURE:
            return Trouble(kind=Kind.BAD_INPUT, detail=f"{path}: a node without pictures")
        if status := _input_status(node) & _DARK_INPUT:
            return Trouble(kind=Kind.NO_SIGNAL, detail=f"{path}: input status {status:#x}")
        for count in (1, 0):
            ioctl(node, _REQBUFS, bytearray(struct.pack("=5I", count, 1, 1, 0, 0)))
    except OSError as error:
        kind = _KINDS.get(error.errno or 0)
        return Trouble(kind=kind, detail=f"{path}: {error.strerror}") if kind else None
    finally:
        os.close(node)
    return None


def _input_status(node: int) -> int:
    if sys.platform != "linux":
        return 0
    chosen = bytearray(4)
    try:
        ioctl(node, _G_INPUT, chosen)
        asked = bytearray(_INPUT)
        asked[:4] = chosen
        ioctl(node, _ENUMINPUT, asked)
    except OSError:
        return 0
    return int(struct.unpack_from("=I", asked, 56)[0])


_KINDS = {
    errno.EBUSY: Kind.BUSY,
    errno.EACCES: Kind.NO_PERMISSION,
    errno.EPERM: Kind.NO_PERMISSION,
    errno.ENODEV: Kind.LOST,
    errno.ENXIO: Kind.LOST,
}
