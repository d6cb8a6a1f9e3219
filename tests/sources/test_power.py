import json
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import computers
import pytest
from worker_protocol import phases, wire

from preflight import captures, policy
from preflight.captures import Supply
from preflight.checks import battery
from preflight.errors import MeasurementError
from preflight.model import CAMERA_STAYED_ON, FailedCapture, Finding, Job, Kind, Trouble
from preflight.platforms.linux import SUPPLIES, Linux
from preflight.sources import power, recording

PARAMETERS: Mapping[str, object] = {"sample_s": 1.0, "call_draw_w": 20}


def job(target: str | None = None) -> Job:
    return Job(source="power", target=target, checks=("power.battery",), parameters=PARAMETERS, bounds={})


def laptop(root: Path, status: str, watts: float = 8.0, online: int = 0) -> Linux:
    for name, attributes in {
        "AC": {"type": "Mains", "online": str(online)},
        "BAT0": {
            "type": "Battery",
            "present": "1",
            "status": status,
            "energy_now": "30000000",
            "energy_full": "50000000",
            "power_now": str(round(watts * 1e6)),
        },
    }.items():
        folder = root / SUPPLIES.lstrip("/") / name
        folder.mkdir(parents=True)
        for attribute, value in attributes.items():
            (folder / attribute).write_text(f"{value}\n")
    return Linux(root)


def test_a_recording_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    written = computers.on_battery(25)
    (read,) = power.capture(job(str(computers.write_captures(tmp_path, written))), wire()[0])
    assert recording.dump("power", [read]) == recording.dump("power", [written])


