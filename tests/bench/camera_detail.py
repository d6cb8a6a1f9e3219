"""How often is an enlarged picture told from a true one? Photographs put through a simulated camera."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from preflight import policy
from preflight.measures import sharpness, upscaling

Generator = np.random.Generator
Picture = NDArray[np.uint8]

POLICY = policy.load()
FRAMES = 3
SENSORS = {480: (854, 480), 540: (960, 540), 720: (1280, 720), 1080: (1920, 1080), 1440: (2560, 1440)}
ENLARGED = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "Lanczos": cv2.INTER_LANCZOS4,
}
DEMOSAICED = (cv2.COLOR_BayerRGGB2BGR, cv2.COLOR_BayerRGGB2BGR_EA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera as its maker built it, and how it is focused."""

    lines: int
    blur: float
    """Of lens and focus, in px of its own sensor."""
    light: float
    noise: float
    demosaicing: int
    denoising: str
    sharpening: float
    compressed: int
    """JPEG quality of what is enlarged; 0: none."""
    enlarging: str
    after_noise: float
    after_sharpening: float
    quality: int
    """JPEG quality of what is delivered; 0: none."""
    focused: bool


def camera(lines: int, rng: Generator, *, focused: bool) -> Camera:
    """Draw a camera of so many lines."""
    lens, defocus = rng.uniform(0.4, 1.3), rng.uniform(1.8, 4) * lines / 1080
    return Camera(
        lines=lines,
        blur=lens if focused else float(np.hypot(lens, defocus)),
        light=rng.uniform(0.3, 1),
        noise=rng.uniform(0.5, 4),
        demosaicing=DEMOSAICED[rng.integers(2)],
        denoising=("none", "bilateral", "median")[rng.integers(3)],
        sharpening=rng.uniform(0, 1) * rng.integers(2),
        compressed=int(rng.choice([0, 60, 75, 90])),
        enlarging=list(ENLARGED)[rng.integers(len(ENLARGED))],
        after_noise=rng.uniform(1, 2),
        after_sharpening=rng.uniform(0, 1) * rng.integers(2),
        quality=int(rng.choice([0, 60, 70, 80, 90])),
        focused=focused,
    )


def frames(photo: Picture, how: Camera, rng: Generator) -> list[Picture]:
    """Return grey 1080p frames of a still scene."""
    way = cv2.INTER_CUBIC if how.lines > photo.shape[0] else cv2.INTER_AREA
    scene = np.asarray(cv2.resize(photo, SENSORS[how.lines], interpolation=way), np.float32)
    linear = cv2.GaussianBlur((scene / 255) ** 2.2, (0, 0), how.blur) * how.light
    light = np.asarray(255 * linear ** (1 / 2.2), np.float32)
    mosaic = light[..., 1].copy()
    mosaic[::2, ::2], mosaic[1::2, 1::2] = light[::2, ::2, 2], light[1::2, 1::2, 0]
    return [_delivered(mosaic, how, rng) for _ in range(FRAMES)]


def _delivered(mosaic: NDArray[np.float32], how: Camera, rng: Generator) -> Picture:
    picture = np.asarray(cv2.cvtColor(_noisy(mosaic, how.noise, rng), how.demosaicing), np.uint8)
    if how.denoising == "bilateral":
        picture = np.asarray(cv2.bilateralFilter(picture, 5, 3 * how.noise + 2, 2), np.uint8)
    elif how.denoising == "median":
        picture = np.asarray(cv2.medianBlur(picture, 3), np.uint8)
    picture = _sharpened(picture, how.sharpening)
    if how.lines < 1080:
        picture = _jpeg(picture, how.compressed)
        enlarged = cv2.resize(picture, SENSORS[1080], interpolation=ENLARGED[how.enlarging])
        grain = np.repeat(rng.standard_normal((1080, 1920, 1), np.float32), 3, axis=2) * how.after_noise
        picture = _sharpened(_clipped(enlarged + grain), how.after_sharpening)
    elif how.lines > 1080:
        reducing = cv2.INTER_LINEAR if how.enlarging == "bilinear" else cv2.INTER_AREA
        picture = np.asarray(cv2.resize(picture, SENSORS[1080], interpolation=reducing), np.uint8)
    return np.asarray(cv2.cvtColor(_jpeg(picture, how.quality), cv2.COLOR_BGR2GRAY), np.uint8)


def _noisy(picture: NDArray[np.float32], noise: float, rng: Generator) -> Picture:
    return _clipped(picture + rng.standard_normal(picture.shape, np.float32) * noise)


