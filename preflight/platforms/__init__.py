"""The three systems: the only room that asks which one this is."""

import sys

if sys.platform == "win32":
    from preflight.platforms.win32 import adopt, kill, lower_priority, popen_kwargs
else:
    from preflight.platforms.posix import adopt, kill, lower_priority, popen_kwargs

__all__ = ["adopt", "kill", "lower_priority", "popen_kwargs"]
