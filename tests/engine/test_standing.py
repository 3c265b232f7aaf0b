"""What *proven* means: whatever is put into one of two engines, no answer that says proven is another one there."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from math import isclose
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.conftest import eventually
from tests.engine.pair import NOW, Two, two_engines

SALE, CUSTOMER, VISIT = "shop.sale", "shop.customer", "shop.visit"
MARCH, FEBRUARY = "sold_at >= '2026-03-01' AND sold_at < '2026-03-17 15:42:00'", "sold_at < '2026-02-17 15:45:00'"
ONE = f"sale_id = (SELECT min(sale_id) FROM {SALE} WHERE {MARCH} AND amount > 1 AND region = 'North' AND NOT is_gift)"


def change(what: str, where: str = ONE) -> str:
    return f"UPDATE {SALE} SET {what} WHERE {where}"


def swapped(column: str, one: str, other: str) -> str:
    """Two rows exchange their values of a column: no total tells."""
    pick = f"SELECT min(sale_id) FROM {SALE} WHERE {MARCH} AND "
    a, b = f"({pick}{one})", f"({pick}{other})"
    value = f"SELECT {column} FROM {SALE} WHERE sale_id = "
    return (
        f"UPDATE {SALE} SET {column} = CASE sale_id WHEN {a} THEN ({value}{b}) ELSE ({value}{a}) END"
        f" WHERE sale_id IN ({a}, {b})"
    )


def over_three(metric: str) -> list[str]:
    """Eight cells of three dimensions change by one each so that every total, dimension and pair of them stays as it is."""
    rows = [
        f"INSERT INTO {SALE} SELECT * REPLACE ('x{number}{sign}' AS sale_id, '{region}' AS region, '{channel}' AS channel,"
        f" '{city}' AS city, 5 AS amount, timestamptz '2026-03-05 10:00:00Z' AS sold_at, date '2026-03-05' AS sold_on)"
        f" FROM {SALE} WHERE {ONE}"
        for number, (region, channel, city) in enumerate(
            (region, channel, city) for region in ("North", "South") for channel in ("web", "shop")
            for city in ("Nice", "Zürich"))
        for sign in ("even", "odd")
    ]  # fmt: skip
    parity = "(region = 'South')::int + (channel = 'shop')::int + (city = 'Zürich')::int"
    return [*rows, f"DELETE FROM {SALE} WHERE sale_id LIKE 'x%even' AND ({parity}) % 2 = 0",
            f"DELETE FROM {SALE} WHERE sale_id LIKE 'x%odd' AND ({parity}) % 2 = 1"]  # fmt: skip


# What is done to the file, and the metrics of which some question is answered otherwise then.
FAULTS: dict[str, tuple[str | list[str], str]] = {
    # rows
    "a row lost": (f"DELETE FROM {SALE} WHERE {ONE}", "sales revenue average weight buyers"),
    "the oldest row of the window lost": (
        f"DELETE FROM {SALE} WHERE sold_at = (SELECT min(sold_at) FROM {SALE} WHERE {MARCH})", "sales"),
    "the newest row lost": (
        f"DELETE FROM {SALE} WHERE sold_at = (SELECT max(sold_at) FROM {SALE} WHERE {MARCH})", "sales"),
    "a row of the window before lost": (
        f"DELETE FROM {SALE} WHERE sold_at = (SELECT max(sold_at) FROM {SALE} WHERE {FEBRUARY})", "sales average"),
    "a row of long ago lost": (f"DELETE FROM {SALE} WHERE sold_at < '2026-01-01 01:00:00'", "sales"),
    "a row that lies ahead lost": (f"DELETE FROM {SALE} WHERE sold_at = (SELECT max(sold_at) FROM {SALE})", "sales"),
    "a row there twice": (f"INSERT INTO {SALE} SELECT * FROM {SALE} WHERE {ONE}", "sales revenue"),
    "all rows there twice": (f"INSERT INTO {SALE} SELECT * FROM {SALE}", "sales weight wide"),
    "one row lost and another there twice": (
        [f"INSERT INTO {SALE} SELECT * FROM {SALE} WHERE {MARCH} AND region = 'South' LIMIT 1",
         f"DELETE FROM {SALE} WHERE {ONE}"], "sales"),
    "a group without a name lost": (f"DELETE FROM {SALE} WHERE region IS NULL", "sales"),
    "a row of another's table": (
        f"INSERT INTO {SALE} SELECT * REPLACE ('new' AS sale_id, 'Nowhere' AS region) FROM {SALE} WHERE {ONE}", "sales"),
    # cents and whole amounts
    "a cent more": (change("amount = amount + 0.01"), "revenue"),
    "a cent less in each": (change("amount = amount - 0.01", MARCH), "revenue average"),
    "a cent from one region to another": (
        [change("amount = amount + 0.01"),
         change("amount = amount - 0.01", ONE.replace("'North'", "'South'"))], "revenue"),
    "a sign turned": (change("amount = -amount"), "revenue"),
    "two amounts of one group that change places": (
        swapped("amount", "region = 'North' AND channel = 'web' AND amount > 5 AND city = 'Nice'",
                "region = 'North' AND channel = 'web' AND amount > 30 AND city <> 'Nice'"), "revenue"),
    "two amounts of two regions that change places": (
        swapped("amount", "region = 'North' AND amount > 5", "region = 'East' AND amount > 30"), "revenue average"),
    "thousands for units": (change("amount = amount * 1000"), "revenue"),
    # nothing
    "an amount become nothing": (change("amount = NULL"), "revenue average"),
    "nothing become zero": (change("amount = 0", f"amount IS NULL AND {MARCH}"), "average"),
    "a region become nothing": (change("region = NULL"), "sales"),
    "no region become the empty text": (change("region = ''", f"region IS NULL AND {MARCH}"), "sales revenue"),
    "the empty text become no region": (change("region = NULL", "region = ''"), "sales"),
    "no region become a word": (change("region = '(none)'", "region IS NULL"), "sales"),
    "the text null": (change("region = 'NULL'", "region IS NULL"), "sales"),
    "a segment become nothing": (f"UPDATE {CUSTOMER} SET segment = NULL WHERE customer_id = 'c1'", "sales catalog"),
    "nothing become a segment": (f"UPDATE {CUSTOMER} SET segment = 'gold' WHERE segment IS NULL", "sales catalog"),
    # text
    "a blank behind": (change("city = city || ' '", "city = 'Nice'"), "sales"),
    "a blank behind one": (change("region = region || ' '"), "sales revenue"),
    "a blank before": (change("city = ' ' || city", "city = 'Nice'"), "sales"),
    "two blanks inside": (change("city = replace(city, ' ', '  ')", MARCH), "sales"),
    "a tab behind": (change("city = city || chr(9)"), "sales"),
    "a blank that does not break": (change("city = replace(city, ' ', chr(160))", MARCH), "sales"),
    "a mark that nobody sees": (change("city = city || chr(8203)"), "sales"),
    "another Unicode form": (change("city = 'Zu' || chr(776) || 'rich'", "city = 'Zürich'"), "sales"),
    "another Unicode form of one": (change("city = 'Ni' || chr(99) || 'e' || chr(769)", f"city = 'Nice' AND {MARCH}"),
        "sales"),
    "small letters": (change("region = lower(region)", "region = 'North'"), "sales"),
    "a letter of another alphabet": (change("city = 'Ni' || chr(1089) || 'e'", "city = 'Nice'"), "sales"),
    "letters without their marks": (change("city = 'Zurich'", "city = 'Zürich'"), "sales"),
    # days and hours
    "a row a day later": (change("sold_at = sold_at + INTERVAL 1 DAY, sold_on = sold_on + 1"), "sales"),
    "all rows an hour later": (change("sold_at = sold_at + INTERVAL 1 HOUR", "TRUE"), "sales"),
    "all rows an hour earlier": (change("sold_at = sold_at - INTERVAL 1 HOUR", "TRUE"), "sales average"),
    "a row an hour later, on its day": (
        change("sold_at = sold_at + INTERVAL 1 HOUR",
               f"{MARCH} AND sold_at >= '2026-03-08 04:00:00' AND sold_at < '2026-03-08 12:00:00'"), "sales average"),
    "a row of today behind the end of the window": (
        change("sold_at = '2026-03-17 15:55:00'", f"sold_at = (SELECT max(sold_at) FROM {SALE} WHERE {MARCH})"), "sales"),
    "a row that lies ahead, a little later": (
        change("sold_at = sold_at + INTERVAL 4 MINUTE", "sold_at > '2026-03-17 15:45:00' AND sold_at < '2026-03-17 16:15'"),
        "sales average heaviest"),
    "a row of the last day of the window before, a little earlier": (
        change("sold_at = '2026-02-17 15:46:00'",
               f"sold_at = (SELECT min(sold_at) FROM {SALE} WHERE sold_at > '2026-02-17 15:45:00')"), "sales average"),
    "two rows of two regions that change days": (
        swapped("sold_at", "region = 'North' AND sold_at < '2026-03-06'",
            "region = 'South' AND sold_at > '2026-03-10'"), "sales"),
    "two rows of one day that change hours and regions": (
        swapped("region", "sold_on = '2026-03-09' AND region = 'North'",
            "sold_on = '2026-03-09' AND region IS DISTINCT FROM 'North'"),
        "sales"),
    "the dates a day off": (change("sold_on = sold_on - 1", "TRUE"), "by_day"),
    "a date at the end of the window before": (change("sold_on = '2026-03-10'",
        "sold_on = '2026-03-12' AND channel = 'web'"), "by_day"),
    "milliseconds over midnight": (
        change("sold_at = '2026-03-09 00:00:00.001'",
            f"sold_at = (SELECT max(sold_at) FROM {SALE} WHERE sold_at < '2026-03-09')"),
        "sales"),
    # swaps over dimensions
    "two regions that change places": (
        change("region = CASE region WHEN 'North' THEN 'South' ELSE 'North' END", "region IN ('North', 'South')"),
            "sales revenue"),
    "a swap over two dimensions": (
        [change("channel = 'shop'", ONE + " AND TRUE".replace("TRUE", "channel <> 'shop'")),
         swapped("channel", "region = 'North' AND channel = 'web'", "region = 'South' AND channel = 'phone'")], "sales"),
    "a swap over three dimensions": (over_three("sales"), "sales revenue"),
    "two gifts of two regions that change places": (
        swapped("is_gift", "region = 'North' AND is_gift", "region = 'South' AND NOT is_gift"), "gift_share"),
    "every gift turned": (change("is_gift = NOT is_gift", MARCH), "gift_share sales"),
    "two items that change places": (swapped("items", "items = 1 AND region = 'North'",
        "items = 3 AND region = 'South'"), "sales"),
    # keys and joins
    "a parent of another segment": (f"UPDATE {CUSTOMER} SET segment = 'silver' WHERE customer_id = 'c3'", "sales catalog"),
    "a parent lost": (f"DELETE FROM {CUSTOMER} WHERE customer_id = 'c2'", "sales catalog"),
    "a parent there twice": (
        f"INSERT INTO {CUSTOMER} SELECT * REPLACE ('bronze' AS segment) FROM {CUSTOMER} WHERE customer_id = 'c1'",
            "sales catalog"),
    "a sale of somebody else": (change("customer_id = 'c4'", f"{MARCH} AND customer_id = 'c5'"), "buyers sales"),
    "two buyers of two regions that change places": (
        change("customer_id = CASE customer_id WHEN 'c1' THEN 'c9' ELSE customer_id END",
            f"{MARCH} AND region = 'North'"), "buyers"),
    # numbers that only some types hold
    "one beyond what a double holds": (
        change("big = big + 1", f"big = (SELECT max(big) FROM {SALE} WHERE {MARCH})"), "biggest"),
    "a whole number through a double": (change("big = (big::double)::bigint", MARCH), "biggest"),
    "the last of 31 digits": (change("wide = wide + 1"), "wide"),
    "31 digits through a double": (change("wide = (wide::double)::decimal(38,0)", MARCH), "wide"),
    "no number": (change("weight = 'NaN'::double"), "weight heaviest"),
    "infinity": (change("weight = 'Infinity'::double"), "weight heaviest"),
    "less than infinity": (change("weight = '-Infinity'::double"), "weight"),
    "a double a little more": (change("weight = weight * 1.0001"), "weight"),
    "a weight become nothing": (change("weight = NULL", f"weight = (SELECT max(weight) FROM {SALE} WHERE {MARCH})"),
        "weight heaviest"),
    "doubles in single precision": (change("weight = (weight::float)::double", MARCH), "weight heaviest"),
    # columns of another kind
    "text that takes small letters for large ones": (
        f"ALTER TABLE {SALE} ALTER region TYPE VARCHAR COLLATE NOCASE", "sales"),
    "text that takes letters without their marks for the same": (
        f"ALTER TABLE {SALE} ALTER city TYPE VARCHAR COLLATE NOACCENT", "sales"),
    "cities filled up with blanks": (change("city = rpad(city, 12, ' ')", "TRUE"), "sales"),
    "amounts with more digits": (
        [f"ALTER TABLE {SALE} ALTER amount TYPE DECIMAL(30,6)", change("amount = amount + 0.0004", MARCH)], "revenue"),
    "items as halves": (
        [f"ALTER TABLE {SALE} ALTER items TYPE DOUBLE", change("items = items + 0.6", MARCH)], "sales"),
    "times without their zone, an hour off": (
        f"ALTER TABLE {SALE} ALTER sold_at TYPE TIMESTAMP USING (sold_at AT TIME ZONE 'Europe/Berlin')", "sales"),
    "days with a time of day": (
        f"ALTER TABLE {SALE} ALTER sold_on TYPE TIMESTAMP USING (sold_on + INTERVAL 30 HOUR)", "by_day"),
    "a row without a time": (change("sold_at = NULL, sold_on = NULL"), "sales revenue by_day"),
    "a row at the end of time": (change("sold_at = 'infinity'::timestamptz, sold_on = 'infinity'::date"), "sales by_day"),
    "two rows of the window before that change regions": (
        swapped("region", "region = 'North'", "region = 'South' AND sold_on > '2026-02-08'")
        .replace(MARCH, FEBRUARY + " AND sold_at >= '2026-02-01'"), "sales"),
    "what is there hides what is of today": (
        [f"ALTER TABLE {SALE} RENAME TO kept",
         f"CREATE VIEW {SALE} AS SELECT * FROM shop.kept WHERE sold_at < '2026-03-17'"], "sales revenue average"),
    "a view that joins each row to its buyer's segment": (
        [f"ALTER TABLE {SALE} RENAME TO kept",
         f"CREATE VIEW {SALE} AS SELECT k.* FROM shop.kept k JOIN {CUSTOMER} c ON k.customer_id = c.customer_id"
         " WHERE c.segment IS NOT NULL"], "sales buyers"),
    # counts at an instant
    "a visit that ended": (f"UPDATE {VISIT} SET ended = '2026-03-17 15:00:00' WHERE visit_id = 'v3'", "inside"),
    "a visit that never ends": (f"UPDATE {VISIT} SET ended = NULL WHERE visit_id = 'v10'", "inside"),
    "a visit that begins later": (
        f"UPDATE {VISIT} SET began = began + INTERVAL 10 HOUR WHERE began > '2026-03-17 16:00:00'", "inside"),
    "two visits that change regions": (
        f"UPDATE {VISIT} SET region = CASE visit_id WHEN 'v0' THEN 'South' ELSE 'North' END"
        " WHERE visit_id IN ('v0', 'v5', 'v3')",
        "inside more_inside"),
    # what looks back
    "a row of two weeks ago lost": (f"DELETE FROM {SALE} WHERE sold_at = (SELECT max(sold_at) FROM {SALE} WHERE"
        " sold_at < '2026-02-20')", "growth"),
    "a row of two weeks ago, a little later": (
        change("sold_at = '2026-03-03 16:10:00'", f"sold_at = (SELECT max(sold_at) FROM {SALE}"
            " WHERE sold_at < '2026-03-03 15:40:00')"), "growth"),
    "a row of two weeks ago, a little earlier": (
        change("sold_at = '2026-03-03 15:50:00'", f"sold_at = (SELECT max(sold_at) FROM {SALE}"
            " WHERE sold_at < '2026-03-04 00:00:00')"), "growth"),
    "two rows of two weeks ago that change regions": (
        swapped("region", "sold_on = '2026-03-02' AND region = 'North'",
            "sold_on = '2026-03-02' AND region IS DISTINCT FROM 'North'"), "growth"),
    "a cent of a month ago": (change("amount = amount + 0.01",
        "channel = 'web' AND sold_on = '2026-02-10' AND amount IS NOT NULL"), "web_growth"),
    "a visit of a day ago that ended": (f"UPDATE {VISIT} SET ended = '2026-03-16 15:00:00' WHERE visit_id = 'v6'",
        "more_inside"),
    "a visit of a day ago that ended a little later": (
        f"UPDATE {VISIT} SET ended = '2026-03-16 15:55:00' WHERE began < '2026-03-16 10:00:00'"
        " AND (ended IS NULL OR ended > '2026-03-16 15:45:00')", "more_inside"),
}  # fmt: skip

BY_REGION = {"filters": ({"dimension": "region", "op": "eq", "values": ("North",)},)}
QUESTIONS: tuple[dict[str, Any], ...] = (
    {}, {"grain": "day"}, {"grain": "week"}, {"grain": "hour", "window": {"start": "2026-03-05", "end": "2026-03-12"}},
    {"compare": "previous_period"}, {"grain": "day", "compare": "previous_period"}, {"compare": "previous_year"},
    {"dimensions": ("region",)}, {"dimensions": ("channel",)}, {"dimensions": ("city",)}, {"dimensions": ("segment",)},
    {"dimensions": ("plan",)}, {"dimensions": ("items",)}, {"dimensions": ("region", "channel")}, {"dimensions": (
        "region", "items")},
    {"dimensions": ("region", "channel", "city")}, {"dimensions": ("region",), "grain": "day"},
    {"dimensions": ("region",), "grain": "month"}, {"dimensions": ("region",), "compare": "previous_period"},
    {"dimensions": ("region",), "grain": "day", "compare": "previous_period"},
    {"dimensions": ("channel",), "order": ({"by": "value", "descending": True},), "limit": 1},
    {"dimensions": ("region",), "order": ({"by": "region", "descending": False},), "limit": 2},
    {"dimensions": ("city",), "order": ({"by": "city", "descending": True},), "limit": 1},
    {"filters": ({"dimension": "region", "op": "eq", "values": ("north",)},)},
    {"filters": ({"dimension": "city", "op": "eq", "values": ("Zurich",)},)},
    {"filters": ({"dimension": "city", "op": "eq", "values": ("Nice ",)},)},
    {"filters": ({"dimension": "items", "op": "gt", "values": (1,)},)},
    BY_REGION, {**BY_REGION, "grain": "day"}, {**BY_REGION, "dimensions": ("channel",)},
    {"filters": ({"dimension": "city", "op": "eq", "values": ("Nice",)},)},
    {"filters": ({"dimension": "city", "op": "in", "values": ("Zürich", "São Paulo", "Nice II")},)},
    {"filters": ({"dimension": "region", "op": "is_null"},)},
    {"filters": ({"dimension": "region", "op": "ne", "values": ("",)},)},
    {"filters": ({"dimension": "items", "op": "gte", "values": (2,)},)},
    {"filters": ({"dimension": "is_gift", "op": "eq", "values": (True,)},), "dimensions": ("region",)},
    {"any_of": ([{"dimension": "region", "op": "eq", "values": ["North"]}],
        [{"dimension": "channel", "op": "ne", "values": ["web"]}, {"dimension": "region", "op": "is_null"}])},
    {"filters": ({"dimension": "city", "op": "not_ends_with", "values": (" ",)},)},
    {"window": "yesterday"}, {"window": "trailing_7d"}, {"window": "trailing_24h"}, {"window": "year_to_date"},
    {"window": {"start": "2026-03-03", "end": "2026-03-10"}}, {"window": {"start": "2026-03-03T06:00:00Z",
        "end": "2026-03-09T07:00:00Z"}},
    {"window": {"start": "2026-02-20", "end": "2026-03-10"}, "dimensions": ("region",)},
)  # fmt: skip
LATER = ({}, {"compare": "previous_period"}, {"window": "trailing_24h"})
"""Those of which another part counts at every tick of the day."""


@pytest.fixture(scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Two]:
    async with two_engines(tmp_path_factory.mktemp("pair")) as two:
        yield two


def questions_of(two: Two, metric_id: str) -> list[dict[str, Any]]:
    """Those of the battery that can be asked of the metric."""
    metric = two.running.catalog.workspace.metrics[metric_id]
    found: list[dict[str, Any]] = []
    for each in QUESTIONS:
        filters = [*each.get("filters", ()), *(one for group in each.get("any_of", ()) for one in group)]
        names = {*each.get("dimensions", ()), *(one["dimension"] for one in filters)}
        timed = {"grain", "window", "compare"} & {*each}
        by_hour = each.get("grain") == "hour" and metric_id == "by_day"
        if names <= metric.dimensions.keys() and (metric.has_time or not timed) and not by_hour:
            found.append(each)
    return found


def same(one: list[list[Any]], other: list[list[Any]]) -> bool:
    if len(one) != len(other):
        return False
    # The order of rows whose values differ in their last bit is no part of it.
    pairs = zip(*(sorted(each, key=lambda row: [str(cell) for cell in row[:-1]]) for each in (one, other)), strict=True)
    return all(
        a == b or (isinstance(a, float) and isinstance(b, float) and isclose(a, b, rel_tol=1e-11))
        for rows in pairs for a, b in zip(*rows, strict=True)
    )  # fmt: skip


async def told(two: Two, metric_id: str) -> dict[str, list[str]]:
    """What is told of every question of the battery, now and later on the same day; which of them differ."""
    found: dict[str, list[str]] = {"proven": [], "differs": [], "proven and differs": []}
    for later in (0, 12, 21, 40, 496):
        two.clock[0] = NOW + timedelta(minutes=later)
        for asked in questions_of(two, metric_id):
            if later and asked not in LATER:
                continue
            question = two.question(metric_id, **asked)
            standing = (await two.standing(question)).standing
            name = f"{asked} {later} minutes later"
            is_same = same(await two.rows(question, "postgres"), await two.rows(question, "lake"))
            if standing == "proven":
                found["proven"].append(name)
            if not is_same:
                found["differs"].append(name)
            if standing == "proven" and not is_same:
                found["proven and differs"].append(name)
    two.clock[0] = NOW
    return found


@pytest.mark.cases(1)
@pytest.mark.parametrize("fault", FAULTS)
async def test_no_answer_says_proven_and_differs(two: Two, fault: str) -> None:
    statements, metrics = FAULTS[fault]
    await asyncio.to_thread(two.publish, *([statements] if isinstance(statements, str) else statements))
    for metric_id in metrics.split():
        await two.compare(metric_id)
        two.running.moving.restand()
        found = await told(two, metric_id)
        assert found["differs"], f"{fault} changes nothing of {metric_id}: it is no fault"
        assert found["proven and differs"] == []


HARMLESS: dict[str, tuple[str | list[str], str]] = {
    "nothing": (
        [], "sales revenue average buyers gift_share weight heaviest biggest wide by_day inside catalog growth more_inside"),
    "rows in another order": (
        [f"CREATE TABLE shop.other AS SELECT * FROM {SALE} ORDER BY hash(sale_id)", f"DELETE FROM {SALE}",
         f"INSERT INTO {SALE} SELECT * FROM shop.other"], "sales weight average heaviest"),
    "rows backwards": (
        [f"CREATE TABLE shop.other AS SELECT * FROM {SALE} ORDER BY sold_at DESC", f"DELETE FROM {SALE}",
         f"INSERT INTO {SALE} SELECT * FROM shop.other"], "weight"),
    "columns in another order": (
        [f"CREATE TABLE shop.other AS SELECT sold_on, note, wide, * EXCLUDE (sold_on, note, wide) FROM {SALE}",
         f"DROP TABLE {SALE}", "ALTER TABLE shop.other RENAME TO sale"], "sales revenue by_day"),
    "a view for a table": (
        [f"ALTER TABLE {SALE} RENAME TO kept", f"CREATE VIEW {SALE} AS SELECT * FROM shop.kept"], "sales revenue"),
    "a table made anew": ([f"CREATE OR REPLACE TABLE {SALE} AS SELECT * FROM {SALE}"], "sales"),
    "one column more": (f"ALTER TABLE {SALE} ADD COLUMN extra INTEGER DEFAULT 7", "sales"),
    "a column that no metric reads lost": (f"ALTER TABLE {SALE} DROP COLUMN note", "sales"),
    "another table": ("CREATE TABLE shop.more AS SELECT 1 AS one", "sales"),
    "an index": (f"CREATE INDEX by_region ON {SALE} (region)", "sales"),
    "a key": (f"CREATE UNIQUE INDEX one_each ON {SALE} (sale_id)", "sales"),
    "a comment": (f"COMMENT ON TABLE {SALE} IS 'sales'", "sales"),
    "columns that are not read": (change("note = 'other', big = 0, weight = 1", "TRUE"), "sales revenue by_day"),
    "other keys of rows": (change("sale_id = 'x' || sale_id", "TRUE"), "sales revenue"),
    "another plan of a buyer": (f"UPDATE {CUSTOMER} SET plan = 'none'", "sales buyers"),
    "a buyer who bought nothing": (f"INSERT INTO {CUSTOMER} VALUES ('c99', 'iron', 'basic')", "sales buyers revenue"),
    "buyers in another order": (
        [f"CREATE TABLE shop.other AS SELECT * FROM {CUSTOMER} ORDER BY customer_id DESC", f"DELETE FROM {CUSTOMER}",
         f"INSERT INTO {CUSTOMER} SELECT * FROM shop.other"], "sales catalog"),
    "other names of all buyers": (
        [change("customer_id = 'x' || customer_id", "TRUE"),
            f"UPDATE {CUSTOMER} SET customer_id = 'x' || customer_id"], "buyers"),
    "wider decimals": (f"ALTER TABLE {SALE} ALTER amount TYPE DECIMAL(30,2)", "revenue average"),
    "whole numbers in a wider type": (f"ALTER TABLE {SALE} ALTER items TYPE BIGINT", "sales"),
    "text of a declared length": (f"ALTER TABLE {SALE} ALTER region TYPE VARCHAR(40)", "sales"),
    "minus zero": ([change("weight = '-0'::double", "sale_id = 's1'"), change("weight = -weight", "weight = 0")], "weight"),
    "a double in its last bit": (
        change("weight = weight * (1 + 2e-16)", f"weight = (SELECT min(weight) FROM {SALE} WHERE {MARCH})"),
            "weight heaviest"),
    "sales of long ago lost": (f"DELETE FROM {SALE} WHERE sold_at < '2026-01-20'", "sales revenue average"),
    "sales of long ago of another amount": (change("amount = 1, region = 'West'", "sold_at < '2026-01-20'"), "revenue"),
    "sales of tomorrow": (
        f"INSERT INTO {SALE} SELECT * REPLACE (timestamptz '2026-03-18 10:00:00Z' AS sold_at) FROM {SALE} WHERE {ONE}",
        "sales average weight"),
    "dates of long ago": (change("sold_on = sold_on - 1", "sold_at < '2026-02-20'"), "by_day"),
    "visits of long ago lost": (f"DELETE FROM {VISIT} WHERE ended < '2026-03-16'", "inside"),
    "a visit that ended a little later": (
        f"UPDATE {VISIT} SET ended = ended + INTERVAL 1 MINUTE WHERE ended < '2026-03-16'", "inside"),
    "two rows of one group that change their times of day": (
        change("sold_at = date_trunc('day', sold_at) + INTERVAL 5 HOUR",
            "sold_at >= '2026-03-08' AND sold_at < '2026-03-09'"),
        "sales revenue average"),
    "a time to the microsecond": (change("sold_at = sold_at + INTERVAL 1 MICROSECOND", MARCH), "sales revenue"),
    "amounts as doubles with dust": (
        [f"ALTER TABLE {SALE} ALTER amount TYPE DOUBLE", change("amount = amount + 0.0004", MARCH)], "revenue"),
    "a list of labels for text": (
        [f"CREATE TYPE shop.regions AS ENUM (SELECT DISTINCT region FROM {SALE} WHERE region IS NOT NULL ORDER BY 1 DESC)",
         f"ALTER TABLE {SALE} ALTER region TYPE shop.regions"], "sales revenue"),
    "whole numbers in the widest type": (f"ALTER TABLE {SALE} ALTER items TYPE HUGEINT", "sales"),
    "a view that looks each buyer up": (
        [f"ALTER TABLE {SALE} RENAME TO kept", f"CREATE VIEW {SALE} AS SELECT k.* FROM shop.kept k"
         f" LEFT JOIN {CUSTOMER} c ON k.customer_id = c.customer_id"], "sales revenue buyers"),
    "rows without a time": (
        f"INSERT INTO {SALE} SELECT * REPLACE (NULL AS sold_at, NULL AS sold_on) FROM {SALE} WHERE {ONE}",
        "sales revenue average by_day"),
    "a file with free pages": (
        [f"CREATE TABLE shop.other AS SELECT * FROM {SALE}, range(20)", "DROP TABLE shop.other", "CHECKPOINT"], "sales"),
}  # fmt: skip


@pytest.mark.cases(1)
@pytest.mark.parametrize("difference", HARMLESS)
async def test_a_harmless_difference_is_never_refused(two: Two, difference: str) -> None:
    statements, metrics = HARMLESS[difference]
    await asyncio.to_thread(two.publish, *([statements] if isinstance(statements, str) else statements))
    for metric_id in metrics.split():
        found = await two.compare(metric_id)
        assert found.verdict in ("equal", "within_tolerance"), (metric_id, found.document["reason"])
        two.running.moving.restand()
        now = await two.standing(two.question(metric_id))
        assert now.standing == "proven", now.reason


def test_there_are_as_many_faults_and_differences_as_were_promised() -> None:
    assert len(FAULTS) >= 55
    assert len(HARMLESS) >= 30


# -- what is put in afterwards ---------------------------------------------------------------------


@pytest.mark.parametrize("side", ["postgres", "lake"])
async def test_no_answer_stays_proven_once_either_side_has_moved(two: Two, side: str) -> None:
    await asyncio.to_thread(two.publish)
    await two.compare("sales")
    two.running.moving.restand()
    question = two.question("sales", dimensions=("region",))
    before = await two.running.corridor.answer(question, two.running.catalog, 0.0)
    assert before.answer.provenance.parity.standing == "proven"
    if side == "lake":
        await asyncio.to_thread(two.publish, f"DELETE FROM {SALE} WHERE {ONE}")
    else:
        connection = await asyncpg.connect(two.url)
        await connection.execute(f"UPDATE {SALE} SET note = note WHERE sale_id = 's1'")
        await connection.close()
    after = await two.running.corridor.answer(question, two.running.catalog, 0.0)
    known = after.answer.provenance.parity
    assert (known.standing, known.reason) == ("stale", f"{side} has other data since")


@pytest.mark.exhaustive
async def test_a_segment_over_another_table_takes_no_proof_from_its_metrics(tmp_path: Path) -> None:
    async with two_engines(tmp_path) as two:
        running = two.running
        await two.compare("wide")
        (tmp_path / "shop" / "entities").mkdir()
        (tmp_path / "shop" / "entities" / "sale.yaml").write_text(
            "entities:\n  - table: sale\n    segments: [{name: plus, filter: \"customer.plan = 'plus'\"}]\n"
        )
        await running.reload.workspace()
        metric = running.catalog.workspace.metrics["wide"]
        assert metric.bound_columns.keys() == {SALE}
        assert metric.needed_columns.keys() == {SALE, CUSTOMER}
        plain, plus = two.question("wide"), two.question("wide", segments=("plus",))

        async def stands() -> list[str]:
            await running.routes.proofs.look(running.catalog)
            running.moving.restand()
            return [(await two.standing(each)).standing for each in (plain, plus)]

        assert await stands() == ["proven", "proven_for_others"]
        found = await running.routes.compare_question(metric, plus, "lake", running.catalog)
        assert found.verdict in ("equal", "within_tolerance")
        assert await stands() == ["proven", "proven"]
        # What only the segment reads moves: the proof of the question falls, and the metric's stands.
        connection = await asyncpg.connect(two.url)
        await connection.execute(f"UPDATE {CUSTOMER} SET plan = plan")
        await connection.close()
        assert await stands() == ["proven", "proven_for_others"]


# -- what a certificate settles --------------------------------------------------------------------

SETTLED: dict[str, list[tuple[dict[str, Any], str]]] = {
    # A count: cells of time and dimensions settle whatever adds up from them.
    "sales": [
        ({}, "proven"), ({"grain": "day"}, "proven"), ({"grain": "week"}, "proven"), ({"compare": "previous_period"},
            "proven"),
        ({"dimensions": ("region",), "grain": "day", "compare": "previous_period"}, "proven"),
        ({"dimensions": ("region", "channel")}, "proven"), (BY_REGION, "proven"), ({"window": "yesterday"}, "proven"),
        ({**BY_REGION, "dimensions": ("channel",), "grain": "week"}, "proven"),
        ({"window": {"start": "2026-03-03", "end": "2026-03-10"}, "dimensions": ("city",)}, "proven"),
        ({"window": {"start": "2026-02-03", "end": "2026-02-10"}}, "proven"),
        ({"any_of": ([{"dimension": "region", "op": "eq", "values": ["North"]}],
            [{"dimension": "channel", "op": "ne", "values": ["web"]}])}, "proven"),
        ({"any_of": ([{"dimension": "region", "op": "is_null"}], [{"dimension": "city", "op": "eq", "values": ["Nice"]},
            {"dimension": "channel", "op": "eq", "values": ["web"]}, {"dimension": "items", "op": "gt", "values": [1]}],
            [{"dimension": "segment", "op": "eq", "values": ["gold"]}, {"dimension": "is_gift", "op": "is_null"}])},
            "it was not compared by channel, city, is_gift, items, region and segment"),
        ({"any_of": ([{"dimension": "region", "op": "eq", "values": ["north"]}],)}, "no row compared has region 'north'"),
        ({"filters": ({"dimension": "city", "op": "contains", "values": ("ic",)},)}, "looks for a part of a text"),
        ({"grain": "hour", "window": {"start": "2026-03-05", "end": "2026-03-12"}}, "it was not compared by hour"),
        ({"window": {"start": "2026-03-03T06:00:00Z", "end": "2026-03-10"}}, "its window was not compared"),
        ({"window": "year_to_date"}, "its window was not compared"), ({"compare": "previous_year"},
            "its window was not compared"),
        ({"dimensions": ("region", "channel", "city", "items", "segment", "is_gift")},
            "it was not compared by channel, city, is_gift, items, region and segment"),
    ],
    # What does not add up is settled where it was compared itself.
    "average": [
        ({}, "proven"), ({"grain": "day"}, "proven"), ({"dimensions": ("region",)}, "proven"),
        ({"dimensions": ("region",), "grain": "day"}, "proven"), ({"dimensions": ("region", "channel")}, "proven"),
        ({"compare": "previous_period"}, "proven"), ({"grain": "week"},
            "it was not compared by week, and the metric does not add up"),
        (BY_REGION, "the filter on region was not compared"), ({"window": "yesterday"}, "its window was not compared"),
        ({"dimensions": ("region", "channel"), "grain": "day"}, "it was not compared by day, channel and region"),
    ],
    "buyers": [({}, "proven"), ({"dimensions": ("segment",)}, "proven"),
        (BY_REGION, "the filter on region was not compared")],
    "gift_share": [({}, "proven"), (BY_REGION, "the filter on region was not compared")],
    "inside": [({}, "proven"), ({"dimensions": ("region",)}, "proven"), (BY_REGION, "proven")],
    "catalog": [({}, "proven"), ({"dimensions": ("segment", "plan")}, "proven")],
}  # fmt: skip


async def test_a_certificate_settles_these_questions_and_no_others(two: Two, subtests: pytest.Subtests) -> None:
    await asyncio.to_thread(two.publish)
    for metric_id, questions in SETTLED.items():
        await two.compare(metric_id)
        await two.compare(metric_id)
        two.running.moving.restand()
        for asked, wanted in questions:
            with subtests.test(metric_id, asked=asked):
                found = await two.standing(two.question(metric_id, **asked))
                if wanted == "proven":
                    assert found.standing == "proven", found.reason
                else:
                    assert found.standing == "proven_for_others"
                    assert wanted in (found.reason or "")


async def test_a_question_compared_itself_is_proven_until_its_window_has_moved(two: Two) -> None:
    await asyncio.to_thread(two.publish)
    await two.compare("average")
    two.running.moving.restand()
    question = two.question("average", **BY_REGION)
    assert (await two.standing(question)).standing == "proven_for_others"
    found = await two.running.moving.compare_question(question.metrics[0], question, "lake")
    assert [each["grain"] for each in found.document["grains"]] == ["this question"]
    now = await two.standing(question)
    assert (now.standing, now.certificate_id) == ("proven", found.certificate_id)
    # The next row of either side lies ahead at 16:02: until then the window's end makes the same question.
    for later, wanted in ((12, "proven"), (17, "proven"), (25, "proven_for_others"), (24 * 60, "proven_for_others")):
        two.clock[0] = NOW + timedelta(minutes=later)
        assert (await two.standing(two.question("average", **BY_REGION))).standing == wanted, later
    two.clock[0] = NOW
    await asyncio.to_thread(two.publish, change("amount = amount + 1"))
    assert (await two.standing(question)).standing == "stale"
    await two.running.moving.compare_question(question.metrics[0], question, "lake")
    assert (await two.standing(question)).standing == "differs"


async def test_a_question_that_is_asked_often_is_compared_beside_serving(two: Two) -> None:
    await asyncio.to_thread(two.publish)
    await two.compare("buyers")
    two.running.moving.restand()
    question = two.question(
        "buyers", dimensions=("region",), filters=({"dimension": "channel", "op": "eq", "values": ("web",)},)
    )
    beside = asyncio.create_task(two.running.moving.compare_shadows())
    for _ in range(3):
        told = await two.running.corridor.answer(question, two.running.catalog, 0.0)
        assert told.answer.provenance.parity.standing == "proven_for_others"

    async def proven() -> bool:
        return (await two.standing(question)).standing == "proven"

    await eventually(proven)
    beside.cancel()
    again = await two.running.corridor.answer(question, two.running.catalog, 0.0)
    assert again.answer.provenance.parity.standing == "proven"
