#!/usr/bin/python3
"""A person at a terminal, who does one thing after the other as soon as something is to be seen.

    person 80x24 'Then press Enter' '' 'is good' '\\n' 'read aloud' '!touch /run/speak' -- preflight run

Before the two dashes stands what is waited for, and what is then done: keys, a command
behind an exclamation mark, or nothing. Waited for is what the program writes after the
last thing done. Prints {status, moments: [[seconds, bytes]…], written}: when each thing
was seen, in seconds and in bytes written until then; all that was written is in base64,
compressed. The status is that of the program, -1 when it was stopped after the last thing
waited for did not come.
"""

import base64
import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
import zlib

PATIENCE_S = 240
_ESCAPED = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_OWN = (
    "import fcntl,os,sys,termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)


def main() -> None:
    size, *words = sys.argv[1:]
    dashes = words.index("--")
    steps, command = list(zip(words[:dashes:2], words[1:dashes:2], strict=True)), words[dashes + 1 :]
    columns, rows = map(int, size.split("x"))
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (rows, columns))
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", _OWN, *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=environment,
    )
    written, since, moments = bytearray(), 0, []
    begun = due = time.monotonic()
    while True:
        ready = select.select([ours], [], [], 0.1)[0]
        if ready:
            written += os.read(ours, 1 << 16)
            due = due if steps else time.monotonic()
        elif process.poll() is not None:
            break
        if time.monotonic() - due > PATIENCE_S:
            process.kill()
            process.returncode = -1
            break
        if steps and steps[0][0].encode() in _ESCAPED.sub(b"", written[since:]):
            _, done = steps.pop(0)
            due = time.monotonic()
            moments.append([round(due - begun, 2), len(written)])
            if done:
                since = len(written)
                act(done, ours)
    packed = base64.b64encode(zlib.compress(written)).decode()
    json.dump({"status": process.returncode, "moments": moments, "written": packed}, sys.stdout)


def act(done: str, keyboard: int) -> None:
    if done.startswith("!"):
        subprocess.run(["bash", "-c", done[1:]], check=True)
    else:
        os.write(keyboard, done.encode())


if __name__ == "__main__":
    main()
