"""The microphone: a silent part, then a voice; or a file that holds both.

Blocking reads, each sample counted against the clock. Behind a sound server PortAudio
knows one device called "default", so the server is asked which one that really is: it
hands over the monitor of a loudspeaker where there is not a microphone, and moves a
recording to another source, silently, when one goes away.
"""

import os
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from preflight import platforms
from preflight.captures import MicrophoneCapture
from preflight.errors import MeasurementError
from preflight.measures import sound, speech
from preflight.model import Job, Kind, Link
from preflight.sources import access, portaudio, pulse
from preflight.sources.prompt import ask_meanwhile

RATE = 48000
"""What a video call records at."""
BLOCK_S = 0.1
SETTLE_S = 0.5
"""Thrown away: WASAPI begins with zeros, Bluetooth with the switch to its hands-free mode."""
FIRST_SOUND_S = 10.0
"""After so long without a first sound there will be none: a Bluetooth headset may take some seconds."""
NEXT_SOUND_S = 3.0
"""After so long without another sound the device is gone."""
GLIMPSE_S = 3.0
"""Sound that a glimpse is made of; there is one every other block, five a second."""
SHORTEST_S = 1.0


CHECKS = ("microphone.signal", "microphone.noise")
"""What can be told of a glimpse."""


def capture(job: Job, link: Link) -> Iterator[object]:
    """Yield one `MicrophoneCapture`; raises `MeasurementError` where nothing could be recorded."""
    if job.target is not None and Path(job.target).is_file():
        link.device(Path(job.target).name)
        yield _read_file(Path(job.target), job.parameters.get("silence_s"))
        return
    yield _capture_or_explain(job, link)


def live(job: Job, link: Link) -> Iterator[object]:
    """Show the level and what would be said of the last seconds, or of a file played over and over.

    Yields a capture only of a microphone that is not there; else it goes on until somebody ends this.
    """
    if job.target is not None and Path(job.target).is_file():
        whole = _read_file(Path(job.target), None)
        link.device(Path(job.target).name)
        monitor, due = _LiveMonitor(link, whole.rate, CHECKS), time.monotonic()
        while whole.samples is not None:
            for block in np.array_split(whole.samples, round(len(whole.samples) / whole.rate / BLOCK_S)):
                due += BLOCK_S
                time.sleep(max(0.0, due - time.monotonic()))
                monitor.show(block)
    yield _capture_or_explain(job, link)


def devices() -> list[dict[str, object]]:
    """Return the microphones: `index` is what `--microphone` takes, `name` what a person knows."""
    library = portaudio.library()
    found: list[dict[str, object]] = [
        {"index": str(each["index"]), "name": str(each["name"])}
        for each in portaudio.devices(library, "input")
    ]
    found += [{"index": each.name, "name": each.title} for each in pulse.sources() if not each.is_monitor]
    return found


# --- from a file ---


def _read_file(path: Path, silence: object) -> MicrophoneCapture:
    # Only here: a device needs no decoder, and a file no PortAudio.
    from preflight.sources import sound_file  # noqa: PLC0415

    samples, rate = sound_file.read_sound(path)
    onset = None
    if isinstance(silence, int | float):
        onset = round(silence * rate)
        if onset > len(samples) - SHORTEST_S * rate:
            raise MeasurementError(
                Kind.BAD_INPUT, f"{len(samples) / rate:.1f} s of sound, {silence:g} s of silence in it"
            )
    return MicrophoneCapture(
        present=True,
        origin="file",
        samples=samples,
        rate=rate,
        onset=onset,
        due=len(samples),
        came=len(samples),
    )


# --- from a device ---


@dataclass(frozen=True, slots=True)
class _InputDevice:
    """A device to open, and what the sound server records for it."""

    index: int
    source: pulse.Node | None
    """None where PortAudio has the device for itself."""


def _capture_or_explain(job: Job, link: Link) -> MicrophoneCapture:
    system = platforms.current_system()
    try:
        captured = _capture_device(job, link)
    except MeasurementError as broken:
        raise access.explain_failure(broken, platforms.Device.MICROPHONE, system) from None
    return _refuse_withheld_silence(captured, system)


