"""Files are written whole or not at all, and never where somebody else's link leads."""

import contextlib
import errno
import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import disks
import pytest

from preflight import storage

Write = Callable[[Path, bytes], None]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs links, pipes, and limits of POSIX")
BOTH = pytest.mark.parametrize("write", [storage.write, storage.append])


@pytest.fixture
def usual_mask() -> None:
    os.umask(0o022)


@BOTH
def test_a_new_file_is_written_and_nothing_else_stays(write: Write, tmp_path: Path) -> None:
    write(tmp_path / "new", b"all of it\n")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"new": b"all of it\n"}


def test_an_old_file_is_replaced_by_one_with_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"a longer content than the new one")
    path.chmod(0o640)
    storage.write(path, b"new")
    assert path.read_bytes() == b"new"
    assert sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == 0o640


@POSIX
@BOTH
@pytest.mark.usefixtures("usual_mask")
def test_a_new_file_has_the_usual_permissions(write: Write, tmp_path: Path) -> None:
    write(tmp_path / "new", b"x")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"", b"new\n", id="empty"),
        pytest.param(b"old\n", b"old\nnew\n", id="whole lines"),
        pytest.param(b"old\nha", b"old\nha\nnew\n", id="a line that was cut off"),
    ],
)
def test_a_line_is_written_after_the_others(before: bytes, after: bytes, tmp_path: Path) -> None:
    path = tmp_path / "all.ndjson"
    path.write_bytes(before)
    storage.append(path, b"new\n")
    assert path.read_bytes() == after


@POSIX
@BOTH
@pytest.mark.parametrize("room", [0, 5, 103, 2000], ids="room for {}".format)
def test_of_what_has_no_room_nothing_stays(write: Write, room: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old\n")
    with disks.full_disk(room), pytest.raises(OSError, match="large") as told:
        write(path, 300 * b"0123456789" + b"\n")
    assert told.value.errno == errno.EFBIG
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"file": b"old\n"}


@POSIX
@BOTH
@pytest.mark.parametrize("target", ["theirs", "/dev/full", "nothing"])
def test_a_link_is_never_followed(write: Write, target: str, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"precious")
    link = tmp_path / "report.json"
    link.symlink_to(target)
    with pytest.raises(OSError, match=storage.IS_LINK):
        write(link, b"x")
    with pytest.raises(OSError, match=storage.IS_LINK):
        storage.check_writable(link, appends=write is storage.append)
    assert link.is_symlink()
    assert (tmp_path / "theirs").read_bytes() == b"precious"
    assert not (tmp_path / "nothing").exists()


@POSIX
@BOTH
def test_a_file_of_two_names_stays_what_it_was_to_the_other(write: Write, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"precious\n")
    (tmp_path / "mine").hardlink_to(tmp_path / "theirs")
    write(tmp_path / "mine", b"x\n")
    # What is only ever added to is one file still.
    assert (tmp_path / "theirs").read_bytes() == (
        b"precious\nx\n" if write is storage.append else b"precious\n"
    )


@POSIX
@BOTH
def test_a_pipe_that_nobody_reads_is_not_waited_for(write: Write, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match=storage.NO_READER):
        write(tmp_path / "pipe", b"x")


@POSIX
@BOTH
def test_a_pipe_that_somebody_reads_gets_all_of_it(write: Write, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    whole = 200_000 * b"x"
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    with contextlib.suppress(OSError):
        while not read:
            try:
                write(tmp_path / "pipe", whole)
            except OSError as error:
                # The reader has not opened it yet.
                if str(error) != storage.NO_READER:
                    raise
            else:
                break
    reader.join(10)
    assert b"".join(read) == whole


@POSIX
@BOTH
def test_a_device_is_written_to(write: Write) -> None:
    write(Path("/dev/null"), b"x")
    if Path("/dev/full").exists():
        with pytest.raises(OSError, match="space"):
            write(Path("/dev/full"), b"x")


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() == 0, reason="nothing is forbidden here")
def test_what_is_forbidden_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "file").chmod(0o444)
    with pytest.raises(PermissionError):
        storage.check_writable(tmp_path / "file", appends=True)
    with pytest.raises(PermissionError):
        storage.write(tmp_path / "file", b"x")
    tmp_path.chmod(0o555)
    with pytest.raises(PermissionError):
        storage.check_writable(tmp_path / "new", appends=False)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that only calls itself writable")
def test_a_folder_is_not_believed_but_tried() -> None:
    with pytest.raises(OSError, match=r"No such file|Permission"):
        storage.check_writable(Path("/proc/report.json"), appends=False)


def test_a_trial_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"as it was")
    for name in ("file", "new"):
        storage.check_writable(tmp_path / name, appends=False)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"file": b"as it was"}


@POSIX
def test_only_a_regular_file_of_a_bounded_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(10 * b"x")
    assert storage.read(path, 10) == 10 * b"x"
    with pytest.raises(OSError, match="large"):
        storage.read(path, 9)
    os.mkfifo(tmp_path / "pipe")
    for other in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match=r"regular|directory"):
            storage.read(other, 10)
