"""The microphone: a silent part, then a voice; or a file that holds both.

Blocking reads, each sample counted against the clock. Behind a sound server PortAudio
knows one device called "default", so the server is asked which one that really is: it
hands over the monitor of a loudspeaker where there is no microphone, and moves a
recording to another source, silently, when one goes away.
"""

import os
import re
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
from preflight.errors import Unmeasured, label
from preflight.measures import sound
from preflight.model import Job, Kind, Link
from preflight.platforms import programs
from preflight.sources import access
from preflight.sources.prompt import answered

RATE = 48000
"""What a video call records at."""
BLOCK_S = 0.1
SETTLE_S = 0.5
"""Thrown away: WASAPI begins with zeros, Bluetooth with the switch to its hands-free mode."""
GLIMPSE_S = 3.0
"""Sound that a glimpse is made of; there is one every other block, five a second."""
LONGEST_S = 120.0
SHORTEST_S = 1.0
RATES = (8000, 384000)
LOUDEST = 1000.0
"""Full scale is 1; a file of floats may go beyond it, but not so far."""
CHANNELS = 16
_SERVED = ("default", "pulse", "pipewire", "sysdefault")
"""The names under which ALSA hands over to a sound server."""
_WASAPI = "Windows WASAPI"
_INSTALL = "PortAudio is missing: apt install libportaudio2 (Debian, Ubuntu), dnf install portaudio (Fedora)"


CHECKS = ("microphone.signal", "microphone.noise")
"""What can be told of a glimpse."""


def capture(job: Job, link: Link) -> Iterator[object]:
    """Yield one `MicrophoneCapture`; raises `Unmeasured` where nothing could be recorded."""
    if job.target is not None and Path(job.target).is_file():
        yield _file(Path(job.target), job.parameters.get("silence_s"))
        return
    yield _told(job, link)


def live(job: Job, link: Link) -> Iterator[object]:
    """Show the level and what would be said of the last seconds, or of a file played over and over.

    Yields a capture only of a microphone that is not there; else it goes on until somebody ends this.
    """
    if job.target is not None and Path(job.target).is_file():
        whole = _file(Path(job.target), None)
        link.device(Path(job.target).name)
        ear, due = _Ear(link, whole.rate, CHECKS), time.monotonic()
        while whole.samples is not None:
            for block in np.array_split(whole.samples, round(len(whole.samples) / whole.rate / BLOCK_S)):
                due += BLOCK_S
                time.sleep(max(0.0, due - time.monotonic()))
                ear.hear(block)
    yield _told(job, link)


def devices() -> list[dict[str, object]]:
    """Return the microphones: `index` is what `--microphone` takes, `name` what a person knows."""
    library = _library()
    found: list[dict[str, object]] = [
        {"index": str(each["index"]), "name": str(each["name"])} for each in _inputs(library)
    ]
    found += [{"index": each.name, "name": each.title} for each in _sources() if not each.monitor]
    return found


# --- from a file ---


def _file(path: Path, silence: object) -> MicrophoneCapture:
    # Only here: a device needs no decoder, and a file no PortAudio.
    import soundfile  # noqa: PLC0415

    _whole(path)
    try:
        with soundfile.SoundFile(path) as file:
            rate, channels, count = file.samplerate, file.channels, file.frames
            if not RATES[0] <= rate <= RATES[1] or channels > CHANNELS:
                raise Unmeasured(Kind.BAD_INPUT, f"{rate:d} Hz, {channels:d} channels")
            if not SHORTEST_S <= count / rate <= LONGEST_S:
                raise Unmeasured(
                    Kind.BAD_INPUT, f"{count / rate:.1f} s of sound, not {SHORTEST_S:g} to {LONGEST_S:g} s"
                )
            blocks = file.blocks(blocksize=1 << 16, dtype="float32", always_2d=True)
            with np.errstate(over="ignore", invalid="ignore"):
                parts = [part.mean(axis=1) for part in blocks]
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        # A TypeError is what soundfile makes of a name that ends in .raw: sound that says nothing of itself.
        number = f"libsndfile's error {error.code:d}" if hasattr(error, "code") else label(error)
        raise Unmeasured(Kind.BAD_INPUT, f"not a sound file: {number}") from None
    samples = np.concatenate(parts)
    if len(samples) < count:
        raise Unmeasured(Kind.BAD_INPUT, f"ends after {len(samples):d} of {count:d} samples")
    # What is no number is not below anything either.
    if not (np.abs(samples) < LOUDEST).all():
        raise Unmeasured(Kind.BAD_INPUT, "samples that are no numbers of a sound")
    onset = None
    if isinstance(silence, int | float):
        onset = round(silence * rate)
        if onset > len(samples) - SHORTEST_S * rate:
            raise Unmeasured(
                Kind.BAD_INPUT, f"{len(samples) / rate:.1f} s of sound, {silence:g} s of silence in it"
            )
    return MicrophoneCapture(
        present=True, origin="file", samples=samples, rate=rate, onset=onset, due=count, came=len(samples)
    )


