"""What Linux says of a video node: whether it is a camera, free, and has a picture."""

import errno
import os
import struct
import sys

from preflight.errors import label
from preflight.model import Kind, Trouble

_CAPTURE = 0x1 | 0x1000
"""V4L2_CAP_VIDEO_CAPTURE and its multi-planar form."""
_QUERYCAP, _CAPABILITY = 0x80685600, 104
_G_INPUT = 0x80045626
_ENUMINPUT, _INPUT = 0xC050561A, 80
_REQBUFS, _BUFFERS = 0xC0145608, 20
_DARK_INPUT = 0x1 | 0x2 | 0x100 | 0x10000
"""V4L2_IN_ST_NO_POWER, NO_SIGNAL, NO_H_LOCK, NO_SYNC."""
_KINDS = {
    errno.EBUSY: Kind.BUSY,
    errno.EACCES: Kind.NO_PERMISSION,
    errno.EPERM: Kind.NO_PERMISSION,
    errno.ENODEV: Kind.LOST,
    errno.ENXIO: Kind.LOST,
}


if sys.platform == "linux":
    from fcntl import ioctl

    def find_trouble(path: str) -> Trouble | None:
        """Return why no picture can come from this node, as far as the kernel says; None if it is fine.

        Asks for buffers and gives them back, as the only proof that nobody else holds the camera.
        """
        try:
            node = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            return _trouble_of_error(error, Kind.NO_DATA)
        try:
            return _trouble_of_node(node)
        except OSError as error:
            return _trouble_of_error(error)
        finally:
            os.close(node)

    def _trouble_of_node(node: int) -> Trouble | None:
        capability = bytearray(_CAPABILITY)
        ioctl(node, _QUERYCAP, capability)
        (able,) = struct.unpack_from("=I", capability, 88)
        if not able & _CAPTURE:
            return Trouble(kind=Kind.BAD_INPUT, detail="a node without pictures")
        if status := _read_input_status(node) & _DARK_INPUT:
            return Trouble(kind=Kind.NO_SIGNAL, detail=f"input status {status:#x}")
        for count in (1, 0):
            ioctl(node, _REQBUFS, bytearray(struct.pack("=5I", count, 1, 1, 0, 0)))
        return None

    def _read_input_status(node: int) -> int:
        chosen, asked = bytearray(4), bytearray(_INPUT)
        try:
            ioctl(node, _G_INPUT, chosen)
            asked[:4] = chosen
            ioctl(node, _ENUMINPUT, asked)
        except OSError:
            return 0
        return int(struct.unpack_from("=I", asked, 56)[0])

    def _trouble_of_error(error: OSError, otherwise: Kind | None = None) -> Trouble | None:
        """Return the trouble of an errno; one that only means "not supported" is none."""
        kind = _KINDS.get(error.errno or 0, otherwise)
        return Trouble(kind=kind, detail=label(error)) if kind else None

else:

    def find_trouble(path: str) -> Trouble | None:
        """Return None: only Linux has nodes that can be asked."""
        del path
        return None
