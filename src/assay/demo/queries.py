"""The demo's metrics laid out: definition, question, SQL on every dialect, and the shape of what comes back.

Everything is computed from the workspace, by the compiler and the gate that serve; nothing is written by hand.
"""

from datetime import UTC, datetime

import sqlglot

from assay.answers.generated import compiled, target
from assay.backends.protocol import NotConfigured
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace
from assay.compiler.question import Question, resolve_question
from assay.compiler.statement import AnswerColumn
from assay.demo.script import DemoMetric, ScriptFile
from assay.engine import taking_outside_sql
from assay.people.scope import EVERYTHING
from assay.routing.file import read_routing_file
from assay.routing.serving import Catalog

_HEAD = "<!-- Printed by `assay demo queries` from the workspace: change that, then print this anew. -->"
_MOMENT = datetime(2026, 1, 15, 12, tzinfo=UTC)
"""The bounds of the windows are shown as of then, so that the page is the same whenever it is printed."""


def queries(script: ScriptFile, workspace: Workspace) -> str:
    # A catalog of its own, with nothing opened: what is configured here must not show on the page.
    unopened = {name: NotConfigured(name, each.driver, (), "not opened") for name, each in workspace.backends.items()}
    catalog = Catalog.of(workspace, dict(unopened))
    routes = read_routing_file(workspace.routing_file).lines
    lines = [
        _HEAD, "", "# The demo's queries", "",
        "Each metric of the demonstration: what it means, what is asked, the SQL that the compiler writes for each engine",
        "(the gate has judged every one of them), and what comes back. Bounds and values travel as parameters, shown here",
        f"as of {_MOMENT:%d %B %Y, %H:%M} UTC. Ask for any of them: `assay sql METRIC --dry-run --dialect DIALECT`.",
    ]  # fmt: skip
    for each in script.metrics:
        metric = workspace.metrics[each.metric_id]
        route = routes.get(each.metric_id)
        lines += _section(each, metric, route.backend if route else "none", catalog)
    return "\n".join(lines) + "\n"


def _section(each: DemoMetric, metric: Metric, backend: str, catalog: Catalog) -> list[str]:
    question = resolve_question((each.metric_id,), each.question, catalog.workspace, _MOMENT, EVERYTHING)
    where = f" where `{metric.filter_text}`" if metric.filter_text else ""
    lines = ["", f"## {metric.label}", "", f"`{metric.metric_id}`: {metric.definition}", "",
             "| | |", "|---|---|", f"| asked | {each.words} |", f"| formula | `{metric.formula}`{where} |",
             f"| window | {(metric.window or 'none: as it stands').replace('_', ' ')} |", f"| owner | {metric.owner} |",
             f"| served by | {backend} |", f"| comes back | {_shape(question, catalog)} |"]  # fmt: skip
    parameters: dict[str, str] = {}
    dialects = taking_outside_sql()
    for dialect in dialects:
        body = compiled(question, catalog, target(question, catalog, None, dialect))
        text = sqlglot.parse_one(body["sql"], read=dialect).sql(dialect=dialect, pretty=True)
        lines += ["", f"### {dialect}", "", "```sql", text, "```"]
        parameters |= {f"{dialect} `{name}`": str(value) for name, value in body["params"].items()}
    first = {name.partition(" ")[2]: value for name, value in parameters.items() if name.startswith(dialects[0])}
    if first:
        lines += ["", "Bound: " + ", ".join(f"{name} = {value}" for name, value in first.items()) + "."]
    return lines


def _shape(question: Question, catalog: Catalog) -> str:
    statement = catalog.compiler.statement(question, taking_outside_sql()[0], catalog.policy)
    columns = ", ".join(_column(each) for each in statement.columns)
    if not question.dimensions and question.grain is None:
        return f"one row: {columns}"
    # The statement asks for one row more than it gives: so a cut is noticed.
    most = question.limit or question.most_rows
    return f"at most {most:,} rows (the statement asks for one more, to notice a cut): {columns}"


def _column(each: AnswerColumn) -> str:
    unit = f" in {each.unit}" if each.unit and each.role in ("value", "previous") else ""
    return f"`{each.name}` ({each.role}, {each.type.kind}{unit})"
