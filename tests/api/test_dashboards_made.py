"""Dashboards made on the screen: created, duplicated, deleted with undo, carried as YAML."""

from typing import Any

import asyncpg
import pytest
import yaml
from httpx import Response
from tests.api.steps import database_away, no_problems
from tests.conftest import House, eventually


async def create(house: House, **body: object) -> Response:
    return await house.client.post("/v1/dashboards", json=body)


async def board(house: House, name: str) -> dict[str, Any]:
    response = await house.client.get(f"/v1/dashboards/{name}")
    assert response.status_code == 200, response.text
    return response.json()


async def names(house: House) -> list[tuple[str, str]]:
    listed = (await house.client.get("/v1/dashboards")).json()["dashboards"]
    assert (await house.client.get("/v1/workspace")).json()["dashboards"] == listed
    return [(each["dashboard_id"], each["origin"]) for each in listed]


async def yaml_of(house: House, name: str) -> str:
    response = await house.client.get(f"/v1/dashboards/{name}/yaml")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/yaml; charset=utf-8")
    return response.text


async def send_yaml(house: House, name: str, text: str | bytes, version: int | None = None) -> Response:
    headers = {} if version is None else {"if-match": str(version)}
    return await house.client.put(f"/v1/dashboards/{name}/yaml", content=text, headers=headers)


FILES = [("overview", "file"), ("operations", "file"), ("customers", "file")]


async def test_a_new_dashboard_is_empty_and_listed_after_those_of_the_files(house: House) -> None:
    made = await create(house, label="Die Übersicht!")
    assert made.status_code == 201
    assert made.json() == {"dashboard_id": "die-ubersicht", "label": "Die Übersicht!", "description": "", "tiles": [],
                           "version": 1, "edited": True}  # fmt: skip
    assert await names(house) == [*FILES, ("die-ubersicht", "screen")]
    again = await create(house, label="Die Übersicht!")
    assert again.json()["dashboard_id"] == "die-ubersicht-2"
    nameless = await create(house, label="理赔")
    assert nameless.json()["dashboard_id"] == "dashboard"


async def test_a_copy_has_the_tiles_as_they_are_shown_and_a_life_of_its_own(house: House) -> None:
    shown = await board(house, "overview")
    entry = {name: shown[name] for name in ("dashboard_id", "label", "tiles")} | {"label": "Changed"}
    await house.client.put("/v1/dashboards/overview", json=entry, headers={"if-match": "0"})
    copy = (await create(house, label="Mine", copy_of="overview", dashboard_id="mine")).json()
    assert (copy["tiles"], copy["label"], copy["version"]) == (shown["tiles"], "Mine", 1)
    emptied = {"dashboard_id": "mine", "label": "Mine", "tiles": []}
    assert (await house.client.put("/v1/dashboards/mine", json=emptied, headers={"if-match": "1"})).status_code == 200
    assert (await board(house, "overview"))["tiles"] == shown["tiles"]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"label": "x", "dashboard_id": "overview"}, 409, "already_there"),
        ({"label": "x", "dashboard_id": "No good"}, 422, "bad_question"),
        ({"label": ""}, 422, "bad_question"),
        ({"label": "x", "copy_of": "nothing"}, 404, "not_found"),
    ],
)
async def test_what_cannot_be_created_is_refused(shared_house: House, body: dict[str, Any], status: int, kind: str) -> None:
    refused = await create(shared_house, **body)
    assert (refused.status_code, refused.json()["kind"]) == (status, kind)
    assert await names(shared_house) == FILES


async def test_a_delete_is_undone(house: House) -> None:
    await create(house, label="Mine", copy_of="overview")
    before = await board(house, "mine")
    gone = (await house.client.delete("/v1/dashboards/mine")).json()
    assert (gone["label"], gone["deleted_at"] < gone["kept_until"]) == ("Mine", True)
    assert await names(house) == FILES
    missing = await house.client.get("/v1/dashboards/mine")
    assert (missing.status_code, "/restore" in missing.json()["mend"]) == (404, True)
    taken = await create(house, label="Mine", dashboard_id="mine")
    assert (taken.status_code, taken.json()["kind"]) == (409, "already_there")
    back = (await house.client.post("/v1/dashboards/mine/restore")).json()
    assert back == {**before, "version": before["version"] + 2}
    assert await names(house) == [*FILES, ("mine", "screen")]
    assert (await house.client.post("/v1/dashboards/mine/restore")).status_code == 404


