"""Links to one figure: what their maker would be answered just now, to whoever holds one, and nothing else."""

import csv
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.access.veil import DATA, Veil, open_veil
from tests.conftest import eventually

from assay.work.principal import Principal

POLICY = """\
groups: {web: [people:web]}
metrics:
  - {for: [web], metrics: [money], rows: {sale: channel IN ($user.channels)}}
people_of: {channels: claim:channels}
"""
QUESTION = {"metrics": ["money"], "dimensions": ["region"], "window": {"start": "2026-03-01", "end": "2026-03-15"}}
ADMIN = Principal("eve", "eve", "person", frozenset({"admin"}), "eve@x.example")


@pytest.fixture
async def veil(lake: Path, tmp_path: Path) -> AsyncIterator[Veil]:
    async with open_veil(tmp_path, lake) as found:
        await found.put(POLICY)
        yield found


async def editor(veil: Veil, email: str = "jo@x.example") -> Principal:
    """Somebody whose rows are those of the web."""
    made = await veil.ask(ADMIN, "POST", "/v1/people", {"email": email, "roles": ["editor"]})
    person = made.json()["person_id"]
    await change(veil, person, groups=["web"], claims={"channels": ["web"]})
    return Principal(
        person, email, "person", frozenset({"editor"}), email, frozenset({"people:web"}), {"channels": ("web",)}
    )


async def change(veil: Veil, person: str, **changes: Any) -> None:
    assert (await veil.ask(ADMIN, "PATCH", f"/v1/people/{person}", changes)).status_code == 200


async def linked(veil: Veil, who: Principal, **question: Any) -> dict[str, Any]:
    made = await veil.ask(who, "POST", "/v1/links", {"name": "the board's sheet", "question": {**QUESTION, **question}})
    assert made.status_code == 201, made.text
    return made.json()


async def fetched(veil: Veil, link: dict[str, Any], ending: str = ".csv", **headers: str) -> httpx.Response:
    address = link["address"].replace("figure.csv", f"figure{ending}")
    return await veil.house.client.get(address.partition("/v1/")[2].join(["/v1/", ""]), headers=headers)


def money(*channels: str) -> int:
    return sum(row["money"] for row in DATA["sale"] if row["channel"] in channels)


def total(response: httpx.Response) -> int:
    assert response.status_code == 200, response.text
    _, *rows = csv.reader(response.text.splitlines())
    return sum(int(row[-1]) for row in rows)


async def test_a_link_gives_what_its_maker_sees_just_now_and_no_more(veil: Veil) -> None:
    jo = await editor(veil)
    link = await linked(veil, jo)
    told = await veil.ask(jo, "POST", "/v1/data.csv", {"questions": [{"key": "x", **QUESTION}]})
    given = await fetched(veil, link)
    assert given.text == told.text
    assert (given.headers["assay-receipt"], given.headers["cache-control"]) == (
        told.headers["assay-receipt"], "private, no-cache"
    )  # fmt: skip
    assert total(given) == money("web")
    # Whoever fetches it may be signed in, and may see more: they play no part.
    veil.people["eve"] = ADMIN
    assert total(await fetched(veil, link, authorization="Bearer eve")) == money("web")
    as_json = await fetched(veil, link, "")
    assert [int(row[-1]) for row in as_json.json()["rows"]] == [
        int(row[-1]) for row in csv.reader(given.text.splitlines()[1:])
    ]
    # The maker's rows are others now, then none.
    await change(veil, jo.id, claims={"channels": ["web", "shop"]})
    assert total(await fetched(veil, link)) == money("web", "shop")
    await change(veil, jo.id, groups=[])
    assert (await fetched(veil, link)).status_code == 403
    await change(veil, jo.id, groups=["web"])
    assert total(await fetched(veil, link)) == money("web", "shop")
    await change(veil, jo.id, disabled=True)
    assert (await fetched(veil, link)).status_code == 404


