"""What a policy may say, and what is said of one that is wrong."""

import os
import sys
from datetime import date
from pathlib import Path

import pytest

from preflight import policy
from preflight.errors import UsageError
from preflight.model import Level, Operator


def written(folder: Path, text: str) -> str:
    path = folder / "own.toml"
    path.write_text(text, "utf-8")
    return str(path)


def test_the_banks_policy_demands_everything_with_reason_and_origin() -> None:
    bluor = policy.load()
    assert len(bluor.catalogue) == 19
    assert bluor.demands
    assert all(demand.because and demand.origin for demand in bluor.demands)


@pytest.mark.parametrize(
    ("check", "fact", "operator", "bound", "level"),
    [
        ("camera.video", "width", "at_least", 1920, "must"),
        ("camera.video", "height", "at_least", 1080, "must"),
        ("camera.still", "megapixels", "at_least", 10, "should"),
        ("network.download", "rate", "at_least", 8, "must"),
        ("network.upload", "rate", "at_least", 8, "must"),
        ("microphone.noise", "ratio", "at_least", 10, "must"),
        ("power.battery", "minutes", "at_least", 20, "must"),
        ("software.zoom", "installed", "equals", True, "must"),
        ("software.browser", "installed", "equals", True, "must"),
    ],
    ids=str,
)
def test_the_banks_own_words_stand_in_it(
    check: str, fact: str, operator: str, bound: object, level: str
) -> None:
    (found,) = [demand for demand in policy.load().demands_on(check) if demand.fact == fact]
    assert (found.operator, found.bound, found.level) == (Operator(operator), bound, Level(level))


def test_every_fact_of_the_catalogue_is_delivered_by_a_check() -> None:
    root = Path(policy.__file__).parent
    sources = [*root.glob("checks/*.py"), *root.glob("measures/*.py"), root / "captures.py"]
    written = "".join(path.read_text("utf-8") for path in sources)
    for check, entry in policy.load().catalogue.items():
        for fact in entry.units:
            # network.reach makes the names of its times from those of its targets.
            name = fact.removesuffix("_time")
            assert f'"{name}"' in written or f"{name}=" in written, f"{check}.{fact}"