@pytest.mark.exhaustive
async def test_a_save_from_before_a_delete_never_fits_again(house: House) -> None:
    made = (await create(house, label="Mine")).json()
    await house.client.delete("/v1/dashboards/mine")
    entry = {"dashboard_id": "mine", "label": "Late", "tiles": []}
    late = await house.client.put("/v1/dashboards/mine", json=entry, headers={"if-match": str(made["version"])})
    assert late.status_code == 404
    await house.client.post("/v1/dashboards/mine/restore")
    late = await house.client.put("/v1/dashboards/mine", json=entry, headers={"if-match": str(made["version"])})
    assert (late.status_code, late.json()["kind"]) == (412, "dashboard_moved")


async def test_a_dashboard_of_a_file_is_not_deleted_on_the_screen(shared_house: House) -> None:
    refused = await shared_house.client.delete("/v1/dashboards/overview")
    assert (refused.status_code, refused.json()["kind"]) == (409, "stands_in_a_file")
    assert (await shared_house.client.delete("/v1/dashboards/nothing")).status_code == 404
    assert (await shared_house.client.post("/v1/dashboards/overview/restore")).status_code == 404


async def test_what_the_screen_did_not_change_is_exported_as_its_file_to_the_letter(shared_house: House) -> None:
    file = shared_house.root / "dashboards" / "1-overview.yaml"
    assert await yaml_of(shared_house, "overview") == file.read_text()


async def test_an_export_of_the_screen_becomes_a_file_of_the_workspace(house: House) -> None:
    """Out of the screen, into the folder: served from the file, and the same."""
    await create(house, label="Mine: a \u2603", copy_of="operations", dashboard_id="mine")
    shown = await board(house, "mine")
    text = await yaml_of(house, "mine")
    assert "\u2603" in text
    (house.root / "dashboards" / "9-mine.yaml").write_text(text)
    await eventually(no_problems(house))

    async def of_file() -> bool:
        listed = (await house.client.get("/v1/dashboards")).json()["dashboards"]
        return ("mine", "file") in [(each["dashboard_id"], each["origin"]) for each in listed]

    await eventually(of_file)
    assert ("mine", "file") in await names(house)
    put_back = (await house.client.post("/v1/dashboards/mine/reset")).json()
    assert (put_back["tiles"], put_back["label"], put_back["edited"]) == (shown["tiles"], shown["label"], False)


async def test_yaml_makes_a_new_dashboard_and_writes_over_one_only_with_its_version(house: House) -> None:
    text = (await yaml_of(house, "overview")).replace("dashboard_id: overview", "dashboard_id: carried")
    made = await send_yaml(house, "carried", text)
    assert (made.status_code, made.json()["version"]) == (200, 1)
    assert made.json()["tiles"] == (await board(house, "overview"))["tiles"]
    blind = await send_yaml(house, "carried", text)
    assert (blind.status_code, blind.json()["mend"]) == (400, "to write over it send If-Match: 1")
    assert (await send_yaml(house, "carried", text, 3)).status_code == 412
    over = await send_yaml(house, "carried", text.replace("Executive overview", "Carried"), 1)
    assert (over.status_code, over.json()["label"], over.json()["version"]) == (200, "Carried", 2)


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (lambda text: text.replace("kind: kpi", "kind: pie", 1), 12, "tiles.0.widget.kind"),
        (lambda text: text.replace("label:", "label"), 3, None),
        (lambda text: text + "more: yes\n", None, "more is not known here"),
        (lambda _: "", 1, "the file has to be a mapping of names to values"),
        (lambda text: text.replace("w: 3", "w: &a 3\n    z: *a", 1), None, "aliases"),
    ],
)
async def test_yaml_that_cannot_be_read_is_refused_with_its_line(
    shared_house: House, change: Any, line: int | None, message: str | None
) -> None:
    text = await yaml_of(shared_house, "overview")
    refused = await send_yaml(shared_house, "overview", change(text), 0)
    assert (refused.status_code, refused.json()["kind"]) == (400, "bad_request")
    assert line is None or refused.json()["line"] == line, refused.text
    assert (message or "") in refused.json()["detail"]
    assert (await board(shared_house, "overview"))["edited"] is False


