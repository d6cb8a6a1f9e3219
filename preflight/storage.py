"""Files: read within bounds, written whole or not at all, and never through a link."""

import contextlib
import errno
import os
import re
import secrets
import stat
from pathlib import Path
from typing import BinaryIO

IS_LINK = "It is a link to another file; name that file itself"
NO_READER = "No program reads from it"
NOT_REGULAR = "Not a regular file"
"""Reasons that no system has words for; they stand in `texts.SYSTEM_REASONS`."""

_STANDARD = {"stdout": 1, "stderr": 2}
_DESCRIPTOR = re.compile(r"/dev/(?:(stdout|stderr)|fd/(\d{1,4}))")
"""How POSIX systems name what a program was started with; Linux makes them links to it."""
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# Without O_NONBLOCK a pipe with nobody at its other end would be waited for.
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NO_SYNC_ERRORS = (errno.EINVAL, errno.ENOTSUP)
"""What file systems answer that cannot wait for their disk."""


def open_regular(path: str | Path) -> BinaryIO:
    """Open a regular file to be read; raises OSError for what is none."""
    number = os.open(path, os.O_RDONLY | _NONBLOCK | _BINARY)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(NOT_REGULAR)
    return os.fdopen(number, "rb")


def read(path: Path, limit: int) -> bytes:
    """Return what a regular file of at most so many bytes holds.

    Raises OSError (EFBIG) for a larger one, and for what is no regular file.
    """
    with open_regular(path) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content


def is_stream(path: Path) -> bool:
    """Tell whether this is a device, a pipe, or what this program was started with, and no file."""
    try:
        return _descriptor(path) is not None or not stat.S_ISREG(_file_mode(path) or stat.S_IFREG)
    except OSError:
        return False


def check_writable(path: Path, *, appends: bool) -> None:
    """Raise OSError where a file could not be written as `write` or `append` would do it."""
    if _descriptor(path) is not None:
        return
    mode = _file_mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        # Opening it might wait, or be noticed at its other end.
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return
    if mode is not None:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | _NOFOLLOW | _NONBLOCK | _BINARY))
    # A file that is replaced is written beside itself first.
    if mode is None or not appends:
        check_folder_writable(path.parent)


def check_folder_writable(folder: Path) -> None:
    """Raise OSError where no file can be made in a folder.

    Made and removed again: of a folder Windows tells only whether it is called read-only, and no system
    asks those who keep programs out of it, as Windows' controlled folder access does.
    """
    trial = folder / _temporary_name()
    os.close(os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _BINARY, 0o666))
    trial.unlink()


def write(path: Path, content: bytes) -> None:
    """Write a file so that at each moment it holds all of this, or what it held before.

    A device or a pipe is written to as it is. Raises OSError; of what was begun nothing stays.
    """
    if (started_with := _descriptor(path)) is not None:
        _write_all(started_with, content)
        return
    mode = _file_mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        _write_through(path, content)
        return
    if mode is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    beside = path.with_name(_temporary_name())
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _BINARY, 0o666)
    try:
        try:
            _write_all(number, content)
            _sync(number)
        finally:
            os.close(number)
        if mode is not None:
            beside.chmod(stat.S_IMODE(mode))
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def append(path: Path, line: bytes) -> None:
    """Write a line after what a file holds, in one piece, so that two runs never mix.

    After a line that was cut off it begins anew. A device or a pipe is written to as it is.
    Raises OSError; a part of a line is taken back.
    """
    if (started_with := _descriptor(path)) is not None:
        _write_all(started_with, line)
        return
    mode = _file_mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        _write_through(path, line)
        return
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | _NOFOLLOW | _NONBLOCK | _BINARY
    number = os.open(path, flags, 0o666)
    try:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(NOT_REGULAR)
        before = os.lseek(number, 0, os.SEEK_END)
        if before:
            os.lseek(number, -1, os.SEEK_END)
            line = line if os.read(number, 1) == b"\n" else b"\n" + line
        try:
            _write_all(number, line)
            _sync(number)
        except OSError:
            # Not where another run has written meanwhile: its line begins anew.
            if os.lseek(number, 0, os.SEEK_CUR) == os.fstat(number).st_size:
                os.ftruncate(number, before)
            raise
    finally:
        os.close(number)


def _temporary_name() -> str:
    return f".preflight-{secrets.token_hex(8)}"


def _descriptor(path: Path) -> int | None:
    """Return which open file of this program's a path names, where the system has such names."""
    named = _DESCRIPTOR.fullmatch(path.as_posix())
    if not named or not path.exists():
        return None
    return _STANDARD[named[1]] if named[1] else int(named[2])


def _file_mode(path: Path) -> int | None:
    """Return type and permissions of what stands at a path, None for nothing; raises OSError for a link."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(mode):
        raise OSError(IS_LINK)
    return mode


def _write_through(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | _NOFOLLOW | _BINARY
    try:
        probe = os.open(path, flags | _NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(NO_READER) from error
        raise
    try:
        # Somebody does read: this opens at once, and then waits for them at each write.
        number = os.open(path, flags)
    finally:
        os.close(probe)
    try:
        _write_all(number, content)
    finally:
        os.close(number)


def _write_all(number: int, content: bytes) -> None:
    """Write all of it: a system may take a part only, and say why at the next try."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(number, rest) :]


def _sync(number: int) -> None:
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in _NO_SYNC_ERRORS:
            raise
