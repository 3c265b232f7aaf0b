"""Databases that others made, as files in the folder that KNOWN names: what a team means there, beside SQL written by hand.

Each question is asked of PostgreSQL, held against its SQL on both engines, compared by the server, and asked of DuckDB after
its metrics were moved there.
"""

import functools
import json
import math
import os
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import pytest
import yaml
from tests.conftest import House, cloned_database, empty_database, eventually, open_house
from tests.known.loading import fill

from assay.cli.imports import make_bare

KNOWN = os.environ.get("KNOWN")
HERE = Path(__file__).parent
DATABASES = sorted(each.stem for each in HERE.glob("*.yaml"))

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(not KNOWN, reason="KNOWN names no folder with the files of known databases"),
]


class Known:
    def __init__(self, house: House, said: dict[str, Any], lake: Path, url: str, schema: str) -> None:
        self.house, self.said, self.lake, self.url, self.schema = house, said, lake, url, schema

    async def by_hand(self, sql: str) -> dict[str, list[tuple[Any, ...]]]:
        connection = await asyncpg.connect(self.url, server_settings={"search_path": self.schema})
        try:
            of_postgres = [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()
        with duckdb.connect(str(self.lake), read_only=True) as file:
            file.execute(f"USE {self.schema}")
            return {"postgres": of_postgres, "lake": file.execute(sql).fetchall()}

    async def asked(self, question: dict[str, Any]) -> list[tuple[Any, ...]]:
        response = await self.house.client.post("/v1/data", json={"questions": [{"key": "asked", **question}]})
        assert response.status_code == 200, response.text
        (found,) = response.json()["answers"]
        assert found["answer"], found["problem"]
        return [tuple(row) for row in found["answer"]["rows"]]


@pytest.fixture(scope="module", params=DATABASES)
async def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Known]:
    said = json.loads(json.dumps(yaml.safe_load((HERE / f"{request.param}.yaml").read_text()), default=str))
    work = tmp_path_factory.mktemp(request.param)
    lake = work / "known.duckdb"
    async with empty_database() as url:
        await fill(Path(KNOWN or ""), said["tables"], request.param, lake, url, work)
        await make_bare(f"duckdb://{lake}", work / "workspace", [], datetime.now(UTC), lambda _: None)
        _write(work / "workspace", said, request.param, lake)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KNOWN_URL", url)
            async with cloned_database() as store, open_house(store, work / "workspace", lake, work / "home") as house:
                house.clock[0] = datetime.fromisoformat(said["now"])
                yield Known(house, said, lake, url, request.param)


def _write(folder: Path, said: dict[str, Any], schema: str, lake: Path) -> None:
    backends = {"postgres": {"driver": "postgres", "url": "${KNOWN_URL}"}, "lake": {"driver": "duckdb", "path": str(lake)}}
    files: dict[str, Any] = {
        "assay.yaml": {
            "name": schema,
            "label": schema.title(),
            "timezone": "UTC",
            "backends": backends,
            **said.get("workspace", {}),
        },
        "entities/known.yaml": {"entities": said["entities"]},
        "metrics/known.yaml": {"metrics": said["metrics"]},
        "config/metric_routing.yaml": {"metrics": {each["id"]: {"backend": "postgres"} for each in said["metrics"]}},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False))
    for name, content in said.get("files", {}).items():
        (folder / name).write_text(content)
    joins = ["join_id,from_table,from_columns,to_table,to_columns,cardinality,description"]
    for name, (child, parent) in said["joins"].items():
        (one, key), (other, column) = child.rsplit(".", 1), parent.rsplit(".", 1)
        joins.append(f"{name},{schema}.{one},{key},{schema}.{other},{column},many_to_one,One at most.")
    (folder / "data-dictionary" / "join_map.csv").write_text("\n".join(joins) + "\n")


async def test_what_is_answered_is_what_sql_by_hand_gives(known: Known) -> None:
    found = {each["name"]: await known.asked(each["ask"]) for each in known.said["questions"]}

    for each in known.said["questions"]:
        right = await known.by_hand(each["sql"])
        assert right["lake"], each["name"]
        for engine, rows in right.items():
            assert _plain(found[each["name"]]) == _plain(rows), (engine, each["name"])


async def test_each_question_is_shown_to_be_equal_on_both_engines_and_moves(known: Known) -> None:
    for each in known.said["questions"]:
        for metric in each["ask"]["metrics"]:
            question = {name: value for name, value in each["ask"].items() if name != "metrics"}
            response = await known.house.client.post(
                f"/v1/routes/{metric}/compare", json={"to": "lake", "question": question}
            )
            assert response.status_code == 200, response.text
            assert response.json()["verdict"] == "equal", (each["name"], metric, response.json())
    metrics = sorted({metric for each in known.said["questions"] for metric in each["ask"]["metrics"]})
    before = {each["name"]: await known.asked(each["ask"]) for each in known.said["questions"]}
    for metric in metrics:
        await eventually(functools.partial(_is_moved, known, metric), seconds=600)
    for each in known.said["questions"]:
        assert _plain(await known.asked(each["ask"])) == _plain(before[each["name"]]), each["name"]


async def _is_moved(known: Known, metric: str) -> bool:
    """A move does not wait for a comparison that takes long; once that is done, it is asked for again."""
    response = await known.house.client.put(f"/v1/routes/{metric}", json={"backend": "lake"})
    assert response.status_code == 200 or "are being compared" in response.json()["detail"], response.text
    return response.status_code == 200


def _plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Sorted, without the groups of a series in which nothing lies, and numbers to twelve places."""
    return sorted(
        (tuple(_cell(each) for each in row) for row in rows if not _is_empty(row)), key=lambda row: tuple(map(str, row))
    )


def _is_empty(row: tuple[Any, ...]) -> bool:
    return row[-1] is None or _cell(row[-1]) == "0"


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return value
    if not math.isfinite(number):
        return str(number)
    return format(float(number), ".12g")
