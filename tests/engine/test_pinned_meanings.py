"""Every meaning that the compiler pins, on every engine: `Pins.rows` asks both and fails where they differ."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from zoneinfo import ZoneInfo

import asyncpg
import duckdb
import pytest
from tests.engine.pins import Pins, Record

from assay.gate.names import identifier

BERLIN = ZoneInfo("Europe/Berlin")


def only(dimension: str, op: str, *values: object) -> list[dict[str, object]]:
    return [{"dimension": dimension, "op": op, "values": list(values)}]


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


# -- numbers ----------------------------------------------------------------------------------------


async def test_division_is_real_and_by_zero_is_unknown(pins: Pins) -> None:
    await pins.fill(fact=[{"items": 7, "big": 2, "weight": 0.0}, {"items": 1, "big": 0, "weight": 2.0}, {"items": 3}])
    assert await pins.value("SUM(items) / COUNT(*)") == 11 / 3
    assert await pins.value("SUM(items) / SUM(big) / 2") == 11 / 2 / 2
    assert await pins.value("8 / SUM(big) * 3 - COUNT(*) / (2 / 4)") == 8 / 2 * 3 - 3 / 0.5
    assert await pins.value("SUM(items) / (COUNT(*) - 3)") is None
    assert await pins.value("SUM(items) / SUM(CASE WHEN items > 100 THEN 1 END)") is None


async def test_division_is_pinned_inside_an_aggregate_and_in_a_filter_too(pins: Pins) -> None:
    await pins.fill(fact=[{"items": 7, "big": 2}, {"items": 1, "big": 0}, {"items": 3, "big": 4}])
    assert await pins.value("SUM(items / big)") == 3.5 + 0.75
    assert await pins.value("COUNT(items / big)") == 2
    assert await pins.value("AVG(items / 2)") == (3.5 + 0.5 + 1.5) / 3
    assert await pins.value("COUNT(*)", filter="items / 2 > 1.4") == 2
    assert await pins.value("COUNT(*)", filter="items / big > 0") == 2


async def test_a_ratio_is_real_and_unknown_over_nothing(pins: Pins) -> None:
    await pins.fill(fact=[{"label": "a", "items": 1}, {"label": "a", "items": 2}, {"label": "b", "items": 0}])
    share = {"numerator": {"measure": "COUNT(*)", "filter": "items > 1"}, "denominator": {"measure": "SUM(items)"}}
    metric = {"m": {**share, "dimensions": ["label"]}}
    assert await pins.rows(metric, dimensions=["label"]) == [["a", 1 / 3], ["b", None]]


async def test_sums_of_decimals_are_exact_and_keep_their_scale(pins: Pins) -> None:
    await pins.fill(fact=[{"amount": D("0.10"), "items": 3}] * 3 + [{"amount": D("9999999999999999.99"), "items": -1}])
    assert await pins.value("SUM(amount)") == "10000000000000000.29"
    assert await pins.value("SUM(amount * 0.125)", filter="items = 3") == "0.03750"
    assert await pins.value("SUM(amount * items)") == "-9999999999999999.09"
    assert await pins.value("SUM(amount) + COUNT(*)", filter="items = 3") == "3.30"
    assert await pins.value("MIN(amount)") == "0.10"
    assert await pins.value("SUM(CASE WHEN items = 3 THEN 1 ELSE amount END)") == "10000000000000002.99"


async def test_a_half_is_not_rounded_anywhere(pins: Pins) -> None:
    await pins.fill(fact=[{"amount": D("0.05"), "items": 5}, {"amount": D("0.10"), "items": 2}])
    assert await pins.value("SUM(amount * 0.5)") == "0.075"
    assert await pins.value("SUM(items) * 0.5") == "3.5"
    assert await pins.value("SUM(items / 2)") == 3.5
    assert await pins.value("AVG(amount)") == float(D("0.15")) / 2


async def test_whole_numbers_beyond_a_double_are_exact(pins: Pins) -> None:
    await pins.fill(fact=[{"big": 2**62, "wide": D(2**62)}, {"big": 2**62 - 1, "wide": D(1)}])
    assert await pins.value("SUM(big)") == str(2**63 - 1)
    assert await pins.value("SUM(wide)") == str(2**62 + 1)
    assert await pins.value("MAX(big)") == str(2**62)


async def test_an_average_is_the_exact_sum_over_the_count(pins: Pins) -> None:
    amounts = [D("0.10"), D("0.20"), D("0.20"), D("1234567.89")]
    await pins.fill(fact=[*({"amount": each, "items": 1} for each in amounts), {"amount": None, "items": 2}])
    assert await pins.value("AVG(amount)") == float(sum(amounts)) / 4
    assert await pins.value("AVG(items)") == 6 / 5
    assert await pins.value("AVG(amount) * 2") == float(sum(amounts)) / 4 * 2
    assert await pins.value("100 - AVG(items)") == 100 - 6 / 5


@pytest.mark.cases(3)
@pytest.mark.parametrize("count", [1, 2, 5, 10, 97])
async def test_a_percentile_interpolates_on_doubles(pins: Pins, count: int) -> None:
    values = [D(number * 7919 % 1000) / 100 for number in range(count)]
    await pins.fill(fact=[*({"amount": each} for each in values), {"amount": None}])
    ranked = sorted(map(float, values))
    for share in (0, 0.1, 0.25, 0.9, 1):
        at = share * (count - 1)
        low = int(at)
        high = min(low + 1, count - 1)
        expected = ranked[low] + (ranked[high] - ranked[low]) * (at - low)
        assert await pins.value(f"PERCENTILE(amount, {share})") == pytest.approx(expected, rel=1e-12)
    middle = (ranked[(count - 1) // 2] + ranked[count // 2]) / 2
    assert await pins.value("MEDIAN(amount)") == pytest.approx(middle, rel=1e-12)


async def test_numbers_of_several_kinds_go_together(pins: Pins) -> None:
    await pins.fill(fact=[{"items": 2, "amount": D("1.50"), "weight": 0.25}, {"items": 3}])
    assert await pins.value("SUM(items) + SUM(amount)") == "6.50"
    assert await pins.value("SUM(amount) * SUM(weight)") == 0.375
    assert await pins.value("SUM(COALESCE(amount, items))") == "4.50"
    assert await pins.value("COALESCE(SUM(amount), 0) - ABS(-COUNT(*))") == "-0.50"
    assert await pins.value("SUM(NULLIF(items, 2))") == 3


# -- nothing ----------------------------------------------------------------------------------------


async def test_over_no_rows_a_count_and_a_sum_are_0_and_everything_else_is_unknown(pins: Pins) -> None:
    await pins.fill()
    for measure in ("COUNT(*)", "COUNT(label)", "COUNT(DISTINCT label)", "COUNT(*) * 100", "SUM(items)"):
        assert await pins.value(measure) == 0
        assert await pins.value(measure, empty="unknown") is None
    for measure in ("AVG(amount)", "MIN(amount)", "MAX(at)", "MEDIAN(items)", "PERCENTILE(items, 0.9)",
                    "COUNT(*) / COUNT(*)"):  # fmt: skip
        assert await pins.value(measure) is None
    assert await pins.value("SUM(amount)") == "0.00"
    await pins.fill(fact=[{"label": "a"}])
    assert await pins.value("SUM(items)") is None
    assert await pins.value("SUM(items)", filter="label = 'b'") == 0
    await pins.fill()
    assert await pins.rows({"m": {"measure": "COUNT(*)", "dimensions": ["label"]}}, dimensions=["label"]) == []


async def test_a_count_of_values_skips_empty_ones(pins: Pins) -> None:
    await pins.fill(fact=[{"label": "a"}, {"label": "a"}, {"label": ""}, {}])
    assert await pins.value("COUNT(*)") == 4
    assert await pins.value("COUNT(label)") == 3
    assert await pins.value("COUNT(DISTINCT label)") == 2
    assert await pins.value("COUNT(CASE WHEN label IS NULL THEN 1 END)") == 1


LABELS: list[Record] = [{"label": "a"}, {"label": "b"}, {"label": ""}, {"label": None}]


@pytest.mark.cases(4)
@pytest.mark.parametrize(
    ("op", "values", "count"),
    [
        ("eq", ["a"], 1), ("ne", ["a"], 3), ("in", ["a", "b", "z"], 2), ("not_in", ["a", "b"], 2), ("not_in", ["z"], 4),
        ("is_null", [], 1), ("is_not_null", [], 3), ("eq", [""], 1), ("ne", [""], 3),
    ],
)  # fmt: skip
async def test_a_filter_that_excludes_keeps_rows_without_a_value(pins: Pins, op: str, values: list[str], count: int) -> None:
    await pins.fill(fact=LABELS)
    metric = {"m": {"measure": "COUNT(*)", "dimensions": ["label"]}}
    assert await pins.rows(metric, filters=only("label", op, *values)) == [[count]]


async def test_a_condition_of_the_catalog_is_plain_sql_about_empty_values(pins: Pins) -> None:
    await pins.fill(fact=LABELS)
    assert await pins.value("COUNT(*)", filter="label <> 'a'") == 2
    assert await pins.value("COUNT(*)", filter="label NOT IN ('a', 'b')") == 1
    assert await pins.value("COUNT(*)", filter="NOT label = 'a' OR label IS NULL") == 3
    assert await pins.value("COUNT(*)", filter="COALESCE(label, '') = ''") == 2


async def test_filters_have_the_values_of_their_columns_type(pins: Pins) -> None:
    await pins.fill(fact=[
        {"items": 3, "amount": D("1.10"), "weight": 0.1, "is_good": True, "day": date(2026, 2, 28), "big": 2**62,
         "wide": D(2**62), "at": berlin("2026-03-01 08:00"), "wall": datetime(2026, 3, 1, 8)},
        {"items": 4, "amount": D("1.11"), "weight": 0.2, "is_good": False, "day": date(2026, 3, 1), "big": 1, "wide": D(1),
         "at": berlin("2026-03-01 08:01"), "wall": datetime(2026, 3, 1, 8, 1)},
        {},
    ])  # fmt: skip
    names = ["items", "amount", "weight", "is_good", "day", "big", "wide", "at", "wall"]
    metric = {"m": {"measure": "COUNT(*)", "dimensions": names}}
    eight = "2026-03-01T08:00:00"
    for name, value in (("items", 3), ("amount", "1.1"), ("weight", 0.1), ("is_good", True), ("day", "2026-02-28"),
                        ("big", 2**62), ("wide", 2**62), ("at", eight), ("wall", eight)):  # fmt: skip
        assert await pins.rows(metric, filters=only(name, "eq", value)) == [[1]], name
        assert await pins.rows(metric, filters=only(name, "not_in", value)) == [[2]], name
        if name != "is_good":
            smallest = name not in ("big", "wide")
            assert await pins.rows(metric, filters=only(name, "gt" if smallest else "lt", value)) == [[1]], name
    assert await pins.rows(metric, filters=only("at", "eq", "2026-03-01T07:00:00Z")) == [[1]]


async def test_dimensions_of_every_type_come_back_as_they_travel(pins: Pins) -> None:
    await pins.fill(fact=[{"items": 3, "amount": D("1.10"), "weight": 0.1, "is_good": True, "day": date(2026, 2, 28),
                           "at": berlin("2026-03-01 08:00"), "wall": datetime(2026, 3, 1, 8)}])  # fmt: skip
    names = ["items", "amount", "weight", "is_good", "day", "at"]
    metric = {"m": {"measure": "COUNT(*)", "dimensions": [*names, "wall"]}}
    assert await pins.rows(metric, dimensions=names) == [[3, "1.10", 0.1, True, "2026-02-28", "2026-03-01T07:00:00Z", 1]]
    assert await pins.rows(metric, dimensions=["wall"]) == [["2026-03-01T08:00:00", 1]]


# -- order ------------------------------------------------------------------------------------------


async def test_text_is_ordered_by_code_point_and_empty_is_last_both_ways(pins: Pins) -> None:
    labels = ["é", "a", "Z", "z", "A", "Ä", "a b", "a-b", "aB", "", "ß", "中", "𝄞", "10", "9", None]
    await pins.fill(fact=[{"label": each} for each in labels])
    metric = {"m": {"measure": "COUNT(*)", "dimensions": ["label"]}}
    ordered = sorted(each for each in labels if each is not None)
    for descending in (False, True):
        rows = await pins.rows(metric, dimensions=["label"], order=[{"by": "label", "descending": descending}])
        assert [row[0] for row in rows] == [*(reversed(ordered) if descending else ordered), None]


async def test_unknown_values_are_last_both_ways_and_ties_are_settled_by_the_key(pins: Pins) -> None:
    await pins.fill(fact=[{"label": "b", "items": 1}, {"label": "a", "items": 1}, {"label": "c"}, {"items": 5}])
    metric = {"m": {"measure": "SUM(items)", "dimensions": ["label"]}}
    up = await pins.rows(metric, dimensions=["label"], order=[{"by": "value", "descending": False}])
    assert up == [["a", 1], ["b", 1], [None, 5], ["c", None]]
    assert await pins.rows(metric, dimensions=["label"]) == [[None, 5], ["a", 1], ["b", 1], ["c", None]]
    assert await pins.rows(metric, dimensions=["label"], limit=2) == [[None, 5], ["a", 1]]


async def test_names_that_an_engine_reserves_are_quoted(pins: Pins) -> None:
    await pins.fill(fact=[{"label": "a"}])
    metric = {
        "m": {"measure": "COUNT(*)", "dimensions": [{"name": each, "column": "label"} for each in ("order", "m1", "u")]}
    }
    assert await pins.rows(metric, dimensions=["order", "m1", "u"], order=[{"by": "order"}]) == [["a", "a", "a", 1]]


# -- time -------------------------------------------------------------------------------------------

DAILY = {"m": {"measure": "COUNT(*)", "time": "at"}}


async def test_a_day_begins_at_midnight_of_the_workspace(pins: Pins) -> None:
    at = [
        datetime(2026, 3, 1, 22, 59, 59, 999_999, UTC),
        datetime(2026, 3, 1, 23, tzinfo=UTC),
        datetime(2026, 3, 2, 1, tzinfo=UTC),
    ]
    await pins.fill(fact=[{"at": each} for each in at])
    window = {"start": "2026-03-01", "end": "2026-03-03"}
    assert await pins.rows(DAILY, window=window, grain="day") == [["2026-03-01", 1], ["2026-03-02", 2]]
    assert await pins.rows(DAILY, window=window, grain="day", zone="UTC") == [["2026-03-01", 2], ["2026-03-02", 1]]


async def test_a_window_has_its_start_and_not_its_end(pins: Pins) -> None:
    await pins.fill(fact=[{"at": berlin("2026-03-01")}, {"at": berlin("2026-03-02")}])
    assert await pins.rows(DAILY, window={"start": "2026-03-01", "end": "2026-03-02"}) == [[1]]


async def test_days_of_23_and_25_hours_are_days(pins: Pins) -> None:
    spring, autumn = datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)
    await pins.fill(fact=[{"at": start + timedelta(hours=hour)} for start in (spring, autumn) for hour in range(26)])
    window = {"start": "2026-03-29", "end": "2026-10-27"}
    rows = await pins.rows(DAILY, window=window, grain="day")
    assert rows == [["2026-03-29", 23], ["2026-03-30", 3], ["2026-10-25", 25], ["2026-10-26", 1]]
    hours = await pins.rows(DAILY, window={"start": "2026-10-25", "end": "2026-10-25T04:00"}, grain="hour")
    assert [row[1] for row in hours] == [1, 1, 1, 1, 1]
    assert [row[0] for row in hours[2:4]] == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]


async def test_a_wall_time_that_no_clock_showed_counts_in_the_hour_after_the_jump(pins: Pins) -> None:
    """A column without a zone may hold 02:30 of the day on which the clocks skip it: no bucket and no window loses it."""
    walls = [datetime(2026, 3, 29, 1, 30), datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 29, 3, 30)]
    await pins.fill(fact=[{"wall": each} for each in walls])
    metric = {"m": {"measure": "COUNT(*)", "time": "wall"}}
    hours = await pins.rows(metric, window={"start": "2026-03-29", "end": "2026-03-30"}, grain="hour")
    assert hours == [["2026-03-29T01:00:00+01:00", 1], ["2026-03-29T03:00:00+02:00", 2]]
    for window, count in (({"start": "2026-03-29", "end": "2026-03-29T03:00"}, 1),
                          ({"start": "2026-03-29T03:00", "end": "2026-03-30"}, 2)):  # fmt: skip
        assert await pins.rows(metric, window=window) == [[count]]


DAYS_OF_CAIRO: list[Record] = [
    {"day": date(2026, 4, day), "at": datetime.fromisoformat(f"2026-04-{at}+00:00"), "items": items}
    for day, at, items in (
        (23, "22T22:30", 1), (23, "23T10:00", 2), (24, "23T22:30", 4), (24, "24T10:00", 8), (25, "25T10:00", 16),
    )
]  # fmt: skip


@pytest.mark.parametrize("column", ["day", "at"])
async def test_a_day_whose_midnight_the_clocks_skip_is_a_day(pins: Pins, column: str) -> None:
    """Cairo's 24 April 2026 begins at 01:00."""
    await pins.fill(fact=DAYS_OF_CAIRO)
    metric = {"m": {"measure": "SUM(items)", "time": column}}
    one, two = {"start": "2026-04-24", "end": "2026-04-25"}, {"start": "2026-04-24", "end": "2026-04-26"}

    async def rows(**asked: object) -> list[list[object]]:
        return await pins.rows(metric, zone="Africa/Cairo", **asked)  # type: ignore[arg-type]

    assert await rows(window=one) == [[12]]
    assert await rows(window=one, compare="previous_period") == [[12, 3]]
    assert await rows(window=one, compare="previous_period", grain="day") == [["2026-04-24", 12, 3]]
    assert await rows(window=two, grain="day") == [["2026-04-24", 12], ["2026-04-25", 16]]
    morning = datetime(2026, 4, 24, 7, tzinfo=UTC)
    so_far = [12, 3] if column == "day" else [4, 1]  # a column of days has all of today
    assert await rows(window="today", now=morning, compare="previous_period") == [so_far]
    assert await rows(window="yesterday", now=morning) == [[3]]
    assert await rows(window="trailing_7d", now=morning, grain="day") == [["2026-04-23", 3], ["2026-04-24", so_far[0]]]


