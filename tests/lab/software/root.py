"""A Debian root with real browsers, over which each scenario lays a Zoom.

    PYTHONPATH=tests python -m lab.software.root

builds it, unless it is there already, and prints its folder: Debian's chromium and
firefox-esr from the archives that this computer's apt uses, and the few wheels that the
software source needs. It is kept under `$XDG_CACHE_HOME/preflight-lab/software` and named
by this recipe.
"""

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[3]
PACKAGES = ("python3", "chromium", "firefox-esr", "xdg-utils")
WHEELS = ("typer", "rich", "psutil")
SITE = "opt/preflight"
USER = 1000
ENVIRONMENT = {
    "HOME": "/home/anna",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
}


class CannotBuild(Exception):
    """Why there is no root on this computer."""


def build() -> Path:
    """Return the folder of the root, which is built first where it is not there yet."""
    if sys.platform == "win32":
        raise CannotBuild("not Linux")
    import fcntl  # noqa: PLC0415 - Windows has none

    if os.geteuid() != 0:
        raise CannotBuild("not root")
    if shutil.which("mmdebstrap") is None:
        raise CannotBuild("not installed: mmdebstrap")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "preflight-lab" / "software"
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / hashlib.sha256(Path(__file__).read_bytes() + suite().encode()).hexdigest()[:16]
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            for old in cache.glob("[0-9a-f]*"):
                shutil.rmtree(old, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=cache, prefix="work-") as work:
                _bootstrap(Path(work) / "root")
                (Path(work) / "root").rename(root)
    return root


def suite() -> str:
    """Return the name of Debian's release that this computer runs."""
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")


@contextlib.contextmanager
def over(root: Path) -> Iterator[Path]:
    """Lay an empty layer over the root; yields the folder of both, with /proc, /sys and the product."""
    with tempfile.TemporaryDirectory(prefix="preflight-software-") as folder:
        top = Path(folder)
        for name in ("upper", "work", "merged"):
            (top / name).mkdir()
        layers = f"lowerdir={root},upperdir={top}/upper,workdir={top}/work"
        merged = top / "merged"
        run("mount", "-t", "overlay", "-o", layers, "overlay", merged)
        try:
            run("mount", "--rbind", "/proc", merged / "proc")
            run("mount", "-t", "sysfs", "-o", "ro", "sysfs", merged / "sys")
            shutil.copytree(PROJECT / "preflight", merged / SITE / "preflight")
            home = merged / ENVIRONMENT["HOME"].lstrip("/")
            home.mkdir(parents=True)
            yield merged
        finally:
            run("umount", "-R", "-l", merged)


def inside(merged: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the root as a plain user."""
    return subprocess.run(
        [shutil.which("chroot") or "chroot", f"--userspec={USER}:{USER}", merged, *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**ENVIRONMENT, "PYTHONPATH": f"/{SITE}"},
    )


def run(*command: str | Path) -> str:
    """Run a command of the host; raises `CannotBuild` with what it said when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBuild(f"{' '.join(map(str, command[:4]))}: {done.stderr[-1000:]}")
    return done.stdout


def _bootstrap(root: Path) -> None:
    unneeded: Sequence[str] = [
        f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")
    ]
    packages = f"--include={','.join(PACKAGES)}"
    run("mmdebstrap", "--variant=minbase", packages, "--dpkgopt=force-unsafe-io", *unneeded, suite(), root)
    version = run(
        "chroot", root, "python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"
    ).strip()
    fitting = ("--only-binary=:all:", "--python-version", version, "--target", root / SITE)
    run(sys.executable, "-m", "pip", "install", "--quiet", *fitting, *WHEELS)


if __name__ == "__main__":
    print(build())  # noqa: T201 - what it is called for
