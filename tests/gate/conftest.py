"""What the gate's tests share: the small dictionary, its policy, and engines that hold its tables."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from assay.catalog.dictionary import Dictionary, load_dictionary
from assay.gate import Policy
from tests.gate.engines import Postgres, open_duckdb, open_postgres


@pytest.fixture(scope="session")
def dictionary() -> Dictionary:
    loaded = load_dictionary(Path(__file__).parent / "dictionary")
    assert loaded.findings == ()
    return loaded


@pytest.fixture(scope="session")
def policy(dictionary: Dictionary) -> Policy:
    return Policy.from_dictionary(dictionary)


@pytest.fixture(scope="session")
def everything(dictionary: Dictionary) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with all tables and columns, known and unknown."""
    with open_duckdb(dictionary, allowed_only=False) as connection:
        yield connection


@pytest.fixture(scope="session")
def allowed(dictionary: Dictionary) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with nothing but what may be read."""
    with open_duckdb(dictionary, allowed_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgres(dictionary: Dictionary) -> Iterator[Postgres]:
    with open_postgres(dictionary) as opened:
        yield opened
