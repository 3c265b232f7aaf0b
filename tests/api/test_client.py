"""The Python client: the answer, value for value, and the receipt that the server gives; refusals in its words."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_type_hints

import httpx
import pytest
from tests.api.steps import BEARER, from_outside
from tests.conftest import House

from assay_client import Answer, Assay, AsyncAssay, Refused

ANSWER: dict[str, Any] = {
    "columns": [
        {"name": "time", "type": "timestamp", "role": "time", "unit": None, "metric_id": None},
        {"name": "day", "type": "date", "role": "dimension", "unit": None, "metric_id": None},
        {"name": "region", "type": "string", "role": "dimension", "unit": None, "metric_id": None},
        {"name": "is_open", "type": "boolean", "role": "dimension", "unit": None, "metric_id": None},
        {"name": "money", "type": "decimal", "role": "value", "unit": "usd", "metric_id": "money", "empty": "zero"},
        {"name": "count", "type": "integer", "role": "value", "unit": "count", "metric_id": "count", "empty": "zero"},
        {"name": "share", "type": "double", "role": "value", "unit": "percent", "metric_id": "share", "empty": "unknown"},
    ],
    "rows": [
        ["2026-03-01T05:00:00-06:00", "2026-03-01", "<b>West</b>", True, "12345678901234567890.10", "9007199254740993", 0.1],
        ["2026-03-01T06:00:00-06:00", "2026-03-02", None, None, None, 3, "NaN"],
    ],
    "question": {"window": {"name": "month_to_date", "start": "a", "end": "b", "timezone": "UTC"}, "as_of": "now"},
    "provenance": {"receipt_id": "rcpt-1", "stale_reason": "postgres is away", "truncated": False, "backend": "postgres",
                   "as_of": "2026-03-17T15:42:00Z"},
}  # fmt: skip


@pytest.fixture
async def client(shared_house: House) -> AsyncAssay:
    return AsyncAssay(transport=shared_house.client._transport)


async def test_the_client_gets_the_rows_and_the_receipt_of_the_page(shared_house: House, client: AsyncAssay) -> None:
    page = await shared_house.ask(
        "cost_avoided_mtd", dimensions=["region"], compare="previous_period", window="trailing_30d"
    )
    answer = await client.query("cost_avoided_mtd", by="region", compare="previous_period", window="trailing_30d")
    assert [[None if cell is None else str(cell) for cell in row] for row in answer.rows] == page["rows"]
    assert answer.receipt_id == page["provenance"]["receipt_id"]  # type: ignore[index]
    assert (await client.receipt(answer.receipt_id))["signature_valid"]
    assert (await client.replay(answer.receipt_id))["same_value"]
    assert answer.receipt_id in repr(answer)
    assert [each["metric_id"] for each in await client.metrics()]


async def test_what_is_asked_in_words_of_python_is_the_same_question(shared_house: House, client: AsyncAssay) -> None:
    for said, asked in (
        ({"where": {"region": "West"}}, {"filters": [{"dimension": "region", "op": "eq", "values": ["West"]}]}),
        ({"where": {"region": ["West", "South"]}},
         {"filters": [{"dimension": "region", "op": "in", "values": ["West", "South"]}]}),
        ({"where": {"region": None}}, {"filters": [{"dimension": "region", "op": "is_null"}]}),
        ({"window": ("2026-03-01", "2026-03-10"), "grain": "day"},
         {"window": {"start": "2026-03-01", "end": "2026-03-10"}, "grain": "day"}),
        ({"by": ["region", "channel"], "limit": 2, "order": [{"by": "value"}]},
         {"dimensions": ["region", "channel"], "limit": 2, "order": [{"by": "value"}]}),
    ):  # fmt: skip
        page = await shared_house.ask("cost_avoided_mtd", **asked)
        assert (await client.query("cost_avoided_mtd", **said)).body["answer_id"] == page["answer_id"]  # type: ignore[arg-type]
    names = ["cost_avoided_mtd", "avoided_replacements"]
    both = await client.query(names, by="region", window="trailing_30d")
    assert [each.metric_id for each in both.columns if each.role == "value"] == names
    assert isinstance((await client.query("cost_avoided_mtd")).value, Decimal)


async def test_what_the_server_refuses_is_raised_in_its_words(shared_house: House, client: AsyncAssay) -> None:
    for asked in ({"metrics": "nowhere"}, {"metrics": "csat", "by": "nowhere"}, {"metrics": "csat", "sql": "select 1"}):
        with pytest.raises(Refused) as refused:
            await client.query(**asked)  # type: ignore[arg-type]
        assert refused.value.detail
        assert refused.value.kind in ("metric_not_found", "bad_question")
    async with from_outside(shared_house, host="0.0.0.0") as public:
        stranger = AsyncAssay("https://assay.example", transport=public._transport)
        with pytest.raises(Refused, match="Sign in"):
            await stranger.metrics()
        made = (await public.post("/v1/keys", json={"name": "a notebook", "role": "viewer"}, headers=BEARER)).json()
        assert await AsyncAssay("https://assay.example", key=made["key"], transport=public._transport).metrics()


def test_a_key_travels_in_no_clear_text() -> None:
    for url in ("http://assay.example", "ftp://assay.example", "assay.example", "http://"):
        with pytest.raises(ValueError, match="write"):
            Assay(url, key="assay_x")
    Assay("http://127.0.0.1:8400", key="assay_x").close()


def test_what_is_no_assay_is_told() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text="<html>"))
    with Assay(transport=transport) as other, pytest.raises(Refused, match="not an Assay"):
        other.metrics()


def test_each_value_is_exact_and_what_is_shown_holds_no_markup_of_the_data() -> None:
    answer = Answer.of(ANSWER, "https://assay.example")
    first, second = answer.rows
    assert first[:6] == (
        datetime.fromisoformat("2026-03-01T05:00:00-06:00"), date(2026, 3, 1), "<b>West</b>", True,
        Decimal("12345678901234567890.10"), 9007199254740993,
    )  # fmt: skip
    assert (second[2], second[4], second[6] != second[6]) == (None, None, True)
    with pytest.raises(ValueError, match="2 rows"):
        _ = answer.value
    shown = answer._repr_html_()
    assert "<b>" not in shown
    assert 'href="https://assay.example/receipts/rcpt-1"' in shown
    for text in (shown, repr(answer)):
        assert "NOT OF NOW: postgres is away" in text
        assert "month to date" in text


def test_both_clients_have_the_same_methods() -> None:
    names = {name for name in vars(Assay) if not name.startswith("_")}
    assert names == {name for name in vars(AsyncAssay) if not name.startswith("_")}
    for name in names - {"close"}:
        one, other = (get_type_hints(getattr(each, name)) for each in (Assay, AsyncAssay))
        assert one == other


@pytest.mark.parametrize("library", ["pyarrow", "polars", "pandas"])
def test_a_frame_holds_every_digit_and_the_receipt(library: str) -> None:
    """Also run by `scripts/release`, where all three are installed."""
    pytest.importorskip(library)
    answer = Answer.of(ANSWER, "https://assay.example")
    frame: Any = {"pyarrow": answer.to_arrow, "polars": answer.to_polars, "pandas": answer.to_pandas}[library]()
    rows = (
        frame.to_pylist() if library == "pyarrow" else frame.to_dicts() if library == "polars" else frame.to_dict("records")
    )
    first, second = rows
    assert first["money"] == Decimal("12345678901234567890.10")
    assert first["count"] == 9007199254740993
    assert first["time"] == datetime.fromisoformat("2026-03-01T05:00:00-06:00")
    assert (str(first["day"])[:10], first["region"], first["is_open"]) == ("2026-03-01", "<b>West</b>", True)
    assert second["region"] is None
    assert second["money"] is None
    wide = {**ANSWER, "columns": ANSWER["columns"][5:6], "rows": [["123456789012345678901234"], [None]]}
    held: Any = {"pyarrow": Answer.of(wide, "").to_arrow, "polars": Answer.of(wide, "").to_polars,
                 "pandas": Answer.of(wide, "").to_pandas}[library]()  # fmt: skip
    cells = held["count"].to_pylist() if library == "pyarrow" else list(held["count"])
    assert int(cells[0]) == 123456789012345678901234
