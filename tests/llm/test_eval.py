"""The golden set can be scored with a model beside the reader; what a person would be asked is never counted as wrong."""

import pytest

from tests.eval.cases import Case
from tests.eval.model import configured_models, run_with_model
from tests.llm.models import FILTERED, Step, fake_model, replies
from tests.unit.words.reading import reader

VOLUME = "claim_volume_l3_asurion"
SPEC = {"kind": "bar", "metrics": [VOLUME], "dimensions": ["region"], "window": "trailing_30d"}
CASE = Case("plain", "claims by region, last 30 days", None, SPEC, None, None, None, False, False)


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("step", "outcome", "exact", "unheard"),
    [
        (replies({"can_be_shown": True, **SPEC}, "read_words"), "spec", True, 0),
        (replies({"can_be_shown": True, **SPEC, "window": "trailing_7d"}, "read_words"), "questions", False, 0),
        (FILTERED, "spec", True, 1),
    ],
    ids=["agrees", "disagrees", "refuses"],
)
async def test_a_model_beside_the_reader_is_scored(
    monkeypatch: pytest.MonkeyPatch, step: Step, outcome: str, exact: bool, unheard: int
) -> None:
    async with fake_model("bedrock") as model:
        for name, value in model.environment.items():
            monkeypatch.setenv(name, value)
        model.plays(step)
        [result], reasons = await run_with_model(reader(), model.name, [CASE])
    assert (result.reading.outcome, result.exact, result.is_silently_wrong) == (outcome, exact, False)
    assert reasons.total() == unheard


def test_each_configured_model_is_scored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured_models() == []
    monkeypatch.setenv("ASSAY_LLM", "bedrock:one")
    monkeypatch.setenv("ASSAY_LLM_FAST", "bedrock:one")
    assert configured_models() == ["bedrock:one"]
