"""A run in which every secret that a computer holds is planted: nothing of it is told to anybody else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scenes
import servers
import voices

OWNER = "anna-berzina"
SUFFIXES = (".txt", ".json", ".ndjson", ".xml", ".html", ".md")
PASSWORD, LOGIN, PROXY = "s3cr3t-word", "login-of-bob", "proxy-of-her-employer"
MAC, SERIAL = "00:1f:20:aa:bb:cc", "SN0123456789"
SECRETS = (OWNER, PASSWORD, LOGIN, PROXY, MAC, SERIAL)
WAYS = {
    "a # in the password": f"http://{LOGIN}:{PASSWORD}#x@{PROXY}.example:3128",
    "a / in the password": f"http://{LOGIN}:{PASSWORD}/x@{PROXY}.example:3128",
    "an @ in the password": f"http://{LOGIN}:{PASSWORD}@x@{PROXY}.example:3128",
    "no such port": f"http://{LOGIN}:{PASSWORD}@{PROXY}.example:99999",
    "a port that is none": f"http://{LOGIN}:{PASSWORD}@{PROXY}.example:{SERIAL}",
    "no such protocol": f"gopher://{LOGIN}:{PASSWORD}@{PROXY}.example:3128",
    "a bracket": f"http://{LOGIN}:{PASSWORD}@[{PROXY}",
    "nobody there": f"http://{LOGIN}:{PASSWORD}@127.0.0.1:9",
}


def secrets_in(text: str) -> set[str]:
    return {secret for secret in SECRETS if secret.casefold() in text.casefold()}


def run(home: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program as its owner would, and let it write every format."""
    outputs = [word for suffix in SUFFIXES for word in ("--output", str(home / f"report{suffix}"))]
    command = [sys.executable, "-m", "preflight", "run", "--no-input", "-v", "--record", str(home / "kept")]
    bare = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    return subprocess.run(
        [*command, "--quiet", *more, *outputs],
        env=bare | {"HOME": str(home), "USER": OWNER, "LOGNAME": OWNER, "USERNAME": OWNER} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def told(home: Path, done: subprocess.CompletedProcess[str]) -> dict[str, set[str]]:
    """Return the secrets by where they stand."""
    files = [*(home / f"report{suffix}" for suffix in SUFFIXES), *sorted((home / "kept").glob("*.json"))]
    places = {path.name: secrets_in(path.read_text("utf-8")) for path in files} | {
        "-v": secrets_in(done.stderr)
    }
    return {place: found for place, found in places.items() if found}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home that is reached through a link, as on computers that are many people's."""
    real, link = tmp_path / "data" / OWNER, tmp_path / "home"
    real.mkdir(parents=True)
    try:
        link.symlink_to(real, target_is_directory=True)
    except OSError:
        return real
    # Wine's links to folders lead nowhere.
    return link if link.is_dir() else real


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_proxys_login_is_told_nobody(home: Path, way: str) -> None:
    proxies = {"http_proxy": way, "https_proxy": way, "HTTP_PROXY": way, "HTTPS_PROXY": way, "all_proxy": way}
    done = run(home, "--only", "network.reach,network.upload,software.browser", **proxies)
    assert done.returncode in {1, 3}, done.stderr
    assert told(home, done) == {}


def test_files_in_place_of_devices_are_not_named(home: Path) -> None:
    picture = scenes.picture(home / f"{OWNER} {SERIAL}.png", scenes.good()[200:680, 700:1180])
    sound = home / f"{OWNER} {SERIAL}.wav"
    sound.write_bytes(voices.wav(np.random.default_rng(1).normal(0, 0.1, 48000), 16000))
    done = run(home, "--only", "camera,microphone", "--camera", str(picture), "--microphone", str(sound))
    assert told(home, done) == {}


@pytest.mark.parametrize("ending", [".raw", ".wav", ".json"])
def test_files_that_cannot_be_read_are_not_named(home: Path, ending: str) -> None:
    if sys.platform == "win32":
        pytest.skip("no file has such a name there")
    broken = home / f"C:\\Users\\{OWNER}\\{SERIAL}{ending}"
    broken.write_bytes(f"{OWNER} {PASSWORD} {MAC}".encode() * 99)
    words = ("--only", "camera,microphone,network,power,software", "--camera", str(broken))
    done = run(home, *words, "--microphone", str(broken), "--network", str(broken), "--power", str(broken))
    assert done.returncode in {1, 3}, done.stderr
    report = json.loads((home / "report.json").read_text("utf-8"))
    kinds = {check["trouble"]["kind"] for check in report["checks"] if check["trouble"]}
    assert "bug" not in kinds
    assert told(home, done) == {}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(f"SSH-2.0-{OWNER} {PASSWORD}\r\n".encode(), id="no web server"),
        pytest.param(f"HTTP/1.1 {OWNER} {PASSWORD}\r\n\r\n".encode(), id="a status that is none"),
        pytest.param(f"HTTP/1.1 200 OK\r\nContent-Length: {PASSWORD}\r\n\r\n{OWNER}".encode(), id="a length"),
        pytest.param(f"HTTP/1.1 500 {PASSWORD}\r\nX-{OWNER}: {MAC}\r\n\r\n{OWNER}".encode(), id="an error"),
        pytest.param(
            f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{PASSWORD}\r\n{OWNER}".encode(),
            id="a chunk",
        ),
        pytest.param(
            f"HTTP/1.1 302 x\r\nLocation: http://{OWNER}:{PASSWORD}@[::1\r\n\r\n".encode(), id="a way"
        ),
    ],
)
def test_what_a_server_says_is_not_repeated(home: Path, answer: bytes) -> None:
    with servers.serve_answer(answer) as server:
        words = ("--only", "network.download,network.reach", "--network", server.url)
        done = run(home, *words, http_proxy="", https_proxy=server.url)
    assert told(home, done) == {}
