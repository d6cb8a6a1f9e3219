"""The loudspeaker or headset: what the system says of it, and tones that a person counts.

Without a person nothing is ever played. While tones are played the microphone listens for
them; where it cannot, the count alone is told.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from preflight import platforms
from preflight.captures import HearingCapture, OutputCapture, Round
from preflight.errors import MeasurementError
from preflight.measures import hearing
from preflight.model import Job, Kind, Link
from preflight.sources import portaudio, pulse, recording

RATE = 48000
COUNTS = (2, 3, 4, 5)
BEFORE_S = 0.3
"""Recorded before the first tone, and after the last as long as one may take to come back."""
_NULL_SINKS = ("auto_null",)
"""What a sound server makes up where there is no output (module-always-sink)."""


@dataclass(frozen=True, slots=True)
class _Output:
    """What plays the sound."""

    index: int
    name: str
    muted: bool | None
    volume: float | None


def capture(job: Job, link: Link) -> Iterator[object]:
    """Yield an `OutputCapture`, then, with a person there, a `HearingCapture`."""
    if job.target is not None and Path(job.target).is_file():
        yield from recording.read("speaker", job.target)
        return
    library = portaudio.library()
    output = _choose_output(library, job.target)
    if output is None:
        yield OutputCapture(present=False)
        yield HearingCapture(present=False)
        return
    link.device(output.name)
    yield OutputCapture(present=True, muted=output.muted, volume=output.volume)
    yield _test_hearing(library, output, link) if job.guided else HearingCapture(present=True)


def live(job: Job, link: Link) -> Iterator[object]:
    """Play a tone each time the person asks for one, until somebody ends this."""
    library = portaudio.library()
    output = _choose_output(library, job.target)
    if output is None:
        yield OutputCapture(present=False)
        return
    link.device(output.name)
    while True:
        link.ask("play")
        _play(library, output, hearing.render_tones(1, RATE))


def devices() -> list[dict[str, object]]:
    """Return the outputs: `index` is what `--speaker` takes, `name` what a person knows."""
    library = portaudio.library()
    found: list[dict[str, object]] = [
        {"index": str(each["index"]), "name": str(each["name"])}
        for each in portaudio.devices(library, "output")
    ]
    found += [
        {"index": each.name, "name": each.title} for each in pulse.sinks() if each.name not in _NULL_SINKS
    ]
    return found


def _test_hearing(library: Any, output: _Output, link: Link) -> HearingCapture:
    """Play tones until it is sure whether they are heard."""
    if link.ask("tones") == "skip":
        return HearingCapture(present=True, declined=True)
    rounds: tuple[Round, ...] = ()
    listened, found = False, None
    while hearing.were_tones_heard(rounds) is None:
        # Another number than the last: the same answer twice is no proof.
        played = secrets.choice([count for count in COUNTS if not rounds or count != rounds[-1].played])
        tones = hearing.render_tones(played, RATE)
        link.phase("tones-again" if rounds else "playing", len(tones) / RATE)
        with _BackgroundRecorder(library) as recorder:
            begun = recorder.elapsed()
            _play(library, output, tones)
            heard = recorder.samples_after(hearing.LONGEST_DELAY_S)
        listened |= heard is not None
        if heard is not None:
            found = hearing.find_coupling(tones, heard, RATE, begun) or found
        answer = link.ask("count")
        if answer == "skip":
            return HearingCapture(present=True, declined=True)
        rounds += (Round(played=played, counted=int(answer) if answer.isdecimal() else 0),)
    return HearingCapture(
        present=True,
        rounds=rounds,
        listened=listened,
        gain_db=found.gain_db if found else None,
        delay_s=found.delay_s if found else None,
    )


def _play(library: Any, output: _Output, sound: NDArray[np.float32]) -> None:
    """Play a sound on both channels to its end; raises `MeasurementError` where the device takes none."""
    portaudio.convert_rates(library, library.query_devices(output.index))
    channels = 2 if _accepts(library, output.index, 2) else 1
    try:
        with library.OutputStream(
            device=output.index, samplerate=RATE, channels=channels, dtype="float32"
        ) as stream:
            stream.write(np.repeat(sound[:, None], channels, axis=1))
    except library.PortAudioError as error:
        raise portaudio.explain_refusal(error) from None


def _accepts(library: Any, index: int, channels: int) -> bool:
    try:
        library.check_output_settings(device=index, channels=channels, samplerate=RATE, dtype="float32")
    except library.PortAudioError:
        return False
    return True


class _BackgroundRecorder:
    """The usual microphone, listening meanwhile; where there is none, nothing is heard and nothing said."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._parts: list[NDArray[np.float32]] = []
        self._stream: Any = None
        self._begun = 0.0

    def __enter__(self) -> Self:
        # Whatever keeps it from listening is the microphone's trouble, told by its own checks.
        with suppress(self._library.PortAudioError, MeasurementError, ValueError):
            inputs = portaudio.devices(self._library, "input")
            if inputs:
                index = portaudio.default_device(self._library, inputs, "input")
                portaudio.convert_rates(self._library, self._library.query_devices(index))
                self._stream = self._library.InputStream(
                    device=index, samplerate=RATE, channels=1, dtype="float32", callback=self._append_block
                )
                self._stream.start()
                self._await_first()
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)

    def elapsed(self) -> float:
        """Return where in the recording the present moment lies, in seconds."""
        return time.monotonic() - self._begun

    def samples_after(self, more_s: float) -> NDArray[np.float32] | None:
        """Return what was heard, after some more seconds; None where nothing could be."""
        if self._stream is None or not self._parts:
            return None
        time.sleep(more_s)
        return np.concatenate(self._parts)

    def _await_first(self) -> None:
        until = time.monotonic() + 1.0
        while not self._parts and time.monotonic() < until:
            time.sleep(0.01)
        self._begun = time.monotonic() - sum(map(len, self._parts)) / RATE
        time.sleep(BEFORE_S)

    def _append_block(self, block: NDArray[np.float32], *_: object) -> None:
        self._parts.append(block[:, 0].copy())


def _choose_output(library: Any, target: str | None) -> _Output | None:
    """Return what plays the sound: the system's own choice, or the one of that index or name.

    Raises `MeasurementError` where there is not exactly one of that name.
    """
    outputs = portaudio.devices(library, "output")
    sinks = [each for each in pulse.sinks() if each.name not in _NULL_SINKS]
    server = next((each for each in outputs if each["name"] in pulse.SERVER_DEVICES), None)
    if target is not None:
        for sink in sinks:
            if server is not None and target in (sink.name, sink.title):
                pulse.select_node(sink, "sink")
                return _Output(int(server["index"]), sink.title, sink.muted, sink.volume)
        named = [each for each in outputs if target in (str(each["index"]), each["name"])]
        named = named or [each for each in outputs if target.lower() in str(each["name"]).lower()]
        if len(named) != 1:
            word = "several outputs of that name" if named else "no output of that name"
            raise MeasurementError(Kind.BAD_INPUT, word)
        return _Output(int(named[0]["index"]), str(named[0]["name"]), None, None)
    if server is not None and (sinks or pulse.sinks()):
        default = next((each for each in sinks if each.is_default), next(iter(sinks), None))
        return (
            _Output(int(server["index"]), default.title, default.muted, default.volume) if default else None
        )
    if not outputs:
        return None
    index = portaudio.default_device(library, outputs, "output")
    name = next(str(each["name"]) for each in outputs if int(each["index"]) == index)
    loudness = platforms.current_system().loudness()
    return _Output(index, name, loudness.muted, loudness.volume)
