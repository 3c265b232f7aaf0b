"""A model's rows beside the compiler's: the rules of parity, and the order of rows on top."""

from typing import Any

import pytest

from assay.answers.generated import Standing, compare
from assay.catalog.workspace import Workspace
from assay.compiler.question import Asked, resolve_question
from assay.compiler.statement import compile_question
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.conftest import ANCHOR

THEIRS = [["West", "12.50"], ["South", "7.00"], [None, "0.00"]]


def held(workspace: Workspace, ours: list[list[Any]], theirs: list[list[Any]] = THEIRS, **asked: Any) -> Standing:
    given = Asked.model_validate({"dimensions": ["region"], **asked})
    question = resolve_question(("cost_avoided_mtd",), given, workspace, ANCHOR, EVERYTHING)
    columns = compile_question(question, "postgres", Policy.from_dictionary(workspace.dictionary)).columns
    return compare(question, columns, theirs, ours, "v1")


def test_the_same_rows_are_equal(workspace: Workspace) -> None:
    found = held(workspace, THEIRS)
    assert (found.standing, found.differences, found.data_version) == ("equal_here", (), "v1")


def test_how_a_value_is_written_counts_for_nothing(workspace: Workspace) -> None:
    assert held(workspace, [["West", "12.5"], ["South", "7"], [None, "-0.00"]]).standing == "equal_here"


def test_a_blank_at_the_end_of_a_text_makes_another_text(workspace: Workspace) -> None:
    found = held(workspace, [["West  ", "12.50"], *THEIRS[1:]])
    assert {(each.key[0], each.column) for each in found.differences} == {("West", None), ("West  ", None)}
    assert found.standing == "differs"


def test_another_order_is_another_answer(workspace: Workspace) -> None:
    found = held(workspace, [THEIRS[1], THEIRS[0], THEIRS[2]])
    assert (found.standing, found.reason) == ("differs", "the rows are the compiler's, in another order")


def test_a_value_that_differs_stands_there_as_it_travels(workspace: Workspace) -> None:
    found = held(workspace, [["West", "12.50"], ["South", "7.01"], [None, "0.00"]])
    assert found.reason == "the rows differ from the compiler's in 1 place"
    (place,) = found.differences
    assert (place.key, place.column, place.compiler, place.model) == (["South"], "value", "7.00", "7.01")


@pytest.mark.parametrize("compare", [None, "previous_period"])
def test_a_row_too_many_and_one_too_few_are_told_once_and_whole(workspace: Workspace, compare: str | None) -> None:
    more = [] if compare is None else ["1.00"]
    theirs = [[*row, *more] for row in THEIRS]
    ours = [["West", "12.50", *more], ["North", "7.00", *more], [None, "0.00", *more]]
    found = held(workspace, ours, theirs, compare=compare)
    told = {each.key[0]: (each.column, each.compiler, each.model) for each in found.differences}
    assert told == {"South": (None, ["7.00", *more], None), "North": (None, None, ["7.00", *more])}
    assert len(found.differences) == 2


@pytest.mark.parametrize(
    ("ours", "reason"),
    [
        ([["West", "12.50"], ["West", "12.50"]], "the model gave the group West twice"),
        ([["West", "many"]], "'many' is not a valid decimal"),
    ],
)
def test_rows_that_hold_no_answer_differ_and_say_why(workspace: Workspace, ours: list[list[Any]], reason: str) -> None:
    found = held(workspace, ours)
    assert (found.standing, found.reason) == ("differs", f"the rows differ from the compiler's: {reason}")
