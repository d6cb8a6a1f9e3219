"""A bare Debian in which the README's lines are run as a newcomer would run them.

    PYTHONPATH=tests python -m lab.install.root trixie

builds its root, unless it is there already, and prints its folder: the essential packages,
apt and Python, nothing else. It is kept under `$XDG_CACHE_HOME/preflight-lab/install` and
named by this recipe.
"""

import ast
import configparser
import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[3]
CONTENT = ("preflight", "tests", ".github", ".ci", "pyproject.toml", "README.md", "LICENSE", ".gitignore")
FOLDER = "root/preflight"
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
"""All that is set: what else this computer has set would hide what a newcomer meets."""

_PIP = ("cert", "proxy", "index-url", "extra-index-url", "trusted-host", "default-timeout", "timeout")
"""How this computer's pip reaches a registry."""
_CERTIFICATES = "etc/host-certificates.crt"
_LIMIT_S = 1800
# In namespaces of their own, so that nothing that is started or mounted outlives the command.
_ENTER = (
    'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount -t sysfs -o ro sysfs "$0/sys"'
    ' && exec chroot "$0" "$@"'
)


class CannotBuild(Exception):
    """Why there is no root on this computer."""


def command(name: str) -> str:
    """Return a command of the README, word for word: "run" or "test"."""
    text = (PROJECT / "README.md").read_text("utf-8")
    found = re.search(rf"<!-- {name} command -->\n```\n(.+?)\n```\n", text, re.DOTALL)
    assert found, name
    return found[1]


def build(suite: str) -> Path:
    """Return the folder of the root of one of Debian's releases, built first where it is not there yet."""
    if sys.platform == "win32":
        raise CannotBuild("not Linux")
    import fcntl  # noqa: PLC0415 - Windows has none

    if os.geteuid() != 0:
        raise CannotBuild("not root")
    if missing := [tool for tool in ("mmdebstrap", "unshare", "chroot") if shutil.which(tool) is None]:
        raise CannotBuild(f"not installed: {', '.join(missing)}")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "preflight-lab" / "install"
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / f"{suite}-{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]}"
    with (cache / f"{suite}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            for old in cache.glob(f"{suite}-*"):
                shutil.rmtree(old, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=cache, prefix="work-") as work:
                fresh = Path(work) / "root"
                options = ("--variant=minbase", "--include=python3", "--dpkgopt=force-unsafe-io")
                _run("mmdebstrap", "--quiet", *options, suite, str(fresh))
                fresh.rename(root)
    return root


@contextlib.contextmanager
def fresh(base: Path) -> Iterator[Path]:
    """Yield a copy of a root, gone afterwards, in which this project lies as a newcomer's clone."""
    with tempfile.TemporaryDirectory(dir=base.parent, prefix="run-") as work:
        root = Path(work) / "root"
        # Within one file system, so that nothing is copied that somebody mounted there.
        _run("cp", "--archive", "--one-file-system", "--reflink=auto", str(base), str(root))
        for name in CONTENT:
            source, target = PROJECT / name, root / FOLDER / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
        _connect(root)
        yield root


def inside(root: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell in the project's folder, with nothing set but PATH and HOME."""
    environment = (f"{name}={value}" for name, value in ENVIRONMENT.items())
    return subprocess.run(
        [
            *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _ENTER, str(root)),
            *("env", "-i", *environment, "bash", "-c", f'cd "$HOME/preflight" && {line}'),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=_LIMIT_S,
    )


def _connect(root: Path) -> None:
    """Let the root's package clients reach what this computer's reach, by files alone."""
    for name in ("etc/resolv.conf", "etc/hosts"):
        (root / name).unlink(missing_ok=True)
        shutil.copy(Path("/") / name, root / name)
    acquire = _run("apt-config", "dump", "Acquire").splitlines()
    wanted = ("Acquire::http", "Acquire::https", "Acquire::Check-")
    (root / "etc/apt/apt.conf.d/host").write_text(
        "".join(f"{line}\n" for line in acquire if line.startswith(wanted))
    )
    pip = configparser.RawConfigParser()
    pip["global"] = {}
    for line in _run(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        if key not in _PIP or "file:" in value:
            continue
        pip["global"][key] = str(ast.literal_eval(value)).replace("\n", "\n\t")
        if key == "cert":
            # Not where they lie here: the root's own ones are made there.
            shutil.copy(pip["global"][key], root / _CERTIFICATES)
            pip["global"][key] = f"/{_CERTIFICATES}"
    with (root / "etc/pip.conf").open("w") as file:
        pip.write(file)


def _run(*words: str) -> str:
    """Run a command of this computer; raises `CannotBuild` with what it said when it fails."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBuild(f"{' '.join(words[:4])}: {done.stderr[-1000:]}")
    return done.stdout


if __name__ == "__main__":
    print(build(sys.argv[1]))  # noqa: T201 - what it is called for