def test_extending_overrides_single_entries(tmp_path: Path) -> None:
    own = policy.load(
        written(tmp_path, 'extends = "bluor"\nname = "own"\n[camera.still]\nmegapixels = {level = "must"}\n')
    )
    base = policy.load()
    changed = [
        (ours, theirs) for ours, theirs in zip(own.demands, base.demands, strict=True) if ours != theirs
    ]
    assert [(ours.check, ours.level, ours.bound == theirs.bound) for ours, theirs in changed] == [
        ("camera.still", Level.MUST, True)
    ]
    assert own.name == "own"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_policy_is_read_as_windows_writes_it(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('extends = "bluor"\r\nname = "Mūsu"\r\n', encoding, newline="")
    assert policy.load(str(path)).name == "Mūsu"


def test_only_its_own_name_is_a_policys_name(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('extends = "bluor"\nname = "base"\nversion = "3"\n')
    own = policy.load(written(tmp_path, 'extends = "base.toml"\n'))
    assert (own.name, own.version) == ("own", "3")


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_a_name_that_no_report_could_hold_is_made_printable(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.toml")
    path.write_text('extends = "bluor"\n')
    assert policy.load(str(path)).name == "\ufffd"


@pytest.mark.parametrize(
    ("entry", "bound"),
    [
        pytest.param("eyes={at_least=1e15}", 1e15, id="the largest number"),
        pytest.param("eyes={at_least=-5}", -5, id="a number below nought"),
    ],
)
def test_a_bound_may_be_any_number(tmp_path: Path, entry: str, bound: float) -> None:
    own = policy.load(written(tmp_path, f"[camera.face]\n{entry}\n"))
    assert own.bounds() == {"camera.face.eyes": bound}


def test_a_bound_may_be_a_version(tmp_path: Path) -> None:
    own = policy.load(written(tmp_path, "[software.zoom]\nversion={at_least=[6, 0, 2]}\n"))
    assert [demand.bound for demand in own.demands] == [(6, 0, 2)]


def test_another_operator_takes_the_place_of_the_first(tmp_path: Path) -> None:
    own = policy.load(written(tmp_path, 'extends = "bluor"\n[network.download]\nrate = {at_most = 100}\n'))
    (rate,) = [demand for demand in own.demands_on("network.download") if demand.fact == "rate"]
    assert (rate.operator, rate.bound) == (Operator.AT_MOST, 100)


def test_without_extends_only_what_it_says_is_demanded(tmp_path: Path) -> None:
    own = policy.load(written(tmp_path, "[network.download]\nrate = {at_least = 2}\n"))
    assert [(demand.check, demand.fact, demand.bound) for demand in own.demands] == [
        ("network.download", "rate", 2)
    ]
    assert own.catalogue["camera.video"].level is Level.SHOULD
    assert own.parameters == policy.load().parameters


def test_a_policy_extends_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('extends = "bluor"\n[power.battery]\nminutes = {at_least = 45}\n')
    own = policy.load(written(tmp_path, 'extends = "base.toml"\n'))
    assert own.bounds()["power.battery.minutes"] == 45


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        *(
            pytest.param(text, "policy-line", {"line": line, "reason": reason}, id=f"TOML: {text!r}")
            for text, line, reason in (
                ("\nname = \n", "2", "not TOML"),
                ("name = 'own'\nlimit: 8\n", "2", "not TOML"),
                ("[camera.video]\nwidth = { at_least = 1920", "2", "is missing"),
                ("name = 'own", "1", "is missing"),
                ('name = "own\nversion = "1"', "1", "is missing"),
                ("[camera.video\n", "1", "is missing"),
                ("name = 'a'\n\nname = 'b'\n", "3", "already"),
                ('[parameters.camera]\nface_model = "C:\\models"', "2", "backslash"),
            )
        ),
        pytest.param("[camra.video]", "policy-key", {"key": "camra", "nearest": "camera"}, id="source"),
        pytest.param("[camera.vidoe]", "policy-key", {"key": "camera.vidoe", "nearest": "video"}, id="check"),
        pytest.param(
            "[camera.video]\nwidht={at_least=1}",
            "policy-key",
            {"key": "camera.video.widht", "nearest": "width"},
            id="fact",
        ),
        pytest.param(
            "[camera.video]\nwidth={at_leest=1}",
            "policy-key",
            {"key": "camera.video.width.at_leest", "nearest": "at_least"},
            id="operator",
        ),
        pytest.param(
            "[parameters.microphone]\nquite_s=1",
            "policy-key",
            {"key": "parameters.microphone.quite_s", "nearest": "quiet_s"},
            id="parameter",
        ),
        pytest.param(
            "[camera.video]\nwidth={at_least='wide'}",
            "policy-type",
            {"key": "camera.video.width.at_least"},
            id="a word for a number",
        ),
        *(
            pytest.param(
                f"[camera.video]\nwidth={{{operator}={number}}}",
                "policy-type",
                {"key": f"camera.video.width.{operator}"},
                id=f"{operator} {number[:4]}",
            )
            for operator in ("at_least", "at_most", "equals")
            for number in ("inf", "nan", "1e16")
        ),
        pytest.param(
            "[camera.video]\npresent={at_least=3}",
            "policy-type",
            {"key": "camera.video.present.at_least", "wanted": "true | false"},
            id="a number for a yes",
        ),
        pytest.param(
            "[camera.video]\nwidth={equals=true}",
            "policy-type",
            {"key": "camera.video.width.equals", "wanted": "number"},
            id="a yes for a number",
        ),
        pytest.param(
            "[network.download]\nseconds={equals='few'}",
            "policy-type",
            {"key": "network.download.seconds.equals", "wanted": "number"},
            id="a word for what has a unit",
        ),
        pytest.param(
            "[camera.face]\neyes={at_least=inf}",
            "policy-type",
            {"key": "camera.face.eyes.at_least", "wanted": "number"},
            id="a bound without end",
        ),
        pytest.param(
            f"[camera.face]\neyes={{at_least=1{'0' * 400}}}",
            "policy-limit",
            {"key": "camera.face.eyes.at_least"},
            id="a bound beyond any float",
        ),
        pytest.param(
            "[camera.face]\neyes={equals=nan}",
            "policy-type",
            {"key": "camera.face.eyes.equals", "wanted": "number"},
            id="a bound that is no number",
        ),
        pytest.param(
            "[camera.face]\neyes={at_least=20,comfortable=nan}",
            "policy-comfortable",
            {"key": "camera.face.eyes"},
            id="comfortable is no number",
        ),
        pytest.param(
            "[camera.face]\neyes={at_least=20,comfortable=inf}",
            "policy-comfortable",
            {"key": "camera.face.eyes"},
            id="comfortable without end",
        ),
        pytest.param(
            "[camera.video]\nwidth={at_least=1,at_most=2}",
            "policy-operators",
            {"key": "camera.video.width"},
            id="two operators",
        ),
        pytest.param(
            "[camera.video]\nwidth={at_least=1920,comfortable=1000}",
            "policy-comfortable",
            {"key": "camera.video.width"},
            id="comfortable on the wrong side",
        ),
        pytest.param(
            "[camera.video]\nwidth={at_least=1920,level='may'}",
            "policy-value",
            {"key": "camera.video.width.level"},
            id="level",
        ),
        pytest.param(
            "[camera.video]\nwidth={at_least=1,unit='m'}",
            "policy-unit",
            {"key": "camera.video.width"},
            id="unit",
        ),
        pytest.param(
            "[camera.video]\nwidth={at_least=1,because=3}",
            "policy-type",
            {"key": "camera.video.width.because"},
            id="a reason that is no text",
        ),
        pytest.param("name = 3", "policy-type", {"key": "name"}, id="a name that is no text"),
        pytest.param(
            "[camera.video]\nwidth={comfortable=1}",
            "policy-comfortable",
            {"key": "camera.video.width"},
            id="comfortable without a bound",
        ),
        pytest.param(
            "[camera.video]\npresent={equals=true,comfortable=1}",
            "policy-comfortable",
            {"key": "camera.video.present"},
            id="comfortable beside a yes",
        ),
        pytest.param("camera = 3", "policy-type", {"key": "camera"}, id="no table"),
        pytest.param("extends = 3", "policy-type", {"key": "extends"}, id="extends no text"),
        pytest.param('extends = "own.toml"', "policy-circle", {}, id="extends itself"),
        pytest.param('extends = "none"', "policy-unknown", {"policy": "none"}, id="extends nothing"),
        pytest.param(
            "[parameters.microphone]\nquiet_s='long'",
            "policy-type",
            {"key": "parameters.microphone.quiet_s"},
            id="parameter of another type",
        ),
        pytest.param(
            "[parameters.network]\nstun=['stun.example.com:3478', 1]",
            "policy-type",
            {"key": "parameters.network.stun", "wanted": "text"},
            id="a number in a list of texts",
        ),
        pytest.param(
            "[parameters.software]\noldest={linux=2}",
            "policy-type",
            {"key": "parameters.software.oldest.linux", "wanted": "text"},
            id="a number in a table of texts",
        ),
        pytest.param(
            "[parameters.software]\noldest={linus='2.27'}",
            "policy-key",
            {"key": "parameters.software.oldest.linus", "nearest": "linux"},
            id="a system that is none",
        ),
        pytest.param(
            "[parameters.software]\nzoom_releases=['7.3 soon']",
            "policy-type",
            {"key": "parameters.software.zoom_releases", "wanted": "text, 7.2.0 2026-09-18"},
            id="a release without its day",
        ),
        pytest.param(
            "[parameters.software]\nzoom_checked='2026-13-01'",
            "policy-type",
            {"key": "parameters.software.zoom_checked", "wanted": "text, 2026-09-18"},
            id="a day that is none",
        ),
        pytest.param(
            "[parameters.network]\nmost_s=0",
            "policy-value",
            {"key": "parameters.network.most_s", "wanted": "> 0"},
            id="no time at all",
        ),
        pytest.param(
            "[parameters.network]\nmost_s=inf",
            "policy-value",
            {"key": "parameters.network.most_s", "wanted": "> 0"},
            id="time without end",
        ),
        pytest.param("", "policy-empty", {}, id="nothing"),
        pytest.param('name = "own"\n[camera.video]', "policy-empty", {}, id="no demand"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, text: str, key: str, values: dict[str, str]
) -> None:
    with pytest.raises(UsageError) as told:
        policy.load(written(tmp_path, text))
    assert told.value.key == key
    for name, part in values.items():
        assert part in str(told.value.values[name])


def test_files_that_are_no_policies(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="policy-unknown"):
        policy.load(str(tmp_path / "none"))
    with pytest.raises(UsageError, match="file-unreadable"):
        policy.load(str(tmp_path / "none.toml"))
    with pytest.raises(UsageError, match="file-unreadable"):
        policy.load(str(tmp_path))
    binary = tmp_path / "own.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="policy-syntax"):
        policy.load(str(binary))
    binary.write_bytes(b"#" * (policy.SIZE_LIMIT + 1))
    with pytest.raises(UsageError, match="policy-huge"):
        policy.load(str(binary))


@pytest.mark.parametrize(
    ("checked", "today", "said"),
    [
        pytest.param("2026-11-29", date(2027, 4, 1), "", id="four-months"),
        pytest.param("2026-11-29", date(2027, 4, 2), "2026-11-29", id="the-day-after"),
        pytest.param("2026-11-29", date(2020, 1, 1), "", id="a-clock-that-is-wrong"),
    ],
)
def test_what_is_known_of_zoom_gets_old(checked: str, today: date, said: str, tmp_path: Path) -> None:
    own = written(tmp_path, f"extends='bluor'\n[parameters.software]\nzoom_checked='{checked}'")
    assert policy.outdated_since(policy.load(own), today) == said


def test_an_own_policy_may_list_newer_releases(tmp_path: Path) -> None:
    text = "extends='bluor'\n[parameters.software]\nzoom_releases=['7.2.0 2026-09-18', '7.4.0 2026-12-20']"
    own = policy.load(written(tmp_path, text)).parameters["software"]
    assert own["zoom_releases"] == ["7.2.0 2026-09-18", "7.4.0 2026-12-20"]
