"""The disk, the initramfs and the kernel of the machine that the lab boots.

    PYTHONPATH=tests python -m lab.machine.image

builds them, unless they are there already, and prints their folder. Everything comes
from Debian's archive (as this computer's apt has it) and from PyPI; the guest needs no
network. Root on Debian only; `tests/lab/packages.txt` says what has to be installed.

An image is kept under `$XDG_CACHE_HOME/preflight-lab/machine` and named by what went
into it: this recipe, its lists in `inside/`, the product's dependencies, the kernel.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
INSIDE = HERE / "inside"

_TOOLS = (
    "iasl",
    "strip",
    "cpio",
    "mke2fs",
    "gcc",
    "depmod",
    "make",
    "mmdebstrap",
    "qemu-system-x86_64",
    "xz",
)
_PARTS = ("packages.txt", "modules.txt", "blacklist.conf", "init", "initrd-init")
_DOCUMENTS = ("doc", "man", "info", "locale", "help", "icons", "lintian")
_PLATFORMS = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")


class CannotBuild(Exception):
    """Why there is no image on this computer."""


def build() -> Path:
    """Return the folder of the image, which is built first where it is not there yet."""
    _demand_tools()
    kernel = _kernel()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "preflight-lab" / "machine"
    cache.mkdir(parents=True, exist_ok=True)
    image = cache / _key(kernel)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not image.is_dir():
            with tempfile.TemporaryDirectory(dir=cache, prefix="work-") as folder:
                _build(Path(folder), cache / "downloads", kernel).rename(image)
            for old in cache.iterdir():
                if old.is_dir() and old not in (image, cache / "downloads"):
                    shutil.rmtree(old, ignore_errors=True)
    return image


def _demand_tools() -> None:
    if os.geteuid() != 0:
        raise CannotBuild("not root")
    if missing := [tool for tool in _TOOLS if shutil.which(tool) is None]:
        raise CannotBuild(f"not installed: {', '.join(missing)}")


def _kernel() -> str:
    """Return the version of the generic kernel whose headers are installed (the cloud one has no cameras)."""
    found = sorted(Path("/usr/src").glob("linux-headers-*-amd64"), key=_natural)
    if not found:
        raise CannotBuild("not installed: linux-headers-amd64")
    return found[-1].name.removeprefix("linux-headers-")


def _natural(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.name)]


def _requirements() -> list[str]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    return list(project["project"]["dependencies"])


def _key(kernel: str) -> str:
    parts = [Path(__file__), *(INSIDE / name for name in _PARTS)]
    content = b"".join(path.name.encode() + path.read_bytes() for path in parts)
    return hashlib.sha256(content + repr((_requirements(), kernel)).encode()).hexdigest()[:16]


def _build(work: Path, downloads: Path, kernel: str) -> Path:
    downloads.mkdir(exist_ok=True)
    out = work / "image"
    out.mkdir()
    started = time.monotonic()

    def say(step: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - started:4.0f} s] {step}\n")

    say(f"kernel {kernel}")
    unpacked = _unpack_kernel(work, downloads, kernel)
    shutil.copy(unpacked / f"boot/vmlinuz-{kernel}", out / "vmlinuz")
    say("drivers that Debian does not ship")
    _compile_drivers(work, downloads, kernel, unpacked)
    say("Debian packages")
    root = _bootstrap(work)
    say("Python packages")
    _install_python(root)
    say("drivers, users")
    _install_drivers(root, unpacked, kernel)
    _furnish(root)
    say("initramfs and disk")
    _pack_initrd(root, unpacked, kernel, work, out / "initrd.gz")
    size = int(_run("du", "-sm", root).split()[0]) * 11 // 10 + 150
    _run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", root, out / "root.img", f"{size}M")
    say(f"done: a disk of {size} MB")
    return out


def _run(*command: str | Path, folder: Path | None = None, stdin: bytes | None = None) -> str:
    done = subprocess.run(command, cwd=folder, input=stdin, capture_output=True, check=False)
    if done.returncode:
        raise CannotBuild(
            f"{' '.join(map(str, command[:4]))}: {done.stderr.decode(errors='replace')[-2000:]}"
        )
    return done.stdout.decode(errors="replace")


def _download(package: str, downloads: Path) -> Path:
    """Return Debian's file of a package, of the version that apt would install."""
    version = re.search(r"Candidate: (\S+)", _run("apt-cache", "policy", package))
    if version is None or version[1] == "(none)":
        raise CannotBuild(f"apt knows no {package}")
    name = f"{package}_{version[1].replace(':', '%3a')}_*.deb"
    if not list(downloads.glob(name)):
        for old in downloads.glob(f"{package}_*.deb"):
            old.unlink()
        _run("apt-get", "download", package, folder=downloads)
    return next(downloads.glob(name))


def _unpack_kernel(work: Path, downloads: Path, kernel: str) -> Path:
    unpacked = work / "kernel"
    _run("dpkg-deb", "-x", _download(f"linux-image-{kernel}", downloads), unpacked)
    return unpacked


def _compile_drivers(work: Path, downloads: Path, kernel: str, unpacked: Path) -> None:
    """Compile v4l2loopback, which the kernel lacks, and test_power, which Debian configures out."""
    loopback, drivers = work / "v4l2loopback", work / "drivers"
    _run("dpkg-deb", "-x", _download("v4l2loopback-dkms", downloads), loopback)
    drivers.mkdir()
    for source in loopback.glob("usr/src/v4l2loopback-*/*.[ch]"):
        shutil.copy(source, drivers)
    series = ".".join(kernel.split(".")[:2])
    package = _download(f"linux-source-{series}", downloads)
    inner = f"./usr/src/linux-source-{series}.tar.xz"
    pick = (
        f"dpkg-deb --fsys-tarfile {package} | tar -xO {inner} | "
        f"tar -xJ -C {drivers} --strip-components=4 --wildcards '*/drivers/power/supply/test_power.c'"
    )
    _run("bash", "-o", "pipefail", "-c", pick)
    (drivers / "Makefile").write_text("obj-m := v4l2loopback.o test_power.o\n")
    _run("make", "-C", f"/usr/src/linux-headers-{kernel}", f"M={drivers}", "modules")
    extra = unpacked / "lib/modules" / kernel / "extra"
    extra.mkdir()
    for driver in drivers.glob("*.ko"):
        shutil.copy(driver, extra)


