"""Receipts: listed, read, verified, and replayed against what has moved since."""

import threading
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from tests.api.steps import database_away, edit, insert_claim, served_by, to
from tests.conftest import House, eventually

from assay.answers import receipts
from assay.answers.receipts import ReceiptBook
from assay.errors import StoreUnavailable
from assay.store.database import Database


async def ask(house: House, metric_id: str = "cost_avoided_mtd", **question: object) -> dict[str, Any]:
    """The provenance of an answer."""
    answer: Any = await house.ask(metric_id, **question)
    return answer["provenance"]


async def replay(house: House, receipt_id: str) -> dict[str, Any]:
    response = await house.client.post(f"/v1/receipts/{receipt_id}/replay")
    assert response.status_code == 200, response.text
    return response.json()


async def sql(house: House, text: str, *values: object) -> None:
    connection = await asyncpg.connect(house.url)
    assert (await connection.execute(text, *values)).endswith(" 1")
    await connection.close()


@pytest.mark.exhaustive
async def test_receipts_are_listed_newest_first_and_a_page_at_a_time(house: House) -> None:
    made = [(await ask(house, window=f"trailing_{days}d"))["receipt_id"] for days in (7, 30, 90)]
    made.append((await ask(house, "csat"))["receipt_id"])
    listed = (await house.client.get("/v1/receipts")).json()
    assert [each["receipt_id"] for each in listed["receipts"]] == made[::-1]
    assert listed["next"] is None
    first = (await house.client.get("/v1/receipts", params={"limit": 3})).json()
    assert first["next"] == made[1]
    rest = (await house.client.get("/v1/receipts", params={"limit": 3, "before": first["next"]})).json()
    assert [each["receipt_id"] for each in rest["receipts"]] == [made[0]]
    of_one = (await house.client.get("/v1/receipts", params={"metric_id": "csat"})).json()
    assert [(each["metric_id"], each["value"], each["unit"]) for each in of_one["receipts"]] == [("csat", 4.6, "/ 5")]
    assert (await house.client.get("/v1/receipts", params={"metric_id": "none"})).json() == {"receipts": [], "next": None}


async def test_a_receipt_holds_the_four_inputs_the_sql_and_the_value(house: House) -> None:
    answer: Any = await house.ask("cost_avoided_mtd", dimensions=["region"], limit=2)
    given = answer["provenance"]
    receipt = (await house.client.get(f"/v1/receipts/{given['receipt_id']}")).json()
    for name in ("sql", "params", "definition_version", "dictionary_version", "data_version", "value_digest", "as_of"):
        assert receipt[name] == given[name], name
    assert receipt["route"] == {"backend": "postgres", "driver": "postgres", "epoch": given["route_epoch"]}
    for name in ("question", "rows", "columns"):
        assert receipt[name] == answer[name], name
    assert receipt["definition"][0]["formula"] == "SUM(cost_avoided_usd)"
    assert receipt["signature_valid"] is True


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    "tampering",
    [
        "document = replace(document, '1410000.00', '9410000.00')",
        'document = replace(document, \'"created_at":"2\', \'"created_at":"1\')',
        "signature = repeat('0', 64)",
        "signature = 'é'",
        "metric_id = 'csat'",
        "answer_id = repeat('0', 32)",
    ],
)
async def test_a_receipt_changed_in_the_database_is_found_out(house: House, tampering: str) -> None:
    made = (await ask(house))["receipt_id"]
    await sql(house, f"UPDATE assay.receipt SET {tampering} WHERE receipt_id = $1", made)
    assert (await house.client.get(f"/v1/receipts/{made}")).json()["signature_valid"] is False
    listed = (await house.client.get("/v1/receipts")).json()["receipts"]
    # A list that shows a value lets it be believed.
    assert [(each["signature_valid"], each["value"]) for each in listed if each["receipt_id"] == made] == [(False, None)]
    refused = await house.client.post(f"/v1/receipts/{made}/replay")
    assert (refused.status_code, refused.json()["kind"]) == (409, "receipt_broken")


@pytest.mark.exhaustive
async def test_a_receipt_with_the_signed_text_of_another_is_found_out(house: House) -> None:
    one, other = (await ask(house))["receipt_id"], (await ask(house, "csat"))["receipt_id"]
    await sql(
        house,
        "UPDATE assay.receipt AS r SET document = o.document, signature = o.signature FROM assay.receipt AS o"
        " WHERE r.receipt_id = $1 AND o.receipt_id = $2", one, other,
    )  # fmt: skip
    assert (await house.client.get(f"/v1/receipts/{one}")).json()["signature_valid"] is False
    assert (await house.client.get(f"/v1/receipts/{other}")).json()["signature_valid"] is True


