"""What a webcam sees, made at run time: a public-domain face at its native size in a sharp 1080p room.

The face is NASA's portrait of Eileen Collins, `skimage.data.astronaut`. Pictures are BGR,
uint8; a video has a sensor's noise on every frame.
"""

from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
FPS = 30
SECONDS = 2.1
NOISE = 1.5
QUALITY = 80


def good() -> Picture:
    """Somebody in front of a sharp camera, in good light."""
    return _good().copy()


@cache
def _good() -> Picture:
    picture = empty()
    person = photograph("astronaut")
    height, width = person.shape[:2]
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    picture[top : top + height, left : left + width] = person
    return picture


def empty() -> Picture:
    """The same room with nobody in it."""
    return _room().copy()


def photograph(name: str) -> Picture:
    """One of the pictures that scikit-image brings along, BGR or grey."""
    # Its own reader takes half a second to import.
    with resources.as_file(resources.files("skimage") / "data" / f"{name}.png") as path:
        return _u8(cv2.imread(str(path), cv2.IMREAD_UNCHANGED))


def small() -> Picture:
    """The middle of the good picture, from a camera of 720 lines."""
    return good()[180:900, 320:1600].copy()


def enlarged() -> Picture:
    """A picture of 720 lines enlarged to 1080."""
    reduced = cv2.resize(good(), (1280, 720), interpolation=cv2.INTER_AREA)
    return _u8(cv2.resize(reduced, (1920, 1080), interpolation=cv2.INTER_LINEAR))


def grey() -> Picture:
    """The good picture from a camera without colour."""
    return _u8(cv2.cvtColor(cv2.cvtColor(good(), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR))


def dark(light: float = 0.015) -> Picture:
    """The good picture with less light, and a camera that cannot make up for it."""
    return dimmed(good(), light)


def dim() -> Picture:
    """The good picture in hardly any light at all: little but the noise of the sensor."""
    return noisy(dimmed(good(), 0.002), 6.0, seed=99)


def silhouette(light: float = 0.02) -> Picture:
    """Somebody with a bright window behind: the face in so much of the good picture's light."""
    shape = np.zeros((1080, 1920), np.float32)
    cv2.ellipse(shape, (940, 560), (200, 330), 0, 0, 360, 1.0, cv2.FILLED)
    person = cv2.GaussianBlur(shape, (0, 0), 20)[..., None]
    window = np.maximum(good(), np.uint8(235))
    return _u8(dimmed(good(), light) * person + window * (1 - person))


def blurred(eye_distances: float = 0.09) -> Picture:
    """The good picture out of focus, in distances between the eyes (37 px here)."""
    return _u8(cv2.GaussianBlur(good(), (0, 0), 37 * eye_distances))


def shaken(pixels: int = 9) -> Picture:
    """The good picture with the camera moved sideways while it was taken."""
    return _u8(cv2.blur(good(), (pixels, 1)))


def burnt(light: float = 40.0) -> Picture:
    """The good picture with so much light that nothing is left of the face."""
    return dimmed(good(), light)


def turned(quarters: int) -> Picture:
    """The good picture from a camera that lies on its side (1, 3) or hangs upside down (2)."""
    return np.ascontiguousarray(np.rot90(good(), quarters))


def cut(beyond: int = 450) -> Picture:
    """The good picture with one half of the face, or so many pixels of the person, beyond its left edge."""
    picture, person = empty(), good()[284:796, 704:1216]
    near = cv2.resize(person, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)[:, beyond:]
    picture[56:, : near.shape[1]] = near
    return picture


def covered() -> Picture:
    """A closed shutter."""
    return np.full((1080, 1920, 3), 3, np.uint8)


def dot() -> Picture:
    """A picture of one pixel."""
    return np.full((1, 1, 3), 128, np.uint8)


def dimmed(picture: Picture, light: float) -> Picture:
    """Return the picture with its linear light multiplied, by the curve of sRGB."""
    level = np.arange(256) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4) * light
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return _u8(cv2.LUT(picture, np.clip(np.rint(255 * curve), 0, 255).astype(np.uint8)))


def noisy(picture: Picture, sigma: float = NOISE, seed: int = 0) -> Picture:
    """Return the picture with the noise of a sensor, the same in no two frames."""
    return _u8(cv2.add(picture, _noise(picture.shape, sigma, seed), dtype=cv2.CV_8U))


@lru_cache(maxsize=8)
def _noise(shape: tuple[int, ...], sigma: float, seed: int) -> NDArray[np.int16]:
    noise = np.zeros(shape, np.int16)
    cv2.setRNGSeed(seed)
    cv2.randn(noise, np.zeros(3), np.full(3, sigma))
    return noise


def frames(picture: Picture, count: int = 8, sigma: float = NOISE) -> tuple[Picture, ...]:
    """Return frames of a scene that does not move, each with its own noise."""
    return tuple(noisy(picture, sigma, seed) for seed in range(count))


def video(
    path: Path, picture: Picture, *, fps: float = FPS, seconds: float = SECONDS, sigma: float = NOISE
) -> Path:
    """Write a motion JPEG video of a scene and return its path; without noise it stands still."""
    height, width = picture.shape[:2]
    coding, raw = cv2.VideoWriter.fourcc(*"MJPG"), [cv2.VIDEOWRITER_PROP_RAW_VIDEO, 1]
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, coding, fps, (width, height), raw)
    # Each variant is coded once and only put into the file again.
    variants = [
        cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].reshape(1, -1)
        for frame in (frames(picture, 5, sigma) if sigma else (picture,))
    ]
    for index in range(round(fps * seconds)):
        writer.write(variants[index % len(variants)])
    writer.release()
    return path


def picture(path: Path, content: Picture) -> Path:
    """Write a picture file, of the format that the ending names, and return its path."""
    assert cv2.imwrite(str(path), content)
    return path


@cache
def _room() -> Picture:
    """A wall with a lit gradient, a shelf of coloured books, and a patterned curtain, all sharp."""
    random = np.random.default_rng(7)
    room = np.empty((1080, 1920, 3), np.uint8)
    room[:] = np.linspace((150, 165, 170), (190, 205, 212), 1920)[None]
    for row in range(3):
        top, left = 80 + 330 * row, 40
        while left < 620:
            width, height = int(random.integers(18, 46)), int(random.integers(180, 260))
            colour = random.integers(30, 220, 3).tolist()
            cv2.rectangle(room, (left, top + 270 - height), (left + width, top + 270), colour, cv2.FILLED)
            lines = random.integers(0, 255, (height, width - 8), np.uint8) > 170
            spine = room[top + 271 - height : top + 271, left + 4 : left + width - 4]
            spine[lines[: spine.shape[0], : spine.shape[1]]] //= 2
            left += width + 2
        cv2.rectangle(room, (30, top + 271), (640, top + 285), (40, 60, 90), cv2.FILLED)
    for left in range(1330, 1880, 22):
        shade = 110 + int(random.integers(0, 90))
        cv2.rectangle(room, (left, 0), (left + 11, 1079), (shade // 2, shade, shade // 3), cv2.FILLED)
    return room


def _u8(content: object) -> Picture:
    return np.asarray(content, np.uint8)
