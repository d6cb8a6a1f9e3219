"""Windows' component model: objects are made and their methods called, by their places in a table."""

import ctypes
import sys
import uuid
from ctypes import wintypes
from typing import Any

assert sys.platform == "win32"  # noqa: S101 - the form by which a type checker leaves out a module

ALL_CONTEXTS = 23
_RELEASE = 2

_ole32 = ctypes.OleDLL("ole32")
_ole32.CoCreateInstance.argtypes = (
    ctypes.c_char_p,
    ctypes.c_void_p,
    wintypes.DWORD,
    ctypes.c_char_p,
    ctypes.c_void_p,
)


def create(cls: str, interface: str) -> ctypes.c_void_p:
    """Return an interface of a new object, to be released; raises OSError where there is none."""
    made = ctypes.c_void_p()
    _ole32.CoInitializeEx(None, 0)
    _ole32.CoCreateInstance(guid(cls), None, ALL_CONTEXTS, guid(interface), ctypes.byref(made))
    return made


def release(interface: ctypes.c_void_p) -> None:
    """Give an interface back."""
    method(interface, _RELEASE, ctypes.c_ulong)()


def guid(text: str) -> bytes:
    """Return an identifier as it lies in memory."""
    return uuid.UUID(text).bytes_le


def call(interface: ctypes.c_void_p, place: int, *arguments: Any) -> None:
    """Call a method that returns an HRESULT; raises OSError where it fails."""
    types: dict[type, Any] = {int: ctypes.c_int, bytes: ctypes.c_char_p}
    wanted = [types.get(type(each), ctypes.c_void_p) for each in arguments]
    method(interface, place, ctypes.HRESULT, *wanted)(*arguments)


def method(interface: ctypes.c_void_p, place: int, returns: Any, *types: Any) -> Any:
    """Return a method of a COM interface by its place in the table, bound to the interface."""
    table = ctypes.cast(interface, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p))).contents
    method = ctypes.WINFUNCTYPE(returns, ctypes.c_void_p, *types)(table[place])
    return lambda *arguments: method(interface, *arguments)