def _refuse_withheld_silence(captured: MicrophoneCapture, system: platforms.System) -> MicrophoneCapture:
    """Return what a device gave; raises `MeasurementError` where the system withholds it."""
    absent = not captured.present and not captured.monitor
    if absent or (captured.samples is not None and not np.ptp(captured.samples)):
        access.require_permission(platforms.Device.MICROPHONE, system)
    return captured


def _capture_device(job: Job, link: Link) -> MicrophoneCapture:
    library = portaudio.library()
    chosen = _choose_device(library, job.target)
    if chosen is None:
        return MicrophoneCapture(present=False)
    if chosen.source is not None and chosen.source.is_monitor:
        return MicrophoneCapture(present=False, monitor=True)
    with _Recorder(library, chosen, link) as recorder:
        if recorder.source is not None and recorder.source.is_monitor:
            return MicrophoneCapture(present=False, monitor=True)
        if job.live:
            monitor = _LiveMonitor(link, recorder.rate, CHECKS)
            while True:
                monitor.show(recorder.next_block())
        return (_record_guided if job.guided else _record_unguided)(job, link, recorder)


def _record_guided(job: Job, link: Link, recorder: "_Recorder") -> MicrophoneCapture:
    quiet_s, voice_s = _seconds(job, "quiet_s"), _seconds(job, "voice_s")
    # Nobody has been asked to speak: only whether the microphone works can be told.
    monitor = _LiveMonitor(link, recorder.rate, CHECKS[:1])
    if ask_meanwhile(link, "quiet", lambda: monitor.show(recorder.next_block())) == "skip":
        return _record_unguided(job, link, recorder)
    recorder.discard()
    link.phase("quiet", quiet_s)
    quiet = recorder.record(quiet_s)
    link.phase("voice", voice_s)
    voice = recorder.record(voice_s)
    if quiet.any() and speech.is_silence_disturbed(quiet, voice, recorder.rate):
        link.phase("quiet-again", quiet_s)
        quiet = recorder.record(quiet_s)
    return recorder.make_capture("guided", np.concatenate((quiet, voice)), onset=len(quiet))


def _record_unguided(job: Job, link: Link, recorder: "_Recorder") -> MicrophoneCapture:
    seconds = _seconds(job, "voice_s")
    link.phase("listen", seconds)
    return recorder.make_capture("unguided", recorder.record(seconds))


def _seconds(job: Job, name: str) -> float:
    return max(SHORTEST_S, job.number(name))


class _LiveMonitor:
    """Shows the level of each block, and what these checks would say of the last seconds."""

    def __init__(self, link: Link, rate: int, checks: Sequence[str]) -> None:
        self._link = link
        self._rate = rate
        self._checks = checks
        self._blocks = 0
        self._recent: deque[NDArray[np.float32]] = deque(maxlen=round(GLIMPSE_S / BLOCK_S))

    def show(self, block: NDArray[np.float32]) -> None:
        self._link.level("sound", sound.decibel(float(np.mean(block**2))))
        self._recent.append(block)
        self._blocks += 1
        if self._blocks % 2 == 0 and len(self._recent) * BLOCK_S >= SHORTEST_S:
            samples = np.concatenate(self._recent)
            self._link.show_glimpse(
                MicrophoneCapture(present=True, samples=samples, rate=self._rate), self._checks
            )


