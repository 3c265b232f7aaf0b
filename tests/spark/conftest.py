"""Spark in the tests: `make test-spark` runs these, in an environment that has the client, against a server of its own.

The ordinary run has neither; there is nothing to collect then.
"""

import os
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from assay.catalog.workspace import Workspace
from assay.engines.spark.driver import SparkBackend

IS_ON = "ASSAY_SPARK_HOME" in os.environ and find_spec("pyspark") is not None
collect_ignore_glob = [] if IS_ON else ["test_*.py"]

if IS_ON:
    from assay.engines.spark.client import Session
    from tests.spark.server import ConnectServer, lay_table


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[ConnectServer]":
    started = ConnectServer(tmp_path_factory.mktemp("spark"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
async def spark(server: "ConnectServer") -> AsyncIterator[SparkBackend]:
    backend = SparkBackend("spark", server.url)
    yield backend
    await backend.close()


@pytest.fixture(scope="session")
def demo_tables(server: "ConnectServer", lake: Path, workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The demo's rows on Spark: those of the tests' lakehouse, by way of Parquet."""
    folder = tmp_path_factory.mktemp("parquet")
    session = Session("setup", server.url)
    with duckdb.connect(str(lake), read_only=True) as opened:
        for table in workspace.dictionary.tables.values():
            if table.lies_in("spark"):
                opened.execute(f"COPY {table.qualified} TO '{folder / table.name}.parquet' (FORMAT parquet)")
                lay_table(session, table, folder / f"{table.name}.parquet")
    session.end()
