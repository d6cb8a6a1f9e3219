"""macOS: bundles, Launch Services, ioreg and pmset."""

import os
import platform
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from preflight.captures import Handler, Program, Supply, Uplink
from preflight.platforms import files, programs
from preflight.platforms.system import Device, Loudness, Machine, Permission, ProgramRunner

FOLDERS = ("/Applications", "~/Applications", "/System/Cryptexes/App/System/Applications")
"""Where programs lie; the last holds Safari since macOS 13."""
LAUNCH_SERVICES = "~/Library/Preferences/com.apple.LaunchServices/com.apple.launchservices.secure.plist"
SAFARI = "com.apple.safari"
PERCENT = 100
UNSIGNED_RANGE = 1 << 64
"""ioreg prints a negative current as an unsigned 64-bit number."""
_SCHEMES = ("https", "http", "zoommtg")
_BATTERY = re.compile(r"-InternalBattery-\d+[^\t]{0,40}\t(\d{1,3})%; ([\w ]{1,30})")
_SLEEP = re.compile(r"^ *(sleep|displaysleep)\s+(\d{1,6})\b", re.MULTILINE)
_SAVER = re.compile(r"^ *(?:lowpowermode|powermode)\s+([0-2])\b", re.MULTILINE)
"""pmset's 1 is the low power mode, 2 the high one."""
_PORT = re.compile(r"^Hardware Port: (.{1,100})\nDevice: (\w{1,20})$", re.MULTILINE)
_WIRELESS_PORTS = ("Wi-Fi", "AirPort")
_PHONE_PORTS = ("iPhone", "iPad", "Bluetooth")
_CABLE_PORTS = ("Ethernet", "LAN")
_TUNNELS = ("utun", "ipsec")
"""Interfaces that programs for a VPN, and macOS for its own, open."""
_TERMINALS = {
    "Apple_Terminal": "Terminal",
    "iTerm.app": "iTerm",
    "vscode": "Visual Studio Code",
    "WarpTerminal": "Warp",
    "WezTerm": "WezTerm",
    "ghostty": "Ghostty",
    "Hyper": "Hyper",
    "Tabby": "Tabby",
}
"""The programs that macOS asks about, by what they put into TERM_PROGRAM."""
_PERMISSIONS: Mapping[int | None, Permission] = {
    0: Permission.NOT_ASKED,
    1: Permission.DENIED,
    2: Permission.DENIED,
    3: Permission.ALLOWED,
}
"""AVAuthorizationStatus: not determined, restricted, denied, authorized."""


