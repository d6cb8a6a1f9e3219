import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from preflight import platforms
from preflight.model import Kind
from preflight.platforms import Device, Permission, v4l2
from preflight.platforms.linux import Linux

if sys.platform == "win32":
    pytest.skip("needs POSIX permissions", allow_module_level=True)

NOBODY = 65534


@pytest.fixture
def root() -> Iterator[Path]:
    """A root folder that others than its owner may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextlib.contextmanager
def plain_user() -> Iterator[None]:
    """Be nobody for a while, where the tests run as root, who may do anything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def node(root: Path, path: str, mode: int) -> None:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    place.chmod(mode)


@pytest.mark.parametrize(
    ("nodes", "device", "expected"),
    [
        pytest.param({}, Device.CAMERA, Permission.UNKNOWN, id="no-camera"),
        pytest.param({"dev/video0": 0o666}, Device.CAMERA, Permission.ALLOWED, id="camera-for-all"),
        pytest.param({"dev/video0": 0}, Device.CAMERA, Permission.DENIED, id="camera-of-a-group"),
        pytest.param({"dev/video0": 0o444}, Device.CAMERA, Permission.DENIED, id="camera-read-only"),
        pytest.param(
            {"dev/video0": 0, "dev/video2": 0o666}, Device.CAMERA, Permission.ALLOWED, id="one-of-two-cameras"
        ),
        pytest.param({"dev/videoX": 0o666}, Device.CAMERA, Permission.UNKNOWN, id="another-node"),
        pytest.param({"dev/snd/pcmC0D0c": 0}, Device.MICROPHONE, Permission.DENIED, id="sound-of-a-group"),
        pytest.param({"dev/snd/pcmC0D0c": 0o666}, Device.MICROPHONE, Permission.ALLOWED, id="sound-for-all"),
        pytest.param({"dev/snd/pcmC0D0p": 0o666}, Device.MICROPHONE, Permission.UNKNOWN, id="a-speaker-only"),
    ],
)
def test_permission_by_device_nodes(
    nodes: dict[str, int], device: Device, expected: Permission, root: Path
) -> None:
    for path, mode in nodes.items():
        node(root, path, mode)
    with plain_user():
        assert Linux(root, {}).permission(device) is expected


def test_a_sound_server_lets_the_microphone_be_heard(root: Path) -> None:
    node(root, "dev/snd/pcmC0D0c", 0)
    runtime = root / "run/user/1000"
    (runtime / "pulse").mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(runtime / "pulse/native"))
        (runtime / "pulse/native").chmod(0o666)
        system = Linux(root, {"XDG_RUNTIME_DIR": "/run/user/1000"})
        with plain_user():
            assert system.permission(Device.MICROPHONE) is Permission.ALLOWED
            assert system.permission(Device.CAMERA) is Permission.UNKNOWN


def test_the_program_that_holds_the_camera_is_named(root: Path) -> None:
    node(root, "dev/video0", 0o666)
    for process, name, target in (("41", "zoom", "/dev/video0"), ("42", "bash", "/dev/pts/0")):
        (root / "proc" / process / "fd").mkdir(parents=True)
        (root / "proc" / process / "fd/3").symlink_to(target)
        (root / "proc" / process / "comm").write_text(f"{name}\n")
    (root / "proc/self").symlink_to("42")
    (root / "proc" / str(os.getpid()) / "fd").mkdir(parents=True)
    (root / "proc" / str(os.getpid()) / "fd/3").symlink_to("/dev/video0")
    assert Linux(root, {}).programs_using(Device.CAMERA) == ("zoom",)
    assert Linux(root, {}).programs_using(Device.MICROPHONE) == ()


def test_this_computer_answers_without_raising() -> None:
    system = platforms.current_system()
    assert system.name in {"linux", "macos", "windows"}
    assert system.machine().os_name
    for device in Device:
        assert system.permission(device) in Permission
        assert isinstance(system.programs_using(device), tuple)


@pytest.mark.skipif(sys.platform != "linux", reason="nodes of Linux")
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        pytest.param("/dev/no-such-node", Kind.NO_DATA, id="no node"),
        pytest.param("/dev/null", None, id="a node that is not asked such things"),
        pytest.param("/", Kind.NO_DATA, id="a folder"),
    ],
)
def test_what_a_node_says_of_itself(path: str, kind: Kind | None) -> None:
    told = v4l2.find_trouble(path)
    assert (told.kind if told else None) is kind
