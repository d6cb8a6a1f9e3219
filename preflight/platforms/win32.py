"""The calls into Windows itself: job objects, priority, the registry, the power manager."""

import ctypes
import os
import subprocess
import sys
import time
import weakref
import winreg
from collections.abc import Mapping
from ctypes import wintypes
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from preflight.platforms.windows import Adapter, PowerState

assert sys.platform == "win32"  # noqa: S101 - the form by which a type checker leaves out a module

BELOW_NORMAL_PRIORITY_CLASS = 0x4000
JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE = 0x2000
JOB_OBJECT_EXTENDED_LIMIT_INFORMATION = 9
"""The class number that SetInformationJobObject takes."""

HARDWARE_INTERFACE = 1
"""The lowest bit of MIB_IF_ROW2's flags."""
SM_REMOTESESSION = 0x1000
SYSTEM_BATTERY_STATE = 5
"""The level of information that CallNtPowerInformation is asked for."""
KEYS_LIMIT = 4000

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.CreateJobObjectW.restype = wintypes.HANDLE
_kernel32.CreateJobObjectW.argtypes = (wintypes.LPVOID, wintypes.LPCWSTR)
_kernel32.SetInformationJobObject.argtypes = (
    wintypes.HANDLE,
    ctypes.c_int,
    wintypes.LPVOID,
    wintypes.DWORD,
)
_kernel32.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
_kernel32.TerminateJobObject.argtypes = (wintypes.HANDLE, wintypes.UINT)
_kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)
_kernel32.GetCurrentProcess.restype = wintypes.HANDLE
_kernel32.SetPriorityClass.argtypes = (wintypes.HANDLE, wintypes.DWORD)
_kernel32.GetSystemPowerStatus.argtypes = (wintypes.LPVOID,)
# What a library asks for that this Windows lacks, such as Media Foundation in an N edition, would at last
# be looked for in the current folder, where ctypes itself never looks: with another folder set, it is not.
# PyInstaller has set its own.
if not getattr(sys, "frozen", False):
    _system = ctypes.create_unicode_buffer(wintypes.MAX_PATH)
    _kernel32.GetSystemDirectoryW(_system, len(_system))
    _kernel32.SetDllDirectoryW(_system)
_powrprof = ctypes.WinDLL("powrprof")
_powrprof.CallNtPowerInformation.argtypes = (
    ctypes.c_int,
    wintypes.LPVOID,
    wintypes.ULONG,
    wintypes.LPVOID,
    wintypes.ULONG,
)


_ws2_32 = ctypes.WinDLL("ws2_32")
_ws2_32.ioctlsocket.argtypes = (ctypes.c_size_t, ctypes.c_long, ctypes.POINTER(wintypes.ULONG))
FIONREAD = 0x4004667F


class _BasicLimit(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("PerProcessUserTimeLimit", wintypes.LARGE_INTEGER),
        ("PerJobUserTimeLimit", wintypes.LARGE_INTEGER),
        ("LimitFlags", wintypes.DWORD),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", wintypes.DWORD),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", wintypes.DWORD),
        ("SchedulingClass", wintypes.DWORD),
    )


