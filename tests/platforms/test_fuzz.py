"""What others wrote, broken in any way: nothing raises, hangs or grows beyond its bounds."""

import json
import plistlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hostile import EFFORTS, NUMBERS, PLAIN, TEXT, Effort
from hypothesis import given
from hypothesis import strategies as st
from layouts import LAYOUTS, answers, build_system, load_layout
from registries import Export

from preflight import policy
from preflight.captures import PowerCapture, Supply
from preflight.checks import battery
from preflight.errors import MeasurementError
from preflight.model import Finding, Kind
from preflight.platforms import desktop, files, launchers, macos, windows
from preflight.platforms.linux import SUPPLIES, Linux, gnome_sleep, plasma_sleep
from preflight.platforms.system import Device
from preflight.sources import recording

PARAMETERS = policy.load().parameters["power"]
INFO = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        (
            "CFBundleIdentifier",
            "CFBundleExecutable",
            "CFBundleName",
            "CFBundleURLTypes",
            "CFBundleShortVersionString",
            "LSHandlers",
            "ProductVersion",
            "ProductName",
        ),
        PLAIN
        | st.just([{"CFBundleURLSchemes": ["https", 1, None]}])
        | st.sampled_from(["..", "/", "a\0b", "~"]),
    ),
)
GAUGE = st.dictionaries(
    st.sampled_from(
        (
            "AppleRawCurrentCapacity",
            "AppleRawMaxCapacity",
            "CurrentCapacity",
            "MaxCapacity",
            "Voltage",
            "Amperage",
            "ExternalConnected",
            "IsCharging",
            "BatteryInstalled",
            "FullyCharged",
        )
    ),
    NUMBERS | PLAIN,
)
PMSET = (
    "Now drawing from 'AC Power'\n",
    "Now drawing from 'Battery Power'\n",
    " -InternalBattery-0 (id=1)\t",
    "85%; ",
    "999%; ",
    "discharging; ",
    "charged; ",
    "present: false",
    "AC Power:\n",
    "Battery Power:\n",
    " sleep 10\n",
    " sleep 0 (imposed by)\n",
)
ENVELOPE = st.sampled_from(("source", "version", "captures", "power", "readings", "step_s", "system"))


def told(supplies: tuple[Supply, ...]) -> None:
    """Whatever was read can be recorded, read back, and judged without raising."""
    capture = PowerCapture(system="linux", readings=(supplies,), step_s=0.5)
    recording.load("power", captures_document(capture))
    outcome = battery.analyse(capture, PARAMETERS)
    if isinstance(outcome, Finding):
        minutes = outcome.facts["minutes"]
        assert minutes.value is None or 0 <= float(minutes.value) <= battery.CEILING_MIN  # type: ignore[arg-type]


def captures_document(capture: PowerCapture) -> object:
    return json.loads(json.dumps(recording.dump("power", [capture]), allow_nan=False))


@EFFORTS
def test_desktop_entries(effort: Effort) -> None:
    @effort.settings()
    @given(TEXT, TEXT)
    def fuzz(text: str, value: str) -> None:
        desktop.parse_entry(text)
        desktop.parse_entry(f"[Desktop Entry]\nType=Application\nExec={value}\n{text}")
        words = desktop.parse_command(value)
        assert sum(map(len, words)) <= len(value)
        for launcher in ((), ("env",), ("distrobox-enter",), ("sh", "-c", value)):
            launchers.resolve_command((*launcher, *words), lambda word: "o" in word)
        assert len(desktop.unescape(value)) <= len(value)
        gnome_sleep(text, "ac")
        plasma_sleep(f"[AC][SuspendAndShutdown]\nAutoSuspendIdleTimeoutSec={value}\n{text}", "AC")

    effort.spend(fuzz)


