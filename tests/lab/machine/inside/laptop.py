#!/usr/bin/python3
"""Makes the machine a laptop: writes its ACPI batteries' values and loads their drivers.

laptop off discharging,10,40,50            mains off; state, watts, watt-hours now and full
laptop off discharging,10,0,50 full,0,50,50
"""

import subprocess
import sys
import time
from pathlib import Path

FIRST = 0x60
"""Where `battery.asl` looks in the clock chip's memory."""
STATES = {"full": 1, "discharging": 2, "charging": 3}
SUPPLIES = Path("/sys/class/power_supply")


def values(mains: str, batteries: list[str]) -> bytes:
    """Return the bytes as the ACPI table reads them."""
    made = bytes([mains == "on"])
    for battery in batteries:
        state, *numbers = battery.split(",")
        made += bytes([STATES[state]])
        made += b"".join(round(float(number) * 1000).to_bytes(2, "little") for number in numbers)
    return made.ljust(15, b"\0")


def main() -> None:
    mains, *batteries = sys.argv[1:]
    with Path("/dev/port").open("r+b", buffering=0) as ports:
        for offset, value in enumerate(values(mains, batteries)):
            ports.seek(0x70)
            ports.write(bytes([FIRST + offset]))
            ports.seek(0x71)
            ports.write(bytes([value]))
    subprocess.run(["modprobe", "-a", "ac", "battery"], check=True)
    for _ in range(100):
        if (
            all((SUPPLIES / f"BAT{i}").exists() for i in range(len(batteries)))
            and (SUPPLIES / "AC0").exists()
        ):
            return
        time.sleep(0.1)
    sys.exit(f"no battery came: {[path.name for path in SUPPLIES.iterdir()]}")


if __name__ == "__main__":
    main()
