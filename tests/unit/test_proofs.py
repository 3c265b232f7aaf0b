"""How an answer stands while the engine that it was compared with is away, and what an older answer still answers."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assay.answers.resolve import _means
from assay.backends.protocol import DataVersion
from assay.compiler.question import Asked, resolve_question
from assay.errors import BackendUnavailable
from assay.people.scope import EVERYTHING
from assay.routing.certificate import Standing
from assay.routing.proofs import Proofs
from tests.unit.small import NOW, shop
from tests.unit.test_entities import ENTITIES, loaded


class Engine:
    def __init__(self, *, is_away: bool) -> None:
        self.is_away = is_away

    def known_version(self, tables: Any) -> None:
        return None

    def version_token(self) -> str:
        return "some"

    async def data_version(self, tables: Any) -> DataVersion:
        if self.is_away:
            raise BackendUnavailable("it does not answer")
        return DataVersion("1", "snapshot", NOW)


async def test_the_other_engine_that_is_away_makes_the_proof_stale_and_no_error(tmp_path: Path) -> None:
    metric = shop(tmp_path).metrics["products"]
    proofs = Proofs()
    sides = [{"backend": "near", "data_version": "1"}, {"backend": "far", "data_version": "1"}]
    document = {"sides": sides, "definition_version": metric.version}
    proofs.certificates["products", frozenset(("near", "far"))] = SimpleNamespace(document=document)  # pyright: ignore[reportArgumentType]
    proofs.standings["products"] = Standing("proven", "equal", "c", "far")
    catalog: Any = SimpleNamespace(backends={"near": Engine(is_away=False), "far": Engine(is_away=True)})
    question: Any = SimpleNamespace(metrics=(metric,), parameters=())
    found = await proofs.standing_of_question(metric, question, "near", catalog)
    assert (found.standing, found.reason) == ("stale", "far does not answer: what it holds now is not known")
    # Of another definition it proves nothing, also in the moment before somebody looks over the standings.
    document["definition_version"] = "another"
    found = await proofs.standing_of_question(metric, question, "near", catalog)
    assert (found.standing, found.reason) == ("stale", "the definition has changed since")
    document["definition_version"] = metric.version
    proofs.standings["products"] = Standing("proven", "equal", "c", "near")
    with pytest.raises(BackendUnavailable):
        await proofs.standing_of_question(metric, question, "far", catalog)


async def test_a_difference_is_stale_as_soon_as_data_move(tmp_path: Path) -> None:
    metric = shop(tmp_path).metrics["products"]
    proofs = Proofs()
    sides = [{"backend": "near", "data_version": "1"}, {"backend": "far", "data_version": "1"}]
    document = {"sides": sides, "definition_version": metric.version}
    certificate: Any = SimpleNamespace(document=document, certificate_id="c")
    proofs.certificates["products", frozenset(("near", "far"))] = certificate
    proofs.standings["products"] = Standing("differs", "far differs from near", "c", "far")
    catalog: Any = SimpleNamespace(backends={"near": Engine(is_away=False), "far": Engine(is_away=False)})
    question: Any = SimpleNamespace(metrics=(metric,), parameters=())
    assert (await proofs.standing_of_question(metric, question, "near", catalog)).standing == "differs"
    sides[1]["data_version"] = "0"
    found = await proofs.standing_of_question(metric, question, "near", catalog)
    assert (found.standing, found.reason) == (
        "stale", "compared last, far differs from near; far has other data since",
    )  # fmt: skip
    proofs.standings["products"] = Standing("accepted", "Ana took it", "c", "far")
    assert (await proofs.standing_of_question(metric, question, "near", catalog)).standing == "accepted"


def test_an_answer_under_a_segment_of_another_condition_is_no_older_one(tmp_path: Path) -> None:
    asked = Asked(segments=("gifts",))
    question = resolve_question(("all",), asked, loaded(tmp_path), NOW, EVERYTHING)
    version = SimpleNamespace(definition_version=question.metrics[0].version)
    answer: Any = SimpleNamespace(provenance=version, question=question.described())
    assert _means(answer, question)
    other = loaded(tmp_path, ENTITIES.replace("filter: is_gift", "filter: NOT is_gift"))
    assert other.metrics["all"].version == question.metrics[0].version
    assert not _means(answer, resolve_question(("all",), asked, other, NOW, EVERYTHING))


def test_what_is_known_of_one_metric_is_not_said_of_another_of_equal_meaning(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    one, other = workspace.metrics["all"], replace(workspace.metrics["all"], metric_id="other")
    proofs = Proofs()
    side = {"backend": "near", "schema": "s", "data_version": "1", "data_version_kind": "snapshot"}
    asked = {"segments": [{"name": "gifts", "filter": "is_gift"}]}
    for key, schema, question in ((None, "plain", None), ("key", "with gifts", asked)):
        document = {"question_key": key, "question": question, "sides": [{**side, "schema": schema}]}
        made: Any = SimpleNamespace(
            metric_id="all", here="near", there="far", verdict="equal", document=document, created_at=NOW
        )
        proofs.keep(made, one)
    catalog: Any = SimpleNamespace(
        backends={"near": Engine(is_away=False)}, described=SimpleNamespace(knows=lambda *_: False)
    )
    found = [proofs.facts(metric, "near", catalog, by) for metric in (one, other) for by in ((), ("gifts",))]
    assert [each and each.schema for each in found] == ["plain", "with gifts", None, None]
    assert one.bound_columns.keys() < one.columns_for(("phones",)).keys()
    assert "is_gift" not in one.bound_columns["shop.sale"]
    assert "is_gift" in one.columns_for(("gifts",))["shop.sale"]