@dataclass(frozen=True, slots=True)
class MacOS:
    """The macOS whose files lie below `root`."""

    root: Path = Path("/")
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    run: ProgramRunner = programs.output
    authorization: Callable[[Device], int | None] = lambda _: None
    list_cameras: Callable[[], tuple[tuple[str, str], ...] | None] = lambda: None
    architecture: str = field(default_factory=platform.machine)

    @property
    def name(self) -> str:
        """Return "macos"."""
        return "macos"

    @property
    def asks_permission(self) -> bool:
        """Return True: macOS asks when a program first opens a device."""
        return True

    def supplies(self) -> tuple[Supply, ...] | None:
        """Ask ioreg for the battery's gauge, pmset where it does not answer."""
        gauges = files.parse_plist(self.run(("ioreg", "-r", "-n", "AppleSmartBattery", "-a")))
        if isinstance(gauges, list) and gauges and isinstance(gauges[0], dict):
            return gauge_supplies(gauges[0])
        return pmset_supplies(self._run_text("pmset", "-g", "batt"))

    def machine(self) -> Machine:
        """Ask the system's version file, sysctl and pmset."""
        version = self._read_plist("/System/Library/CoreServices/SystemVersion.plist")
        custom = self._run_text("pmset", "-g", "custom")
        number = _text_or_empty(version.get("ProductVersion"))
        return Machine(
            os_name=f"{_text_or_empty(version.get('ProductName')) or 'macOS'} {number}".strip()[:100],
            os_version=number[:40],
            architecture=self.architecture,
            processor=self._run_text("sysctl", "-n", "machdep.cpu.brand_string").strip()[:100],
            sleep_mains_s=pmset_sleep(custom, "AC Power"),
            sleep_battery_s=pmset_sleep(custom, "Battery Power"),
            saver=_parse_flag(_SAVER.search(self._run_text("pmset", "-g"))),
            remote="SSH_CONNECTION" in self.environ,
            virtual=_parse_flag(
                re.match(r"([01])$", self._run_text("sysctl", "-n", "kern.hv_vmm_present").strip())
            ),
        )

    def programs(self) -> tuple[Program, ...]:
        """Return the bundles that are Zoom or claim https or zoommtg links."""
        found: dict[str, Program] = {}
        for path in self._bundles():
            program = self._read_bundle(path)
            if program is not None and (program.schemes or program.maker == "us.zoom.xos"):
                # Safari may stand in two of the folders.
                found.setdefault(program.maker + program.name, program)
        return tuple(found.values())

    def handlers(self) -> tuple[Handler, ...]:
        """Return what Launch Services starts: the person's choice, else Safari, else who claims it."""
        choices = self._read_plist(LAUNCH_SERVICES).get("LSHandlers")
        programs = self.programs()
        found = []
        for scheme in ("https", "zoommtg"):
            chosen = _chosen_handler(choices, scheme) or (SAFARI if scheme == "https" else "")
            claims = [program for program in programs if scheme in program.schemes]
            if not chosen and not claims:
                continue
            owner = next((program for program in claims if program.maker.lower() == chosen), None)
            if not chosen:
                owner = next((program for program in claims if program.exists), claims[0])
            found.append(
                Handler(
                    scheme=scheme,
                    place=owner.maker if owner else chosen[:100],
                    program=owner.program if owner else "",
                    exists=owner is not None and owner.exists,
                )
            )
        return tuple(found)

    def loudness(self) -> Loudness:
        """Ask AppleScript, which says "missing value" of an output without a volume of its own."""
        return volume_settings(self._run_text("osascript", "-e", "get volume settings"))

    def uplink(self, interface: str) -> Uplink:
        """Ask networksetup what the port is called; what is metered macOS does not tell."""
        if interface.startswith(_TUNNELS):
            return Uplink(tunnel=True)
        ports = self._run_text("networksetup", "-listallhardwareports")
        name = next((port for port, device in _PORT.findall(ports) if device == interface), "")
        wireless = any(word in name for word in _WIRELESS_PORTS)
        mobile = any(word in name for word in _PHONE_PORTS)
        known = wireless or mobile or any(word in name for word in _CABLE_PORTS)
        return Uplink(
            wireless=wireless if known else None,
            mobile=mobile if known else None,
            tunnel=False if name else None,
        )

    def permission(self, device: Device) -> Permission:
        """Ask AVFoundation what the person answered to the program that started this one."""
        status = self.authorization(device)
        return _PERMISSIONS.get(status, Permission.UNKNOWN)

    @property
    def permission_asker(self) -> str:
        """Return the terminal's name, which is what the person allows or not; nothing if it is not known."""
        return _TERMINALS.get(self.environ.get("TERM_PROGRAM", ""), "")

    def cameras(self) -> tuple[tuple[str, str], ...] | None:
        """Ask AVFoundation as OpenCV does."""
        return self.list_cameras()

    def programs_using(self, device: Device) -> tuple[str, ...]:  # noqa: ARG002 - the same question on each system
        """Return nothing: macOS shares its cameras and microphones and does not tell with whom."""
        return ()

    def _run_text(self, *command: str) -> str:
        return self.run(command).decode("utf-8", "replace")[: files.SIZE_LIMIT]

    def _path(self, path: str) -> Path:
        return files.path_inside(
            self.root, path.replace("~", self._home, 1) if path.startswith("~/") else path
        )

    @property
    def _home(self) -> str:
        return self.environ.get("HOME", "").rstrip("/") or "/nonexistent"

    def _read_plist(self, path: str) -> Mapping[str, Any]:
        read = files.parse_plist(files.read_bytes(self._path(path), files.SIZE_LIMIT * 8))
        return cast("dict[str, Any]", read) if isinstance(read, dict) else {}

    def _bundles(self) -> Iterator[str]:
        """Return the bundles of each folder and of the folders in it ("Chrome Apps.localized")."""
        for folder in FOLDERS:
            for name in files.list_folder(self._path(folder)):
                if name.endswith(".app"):
                    yield f"{folder}/{name}"
                    continue
                below = files.list_folder(self._path(f"{folder}/{name}"), limit=200)
                yield from (f"{folder}/{name}/{inner}" for inner in below if inner.endswith(".app"))

    def _read_bundle(self, path: str) -> Program | None:
        info = self._read_plist(f"{path}/Contents/Info.plist")
        identifier = _text_or_empty(info.get("CFBundleIdentifier"))
        started = _text_or_empty(info.get("CFBundleExecutable"))
        if not identifier:
            return None
        program = f"{path}/Contents/MacOS/{started}"
        here = self._path(program)
        return Program(
            place=path[:300],
            name=(
                _text_or_empty(info.get("CFBundleDisplayName")) or _text_or_empty(info.get("CFBundleName"))
            )[:100],
            maker=identifier[:100],
            version=_text_or_empty(info.get("CFBundleShortVersionString"))[:40],
            program=program[:300],
            exists=bool(started) and here.is_file() and files.is_accessible(here, os.X_OK),
            schemes=tuple(scheme for scheme in _SCHEMES if scheme in _claimed_schemes(info)),
        )


