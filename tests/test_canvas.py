"""Pictures, bars and whole screens of a terminal."""

import io
import os
import sys
from collections.abc import Iterator

import pyte
import pytest

from preflight import canvas

RED, BLUE = b"\xff\x00\x00", b"\x00\x00\xff"


def drawn(lines: list[str], columns: int) -> pyte.Screen:
    screen = pyte.Screen(columns, len(lines))
    pyte.Stream(screen).feed("\r\n".join(lines))
    return screen


def test_a_cell_shows_two_pixels_one_above_the_other() -> None:
    picture = canvas.HalfBlockPicture(truecolour=True)
    picture.update(RED + BLUE, 1, 2)
    cell = drawn(picture.lines(1, 1), 1).buffer[0][0]
    assert (cell.data, cell.fg, cell.bg) == ("▀", "ff0000", "0000ff")


def test_without_true_colour_the_nearest_of_256_colours_is_taken() -> None:
    picture = canvas.HalfBlockPicture(truecolour=False)
    picture.update(bytes((250, 90, 10)) + bytes((140, 100, 200)), 1, 2)
    assert picture.lines(1, 1) == ["\x1b[38;5;202;48;5;98m▀\x1b[0m"]


@pytest.mark.parametrize(
    ("columns", "rows", "left", "above", "wide", "high"),
    [
        pytest.param(40, 20, 0, 4, 40, 11, id="narrow: bars above and below"),
        pytest.param(80, 9, 24, 0, 32, 9, id="low: bars beside"),
        pytest.param(160, 45, 0, 0, 160, 45, id="as large as it came"),
        pytest.param(4, 3, 0, 1, 4, 1, id="tiny"),
    ],
)
def test_a_picture_keeps_its_shape(
    columns: int, rows: int, left: int, above: int, wide: int, high: int
) -> None:
    picture = canvas.HalfBlockPicture(truecolour=True)
    picture.update(RED * 160 * 90, 160, 90)
    screen = drawn(picture.lines(columns, rows), columns)
    shown = [(x, y) for y in range(rows) for x in range(columns) if screen.buffer[y][x].data == "▀"]
    assert shown
    assert (min(x for x, _ in shown), min(y for _, y in shown)) == (left, above)
    assert len({x for x, _ in shown}) == wide
    assert len({y for _, y in shown}) == high


def test_a_picture_that_is_not_as_large_as_it_says_is_left_out() -> None:
    picture = canvas.HalfBlockPicture(truecolour=True)
    picture.update(RED * 3, 2, 2)
    assert picture.lines(3, 1) == ["   "]


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        pytest.param("abc", 5, "abc  ", id="filled"),
        pytest.param("abcdef", 4, "abc…", id="cut"),
        pytest.param("Камера", 6, "Камера", id="as long as its place"),
        pytest.param("摄像头", 5, "摄像…", id="wide letters cut"),
        pytest.param("摄像头", 7, "摄像头 ", id="wide letters filled"),
        pytest.param("a\x1b[2Jb", 8, "a [2Jb  ", id="a name cannot drive the terminal"),
    ],
)
def test_a_text_takes_exactly_its_place(text: str, columns: int, shown: str) -> None:
    assert canvas.fit_to_width(text, columns) == shown


@pytest.mark.parametrize(
    ("share", "mark", "floor", "shown"),
    [
        pytest.param(0.5, None, 0.0, "██████░░░░░░"[1:-1], id="half"),
        pytest.param(0.0, 0.3, 0.0, "░░░│░░░░░░", id="empty"),
        pytest.param(2.0, 0.3, 0.0, "███│██████", id="beyond the end"),
        pytest.param(0.6, 0.5, 0.2, "▒▒███│░░░░", id="above a floor"),
        pytest.param(-1.0, 1.0, 0.0, "░░░░░░░░░│", id="below the beginning"),
    ],
)
def test_a_bar(share: float, mark: float | None, floor: float, shown: str) -> None:
    assert canvas.bar(10, share, mark=mark, floor=floor) == shown


class Writes(io.StringIO):
    """The stream of a terminal, which remembers its single writes."""

    def __init__(self, terminal: int) -> None:
        super().__init__()
        self.terminal = terminal
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        return len(text)

    def fileno(self) -> int:
        return self.terminal


@pytest.fixture
def stream() -> Iterator[Writes]:
    if sys.platform == "win32":
        pytest.skip("terminals of POSIX")
    import pty  # noqa: PLC0415 - as above
    import termios  # noqa: PLC0415 - as above

    try:
        ours, theirs = pty.openpty()
    except OSError as error:
        pytest.skip(f"no terminal to be had: {error}")
    termios.tcsetwinsize(theirs, (3, 20))
    yield Writes(theirs)
    os.close(ours)
    os.close(theirs)


def test_a_screen_is_shown_in_one_write_and_only_what_changed(stream: Writes) -> None:
    whole = canvas.Canvas(stream)
    whole.show(["one", "two", "three"])
    whole.show(["one", "TWO", "three"])
    whole.show(["one", "TWO", "three"])
    assert len(stream.writes) == 2
    screen = pyte.Screen(20, 3)
    for write in stream.writes:
        pyte.Stream(screen).feed(write)
    assert [line.rstrip() for line in screen.display] == ["one", "TWO", "three"]
    assert "one" not in stream.writes[1]


def test_a_screen_is_given_back_once(stream: Writes) -> None:
    whole = canvas.Canvas(stream)
    whole.open()
    whole.close()
    whole.close()
    assert len(stream.writes) == 2
    assert "\x1b[?1049l" in stream.writes[1]
    assert "\x1b[?25h" in stream.writes[1]