async def test_yaml_of_another_dashboard_or_in_no_utf8_is_refused(shared_house: House) -> None:
    text = await yaml_of(shared_house, "overview")
    assert "operations" in (await send_yaml(shared_house, "operations", text, 0)).json()["detail"]
    assert "UTF-8" in (await send_yaml(shared_house, "overview", b"label: \xff", 0)).json()["detail"]
    wide = {**yaml.safe_load(text), "dashboard_id": "wide"}
    wide["tiles"][0]["x"] = 11
    beyond = await send_yaml(shared_house, "wide", yaml.safe_dump(wide))
    assert (beyond.status_code, beyond.json()["field"]) == (422, "tiles.0.w")


@pytest.mark.exhaustive
async def test_while_the_store_is_away_the_dashboards_of_the_files_are_there(house: House) -> None:
    await create(house, label="Mine")
    async with database_away(house.url):
        listed = (await house.client.get("/v1/dashboards")).json()["dashboards"]
        assert [(each["dashboard_id"], each["origin"]) for each in listed] == FILES
        made, unknown = [await house.client.get(f"/v1/dashboards/{name}") for name in ("mine", "nobodys")]
        for each in (made, unknown):  # nobody can tell which of them there is
            assert (each.status_code, each.json()["kind"]) == (503, "store_unavailable")
            assert "does not answer" in each.json()["detail"]
        refused = await create(house, label="Other")
        assert (refused.status_code, refused.json()["kind"]) == (503, "store_unavailable")


@pytest.mark.exhaustive
async def test_what_a_full_disk_does_not_take_is_refused_with_that_and_read_all_the_same(house: House) -> None:
    await create(house, label="Mine")
    connection = await asyncpg.connect(house.url)
    # As the server itself says it: the state of a full disk, from within the statement that writes.
    await connection.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
    )
    for table in ("dashboard", "receipt"):
        await connection.execute(
            f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON assay.{table} EXECUTE FUNCTION full_disk()"
        )
    refused = await create(house, label="Other")
    assert (refused.status_code, refused.json()["kind"]) == (503, "store_unavailable")
    assert "cannot be written" in refused.json()["detail"]
    assert "No space left on device" in refused.json()["detail"]
    assert (await house.client.get("/v1/dashboards/mine")).json()["label"] == "Mine"
    answer = await house.ask("cost_avoided_mtd", limit=3)
    receipt_id = answer["provenance"]["receipt_id"]  # type: ignore[index]
    assert (await house.client.get(f"/v1/receipts/{receipt_id}")).status_code == 200, "it waits in memory"

    async def told() -> bool:
        ready = await house.client.get("/ready")
        checks = {each["name"]: each["detail"] for each in ready.json()["checks"]}
        banner = (await house.client.get("/v1/workspace")).json()["problems"]
        return ready.status_code == 503 and "cannot be written" in checks["store"] and banner[0]["kind"] == "store"

    await eventually(told)
    for table in ("dashboard", "receipt"):
        await connection.execute(f"DROP TRIGGER full_disk ON assay.{table}")
    assert (await create(house, label="Other")).status_code == 201

    async def is_written() -> bool:
        return await connection.fetchval("SELECT EXISTS (SELECT FROM assay.receipt WHERE receipt_id = $1)", receipt_id)

    await eventually(is_written)

    async def is_well() -> bool:
        banner = (await house.client.get("/v1/workspace")).json()["problems"]
        return (await house.client.get("/ready")).status_code == 200 and not banner

    await eventually(is_well)
    await connection.close()
