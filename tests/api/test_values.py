"""What a value is and when a row counts, over HTTP: cases that were found, on both kinds of PostgreSQL and on DuckDB."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import pytest
from tests.conftest import House, cloned_database, open_house
from tests.unit.small import write_shop

from assay.cli.query import asked_in_options

BACKENDS = ("postgres", "elsewhere", "lake")
NOVEMBER = {"window": {"start": "2026-11-01", "end": "2026-12-01"}}
TABLES = {
    "r": "id bigint, d date, c double", "t": "id bigint, d date, k string", "n": "id bigint, d date, qty int, cents int",
    "ord": "id bigint, seg string, status string?, ts timestamp, amt decimal(12,2)?",
    "refund": "id bigint, seg string, ts timestamp, amt decimal(12,2)",
    "o": "id bigint, d date, day date, n int", "b": "id bigint, d date, k bigint",
    "f": "id bigint, d date, free double;numeric, own decimal(18,2)",
    "w": "id bigint, d date, s string?, n int, flag boolean", "none": "id bigint, d date, x int, y decimal(12,2)",
}  # fmt: skip
COLUMNS = {
    "r": "id bigint, d date, c real", "t": "id bigint, d date, k text", "n": "id bigint, d date, qty int, cents int",
    "ord": "id bigint, seg text, status text, ts timestamptz, amt numeric(12,2)",
    "refund": "id bigint, seg text, ts timestamptz, amt numeric(12,2)",
    "o": "id bigint, d date, day date, n int", "b": "id bigint, d date, k bigint",
    "f": "id bigint, d date, free {numeric}, own {own}",
    "w": "id bigint, d date, s text, n int, flag boolean", "none": "id bigint, d date, x int, y numeric(12,2)",
}  # fmt: skip
ROWS = {
    "r": "(1,'2026-11-02',16777216), (2,'2026-11-02',1), (3,'2026-11-02',1), (4,'2026-11-03',1234.5678)",
    "t": "(1,'2026-11-02','p'),(2,'2026-11-02','p'),(3,'2026-11-02','q'),(4,'2026-11-02','q'),(5,'2026-11-05','q'),"
         "(6,'2026-11-09','q'),(7,'2026-11-09','q'),(8,'2026-11-09','q')",
    "n": "(1,'2026-11-02',50000,60000),(2,'2026-11-02',2,3)",
    "ord": "(1,'smb','ok','2026-11-03 12:00+00',150),(2,'ent','refunded','2026-11-05 12:00+00',30),"
           "(3,'pub',NULL,'2026-11-06 12:00+00',27),(4,'nil','ok','2026-11-07 12:00+00',NULL)",
    "refund": "(1,'ent','2026-11-08 12:00+00',30),(2,'smb','2026-11-09 12:00+00',5)",
    "o": "(1,'2026-11-02','2026-11-02',1),(2,'2026-11-03','infinity',4),(3,'2026-11-04','20240-01-05',8)",
    "b": "(1,'2026-11-02',9007199254740993),(2,'2026-11-02',9007199254740992),(3,'2026-11-02',9223372036854775807)",
    "f": "(1,'2026-11-02',0.1,0.1),(2,'2026-11-02',0.2,0.2)",
    "w": "(1,'2026-11-02',' lead',64,true),(2,'2026-11-02','lead',128,false),(3,'2026-11-02','a!=b',2048,true),"
         "(4,'2026-11-02','',1,true),(5,'2026-11-02','(none)',2,true),(6,'2026-11-02',NULL,4,true)",
}  # fmt: skip
METRICS = """
  - {id: cost, entity: r, measure: SUM(c), time: d}
  - {id: avg_cost, entity: r, measure: AVG(c), time: d}
  - {id: n, entity: t, measure: COUNT(*), time: d, dimensions: [k]}
  - {id: firsts, entity: t, measure: MIN(id), time: d, dimensions: [k]}
  - {id: product, entity: n, measure: SUM(qty * cents), time: d}
  - {id: rev, entity: ord, measure: SUM(amt), time: ts, dimensions: [seg, status]}
  - {id: kept_rev, entity: ord, measure: SUM(amt), filter: "status <> 'refunded'", time: ts, dimensions: [seg]}
  - {id: avg_rev, entity: ord, measure: AVG(amt), time: ts, dimensions: [seg]}
  - {id: known_rev, entity: ord, measure: SUM(amt), time: ts, dimensions: [seg], empty: unknown}
  - {id: refunds, entity: refund, measure: SUM(amt), time: ts, dimensions: [seg]}
  - {id: net, expression: rev - refunds}
  - {id: refund_share, entity: ord, numerator: {measure: SUM(amt), filter: "status = 'lost'"},
     denominator: {measure: SUM(amt)}, time: ts, dimensions: [seg]}
  - {id: out, entity: o, measure: SUM(n), time: d, dimensions: [day]}
  - {id: last, entity: o, measure: MAX(day), time: d}
  - {id: keys, entity: b, measure: COUNT(*), time: d, dimensions: [k]}
  - {id: top, entity: b, measure: MAX(k), time: d, dimensions: [k]}
  - {id: free, entity: f, measure: SUM(free), time: d}
  - {id: own, entity: f, measure: SUM(own), time: d}
  - {id: v, entity: w, measure: SUM(n), time: d, dimensions: [s, n, flag]}
  - {id: nothing, entity: none, measure: SUM(y), time: d}
  - {id: nothing_counted, entity: none, measure: COUNT(*), time: d}
  - {id: nothing_on_average, entity: none, measure: AVG(x), time: d}
