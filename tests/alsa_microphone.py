"""A microphone without hardware: ALSA plays a file into the real PortAudio, as fast as it is read.

Only Linux has ALSA; where its library or PortAudio is missing the tests that use it are skipped.
"""

import ctypes.util
import sys
from pathlib import Path

import numpy as np
import pytest
from voices import RATE, Sound

needs_alsa = pytest.mark.skipif(
    sys.platform != "linux"
    or not (ctypes.util.find_library("asound") and ctypes.util.find_library("portaudio")),
    reason="needs ALSA and PortAudio",
)

DEVICE = """\
pcm.!{name} {{
  type plug
  slave {{
    format S16_LE
    rate {rate}
    channels 1
    pcm {{ type file format raw file "/dev/null" infile "{tape}" slave.pcm {{ type null }} }}
  }}
}}
"""


def play_samples(
    patch: pytest.MonkeyPatch, folder: Path, samples: Sound, *names: str, times: int = 1
) -> None:
    """Let ALSA's default device, and others of these names, play these samples so many times.

    To processes that begin later, and that do not find a sound server's `pactl` on their path. What
    follows is undefined.
    """
    tape = folder / "tape.raw"
    tape.write_bytes((np.clip(samples, -1, 1 - 2**-15) * 32768).astype("<i2").tobytes() * times)
    devices = "".join(DEVICE.format(name=name, tape=tape, rate=RATE) for name in ("default", *names))
    _configure(patch, folder, devices)


def remove_device(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let there be no device that opens."""
    _configure(patch, folder, DEVICE.format(name="default", tape=folder / "none.raw", rate=RATE))


def _configure(patch: pytest.MonkeyPatch, folder: Path, devices: str) -> None:
    (folder / "asound.conf").write_text(devices)
    patch.setenv("ALSA_CONFIG_PATH", str(folder / "asound.conf"))
    patch.setenv("PATH", str(folder))


# As PulseAudio 16 prints them.
SOURCES = """\
Source #1
\tState: SUSPENDED
\tName: speaker.monitor
\tDescription: Monitor of Built-in Audio
\tMonitor of Sink: speaker
Source #2
\tState: RUNNING
\tName: headset
\tDescription: Plantronics Blackwire 325.1
\tMonitor of Sink: n/a
Source #3
\tState: SUSPENDED
\tName: webcam
\tDescription: HD Webcam
\tMonitor of Sink: n/a
"""
OUTPUT = """\
Source Output #7
\tDriver: protocol-native.c
\tSource: {number}
\tProperties:
\t\tapplication.process.id = "'$PPID'"
"""


def add_sound_server(folder: Path, usual: str, *recorded: int) -> None:
    """Let a sound server stand before the device, with `usual` its default source.

    The program records from the source of the last number, the first times from those before it; with no
    number the server knows of no recording.
    """
    answers = [OUTPUT.format(number=number) for number in recorded] or [""]
    (folder / "sources").write_text(SOURCES)
    (folder / "asked").write_text("")
    cases = "\n".join(f"{index}) echo '{answer}';;" for index, answer in enumerate(answers))
    program = folder / "pactl"
    program.write_text(f"""#!/bin/sh
case "$*" in
  info) echo 'Default Source: {usual}';;
  "list sources") while IFS= read -r line; do printf '%s\\n' "$line"; done < '{folder}/sources';;
  "list source-outputs")
    read -r asked < '{folder}/asked'
    case "${{#asked}}" in
{cases}
*) echo '{answers[-1]}';;
    esac
    echo "${{asked}}x" > '{folder}/asked';;
esac
""")
    program.chmod(0o755)
