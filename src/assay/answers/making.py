"""From an engine's rows to an answer: values as they travel, and the provenance that goes with them."""

import hashlib
import time
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

from assay.answers.answer import Answer, Folded, Provenance, digest, wire_cell
from assay.answers.progress import progress
from assay.answers.series import finished
from assay.answers.small import fold, least
from assay.backends.protocol import Backend, DataVersion, Rows
from assay.catalog.metric import Metric
from assay.compiler import meaning
from assay.compiler.question import Question, Value
from assay.compiler.statement import Statement
from assay.compiler.values import plain
from assay.engine import engine_of
from assay.errors import StatementFailed
from assay.routing.certificate import Standing
from assay.routing.serving import Catalog
from assay.store.routes import StoredRoute
from assay.work.instants import instant


@dataclass(frozen=True, slots=True)
class Asking:
    """A question on its way: everything that is settled before an engine is asked."""

    question: Question
    catalog: Catalog
    route: StoredRoute
    backend: Backend
    statement: Statement
    three: str
    """Definition (with the compiler's meaning), question and route: three of the four that an answer is a function of."""
    started: float
    prepared_ms: float
    standing: Standing
    seen: DataVersion
    """The data version that was looked up; the rows may turn out to be of a newer one."""
    proofs: tuple[str, ...]
    """What is known of the keys that the statement's joins rely on."""

    def answer_id(self, version: DataVersion) -> str:
        """The one idea: the three, and what the data was, hashed."""
        return hashlib.sha256(f"{self.three}\n{version.text}".encode()).hexdigest()[:32]


def three_of_four(question: Question, route: StoredRoute, catalog: Catalog, statement: Statement) -> str:
    """The statement belongs to it because the types of the engine's own columns have a say in it."""
    return "\n".join((
        definition_versions(question.metrics), catalog.workspace.dictionary.version, question.fingerprint(), route.backend,
        str(route.epoch), str(meaning.MEANING_VERSION), statement.safe.text,
    ))  # fmt: skip


def make_answer(asking: Asking, parameters: dict[str, Value], result: Rows, engine_ms: float, receipt_id: str) -> Answer:
    """Raises StatementFailed where the engine gave other columns than were asked for."""
    question, statement, version = asking.question, asking.statement, result.data_version
    rows, truncated, dense, folded = _wire_rows(result, statement, question)
    # A statement of a shape seen before was judged then; looking it up is all that was spent now.
    gate_ms = statement.gate_ms if asking.prepared_ms >= statement.gate_ms else 0.0
    elapsed_ms = (time.perf_counter() - asking.started) * 1e3
    first = question.metrics[0]
    provenance = Provenance(
        backend=asking.backend.name,
        driver=asking.backend.driver,
        generator="compiler",
        sql=statement.safe.text,
        params=shown_parameters(parameters, asking.backend.dialect),
        definition=first.definition,
        owner=first.owner,
        source_tables=tuple(sorted(statement.safe.tables)),
        definition_version=definition_versions(question.metrics),
        dictionary_version=asking.catalog.workspace.dictionary.version,
        meaning_version=meaning.MEANING_VERSION,
        route_epoch=asking.route.epoch,
        data_version=version.text,
        data_version_kind=version.kind,
        as_of=instant(version.read_at),
        synthetic=asking.catalog.workspace.synthetic,
        elapsed_ms=round(elapsed_ms, 3),
        timings={
            "compile": round(asking.prepared_ms - gate_ms, 3), "gate": round(gate_ms, 3), "engine": round(engine_ms, 3),
            "other": round(max(0.0, elapsed_ms - asking.prepared_ms - engine_ms), 3),
        },
        checks=(*statement.safe.checks, *asking.proofs),
        rows_returned=len(rows),
        truncated=truncated,
        value_digest=digest(statement.columns, rows),
        parity=_standing(asking, version),
        receipt_id=receipt_id,
    )  # fmt: skip
    # The rows say which version they are of; it may be newer than the one that was looked up.
    names = tuple(metric.metric_id for metric in question.metrics)
    return Answer(
        asking.answer_id(version), names, statement.columns, rows, question.described(), partial(question), dense,
        provenance, folded=folded,
        targets=progress(question, statement.columns, rows, is_cut=truncated or question.limit is not None),
    )  # fmt: skip


