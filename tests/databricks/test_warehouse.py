"""The warehouse itself: cold starts, its time zone, its tables and their versions."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assay.catalog.workspace import load_workspace
from assay.engines.databricks.driver import DatabricksBackend, connect
from tests.conftest import DEMO, eventually
from tests.databricks.steps import QUICK, TABLE, ask, opened, refusal, unjudged
from tests.warehouse import Warehouse

HOUR = timedelta(hours=1)


async def test_a_cold_start_is_told_and_waited_for(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.stop()
    assert (await backend.health()).detail.endswith("the warehouse is stopped; the next question starts it")
    assert warehouse.counts["submit"] == 0
    asking = asyncio.ensure_future(ask(backend))
    await eventually(lambda: asyncio.sleep(0, backend.starting_since))
    assert backend.starting_since is not None
    assert datetime.now(UTC) - backend.starting_since < HOUR
    found = await backend.health()
    assert (found.ok, found.detail) == (True, "Databricks SQL, the warehouse is starting, since 0 s")
    warehouse.start()
    assert (await asking).rows == [(1,)]
    assert backend.starting_since is None


async def test_a_warehouse_that_starts_by_itself_answers(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.start_seconds = 0.05
    warehouse.stop()
    assert (await ask(backend)).rows == [(1,)]


async def test_a_question_that_did_not_outlast_the_cold_start_says_so(
    backend: DatabricksBackend, warehouse: Warehouse
) -> None:
    warehouse.stop()
    error = await refusal(ask(backend, seconds=0.3))
    assert error.detail == "databricks: the warehouse is starting, since 0 s; the statement was cancelled after 0.3 s."
    await eventually(lambda: asyncio.sleep(0, backend.starting_since is None))


async def test_waiting_for_ones_turn_is_not_called_a_cold_start(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse._started.clear()  # statements queue although the warehouse runs
    error = await refusal(ask(backend, seconds=0.2))
    assert "took longer than" in error.detail
    assert warehouse.counts["warehouse"] == 1


async def test_another_time_zone_than_utc_is_refused(warehouse: Warehouse) -> None:
    warehouse.engine.zone = "America/New_York"
    backend = opened(warehouse.environment)
    error = await refusal(ask(backend))
    assert "works in the time zone America/New_York" in error.detail
    assert "TIMEZONE" in (error.mend or "")
    assert "TIMEZONE" in (await backend.health()).detail
    assert warehouse.ran("SELECT 1") == []
    warehouse.engine.zone = "Etc/UTC"
    assert (await ask(backend)).rows == [(1,)]
    await backend.close()


async def test_who_may_not_look_at_the_warehouse_may_still_ask_it(warehouse: Warehouse) -> None:
    backend = opened(warehouse.environment)
    warehouse.fault("forbidden", "warehouse")
    assert (await backend.health()).ok is True
    assert warehouse.ran("SELECT current_timezone()") != []
    warehouse.state = "DELETED"
    assert (await backend.health()).ok is False
    await backend.close()


async def test_a_table_is_described_and_one_that_is_not_there_is_none(backend: DatabricksBackend) -> None:
    assert await backend.describe(TABLE) == {"n": "int", "price": "decimal(9,2)", "sold": "timestamp"}
    assert await backend.describe("shop.nowhere") is None
    assert await backend.describe("shop.sale`; DROP TABLE shop.sale") is None


async def test_a_version_is_the_tables_last_commit(warehouse: Warehouse) -> None:
    settings = load_workspace(DEMO, warehouse.environment).backends["databricks"]
    backend = connect(settings, QUICK, version_seconds=0)
    assert isinstance(backend, DatabricksBackend)
    first = await backend.data_version([TABLE])
    again = await backend.data_version([TABLE])
    assert (first.text, first.kind) == (again.text, "table_version")
    warehouse.change("DELETE FROM shop.sale WHERE n = 1", TABLE)
    second = await backend.data_version([TABLE])
    assert second.text != first.text
    rows = await backend.run(unjudged("SELECT COUNT(*) AS n FROM shop.sale"), {}, [TABLE], 10)
    assert (rows.rows, rows.data_version.text) == ([(9,)], second.text)
    # Made anew, it counts from 0 again; the moment tells the two apart.
    warehouse.change("DROP TABLE shop.sale; CREATE TABLE shop.sale (n INTEGER)")
    warehouse.engine._commits.clear()
    warehouse.change("INSERT INTO shop.sale VALUES (1)", TABLE)
    assert (await backend.data_version([TABLE])).text != second.text
    await backend.close()


async def test_the_version_that_rows_carry_is_theirs(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    count = unjudged("SELECT COUNT(*) AS n FROM shop.sale")
    seen = await backend.data_version([TABLE])
    warehouse.change("DELETE FROM shop.sale WHERE n = 1", TABLE)
    known = backend.known_version([TABLE])
    assert known is not None
    assert known.text == seen.text  # it cannot know yet
    rows = await backend.run(count, {}, [TABLE], 10)
    assert (rows.rows, rows.data_version.text != seen.text) == ([(9,)], True)
    assert len(warehouse.ran("SELECT COUNT")) == 2
    assert (await backend.run(count, {}, [TABLE], 10)).data_version.text == rows.data_version.text
    assert len(warehouse.ran("SELECT COUNT")) == 3


async def test_rows_of_a_table_that_never_rests_carry_a_version_no_newer_than_they(
    backend: DatabricksBackend, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = warehouse.engine.run

    async def run_and_move(sql: str, parameters: Any) -> Any:
        found = await run(sql, parameters)
        if sql.startswith("SELECT COUNT"):
            warehouse.change("DELETE FROM shop.sale WHERE n = (SELECT MAX(n) FROM shop.sale)", TABLE)
        return found

    monkeypatch.setattr(warehouse.engine, "run", run_and_move)
    rows = await backend.run(unjudged("SELECT COUNT(*) AS n FROM shop.sale"), {}, [TABLE], 10)
    assert (rows.rows, len(warehouse.ran("SELECT COUNT"))) == ([(9,)], 2)
    # Two commits came: the first before these rows were read, the second after them.
    assert (warehouse.engine._commits[TABLE][0], f"{TABLE}:1@" in rows.data_version.text) == (2, True)


async def test_a_version_is_looked_up_once_in_a_while(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    assert backend.known_version([TABLE]) is None
    found = await asyncio.gather(*(backend.data_version([TABLE]) for _ in range(8)))
    assert len({each.text for each in found}) == 1
    assert len(warehouse.ran("DESCRIBE HISTORY")) == 1
    known = backend.known_version([TABLE])
    assert known is not None
    assert (known.text, backend.known_version(()), backend.version_token()) == (found[0].text, None, None)


async def test_what_keeps_no_history_ages_by_the_clock(backend: DatabricksBackend, warehouse: Warehouse) -> None:
    warehouse.change("CREATE VIEW shop.seen AS SELECT * FROM shop.sale")
    warehouse.fault("failed", code="BAD_REQUEST", message="[NOT_A_DELTA_TABLE]", sqlstate="42809")
    version = await backend.data_version(["shop.seen"])
    assert (version.kind, "~" in version.text) == ("time_bucket", True)
    await backend.data_version(["shop.seen"])
    assert len(warehouse.ran("DESCRIBE HISTORY `shop`.`seen`")) == 1


@pytest.mark.exhaustive
async def test_the_warehouse_runs_as_a_process_too(lake: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.warehouse", "--lake", str(lake), stdout=asyncio.subprocess.PIPE, cwd=DEMO.parent
    )
    assert process.stdout is not None
    backend = opened(json.loads(await process.stdout.readline()))
    try:
        ((count,),) = (await ask(backend, "SELECT COUNT(*) AS n FROM l3_asurion.ev_claim")).rows
        assert count > 50_000
    finally:
        await backend.close()
        process.terminate()
        await process.communicate()
