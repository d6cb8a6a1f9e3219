"""Recordings and imitated drivers in place of a microphone; what is lost or silent is said to be that.

Longer than 500 lines because both are held to the same expectations.
"""

import functools
import io
import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import alsa_microphone
import numpy as np
import pytest
import soundfile
import voices
from worker_protocol import Silent, events

from preflight import codec, inspection, runner
from preflight.captures import MicrophoneCapture
from preflight.errors import MeasurementError
from preflight.model import Finding, Job, Kind, Trouble
from preflight.sources import microphone, portaudio
from preflight.worker import PipeLink

SAMPLES = 0.1 * voices.white(4, 16000)


def captured(path: Path, **parameters: object) -> MicrophoneCapture:
    job = Job(
        source="microphone",
        target=str(path),
        checks=("microphone.signal",),
        parameters={"quiet_s": 3.0, "voice_s": 5.0, **parameters},
        bounds={},
    )
    (capture,) = microphone.capture(job, PipeLink(io.BytesIO(), guided=False))
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
    with pytest.raises(MeasurementError) as broken:
        captured(path)
    assert broken.value.trouble.kind is Kind.BAD_INPUT
    assert said in broken.value.trouble.detail
    assert str(tmp_path) not in broken.value.trouble.detail


@pytest.mark.parametrize(
    ("seconds", "rate", "heard"),
    [pytest.param(121, 8000, 120, id="long"), pytest.param(16, 384000, 15, id="long at its rate")],
)
def test_of_the_recording_of_a_whole_session_the_first_part_is_heard(
    seconds: int, rate: int, heard: int, tmp_path: Path
) -> None:
    path = tmp_path / "voice.wav"
    path.write_bytes(voices.wav(np.zeros(seconds * rate), rate))
    samples = captured(path).samples
    assert samples is not None
    assert len(samples) == heard * rate


def test_sound_without_a_head_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "voice.raw"
    path.write_bytes(bytes(100_000))
    with pytest.raises(MeasurementError) as broken:
        captured(path)
    assert broken.value.trouble.kind is Kind.BAD_INPUT


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
    with pytest.raises(MeasurementError) as broken:
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
        microphone._refuse_held_card(kernel, nodes)  # noqa: SLF001 - what it looks at cannot be had without a sound card
        return
    with pytest.raises(MeasurementError) as broken:
        microphone._refuse_held_card(kernel, nodes)  # noqa: SLF001 - as above
    assert broken.value.trouble.kind is kind
    assert "pcmC1D0c" not in broken.value.trouble.detail


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
    assert portaudio.explain_refusal(RuntimeError(said)).trouble.kind is kind


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

    def query_devices(self, index: int | None = None) -> Any:
        return self._devices if index is None else self._devices[index]

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
    assert [each["index"] for each in portaudio.devices(library, "input")] == inputs
    choice = microphone._choose_device(library, None)  # noqa: SLF001 - lists of others' computers
    assert choice is not None
    assert choice.index == chosen


def test_part_of_a_name_is_enough_on_windows() -> None:
    choice = microphone._choose_device(Listed(WINDOWS, {}), "plantronics")  # noqa: SLF001 - as above
    assert choice is not None
    assert choice.index == 11


def test_a_computer_with_speakers_only_has_no_microphone() -> None:
    assert microphone._choose_device(Listed(SPEAKERS_ONLY, {}), None) is None  # noqa: SLF001 - as above


class Failing(Listed):
    """PortAudio with a microphone that takes one channel only and fails at some time."""

    class PortAudioError(Exception):
        pass

    WasapiSettings = dict

    def __init__(self, *, opens: bool = True, blocks: int = 0) -> None:
        super().__init__(WINDOWS, {})
        self.opens = opens
        self.left = blocks
        for device in self._devices:
            device["default_samplerate"] = 44100.0

    def check_input_settings(self, *, samplerate: int, channels: int | None, **_: object) -> None:
        if samplerate != 44100 or channels not in (None, 1):
            raise self.PortAudioError("Invalid sample rate [PaErrorCode -9997]")

    def InputStream(self, **_: object) -> "Failing":  # noqa: N802 - its name
        return self

    def start(self) -> None:
        if not self.opens:
            raise self.PortAudioError("Device unavailable [PaErrorCode -9985]")

    read_available = 4410

    def read(self, count: int) -> tuple[np.ndarray, bool]:
        if not self.left:
            raise self.PortAudioError("Unanticipated host error [PaErrorCode -9999]")
        self.left -= 1
        return np.full((count, 1), 0.1, np.float32), False

    def abort(self, *, ignore_errors: bool) -> None:
        assert ignore_errors

    close = abort


SETTLING = round(microphone.SETTLE_S / microphone.BLOCK_S)