async def test_a_week_begins_on_monday(pins: Pins) -> None:
    await pins.fill(fact=[{"at": berlin(f"2026-03-{day:02d} 23:59")} for day in (1, 2, 8, 9)])
    rows = await pins.rows(DAILY, window={"start": "2026-02-23", "end": "2026-03-10"}, grain="week")
    assert rows == [["2026-02-23", 1], ["2026-03-02", 2], ["2026-03-09", 1]]


@pytest.mark.parametrize(
    ("grain", "buckets"),
    [("month", ["2025-12-01", "2026-01-01", "2026-03-01"]), ("quarter", ["2025-10-01", "2026-01-01"]),
     ("year", ["2025-01-01", "2026-01-01"])],
)  # fmt: skip
async def test_months_quarters_and_years_begin_on_their_first_day(pins: Pins, grain: str, buckets: list[str]) -> None:
    await pins.fill(fact=[{"at": berlin(each)} for each in ("2025-12-31 23:59", "2026-01-01", "2026-03-31 23:30")])
    rows = await pins.rows(DAILY, window={"start": "2025-01-01", "end": "2026-04-01"}, grain=grain)
    assert [row[0] for row in rows] == buckets


@pytest.mark.parametrize("column", ["wall", "day"])
async def test_wall_times_and_days_stay_where_they_are(pins: Pins, column: str) -> None:
    walls = [datetime(2026, 3, 1), datetime(2026, 3, 1, 23, 59), datetime(2026, 3, 2), datetime(2026, 3, 3)]
    await pins.fill(fact=[{"wall": each, "day": each.date()} for each in walls])
    metric = {"m": {"measure": "COUNT(*)", "time": column}}
    rows = await pins.rows(metric, window={"start": "2026-03-01", "end": "2026-03-03"}, grain="day")
    assert rows == [["2026-03-01", 2], ["2026-03-02", 1]]


