"""The warehouse's own history of queries leads back: each statement says for which receipt it ran, or for what else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.steps import SHOWN, to
from tests.conftest import House, open_house
from tests.warehouse import Warehouse

METRIC = "cost_avoided_mtd"


@pytest.fixture
async def served(
    database_url: str, workspace_copy: Path, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[House, Warehouse]]:
    """One metric is served by a warehouse from the first moment on."""
    file = workspace_copy / SHOWN
    file.write_text(to(METRIC, "databricks")(file.read_text()))
    async with Warehouse(lake) as warehouse:
        for name, value in warehouse.environment.items():
            monkeypatch.setenv(name, value)
        async with open_house(database_url, workspace_copy, lake, tmp_path / "home") as house:
            yield house, warehouse


def tags_of(warehouse: Warehouse, sql: str) -> list[dict[str, str]]:
    """Of each statement with this text."""
    return [{each["key"]: each["value"] for each in body["query_tags"]}
            for body in warehouse.bodies if body["statement"] == sql]  # fmt: skip


@pytest.mark.exhaustive
async def test_a_statement_carries_the_receipt_of_its_answer(served: tuple[House, Warehouse]) -> None:
    house, warehouse = served
    answers: list[Any] = await asyncio.gather(*(house.ask(METRIC, dimensions=["region"]) for _ in range(5)))
    known = answers[0]["provenance"]
    assert known["backend"] == "databricks"
    assert {each["provenance"]["receipt_id"] for each in answers} == {known["receipt_id"]}
    (tags,) = tags_of(warehouse, known["sql"])
    assert tags["assay_receipt"] == known["receipt_id"]
    assert (tags["application"], tags["assay_backend"]) == ("assay", "databricks")
    receipt = (await house.client.get(f"/v1/receipts/{tags['assay_receipt']}")).json()
    assert receipt["sql"] == known["sql"]


@pytest.mark.exhaustive
async def test_rows_and_comparisons_say_what_they_are(served: tuple[House, Warehouse]) -> None:
    house, warehouse = served
    rows = await house.client.post(f"/v1/metrics/{METRIC}/rows", json={})
    assert rows.status_code == 200, rows.text
    for tags in tags_of(warehouse, rows.json()["provenance"]["sql"]):
        assert (tags["assay_for"], tags["assay_metric"]) == ("rows", METRIC)
        assert "assay_receipt" not in tags
    before = len(warehouse.bodies)
    compared = await house.client.post(f"/v1/routes/{METRIC}/compare", json={"to": "lakehouse"})
    assert compared.json()["verdict"] == "equal", compared.text
    said = [{each["key"]: each["value"] for each in body["query_tags"]} for body in warehouse.bodies[before:]]
    compared_tags = [tags for tags in said if tags.get("assay_for") == "comparison"]
    assert len(compared_tags) > 1
    assert {tags["assay_metric"] for tags in compared_tags} == {METRIC}