@pytest.mark.parametrize(
    ("library", "kind"),
    [
        pytest.param(Failing(opens=False), Kind.BUSY, id="held by another program"),
        pytest.param(Failing(), Kind.NO_DATA, id="silent from the start"),
        pytest.param(Failing(blocks=2), Kind.LOST, id="unplugged at once"),
        pytest.param(Failing(blocks=SETTLING), Kind.LOST, id="unplugged before the recording"),
        pytest.param(Failing(blocks=SETTLING + 3), Kind.LOST, id="unplugged while it is recorded"),
    ],
)
def test_what_becomes_of_a_microphone_that_fails(library: Failing, kind: Kind) -> None:
    with pytest.raises(MeasurementError) as broken:
        record(library)
    assert broken.value.trouble.kind is kind


class OfAMac(Failing):
    """PortAudio on a Mac: its buffer is small, and a read of more than there is would never come back."""

    def __init__(self, *, buffer: int, blocks: int) -> None:
        super().__init__(blocks=blocks)
        self._hosts = [{**host, "name": "Core Audio"} for host in self._hosts]
        self.buffer = buffer

    @property
    def read_available(self) -> int:  # type: ignore[override] # it changes
        return self.buffer if self.left else 0

    def read(self, count: int) -> tuple[np.ndarray, bool]:
        assert count <= self.read_available, "this never comes back"
        return super().read(count) if count else (np.empty((0, 1), np.float32), False)


@pytest.mark.parametrize(
    ("blocks", "kind"),
    [
        pytest.param(0, Kind.NO_DATA, id="silent from the start"),
        pytest.param(3 * SETTLING, Kind.LOST, id="unplugged before the recording"),
        pytest.param(3 * SETTLING + 9, Kind.LOST, id="unplugged while it is recorded"),
    ],
)
def test_a_microphone_unplugged_from_a_mac_is_lost(
    blocks: int, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphone, "FIRST_SOUND_S", 0.05)
    monkeypatch.setattr(microphone, "NEXT_SOUND_S", 0.05)
    with pytest.raises(MeasurementError) as broken:
        record(OfAMac(buffer=2000, blocks=blocks), "11")
    assert broken.value.trouble.kind is kind


def test_a_microphone_of_a_mac_is_read_whole() -> None:
    # A tenth of a second is three reads here, and what is dropped before the recording one more.
    library = OfAMac(buffer=2000, blocks=3 * SETTLING + 1 + 3 * 10 + 1)
    record(library, "11")
    assert library.left == 1


def record(library: Failing, target: str = "plantronics") -> None:
    choice = microphone._choose_device(library, target)  # noqa: SLF001 - no device fails on demand
    assert choice is not None
    with microphone._Recorder(library, choice, PipeLink(io.BytesIO(), guided=False)) as recorder:  # noqa: SLF001 - as above
        assert recorder.rate == 44100
        recorder.discard()
        recorder.record(1.0)


def test_seconds_that_are_no_number_are_a_mistake() -> None:
    job = Job(source="microphone", target=None, checks=(), parameters={"voice_s": "long"}, bounds={})
    with pytest.raises(TypeError, match=r"parameters\.microphone\.voice_s: 'long'"):
        job.number("voice_s")


@pytest.mark.parametrize(
    ("raised", "said"),
    [("OSError('not found')", "PortAudio is missing"), ("ValueError('-9999')", "PortAudio does not start")],
    ids=["not installed", "broken"],
)
def test_without_portaudio_the_microphone_says_so(
    raised: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sounddevice.py").write_text(f"raise {raised}\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    missing = broken(runner.run([recording()], Silent()))
    assert missing.kind is Kind.NO_LIBRARY
    assert said in missing.detail


def test_what_the_kernel_does_not_tell_of_a_microphone_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "asound" / "card1" / "pcm0c" / "sub0" / "status").mkdir(parents=True)
    microphone._refuse_held_card(tmp_path / "asound", tmp_path)  # noqa: SLF001 - as above


def recording(target: str | None = None, *, seconds: float = 1.0, **more: Any) -> Job:
    return Job(
        source="microphone",
        target=target,
        checks=("microphone.signal", "microphone.noise"),
        parameters={"quiet_s": seconds, "voice_s": seconds},
        bounds={},
        **more,
    )


def facts(measured: runner.Measurements, check: str) -> Mapping[str, object]:
    found = measured.outcomes[f"microphone.{check}"]
    assert isinstance(found, Finding), found
    return {name: fact.value for name, fact in found.facts.items()}


def begun(watcher: Silent) -> list[str]:
    return [str(event["name"]) for event in watcher.events if event["event"] == "phase"]


QUIET = 1e-3 * voices.white(20)


@pytest.fixture
def microphone_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    return functools.partial(alsa_microphone.play_samples, monkeypatch, tmp_path)


