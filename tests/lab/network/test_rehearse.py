"""A rehearsal of the whole session at one end of a line that drops out, and what Ctrl-C makes of it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from lab.network.link import Lab, unable

REASON = unable()
pytestmark = [
    pytest.mark.lab,
    pytest.mark.lab_network,
    pytest.mark.skipif(REASON is not None, reason=f"the network lab {REASON}"),
]


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        lab.line(down=50, up=50)
        lab.serve()
        lab.drop()
        lab.addresses()
        yield lab


def rehearse(lab: Lab, minutes: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "preflight", "rehearse", "--format", "json", "--minutes", str(minutes)]
    return lab.popen(lab.client, *command, env=lab.environment(), stderr=subprocess.PIPE)


def ended(process: "subprocess.Popen[str]") -> tuple[dict[str, Any], str]:
    """Return the check of the line, and what was said of the run."""
    document, said = process.communicate(timeout=120)
    assert "Traceback" not in said
    (stability, _) = json.loads(document)["checks"]
    return stability, said


def value(check: dict[str, Any], fact: str) -> Any:
    return check["facts"][fact]["value"]


def test_every_dropout_of_a_minute_is_seen(lab: Lab) -> None:
    process = rehearse(lab, 1)
    for seconds in (15, 20):
        time.sleep(seconds)
        lab.drop("udp dport 3478")
        time.sleep(2)
        lab.drop()
    stability, said = ended(process)
    assert "60 MB" in said.replace("\u00a0", " ")
    assert stability["verdict"] == "warn"
    assert value(stability, "dropouts") == 2
    assert value(stability, "gap") == pytest.approx(2000, abs=300)
    assert value(stability, "worst_minute") == pytest.approx(100 * 4 / 60, abs=1.5)
    assert value(stability, "minutes") == pytest.approx(1, abs=0.2)
    assert value(stability, "down") == pytest.approx(4, rel=0.2)
    assert value(stability, "used") < 3
    assert 0.0 in stability["series"]["round_trip"]["values"]


def test_a_quiet_line_passes_until_somebody_ends_it(lab: Lab) -> None:
    process = rehearse(lab, 20)
    time.sleep(14)
    (program,) = subprocess.run(
        ["pgrep", "-f", "preflight rehearse --format json --minutes 20"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    subprocess.run(["kill", f"-{signal.SIGINT.value}", program], check=True)
    stability, _ = ended(process)
    assert stability["verdict"] == "pass", stability
    assert value(stability, "dropouts") == 0
    assert 0 < value(stability, "minutes") < 0.5
