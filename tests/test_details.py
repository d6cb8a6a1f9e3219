"""What is told to support staff is made of our own words, of error classes and of numbers: nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import preflight
from preflight import errors

ROOT = Path(preflight.__file__).parent
RAISED = {
    "MeasurementError": 1,
    "OtherConventionError": 0,
    "unreachable_error": 0,
    "_name_error": 0,
    "_bad_input": None,
    "Trouble": None,
}
"""What takes a detail, and in which place; None: by name, or in every place."""
DEFINITIONS = (ast.FunctionDef, ast.ClassDef)
CLOSED = {
    # Details that were made elsewhere, kinds of trouble, and the names of our own systems and devices.
    "failed.trouble.detail",
    "outcome.detail",
    "trouble.kind",
    "trouble.detail",
    "refusal.trouble.detail",
    "broken.trouble.detail",
    "capture.answers[0].detail",
    "system.name",
    "device",
    "permission",
    # What the system says of a device, and to which of the terminals that `macos` names.
    "_describe_permission(device, permission, system)",
    # One of "stalled" and "lost", and the kinds of trouble in which streams ended.
    "transfer.end",
    "kinds",
    # Programs that `access.KNOWN_PROGRAMS` holds.
    "', '.join(dict.fromkeys(known))",
    # File names, lines and functions of programs.
    "' > '.join(frames[-4:])",
    # The places of a recording's document, as our own classes name them, and what is wrong there.
    "where",
    "what",
    "', '.join(RECORDED[source])",
    "wanted",
    "field.name",
    "source",
    # As above, several of them.
    "'; '.join((refusal.trouble.detail for refusal in refusals))",
    "'; '.join(dict.fromkeys(said))",
    # A library of `worker._LIBRARIES`, or one of the system's own.
    "' '.join([label(error), *known, *(below.groups() if below else ())])",
    "RECORDING_VERSION",
    # A kind of file that `file_kind` names.
    "kind",
}


def said(function: ast.AST, value: ast.expr) -> Iterator[ast.expr]:
    """Yield what may be open in the expression of a detail: all that is neither text nor number."""
    if isinstance(value, ast.JoinedStr):
        for part in value.values:
            yield from said(function, part)
    elif isinstance(value, ast.FormattedValue):
        if not is_number(value):
            yield from said(function, value.value)
    elif isinstance(value, ast.IfExp):
        yield from said(function, value.body)
        yield from said(function, value.orelse)
    elif not is_closed(value):
        found = list(assigned(function, value.id)) if isinstance(value, ast.Name) else []
        for each in found:
            yield from said(function, each)
        if not found:
            yield value


def is_number(value: ast.FormattedValue) -> bool:
    """Tell whether a text in this place would raise."""
    form = value.format_spec.values[0] if isinstance(value.format_spec, ast.JoinedStr) else None
    return isinstance(form, ast.Constant) and str(form.value)[-1] in "dfgx"


def is_closed(value: ast.expr) -> bool:
    """Tell whether this holds a word of ours, the class of an error or its number."""
    if isinstance(value, ast.Constant) or ast.unparse(value) in CLOSED:
        return True
    if isinstance(value, ast.Call):
        return ast.unparse(value.func) in {"label", "error_code", "portaudio.error_code"}
    name = value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else ""
    return name.isupper()


def assigned(function: ast.AST, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(
            isinstance(each, ast.Name) and each.id == name for each in node.targets
        ):
            yield node.value


def details(function: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if (
            not isinstance(node, ast.Call)
            or not isinstance(node.func, ast.Name)
            or node.func.id not in RAISED
        ):
            continue
        place = RAISED[node.func.id]
        yield from (keyword.value for keyword in node.keywords if keyword.arg == "detail")
        if place is not None and len(node.args) > place:
            yield node.args[place]
        elif node.func.id == "_bad_input":
            yield from node.args


@pytest.mark.parametrize(
    "path", sorted(ROOT.rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_a_detail_holds_words_of_ours_classes_and_numbers_only(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    # What is read back from a line, a recording or a report was made by these rules, or is another's.
    passed_on = {"text(document, 'detail', DETAIL_LIMIT)", "detail"}
    opened = {
        ast.unparse(each)
        for function in functions
        for detail in details(function)
        for each in said(function, detail)
    }
    assert opened - passed_on == set()


def test_whatever_takes_a_detail_is_still_called_so() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in ROOT.rglob("*.py")]
    named = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, DEFINITIONS)}
    assert set(RAISED) <= named


def test_an_error_is_named_without_its_words() -> None:
    with pytest.raises(FileNotFoundError) as missing:
        Path("/anna-berzina/voice.wav").read_bytes()
    assert errors.label(missing.value) == "FileNotFoundError ENOENT"
    assert errors.label(ValueError("anna-berzina")) == "ValueError"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        pytest.param("no such card", "no such card", id="plain words"),
        pytest.param(
            "[ WARN:0@0.034] global cap_v4l.cpp:914 open VIDEOIO(V4L2:/dev/video9): can't open camera",
            "… global cap_v4l.cpp:914 open … can't open camera",
            id="OpenCV",
        ),
        pytest.param("ALSA lib pcm_dsnoop.c:601:(snd_pcm_dsnoop_open) unable to open slave", None, id="ALSA"),
        pytest.param(
            "could not open 'C:\\\\Users\\\\anna-berzina\\\\voice.wav'", "could not open …", id="a path"
        ),
        pytest.param("http://bob:s3cr3t@proxy.example:3128/ refused", "… refused", id="an address"),
        pytest.param("Anna Bērziņa's AirPods 00:1f:20:aa:bb:cc serial 0123456789", "…", id="a device"),
        pytest.param(
            "FileNotFoundError: [Errno 2] No such file or directory: '/home/anna'", None, id="an error"
        ),
    ],
)
def test_of_what_a_library_prints_no_word_is_kept_that_may_be_a_clients(line: str, kept: str | None) -> None:
    said = errors.redact(line)
    assert kept is None or said == kept
    for secret in ("anna", "bob", "s3cr3t", "AirPods", "proxy", "1f:20", "0123456789", "/dev"):
        assert secret.casefold() not in said.casefold()
