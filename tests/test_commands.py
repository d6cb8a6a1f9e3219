"""What the commands tell of the program itself."""

import errno
import io
import json
import os
import sys
from datetime import date
from pathlib import Path

import pytest
from sample_reports import REPORTS

from preflight import cli, commands, console, delivery, policy, reports
from preflight.errors import ExitCode, UsageError
from preflight.model import Verdict
from preflight.options import PROVIDERS, Options
from preflight.reports import json_document
from preflight.texts import ERRORS, LANGUAGES, Words


@pytest.mark.skipif(sys.platform == "win32", reason="programs are found by their ending there")
@pytest.mark.parametrize(
    ("typed", "found", "frozen", "said"),
    [
        pytest.param("/home/me/.local/bin/preflight", True, False, "preflight", id="installed"),
        pytest.param("/opt/preflight", False, False, "/opt/preflight", id="not on the path"),
        pytest.param("/opt/preflight/__main__.py", True, False, "python -m preflight", id="as a module"),
        pytest.param("./preflight", True, True, "./preflight", id="standalone"),
        pytest.param("/opt/preflight (1)", False, True, "'/opt/preflight (1)'", id="standalone, renamed"),
    ],
)
def test_the_report_to_send_is_made_by_what_was_typed(
    typed: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    found: bool,
    frozen: bool,
) -> None:
    program = tmp_path / "preflight"
    program.write_text("")
    program.chmod(0o755 if found else 0o644)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [typed])
    monkeypatch.setattr(sys, "frozen", frozen, raising=False)
    delivery.deliver(Words("en"), REPORTS["not-ready"], Options(), delivery.command_to_repeat())
    assert f"type: {said} run --output report.html" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param(["--help"], "preflight [OPTIONS] COMMAND", id="of all"),
        pytest.param(["help"], "preflight [OPTIONS] COMMAND", id="in a word"),
        pytest.param(["policy"], "preflight policy [OPTIONS] COMMAND", id="of a group"),
        pytest.param(
            ["help", "policy", "check"], "preflight policy check [OPTIONS]", id="of a group's command"
        ),
        pytest.param(
            ["--camera", "1", "-h"], "preflight run [OPTIONS]", id="after a beginning, of what runs"
        ),
        pytest.param(["show", "--lang", "en", "-h"], "preflight show [OPTIONS]", id="with a language"),
    ],
)
def test_help_is_given_wherever_it_is_asked_for(
    asked: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(asked) == ExitCode.READY
    assert capsys.readouterr().out.startswith(f"Usage: {said}")


def test_a_word_after_two_dashes_asks_for_no_help() -> None:
    assert cli.main(["show", "--", "--help"]) == ExitCode.USAGE


def test_what_help_says_by_heart_is_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--help", "--lang", "en"]) == ExitCode.READY
    said = "".join(capsys.readouterr().out.split())
    assert f"--format{'|'.join(reports.FORMATS)}" in said
    assert f"--network{'|'.join(PROVIDERS)}|URL|FILE" in said
    assert f"[default:{policy.DEFAULT}]" in said


class Ended(io.StringIO):
    """A stream that takes nothing any more, as the system says it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def write(self, _: str) -> int:
        raise OSError(self._number, os.strerror(self._number))


@pytest.mark.parametrize(
    ("number", "delivered"),
    [
        pytest.param(errno.EPIPE, True, id="who reads no further has got what was wanted"),
        pytest.param(errno.EINVAL, True, id="the same on Windows"),
        pytest.param(errno.ENOSPC, False, id="a full disk"),
        pytest.param(errno.EBADF, False, id="a stream that was closed"),
    ],
)
def test_whose_end_it_is_that_nothing_more_is_taken(number: int, *, delivered: bool) -> None:
    assert console.say("Ready", Ended(number)) is delivered


@pytest.mark.skipif(sys.platform == "win32", reason="its shells quote otherwise")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param([], "run", id="nothing"),
        pytest.param(["run"], "run", id="the command"),
        pytest.param(["--lang", "lv"], "run --lang lv", id="a language"),
        pytest.param(["--lang", "lv", "run"], "--lang lv run", id="a language before the command"),
        pytest.param(["run", "--camera", "HD Webcam"], "run --camera 'HD Webcam'", id="a device"),
    ],
)
def test_the_report_to_send_is_made_as_this_one_was(
    asked: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["./preflight", *asked])
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert delivery.command_to_repeat() == f"./preflight {said}"


class Pipe(io.StringIO):
    """A stream of letters of every kind."""

    encoding = "utf-8"


class Window(Pipe):
    """A terminal, as far as a program asks."""

    def isatty(self) -> bool:
        return True


needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")


@needs_posix
@pytest.mark.parametrize("name", ["compare", "summary"])
def test_a_terminal_breaks_no_word(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = []
    for number, each in enumerate(("ready", "not-ready")):
        path = tmp_path / f"{number}.json"
        path.write_text(json_document.dump(REPORTS[each]), "utf-8")
        paths.append(str(path))
    written = []
    for stream in (Pipe(), Window()):
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setenv("COLUMNS", "60")
        assert cli.main([name, *paths, "--lang", "en"]) == ExitCode.READY
        written.append(stream.getvalue())
    whole, fitted = written
    assert max(map(len, whole.splitlines())) > 60 >= max(map(len, fitted.splitlines()))
    assert fitted.split() == whole.split()


@needs_posix
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_terminal_breaks_no_word_of_an_error(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    for stream in (Pipe(), Window()):
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("COLUMNS", "40")
        assert cli.main(["show", "1K5R-J78-JPK-NVX", "--lang", lang]) == ExitCode.USAGE
        written.append(stream.getvalue())
    whole, fitted = written
    assert max(map(len, whole.splitlines())) > 40 >= max(map(len, fitted.splitlines()))
    assert fitted.split() == whole.split()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_command_to_be_typed_stays_on_one_line(lang: str) -> None:
    said = Words(lang).say(ERRORS["see-help"], command="preflight rehearse")
    for width in range(40, 81):
        assert "preflight rehearse --help" in console.wrap(said, width)


def test_a_summary_tells_what_was_measured_where_it_is_asked_for(
    saved: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for more in ([], ["-v"]):
        assert cli.main(["summary", saved, "--lang", "en", *more]) == ExitCode.READY
        said.append(capsys.readouterr().out)
    short, long = said
    assert long.startswith(short)
    assert Words("en").label("camera.focus", "blur") in long.removeprefix(short)


def test_what_stops_a_run_is_told_below_what_the_terminal_shows_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def press(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "checks", press)
    assert cli.main(["checks", "--lang", "en"]) == ExitCode.INTERRUPTED
    assert capsys.readouterr().err == "Stopped.\n"
    window = Window()
    monkeypatch.setattr(sys, "stderr", window)
    assert cli.main(["checks", "--lang", "en"]) == ExitCode.INTERRUPTED
    assert window.getvalue() == "\nStopped.\n"


@pytest.fixture
def saved(tmp_path: Path) -> str:
    """Return the file of a report that is ready, with a warning of each reason."""
    path = tmp_path / "report.json"
    path.write_text(json_document.dump(REPORTS["ready-with-warnings"]), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("strict", "judged_by", "code", "failed"),
    [
        pytest.param("", None, 0, 0, id="as it was judged"),
        pytest.param("close,unsure,advised", None, 1, 4, id="every reason"),
        pytest.param("advised", None, 1, 1, id="one reason"),
        pytest.param("close,unsure,advised", "bluor", 1, 4, id="judged anew"),
    ],
)
def test_a_saved_report_is_shown_as_strictly_as_asked(
    saved: str,
    strict: str,
    judged_by: str | None,
    code: int,
    failed: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = Options(strict=strict, form="json")
    assert commands.show(Words("en"), saved, judged_by, options) == code
    shown = json_document.load(json.loads(capsys.readouterr().out), saved)
    assert [check.verdict for check in shown.checks].count(Verdict.FAIL) == failed


def test_a_reason_that_does_not_exist_is_refused_of_a_saved_report(saved: str) -> None:
    with pytest.raises(UsageError):
        commands.show(Words("en"), saved, None, Options(strict="vague"))


@pytest.mark.parametrize(("today", "warned"), [(date(2026, 12, 1), False), (date(2036, 12, 1), True)])
def test_an_old_list_of_releases_is_told(
    today: date,
    warned: bool,  # noqa: FBT001 - a column
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert commands.policy_check(Words("en"), "bluor", today) == ExitCode.READY
    assert ("Warning" in capsys.readouterr().out) is warned


@pytest.mark.parametrize("command", ["compare", "summary"])
def test_what_is_said_of_several_reports_can_be_kept(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = []
    for name in ("not-ready", "ready"):
        paths.append(str(tmp_path / f"{name}.json"))
        Path(paths[-1]).write_text(json_document.dump(REPORTS[name]), "utf-8")
    kept = {ending: tmp_path / f"told{ending}" for ending in (".json", ".html", ".md", ".txt")}
    outputs = [word for path in kept.values() for word in ("--output", str(path))]
    assert cli.main([command, *paths, "--format", "json", *outputs]) == ExitCode.READY
    told = capsys.readouterr().out
    assert json.loads(told)["schema"] == 1
    assert kept[".json"].read_text("utf-8") == told
    assert cli.main([command, *paths]) == ExitCode.READY
    assert capsys.readouterr().out == kept[".txt"].read_text("utf-8")
    assert kept[".html"].read_text("utf-8").startswith("<!DOCTYPE html>")
    assert kept[".md"].read_text("utf-8").startswith("# ")


def test_a_number_beyond_what_an_option_takes_is_told_with_both_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["rehearse", "--minutes", "99", "--lang", "ru"]) == ExitCode.USAGE
    assert "от 0,5 до 60" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["compare", "summary"])
@pytest.mark.parametrize(
    "asked", [["--format", "junit"], ["--output", "told.ndjson"]], ids=["printed", "written"]
)
def test_what_is_said_of_several_reports_is_no_report(
    command: str, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([command, "a.json", "b.json", *asked]) == ExitCode.USAGE
    assert ("text, json, html, markdown" if "junit" in asked else ".txt, .json, .html, .htm, .md") in (
        capsys.readouterr().err
    )


@needs_posix
def test_a_terminal_breaks_what_changed_between_words_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = []
    for name in ("not-ready", "ready"):
        paths.append(str(tmp_path / f"{name}.json"))
        Path(paths[-1]).write_text(json_document.dump(REPORTS[name]), "utf-8")
    assert cli.main(["compare", *paths]) == ExitCode.READY
    whole = capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for width in (40, 60, 80, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        assert cli.main(["compare", *paths]) == ExitCode.READY
        shown = capsys.readouterr().out
        assert max(map(len, shown.splitlines())) <= width
        assert shown.split() == whole.split()


def test_a_file_that_ends_too_early_is_no_interrupt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cut_off(*_: object) -> ExitCode:
        raise EOFError("marshal data too short")

    monkeypatch.setattr(commands, "policy_check", cut_off)
    assert cli.main(["policy", "check", "bluor"]) == ExitCode.FAILED
    said = capsys.readouterr().err
    assert "Stopped" not in said
    assert "EOFError" in said
