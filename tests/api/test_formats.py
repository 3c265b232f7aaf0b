"""Answers as CSV, Arrow, Parquet and workbooks: the same rows and the same receipt as JSON, value by value."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Awaitable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import nanoarrow
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.conftest import House

from assay.formats.columnar import arrow_stream, parquet_file
from assay.formats.render import KINDS, render
from assay.formats.table import table_of
from assay.formats.text import csv_text
from assay.formats.workbook import workbook
from assay.web.formats import Formats, best_of
from assay.work.cells import FORMULA

QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("cost_avoided_mtd", {}),
    ("cost_avoided_mtd", {"dimensions": ["region", "claim_status"], "compare": "previous_period"}),
    ("claim_volume_l3_asurion", {"grain": "hour", "window": {"start": "2026-03-07", "end": "2026-03-09"}}),
    ("csat", {"grain": "day", "window": "trailing_30d"}),
]


def answer_of(columns: list[tuple[str, str]], rows: list[list[Any]], **about: Any) -> dict[str, Any]:
    """A body such as an answer has, of values that no engine of the tests gives."""
    return {
        "answer_id": "a1", "metric_id": "m", "metrics": ["m"], "rows": rows, "partial": [], "dense": False,
        "columns": [{"name": name, "type": kind, "role": "time" if name == "time" else "value"} for name, kind in columns],
        "question": {"window": {"start": "2026-11-01", "end": "2026-11-02", "timezone": "America/Chicago"}},
        "provenance": {
            "receipt_id": "r1", "definition": "d", "as_of": "2026-11-02T00:00:00Z", "backend": "lake", "stale": False,
            "stale_reason": None, "truncated": False, "rows_returned": len(rows), "value_digest": "x", "data_version": "v",
            "sql": "SELECT 1", "parity": {"standing": "proven"},
        },
    } | about  # fmt: skip


ODD = answer_of(
    [("time", "timestamp"), ("name", "string"), ("amount", "decimal"), ("count", "integer"), ("share", "double"),
     ("day", "date"), ("is_open", "boolean")],
    [
        ["2026-11-01T01:00:00-05:00", "=1+1", "-0.10", 9007199254740991, 0.1, "2024-02-29", True],
        ["2026-11-01T01:00:00-06:00", "", "999999999999999999999999999999.99", "9223372036854775808", "NaN", "0001-01-01",
         False],
        ["2026-11-01T02:00:00-06:00", 'a,"b"\r\nc', "0.00", -1, "-Infinity", None, None],
        ["2026-11-01T03:00:00-06:00", None, None, None, None, "1900-01-01", None],
        ["2026-11-01T04:00:00-06:00", "<r>&é</r>", "1.00", 0, 5e-324, "9999-12-31", True],
    ],
)  # fmt: skip


def exact(answer: dict[str, Any]) -> list[list[Any]]:
    """The rows of an answer as Python holds them exactly."""

    def value(cell: Any, kind: str) -> Any:
        if cell is None:
            return None
        match kind:
            case "integer":
                return int(cell)
            case "decimal":
                return Decimal(cell)
            case "double":
                return repr(float(cell))
            case "date":
                return date.fromisoformat(cell)
            case "timestamp":
                return _instant(datetime.fromisoformat(cell))
            case _:
                return cell

    return [
        [value(cell, column["type"]) for cell, column in zip(row, answer["columns"], strict=True)] for row in answer["rows"]
    ]


def from_csv(content: bytes, answer: dict[str, Any], path: Path) -> list[list[Any]]:
    """Read by DuckDB, all as text: an empty field is no value, two quotes are an empty text."""
    path.write_bytes(content)
    with duckdb.connect() as connection:
        told = connection.execute(
            f"FROM read_csv('{path}', all_varchar=true, allow_quoted_nulls=false, nullstr='', header=true, delim=',', "
            "quote='\"', escape='\"')"
        )
        names, rows = [each[0] for each in told.description or ()], told.fetchall()
    assert names == [each["name"] for each in answer["columns"]]
    booleans = {"true": True, "false": False}
    rows = [[booleans[cell] if kind == "boolean" and cell else cell for cell, kind in zip(row, _kinds(answer), strict=True)]
            for row in rows]  # fmt: skip
    return exact({**answer, "rows": rows})


def _kinds(answer: dict[str, Any]) -> list[str]:
    return [each["type"] for each in answer["columns"]]


def from_parquet(content: bytes, path: Path) -> tuple[list[list[Any]], dict[str, str]]:
    path.write_bytes(content)
    with duckdb.connect() as connection:
        rows = connection.execute(f"FROM '{path}'").fetchall()
        told = connection.execute(f"SELECT key, value FROM parquet_kv_metadata('{path}')").fetchall()
    return [_plain(row) for row in rows], {key.decode(): value.decode() for key, value in told}


def from_arrow(content: bytes) -> tuple[list[list[Any]], dict[str, str]]:
    """nanoarrow's own reading makes unsigned numbers of negative decimals: those are read from their bytes."""
    with nanoarrow.ArrayStream.from_readable(io.BytesIO(content)) as stream:
        schema, whole = stream.schema, stream.read_all()
    columns = [_column(whole.child(index)) for index in range(schema.n_fields)]
    told = {key.decode(): value.decode() for key, value in nanoarrow.c_schema(schema).metadata.items()}
    return [_plain(row) for row in zip(*columns, strict=True)], told


