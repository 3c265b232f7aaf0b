"""Days and moments beyond Python's calendar: their one text, and how far they are from 1 January 2000."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.catalog.moments import beyond, day_number, day_of, moment_number, moment_of


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("infinity", "infinity"), ("-infinity", "-infinity"), ("20240-01-05", "20240-01-05"),
        ("0044-03-15 (BC)", "0044-03-15 BC"), ("0044-03-15 BC", "0044-03-15 BC"),
        ("20240-01-05 00:00:00+00", "20240-01-05T00:00:00Z"), ("20240-01-05T10:20:30.5", "20240-01-05T10:20:30.500000"),
        ("0044-03-15 (BC) 00:00:00+00", "0044-03-15T00:00:00Z BC"), ("0044-03-15T00:00:00Z BC", "0044-03-15T00:00:00Z BC"),
        ("2026-11-02", None), ("20240-02-30", None), ("20240-13-01", None), ("someday", None), ("0000-01-01 BC", None),
    ],
)  # fmt: skip
def test_each_has_one_text(written: str, read: str | None) -> None:
    assert beyond(written) == read
    if read is not None:
        assert beyond(read) == read


@given(st.integers(-2_000_000, 90_000_000))
def test_days_are_counted_to_and_fro(number: int) -> None:
    found = day_of(number)
    assert day_number(found) == number
    if isinstance(found, date):
        assert found == date(2000, 1, 1) + timedelta(days=number)
    else:
        assert beyond(found) == found


@given(st.integers(-(10**17), 10**18))
def test_moments_are_counted_to_and_fro(number: int) -> None:
    for is_instant in (True, False):
        found = moment_of(number, is_instant=is_instant)
        assert moment_number(found) == number
        if isinstance(found, datetime):
            assert found == datetime(2000, 1, 1, tzinfo=UTC if is_instant else None) + timedelta(microseconds=number)
        else:
            assert beyond(found) == found


def test_the_days_that_postgresql_counts() -> None:
    assert day_number("20240-01-05") == 6_662_027
    assert day_number("0044-03-15 BC") == -746_117
    assert moment_number("20240-01-05T00:00:00Z") == 575_599_132_800_000_000


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("infinity", False), ("20240-01-05", True), ("294247-01-10T04:00:54.775807Z", True),
        ("294247-01-10T04:00:54.775808Z", False), ("300000-01-01", False), ("0044-03-15 BC", True),
        ("290309-12-21T19:59:05.224192Z BC", True), ("290309-12-21T19:59:05.224191Z BC", False), ("400000-01-01 BC", False),
    ],
)  # fmt: skip
def test_a_moment_fits_where_it_is_counted_in_64_bits(text: str, fits: bool) -> None:
    found = beyond(text)
    assert found is not None
    assert found.fits_microseconds is fits