def _lines(name: str) -> list[str]:
    return [line for line in (INSIDE / name).read_text().splitlines() if line and not line.startswith("#")]


def _bootstrap(work: Path) -> Path:
    """Lay out a Debian root of the suite that this computer runs, from the archives it uses."""
    targets = _run(
        "apt-get",
        "indextargets",
        "--format",
        "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)",
        "Created-By: Packages",
    )
    sources = {line.removeprefix("Debian|") for line in targets.splitlines() if line.startswith("Debian|")}
    if not sources:
        raise CannotBuild("apt has no Debian archive")
    suite = _run("bash", "-c", '. /etc/os-release; echo -n "$VERSION_CODENAME"')
    listed = "".join(f"deb {line.replace('|', ' ')}\n" for line in sorted(sources))
    root = work / "root"
    excluded = [f"/usr/share/{name}/*" for name in _DOCUMENTS]
    # libGL is linked but never called without a screen: the compiler behind it is 117 MB.
    excluded += ["/usr/lib/*/libLLVM*", "/usr/lib/*/dri/*"]
    _run(
        "mmdebstrap",
        "--mode=root",
        "--variant=essential",
        f"--include={','.join(_lines('packages.txt'))}",
        "--dpkgopt=force-unsafe-io",
        *(f"--dpkgopt=path-exclude={path}" for path in excluded),
        suite,
        root,
        "-",
        stdin=listed.encode(),
    )
    shutil.rmtree(root / "var/lib/apt/lists")
    shutil.rmtree(root / "var/cache/apt")
    return root


def _install_python(root: Path) -> None:
    """Unpack the product's dependencies where the guest's Python looks for them, and compile them there."""
    (version,) = (path.name for path in root.glob("usr/bin/python3.*") if path.name[8:].isdigit())
    site = root / "usr/local/lib" / version / "dist-packages"
    tag = "cp" + version.removeprefix("python").replace(".", "")
    machine = sysconfig.get_platform().rpartition("-")[2]
    _run(
        *(
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-compile",
            "--only-binary=:all:",
            "--target",
            site,
        ),
        *(
            "--python-version",
            tag[2:],
            "--implementation",
            "cp",
            "--abi",
            tag,
            "--abi",
            "abi3",
            "--abi",
            "none",
        ),
        *(word for platform in _PLATFORMS for word in ("--platform", f"{platform}_{machine}")),
        *_requirements(),
    )
    shutil.rmtree(site / "bin", ignore_errors=True)
    inside = f"/usr/local/lib/{version}/dist-packages"
    _run("chroot", root, "python3", "-m", "compileall", "-q", "-j2", "/usr/lib/" + version, inside)


def _needed(unpacked: Path, kernel: str, driver: str) -> list[Path]:
    """Return the files of a driver and of all it depends on, in the order of loading."""
    listed = _run("modprobe", "-d", unpacked, "-S", kernel, "--show-depends", driver)
    return [Path(line.split()[1]) for line in listed.splitlines() if line.startswith("insmod")]


def _install_drivers(root: Path, unpacked: Path, kernel: str) -> None:
    here, there = unpacked / "lib/modules" / kernel, root / "lib/modules" / kernel
    _run("depmod", "-b", unpacked, kernel)
    for driver in _lines("modules.txt"):
        for file in _needed(unpacked, kernel, driver):
            target = there / file.relative_to(here)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                _run("strip", "--strip-debug", "-o", target, file)
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(here / name, there)
    _run("depmod", "-b", root, kernel)


def _furnish(root: Path) -> None:
    shutil.copy(INSIDE / "init", root / "sbin/lab-init")
    (root / "sbin/lab-init").chmod(0o755)
    shutil.copy(INSIDE / "blacklist.conf", root / "etc/modprobe.d/lab.conf")
    (root / "etc/hostname").write_text("lab\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost lab\n")
    _run("chroot", root, "useradd", "-m", "-s", "/bin/bash", "-G", "video,audio", "member")
    _run("chroot", root, "useradd", "-m", "-s", "/bin/bash", "stranger")


def _pack_initrd(root: Path, unpacked: Path, kernel: str, work: Path, out: Path) -> None:
    tree = work / "initrd"
    for folder in ("bin", "modules", "proc", "dev", "sys", "new"):
        (tree / folder).mkdir(parents=True)
    shutil.copy(root / "bin/busybox", tree / "bin")
    order = {
        file.name: file
        for driver in ("virtio_pci", "virtio_blk", "ext4")
        for file in _needed(unpacked, kernel, driver)
    }
    for name, file in order.items():
        _run("strip", "--strip-debug", "-o", tree / "modules" / name, file)
    (tree / "modules/order").write_text("".join(f"{name}\n" for name in order))
    shutil.copy(INSIDE / "initrd-init", tree / "init")
    (tree / "init").chmod(0o755)
    _run("bash", "-o", "pipefail", "-c", f"find . | cpio -o -H newc --quiet | gzip -6 > {out}", folder=tree)


if __name__ == "__main__":
    sys.stdout.write(f"{build()}\n")