@voices.needs_espeak
@alsa_microphone.needs_alsa
def test_a_voice_is_recorded(microphone_of: Callable[..., None]) -> None:
    microphone_of(voices.recording()[round(2.0 * voices.RATE) :])
    watcher = Silent()
    measured = runner.run([recording(seconds=5.0)], watcher)
    signal = facts(measured, "signal")
    assert (signal["present"], signal["muted"], signal["lost"]) == (True, False, 0)
    assert signal["speech_level"] == pytest.approx(-27, abs=1.5)
    assert facts(measured, "noise")["voice"] is True
    assert measured.devices == {"microphone": "default"}
    assert begun(watcher) == ["listen"]


@alsa_microphone.needs_alsa
def test_nobody_speaks(microphone_of: Callable[..., None]) -> None:
    # Until the answer came, the tape is heard as fast as it can be read.
    microphone_of(QUIET, times=10)
    watcher = Silent()
    measured = runner.run([recording(seconds=3.0, guided=True)], watcher)
    assert watcher.asked == ["quiet"]
    assert begun(watcher) == ["quiet", "voice"]
    assert facts(measured, "noise")["voice"] is False


@voices.needs_espeak
@alsa_microphone.needs_alsa
def test_a_silent_part_that_is_spoken_into_is_asked_for_again(microphone_of: Callable[..., None]) -> None:
    microphone_of(voices.synthetic_voice(), times=40)
    watcher = Silent()
    runner.run([recording(seconds=3.0, guided=True)], watcher)
    assert begun(watcher) == ["quiet", "voice", "quiet-again"]


