"""What a command line really starts."""

import pytest

from preflight.platforms.launchers import LAUNCHERS_LIMIT, Launch, resolve_command

HERE = frozenset(("zoom", "/opt/zoom/zoom", "/usr/bin/zoom", "my-run", "data"))


def launched(*command: str) -> Launch:
    return resolve_command(command, HERE.__contains__)


@pytest.mark.parametrize(
    ("command", "program"),
    [
        pytest.param(("zoom",), "zoom", id="itself"),
        pytest.param(("/snap/bin/zoom-client",), "/snap/bin/zoom-client", id="a snap"),
        pytest.param(("env", "A=1", "zoom"), "zoom", id="env with a variable"),
        pytest.param(("env", "-u", "NAME", "zoom"), "zoom", id="env without a variable"),
        pytest.param(("env", "-uNAME", "B=2", "zoom"), "zoom", id="env without a variable, joined"),
        pytest.param(("env", "--unset=NAME", "-i", "zoom"), "zoom", id="env without a variable, in full"),
        pytest.param(("env", "-S", "A=1 zoom --x"), "zoom", id="env with one text"),
        pytest.param(("env", "-SA=1 zoom"), "zoom", id="env with one text, joined"),
        pytest.param(("env", "--split-string=zoom -x", "y"), "zoom", id="env with one text, in full"),
        pytest.param(("/usr/bin/env", "-vS", "-u NAME zoom"), "zoom", id="env with one text of options"),
        pytest.param(("firejail", "--profile=/etc/zoom.profile", "zoom"), "zoom", id="firejail"),
        pytest.param(
            ("systemd-run", "--user", "-p", "MemoryMax=4G", "--slice=x", "--", "/usr/bin/zoom"),
            "/usr/bin/zoom",
            id="systemd-run",
        ),
        pytest.param(("systemd-run", "--user", "--scope", "zoom"), "zoom", id="systemd-run without a stop"),
        pytest.param(("prime-run", "zoom"), "zoom", id="prime-run"),
        pytest.param(("gamemoderun", "env", "A=1", "zoom"), "zoom", id="two launchers"),
        pytest.param(("nice", "-n", "5", "ionice", "-c2", "zoom"), "zoom", id="nice and ionice"),
        pytest.param(("taskset", "-c", "0-3", "zoom"), "zoom", id="taskset"),
        pytest.param(("switcherooctl", "launch", "-g", "1", "zoom"), "zoom", id="switcherooctl"),
        pytest.param(("bash", "-c", "zoom"), "zoom", id="a shell"),
        pytest.param(
            ("/bin/sh", "-lc", "cd /opt/zoom && A=1 exec /opt/zoom/zoom"), "/opt/zoom/zoom", id="exec"
        ),
        pytest.param(("sh", "-c", "sleep 2; zoom &"), "zoom", id="a shell that waits"),
        pytest.param(("my-run", "zoom"), "zoom", id="a launcher nobody has heard of"),
        pytest.param(("my-run", "-x", "1", "--", "zoom"), "zoom", id="one with a stop"),
        pytest.param(("my-run", "-x", "1", "/opt/zoom/zoom"), "/opt/zoom/zoom", id="one with a path"),
        pytest.param(("browser", "--dir", "data"), "browser", id="a word that is a program by chance"),
        pytest.param(("browser", "/nowhere"), "browser", id="a path that is no program"),
        pytest.param(("flatpak", "run", "--command=zoom", "us.zoom.Zoom"), "flatpak", id="a flatpak"),
        pytest.param((), "", id="nothing"),
        pytest.param(("env", "B=c"), "", id="env of nothing"),
    ],
)
def test_the_program_behind_a_command(command: tuple[str, ...], program: str) -> None:
    launch = launched(*command)
    assert (launch.command[:1] or ("",))[0] == program
    assert launch.elsewhere is (program == "" and bool(command))


@pytest.mark.parametrize(
    ("command", "program"),
    [
        pytest.param(("toolbox", "run", "-c", "work", "zoom"), "zoom", id="toolbox"),
        pytest.param(("distrobox-enter", "-n", "ubuntu", "--", "zoom"), "zoom", id="distrobox"),
        pytest.param(("distrobox", "enter", "ubuntu", "--", "sh", "-c", "zoom"), "zoom", id="its shell"),
        pytest.param(("toolbox", "list"), "toolbox", id="a verb that starts nothing"),
        pytest.param(("podman", "exec", "-it", "box", "zoom"), "podman", id="podman"),
        pytest.param(("ssh", "elsewhere", "--", "zoom"), "zoom", id="another computer"),
        pytest.param(("gtk-launch", "Zoom"), "gtk-launch", id="another entry"),
        pytest.param(("sh", "-c", "pgrep zoom || zoom"), "sh", id="a shell with a choice"),
        pytest.param(("sh", "-c", "if true; then zoom; fi"), "sh", id="a shell with a condition"),
        pytest.param(("sh", "-c", "zoom '"), "sh", id="a shell with an open quote"),
        pytest.param(("sh", "-c", "$HOME/zoom"), "sh", id="a shell with a variable"),
        pytest.param(("sh", "start.sh"), "sh", id="a script"),
        pytest.param(("env", "-S", "${ZOOM} x"), "${ZOOM}", id="a text with a variable"),
        pytest.param(("env",) * (LAUNCHERS_LIMIT + 1), "env", id="launchers that do not end"),
    ],
)
def test_what_starts_out_of_sight(command: tuple[str, ...], program: str) -> None:
    launch = launched(*command)
    assert (launch.command[:1] or ("",))[0] == program
    assert launch.elsewhere


def test_every_launcher_on_the_way_is_named() -> None:
    assert launched("nice", "-n", "5", "my-run", "zoom").launchers == ("nice", "my-run")


@pytest.mark.parametrize(
    "command",
    [
        ("env", "-C", "/opt/zoom", "./zoom"),
        ("env", "--chdir=/opt/zoom", "./zoom"),
        ("sh", "-c", "cd /opt/zoom;./zoom"),
    ],
    ids=["env", "env-in-full", "shell"],
)
def test_where_a_program_is_started(command: tuple[str, ...]) -> None:
    launch = launched(*command)
    assert (launch.command, launch.folder) == (("./zoom",), "/opt/zoom")


def test_an_option_that_is_not_known_makes_what_follows_a_guess() -> None:
    assert launched("systemd-run", "--new-option", "value", "zoom").guessed
    assert not launched("systemd-run", "--user", "-u", "value", "zoom").guessed
