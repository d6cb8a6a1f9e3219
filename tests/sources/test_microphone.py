import io
import os
import re
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import voices

from preflight.captures import MicrophoneCapture
from preflight.errors import Unmeasured
from preflight.model import Job, Kind
from preflight.sources import microphone
from preflight.worker import Wire

SAMPLES = 0.1 * voices.white(4, 16000)


def captured(path: Path, **parameters: object) -> MicrophoneCapture:
    job = Job(
        source="microphone",
        target=str(path),
        checks=("microphone.signal",),
        parameters={"quiet_s": 3.0, "voice_s": 5.0, **parameters},
        bounds={},
    )
    (capture,) = microphone.capture(job, Wire(io.BytesIO(), guided=False))
    assert isinstance(capture, MicrophoneCapture)
    return capture


@pytest.mark.parametrize(
    ("kind", "subtype", "error"),
    [
        pytest.param("WAV", "PCM_U8", 2**-7, id="WAV of 8 bits"),
        pytest.param("WAV", "PCM_16", 2**-15, id="WAV of 16 bits"),
        pytest.param("WAV", "PCM_24", 2**-22, id="WAV of 24 bits"),
        pytest.param("WAV", "PCM_32", 2**-22, id="WAV of 32 bits"),
        pytest.param("WAV", "FLOAT", 2**-22, id="WAV of floats"),
        pytest.param("WAVEX", "PCM_24", 2**-22, id="extensible WAV"),
        pytest.param("FLAC", "PCM_16", 2**-15, id="FLAC of 16 bits"),
        pytest.param("FLAC", "PCM_24", 2**-22, id="FLAC of 24 bits"),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_reads_each_kind_of_file(
    tmp_path: Path, kind: str, subtype: str, error: float, channels: int
) -> None:
    path = tmp_path / "voice"
    soundfile.write(path, np.stack([SAMPLES] * channels, axis=1), 16000, subtype, format=kind)
    capture = captured(path)
    assert (capture.present, capture.origin, capture.rate) == (True, "file", 16000)
    assert capture.onset is None
    assert capture.samples is not None
    assert capture.samples.dtype == np.float32
    np.testing.assert_allclose(capture.samples, SAMPLES, rtol=0, atol=error)
    assert capture.due == capture.came == len(SAMPLES)


def test_the_silent_part_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    path.write_bytes(voices.wav(SAMPLES, 16000))
    assert captured(path, silence_s=2.5).onset == 40000


def headed(length: int) -> bytes:
    """A WAV file that says how long it is."""
    content = bytearray(voices.wav(SAMPLES, 16000))
    content[40:44] = struct.pack("<I", length)
    return bytes(content)


def floats(value: float) -> bytes:
    content = io.BytesIO()
    samples = SAMPLES.copy()
    samples[100] = value
    soundfile.write(content, samples, 16000, "FLOAT", format="WAV")
    return content.getvalue()


def flac() -> bytes:
    content = io.BytesIO()
    soundfile.write(content, SAMPLES, 16000, format="FLAC")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(lambda: b"", "empty", id="empty"),
        pytest.param(lambda: b"RIFF", "", id="four bytes"),
        pytest.param(lambda: voices.wav(SAMPLES[:0], 16000), "0.0 s", id="no samples"),
        pytest.param(lambda: voices.wav(SAMPLES[:15000], 16000), "0.9 s", id="too short"),
        pytest.param(lambda: voices.wav(np.zeros(121 * 8000), 8000), "121.0 s", id="too long"),
        pytest.param(lambda: voices.wav(SAMPLES, 4000), "4000 Hz", id="too low a rate"),
        pytest.param(lambda: voices.wav(SAMPLES, 16000)[:70000], "ends after", id="WAV cut off"),
        pytest.param(lambda: flac()[:50000], "", id="FLAC cut off"),
        pytest.param(lambda: floats(np.nan), "no numbers", id="not a number"),
        pytest.param(lambda: floats(3e38), "no numbers", id="out of all measure"),
        pytest.param(lambda: floats(np.inf), "no numbers", id="infinite"),
        pytest.param(lambda: b"Dear Sir or Madam, " * 1000, "", id="a letter"),
        pytest.param(lambda: os.urandom(50000), "", id="random bytes"),
    ],
)
def test_what_is_no_recording_is_bad_input(tmp_path: Path, content: Callable[[], bytes], said: str) -> None:
    path = tmp_path / "voice.wav"
    path.write_bytes(content())
    with pytest.raises(Unmeasured) as broken:
        captured(path)
    assert broken.value.trouble.kind is Kind.BAD_INPUT
    assert said in broken.value.trouble.detail
    assert str(tmp_path) not in broken.value.trouble.detail


