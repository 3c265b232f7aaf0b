"""The book of the language is true: each example of `docs/metrics` is asked of both engines over the book's own tables."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.engine.pins import Pins, Record, open_pins, told
from tests.unit.small import write_shop

from assay.answers.answer import wire_cell
from assay.answers.series import finished
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.question import MAX_LIMIT, AskedMetrics, Question, resolve_question
from assay.compiler.statement import compile_cube, compile_question
from assay.gate import Policy
from assay.people.scope import EVERYTHING

BOOK = sorted((Path(__file__).parents[2] / "docs" / "metrics").glob("*.md"))
TABLES = {
    "customer": "customer_id string, region string?, kind string",
    "order": "order_id string, customer_id string, status string, note string?, amount decimal(18,2), items int?,"
    " ordered_at timestamp, due_on date, paid_on date?",
    "line": "line_id string, order_id string, article string, pieces int",
    "place": "place_id string, name string, country string, hub_id string?",
    "visit": "visit_id string, customer_id string?, source string, visited_at timestamp",
    "tariff": "tariff_id string, customer_id string, since timestamp, until timestamp?, plan string",
    "parcel": "parcel_id string, from_id string, to_id string?, grams int",
}
JOINS = (
    "order.customer_id customer.customer_id", "line.order_id order.order_id", "parcel.from_id place.place_id sent_from",
    "parcel.to_id place.place_id sent_to", "place.hub_id place.place_id hub",
    "order.customer_id tariff.customer_id plan_then held since;until",
)  # fmt: skip
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
CALENDAR = "{fiscal_year: {weeks: 4-4-5, ends: saturday nearest the end of january, named_by: start}}"
"""The one that calendars.md tells."""
_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ASKED = re.compile(r"^Asked `(\{.*?\})`:\n\n((?:\|.*\n)+)", re.MULTILINE)


def cells(table: str) -> list[list[str]]:
    head, _, *rows = ([cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.splitlines())
    return [head, *rows]


def text() -> str:
    return "\n".join(page.read_text() for page in BOOK)


def rows_of(name: str) -> list[Record]:
    """A table of the book in the types of its columns."""
    found = re.search(rf"^\| {name}: .*\n(?:\|.*\n)+", text(), re.MULTILINE)
    assert found
    head, *rows = cells(found[0].replace(f"{name}: ", "", 1))
    kinds = dict(each.split(" ")[:2] for each in TABLES[name].split(", "))
    return [{key: _typed(cell, kinds[key]) for key, cell in zip(head, row, strict=True)} for row in rows]


def _typed(cell: str, kind: str) -> Any:
    if not cell:
        return None
    match kind.split("(")[0].rstrip("?"):
        case "int":
            return int(cell)
        case "decimal":
            return Decimal(cell)
        case "timestamp":
            return datetime.fromisoformat(cell).replace(tzinfo=UTC)
        case "date":
            return date.fromisoformat(cell)
        case _:
            return cell


@pytest.fixture(scope="module")
async def pins(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pins]:
    async with open_pins(tmp_path_factory.mktemp("book"), TABLES, JOINS) as opened:
        await opened.fill(**{name: rows_of(name) for name in TABLES})
        yield opened


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    blocks = [yaml.safe_load(block) for block in _BLOCK.findall(text())]
    listed = {kind: [each for block in blocks for each in block.get(kind, ())] for kind in ("metrics", "entities")}
    metrics = yaml.safe_dump({"metrics": listed["metrics"]}, sort_keys=False)
    root = write_shop(tmp_path_factory.mktemp("workspace"), metrics=metrics, tables=TABLES, joins=JOINS, calendar=CALENDAR)
    (root / "entities").mkdir()
    (root / "entities" / "book.yaml").write_text(yaml.safe_dump({"entities": listed["entities"]}, sort_keys=False))
    loaded = load_workspace(root, {})
    assert [str(each) for each in loaded.findings] == []
    return loaded


@pytest.mark.parametrize(("asked", "table"), _ASKED.findall(text()))
async def test_every_example_has_the_rows_of_the_book(pins: Pins, workspace: Workspace, asked: str, table: str) -> None:
    wanted = AskedMetrics.model_validate(_plain(yaml.safe_load(asked)))
    question = resolve_question(wanted.metrics, wanted, workspace, NOW, EVERYTHING)
    policy = Policy.from_dictionary(workspace.dictionary)
    head, *rows = cells(table)
    for backend, dialect in pins.engines():
        columns = compile_question(question, dialect, policy).columns
        found, _, _ = finished(await told(question, policy, backend, dialect), columns, question)
        assert [column.name for column in columns] == head
        assert [[_shown(cell) for cell in row] for row in found] == rows


@pytest.mark.exhaustive
async def test_groupings_asked_in_one_pass_have_the_rows_of_each_alone(pins: Pins, workspace: Workspace) -> None:
    """What a comparison of engines asks at once, for every kind of metric that the book knows."""
    policy, together = Policy.from_dictionary(workspace.dictionary, max_rows=MAX_LIMIT + 1), set[str]()
    for metric in workspace.metrics.values():
        for name in list(metric.dimensions)[:2]:
            for backend, dialect in pins.engines():
                alone = [_of_quarter(metric.metric_id, each, workspace) for each in ([], [name])]
                statement = compile_cube(alone[1], [[], [name]], dialect, policy)
                if statement is None:
                    continue
                together.add(metric.metric_id)
                found = await backend.run(statement.safe, statement.parameters(alone[1]), statement.safe.tables, 60)
                columns = compile_question(alone[1], dialect, policy).columns
                for question in alone:
                    is_total = not question.dimensions
                    right = await told(question, policy, backend, dialect)
                    rows = [
                        [wire_cell(cell, column) for cell, column in zip((key, value), columns, strict=True)][is_total:]
                        for key, without, value in found.rows if bool(without) is is_total
                    ]  # fmt: skip
                    assert sorted(map(str, rows)) == sorted(map(str, right)), (metric.metric_id, name, dialect)
    assert together >= {"revenue", "visits_bought", "paid_share", "orders_by_size", "parcels"}


def _of_quarter(metric_id: str, dimensions: list[str], workspace: Workspace) -> Question:
    window = {"window": "quarter_to_date"} if workspace.metrics[metric_id].has_time else {}
    asked = AskedMetrics.model_validate({"metrics": [metric_id], "dimensions": dimensions, **window})
    return resolve_question(asked.metrics, asked, workspace, NOW, EVERYTHING)


async def test_every_measure_gives_what_the_book_says(pins: Pins) -> None:
    lines = re.findall(r"^\| `([^`]+)` \| (.*) \|$", text(), re.MULTILINE)
    assert len(lines) >= 30
    window = {"start": "2026-02-01", "end": "2026-04-01"}
    for start in range(0, len(lines), 10):
        metrics: dict[str, dict[str, object]] = {
            f"m{number}": {"entity": "order", "measure": measure, "time": "ordered_at"}
            for number, (measure, _) in enumerate(lines[start : start + 10])
        }
        (found,) = await pins.rows(metrics, window=window, zone="UTC")
        wanted = dict(lines[start : start + 10])
        assert dict(zip(wanted, map(_shown, found), strict=True)) == wanted


def _plain(value: Any) -> Any:
    """Days as they travel: YAML reads them as dates."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else str(value) if isinstance(value, date) else value


def _shown(cell: Any) -> str:
    return "(empty)" if cell is None else str(cell)


def test_the_book_has_examples() -> None:
    assert len(_ASKED.findall(text())) >= 7