async def test_a_count_at_an_instant_has_what_began_before_and_did_not_end_before(pins: Pins) -> None:
    now = berlin("2026-03-17 12:00")
    at, hour = now + timedelta(seconds=1), timedelta(hours=1)
    began = [{"at": at - hour}, {"at": at}, {"at": at + hour}, {"at": at - hour, "wall": datetime(2026, 3, 17, 12, 0, 1)},
             {"at": at - hour, "wall": datetime(2026, 3, 17, 12)}]  # fmt: skip
    await pins.fill(fact=began)
    metric = {"m": {"measure": "COUNT(*)", "alive": {"from": "at", "until": "wall"}}}
    assert await pins.rows(metric, now=now) == [[2]]


async def test_moments_written_in_the_catalog_are_of_the_workspaces_clock(pins: Pins) -> None:
    wall = datetime(2026, 3, 1)
    await pins.fill(fact=[
        {"at": berlin("2026-03-01"), "wall": wall, "day": wall.date()},
        {"at": berlin("2026-02-28 23:59:59"), "wall": wall - timedelta(seconds=1), "day": date(2026, 2, 28)},
    ])  # fmt: skip
    for column in ("at", "wall", "day"):
        assert await pins.value("COUNT(*)", filter=f"{column} >= '2026-03-01'") == 1
        assert await pins.value("COUNT(*)", filter=f"{column} IN ('2026-03-01', '2020-01-01')") == 1
    assert await pins.value("COUNT(*)", filter="at < '2026-02-28T23:00:00Z'") == 1
    assert await pins.value("COUNT(CASE day WHEN '2026-03-01' THEN 1 END)") == 1


