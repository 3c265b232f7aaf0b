"""`assay init --from` a file: CSV, Parquet, Excel, SQLite. It comes into a DuckDB of the workspace, each value as it was."""

import asyncio
import csv
import os
import re
import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import xlsxwriter
from click.testing import Result
from tests.unit.small import write_shop
from typer.testing import CliRunner

from assay.catalog.workspace import load_workspace
from assay.cli.commands import app
from assay.cli.init import Made, make_workspace
from assay.cli.refresh import propose
from assay.errors import RouteRefused, SetupFailed
from assay.routing.file import read_routing_file
from assay.setup.folder import take_in

NOW = datetime(2026, 3, 17, 12, tzinfo=UTC)


async def made_of(source: Path | str, into: Path) -> Made:
    return await make_workspace(str(source), into, (), NOW, lambda _: None)


def rows(made: Made, sql: str) -> list[tuple[object, ...]]:
    workspace = load_workspace(made.folder)
    (lake,) = workspace.lakes
    assert Path(lake.values["path"]).parent == made.folder
    with duckdb.connect(lake.values["path"], read_only=True) as connection:
        return connection.execute(sql).fetchall()


async def test_a_csv_becomes_a_workspace_with_a_page(tmp_path: Path) -> None:
    lines = ["Order Date,Region,Sales , Customer ID,E-Mail"]
    lines += [f"2025-{1 + n % 12:02}-{1 + n % 28:02},{('North', 'South', 'East')[n % 3]},{n}.25,C-{n % 40},p{n}@example.org"
              for n in range(400)]  # fmt: skip
    (tmp_path / "Web Sales.csv").write_text("\n".join(lines) + "\n")
    made = await made_of(tmp_path / "Web Sales.csv", tmp_path / "shop")
    assert made.findings == []
    assert rows(made, 'SELECT count(*), sum("Sales"), min("Order Date")::text FROM web_sales') == [
        (400, 79_900.0, "2025-01-01")
    ]
    known = load_workspace(made.folder).metrics
    assert {each.label: each.formula for each in known.values()}["Revenue"] == 'SUM("Sales")'
    assert known["customers_with_web_sales"].formula == 'COUNT(DISTINCT "Customer ID")'
    assert set(known["revenue"].dimensions) == {"region"}
    assert made.draft.personal == ("main.web_sales.E-Mail (email)",)


async def test_what_sqlite_holds_comes_over_value_by_value(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as source:
        source.executescript(
            """CREATE TABLE customer (id INTEGER PRIMARY KEY, country TEXT, active BOOLEAN);
            CREATE TABLE "order" (id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES customer (id), placed DATETIME, day TEXT,
                total NUMERIC(10,2), note TEXT, loose, picture BLOB, rough DECIMAL(10,2), zoned TEXT);"""
        )
        source.executemany("INSERT INTO customer VALUES (?, ?, ?)", [(1, "Peru", 1), (2, "Chad", 0), (3, None, None)])
        source.executemany(
            'INSERT INTO "order" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
            [
                (
                    1,
                    1,
                    "2025-01-01 10:00:00",
                    "2025-01-01",
                    10.25,
                    'say "hi",\nnow',
                    1,
                    b"\0x",
                    0.125,
                    "2025-01-01T00:00:00Z",
                ),
                (2, 2, "2025-02-28 23:59:59.5", "2025-02-28", 2, "", "two", None, 1, "2025-01-01T00:00:00+02:00"),
                (3, 1, None, None, None, None, 2**62, None, None, None),
            ],
        )
    source.close()
    made = await made_of(path, tmp_path / "ws")
    assert made.findings == []
    assert rows(made, 'SELECT id, placed::text, day::text, total, note, loose, rough, zoned FROM "order" ORDER BY id') == [
        (1, "2025-01-01 10:00:00", "2025-01-01", Decimal("10.25"), 'say "hi",\nnow', "1", 0.125, "2025-01-01T00:00:00Z"),
        (2, "2025-02-28 23:59:59.5", "2025-02-28", Decimal(2), "", "two", 1.0, "2025-01-01T00:00:00+02:00"),
        (3, None, None, None, None, str(2**62), None, None),
    ]
    assert rows(made, "SELECT active FROM customer ORDER BY id") == [(True,), (False,), (None,)]
    known = load_workspace(made.folder).dictionary
    assert [(each.from_columns, each.to_table) for each in known.joins] == [(("buyer",), "main.customer")]
    assert known.tables["main.order"].primary_key == ("id",)


async def test_a_folder_of_files_is_a_database_whose_keys_and_joins_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 'N' || i AS tail, 'Model ' || i % 7 AS model FROM range(50) t(i))"
                           f" TO '{folder}/planes.parquet'")  # fmt: skip
        connection.execute(f"COPY (SELECT DATE '2025-01-01' + (i % 365)::int AS day, 'N' || i % 50 AS tail, i % 40 AS delay"
                           f" FROM range(4000) t(i)) TO '{folder}/flights.csv'")  # fmt: skip
        connection.execute(
            f"COPY (SELECT 'N' || i || 'x' AS tail, i AS seats FROM range(50) t(i)) TO '{folder}/gliders.csv'"
        )
    made = await made_of(folder, tmp_path / "ws")
    assert made.findings == []
    known = load_workspace(made.folder)
    assert known.dictionary.tables["main.planes"].primary_key == ("tail",)
    assert [(each.from_table, each.to_table) for each in known.dictionary.joins] == [("main.flights", "main.planes")]
    assert any("tail leads to main.planes" in each and "all of its values" in each for each in made.draft.guessed)
    assert "plane_model" in known.metrics["flights"].dimensions


