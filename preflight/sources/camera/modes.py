"""Which mode a camera is set to: the size and the coding of its frames.

On Windows one mode after the other is tried; elsewhere it is enough to ask for one.
"""

import cv2

from preflight.errors import MeasurementError
from preflight.model import Kind
from preflight.sources.camera.device import OpenCamera

WANTED_SIZE = (1920, 1080)
_MJPG = cv2.VideoWriter.fourcc(*"MJPG")
_FALLBACKS = (WANTED_SIZE, (1280, 720))
"""Sizes that are tried in turn where a camera's driver lists a mode that does not start."""
_TOO_LARGE = (9000, 3700)
"""Larger than what any camera offers and than none has; drivers answer it with their largest, and who says
that this is what comes enlarges whatever it has: then it is not believed. It is kept to what fits into
100 MB, as much as a picture of 8K."""


def choose_mode(device: OpenCamera) -> None:
    """Set a camera to 1080p as MJPG; what it gives where that does not come is as good as it gets."""
    if device.is_directshow or device.is_media_foundation:
        _choose_on_windows(device)
    else:
        _choose_elsewhere(device)


def _choose_on_windows(device: OpenCamera) -> None:
    """Try one size after the other until one starts; the camera is opened again after one that does not.

    Media Foundation takes what is nearest to the size and to 30 frames a second. A coding cannot be chosen
    there: what is set as one is taken for that of the frames handed over, and refused (cap_msmf.cpp).
    """
    start = _start_directshow if device.is_directshow else OpenCamera.resize
    for size in _FALLBACKS:
        if start(device, size):
            break
        device.reopen()
    device.next_size()


def _choose_elsewhere(device: OpenCamera) -> None:
    """Request 1080p as MJPG, and uncompressed where that gives more (Linux, macOS)."""
    _request(device, WANTED_SIZE, "MJPG")
    before = device.next_size()
    if before < WANTED_SIZE:
        # The raw coding may give more.
        _request(device, WANTED_SIZE, "YUYV")
        if device.next_size() <= before:
            _request(device, WANTED_SIZE, "MJPG")


def _start_directshow(device: OpenCamera, size: tuple[int, int]) -> bool:
    """Begin with a size as MJPG, else as what has it; returns whether it began.

    OpenCV forgets the coding when a size is set, and begins with the first one that has this size:
    often a raw one of 5 frames a second. A coding that is set keeps the size, and begins again. And when
    the driver refuses to begin, it gives up the device, which has to be opened again; only a size that
    it remembers from a first refusal can be tried with a coding (cap_dshow.cpp, and seen so).
    """
    if not device.resize(size):
        device.set(cv2.CAP_PROP_FOURCC, _MJPG)
        return device.resize(size)
    if device.set(cv2.CAP_PROP_FOURCC, _MJPG):
        return True
    device.reopen()
    return device.resize(size)


def _request(device: OpenCamera, size: tuple[int, int], coding: str) -> None:
    """Request a size; first the coding, on which the sizes on offer depend."""
    device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*coding))
    device.resize(size)


def find_largest_size(device: OpenCamera) -> tuple[int, int]:
    """Return width and height of the largest picture a camera gives. Afterwards it gives these, or nothing.

    A program that pretends to be a camera gives any size that it is asked for, and so do Apple's
    systems: what was enlarged by them says nothing of a camera.
    """
    given = device.size
    if device.camera is None or device.camera.is_virtual or device.opened[1] == cv2.CAP_AVFOUNDATION:
        return given
    try:
        if device.is_media_foundation:
            # One frame is always asked for ahead, and until it has come Windows refuses another size. But
            # OpenCV takes what comes for frames of the size that was refused (cap_msmf.cpp).
            device.reopen()
        # By DirectShow the size keeps no coding, and what does not begin gives no frames.
        if not (device.is_directshow or device.is_media_foundation):
            _request(device, _TOO_LARGE, "MJPG")
        elif not device.resize(_TOO_LARGE):
            return given
        largest = device.next_size()
    except MeasurementError as broken:
        if broken.trouble.kind is Kind.LOST:
            raise
        return given
    return given if largest == _TOO_LARGE else max(largest, given, key=lambda size: size[0] * size[1])