class _Recorder:
    """One open device, its samples counted against the clock."""

    def __init__(self, library: Any, chosen: _InputDevice, link: Link) -> None:
        self._library = library
        self._link = link
        self.source = chosen.source
        info = library.query_devices(chosen.index)
        portaudio.convert_rates(library, info)
        self.rate = _sample_rate(library, chosen.index, info)
        self._channels = (
            1 if _accepts(library, chosen.index, self.rate, 1) else int(info["max_input_channels"])
        )
        self._name = chosen.source.title if chosen.source else str(info["name"])
        self._index = chosen.index
        self._may_read_forever = portaudio.may_read_forever(library, info)
        self._due = 0
        self._came = 0
        self._heard = False

    def __enter__(self) -> Self:
        try:
            self._stream = self._library.InputStream(
                device=self._index, samplerate=self.rate, channels=self._channels, dtype="float32"
            )
            self._stream.start()
        except self._library.PortAudioError as error:
            raise portaudio.explain_refusal(error) from None
        if self.source is not None:
            # The server may hold another device than its default for this program.
            self.source = pulse.current_source() or self.source
            self._name = self.source.title
        self._link.device(self._name)
        if not np.ptp(self._read(SETTLE_S)) and platforms.current_system().asks_permission:
            self._await_permission()
        return self

    def _await_permission(self) -> None:
        """Begin again once this program may listen; raises `MeasurementError` (no-permission).

        macOS gives zeros while its question stands, and to a stream begun before the answer, however
        late that came.
        """
        system = platforms.current_system()
        access.await_permission(platforms.Device.MICROPHONE, system)
        try:
            access.require_permission(platforms.Device.MICROPHONE, system)
        except MeasurementError:
            self.__exit__()
            raise
        self._stream.stop()
        self._stream.start()
        self._read(SETTLE_S)

    def __exit__(self, *_: object) -> None:
        # A device that went away cannot be closed in order, and nobody needs to know.
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)

    def record(self, seconds: float) -> NDArray[np.float32]:
        """Return so many seconds; raises `MeasurementError` when the device is lost meanwhile."""
        started = time.monotonic()
        samples = self._read(seconds, shown=True)
        self._due += max(len(samples), round((time.monotonic() - started - 2 * BLOCK_S) * self.rate))
        self._came += len(samples)
        self._require_same_source()
        return samples

    def next_block(self) -> NDArray[np.float32]:
        """Return the next tenth of a second, not counted."""
        return self._read(BLOCK_S)

    def discard(self) -> None:
        """Drop what came before this moment and was not yet read."""
        try:
            self._stream.read(self._stream.read_available)
        except self._library.PortAudioError as error:
            raise MeasurementError(Kind.LOST, portaudio.error_code(error)) from None

    def make_capture(
        self, origin: Any, samples: NDArray[np.float32], onset: int | None = None
    ) -> MicrophoneCapture:
        return MicrophoneCapture(
            present=True,
            origin=origin,
            samples=samples,
            rate=self.rate,
            onset=onset,
            due=self._due,
            came=self._came,
        )

    def _read(self, seconds: float, *, shown: bool = False) -> NDArray[np.float32]:
        block = round(BLOCK_S * self.rate)
        parts: list[NDArray[np.float32]] = []
        for _ in range(max(1, round(seconds / BLOCK_S))):
            try:
                part = self._read_block(block)
            except self._library.PortAudioError as error:
                kind = Kind.LOST if self._heard else Kind.NO_DATA
                raise MeasurementError(kind, portaudio.error_code(error)) from None
            self._heard = True
            parts.append(part.mean(axis=1))
            if shown:
                self._link.level("sound", sound.decibel(float(np.mean(parts[-1] ** 2))))
        return np.concatenate(parts)

    def _read_block(self, count: int) -> NDArray[np.float32]:
        """Return so many samples of each channel; raises as PortAudio does, or `MeasurementError`."""
        parts: list[NDArray[np.float32]] = []
        while count:
            # What is asked for may be more than its buffer ever holds.
            given = min(self._await_samples(), count) if self._may_read_forever else count
            part, _overflowed = self._stream.read(given)
            parts.append(part)
            count -= given
        return np.concatenate(parts)

    def _await_samples(self) -> int:
        """Return how many samples are there to be read; raises `MeasurementError` when none come."""
        seconds, kind = (NEXT_SOUND_S, Kind.LOST) if self._heard else (FIRST_SOUND_S, Kind.NO_DATA)
        until = time.monotonic() + seconds
        while not (there := int(self._stream.read_available)):
            if time.monotonic() > until:
                raise MeasurementError(kind, f"no sound within {seconds:g} s")
            time.sleep(BLOCK_S / 10)
        return there

    def _require_same_source(self) -> None:
        """Raise `MeasurementError` when the server has moved the recording elsewhere."""
        if self.source is None or (now := pulse.current_source()) is None:
            return
        if now.name != self.source.name:
            raise MeasurementError(Kind.LOST, "the recording moved to another microphone")


