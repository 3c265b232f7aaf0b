"""`make seed-warehouse`: the same rows in the warehouse, and a filling that was cut off is taken up again."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from assay.catalog.workspace import Workspace, load_workspace
from assay.demo.seed import Plan, loaded_anchor, seed_duckdb
from assay.demo.warehouse import seed_warehouse
from assay.engines.databricks.driver import DatabricksBackend, connect
from assay.engines.databricks.http import Pace
from assay.errors import SetupFailed, StatementFailed
from tests.conftest import ANCHOR, DEMO
from tests.warehouse import Warehouse


@pytest.fixture
def plan(workspace: Workspace) -> Plan:
    return Plan(workspace.dictionary, ANCHOR, workspace.timezone, 20_000)


@pytest.fixture
async def warehouse() -> AsyncIterator[Warehouse]:
    async with Warehouse() as opened:
        yield opened


@pytest.fixture
async def backend(warehouse: Warehouse) -> AsyncIterator[DatabricksBackend]:
    settings = load_workspace(DEMO, warehouse.environment).backends["databricks"]
    backend = connect(settings, Pace(first_poll=0.002, longest_poll=0.02))
    assert isinstance(backend, DatabricksBackend)
    yield backend
    await backend.close()


@pytest.mark.exhaustive
async def test_the_warehouse_holds_the_rows_of_the_lakehouse(
    backend: DatabricksBackend, warehouse: Warehouse, plan: Plan, tmp_path: Path
) -> None:
    lines: list[str] = []
    await seed_warehouse(backend, plan, lines.append)
    await asyncio.to_thread(seed_duckdb, tmp_path / "lake.duckdb", plan, "lakehouse", lambda *_: None)
    tables = [name for name, table in plan.dictionary.tables.items() if table.lies_in("databricks")]
    assert len(lines) == len(tables) == 12
    warehouse.change(f"ATTACH '{tmp_path / 'lake.duckdb'}' AS lake (READ_ONLY)")
    for table in tables:
        assert warehouse.rows(f"SELECT COUNT(*) > 0 FROM {table}") == [(True,)]
        for one, other in ((table, f"lake.{table}"), (f"lake.{table}", table)):
            assert warehouse.rows(f"SELECT COUNT(*) FROM (FROM {one} EXCEPT ALL FROM {other})") == [(0,)]
    warehouse.change("DETACH lake")
    assert (await backend.describe("l3_asurion.ops_alert")) is None


@pytest.mark.exhaustive
async def test_a_filling_that_was_cut_off_is_taken_up_where_it_was(
    backend: DatabricksBackend, warehouse: Warehouse, plan: Plan
) -> None:
    lines: list[str] = []

    def stop_in_the_fourth(line: str) -> None:
        lines.append(line)
        if len(lines) == 3:
            warehouse.fault("failed", text="INSERT INTO", message="[QUOTA] no more", sqlstate="53000")

    with pytest.raises(StatementFailed, match="QUOTA") as caught:
        await seed_warehouse(backend, plan, stop_in_the_fourth)
    assert "run it again" in (caught.value.mend or "")
    lines.clear()
    warehouse.bodies.clear()
    await seed_warehouse(backend, plan, lines.append)
    assert [line for line in lines if "was filled already" in line] == lines[:3]
    assert warehouse.ran("INSERT INTO `l3_asurion`.`ref_state`") == []

    lines.clear()
    warehouse.bodies.clear()
    await seed_warehouse(backend, plan, lines.append)
    assert all("was filled already" in line for line in lines)
    assert [each for each in warehouse.ran() if each.startswith(("INSERT", "WITH", "CREATE TABLE", "DROP"))] == []


@pytest.mark.exhaustive
async def test_another_plan_fills_anew(backend: DatabricksBackend, warehouse: Warehouse, plan: Plan) -> None:
    await seed_warehouse(backend, plan, lambda _: None)
    before = await backend.data_version(["l3_asurion.ev_claim"])
    lines: list[str] = []
    later = Plan(plan.dictionary, plan.anchor + timedelta(hours=1), plan.timezone, plan.claims)
    await seed_warehouse(backend, later, lines.append)
    assert any("ev_claim" in line and "already" not in line for line in lines)
    backend._seen.clear()
    assert (await backend.data_version(["l3_asurion.ev_claim"])).text != before.text


async def test_a_table_that_was_not_filled_here_is_left_alone(
    backend: DatabricksBackend, warehouse: Warehouse, plan: Plan
) -> None:
    warehouse.change("CREATE SCHEMA IF NOT EXISTS l3_asurion; CREATE TABLE l3_asurion.ref_state AS SELECT 5 AS gold")
    with pytest.raises(SetupFailed, match=r"l3_asurion\.ref_state is in databricks already, and was not filled by Assay"):
        await seed_warehouse(backend, plan, lambda _: None)
    assert warehouse.rows("SELECT gold FROM l3_asurion.ref_state") == [(5,)]


async def fill(environment: dict[str, str]) -> tuple[int, str, str]:
    """`python -m assay.demo --warehouse` in that environment."""
    named = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "ASSAY_"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "assay.demo", "--warehouse", env=named | environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


@pytest.mark.exhaustive
async def test_the_command_fills_for_the_moment_of_the_lakehouse(warehouse: Warehouse, lake: Path, tmp_path: Path) -> None:
    os.link(lake, tmp_path / "lakehouse.duckdb")
    assert loaded_anchor(tmp_path / "lakehouse.duckdb") == ANCHOR
    here = {"ASSAY_HOME": str(tmp_path), "ASSAY_WORKSPACE": str(DEMO)}
    code, out, err = await fill({**here, **warehouse.client_environment})
    assert (code, err) == (0, "")
    first, *lines = out.splitlines()
    assert first == f"Filling databricks with the figures of {ANCHOR.isoformat(sep=' ')}"
    assert len(lines) == 12
    assert " rows" in lines[-1]


async def test_without_a_warehouse_the_command_names_what_to_set(tmp_path: Path) -> None:
    code, _, err = await fill({"ASSAY_HOME": str(tmp_path), "ASSAY_WORKSPACE": str(DEMO)})
    assert code == 2
    assert "set DATABRICKS_HOST and DATABRICKS_HTTP_PATH in the environment" in err


def test_a_file_that_is_no_lakehouse_has_no_moment(tmp_path: Path) -> None:
    (tmp_path / "broken.duckdb").write_bytes(b"x" * 5_000)
    assert loaded_anchor(tmp_path / "broken.duckdb") is None
    assert loaded_anchor(tmp_path / "nowhere.duckdb") is None
