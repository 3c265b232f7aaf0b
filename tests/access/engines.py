"""The demo's claims as somebody sees them, for engines to be held against each other and against SQL by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from tests.conftest import ANCHOR

from assay.answers.answer import wire_cell
from assay.backends.protocol import Backend
from assay.catalog.workspace import Workspace
from assay.compiler.question import MAX_LIMIT, Asked, Question, resolve_question
from assay.compiler.statement import compile_question
from assay.engines.duckdb.driver import DuckDBBackend
from assay.gate import Policy
from assay.people.policy_files import Texts, read_policies
from assay.people.scope import Scope
from assay.work.principal import Principal

_ALL = "ev_product_catalog: all, ref_partner: all, ev_coverage: all, ev_customer: all, ref_state: all"
_PEOPLE_OF = "people_of: {regions: claim:regions, years: claim:years, one: claim:one}\n"
_WHO = Principal("ann", "ann", "person", frozenset({"viewer"}),
                 claims={"regions": ("West", "O'Brien", "Midwest"), "years": ("2023", "2024"), "one": ("web",)})  # fmt: skip


class Seen(NamedTuple):
    rows: str
    by_hand: str
    """Which claims (c), with their product (p), are seen."""


CASES = {
    "an attribute of several values": Seen(
        f'ev_claim: "region IN ($user.regions)", {_ALL}', "c.region IN ('West', 'Midwest')"
    ),
    "an attribute of one, beside NULL": Seen(
        f'ev_claim: "channel <> $user.one OR resolution IS NULL", {_ALL}', "c.channel <> 'web' OR c.resolution IS NULL"
    ),
    "a parent's whole number": Seen(
        f'ev_claim: "ev_product_catalog.model_year IN ($user.years)", {_ALL}', "p.model_year IN (2023, 2024)"
    ),
    "no row": Seen("ev_product_catalog: all", "FALSE"),
    "a decimal and a moment": Seen(
        f"ev_claim: \"deductible_usd > 29.5 AND claim_open_ts < '2026-03-10'\", {_ALL}",
        "c.deductible_usd > 29.5 AND c.claim_open_ts < TIMESTAMPTZ '2026-03-10 00:00:00+00'",
    ),
}  # fmt: skip


def scope_of(seen: Seen, workspace: Workspace, minimum: int) -> Scope:
    text = f'metrics:\n  - {{for: ["*"], metrics: ["*"], rows: {{{seen.rows}}}}}\n{_PEOPLE_OF}'
    policies, findings = read_policies(
        Texts({"a.yaml": text + (f"minimum_group: {minimum}\n" if minimum else "")}, ()), workspace
    )
    assert policies, findings
    return policies.scope_of(_WHO)


def questions(workspace: Workspace, scope: Scope) -> Iterator[Question]:
    for metric in ("claim_volume_l3_asurion", "cost_avoided_mtd", "claim_approval_rate"):
        for asked in (
            {}, {"dimensions": ["region"]}, {"dimensions": ["category", "channel"]}, {"grain": "week"},
            {"compare": "previous_period", "dimensions": ["channel"]},
            {"filters": [{"dimension": "category", "op": "is_null"}]},
        ):  # fmt: skip
            yield resolve_question((metric,), Asked.model_validate(asked), workspace, ANCHOR, scope)


async def hold(seen: Seen, workspace: Workspace, lake: Path, other: Backend) -> None:
    """It gives the figures that the lakehouse gives, of as many rows; of the claims of each region as many as by hand."""
    with duckdb.connect(str(lake), read_only=True) as opened:
        counted = dict(opened.execute(by_hand(seen, next(questions(workspace, scope_of(seen, workspace, 0))))).fetchall())
    lakehouse = DuckDBBackend("lakehouse", lake)
    for minimum in (0, 5):
        for question in questions(workspace, scope_of(seen, workspace, minimum)):
            found, wanted = await told(question, workspace, other), await told(question, workspace, lakehouse)
            assert found.keys() == wanted.keys(), question.described()
            for key, values in found.items():
                assert all(map(_same, values, wanted[key])), (question.described(), key, values, wanted[key])
            if question.dimension_names() == ["region"] and question.metrics[0].metric_id == "claim_volume_l3_asurion":
                assert {key[0]: value[0] for key, value in found.items()} == counted
                assert not minimum or all(value[1] == value[0] for value in found.values())
    await lakehouse.close()


def _same(one: Any, other: Any) -> bool:
    """Exact, but for doubles: engines add them in an order of their own."""
    return one == pytest.approx(other, rel=1e-9) if isinstance(other, float) else one == other


async def told(question: Question, workspace: Workspace, backend: Backend) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """By group the values, and of how many rows they are where the scope has a minimum."""
    policy = Policy.from_dictionary(workspace.dictionary, max_rows=MAX_LIMIT + 1)
    statement = compile_question(question, backend.dialect, policy)
    found = await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 60)
    keys, beside = len(question.key_columns()), dict.fromkeys(name for names in statement.row_counts for name in names)
    rows = found.by_name([*(each.name for each in statement.columns), *beside])
    shown = [
        (*(wire_cell(*each) for each in zip(row, statement.columns, strict=False)), *row[len(statement.columns) :])
        for row in rows
    ]
    return {row[:keys]: row[keys:] for row in shown}


def by_hand(seen: Seen, question: Question) -> str:
    """How many claims there are of each region."""
    assert question.bounds
    return (
        "SELECT c.region, COUNT(*) FROM l3_asurion.ev_claim AS c"
        " LEFT JOIN l3_asurion.ev_product_catalog AS p ON p.product_id = c.product_id"
        f" WHERE ({seen.by_hand}) AND c.claim_open_ts >= TIMESTAMPTZ '{question.bounds.start}'"
        f" AND c.claim_open_ts < TIMESTAMPTZ '{question.bounds.end}' GROUP BY c.region"
    )
