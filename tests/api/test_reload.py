"""Edited files take effect without a restart; what is wrong in them is in the banner, and the last good serves."""

import os
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.api.steps import banner, no_problems
from tests.conftest import House, eventually

SAVINGS = "metrics/savings.yaml"
COLUMNS = "data-dictionary/column_dictionary.csv"


def save(house: House, name: str, change: Callable[[str], str]) -> str:
    """As an editor does; what stood there before."""
    file = house.root / name
    before = file.read_text()
    fresh = file.with_name("4913~")
    fresh.write_text(change(before))
    os.replace(fresh, file)
    return before


def put(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


def line_of(house: House, name: str, text: str) -> int:
    return 1 + next(n for n, line in enumerate((house.root / name).read_text().splitlines()) if text in line)


async def metric(house: House, metric_id: str) -> Any:
    return (await house.client.get(f"/v1/metrics/{metric_id}")).json()


async def catalog_version(house: House) -> str:
    return (await house.client.get("/v1/workspace")).json()["catalog_version"]


async def test_an_edited_metric_answers_by_its_new_definition(house: House) -> None:
    before: Any = await house.ask("cost_avoided_mtd")
    old = await metric(house, "cost_avoided_mtd")
    save(house, SAVINGS, lambda text: text.replace("claim_status <> 'denied'", "claim_status = 'denied'", 1))

    async def edited() -> Any:
        found = await metric(house, "cost_avoided_mtd")
        return found if found["definition_version"] != old["definition_version"] else None

    assert (await eventually(edited))["filter"] == "claim_status = 'denied'"
    after: Any = await house.ask("cost_avoided_mtd")
    assert after["rows"] != before["rows"]
    assert after["answer_id"] != before["answer_id"]
    assert after["provenance"]["definition_version"] != before["provenance"]["definition_version"]
    connection = await asyncpg.connect(house.url)
    stored = await connection.fetchrow(
        "SELECT definition_version, state FROM assay.metric_catalog WHERE metric_id = 'cost_avoided_mtd'"
    )
    await connection.close()
    assert tuple(stored) == (after["provenance"]["definition_version"], "active")


@pytest.mark.exhaustive
async def test_what_a_table_offers_is_taken_over_though_no_metric_changes_by_it(house: House) -> None:
    save(house, "entities/tables.yaml", lambda text: f"{text.rstrip()}\n  - table: ev_customer\n    dimensions: [segment]\n")

    async def known() -> bool:
        return "l3_asurion.ev_customer" in house.running.catalog.workspace.entities

    await eventually(known)


@pytest.mark.exhaustive
async def test_a_metric_added_and_routed_is_there_and_one_taken_out_is_gone(house: House) -> None:
    new = (
        "  - id: claims_today\n    label: Claims today\n    definition: Claims opened today.\n    entity: ev_claim\n"
        "    measure: COUNT(*)\n    time: claim_open_ts\n    window: today\n    unit: count\n    direction: neutral\n"
        "    owner: claims-analytics\n"
    )
    before = save(house, SAVINGS, lambda text: text.rstrip("\n") + "\n\n" + new)
    routing = save(house, "config/metric_routing.yaml", lambda text: text + "  claims_today: {backend: lakehouse}\n")

    async def there() -> bool:
        response = await house.client.post("/v1/metrics/claims_today/data", json={})
        return response.status_code == 200 and response.json()["rows"][0][0] >= 0

    await eventually(there)
    await eventually(no_problems(house))
    save(house, SAVINGS, lambda _: before)
    save(house, "config/metric_routing.yaml", lambda _: routing)

    async def gone() -> bool:
        return (await house.client.post("/v1/metrics/claims_today/data", json={})).status_code == 404

    await eventually(gone)
    connection = await asyncpg.connect(house.url)
    state = await connection.fetchval("SELECT state FROM assay.metric_catalog WHERE metric_id = 'claims_today'")
    await connection.close()
    assert state == "retired"


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("file", "damage", "at", "message"),
    [
        (SAVINGS, put("SUM(cost_avoided_usd)", "SUM(cost_avoided_us)"), "id: cost_avoided_mtd", "cost_avoided_us"),
        (SAVINGS, put("window: month_to_date", "window: month_to_dat"), "window: month_to_dat", "window"),
        (SAVINGS, put("    label: Cost avoided", "   label: Cost avoided"), None, "not indented like"),
        (SAVINGS, put("id: repair_vs_replace_conversion", "id: cost_avoided_mtd"), None, "stands twice"),
        (COLUMNS, put("schema_name,", "schema,"), "schema,", "schema"),
        (COLUMNS, lambda text: text + text.splitlines()[-1] + "\n", None, "twice"),
        ("data-dictionary/join_map.csv", put("l3_asurion.ev_claim", "l3_asurion.ev_clam"), None, "ev_clam"),
        ("assay.yaml", put("backends:", "backend:"), None, "backend"),
    ],
    ids=["unknown column", "unknown window", "indentation", "duplicate id", "wrong header",
         "duplicate row", "join to nowhere", "assay.yaml"],
)  # fmt: skip
async def test_a_broken_edit_leaves_the_last_good_catalog_and_names_the_place(
    house: House, file: str, damage: Callable[[str], str], at: str | None, message: str
) -> None:
    good, version = await house.ask("cost_avoided_mtd"), await catalog_version(house)
    whole = save(house, file, damage)
    shown = await eventually(banner(house, message))
    assert shown["kind"] == "catalog"
    assert file == "assay.yaml" or shown["line"]
    if at is not None:
        assert (shown["file"], shown["line"]) == (file, line_of(house, file, at))
    assert (await house.ask("cost_avoided_mtd"))["rows"] == good["rows"]
    assert await catalog_version(house) == version
    assert len((await house.client.get("/v1/metrics")).json()["metrics"]) == 34

    save(house, file, lambda _: whole)
    await eventually(no_problems(house))
    assert await catalog_version(house) == version


