"""Files, answers and lines that others wrote, broken in any way: told in words, never a crash or a wait."""

import io
import json
import math
import stat
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import av
import computers
import line_recordings
import numpy as np
import pillow_heif
import pytest
import scenes
import servers
import soundfile
import voices
from hostile import (
    EFFORTS,
    JSON,
    LINES,
    SECRETIVE,
    TEXT,
    UNSEEN,
    Effort,
    Page,
    active_markup,
    alter_document,
    mutate_bytes,
)
from hypothesis import given
from hypothesis import strategies as st
from sample_reports import REPORTS
from worker_protocol import Silent

from preflight import captures, codec, inspection, judge, policy, reports, runner
from preflight.captures import CameraCapture, MicrophoneCapture
from preflight.errors import MeasurementError, UsageError
from preflight.model import Check, FailedCapture, Finding, Job, Kind, Outcome, Report, Skip, Trouble
from preflight.reports import json_document
from preflight.reports.terminal import Screen
from preflight.sources import microphone, pulse, recording, sound_file
from preflight.sources.camera import files
from preflight.sources.network import providers, reach, stun
from preflight.sources.network.line import Line
from preflight.sources.network.session import Session
from preflight.texts import Words

# A sound file is what it is: long.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

POLICY = policy.load()
BLUOR = (resources.files("preflight") / "policies" / "bluor.toml").read_text("utf-8")
REPORTED = [{**told, "checks": told["checks"][::3]} for told in map(json_document.to_dict, REPORTS.values())]


def kept(folder: str, name: str, content: bytes) -> Path:
    path = Path(folder) / name
    path.write_bytes(content)
    return path


def refused(broken: MeasurementError, *kinds: Kind) -> None:
    """What cannot be read is told as one of these kinds, and not at length."""
    assert broken.trouble.kind in kinds
    assert len(broken.trouble.detail) <= 1000


# --- policies ---


