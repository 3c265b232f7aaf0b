"""Conditions beyond equal and greater, on every engine: parts of texts, both ends, groups of which one holds."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.engine.pins import Pins, open_pins
from tests.unit.small import NOW, shop

from assay.compiler.question import Asked, Question, resolve_question, restore_question
from assay.errors import BadQuestion
from assay.people.scope import EVERYTHING

TEXTS = [
    "Nice",
    "nice",
    "Nice II",
    "Ni_e",
    "100%",
    "a!b",
    "é",
    "e\u0301",
    "",
    None,
    " Nice",
    "o'neil",
    "back\\slash",
    "x\ny",
]
METRIC: dict[str, dict[str, object]] = {"m": {"measure": "COUNT(*)", "dimensions": ["label", "items", "is_good"]}}


@pytest.fixture(scope="module")
async def pins(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pins]:
    async with open_pins(tmp_path_factory.mktemp("conditions")) as opened:
        rows = [{"label": each, "items": number, "is_good": number % 2 == 0} for number, each in enumerate(TEXTS)]
        await opened.fill(fact=[*rows, {"label": "Nice"}])
        yield opened


def one(dimension: str, op: str, *values: object) -> dict[str, Any]:
    return {"dimension": dimension, "op": op, "values": list(values)}


async def counted(pins: Pins, *filters: dict[str, Any], any_of: tuple[list[dict[str, Any]], ...] = ()) -> int:
    ((found,),) = await pins.rows(METRIC, filters=list(filters), any_of=list(any_of))
    return found


@pytest.mark.cases(4)
@pytest.mark.parametrize("looked", ["i", "N", "_", "%", "!", "'", "\\", "\n", " ", "é", "Nice", "nice II"])
async def test_a_part_of_a_text_is_that_very_text(pins: Pins, looked: str) -> None:
    texts = [*TEXTS, "Nice"]
    tests: dict[str, Callable[[str], bool]] = {
        "contains": lambda text: looked in text, "starts_with": lambda text: text.startswith(looked),
        "ends_with": lambda text: text.endswith(looked),
    }  # fmt: skip
    for op, holds in tests.items():
        right = sum(each is not None and holds(each) for each in texts)
        assert await counted(pins, one("label", op, looked)) == right, op
        # Rows without a value do not have it: they are kept, unlike by a formula's NOT.
        assert await counted(pins, one("label", f"not_{op}", looked)) == len(texts) - right


async def test_between_holds_both_ends(pins: Pins) -> None:
    assert await counted(pins, one("items", "between", 2, 4)) == 3
    assert await counted(pins, one("items", "between", 3, 3)) == 1
    with pytest.raises(BadQuestion, match="the lower end first"):
        await counted(pins, one("items", "between", 4, 2))


async def test_all_conditions_of_one_group_have_to_hold(pins: Pins) -> None:
    first, second = [one("label", "eq", "Nice"), one("is_good", "eq", True)], [one("items", "gte", 12)]
    assert await counted(pins, any_of=(first, second)) == 1 + 2
    assert await counted(pins, one("items", "lt", 13), any_of=(first, second)) == 1 + 1
    assert await counted(pins, any_of=([one("label", "is_null")], [one("items", "is_null")])) == 2
    assert await counted(pins, any_of=([one("label", "in", "Nice", "nice")],)) == 3
    ((found,),) = await pins.rows(
        {"m": {"measure": "SUM(items)", "filter": "items > 0", "dimensions": ["label"]}},
        any_of=[[one("label", "eq", "nice")], [one("label", "ne", "nice"), one("label", "contains", "II")]],
    )
    assert found == 1 + 2


def asked(tmp_path: Path, **more: Any) -> Question:
    return resolve_question(("sales",), Asked.model_validate(more), shop(tmp_path), NOW, EVERYTHING)


def test_questions_differ_by_their_groups_and_come_back_whole(tmp_path: Path) -> None:
    one_group = [[one("region", "eq", "West"), one("items", "gt", 1)]]
    two_groups = [[one("region", "eq", "West")], [one("items", "gt", 1)]]
    plain, both, either = (
        asked(tmp_path / name, **more) for name, more in
        {"a": {}, "b": {"any_of": one_group}, "c": {"any_of": two_groups}}.items()
    )  # fmt: skip
    assert len({plain.fingerprint(), both.fingerprint(), either.fingerprint()}) == 3
    assert "any_of" not in plain.described()
    assert restore_question(either.described(), shop(tmp_path / "d"), EVERYTHING).fingerprint() == either.fingerprint()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"any_of": [[one("regio", "eq", "West")]]}, "has no dimension 'regio'"),
        ({"any_of": [[one("items", "contains", "1")]]}, "items holds no text"),
        ({"filters": [one("region", "contains", "")]}, "takes a text that is not empty"),
    ],
)
def test_a_condition_that_means_nothing_is_refused(tmp_path: Path, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(BadQuestion, match=said):
        asked(tmp_path, **wrong)