@pytest.mark.exhaustive
@pytest.mark.parametrize("text", ["no json", "[]", "{}"])
async def test_a_receipt_changed_beyond_reading_says_so_and_hides_no_other(house: House, text: str) -> None:
    broken, whole = (await ask(house))["receipt_id"], (await ask(house, "csat"))["receipt_id"]
    await sql(house, "UPDATE assay.receipt SET document = $2 WHERE receipt_id = $1", broken, text)
    response = await house.client.get(f"/v1/receipts/{broken}")
    assert (response.status_code, response.json()["kind"]) == (409, "receipt_broken")
    response = await house.client.post(f"/v1/receipts/{broken}/replay")
    assert (response.status_code, response.json()["kind"]) == (409, "receipt_broken")
    listed = (await house.client.get("/v1/receipts")).json()["receipts"]
    assert [(each["receipt_id"], each["signature_valid"]) for each in listed] == [(whole, True), (broken, False)]


@pytest.mark.exhaustive
async def test_what_a_crash_of_the_store_took_from_its_disk_is_written_again(house: House) -> None:
    """The store confirms receipts before its disk has them; a row taken away stands for one lost in a crash."""
    made = (await ask(house))["receipt_id"]
    await sql(house, "DELETE FROM assay.receipt WHERE receipt_id = $1", made)
    assert (await house.client.get(f"/v1/receipts/{made}")).status_code == 404
    async with database_away(house.url):
        pass

    async def there() -> bool:
        return (await house.client.get(f"/v1/receipts/{made}")).status_code == 200

    await eventually(there)


async def test_what_could_not_be_written_before_the_end_is_written_by_the_next_process(house: House) -> None:
    book = house.running.receipts
    async with database_away(house.url):
        await eventually(lambda: away(house))
        made = (await ask(house, "claim_volume_l3_asurion", grain="month"))["receipt_id"]
        assert book.waiting == 1
        await book.close()
    kept = house.running.around.home / "receipts.waiting"
    assert kept.stat().st_mode & 0o777 == 0o600
    next_book = ReceiptBook(Database(house.url), house.running.ring, house.running.install, kept)
    next_book.take_up()
    await next_book.flush()
    assert next_book.verify(await next_book.get(made))
    assert not kept.exists()
    await next_book.close()


