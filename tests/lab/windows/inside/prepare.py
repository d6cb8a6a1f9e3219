r"""Make the registry of this Windows what a row of the table says; run by its own Python.

    prepare.py FILE

FILE is JSON: `cameras`, a list of `key` (they are listed in this order), `name`, `path` (the DevicePath,
none where empty) and `plan` (lines that `camera.c` explains); `consent`, device to switch ("Deny"), and
`users`, device to the program that has it now; `registry`, a text that regedit imports. What an earlier row
has put there is removed first.
"""

import sys

assert sys.platform == "win32"  # the form by which a type checker leaves out a module

# ruff: noqa: E402 - as above

import contextlib
import json
import re
import subprocess
import winreg
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CLASS = "{1AB0CA30-5D01-4F2E-BD3B-001AB0CA3001}"
INSTANCES = r"SOFTWARE\Classes\CLSID\{860BB310-5D01-11d0-BD3B-00A0C911CE86}\Instance"
CONSENT = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager"
SWEPT = (
    INSTANCES,
    CONSENT,
    r"SOFTWARE\Clients\StartMenuInternet",
    r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall",
    r"SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall",
    r"Software\Classes\https",
    r"Software\Classes\http",
    r"Software\Microsoft\Windows\Shell\Associations\UrlAssociations",
    r"SOFTWARE\Policies\Microsoft\Windows\AppPrivacy",
    r"Software\Google",
    r"Software\Mozilla",
    r"Software\Microsoft\Edge",
    r"Software\BraveSoftware",
    r"SYSTEM\CurrentControlSet\Control\Power\User\PowerSchemes",
)
HIVES = {"HKEY_LOCAL_MACHINE": winreg.HKEY_LOCAL_MACHINE, "HKEY_CURRENT_USER": winreg.HKEY_CURRENT_USER}
IMPORTED = HERE / "imported.json"
"""The keys that only an import made."""
VERSION = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
YOUNG = ("CurrentMajorVersionNumber", "CurrentMinorVersionNumber")
"""What Windows 8.1 does not have, and Wine does."""


def main(told: Mapping[str, Any]) -> None:
    """Sweep, then write."""
    for hive in HIVES.values():
        for path in SWEPT:
            remove(hive, path)
    if IMPORTED.exists():
        for name, path in json.loads(IMPORTED.read_text()):
            remove(HIVES[name], path)
    put(rf"SOFTWARE\Classes\CLSID\{CLASS}", {"": "lab"})
    server = {"": str(HERE / "camera.dll"), "ThreadingModel": "Both"}
    put(rf"SOFTWARE\Classes\CLSID\{CLASS}\InprocServer32", server)
    for camera in told["cameras"]:
        plug(**camera)
    for device, switch in told["consent"].items():
        for below in ("", r"\NonPackaged"):
            put(rf"{CONSENT}\ConsentStore\{device}{below}", {"Value": switch}, winreg.HKEY_CURRENT_USER)
    for device, program in told["users"].items():
        used = {"LastUsedTimeStart": 1, "LastUsedTimeStop": 0}
        put(rf"{CONSENT}\ConsentStore\{device}\NonPackaged\{program}", used, winreg.HKEY_CURRENT_USER)
    if told["registry"]:
        lay(told["registry"])


def lay(registry: str) -> None:
    """Import a registry, and write down what has to go before the next one."""
    keys = re.findall(r"^\[(HKEY_\w+)\\(.+)\]$", registry, re.MULTILINE)
    IMPORTED.write_text(json.dumps([[name, path] for name, path in keys if not is_there(name, path)]))
    with contextlib.suppress(OSError), winreg.CreateKeyEx(HIVES["HKEY_LOCAL_MACHINE"], VERSION) as opened:
        for name in YOUNG:
            winreg.DeleteValue(opened, name)
    (HERE / "layout.reg").write_text(registry, "utf-16")
    subprocess.run(["regedit", "/S", str(HERE / "layout.reg")], check=True)


def plug(key: str, name: str, path: str, plan: list[str]) -> None:
    """Register a camera with DirectShow."""
    file = HERE / f"{key}.plan"
    file.write_text("\n".join([f"log={HERE / 'camera.log'}", f"scene={HERE / 'scene'}", *plan, ""]))
    values = {"CLSID": CLASS, "FriendlyName": name, "Lab": str(file), "LabKey": key}
    put(rf"{INSTANCES}\{key}", values | ({"DevicePath": path} if path else {}))


def put(key: str, values: Mapping[str, Any], hive: int = winreg.HKEY_LOCAL_MACHINE) -> None:
    """Write values of a key."""
    with winreg.CreateKeyEx(hive, key) as opened:
        for name, value in values.items():
            kind = winreg.REG_SZ if isinstance(value, str) else winreg.REG_QWORD
            winreg.SetValueEx(opened, name, 0, kind, value)


def is_there(hive: str, path: str) -> bool:
    """Tell whether there is such a key."""
    try:
        winreg.CloseKey(winreg.OpenKey(HIVES[hive], path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY))
    except OSError:
        return False
    return True


def remove(hive: int, path: str) -> None:
    """Remove a key and all below it, if it is there."""
    with contextlib.suppress(OSError):
        with winreg.OpenKey(hive, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
            names = [winreg.EnumKey(opened, at) for at in range(winreg.QueryInfoKey(opened)[0])]
        for name in names:
            remove(hive, rf"{path}\{name}")
        winreg.DeleteKeyEx(hive, path, winreg.KEY_WOW64_64KEY)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
