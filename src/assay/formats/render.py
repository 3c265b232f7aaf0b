"""A JSON body of answers in another format. It runs in a worker: what it does grows with the rows."""

import json
from collections.abc import Callable
from typing import Any

import orjson

from assay.errors import BadQuestion
from assay.formats.columnar import arrow_stream, parquet_file
from assay.formats.table import Table, table_of
from assay.formats.text import csv_text
from assay.formats.workbook import workbook

KINDS = {
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By the ending of a path and a file, what it is called in `Accept`."""
_ONE: dict[str, Callable[[Table], bytes]] = {"csv": csv_text, "arrow": arrow_stream, "parquet": parquet_file}
Headers = dict[str, str]


def render(body: bytes, kind: str) -> tuple[int, Headers, bytes]:
    """Status, headers and content. A body of many questions becomes the one table, or a workbook with a sheet for each."""
    told = orjson.loads(body)
    many = [(each["key"], each["answer"], each["problem"]) for each in told["answers"]] if "answers" in told else None
    for key, _, problem in many or ():
        # Half a file looks like a whole one.
        if problem is not None:
            detail = f"{key}: {problem['detail']}" if len(many or ()) > 1 else problem["detail"]
            told_of = orjson.dumps({**problem, "detail": detail})
            return problem["status"], {"content-type": "application/problem+json"}, told_of
    named = [(key, table_of(answer)) for key, answer, _ in many] if many else [(_name(told), table_of(told))]
    if len(named) > 1 and kind != "xlsx":
        raise BadQuestion(
            f"A file of this format holds one table, and {len(named)} questions are asked.",
            mend="ask one at a time (one question may have several metrics), or for .xlsx, which gives each a sheet",
            field="questions",
        )
    content = workbook(named) if kind == "xlsx" else _ONE[kind](named[0][1])
    tables = [table for _, table in named]
    file = f"{_name(tables[0].about)}.{kind}"
    return 200, {"content-type": KINDS[kind] + ("; charset=utf-8; header=present" if kind == "csv" else ""),
                 "content-disposition": f'attachment; filename="{file}"', **_receipt_headers(tables)}, content  # fmt: skip


def _name(answer: dict[str, Any]) -> str:
    """Metric ids are letters, digits and underscores."""
    return answer["metric_id"]


def _receipt_headers(tables: list[Table]) -> Headers:
    """What a reader of the table alone would not know; of several tables each line in their order."""
    known = [(table, table.about["provenance"]) for table in tables]
    headers = {
        "assay-receipt": [table.receipt_id for table, _ in known],
        "assay-answer": [table.about["answer_id"] for table, _ in known],
        "assay-backend": [each["backend"] for _, each in known],
        "assay-as-of": [each["as_of"] for _, each in known],
        "assay-standing": [each["parity"]["standing"] for _, each in known],
        "assay-digest": [each["value_digest"] for _, each in known],
        "assay-stale": [_yes(each["stale"]) for _, each in known],
        "assay-truncated": [_yes(each["truncated"]) for _, each in known],
        "assay-folded": [_yes("folded" in table.about) for table in tables],
        "assay-partial": [json.dumps(each["partial"], separators=(",", ":")) for table in tables for each in (table.about,)],
    }
    return {name: ", ".join(values) for name, values in headers.items()}


def _yes(is_so: bool) -> str:
    return "true" if is_so else "false"