async def test_the_latest_moment_is_a_measure(pins: Pins) -> None:
    await pins.fill(fact=[{"at": berlin("2026-03-01 08:00"), "wall": datetime(2026, 3, 1, 8), "day": date(2026, 3, 1)}, {}])
    assert await pins.value("MAX(at)") == "2026-03-01T07:00:00Z"
    assert await pins.value("MAX(wall)") == "2026-03-01T08:00:00"
    assert await pins.value("MIN(day)") == "2026-03-01"


# -- the period before ------------------------------------------------------------------------------


async def test_the_period_before_lies_on_the_buckets_of_the_current_one(pins: Pins) -> None:
    days = ["2026-02-26", "2026-02-27 12:00", "2026-03-01", "2026-03-02", "2026-03-02 05:00"]
    await pins.fill(fact=[{"at": berlin(each)} for each in days])
    window = {"start": "2026-03-01", "end": "2026-03-04"}
    rows = await pins.rows(DAILY, window=window, grain="day", compare="previous_period")
    assert rows == [["2026-03-01", 1, 1], ["2026-03-02", 2, 1]]
    assert await pins.rows(DAILY, window=window, compare="previous_period") == [[3, 2]]


async def test_days_that_this_month_lacks_lie_on_its_last_day(pins: Pins) -> None:
    """Figure and line of one tile compare the same days: none of the longer month is left out of the line."""
    await pins.fill(fact=[{"at": berlin(f"2026-01-{day}")} for day in (27, 29, 31)] + [{"at": berlin("2026-02-28")}])
    rows = await pins.rows(DAILY, now=berlin("2026-03-10"), window="previous_month", grain="day", compare="previous_period")
    assert rows == [["2026-02-27", 0, 1], ["2026-02-28", 1, 2]]
    whole = await pins.rows(DAILY, now=berlin("2026-03-10"), window="previous_month", compare="previous_period")
    assert whole == [[1, 3]]