async def test_a_link_opens_nothing_else(veil: Veil, caplog: pytest.LogCaptureFixture) -> None:
    jo, ann = await editor(veil), await editor(veil, "ann@x.example")
    caplog.set_level(logging.DEBUG)
    link = await linked(veil, jo)
    secret = link["address"].rpartition("=")[2]
    await fetched(veil, link)
    listed = await veil.ask(jo, "GET", "/v1/links")
    assert [each["link_id"] for each in listed.json()["links"]] == [link["link_id"]]
    assert listed.json()["links"][0]["question"]["metrics"] == ["money"]
    assert listed.json()["links"][0]["last_used_at"] is not None
    # It is no key, is among nobody else's links, and stands nowhere.
    assert (await veil.ask(ADMIN, "GET", "/v1/keys")).json()["keys"] == []
    assert (await veil.ask(ann, "GET", "/v1/links")).json()["links"] == []
    assert (await veil.ask(ann, "DELETE", f"/v1/links/{link['link_id']}")).status_code == 404
    assert (await veil.ask(ADMIN, "DELETE", f"/v1/keys/{link['link_id']}")).status_code == 404
    rows = await veil.house.running.database.fetch(
        "SELECT t::text FROM assay.api_key AS t UNION ALL SELECT t::text FROM assay.audit AS t"
    )
    said = "".join(f"{each.getMessage()} {each.__dict__}" for each in caplog.records if each.name.startswith("assay"))
    assert "/v1/figure" in said
    assert secret[16:] not in str(rows) + listed.text + said
    assert total(await fetched(veil, link)) == money("web")
    assert (await veil.ask(ADMIN, "DELETE", f"/v1/links/{link['link_id']}")).status_code == 204
    assert (await fetched(veil, link)).status_code == 404

    async def noted() -> set[str]:
        rows = await veil.house.running.database.fetch(
            "SELECT document::jsonb ->> 'action' FROM assay.audit WHERE position($1 IN document) > 0", link["link_id"]
        )
        return {row[0] for row in rows}

    async def is_whole() -> bool:
        return await noted() == {"link.created", "link.revoked", "export.made"}

    await eventually(is_whole)


@pytest.mark.parametrize("secret", ["", "x", "assaylink_" + "x" * 43, "assay_" + "k" * 43, "assaylink_" + "x" * 90])
async def test_what_is_no_link_gives_nothing(veil: Veil, secret: str) -> None:
    for ending in ("", ".csv"):
        found = await veil.house.client.get(f"/v1/figure{ending}", params={"link": secret})
        assert (found.status_code, found.json()["kind"]) == (404, "not_found")


async def test_a_link_that_has_run_out_gives_nothing(veil: Veil) -> None:
    link = await linked(veil, await editor(veil))
    await veil.house.running.database.fetch("UPDATE assay.api_key SET expires_at = now() RETURNING 1")
    assert (await fetched(veil, link)).status_code == 404


async def test_who_may_make_one_and_of_what(veil: Veil) -> None:
    jo = await editor(veil)
    viewer = Principal(jo.id, jo.name, "person", frozenset({"viewer"}), jo.email, jo.groups, jo.claims)
    body = {"name": "x", "question": QUESTION}
    assert (await veil.ask(viewer, "POST", "/v1/links", body)).status_code == 403
    for wrong, status in (
        ({"metrics": ["mone"]}, 404),
        ({"dimensions": ["colour"]}, 422),
        ({"metrics": ["lake_money"]}, 403),
    ):
        refused = await veil.ask(jo, "POST", "/v1/links", {"name": "x", "question": {**QUESTION, **wrong}})
        assert refused.status_code == status, refused.text
    for days in (0, 366):
        assert (await veil.ask(jo, "POST", "/v1/links", {**body, "expires_days": days})).status_code == 422
    assert (await veil.ask(jo, "GET", "/v1/links")).json()["links"] == []


@pytest.mark.parametrize(
    "more",
    [
        {"window": "last 3 months", "grain": "week", "compare": "previous_period"},
        {
            "filters": [{"dimension": "region", "op": "in", "values": ["West", "East"]}],
            "any_of": [[{"dimension": "region", "op": "is_not_null"}]],
            "having": [{"by": "value", "op": "gte", "value": 1}],
        },
        {"order": [{"by": "value"}], "limit": 1, "others": True},
    ],
    ids=["window", "conditions", "order"],
)
async def test_a_question_is_asked_as_it_was_given(veil: Veil, more: dict[str, Any]) -> None:
    jo = await editor(veil)
    asked = await veil.ask(jo, "POST", "/v1/data", {"questions": [{"key": "x", **QUESTION, **more}]})
    answer = asked.json()["answers"][0]["answer"]
    assert answer, asked.text
    link = await linked(veil, jo, **more)
    given = (await fetched(veil, link, "")).json()
    assert (given["question"], given["rows"]) == (answer["question"], answer["rows"])
