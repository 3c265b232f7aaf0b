"""`assay init` on databases that nobody here designed: the workspace it writes is whole, starts, and answers rightly."""

import json
import os
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import duckdb
import pytest
from tests.conftest import ANCHOR, House, cloned_database, open_house
from typer.testing import CliRunner

from assay.backends.registry import Surroundings, open_backend
from assay.catalog.workspace import load_workspace
from assay.cli.commands import app
from assay.cli.init import Made, make_workspace
from assay.errors import SetupFailed
from assay.live.validation import Report, validate

NASTY = Path(__file__).parent / "nasty"
BOUNDS = {"start": "2026-02-10", "end": "2026-03-12"}
TIMED = " WHERE {time} >= '2026-02-10' AND {time} < '2026-03-12'"


@dataclass(frozen=True)
class Drafted:
    made: Made
    house: House
    url: str
    admin_url: str


async def nothing_said(source: str, into: Path | None, *schemas: str) -> Made:
    return await make_workspace(source, into, schemas, ANCHOR, lambda _: None)


async def run(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@asynccontextmanager
async def nasty_database() -> AsyncIterator[tuple[str, str]]:
    """(URL of a role that may only look at most of it, URL of the owner)"""
    server, mark = os.environ["ASSAY_TEST_URL"], uuid.uuid4().hex[:8]
    owner, name, role = f"{server}/assay", f"Nasty Shop {mark}", f"looker_{mark}"
    here = f"{server}/{quote(name)}"
    await run(owner, f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        await run(here, (NASTY / "postgres.sql").read_text())
        await run(
            here,
            f"""
            CREATE ROLE {role} LOGIN PASSWORD 'hush-hush';
            GRANT USAGE ON SCHEMA sales, "Legacy Data", archive, public, "select", "dot.ted", assay TO {role};
            GRANT SELECT ON ALL TABLES IN SCHEMA sales, "Legacy Data", archive, public, "select", "dot.ted", assay TO {role};
            REVOKE ALL ON sales.payroll, sales.partly FROM {role};
            GRANT SELECT (id, amount) ON sales.partly TO {role};""",
        )
        yield f"postgresql://{role}:hush-hush@{server.rpartition('@')[2]}/{quote(name)}", here
    finally:
        await run(owner, f'DROP DATABASE "{name}" WITH (FORCE)')
        await run(owner, f"DROP ROLE IF EXISTS {role}")


@asynccontextmanager
async def served(made: Made, url: str, admin_url: str, lake: Path, home: Path) -> AsyncIterator[Drafted]:
    with pytest.MonkeyPatch.context() as patch:
        if made.variable:
            patch.setenv(made.variable, url)
        async with cloned_database() as store, open_house(store, made.folder, lake, home) as house:
            yield Drafted(made, house, url, admin_url)


@pytest.fixture(scope="module")
async def nasty(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Drafted]:
    folder = tmp_path_factory.mktemp("nasty")
    async with nasty_database() as (url, admin_url):
        made = await nothing_said(url, folder / "shop")
        async with served(made, url, admin_url, lake, folder / "home") as drafted:
            yield drafted


@pytest.fixture(scope="module")
async def nasty_file(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Drafted]:
    folder = tmp_path_factory.mktemp("nasty-file")
    path = folder / "sales.duckdb"
    with duckdb.connect(str(folder / "made.duckdb")) as connection:
        connection.execute((NASTY / "duckdb.sql").read_text())
    (folder / "made.duckdb").rename(path)
    made = await nothing_said(f"duckdb://{path}", folder / "shop")
    async with served(made, "", str(path), lake, folder / "home") as drafted:
        yield drafted


# What each drafted metric must give, in SQL written by hand: (aggregate, table, time column or none).
_LINES = 'sales."Order Details" JOIN sales."order" AS placed ON placed.id = order_id'
EXPECTED: dict[str, tuple[str, str, str | None]] = {
    "revenue": ("SUM(total_usd)", 'sales."order"', '"placed At"'),
    "orders_sales": ("COUNT(*)", 'sales."order"', '"placed At"'),
    "freight_cost": ('SUM("Freight Cost")', 'sales."order"', '"placed At"'),
    "average_order_value": ("AVG(total_usd)", 'sales."order"', '"placed At"'),
    "units_sold": ("SUM(quantity)", 'sales."order"', '"placed At"'),
    "buyers_with_orders_sales": ("COUNT(DISTINCT buyer)", 'sales."order"', '"placed At"'),
    "payers_with_orders_sales": ("COUNT(DISTINCT payer)", 'sales."order"', '"placed At"'),
    "average_discount_rate": ("AVG(discount_rate)", 'sales."order"', '"placed At"'),
    "average_order_value_of_orders_sales": ("AVG(value)", 'sales."order"', '"placed At"'),
    "units_sold_of_order_details": ('SUM("Quantity")', _LINES, 'placed."placed At"'),
    "average_order_freight_cost": ('AVG("Freight Cost")', 'sales."order"', '"placed At"'),
    "order_details": ("COUNT(*)", _LINES, 'placed."placed At"'),
    "partlies": ("COUNT(*)", "sales.partly", None),
    "partly_amount": ("SUM(amount)", "sales.partly", None),
    "dailies": ("COUNT(*)", "sales.daily", "day"),
    "order_details_per_order": ("COUNT(*)::float8 / COUNT(DISTINCT order_id)", _LINES, 'placed."placed At"'),
    "a_column_of_sixty_three_which_is_as_long_as_they_may_be": (
        'SUM("a column of sixty-three bytes, which is as long as they may be.!")',
        'public."a name of sixty-three bytes, which is as long as PostgreSQL all"',
        None,
    ),
    "revenue_of_orders_archive": ("SUM(total)", 'archive."order"', "order_date"),
    "orders_archive": ("COUNT(*)", 'archive."order"', "order_date"),
    "average_order_value_of_orders_archive": ("AVG(total)", 'archive."order"', "order_date"),
    "readings": ("COUNT(*)", "public.reading", '"time"'),
    "metric": ("COUNT(*)", 'public."заказы"', '"время"'),
    "average_reading_value": ("AVG(value)", "public.reading", '"time"'),
    "average": ('AVG("сумма")', 'public."заказы"', '"время"'),
    "a_name_of_sixty_three_bytes_which_is_as_long_as_postgre": (
        "COUNT(*)",
        'public."a name of sixty-three bytes, which is as long as PostgreSQL all"',
        None,
    ),
    "average_dot_ted": ('AVG("dot.ted")', 'public."a name of sixty-three bytes, which is as long as PostgreSQL all"', None),
    "returned_items": ("COUNT(*)", '"Legacy Data"."Returned Items"', '"Returned On"'),
    "refund_amount": ('SUM("Refund Amount")', '"Legacy Data"."Returned Items"', '"Returned On"'),
    "average_returned_item_refund_amount": ('AVG("Refund Amount")', '"Legacy Data"."Returned Items"', '"Returned On"'),
    "froms": ("COUNT(*)", '"select"."from"', '"table"'),
}
EXPECTED_OF_FILE: dict[str, tuple[str, str, str | None]] = {
    "groups": ("COUNT(*)", 'file.sales."group"', '"happened At"'),
    "group_amount": ("SUM(amount_eur)", 'file.sales."group"', '"happened At"'),
    "group_quantity": ("SUM(quantity)", 'file.sales."group"', '"happened At"'),
    "views": ("SUM(views)", 'file.sales."group"', '"happened At"'),
    "average_group_value": ("AVG(amount_eur)", 'file.sales."group"', '"happened At"'),
    "links": ("COUNT(*)", "file.main.link", None),
}


def same(answered: object, expected: object) -> bool:
    if answered is None or expected is None:
        return answered is expected
    if isinstance(answered, float):
        return answered == pytest.approx(float(str(expected)), rel=1e-12)
    return Decimal(str(answered)) == Decimal(str(expected))


async def check_metrics(drafted: Drafted, expected: dict[str, tuple[str, str, str | None]], fetch: Any) -> None:
    """Every drafted metric in a window, and divided by every dimension that it has."""
    assert set(drafted.made.draft.starter.metric_ids) == set(expected)
    workspace = load_workspace(drafted.made.folder)
    for metric_id, (aggregate, table, time) in expected.items():
        asked: dict[str, Any] = {"window": BOUNDS} if time else {}
        total = (await drafted.house.ask(metric_id, **asked))["rows"][0][0]
        # A sum over no rows is 0; over rows that all lack a value it is unknown.
        summed = f"CASE WHEN COUNT(*) = 0 THEN 0 ELSE {aggregate} END" if aggregate.startswith("SUM(") else aggregate
        wanted = await fetch(f"SELECT {summed} FROM {table}" + (TIMED.format(time=time) if time else ""))
        assert same(total, wanted), (metric_id, total, wanted)
        for name, dimension in workspace.metrics[metric_id].dimensions.items():
            rows = (await drafted.house.ask(metric_id, dimensions=[name], **asked))["rows"]
            if aggregate == "COUNT(*)":
                assert sum(row[1] for row in rows) == total, (metric_id, name)
            if rows and rows[0][0] is not None and dimension.type.kind in ("string", "boolean"):
                only = [{"dimension": name, "op": "eq", "values": [rows[0][0]]}]
                assert same((await drafted.house.ask(metric_id, filters=only, **asked))["rows"][0][0], rows[0][1])


async def check_tiles(house: House) -> int:
    dashboard = (await house.client.get("/v1/dashboards/overview")).json()
    filled = 0
    for tile in dashboard["tiles"]:
        for question in filter(None, (tile["widget"]["question"], tile["widget"]["spark"])):
            response = await house.client.post("/v1/data", json={"questions": [{"key": "one", **question}]})
            assert response.status_code == 200, response.text
            (answer,) = response.json()["answers"]
            assert answer["problem"] is None, (tile["widget_id"], answer)
            rows = answer["answer"]["rows"]
            filled += bool(rows and rows[0][-1] is not None)
    return filled


async def whole(drafted: Drafted) -> Report:
    """Structure and live, as `assay validate --live` has it."""
    workspace = load_workspace(drafted.made.folder)
    around = Surroundings("postgresql://nobody@127.0.0.1/none", "", drafted.house.settings.home)
    backends = {name: open_backend(each, around) for name, each in workspace.backends.items()}
    try:
        return await validate(drafted.made.folder, backends)
    finally:
        for backend in backends.values():
            await backend.close()  # pyright: ignore[reportAttributeAccessIssue]


async def test_what_is_drafted_from_a_nasty_postgres_is_whole(nasty: Drafted) -> None:
    assert nasty.made.findings == []
    report = await whole(nasty)
    assert [str(each) for each in report.findings] == []
    assert report.checked == ["structure", nasty.made.draft.backend]
    assert nasty.house.running.problems() == []


async def test_every_metric_drafted_from_postgres_is_right(nasty: Drafted) -> None:
    connection = await asyncpg.connect(nasty.admin_url, server_settings={"timezone": "UTC"})
    try:
        await check_metrics(nasty, EXPECTED, connection.fetchval)
    finally:
        await connection.close()


async def test_the_tiles_drafted_from_postgres_all_answer(nasty: Drafted) -> None:
    assert await check_tiles(nasty.house) >= 8


async def test_an_enum_is_divided_and_ordered_as_text(nasty: Drafted) -> None:
    answer = await nasty.house.ask("orders_sales", dimensions=["mood"], window=BOUNDS, order=[{"by": "mood"}])
    assert [row[0] for row in answer["rows"]] == ["sad", "ok", "Happy", None]
    nobody = [{"dimension": "mood", "op": "eq", "values": ["furious"]}]
    assert (await nasty.house.ask("orders_sales", filters=nobody, window=BOUNDS))["rows"] == [[0]]


async def test_what_was_left_out_of_postgres_is_said(nasty: Drafted) -> None:
    left_out = {each.what: each.reason for each in nasty.made.draft.left_out}
    assert left_out["sales.payroll"] == left_out["secret.plans"] == "the role may not read it"
    assert left_out["2 partitions"]
    assert "point" in left_out["public.with.point"]
    assert "point" in left_out["dot.ted.lost"]
    assert left_out["public.without_columns"] == "it has no columns"
    assert "jsonb" in left_out["sales.user.profile"]
    assert "may not read" in left_out["sales.partly.hidden"]
    tables = nasty.made.draft.dictionary.tables
    assert not any(name.startswith(("assay.", "pg_", "information_schema.", "secret.")) for name in tables)
    assert "public.reading_old" not in tables


async def test_columns_keys_and_joins_of_postgres_are_as_they_are_there(nasty: Drafted) -> None:
    known = load_workspace(nasty.made.folder).dictionary
    order = known.tables["sales.order"]
    assert {name: column.type.text for name, column in order.columns.items()} == {
        "id": "string; uuid", "group": "string", "select": "int", "buyer": "bigint", "payer": "bigint",
        "mood": "string; mood", "total_usd": "decimal(12,2); usd_amount", "Freight Cost": "double; numeric",
        "discount_rate": "double", "quantity": "int", "placed At": "timestamp", "updated_at": "timestamp_ntz",
        "waiting": "other; interval", "value": "int",
    }  # fmt: skip
    assert order.description == 'What was bought; with "quotes", and a comma.'
    assert order.columns["quantity"].description == "Pieces, never negative"
    assert known.tables["sales.Order Details"].primary_key == ("order_id", "Line No")
    # Nobody declared it, and no two rows share one.
    assert known.tables["archive.order"].primary_key == ("id",)
    assert known.tables["sales.product"].business_key == ("name",)
    joins = {(each.from_table, each.from_columns, each.to_table, each.to_columns) for each in known.joins}
    assert joins == {
        ("sales.user", ("referred_by",), "sales.user", ("customerId",)),
        ("sales.order", ("buyer",), "sales.user", ("customerId",)),
        ("sales.order", ("payer",), "sales.user", ("customerId",)),
        ("sales.Order Details", ("order_id",), "sales.order", ("id",)),
        ("sales.Order Details", ("product",), "sales.product", ("code",)),
        ("Legacy Data.Returned Items", ("Order", "Line"), "sales.Order Details", ("order_id", "Line No")),
        ("public.department", ("head",), "public.employee", ("id",)),
        ("public.employee", ("department",), "public.department", ("id",)),
        ("public.reading", ("product_name",), "sales.product", ("name",)),
    }  # fmt: skip


async def test_personal_data_is_marked_and_never_a_dimension(nasty: Drafted) -> None:
    known = load_workspace(nasty.made.folder)
    marks = {
        f"{table.qualified}.{column.name}": column.pii
        for table in known.dictionary.tables.values()
        for column in table.columns.values()
        if column.pii
    }
    assert marks == {
        "public.employee.name": "name", "public.employee.emailAddress": "email", "sales.user.firstName": "name",
        "sales.user.email": "email", "sales.user.birthDate": "birth date", "sales.user.ip_address": "network address",
    }  # fmt: skip
    named = [f"{each.table}.{each.column.name}" for metric in known.metrics.values() for each in metric.dimensions.values()]
    assert not set(named) & set(marks)
    assert any("sales.user.email (email)" in line for line in nasty.made.lines())


async def test_the_address_of_the_database_is_in_no_file(nasty: Drafted) -> None:
    texts = [path.read_text() for path in nasty.made.folder.rglob("*.*") if path.is_file()]
    assert len(texts) > 8
    assert not any("hush-hush" in text or "127.0.0.1" in text for text in texts)
    assert f"url: ${{{nasty.made.variable}}}" in (nasty.made.folder / "assay.yaml").read_text()
    assert any(str(nasty.made.variable) in line for line in nasty.made.lines())
    assert "hush-hush" not in "\n".join(nasty.made.lines()) + str(nasty.made.body())
    assert any(f"export {nasty.made.variable}=" in line for line in nasty.made.next())
    read_from_it = replace(nasty.made, is_set=True)
    assert not any("export" in line for line in read_from_it.next())
    assert any(str(nasty.made.variable) in line for line in read_from_it.lines())


async def test_rows_that_come_into_a_partition_are_seen(nasty: Drafted) -> None:
    """The parent keeps no statistics of its own: without those of its partitions an answer would never move."""
    asked = {"window": {"start": "2026-05-01", "end": "2026-05-02"}}
    assert (await nasty.house.ask("readings", **asked))["rows"] == [[0]]
    await run(nasty.admin_url, "INSERT INTO public.reading_new VALUES ('s9', NULL, 1, '2026-05-01 12:00');"
                               " SELECT pg_stat_force_next_flush()")  # fmt: skip
    for _ in range(200):
        if (await nasty.house.ask("readings", **asked))["rows"] == [[1]]:
            break
    else:
        pytest.fail("the row never came")
    await run(nasty.admin_url, "DELETE FROM public.reading WHERE sensor = 's9'")


async def test_what_is_drafted_from_a_nasty_file_is_whole_and_right(nasty_file: Drafted) -> None:
    assert nasty_file.made.findings == []
    assert [str(each) for each in (await whole(nasty_file)).findings] == []
    assert nasty_file.house.running.problems() == []
    # The file is open in this process already, under another name: a copy is read beside it.
    copy = Path(nasty_file.admin_url).with_name("copy.duckdb")
    shutil.copyfile(nasty_file.admin_url, copy)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{copy}' AS file (READ_ONLY)")

        async def fetch(sql: str) -> object:
            row = connection.execute(sql).fetchone()
            return row and row[0]

        await check_metrics(nasty_file, EXPECTED_OF_FILE, fetch)
    assert await check_tiles(nasty_file.house) >= 4


async def test_types_and_joins_of_a_file_are_as_they_are_there(nasty_file: Drafted) -> None:
    known = load_workspace(nasty_file.made.folder).dictionary
    assert {name: column.type.text for name, column in known.tables["sales.group"].columns.items()} == {
        "id": "string; uuid", "kind": "int", "order": "string; enum", "amount_eur": "decimal(18,3)", "quantity": "bigint",
        "views": "decimal(20,0); ubigint", "small": "int; utinyint", "happened At": "timestamp_ntz",
        "seen": "timestamp", "wall": "timestamp_ntz", "parts": "other; struct", "list": "other; integer[]",
        "took": "other; interval", "blob": "other; blob", "clock": "other; time", "MixedCase": "string",
    }  # fmt: skip
    assert [(each.from_table, each.to_table) for each in known.joins] == [("main.link", "main.kind")]
    assert known.tables["main.link"].primary_key == ("a", "b")
    left_out = {each.what: each.reason for each in nasty_file.made.draft.left_out}
    assert "cannot read struct" in left_out["sales.group.parts"].lower()
    assert "cannot be read" in left_out["main.gone"]


@pytest.mark.parametrize("kept", ["notes.txt", "assay.yaml"])
async def test_a_folder_with_something_in_it_is_not_written_over(nasty_file: Drafted, tmp_path: Path, kept: str) -> None:
    (tmp_path / kept).write_text("mine")
    with pytest.raises(SetupFailed, match="not empty") as refused:
        await nothing_said(f"duckdb://{nasty_file.admin_url}", tmp_path)
    assert "--into" in str(refused.value.mend)
    assert os.listdir(tmp_path) == [kept]
    with pytest.raises(SetupFailed, match="not a folder"):
        await nothing_said(f"duckdb://{nasty_file.admin_url}", tmp_path / kept)


async def test_an_empty_folder_is_filled(nasty_file: Drafted, tmp_path: Path) -> None:
    made = await nothing_said(f"duckdb://{nasty_file.admin_url}", tmp_path)
    assert (tmp_path / "assay.yaml").exists()
    assert made.counts()["metrics"] == len(EXPECTED_OF_FILE)


async def test_only_the_schemas_that_were_named_are_read(nasty: Drafted, tmp_path: Path) -> None:
    made = await nothing_said(nasty.url, tmp_path / "part", "archive", "select")
    assert set(made.draft.dictionary.tables) == {"archive.order", "select.from"}
    with pytest.raises(SetupFailed, match="no schema 'archiv'") as refused:
        await nothing_said(nasty.url, tmp_path / "none", "archiv")
    assert "archive" in str(refused.value.mend)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "source", ["mysql://host/db", "shop.db", "duckdb:///no/such/file.duckdb", "postgresql://u:hush-hush@127.0.0.1:1/none",
               "postgresql://u:hush-hush@127.0.0.1:notaport/none"],
)  # fmt: skip
async def test_a_source_that_cannot_be_read_is_refused_with_a_mend(source: str, tmp_path: Path) -> None:
    with pytest.raises(SetupFailed) as refused:
        await nothing_said(source, tmp_path / "shop")
    assert refused.value.mend
    assert "hush" not in refused.value.detail + refused.value.mend
    assert os.listdir(tmp_path) == []


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.duckdb").write_text("words")
    with pytest.raises(SetupFailed, match="cannot be opened"):
        await nothing_said(f"duckdb://{tmp_path}/text.duckdb", tmp_path / "shop")


async def test_a_database_without_a_table_to_read_is_refused(tmp_path: Path) -> None:
    async with nasty_database() as (url, admin_url):
        await run(admin_url, "DROP SCHEMA sales, archive, \"select\", \"Legacy Data\", public CASCADE")  # fmt: skip
        with pytest.raises(SetupFailed, match="no table") as refused:
            await nothing_said(url, tmp_path / "shop")
        assert "GRANT SELECT" in str(refused.value.mend)


async def test_a_table_that_somebody_holds_is_drafted_from_its_names(nasty: Drafted, tmp_path: Path) -> None:
    holder = await asyncpg.connect(nasty.admin_url)
    try:
        async with holder.transaction():
            await holder.execute('LOCK TABLE "select"."from" IN ACCESS EXCLUSIVE MODE')
            made = await nothing_said(nasty.url, tmp_path / "shop", "select")
    finally:
        await holder.close()
    assert made.draft.starter.metric_ids == ["froms"]


def test_the_command_prints_what_it_made_and_takes_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with duckdb.connect(str(tmp_path / "Web Shop.duckdb")) as connection:
        connection.execute("CREATE TABLE visit (seen_at timestamp, email varchar, parts integer[], minutes integer)")
        connection.execute("CREATE TABLE other (parts integer[])")
    printed = CliRunner().invoke(app, ["init", "--from", "duckdb:///Web%20Shop.duckdb"])
    assert printed.exit_code == 0, printed.output
    assert f"{tmp_path / 'web_shop'}: 2 tables, 5 columns, 0 joins, 3 metrics" in printed.stdout
    assert "main.other.parts, main.visit.parts: Assay cannot read INTEGER[]" in printed.stdout
    assert "main.visit.email (email)" in printed.stdout
    assert "assay up --workspace web_shop" in printed.stdout
    told = CliRunner().invoke(app, ["init", "--from", "duckdb:///Web%20Shop.duckdb", "--into", "second", "--json"])
    body = json.loads(told.stdout)
    assert (body["tables"], body["columns"], body["joins"], body["metrics"]) == (2, 5, 0, 3)
    assert body["personal"] == ["main.visit.email (email)"]
    assert body["findings"] == []
    assert body["next"] == ["assay up --workspace second"]
    refused = CliRunner().invoke(app, ["init", "--from", "duckdb:///Web%20Shop.duckdb", "--into", "second"])
    assert isinstance(refused.exception, SetupFailed)
