"""Linux: sysfs, /proc, desktop entries, flatpak and snap."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from preflight.captures import Handler, Program, Supply, Uplink
from preflight.platforms import files, programs
from preflight.platforms.desktop import Desktop, Entry, parse_key_file
from preflight.platforms.launchers import flatpak_id, resolve_command, snap_name
from preflight.platforms.system import Device, Loudness, Machine, Permission, ProgramRunner

SUPPLIES = "/sys/class/power_supply"
SCHEMES = ("https", "http", "zoommtg")
ZOOM_FOLDER = "/opt/zoom"
"""Where Zoom's .deb and .rpm put it."""
ZOOM_SNAP, ZOOM_FLATPAK = "zoom-client", "us.zoom.Zoom"
_SNAP_PLUGS = {"camera": "camera", "microphone": "audio-record"}
FIREJAIL = "firejail"
EVERYWHERE = frozenset(("bash", "env", "exec", "nice", "nohup", "sh"))
"""Launchers that each Linux has, the shell's own word among them: they are not looked for."""
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games:/snap/bin"
_SCHEME = "x-scheme-handler/"
_GSETTINGS = "org.gnome.settings-daemon.plugins.power"
_GNOME_LIKE = frozenset(("gnome", "unity", "ubuntu", "pop", "budgie"))
_RELEASE = re.compile(r'<release\b[^>]{0,400}?\bversion="([^"]{1,40})"')
_SPAN = re.compile(r"(\d+)\s*(min|m|s|h|sec|seconds|minutes|hours)?\b")
_SPAN_S = {"h": 3600, "hours": 3600, "m": 60, "min": 60, "minutes": 60}
_NUMBER = re.compile(r"-?\d{1,18}")
_SUPPLY = re.compile(r"[A-Z]{2,5}\d{0,2}")
"""The names that the computer's own firmware gives (ACPI): BAT0, AC, ADP1."""

