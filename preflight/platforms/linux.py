"""Linux: sysfs, /proc, desktop entries, flatpak and snap."""

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from preflight.captures import Handler, Program, Supply
from preflight.platforms import files, programs
from preflight.platforms.desktop import Desktop, Entry, groups, started
from preflight.platforms.system import Device, Machine, Permission, Run

SUPPLIES = "/sys/class/power_supply"
SCHEMES = ("https", "http", "zoommtg")
ZOOM_FOLDER = "/opt/zoom"
"""Where Zoom's .deb and .rpm put it."""
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games:/snap/bin"
_SCHEME = "x-scheme-handler/"
_GSETTINGS = "org.gnome.settings-daemon.plugins.power"
_GNOME_LIKE = frozenset(("gnome", "unity", "ubuntu", "pop", "budgie"))
_RELEASE = re.compile(r'<release\b[^>]{0,400}?\bversion="([^"]{1,40})"')
_SPAN = re.compile(r"(\d+)\s*(min|m|s|h|sec|seconds|minutes|hours)?\b")
_SPAN_S = {"h": 3600, "hours": 3600, "m": 60, "min": 60, "minutes": 60}
_NUMBER = re.compile(r"-?\d{1,18}")

_SERVERS = frozenset(("PULSE_SERVER", "PIPEWIRE_REMOTE"))
"""Name a sound server that is not this person's own."""