@EFFORTS
def test_policies(effort: Effort) -> None:
    parts = st.sampled_from(
        [
            'name = "\\u001b]0;x"\n',
            '[camera."\\u001b"]\n',
            'extends = "bluor"\n',
            'extends = "own.toml"\n',
            'extends = "../own.toml"\n',
            'extends = "/dev/zero"\n',
            "extends = '\\\\evil.example\\own.toml'\n",
            "a." * 5000 + "b = 1\n",
            "parameters.power.sample_s = 0x" + "f" * 5000 + "\n",
            "parameters.power.sample_s = " + "1" * 5000 + "\n",
            "parameters.network.stun = [" + "'x:1'," * 5000 + "]\n",
            f"name = '{SECRETIVE}'\n".replace("\n", " ") + "\n",
            "[camera.still]\n",
        ]
    )
    tables = st.lists(parts | TEXT, max_size=6).map("".join)

    @effort.settings()
    @given(mutate_bytes(BLUOR.encode()) | tables.map(lambda text: text.encode("utf-8", "replace")))
    def fuzz(content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = kept(folder, "own.toml", content)
            words = Words("lv")
            started = time.process_time()
            try:
                read = policy.load(str(path))
                assert all(math.isfinite(bound) for bound in read.bounds().values())
                said = reports.policy_text(read, words)
                # Whatever is demanded can be judged, and the report of it read again.
                judged_again = inspection.rejudge(REPORTS["not-ready"], read)
                assert json_document.load(json_document.to_dict(judged_again), "again") == judged_again
            except UsageError as wrong:
                said = words.error_text(wrong)
            assert not UNSEEN.search(said)
            assert time.process_time() - started < 5.0

    effort.spend(fuzz)


# --- reports ---


def seen(text: str) -> Page:
    page = Page()
    page.feed(text)
    return page


PAGES = [seen(reports.render("html", report, Words("en"), Screen())) for report in REPORTS.values()]
TAGS = {tag for page in PAGES for tag in page.tags}
ATTRIBUTES = {name for page in PAGES for name in page.attributes}


def shown(report: Report, lang: str) -> None:
    """Every format of a report holds its own markup alone, and nothing of others but letters."""
    words = Words(lang)
    written = {
        form: reports.render(form, report, words, Screen(), verbose=True, devices=True)
        for form in reports.FORMATS
    }
    for form, text in written.items():
        text.encode()
        assert not UNSEEN.search(text.replace("\u200b", "") if form == "markdown" else text)
    ET.fromstring(written["junit"])  # noqa: S314 - our own
    page = seen(written["html"])
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert page.policy == PAGES[0].policy
    assert not active_markup(written["markdown"])
    assert not UNSEEN.search(reports.render("text", report, words, Screen(), plain=True))
    reports.compare(report, report, words)


@EFFORTS
def test_reports(effort: Effort) -> None:
    @effort.settings()
    @given(st.sampled_from(REPORTED).flatmap(alter_document), st.sampled_from(("en", "lv", "ru")))
    def fuzz(value: object, lang: str) -> None:
        # A number beyond all floats is read as infinity.
        content = json.dumps(value).encode().replace(b"5e-324", b"5e999")
        try:
            read = json_document.load(json_document.parse(content, "report.json"), "report.json")
        except UsageError as wrong:
            said = Words(lang).error_text(wrong)
        else:
            said = ""
            shown(read, lang)
        assert not UNSEEN.search(said)

    effort.spend(fuzz)


@EFFORTS
def test_many_reports(effort: Effort) -> None:
    lines_of_reports = st.lists(st.sampled_from(REPORTED).flatmap(alter_document), max_size=4)

    @effort.settings()
    @given(lines_of_reports, st.binary(max_size=80))
    def fuzz(values: list[object], nonsense: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            content = b"\n".join([*(json.dumps(value).encode() for value in values), nonsense])
            try:
                tally = reports.tally([str(kept(folder, "all.ndjson", content))])
            except UsageError as wrong:
                Words("ru").error_text(wrong)
                return
            assert sum(tally.verdicts.values()) + tally.left_out <= len(values) + nonsense.count(b"\n") + 1
            reports.summarise(tally, Words("ru")).text().encode()

    effort.spend(fuzz)


# --- recordings ---

RECORDED: Mapping[str, list[Any]] = {
    "network": [
        line_recordings.transfer(captures.Download, 50),
        line_recordings.transfer(captures.Upload, 20),
    ],
    "power": [computers.on_battery(25)],
    "software": [computers.good()],
}


def judged(source: str, capture: object) -> None:
    """Let every check that reads a capture say what it says; nothing but its own words comes out."""
    told: list[Check] = []
    for path in sorted((Path(captures.__file__).parent / "checks").glob("[a-z]*.py")):
        module = import_module(f"preflight.checks.{path.stem}")
        if isinstance(capture, FailedCapture) or not isinstance(capture, module.READS):
            continue
        try:
            outcome: Outcome = module.analyse(capture, POLICY.parameters[source])
        except MeasurementError as unmeasured:
            outcome = unmeasured.trouble
        if isinstance(outcome, Finding) and not codec.is_bounded(outcome):
            # As its worker tells of it.
            outcome = Trouble(kind=Kind.BAD_INPUT)
        if isinstance(outcome, Finding):
            # As it comes over the line from its worker: with no letter that cannot be printed.
            line = json.dumps(codec.finding_document(outcome), allow_nan=False)
            outcome = codec.load_finding(codec.parse(line))
        assert isinstance(outcome, Finding | Skip | Trouble)
        check = f"{source}.{path.stem}"
        told.append(judge.judge(check, outcome, POLICY.demands_on(check), duration_s=0.1))
    report = replace(REPORTS["ready"], checks=tuple(told))
    # As it comes out of its worker, and then out of its file.
    shown(
        json_document.load(json_document.parse(json_document.dump(report).encode(), "again"), "again"), "ru"
    )


@EFFORTS
@pytest.mark.parametrize("source", RECORDED)
def test_recordings(source: str, effort: Effort) -> None:
    good = json.loads(json.dumps(recording.dump(source, RECORDED[source])))

    @effort.settings()
    @given(alter_document(good))
    def fuzz(value: object) -> None:
        try:
            read = recording.load(source, json.loads(json.dumps(value)))
        except MeasurementError as broken:
            refused(broken, Kind.BAD_INPUT)
            return
        for capture in read:
            judged(source, capture)

    effort.spend(fuzz)


# --- lines of a worker ---

EVENTS = st.sampled_from(
    [
        "device",
        "phase",
        "level",
        "preview",
        "facts",
        "skip",
        "trouble",
        "ask",
        "unrecorded",
        "now",
        "done",
        "",
    ]
)
FACTS = codec.finding_document(Finding(facts={"installed": codec.load_fact({"value": True, "unit": ""})}))
EVENT: st.SearchStrategy[Any] = (
    st.fixed_dictionaries(
        {"event": EVENTS},
        optional={
            "check": st.sampled_from(["software.zoom", "camera.video", None]) | JSON,
            "kind": st.sampled_from([*Kind, "?"]) | JSON,
            "facts": alter_document(FACTS["facts"]) | JSON,
            "series": JSON,
            **dict.fromkeys(("name", "detail", "skipped_for", "prompt", "path", "reason", "seconds"), JSON),
        },
    )
    | JSON
)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script plays the worker")
@EFFORTS
def test_lines_of_a_worker(effort: Effort, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said = tmp_path / "said"
    worker = tmp_path / "worker"
    worker.write_text(f"#!/bin/sh\nexec cat '{said}'\n")
    worker.chmod(worker.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(worker))
    written = EVENT.map(lambda event: json.dumps(event).encode()) | st.binary(max_size=200)

    @effort.settings(5)
    @given(st.lists(written | st.just(b"[" * 70_000), max_size=30))
    def fuzz(events: list[bytes]) -> None:
        said.write_bytes(b"\n".join(events))
        job = Job(
            source="software",
            target=None,
            checks=("software.zoom",),
            parameters={},
            bounds={},
            deadline_s=5.0,
        )
        started = time.monotonic()
        watcher = Silent()
        measured = runner.run([job], watcher)
        assert all(isinstance(event["event"], str) for event in watcher.events)
        assert set(measured.outcomes) == {"software.zoom"}
        assert isinstance(measured.outcomes["software.zoom"], Finding | Skip | Trouble)
        assert time.monotonic() - started < 5.0

    effort.spend(fuzz)


# --- sound and pictures ---


CONTAINERS = {"MP4": ("mp4", "aac"), "WebM": ("webm", "libopus"), "AVI": ("avi", "mp2")}


def sound_of(kind: str) -> bytes:
    content = io.BytesIO()
    if kind in CONTAINERS:
        container, codec = CONTAINERS[kind]
        noise = (0.1 * voices.white(2, 48000)).astype(np.float32)[np.newaxis]
        with av.open(content, "w", format=container) as file:
            stream = file.add_stream(codec, rate=48000, layout="mono")
            assert isinstance(stream, av.AudioStream)
            frame = av.AudioFrame.from_ndarray(noise, format="fltp", layout="mono")
            frame.rate, frame.pts = 48000, 0
            resampler = av.AudioResampler(stream.codec_context.format, "mono", 48000, stream.frame_size)
            for part in [*resampler.resample(frame), *resampler.resample(None), None]:
                file.mux(stream.encode(part))
        return content.getvalue()
    soundfile.write(content, 0.1 * voices.white(2, 8000), 8000, "PCM_16", format=kind)
    return content.getvalue()


@EFFORTS
@pytest.mark.parametrize("kind", ["WAV", "FLAC", *CONTAINERS])
def test_sound_files(kind: str, effort: Effort) -> None:
    whole = sound_of(kind)
    # What is said of the sound stands in the first few hundred bytes, of an MP4 at its end.
    head = mutate_bytes(whole[:200]).map(lambda start: start + whole[200:])
    head |= mutate_bytes(whole[-1000:]).map(lambda end: whole[:-1000] + end)

    @effort.settings()
    @given(head | mutate_bytes(whole) | st.binary(max_size=200))
    def fuzz(content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = kept(folder, "voice", content)
            try:
                read = microphone._read_file(path, 0.5)  # noqa: SLF001 - no detour by a worker
            except MeasurementError as broken:
                refused(broken, Kind.BAD_INPUT)
                return
            assert isinstance(read, MicrophoneCapture)
            assert read.samples is not None
            assert read.samples.nbytes <= 4 * sound_file.MOST_SAMPLES
            judged("microphone", read)

    effort.spend(fuzz)


@EFFORTS
@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "webp", "avif", "heic"])
def test_pictures(ending: str, effort: Effort, tmp_path: Path) -> None:
    small = scenes.small()[:128, :128]
    if ending == "heic":
        pillow_heif.from_bytes("RGB", (128, 128), small.tobytes()).save(tmp_path / "small.heic")
        whole = (tmp_path / "small.heic").read_bytes()
    else:
        whole = scenes.picture(tmp_path / f"small.{ending}", small).read_bytes()
    head = mutate_bytes(whole[:400]).map(lambda start: start + whole[400:])

    @effort.settings()
    @given(head | mutate_bytes(whole))
    def fuzz(content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = kept(folder, "picture", content)
            try:
                (found,) = files.capture_file(path, 1.0, camera=True, document=False)
            except MeasurementError as broken:
                refused(broken, Kind.BAD_INPUT)
                return
            assert isinstance(found, CameraCapture)
            assert found.frames[0].shape[2] == 3

    effort.spend(fuzz)


@EFFORTS
def test_the_lists_of_a_sound_server(effort: Effort) -> None:
    parts = st.sampled_from(
        ["Source #1\n", "Sink #2\n", "\tName: x\n", "\tMonitor of Sink: n/a\n", "\tVolume: mono: 1 / 50%\n"]
    )

    @effort.settings()
    @given(st.lists(parts | LINES, max_size=12).map("".join))
    def fuzz(listing: str) -> None:
        for title in ("Source", "Sink"):
            for node in pulse.parse_nodes(listing, title, listing):
                assert node.number.isdigit()
                assert node.volume is None or node.volume >= 0

    effort.spend(fuzz)


# --- the network ---


@EFFORTS
def test_stun_answers(effort: Effort) -> None:
    transaction = bytes(range(12))
    right = stun.HEADER.pack(stun.BINDING_SUCCESS, 0, stun.MAGIC_COOKIE, transaction)

    @effort.settings()
    @given(
        mutate_bytes(right) | mutate_bytes(right + b"\0\x20\0\x08\0\x01" + bytes(6)) | st.binary(max_size=600)
    )
    def fuzz(datagram: bytes) -> None:
        answered = stun.parse_answer(datagram)
        assert answered is None or (len(answered) == 12 and datagram[:2] == b"\x01\x01")

    effort.spend(fuzz)


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Iterator[servers.FixedAnswerServer]:
    servers.remove_proxies(monkeypatch)
    with servers.serve_answer() as server:
        yield server


HEADERS = st.sampled_from(
    [
        b"Content-Length: 1000",
        b"Content-Length: -1",
        b"Content-Length: 99999999999999999999",
        b"Content-Length: 5, 6",
        b"Content-Type: text/html",
        b"Transfer-Encoding: chunked",
        b"Content-Encoding: gzip",
        b"Location: http://[::1",
        b"Location: https://127.0.0.1/",
        b"Location: \xff\xfe",
        b"Set-Cookie: " + b"a" * 70_000,
    ]
) | st.binary(max_size=30)
STATUS = st.sampled_from([b"200 OK", b"204 ", b"302 Found", b"407 x", b"511 x", b"999 x", b"-1 x", b"\xff"])


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    start = draw(st.sampled_from([b"HTTP/1.1 ", b"HTTP/1.0 ", b"HTTP/9.9 ", b"ICY ", b""]))
    headers = draw(st.lists(HEADERS, max_size=4))
    body = draw(st.binary(max_size=200) | st.just(bytes(1000)) | st.just(b"ffffffffffffffff\r\n"))
    return b"\r\n".join([start + draw(STATUS), *headers, b"", body])


@EFFORTS
def test_network_answers(effort: Effort, hostile: servers.FixedAnswerServer) -> None:
    asked: tuple[Callable[[Session], object], ...] = (
        lambda session: providers.read_small(session, hostile.url + "/__down?bytes=1000"),
        providers.find_own(hostile.url),
    )

    @effort.settings(2)
    @given(answers() | st.binary(max_size=300))
    def fuzz(answer: bytes) -> None:
        hostile.answer = answer
        way = Line()
        for ask in asked:
            session = Session(way)
            started = time.monotonic()
            try:
                ask(session)
            except MeasurementError as failed:
                refused(failed, *Kind)
            finally:
                session.close()
            assert time.monotonic() - started < 5.0
        told = reach.try_address(way, "zoom", hostile.url)
        assert told.trouble is None or told.trouble in tuple(Kind)
        assert reach.detect_portal(way, hostile.url) in {True, False, None}

    effort.spend(fuzz)