async def test_the_year_before_meets_the_same_dates_and_29_february_the_28th(pins: Pins) -> None:
    await pins.fill(fact=[{"at": berlin(each)} for each in ("2024-02-28", "2024-02-29", "2024-03-31 10:00", "2025-03-31")])
    window = {"start": "2025-01-01", "end": "2025-04-01"}
    rows = await pins.rows(DAILY, window=window, grain="day", compare="previous_year")
    assert rows == [["2025-02-28", 0, 2], ["2025-03-31", 1, 1]]
    assert (await pins.rows(DAILY, window=window, grain="month", compare="previous_year")) == [
        ["2025-02-01", 0, 2], ["2025-03-01", 1, 1],
    ]  # fmt: skip


async def test_a_group_of_the_period_before_alone_stays_in_the_answer(pins: Pins) -> None:
    await pins.fill(
        fact=[
            {"at": berlin("2026-03-02"), "label": "new", "items": 1},
            {"at": berlin("2026-03-01"), "label": "old", "items": 2},
        ]
    )
    metric = {"m": {"measure": "SUM(items)", "time": "at", "dimensions": ["label"]}}
    rows = await pins.rows(metric, window={"start": "2026-03-02", "end": "2026-03-03"}, compare="previous_period",
                           dimensions=["label"])  # fmt: skip
    assert rows == [["new", 1, 0], ["old", 0, 2]]


