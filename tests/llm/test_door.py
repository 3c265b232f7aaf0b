"""The door to models, over real sockets, in each of the three protocols."""

import dataclasses
import importlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from assay.errors import LlmUnavailable
from assay.llm import Door, Patience, Reply
from tests.llm.models import (
    CUT_OFF,
    FILTERED,
    HANG_UP,
    PAGE,
    PROTOCOLS,
    SILENCE,
    WORDS,
    FakeModel,
    Protocol,
    Step,
    fails,
    fake_model,
    replies,
    says,
)

GOOD = {"sql": "SELECT 1", "explanation": "One."}
PATIENCE = Patience(request_seconds=5, total_seconds=8)


class Written(BaseModel):
    sql: str
    explanation: str


class Waits:
    """Stands in for sleeping, and keeps how long it would have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)

    def clock(self) -> float:
        return self.now


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
async def door(model: FakeModel, waits: Waits) -> AsyncIterator[Door]:
    door = Door(model.name, None, PATIENCE, clock=waits.clock, sleep=waits.sleep)
    yield door
    await door.close()


async def ask(door: Door) -> Reply[Written]:
    return await door.ask("You write SQL.", "Count the claims.", Written, tool="write_sql")


async def refusal(door: Door) -> LlmUnavailable:
    with pytest.raises(LlmUnavailable) as caught:
        await ask(door)
    problem = caught.value.problem()
    assert (problem["status"], problem["kind"]) == (503, "llm_unavailable")
    assert "secret-of-the-tests" not in json.dumps(problem)
    return caught.value


async def test_a_reply_is_typed_and_says_what_it_cost(door: Door, model: FakeModel) -> None:
    model.plays(replies(GOOD))
    reply = await ask(door)
    assert reply.output == Written(sql="SELECT 1", explanation="One.")
    assert reply.model == model.name
    assert (reply.spent.requests, reply.spent.input_tokens, reply.spent.output_tokens) == (1, 1000, 50)
    assert reply.spent.latency_ms > 0
    # The price of the one is public, that of the others' small-model nobody knows.
    assert (reply.spent.cost_usd is not None) == (model.protocol == "bedrock")


async def test_the_reply_is_asked_for_as_a_tool(door: Door, model: FakeModel) -> None:
    model.plays(replies(GOOD))
    await ask(door)
    said = model.prompts()[0]
    assert '"write_sql"' in said
    assert "explanation" in said
    assert "Count the claims." in said


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    "wrong",
    [
        replies({"sql": "SELECT 1"}),
        replies({"sql": ["SELECT 1"], "explanation": "One."}),
        replies({"arguments": GOOD}),
        replies(GOOD, tool="run_shell"),
        WORDS,
    ],
    ids=["missing field", "wrong type", "wrapped", "another tool", "words"],
)
async def test_a_malformed_reply_is_asked_for_once_more(door: Door, model: FakeModel, wrong: Step) -> None:
    model.plays(wrong, replies(GOOD))
    reply = await ask(door)
    assert reply.output.sql == "SELECT 1"
    assert (reply.spent.requests, len(model.asked)) == (2, 2)


async def test_arguments_as_text_are_read(door: Door, model: FakeModel) -> None:
    model.plays(replies(json.dumps(GOOD) if model.protocol != "anthropic" else GOOD))
    assert (await ask(door)).output.sql == "SELECT 1"


@pytest.mark.cases(4)
@pytest.mark.parametrize(
    ("script", "reason", "requests", "counted"),
    [
        ([replies({"sql": "SELECT 1"})], "malformed", 2, 2),
        ([WORDS], "refused", 2, 2),
        ([FILTERED], "refused", 1, 1),
        ([CUT_OFF], "malformed", 1, 1),
        ([fails(429)], "throttled", 3, 0),
        ([fails(429, ("retry-after", "60"))], "throttled", 1, 0),
        ([fails(503)], "unreachable", 3, 0),
        ([fails(500)], "unreachable", 3, 0),
        ([fails(403)], "rejected", 1, 0),
        ([fails(400)], "rejected", 1, 0),
        ([HANG_UP], "unreachable", 3, 0),
    ],
    ids=["malformed twice", "refused in words", "guardrail", "cut off", "throttled", "throttled for long", "503", "500",
         "403", "400", "connection cut"],
)  # fmt: skip
async def test_a_failure_has_its_reason(
    door: Door, model: FakeModel, script: list[Step], reason: str, requests: int, counted: int
) -> None:
    model.plays(*script)
    failure = await refusal(door)
    assert failure.extra["reason"] == reason
    assert failure.extra["model"] == model.name
    assert len(model.asked) == requests
    assert failure.spent.requests == counted


async def test_a_page_instead_of_an_answer_is_no_answer(door: Door, model: FakeModel) -> None:
    model.plays(PAGE)
    assert (await refusal(door)).extra["reason"] == "unreachable"


async def test_a_busy_model_is_asked_again_after_growing_waits(door: Door, model: FakeModel, waits: Waits) -> None:
    model.plays(fails(429), fails(503), replies(GOOD))
    assert (await ask(door)).output.sql == "SELECT 1"
    first, second = waits.seconds
    assert 0.25 <= first <= 0.5 <= second <= 1.0


async def test_the_model_says_how_long_to_wait(door: Door, model: FakeModel, waits: Waits) -> None:
    model.plays(fails(429, ("retry-after", "3")), replies(GOOD))
    await ask(door)
    assert waits.seconds == [3]


async def test_a_silent_model_is_given_up_and_not_paid_twice(model: FakeModel) -> None:
    door = Door(model.name, None, Patience(request_seconds=0.3, total_seconds=5))
    model.plays(SILENCE)
    failure = await refusal(door)
    assert failure.extra["reason"] == "timed_out"
    assert len(model.asked) == 1
    await door.close()


async def test_all_that_a_question_takes_is_bounded(model: FakeModel) -> None:
    door = Door(model.name, None, Patience(request_seconds=5, total_seconds=0.3))
    model.plays(SILENCE)
    assert (await refusal(door)).extra["reason"] == "timed_out"
    await door.close()


async def test_a_model_that_keeps_failing_is_left_alone_for_a_while(model: FakeModel, waits: Waits) -> None:
    patience = dataclasses.replace(PATIENCE, attempts=1, failures_until_open=2, open_seconds=30)
    door = Door(model.name, None, patience, clock=waits.clock, sleep=waits.sleep)
    model.plays(fails(503))
    assert [(await refusal(door)).extra["reason"] for _ in range(3)] == ["unreachable", "unreachable", "circuit_open"]
    assert len(model.asked) == 2
    waits.now = 31
    assert (await refusal(door)).extra["reason"] == "unreachable"
    assert (await refusal(door)).extra["reason"] == "circuit_open"
    waits.now = 62
    model.plays(replies(GOOD))
    await ask(door)
    await ask(door)
    assert len(model.asked) == 2
    await door.close()


async def test_a_refusal_does_not_open_the_circuit(model: FakeModel, waits: Waits) -> None:
    door = Door(model.name, None, dataclasses.replace(PATIENCE, failures_until_open=1), sleep=waits.sleep)
    model.plays(FILTERED)
    assert [(await refusal(door)).extra["reason"] for _ in range(2)] == ["refused", "refused"]
    await door.close()


async def test_two_tiers_are_two_models(model: FakeModel) -> None:
    door = Door("openai:large", model.name, PATIENCE)
    model.plays(replies(GOOD))
    reply = await door.ask("You write SQL.", "Count.", Written, tool="write_sql", tier="fast")
    assert reply.model == model.name
    assert Door("openai:large").model("fast") == "openai:large"
    await door.close()


@pytest.mark.parametrize("name", [None, "", "claude", "bedrock:", "mystery:model"])
async def test_a_choice_that_names_no_model_is_not_configured(name: str | None) -> None:
    assert (await refusal(Door(name))).extra["reason"] == "not_configured"


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("openai:x", "OPENAI_API_KEY"),
        ("anthropic:x", "ANTHROPIC_API_KEY"),
        ("bedrock:x", "AWS_REGION"),
        ("local:x", "OPENAI_BASE_URL"),
    ],
)
async def test_a_missing_setting_is_named(name: str, setting: str) -> None:
    failure = await refusal(Door(name))
    assert failure.extra["reason"] == "not_configured"
    assert setting in (failure.mend or "")


async def test_missing_credentials_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    failure = await refusal(Door("bedrock:x"))
    assert failure.extra["reason"] == "not_configured"
    assert "AWS_ACCESS_KEY_ID" in (failure.mend or "")


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_the_documented_setup_of_each_provider_is_all_that_it_needs(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What docs/sql-generator.md names, and nothing besides; Bedrock's region is read where it is said to stand."""
    document = (Path(__file__).parents[2] / "docs" / "sql-generator.md").read_text()
    async with fake_model(protocol) as model:
        model.plays(replies(GOOD))
        for name, value in model.environment.items():
            monkeypatch.setenv("AWS_REGION" if name == "AWS_DEFAULT_REGION" else name, value)
        assert ("AWS_REGION" if protocol == "bedrock" else f"{protocol.upper()}_API_KEY") in document
        door = Door(model.name, None, PATIENCE)
        assert (await ask(door)).output.sql == "SELECT 1"
        await door.close()


