"""What the driver promises of MariaDB: it only reads, ends what nobody waits for, and hands over no value that was cut."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncmy
import pytest

from assay.backends.protocol import NotConfigured, Rows
from assay.backends.registry import Surroundings, open_backend
from assay.catalog.types import held_type
from assay.catalog.workspace import BackendSettings, load_workspace
from assay.compiler.held import as_described
from assay.compiler.question import Asked, resolve_question
from assay.compiler.statement import compile_question
from assay.engines.mariadb.driver import MariaDBBackend
from assay.engines.mariadb.values import literal, with_values
from assay.errors import BackendTimeout, BackendUnavailable, BadQuestion, StatementFailed
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.conftest import eventually
from tests.engine.test_bounds import unjudged
from tests.mariadb.filled import statements
from tests.mariadb.server import fresh_name
from tests.unit.small import NOW, write_shop

COLUMNS = (
    "id INT UNSIGNED PRIMARY KEY, tiny TINYINT, is_on TINYINT(1), big BIGINT UNSIGNED, price DECIMAL(10,2), rate FLOAT,"
    " at TIMESTAMP(3) NULL, wall DATETIME, day DATE, exact VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin,"
    " folded VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, padded VARCHAR(9) COLLATE utf8mb4_bin,"
    " old VARCHAR(20) CHARACTER SET latin1, kind ENUM('b','a'), UNIQUE (tiny, day), UNIQUE (exact(3)), INDEX (wall)"
)


@pytest.fixture(scope="module")
async def table(server: str) -> AsyncIterator[str]:
    schema = fresh_name("kept")
    await statements(
        server, f"CREATE DATABASE {schema}", f"CREATE TABLE {schema}.thing ({COLUMNS})",
        "SET sql_mode = ''",
        f"INSERT INTO {schema}.thing (id, day, price, exact, folded) VALUES (1, '0000-00-00', 1.10, 'a', 'a'),"
        " (2, '2026-03-01', 2.20, 'A', 'A'), (3, '2026-03-01', 3.30, 'a ', 'a ')",
    )  # fmt: skip
    yield f"{schema}.thing"
    await statements(server, f"DROP DATABASE {schema}")


@pytest.fixture
async def backend(server: str) -> AsyncIterator[MariaDBBackend]:
    opened = MariaDBBackend("shop", server)
    yield opened
    await opened.close()


async def asked(backend: MariaDBBackend, text: str, seconds: float = 20) -> Rows:
    return await backend.run(unjudged(text, "mariadb"), {}, ["shop.thing"], seconds)


async def test_columns_are_told_with_what_decides_about_their_values(backend: MariaDBBackend, table: str) -> None:
    assert await backend.describe(table) == {
        "id": "int unsigned", "tiny": "tinyint", "is_on": "tinyint(1)", "big": "bigint unsigned", "price": "decimal(10,2)",
        "rate": "float", "at": "timestamp", "wall": "datetime", "day": "date", "exact": "varchar(20)",
        "folded": "collated text", "padded": "collated text", "old": "collated text", "kind": "collated text",
    }  # fmt: skip
    assert await backend.describe("nowhere.thing") is None
    assert held_type("int unsigned", "mariadb").bits == 63
    assert held_type("collated text", "mariadb").kind == "collated"


async def test_a_key_is_enforced_where_an_index_keeps_whole_columns_unique(backend: MariaDBBackend, table: str) -> None:
    assert sorted(map(sorted, await backend.enforced_keys(table))) == [["day", "tiny"], ["id"]]


@pytest.mark.parametrize(
    "text",
    ["INSERT INTO {0} (id) VALUES (9)", "DELETE FROM {0}", "DROP TABLE {0}", "CREATE TABLE {0}_2 (a INT)",
     "SELECT 1; DELETE FROM {0}"],
)  # fmt: skip
async def test_a_session_changes_nothing_whoever_it_belongs_to(backend: MariaDBBackend, table: str, text: str) -> None:
    with pytest.raises(StatementFailed, match="READ ONLY"):
        await asked(backend, text.format(table))
    assert (await asked(backend, f"SELECT COUNT(*) FROM {table}")).rows == [(3,)]


async def test_what_the_server_would_cut_in_silence_is_refused(backend: MariaDBBackend, table: str) -> None:
    for text in ("SELECT CAST(99999999999999999999 AS SIGNED)", "SELECT CAST(1e30 AS DECIMAL(20,2))", "SELECT 1/0",
                 "SELECT CAST('abc' AS DOUBLE)", "SELECT CAST('2026-02-30' AS DATE)"):  # fmt: skip
        with pytest.raises(StatementFailed, match="gave another value than was asked for"):
            await asked(backend, text)
    assert (await asked(backend, "SELECT 1")).rows == [(1,)]


async def test_a_day_that_is_none_reaches_nobody_as_empty(backend: MariaDBBackend, table: str) -> None:
    assert (await asked(backend, f"SELECT MIN(day) FROM {table}")).rows == [("0000-00-00",)]


async def test_a_statement_that_takes_too_long_ends_on_the_server_too(backend: MariaDBBackend, server: str) -> None:
    mark = fresh_name("slow")
    with pytest.raises(BackendTimeout, match=r"took longer than 0\.3 s"):
        await asked(backend, f"SELECT SLEEP(600) AS {mark}", 0.3)
    waiting = asyncio.create_task(asked(backend, f"SELECT SLEEP(600) AS {mark}"))
    await eventually(lambda: _runs(server, mark, True))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await eventually(lambda: _runs(server, mark, False))
    assert (await asked(backend, "SELECT 1")).rows == [(1,)]


async def _runs(server: str, mark: str, wanted: bool) -> bool:
    """Whether a statement runs there, or does not, as wanted."""
    host, port = server.removeprefix("mariadb://root@").split(":")
    connection = await asyncmy.connect(host=host, port=int(port), user="root")
    try:
        async with connection.cursor() as cursor:
            await cursor.execute("SELECT INFO FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()")
            return any(mark in (text or "") for (text,) in await cursor.fetchall()) == wanted
    finally:
        connection.close()


async def test_a_result_is_bounded(backend: MariaDBBackend) -> None:
    with pytest.raises(StatementFailed, match="larger than 64 MB"):
        await asked(backend, "SELECT REPEAT('x', 10000000) FROM (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL"
                             " SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7) AS seven")  # fmt: skip
    assert (await asked(backend, "SELECT 1")).rows == [(1,)]


async def test_a_value_stays_a_value_whatever_is_written_in_it(backend: MariaDBBackend) -> None:
    for value in ("it's", "\\", "\\'", "a' OR 1=1 -- ", ":p1", "'':p1''", "%s", "\x00", "𝄞", "`", '"'):
        statement = unjudged(":p1", "mariadb")
        text = with_values(f"SELECT {statement.text} AS a, ':p1' AS b, :p1 AS `:p1`", {"p1": value})
        assert (await asked(backend, text)).rows == [(value, ":p1", value)]
    for value in (float("nan"), float("inf"), object()):
        with pytest.raises(StatementFailed, match="no type for"):
            literal(value)


async def test_doubles_come_back_to_the_last_digit(backend: MariaDBBackend) -> None:
    for value in (0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 123456789.12345679, -0.1 - 0.2, 1e22, 2.0**53 + 2):
        assert (await asked(backend, f"SELECT {literal(value)}")).rows == [(value,)]


async def test_nobody_there_and_a_bad_address_are_told_apart(server: str, tmp_path: Path) -> None:
    gone = MariaDBBackend("shop", "mariadb://root@127.0.0.1:9")
    with pytest.raises(BackendUnavailable, match="shop does not answer"):
        await asked(gone, "SELECT 1")
    assert not (await gone.health()).ok
    bad = MariaDBBackend("shop", "mysql://root:secret@127.0.0.1:9")
    with pytest.raises(BackendUnavailable, match=r"^shop: its url cannot be read\.$") as refused:
        await asked(bad, "SELECT 1")
    assert "secret" not in str(refused.value.mend)
    stranger = MariaDBBackend("shop", server.replace("root@", "nobody:wrong@"))
    with pytest.raises(BackendUnavailable, match="Access denied"):
        await asked(stranger, "SELECT 1")
    missing = open_backend(BackendSettings("shop", "mariadb", {}, (), 1), Surroundings("", "", tmp_path))
    assert isinstance(missing, NotConfigured)
    assert "lacks url" in missing.reason
    for each in (gone, bad, stranger):
        await each.close()


async def test_the_version_is_the_time_and_says_so(backend: MariaDBBackend) -> None:
    assert (await backend.data_version(["shop.thing"])).kind == backend.version_kind == "time_bucket"
    assert (await backend.health()).detail.startswith("MariaDB 1")


async def test_a_key_of_folded_text_is_refused_and_every_other_use_of_it_is_exact(
    backend: MariaDBBackend, table: str, server: str, tmp_path: Path
) -> None:
    tables = {"parent": "name string", "child": "child_id int, name string?, at timestamp?"}
    metric = "metrics:\n  - {id: m, label: M, definition: M., entity: child, measure: COUNT(DISTINCT name), owner: me,\n"
    metric += "     refresh_seconds: 1, dimensions: [name, {name: of, column: parent.name}]}\n"
    root = write_shop(tmp_path, metrics=metric, tables=tables, joins=("child.name parent.name",))
    workspace = load_workspace(root, {})
    assert not workspace.findings
    folding = "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
    await statements(
        server, "DROP DATABASE IF EXISTS shop", "CREATE DATABASE shop", f"CREATE TABLE shop.parent (name {folding})",
        f"CREATE TABLE shop.child (child_id INT, name {folding}, at TIMESTAMP NULL)",
        "INSERT INTO shop.child VALUES (1, 'a', NULL), (2, 'A', NULL), (3, 'a ', NULL), (4, 'a', NULL)",
    )  # fmt: skip
    described = {name: await backend.describe(name) or {} for name in ("shop.parent", "shop.child")}
    held, policy = as_described(described, "mariadb"), Policy.from_dictionary(workspace.dictionary)

    async def rows(**fields: object) -> list[tuple[object, ...]]:
        question = resolve_question(("m",), Asked.model_validate(fields), workspace, NOW, EVERYTHING)
        statement = compile_question(question, "mariadb", policy, held)
        return (await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 20)).rows

    assert await rows() == [(3,)]
    order = [{"by": "name", "descending": False}]
    assert await rows(dimensions=["name"], order=order) == [("A", 1), ("a", 1), ("a ", 1)]
    one = [{"dimension": "name", "op": "eq", "values": ["A"]}]
    assert await rows(dimensions=["name"], filters=one) == [("A", 1)]
    with pytest.raises(BadQuestion, match=r"name is a key of text that mariadb compares by its collation"):
        await rows(dimensions=["of"])
