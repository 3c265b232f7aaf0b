"""Whatever is asked and however it is defined: what the compiler writes passes the gate on all four engines."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from assay.catalog.binder import Binder
from assay.catalog.entry import MetricEntry
from assay.catalog.workspace import Workspace
from assay.compiler.question import Asked, Question, resolve_question, restore_question
from assay.compiler.statement import Compiler, compile_question
from assay.engine import OWN_ENGINES, taking_outside_sql
from assay.errors import BadQuestion
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.property.strategies import CONDITIONS, EXPRESSIONS, MEASURES, MOMENTS, VALUES, at_most, questions
from tests.unit.small import NOW, shop

SHARED = {"sales": list(VALUES), "revenue": ["region", "category"], "returns": ["region"], "return_rate": ["region"],
          "gift_share": ["region"], "sales_by_day": ["region"]}  # fmt: skip


@cache
def workspace() -> Workspace:
    """No fixture: Hypothesis would print the whole of it with each example."""
    with TemporaryDirectory() as folder:
        return shop(Path(folder), zone="Europe/Berlin")


@cache
def policy() -> Policy:
    return Policy.from_dictionary(workspace().dictionary, max_rows=10_001)


@st.composite
def asked(draw: st.DrawFn) -> tuple[tuple[str, ...], dict[str, Any]]:
    metrics = draw(st.lists(st.sampled_from(list(SHARED)), min_size=1, max_size=3, unique=True))
    shared = [name for name in VALUES if all(name in SHARED[metric] for metric in metrics)]
    return tuple(metrics), draw(questions(shared))


def resolved(
    metrics: tuple[str, ...], fields: dict[str, Any], now: datetime = NOW, known: Workspace | None = None
) -> Question | None:
    """None for a combination that is rightly refused, such as hours of a column of days."""
    try:
        return resolve_question(metrics, Asked.model_validate(fields), known or workspace(), now, EVERYTHING)
    except BadQuestion as error:
        if error.extra["field"] in ("grain", "compare"):
            return None
        raise


def passes_everywhere(question: Question) -> None:
    for dialect in OWN_ENGINES:
        try:
            statement = compile_question(question, dialect, policy())
        except BadQuestion:
            if dialect in taking_outside_sql():  # these have every word
                raise
            continue
        bound = statement.parameters(question)
        assert set(re.findall(r"[$:]p?(\d+)\b", statement.safe.text)) == {name[1:] for name in bound}
        written = sqlglot.parse_one(statement.safe.text, dialect=dialect)
        assert written.named_selects == [column.name for column in statement.columns]
        _holds_no_value(statement.safe.text, question)


def _holds_no_value(text: str, question: Question) -> None:
    """Filter values travel as parameters, never in the text."""
    for value in (value for each in question.filters for value in each.values):
        if isinstance(value, str) and len(value) > 4:
            assert value not in text


@at_most(25)
@given(asked=asked(), now=MOMENTS)
def test_every_question_passes_the_gate_on_every_engine(
    asked: tuple[tuple[str, ...], dict[str, Any]], now: datetime
) -> None:
    question = resolved(*asked, now)
    if question is not None:
        passes_everywhere(question)


@at_most(25)
@given(measure=MEASURES, condition=st.none() | CONDITIONS, fields=questions(["region", "price"]))
def test_every_measure_and_filter_passes_the_gate_on_every_engine(
    measure: str, condition: str | None, fields: dict[str, Any]
) -> None:
    entry = MetricEntry.model_validate({
        "id": "sales", "label": "x", "definition": "x", "owner": "x", "entity": "sale", "measure": measure,
        "filter": condition, "time": "sold_at", "dimensions": ["region", {"name": "price", "column": "product.price"}],
    })  # fmt: skip
    metric = Binder(workspace().dictionary).bind(entry, "x", 1)
    _ = metric.empty
    known = Workspace(**{**workspace().__dict__, "metrics": {"sales": metric}})
    question = resolved(("sales",), fields, known=known)
    if question is not None:
        passes_everywhere(question)


@at_most(25)
@given(expression=EXPRESSIONS, fields=questions(["region"]))
def test_every_expression_passes_the_gate_on_every_engine(expression: str, fields: dict[str, Any]) -> None:
    entry = MetricEntry.model_validate({"id": "x", "label": "x", "definition": "x", "owner": "x", "expression": expression})
    metric = Binder(workspace().dictionary).derive(entry, workspace().metrics, workspace().metrics, "x", 1)
    known = Workspace(**{**workspace().__dict__, "metrics": {"x": metric}})
    question = resolved(("x",), fields, known=known)
    if question is not None:
        passes_everywhere(question)


@at_most(60)
@given(asked=asked())
def test_a_question_survives_its_receipt(asked: tuple[tuple[str, ...], dict[str, Any]]) -> None:
    question = resolved(*asked)
    if question is not None:
        assert restore_question(orjson.loads(orjson.dumps(question.described())), workspace(), EVERYTHING) == question


@at_most(60)
@given(first=asked(), second=asked())
def test_fingerprints_are_equal_just_where_questions_are(
    first: tuple[tuple[str, ...], dict[str, Any]], second: tuple[tuple[str, ...], dict[str, Any]]
) -> None:
    one, other = resolved(*first), resolved(*second)
    if one is not None and other is not None:
        assert (one.fingerprint() == other.fingerprint()) == (_meaning(one) == _meaning(other))
        again = resolved(*first)
        assert again is not None
        assert again.fingerprint() == one.fingerprint()


@at_most(60)
@given(asked=asked(), data=st.data())
def test_a_fingerprint_moves_with_any_one_value(asked: tuple[tuple[str, ...], dict[str, Any]], data: st.DataObject) -> None:
    metrics, fields = asked
    question = resolved(metrics, fields)
    if question is None or not any(each["values"] for each in fields["filters"]):
        return
    at = data.draw(st.sampled_from([number for number, each in enumerate(fields["filters"]) if each["values"]]))
    changed = [dict(each) for each in fields["filters"]]
    other = data.draw(VALUES[changed[at]["dimension"]])
    changed[at]["values"] = [other, *changed[at]["values"][1:]]
    moved = resolved(metrics, {**fields, "filters": changed})
    assert moved is not None
    assert (moved.fingerprint() == question.fingerprint()) == (moved == question)


def _meaning(question: Question) -> object:
    bounds, previous = question.bounds, question.previous
    return (
        [metric.metric_id for metric in question.metrics], [each.name for each in question.dimensions],
        [(each.dimension.name, each.op, each.values) for each in question.filters],
        bounds and (bounds.start, bounds.end), previous and (previous.start, previous.end),
        question.grain, question.compare, question.order, question.limit, question.partial, question.moves,
    )  # fmt: skip


@at_most(25)
@given(asked=asked(), now=MOMENTS, later=MOMENTS)
def test_a_statement_known_by_its_shape_is_the_one_that_would_be_compiled(
    asked: tuple[tuple[str, ...], dict[str, Any]], now: datetime, later: datetime
) -> None:
    metrics, fields = asked
    fields = {**fields, "window": "trailing_7d" if isinstance(fields["window"], dict) else fields["window"]}
    one, other = resolved(metrics, fields, now), resolved(metrics, fields, later)
    if one is None or other is None:
        return
    compiler = Compiler()
    compiler.statement(one, "postgres", policy())
    known, fresh = compiler.statement(other, "postgres", policy()), compile_question(other, "postgres", policy())
    assert known.safe.text == fresh.safe.text
    assert known.parameters(other) == fresh.parameters(other)