NETWORKS = "/sys/class/net"
_ARPHRD_ETHER = "1"
_TUNNELS = frozenset(("768", "778", "65534"))
"""Of if_arp.h: IP in IP, GRE, and what has no hardware, as OpenVPN's and WireGuard's devices."""
_PHONES = frozenset(
    ("bnep", "cdc_mbim", "huawei_cdc_ncm", "ipheth", "qmi_wwan", "rndis_host", "sierra_net", "wwan")
)
"""Drivers of mobile modems, and of phones that share their network by cable or Bluetooth."""
_GUESTS = frozenset(("hv_netvsc", "virtio_net", "vmxnet3", "xen-netfront", "vif"))
"""Drivers of virtual machines: the computer around it may well be on Wi-Fi."""
_NETWORK_MANAGER = (
    *("busctl", "--auto-start=no", "--timeout=2", "get-property", "org.freedesktop.NetworkManager"),
    *("/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager", "Metered"),
)
_METERED = {"u 1": True, "u 2": False, "u 3": True, "u 4": False}
"""NMMetered: yes, no, and both as guesses."""
_REMOTE = frozenset(("SSH_CONNECTION", "XRDP_SESSION", "X2GO_SESSION"))
"""Set in a session that is used from another computer."""
_SERVERS = frozenset(("PULSE_SERVER", "PIPEWIRE_REMOTE"))
"""Name a sound server that is not this person's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _LaunchTarget:
    """The program that a desktop entry starts."""

    command: tuple[str, ...]
    """The program behind all launchers as it is named, and its arguments."""
    program: str
    """Its path with links followed, or its name where it is not there."""
    exists: bool | None
    """None: it starts where this program cannot look."""

    @property
    def name(self) -> str:
        return self.command[0] if self.command else ""


@dataclass(frozen=True, slots=True)
class Linux:
    """The Linux whose files lie below `root`."""

    root: Path = Path("/")
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    run: ProgramRunner = programs.output
    libc: tuple[str, str] = field(default_factory=platform.libc_ver)
    architecture: str = field(default_factory=platform.machine)

    @property
    def name(self) -> str:
        """Return "linux"."""
        return "linux"

    @property
    def asks_permission(self) -> bool:
        """Return False: Linux puts no question to the person."""
        return False

    def supplies(self) -> tuple[Supply, ...] | None:
        """Read /sys/class/power_supply (Documentation/ABI/testing/sysfs-class-power)."""
        if not self._path("/sys/class").is_dir():
            return None
        found = (
            self._read_supply(f"{SUPPLIES}/{name}", name)
            for name in files.list_folder(self._path(SUPPLIES), limit=64)
        )
        return tuple(supply for supply in found if supply is not None)

    def machine(self) -> Machine:
        """Read os-release, cpuinfo, GNOME's settings and logind's."""
        release = _parse_assignments(
            self._read_text("/etc/os-release") or self._read_text("/usr/lib/os-release")
        )
        described = _parse_assignments(self._read_text("/proc/cpuinfo", 1 << 22).replace(":", "="))
        mains, battery = self._sleep_seconds()
        return Machine(
            os_name=release.get("PRETTY_NAME", "Linux")[:100],
            os_version=self.libc[1] if self.libc[0] == "glibc" else "",
            architecture=self.architecture,
            processor=(described.get("model name") or described.get("Model") or "")[:100],
            sleep_mains_s=mains,
            sleep_battery_s=battery,
            saver=self._is_saving_power(),
            restart=files.resolve(self.root, "/run/reboot-required") is not None,
            remote=bool(self.environ.keys() & _REMOTE),
            virtual=self._is_virtual(described),
        )

    def _is_saving_power(self) -> bool | None:
        """Read the profile of the firmware (Documentation/ABI/testing/sysfs-platform_profile)."""
        profile = self._read_text("/sys/firmware/acpi/platform_profile", 4096).strip()
        return profile in {"low-power", "quiet"} if profile else None

    def _is_virtual(self, described: Mapping[str, str]) -> bool | None:
        """Look for the flag by which a hypervisor tells its guests of itself."""
        flags = described.get("flags", "").split()
        return "hypervisor" in flags if flags else None

    def programs(self) -> tuple[Program, ...]:
        """Return the desktop entries that claim https or zoommtg, and Zoom's own folder."""
        known = self._desktop().entries().values()
        programs = [self._program(entry) for entry in known if _claimed_schemes(entry)]
        usable = [program.program for program in programs if program.exists]
        if not any(program.startswith(f"{ZOOM_FOLDER}/") for program in usable):
            programs += self._zoom_without_entry()
        return tuple(programs)

    def handlers(self) -> tuple[Handler, ...]:
        """Return the entries that open https and zoommtg links, among those that can be started."""
        desktop = self._desktop()
        known = desktop.entries()
        started = {name: self._launch_target(entry) for name, entry in known.items()}
        usable = {
            name: entry
            for name, entry in known.items()
            if started[name].exists is not False and not entry.terminal
        }
        found: list[Handler] = []
        for scheme in ("https", "zoommtg"):
            entry = desktop.default_entry(_SCHEME + scheme, usable) or desktop.default_entry(
                _SCHEME + scheme, known
            )
            if entry is not None:
                found.append(
                    Handler(
                        scheme=scheme,
                        place=self._shorten_home(entry.path),
                        program=self._shorten_home(started[entry.id].program),
                        exists=started[entry.id].exists if entry.id in usable else False,
                    )
                )
        return tuple(found)

    def loudness(self) -> Loudness:
        """Return nothing: a sound server tells, where there is one."""
        return Loudness()

    def uplink(self, interface: str) -> Uplink:
        """Read /sys/class/net (Documentation/ABI/testing/sysfs-class-net), and ask NetworkManager."""
        folder = f"{NETWORKS}/{interface}"
        kind = _parse_assignments(self._read_text(f"{folder}/uevent", 4096)).get("DEVTYPE", "")
        hardware = self._read_text(f"{folder}/type", 4096).strip()
        driver = getattr(files.resolve(self.root, f"{folder}/device/driver"), "name", "")
        metered = _METERED.get(self.run(_NETWORK_MANAGER).decode("utf-8", "replace").strip())
        physical = self._path(f"{folder}/device").exists()
        has_tunnel = (
            kind == "wireguard" or hardware in _TUNNELS or self._path(f"{folder}/tun_flags").is_file()
        )
        # A modem may carry bare IP too.
        if has_tunnel and not physical:
            return Uplink(tunnel=True, metered=metered)
        if not physical or driver in _GUESTS:
            # A bridge, a container, PPP: what lies beneath may be anything.
            return Uplink(metered=metered)
        wireless = kind == "wlan" or self._path(f"{folder}/wireless").is_dir()
        mobile = kind in {"wwan", "bluetooth"} or driver in _PHONES
        known = wireless or mobile or hardware == _ARPHRD_ETHER
        return Uplink(
            wireless=wireless if known else None,
            mobile=mobile if known else None,
            tunnel=False,
            metered=metered,
        )

    def permission(self, device: Device) -> Permission:
        """Ask whether a device node, or the sound server before it, can be opened."""
        if device is Device.MICROPHONE and (self.environ.keys() & _SERVERS):
            # Anywhere, and it may not answer.
            return Permission.UNKNOWN
        if device is Device.MICROPHONE and self._has_sound_server():
            return Permission.ALLOWED
        nodes = self._device_nodes(device)
        if not nodes:
            return Permission.UNKNOWN
        allowed = any(files.is_accessible(node, os.R_OK | os.W_OK) for node in nodes)
        return Permission.ALLOWED if allowed else Permission.DENIED

    @property
    def permission_asker(self) -> str:
        """Return an empty text: no question is asked in anybody's name."""
        return ""

    def cameras(self) -> None:
        """Return None: OpenCV and the list of cameras have one order."""
        return

    def programs_using(self, device: Device) -> tuple[str, ...]:
        """Look for the device's nodes among the open files of those processes that may be seen."""
        nodes = {f"/dev/{node.relative_to(self._path('/dev'))}" for node in self._device_nodes(device)}
        found: set[str] = set()
        for process in files.list_folder(self._path("/proc"), limit=8192):
            if not process.isdigit() or int(process) == os.getpid() or not nodes:
                continue
            folder = self.root / "proc" / process
            if any(
                files.link_target(folder / "fd" / number) in nodes
                for number in files.list_folder(folder / "fd", 512)
            ):
                found.add(files.read_text(folder / "comm").strip()[:40] or process)
        return tuple(sorted(found))

    def _path(self, path: str) -> Path:
        return files.path_inside(self.root, path)

    def _read_text(self, path: str, limit: int = files.SIZE_LIMIT) -> str:
        return files.read_text(self._path(path), limit)

    @property
    def _home(self) -> str:
        return self.environ.get("HOME", "").rstrip("/") or "/nonexistent"

    def _shorten_home(self, path: str) -> str:
        return "~" + path[len(self._home) :] if path.startswith(self._home + "/") else path

    def _desktop(self) -> Desktop:
        return Desktop(root=self.root, environ=self.environ, home=self._home)

    def _read_supply(self, folder: str, name: str) -> Supply | None:
        def attribute_text(attribute: str) -> str:
            return self._read_text(f"{folder}/{attribute}", 4096).strip()

        def number(attribute: str, per: float) -> float | None:
            match = _NUMBER.fullmatch(attribute_text(attribute))
            return abs(int(match[0])) / per if match else None

        kind = attribute_text("type")
        if kind != "Battery":
            kind = "USB" if kind.startswith("USB") else "Mains" if kind in {"Mains", "Wireless"} else ""
        if not kind:
            return None
        return Supply(
            # Others hold the address or the serial number of a keyboard or a headset.
            name=name if _SUPPLY.fullmatch(name) else kind.lower(),
            kind=kind,
            scope=attribute_text("scope")[:20],
            present=_parse_flag(attribute_text("present")),
            # 2 is a charger of USB-C that gives the voltage asked for (PPS).
            online={"0": False, "1": True, "2": True}.get(attribute_text("online")),
            status=attribute_text("status")[:20],
            percent=number("capacity", 1),
            energy_now=number("energy_now", 1e6),
            energy_full=number("energy_full", 1e6),
            charge_now=number("charge_now", 1e6),
            charge_full=number("charge_full", 1e6),
            voltage=number("voltage_now", 1e6),
            voltage_design=number("voltage_min_design", 1e6),
            power=number("power_now", 1e6),
            current=number("current_now", 1e6),
        )

    def _program(self, entry: Entry) -> Program:
        started = self._launch_target(entry)
        maker, version = self._package_version(started)
        return Program(
            place=self._shorten_home(entry.path),
            name=entry.name,
            maker=maker,
            version=version[:40],
            program=self._shorten_home(started.program),
            exists=started.exists,
            schemes=_claimed_schemes(entry),
            hd=self._sends_hd(maker, started),
            withheld=self._withheld_devices(maker) if maker == ZOOM_SNAP else (),
        )

    def _sends_hd(self, package: str, started: _LaunchTarget) -> bool | None:
        """Read the settings that Zoom keeps, in its package's own folder; None where it has none as yet."""
        folder = {
            ZOOM_SNAP: f"{self._home}/snap/{ZOOM_SNAP}/current/.config",
            ZOOM_FLATPAK: f"{self._home}/.var/app/{ZOOM_FLATPAK}/config",
        }.get(package, self.environ.get("XDG_CONFIG_HOME") or f"{self._home}/.config")
        if package not in {ZOOM_SNAP, ZOOM_FLATPAK} and not started.program.startswith(f"{ZOOM_FOLDER}/"):
            return None
        settings = parse_key_file(self._read_text(f"{folder}/zoomus.conf")).get("General", {})
        return {"true": True, "false": False}.get(settings.get("captureHDCamera", "").lower())

    def _withheld_devices(self, snap: str) -> tuple[str, ...]:
        """Ask snapd which of its plugs lead nowhere: interface, plug, slot or "-", notes."""
        listed = self.run(("snap", "connections", snap)).decode("utf-8", "replace")
        rows = [words for line in listed.splitlines() if len(words := line.split()) >= 3]  # noqa: PLR2004 - as above
        loose = {plug.removeprefix(f"{snap}:") for _, plug, slot, *_ in rows if slot == "-"}
        return tuple(device for device, plug in _SNAP_PLUGS.items() if plug in loose)

    def _zoom_without_entry(self) -> list[Program]:
        program = f"{ZOOM_FOLDER}/ZoomLauncher"
        if not self._is_executable(program):
            return []
        version = self._read_text(f"{ZOOM_FOLDER}/version.txt", 4096).strip()
        bare = _LaunchTarget(command=(program,), program=program, exists=True)
        return [
            Program(
                place=ZOOM_FOLDER,
                name="Zoom",
                version=version[:40],
                program=program,
                exists=True,
                hd=self._sends_hd("", bare),
            )
        ]

    def _launch_target(self, entry: Entry) -> _LaunchTarget:
        """Return the program of an entry, and whether it can be started."""
        launch = resolve_command(entry.command, lambda word: bool(self._find_program(word)))
        named = launch.command[0] if launch.command else ""
        path = self._find_program(named, launch.folder)
        target = files.resolve(self.root, path) if path else None
        if target is not None and target.name == FIREJAIL and PurePosixPath(named).name != FIREJAIL:
            # Called by a link of another name, it starts the next program of that name.
            path, target = self._program_behind_firejail(PurePosixPath(named).name)
        # Every program of a snap is a link to snap itself.
        program = named if target is None or target.name == "snap" else str(target)
        exists: bool | None = bool(path)
        if launch.elsewhere or (not path and launch.guessed):
            exists = None
        package = flatpak_id(launch.command) or snap_name(launch.command)
        needed = [*launch.launchers, *([entry.try_exec] if entry.try_exec else [])]
        if (
            not named
            or not all(
                self._find_program(each) for each in needed if PurePosixPath(each).name not in EVERYWHERE
            )
            or (package and not self._package_folder(launch.command))
        ):
            exists = False
        return _LaunchTarget(command=launch.command, program=program, exists=exists)

    def _program_behind_firejail(self, name: str) -> tuple[str, PurePosixPath | None]:
        for folder in self._search_path():
            path = f"{folder}/{name}"
            target = files.resolve(self.root, path)
            if target is not None and target.name != FIREJAIL and self._is_executable(path):
                return path, target
        return "", None

    def _search_path(self) -> list[str]:
        return self.environ.get("PATH", PATH).split(":")

    def _find_program(self, program: str, folder: str = "") -> str:
        """Return the path of a program that can be started, in a folder where it names one; else empty."""
        if "/" in program:
            path = str(PurePosixPath(folder, program))
            return path if path.startswith("/") and self._is_executable(path) else ""
        if not program:
            return ""
        return next(
            (f"{at}/{program}" for at in self._search_path() if self._is_executable(f"{at}/{program}")), ""
        )

    def _is_executable(self, path: str) -> bool:
        target = files.resolve(self.root, path)
        if target is None:
            return False
        here = self.root / target.relative_to("/")
        return here.is_file() and files.is_accessible(here, os.X_OK)

    def _package_folder(self, command: Sequence[str]) -> str:
        """Return the folder of the flatpak or snap that a command starts; empty if it is gone."""
        if name := flatpak_id(command):
            folders = [
                f"{base}/app/{name}/current/active"
                for base in ("/var/lib/flatpak", f"{self._home}/.local/share/flatpak")
            ]
        else:
            folders = [f"{base}/{snap_name(command)}/current" for base in ("/snap", "/var/lib/snapd/snap")]
        return next((at for at in folders if self._path(at).is_dir()), "")

    def _package_version(self, started: _LaunchTarget) -> tuple[str, str]:
        """Return the identifier and the version of the package that a program belongs to."""
        if name := flatpak_id(started.command):
            return name, self._flatpak_version(name, self._package_folder(started.command))
        if name := snap_name(started.command):
            folder = self._package_folder(started.command)
            snap_yaml = _parse_assignments(self._read_text(f"{folder}/meta/snap.yaml").replace(": ", "="))
            return name, snap_yaml.get("version", "")
        place = PurePosixPath(started.program).parent
        if not place.is_absolute() or not started.exists:
            return "", ""
        if str(place) == ZOOM_FOLDER or started.name == "/usr/bin/zoom":
            return "", self._read_text(f"{ZOOM_FOLDER}/version.txt", 4096).strip()
        # Firefox and its kin keep this file beside the program.
        return "", parse_key_file(self._read_text(f"{place}/application.ini")).get("App", {}).get(
            "Version", ""
        )

    def _flatpak_version(self, name: str, folder: str) -> str:
        for place in ("metainfo", "appdata"):
            for ending in ("metainfo", "appdata"):
                text = self._read_text(f"{folder}/files/share/{place}/{name}.{ending}.xml", 1 << 21)
                if match := _RELEASE.search(text):
                    return match[1]
        return ""

    def _sleep_seconds(self) -> tuple[float | None, float | None]:
        """Return the seconds before sleep on mains and on battery: 0 never, None not told.

        GNOME's and KDE Plasma 6's own settings where they run; without any desktop logind's
        IdleAction, which is "ignore" unless set. What other desktops do is not known here.
        """
        desktops = set(self.environ.get("XDG_CURRENT_DESKTOP", "").lower().split(":")) - {""}
        if desktops & _GNOME_LIKE:
            settings = self.run(("gsettings", "list-recursively", _GSETTINGS)).decode("utf-8", "replace")
            return gnome_sleep(settings, "ac"), gnome_sleep(settings, "battery")
        if "kde" in desktops:
            settings = self._read_text(f"{self._home}/.config/powerdevilrc")
            return plasma_sleep(settings, "AC"), plasma_sleep(settings, "Battery")
        if desktops:
            return None, None
        keys = parse_key_file(self._read_text("/etc/systemd/logind.conf")).get("Login", {})
        if keys.get("IdleAction", "ignore") in {"ignore", "lock"}:
            return 0, 0
        span = _SPAN.fullmatch(keys.get("IdleActionSec", "30min"))
        seconds = float(int(span[1][:9]) * _SPAN_S.get(span[2] or "s", 1)) if span else None
        return seconds, seconds

    def _has_sound_server(self) -> bool:
        runtime = self.environ.get("XDG_RUNTIME_DIR", "")
        sockets = (self._path(f"{runtime}/{name}") for name in ("pipewire-0", "pulse/native"))
        return bool(runtime) and any(files.is_accessible(socket, os.R_OK | os.W_OK) for socket in sockets)

    def _device_nodes(self, device: Device) -> list[Path]:
        folder = self._path("/dev" if device is Device.CAMERA else "/dev/snd")
        pattern = r"video\d+" if device is Device.CAMERA else r"pcmC\d+D\d+c"
        return [folder / name for name in files.list_folder(folder) if re.fullmatch(pattern, name)]


