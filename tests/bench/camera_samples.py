"""What the camera's benches are made from: people, rooms, light, movement, and what the checks say."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from preflight import judge, policy
from preflight.captures import CameraCapture
from preflight.checks import colour, face, focus, lighting
from preflight.measures import image
from preflight.measures.face import Face
from preflight.model import Check, Verdict

Picture = NDArray[np.uint8]
Generator = np.random.Generator

POLICY = policy.load()
CHECKS = {"camera.colour": colour, "camera.face": face, "camera.lighting": lighting, "camera.focus": focus}
FULL_WELL, READ_NOISE = 4000, 5
"""Electrons of a small sensor's pixel."""
MOST_GAIN = 16
TRAIN = {"webcam": range(1, 5), "yale": range(1, 6)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A picture of one person."""

    name: str
    person: str
    train: bool
    picture: Picture
    azimuth: int = 0
    elevation: int = 0

    @property
    def part(self) -> str:
        return "train" if self.train else "hold-out"


def webcam(data: Path, every: int) -> list[Sample]:
    """Return the real webcam frames."""
    samples = []
    for path in sorted((data / "faces" / "webcam").glob("*.jpg"))[::every]:
        number = int(path.name[:4])
        picture = read(path)
        person = f"webcam {number}"
        samples.append(
            Sample(name=path.name, person=person, train=number in TRAIN["webcam"], picture=picture)
        )
    return samples


def yale(data: Path, every: int) -> list[Sample]:
    """Return the faces lit by one strobe, pasted into an even dark wall as a webcam would see them."""
    samples = []
    for path in sorted((data / "faces" / "yaleb").glob("*.pgm"))[::every]:
        named = re.match(r"yaleB(\d+)_P\d+A([+-]\d+)E([+-]\d+)", path.name)
        if not named:
            continue
        number, azimuth, elevation = (int(group) for group in named.groups())
        samples.append(
            Sample(
                name=path.name,
                person=f"yale {number}",
                train=number in TRAIN["yale"],
                picture=_surrounded(read(path)),
                azimuth=abs(azimuth),
                elevation=elevation,
            )
        )
    return samples


def _surrounded(crop: Picture) -> Picture:
    """Return a 640x480 picture with the cropped face in it, its border carried on."""
    down, across = 480 - crop.shape[0], 640 - crop.shape[1]
    borders = (down // 2, down - down // 2, across // 2, across - across // 2)
    return np.asarray(cv2.copyMakeBorder(crop, *borders, cv2.BORDER_REPLICATE), np.uint8)


def read(path: Path) -> Picture:
    picture = cv2.imread(str(path))
    if picture is None:
        raise SystemExit(f"{path} is no picture")
    return np.asarray(picture, np.uint8)


def jpeg(picture: NDArray[np.generic], quality: int) -> Picture:
    """Return the picture as it comes back from a JPEG file."""
    whole = np.clip(np.rint(picture.astype(np.float64)), 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", whole, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def lit(picture: Picture, level: float, gain: float | None, rng: Generator, quality: int = 85) -> Picture:
    """Return the picture with `level` times its light; `gain` None is automatic, up to 16."""
    electrons = image.srgb_to_linear(picture) * level * FULL_WELL
    seen = (rng.poisson(electrons) + rng.normal(0, READ_NOISE, electrons.shape)) / FULL_WELL
    gain = min(MOST_GAIN, max(1.0, 1 / level)) if gain is None else gain
    return jpeg(image.linear_to_srgb(seen * gain), quality)


def moved(picture: NDArray[np.float32], pixels: float, degrees: float) -> NDArray[np.float32]:
    """Return the picture smeared along a line, as by a movement during the exposure."""
    side = 2 * int(pixels) + 5
    kernel = np.zeros((side, side), np.float32)
    turn = np.deg2rad(degrees)
    for step in np.linspace(-pixels / 2, pixels / 2, max(2, int(pixels * 8))):
        x, y = side // 2 + step * np.cos(turn), side // 2 + step * np.sin(turn)
        left, top = int(x), int(y)
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            kernel[top + dy, left + dx] += (1 - abs(x - left - dx)) * (1 - abs(y - top - dy))
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.float32)


def capture(frames: Sequence[Picture]) -> CameraCapture:
    """Return frames as a camera would have given them."""
    height, width = frames[0].shape[:2]
    return CameraCapture(present=True, width=width, height=height, frames=tuple(frames))


def judged(check: str, frames: Sequence[Picture]) -> Check:
    """Return what the check says of these frames under the policy that ships."""
    outcome = CHECKS[check].analyse(capture(frames), POLICY.parameters["camera"])
    return judge.judge(check, outcome, POLICY.demands_on(check))


def share(checks: Sequence[Check], *verdicts: Verdict) -> str:
    """Return the share of checks with one of the verdicts."""
    return f"{sum(check.verdict in verdicts for check in checks) / len(checks):6.3f}"


def table(title: str, head: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    """Print rows under a title."""
    print(f"\n{title}")
    print("  ".join(f"{name:>9}" for name in head))
    for row in rows:
        print("  ".join(f"{cell!s:>9}" for cell in row), flush=True)


def scenes(data: Path, every: int) -> list[tuple[str, Picture]]:
    """Return the photographs, each with its part."""
    paths = list(enumerate(sorted((data / "scenes").glob("*.jpg"))))[::every]
    return [("hold-out" if number % 2 else "train", read(path)) for number, path in paths]


def close_up(sample: Sample, found: Face, eyes: float) -> tuple[NDArray[np.float32], Face]:
    """Return head and shoulders with so many pixels between the eyes."""
    scale = eyes / found.eyes
    part = found.crop(sample.picture, -0.5, -0.5, 1.5, 1.5)
    left, top = max(found.x - found.side / 2, 0), max(found.y - found.side / 2, 0)
    size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    moved_face = Face(x=(found.x - left) * scale, y=(found.y - top) * scale, side=found.side * scale)
    return np.asarray(small, np.float32), moved_face