@pytest.mark.parametrize(
    ("change", "where"),
    [
        pytest.param(lambda d: d.update(source="software"), "source", id="another-source"),
        pytest.param(lambda d: d.update(version=2), "version", id="another-version"),
        pytest.param(
            lambda d: d["captures"]["power"].pop("readings"), "captures.power.readings", id="missing"
        ),
        pytest.param(
            lambda d: d["captures"]["power"].update(readings={}), "captures.power.readings", id="no-list"
        ),
        pytest.param(lambda d: d.update(captures={}), "captures", id="no-capture"),
        pytest.param(
            lambda d: d["captures"].update(camera={}),
            "captures holds something else than power",
            id="another-sources-capture",
        ),
        pytest.param(
            lambda d: d.update(broken={"power": {"kind": "sad", "detail": ""}}),
            "broken.power.kind",
            id="unknown-trouble",
        ),
        pytest.param(
            lambda d: d["captures"]["power"].update(step_s="0.5"),
            "captures.power.step_s",
            id="text-for-number",
        ),
        pytest.param(
            lambda d: d["captures"]["power"]["readings"][0][0].update(online=1),
            "captures.power.readings[0][0].online",
            id="number-for-truth",
        ),
        pytest.param(
            lambda d: d["captures"]["power"]["readings"][0][1].update(percent=10**400),
            "captures.power.readings[0][1].percent",
            id="a-number-beyond-all-floats",
        ),
        pytest.param(
            lambda d: d["captures"]["power"]["readings"][0][1].update(volts=1),
            "captures.power.readings[0][1] has a key that is not known",
            id="unknown-key",
        ),
    ],
)
def test_a_recording_that_is_wrong_says_where(change: object, where: str, tmp_path: Path) -> None:
    document = recording.dump("power", [computers.plugged_in()])
    document = json.loads(json.dumps(document))
    change(document)  # type: ignore[operator] # a column of functions
    path = tmp_path / "power.json"
    path.write_text(json.dumps(document))
    with pytest.raises(MeasurementError) as broken:
        list(power.capture(job(str(path)), wire()[0]))
    assert broken.value.trouble.kind is Kind.BAD_INPUT
    assert where in broken.value.trouble.detail


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\x00\xff", '{"source": "power"}', "[" * 100_000])
def test_a_file_that_is_no_recording_is_bad_input(content: str, tmp_path: Path) -> None:
    path = tmp_path / "power.json"
    path.write_text(content)
    with pytest.raises(MeasurementError) as broken:
        list(power.capture(job(str(path)), wire()[0]))
    assert broken.value.trouble.kind is Kind.BAD_INPUT


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_recording_is_read_as_windows_writes_it(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "power.json"
    read = captures.PowerCapture(system="linux", readings=((),), step_s=1.0)
    written = recording.dump("power", [read])
    path.write_text(json.dumps(written), encoding)
    assert json.dumps(recording.dump("power", recording.read("power", str(path)))) == json.dumps(written)


def test_a_folder_and_a_file_beyond_all_bounds_are_no_recordings(tmp_path: Path) -> None:
    huge = tmp_path / "power.json"
    with huge.open("wb") as file:
        file.truncate(recording.MOST_BYTES + 1)
    for path in (tmp_path, huge):
        with pytest.raises(MeasurementError) as broken:
            recording.read("power", str(path))
        assert broken.value.trouble.kind is Kind.BAD_INPUT


def test_a_trouble_is_recorded_and_read_back() -> None:
    broken = FailedCapture(reads=captures.PowerCapture, trouble=Trouble(kind=Kind.NO_DATA, detail="silent"))
    assert recording.load("power", recording.dump("power", [broken])) == [broken]


def test_this_computer_tells_what_it_runs_on() -> None:
    link, lines = wire()
    try:
        (read,) = power.capture(job(), link)
    except MeasurementError as silent:
        assert silent.trouble.kind is Kind.NO_DATA  # noqa: PT017 - a container without /sys may not tell
    else:
        assert isinstance(read, captures.PowerCapture)
        assert read.readings
    assert phases(lines) == [("power", 1.0)]


def test_on_battery_the_draw_is_sampled_while_it_changes(tmp_path: Path) -> None:
    system = laptop(tmp_path, "Discharging")
    gauge = tmp_path / SUPPLIES.lstrip("/") / "BAT0" / "power_now"
    later = threading.Timer(0.75, lambda: gauge.write_text("17000000\n"))
    later.start()
    started = time.monotonic()
    read = power.sample(system, 1.0)
    later.join()
    assert 1.0 <= time.monotonic() - started < 3.0
    drawn = [supply.power for reading in read.readings for supply in reading if supply.kind == "Battery"]
    assert (drawn[0], drawn[-1]) == (8.0, 17.0)
    assert len(drawn) >= 3


class Drained(Linux):
    """A laptop whose battery gives 15 W, of which no gauge tells, in the 100 s before each reading."""

    def supplies(self) -> tuple[Supply, ...] | None:
        energy = self.root / SUPPLIES.lstrip("/") / "BAT0" / "energy_now"
        energy.write_text(f"{round(int(energy.read_text()) - 15e6 * 100 / 3600)}\n")
        return super().supplies()


@pytest.mark.parametrize(
    ("answer", "minutes"),
    [
        # 25 Wh, of which 2.5 are a reserve: at 20 W, as the policy assumes, or at the 15 W of this session.
        pytest.param("stop", 67.5, id="without the camera"),
        pytest.param(CAMERA_STAYED_ON, 90.0, id="with the camera on"),
    ],
)
def test_over_a_whole_session_it_is_seen_what_the_battery_loses(
    answer: str, minutes: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the time between the readings is another."""
    monkeypatch.setattr(power, "STEP_S", 0.0)
    monkeypatch.setattr(power, "WHOLE_STEP_S", 0.001)
    laptop(tmp_path, "Discharging")
    (tmp_path / SUPPLIES.lstrip("/") / "BAT0" / "power_now").unlink()
    energy = tmp_path / SUPPLIES.lstrip("/") / "BAT0" / "energy_now"
    # 5 Wh in twenty minutes.
    read = power.watch(Drained(tmp_path), lambda: answer if int(energy.read_text()) <= 25_000_000 else "")
    assert len(read.readings) == pytest.approx(12, abs=1)
    outcome = battery.analyse(replace(read, step_s=100.0), policy.load().parameters["power"])
    assert isinstance(outcome, Finding)
    assert outcome.facts["draw"].value == pytest.approx(15.0, abs=0.1)
    assert outcome.facts["minutes"].value == pytest.approx(minutes, rel=0.02)


def test_plugged_in_one_reading_is_enough(tmp_path: Path) -> None:
    started = time.monotonic()
    assert len(power.sample(laptop(tmp_path, "Charging"), 30.0).readings) == 1
    assert time.monotonic() - started < 5.0


def test_a_battery_that_drains_on_a_charger_is_looked_at_again(tmp_path: Path) -> None:
    assert len(power.sample(laptop(tmp_path, "Discharging", online=1), 1.0).readings) > 1


def test_a_system_that_does_not_tell_is_no_desktop(tmp_path: Path) -> None:
    with pytest.raises(MeasurementError) as broken:
        power.sample(Linux(tmp_path), 1.0)
    assert broken.value.trouble.kind is Kind.NO_DATA