@pytest.mark.exhaustive
async def test_a_csv_that_is_no_utf8_is_a_problem_with_its_line(house: House) -> None:
    file = house.root / "data-dictionary" / "table_catalog.csv"
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:3], lines[3].replace(b",", b",\xff\xfe", 1), *lines[4:]]))
    shown = await eventually(banner(house, "UTF-8"))
    assert (shown["file"], shown["line"]) == ("data-dictionary/table_catalog.csv", 4)
    file.write_bytes(whole)
    await eventually(no_problems(house))


@pytest.mark.exhaustive
async def test_a_whole_folder_moved_away_and_back_is_noticed(house: House) -> None:
    """Nothing inside is touched, so no notice names a file that is watched."""
    folder = house.root / "metrics"
    aside = folder.rename(house.root / "elsewhere")
    await eventually(banner(house, "no metrics"))
    assert (await house.ask("cost_avoided_mtd"))["rows"] == [["1410000.00"]]
    aside.rename(folder)
    await eventually(no_problems(house))


@pytest.mark.exhaustive
async def test_a_backend_added_to_the_file_can_be_routed_to_and_one_taken_out_is_missed(house: House) -> None:
    lake = house.settings.home / "lakehouse.duckdb"
    shutil.copyfile(lake, lake.with_name("second.duckdb"))
    whole = save(house, "assay.yaml", lambda text: text.rstrip("\n") + "\n  second: {driver: duckdb, path: second.duckdb}\n")

    async def routed() -> bool:
        response = await house.client.put("/v1/routes/cost_avoided_mtd", json={"backend": "second"})
        return response.status_code == 200

    # Whether a table lies there is for the dictionary to say.
    tables = "data-dictionary/table_catalog.csv"
    save(house, tables, lambda text: text.replace("postgres;lakehouse", "postgres;lakehouse;second"))
    await eventually(routed)
    assert (await house.ask("cost_avoided_mtd"))["rows"] == [["1410000.00"]]

    save(house, tables, lambda text: text.replace(";second", ""))
    save(house, "assay.yaml", lambda _: whole)
    await eventually(banner(house, "there is no backend 'second'"))
    response = await house.client.post("/v1/metrics/cost_avoided_mtd/data", json={"grain": "day"})
    assert (response.status_code, response.json()["kind"]) == (503, "backend_not_configured")
    (house.root / "config/metric_routing.yaml").write_text(
        (house.root / "config/metric_routing.yaml").read_text().replace("backend: second", "backend: postgres")
    )
    await eventually(no_problems(house))
    assert (await house.ask("cost_avoided_mtd"))["rows"] == [["1410000.00"]]