def gnome_sleep(listing: str, source: str) -> float | None:
    """Return the seconds before GNOME sleeps on "ac" or "battery", from what gsettings lists."""
    keys = {words[1]: words[2] for line in listing.splitlines() if len(words := line.split(maxsplit=2)) == 3}  # noqa: PLR2004 - schema, key, value
    action = keys.get(f"sleep-inactive-{source}-type", "").strip("'")
    seconds = keys.get(f"sleep-inactive-{source}-timeout", "").removeprefix("uint32 ").removeprefix("int32 ")
    if action in {"nothing", "blank", "logout", "interactive"}:
        return 0
    return float(seconds) if re.fullmatch(r"\d{1,9}", seconds) and action else None


def plasma_sleep(settings: str, source: str) -> float | None:
    """Return the seconds before Plasma sleeps on "AC" or "Battery"; None where its defaults stand."""
    keys = parse_key_file(settings).get(f"{source}][SuspendAndShutdown", {})
    if keys.get("AutoSuspendAction") == "0":
        return 0
    seconds = keys.get("AutoSuspendIdleTimeoutSec", "")
    return float(seconds) if re.fullmatch(r"[0-9]{1,9}", seconds) else None


def _claimed_schemes(entry: Entry) -> tuple[str, ...]:
    """Return the kinds of link that an entry claims; text browsers in a terminal show no video."""
    if entry.terminal:
        return ()
    return tuple(scheme for scheme in SCHEMES if _SCHEME + scheme in entry.types)


def _parse_assignments(text: str) -> dict[str, str]:
    """Return the keys of lines such as NAME="value"; the first of each name counts."""
    read: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals:
            read.setdefault(key.strip(), value.strip().strip("\"'"))
    return read


def _parse_flag(text: str) -> bool | None:
    return {"0": False, "1": True}.get(text)