def _standing(asking: Asking, version: DataVersion) -> Standing:
    """Rows newer than what the route was judged by are newer than its certificate."""
    if asking.standing.is_proven and version.text != asking.seen.text:
        return replace(asking.standing, standing="stale", reason=f"{asking.backend.name} has other data since")
    return asking.standing


def tables_of(question: Question) -> set[str]:
    """The tables that the question's metrics may read, and the conditions of policies on their rows."""
    metrics = (*question.metrics, *(each.question.metrics[0] for each in question.every_whose))
    own = {table for metric in metrics for table in metric.needed_columns}
    return own.union(*(question.scope.access(metric).tables for metric in metrics))


def definition_versions(metrics: tuple[Metric, ...]) -> str:
    if len(metrics) == 1:
        return metrics[0].version
    return hashlib.sha256("".join(metric.version for metric in metrics).encode()).hexdigest()[:16]


def definition_as_it_was(metric: Metric) -> dict[str, Any]:
    """The definition as it was, for the receipt."""
    return {
        "metric_id": metric.metric_id, "label": metric.label, "definition": metric.definition, "kind": metric.kind,
        "formula": metric.formula, "filter": metric.filter_text, "window": metric.window, "unit": metric.unit,
        "owner": metric.owner, "version": metric.version, "note": metric.note,
    }  # fmt: skip


def shown_parameters(parameters: dict[str, Value], dialect: str) -> dict[str, Any]:
    """Parameters under the names that stand in the SQL."""
    mark = engine_of(dialect).spelling.mark
    return {f"{mark}{name[1:]}": _shown(value) for name, value in parameters.items()}


def _shown(value: Value) -> str | int | float | bool:
    """As JSON can carry it: no infinity is a number there."""
    if isinstance(value, datetime):
        return instant(value) if value.tzinfo else str(value)
    return plain(value)


def _wire_rows(
    result: Rows, statement: Statement, question: Question
) -> tuple[list[list[Any]], bool, bool, Folded | None]:  # fmt: skip
    """(rows as they travel, whether some were cut off, whether every bucket is there, what of them is folded).

    Raises StatementFailed, or BadQuestion.
    """
    columns = statement.columns
    beside = dict.fromkeys(chain.from_iterable(statement.row_counts))
    given = result.by_name([*(column.name for column in columns), *beside])
    rows = [[wire_cell(value, column) for value, column in zip(row, columns, strict=False)] for row in given]
    check_groups(rows, len(question.key_columns()))
    if not question.scope.minimum:
        return *finished(rows, columns, question), None
    counted = [dict(zip(beside, row[len(columns) :], strict=True)) for row in given]
    counts = [[least(own[name] for name in names) for names in statement.row_counts] for own in counted]
    return fold(rows, counts, columns, question)


def partial(question: Question) -> list[dict[str, str]]:
    """The buckets that are not there as a whole, as they travel."""
    return [{"time": bucket.name, "reason": reason} for bucket, reason in question.partial]


def check_groups(rows: list[list[Any]], keys: int) -> None:
    """Raises StatementFailed where an engine gave two rows for one group: which of them is right is not known."""
    if keys == 0 and len(rows) != 1:
        raise StatementFailed(f"the engine gave {len(rows)} rows where one total was asked for")
    known: set[tuple[Any, ...]] = set()
    for row in rows:
        key = tuple((type(cell) is bool, cell) for cell in row[:keys])
        if keys and key in known:
            shown = ", ".join("without a value" if cell is None else str(cell) for cell in row[:keys])
            raise StatementFailed(f"the engine gave more than one row for the group {shown:.200}")
        known.add(key)
