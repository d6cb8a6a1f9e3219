"""Layouts of real computers, each one text file: what lies where, and what is to be said of it.

[tree]      "path" = "content"      files; `programs` lists those that can be started
[links]     "path" = "target"
[supply.X]  attribute = "value"     files of /sys/class/power_supply/X
[commands]  "pmset -g batt" = "..." what the system's programs print
registry    text of `reg export`;   `files` lists what is on the disk
[power]     what Windows' power manager says
interface   the network interface that traffic leaves by;  [adapter] and cost: what Windows says of it
own         Windows: the file of this program
made        the day when it is read; else one on which Zoom 6.3 was new
[holders]   "/dev/video0" = ["zoom"]    device nodes and the programs that have them open
[says]      "zoom" = "pass", "zoom.version" = [6, 0, 2], "permission.camera" = "denied",
            "closed.camera" = "busy: closed; in use by zoom"    where it cannot be opened,
            "silent.microphone" = "no-permission: ..."          where nothing but zeros comes
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from registries import Export

from preflight import policy
from preflight.captures import PowerCapture
from preflight.checks import battery, browser, system, zoom
from preflight.errors import MeasurementError
from preflight.judge import judge
from preflight.model import Finding, Kind, Skip
from preflight.platforms.linux import SUPPLIES, Linux
from preflight.platforms.macos import MacOS
from preflight.platforms.system import Device, System
from preflight.platforms.windows import Adapter, PowerState, Windows
from preflight.sources import access
from preflight.sources import software as source

LAYOUTS = Path(__file__).parent / "platforms" / "layouts"
MADE = "2024-12-15"
PROGRAM = "#!/bin/sh\n"
HOMES = {"linux": "/home/anna", "macos": "/Users/anna"}
WINDOWS = {
    "USERPROFILE": r"C:\Users\anna",
    "APPDATA": r"C:\Users\anna\AppData\Roaming",
    "LOCALAPPDATA": r"C:\Users\anna\AppData\Local",
    "ProgramFiles": r"C:\Program Files",
    "ProgramFiles(x86)": r"C:\Program Files (x86)",
    "SystemRoot": r"C:\Windows",
}
BLUOR = policy.load()


def load_layout(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def expected(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be said of a layout as `answers` says it."""
    return {
        key: None if value == "unknown" and not key.startswith("permission") else value
        for key, value in told["says"].items()
    }


def build_system(told: Mapping[str, Any], name: str, root: Path) -> System:
    """Lay the files of a layout below `root` and return the system that reads them."""
    if name == "windows":
        files = {path.lower() for path in told.get("files", ())}
        power = PowerState(**told["power"]) if "power" in told else None
        return Windows(
            Export(told.get("registry", "")),
            lambda path: path.lower() in files,
            WINDOWS,
            lambda: power,
            own_programs=(told.get("own", ""),),
            adapter=lambda _: Adapter(**told["adapter"]) if "adapter" in told else None,
            cost=lambda: told.get("cost"),
        )
    for path, content in told.get("tree", {}).items():
        _write(root, path, content)
    for path in told.get("programs", ()):
        _write(root, path, PROGRAM).chmod(0o755)
    for supply, attributes in told.get("supply", {}).items():
        for attribute, value in attributes.items():
            _write(root, f"{SUPPLIES}/{supply}/{attribute}", f"{value}\n")
    for path, target in told.get("links", {}).items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    holders = [(node, program) for node, programs in told.get("holders", {}).items() for program in programs]
    for process, (node, program) in enumerate(holders, start=4100):
        _write(root, node, "")
        _write(root, f"/proc/{process}/comm", f"{program}\n")
        (root / f"proc/{process}/fd").mkdir()
        (root / f"proc/{process}/fd/7").symlink_to(node)
    (root / "sys/class/power_supply").mkdir(parents=True, exist_ok=True)
    commands = told.get("commands", {})

    def run(command: Sequence[str], /) -> bytes:
        return str(commands.get(" ".join(command), "")).encode()

    environ = {"HOME": HOMES[name], **told.get("environ", {})}
    machine = told.get("architecture", "x86_64")
    if name == "linux":
        return Linux(root, environ, run, ("glibc", told.get("glibc", "2.36")), machine)
    return MacOS(root, environ, run, lambda _: told.get("authorization"), machine)


def answers(machine: System, made: str = MADE, interface: str = "") -> dict[str, object]:
    """Return the verdict of each check, the value of each fact, permissions and users."""
    bluor, today = BLUOR, date.fromisoformat(made)
    supplies = machine.supplies()
    # The computer that runs the test is not the one of the layout.
    software = replace(source.read(machine, 0.1, today), processors=8, memory=16 << 30)
    found: dict[str, object] = {"supplies.told": supplies is not None}
    power = PowerCapture(system=machine.name, readings=(supplies or (),), step_s=0.5)
    outcomes: dict[str, Finding | Skip] = {
        "power.battery": battery.analyse(power, bluor.parameters["power"]),
        "software.zoom": zoom.analyse(software, bluor.parameters["software"]),
        "software.browser": browser.analyse(software, bluor.parameters["software"]),
        "software.system": system.analyse(software, bluor.parameters["software"]),
    }
    for check, outcome in outcomes.items():
        short = check.partition(".")[2]
        found[short] = str(judge(check, outcome, bluor.demands_on(check)).verdict)
        if isinstance(outcome, Finding):
            found |= {f"{short}.{name}": fact.value for name, fact in outcome.facts.items()}
    for device in Device:
        found[f"permission.{device}"] = str(machine.permission(device))
        found[f"users.{device}"] = machine.programs_using(device)
        found[f"closed.{device}"] = _trouble_when_closed(device, machine)
        found[f"silent.{device}"] = _trouble_when_silent(device, machine)
    found |= {f"uplink.{name}": value for name, value in asdict(machine.uplink(interface)).items()}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


def _trouble_when_closed(device: Device, machine: System) -> str:
    """Return what is said of a device that cannot be opened."""
    trouble = access.explain_failure(MeasurementError(Kind.BUSY, "closed"), device, machine).trouble
    return f"{trouble.kind}: {trouble.detail}"


def _trouble_when_silent(device: Device, machine: System) -> str:
    """Return what is said of a device that gives nothing but zeros; nothing where the device is to blame."""
    try:
        access.require_permission(device, machine)
    except MeasurementError as broken:
        return f"{broken.trouble.kind}: {broken.trouble.detail}"
    return ""


def _write(root: Path, path: str, content: str) -> Path:
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content, "utf-8")
    return place
