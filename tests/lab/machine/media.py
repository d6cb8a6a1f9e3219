"""What the guest's devices are fed with: pictures of a public-domain face, a synthetic voice."""

import wave
from pathlib import Path

import cv2
import numpy as np
import voices
from numpy.typing import NDArray
from skimage import data

Picture = NDArray[np.uint8]
WIDTH, HEIGHT = 1920, 1080
_FACE = (slice(0, 360), slice(40, 400))
"""Eileen Collins's head and shoulders in NASA's portrait."""


def make(folder: Path) -> None:
    """Write all of them."""
    for name, picture in pictures().items():
        # BMP, because the guest decodes it in no time.
        cv2.imwrite(str(folder / f"{name}.bmp"), picture)
    for name, sound in sounds().items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(voices.RATE)
            file.writeframes((np.clip(sound, -1, 32767 / 32768) * 32768).astype("<i2").tobytes())


def pictures() -> dict[str, Picture]:
    """Return 1080p pictures (BGR) by name."""
    good = scene()
    ellipse = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(ellipse, (WIDTH // 2, HEIGHT // 2), (300, 420), 0, 0, 360, 1.0, -1)
    person = cv2.GaussianBlur(ellipse, (0, 0), 40)[..., None]
    bright = np.maximum(good, 235)
    return {
        "good": good,
        "dark": _grain((good * 0.06).astype(np.uint8), 3),
        "backlit": (good * 0.16 * person + bright * (1 - person)).astype(np.uint8),
        "blurred": np.asarray(cv2.GaussianBlur(good, (0, 0), 14), np.uint8),
        "nobody": scene(face=False),
        "shutter": np.zeros_like(good),
    }


def scene(*, face: bool = True) -> Picture:
    """Return a room with sharp shelves and, in its middle, a face enlarged to a video call's size."""
    rng = np.random.default_rng(7)
    room = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    room[:] = (150, 160, 170)
    left = 0
    while left < WIDTH:
        width = int(rng.integers(18, 60))
        for top in range(40, HEIGHT, 260):
            colour = tuple(int(value) for value in rng.integers(50, 220, 3))
            height = int(rng.integers(150, 210))
            cv2.rectangle(room, (left, top + 220 - height), (left + width - 3, top + 220), colour, -1)
            for line in range(3):
                y = top + 230 - height + 12 * line
                cv2.line(room, (left + 4, y), (left + width - 8, y), (20, 20, 20), 1)
        left += width
    if face:
        portrait = cv2.cvtColor(_astronaut()[_FACE], cv2.COLOR_RGB2BGR)
        size = 900
        portrait = cv2.resize(portrait, (size, size), interpolation=cv2.INTER_CUBIC)
        top, side = (HEIGHT - size) // 2 + 60, (WIDTH - size) // 2
        room[top : top + size, side : side + size] = portrait
    return _grain(room, 1)


def _astronaut() -> Picture:
    picture: Picture = data.astronaut()  # type: ignore[no-untyped-call] # untyped as a whole
    return picture


def _grain(picture: Picture, sigma: float) -> Picture:
    noise = np.random.default_rng(3).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def sounds() -> dict[str, voices.Sound]:
    """Return 1 s of silence and 5 s of voice over it and over noise, by name."""
    return {name: voices.recording(ratio)[2 * voices.RATE :] for name, ratio in (("quiet", 40), ("noisy", 3))}
