"""The rows behind a number: its own short corridor, with the same gate, the same route and the same backend.

question -> definition -> route -> compile -> gate -> run -> rows

It leaves no receipt: a receipt's question is asked again at a replay, and a list of rows is no answer to one.
"""

import time
from dataclasses import dataclass
from typing import Any

from assay.answers.answer import wire_value
from assay.answers.making import definition_versions, shown_parameters, tables_of
from assay.answers.resolve import Corridor, untold
from assay.catalog.metric import Metric
from assay.catalog.windows import told_shift
from assay.compiler.question import Asked
from assay.compiler.rows import MAX_ROWS, RowColumn, RowsStatement, compile_count, compile_rows
from assay.errors import NotAllowed
from assay.people.noting import Mark
from assay.people.scope import Scope
from assay.work.instants import instant


@dataclass(frozen=True, slots=True)
class RowsProvenance:
    backend: str
    driver: str
    sql: str
    params: dict[str, Any]
    source_tables: tuple[str, ...]
    checks: tuple[str, ...]
    definition_version: str
    dictionary_version: str
    route_epoch: int
    data_version: str
    data_version_kind: str
    as_of: str
    synthetic: bool
    elapsed_ms: float
    rows_returned: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class RowsBehind:
    """`sentence` says which rows these are; `total` how many there are, of which at most MAX_ROWS are here."""

    metric_id: str
    sentence: str
    columns: tuple[RowColumn, ...]
    rows: list[list[Any]]
    total: int
    question: dict[str, Any]
    provenance: RowsProvenance


async def rows_behind(corridor: Corridor, metric_id: str, asked: Asked, scope: Scope) -> RowsBehind:
    """Of the question only its conditions and window count. Raises what asking for the number raises."""
    started = time.perf_counter()
    catalog = corridor.catalog
    plain = Asked(filters=asked.filters, any_of=asked.any_of, segments=asked.segments, whose=asked.whose,
                  parameters=asked.parameters, window=asked.window)  # fmt: skip
    question = await corridor.question((metric_id,), plain, catalog, scope)
    metric = question.metrics[0]
    part = metric.parts[0]
    route, backend = corridor.route(question, catalog)
    policy = catalog.policies[backend.name]
    held = await catalog.described.ready(backend, tables_of(question))
    statement = compile_rows(question, part, backend.dialect, policy, held)
    parameters, tags = statement.parameters(question), {"for": "rows", "metric": metric_id}
    with untold(question):
        result = await corridor.run(backend, statement.safe, parameters, tags)
    corridor.noted((Mark((metric_id,), None),))
    given = result.by_name([column.name for column in statement.columns])
    rows = [_wired(row, statement) for row in given]
    total = len(rows)
    if total == MAX_ROWS:
        count = compile_count(question, part, backend.dialect, policy, held)
        with untold(question):
            counted = await corridor.run(backend, count.safe, count.parameters(question), tags)
        total = max(total, int(counted.rows[0][0]))
    if total < scope.minimum:
        raise NotAllowed(f"Fewer than {scope.minimum} rows count here, and so few are not listed.",
                         mend="widen the window, or filter less")  # fmt: skip
    provenance = RowsProvenance(
        backend=backend.name, driver=backend.driver, sql=statement.safe.text,
        params=shown_parameters(parameters, backend.dialect),
        source_tables=tuple(sorted(statement.safe.tables)), checks=statement.safe.checks,
        definition_version=definition_versions(question.metrics), dictionary_version=catalog.workspace.dictionary.version,
        route_epoch=route.epoch, data_version=result.data_version.text, data_version_kind=result.data_version.kind,
        as_of=instant(result.data_version.read_at), synthetic=catalog.workspace.synthetic,
        elapsed_ms=round((time.perf_counter() - started) * 1e3, 3), rows_returned=len(rows), truncated=total > len(rows),
    )  # fmt: skip
    return RowsBehind(
        metric_id, _sentence(metric, len(rows), total), statement.columns, rows, total, question.described(), provenance
    )


def _wired(row: tuple[Any, ...], statement: RowsStatement) -> list[Any]:
    return [wire_value(value, column.type) for value, column in zip(row, statement.columns, strict=True)]


def _sentence(metric: Metric, shown: int, total: int) -> str:
    return " ".join(filter(None, (_which_rows(metric, shown, total), metric.note)))


def _which_rows(metric: Metric, shown: int, total: int) -> str:
    part = metric.parts[0]
    measure = "COUNT(*)" if part.conversion else part.measure.text
    rule = measure + (f" where {part.filter.text}" if part.filter else "")
    rule += "".join(f", {each.told}" for each in part.whose)
    rule += f", {part.frame.told}" if part.frame else ""
    rule += f", {part.keep.told}" if part.keep else ""
    rule += f", {part.per.told}" if part.per else ""
    rule += f", each {part.conversion.told}" if part.conversion else ""
    rule += f", {told_shift(part.shift)} earlier" if part.shift else ""
    how_many = f"The newest {shown:,} of {total:,} rows" if total > shown else f"All {total:,} rows" if total else "No rows"
    match metric.kind:
        case "simple":
            return f"{how_many} of {part.entity.qualified} that count in {metric.label}: {rule}."
        case "ratio":
            return f"{how_many} of {part.entity.qualified} that count in the numerator of {metric.label}: {rule}."
        case "derived":
            return f"{how_many} of {part.entity.qualified} that count in the first part of {metric.label}: {rule}."