async def test_aggregates_in_a_case_are_restricted_to_their_period_and_filter(pins: Pins) -> None:
    await pins.fill(fact=[{"at": berlin("2026-03-01"), "items": 9}, {"at": berlin("2026-03-02"), "items": 1}])
    metric = {"m": {"measure": "CASE WHEN COUNT(*) > 0 THEN COALESCE(NULLIF(SUM(items), 0), AVG(items)) END", "time": "at"}}
    rows = await pins.rows(metric, window={"start": "2026-03-02", "end": "2026-03-03"}, compare="previous_period")
    assert rows == [[1.0, 9.0]]


# -- several tables ---------------------------------------------------------------------------------

FACTS: list[Record] = [
    {"label": "a", "items": 2, "amount": D("1.50"), "at": berlin("2026-03-01")},
    {"label": "a", "items": 3, "amount": D("2.00"), "at": berlin("2026-03-02")},
    {"label": "b", "items": 5, "at": berlin("2026-03-02")},
    {"items": 7, "at": berlin("2026-03-02")},
]
EVENTS: list[Record] = [
    {"fact_id": 0, "label": "a", "score": D("0.125"), "at": berlin("2026-03-01")},
    {"fact_id": 0, "label": "c", "score": D("0.500"), "at": berlin("2026-03-01")},
    {"fact_id": 2, "label": None, "at": berlin("2026-03-02")},
]
BY_LABEL = [{"by": "label", "descending": False}]
FACT = {"measure": "SUM(items)", "time": "at", "window": "year_to_date", "dimensions": ["label"]}
EVENT = {"entity": "event", "measure": "COUNT(*)", "time": "at", "window": "year_to_date", "dimensions": ["label"]}