"""


def _metrics() -> str:
    """Each metric once for each backend: `n_postgres`, `n_elsewhere`, `n_lake`."""
    lines = []
    for backend in BACKENDS:
        text = METRICS.replace("expression: rev - refunds", f"expression: rev_{backend} - refunds_{backend}")
        for line in text.splitlines():
            begun = line.startswith("  - {id: ")
            name = line.removeprefix("  - {id: ").partition(",")[0]
            rest = line.removeprefix(f"  - {{id: {name},")
            lines.append(f"  - {{id: {name}_{backend}, label: {name}, definition: m, owner: me,{rest}" if begun else line)
    return "metrics:\n" + "\n".join(lines) + "\n"


def _statements(duck: bool) -> list[str]:
    types = {"numeric": "DECIMAL(38,10)" if duck else "numeric", "own": "double" if duck else "numeric(18,2)"}
    found = ["CREATE SCHEMA shop"]
    for table, columns in COLUMNS.items():
        found.append(f"CREATE TABLE shop.{table} ({columns.format(**types)})")
        if table in ROWS:
            found.append(f"INSERT INTO shop.{table} VALUES {ROWS[table]}")
    return found


async def _fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    for each in _statements(duck=False):
        await connection.execute(each)
    for right in ("USAGE ON SCHEMA shop", "SELECT ON ALL TABLES IN SCHEMA shop"):
        await connection.execute(f"GRANT {right} TO assay_reader")
    await connection.close()


@pytest.fixture(scope="module")
async def small_house(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("values")
    root = write_shop(folder / "workspace", metrics=_metrics(), tables=TABLES, joins=())
    dictionary = root / "data-dictionary" / "column_dictionary.csv"
    lines = dictionary.read_text().splitlines()
    own = [
        "types",
        *("lake: double" if ",own," in line else "lake: decimal" if ",free," in line else "" for line in lines[1:]),
    ]
    dictionary.write_text("\n".join(f"{line},{each}" for line, each in zip(lines, own, strict=True)) + "\n")
    with duckdb.connect(str(root / "lake.duckdb")) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for each in _statements(duck=True):
            connection.execute(each)
    async with cloned_database() as url, cloned_database() as elsewhere:
        await _fill(url)
        await _fill(elsewhere)
        (root / "assay.yaml").write_text(
            "name: shop\nlabel: Shop\ntimezone: UTC\nbackends:\n  postgres: {driver: postgres, url: embedded}\n"
            f"  elsewhere: {{driver: postgres, url: '{elsewhere}'}}\n"
            f"  lake: {{driver: duckdb, path: {root / 'lake.duckdb'}}}\n"
        )
        names = [line.split("id: ")[1].partition(",")[0] for line in _metrics().splitlines() if "{id: " in line]
        routing = "".join(f"  {name}: {{backend: {name.rpartition('_')[2]}}}\n" for name in names)
        (root / "config" / "metric_routing.yaml").write_text("metrics:\n" + routing)
        async with open_house(url, root, lake, folder / "home") as house:
            problems = [str(each) for each in house.running.problems()]
            assert not problems
            house.clock[0] = datetime(2026, 11, 28, 12, tzinfo=UTC)
            yield house


async def ask(house: House, metric: str, **asked: Any) -> dict[str, Any]:
    """The one answer that all three backends give."""
    found = []
    for backend in BACKENDS:
        response = await house.client.post(f"/v1/metrics/{metric}_{backend}/data", json={**NOVEMBER, **asked})
        assert response.status_code == 200, response.text
        found.append(response.json())
    assert found[0]["rows"] == found[1]["rows"] == found[2]["rows"]
    assert [column["empty"] for column in found[0]["columns"]] == [column["empty"] for column in found[2]["columns"]]
    return found[0]


async def rows(house: House, metric: str, **asked: Any) -> list[list[Any]]:
    return (await ask(house, metric, **asked))["rows"]


def only(dimension: str, op: str, *values: object) -> dict[str, Any]:
    return {"filters": [{"dimension": dimension, "op": op, "values": list(values)}]}


# -- values ----------------------------------------------------------------------------------------


async def test_single_precision_is_added_in_double(small_house: House) -> None:
    assert await rows(small_house, "cost") == [[16777216 + 2 + 1234.5677490234375]]
    assert await rows(small_house, "avg_cost") == [[(16777216 + 2 + 1234.5677490234375) / 4]]


async def test_whole_numbers_are_multiplied_in_the_width_of_their_product(small_house: House) -> None:
    assert await rows(small_house, "product") == [[3_000_000_006]]


async def test_a_numeric_without_digits_has_no_binary_dust(small_house: House) -> None:
    assert await rows(small_house, "free") == [[0.3]]


async def test_a_backends_own_type_is_read_as_the_declared_one_and_can_be_compared(small_house: House) -> None:
    assert await rows(small_house, "own") == [["0.30"]]
    compared = await small_house.client.post("/v1/routes/own_postgres/compare", json={"to": "lake"})
    assert compared.json()["verdict"] == "equal", compared.text


async def test_days_beyond_the_calendar_are_groups_and_values(small_house: House) -> None:
    found = await rows(small_house, "out", dimensions=["day"])
    assert sorted(found, key=lambda row: row[1]) == [["2026-11-02", 1], ["infinity", 4], ["20240-01-05", 8]]
    assert await rows(small_house, "last") == [["infinity"]]
    assert await rows(small_house, "out", **only("day", "eq", "20240-01-05")) == [[8]]


async def test_whole_numbers_beyond_2_to_the_53rd_travel_as_text_and_are_found_by_it(small_house: House) -> None:
    found = await rows(small_house, "top", dimensions=["k"], order=[{"by": "k", "descending": False}])
    assert found == [[2**53, 2**53], ["9007199254740993"] * 2, ["9223372036854775807"] * 2]
    asked = await ask(small_house, "keys", **only("k", "eq", "9007199254740993"))
    assert asked["rows"] == [[1]]
    assert asked["question"]["filters"][0]["values"] == ["9007199254740993"]
    again = await small_house.client.post(f"/v1/receipts/{asked['provenance']['receipt_id']}/replay")
    assert again.json()["sentence"] == "Nothing has moved; the value is the same."


async def test_empty_text_no_value_and_the_text_none_are_three_groups_and_three_filters(small_house: House) -> None:
    found = await rows(small_house, "v", dimensions=["s"])
    assert {row[0]: row[1] for row in found} == {" lead": 64, "lead": 128, "a!=b": 2048, "": 1, "(none)": 2, None: 4}
    assert await rows(small_house, "v", **only("s", "eq", "")) == [[1]]
    assert await rows(small_house, "v", **only("s", "eq", "(none)")) == [[2]]
    assert await rows(small_house, "v", **only("s", "is_null")) == [[4]]


# -- empty groups ----------------------------------------------------------------------------------

DAYS = [f"2026-11-{day:02}" for day in range(2, 10)]
IN_MIND = {"grain": "day", "window": {"start": "2026-11-02", "end": "2026-11-10"}}
COUNTED = {"p": {2: 2}, "q": {2: 2, 5: 1, 9: 3}}


async def test_days_without_rows_are_days_whatever_is_asked(small_house: House) -> None:
    per_day = [[day, sum(each.get(number, 0) for each in COUNTED.values())] for number, day in enumerate(DAYS, 2)]
    by_k = [[day, k, COUNTED[k].get(number, 0)] for number, day in enumerate(DAYS, 2) for k in COUNTED]
    newest_first = [{"by": "time", "descending": True}]
    assert await rows(small_house, "n", **IN_MIND) == per_day
    assert await rows(small_house, "n", **IN_MIND, dimensions=["k"]) == by_k
    assert await rows(small_house, "n", **IN_MIND, order=newest_first) == per_day[::-1]
    assert await rows(small_house, "n", **IN_MIND, limit=3) == per_day[:3]
    assert await rows(small_house, "n", **IN_MIND, order=newest_first, limit=3) == per_day[:-4:-1]
    largest = await rows(small_house, "n", **IN_MIND, dimensions=["k"], order=[{"by": "value", "descending": True}], limit=4)
    assert largest == sorted(by_k, key=lambda row: -row[2])[:4]
    answer = await ask(small_house, "n", **IN_MIND, dimensions=["k"])
    assert (answer["dense"], [column["empty"] for column in answer["columns"]]) == (True, [None, None, "zero"])


async def test_a_series_of_too_many_rows_stays_sparse_and_says_so(small_house: House) -> None:
    year = {"window": {"start": "2025-01-01", "end": "2026-12-01"}, "grain": "day", "dimensions": ["k"]}
    answer = await ask(small_house, "n", **year)
    assert (answer["dense"], len(answer["rows"])) == (False, 4)
    assert answer["provenance"]["truncated"] is False


async def test_what_is_unknown_over_no_rows_stays_unknown_in_a_series(small_house: House) -> None:
    answer = await ask(small_house, "firsts", **IN_MIND)
    assert [row[1] for row in answer["rows"]] == [1, None, None, 5, None, None, None, 6]
    assert answer["columns"][1]["empty"] == "unknown"


async def test_a_count_or_sum_over_no_rows_is_0_and_an_average_unknown(small_house: House) -> None:
    assert await rows(small_house, "nothing") == [["0.00"]]
    assert await rows(small_house, "nothing_counted") == [[0]]
    assert await rows(small_house, "nothing_on_average") == [[None]]
    far = {"window": {"start": "2020-01-01", "end": "2020-02-01"}}
    assert await rows(small_house, "rev", **far) == [["0.00"]]
    assert await rows(small_house, "known_rev", **far) == [[None]]
    assert await rows(small_house, "avg_rev", **far) == [[None]]


async def test_a_sum_of_rows_that_all_lack_a_value_is_unknown(small_house: House) -> None:
    assert await rows(small_house, "rev", **only("seg", "eq", "nil")) == [[None]]
    assert ["nil", None] in await rows(small_house, "rev", dimensions=["seg"])
    by_day = await rows(small_house, "rev", grain="day", **only("seg", "eq", "nil"))
    assert {row[0]: row[1] for row in by_day}["2026-11-07"] is None
    assert {row[1] for row in by_day if row[0] != "2026-11-07"} == {"0.00"}


async def test_groups_that_one_side_lacks_add_up_to_the_total(small_house: House) -> None:
    found = dict(await rows(small_house, "net", dimensions=["seg"]))
    assert found == {"smb": 145.0, "ent": 0.0, "pub": 27.0, "nil": None}
    assert await rows(small_house, "net") == [[172.0]]
    by_day = dict(await rows(small_house, "net", grain="day"))
    assert len(by_day) == 30
    some = {"2026-11-03": 150.0, "2026-11-05": 30.0, "2026-11-06": 27.0, "2026-11-08": -30.0, "2026-11-09": -5.0}
    assert by_day == {**dict.fromkeys(by_day, 0.0), **some, "2026-11-07": None}


async def test_a_ratio_without_numerator_rows_is_0(small_house: House) -> None:
    assert await rows(small_house, "refund_share") == [[0.0]]
    assert dict(await rows(small_house, "refund_share", dimensions=["seg"]))["smb"] == 0.0


async def test_a_period_without_rows_is_0_beside_one_with_rows(small_house: House) -> None:
    assert await rows(small_house, "rev", compare="previous_period") == [["207.00", "0.00"]]
    assert ["smb", "150.00", "0.00"] in await rows(small_house, "rev", compare="previous_period", dimensions=["seg"])


# -- is not ----------------------------------------------------------------------------------------


async def test_unequal_in_a_formula_leaves_out_what_has_no_value_and_is_not_keeps_it(small_house: House) -> None:
    assert await rows(small_house, "kept_rev") == [["150.00"]]
    assert await rows(small_house, "rev", **only("status", "ne", "refunded")) == [["177.00"]]


async def test_a_filter_of_the_command_line_is_read_by_the_dimension(small_house: House) -> None:
    for where, value in (
        ("flag=true", 2119),
        ("n=64", 64),
        ("s= lead", 64),
        ("s=a!=b", 2048),
        ("s=NULL", 4),
        ("s='(none)'", 2),
    ):
        assert await rows(small_house, "v", filters=asked_in_options(None, [where], None)["filters"]) == [[value]], where


async def test_a_receipt_says_that_its_filter_leaves_out_what_has_no_value(small_house: House) -> None:
    receipt = (await ask(small_house, "kept_rev"))["provenance"]["receipt_id"]
    definition = (await small_house.client.get(f"/v1/receipts/{receipt}")).json()["definition"][0]
    note = "Rows without a value in status are left out by its filter, as SQL has it."
    assert definition["note"] == note
    metric = (await small_house.client.get(f"/v1/metrics/kept_rev_{BACKENDS[0]}")).json()
    assert metric["definition"].endswith(f" {note}"), "the metric's sentence says it as well"
