"""The routing file: an edit moves a metric within a second, and no edit takes the service down."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import pytest
from tests.api.steps import (
    SHOWN,
    banner,
    database_away,
    edit,
    line_of,
    no_problems,
    route,
    routes,
    routing_file,
    served_by,
    to,
)
from tests.conftest import House, eventually

from assay.errors import RouteRefused
from assay.routing.file import read_routing_file, write_routes
from assay.routing.table import Routes
from assay.store.database import Database
from assay.store.routes import Flip, StoredRoute, all_routes, flip_routes


async def test_one_line_moves_a_metric_without_a_restart_and_not_its_number(house: House) -> None:
    before: Any = await house.ask("cost_avoided_mtd")
    epoch = (await routes(house))["epoch"]
    edit(house, to("cost_avoided_mtd", "lakehouse"))
    await eventually(served_by(house, "cost_avoided_mtd", "lakehouse"))
    after: Any = await house.ask("cost_avoided_mtd")
    assert after["rows"] == before["rows"] == [["1410000.00"]]
    assert after["provenance"]["driver"] == "duckdb"
    assert after["provenance"]["sql"] != before["provenance"]["sql"]
    assert after["provenance"]["route_epoch"] == before["provenance"]["route_epoch"] + 1
    assert after["answer_id"] != before["answer_id"]
    assert (await routes(house))["epoch"] == epoch + 1
    assert (await house.client.get("/v1/metrics/cost_avoided_mtd")).json()["backend"] == "lakehouse"

    edit(house, to("cost_avoided_mtd", "postgres"))
    await eventually(served_by(house, "cost_avoided_mtd", "postgres"))
    assert (await routes(house))["epoch"] == epoch + 2


@pytest.mark.exhaustive
async def test_of_two_quick_edits_the_last_one_serves(house: House) -> None:
    for backend in ("lakehouse", "postgres", "lakehouse", "postgres", "lakehouse"):
        edit(house, to("cost_avoided_mtd", backend))
    await eventually(served_by(house, "cost_avoided_mtd", "lakehouse"))
    file = routing_file(house)
    for backend in ("postgres", "lakehouse", "postgres"):
        file.write_text(to("cost_avoided_mtd", backend)(file.read_text()))
    await eventually(served_by(house, "cost_avoided_mtd", "postgres"))
    await house.running.reload.routing()
    assert (await route(house, "cost_avoided_mtd"))["backend"] == "postgres"


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("metric_id", "backend", "reason", "mend"),
    [
        ("cost_avoided_mtd", "postgrse", "there is no backend 'postgrse'", "Did you mean 'postgres'?"),
        ("cost_avoided_mtd", "databricks", "backend 'databricks' is not configured", "set DATABRICKS_HOST and "),
        ("cost_avoided_mtd", "spark", "backend 'spark' is not configured", "set SPARK_REMOTE in the environment"),
        ("nba_taken_pct", "lakehouse", "lakehouse has no table l3_asurion.ops_recommendation", "add lakehouse to"),
    ],
)  # fmt: skip
async def test_a_refused_edit_leaves_the_route_and_says_file_line_and_reason(
    house: House, metric_id: str, backend: str, reason: str, mend: str
) -> None:
    before = await house.ask(metric_id)
    edit(house, to(metric_id, backend))
    shown = await eventually(banner(house, reason))
    assert (shown["kind"], shown["file"], shown["metric_id"]) == ("routing", SHOWN, metric_id)
    assert shown["line"] == line_of(house, f"  {metric_id}:")
    assert shown["mend"].startswith(mend)
    assert "postgres keeps serving" in shown["message"]
    assert shown in (await routes(house))["problems"]
    entry = await route(house, metric_id)
    assert entry["backend"] == "postgres"
    assert (entry["pending"]["backend"], entry["pending"]["state"]) == (backend, "refused")
    assert reason in entry["pending"]["reason"]
    assert (await house.ask(metric_id))["rows"] == before["rows"]

    edit(house, to(metric_id, "postgres"))
    await eventually(no_problems(house))
    assert (await route(house, metric_id))["pending"] is None


@pytest.mark.exhaustive
async def test_a_column_that_the_target_lacks_is_named_and_taken_once_it_is_there(house: House) -> None:
    lake = house.settings.home / "lakehouse.duckdb"
    without = lake.with_suffix(".without")
    shutil.copyfile(lake, without)
    with duckdb.connect(str(without)) as connection:
        connection.execute("ALTER TABLE l3_asurion.ev_claim RENAME cost_avoided_usd TO cost_avoided")
    whole = lake.rename(lake.with_suffix(".whole"))
    os.replace(without, lake)

    edit(house, to("cost_avoided_mtd", "lakehouse"))
    shown = await eventually(banner(house, "has no column 'cost_avoided_usd'"))
    assert shown["mend"] == "Did you mean 'cost_avoided'?"
    assert shown["line"] == line_of(house, "  cost_avoided_mtd:")
    assert (await house.ask("cost_avoided_mtd"))["provenance"]["backend"] == "postgres"

    os.replace(whole, lake)
    await eventually(served_by(house, "cost_avoided_mtd", "lakehouse"))
    await eventually(no_problems(house))


@pytest.mark.exhaustive
async def test_a_route_to_a_backend_that_is_away_is_taken_when_it_is_back(house: House) -> None:
    lake = house.settings.home / "lakehouse.duckdb"
    aside = lake.rename(lake.with_suffix(".aside"))
    edit(house, to("cost_avoided_mtd", "lakehouse"))
    await eventually(banner(house, "lakehouse cannot be asked"))
    aside.rename(lake)
    await eventually(served_by(house, "cost_avoided_mtd", "lakehouse"))


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("damage", "line", "message"),
    [
        (lambda text: text.replace("csat: {backend: postgres}", "csat: {backend: postgres"), None, "expected ',' or '}'"),
        (lambda text: text + "  csat: {backend: lakehouse}\n", "last", "'csat' stands twice"),
        (lambda text: text.replace("metrics:\n", "metrics:\n  - one\n  - two\n"), None, "not indented like"),
        (lambda text: "", 1, "holds no mapping `metrics:`"),
        (lambda text: "metrics: 5\n", 1, "holds no mapping `metrics:`"),
        (lambda text: text.replace("  csat:", "\tcsat:"), None, "found character"),
        (lambda text: text.replace("{backend: postgres}", "&a {backend: postgres}", 1) + "  x: *a\n", "last", "aliases"),
        (lambda text: "metrics: " + "[" * 5_000, None, ""),
    ],
    ids=["unclosed brace", "duplicate key", "list and mapping", "empty", "number", "tab", "alias", "deep nesting"],
)
async def test_a_broken_file_leaves_every_route_and_names_the_line(
    house: House, damage: Callable[[str], str], line: int | str | None, message: str
) -> None:
    before = {each["metric_id"]: each["backend"] for each in (await routes(house))["routes"]}
    whole = routing_file(house).read_text()
    edit(house, damage)
    shown = await eventually(banner(house, message))
    assert (shown["kind"], shown["file"]) == ("routing", SHOWN)
    if line is not None:
        assert shown["line"] == (len(routing_file(house).read_text().splitlines()) if line == "last" else line)
    assert shown["mend"]
    after = (await routes(house))["routes"]
    assert {each["metric_id"]: each["backend"] for each in after} == before
    assert (await house.ask("csat"))["provenance"]["backend"] == "postgres"
    edit(house, lambda _: whole)
    await eventually(no_problems(house))


@pytest.mark.exhaustive
async def test_bytes_that_are_no_text_a_folder_and_a_missing_file_are_broken_files_too(house: House) -> None:
    file = routing_file(house)
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"# Try it", b"# Try it \xff"))
    assert (await eventually(banner(house, "is not UTF-8")))["line"] == whole[: whole.index(b"# Try it")].count(b"\n") + 1
    file.unlink()
    await eventually(banner(house, "the file is missing"))
    file.mkdir()
    await eventually(banner(house, "the file cannot be read"))
    file.rmdir()
    assert (await house.ask("csat"))["provenance"]["backend"] == "postgres"
    file.write_bytes(whole)
    await eventually(no_problems(house))


@pytest.mark.exhaustive
async def test_one_bad_line_does_not_keep_the_others_from_moving(house: House) -> None:
    def change(text: str) -> str:
        text = to("csat", "[postgres]")(to("cost_avoided_mtd", "lakehouse")(text))
        return text + "  no_such_metric: {backend: postgres}\n"

    edit(house, change)
    await eventually(served_by(house, "cost_avoided_mtd", "lakehouse"))
    unknown = await eventually(banner(house, "there is no metric 'no_such_metric'"))
    assert unknown["line"] == line_of(house, "no_such_metric")
    unread = await eventually(banner(house, "csat: cannot be read"))
    assert (unread["line"], unread["mend"]) == (line_of(house, "  csat:"), "write {backend: NAME}")
    assert (await house.ask("csat"))["provenance"]["backend"] == "postgres"


@pytest.mark.exhaustive
async def test_a_line_taken_out_keeps_its_last_route_and_says_so(house: House) -> None:
    edit(house, lambda text: "".join(line for line in text.splitlines(True) if not line.startswith("  csat:")))
    shown = await eventually(banner(house, "csat has no route; its last route keeps serving"))
    assert shown["mend"].startswith("add  csat: {backend: ")
    assert (await house.ask("csat"))["provenance"]["backend"] == "postgres"


# -- by the API -----------------------------------------------------------------------------------


async def test_a_route_changed_by_the_api_changes_its_one_line_and_nothing_else(house: House) -> None:
    before = routing_file(house).read_bytes()
    response = await house.client.put("/v1/routes/nba_taken_pct", json={"backend": "postgres"})
    assert response.status_code == 200
    assert routing_file(house).read_bytes() == before
    response = await house.client.put("/v1/routes/cost_avoided_mtd", json={"backend": "lakehouse"})
    assert (response.status_code, response.json()["backend"], response.json()["driver"]) == (200, "lakehouse", "duckdb")
    assert response.json()["line"] == line_of(house, "  cost_avoided_mtd:")
    changed = before.replace(b"  cost_avoided_mtd: {backend: postgres}", b"  cost_avoided_mtd: {backend: lakehouse}")
    assert routing_file(house).read_bytes() == changed != before
    assert (await house.ask("cost_avoided_mtd"))["provenance"]["backend"] == "lakehouse"
    assert [each.name for each in routing_file(house).parent.iterdir()] == ["metric_routing.yaml"]


@pytest.mark.exhaustive
async def test_routes_changed_at_the_same_moment_are_all_kept(house: House) -> None:
    names = ["cost_avoided_mtd", "csat", "survey_responses", "claim_denials", "claim_approval_rate"]
    done = await asyncio.gather(*(house.client.put(f"/v1/routes/{each}", json={"backend": "lakehouse"}) for each in names))
    assert [each.status_code for each in done] == [200] * len(names)
    file = read_routing_file(routing_file(house))
    assert {name: file.lines[name].backend for name in names} == dict.fromkeys(names, "lakehouse")


@pytest.mark.parametrize(
    ("metric_id", "backend", "status", "kind", "says"),
    [
        ("nba_taken_pct", "lakehouse", 409, "route_refused", "lakehouse has no table"),
        ("cost_avoided_mtd", "databricks", 409, "route_refused", "is not configured"),
        ("cost_avoided_mtd", "nowhere", 409, "route_refused", "there is no backend 'nowhere'"),
        ("no_metric", "postgres", 404, "metric_not_found", "There is no metric"),
    ],
)
async def test_a_route_that_cannot_serve_is_refused_and_the_file_untouched(
    shared_house: House, metric_id: str, backend: str, status: int, kind: str, says: str
) -> None:
    before = routing_file(shared_house).read_bytes()
    response = await shared_house.client.put(f"/v1/routes/{metric_id}", json={"backend": backend})
    assert (response.status_code, response.json()["kind"]) == (status, kind)
    assert says in response.json()["detail"]
    assert response.headers["content-type"] == "application/problem+json"
    assert routing_file(shared_house).read_bytes() == before


@pytest.mark.exhaustive
async def test_nothing_is_written_into_a_file_that_cannot_be_read(house: House) -> None:
    edit(house, lambda text: text + "  csat: {backend: lakehouse}\n")
    await eventually(banner(house, "stands twice"))
    before = routing_file(house).read_bytes()
    response = await house.client.put("/v1/routes/cost_avoided_mtd", json={"backend": "lakehouse"})
    assert (response.status_code, response.json()["kind"]) == (409, "route_refused")
    assert f"{SHOWN}:{len(before.splitlines())}" in response.json()["detail"]
    assert routing_file(house).read_bytes() == before


@pytest.mark.exhaustive
async def test_while_the_store_is_away_a_change_waits_and_then_takes_effect(house: House) -> None:
    async with database_away(house.url):
        edit(house, to("survey_responses", "lakehouse"))
        edit(house, to("claim_volume_l3_asurion", "postgres"))
        shown = await eventually(banner(house, "survey_responses: Assay's own database does not answer"))
        assert shown["line"] == line_of(house, "  survey_responses:")
    await eventually(served_by(house, "survey_responses", "lakehouse"))
    await eventually(served_by(house, "claim_volume_l3_asurion", "postgres"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("metrics:\n  a: {backend: x}  # why\n  b: {backend: x}", "metrics:\n  a: {backend: y}  # why\n  b: {backend: x}"),
        ("metrics:\r\n  a: {backend: x}\r\n\r\n# end", "metrics:\r\n  a: {backend: y}\r\n\r\n# end"),
        ("\ufeffmetrics:\n  a: { backend : 'x' }\n", "\ufeffmetrics:\n  a: { backend : y }\n"),
        ("metrics:\n  # a: {backend: x}\n  a:\n    backend: x\n", "metrics:\n  # a: {backend: x}\n  a:\n    backend: y\n"),
        ("metrics:\n  ab: {backend: x}\n  a: {backend: my.lake}\n", "metrics:\n  ab: {backend: x}\n  a: {backend: y}\n"),
        ("metrics:\n  b: {backend: x}\n", "metrics:\n  b: {backend: x}\n  a: {backend: y}\n"),
        ("metrics:\n  b: {backend: x}", "metrics:\n  b: {backend: x}\n  a: {backend: y}\n"),
        ("", "metrics:\n  a: {backend: y}\n"),
        ("\ufeff# none yet", "\ufeff# none yet\nmetrics:\n  a: {backend: y}\n"),
        ("# routes\nmetrics:", "# routes\nmetrics:\n  a: {backend: y}\n"),
    ],
)
def test_only_the_one_line_is_written(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "routing.yaml"
    file.write_bytes(before.encode())
    file.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    write_routes(link, {"a": "y"})
    assert file.read_bytes().decode() == after
    assert file.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()


@pytest.mark.parametrize(
    "text", ["metrics: {a: {backend: x}}\nother: 1\n", "metrics:\n  a: {backend: x, why: z}\n", "metrics: []\n"]
)
def test_a_form_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "routing.yaml"
    file.write_text(text)
    with pytest.raises(RouteRefused):
        write_routes(file, {"a": "y"})
    assert file.read_text() == text


def flip(metric_id: str, backend: str) -> Flip:
    return Flip(metric_id, backend, "first", "a test", None, None)


# -- two processes --------------------------------------------------------------------------------


async def test_a_flip_by_another_process_is_heard(house: House) -> None:
    await house.ask("cost_avoided_mtd")
    other = Database(house.url)
    await flip_routes(other, [flip("cost_avoided_mtd", "lakehouse")])
    await eventually(served_by(house, "cost_avoided_mtd", "lakehouse"))
    await other.close()


async def test_many_processes_that_flip_at_once_agree_on_one_epoch(database_url: str) -> None:
    others = [Database(database_url) for _ in range(6)]
    found = await asyncio.gather(*(flip_routes(each, [flip("fresh_metric", "postgres")]) for each in others))
    assert {(route.backend, route.epoch) for each in found for route in each.values()} == {("postgres", 1)}
    found = await asyncio.gather(*(flip_routes(each, [flip("fresh_metric", "lakehouse")]) for each in others))
    assert {(route.backend, route.epoch) for each in found for route in each.values()} == {("lakehouse", 2)}
    for each in others:
        await each.close()


async def test_what_is_read_never_overtakes_what_is_written(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reload under way while this process flips must not put the older route back."""
    database = Database(database_url)
    routes = Routes(database)
    await routes._flip([flip("some_metric", "postgres")])
    read, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(database: Database) -> dict[str, StoredRoute]:
        found = await all_routes(database)
        read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr("assay.routing.table.all_routes", slowly)
    reload = asyncio.ensure_future(routes.reload())
    await read.wait()
    flipping = asyncio.ensure_future(routes._flip([flip("some_metric", "lakehouse")]))
    await asyncio.wait([flipping], timeout=0.3)
    go_on.set()
    await asyncio.gather(reload, flipping)
    assert (routes.serving["some_metric"].backend, routes.serving["some_metric"].epoch) == ("lakehouse", 2)
    await database.close()


async def test_an_answer_that_a_flip_overtook_is_not_remembered_for_the_next_asker(house: House) -> None:
    """The engine is held up by a lock, the route flips meanwhile: the late answer is of the old route."""
    await eventually(lambda: asyncio.sleep(0, house.running.hears))
    holder = await asyncpg.connect(house.url)
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("LOCK TABLE l3_asurion.ev_claim IN ACCESS EXCLUSIVE MODE")
    late = asyncio.ensure_future(house.ask("cost_avoided_mtd"))

    async def waits() -> bool:
        return await holder.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0

    await eventually(waits)
    await house.running.routes._flip([flip("cost_avoided_mtd", "lakehouse")])
    await transaction.rollback()
    await holder.close()
    assert (await late)["provenance"]["backend"] == "postgres"
    assert (await house.ask("cost_avoided_mtd"))["provenance"]["backend"] == "lakehouse"