@pytest.mark.exhaustive
async def test_a_table_that_the_dictionary_gains_may_be_read_and_is_watched(house: House) -> None:
    connection = await asyncpg.connect(house.url)
    await connection.execute("CREATE TABLE l3_asurion.ev_note (note_id text PRIMARY KEY, noted_ts timestamptz NOT NULL)")
    await connection.execute("INSERT INTO l3_asurion.ev_note VALUES ('one', '2026-03-17T10:00Z')")
    add_table(house.root)
    save(house, SAVINGS, lambda text: text.rstrip("\n") + "\n" + (
        "  - id: notes\n    label: Notes\n    definition: Notes written.\n    entity: ev_note\n    measure: COUNT(*)\n"
        "    time: noted_ts\n    window: today\n    unit: count\n    direction: neutral\n    owner: claims-analytics\n"
    ))  # fmt: skip
    save(house, "config/metric_routing.yaml", lambda text: text + "  notes: {backend: postgres}\n")

    async def counted(count: int) -> bool:
        response = await house.client.post("/v1/metrics/notes/data", json={})
        problems = (await house.client.get("/v1/workspace")).json()["problems"]
        assert response.status_code in (200, 404), (response.text, problems)
        return response.status_code == 200 and response.json()["rows"] == [[count]]

    await eventually(lambda: counted(1))
    assert (await house.ask("notes"))["provenance"]["data_version_kind"] == "counter"
    await connection.execute("INSERT INTO l3_asurion.ev_note VALUES ('two', '2026-03-17T11:00Z')")
    await connection.close()
    await eventually(lambda: counted(2))


def add_table(root: Path) -> None:
    """Two rows of columns and one of tables, written by the header that the files have."""
    for name, rows in (
        ("table_catalog.csv", [{"table_name": "ev_note", "column_count": "2", "grain": "note", "primary_key": "note_id",
                                "backends": "postgres", "description": "Notes."}]),
        ("column_dictionary.csv", [
            {"table_name": "ev_note", "column_name": "note_id", "ordinal": "1", "data_type": "string; varchar",
             "role": "key", "nullable": "no", "description": "The note."},
            {"table_name": "ev_note", "column_name": "noted_ts", "ordinal": "2", "data_type": "timestamp; timestamptz",
             "role": "timestamp", "nullable": "no", "description": "When."},
        ]),
    ):  # fmt: skip
        file = root / "data-dictionary" / name
        header = file.read_text().splitlines()[0].split(",")
        lines = [",".join({"schema_name": "l3_asurion", **row}.get(field, "") for field in header) for row in rows]
        file.write_text(file.read_text().rstrip("\n") + "\n" + "\n".join(lines) + "\n")


@pytest.mark.exhaustive
async def test_a_target_that_is_written_down_is_told_at_once_and_its_receipt_names_the_line(house: House) -> None:
    plain: Any = await house.ask("cost_avoided_mtd")
    none: Any = await house.ask("cost_avoided_mtd", targets=True)
    assert (none["rows"], none["targets"], none["question"]["targets"]["known"]) == (plain["rows"], [], [])
    assert "targets" not in plain
    month = none["question"]["window"]["start"][:8] + "01"
    folder = house.root / "targets"
    folder.mkdir()
    line = f'  - {{metric: cost_avoided_mtd, grain: month, starts: "{month}", value: "1000000.00"}}\n'
    (folder / "plan.yaml").write_text(f"targets:\n{line}")

    async def told() -> Any:
        found: Any = await house.ask("cost_avoided_mtd", targets=True)
        return found if found["targets"] else None

    found = await eventually(told)
    (target,) = found["targets"]
    assert found["rows"] == plain["rows"]
    assert found["answer_id"] != none["answer_id"]
    assert target["source"] == "targets/plan.yaml:2"
    assert target["reached"] == plain["rows"][0][0]
    assert Decimal(target["share"]) == (Decimal(target["reached"]) / 1_000_000).quantize(Decimal("0.0001"))
    receipt = (await house.client.get(f"/v1/receipts/{found['provenance']['receipt_id']}")).json()
    assert receipt["targets"] == [target]
    assert receipt["question"]["targets"]["known"][0]["source"] == "targets/plan.yaml:2"
    assert receipt["signature_valid"]
    (folder / "plan.yaml").write_text("targets: []\n")

    async def gone() -> bool:
        return (await house.ask("cost_avoided_mtd", targets=True))["targets"] == []

    await eventually(gone)
    again = (await house.client.post(f"/v1/receipts/{found['provenance']['receipt_id']}/replay")).json()
    assert (again["moved"], again["same_value"]) == ([], True)