class Answering(Silent):
    """Says the same whatever is asked."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self._said = said

    def answer(self, job: Job, prompt: str) -> str:
        super().answer(job, prompt)
        return self._said


@alsa_microphone.needs_alsa
def test_who_skips_the_question_is_only_listened_to(microphone_of: Callable[..., None]) -> None:
    microphone_of(QUIET)
    watcher = Answering("skip")
    runner.run([recording(guided=True)], watcher)
    assert begun(watcher) == ["listen"]


def broken(measured: runner.Measurements) -> Trouble:
    """Return the trouble of both checks."""
    signal, noise = measured.outcomes.values()
    assert isinstance(signal, Trouble)
    assert signal == noise
    return signal


@alsa_microphone.needs_alsa
def test_who_looks_on_is_shown_what_is_heard_until_they_begin(microphone_of: Callable[..., None]) -> None:
    class Looking(Silent):
        def answer(self, job: Job, prompt: str) -> str | None:  # type: ignore[override] # noqa: ARG002 - a watcher's form
            return prompt if any(event["event"] == "now" for event in self.events) else None

    microphone_of(np.tile(QUIET, 10))
    watcher = Looking()
    runner.run([recording(guided=True)], watcher)
    seen = [event["event"] for event in watcher.events]
    assert seen.index("now") < seen.index("phase")
    assert begun(watcher) == ["quiet", "voice"]


@alsa_microphone.needs_alsa
def test_zeros_are_muted(microphone_of: Callable[..., None]) -> None:
    microphone_of(np.zeros_like(QUIET))
    assert facts(runner.run([recording()], Silent()), "signal")["muted"] is True


@alsa_microphone.needs_alsa
def test_without_a_device_there_is_no_microphone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alsa_microphone.remove_device(monkeypatch, tmp_path)
    assert facts(runner.run([recording()], Silent()), "signal")["present"] is False


@alsa_microphone.needs_alsa
@pytest.mark.parametrize(
    ("target", "found"),
    [("Headset", True), ("head", True), ("webcam", False)],
    ids=["by name", "by part of its name", "another"],
)
def test_a_microphone_is_chosen(target: str, *, found: bool, microphone_of: Callable[..., None]) -> None:
    microphone_of(QUIET, "Headset")
    measured = runner.run([recording(target)], Silent())
    if found:
        assert measured.devices == {"microphone": "Headset"}
    else:
        assert broken(measured).kind is Kind.BAD_INPUT


def listed() -> list[tuple[str, str]]:
    watcher = Silent()
    runner.run([inspection.plan_device_listing("microphone")], watcher)
    (event,) = [event for event in watcher.events if event["event"] == "listed"]
    return [(each["index"], each["name"]) for each in event["devices"]]


@alsa_microphone.needs_alsa
def test_a_microphone_is_chosen_by_the_number_that_is_listed(microphone_of: Callable[..., None]) -> None:
    microphone_of(QUIET, "Headset")
    (number,) = [index for index, name in listed() if name == "Headset"]
    assert runner.run([recording(number)], Silent()).devices == {"microphone": "Headset"}


@alsa_microphone.needs_alsa
def test_a_live_worker_ends_with_its_parent(microphone_of: Callable[..., None]) -> None:
    microphone_of(QUIET)
    job = replace(recording(), live=True, guided=True)
    with subprocess.Popen(runner.worker_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(json.dumps(codec.job_document(job)).encode() + b"\n")
        worker.stdin.flush()
        assert any(b'"event": "now"' in line for line in worker.stdout)
        worker.stdin.close()
        assert worker.wait(10) == 1


BLACKWIRE = "Plantronics Blackwire 325.1"


@alsa_microphone.needs_alsa
def test_the_sources_of_a_sound_server_are_listed_without_its_monitors(
    tmp_path: Path, microphone_of: Callable[..., None]
) -> None:
    microphone_of(QUIET)
    alsa_microphone.add_sound_server(tmp_path, "headset")
    assert listed() == [("0", "default"), ("headset", BLACKWIRE), ("webcam", "HD Webcam")]


@alsa_microphone.needs_alsa
@pytest.mark.parametrize(
    ("usual", "target", "recorded", "device"),
    [
        pytest.param("headset", None, (), BLACKWIRE, id="its default"),
        pytest.param("headset", None, (3, 3), "HD Webcam", id="another that it holds for this program"),
        pytest.param("gone", None, (), BLACKWIRE, id="the first without a default"),
        pytest.param("headset", "default", (), BLACKWIRE, id="the server by its name in ALSA"),
        pytest.param("headset", "HD Webcam", (), "HD Webcam", id="a source by name"),
        pytest.param("webcam", "blackwire", (), BLACKWIRE, id="a source by part of its name"),
    ],
)
def test_a_sound_server_is_asked_what_is_recorded(
    usual: str,
    target: str | None,
    recorded: tuple[int, ...],
    device: str,
    tmp_path: Path,
    microphone_of: Callable[..., None],
) -> None:
    microphone_of(QUIET)
    alsa_microphone.add_sound_server(tmp_path, usual, *recorded)
    measured = runner.run([recording(target)], Silent())
    assert measured.devices == {"microphone": device}
    assert facts(measured, "signal")["present"] is True


@alsa_microphone.needs_alsa
@pytest.mark.parametrize(
    ("usual", "recorded"),
    [
        pytest.param("speaker.monitor", (), id="as its default"),
        pytest.param("headset", (1,), id="in place of its default"),
    ],
)
def test_the_monitor_of_a_loudspeaker_is_no_microphone(
    usual: str, recorded: tuple[int, ...], tmp_path: Path, microphone_of: Callable[..., None]
) -> None:
    microphone_of(QUIET)
    alsa_microphone.add_sound_server(tmp_path, usual, *recorded)
    signal = facts(runner.run([recording()], Silent()), "signal")
    assert (signal["present"], signal["cause"]) == (False, "monitor")


@alsa_microphone.needs_alsa
def test_a_recording_that_is_moved_to_another_source_is_lost(
    tmp_path: Path, microphone_of: Callable[..., None]
) -> None:
    microphone_of(QUIET)
    alsa_microphone.add_sound_server(tmp_path, "headset", 2, 3)
    lost = broken(runner.run([recording()], Silent()))
    assert (lost.kind, BLACKWIRE in lost.detail, "HD Webcam" in lost.detail) == (Kind.LOST, False, False)


@alsa_microphone.needs_alsa
def test_a_source_to_which_portaudio_has_no_way_is_said_to_be_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alsa_microphone.add_sound_server(tmp_path, "webcam")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MeasurementError, match="no way"):
        microphone._choose_device(Listed(MAC, {}), "HD Webcam")  # noqa: SLF001 - as above


@alsa_microphone.needs_alsa
def test_without_a_device_nothing_is_shown_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alsa_microphone.remove_device(monkeypatch, tmp_path)
    assert facts(runner.run([recording(live=True)], Silent()), "signal")["present"] is False


class Enough(Exception):
    """Somebody has seen enough."""


def test_a_file_is_shown_over_and_over_until_somebody_has_seen_enough(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    path.write_bytes(voices.wav(SAMPLES[:16000], 16000))
    said = io.BytesIO()
    link = PipeLink(said, guided=True)
    seen: list[MicrophoneCapture] = []

    def glimpse(capture: object, checks: Sequence[str]) -> None:
        assert isinstance(capture, MicrophoneCapture)
        assert tuple(checks) == microphone.CHECKS
        seen.append(capture)
        if len(seen) == 2:
            raise Enough

    link.glimpse = glimpse
    with pytest.raises(Enough):
        list(microphone.live(recording(str(path), live=True), link))
    assert [round(len(each.samples) / each.rate, 1) for each in seen if each.samples is not None] == [
        1.0,
        1.2,
    ]
    assert sum(event["event"] == "level" for event in events(said)) == 12