async def test_na_among_numbers_is_no_value_and_among_words_is_one(tmp_path: Path) -> None:
    lines = ["day,delay,seen_on,region,code,zip"]
    for n in range(90):
        delay, seen = "NA" if n % 9 == 0 else n - 20, "N/A" if n % 9 == 1 else "2025-03-01"
        code = "NA" if n % 9 == 2 else f"0{n}"
        lines.append(f"2025-{1 + n % 12:02}-{1 + n % 28:02},{delay},{seen},{('EU', 'NA', 'AP')[n % 3]},{code},02{n:03}")
    (tmp_path / "flights.csv").write_text("\n".join(lines) + "\n")
    made = await made_of(tmp_path / "flights.csv", tmp_path / "ws")
    assert rows(
        made,
        "SELECT count(delay), min(delay), max(seen_on), count(*) FILTER (region = 'NA'), min(code), min(zip) FROM flights",
    ) == [(80, -19, date(2025, 3, 1), 30, "00", "02000")]
    assert "average_delay" in load_workspace(made.folder).metrics


async def test_a_workbook_is_taken_in_sheet_by_sheet_without_its_titles_and_totals(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "shop.xlsx") as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        orders, customers, notes = (book.add_worksheet(each) for each in ("Orders", "Customers", "Notes"))
        orders.write_row(0, 0, ["Orders of our shop"])
        orders.write_row(2, 0, ["Order no", "Customer", "Ordered on", "Amount", "Paid"])
        for at in range(60):
            orders.write_row(3 + at, 0, [f"{at:05}", f"C{at % 7}"])
            orders.write_datetime(3 + at, 2, datetime(2025, 1 + at % 12, 1 + at % 28), day)
            orders.write_row(3 + at, 3, [10.25 + at, at % 2 == 0])
        orders.write_row(63, 0, ["Total", "", "", 1234.5])
        customers.write_row(0, 0, ["Customer", "City", "Post code"])
        for at in range(7):
            customers.write_row(1 + at, 0, [f"C{at}", ("Bergen", "Oslo")[at % 2], (5003, "0150")[at % 2]])
        notes.write(0, 0, "made by hand")
    made = await made_of(tmp_path / "shop.xlsx", tmp_path / "ws")
    assert made.findings == []
    assert rows(made, 'SELECT count(*), min("Order no"), max("Ordered on"), sum("Amount") FROM orders') == [
        (60, "00000", date(2025, 12, 24), 2385.0)
    ]
    assert rows(made, 'SELECT DISTINCT "Post code" FROM customers ORDER BY 1') == [("0150",), ("5003",)]
    known = load_workspace(made.folder)
    assert [(each.from_table, each.to_table) for each in known.dictionary.joins] == [("main.orders", "main.customers")]
    assert {"orders", "revenue"} <= set(known.metrics)


@pytest.mark.parametrize(("name", "content"), [("book.xlsx", b"PK"), ("broken.parquet", b"no"), ("broken.csv.gz", b"no")])
async def test_a_file_that_cannot_be_taken_in_leaves_nothing_behind(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SetupFailed) as refused:
        await made_of(tmp_path / name, tmp_path / "ws")
    assert refused.value.mend
    assert os.listdir(tmp_path) == [name]


