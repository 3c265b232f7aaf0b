"""Every meaning that the compiler pins, on Spark as on the others: in its own dialect and in that of Databricks."""

import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from assay.backends.protocol import NO_TAGS, Backend, Rows
from assay.catalog.types import ColumnType
from assay.engine import Dialect
from assay.engines.spark.client import Session
from assay.engines.spark.driver import SparkBackend
from assay.gate import SafeSql
from assay.gate.names import identifier
from tests.engine.pins import Pins, Record, open_pins
from tests.engine.test_beside import *  # noqa: F403
from tests.engine.test_conversion import *  # noqa: F403
from tests.engine.test_frames import *  # noqa: F403
from tests.engine.test_others import *  # noqa: F403
from tests.engine.test_pinned_meanings import *  # noqa: F403
from tests.spark.server import ConnectServer, lay_table

_ARROW = {
    "string": pa.string(), "integer": pa.int32(), "bigint": pa.int64(), "double": pa.float64(), "boolean": pa.bool_(),
    "date": pa.date32(), "timestamp": pa.timestamp("us", "UTC"), "timestamp_ntz": pa.timestamp("us"),
}  # fmt: skip


class AskedOnce(SparkBackend):
    """The two dialects are nearly always one text: then one run tells about both."""

    last: tuple[object, Rows] | None = None

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows:  # fmt: skip
        asked = (statement.text, repr(parameters))
        if self.last is None or self.last[0] != asked:
            self.last = asked, await super().run(statement, parameters, tables, timeout_seconds)
        return self.last[1]


@dataclass(kw_only=True)
class SparkPins(Pins):
    server: ConnectServer
    session: Session
    files: Path
    spark: AskedOnce | None = None

    async def fill(self, **tables: list[Record]) -> None:
        await super().fill(**tables)
        for table in self.workspace("metrics: []\n").dictionary.tables.values():
            rows = [{table.primary_key[0]: number, **row} for number, row in enumerate(tables.get(table.name, []))]
            columns = {
                name: pa.array([row.get(name) for row in rows], _arrow(column.type))
                for name, column in table.columns.items()
            }
            file = self.files / f"{uuid.uuid4().hex}.parquet"
            pyarrow.parquet.write_table(pa.table(columns), file)
            lay_table(self.session, table, file)
        # A session remembers a table's files for a while, and here they are others at once.
        await self.close_spark()
        self.spark = AskedOnce("spark", self.server.url)

    async def close_spark(self) -> None:
        if self.spark is not None:
            await self.spark.close()

    def engines(self) -> list[tuple[Backend, Dialect]]:
        assert self.spark
        return [*super().engines(), (self.spark, "spark"), (self.spark, "databricks")]


def _arrow(column_type: ColumnType) -> pa.DataType:
    if column_type.kind == "decimal":
        return pa.decimal128(column_type.precision, column_type.scale)
    return _ARROW[column_type.kind]


@pytest.fixture(scope="module")
async def pins(tmp_path_factory: pytest.TempPathFactory, server: ConnectServer) -> AsyncIterator[Pins]:
    session = Session("setup", server.url)
    async with open_pins(tmp_path_factory.mktemp("pins")) as opened:
        files = tmp_path_factory.mktemp("pins-parquet")
        on_spark = SparkPins(
            root=opened.root, url=opened.url, postgres=opened.postgres, server=server, session=session, files=files
        )
        yield on_spark
        assert on_spark.heard.contradicts() == []
        await on_spark.close_lake()
        await on_spark.close_spark()
    session.end()


async def test_every_word_of_spark_can_be_a_name(server: ConnectServer) -> None:
    session = Session("setup", server.url)
    words = [str(word).lower() for word, _ in session.rows("SELECT * FROM sql_keywords()", {}, "words")[1]]
    assert len(words) > 300
    names = [identifier(word).sql("spark") for word in words]
    quoted = ", ".join(f"1 AS `{word}`" for word in words)
    listed = ", ".join(f"t.{name} AS {name}" for name in names)
    ordered = ", ".join(f"{name} ASC NULLS LAST" for name in names)
    columns, rows = session.rows(f"SELECT {listed} FROM (SELECT {quoted}) AS t ORDER BY {ordered} LIMIT 1", {}, "words")
    assert (list(columns), rows) == (words, [(1,) * len(words)])
    session.end()
