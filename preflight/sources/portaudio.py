"""PortAudio: its devices, and why one could not be opened."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from preflight.errors import MeasurementError, label
from preflight.model import Kind

_WASAPI = "Windows WASAPI"
_CORE_AUDIO = "Core Audio"
_INSTALL = "PortAudio is missing: apt install libportaudio2 (Debian, Ubuntu), dnf install portaudio (Fedora)"

Direction = Literal["input", "output"]


def library() -> Any:
    """Return sounddevice; raises `MeasurementError` where PortAudio is not installed."""
    try:
        import sounddevice  # noqa: PLC0415 - opens PortAudio at import
    except OSError:
        raise MeasurementError(Kind.NO_LIBRARY, _INSTALL) from None
    except Exception as error:  # noqa: BLE001 - PortAudio's own error, of a class not imported
        raise MeasurementError(Kind.NO_LIBRARY, f"PortAudio does not start: {error_code(error)}") from None
    return sounddevice


def devices(portaudio: Any, direction: Direction) -> list[Mapping[str, Any]]:
    """Return the devices of a direction, each once, as PortAudio found them when it was loaded.

    On Windows it lists a device by every way to it, by MME with its name cut at 31 letters;
    WASAPI is the way that Windows itself and calls take.
    """
    found = [each for each in portaudio.query_devices() if each[f"max_{direction}_channels"] > 0]
    return [each for each in found if is_wasapi(portaudio, each)] or found


def is_wasapi(portaudio: Any, info: Mapping[str, Any]) -> bool:
    """Return whether a device is reached through WASAPI."""
    return bool(portaudio.query_hostapis(info["hostapi"])["name"] == _WASAPI)


def may_read_forever(portaudio: Any, info: Mapping[str, Any]) -> bool:
    """Return whether a blocking read of a device that went away never comes back.

    On macOS it sleeps until there is something, however long (ReadStream in pa_mac_core_blocking.c).
    """
    return bool(portaudio.query_hostapis(info["hostapi"])["name"] == _CORE_AUDIO)


def convert_rates(portaudio: Any, info: Mapping[str, Any]) -> None:
    """Let streams that are opened from now on have another rate than the device's own.

    WASAPI refuses what is not its mixer's rate unless it is told to convert (python-sounddevice issue 492).
    """
    if is_wasapi(portaudio, info):
        portaudio.default.extra_settings = portaudio.WasapiSettings(auto_convert=True)


def default_device(portaudio: Any, found: Sequence[Mapping[str, Any]], direction: Direction) -> int:
    """Return the index of the device, among those found, that the system itself would take."""
    indices = [int(each["index"]) for each in found]
    defaults = (
        int(portaudio.default.device[("input", "output").index(direction)]),
        int(portaudio.query_hostapis(found[0]["hostapi"])[f"default_{direction}_device"]),
    )
    return next((default for default in defaults if default in indices), indices[0])


def error_code(error: Exception) -> str:
    """Return an error of PortAudio by its number (PaErrorCode), and by that of the system below it."""
    numbers = [part for part in error.args if isinstance(part, int)]
    numbers += [
        part for host in error.args if isinstance(host, tuple) for part in host if isinstance(part, int)
    ]
    return f"{label(error)} {' '.join(f'{each:d}' for each in numbers)}".rstrip()


def explain_refusal(error: Exception) -> MeasurementError:
    """Return why a device could not be opened."""
    said = str(error)
    code = error_code(error)
    if re.search(r"permission|denied|not permitted", said, re.IGNORECASE):
        return MeasurementError(Kind.NO_PERMISSION, code)
    # -9985 is "device unavailable": another program holds it (on Windows also its privacy setting);
    # -9996 and "no such" that it went away since it was listed.
    if re.search(r"-9996|no such", said, re.IGNORECASE):
        return MeasurementError(Kind.LOST, code)
    return MeasurementError(Kind.BUSY if "-9985" in said else Kind.NO_DATA, code)
