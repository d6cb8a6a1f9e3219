"""The cameras of this computer, as the system lists them, and which one is taken."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from preflight import platforms
from preflight.errors import MeasurementError
from preflight.model import Kind

_BACKENDS = (cv2.CAP_V4L2, cv2.CAP_AVFOUNDATION, cv2.CAP_DSHOW, cv2.CAP_MSMF)
"""One per system; on Windows DirectShow first, as Media Foundation opens in 4 to 20 s."""
_VIRTUAL = re.compile(
    r"\bvirtual\b|\bobs\b|manycam|xsplit|snap camera|\bndi\b|mmhmm|splitcam|e2esoft|dummy video|v4l2 ?loop",
    re.IGNORECASE,
)
_DEVICE_PATH = "\\\\?\\"
_PHONE = re.compile(r"iphone|ipad|desk view", re.IGNORECASE)
"""A telephone that macOS offers as a camera (Continuity Camera), and its view of the desk: the order of
cameras is that of their identifiers, so one may come before the computer's own."""
_INFRARED = re.compile(r"\bIR\b|infrared", re.IGNORECASE)
"""What a computer knows its owner's face by; on some it is the first (linux-enable-ir-emitter issue 70)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera as the system lists it."""

    index: int
    name: str
    path: str
    """"" where the system has none."""
    backend: int
    """OpenCV's number of the way it is listed by, such as DirectShow."""

    @property
    def is_virtual(self) -> bool:
        """Whether it only pretends to be a camera: by its name, or because no driver stands behind it.

        To DirectShow a device's path begins so, and a program's, if it has one, need not.
        """
        driverless = self.backend == cv2.CAP_DSHOW and not self.path.startswith(_DEVICE_PATH)
        return driverless or bool(_VIRTUAL.search(self.name))

    @property
    def is_phone(self) -> bool:
        """Whether macOS lends it from a telephone."""
        return bool(_PHONE.search(self.name))

    @property
    def is_infrared(self) -> bool:
        """Whether it sees infrared light only."""
        return bool(_INFRARED.search(self.name))

    @property
    def device_path(self) -> str:
        """The device itself: what DirectShow and Media Foundation add names the way to it."""
        return self.path.lower().partition("#{")[0]


def choose_camera(target: str | None) -> Camera | None:
    """Return the camera named by index, node or (part of) its name; by default the first real one."""
    cameras = list_cameras()
    if target is None:
        return min(
            cameras, key=lambda camera: (camera.is_virtual, camera.is_infrared, camera.is_phone), default=None
        )
    for camera in cameras:
        if target in (str(camera.index), camera.path, camera.name):
            return camera
    named = [camera for camera in cameras if target.casefold() in camera.name.casefold()]
    if len(named) != 1:
        raise MeasurementError(
            Kind.BAD_INPUT, "several cameras of that name" if named else "no camera of that name"
        )
    return named[0]


def list_cameras() -> list[Camera]:
    """Return the cameras in the system's order; nodes that give no pictures are not cameras."""
    present = cv2.videoio_registry.getCameraBackends()
    backend = next((backend for backend in _BACKENDS if backend in present), None)
    return [] if backend is None else list_by_backend(backend)


def list_by_backend(backend: int) -> list[Camera]:
    """Return the cameras in the order of one of OpenCV's ways to them."""
    from cv2_enumerate_cameras import enumerate_cameras  # noqa: PLC0415 - it asks the system at import

    found = enumerate_cameras(backend)
    cameras = [
        Camera(index=camera.index, name=camera.name or "camera", path=camera.path or "", backend=backend)
        for camera in found
    ]
    cameras.sort(key=lambda camera: camera.index)
    own = platforms.current_system().cameras() if backend == cv2.CAP_AVFOUNDATION else None
    return cameras if own is None else renumber(cameras, own)


def renumber(cameras: list[Camera], own: Sequence[tuple[str, str]]) -> list[Camera]:
    """Return the cameras by OpenCV's own count, so that no index has another camera's name.

    A list that has more or fewer of them, such as a telephone's view of the desk, shifts all that follow.
    """
    if [camera.path for camera in cameras] == [identifier for identifier, _ in own]:
        return cameras
    return [
        Camera(index=index, name=name or "camera", path=identifier, backend=cv2.CAP_AVFOUNDATION)
        for index, (identifier, name) in enumerate(own)
    ]
