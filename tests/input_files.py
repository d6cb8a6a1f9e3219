"""Files in place of every device of a computer that is ready, as options of the command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import computers
import line_recordings
import scenes
import voices


@dataclass(frozen=True)
class InputFiles:
    """Files for all sources."""

    folder: Path
    files: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Make the files in a folder."""
        voice = folder / "voice.wav"
        voice.write_bytes(voices.wav(voices.recording()))
        return cls(
            folder,
            {
                "camera": scenes.video(folder / "good.avi", scenes.good()),
                "microphone": voice,
                "speaker": computers.write_captures(folder, *computers.speaker()),
                "network": line_recordings.write_recording(folder),
                "power": computers.write_captures(folder, computers.plugged_in()),
                "software": computers.write_captures(folder, computers.good()),
            },
        )

    def arguments(self, **changed: Path) -> list[str]:
        """Return the options that name the files, some of them exchanged."""
        files = {**self.files, **changed}
        return [word for source, path in files.items() for word in (f"--{source}", str(path))]
