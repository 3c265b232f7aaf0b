"""Receipts that leave: with the public keys of the server that gave them, and nothing else, anybody can check them."""

import json
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from tests.api.steps import BEARER, from_outside
from tests.conftest import House, eventually

from assay.cli.main import main
from assay.signing.exported import check_exported, read_keys
from assay.signing.heads import read_head
from assay.signing.tree import is_consistent


async def made(house: House, metric_id: str = "cost_avoided_mtd", **question: object) -> str:
    answer: Any = await house.ask(metric_id, **question)
    return answer["provenance"]["receipt_id"]


async def given(client: httpx.AsyncClient, path: str) -> Any:
    response = await client.get(path)
    assert response.status_code == 200, response.text
    return response.json()


async def exported(house: House, receipt_id: str) -> dict[str, Any]:
    """Once it has its place in the log."""

    async def there() -> Any:
        found = await given(house.client, f"/v1/receipts/{receipt_id}/export")
        return found if found["log"] else None

    return await eventually(there)


async def test_a_receipt_is_checked_elsewhere_with_the_public_keys_alone(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt, keys = tmp_path / "receipt.json", tmp_path / "keys.json"
    receipt_id = await made(house, dimensions=["region"])
    receipt.write_text(json.dumps(await exported(house, receipt_id)))
    keys.write_text((await house.client.get("/.well-known/assay-keys.json")).text)
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "another home"))
    monkeypatch.setenv("ASSAY_PORT", "9")

    def verified() -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["assay", "verify", str(receipt), "--keys", str(keys)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(str(ended.value.code)), capsys.readouterr().out

    code, said = verified()
    assert code == 0
    assert f"Receipt {receipt_id} is as it was signed" in said
    assert "It is entry" in said
    assert not (tmp_path / "another home").exists()
    receipt.write_text(receipt.read_text().replace("West", "East"))
    code, said = verified()
    assert code == 1
    assert "WAS CHANGED" in said


async def test_the_keys_are_open_to_everybody_and_receipts_are_not(house: House) -> None:
    async with from_outside(house, headers=BEARER, host="0.0.0.0") as client:
        receipt_id = await made(house)
        client.headers.pop("authorization")
        keys = await client.get("/.well-known/assay-keys.json")
        assert keys.status_code == 200
        assert set(keys.json()["keys"][0]) == {"key_id", "algorithm", "public_key"}
        for path in (f"/v1/receipts/{receipt_id}/export", "/v1/receipt-log", "/v1/receipt-log/growth?first=1"):
            assert (await client.get(path)).status_code == 401, path


async def test_a_new_key_signs_from_now_on_and_is_said_and_the_old_receipts_stay_valid(house: House) -> None:
    house.settings.secrets_file.write_text("key-of-the-tests")
    before = await exported(house, await made(house))
    old = await given(house.client, "/.well-known/assay-keys.json")
    rotated = await house.client.post("/v1/signing-keys")
    assert rotated.status_code == 201, rotated.text
    keys = rotated.json()
    assert keys["keys"][1:] == old["keys"]
    after = await exported(house, await made(house, window="trailing_30d"))
    signed_by = [each["signature"].partition(":")[0] for each in (after, before)]
    assert signed_by == [each["key_id"] for each in keys["keys"]]
    for each in (before, after):
        assert check_exported(json.dumps(each), read_keys(json.dumps(keys))).faults == ()
        assert (await given(house.client, f"/v1/receipts/{each['receipt']['receipt_id']}"))["signature_valid"] is True
    assert check_exported(json.dumps(after), read_keys(json.dumps(old))).faults
    kept = house.settings.secrets_file
    assert kept.read_text().splitlines()[1:] == ["key-of-the-tests"]
    (said,) = (await given(house.client, "/v1/audit?action=signing_key"))["entries"]
    assert (said["action"], said["subject"], said["before"]) == ("signing_key.rotated", signed_by[0], signed_by[1])


async def test_the_log_of_now_is_proved_to_begin_with_the_one_of_before(house: House) -> None:
    first = (await exported(house, await made(house)))["log"]["head"]
    await exported(house, await made(house, window="trailing_30d"))
    grown = await given(house.client, f"/v1/receipt-log/growth?first={first['number']}")
    ring = house.running.ring
    old, new = (read_head(each, lambda text, mark: ring.verify("head", text, mark)) for each in (first, grown["head"]))
    path = [bytes.fromhex(each) for each in grown["path"]]
    assert is_consistent(old.number, new.number, path, bytes.fromhex(old.hash), bytes.fromhex(new.hash))


async def test_verify_finds_a_cut_tail_by_heads_that_were_kept_elsewhere(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the database and of the state folder: who can write both leaves nothing there that would tell."""
    elsewhere = tmp_path / "elsewhere.jsonl"
    house.running.leaving.places = (str(elsewhere),)
    await exported(house, await made(house))
    await house.client.put("/v1/routes/csat", json={"backend": "lakehouse"})
    for each in ("receipts", "audit"):
        head = await house.running.leaving.head_of(each)
        assert head
        await house.running.leaving.let_go(head)
    lines = elsewhere.read_text().splitlines()
    assert (await given(house.client, "/v1/audit/proof"))["ok"] is True
    connection = await asyncpg.connect(house.url)
    await connection.execute(
        "ALTER TABLE assay.audit DISABLE TRIGGER USER; ALTER TABLE assay.receipt_log DISABLE TRIGGER USER;"
        " DELETE FROM assay.audit WHERE number = (SELECT max(number) FROM assay.audit);"
        " UPDATE assay.audit_head AS h SET number = n.number, hash = coalesce(a.hash, '')"
        " FROM (SELECT coalesce(max(number), 0) AS number FROM assay.audit) AS n LEFT JOIN assay.audit AS a USING (number);"
        " DELETE FROM assay.receipt; DELETE FROM assay.receipt_log; UPDATE assay.receipt_log_end SET size = 0"
    )
    await connection.close()
    (house.settings.home / "audit-heads.jsonl").unlink()
    assert (await given(house.client, "/v1/audit/proof"))["ok"] is True
    found = (await house.client.post("/v1/audit/proof", json={"heads": lines})).json()
    assert found["ok"] is False
    assert [each["kind"] for each in found["faults"]] == ["missing"]
    assert [each["kind"] for each in found["receipts"]["faults"]] == ["missing"]