def _column(array: nanoarrow.Array) -> list[Any]:
    values = array.to_pylist()
    if array.schema.type != nanoarrow.Type.DECIMAL128:
        return values
    data = b"".join(bytes(chunk.buffer(1)) for chunk in array.iter_chunks())
    read = [int.from_bytes(data[at : at + 16], "little", signed=True) for at in range(0, len(data), 16)]
    scale = array.schema.scale
    return [None if value is None else Decimal(f"{number}E-{scale}") for value, number in zip(values, read, strict=True)]


def _plain(row: Any) -> list[Any]:
    return [
        _instant(each) if isinstance(each, datetime) else repr(each) if isinstance(each, float) else each for each in row
    ]


def _instant(moment: datetime) -> datetime:
    """An hour that comes twice is unequal to itself on another clock."""
    return moment.astimezone(UTC) if moment.tzinfo else moment


def from_workbook(content: bytes, number: int = 1) -> list[list[Any]]:
    """The cells of a sheet as (kind, text): n is a number, inlineStr a text, b true or false."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
        assert b"<f>" not in archive.read(f"xl/worksheets/sheet{number}.xml")
    rows: list[list[Any]] = []
    for row in sheet.iter(f"{space}row"):
        cells = {}
        for cell in row.iter(f"{space}c"):
            column = re.sub(r"\d", "", cell.attrib["r"])
            texts = [
                *(each.text or "" for each in cell.iter(f"{space}t")),
                *(each.text or "" for each in cell.iter(f"{space}v")),
            ]
            cells[column] = (cell.attrib.get("t", "n"), "".join(texts))
        rows.append([cells.get(chr(ord("A") + index)) for index in range(26)])
    return rows


@pytest.mark.parametrize(("metric", "asked"), QUESTIONS)
async def test_every_format_tells_the_same_rows_and_the_same_receipt(
    shared_house: House, tmp_path: Path, metric: str, asked: dict[str, Any]
) -> None:
    path = f"/v1/metrics/{metric}/data"
    answer = await shared_house.ask(metric, **asked)
    rows, receipt = exact(answer), answer["provenance"]["receipt_id"]  # type: ignore[index]
    got = {kind: await shared_house.client.post(f"{path}.{kind}", json=asked) for kind in KINDS}
    for kind, response in got.items():
        assert response.status_code == 200, response.text
        assert response.headers["assay-receipt"] == receipt
        assert response.headers["content-type"].startswith(KINDS[kind])
        accepted = await shared_house.client.post(path, json=asked, headers={"accept": f"{KINDS[kind]}, */*;q=0.1"})
        assert accepted.headers["content-type"] == response.headers["content-type"]
        assert kind == "xlsx" or accepted.content == response.content
    assert from_csv(got["csv"].content, answer, tmp_path / "x.csv") == rows
    parquet, told = from_parquet(got["parquet"].content, tmp_path / "x.parquet")
    assert parquet == rows
    arrow, told_there = from_arrow(got["arrow"].content)
    assert arrow == rows
    for each in (told, told_there):
        assert each["assay.receipt_id"] == receipt
        assert json.loads(each["assay"])["provenance"]["value_digest"] == answer["provenance"]["value_digest"]  # type: ignore[index]
    sheet = from_workbook(got["xlsx"].content)
    assert len(sheet) == len(rows) + 1
    assert any(row[1] == ("inlineStr", receipt) for row in from_workbook(got["xlsx"].content, 2))


async def test_a_format_is_not_told_unmodified_by_another_formats_tag(shared_house: House) -> None:
    path = "/v1/metrics/cost_avoided_mtd/data"
    plain = await shared_house.client.post(path)
    tag = (await shared_house.client.post(f"{path}.csv")).headers["etag"]
    assert tag == plain.headers["etag"][:-1] + '.csv"'
    for asked, sent, status in (
        (".csv", tag, 304),
        (".csv", plain.headers["etag"], 200),
        ("", tag, 200),
        (".parquet", tag, 200),
    ):
        got = await shared_house.client.post(path + asked, headers={"if-none-match": sent})
        assert got.status_code == status, (asked, sent)
    assert (await shared_house.client.get(f"{path}.csv")).status_code == 405


async def test_what_is_refused_is_refused_in_words(shared_house: House) -> None:
    ask = shared_house.client.post
    wrong = await ask("/v1/metrics/cost_avoided_mtd/data.xlsx", json={"dimensions": ["nowhere"]})
    assert (wrong.status_code, wrong.headers["content-type"]) == (422, "application/problem+json")
    good, bad = {"key": "a", "metrics": ["csat"]}, {"key": "b", "metrics": ["no_such"]}
    two = await ask("/v1/data.csv", json={"questions": [good, {**good, "key": "b"}]})
    assert two.status_code == 422
    assert ".xlsx" in two.json()["mend"]
    half = await ask("/v1/data.xlsx", json={"questions": [good, bad]})
    assert half.status_code == 404
    assert half.json()["detail"].startswith("b: ")
    book = await ask("/v1/data.xlsx", json={"questions": [good, {**good, "key": "A"}]})
    assert book.status_code == 200
    assert len(from_workbook(book.content, 2)) == 2


def _csv_of(house: House, app: ASGIApp) -> tuple[Awaitable[None], list[Message]]:
    """What an application says, asked for as CSV: the asking, and what is sent meanwhile."""
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "path": "/v1/data.csv", "headers": []}
    return Formats(app, house.running.corridor.workers, house.running.noting.exported)(scope, nothing, keep), sent


async def test_a_dashboard_called_data_is_no_answer_and_an_accident_is_a_problem(shared_house: House) -> None:
    assert (await shared_house.client.get("/v1/dashboards/data.csv")).status_code == 404
    assert (await shared_house.client.get("/v1/dashboards/data", headers={"accept": "text/csv"})).status_code == 404

    async def odd(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    asked, sent = _csv_of(shared_house, odd)
    await asked
    assert [sent[0]["status"], json.loads(sent[1]["body"])["kind"]] == [500, "internal_error"]


def test_no_digit_is_lost_in_any_format(tmp_path: Path) -> None:
    table, rows = table_of(ODD), exact(ODD)
    assert from_parquet(parquet_file(table), tmp_path / "x.parquet")[0] == rows
    assert from_arrow(arrow_stream(table))[0] == rows
    told = csv_text(table).decode()
    assert '"\'=1+1",-0.10,9007199254740991,0.1,2024-02-29,true\r\n' in told
    assert '-06:00,"",999999999999999999999999999999.99,9223372036854775808,NaN,0001-01-01,false' in told
    assert "-06:00,,,,,1900-01-01,\r\n" in told
    sheet = from_workbook(workbook([("odd", table)]))
    assert [row[2] for row in sheet[1:]] == [
        ("n", "-0.1"), ("inlineStr", "999999999999999999999999999999.99"), ("n", "0"), None, ("n", "1"),
    ]  # fmt: skip
    assert sheet[5][1] == ("inlineStr", "<r>&é</r>")
    assert sheet[2][5] == ("inlineStr", "0001-01-01")


def test_a_workbooks_number_is_the_very_double() -> None:
    doubles = [0.1, 0.1 + 0.2, 1 / 3, 1e300, -0.5]
    sheet = from_workbook(workbook([("x", table_of(answer_of([("v", "double")], [[each] for each in doubles])))]))
    assert [float(row[0][1]) for row in sheet[1:]] == doubles
    assert [row[0][0] for row in sheet[1:]][:2] == ["n", "inlineStr"]


def test_sheets_have_names_that_a_workbook_takes() -> None:
    table = table_of(answer_of([("v", "integer")], [[1]]))
    names = [
        "😀" * 20,
        "😀" * 25,
        "x" * 30 + "'y",
        "History",
        "a" * 31,
        "A" * 31,
        "a" * 29 + " 6",
        "b",
        "b 9",
        "B",
        "'",
        "receipts",
    ]
    with zipfile.ZipFile(io.BytesIO(workbook([(each, table) for each in names]))) as archive:
        told = re.findall(r'<sheet name="([^"]*)"', archive.read("xl/workbook.xml").decode())
    assert len({each.lower() for each in told}) == len(names) + 1
    assert told[0] == "😀" * 15


@pytest.mark.parametrize("kind", ["decimal", "integer", "date", "timestamp"])
def test_what_no_type_holds_stays_a_text(tmp_path: Path, kind: str) -> None:
    odd = {"decimal": "1" * 39 + ".50", "integer": "1" * 40, "date": "20240-01-05", "timestamp": "infinity"}[kind]
    answer = answer_of([("v", kind)], [[odd], [None]])
    assert from_parquet(parquet_file(table_of(answer)), tmp_path / "x.parquet")[0] == [[odd], [None]]
    assert from_arrow(arrow_stream(table_of(answer)))[0] == [[odd], [None]]
    assert from_workbook(workbook([("v", table_of(answer))]))[1][0] == ("inlineStr", odd)


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-x", "@a", "\tx", "\nx", "\rx", "＝1", "＠a", " \u200b=1", "\x00=1", "'=1", "''\n"]
)
def test_no_text_becomes_a_formula_and_each_can_be_had_back(text: str) -> None:
    answer = answer_of([("name", "string")], [[text], ["'s-Hertogenbosch"]])
    rows = list(csv.reader(io.StringIO(csv_text(table_of(answer)).decode(), newline="")))
    assert rows[1] == [f"'{text}"]
    assert FORMULA.match(rows[1][0])
    assert rows[2] == ["'s-Hertogenbosch"]
    with zipfile.ZipFile(io.BytesIO(workbook([("x", table_of(answer))]))) as archive:
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [
        ("text/csv", "csv"), ("text/csv;q=0, application/json", None), ("application/json;q=0.2, text/csv;q=0.3", "csv"),
        ("*/*, text/csv", None), ("text/csv;q=x", None), ("text/html", None), ("TEXT/CSV; charset=utf-8", "csv"),
        ("application/x-ndjson, text/csv", None),
    ],
)  # fmt: skip
def test_the_format_that_is_liked_most_is_given(accepted: str, kind: str | None) -> None:
    assert best_of(accepted.encode()) == kind


@pytest.mark.parametrize("text", ["x" * 40_000, "😀" * 20_000])
def test_a_text_that_fits_into_no_cell_is_refused_and_not_left_out(text: str) -> None:
    from assay.errors import TooLarge

    answer = answer_of([("name", "string")], [[text]])
    with pytest.raises(TooLarge):
        workbook([("x", table_of(answer))])
    assert render(json.dumps(answer).encode(), "csv")[0] == 200


@pytest.mark.parametrize("status", [None, 500])
async def test_who_left_is_sent_nothing_and_an_accident_is_told(shared_house: House, status: int | None) -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        if status is not None:
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})
            raise RuntimeError("an accident")

    asked, sent = _csv_of(shared_house, fails)
    if status is None:
        await asked
    else:
        with pytest.raises(RuntimeError):
            await asked
    assert [each.get("status") for each in sent][:1] == ([] if status is None else [status])