@pytest.mark.parametrize("length", [0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_its_writer_did_not_know_is_no_fault(tmp_path: Path, length: int) -> None:
    path = tmp_path / "piped.wav"
    path.write_bytes(headed(length))
    samples = captured(path).samples
    assert samples is not None
    np.testing.assert_allclose(samples, SAMPLES, rtol=0, atol=2**-15)


def test_more_silence_than_sound_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    path.write_bytes(voices.wav(SAMPLES, 16000))
    assert captured(path, silence_s=3.0).onset == 48000
    with pytest.raises(Unmeasured) as broken:
        captured(path, silence_s=3.1)
    assert broken.value.trouble.kind is Kind.BAD_INPUT


@pytest.mark.parametrize(
    ("state", "mode", "kind"),
    [
        pytest.param("closed\n", 0o600, None, id="free"),
        pytest.param("state: RUNNING\nowner_pid   : 4242\n", 0o600, Kind.BUSY, id="held"),
    ],
)
def test_what_portaudio_leaves_out_is_looked_for(
    tmp_path: Path, state: str, mode: int, kind: Kind | None
) -> None:
    kernel, nodes = tmp_path / "asound", tmp_path / "snd"
    status = kernel / "card1" / "pcm0c" / "sub0" / "status"
    status.parent.mkdir(parents=True)
    status.write_text(state)
    nodes.mkdir()
    (nodes / "pcmC1D0c").touch(mode)
    if kind is None:
        microphone._held(kernel, nodes)  # noqa: SLF001 - what it looks at cannot be had without a sound card
        return
    with pytest.raises(Unmeasured) as broken:
        microphone._held(kernel, nodes)  # noqa: SLF001 - as above
    assert broken.value.trouble.kind is kind
    assert "pcmC1D0c" in broken.value.trouble.detail


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        pytest.param(
            "Error opening InputStream: Device unavailable [PaErrorCode -9985]", Kind.BUSY, id="busy"
        ),
        pytest.param(
            "Unanticipated host error [-9999]: 'Permission denied'", Kind.NO_PERMISSION, id="denied"
        ),
        pytest.param("Invalid device [PaErrorCode -9996]", Kind.LOST, id="gone"),
        pytest.param("Internal PortAudio error [PaErrorCode -9986]", Kind.NO_DATA, id="something else"),
    ],
)
def test_says_why_a_device_does_not_open(said: str, kind: Kind) -> None:
    assert microphone._refused(RuntimeError(said)).trouble.kind is kind  # noqa: SLF001 - no device says all of it


WINDOWS = """
   0 Microsoft Sound Mapper - Input, MME (2 in, 0 out)
>  1 Headset Microphone (Plantronics, MME (2 in, 0 out)
   2 Microphone Array (Intel® Smart , MME (2 in, 0 out)
   3 Microsoft Sound Mapper - Output, MME (0 in, 2 out)
<  4 Headset Earphone (Plantronics B, MME (0 in, 2 out)
   5 Primary Sound Capture Driver, Windows DirectSound (2 in, 0 out)
   6 Headset Microphone (Plantronics Blackwire 325.1), Windows DirectSound (2 in, 0 out)
   7 Microphone Array (Intel® Smart Sound Technology (Intel® SST)), Windows DirectSound (2 in, 0 out)
   8 Primary Sound Driver, Windows DirectSound (0 in, 2 out)
   9 Headset Earphone (Plantronics Blackwire 325.1), Windows WASAPI (0 in, 2 out)
  10 Microphone Array (Intel® Smart Sound Technology (Intel® SST)), Windows WASAPI (4 in, 0 out)
  11 Headset Microphone (Plantronics Blackwire 325.1), Windows WASAPI (1 in, 0 out)
  12 Microphone Array 1 (), Windows WDM-KS (2 in, 0 out)
  13 Headset Microphone (Plantronics Blackwire 325.1), Windows WDM-KS (1 in, 0 out)
"""
MAC = """
> 0 MacBook Pro Microphone, Core Audio (1 in, 0 out)
< 1 MacBook Pro Speakers, Core Audio (0 in, 2 out)
  2 Anna’s iPhone Microphone, Core Audio (1 in, 0 out)
"""
SPEAKERS_ONLY = """
< 0 HDA Intel PCH: HDMI 0 (hw:0,3), ALSA (0 in, 8 out)
"""


class Listed:
    """PortAudio's lists, as `python -m sounddevice` prints them of a computer."""

    def __init__(self, text: str, usual: Mapping[str, int]) -> None:
        lines = re.findall(r"^([> <]) *(\d+) (.+), ([^,]+) \((\d+) in, \d+ out\)$", text, re.MULTILINE)
        hosts = list(dict.fromkeys(host for *_, host, _ in lines))
        self._devices = [
            {
                "index": int(index),
                "name": name,
                "hostapi": hosts.index(host),
                "max_input_channels": int(inputs),
            }
            for _, index, name, host, inputs in lines
        ]
        self._hosts = [{"name": host, "default_input_device": usual.get(host, -1)} for host in hosts]
        default = next((int(index) for mark, index, *_ in lines if mark == ">"), -1)
        self.default = SimpleNamespace(device=(default, -1))

    def query_devices(self) -> list[dict[str, object]]:
        return self._devices

    def query_hostapis(self, index: int) -> dict[str, object]:
        return self._hosts[index]


@pytest.mark.parametrize(
    ("text", "usual", "inputs", "chosen"),
    [
        pytest.param(WINDOWS, {"MME": 1, "Windows WASAPI": 11}, [10, 11], 11, id="Windows: by WASAPI only"),
        pytest.param(WINDOWS, {"MME": 1}, [10, 11], 10, id="Windows without a default"),
        pytest.param(MAC, {"Core Audio": 0}, [0, 2], 0, id="a Mac and its owner's telephone"),
    ],
)
def test_each_microphone_is_listed_once(
    text: str, usual: Mapping[str, int], inputs: list[int], chosen: int
) -> None:
    library = Listed(text, usual)
    assert [each["index"] for each in microphone._inputs(library)] == inputs  # noqa: SLF001 - lists of others' computers
    choice = microphone._choose(library, None)  # noqa: SLF001 - as above
    assert choice is not None
    assert choice.index == chosen


def test_part_of_a_name_is_enough_on_windows() -> None:
    choice = microphone._choose(Listed(WINDOWS, {}), "plantronics")  # noqa: SLF001 - as above
    assert choice is not None
    assert choice.index == 11


def test_a_computer_with_speakers_only_has_no_microphone() -> None:
    assert microphone._choose(Listed(SPEAKERS_ONLY, {}), None) is None  # noqa: SLF001 - as above
