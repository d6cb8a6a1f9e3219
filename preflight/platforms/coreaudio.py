"""The calls into Windows' Core Audio: how loud the default output is.

Interfaces and their methods' places: mmdeviceapi.h and endpointvolume.h of the Windows SDK.
"""

import ctypes
import sys
import uuid
from ctypes import wintypes
from typing import Any

from preflight.platforms.system import Loudness

assert sys.platform == "win32"  # noqa: S101 - the form by which a type checker leaves out a module

_ENUMERATOR_CLASS = "BCDE0395-E52F-467C-8E3D-C4579291692E"
_ENUMERATOR = "A95664D2-9614-4F35-A746-DE8DB63617E6"
_ENDPOINT_VOLUME = "5CDF2C82-841E-4546-9722-0CF74078229A"
_RENDER, _CONSOLE = 0, 0
"""Of EDataFlow and ERole: what plays sound, and what programs take by default."""
_ALL_CONTEXTS = 23
_RELEASE = 2
_GET_DEFAULT_ENDPOINT = 4
_ACTIVATE = 3
_GET_SCALAR, _GET_MUTE = 9, 15
_PERCENT = 100

_ole32 = ctypes.OleDLL("ole32")
_ole32.CoCreateInstance.argtypes = (
    ctypes.c_char_p,
    ctypes.c_void_p,
    wintypes.DWORD,
    ctypes.c_char_p,
    ctypes.c_void_p,
)


def loudness() -> Loudness:
    """Return mute and volume of the default output; unknown where Core Audio does not answer."""
    held: list[ctypes.c_void_p] = []
    try:
        _ole32.CoInitializeEx(None, 0)
        enumerator = ctypes.c_void_p()
        _ole32.CoCreateInstance(
            _guid(_ENUMERATOR_CLASS), None, _ALL_CONTEXTS, _guid(_ENUMERATOR), ctypes.byref(enumerator)
        )
        held.append(enumerator)
        device = ctypes.c_void_p()
        _call(enumerator, _GET_DEFAULT_ENDPOINT, _RENDER, _CONSOLE, ctypes.byref(device))
        held.append(device)
        volume = ctypes.c_void_p()
        _call(device, _ACTIVATE, _guid(_ENDPOINT_VOLUME), _ALL_CONTEXTS, None, ctypes.byref(volume))
        held.append(volume)
        scalar, muted = ctypes.c_float(), wintypes.BOOL()
        _call(volume, _GET_SCALAR, ctypes.byref(scalar))
        _call(volume, _GET_MUTE, ctypes.byref(muted))
    except OSError:
        return Loudness()
    finally:
        for each in reversed(held):
            _method(each, _RELEASE, ctypes.c_ulong)()
    return Loudness(muted=bool(muted.value), volume=_PERCENT * scalar.value)


def _guid(text: str) -> bytes:
    return uuid.UUID(text).bytes_le


def _call(interface: ctypes.c_void_p, place: int, *arguments: Any) -> None:
    """Call a method that returns an HRESULT; raises OSError where it fails."""
    types: dict[type, Any] = {int: ctypes.c_int, bytes: ctypes.c_char_p}
    wanted = [types.get(type(each), ctypes.c_void_p) for each in arguments]
    _method(interface, place, ctypes.HRESULT, *wanted)(*arguments)


def _method(interface: ctypes.c_void_p, place: int, returns: Any, *types: Any) -> Any:
    """Return a method of a COM interface by its place in the table, bound to the interface."""
    table = ctypes.cast(interface, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p))).contents
    method = ctypes.WINFUNCTYPE(returns, ctypes.c_void_p, *types)(table[place])
    return lambda *arguments: method(interface, *arguments)
