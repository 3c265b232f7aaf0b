"""What several tests do with the clarifier: send words, read the events, answer, look at the session."""

import json
from typing import Any

import httpx

Events = list[dict[str, Any]]


async def told(client: httpx.AsyncClient, path: str = "", **body: object) -> Events:
    """The events of one stream, whole."""
    async with client.stream("POST", f"/v1/widgets/clarify{path}", json=body) as response:
        text = (await response.aread()).decode()
        assert response.status_code == 200, text
        assert response.headers["content-type"].startswith("text/event-stream")
    parts = text.split("\n\n")
    assert parts.pop() == ""
    assert all(each.startswith("data: ") for each in parts)
    return [json.loads(each[6:]) for each in parts]


async def answered(client: httpx.AsyncClient, session_id: str, round: int | None = None, **answers: str) -> Events:
    """`word_severity` stands for the question `word:severity`."""
    given = {name.replace("_", ":", 1): value for name, value in answers.items()}
    return await told(client, f"/{session_id}/answers", answers=given, **({"round": round} if round else {}))


async def kept(client: httpx.AsyncClient, session_id: str) -> dict[str, Any]:
    response = await client.get(f"/v1/widgets/clarify/{session_id}")
    assert response.status_code == 200, response.text
    return response.json()


def stages(events: Events) -> list[str]:
    return [each["stage"] for each in events if each["event"] == "stage"]


def session_of(events: Events) -> str:
    return next(each["session_id"] for each in events if each["event"] == "stage")