class _ExtendedLimit(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION; the six counters of IO_COUNTERS stand as one array."""

    _fields_ = (
        ("BasicLimitInformation", _BasicLimit),
        ("IoInfo", ctypes.c_ulonglong * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


_jobs: "weakref.WeakKeyDictionary[subprocess.Popen[bytes], int]" = weakref.WeakKeyDictionary()


def popen_kwargs() -> dict[str, Any]:
    """Return what `subprocess.Popen` needs so that no console window flashes up."""
    return {"creationflags": subprocess.CREATE_NO_WINDOW}


def tie_to_parent(process: "subprocess.Popen[bytes]") -> None:
    """Put a fresh worker into a job that ends, with all in it, when this process ends.

    To be called before the worker is given anything to do: what it starts earlier
    is not in the job. Without a job (an old sandbox forbids nesting) `kill` reaches
    the worker alone.
    """
    job = _kernel32.CreateJobObjectW(None, None)
    if not job:
        return
    limits = _ExtendedLimit()
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
    handle = int(process._handle)  # type: ignore[attr-defined]  # noqa: SLF001 - Popen has no public name for it
    if _kernel32.SetInformationJobObject(
        job, JOB_OBJECT_EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), ctypes.sizeof(limits)
    ) and _kernel32.AssignProcessToJobObject(job, handle):
        _jobs[process] = job
        weakref.finalize(process, _kernel32.CloseHandle, job)
    else:
        _kernel32.CloseHandle(job)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a worker and all it started, at once; harmless when it has ended by itself.

    Its exit status is still to be fetched with `process.wait`.
    """
    job = _jobs.get(process)
    if job is None or not _kernel32.TerminateJobObject(job, 1):
        process.kill()


def end_worker() -> NoReturn:
    """End this worker: its job has ended with its parent, and all it started with that."""
    os._exit(1)


def lower_priority() -> None:
    """Let this process yield to the others."""
    _kernel32.SetPriorityClass(_kernel32.GetCurrentProcess(), BELOW_NORMAL_PRIORITY_CLASS)


def uptime() -> float:
    """Return the seconds since this computer started, sleep included, by a clock that nobody sets."""
    return time.monotonic()


def setenv(name: str, value: str) -> None:
    """Set a variable of the environment, so that libraries see it too.

    Each C run-time keeps a copy of its own; that of msvcrt.dll, with which OpenCV's FFmpeg is
    built, is older than this process' Python.
    """
    os.environ[name] = value
    ctypes.cdll.msvcrt._putenv(f"{name}={value}".encode("mbcs"))  # noqa: SLF001 - its name


def unread_bytes(descriptor: int) -> int:
    """Return how many bytes a socket has received that nobody has read."""
    count = wintypes.ULONG()
    failed = _ws2_32.ioctlsocket(descriptor, FIONREAD, ctypes.byref(count))
    return 0 if failed else count.value


def unsent_bytes(descriptor: int) -> int:
    """Return how many bytes were given to a TCP socket that it has not sent: Windows does not tell."""
    del descriptor
    return 0


class WindowsRegistry:
    """The registry of this computer, always its 64-bit side."""

    _HIVES = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}  # noqa: RUF012 - never changed

    def values(self, key: str, /) -> Mapping[str, str | int]:
        """Return the text and number values of a key by name, "" for the default; none if it is not there."""
        read: dict[str, str | int] = {}
        try:
            with self._open(key) as opened:
                for index in range(min(winreg.QueryInfoKey(opened)[1], KEYS_LIMIT)):
                    name, value, _ = winreg.EnumValue(opened, index)
                    if isinstance(value, str | int):
                        read[name] = value
        except OSError:
            pass
        return read

    def keys(self, key: str, /) -> tuple[str, ...]:
        """Return the names of the keys below a key; none if it is not there."""
        try:
            with self._open(key) as opened:
                count = min(winreg.QueryInfoKey(opened)[0], KEYS_LIMIT)
                return tuple(winreg.EnumKey(opened, index) for index in range(count))
        except OSError:
            return ()

    def _open(self, key: str) -> winreg.HKEYType:
        hive, _, path = key.partition("\\")
        return winreg.OpenKey(self._HIVES[hive], path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY)


class _PowerStatus(ctypes.Structure):
    """SYSTEM_POWER_STATUS."""

    _fields_ = (
        ("ACLineStatus", ctypes.c_ubyte),
        ("BatteryFlag", ctypes.c_ubyte),
        ("BatteryLifePercent", ctypes.c_ubyte),
        ("SystemStatusFlag", ctypes.c_ubyte),
        ("BatteryLifeTime", wintypes.DWORD),
        ("BatteryFullLifeTime", wintypes.DWORD),
    )