async def test_a_model_on_this_machine_is_asked_directly_whatever_proxy_there_is(
    model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fake_model("openai") as proxy:
        proxy.plays(fails(403))
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://me:secret-of-the-tests@127.0.0.1:{proxy.port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        model.plays(replies(GOOD))
        door = Door(model.name, None, PATIENCE)
        assert (await ask(door)).output.sql == "SELECT 1"
        await door.close()
        assert proxy.asked == []


async def test_a_model_elsewhere_that_a_proxy_keeps_away_names_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with fake_model("openai") as proxy:
        proxy.plays(fails(403))
        monkeypatch.setenv("HTTP_PROXY", f"http://me:secret-of-the-tests@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("OPENAI_BASE_URL", "http://models.example/v1")
        door = Door("local:some", None, PATIENCE)
        failure = await refusal(door)
        await door.close()
    assert failure.detail.endswith(f"; it was asked over the proxy 127.0.0.1:{proxy.port}.")
    assert "secret" not in failure.detail


async def test_a_host_that_cannot_be_found_is_the_reason(
    nobody_calls_a_live_model: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://nobody.invalid/v1")
    door = Door("local:some", None, PATIENCE)
    failure = await refusal(door)
    await door.close()
    assert "its host cannot be found" in failure.detail
    nobody_calls_a_live_model.clear()


async def test_a_client_that_refuses_by_itself_is_a_reason_and_tells_no_key(
    model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key of this kind is never sent without TLS, says the client, before anything is sent."""
    if not model.name.startswith("bedrock:"):
        pytest.skip("the other clients have no such fence")
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "secret-of-the-tests")
    door = Door(model.name)
    failure = await refusal(door)
    assert failure.extra["reason"] == "rejected"
    assert not model.asked
    await door.close()


async def test_without_the_extra_no_model_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'pydantic_ai'", name="pydantic_ai")

    monkeypatch.setattr(importlib, "import_module", missing)
    failure = await refusal(Door("openai:x"))
    assert failure.extra["reason"] == "not_configured"
    assert failure.mend == "pip install 'assay[llm]'"


@pytest.fixture
async def local(waits: Waits, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Door, FakeModel]]:
    async with fake_model("openai") as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.environment["OPENAI_BASE_URL"])
        door = Door("local:small-model", None, PATIENCE, sleep=waits.sleep)
        yield door, model
        await door.close()


async def test_a_local_model_is_bound_by_grammar(local: tuple[Door, FakeModel]) -> None:
    door, model = local
    model.plays(says(GOOD))
    reply = await ask(door)
    assert (reply.output.sql, reply.model) == ("SELECT 1", "local:small-model")
    form = model.asked[0]["response_format"]
    assert (form["type"], form["json_schema"]["name"]) == ("json_schema", "write_sql")
    assert "tools" not in model.asked[0]


async def test_a_local_model_is_asked_once_more_too(local: tuple[Door, FakeModel]) -> None:
    door, model = local
    model.plays(says({"sql": 1}), says(GOOD))
    assert (await ask(door)).spent.requests == 2
    model.plays(WORDS)
    assert (await refusal(door)).extra["reason"] == "malformed"


async def test_a_stray_call_is_found_out(nobody_calls_a_live_model: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret-of-the-tests")
    door = Door("openai:x", None, dataclasses.replace(PATIENCE, attempts=1))
    assert (await refusal(door)).extra["reason"] == "unreachable"
    assert nobody_calls_a_live_model
    nobody_calls_a_live_model.clear()
    await door.close()
