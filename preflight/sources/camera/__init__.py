"""The camera: a device, a stream, a video file or a picture file.

Frames are streamed and counted; at most eight are kept. What the driver promises is
never taken for what came: sizes are those of the frames.

`listing` finds and chooses a camera, `opening` opens it, `modes` chooses its size and coding,
`device` waits for its frames, `frames` counts them; `files` and `pictures` read files instead,
`clip` a video that another device recorded.
"""

import preflight.sources.camera.environment  # noqa: F401 - OpenCV reads it at import

# isort: split

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2

from preflight import platforms
from preflight.captures import CameraCapture, DocumentCapture, StillCapture
from preflight.measures import upscaling
from preflight.measures.image import Picture
from preflight.model import Job, Link
from preflight.sources import access
from preflight.sources.camera import clip, files, modes
from preflight.sources.camera.device import OpenCamera
from preflight.sources.camera.frames import FrameTally, frame_interval, is_blank, keep_sharpest
from preflight.sources.camera.listing import list_cameras
from preflight.sources.camera.opening import open_camera
from preflight.sources.camera.preview import Preview, open_preview, show_file
from preflight.sources.prompt import ask_meanwhile

_STILL = "camera.still"
_SETTLE_FRAMES, _SETTLE_S, _SETTLE_STEP = 5, 3.0, 2.0
"""Exposure has settled when five frames differ by two levels at most, or after three seconds
(one camera was seen to need 25 frames)."""
_ABSENT = (CameraCapture(present=False), DocumentCapture(asked=False), StillCapture(present=False))


def capture(job: Job, link: Link) -> Iterator[object]:
    """Yield a `CameraCapture`, a `DocumentCapture`, or both, as the job's checks need.

    Unguided, a job for the document alone is one whose target shows it. The largest picture is asked
    for last, since a driver may take long over it, or never come back: all else is told by then.
    """
    cv2.setNumThreads(1)
    if job.target is not None and (path := files.find_file(job.target)):
        link.device(path.name)
        document = "camera.document" in job.checks
        camera = any(check != "camera.document" for check in job.checks)
        photo = job.parameters.get("photo")
        read = clip.capture_clip if job.parameters.get("clip") else files.capture_file
        if isinstance(photo, str) and _STILL in job.checks:
            yield clip.capture_photo(Path(photo))
        for captured in read(path, job.number("seconds"), camera=camera, document=document):
            if isinstance(captured, CameraCapture):
                show_file(link, job.parameters, captured)
            yield captured
            if isinstance(captured, CameraCapture) and _STILL in job.checks and photo is None:
                yield StillCapture(present=True, width=captured.width, height=captured.height)
        return
    with open_camera(job.target, link) as device:
        yield from _capture_device(device, job, link) if device else _ABSENT


def _capture_device(device: OpenCamera, job: Job, link: Link) -> Iterator[object]:
    document, still = "camera.document" in job.checks, _STILL in job.checks
    largest = (0, 0)
    if any(check != "camera.document" for check in job.checks):
        with open_preview(link, job.parameters, wanted=job.guided) as preview:
            _await_agreement(device, link, preview, "look", guided=job.guided)
            captured = _capture_scene(device, link, preview, job.number("seconds"))
        if captured.covered:
            access.require_permission(platforms.Device.CAMERA, platforms.current_system())
        if _seems_enlarged(captured):
            # Of a camera that offers more it means nothing.
            largest = modes.find_largest_size(device)
            captured = dataclasses.replace(captured, largest=largest)
            if document:
                device.reopen()
                modes.choose_mode(device)
        yield captured
    if document:
        with open_preview(link, job.parameters, wanted=job.guided, with_glimpses=False) as preview:
            agreed = _await_agreement(device, link, preview, "document", guided=job.guided)
            frames = _capture_document(device, link, preview, job.number("document_s")) if agreed else ()
        yield DocumentCapture(asked=True, declined=not agreed, frames=frames)
    if still:
        width, height = largest if any(largest) else modes.find_largest_size(device)
        yield StillCapture(present=True, width=width, height=height)


def live(job: Job, link: Link) -> Iterator[object]:
    """Show what the camera sees, or a file played over and over, until somebody ends this.

    Yields a capture only of a camera that is not there.
    """
    cv2.setNumThreads(1)
    if job.target is not None and (path := files.find_file(job.target)):
        link.device(path.name)
        with open_preview(link, job.parameters, wanted=True) as preview:
            for frame in files.play_file(path):
                preview.show(frame)
        return
    with open_camera(job.target, link) as device:
        if device is None:
            yield _ABSENT[0]
            return
        with open_preview(link, job.parameters, wanted=True) as preview:
            while True:
                device.show(preview)


def devices() -> list[dict[str, Any]]:
    """Return the cameras of this computer: index, name, path ("" where the system has none)."""
    return [{"index": found.index, "name": found.name, "path": found.path} for found in list_cameras()]


def _await_agreement(device: OpenCamera, link: Link, preview: Preview, prompt: str, *, guided: bool) -> bool:
    """Show the picture until the person has answered; returns whether they agreed.

    Unguided nobody is there, and what is in front of the camera is taken as it is.
    """
    return not guided or ask_meanwhile(link, prompt, lambda: device.show(preview)) == prompt


def _capture_scene(device: OpenCamera, link: Link, preview: Preview, seconds: float) -> CameraCapture:
    """Wait until the exposure has settled, then count frames for `seconds`."""
    link.phase("look", seconds + 1.0)
    tally = FrameTally(span=seconds)
    preview.show_picture_only()
    _await_exposure(device, preview)
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < seconds or not tally.frames[1:]:
        waiting, frame = device.read()
        stamp = device.video.get(cv2.CAP_PROP_POS_MSEC) / 1000
        tally.add(frame, stamp, clock=time.monotonic() - begun, waiting=waiting)
        if frame is not None:
            preview.show(frame)
        if elapsed > seconds + _SETTLE_S:
            break
    virtual = device.camera is not None and device.camera.is_virtual
    return tally.result(frame_interval(device.video), virtual=virtual)


def _await_exposure(device: OpenCamera, preview: Preview) -> None:
    levels: list[float] = []
    begun = time.monotonic()
    while time.monotonic() - begun < _SETTLE_S:
        _, frame = device.read()
        if frame is None:
            continue
        preview.show(frame)
        coarse = frame[::8, ::8]
        levels = [] if is_blank(coarse) else [*levels, float(coarse.mean())][-_SETTLE_FRAMES:]
        if len(levels) == _SETTLE_FRAMES and max(levels) - min(levels) <= _SETTLE_STEP:
            return


def _seems_enlarged(captured: CameraCapture) -> bool:
    """Tell whether the picture looks made from fewer lines, unless the camera offers more than it gives."""
    if (captured.width, captured.height) != modes.WANTED_SIZE or captured.covered:
        return False
    return (
        upscaling.measure_upscaling(upscaling.pick_frames(captured.frames)).source_lines(larger_offered=False)
        is not None
    )


def _capture_document(
    device: OpenCamera, link: Link, preview: Preview, seconds: float
) -> tuple[Picture, ...]:
    """Return the sharpest frame of each of eight parts of the time a document is held up."""
    link.phase("document", seconds)
    best: dict[int, tuple[float, Picture]] = {}
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < seconds:
        _, frame = device.read()
        if frame is not None:
            preview.show(frame)
            keep_sharpest(best, elapsed / seconds, frame)
    return tuple(frame for _, frame in best.values())
