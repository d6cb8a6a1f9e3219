"""The sound server of Linux (PulseAudio, PipeWire), asked through `pactl`: what it has, and what goes where.

PortAudio knows one device called "default" in front of all of it.
"""

import os
import re
from dataclasses import dataclass
from typing import Literal

from preflight import platforms
from preflight.platforms import programs

SERVER_DEVICES = ("default", "pulse", "pipewire", "sysdefault")
"""The names under which ALSA hands over to a sound server."""
_PERCENT = re.compile(r"/ +(\d{1,6})%")


@dataclass(frozen=True, slots=True)
class Node:
    """What the server can record from (a source) or play to (a sink)."""

    name: str
    title: str
    is_monitor: bool
    """A source that gives back what a sink plays."""
    is_default: bool
    """The server's default."""
    number: str
    muted: bool | None = None
    volume: float | None = None
    """Percent, of the loudest channel."""


def sources() -> list[Node]:
    """Return what the sound server can record from; nothing where there is no server or no `pactl`."""
    return parse_nodes(_pactl("list", "sources"), "Source", _pactl("info"))


def sinks() -> list[Node]:
    """Return what the sound server can play to; nothing where there is no server or no `pactl`."""
    return parse_nodes(_pactl("list", "sinks"), "Sink", _pactl("info"))


def current_source() -> Node | None:
    """Return the source that this process records from, as the server has it."""
    for _, block in _split_entries(_pactl("list", "source-outputs"), "Source Output"):
        if re.search(rf'application\.process\.id = "{os.getpid()}"', block):
            number = _value(block, "Source")
            return next((each for each in sources() if each.number == number), None)
    return None


def select_node(node: Node, direction: Literal["source", "sink"] = "source") -> None:
    """Let streams that this process opens from now on go from or to a node."""
    # Read by the server's client library when the stream opens: PulseAudio's, PipeWire's.
    os.environ[f"PULSE_{direction.upper()}"] = os.environ["PIPEWIRE_NODE"] = node.name


def parse_nodes(listing: str, title: str, info: str) -> list[Node]:
    """Return the entries of `pactl list`; `title` is "Source" or "Sink", `info` what `pactl info` says."""
    default = re.search(rf"^Default {title}: (.+)$", info, re.MULTILINE)
    found = []
    for number, block in _split_entries(listing, title):
        name = _value(block, "Name")
        volumes = [int(each) for each in _PERCENT.findall(_value(block, "Volume"))]
        found.append(
            Node(
                name=name,
                title=_value(block, "Description") or name,
                # What a null sink gives back is a monitor too, but a remapped one is made on purpose.
                is_monitor=_value(block, "Monitor of Sink") not in ("", "n/a"),
                is_default=default is not None and default[1] == name,
                number=number,
                muted={"yes": True, "no": False}.get(_value(block, "Mute")),
                volume=float(max(volumes)) if volumes else None,
            )
        )
    return found


def _split_entries(listing: str, title: str) -> list[tuple[str, str]]:
    """Return number and text of each entry of `pactl list`."""
    parts = re.split(rf"^{title} #(\d+)$", listing, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def _pactl(*arguments: str) -> str:
    """Return what Linux' sound server says; nothing where there is none."""
    if platforms.current_system().name != "linux":
        return ""
    # In the C locale: the answers are read by their English names.
    return programs.output(("pactl", *arguments), LC_ALL="C").decode("utf-8", "replace")


def _value(block: str, key: str) -> str:
    found = re.search(rf"^\t{key}: (.*)$", block, re.MULTILINE)
    return found[1].strip() if found else ""