@dataclass(frozen=True, slots=True)
class Linux:
    """The Linux whose files lie below `root`."""

    root: Path = Path("/")
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    run: Run = programs.output
    libc: tuple[str, str] = field(default_factory=platform.libc_ver)
    architecture: str = field(default_factory=platform.machine)

    @property
    def name(self) -> str:
        """Return "linux"."""
        return "linux"

    @property
    def asks(self) -> bool:
        """Return False."""
        return False

    def supplies(self) -> tuple[Supply, ...] | None:
        """Read /sys/class/power_supply (Documentation/ABI/testing/sysfs-class-power)."""
        if not self._at("/sys/class").is_dir():
            return None
        found = (
            self._supply(f"{SUPPLIES}/{name}", name) for name in files.entries(self._at(SUPPLIES), limit=64)
        )
        return tuple(supply for supply in found if supply is not None)

    def machine(self) -> Machine:
        """Read os-release, cpuinfo, GNOME's settings and logind's."""
        release = _assignments(self._text("/etc/os-release") or self._text("/usr/lib/os-release"))
        described = _assignments(self._text("/proc/cpuinfo", 1 << 22).replace(":", "="))
        mains, battery = self._sleep()
        return Machine(
            os_name=release.get("PRETTY_NAME", "Linux")[:100],
            os_version=self.libc[1] if self.libc[0] == "glibc" else "",
            architecture=self.architecture,
            processor=(described.get("model name") or described.get("Model") or "")[:100],
            sleep_mains_s=mains,
            sleep_battery_s=battery,
        )

    def programs(self) -> tuple[Program, ...]:
        """Return the desktop entries that claim https or zoommtg, and Zoom's own folder."""
        known = self._desktop().entries().values()
        programs = [self._program(entry) for entry in known if _schemes(entry)]
        usable = [program.program for program in programs if program.exists]
        if not any(program.startswith(f"{ZOOM_FOLDER}/") for program in usable):
            programs += self._zoom_without_entry()
        return tuple(programs)

    def handlers(self) -> tuple[Handler, ...]:
        """Return the entries that open https and zoommtg links, among those that can be started."""
        desktop = self._desktop()
        known = desktop.entries()
        usable = {name: entry for name, entry in known.items() if self._runs(entry) and not entry.terminal}
        found: list[Handler] = []
        for scheme in ("https", "zoommtg"):
            entry = desktop.default(_SCHEME + scheme, usable) or desktop.default(_SCHEME + scheme, known)
            if entry is not None:
                found.append(
                    Handler(
                        scheme=scheme,
                        place=self._tilde(entry.path),
                        program=self._tilde(self._started(entry)),
                        exists=entry.id in usable,
                    )
                )
        return tuple(found)

    def permission(self, device: Device) -> Permission:
        """Ask whether a device node, or the sound server before it, can be opened."""
        if device is Device.MICROPHONE and (self.environ.keys() & _SERVERS):
            # Anywhere, and it may not answer.
            return Permission.UNKNOWN
        if device is Device.MICROPHONE and self._sound_server():
            return Permission.ALLOWED
        nodes = self._nodes(device)
        if not nodes:
            return Permission.UNKNOWN
        allowed = any(files.allowed(node, os.R_OK | os.W_OK) for node in nodes)
        return Permission.ALLOWED if allowed else Permission.DENIED

    def users(self, device: Device) -> tuple[str, ...]:
        """Look for the device's nodes among the open files of those processes that may be seen."""
        nodes = {f"/dev/{node.relative_to(self._at('/dev'))}" for node in self._nodes(device)}
        found: set[str] = set()
        for process in files.entries(self._at("/proc"), limit=8192):
            if not process.isdigit() or int(process) == os.getpid() or not nodes:
                continue
            folder = self.root / "proc" / process
            if any(_link(folder / "fd" / number) in nodes for number in files.entries(folder / "fd", 512)):
                found.add(files.text(folder / "comm").strip()[:40] or process)
        return tuple(sorted(found))

    def _at(self, path: str) -> Path:
        return files.inside(self.root, path)

    def _text(self, path: str, limit: int = files.LARGEST) -> str:
        return files.text(self._at(path), limit)

    @property
    def _home(self) -> str:
        return self.environ.get("HOME", "").rstrip("/") or "/nonexistent"

    def _tilde(self, path: str) -> str:
        return "~" + path[len(self._home) :] if path.startswith(self._home + "/") else path

    def _desktop(self) -> Desktop:
        return Desktop(root=self.root, environ=self.environ, home=self._home)

    def _supply(self, folder: str, name: str) -> Supply | None:
        def said(attribute: str) -> str:
            return self._text(f"{folder}/{attribute}", 4096).strip()

        def number(attribute: str, per: float) -> float | None:
            match = _NUMBER.fullmatch(said(attribute))
            return abs(int(match[0])) / per if match else None

        kind = said("type")
        if kind != "Battery":
            kind = "USB" if kind.startswith("USB") else "Mains" if kind in {"Mains", "Wireless"} else ""
        if not kind:
            return None
        return Supply(
            name=name[:40],
            kind=kind,
            scope=said("scope")[:20],
            present=_flag(said("present")),
            # 2 is a charger of USB-C that gives the voltage asked for (PPS).
            online={"0": False, "1": True, "2": True}.get(said("online")),
            status=said("status")[:20],
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
        maker, version = self._package(entry)
        return Program(
            place=self._tilde(entry.path),
            name=entry.name,
            maker=maker,
            version=version[:40],
            program=self._tilde(self._started(entry)),
            exists=self._runs(entry),
            schemes=_schemes(entry),
        )

    def _zoom_without_entry(self) -> list[Program]:
        program = f"{ZOOM_FOLDER}/ZoomLauncher"
        if not self._executable(program):
            return []
        version = self._text(f"{ZOOM_FOLDER}/version.txt", 4096).strip()
        return [Program(place=ZOOM_FOLDER, name="Zoom", version=version[:40], program=program, exists=True)]

    def _started(self, entry: Entry) -> str:
        """Return the program of an entry with its links followed, or as it is named if there is none."""
        named = started(entry.command)
        path = self._find(named)
        target = files.resolve(self.root, path) if path else None
        # Every program of a snap is a link to snap itself.
        return named if target is None or target.name == "snap" else str(target)

    def _runs(self, entry: Entry) -> bool:
        named = started(entry.command)
        if not named or not self._find(named) or (entry.try_exec and not self._find(entry.try_exec)):
            return False
        package = _flatpak(entry) or _snap(entry)
        return not package or bool(self._folder_of(entry))

    def _find(self, program: str) -> str:
        """Return the path of a program that can be started; empty if there is none."""
        if program.startswith("/"):
            return program if self._executable(program) else ""
        if not program or "/" in program:
            return ""
        folders = self.environ.get("PATH", PATH).split(":")
        return next((f"{at}/{program}" for at in folders if self._executable(f"{at}/{program}")), "")

    def _executable(self, path: str) -> bool:
        target = files.resolve(self.root, path)
        if target is None:
            return False
        here = self.root / target.relative_to("/")
        return here.is_file() and files.allowed(here, os.X_OK)

    def _folder_of(self, entry: Entry) -> str:
        """Return the folder of the flatpak or snap that an entry starts; empty if it is gone."""
        if name := _flatpak(entry):
            folders = [
                f"{base}/app/{name}/current/active"
                for base in ("/var/lib/flatpak", f"{self._home}/.local/share/flatpak")
            ]
        else:
            folders = [f"{base}/{_snap(entry)}/current" for base in ("/snap", "/var/lib/snapd/snap")]
        return next((at for at in folders if self._at(at).is_dir()), "")

    def _package(self, entry: Entry) -> tuple[str, str]:
        """Return the identifier and the version of the package that an entry belongs to."""
        if name := _flatpak(entry):
            return name, self._flatpak_version(name, self._folder_of(entry))
        if name := _snap(entry):
            said = _assignments(self._text(f"{self._folder_of(entry)}/meta/snap.yaml").replace(": ", "="))
            return name, said.get("version", "")
        folder = PurePosixPath(self._started(entry)).parent
        if not folder.is_absolute():
            return "", ""
        if str(folder) == ZOOM_FOLDER or started(entry.command) == "/usr/bin/zoom":
            return "", self._text(f"{ZOOM_FOLDER}/version.txt", 4096).strip()
        # Firefox and its kin keep this file beside the program.
        return "", groups(self._text(f"{folder}/application.ini")).get("App", {}).get("Version", "")

    def _flatpak_version(self, name: str, folder: str) -> str:
        for place in ("metainfo", "appdata"):
            for ending in ("metainfo", "appdata"):
                text = self._text(f"{folder}/files/share/{place}/{name}.{ending}.xml", 1 << 21)
                if match := _RELEASE.search(text):
                    return match[1]
        return ""

    def _sleep(self) -> tuple[float | None, float | None]:
        """Return the seconds before sleep on mains and on battery: 0 never, None not told.

        GNOME's and KDE Plasma 6's own settings where they run; without any desktop logind's
        IdleAction, which is "ignore" unless set. What other desktops do is not known here.
        """
        desktops = set(self.environ.get("XDG_CURRENT_DESKTOP", "").lower().split(":")) - {""}
        if desktops & _GNOME_LIKE:
            said = self.run(("gsettings", "list-recursively", _GSETTINGS)).decode("utf-8", "replace")
            return gnome_sleep(said, "ac"), gnome_sleep(said, "battery")
        if "kde" in desktops:
            said = self._text(f"{self._home}/.config/powerdevilrc")
            return plasma_sleep(said, "AC"), plasma_sleep(said, "Battery")
        if desktops:
            return None, None
        keys = groups(self._text("/etc/systemd/logind.conf")).get("Login", {})
        if keys.get("IdleAction", "ignore") in {"ignore", "lock"}:
            return 0, 0
        span = _SPAN.fullmatch(keys.get("IdleActionSec", "30min"))
        seconds = float(int(span[1][:9]) * _SPAN_S.get(span[2] or "s", 1)) if span else None
        return seconds, seconds

    def _sound_server(self) -> bool:
        runtime = self.environ.get("XDG_RUNTIME_DIR", "")
        sockets = (self._at(f"{runtime}/{name}") for name in ("pipewire-0", "pulse/native"))
        return bool(runtime) and any(files.allowed(socket, os.R_OK | os.W_OK) for socket in sockets)

    def _nodes(self, device: Device) -> list[Path]:
        folder = self._at("/dev" if device is Device.CAMERA else "/dev/snd")
        pattern = r"video\d+" if device is Device.CAMERA else r"pcmC\d+D\d+c"
        return [folder / name for name in files.entries(folder) if re.fullmatch(pattern, name)]


def gnome_sleep(said: str, source: str) -> float | None:
    """Return the seconds before GNOME sleeps on "ac" or "battery", from what gsettings lists."""
    keys = {words[1]: words[2] for line in said.splitlines() if len(words := line.split(maxsplit=2)) == 3}  # noqa: PLR2004 - schema, key, value
    action = keys.get(f"sleep-inactive-{source}-type", "").strip("'")
    seconds = keys.get(f"sleep-inactive-{source}-timeout", "").removeprefix("uint32 ").removeprefix("int32 ")
    if action in {"nothing", "blank", "logout", "interactive"}:
        return 0
    return float(seconds) if re.fullmatch(r"\d{1,9}", seconds) and action else None


def plasma_sleep(said: str, source: str) -> float | None:
    """Return the seconds before Plasma sleeps on "AC" or "Battery"; None where its defaults stand."""
    keys = groups(said).get(f"{source}][SuspendAndShutdown", {})
    if keys.get("AutoSuspendAction") == "0":
        return 0
    seconds = keys.get("AutoSuspendIdleTimeoutSec", "")
    return float(seconds) if re.fullmatch(r"[0-9]{1,9}", seconds) else None


def _schemes(entry: Entry) -> tuple[str, ...]:
    """Return the kinds of link that an entry claims; text browsers in a terminal show no video."""
    if entry.terminal:
        return ()
    return tuple(scheme for scheme in SCHEMES if _SCHEME + scheme in entry.types)


def _flatpak(entry: Entry) -> str:
    """Return the id of the flatpak that an entry starts, or nothing."""
    words = entry.command
    if "run" not in words or PurePosixPath(started(words)).name != "flatpak":
        return ""
    after = words[words.index("run") + 1 :]
    name = next((word for word in after if not word.startswith("-")), "")
    return name if re.fullmatch(r"[\w.-]{3,100}", name) and name.strip(".") else ""


def _snap(entry: Entry) -> str:
    """Return the name of the snap that an entry starts, or nothing."""
    match = re.fullmatch(
        r"/(?:var/lib/snapd/)?snap/bin/([a-z0-9-]{1,60})(?:\.[\w-]{1,60})?", started(entry.command)
    )
    return match[1] if match else ""


def _assignments(text: str) -> dict[str, str]:
    """Return the keys of lines such as NAME="value"; the first of each name counts."""
    read: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals:
            read.setdefault(key.strip(), value.strip().strip("\"'"))
    return read


def _flag(text: str) -> bool | None:
    return {"0": False, "1": True}.get(text)


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
