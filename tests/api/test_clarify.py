"""The clarifier's sessions: words, events, a pause, answers; on this process or on another."""

import json
from typing import Any

from tests.conftest import House

PLAIN = "claims by region, last 30 days"
UNCLEAR = "claims by severity, last 30 days"


async def told(house: House, path: str, **body: object) -> list[dict[str, Any]]:
    async with house.client.stream("POST", f"/v1/widgets/clarify{path}", json=body) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        text = (await response.aread()).decode()
    return [json.loads(each.removeprefix("data: ")) for each in text.split("\n\n") if each]


async def kept(house: House, session_id: str) -> dict[str, Any]:
    response = await house.client.get(f"/v1/widgets/clarify/{session_id}")
    assert response.status_code == 200, response.text
    return response.json()


async def test_plain_words_become_a_checked_widget_step_by_step(shared_house: House) -> None:
    *stages, result = await told(shared_house, "", words=PLAIN)
    assert [each["stage"] for each in stages] == [
        "context", "intent", "metric", "gaps", "ask", "spec", "check", "preview"
    ]  # fmt: skip
    assert all(each["ms"] >= 0 for each in stages)
    assert result["event"] == "result"
    assert result["read_by"] == "words"
    assert result["notes"] == []
    assert result["sentence"] == "Claim volume by region, last 30 days (15 Feb to 17 Mar 2026), as bars."
    assert (result["widget"]["kind"], result["widget"]["question"]["dimensions"]) == ("bar", ["region"])
    assert {each["words"]: each["became"] for each in result["accounted"]}["region"] == "dimension"
    answer = await shared_house.client.post("/v1/data", json={"questions": {"w": result["widget"]["question"]}})
    print(answer.text)


async def test_what_is_open_is_asked_and_the_answer_goes_on(shared_house: House) -> None:
    *_, gaps, _, asked = await told(shared_house, "", words=UNCLEAR)
    assert gaps == {"event": "gaps", "gaps": [{"words": "severity", "why": "is not known"}]}
    assert (asked["event"], asked["round"], asked["of"]) == ("questions", 1, 3)
    [question] = asked["questions"]
    assert (question["id"], question["kind"], question["words"]) == ("word:severity", "word", "severity")
