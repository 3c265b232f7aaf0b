"""What a form refused is told in the words of whoever wrote it, and says what it takes."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from assay.catalog.entry import MetricEntry
from assay.catalog.faults import Fault, faults_of
from assay.compiler.question import Asked

ENTRY = {"id": "x", "label": "X", "definition": "D.", "entity": "sale", "measure": "COUNT(*)", "owner": "me"}


def faults(form: type[BaseModel], written: Any) -> list[Fault]:
    with pytest.raises(ValidationError) as caught:
        form.model_validate(written)
    return faults_of(caught.value.errors(), form)


@pytest.mark.parametrize(
    ("written", "said", "mend"),
    [
        ([], "it has to be a mapping of names to values", None),
        ({"dimension": ["region"]}, "dimension is not known here", "Did you mean 'dimensions'?"),
        (
            {"question": "how many"},
            "question is not known here",
            "there are dimensions, filters, any_of, segments, having, whose, parameters, window, grain, compare, order,"
            " limit, others and targets",
        ),
        ({"dimensions": "region"}, "dimensions has to be a list", None),
        ({"dimensions": ["a"] * 7}, "dimensions holds 7; at most 6 are taken", None),
        ({"window": 5}, "window has to be text or a mapping of names to values", None),
        ({"window": {"start": "2026-01-01"}}, "window.end is missing", None),
        ({"window": {"start": "2026-01-01", "end": 5}}, "window.end has to be text", None),
        ({"grain": 5}, "grain has to be text", None),
        ({"limit": 0}, "limit has to be 1 or more", None),
        ({"limit": 10**30}, "limit has to be 10,000 or less", None),
        ({"limit": 5.5}, "limit has to be a whole number", None),
        ({"limit": float("nan")}, "limit has to be a finite number", None),
        (
            {"filters": [{"dimension": "region", "op": "eq", "values": [None]}]},
            "filters.0.values.0 has to be text, a whole number, a number or true or false",
            None,
        ),
        ({"filters": [{"dimension": "region", "op": "eq"}]}, "filters.0: eq takes one value, and 0 are given", None),
    ],
)
def test_a_question_that_cannot_be_read_says_what_is_wrong(written: Any, said: str, mend: str | None) -> None:
    assert [(fault.told_of("it"), fault.mend) for fault in faults(Asked, written)] == [(said, mend)]


@pytest.mark.parametrize(
    ("changed", "said", "mend"),
    [
        ({"id": "My Metric"}, "id is not of the form ", "small letters, digits and _, beginning with a letter"),
        ({"units": "usd"}, "units is not known here", "Did you mean 'unit'?"),
        ({"label": ""}, "label is empty", None),
        ({"tolerance": {"relative": -1}}, "tolerance.relative has to be 0 or more", None),
        ({"dimensions": [{"nam": "x", "name": "y"}]}, "dimensions.0.nam is not known here", "Did you mean 'name'?"),
        (
            {"dimensions": ["region", "product.category"]},
            "dimensions.1 is not of the form ",
            "small letters, digits and _, beginning with a letter;"
            " or write a mapping of name, column, by, expression and label",
        ),
        ({"alive": {"from": "a", "till": "b", "until": "c"}}, "alive.till is not known here", "Did you mean 'until'?"),
        ({"measure": None}, "write exactly one of measure, numerator with denominator, expression, conversion", None),
    ],
)
def test_a_definition_that_cannot_be_read_says_what_is_wrong(changed: Any, said: str, mend: str | None) -> None:
    (fault,) = faults(MetricEntry, {**ENTRY, **changed})
    assert fault.told_of("").startswith(said)
    assert fault.mend == mend


def test_each_thing_that_is_wrong_is_told_once() -> None:
    found = faults(MetricEntry, {"id": "x", "dimensions": [1, "ok"], "direction": "up"})
    assert [fault.told_of("") for fault in found] == [
        "label is missing",
        "definition is missing",
        "dimensions.0 has to be text or a mapping of names to values",
        "direction has to be 'up_is_good', 'down_is_good' or 'neutral'",
        "owner is missing",
    ]