@EFFORTS
def test_a_tree_of_entries_and_associations(effort: Effort) -> None:
    @effort.settings()
    @given(st.binary(max_size=400) | TEXT.map(str.encode), TEXT, TEXT)
    def fuzz(entry: bytes, value: str, associations: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            applications = root / "usr/share/applications"
            applications.mkdir(parents=True)
            (applications / "a.desktop").write_bytes(entry)
            claimed = "x-scheme-handler/https;x-scheme-handler/zoommtg"
            (applications / "b.desktop").write_text(
                f"[Desktop Entry]\nType=Application\nMimeType={claimed}\nExec={value}\n", "utf-8", "replace"
            )
            (applications / "mimeapps.list").write_text(
                f"[Default Applications]\nx-scheme-handler/https={associations}\n", "utf-8", "replace"
            )
            (root / "etc").mkdir()
            (root / "etc/os-release").write_bytes(entry)
            linux = Linux(root, {"HOME": value, "XDG_DATA_DIRS": associations + ":/usr/share", "PATH": value})
            linux.programs()
            linux.handlers()
            linux.machine()
            for device in Device:
                linux.permission(device)
                linux.programs_using(device)

    effort.spend(fuzz)


@EFFORTS
def test_power_supplies_of_sysfs(effort: Effort) -> None:
    names = "present online status capacity energy_now energy_full charge_now charge_full voltage_now"
    attributes = st.sampled_from((*names.split(), "voltage_min_design", "power_now", "current_now", "scope"))
    values = st.integers().map(str) | st.sampled_from(("Discharging", "Full", "1", "0", "", "-1")) | TEXT

    @effort.settings()
    @given(st.lists(st.dictionaries(attributes, values), max_size=3))
    def fuzz(supplies: list[Mapping[str, str]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for number, supply in enumerate(supplies):
                place = Path(folder) / SUPPLIES.lstrip("/") / f"BAT{number}"
                place.mkdir(parents=True)
                for attribute, value in {"type": "Battery", **supply}.items():
                    (place / attribute).write_text(value, "utf-8", "replace")
            read = Linux(Path(folder)).supplies()
            if read is not None:
                told(read)

    effort.spend(fuzz)


@EFFORTS
def test_registry_texts(effort: Effort) -> None:
    layouts = [load_layout(path) for path in sorted((LAYOUTS / "windows").glob("*.toml"))]
    recorded = [layout["registry"] for layout in layouts if "registry" in layout]

    @effort.settings()
    @given(st.sampled_from(recorded), st.integers(0, 5000), st.integers(0, 40), TEXT)
    def fuzz(text: str, at: int, length: int, put: str) -> None:
        broken = text[:at] + put + text[at + length :]
        system = windows.Windows(Export(broken), lambda path: "zoom" in path.lower(), {"APPDATA": put})
        system.programs()
        system.handlers()
        system.machine()
        for device in Device:
            system.permission(device)
            system.programs_using(device)
        assert len(windows.program_of_command(put)) <= len(put)

    effort.spend(fuzz)


@EFFORTS
def test_the_power_manager_of_windows(effort: Effort) -> None:
    numbers = st.integers(-(1 << 33), 1 << 33) | st.sampled_from([0, 128, 255, 0x80000000, 0xFFFFFFFF])
    names = ("ac_line", "flag", "percent", "capacity", "remaining", "rate")
    states = st.builds(windows.PowerState, discharging=st.booleans(), **dict.fromkeys(names, numbers))

    @effort.settings()
    @given(states)
    def fuzz(state: windows.PowerState) -> None:
        told(windows.supplies_of_state(state))

    effort.spend(fuzz)


def ask_a_mac(root: Path, document: bytes, status: int) -> None:
    for place in (
        "Applications/zoom.us.app/Contents/Info.plist",
        macos.LAUNCH_SERVICES.replace("~", "Users/anna"),
        "System/Library/CoreServices/SystemVersion.plist",
    ):
        (root / place).parent.mkdir(parents=True)
        (root / place).write_bytes(document)
    system = macos.MacOS(root, {"HOME": "/Users/anna"}, lambda _: document, lambda _: status)
    system.programs()
    system.handlers()
    system.machine()
    told(system.supplies() or ())
    system.permission(Device.CAMERA)


@EFFORTS
def test_property_lists(effort: Effort) -> None:
    @effort.settings()
    @given(
        INFO,
        st.sampled_from((plistlib.FMT_XML, plistlib.FMT_BINARY)),
        st.integers(0, 600),
        st.binary(max_size=9),
    )
    def fuzz(info: dict[str, Any], form: plistlib.PlistFormat, at: int, put: bytes) -> None:
        try:
            whole = plistlib.dumps(info, fmt=form)
        except (ValueError, OverflowError, TypeError):
            return
        for document in (whole, whole[:at] + put + whole[at + len(put) :], whole[:at]):
            files.parse_plist(document)
            with tempfile.TemporaryDirectory() as folder:
                ask_a_mac(Path(folder), document, at)

    effort.spend(fuzz)


@EFFORTS
def test_gauges_and_pmset(effort: Effort) -> None:
    words = st.sampled_from(PMSET)

    @effort.settings()
    @given(GAUGE, st.lists(words | TEXT, max_size=8).map("".join))
    def fuzz(gauge: dict[str, Any], text: str) -> None:
        told(macos.gauge_supplies(gauge))
        told(macos.pmset_supplies(text) or ())
        for source in ("AC Power", "Battery Power"):
            seconds = macos.pmset_sleep(text, source)
            assert seconds is None or seconds >= 0

    effort.spend(fuzz)


@pytest.mark.parametrize(("now", "full", "percent"), [(50, 100, 50.0), (2**62, 1, None), (-1, 100, None)])
def test_a_gauge_that_has_more_than_it_can_hold_is_not_believed(
    now: int, full: int, percent: float | None
) -> None:
    _, told_of = macos.gauge_supplies({"CurrentCapacity": now, "MaxCapacity": full})
    assert told_of.percent == percent


@EFFORTS
def test_recordings(effort: Effort) -> None:
    @effort.settings()
    @given(st.recursive(PLAIN | NUMBERS | st.none(), lambda inner: st.dictionaries(ENVELOPE, inner)))
    def fuzz(document: object) -> None:
        with pytest.raises(MeasurementError) as broken:
            recording.load("power", document)
        assert broken.value.trouble.kind is Kind.BAD_INPUT

    effort.spend(fuzz)


@pytest.mark.parametrize("name", ["windows", "linux", "macos"])
def test_an_empty_computer_is_told_of(name: str, tmp_path: Path) -> None:
    found = answers(build_system({}, name, tmp_path))
    assert (found["zoom"], found["browser"]) == ("fail", "fail")


def test_a_property_list_too_large_is_none() -> None:
    assert files.parse_plist(plistlib.dumps({"a": "b"})) == {"a": "b"}
    assert files.parse_plist(plistlib.dumps({"a": "b" * (files.SIZE_LIMIT * 8)})) is None


def test_entities_that_multiply_are_refused() -> None:
    inner = (
        '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><plist><string>&c;</string></plist>'
    )
    assert files.parse_plist(f'<?xml version="1.0"?>{inner}'.encode()) is None