def _whole(path: Path) -> None:
    """Raise `Unmeasured` for an empty file and for a WAV file shorter than it says.

    libsndfile reads what is there of it without a word.
    """
    size = path.stat().st_size
    if not size:
        raise Unmeasured(Kind.BAD_INPUT, "empty")
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return
        file.seek(12)
        while len(header := file.read(8)) == 8:  # noqa: PLR2004 - a chunk's name and length
            length = int.from_bytes(header[4:], "little")
            if header[:4] == b"data":
                # A writer into a pipe cannot know the length and gives the largest.
                if length < 0x7FFFF000 and file.tell() + length > size:  # noqa: PLR2004
                    raise Unmeasured(
                        Kind.BAD_INPUT, f"ends after {size - file.tell():d} of {length:d} bytes of sound"
                    )
                return
            file.seek(length + length % 2, os.SEEK_CUR)


# --- from a device ---


@dataclass(frozen=True, slots=True)
class _Choice:
    """A device to open, and what the sound server records for it."""

    index: int
    source: "_Source | None"
    """None where PortAudio has the device for itself."""


def _told(job: Job, link: Link) -> MicrophoneCapture:
    system = platforms.this()
    try:
        captured = _device(job, link)
    except Unmeasured as broken:
        raise access.explained(broken, platforms.Device.MICROPHONE, system) from None
    return _believed(captured, system)


def _believed(captured: MicrophoneCapture, system: platforms.System) -> MicrophoneCapture:
    """Return what a device gave; raises `Unmeasured` where that is nothing, as the system withholds it."""
    absent = not captured.present and not captured.monitor
    if absent or (captured.samples is not None and not np.ptp(captured.samples)):
        access.demand(platforms.Device.MICROPHONE, system)
    return captured


def _device(job: Job, link: Link) -> MicrophoneCapture:
    library = _library()
    chosen = _choose(library, job.target)
    if chosen is None:
        return MicrophoneCapture(present=False)
    if chosen.source is not None and chosen.source.monitor:
        return MicrophoneCapture(present=False, monitor=True)
    with _Recorder(library, chosen, link) as recorder:
        if recorder.source is not None and recorder.source.monitor:
            return MicrophoneCapture(present=False, monitor=True)
        if job.live:
            ear = _Ear(link, recorder.rate, CHECKS)
            while True:
                ear.hear(recorder.block())
        return (_guided if job.guided else _unguided)(job, link, recorder)


def _guided(job: Job, link: Link, recorder: "_Recorder") -> MicrophoneCapture:
    quiet_s, voice_s = _seconds(job, "quiet_s"), _seconds(job, "voice_s")
    # Nobody has been asked to speak: only whether the microphone works can be told.
    ear = _Ear(link, recorder.rate, CHECKS[:1])
    if answered(link, "quiet", lambda: ear.hear(recorder.block())) == "skip":
        return _unguided(job, link, recorder)
    recorder.discard()
    link.phase("quiet", quiet_s)
    quiet = recorder.record(quiet_s)
    link.phase("voice", voice_s)
    voice = recorder.record(voice_s)
    if quiet.any() and sound.disturbed(quiet, voice, recorder.rate):
        link.phase("quiet-again", quiet_s)
        quiet = recorder.record(quiet_s)
    return recorder.captured("guided", np.concatenate((quiet, voice)), onset=len(quiet))