async def test_metrics_of_two_tables_meet_in_their_groups(pins: Pins) -> None:
    await pins.fill(fact=FACTS, event=EVENTS)
    score = {**EVENT, "measure": "SUM(score)"}
    latest = {**EVENT, "measure": "MAX(at)"}
    rows = await pins.rows({"f": FACT, "e": EVENT, "s": score, "l": latest}, dimensions=["label"])
    assert rows == [
        [None, 7, 1, None, "2026-03-01T23:00:00Z"],
        ["a", 5, 1, "0.125", "2026-02-28T23:00:00Z"],
        ["b", 5, 0, "0.000", None],
        ["c", 0, 1, "0.500", "2026-02-28T23:00:00Z"],
    ]
    assert await pins.rows({"f": FACT, "e": EVENT}) == [[17, 3]]


async def test_a_join_does_not_count_a_row_twice(pins: Pins) -> None:
    await pins.fill(fact=FACTS, event=EVENTS)
    twice = {**EVENT, "measure": "SUM(fact.items)", "dimensions": [{"name": "label", "column": "fact.label"}]}
    with pytest.raises(AssertionError, match=r"counts shop\.fact\.items once for each row of shop\.event"):
        await pins.rows({"j": twice, "f": FACT}, dimensions=["label"])
    largest = {**twice, "measure": "MAX(fact.items)"}
    assert await pins.rows({"j": largest, "f": FACT}, dimensions=["label"]) == [["b", 5, 5], ["a", 2, 5], [None, None, 7]]


