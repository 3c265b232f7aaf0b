"""Parameters of metrics: which are taken, what they are part of, and what a question may say."""

from pathlib import Path
from typing import Any

import pytest

from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.question import Asked, Question, resolve_question, restore_question
from assay.compiler.statement import compile_question
from assay.errors import BadQuestion
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.unit.small import NOW, write_shop

TEXT = """\
metrics:
  - {{id: net, label: Net, definition: Net., entity: sale, measure: "SUM(amount * (1 - $param.rate))", time: sold_at,
     filter: "region <> $param.without", owner: shop, parameters: [{rate}, {{name: without, type: string, default: x}}]}}
  - {{id: gross, label: Gross, definition: Gross., entity: sale, measure: SUM(amount), time: sold_at, owner: shop}}
  - {{id: share, label: Share, definition: Share., expression: net / gross, owner: shop}}
"""
RATE = "{name: rate, type: decimal, default: 0.1}"


def loaded(root: Path, rate: str = RATE) -> Workspace:
    return load_workspace(write_shop(root, metrics=TEXT.format(rate=rate)), {})


def ask(workspace: Workspace, metric: str = "net", **said: Any) -> Question:
    return resolve_question((metric,), Asked(parameters=said), workspace, NOW, EVERYTHING)


def test_what_is_said_is_bound_and_part_of_the_question(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    plain, asked = ask(workspace), ask(workspace, rate=0.25, without="'; DROP TABLE sale; --")
    policy = Policy.from_dictionary(workspace.dictionary)
    one, other = (compile_question(each, "duckdb", policy) for each in (plain, asked))
    assert one.safe.text == other.safe.text
    assert [str(other.parameters(asked)[f"p{number}"]) for number in (1, 2)] == ["0.25", "'; DROP TABLE sale; --"]
    assert [str(one.parameters(plain)[f"p{number}"]) for number in (1, 2)] == ["0.1", "x"]
    assert plain.fingerprint() != asked.fingerprint()
    assert restore_question(asked.described(), workspace, EVERYTHING) == asked
    assert ask(workspace, rate="0.10", without="x").fingerprint() == plain.fingerprint()
    assert dict(ask(workspace, "share", rate=1).parameters) == {"rate": 1}


@pytest.mark.parametrize("rate", ["{name: rate, type: decimal, default: 0.2}", "{name: rate, type: double, default: 0.1}"])
def test_type_and_default_belong_to_the_version(tmp_path: Path, rate: str) -> None:
    before, after = loaded(tmp_path / "a").metrics, loaded(tmp_path / "b", rate).metrics
    assert before["net"].version != after["net"].version
    assert before["share"].version != after["share"].version
    assert before["gross"].version == after["gross"].version


@pytest.mark.parametrize(
    ("rate", "told"),
    [("{name: rate, type: decimal, default: many}", "'many' is no decimal"),
     ("{name: rate, type: boolean, default: 1}", "1 is no boolean"),
     ("{name: rates, type: decimal, default: 0}", "no parameter 'rate'"),
     (f"{RATE}, {RATE}", "stands twice"), (f"{RATE}, {{name: fee, type: date, default: 2026-02-30}}", "2026-02-30"),
     (f"{RATE}, {{name: fee, type: integer, default: 0}}", "'fee' stands in no formula")],
)  # fmt: skip
def test_what_is_no_parameter_is_a_finding(tmp_path: Path, rate: str, told: str) -> None:
    workspace = loaded(tmp_path, rate)
    assert "net" not in workspace.metrics
    assert any(told in str(each) for each in workspace.findings), [str(each) for each in workspace.findings]


@pytest.mark.parametrize(
    ("said", "told"),
    [({"rat": 1}, "no metric here has a parameter 'rat'"), ({"rate": True}, "is no decimal"), ({"rate": "NaN"}, "digits"),
     ({"rate": 0.1234567}, "6 behind"), ({"without": 5}, "5 is no string"), ({"without": "a\x00"}, "NUL")],
)  # fmt: skip
def test_what_is_no_value_of_it_is_refused(tmp_path: Path, said: dict[str, Any], told: str) -> None:
    with pytest.raises(BadQuestion, match=told):
        ask(loaded(tmp_path), **said)