def _unguided(job: Job, link: Link, recorder: "_Recorder") -> MicrophoneCapture:
    seconds = _seconds(job, "voice_s")
    link.phase("listen", seconds)
    return recorder.captured("unguided", recorder.record(seconds))


def _seconds(job: Job, name: str) -> float:
    return max(SHORTEST_S, job.number(name))


class _Ear:
    """Shows the level of each block, and what these checks would say of the last seconds."""

    def __init__(self, link: Link, rate: int, checks: Sequence[str]) -> None:
        self._link = link
        self._rate = rate
        self._checks = checks
        self._blocks = 0
        self._recent: deque[NDArray[np.float32]] = deque(maxlen=round(GLIMPSE_S / BLOCK_S))

    def hear(self, block: NDArray[np.float32]) -> None:
        self._link.level("sound", sound.decibel(float(np.mean(block**2))))
        self._recent.append(block)
        self._blocks += 1
        if self._blocks % 2 == 0 and len(self._recent) * BLOCK_S >= SHORTEST_S:
            samples = np.concatenate(self._recent)
            self._link.now(MicrophoneCapture(present=True, samples=samples, rate=self._rate), self._checks)


class _Recorder:
    """One open device, its samples counted against the clock."""

    def __init__(self, library: Any, chosen: _Choice, link: Link) -> None:
        self._library = library
        self._link = link
        self.source = chosen.source
        info = library.query_devices(chosen.index)
        if _by_wasapi(library, info):
            # Else it records at its mixer's own rate only (python-sounddevice issue 492).
            library.default.extra_settings = library.WasapiSettings(auto_convert=True)
        self.rate = _rate(library, chosen.index, info)
        self._channels = (
            1 if _accepts(library, chosen.index, self.rate, 1) else int(info["max_input_channels"])
        )
        self._name = chosen.source.title if chosen.source else str(info["name"])
        self._index = chosen.index
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
            raise _refused(error) from None
        if self.source is not None:
            # The server may hold another device than its default for this program.
            self.source = _recorded() or self.source
            self._name = self.source.title
        self._link.device(self._name)
        if not np.ptp(self._read(SETTLE_S)) and platforms.this().asks:
            self._await_permission()
        return self

    def _await_permission(self) -> None:
        """Begin anew once this program may listen; raises `Unmeasured` (no-permission).

        macOS gives zeros while its question stands, and to a stream begun before the answer, however
        late that came.
        """
        system = platforms.this()
        access.granted(platforms.Device.MICROPHONE, system)
        try:
            access.demand(platforms.Device.MICROPHONE, system)
        except Unmeasured:
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
        """Return so many seconds; raises `Unmeasured` when the device is lost meanwhile."""
        started = time.monotonic()
        samples = self._read(seconds, shown=True)
        self._due += max(len(samples), round((time.monotonic() - started - 2 * BLOCK_S) * self.rate))
        self._came += len(samples)
        self._stayed()
        return samples

    def block(self) -> NDArray[np.float32]:
        """Return the next tenth of a second, not counted."""
        return self._read(BLOCK_S)

    def discard(self) -> None:
        """Drop what came before this moment and was not yet read."""
        try:
            self._stream.read(self._stream.read_available)
        except self._library.PortAudioError as error:
            raise Unmeasured(Kind.LOST, _number(error)) from None

    def captured(
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
                part, _overflowed = self._stream.read(block)
            except self._library.PortAudioError as error:
                kind = Kind.LOST if self._heard else Kind.NO_DATA
                raise Unmeasured(kind, _number(error)) from None
            self._heard = True
            parts.append(part.mean(axis=1))
            if shown:
                self._link.level("sound", sound.decibel(float(np.mean(parts[-1] ** 2))))
        return np.concatenate(parts)

    def _stayed(self) -> None:
        """Raise `Unmeasured` when the server has moved the recording elsewhere."""
        if self.source is None or (now := _recorded()) is None:
            return
        if now.name != self.source.name:
            raise Unmeasured(Kind.LOST, "the recording moved to another microphone")


def _library() -> Any:
    """Return sounddevice; raises `Unmeasured` where PortAudio is not installed."""
    try:
        import sounddevice  # noqa: PLC0415 - opens PortAudio at import
    except OSError:
        raise Unmeasured(Kind.NO_LIBRARY, _INSTALL) from None
    except Exception as error:  # noqa: BLE001 - PortAudio's own error, of a class not imported
        raise Unmeasured(Kind.NO_LIBRARY, f"PortAudio does not start: {_number(error)}") from None
    return sounddevice


def _inputs(library: Any) -> list[Mapping[str, Any]]:
    """Return the inputs, each once, as they are now: PortAudio looks at its start only, this process's.

    On Windows it lists a microphone by every way to it, by MME with its name cut at 31 letters;
    WASAPI is the way that Windows itself and calls take.
    """
    inputs = [each for each in library.query_devices() if each["max_input_channels"] > 0]
    return [each for each in inputs if _by_wasapi(library, each)] or inputs


def _by_wasapi(library: Any, info: Mapping[str, Any]) -> bool:
    return bool(library.query_hostapis(info["hostapi"])["name"] == _WASAPI)


def _choose(library: Any, target: str | None) -> _Choice | None:
    """Return the device to record from; None where there is none."""
    inputs = _inputs(library)
    if target is not None:
        return _named(inputs, target)
    if not inputs:
        _held()
        return None
    names = {int(each["index"]): str(each["name"]) for each in inputs}
    defaults = (
        int(library.default.device[0]),
        int(library.query_hostapis(inputs[0]["hostapi"])["default_input_device"]),
    )
    index = next((default for default in defaults if default in names), next(iter(names)))
    name = names[index]
    if name not in _SERVED or not (sources := _sources()):
        return _Choice(index, None)
    usual = next((each for each in sources if each.usual), None)
    if usual is None:
        usual = next((each for each in sources if not each.monitor), sources[0])
    return _Choice(index, usual)


def _named(inputs: list[Mapping[str, Any]], target: str) -> _Choice:
    """Return the one device of that index or name; raises `Unmeasured` when it is not one."""
    sources = _sources()
    for each in sources:
        if target in (each.name, each.title):
            return _served(inputs, each)
    whole = [each for each in inputs if target in (str(each["index"]), each["name"])]
    part = whole or [each for each in inputs if target.lower() in str(each["name"]).lower()]
    if len(part) == 1 or whole:
        index, name = int(part[0]["index"]), str(part[0]["name"])
        usual = next((each for each in sources if each.usual), None) if name in _SERVED else None
        return _Choice(index, usual)
    near = [each for each in sources if target.lower() in each.title.lower() and not each.monitor]
    if not part and len(near) == 1:
        return _served(inputs, near[0])
    word = "several microphones of that name" if part or near else "no microphone of that name"
    raise Unmeasured(Kind.BAD_INPUT, word)


def _served(inputs: list[Mapping[str, Any]], source: "_Source") -> _Choice:
    """Return the way to one source of the sound server."""
    for each in inputs:
        if each["name"] in _SERVED:
            # Read by the server's client library when the stream opens: PulseAudio's, PipeWire's.
            os.environ["PULSE_SOURCE"] = os.environ["PIPEWIRE_NODE"] = source.name
            return _Choice(int(each["index"]), source)
    raise Unmeasured(Kind.BAD_INPUT, "PortAudio has no way to the sound server")


def _rate(library: Any, index: int, info: Mapping[str, Any]) -> int:
    return RATE if _accepts(library, index, RATE, None) else int(info["default_samplerate"])


def _accepts(library: Any, index: int, rate: int, channels: int | None) -> bool:
    try:
        library.check_input_settings(device=index, channels=channels, samplerate=rate, dtype="float32")
    except library.PortAudioError:
        return False
    return True


def _number(error: Exception) -> str:
    """Return an error of PortAudio by its number (PaErrorCode), and by that of the system below it."""
    numbers = [part for part in error.args if isinstance(part, int)]
    numbers += [
        part for host in error.args if isinstance(host, tuple) for part in host if isinstance(part, int)
    ]
    return f"{label(error)} {' '.join(f'{number:d}' for number in numbers)}".rstrip()


def _refused(error: Exception) -> Unmeasured:
    """Return why a device could not be opened."""
    said = str(error)
    number = _number(error)
    if re.search(r"permission|denied|not permitted", said, re.IGNORECASE):
        return Unmeasured(Kind.NO_PERMISSION, number)
    # -9985 is "device unavailable": another program holds it (on Windows also its privacy setting);
    # -9996 and "no such" that it went away since it was listed.
    if re.search(r"-9996|no such", said, re.IGNORECASE):
        return Unmeasured(Kind.LOST, number)
    return Unmeasured(Kind.BUSY if "-9985" in said else Kind.NO_DATA, number)


def _held(kernel: Path = Path("/proc/asound"), nodes: Path = Path("/dev/snd")) -> None:
    """Raise `Unmeasured` where Linux has a microphone that PortAudio could not look at.

    PortAudio leaves out what it cannot open, so one that is held or forbidden seems absent.
    """
    for status in sorted(kernel.glob("card*/pcm*c/sub0/status")):
        card, pcm = status.parts[-4], status.parts[-3]
        node = nodes / f"pcmC{card.removeprefix('card')}D{pcm[3:-1]}c"
        if node.exists() and not os.access(node, os.R_OK | os.W_OK):
            raise Unmeasured(Kind.NO_PERMISSION, "the sound card is closed to this program")
        try:
            state = status.read_text()
        except OSError:
            continue
        if not state.startswith("closed"):
            raise Unmeasured(Kind.BUSY, "another program records from the sound card")


# --- the sound server ---


@dataclass(frozen=True, slots=True)
class _Source:
    """What PulseAudio or PipeWire can record from."""

    name: str
    title: str
    monitor: bool
    usual: bool
    """The server's default."""
    number: str


def _sources() -> list[_Source]:
    """Return the sources of the sound server; none where there is no server or no `pactl`."""
    usual = re.search(r"^Default Source: (.+)$", _pactl("info"), re.MULTILINE)
    found = []
    for number, block in _blocks(_pactl("list", "sources"), "Source"):
        name = _value(block, "Name")
        # What a null sink gives back is a monitor too, but a remapped one is made on purpose.
        monitor = _value(block, "Monitor of Sink") not in ("", "n/a")
        found.append(
            _Source(
                name=name,
                title=_value(block, "Description") or name,
                monitor=monitor,
                usual=usual is not None and usual[1] == name,
                number=number,
            )
        )
    return found


def _recorded() -> _Source | None:
    """Return the source that this process records from, as the server has it."""
    for _, block in _blocks(_pactl("list", "source-outputs"), "Source Output"):
        if re.search(rf'application\.process\.id = "{os.getpid()}"', block):
            number = _value(block, "Source")
            return next((each for each in _sources() if each.number == number), None)
    return None


def _pactl(*arguments: str) -> str:
    """Return what Linux' sound server says; nothing where there is none."""
    if platforms.this().name != "linux":
        return ""
    # In the C locale: the answers are read by their English names.
    return programs.output(("pactl", *arguments), LC_ALL="C").decode("utf-8", "replace")


def _blocks(listing: str, title: str) -> list[tuple[str, str]]:
    """Return number and text of each entry of `pactl list`."""
    parts = re.split(rf"^{title} #(\d+)$", listing, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def _value(block: str, key: str) -> str:
    found = re.search(rf"^\t{key}: (.*)$", block, re.MULTILINE)
    return found[1].strip() if found else ""
