"""The rows behind a number, over HTTP."""

from typing import Literal

from pydantic import BaseModel

from assay.answers.rows import RowsProvenance, rows_behind
from assay.catalog.dictionary import table_of
from assay.compiler.question import Asked
from assay.web.room import Room
from assay.web.schemas import Cell, QuestionOut
from assay.web.wiring import Run, Sees

router = Room("answers", "/v1")


class RowColumnOut(BaseModel):
    """`table` and `column`: where in the dictionary it stands."""

    name: str
    label: str
    type: Literal["integer", "decimal", "double", "string", "boolean", "date", "timestamp"]
    role: Literal["key", "time", "dimension", "filter", "measure"]
    table: str
    column: str


class RowsProvenanceOut(BaseModel):
    backend: str
    driver: str
    sql: str
    params: dict[str, Cell]
    source_tables: list[str]
    checks: list[str]
    definition_version: str
    dictionary_version: str
    route_epoch: int
    data_version: str
    data_version_kind: Literal["counter", "file", "table_version", "statistics", "time_bucket"]
    as_of: str
    synthetic: bool
    elapsed_ms: float
    rows_returned: int
    truncated: bool


class RowsBehindOut(BaseModel):
    """At most 200 rows, newest first; `sentence` says which they are: those of the numerator, where there is one."""

    metric_id: str
    sentence: str
    columns: list[RowColumnOut]
    rows: list[list[Cell]]
    total: int
    question: QuestionOut
    provenance: RowsProvenanceOut


@router.post("/metrics/{metric_id}/rows")
async def metric_rows(metric_id: str, running: Run, sees: Sees, asked: Asked | None = None) -> RowsBehindOut:
    """The rows that count in a number, without personal columns. Of the question only conditions and window count."""
    found = await rows_behind(running.corridor, metric_id, asked or Asked(), sees)
    columns = [
        RowColumnOut.model_validate(
            {"name": each.name, "label": each.label, "type": each.type.kind, "role": each.role,
             "table": table_of(each.table), "column": each.column}
        )
        for each in found.columns
    ]  # fmt: skip
    provenance = {name: getattr(found.provenance, name) for name in RowsProvenance.__slots__}
    return RowsBehindOut(
        metric_id=found.metric_id, sentence=found.sentence, columns=columns, rows=found.rows, total=found.total,
        question=QuestionOut.model_validate(found.question), provenance=RowsProvenanceOut.model_validate(provenance),
    )  # fmt: skip
