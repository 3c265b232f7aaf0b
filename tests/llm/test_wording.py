"""A recommendation's reasons in a model's words: beside the rules, never instead of them, and never late."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from assay.llm import Door, Patience
from assay.loop.rationale import BUDGET_SECONDS, Wording
from assay.settings import Settings
from tests.api.loop_steps import damage, decide, recommended
from tests.conftest import House, eventually
from tests.llm.models import SILENCE, FakeModel, Step, fails, fake_model, replies

WORDS = "Nashville West End has the part and a place for the iPhone 14 Pro: a repair is covered."


@pytest.fixture
async def small(monkeypatch: pytest.MonkeyPatch, house: House) -> AsyncIterator[FakeModel]:
    async with fake_model("openai") as model:
        for name, value in model.environment.items():
            monkeypatch.setenv(name, value)
        door = Door(None, model.name, Patience(request_seconds=BUDGET_SECONDS, total_seconds=BUDGET_SECONDS, attempts=1))
        house.running.loop.wording = Wording(door)
        await house.running.loop.prepare()
        yield model


def says(text: str) -> Step:
    return replies({"text": text}, "write_rationale")


async def worded(house: House, recommendation_id: str) -> dict[str, Any]:
    """The recommendation once the model was heard, or was not."""

    async def is_settled() -> dict[str, Any] | None:
        found = (await house.client.get(f"/v1/recommendations/{recommendation_id}")).json()
        return found if found["model"] is not None else None

    found = await eventually(is_settled)
    assert found
    return found


async def row(house: House, recommendation_id: str) -> str:
    connection = await asyncpg.connect(house.url)
    try:
        return await connection.fetchval(
            "SELECT rationale FROM l3_asurion.ops_recommendation WHERE recommendation_id = $1", recommendation_id
        )
    finally:
        await connection.close()


async def test_a_models_words_take_the_templates_place_and_are_marked(house: House, small: FakeModel) -> None:
    small.plays(says(WORDS))
    name = await recommended(house, damage())
    at_once = (await house.client.get(f"/v1/recommendations/{name}")).json()
    assert at_once["rationale"].startswith(("Book a same-day repair at Nashville West End.", WORDS))
    found = await worded(house, name)
    assert (found["author"], found["rationale"], found["author_note"], found["model"]) == ("model", WORDS, None, small.name)
    assert await row(house, name) == WORDS
    # What was decided and signed are the rules' own words, and the decision is theirs.
    assert found["receipt"]["signature_valid"]
    assert found["receipt"]["document"]["rationale"].startswith("Book a same-day repair")
    assert found["action"] == "book_same_day_repair"
    assert "Doe" not in "".join(small.prompts())


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("step", "note"),
    [
        (says("A replacement would be quicker."), "another action"),
        (says("The repair is ready in 35 minutes."), "a figure that was not given (35)"),
        (says(""), "0 letters"),
        (SILENCE, "did not answer within 2 s"),
        (fails(503), "did not answer"),
        (Step("words"), "in words instead of what was asked for"),
    ],
)
async def test_the_rules_words_stay_where_the_models_cannot_be_used(
    house: House, small: FakeModel, step: Step, note: str
) -> None:
    small.plays(step)
    name = await recommended(house, damage())
    found = await worded(house, name)
    assert found["author"] == "rules"
    assert note in found["author_note"]
    assert found["rationale"] == await row(house, name)
    assert found["rationale"].startswith("Book a same-day repair at Nashville West End.")


@pytest.mark.exhaustive
async def test_what_was_decided_keeps_the_words_it_was_decided_on(house: House, small: FakeModel) -> None:
    small.plays(SILENCE)
    name = await recommended(house, damage())
    decided = (await decide(house, name, "approve")).json()
    wording = house.running.loop.wording
    assert wording
    small.plays(says(WORDS))
    await wording.word(house.running.database, house.running.loop.serving(), name, house.running.loop.now)
    found = (await house.client.get(f"/v1/recommendations/{name}")).json()
    assert (found["author"], found["rationale"]) == ("rules", decided["rationale"])


@pytest.mark.exhaustive
async def test_a_reset_takes_the_models_words_back_too(house: House, small: FakeModel) -> None:
    small.plays(says(WORDS))
    await worded(house, await recommended(house, damage()))
    assert (await house.client.post("/v1/demo/reset")).json() == {"events": 1}
    assert (await house.client.get("/v1/recommendations")).json() == {"recommendations": []}


async def test_without_a_model_nobody_is_asked(house: House) -> None:
    wording = Wording.of(house.settings)
    assert not wording.is_configured
    assert Wording.of(Settings(house.root, house.root, "127.0.0.1", 1, None, None, llm="openai:x")).is_configured
