"""The program, guided at a terminal, with a microphone that hears what is played: one row a scenario."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from ctypes.util import find_library
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import voices
from lab.sound.server import MICROPHONE, Server, Told, unable
from voices import Sound

REASON = unable()
pytestmark = [
    pytest.mark.lab,
    pytest.mark.lab_sound,
    pytest.mark.skipif(REASON is not None, reason=f"the sound lab {REASON}"),
]

QUIET_S = 3.5
"""The voice comes half a second into the talking part, as a person's does."""
START_S = 8.0
"""What the program may take beside the recording: two interpreters, the settling and the report."""
LATE_S = 0.1
"""The sound server hands on about so much at a time."""
SIGNAL, NOISE = "microphone.signal", "microphone.noise"
GOOD = {SIGNAL: "pass", NOISE: "pass"}
MUTE = {SIGNAL: "fail muted", NOISE: f"skip {SIGNAL}"}
NONE = {SIGNAL: "fail present", NOISE: f"skip {SIGNAL}"}
LOST = {SIGNAL: "error lost", NOISE: "error lost"}
NO_LIBRARY = {SIGNAL: "error no-library", NOISE: "error no-library"}
QUIET, VOICE = "stay quiet", "read aloud"


@dataclass(frozen=True, kw_only=True)
class Row:
    id: str
    expect: Mapping[str, str]
    heard: Callable[[], Sound] | None = None
    """What is played from the beginning of the silent part on."""
    device: str | None = MICROPHONE
    """What the report says was used."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """By "check.fact", where words have to be the right ones."""
    microphone: bool = True
    rescue: bool = False
    """The server moves a recording whose source went away."""
    before: Callable[[Server], object] = lambda server: None  # noqa: ARG005 - nothing to do
    during: Callable[[Server], object] = lambda server: None  # noqa: ARG005 - nothing to do
    """Half a second into the talking part."""
    wrap: Callable[[], tuple[str, ...]] = tuple
    arguments: tuple[str, ...] = ()
    seconds: float = 8.0


def voice(ratio: float = 40, level: float = -27) -> Sound:
    """Return a silent part and a voice that goes on for longer than anybody listens."""
    said, rate = voices.speech()
    long = np.resize(voices.resample(said, rate, voices.RATE), 8 * voices.RATE)
    noise = voices.white(QUIET_S + 8)
    return voices.mix_noise(long, noise, ratio, level=level, quiet_s=QUIET_S)


def room() -> Sound:
    return 0.003 * voices.white(QUIET_S + 8)


def overdriven() -> Sound:
    samples = voice()
    top = 0.3 * np.abs(samples).max()
    return np.asarray(np.clip(samples, -top, top) * (0.6 / top))


def spoken_into() -> Sound:
    """Return a recording in whose silent part somebody speaks at first, with all of it again behind it."""
    samples = voice(50)
    start = round(QUIET_S * voices.RATE)
    samples[voices.RATE : start] = samples[start : 2 * start - voices.RATE]
    return samples


def without_portaudio() -> tuple[str, ...]:
    """Return a command that runs another where PortAudio is an empty file."""
    name = find_library("portaudio")
    found = subprocess.run(["ldconfig", "-p"], capture_output=True, check=True, text=True).stdout
    path = next(line.split("=> ")[1] for line in found.splitlines() if name and name in line)
    script = 'mount --bind /dev/null "$0" && exec "$@"'
    return ("unshare", "--mount", "sh", "-c", script, str(Path(path).resolve()))


ROWS = (
    Row(id="a voice in a quiet room", heard=voice, expect=GOOD),
    Row(
        id="in noise at 15 dB",
        heard=lambda: voice(15),
        expect={SIGNAL: "pass", NOISE: "warn ratio"},
    ),
    Row(
        id="in noise at 8 dB",
        heard=lambda: voice(8),
        expect={SIGNAL: "pass", NOISE: "fail ratio"},
        facts={"microphone.noise.cause": "hiss"},
    ),
    Row(
        id="in noise at 3 dB",
        heard=lambda: voice(3),
        expect={SIGNAL: "pass", NOISE: "fail ratio"},
        facts={"microphone.noise.cause": "hiss"},
    ),
    Row(
        id="a silent person",
        heard=room,
        expect={SIGNAL: "warn speech_level,treble", NOISE: "fail voice"},
        facts={"microphone.noise.cause": "voice-not-heard"},
    ),
    Row(
        id="muted",
        heard=voice,
        before=lambda server: server.control("set-source-mute", "microphone", "1"),
        expect=MUTE,
    ),
    Row(id="clipped", heard=overdriven, expect={SIGNAL: "fail clipping", NOISE: "pass"}),
    Row(id="very low", heard=lambda: voice(level=-60), expect={SIGNAL: "warn speech_level", NOISE: "pass"}),
    Row(
        id="narrow band",
        heard=lambda: voices.limit_to_telephone_band(voice(), voices.RATE),
        expect={SIGNAL: "warn treble", NOISE: "pass"},
    ),
    Row(
        id="chosen by name",
        heard=voice,
        arguments=("--microphone", MICROPHONE),
        before=lambda server: server.control("set-default-source", "speaker.monitor"),
        expect=GOOD,
    ),
    Row(
        id="only the loudspeaker's monitor",
        heard=voice,
        microphone=False,
        device=None,
        expect=NONE,
        facts={"microphone.signal.cause": "monitor"},
        seconds=0,
    ),
    Row(
        id="none",
        before=Server.kill,
        device=None,
        expect=NONE,
        facts={"microphone.signal.cause": "none"},
        seconds=0,
    ),
    Row(id="sound server killed while it records", heard=voice, during=Server.kill, expect=LOST),
    Row(id="source unloaded while it records", heard=voice, during=Server.unplug, expect=LOST),
    Row(
        id="source unloaded, the recording moved to another",
        heard=voice,
        during=Server.unplug,
        rescue=True,
        expect=LOST,
    ),
    Row(id="library missing", device=None, wrap=without_portaudio, expect=NO_LIBRARY, seconds=0),
)


def in_time(run: Callable[[], Told]) -> Told:
    """Return what was told on a machine that kept time; once more where it did not, then leave it."""
    for _ in range(2):
        told = run()
        if told.late <= LATE_S:
            return told
    pytest.skip(f"the host was too busy to play in time: {told.late:.2f} s late")


def run(row: Row) -> Told:
    with Server(microphone=row.microphone, rescue=row.rescue) as server:
        row.before(server)
        played = row.heard() if row.heard else None
        on: dict[str, Callable[[], object]] = {VOICE: lambda: row.during(server)}
        if played is not None:
            on[QUIET] = lambda: server.play(played)
        return server.preflight("--only", "microphone", *row.arguments, on=on, wrap=row.wrap())


@pytest.fixture(params=ROWS, ids=lambda row: row.id)
def row(request: pytest.FixtureRequest) -> Row:
    chosen: Row = request.param
    if chosen.wrap is without_portaudio and (
        shutil.which("unshare") is None
        or subprocess.run(["unshare", "--mount", "true"], check=False).returncode
    ):
        pytest.skip("needs a mount namespace")
    return chosen


def test_scenario(row: Row) -> None:
    told = in_time(lambda: run(row))
    assert {check: told.word(check) for check in row.expect} == row.expect
    for name, value in row.facts.items():
        check, _, fact = name.rpartition(".")
        assert told.fact(check, fact) == value
    assert told.report.get("devices", {}).get("microphone") == row.device
    assert "Traceback" not in told.shown
    assert told.left == []
    assert told.seconds <= row.seconds + START_S


@pytest.mark.parametrize("ratio", [5, 12, 25, 40])
def test_the_lab_hears_what_the_file_holds(ratio: float, tmp_path: Path) -> None:
    samples = voice(ratio)
    path = tmp_path / "voice.wav"
    path.write_bytes(voices.wav(samples[: round((QUIET_S + 5) * voices.RATE)]))
    live = in_time(lambda: run(Row(id="live", heard=lambda: samples, expect={})))
    with Server() as server:
        file = ("--microphone", str(path), "--silence", str(QUIET_S))
        read = server.preflight("--only", "microphone", *file, on={}, wrap=())
    assert live.fact(NOISE, "ratio") == pytest.approx(read.fact(NOISE, "ratio"), abs=0.5)


def test_an_unguided_recording_of_silence_claims_nothing() -> None:
    def unguided() -> Told:
        with Server() as server:
            server.play(room())
            return server.preflight("--only", "microphone", "--no-input", on={}, wrap=())

    assert in_time(unguided).word(NOISE) == "error not-heard"


def test_a_silent_part_that_was_spoken_into_is_repeated() -> None:
    told = in_time(lambda: run(Row(id="spoken into", heard=spoken_into, expect={})))
    assert "once more" in told.shown
    assert told.word(SIGNAL) == "pass"
