import os
import sys
from pathlib import Path

import pytest

from preflight.platforms import files, programs
from preflight.platforms.desktop import Desktop, parse_command, parse_entry, parse_key_file, unescape

HTTPS = "x-scheme-handler/https"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("chromium %U", ("chromium",)),
        ("/usr/bin/env A=1 prog %f --x", ("/usr/bin/env", "A=1", "prog", "--x")),
        ('"/opt/My App/run" --url=%u', ("/opt/My App/run", "--url=")),
        (r'"/opt/a\\"b\\$c" x', ('/opt/a"b$c', "x")),
        ("prog 100%% %i %c %k", ("prog", "100%")),
        ("  prog\ta  b ", ("prog", "a", "b")),
        ('""', ("",)),
        ('"open', ()),
        ("", ()),
    ],
    ids=["code", "env", "quotes", "escapes", "percent", "blanks", "empty-word", "open-quote", "nothing"],
)
def test_the_words_of_exec(value: str, words: tuple[str, ...]) -> None:
    assert parse_command(value) == words


def test_strings_are_unescaped() -> None:
    assert unescape(r"a\sb\\n\n\q") == "a b\\n\n\\q"


def test_key_files_keep_the_first_of_each_name_and_no_comments() -> None:
    text = "# c\n[A]\nx = 1\nx=2\n#y=3\n\n[B]\nx=3\n[A]\nz=4\nnonsense\n"
    assert parse_key_file(text) == {"A": {"x": "1", "z": "4"}, "B": {"x": "3"}}


@pytest.mark.parametrize(
    "text", ["", "[Desktop Entry]\nType=Link\n", "Type=Application\n", "[Other]\nType=Application\n"]
)
def test_what_is_no_entry_of_an_application(text: str) -> None:
    assert parse_entry(text) is None


def desktop(root: Path, **environ: str) -> Desktop:
    return Desktop(root=root, environ=environ, home="/home/anna")


def lay(root: Path, path: str, text: str = "") -> None:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def entry(name: str, mime: str = HTTPS) -> str:
    return f"[Desktop Entry]\nType=Application\nName={name}\nExec=x\nMimeType={mime};\n"


def test_the_persons_entry_comes_before_the_systems(tmp_path: Path) -> None:
    lay(tmp_path, "usr/share/applications/a.desktop", entry("system"))
    lay(tmp_path, "home/anna/.local/share/applications/a.desktop", entry("own"))
    assert desktop(tmp_path).entries()["a.desktop"].name == "own"


def test_folders_come_in_the_order_of_the_environment(tmp_path: Path) -> None:
    lay(tmp_path, "one/applications/a.desktop", entry("one"))
    lay(tmp_path, "two/applications/a.desktop", entry("two"))
    lay(tmp_path, "relative/applications/b.desktop", entry("relative"))
    told = desktop(tmp_path, XDG_DATA_DIRS="/two:relative:/one").entries()
    assert {name: found.name for name, found in told.items()} == {"a.desktop": "two"}


def test_entries_in_folders_are_named_with_dashes(tmp_path: Path) -> None:
    lay(tmp_path, "usr/share/applications/kde/deep/a.desktop", entry("a"))
    assert list(desktop(tmp_path).entries()) == ["kde-deep-a.desktop"]