def test_the_address_comes_from_the_environment_and_a_password_in_the_arguments_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*arguments: str) -> tuple[str, BaseException | None]:
        result = CliRunner().invoke(app, ["init", *arguments, "--into", str(tmp_path / "ws")])
        return result.output, result.exception

    monkeypatch.delenv("MISSING_DATABASE", raising=False)
    assert "MISSING_DATABASE is not set" in str(told("--from", "env:MISSING_DATABASE")[1])
    output, error = told("--from", "postgresql://reader:hush-hush@127.0.0.1:1/none")
    assert "env:NAME" in output
    assert "hush" not in output + str(error)
    monkeypatch.setenv("MISSING_DATABASE", "postgresql://reader:hush-hush@127.0.0.1:1/none")
    output, error = told("--from", "env:MISSING_DATABASE")
    assert "env:NAME" not in output
    assert isinstance(error, SetupFailed)


def wide(tmp_path: Path) -> Path:
    costs = ", ".join(f"i * {n} AS cost_{n}" for n in range(40))
    with duckdb.connect(str(tmp_path / "wide.duckdb")) as connection:
        connection.execute(f"""CREATE TABLE orders AS SELECT i AS id, DATE '2025-01-01' + i::int AS placed_on,
            'Group ' || i % 4 AS category, 'Kind ' || i % 3 AS kind, {costs} FROM range(300) t(i)""")
    return asyncio.run(made_of(tmp_path / "wide.duckdb", tmp_path / "ws")).folder


def add_more(folder: Path) -> Result:
    return CliRunner().invoke(app, ["init", "--more", "--into", str(folder)])


def test_more_adds_what_the_first_draft_left_out(tmp_path: Path) -> None:
    folder = wide(tmp_path)
    assert len(load_workspace(folder).metrics) == 30
    more = add_more(folder)
    assert more.exit_code == 0, more.output
    known = load_workspace(folder)
    assert known.findings == ()
    assert len(known.metrics) == 81
    assert isinstance(add_more(folder).exception, SetupFailed)


@pytest.mark.exhaustive
def test_a_file_in_the_state_folder_is_read_again_as_the_page_has_written_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, home = wide(tmp_path), tmp_path / "home"
    settings = folder / "assay.yaml"
    settings.write_text(re.sub(r"path: .*", "path: surveys/wide.duckdb", settings.read_text()))
    monkeypatch.setenv("ASSAY_HOME", str(home))
    lacking = add_more(folder).exception
    assert isinstance(lacking, SetupFailed)
    assert lacking.detail == f"There is no file {home / 'surveys' / 'wide.duckdb'}."
    (home / "surveys").mkdir(parents=True)
    (tmp_path / "wide.duckdb").rename(home / "surveys" / "wide.duckdb")
    more = add_more(folder)
    assert more.exit_code == 0, more.output
    assert len(load_workspace(folder).metrics) == 81


@pytest.mark.exhaustive
def test_more_leaves_out_what_was_thrown_away_and_what_is_personal_since(tmp_path: Path) -> None:
    folder = wide(tmp_path)
    first = load_workspace(folder).metrics
    thrown = next(each for each in first if each != "orders")
    metrics, routing = folder / "metrics" / "main.yaml", folder / "config" / "metric_routing.yaml"
    entries = re.split(r"(?m)^(?=  - id: )", metrics.read_text())
    metrics.write_text("".join(each for each in entries if not each.startswith(f"  - id: {thrown}\n")))
    routing.write_text(re.sub(rf"  {thrown}: .*\n", "", routing.read_text()))
    columns = folder / "data-dictionary" / "column_dictionary.csv"
    with columns.open(newline="") as file:
        rows_of_it = list(csv.DictReader(file))
    with columns.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows_of_it[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {**each, "pii": "name" if each["column_name"] in ("kind", "cost_39") else each["pii"]} for each in rows_of_it
        )
    more = add_more(folder)
    known = load_workspace(folder)
    assert known.dictionary.tables["main.orders"].columns["cost_39"].pii == "name"
    assert known.dictionary.tables["main.orders"].columns["kind"].pii == "name"
    added = {each: metric for each, metric in known.metrics.items() if each not in first}
    assert added, more.output
    assert thrown not in known.metrics
    assert all(set(each.dimensions) == {"category"} and "cost_39" not in each.formula for each in added.values())
    assert not [each for each in known.findings if each.file == "metrics/more.yaml"]


