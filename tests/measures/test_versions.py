from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.measures.versions import (
    is_at_least,
    is_newer_than_all,
    months_after,
    parse_releases,
    parse_version,
    release_day,
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("6.3.0 (52884)", (6, 3, 0, 52884)),
        ("6.0.2.4680", (6, 0, 2, 4680)),
        ("5.17.5", (5, 17, 5)),
        ("Firefox 140.5.0esr", (140, 5, 0)),
        ("v7", ()),
        ("", ()),
        ("-", ()),
        ("9" * 500, ()),
    ],
)
def test_versions_as_they_are_written(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_version(text) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("7.1.43453", (7, 1)), ("5.17.5", (5, 17, 5)), ("5.17.11.34827", (5, 17, 11, 34827)), ("6.3", (6, 3))],
)
def test_the_installers_of_windows_leave_one_number_out(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_version(text, of_installer=True) == numbers


@pytest.mark.parametrize(
    ("version", "least", "expected"),
    [
        ((6, 0, 2), (6, 0, 2), True),
        ((6, 0, 1, 9999), (6, 0, 2), False),
        ((6, 0, 3), (6, 0, 2), True),
        ((6, 1), (6, 0, 2), True),
        ((6, 0), (6, 0, 2), None),
        ((6,), (6, 0, 0), True),
        ((), (6, 0, 2), None),
        ((10, 0, 22631), (10, 0), True),
        ((2, 9), (2, 27), False),
    ],
)
def test_reaching_a_version(version: tuple[int, ...], least: tuple[int, ...], expected: bool | None) -> None:  # noqa: FBT001 - a column
    assert is_at_least(version, least) is expected


@given(st.text(max_size=300), st.booleans())
def test_any_text_is_a_version_or_none(text: str, of_installer: bool) -> None:  # noqa: FBT001 - drawn
    numbers = parse_version(text, of_installer=of_installer)
    assert len(numbers) <= 4
    assert all(number >= 0 for number in numbers)


@given(st.lists(st.integers(0, 9), max_size=4), st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_a_version_that_reaches_is_not_below(version: list[int], least: list[int]) -> None:
    said = is_at_least(tuple(version), tuple(least))
    if said is not None:
        padded = [*version, 0, 0, 0, 0][: max(len(version), len(least))]
        assert said == (padded >= least)


KNOWN = parse_releases(["7.2.0 2026-09-18", "7.1.0 2026-06-22"])


@pytest.mark.parametrize(
    ("version", "day"),
    [
        ((7, 0, 9), None),
        ((7, 1), date(2026, 6, 22)),
        ((7, 1, 0), date(2026, 6, 22)),
        ((7, 1, 8, 4), date(2026, 6, 22)),
        ((7, 2, 0, 9), date(2026, 9, 18)),
        ((8,), date(2026, 9, 18)),
    ],
)
def test_a_version_is_as_old_as_the_next_lower_one(version: tuple[int, ...], day: date | None) -> None:
    assert release_day(version, KNOWN) == day


def test_what_is_newer_than_all() -> None:
    assert [is_newer_than_all(version, KNOWN) for version in ((7, 2), (7, 2, 0, 9), (7, 2, 1), (8,))] == [
        False,
        False,
        True,
        True,
    ]
    assert not is_newer_than_all((8,), ())


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 3, 24), date(2026, 12, 24)),
        (date(2026, 6, 22), date(2027, 3, 22)),
        (date(2025, 5, 31), date(2026, 2, 28)),
        (date(2023, 5, 31), date(2024, 2, 29)),
    ],
)
def test_nine_months_later(day: date, later: date) -> None:
    assert months_after(day, 9) == later
