"""Opening a camera or a stream: the permission it needs, and the ways to it that are tried."""

from collections.abc import Iterator
from contextlib import contextmanager

import cv2

from preflight import platforms
from preflight.errors import MeasurementError
from preflight.model import Kind, Link
from preflight.platforms import v4l2
from preflight.sources import access
from preflight.sources.camera import modes
from preflight.sources.camera.device import OpenCamera
from preflight.sources.camera.files import FORMATS
from preflight.sources.camera.listing import Camera, choose_camera, list_by_backend

_STREAM_OPTIONS = f"rtsp_transport;tcp|format_whitelist;{FORMATS},mpjpeg,jpeg_pipe,rtsp,sdp,rtp,live_flv"
"""What a network camera sends; neither a playlist (HLS, DASH) nor a list of files."""
_PROTOCOLS = {
    "http": "http,httpproxy,tcp",
    "https": "https,httpproxy,tls,tcp",
    "rtsp": "rtsp,rtp,udp,tcp",
    "rtsps": "rtsps,rtsp,rtp,srtp,udp,tls,tcp",
    "rtmp": "rtmp,tcp",
    "rtmps": "rtmps,rtmp,tls,tcp",
    "rtp": "rtp,udp",
}
"""Which of FFmpeg's protocols a stream may use by the one in its address: that, and those below it."""


@contextmanager
def open_camera(target: str | None, link: Link) -> Iterator[OpenCamera | None]:
    """Open a device or a stream; None where no camera is there. Raises `MeasurementError`."""
    device: OpenCamera | None = None
    try:
        if target and "://" in target:
            yield (device := _open_stream(target, link))
            return
        system = platforms.current_system()
        try:
            if device := open_device(target, link, system):
                modes.choose_mode(device)
            yield device
        except MeasurementError as broken:
            raise access.explain_failure(broken, platforms.Device.CAMERA, system) from None
    finally:
        if device:
            device.video.release()


def _open_stream(address: str, link: Link) -> OpenCamera:
    link.device(address.partition("://")[0])
    scheme = address.partition("://")[0].lower()
    # Nothing else is asked: of a playlist FFmpeg would fetch the parts from wherever it says.
    options = f"{_STREAM_OPTIONS}|protocol_whitelist;{_PROTOCOLS.get(scheme, scheme)}"
    platforms.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", options)
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 8000, cv2.CAP_PROP_READ_TIMEOUT_MSEC, 4000]
    video = cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits)
    if not video.isOpened():
        raise MeasurementError(Kind.UNREACHABLE, "the stream cannot be opened")
    return OpenCamera(video=video)


def open_device(target: str | None, link: Link, system: platforms.System) -> OpenCamera | None:
    """Open the camera of that name, or the first; None where there is none. Raises `MeasurementError`."""
    camera = choose_camera(target)
    if camera is None:
        access.require_permission(platforms.Device.CAMERA, system)
        return None
    link.device(camera.name)
    try:
        return connect(camera)
    except MeasurementError:
        # OpenCV has macOS ask the person and gives up at once, without the answer (cap_avfoundation_mac.mm).
        if not access.await_permission(platforms.Device.CAMERA, system):
            raise
        return connect(camera)


def connect(camera: Camera) -> OpenCamera:
    """Return the opened camera; raises `MeasurementError`."""
    if camera.backend == cv2.CAP_V4L2 and (trouble := v4l2.find_trouble(camera.path)):
        raise MeasurementError(trouble.kind, trouble.detail)
    for way in _candidates(camera):
        video = cv2.VideoCapture(way.index, way.backend)
        if video.isOpened():
            return OpenCamera(video=video, camera=camera, opened=(way.index, way.backend))
        video.release()
    raise MeasurementError(Kind.BUSY, "the camera cannot be opened")


def _candidates(camera: Camera) -> Iterator[Camera]:
    """Yield the camera, then what it may be to Media Foundation, which counts in an order of its own.

    It is asked only once DirectShow has failed: that takes time, and no Windows N has it.
    """
    yield camera
    if camera.backend == cv2.CAP_DSHOW:
        named = [other for other in list_by_backend(cv2.CAP_MSMF) if other.name == camera.name]
        yield from [other for other in named if other.device_path == camera.device_path] or named
