"""What was found before an edit decides the edit only while nothing has moved since."""

import asyncio
import os
import shutil
from pathlib import Path

import duckdb
from tests.api.steps import banner, edit, insert_claim, route, served_by, to
from tests.conftest import House, eventually

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


async def test_a_proof_of_the_data_as_it_is_lets_an_edit_flip_at_once(house: House) -> None:
    assert await compared(house, "lakehouse") == "equal"
    edit(house, to("cost_avoided_mtd", "lakehouse"))
    await eventually(served_by(house, "cost_avoided_mtd", "lakehouse"))
    story = (await house.client.get("/v1/routes/cost_avoided_mtd")).json()
    assert len(story["comparisons"]) == 1


async def test_the_name_of_whoever_left_a_route_where_it_was_is_not_put_on_later_edits(house: House) -> None:
    stays = await house.client.put("/v1/routes", json={"routes": {"cost_avoided_mtd": "postgres"}, "by": "Ana"})
    assert stays.json()["outcomes"][0]["flipped"]
    for backend in ("lakehouse", "postgres"):
        edit(house, to("cost_avoided_mtd", backend))
        await eventually(served_by(house, "cost_avoided_mtd", backend))
    changes = (await house.client.get("/v1/routes/cost_avoided_mtd")).json()["changes"]
    assert {each["changed_by"] for each in changes} == {"the routing file"}


async def test_on_a_table_that_moves_all_the_time_an_edit_flips_by_what_was_asked_for_it(house: House) -> None:
    await insert_claim(house.url)
    lake = house.settings.home / "lakehouse.duckdb"
    edit(house, to("cost_avoided_mtd", "lakehouse"))
    # A claim that counts for nothing in the metric: the data's version moves, the figures do not.
    await asyncio.to_thread(publish, lake, f"UPDATE {CLAIM} SET channel = channel WHERE region = 'West'")
    await eventually(served_by(house, "cost_avoided_mtd", "lakehouse"))
