"""What is kept for a replay tells of programs and batteries, not of persons and computers."""

import getpass
import socket
import sys
from pathlib import Path

import pytest

from preflight.platforms import identity

OWNER = "anna-berzina"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("/usr/bin/firefox", "/usr/bin/firefox", id="a program of all"),
        pytest.param("/home/anna/bin/zoom", "/home/…/bin/zoom", id="another person's folder"),
        pytest.param("/media/anna/USB/zoom", "/media/…/USB/zoom", id="a disk"),
        pytest.param("/run/media/anna/USB/zoom", "/run/media/…/USB/zoom", id="a disk, as Fedora has it"),
        pytest.param(r"C:\Users\ANNA~1\zoom.exe", r"C:\Users\…\zoom.exe", id="a short name"),
        pytest.param("/Users/anna/Applications/zoom.us.app", "/Users/…/Applications/zoom.us.app", id="macOS"),
        pytest.param(
            r"HKU\S-1-5-21-3623811015-3361044348-30300820-1013\Software", r"HKU\…\Software", id="an account"
        ),
        pytest.param("hid-00:1f:20:aa:bb:cc-battery", "hid-…-battery", id="an address"),
        pytest.param("dev_00_1F_20_AA_BB_CC", "dev_…", id="an address as BlueZ writes it"),
    ],
)
def test_what_tells_of_a_person_is_left_out(text: str, kept: str) -> None:
    assert identity.remove_identity(text) == kept


@pytest.mark.skipif(sys.platform == "win32", reason="a link there wants a right of its own")
def test_a_home_that_is_reached_through_a_link_is_home_by_both_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, link = tmp_path / "data" / OWNER, tmp_path / "link"
    real.mkdir(parents=True)
    link.symlink_to(real)
    monkeypatch.setenv("HOME", str(link))
    assert identity.remove_identity(f"{link}/bin/zoom") == "~/bin/zoom"
    assert identity.remove_identity(f"{real}/bin/zoom") == "~/bin/zoom"
    assert identity.remove_identity(str(real)) == "~"
    assert identity.remove_identity(f"{real}-2/zoom") == f"{real}-2/zoom"
    assert identity.remove_identity(f"/srv/{OWNER}/zoom") == "/srv/…/zoom"


def test_names_of_the_person_and_the_computer_go_as_parts_of_a_path_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, OWNER)
    assert getpass.getuser() == OWNER
    assert identity.remove_identity(f"/opt/{OWNER}/zoom") == "/opt/…/zoom"
    assert identity.remove_identity(f"zoom-{OWNER}") == f"zoom-{OWNER}"
    host = socket.gethostname().partition(".")[0]
    if host not in {"localhost", "root"}:
        assert identity.remove_identity(f"/srv/{host}/zoom") == "/srv/…/zoom"
