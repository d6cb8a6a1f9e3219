import json
import sys
import time
from pathlib import Path

import computers
import psutil
import pytest
from worker_protocol import phases, wire

from preflight import captures, policy
from preflight.checks import system
from preflight.errors import MeasurementError
from preflight.model import Finding, Job, Kind
from preflight.sources import recording, software


def job(target: str | None = None) -> Job:
    return Job(source="software", target=target, checks=("software.zoom",), parameters={}, bounds={})


def test_a_recording_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    (read,) = software.capture(job(str(computers.write_captures(tmp_path, computers.good()))), wire()[0])
    assert recording.dump("software", [read]) == recording.dump("software", [computers.good()])


def test_a_recording_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    link, lines = wire()
    list(software.capture(job(str(computers.write_captures(tmp_path, computers.good()))), link))
    assert phases(lines) == [("sampled", None)]


def test_a_recording_that_is_wrong_says_where(tmp_path: Path) -> None:
    document = json.loads(json.dumps(recording.dump("software", [computers.good()])))
    document["captures"]["software"]["programs"][1]["exists"] = "yes"
    path = tmp_path / "software.json"
    path.write_text(json.dumps(document))
    with pytest.raises(MeasurementError) as broken:
        list(software.capture(job(str(path)), wire()[0]))
    assert broken.value.trouble.kind is Kind.BAD_INPUT
    assert "programs[1].exists" in broken.value.trouble.detail


def test_this_computer_is_read_after_its_load_was_sampled() -> None:
    link, lines = wire()
    started = time.monotonic()
    (read,) = software.capture(job(), link)
    assert isinstance(read, captures.SoftwareCapture)
    assert phases(lines) == [("sampled", None)]
    assert time.monotonic() - started >= software.SAMPLE_S
    assert read.os_name
    assert read.processors
    assert read.memory is not None
    assert read.memory > 100 << 20
    assert read.load is not None
    assert 0 <= read.load <= 1


@pytest.mark.skipif(sys.platform != "linux", reason="psutil reads files on Linux only")
def test_a_system_that_tells_neither_load_nor_memory_is_read_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))
    (read,) = software.capture(job(), wire()[0])
    assert isinstance(read, captures.SoftwareCapture)
    assert (read.load, read.memory) == (None, None)
    assert read.os_name


@pytest.mark.skipif(sys.platform != "linux", reason="desktop entries are Linux's")
def test_what_is_recorded_names_no_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "home" / "anna.berzina"
    folder = home / ".local/share/applications"
    folder.mkdir(parents=True)
    program = home / "bin" / "browser"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (folder / "own.desktop").write_text(
        f"[Desktop Entry]\nType=Application\nName=Own\nExec={program} %u\n"
        "MimeType=x-scheme-handler/https;x-scheme-handler/http;\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (read,) = software.capture(job(), wire()[0])
    recorded = json.dumps(recording.dump("software", [read]))
    assert "~/bin/browser" in recorded
    assert "anna" not in recorded


@pytest.mark.parametrize(
    ("key", "value"),
    [("memory", 2**63), ("memory", 10**400), ("memory", -(2**63)), ("load", 1e308)],
    ids=["whole", "longer than any float", "below zero", "broken"],
)
def test_a_number_that_nothing_can_be_reckoned_with_is_no_reading(key: str, value: float) -> None:
    document = json.loads(json.dumps(recording.dump("software", [computers.good()])))
    document["captures"]["software"][key] = value
    with pytest.raises(MeasurementError, match=key):
        recording.load("software", document)
    document["captures"]["software"][key] = 2**63 - 1 if key == "memory" else 1e15
    (read,) = recording.load("software", document)
    assert isinstance(read, captures.SoftwareCapture)
    assert isinstance(system.analyse(read, policy.load().parameters["software"]), Finding)
