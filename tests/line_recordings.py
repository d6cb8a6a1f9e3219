"""Recorded line tests, as `--record` writes them: a good line, and one that is too slow."""

import json
import math
from pathlib import Path

from preflight.captures import Answer, Download, Probe, Reach, Rehearsal, Transfer, Upload
from preflight.sources import recording

BOUND = 8.0
PACE = 24.0


def transfer(kind: type[Transfer], rate: float) -> Transfer:
    """Return a transfer over a line of that many Mbit/s, with a little unrest in it."""
    carried = min(rate, PACE)
    seconds = 1.4 if rate > 2 * BOUND else 4.0
    rates = tuple(carried * (1 + 0.02 * math.sin(step)) for step in range(round(10 * seconds)))
    return kind(
        provider="cloudflare",
        bound=BOUND,
        pace=PACE,
        streams=4,
        round_trip=0.03,
        rates=rates,
        late=(0.001,) * len(rates),
        connects=(0.06,) * 4,
        errors=(),
        end="sure",
        used=round(sum(rates) / 10 / 8 * 1e6),
        seconds=seconds + 0.1,
    )


def rehearsal() -> Rehearsal:
    """Return a session rehearsed on a calm line."""
    probes = tuple(Probe(sent=0.03 * step, round_trip=0.03 + 0.002 * math.sin(step)) for step in range(130))
    steps = (4.0,) * 40
    return Rehearsal(
        method="stun",
        probes=probes,
        load=4.0,
        down=steps,
        up=steps,
        late=(0.001,) * 40,
        errors=(),
        used=4_000_000,
        seconds=4.2,
    )


def reach() -> Reach:
    """Return the Client Cabinet and Zoom, both there."""
    answers = tuple(
        Answer(target=name, dns=0.01, tcp=0.03, tls=0.07, http=0.1, status=200, trouble=None)
        for name in ("cabinet", "zoom")
    )
    return Reach(answers=answers, udp=0.03, udp_asked=2, connected=True, portal=False)


def write_recording(folder: Path, *, down: float = 50.0, up: float = 20.0) -> Path:
    """Write the recording of a line and return its path."""
    seen = [transfer(Download, down), transfer(Upload, up), rehearsal(), reach()]
    path = folder / "network.json"
    path.write_text(json.dumps(recording.dump("network", seen)), "utf-8")
    return path
