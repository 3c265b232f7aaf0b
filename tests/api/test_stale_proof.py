"""What was found before an edit decides the edit only while nothing has moved since."""

import asyncio
import os
import shutil
from pathlib import Path

import duckdb
import pytest
from tests.api.steps import banner, edit, insert_claim, route, served_by, to
from tests.conftest import House, eventually

from assay.store.database import Database
from assay.store.parity import StoredCertificate, newest_certificates

CLAIM = "l3_asurion.ev_claim"


def publish(lake: Path, statement: str) -> None:
    """A changed copy, renamed into its place."""
    fresh = lake.with_suffix(".new")
    shutil.copyfile(lake, fresh)
    with duckdb.connect(str(fresh)) as connection:
        connection.execute(statement)
    os.replace(fresh, lake)


async def compared(house: House, to_backend: str) -> str:
    response = await house.client.post("/v1/routes/cost_avoided_mtd/compare", json={"to": to_backend})
    assert response.status_code == 200, response.text
    return response.json()["verdict"]


async def test_a_proof_of_the_data_before_does_not_let_an_edit_flip(house: House) -> None:
    assert await compared(house, "lakehouse") == "equal"
    lake = house.settings.home / "lakehouse.duckdb"
    await asyncio.to_thread(publish, lake, f"DELETE FROM {CLAIM} WHERE region = 'West'")
    edit(house, to("cost_avoided_mtd", "lakehouse"))
    await eventually(banner(house, "lakehouse differs from postgres"))
    found = await route(house, "cost_avoided_mtd")
    assert (found["backend"], found["pending"]["state"]) == ("postgres", "refused")


@pytest.mark.exhaustive
async def test_a_proof_of_the_data_as_it_is_lets_an_edit_flip_at_once(house: House) -> None:
    assert await compared(house, "lakehouse") == "equal"
    edit(house, to("cost_avoided_mtd", "lakehouse"))
    await eventually(served_by(house, "cost_avoided_mtd", "lakehouse"))
    story = (await house.client.get("/v1/routes/cost_avoided_mtd")).json()
    assert len(story["comparisons"]) == 1


@pytest.mark.exhaustive
async def test_what_was_accepted_of_the_data_before_does_not_let_an_edit_flip(house: House) -> None:
    lake = house.settings.home / "lakehouse.duckdb"
    await asyncio.to_thread(publish, lake, f"DELETE FROM {CLAIM} WHERE region = 'West'")
    accepted = {"backend": "lakehouse", "accept_difference": "West is elsewhere", "by": "Ana"}
    assert (await house.client.put("/v1/routes/cost_avoided_mtd", json=accepted)).status_code == 200
    assert (await house.client.post("/v1/routes/cost_avoided_mtd/rollback", json={})).status_code == 200
    await asyncio.to_thread(publish, lake, f"DELETE FROM {CLAIM} WHERE region = 'Midwest'")
    edit(house, to("cost_avoided_mtd", "lakehouse"))
    await eventually(banner(house, "lakehouse differs from postgres"))
    assert (await route(house, "cost_avoided_mtd"))["backend"] == "postgres"


@pytest.mark.exhaustive
async def test_a_rollback_is_not_rolled_back_without_a_comparison(house: House) -> None:
    moved = await house.client.put("/v1/routes/cost_avoided_mtd", json={"backend": "lakehouse"})
    assert moved.json()["previous"] == "postgres"
    back = await house.client.post("/v1/routes/cost_avoided_mtd/rollback", json={})
    assert (back.json()["backend"], back.json()["previous"]) == ("postgres", None)
    again = await house.client.post("/v1/routes/cost_avoided_mtd/rollback", json={})
    assert (again.status_code, again.json()["kind"]) == (409, "route_refused")
    assert (await route(house, "cost_avoided_mtd"))["backend"] == "postgres"


@pytest.mark.exhaustive
async def test_the_name_of_whoever_left_a_route_where_it_was_is_not_put_on_later_edits(house: House) -> None:
    stays = await house.client.put("/v1/routes", json={"routes": {"cost_avoided_mtd": "postgres"}, "by": "Ana"})
    assert stays.json()["outcomes"][0]["flipped"]
    for backend in ("lakehouse", "postgres"):
        edit(house, to("cost_avoided_mtd", backend))
        await eventually(served_by(house, "cost_avoided_mtd", backend))
    changes = (await house.client.get("/v1/routes/cost_avoided_mtd")).json()["changes"]
    assert {each["changed_by"] for each in changes} == {"the routing file"}


@pytest.mark.exhaustive
async def test_on_a_table_that_moves_all_the_time_an_edit_flips_by_what_was_asked_for_it(house: House) -> None:
    await insert_claim(house.url)
    lake = house.settings.home / "lakehouse.duckdb"
    edit(house, to("cost_avoided_mtd", "lakehouse"))
    # A claim that counts for nothing in the metric: the data's version moves, the figures do not.
    await asyncio.to_thread(publish, lake, f"UPDATE {CLAIM} SET channel = channel WHERE region = 'West'")
    await eventually(served_by(house, "cost_avoided_mtd", "lakehouse"))


@pytest.mark.exhaustive
async def test_what_is_read_of_certificates_never_overtakes_an_acceptance(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = house.settings.home / "lakehouse.duckdb"
    await asyncio.to_thread(publish, lake, f"DELETE FROM {CLAIM} WHERE region = 'West'")
    assert await compared(house, "lakehouse") == "differs"
    routes, has_read, may_go_on = house.running.routes, asyncio.Event(), asyncio.Event()

    async def slow(database: Database) -> list[StoredCertificate]:
        found = await newest_certificates(database)
        has_read.set()
        await may_go_on.wait()
        return found

    monkeypatch.setattr("assay.routing.table.newest_certificates", slow)
    reloading = asyncio.create_task(routes.reload())
    await has_read.wait()
    (pair,) = [each for each in routes.proofs.certificates if each[0] == "cost_avoided_mtd"]
    accepting = asyncio.create_task(routes.accept(routes.proofs.certificates[pair], "West is elsewhere", "Ana"))
    await asyncio.wait([accepting], timeout=0.2)  # what it waits for is let go on either way
    may_go_on.set()
    await asyncio.gather(reloading, accepting)
    assert routes.proofs.certificates[pair].accepted_by == "Ana"