def gauge_supplies(gauge: Mapping[str, Any]) -> tuple[Supply, ...]:
    """Return what AppleSmartBattery's properties say, in Linux's words.

    Capacities in mAh and a percentage are told apart by their names: on Apple silicon
    CurrentCapacity is a percentage and AppleRawCurrentCapacity has the mAh; old Intel ones
    have the mAh in the former and no latter.
    """
    online = gauge.get("ExternalConnected") is True
    now, full = (_number_or_none(gauge.get(f"AppleRaw{which}Capacity")) for which in ("Current", "Max"))
    shown, of = (_number_or_none(gauge.get(f"{which}Capacity")) for which in ("Current", "Max"))
    if now is None and of is not None and of > PERCENT:
        now, full = shown, of
    volts, milliamperes = _number_or_none(gauge.get("Voltage")), _number_or_none(gauge.get("Amperage"))
    if milliamperes is not None and milliamperes >= UNSIGNED_RANGE // 2:
        milliamperes -= UNSIGNED_RANGE
    if gauge.get("IsCharging") is True:
        status = "Charging"
    elif online and (milliamperes is None or milliamperes >= 0):
        status = "Full" if gauge.get("FullyCharged") is True else "Not charging"
    else:
        status = "Discharging"
    return (
        Supply(name="AC", kind="Mains", online=online),
        Supply(
            name="battery",
            kind="Battery",
            present=gauge.get("BatteryInstalled") is not False,
            status=status,
            percent=100 * shown / of if shown is not None and of and 0 <= shown <= of else None,
            charge_now=now / 1000 if now is not None else None,
            charge_full=full / 1000 if full is not None else None,
            voltage=volts / 1000 if volts is not None else None,
            current=abs(milliamperes) / 1000 if milliamperes is not None else None,
        ),
    )


def volume_settings(output: str) -> Loudness:
    """Return what AppleScript's `get volume settings` says of the output."""
    volume = re.search(r"\boutput volume:(\d{1,3})\b", output)
    muted = re.search(r"\boutput muted:(true|false)\b", output)
    return Loudness(muted=muted[1] == "true" if muted else None, volume=float(volume[1]) if volume else None)


def pmset_supplies(output: str) -> tuple[Supply, ...] | None:
    """Return what `pmset -g batt` says, in Linux's words: less, but always there; None if it says nothing."""
    source = re.search(r"Now drawing from '(AC|Battery|UPS) Power'", output[: files.SIZE_LIMIT])
    if source is None:
        return None
    mains = Supply(name="AC", kind="Mains", online=source[1] == "AC")
    match = _BATTERY.search(output[: files.SIZE_LIMIT])
    if match is None:
        return (mains,)
    words = {
        "charging": "Charging",
        "discharging": "Discharging",
        "charged": "Full",
        "finishing charge": "Charging",
    }
    return (
        mains,
        Supply(
            name="battery",
            kind="Battery",
            present="present: false" not in output,
            status=words.get(match[2].strip(), "Not charging" if mains.online else "Unknown"),
            percent=float(match[1]),
        ),
    )


def pmset_sleep(output: str, source: str) -> float | None:
    """Return the seconds before sleep on a source, from what `pmset -g custom` prints in minutes.

    A Mac sleeps by itself only once its display is off: IOPMrootDomain looks at the minutes without a touch
    when the display has gone to sleep (getTimeToIdleSleep in IOPMrootDomain.cpp), so that the longer of the
    two settings counts, and either of them can say never.
    """
    _, found, after = output.partition(f"{source}:")
    section = re.split(r"^\S.*:$", after, maxsplit=1, flags=re.MULTILINE)[0]
    minutes = {name: int(number) for name, number in _SLEEP.findall(section)} if found else {}
    if "sleep" not in minutes:
        return None
    return 0.0 if 0 in minutes.values() else max(minutes.values()) * 60.0


def _parse_flag(found: re.Match[str] | None) -> bool | None:
    return None if found is None else found[1] == "1"


def _chosen_handler(choices: object, scheme: str) -> str:
    """Return the identifier, in small letters, that the person chose for a scheme; nothing if none."""
    for entry in choices if isinstance(choices, list) else ():
        if isinstance(entry, dict) and entry.get("LSHandlerURLScheme") == scheme:
            chosen = _text_or_empty(entry.get("LSHandlerRoleAll") or entry.get("LSHandlerRoleViewer"))
            # "-" stands for no choice.
            return chosen.lower() if chosen != "-" else ""
    return ""


def _claimed_schemes(info: Mapping[str, Any]) -> set[str]:
    kinds = info.get("CFBundleURLTypes")
    schemes = (kind.get("CFBundleURLSchemes") for kind in _list_or_empty(kinds) if isinstance(kind, dict))
    return {scheme.lower() for some in schemes for scheme in _list_or_empty(some) if isinstance(scheme, str)}


def _list_or_empty(value: object) -> list[Any]:
    return value[:200] if isinstance(value, list) else []


def _text_or_empty(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number_or_none(value: object) -> int | None:
    within = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= UNSIGNED_RANGE
    return cast("int", value) if within else None
