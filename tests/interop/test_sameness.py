"""When two definitions are told to mean the same: only where no rows could give another number."""

from typing import Any

import pytest
from tests.unit.small import JOINS, TABLES, write_shop

from assay.catalog.binder import Binder
from assay.catalog.dictionary import Dictionary
from assay.catalog.entry import MetricEntry
from assay.catalog.metric import Metric
from assay.catalog.workspace import load_workspace
from assay.interop.out.sameness import differences

OTHERWISE = ["it is calculated otherwise there"]
OF_NONE = ["over no rows one of the two is 0, and the other has no value"]


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    shop = write_shop(tmp_path_factory.mktemp("shop"), metrics="metrics: []\n", tables=TABLES, joins=JOINS)
    return load_workspace(shop, {}).dictionary


def bound(dictionary: Dictionary, said: dict[str, Any]) -> Metric:
    """`made_of`: what it is calculated from, by id."""
    binder, known = Binder(dictionary), dict[str, Metric]()
    said = dict(said)
    entries = {**said.pop("made_of", {}), "m": said}
    for name, each in entries.items():
        base = {} if "expression" in each else {"entity": "sale", "time": "sold_on"}
        entry = MetricEntry.model_validate({"id": name, "label": "M", "definition": "M.", "owner": "o", **base, **each})
        known[name] = binder.take(entry, known, entries, "", 1)
    return known["m"]


COUNTED: dict[str, Any] = {"a": {"measure": "COUNT(*)", "filter": "is_gift"}, "b": {"measure": "COUNT(*)"}}


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("mine", "theirs", "told"),
    [
        ({"measure": "SUM(items)"}, {"measure": "COALESCE(SUM(items), 0)", "empty": "unknown"}, []),
        ({"measure": "SUM(items)"}, {"measure": "SUM(items)", "empty": "unknown"}, OF_NONE),
        ({"measure": "SUM(amount)"}, {"measure": "COALESCE(SUM(amount), 0)", "empty": "unknown"}, OTHERWISE),
        (
            {"measure": "SUM(amount)", "filter": "is_gift"},
            {"measure": "CASE WHEN COUNT(*) FILTER (WHERE is_gift) = 0 THEN 0 ELSE SUM(amount) FILTER (WHERE is_gift) END"},
            [],
        ),
        (
            {"measure": "SUM(amount)", "filter": "is_gift"},
            {"measure": "CASE WHEN COUNT(*) = 0 THEN 0 ELSE SUM(amount) FILTER (WHERE is_gift) END", "empty": "unknown"},
            OTHERWISE,
        ),
        ({"measure": "COUNT(*)", "filter": "is_gift"}, {"measure": "COUNT(*) FILTER (WHERE is_gift)"}, []),
        ({"measure": "COUNT(*)", "filter": "is_gift"}, {"measure": "COUNT(*)"}, OTHERWISE),
        ({"measure": "COUNT(*)"}, {"measure": "COUNT(sale_id)"}, []),
        ({"measure": "COUNT(*)"}, {"measure": "COUNT(amount)"}, OTHERWISE),
        (
            {"measure": "COUNT(*)", "filter": "(is_gift OR items > 5) AND items < 9"},
            {"measure": "COUNT(*)", "filter": "is_gift OR items > 5 AND items < 9"}, OTHERWISE,
        ),
        (
            {"measure": "COUNT(*)", "filter": "is_gift AND items < 9"},
            {"measure": "COUNT(*)", "filter": "(items < 9) AND (is_gift)"}, [],
        ),
        ({"measure": "MEDIAN(items)"}, {"measure": "PERCENTILE(items, 0.5)"}, []),
        ({"measure": "SUM(items) / COUNT(*)"}, {"measure": "COUNT(*) / SUM(items)"}, OTHERWISE),
        (
            {"numerator": COUNTED["a"], "denominator": COUNTED["b"]}, {"expression": "a / b", "made_of": COUNTED}, [],
        ),
        (
            {"numerator": COUNTED["a"], "denominator": COUNTED["b"]},
            {"measure": "COUNT(*) FILTER (WHERE is_gift) / COUNT(*)"}, [],
        ),
        ({"expression": "a - b", "made_of": COUNTED}, {"expression": "b - a", "made_of": COUNTED}, OTHERWISE),
        ({"measure": "COUNT(*)"}, {"measure": "COUNT(*)", "time": "sold_at"}, ["its rows count by another time there"]),
        ({"measure": "COUNT(*)"}, {"measure": "COUNT(*)", "over": "all"}, ["it counts over other days there"]),
        (
            {"expression": "b - c", "made_of": COUNTED, "inputs": {"c": {"metric": "b", "shift": "7 days"}}},
            {"expression": "b - c", "made_of": COUNTED, "inputs": {"c": {"metric": "b", "shift": "1 month"}}},
            ["it looks back otherwise there"],
        ),
        (
            {"measure": "COUNT(*)", "window": "trailing_7d"}, {"measure": "COUNT(*)"},
            ["a question says its days there, and here they are trailing_7d where it says none"],
        ),
        ({"measure": "COUNT(*)", "filter": "billing_id = 'a'"}, {"measure": "COUNT(*)", "filter": "shipping_id = 'a'"},
         OTHERWISE),
    ],
)  # fmt: skip
def test_definitions_are_the_same_where_no_rows_could_tell_them_apart(
    mine: dict[str, Any], theirs: dict[str, Any], told: list[str], dictionary: Dictionary
) -> None:
    assert differences(bound(dictionary, mine), bound(dictionary, theirs)) == told
    assert bool(differences(bound(dictionary, theirs), bound(dictionary, mine))) == bool(told)
