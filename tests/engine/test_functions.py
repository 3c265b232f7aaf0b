"""The functions of one row and the aggregates, on every engine, at their edges."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from tests.engine.pins import Pins, Record


async def values(pins: Pins, *measures: str) -> list[Any]:
    """Of several measures in one question."""
    (row,) = await pins.rows({f"m{number}": {"measure": each} for number, each in enumerate(measures)})
    return row


async def counted(pins: Pins, *conditions: str) -> list[int]:
    """The rows for which each condition holds."""
    return await values(pins, *(f"COUNT(*) FILTER (WHERE {each})" for each in conditions))


# -- aggregates -------------------------------------------------------------------------------------


async def test_a_filter_of_an_aggregate_finds_no_rows_or_rows_without_a_value(pins: Pins) -> None:
    await pins.fill(fact=[{"label": "a", "items": 1}, {"label": "b", "items": 2}, {"label": "c"}, {"items": 9}])
    assert await pins.value("SUM(items) FILTER (WHERE label <> 'a')") == 2
    assert await pins.value("SUM(items) FILTER (WHERE label = 'c')") is None
    assert await pins.value("SUM(items) FILTER (WHERE label = 'z')") == 0
    assert await pins.value("SUM(items) FILTER (WHERE label = 'z')", empty="unknown") is None
    assert await pins.value("AVG(items) FILTER (WHERE label <> 'c')") == 1.5
    assert await pins.value("MEDIAN(items) FILTER (WHERE label IS NULL)") == 9
    assert await pins.value("SUM(items) FILTER (WHERE label = 'a') / COUNT(*) FILTER (WHERE label IS NOT NULL)") == 1 / 3
    metric = {"m": {"measure": "SUM(items) FILTER (WHERE items > 1)", "dimensions": ["label"]}}
    rows = await pins.rows(metric, dimensions=["label"], order=[{"by": "label", "descending": False}])
    assert rows == [["a", 0], ["b", 2], ["c", 0], [None, 9]]


async def test_a_filter_of_an_aggregate_holds_in_each_period(pins: Pins) -> None:
    rows: list[Record] = [{"day": date(2026, 3, day), "items": day, "label": "a" if day % 2 else "b"} for day in range(1, 5)]
    await pins.fill(fact=rows)
    metric = {"m": {"measure": "SUM(items) FILTER (WHERE label = 'a') + COUNT(*)", "time": "day"}}
    asked = {"window": {"start": "2026-03-03", "end": "2026-03-05"}, "compare": "previous_period"}
    assert await pins.rows(metric, **asked) == [[5, 3]]


async def test_spreads_are_those_of_statistics(pins: Pins) -> None:
    values = [D("1.50"), D("2.25"), D("10.00"), D("-3.75")]
    mean = sum(values) / 4
    square = float(sum((each - mean) ** 2 for each in values))
    await pins.fill(fact=[*({"amount": each} for each in values), {}])
    for measure, right in {
        "VARIANCE(amount)": square / 3, "VAR_SAMP(amount)": square / 3, "VAR_POP(amount)": square / 4,
        "STDDEV(amount)": math.sqrt(square / 3), "STDDEV_SAMP(amount)": math.sqrt(square / 3),
        "STDDEV_POP(amount)": math.sqrt(square / 4),
    }.items():  # fmt: skip
        found = await asked_each(pins, measure)
        assert all(each == pytest.approx(right, rel=1e-12) for each in found), measure
    await pins.fill(fact=[{"amount": D("7.00")}, {}])
    assert await pins.value("STDDEV(amount)") is None
    assert await pins.value("STDDEV_POP(amount)") == 0
    await pins.fill(fact=[{}])
    assert await pins.value("VAR_POP(amount)") is None


async def asked_each(pins: Pins, measure: str) -> list[float]:
    """Where the last digit depends on the order of addition, each engine is asked by itself."""
    found: list[float] = []
    for engine in pins.engines():
        pins.only = engine
        found.append(await pins.value(measure))
    pins.only = None
    return found


@pytest.mark.cases(3)
@pytest.mark.parametrize("count", [1, 2, 3, 10, 20, 97])
async def test_a_discrete_percentile_is_one_of_the_values(pins: Pins, count: int) -> None:
    amounts = [(D(number * 7919 % 1000) / 100).quantize(D("0.01")) for number in range(count)]
    await pins.fill(fact=[*({"amount": each} for each in amounts), {"amount": None}])
    ranked = sorted(amounts)
    shares = ("0", "0.1", "0.25", "0.5", "0.7", "0.9", "0.95", "1")
    right = [str(ranked[max(1, math.ceil(D(share) * count)) - 1]) for share in shares]
    found = await values(pins, *(f"PERCENTILE_DISC(amount, {share})" for share in shares), "PERCENTILE_DISC(items, 0.5)")
    assert found == [*right, None]


async def test_distinct_pairs_leave_out_what_has_no_value(pins: Pins) -> None:
    pairs = [("a", 1), ("a", 1), ("a", 2), ("b", 1), (None, 1), ("a", None), ("", 1), ("a ", 1)]
    await pins.fill(fact=[{"label": label, "items": items} for label, items in pairs])
    assert await pins.value("COUNT(DISTINCT label, items)") == 5
    assert await pins.value("COUNT(DISTINCT label, items) FILTER (WHERE items > 1)") == 1


# -- numbers ----------------------------------------------------------------------------------------


async def test_a_half_is_rounded_away_from_zero(pins: Pins) -> None:
    amounts = ["0.50", "-0.50", "1.50", "2.50", "-2.50", "0.25", "-0.25", "0.35", "9999999999999999.95"]
    await pins.fill(fact=[{"amount": D(each), "items": number} for number, each in enumerate(amounts)])
    for number, amount in enumerate(amounts):
        away = [str(D(amount).quantize(D(1).scaleb(-digits), "ROUND_HALF_UP")) for digits in (0, 1, 2)]
        only = f"FILTER (WHERE items = {number})"
        found = await values(pins, f"SUM(ROUND(amount)) {only}", f"SUM(ROUND(amount, 1)) {only}",
            f"SUM(ROUND(amount, 2)) {only}", f"SUM(FLOOR(amount)) {only}", f"SUM(CEIL(amount)) {only}")  # fmt: skip
        assert [str(each) for each in found] == [
            *(each.replace("-0", "0") if not D(each) else each for each in away),
            str(math.floor(D(amount))),
            str(math.ceil(D(amount))),
        ]
    assert await pins.value("SUM(ROUND(items) + FLOOR(items) * 1000000000000)", filter="items = 7") == 7_000_000_000_007


async def test_doubles_are_cut_as_doubles(pins: Pins) -> None:
    for value in (-0.5, -2.000001, 1e300, 9007199254740993.0, 0.1 + 0.2):
        await pins.fill(fact=[{"weight": value}])
        right = [cut(value) if abs(value) < 1e18 else value for cut in (math.floor, math.ceil)]
        assert await values(pins, "MAX(FLOOR(weight))", "MAX(CEIL(weight))") == right
    await pins.fill(fact=[{"items": 29}, {"items": 30}, {"items": -1}])
    assert await pins.value("SUM(FLOOR(items / 10))") == 2 + 3 - 1


@pytest.mark.exhaustive
async def test_a_remainder_has_the_sign_of_what_is_divided(pins: Pins) -> None:
    for items, big in ((7, 3), (-7, 3), (7, -3), (-7, -3), (7, 0), (None, 2)):
        await pins.fill(fact=[{"items": items, "big": big}])
        right = None if items is None or not big else int(math.fmod(items, big))
        assert await values(pins, "SUM(MOD(items, big))", "SUM(items % big)") == [right, right], (items, big)
    await pins.fill(fact=[{"items": 5, "big": 3}])
    assert await pins.value("SUM(MOD(items + big, 3) * 2)") == 4
    assert await pins.value("MOD(COUNT(*), 2)") == 1
    await pins.fill()
    assert await pins.value("MOD(COUNT(*), 2)") == 0


async def test_the_least_and_the_greatest_leave_out_what_has_no_value(pins: Pins) -> None:
    await pins.fill(fact=[{"items": 3, "big": 5, "amount": D("4.25"), "weight": 0.5}, {"items": 8}, {}])
    assert await pins.value("SUM(LEAST(items, big))") == 3 + 8
    assert await pins.value("SUM(GREATEST(items, big))") == 5 + 8
    assert await pins.value("SUM(LEAST(items, amount))") == "11.00"
    assert await pins.value("SUM(GREATEST(items, amount, weight))") == 4.25 + 8
    assert await pins.value("GREATEST(SUM(items) - 100, 0)") == 0
    await pins.fill(fact=[{"day": date(2026, 3, 1), "at": datetime(2026, 3, 1, tzinfo=UTC)}])
    assert await pins.value("MAX(LEAST(day, day))") == "2026-03-01"
    await pins.fill()
    assert await pins.value("GREATEST(SUM(items), 4)") == 4
    assert await pins.value("LEAST(AVG(items), COUNT(*))") == 0


@pytest.mark.exhaustive
async def test_logarithms_and_roots_of_nothing_are_unknown(pins: Pins) -> None:
    for value, logarithm, root in ((0.0, None, 0.0), (-1.0, None, None), (4.0, math.log(4), 2.0), (None, None, None)):
        await pins.fill(fact=[{"weight": value}])
        assert await pins.value("SUM(LN(weight))") == (pytest.approx(logarithm) if logarithm else None)
        assert await pins.value("SUM(SQRT(weight))") == root
    await pins.fill()
    assert await pins.value("LN(COUNT(*))") is None
    assert await pins.value("SQRT(COUNT(*) + 4)") == 2


# -- text -------------------------------------------------------------------------------------------

TEXTS = ["Gift", "gift", "100%", "1000", "a_b", "axb", "a!b", "", None, "É", "e\u0301", "ß", "İ", " x ", "\tx", "\u00a0x",
         "中文", "o'neil", "back\\slash", "x\ny", "😀"]  # fmt: skip


async def test_texts_are_looked_for_letter_by_letter(pins: Pins) -> None:
    await pins.fill(fact=[{"label": each} for each in TEXTS])
    there = [each for each in TEXTS if each is not None]
    for looked in ("i", "%", "_", "!", "\\", "'", "a_", "x", "\n", "É", "文", "😀"):
        quoted = looked.replace("'", "''")
        right = [sum(looked in each for each in there), sum(each.startswith(looked) for each in there),
                 sum(each.endswith(looked) for each in there), sum(looked not in each for each in there)]  # fmt: skip
        found = await counted(pins, f"CONTAINS(label, '{quoted}')", f"STARTS_WITH(label, '{quoted}')",
                              f"ENDS_WITH(label, '{quoted}')", f"NOT CONTAINS(label, '{quoted}')")  # fmt: skip
        assert found == right, looked
    patterns = ("label LIKE 'a_b'", "label LIKE '_'", "label LIKE '1%'", "label NOT LIKE '%x%'", "label LIKE 'x_y'")
    assert await counted(pins, *patterns) == [3, 4, 2, sum("x" not in each for each in there), 1]


async def test_pieces_of_text_are_counted_in_letters(pins: Pins) -> None:
    await pins.fill(fact=[{"label": each} for each in TEXTS])
    there = [each for each in TEXTS if each is not None]
    metric = {"measure": "SUM(LENGTH(label))", "dimensions": ["label"]}
    rows = await pins.rows({"m": metric}, dimensions=["label"])
    assert dict(rows) == {each: None if each is None else len(each) for each in TEXTS}
    right = {
        "SUBSTRING(label, 2, 1) = 'x'": sum(each[1:2] == "x" for each in there),
        "SUBSTRING(label, 2) = 'if' || 't'": sum(each[1:] == "ift" for each in there),
        "SUBSTRING(label, 1) = label": len(there),
        "TRIM(label) = 'x'": sum(each.strip(" ") == "x" for each in there),
        "LOWER(label) = 'gift'": 2, "UPPER(label) = 'GIFT'": 2, "LOWER(label) = 'É'": 1, "LOWER(label) = 'é'": 0,
        "label || '-' || label = 'gift-gift'": 1, "CONCAT(label, '!') = 'É!'": 1, "CONCAT('a', label) IS NULL": 1,
    }  # fmt: skip
    assert dict(zip(right, await counted(pins, *right), strict=True)) == right


# -- time -------------------------------------------------------------------------------------------


@pytest.mark.exhaustive
async def test_parts_of_days_and_what_lies_between(pins: Pins) -> None:
    for day in (date(2024, 2, 29), date(2026, 12, 31), date(2027, 1, 1), date(1, 1, 2)):
        await pins.fill(fact=[{"day": day, "wall": datetime(day.year, day.month, day.day, 23, 59, 59, 999_999)}])
        right = [day.year, (day.month + 2) // 3, day.month, day.day, day.isoweekday()]
        parts = ("YEAR", "QUARTER", "MONTH", "DAY", "WEEKDAY")
        found = await values(pins, *(f"MAX({part}({column}))" for column in ("day", "wall") for part in parts))
        assert found == [*right, *right]
        firsts = [day, day - timedelta(days=day.weekday()), day.replace(day=1),
                  date(day.year, (day.month - 1) // 3 * 3 + 1, 1), date(day.year, 1, 1)]  # fmt: skip
        units = ("day", "week", "month", "quarter", "year")
        found = await values(pins, *(f"MAX(DATE_TRUNC('{unit}', {column}))" for column in ("day", "wall") for unit in units))
        assert found == [each.isoformat() for each in (*firsts, *firsts)]
        found = await values(pins, *(f"MAX(DATE_TRUNC('{unit}', wall))" for unit in ("hour", "minute", "second")))
        assert found == [f"{day.isoformat()}T{time}" for time in ("23:00:00", "23:59:00", "23:59:59")]
    one = datetime(2026, 3, 28, 22, 30, 0, 1, UTC)
    await pins.fill(
        fact=[{"day": date(2026, 3, 1), "at": one, "wall": datetime(2026, 1, 1)}],
        event=[{"fact_id": 0, "at": datetime(2026, 3, 29, 22, 30, 0, 500_002, UTC)}, {"fact_id": 0}, {"fact_id": 7}],
    )
    between = {"m": {"entity": "event", "measure": "SUM(SECONDS_BETWEEN(fact.at, at))"}}
    assert await pins.rows(between) == [[86_400.500001]]
    await pins.fill(fact=[{"day": date(2026, 3, 29), "wall": datetime(2026, 1, 1)}])
    found = await values(pins, "SUM(DAYS_BETWEEN(LEAST(day, day), day) + 9000000000)", "MAX(DAYS_BETWEEN(day, day))")
    assert found == [9_000_000_000, 0]
    assert await pins.value("SUM(SECONDS_BETWEEN(wall, wall))") == 0