async def test_a_derived_metric_over_two_tables_has_each_tables_own_dimension(pins: Pins) -> None:
    await pins.fill(fact=FACTS, event=EVENTS)
    event = {**EVENT, "dimensions": [{"name": "label", "column": "fact.label"}]}
    metrics = {"rate": {"expression": "100 * e / f"}, "f": FACT, "e": event}
    rows = await pins.rows(metrics, dimensions=["label"], order=BY_LABEL)
    assert rows == [["a", 100 * 2 / 5, 5, 2], ["b", 100 * 1 / 5, 5, 1], [None, 0.0, 7, 0]]
    alone = await pins.rows({"rate": metrics["rate"], "f": FACT, "e": event}, filters=only("label", "eq", "b"))
    assert alone[0][0] == 20.0


async def test_one_name_for_two_columns_of_one_table_is_kept_apart(pins: Pins) -> None:
    await pins.fill(fact=FACTS, event=EVENTS)
    own = EVENT
    over_join = {**EVENT, "dimensions": [{"name": "label", "column": "fact.label"}]}
    rows = await pins.rows({"own": own, "joined": over_join}, dimensions=["label"], order=BY_LABEL)
    assert rows == [["a", 1, 2], ["b", 0, 1], ["c", 1, 0], [None, 1, 0]]


async def test_legs_have_their_own_filters_periods_and_times(pins: Pins) -> None:
    await pins.fill(fact=FACTS, event=EVENTS)
    few = {**FACT, "measure": "COUNT(*)", "filter": "items < 6"}
    rows = await pins.rows({"few": few, "e": EVENT}, window={"start": "2026-03-02", "end": "2026-03-03"},
                           dimensions=["label"], compare="previous_period", order=BY_LABEL)  # fmt: skip
    assert rows == [["a", 1, 0, 1, 1], ["b", 1, 0, 0, 0], ["c", 0, 0, 0, 1], [None, 0, 1, 0, 0]]
    daily = await pins.rows({"few": few, "e": EVENT}, window={"start": "2026-03-01", "end": "2026-03-03"}, grain="day")
    assert daily == [["2026-03-01", 1, 2], ["2026-03-02", 2, 1]]


async def test_a_group_for_which_nothing_counts_is_no_group(pins: Pins) -> None:
    """Two parts, each with a filter of its own: rows that pass neither make no row of the answer."""
    await pins.fill(fact=FACTS)
    ratio = {"numerator": {"measure": "COUNT(*)", "filter": "items = 2"},
             "denominator": {"measure": "COUNT(*)", "filter": "items < 4"}, "dimensions": ["label"]}  # fmt: skip
    assert await pins.rows({"r": ratio}, dimensions=["label"]) == [["a", 0.5]]


async def test_windowed_and_instant_counts_stand_side_by_side(pins: Pins) -> None:
    await pins.fill(fact=FACTS, event=EVENTS)
    alive = {"measure": "COUNT(*)", "alive": {"from": "at", "until": "wall"}, "dimensions": ["label"]}
    rows = await pins.rows({"now": alive, "e": EVENT}, compare="previous_year", dimensions=["label"],
                           order=BY_LABEL)  # fmt: skip
    assert rows == [["a", 2, 1, 0, 0], ["b", 1, 0, 0, 0], ["c", 0, 1, 0, 0], [None, 1, 1, 0, 0]]


async def test_every_word_that_an_engine_reserves_is_known(pins: Pins) -> None:
    await pins.fill()
    connection = await asyncpg.connect(pins.url)
    reserved = {word for (word,) in await connection.fetch("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')")}
    await connection.close()
    with duckdb.connect() as lake:
        rows = lake.execute(
            "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category IN ('reserved', 'type_function')"
        ).fetchall()
    reserved.update(word for (word,) in rows)
    assert {word for word in reserved if not identifier(word).quoted} == set()
