"""The calls into Windows' Core Audio: how loud the default output is.

Interfaces and their methods' places: mmdeviceapi.h and endpointvolume.h of the Windows SDK.
"""

import ctypes
import sys
from ctypes import wintypes

from preflight.platforms import com
from preflight.platforms.system import Loudness

assert sys.platform == "win32"  # noqa: S101 - the form by which a type checker leaves out a module

_ENUMERATOR_CLASS = "BCDE0395-E52F-467C-8E3D-C4579291692E"
_ENUMERATOR = "A95664D2-9614-4F35-A746-DE8DB63617E6"
_ENDPOINT_VOLUME = "5CDF2C82-841E-4546-9722-0CF74078229A"
_RENDER, _CONSOLE = 0, 0
"""Of EDataFlow and ERole: what plays sound, and what programs take by default."""
_GET_DEFAULT_ENDPOINT = 4
_ACTIVATE = 3
_GET_SCALAR, _GET_MUTE = 9, 15
_PERCENT = 100


def loudness() -> Loudness:
    """Return mute and volume of the default output; unknown where Core Audio does not answer."""
    held: list[ctypes.c_void_p] = []
    try:
        enumerator = com.create(_ENUMERATOR_CLASS, _ENUMERATOR)
        held.append(enumerator)
        device = ctypes.c_void_p()
        com.call(enumerator, _GET_DEFAULT_ENDPOINT, _RENDER, _CONSOLE, ctypes.byref(device))
        held.append(device)
        volume = ctypes.c_void_p()
        com.call(device, _ACTIVATE, com.guid(_ENDPOINT_VOLUME), com.ALL_CONTEXTS, None, ctypes.byref(volume))
        held.append(volume)
        scalar, muted = ctypes.c_float(), wintypes.BOOL()
        com.call(volume, _GET_SCALAR, ctypes.byref(scalar))
        com.call(volume, _GET_MUTE, ctypes.byref(muted))
    except OSError:
        return Loudness()
    finally:
        for each in reversed(held):
            com.release(each)
    return Loudness(muted=bool(muted.value), volume=_PERCENT * scalar.value)
