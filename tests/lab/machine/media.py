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
    """Return what microphones hear, as a recording of 5 s begun at any moment is to be judged.

    Two minutes in which silence and a voice take turns in a quiet room, two of a voice in noise at
    3 dB; a voice after a second of silence, and a second of the room without it.
    """
    clear, second = voices.recording(40), voices.RATE
    return {
        "quiet": np.tile(clear[: 6 * second], 20),
        "noisy": np.tile(voices.recording(3)[3 * second :], 24),
        "voice": clear[2 * second :],
        "room": clear[:second],
    }
