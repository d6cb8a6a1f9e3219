"""No report, in any format, says whose computer this is."""

import getpass
import os
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import get_type_hints

import line_recordings
import psutil
import scenes

from preflight import captures, cli
from preflight.sources.network import line, reach

OWNER = "anna-berzina"
SUFFIXES = (".txt", ".json", ".ndjson", ".xml", ".html", ".md")


def own_values() -> Iterator[str]:
    """Yield what only this computer and its owner have."""
    yield socket.gethostname()
    yield getpass.getuser()
    node = f"{uuid.getnode():012x}"
    yield ":".join(node[at : at + 2] for at in range(0, 12, 2))
    for name, addresses in psutil.net_if_addrs().items():
        yield name
        yield from (each.address for each in addresses)
    machine = Path("/etc/machine-id")
    if machine.exists():
        yield machine.read_text("ascii").strip()


def test_no_format_holds_a_value_of_the_machine(tmp_path: Path) -> None:
    home = tmp_path / OWNER
    home.mkdir()
    camera = scenes.picture(home / f"{OWNER}.png", scenes.good()[200:680, 700:1180])
    files = [home / f"report{suffix}" for suffix in SUFFIXES]
    outputs = [word for path in files for word in ("--output", str(path))]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "preflight", "run", "--no-input", "-v", "--record", str(home / "kept")),
            *(
                "--camera",
                str(camera),
                "--network",
                str(line_recordings.write_recording(home)),
                "--skip",
                "microphone",
            ),
            *outputs,
        ],
        env={**os.environ, "HOME": str(home), "USER": OWNER, "LOGNAME": OWNER},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    kept = [home / "kept" / f"{source}.json" for source in ("network", "software")]
    # Words of three letters and names that every system has stand in any text.
    told = {value for value in own_values() if len(value) > 3} - {"root", "localhost", "127.0.0.1"}
    for path in (*files, *kept):
        text = path.read_text("utf-8").lower()
        assert OWNER not in text, path
        assert str(home).lower() not in text, path
        for value in told:
            assert not re.search(rf"(?<![\w.]){re.escape(value.lower())}(?![\w.])", text), (path, value)


def test_of_the_way_to_the_internet_only_yes_and_no_is_kept() -> None:
    assert set(get_type_hints(captures.Uplink).values()) == {bool | None}
    told = reach.read_uplink()
    assert told is None or set(asdict(told).values()) <= {True, False, None}
    assert line.outgoing_interface() in {"", *psutil.net_if_addrs()}


def test_a_report_names_devices_only_when_asked(tmp_path: Path) -> None:
    camera = scenes.picture(tmp_path / f"{OWNER}.png", scenes.good()[200:680, 700:1180])
    command = [sys.executable, "-m", "preflight", "run", "--no-input", "--only", "camera.video"]
    command += ["--camera", str(camera), "--format", "json"]
    silent, named = (
        subprocess.run([*command, *more], capture_output=True, text=True, check=False).stdout
        for more in ([], ["--devices"])
    )
    assert OWNER not in silent
    assert OWNER in named


def test_a_mistake_of_ours_names_no_path(tmp_path: Path) -> None:
    try:
        (tmp_path / OWNER).read_bytes()
    except OSError:
        said = cli._short_traceback()  # noqa: SLF001 - nothing is known that ends in it
    assert str(tmp_path) not in said
    assert said.endswith("FileNotFoundError ENOENT")