@pytest.mark.parametrize(
    ("files_told", "expected"),
    [
        pytest.param({}, "a.desktop", id="the-first-that-claims"),
        pytest.param(
            {"etc/xdg/mimeapps.list": "[Default Applications]\n{}=b.desktop\n"}, "b.desktop", id="default"
        ),
        pytest.param(
            {"etc/xdg/mimeapps.list": "[Default Applications]\n{}=gone.desktop;c.desktop;\n"},
            "c.desktop",
            id="the-next-where-the-first-is-gone",
        ),
        pytest.param(
            {
                "home/anna/.config/mimeapps.list": "[Added Associations]\n{}=b.desktop\n",
                "etc/xdg/mimeapps.list": "[Default Applications]\n{}=c.desktop\n",
            },
            "c.desktop",
            id="a-default-anywhere-before-an-association",
        ),
        pytest.param(
            {
                "home/anna/.config/gnome-mimeapps.list": "[Default Applications]\n{}=c.desktop\n",
                "home/anna/.config/mimeapps.list": "[Default Applications]\n{}=b.desktop\n",
            },
            "c.desktop",
            id="the-desktops-own-list-first",
        ),
        pytest.param(
            {"home/anna/.config/mimeapps.list": "[Removed Associations]\n{}=a.desktop;b.desktop\n"},
            "c.desktop",
            id="removed",
        ),
        pytest.param(
            {"home/anna/.config/mimeapps.list": "[Added Associations]\n{}=b.desktop\n"},
            "b.desktop",
            id="added",
        ),
    ],
)
def test_who_opens_a_kind_of_link(files_told: dict[str, str], expected: str, tmp_path: Path) -> None:
    for name in "abc":
        lay(tmp_path, f"usr/share/applications/{name}.desktop", entry(name))
    for path, text in files_told.items():
        lay(tmp_path, path, text.format(HTTPS))
    told = desktop(tmp_path, XDG_CURRENT_DESKTOP="ubuntu:GNOME")
    chosen = told.default_entry(HTTPS, told.entries())
    assert chosen is not None
    assert chosen.id == expected


def test_a_file_too_large_a_pipe_and_a_folder_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (files.SIZE_LIMIT + 1))
    (tmp_path / "full").write_bytes(b"x" * files.SIZE_LIMIT)
    assert files.read_text(tmp_path / "large") == ""
    assert len(files.read_text(tmp_path / "full")) == files.SIZE_LIMIT
    assert files.read_text(tmp_path) == ""
    assert files.read_text(tmp_path / "none") == ""
    assert files.read_text(Path("a\0b")) == ""


def test_a_pipe_that_nobody_writes_to_does_not_hang(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("needs named pipes")
    os.mkfifo(tmp_path / "pipe.desktop")
    assert files.read_text(tmp_path / "pipe.desktop") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
@pytest.mark.parametrize(
    ("links", "path", "expected"),
    [
        pytest.param({"a": "/etc"}, "/a/os", "/etc/os", id="absolute-stays-inside"),
        pytest.param({"a": "../../../etc"}, "/a/os", "/etc/os", id="upward-stays-inside"),
        pytest.param({"a": "b", "b": "a"}, "/a", None, id="a-circle"),
        pytest.param({"a": "gone"}, "/a", None, id="dangling"),
        pytest.param({}, "/etc/../etc/os", "/etc/os", id="dots"),
        pytest.param({}, "/", "/", id="the-root"),
    ],
)
def test_links_are_followed_within_the_root(
    links: dict[str, str], path: str, expected: str | None, tmp_path: Path
) -> None:
    lay(tmp_path, "etc/os")
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    found = files.resolve(tmp_path, path)
    assert (str(found) if found else None) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="calls programs of POSIX")
def test_a_command_that_is_missing_fails_or_hangs_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "COMMAND_S", 0.2)
    assert programs.output(("no-such-program-here",)) == b""
    assert programs.output(("false",)) == b""
    assert programs.output(("sleep", "30")) == b""
    assert programs.output(("echo", "a")) == b"a\n"


def test_what_is_no_path_is_neither_read_nor_allowed() -> None:
    assert files.read_bytes(Path("a\0b")) == b""
    assert files.list_folder(Path("a\0b")) == ()
    assert not files.is_accessible(Path("a\0b"), os.R_OK)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that opens and cannot be read")
def test_a_file_that_cannot_be_read_is_empty() -> None:
    assert files.read_bytes(Path("/proc/self/mem")) == b""