def _clipped(picture: NDArray[np.floating]) -> Picture:
    return np.asarray(np.clip(picture + 0.5, 0, 255), np.uint8)


def _sharpened(picture: Picture, amount: float) -> Picture:
    if not amount:
        return picture
    return np.asarray(
        cv2.addWeighted(picture, 1 + amount, cv2.GaussianBlur(picture, (0, 0), 1), -amount, 0), np.uint8
    )


def _jpeg(picture: Picture, quality: int) -> Picture:
    if not quality:
        return picture
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was measured on the frames of one camera."""

    photo: int
    camera: Camera
    trace: upscaling.UpscalingTrace
    blur: float | None

    @property
    def said(self) -> int | None:
        return self.trace.source_lines(larger_offered=False)


def _outcomes(data: Path, every: int, spent: dict[str, list[float]]) -> Iterator[Outcome]:
    rng = np.random.default_rng(7)
    paths = sorted((data / "scenes").glob("*.jpg"))
    for number, path in enumerate(paths):
        photo = np.asarray(cv2.imread(str(path)), np.uint8)
        for lines, focused, count in (
            *((1080, True, 12), (1080, False, 6), (720, True, 10), (720, False, 4)),
            *((480, True, 10), (480, False, 4), (540, True, 2), (1440, True, 4)),
        ):
            for _ in range(max(1, count // every)):
                how = camera(lines, rng, focused=focused)
                seen = frames(photo, how, rng)
                begun = time.process_time()
                trace = upscaling.measure_upscaling(seen)
                traced = time.process_time()
                blur = sharpness.edge_blur(seen[0])
                spent["trace"].append(1000 * (traced - begun) / FRAMES)
                spent["blur"].append(1000 * (time.process_time() - traced))
                yield Outcome(photo=number, camera=how, trace=trace, blur=blur)


def bench_detail(data: Path, every: int) -> None:
    """Print how often enlarged, true and soft pictures are told; even photographs are train, odd hold-out."""
    spent: dict[str, list[float]] = defaultdict(list)
    outcomes = list(_outcomes(data, every, spent))
    for part, name in ((0, "train"), (1, "hold-out")):
        chosen = [one for one in outcomes if one.photo % 2 == part]
        photos = len({one.photo for one in chosen})
        print(f"\nReal detail, {name}: {len(chosen)} sets of {FRAMES} frames of {photos} photographs")
        for lines in SENSORS:
            for focused in (True, False):
                group = [one for one in chosen if (one.camera.lines, one.camera.focused) == (lines, focused)]
                if group:
                    _print_group(lines, group, focused=focused)
        true = [one for one in chosen if one.camera.lines == 1080]
        print(f"  all true 1080p said to be enlarged: {_share(one.said is not None for one in true)}")
        larger = [one.trace.source_lines(larger_offered=True) for one in chosen if one.camera.lines == 1440]
        print(f"  1440 lines, and the camera offers them: {_share(lines is not None for lines in larger)}")
        for lines in (720, 480):
            for least, most in ((0, 0), (80, 90), (60, 70)):
                packed = [
                    one
                    for one in chosen
                    if one.camera.lines == lines
                    and one.camera.focused
                    and least <= one.camera.quality <= most
                ]
                quality = f"JPEG {least}-{most}" if most else "no JPEG"
                print(f"  {lines} lines, {quality} at the end, told: {_share(_told(one) for one in packed)}")
    trace, blur = (np.median(spent[name]) for name in ("trace", "blur"))
    print(f"CPU: trace {trace:.1f} ms a frame, blur of edges {blur:.1f} ms for the one frame it looks at")


def _print_group(lines: int, group: list[Outcome], *, focused: bool) -> None:
    limit = next(demand.bound for demand in POLICY.demands_on("camera.video") if demand.fact == "softness")
    soft = _share(one.blur is not None and one.blur > float(str(limit)) for one in group)
    state = "in focus" if focused else "out of focus"
    said = _share(one.said is not None for one in group)
    thirds, ninths = ([getattr(one.trace, name) for one in group] for name in ("thirds", "ninths"))
    print(
        f"  {lines} lines, {state}: said to be enlarged {said}, soft {soft};"
        f" thirds {np.min(thirds):.2f}-{np.max(thirds):.2f}, ninths {np.min(ninths):.2f}-{np.max(ninths):.2f}"
    )


def _told(one: Outcome) -> bool:
    return one.said is not None


def _share(yes: Iterable[object]) -> str:
    told = [bool(one) for one in yes]
    return f"{sum(told) / len(told):.1%} ({sum(told)}/{len(told)})" if told else "- (0)"
