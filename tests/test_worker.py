"""The child side: what it sends of each outcome, what it never sends, and when it ends."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import computers
import hostile
import line_recordings
import numpy as np
import pytest
import scenes
import worker_protocol

from preflight import codec, policy, worker
from preflight.captures import Download, MicrophoneCapture
from preflight.model import Job, Kind
from preflight.sources import camera, recording

BLUOR = policy.load()
DOWNLOAD = line_recordings.transfer(Download, 50)


def served(job: Job) -> list[dict[str, Any]]:
    """Return the events of a job that is served in this process."""
    link, said = worker_protocol.wire(guided=job.guided, shown="preview" in job.parameters)
    worker.run_job(job, link)
    return worker_protocol.events(said)


def job(source: str, target: Path | None, *checks: str, **more: Any) -> Job:
    return Job(
        source=source,
        target=None if target is None else str(target),
        checks=checks,
        parameters=BLUOR.parameters[source],
        bounds={},
        **more,
    )


def of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


def test_facts_come_check_by_check_and_the_end_is_told(tmp_path: Path) -> None:
    recording = computers.write_captures(tmp_path, computers.good())
    events = served(job("software", recording, "software.zoom", "software.browser"))
    assert [event["check"] for event in of(events, "facts")] == ["software.zoom", "software.browser"]
    assert events[-1] == {"event": "done"}


def test_without_checks_the_devices_are_listed() -> None:
    (listed,) = of(served(job("camera", None)), "listed")
    assert listed["devices"] == camera.devices()


def test_what_does_not_apply_is_a_skip(tmp_path: Path) -> None:
    recording = computers.write_captures(tmp_path, computers.desktop())
    (skip,) = of(served(job("power", recording, "power.battery")), "skip")
    assert skip["skipped_for"] == "not-applicable"


def test_a_broken_part_of_a_recording_is_the_trouble_of_its_checks(tmp_path: Path) -> None:
    document = json.loads(json.dumps(recording.dump("network", [line_recordings.transfer(Download, 50)])))
    document["broken"] = {"upload": {"kind": "refused", "detail": "HTTP 503"}}
    path = tmp_path / "network.json"
    path.write_text(json.dumps(document))
    events = served(job("network", path, "network.download", "network.upload"))
    assert [event["check"] for event in of(events, "facts")] == ["network.download"]
    (trouble,) = of(events, "trouble")
    assert (trouble["check"], trouble["kind"], trouble["detail"]) == ("network.upload", "refused", "HTTP 503")


@pytest.mark.parametrize("content", hostile.NOT_RECORDINGS.values(), ids=hostile.NOT_RECORDINGS)
@pytest.mark.parametrize("check", ["microphone.signal", "network.reach", "power.battery", "software.zoom"])
def test_a_file_that_is_none_is_bad_input(check: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(content)
    (trouble,) = of(served(job(check.partition(".")[0], path, check)), "trouble")
    assert (trouble["check"], trouble["kind"]) == (None, "bad-input")


def test_a_check_that_cannot_tell_is_a_trouble_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "power.json"
    document = json.loads(json.dumps(recording.dump("power", [computers.plugged_in()])))
    document["captures"]["power"]["readings"] = []
    path.write_text(json.dumps(document))
    (trouble,) = of(served(job("power", path, "power.battery")), "trouble")
    assert (trouble["check"], trouble["kind"]) == ("power.battery", "bad-input")


@pytest.mark.parametrize(
    ("source", "made", "place", "check"),
    [
        pytest.param("software", computers.good(), ("processors",), "system", id="a fact"),
        pytest.param(
            "network", line_recordings.transfer(Download, 50), ("seconds",), "download", id="a unit"
        ),
        pytest.param(
            "network", line_recordings.transfer(Download, 50), ("rates", 0), "download", id="a curve"
        ),
    ],
)
def test_what_no_report_can_hold_is_the_files_fault(
    source: str, made: object, place: tuple[str | int, ...], check: str, tmp_path: Path
) -> None:
    document = json.loads(json.dumps(recording.dump(source, [made])))
    (holder,) = document["captures"].values()
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = 10**16
    path = tmp_path / "recorded.json"
    path.write_text(json.dumps(document))
    (trouble,) = of(served(job(source, path, f"{source}.{check}")), "trouble")
    assert (trouble["kind"], trouble["detail"]) == ("bad-input", "a number beyond 1e+15")


def test_a_bug_of_a_check_costs_this_check_only_and_names_no_folder(tmp_path: Path) -> None:
    recording = computers.write_captures(tmp_path, computers.on_battery(30))
    wrong = Job(
        source="power",
        target=str(recording),
        checks=("power.battery",),
        parameters={"sample_s": 1, "call_draw_w": "a lot"},
        bounds={},
    )
    (trouble,) = of(served(wrong), "trouble")
    assert (trouble["check"], trouble["kind"]) == ("power.battery", "bug")
    assert "battery.py" in trouble["detail"]
    assert "/" not in trouble["detail"]


def test_a_bug_of_a_source_costs_all_of_its_checks() -> None:
    wrong = Job(source="power", target=None, checks=("power.battery",), parameters={}, bounds={})
    (trouble,) = of(served(wrong), "trouble")
    assert (trouble["check"], trouble["kind"]) == (None, "bug")
    # A parameter's name is a key that somebody may have written: only the class and the place are told.
    assert trouble["detail"].startswith("KeyError at worker.py:")


@pytest.mark.parametrize(
    ("source", "check"), [("none", "none.none"), ("power", "power.none")], ids=["source", "check"]
)
def test_what_is_not_there_is_a_bug_of_ours(source: str, check: str) -> None:
    unknown = Job(source=source, target=None, checks=(check,), parameters={}, bounds={})
    (trouble,) = of(served(unknown), "trouble")
    assert (trouble["check"], trouble["kind"]) == (None, "bug")


def test_readings_are_kept_where_that_was_asked_for(tmp_path: Path) -> None:
    recording = computers.write_captures(tmp_path, computers.good())
    folder = tmp_path / "kept"
    folder.mkdir()
    served(job("software", recording, "software.zoom", record=str(folder)))
    assert json.loads((folder / "software.json").read_text()) == json.loads(recording.read_text())


def test_readings_that_cannot_be_kept_are_told(tmp_path: Path) -> None:
    recording = computers.write_captures(tmp_path, computers.good())
    events = served(job("software", recording, "software.zoom", record=str(tmp_path / "none")))
    (unrecorded,) = of(events, "unrecorded")
    assert unrecorded["path"].endswith("software.json")
    assert of(events, "facts")


def test_no_line_is_longer_than_the_protocol_allows() -> None:
    link, said = worker_protocol.wire()
    with pytest.raises(ValueError, match="a line of"):
        link.send("facts", text="x" * codec.LINE_LIMIT)
    assert said.getvalue() == b""


def test_no_picture_leaves_but_a_thumbnail_of_a_guided_run() -> None:
    for guided in (True, False):
        link, said = worker_protocol.wire(guided=guided)
        link.preview(bytes(160 * 90 * 3), 160, 90)
        assert bool(said.getvalue()) is guided
        with pytest.raises(ValueError, match="thumbnail"):
            link.preview(bytes(161 * 90 * 3), 161, 90)


def test_of_a_file_for_the_camera_a_picture_is_shown_where_there_is_a_screen(tmp_path: Path) -> None:
    asked = job("camera", scenes.picture(tmp_path / "face.png", scenes.small()), "camera.still")
    assert not of(served(asked), "preview")
    on_screen = replace(asked, parameters={**asked.parameters, "preview": [32, 18]})
    (shown,) = of(served(on_screen), "preview")
    assert (shown["width"], shown["height"]) == (32, 18)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_level_that_is_no_number_is_not_shown(value: float) -> None:
    link, said = worker_protocol.wire()
    link.level("sound", value)
    assert said.getvalue() == b""
    link.level("sound", -20.0)
    assert json.loads(said.getvalue()) == {"event": "level", "name": "sound", "value": -20.0}


def test_unguided_nobody_is_asked() -> None:
    link, said = worker_protocol.wire(guided=False)
    assert link.ask("look") == "skip"
    assert said.getvalue() == b""


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "preflight.sources.software", raising=False)
    monkeypatch.setitem(sys.modules, "psutil", None)
    (told,) = of(served(job("software", None, "software.system")), "trouble")
    assert told["kind"] == Kind.NO_LIBRARY
    assert told["detail"] == "ModuleNotFoundError psutil"


def test_a_library_of_the_system_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory", name="cv2")

    monkeypatch.setattr("importlib.import_module", refuse)
    (told,) = of(served(job("camera", None, "camera.video")), "trouble")
    assert (told["kind"], told["detail"]) == (Kind.NO_LIBRARY, "ImportError cv2 libGL.so.1")


def glimpsed(samples: Any) -> Mapping[str, Any]:
    """Return what a guided person is told in passing of some sound."""
    link, said = worker_protocol.wire(guided=True)
    module = worker._import_check("microphone.signal")  # noqa: SLF001 - as `run_job` finds it
    link.glimpse = lambda capture, wanted: worker._send_glimpse(  # noqa: SLF001 - as `run_job` sets it
        capture, dict.fromkeys(wanted, module), {}, link
    )
    link.show_glimpse(MicrophoneCapture(present=True, samples=samples, rate=48000), ["microphone.signal"])
    (event,) = worker_protocol.events(said)
    assert (event["event"], event["check"]) == ("now", "microphone.signal")
    return dict(event)


def test_a_glimpse_tells_facts_or_a_trouble() -> None:
    assert glimpsed(np.zeros(48000, np.float32))["facts"]["muted"]["value"] is True
    assert glimpsed(None)["kind"] == Kind.NO_DATA


def started(**more: Any) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-m", "preflight", "--worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    request = job("power", None, "power.battery", **more)
    process.stdin.write(json.dumps(codec.job_document(request)).encode() + b"\n")
    process.stdin.flush()
    return process


def test_what_libraries_print_stays_out_of_the_protocol() -> None:
    with started() as process:
        assert process.stdout
        assert all(isinstance(json.loads(line)["event"], str) for line in process.stdout)
        assert process.wait(20) == 0


LOADS = """
import os, threading, time
from preflight import worker
orders, lines = worker._take_over_pipes()
threading.Thread(target=orders.readline, daemon=True).start()
time.sleep(0.3)
import cv2, numpy
lines.write(b"nothing" if os.read(0, 1) == b"" else b"something")
lines.flush()
os._exit(0)
"""


def test_a_library_that_looks_at_stdin_does_not_wait_for_the_parent() -> None:
    """Libraries are loaded while the person's answers are waited for; on Windows they waited too."""
    with subprocess.Popen(
        [sys.executable, "-c", LOADS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        try:
            assert process.wait(30) == 0
        finally:
            process.kill()
        assert process.stdout.read() == b"nothing"


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes of POSIX")
def test_a_worker_goes_when_its_parent_is_gone(tmp_path: Path) -> None:
    # A pipe that nobody writes to keeps it waiting for ever.
    os.mkfifo(tmp_path / "power.json")
    with subprocess.Popen(
        [sys.executable, "-m", "preflight", "--worker"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        assert process.stdin
        request = job("power", tmp_path / "power.json", "power.battery")
        process.stdin.write(
            json.dumps(codec.job_document(request)).encode() + b"\n" + b'nonsense\n{"go": 1}\n'
        )
        process.stdin.flush()
        time.sleep(1.0)
        process.stdin.close()
        assert process.wait(20) == 1


def test_a_recording_without_what_a_check_looks_at_is_the_files_fault(tmp_path: Path) -> None:
    file = tmp_path / "network.json"
    file.write_text(json.dumps(recording.dump("network", [line_recordings.reach()])))
    asked = Job(
        source="network",
        target=str(file),
        checks=("network.download", "network.reach", "network.stability"),
        parameters={},
        bounds={},
    )
    told = served(asked)
    assert [each["check"] for each in of(told, "facts")] == ["network.reach"]
    assert [(each["check"], each["kind"]) for each in of(told, "trouble")] == [
        ("network.download", "bad-input"),
        ("network.stability", "bad-input"),
    ]