async def test_while_the_old_file_is_still_being_taken_away_no_other_is_written(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await ask(house, "claim_volume_l3_asurion", grain="month")
    (made, *_) = await house.running.receipts.newest(None, None, 1)
    kept, goes_on, plain = tmp_path / "receipts.waiting", threading.Event(), Path.unlink

    def late(path: Path, missing_ok: bool = False) -> None:
        if path == kept:
            goes_on.wait(60)
        plain(path, missing_ok=missing_ok)

    kept.write_bytes(orjson.dumps([made._asdict()]))
    book = ReceiptBook(Database(house.url), house.running.ring, house.running.install, kept)
    book.take_up()
    monkeypatch.setattr(Path, "unlink", late)
    monkeypatch.setattr(receipts, "_FILE_SECONDS", 0.1)
    await book.flush()
    book.write_again()
    monkeypatch.setattr(book, "flush", away_for_good)
    await book.close()
    assert "1 receipts are lost" in caplog.text
    goes_on.set()


async def away_for_good(receipt_id: str | None = None) -> None:
    raise StoreUnavailable("away")


async def away(house: House) -> bool:
    return house.running.store_trouble is not None


async def test_an_answer_whose_receipt_finds_no_room_is_not_given(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "_MAX_WAITING", 1)
    async with database_away(house.url):
        await eventually(lambda: away(house))
        known = await ask(house, "claim_volume_l3_asurion", grain="month")
        refused = await house.client.post("/v1/metrics/claim_volume_l3_asurion/data", json={"grain": "week"})
        assert (refused.status_code, refused.json()["kind"]) == (503, "store_unavailable")
        assert (await ask(house, "claim_volume_l3_asurion", grain="month"))["receipt_id"] == known["receipt_id"]


# -- replay ---------------------------------------------------------------------------------------


@pytest.mark.exhaustive
async def test_a_replay_of_what_has_not_moved_says_so(house: House) -> None:
    again = await replay(house, (await ask(house))["receipt_id"])
    assert again["sentence"] == "Nothing has moved; the value is the same."
    assert (again["moved"], again["same_value"]) == ([], True)
    assert again["then"]["rows"] == again["now"]["rows"] == [["1410000.00"]]


@pytest.mark.exhaustive
async def test_a_replay_after_the_route_moved_names_it_and_the_value_is_the_same(house: House) -> None:
    receipt = (await ask(house))["receipt_id"]
    edit(house, to("cost_avoided_mtd", "lakehouse"))
    await eventually(served_by(house, "cost_avoided_mtd", "lakehouse"))
    again = await replay(house, receipt)
    assert again["sentence"] == "Route moved from postgres to lakehouse; the value is the same."
    assert [each["part"] for each in again["moved"]] == ["route"]
    assert (again["same_value"], again["now"]["backend"]) == (True, "lakehouse")


async def test_a_replay_after_the_data_moved_shows_both_values(house: House) -> None:
    receipt = (await ask(house))["receipt_id"]
    await insert_claim(house.url, avoided=90_000)

    async def moved() -> Any:
        found = await replay(house, receipt)
        return found if found["moved"] else None

    again = await eventually(moved)
    assert again["sentence"] == "Data moved; the value is different."
    assert (again["then"]["rows"], again["now"]["rows"]) == ([["1410000.00"]], [["1500000.00"]])
    assert again["same_value"] is False


async def test_a_replay_asks_for_the_bounds_of_then_whatever_the_time(house: House) -> None:
    receipt = (await ask(house))["receipt_id"]
    house.clock[0] = house.clock[0].replace(month=5)
    again = await replay(house, receipt)
    assert again["sentence"] == "Nothing has moved; the value is the same."


@pytest.mark.exhaustive
async def test_a_replay_after_the_definition_moved_names_it(house: House) -> None:
    receipt = (await ask(house))["receipt_id"]
    file = house.root / "metrics" / "savings.yaml"
    file.write_text(file.read_text().replace("filter: claim_status <> 'denied'", "filter: claim_status = 'denied'", 1))
    version = (await house.client.get("/v1/metrics/cost_avoided_mtd")).json()["definition_version"]

    async def moved() -> bool:
        return (await house.client.get("/v1/metrics/cost_avoided_mtd")).json()["definition_version"] != version

    await eventually(moved)
    again = await replay(house, receipt)
    assert [each["part"] for each in again["moved"]] == ["definition"]
    assert again["sentence"] == "Definition moved; the value is different."


async def test_after_an_upgrade_of_the_compiler_an_answer_is_made_anew_and_replay_names_the_compiler(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await ask(house)
    monkeypatch.setattr("assay.compiler.meaning.MEANING_VERSION", before["meaning_version"] + 1)
    again = await replay(house, before["receipt_id"])
    assert [each["part"] for each in again["moved"]] == ["compiler"]
    assert again["sentence"] == "Compiler moved; the value is the same."
    receipt = (await house.client.get(f"/v1/receipts/{before['receipt_id']}")).json()
    assert again["now"]["answer_id"] != receipt["answer_id"]


@pytest.mark.exhaustive
async def test_a_replay_of_a_metric_that_is_gone_says_so_and_the_receipt_stays(house: House) -> None:
    receipt = (await ask(house, "claim_denials"))["receipt_id"]
    file, routing = house.root / "metrics" / "claims.yaml", house.root / "config" / "metric_routing.yaml"
    head, _, tail = file.read_text().partition("  - id: claim_denials\n")
    file.write_text(head + "".join(tail.partition("  - id: ")[1:]))
    routing.write_text("".join(line for line in routing.read_text().splitlines(True) if "  claim_denials:" not in line))

    async def gone() -> bool:
        return (await house.client.get("/v1/metrics/claim_denials")).status_code == 404

    await eventually(gone)
    response = await house.client.post(f"/v1/receipts/{receipt}/replay")
    assert (response.status_code, response.json()["kind"]) == (404, "metric_not_found")
    assert (await house.client.get(f"/v1/receipts/{receipt}")).json()["signature_valid"] is True


@pytest.mark.exhaustive
async def test_a_receipt_names_whoever_asked_where_the_workspace_says_so_and_nobody_else(house: House) -> None:
    before = (await house.client.get(f"/v1/receipts/{(await ask(house))['receipt_id']}")).json()
    assert before["asked_by"] is None
    settings = house.root / "assay.yaml"
    settings.write_text(f"{settings.read_text()}\nreceipts_name_asker: true\n")
    await eventually(lambda: says_names(house))
    named = (await house.client.get(f"/v1/receipts/{(await ask(house, window='trailing_90d'))['receipt_id']}")).json()
    assert named["asked_by"] == (await house.client.get("/v1/session")).json()["who"]["name"]
    assert named["signature_valid"]


async def says_names(house: House) -> bool:
    return house.running.catalog.workspace.settings.receipts_name_asker
