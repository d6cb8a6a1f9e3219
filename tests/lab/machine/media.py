"""What the guest's devices are fed with: pictures of a public-domain face, a synthetic voice."""

import wave
from pathlib import Path

import cv2
import numpy as np
import scenes
import voices


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


def pictures() -> dict[str, scenes.Picture]:
    """Return 1080p pictures (BGR) by name."""
    return {
        "good": scenes.good(),
        "dark": scenes.dark(),
        "backlit": scenes.silhouette(0.012),
        "blurred": scenes.blurred(),
        "nobody": scenes.empty(),
        "shutter": scenes.covered(),
    }


def sounds() -> dict[str, voices.Sound]:
    """Return a voice with a pause of 1 s in each 6 s, two minutes of it, in little and in loud noise.

    And a second of the quiet room without the voice.
    """
    talking = {
        name: np.tile(voices.recording(ratio)[2 * voices.RATE :], 20)
        for name, ratio in (("quiet", 40), ("noisy", 3))
    }
    return talking | {"room": voices.recording(40)[: voices.RATE]}