class _BatteryState(ctypes.Structure):
    """SYSTEM_BATTERY_STATE."""

    _fields_ = (
        ("AcOnLine", ctypes.c_ubyte),
        ("BatteryPresent", ctypes.c_ubyte),
        ("Charging", ctypes.c_ubyte),
        ("Discharging", ctypes.c_ubyte),
        ("Spare1", ctypes.c_ubyte * 3),
        ("Tag", ctypes.c_ubyte),
        ("MaxCapacity", wintypes.DWORD),
        ("RemainingCapacity", wintypes.DWORD),
        ("Rate", wintypes.DWORD),
        ("EstimatedTime", wintypes.DWORD),
        ("DefaultAlert1", wintypes.DWORD),
        ("DefaultAlert2", wintypes.DWORD),
    )


class _InterfaceRow(ctypes.Structure):
    """MIB_IF_ROW2 of netioapi.h: what it holds up to its flags, and the room of the rest."""

    _fields_ = (
        ("InterfaceLuid", ctypes.c_uint64),
        ("InterfaceIndex", wintypes.ULONG),
        ("InterfaceGuid", ctypes.c_ubyte * 16),
        ("Alias", wintypes.WCHAR * 257),
        ("Description", wintypes.WCHAR * 257),
        ("PhysicalAddressLength", wintypes.ULONG),
        ("PhysicalAddress", ctypes.c_ubyte * 32),
        ("PermanentPhysicalAddress", ctypes.c_ubyte * 32),
        ("Mtu", wintypes.ULONG),
        ("Type", wintypes.ULONG),
        ("TunnelType", ctypes.c_int),
        ("MediaType", ctypes.c_int),
        ("PhysicalMediumType", ctypes.c_int),
        ("AccessType", ctypes.c_int),
        ("DirectionType", ctypes.c_int),
        ("Flags", ctypes.c_ubyte),
        ("OperStatus", ctypes.c_int),
        ("AdminStatus", ctypes.c_int),
        ("MediaConnectState", ctypes.c_int),
        ("NetworkGuid", ctypes.c_ubyte * 16),
        ("ConnectionType", ctypes.c_int),
        ("Speeds", ctypes.c_uint64 * 2),
        ("Counters", ctypes.c_uint64 * 18),
    )


def adapter(alias: str) -> "Adapter | None":
    """Return what Windows says of a network interface by its name; None if it does not know it."""
    # As in `power_state`.
    from preflight.platforms.windows import Adapter  # noqa: PLC0415 - as above

    library = ctypes.WinDLL("iphlpapi")
    luid, row = ctypes.c_uint64(), _InterfaceRow()
    if library.ConvertInterfaceAliasToLuid(wintypes.LPCWSTR(alias), ctypes.byref(luid)):
        return None
    row.InterfaceLuid = luid.value
    if library.GetIfEntry2(ctypes.byref(row)):
        return None
    return Adapter(
        type=row.Type,
        medium=row.PhysicalMediumType,
        hardware=bool(row.Flags & HARDWARE_INTERFACE),
        description=row.Description,
    )


def remote_session() -> bool:
    """Return whether this session is used over Remote Desktop."""
    return bool(ctypes.windll.user32.GetSystemMetrics(SM_REMOTESESSION))


def power_state() -> "PowerState | None":
    """Return what the power manager says; None if it does not answer."""
    # The parent process, which starts workers and ends them, never asks for it.
    from preflight.platforms.windows import UNKNOWN_RATE, PowerState  # noqa: PLC0415 - as above

    status, battery = _PowerStatus(), _BatteryState()
    if not _kernel32.GetSystemPowerStatus(ctypes.byref(status)):
        return None
    failed = _powrprof.CallNtPowerInformation(
        SYSTEM_BATTERY_STATE, None, 0, ctypes.byref(battery), ctypes.sizeof(battery)
    )
    return PowerState(
        ac_line=status.ACLineStatus,
        flag=status.BatteryFlag,
        percent=status.BatteryLifePercent,
        discharging=bool(battery.Discharging) and not failed,
        capacity=0 if failed else battery.MaxCapacity,
        remaining=0 if failed else battery.RemainingCapacity,
        rate=UNKNOWN_RATE if failed else battery.Rate,
        saver=status.SystemStatusFlag,
    )
