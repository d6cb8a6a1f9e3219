"""Windows: what its registry and its power manager tell."""

import ntpath
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from preflight.captures import Handler, Program, Supply, Uplink
from preflight.platforms.system import Device, Loudness, Machine, Permission

UNINSTALL = (
    r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall",
)
ZOOM_PLACES = (
    r"%APPDATA%\Zoom\bin\Zoom.exe",
    r"%ProgramFiles%\Zoom\bin\Zoom.exe",
    r"%ProgramFiles(x86)%\Zoom\bin\Zoom.exe",
)
"""Where Zoom's installers put it: for one person, for all, for all on 32 bits."""
CLIENTS = tuple(rf"{hive}\SOFTWARE\Clients\StartMenuInternet" for hive in ("HKCU", "HKLM"))
"""Every browser registers here (Microsoft, "Registering programs with client types")."""
CLASSES = (r"HKCU\Software\Classes", r"HKLM\SOFTWARE\Classes")
ASSOCIATIONS = r"HKCU\Software\Microsoft\Windows\Shell\Associations\UrlAssociations"
CHOICES = (r"UserChoiceLatest\ProgId", "UserChoice")
"""Where a choice is kept: since 24H2 of Windows 11 in the former, beside which the other may be stale."""
CONSENT = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore"
POLICIES = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\AppPrivacy"
CURRENT_VERSION = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
PROCESSOR = r"HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor\0"
ENVIRONMENT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
SCHEMES = r"HKLM\SYSTEM\CurrentControlSet\Control\Power\User\PowerSchemes"
SETTINGS = r"HKLM\SYSTEM\CurrentControlSet\Control\Power\PowerSettings"
SLEEP_IDLE = r"238c9fa8-0aad-41ed-83f4-97be242c8f20\29f6c1db-86da-48c5-9fdb-f2b67b1f44da"
"""GUID_SLEEP_SUBGROUP and GUID_STANDBY_TIMEOUT of winnt.h."""
RESTARTS = (
    (r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update", "RebootRequired"),
    (r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing", "RebootPending"),
)
"""Keys that are there until the computer was started anew."""
BIOS = r"HKLM\HARDWARE\DESCRIPTION\System\BIOS"
_BIOS = ("SystemManufacturer", "SystemProductName")
_HYPERVISORS = ("qemu", "vmware", "virtualbox", "virtual machine", "parallels", "kvm")
WINDOWS_11 = 22000
"""The first build of Windows 11, whose ProductName still reads "Windows 10"."""
ETHERNET, WIFI, PROP_VIRTUAL, TUNNEL = 6, 71, 53, 131
"""IF_TYPE_ETHERNET_CSMACD, IF_TYPE_IEEE80211, IF_TYPE_PROP_VIRTUAL (Wintun, WireGuard) and IF_TYPE_TUNNEL."""
MODEMS = frozenset((243, 244))
"""IF_TYPE_WWANPP and IF_TYPE_WWANPP2."""
BLUETOOTH = 10
"""NdisPhysicalMediumBluetooth."""
_VPNS = re.compile(
    r"\bVPN|TAP-|Wintun|WireGuard|AnyConnect|Fortinet|PANGP|SonicWall|Juniper|Pulse Secure", re.IGNORECASE
)
"""Adapters that call themselves Ethernet, and are none."""
_PHONES = re.compile(r"Remote NDIS|Apple Mobile Device", re.IGNORECASE)
"""A phone that shares its network by cable."""
UNRESTRICTED, FIXED, VARIABLE = 1, 2, 4
"""NLM_CONNECTION_COST of netlistmgr.h, in its lowest bits."""
UNKNOWN = 0xFFFFFFFF
"""What stands for an unknown capacity or time in SYSTEM_BATTERY_STATE and SYSTEM_POWER_STATUS."""
UNKNOWN_RATE = 0x80000000
NO_BATTERY = 128
CHARGING = 8
UNKNOWN_BYTE = 255
_FORCE_DENY = 2
_VERSIONS = {
    "brave.exe": ((r"HKCU\Software\BraveSoftware\Brave-Browser\BLBeacon", "version"),),
    "chrome.exe": ((r"HKCU\Software\Google\Chrome\BLBeacon", "version"),),
    "msedge.exe": ((r"HKCU\Software\Microsoft\Edge\BLBeacon", "version"),),
    "firefox.exe": tuple(
        (rf"{hive}\SOFTWARE\Mozilla\Mozilla Firefox", "CurrentVersion") for hive in ("HKCU", "HKLM")
    ),
}
_CONSENT_NAMES = {Device.CAMERA: "webcam", Device.MICROPHONE: "microphone"}
_POLICY_NAMES = {Device.CAMERA: "LetAppsAccessCamera", Device.MICROPHONE: "LetAppsAccessMicrophone"}
_VARIABLE = re.compile(r"%([^%\\/:]{1,60})%")


class Registry(Protocol):
    """The registry, read only. Keys are written in full: "HKCU" or "HKLM", then the path."""

    def values(self, key: str, /) -> Mapping[str, str | int]:
        """Return the text and number values of a key by name, "" for the default; none if it is not there."""

    def keys(self, key: str, /) -> tuple[str, ...]:
        """Return the names of the keys below a key; none if it is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerState:
    """SYSTEM_POWER_STATUS and SYSTEM_BATTERY_STATE, as Windows fills them."""

    ac_line: int
    """0 offline, 1 online, 255 unknown."""
    flag: int
    """8 charging, 128 no battery, 255 unknown."""
    percent: int
    """255 unknown."""
    discharging: bool
    capacity: int
    """mWh when full, as `remaining`; 0 or 0xFFFFFFFF unknown."""
    remaining: int
    rate: int
    """mW into the battery, negative out of it; 0x80000000 unknown."""
    saver: int = 0
    """1 where the battery saver is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """What MIB_IF_ROW2 says of a network interface."""

    type: int
    """IFTYPE of ipifcons.h."""
    medium: int
    """NDIS_PHYSICAL_MEDIUM of ntddndis.h."""
    hardware: bool
    description: str
    """As its maker calls it; it is never handed on."""


def _own_programs() -> tuple[str, ...]:
    """Return this program's file; in a virtual environment also the Python that it starts."""
    return (sys.executable, getattr(sys, "_base_executable", sys.executable))


@dataclass(frozen=True, slots=True)
class Windows:
    """The Windows that a registry and a tree of files describe."""

    registry: Registry
    exists: Callable[[str], bool] = ntpath.isfile
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    power: Callable[[], PowerState | None] = lambda: None
    volume: Callable[[], Loudness] = Loudness
    own_programs: tuple[str, ...] = field(default_factory=_own_programs)
    """The files that this program may be known by."""
    remote: Callable[[], bool | None] = lambda: None
    adapter: Callable[[str], Adapter | None] = lambda _: None
    cost: Callable[[], int | None] = lambda: None

    @property
    def name(self) -> str:
        """Return "windows"."""
        return "windows"

    @property
    def asks_permission(self) -> bool:
        """Return False: Windows puts no question to the person for a desktop program."""
        return False

    def supplies(self) -> tuple[Supply, ...] | None:
        """Ask GetSystemPowerStatus and CallNtPowerInformation."""
        state = self.power()
        return None if state is None else supplies_of_state(state)

    def machine(self) -> Machine:
        """Read the names and the active power plan from the registry."""
        current = self.registry.values(CURRENT_VERSION)
        build = _number_or_none(current.get("CurrentBuildNumber"))
        name = _text_or_empty(current.get("ProductName")) or "Windows"
        if build is not None and build >= WINDOWS_11:
            name = name.replace("Windows 10", "Windows 11")
        major = _number_or_none(current.get("CurrentMajorVersionNumber"))
        minor = _number_or_none(current.get("CurrentMinorVersionNumber"))
        # Windows 8.1 and older have the one text alone ("6.3").
        kernel = (
            f"{major}.{minor or 0}" if major is not None else _text_or_empty(current.get("CurrentVersion"))
        )
        architecture = _text_or_empty(self.registry.values(ENVIRONMENT).get("PROCESSOR_ARCHITECTURE"))
        return Machine(
            os_name=name[:100],
            os_version=f"{kernel}.{build}" if kernel and build is not None else kernel,
            architecture={"AMD64": "x86_64", "ARM64": "arm64"}.get(architecture.upper(), architecture),
            processor=_text_or_empty(self.registry.values(PROCESSOR).get("ProcessorNameString")).strip()[
                :100
            ],
            sleep_mains_s=self._sleep_seconds("AC"),
            sleep_battery_s=self._sleep_seconds("DC"),
            saver=bool(state.saver) if (state := self.power()) else None,
            restart=any(name in self.registry.keys(key) for key, name in RESTARTS),
            remote=self.remote(),
            virtual=any(
                word in _text_or_empty(bios.get(name)).lower() for name in _BIOS for word in _HYPERVISORS
            )
            if (bios := self.registry.values(BIOS))
            else None,
        )

    def programs(self) -> tuple[Program, ...]:
        """Return what Uninstall lists with Zoom in its name, Zoom's usual places, and the browsers."""
        listed = list(self._installed_zoom())
        seen = {program.program.lower() for program in listed}
        found = [
            Program(place=place, name="Zoom", program=path, exists=True)
            for place in ZOOM_PLACES
            if self._exists_expanded(place)
            and (path := self._shorten_home(self._expand_variables(place))).lower() not in seen
        ]
        return (*listed, *found, *self._browsers())

    def handlers(self) -> tuple[Handler, ...]:
        """Return what the person chose for a scheme, else what the class of its name starts."""
        found = []
        for scheme in ("https", "zoommtg"):
            chosen = self._chosen_class(scheme)
            if package := self._store_package(chosen):
                found.append(Handler(scheme=scheme, place=chosen[:100], program=package, exists=True))
                continue
            for place in (chosen, scheme):
                command = self._open_command(place) if place else ""
                if command:
                    program = program_of_command(command)
                    found.append(
                        Handler(
                            scheme=scheme,
                            place=place[:100],
                            program=self._shorten_home(program),
                            exists=self.exists(program),
                        )
                    )
                    break
        return tuple(found)

    def loudness(self) -> Loudness:
        """Ask Core Audio for the master volume of the default output."""
        return self.volume()

    def uplink(self, interface: str) -> Uplink:
        """Ask GetIfEntry2 for the adapter, and the Network List Manager for the cost."""
        return uplink_of_adapter(self.adapter(interface), self.cost())

    def permission(self, device: Device) -> Permission:
        """Read what desktop programs may do: a policy, the computer's switch, the person's two switches."""
        if self.registry.values(POLICIES).get(_POLICY_NAMES[device]) == _FORCE_DENY:
            return Permission.DENIED
        name = _CONSENT_NAMES[device]
        switches = (
            rf"HKLM\{CONSENT}\{name}",
            rf"HKCU\{CONSENT}\{name}",
            rf"HKCU\{CONSENT}\{name}\NonPackaged",
        )
        answers = [_text_or_empty(self.registry.values(switch).get("Value")) for switch in switches]
        if "Deny" in answers:
            return Permission.DENIED
        if "Prompt" in answers:
            return Permission.NOT_ASKED
        return Permission.ALLOWED if "Allow" in answers else Permission.UNKNOWN

    @property
    def permission_asker(self) -> str:
        """Return an empty text: no question is asked in anybody's name."""
        return ""

    def cameras(self) -> None:
        """Return None: OpenCV and the list of cameras have one order."""
        return

    def programs_using(self, device: Device) -> tuple[str, ...]:
        """Return the programs whose last use has begun and not ended; a crash may leave one behind."""
        found = set()
        own = {path.lower().replace("\\", "#") for path in self.own_programs}
        for hive in ("HKCU", "HKLM"):
            base = rf"{hive}\{CONSENT}\{_CONSENT_NAMES[device]}"
            for folder in (base, rf"{base}\NonPackaged"):
                for key in self.registry.keys(folder):
                    used = self.registry.values(rf"{folder}\{key}")
                    if used.get("LastUsedTimeStop") != 0 or not used.get("LastUsedTimeStart"):
                        continue
                    if key.lower() not in own:
                        found.add(_program_name(key)[:40])
        return tuple(sorted(found))

    def _installed_zoom(self) -> Iterator[Program]:
        for folder in UNINSTALL:
            for key in self.registry.keys(folder):
                entry = self.registry.values(rf"{folder}\{key}")
                name = _text_or_empty(entry.get("DisplayName"))
                if "zoom" not in f"{key} {name}".lower():
                    continue
                program = self._zoom_program(entry, of_person=folder.startswith("HKCU"))
                yield Program(
                    place=rf"{folder}\{key}"[:300],
                    name=name[:100],
                    maker=_text_or_empty(entry.get("Publisher"))[:100],
                    version=_text_or_empty(entry.get("DisplayVersion"))[:40],
                    program=self._shorten_home(program),
                    exists=bool(program) and self.exists(program),
                )

    def _zoom_program(self, entry: Mapping[str, str | int], *, of_person: bool) -> str:
        """Return the program that an entry of Uninstall stands for, one that is there before one that is not.

        The .msi names no folder; then the usual places of the same scope stand in, if Zoom made it.
        """
        icon = (
            self._expand_variables(_text_or_empty(entry.get("DisplayIcon")))
            .strip('"')
            .rsplit(",", 1)[0]
            .strip('"')
        )
        folder = self._expand_variables(_text_or_empty(entry.get("InstallLocation"))).strip('"').rstrip("\\")
        named = [icon] if icon.lower().endswith(".exe") and "\\installer\\" not in icon.lower() else []
        if folder:
            named += [rf"{folder}\Zoom.exe", rf"{folder}\bin\Zoom.exe"]
        if not named and _text_or_empty(entry.get("Publisher")).startswith("Zoom"):
            named = [
                self._expand_variables(place) for place in (ZOOM_PLACES[:1] if of_person else ZOOM_PLACES[1:])
            ]
        return next((path for path in named if self.exists(path)), named[0] if named else "")

    def _browsers(self) -> Iterator[Program]:
        for folder in CLIENTS:
            for key in self.registry.keys(folder):
                place = rf"{folder}\{key}"
                program = program_of_command(
                    self._expand_variables(
                        _text_or_empty(self.registry.values(rf"{place}\shell\open\command").get(""))
                    )
                )
                places = _VERSIONS.get(ntpath.basename(program).lower(), ())
                texts = (_text_or_empty(self.registry.values(where).get(value)) for where, value in places)
                version = next((text for text in texts if text), "")
                claimed = self.registry.values(rf"{place}\Capabilities\URLAssociations")
                yield Program(
                    place=place[:300],
                    name=(_text_or_empty(self.registry.values(place).get("")) or key)[:100],
                    version=version[:40],
                    program=self._shorten_home(program),
                    exists=bool(program) and self.exists(program),
                    schemes=tuple(scheme for scheme in ("https", "http") if scheme in claimed),
                )

        if package := self._store_package(chosen := self._chosen_class("https")):
            name, _, rest = package.partition("_")
            yield Program(
                place=chosen[:300],
                name=name[:100],
                version=rest.partition("_")[0][:40],
                program=package,
                exists=True,
                schemes=("https", "http"),
            )

    def _chosen_class(self, scheme: str) -> str:
        kept = (
            self.registry.values(rf"{ASSOCIATIONS}\{scheme}\{choice}").get("ProgId") for choice in CHOICES
        )
        return next((text for name in kept if (text := _text_or_empty(name))), "")

    def _store_package(self, name: str) -> str:
        """Return the package that a class starts, of a program from the Store; nothing if it starts none.

        Such a class has no command, and goes when its program is removed.
        """
        packages = (self.registry.values(rf"{base}\{name}\Shell\open").get("PackageId") for base in CLASSES)
        return next((text[:300] for package in packages if name and (text := _text_or_empty(package))), "")

    def _open_command(self, name: str) -> str:
        """Return the open command of a class, the person's own before the computer's."""
        commands = (self.registry.values(rf"{base}\{name}\shell\open\command").get("") for base in CLASSES)
        return self._expand_variables(
            next((text for command in commands if (text := _text_or_empty(command))), "")
        )

    def _exists_expanded(self, place: str) -> bool:
        path = self._expand_variables(place)
        return "%" not in path and self.exists(path)

    def _expand_variables(self, text: str) -> str:
        """Return a text with %NAME% replaced, whatever the letters' case, as Windows does."""
        known = {name.upper(): value for name, value in self.environ.items()}
        return _VARIABLE.sub(lambda match: known.get(match[1].upper(), match[0]), text)

    def _shorten_home(self, path: str) -> str:
        home = self.environ.get("USERPROFILE", "").rstrip("\\")
        inside = bool(home) and path.lower().startswith(home.lower() + "\\")
        return ("~" + path[len(home) :] if inside else path)[:300]

    def _sleep_seconds(self, source: str) -> float | None:
        scheme = _text_or_empty(self.registry.values(SCHEMES).get("ActivePowerScheme"))
        places = (
            rf"{SCHEMES}\{scheme}\{SLEEP_IDLE}",
            # Where a plan leaves it as it came, its value is the plan's default.
            rf"{SETTINGS}\{SLEEP_IDLE}\DefaultPowerSchemeValues\{scheme}",
        )
        indices = (self.registry.values(place).get(f"{source}SettingIndex") for place in places if scheme)
        seconds = next((value for value in indices if isinstance(value, int)), None)
        return None if seconds is None or seconds == UNKNOWN else float(seconds)


def supplies_of_state(state: PowerState) -> tuple[Supply, ...]:
    """Return what the power manager's numbers say, in Linux's words."""
    online = {0: False, 1: True}.get(state.ac_line)
    mains = Supply(name="AC", kind="Mains", online=online)
    known_flag = state.flag != UNKNOWN_BYTE
    if known_flag and state.flag & NO_BATTERY:
        return (mains,)
    rate = state.rate & UNKNOWN
    signed = rate - (UNKNOWN + 1) if rate > UNKNOWN_RATE else rate
    if known_flag and state.flag & CHARGING and signed >= 0:
        status = "Charging"
    elif state.discharging or online is False or signed < 0:
        status = "Discharging"
    else:
        status = "Not charging" if online else "Unknown"
    return (
        mains,
        Supply(
            name="battery",
            kind="Battery",
            present=True if known_flag else None,
            status=status,
            percent=float(state.percent) if 0 <= state.percent <= 100 else None,  # noqa: PLR2004 - percent
            energy_now=_from_milli(state.remaining) if state.capacity not in {0, UNKNOWN} else None,
            energy_full=_from_milli(state.capacity) if state.capacity != 0 else None,
            power=None if rate == UNKNOWN_RATE else abs(signed) / 1000,
        ),
    )


def uplink_of_adapter(adapter: Adapter | None, cost: int | None) -> Uplink:
    """Return what kind of way out an adapter is.

    Of one that is not hardware nothing is claimed, unless it says itself that it is a VPN's: it may
    be a bridge for virtual machines. Nor of PPP, which is a VPN or a modem.
    """
    metered = None
    if cost is not None and cost & (UNRESTRICTED | FIXED | VARIABLE):
        metered = bool(cost & (FIXED | VARIABLE))
    if adapter is None:
        return Uplink(metered=metered)
    if adapter.type in {PROP_VIRTUAL, TUNNEL} or (not adapter.hardware and _VPNS.search(adapter.description)):
        return Uplink(tunnel=True, metered=metered)
    wireless = adapter.type == WIFI
    mobile = (
        adapter.type in MODEMS
        or adapter.medium == BLUETOOTH
        or bool(adapter.hardware and _PHONES.search(adapter.description))
    )
    known = wireless or mobile or (adapter.type == ETHERNET and adapter.hardware)
    return Uplink(
        wireless=wireless if known else None,
        mobile=mobile if known else None,
        tunnel=False if known else None,
        metered=metered,
    )


def _program_name(key: str) -> str:
    """Return the program's name of C:#Program Files#Zoom#bin#Zoom.exe, or of Name_makershash."""
    return key.rpartition("#")[2] if "#" in key else key.partition("_")[0]


def program_of_command(command: str) -> str:
    """Return the program of a command line: what stands in quotes, or all up to the first ".exe"."""
    command = command.strip()[:2000]
    if command.startswith('"'):
        return command[1:].partition('"')[0]
    match = re.match(r"[^\"<>|]{0,400}?\.exe(?=\s|$|,)", command, re.IGNORECASE)
    return match[0] if match else command.partition(" ")[0]


def _from_milli(milli: int) -> float | None:
    return None if milli == UNKNOWN else milli / 1000


def _text_or_empty(value: str | int | None) -> str:
    return value if isinstance(value, str) else ""


def _number_or_none(value: str | int | None) -> int | None:
    if isinstance(value, str):
        return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None
    return value
