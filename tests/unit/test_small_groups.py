"""Folding of small groups, pure: how long a series may be is no matter of who asks."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from assay.answers.series import finished
from assay.answers.small import fold
from assay.catalog.value_type import ValueType
from assay.compiler.statement import AnswerColumn
from tests.unit.small import ask, shop

_COLUMNS = (
    AnswerColumn("time", ValueType("date"), "time", None, None),
    AnswerColumn("sales", ValueType("integer"), "value", None, "sales"),
)


def test_a_long_series_under_a_minimum_has_as_many_buckets_as_without_one(tmp_path: Path) -> None:
    window = {"start": "2023-01-01", "end": "2026-01-01"}
    question = ask(shop(tmp_path), "sales", window=window, grain="day")
    days = [str(date(2023, 1, 1) + timedelta(days=at)) for at in range(3 * 365 + 1)]
    rows = [[day, 7] for day in days]
    plain, is_cut, is_dense = finished(rows, _COLUMNS, question)
    assert ([row[0] for row in plain], is_cut, is_dense) == (days, False, True)
    veiled = replace(question, scope=replace(question.scope, minimum=5))
    folded, is_cut, is_dense, told = fold(rows[:-2], [[7]] * (len(rows) - 2), _COLUMNS, veiled)
    assert [row[0] for row in folded] == days
    assert (is_cut, is_dense, told is not None) == (False, True, True)
    # The two days without rows show no figure, nor does one other, by which theirs could be told.
    assert [row[1] for row in folded].count(None) == 3
    assert [row for row in folded if row[1] is not None] == plain[1:-2]