def _choose_device(library: Any, target: str | None) -> _InputDevice | None:
    """Return the device to record from; None where there is none."""
    inputs = portaudio.devices(library, "input")
    if target is not None:
        return _find_by_name(inputs, target)
    if not inputs:
        _refuse_held_card()
        return None
    index = portaudio.default_device(library, inputs, "input")
    name = next(str(each["name"]) for each in inputs if int(each["index"]) == index)
    if name not in pulse.SERVER_DEVICES or not (sources := pulse.sources()):
        return _InputDevice(index, None)
    default = next((each for each in sources if each.is_default), None)
    if default is None:
        default = next((each for each in sources if not each.is_monitor), sources[0])
    return _InputDevice(index, default)


def _find_by_name(inputs: list[Mapping[str, Any]], target: str) -> _InputDevice:
    """Return the one device of that index or name; raises `MeasurementError` when it is not one."""
    sources = pulse.sources()
    for each in sources:
        if target in (each.name, each.title):
            return _choose_server_source(inputs, each)
    whole = [each for each in inputs if target in (str(each["index"]), each["name"])]
    part = whole or [each for each in inputs if target.lower() in str(each["name"]).lower()]
    if len(part) == 1 or whole:
        index, name = int(part[0]["index"]), str(part[0]["name"])
        default = (
            next((each for each in sources if each.is_default), None)
            if name in pulse.SERVER_DEVICES
            else None
        )
        return _InputDevice(index, default)
    near = [each for each in sources if target.lower() in each.title.lower() and not each.is_monitor]
    if not part and len(near) == 1:
        return _choose_server_source(inputs, near[0])
    word = "several microphones of that name" if part or near else "no microphone of that name"
    raise MeasurementError(Kind.BAD_INPUT, word)


def _choose_server_source(inputs: list[Mapping[str, Any]], source: pulse.Node) -> _InputDevice:
    """Return the way to one source of the sound server."""
    for each in inputs:
        if each["name"] in pulse.SERVER_DEVICES:
            pulse.select_node(source)
            return _InputDevice(int(each["index"]), source)
    raise MeasurementError(Kind.BAD_INPUT, "PortAudio has no way to the sound server")


def _sample_rate(library: Any, index: int, info: Mapping[str, Any]) -> int:
    return RATE if _accepts(library, index, RATE, None) else int(info["default_samplerate"])


def _accepts(library: Any, index: int, rate: int, channels: int | None) -> bool:
    try:
        library.check_input_settings(device=index, channels=channels, samplerate=rate, dtype="float32")
    except library.PortAudioError:
        return False
    return True


def _refuse_held_card(kernel: Path = Path("/proc/asound"), nodes: Path = Path("/dev/snd")) -> None:
    """Raise `MeasurementError` where Linux has a microphone that PortAudio could not look at.

    PortAudio leaves out what it cannot open, so one that is held or forbidden seems absent.
    """
    for status in sorted(kernel.glob("card*/pcm*c/sub0/status")):
        card, pcm = status.parts[-4], status.parts[-3]
        node = nodes / f"pcmC{card.removeprefix('card')}D{pcm[3:-1]}c"
        if node.exists() and not os.access(node, os.R_OK | os.W_OK):
            raise MeasurementError(Kind.NO_PERMISSION, "the sound card is closed to this program")
        try:
            state = status.read_text()
        except OSError:
            continue
        if not state.startswith("closed"):
            raise MeasurementError(Kind.BUSY, "another program records from the sound card")
