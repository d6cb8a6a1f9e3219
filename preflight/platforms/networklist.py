"""Windows' Network List Manager: whether the data of the connection is paid for by volume.

Interfaces and their methods' places: netlistmgr.h of the Windows SDK.
"""

import ctypes
import sys
from ctypes import wintypes

from preflight.platforms import com

assert sys.platform == "win32"  # noqa: S101 - the form by which a type checker leaves out a module

_MANAGER_CLASS = "DCB00C01-570F-4A9B-8D69-199FDBA5723B"
_COST_MANAGER = "DCB00008-570F-4A9B-8D69-199FDBA5723B"
_GET_COST = 3


def cost() -> int | None:
    """Return INetworkCostManager's NLM_CONNECTION_COST of the way to the internet; None if it is not told."""
    try:
        manager = com.create(_MANAGER_CLASS, _COST_MANAGER)
    except OSError:
        return None
    told = wintypes.DWORD()
    try:
        com.call(manager, _GET_COST, ctypes.byref(told), None)
    except OSError:
        return None
    finally:
        com.release(manager)
    return told.value