@pytest.mark.cases(1)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_more_writes_routes_into_a_file_of_any_form_or_nothing_at_all(tmp_path: Path, end: str) -> None:
    folder = wide(tmp_path)
    routing = folder / "config" / "metric_routing.yaml"
    block = routing.read_text()
    lines = [line.strip() for line in block.splitlines() if line.startswith("  ")]
    routing.write_text(f"metrics: {{{', '.join(lines)}}}\n")
    assert isinstance(add_more(folder).exception, RouteRefused)
    assert not (folder / "metrics" / "more.yaml").exists()
    routing.write_bytes(block.replace("\n", end).encode())
    assert add_more(folder).exit_code == 0
    assert load_workspace(folder).findings == ()
    assert routing.read_bytes().count(b"\r\n") == (routing.read_bytes().count(b"\n") if end == "\r\n" else 0)
    assert read_routing_file(routing).lines.keys() == load_workspace(folder).metrics.keys()


def test_what_cannot_be_routed_leaves_every_file_as_it_was(tmp_path: Path) -> None:
    workspace = load_workspace(write_shop(tmp_path))
    workspace.routing_file.write_text("metrics: []\n")
    mine = tmp_path / "metrics" / "shop.yaml"
    before = mine.read_text()
    with pytest.raises(RouteRefused):
        take_in({"metrics/shop.yaml": "metrics:\n", "metrics/new.yaml": "metrics:\n"}, workspace, ["fresh"], "lake")
    assert (mine.read_text(), (tmp_path / "metrics" / "new.yaml").exists()) == (before, False)


async def test_a_refresh_follows_the_database_and_keeps_what_people_have_written(tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("""CREATE TABLE orders AS SELECT i AS id, DATE '2025-01-01' + (i % 360)::int AS placed_on,
            'Group ' || i % 4 AS category, i * 1.5 AS amount, i % 9 AS spare, 'x' AS old_note FROM range(400) t(i)""")
    made = await made_of(file, tmp_path / "ws")
    folder, columns = made.folder, made.folder / "data-dictionary" / "column_dictionary.csv"
    nothing = await propose(folder, NOW, lambda _: None)
    assert (nothing.files, nothing.told, nothing.metric_ids) == ({}, [], [])
    edited = re.sub(r"(main,orders,amount,.*),([^,]*),([^,\n]*)\n", r'\1,"Net, of tax",\3\n', columns.read_text())
    edited = re.sub(r"(main,orders,spare,.*),([^,]*),([^,\n]*)\n", "\\1,Spare\u2028parts,\\3\n", edited)
    columns.write_text(edited)
    metrics = folder / "metrics" / "main.yaml"
    metrics.write_text(metrics.read_text().replace("label: Orders", "label: Orders placed"))
    with duckdb.connect(str(file)) as connection:
        connection.execute("ALTER TABLE orders ADD COLUMN channel VARCHAR DEFAULT 'web'")
        connection.execute("ALTER TABLE orders ADD COLUMN shipping_cost DECIMAL(18,2) DEFAULT 4.90")
        connection.execute("ALTER TABLE orders DROP COLUMN old_note")
        connection.execute("ALTER TABLE orders DROP COLUMN amount")
        connection.execute("ALTER TABLE orders ALTER spare TYPE VARCHAR")
        connection.execute("""CREATE TABLE returns AS SELECT i AS return_id, i AS order_id, 'Damaged' AS reason,
            DATE '2025-02-01' + (i % 300)::int AS returned_on FROM range(90) t(i)""")
    proposal = await propose(folder, NOW, lambda _: None)
    told = "\n".join(proposal.told)
    gone = "is not in the database any more"
    for said in (
        "main.returns is new", "main.orders.channel is new", f"main.orders.old_note {gone}.",
        f"main.orders.amount {gone}, and other files speak of it", "main.orders.spare was",
    ):  # fmt: skip
        assert said in told, said
    assert "returns" in proposal.metric_ids
    assert columns.read_text() == edited, "nothing is written before somebody has seen it"
    removed = [line for line in proposal.diff().splitlines() if line.startswith("-") and not line.startswith("---")]
    assert [line.split(",")[2] for line in removed] == ["Table orders.", "spare", "old_note"], removed
    await proposal.take()
    known = load_workspace(folder)
    assert {"channel", "shipping_cost", "amount"} <= set(known.dictionary.tables["main.orders"].columns)
    assert known.dictionary.tables["main.orders"].columns["amount"].description == "Net, of tax"
    assert known.dictionary.tables["main.orders"].columns["spare"].description == "Spare\u2028parts"
    assert known.metrics["orders"].label == "Orders placed"
    assert [(each.from_table, each.to_table) for each in known.dictionary.joins] == [("main.returns", "main.orders")]
    assert set(proposal.metric_ids) <= set(known.metrics)
    assert "returns" in read_routing_file(known.routing_file).lines
    again = await propose(folder, NOW, lambda _: None)
    assert again.files == {}
