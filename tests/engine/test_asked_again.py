"""When a comparison asks a second time, and what it tells of the first."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.conftest import House

from assay.backends.protocol import DataVersion, Rows
from assay.compiler.question import Asked, resolve_question
from assay.gate import SafeSql
from assay.people.scope import EVERYTHING
from assay.routing.comparer import Comparer
from assay.routing.comparing import compare_metric, compare_question
from assay.routing.comparison import Comparison

METRIC = "cost_avoided_mtd"
NAMES = ("postgres", "lakehouse")


class Changed:
    """The lakehouse with some of its answers changed; `asked` are the texts that ran there."""

    def __init__(self, backend: Any, change: Any) -> None:
        self._backend, self._change, self.asked = backend, change, list[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    async def run(self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], *rest: Any) -> Rows:
        self.asked.append(statement.text)
        return self._change(await self._backend.run(statement, parameters, tables, *rest), self.asked)


def is_total(text: str) -> bool:
    return "GROUP BY" not in text and "MAX(" not in text and "MIN(" not in text


def other_version(rows: Rows) -> DataVersion:
    return replace(rows.data_version, text="moved")


def catalog_with(house: House, lakehouse: Changed) -> Any:
    catalog = house.running.catalog
    return replace(catalog, backends={**catalog.backends, "lakehouse": lakehouse})


async def compared(house: House, lakehouse: Changed) -> Any:
    catalog = catalog_with(house, lakehouse)
    return await compare_metric(catalog.workspace.metrics[METRIC], NAMES, catalog, house.clock[0])


def lake_of(house: House) -> Any:
    return house.running.catalog.backends["lakehouse"]


async def test_a_difference_that_stands_is_asked_about_once(shared_house: House) -> None:
    """Grains read different tables: that the versions of these differ does not mean that anything moved."""

    def less(rows: Rows, _: list[str]) -> Rows:
        return replace(rows, rows=[(*row[:-1], row[-1] and row[-1] - 1) if len(row) > 1 else row for row in rows.rows])

    lakehouse = Changed(lake_of(shared_house), less)
    found = await compared(shared_house, lakehouse)
    assert found.verdict == "differs"
    grains = [text for text in lakehouse.asked if "GROUPING" not in text and "MAX(" not in text]
    assert len(grains) == len(set(grains)) == len(found.grains)


@pytest.mark.exhaustive
async def test_a_difference_while_the_data_moved_is_asked_about_once_more(shared_house: House) -> None:
    def at_first(rows: Rows, asked: list[str]) -> Rows:
        if len(asked) == 1:
            return replace(rows, rows=[(0,)], data_version=other_version(rows))
        return rows

    lakehouse = Changed(lake_of(shared_house), at_first)
    found = await compared(shared_house, lakehouse)
    assert (found.verdict, found.grains[0].verdict) == ("equal", "equal")
    # Twice, and of the window before.
    assert len([text for text in lakehouse.asked if is_total(text)]) == 3


async def test_a_difference_that_outlives_the_move_counts(shared_house: House) -> None:
    def always(rows: Rows, asked: list[str]) -> Rows:
        return replace(rows, rows=[(0,)], data_version=other_version(rows)) if is_total(asked[-1]) else rows

    lakehouse = Changed(lake_of(shared_house), always)
    assert (await compared(shared_house, lakehouse)).grains[0].verdict == "differs"
    assert len([text for text in lakehouse.asked if is_total(text)]) == 2


async def shadowed(house: House, lakehouse: Changed) -> Comparison:
    catalog = catalog_with(house, lakehouse)
    question = resolve_question((METRIC,), Asked(), catalog.workspace, house.clock[0], EVERYTHING)
    return await compare_question(question.metrics[0], NAMES, catalog, question)


async def test_a_shadow_asks_once_more_where_the_data_moved(shared_house: House) -> None:
    def at_first(rows: Rows, asked: list[str]) -> Rows:
        return replace(rows, rows=[(0,)], data_version=other_version(rows)) if len(asked) == 1 else rows

    assert (await shadowed(shared_house, Changed(lake_of(shared_house), at_first))).verdict == "equal"


async def test_looking_for_the_side_that_is_behind_leaves_the_times_of_the_question(
    shared_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[tuple[list[float], int]] = []
    look = Comparer.behind

    async def noted(comparer: Any) -> Any:
        before = list(comparer.engine_ms)
        found = await look(comparer)
        looks.append((before, len(lakehouse.asked)))
        return found

    def late(rows: Rows, asked: list[str]) -> Rows:
        """The newest row is an hour older there, and only the whole question shows that it is missing."""
        if "MAX(" in asked[-1]:
            return replace(rows, rows=[(rows.rows[0][0] - timedelta(hours=1),)])
        return replace(rows, rows=[(0,)]) if len(asked) == 1 else rows

    lakehouse = Changed(lake_of(shared_house), late)
    monkeypatch.setattr(Comparer, "behind", noted)
    found = await shadowed(shared_house, lakehouse)
    assert found.verdict == "not_comparable"
    ((times, asked),) = looks
    assert asked > 3
    assert list(found.milliseconds) == [round(each, 3) for each in times]
