#!/usr/bin/python3
"""A wireless mouse with a battery, for the kernel's own HID driver: `mouse PERCENT`.

The kernel's Documentation/hid/uhid.rst; it puts itself in the background.
"""

import os
import struct
import subprocess
import sys
import time
from pathlib import Path

CREATE2, GET_REPORT, GET_REPORT_REPLY = 11, 9, 10
BLUETOOTH = 5
EVENT = 4380
"""Bytes of the largest event, struct uhid_event."""
DESCRIPTOR = bytes.fromhex(
    "05010902a1018501"  # Generic Desktop, Mouse, Application, report 1
    "0901a100050919012903150025019503750181029501750581030501093009311581257f750895028106c0"
    "8502050609201500266400750895018102"  # report 2: Generic Device Controls, Battery Strength, 0 to 100
    "c0"
)


def main() -> None:
    percent = int(sys.argv[1])
    subprocess.run(["modprobe", "-a", "uhid", "hid-generic"], check=True)
    file = os.open("/dev/uhid", os.O_RDWR)
    create = struct.pack(
        "<I128s64s64sHHIIII",
        CREATE2,
        b"Lab Mouse",
        b"",
        b"",
        len(DESCRIPTOR),
        BLUETOOTH,
        0x1209,
        0xCA02,
        1,
        0,
    )
    os.write(file, create + DESCRIPTOR.ljust(4096, b"\0"))
    if os.fork():
        for _ in range(100):
            if list(Path("/sys/class/power_supply").glob("hid-*")):
                return
            time.sleep(0.1)
        sys.exit("no battery came")
    os.setsid()
    while True:
        event = os.read(file, EVENT)
        kind, number = struct.unpack_from("<II", event)
        if kind == GET_REPORT:
            answer = struct.pack("<IIHH", GET_REPORT_REPLY, number, 0, 2) + bytes([2, percent])
            os.write(file, answer.ljust(EVENT, b"\0"))


if __name__ == "__main__":
    main()
