"""Which policies are in force, and what a process does that cannot know it: nobody is given anything."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.access.veil import DATA, Veil, open_veil
from tests.conftest import House, eventually, open_house

from assay.backends.protocol import Rows
from assay.errors import StatementFailed
from assay.people.door import Door
from assay.routing.certificate import Standing
from assay.store.access import add_key
from assay.web.app import create_api
from assay.web.needs import SCOPED
from assay.web.stream import _events
from assay.work.principal import Principal

ALL = 'metrics:\n  - {for: ["*"], metrics: ["*"], rows: all}\n'
WEB = "metrics:\n  - {for: ['*'], metrics: ['*'], rows: {sale: channel = 'web'}}\n"
WINDOW = {"window": {"start": "2026-03-01", "end": "2026-03-15"}}
ANN = Principal("ann", "ann", "person", frozenset({"viewer", "editor", "operator"}), "ann@x.example")
STEWARD = Principal("sue", "sue", "person", frozenset({"steward"}), "sue@x.example")
ADMIN = Principal("eve", "eve", "person", frozenset({"admin"}), "eve@x.example")
KEY = Principal("key-1", "key 1", "key", frozenset({"admin"}))


@pytest.fixture
async def veil(lake: Path, tmp_path: Path) -> AsyncIterator[Veil]:
    async with open_veil(tmp_path, lake) as found:
        yield found


async def money(veil: Veil, who: Principal = ANN) -> httpx.Response:
    return await veil.ask(who, "POST", "/v1/metrics/money/data", WINDOW)


def value(response: httpx.Response) -> int:
    assert response.status_code == 200, response.text
    return int(response.json()["rows"][0][0])


async def sentence(veil: Veil) -> str:
    return (await veil.ask(ANN, "GET", "/v1/workspace")).json()["access"]


def test_each_endpoint_says_how_it_keeps_to_the_policies() -> None:
    paths = create_api().openapi()["paths"]
    names = {each["operationId"] for methods in paths.values() for each in methods.values()}
    assert names | {"unknown"} == set(SCOPED)
    assert {each["x-scoped"] for methods in paths.values() for each in methods.values()} <= {
        "question",
        "nothing",
        "whole",
        "steward",
    }


async def test_from_no_policy_to_one_and_never_back_by_a_missing_folder(veil: Veil) -> None:
    every = value(await money(veil))
    assert "everybody who is signed in sees all rows" in await sentence(veil)
    assert "scope" not in (await money(veil)).json()["question"]
    # It is watched: nobody has to say that a file was written.
    veil.write(WEB)

    async def web() -> bool:
        found = await money(veil)
        return found.status_code == 200 and value(found) != every

    await eventually(web)
    assert (await money(veil)).json()["question"]["scope"]["policy"] == 1
    assert "Revision 1" in await sentence(veil)
    for broken, told in (
        ("metrics: [", "all.yaml:1"),
        (WEB.replace("channel", "chanel"), "Did you mean"),
        (None, "is missing"),
    ):
        await veil.put(broken)
        refused = await money(veil)
        assert refused.status_code == 503, refused.text
        assert refused.json()["kind"] == "policy_unknown"
        assert told in refused.json()["detail"]
        assert told in await sentence(veil)
        problems = (await veil.ask(ANN, "GET", "/v1/workspace")).json()["problems"]
        assert any(each["file"].startswith("access/") for each in problems)
    await veil.put(WEB)  # the text in force comes back by itself
    assert value(await money(veil)) != every


@pytest.mark.exhaustive
async def test_an_older_text_comes_back_only_when_an_admin_confirms_it(veil: Veil) -> None:
    await veil.put(ALL)
    every = value(await money(veil))
    await veil.put(WEB)
    web = value(await money(veil))
    await veil.put(ALL)
    refused = await money(veil)
    assert "older text than revision 2" in refused.json()["detail"]
    assert (await veil.ask(KEY, "POST", "/v1/access/confirm")).status_code == 403
    assert (await veil.ask(STEWARD, "POST", "/v1/access/confirm")).status_code == 403
    assert (await money(veil)).status_code == 503
    assert (await veil.ask(ADMIN, "POST", "/v1/access/confirm", {"digest": "0" * 12})).status_code == 409
    confirmed = await veil.ask(ADMIN, "POST", "/v1/access/confirm")
    assert confirmed.status_code == 200, confirmed.text
    assert [each["number"] for each in confirmed.json()["revisions"]] == [3, 2, 1]
    assert confirmed.json()["revisions"][0]["put_by"] == "eve"
    assert (value(await money(veil)), web < every) == (every, True)
    told = await veil.house.running.database.fetch("SELECT document FROM assay.audit ORDER BY number")
    acts = [json.loads(row[0]) for row in told]
    assert [each["action"] for each in acts if each["action"].startswith("policy")] == [
        "policy.put",
        "policy.put",
        "policy.confirmed",
    ]
    assert acts[-1]["who"]["name"] == "eve"


@pytest.mark.exhaustive
async def test_a_process_behind_the_one_in_force_stops_answering_and_pushing(veil: Veil, lake: Path, tmp_path: Path) -> None:
    await veil.put(ALL)
    other_root = tmp_path / "other"
    shutil.copytree(veil.house.root, other_root)
    async with open_house(veil.house.url, other_root, lake, tmp_path / "other-home") as other:
        there = Veil(other, veil.people)
        value(await money(there))
        stream = _events(other.running)
        assert b"hello" in await anext(stream)
        await veil.put(WEB)

        async def is_behind() -> bool:
            return (await money(there)).status_code == 503

        await eventually(is_behind)
        assert "older text than revision 2" in (await money(there)).json()["detail"]
        other.running.say_problems()
        async with asyncio.timeout(20):
            async for _ in stream:  # it ends
                pass
        refused = await there.ask(ANN, "GET", "/v1/stream")
        assert refused.status_code == 503
        there.write(WEB)

        async def answers() -> bool:
            return (await money(there)).status_code == 200

        await eventually(answers)
        assert value(await money(there)) == value(await money(veil))


@pytest.mark.exhaustive
async def test_what_is_no_question_is_for_those_who_see_every_row_and_comparisons_for_stewards(veil: Veil) -> None:
    paths = create_api().openapi()["paths"]
    operations = [(each["operationId"], method, path) for path, methods in paths.items() for method, each in methods.items()]
    await veil.put(WEB)
    for name, method, path in operations:
        if SCOPED[name] in ("question", "nothing"):
            continue
        found = await veil.ask(ANN, method, path.replace("{", "").replace("}", ""), {})
        assert found.status_code == 403, (name, found.text)
    assert (await veil.ask(STEWARD, "GET", "/v1/routes/money")).status_code == 200
    await veil.put(ALL)
    assert (await veil.ask(ANN, "GET", "/v1/recommendations")).status_code == 200
    assert (await veil.ask(ANN, "GET", "/v1/routes/money")).status_code == 403


@pytest.mark.exhaustive
async def test_a_session_of_words_is_gone_on_with_by_nobody_who_sees_something_else(veil: Veil) -> None:
    await veil.put("""\
groups: {a: [a@x.example], b: [b@x.example]}
metrics:
  - {for: [a], metrics: [money], rows: all}
  - {for: [b], metrics: [money], rows: {sale: channel = 'web'}}
""")
    a, b = (Principal(name, name, "person", frozenset({"viewer"}), f"{name}@x.example") for name in "ab")
    events = await veil.ask(a, "POST", "/v1/widgets/clarify", {"words": "money by city"})
    session = json.loads(events.text.split("data: ")[1].split("\n")[0])["session_id"]
    assert (await veil.ask(a, "GET", f"/v1/widgets/clarify/{session}")).status_code == 200
    assert (await veil.ask(b, "GET", f"/v1/widgets/clarify/{session}")).status_code == 404


async def test_the_last_good_answer_is_that_of_the_same_scope(veil: Veil) -> None:
    await veil.put(WEB)
    house: House = veil.house
    question: dict[str, Any] = {**WINDOW, "dimensions": ["channel"]}
    assert (await veil.ask(ANN, "POST", "/v1/metrics/lake_money/data", question)).status_code == 200
    file = next(Path(each.values["path"]) for each in house.running.catalog.workspace.lakes)
    file.rename(file.with_suffix(".away"))

    async def is_stale() -> bool:
        told = await veil.ask(ANN, "POST", "/v1/metrics/lake_money/data", question)
        return told.status_code == 200 and told.json()["provenance"]["stale_reason"] is not None

    await eventually(is_stale)
    await veil.put(ALL)
    assert (await veil.ask(ANN, "POST", "/v1/metrics/lake_money/data", question)).status_code == 503


async def test_why_somebody_sees_what_they_see_is_told_to_admins(veil: Veil) -> None:
    await veil.put(WEB)
    path = "/v1/access/explain?who=me&metric=money"
    assert (await veil.ask(ANN, "GET", path)).status_code == 403
    told = (await veil.ask(ADMIN, "GET", path)).json()
    assert "channel = 'web'" in told["sentence"]
    assert [each["sees"] for each in told["tables"] if each["table"] == "shop.sale"] == ["some"]
    assert (await veil.ask(ADMIN, "GET", "/v1/access/explain?who=nobody&metric=money")).status_code == 404


async def test_an_admin_says_groups_and_claims_of_people_with_a_password_and_their_keys_see_no_more(veil: Veil) -> None:
    await veil.put("""\
groups: {web: [people:web]}
metrics:
  - {for: [web], metrics: [money], rows: {sale: channel IN ($user.channels)}}
people_of: {channels: claim:channels}
""")
    database = veil.house.running.database
    made = await veil.ask(ADMIN, "POST", "/v1/people", {"email": "jo@x.example", "roles": ["viewer"]})
    person = made.json()["person_id"]
    door = Door(database, None, lambda text: text)
    secret = "assay_" + "k" * 43
    await add_key(
        database, "key-jo", "jo", secret, "assay_k", ["viewer"], Principal(person, "jo", "person", frozenset()), None
    )

    async def seen() -> tuple[Principal, int | None]:
        who, key = await door.known_as("jo@x.example"), await door._key(secret)
        assert who
        assert key
        assert (key.groups, key.claims, key.email, key.seen_as) == (who.groups, who.claims, who.email, who.roles)
        found = await money(veil, replace(who, id="jo"))
        assert found.status_code in (200, 403)
        return who, value(found) if found.status_code == 200 else None

    assert (await seen())[1] is None
    change = {"groups": ["web"], "claims": {"channels": ["web", "shop"]}}
    assert (await veil.ask(ADMIN, "PATCH", f"/v1/people/{person}", change)).json()["groups"] == ["web"]
    door.moved()
    who, found = await seen()
    wanted = sum(row["money"] for row in DATA["sale"] if row["channel"] in ("web", "shop"))
    assert (found, who.claims) == (wanted, {"channels": ("web", "shop")})
    assert (await veil.ask(ADMIN, "PATCH", f"/v1/people/{person}", {"claims": {}})).json()["groups"] == ["web"]
    door.moved()
    assert (await seen())[1] == 0
    # Whoever is disabled comes in no more, and hears nothing more: alerts and reports ask this.
    assert (await veil.ask(ADMIN, "PATCH", f"/v1/people/{person}", {"disabled": True})).status_code == 200
    assert await door.known_as("jo@x.example") is None


async def test_a_hidden_column_is_left_out_of_the_rows_and_refused_everywhere_else(veil: Veil) -> None:
    await veil.put(ALL + '  - {for: ["*"], hide: [sale.sale_id, store.city]}\n')
    found = (await veil.ask(ANN, "POST", "/v1/metrics/money/rows", WINDOW)).json()
    columns = {(each["table"], each["column"]) for each in found["columns"]}
    assert columns
    assert not columns & {("shop.sale", "sale_id"), ("shop.store", "city")}
    assert "sale_id" not in found["provenance"]["sql"]
    told = (await veil.ask(ANN, "GET", "/v1/metrics/money")).json()
    assert {each["name"] for each in told["dimensions"]} == {"channel", "level", "region", "category"}
    for question in (
        {"dimensions": ["city"]}, {"dimensions": ["place"]}, {"any_of": [[{"dimension": "city", "op": "is_null"}]]},
        {"filters": [{"dimension": "city", "op": "contains", "values": ["N"]}]},
    ):  # fmt: skip
        refused = await veil.ask(ANN, "POST", "/v1/metrics/money/data", {**WINDOW, **question})
        assert refused.status_code == 403, refused.text
        assert "shop.store.city is hidden from you" in refused.json()["detail"]


async def test_a_change_is_taken_apart_by_what_one_sees_alone(veil: Veil) -> None:
    async def explained(**asked: object) -> Any:
        told = await veil.ask(ANN, "POST", "/v1/metrics/money/explain", {**WINDOW, **asked})
        assert told.status_code == 200, told.text
        return told.json()

    await veil.put(WEB)
    found = await explained()
    assert Decimal(found["now"]) == sum(row["money"] for row in DATA["sale"] if row["channel"] == "web")
    await veil.put(ALL + '  - {for: ["*"], hide: [store.city]}\n')
    found = await explained()
    assert "city" not in json.dumps([found["divisions"], found["left_out"], found["text"]])
    (left,) = (await explained(by=["city"]))["left_out"]
    assert "hidden from you" in left["reason"]
    await veil.put(ALL + "minimum_group: 2\n")
    week = {"start": "2026-03-08", "end": "2026-03-15"}
    found = await explained(window=week, by=["city", "channel", "level", "region"])
    figures = [found["now"], found["before"]]
    for division in found["divisions"]:
        figures += [each[side] for each in division["groups"] for side in ("now", "before")]
        figures += [each["amount"] for each in division["groups"] if None in (each["now"], each["before"])]
    assert any(figures)
    # Each sale's money is a digit of its own: a figure says of how many rows it is.
    for figure in filter(None, map(int, filter(None, figures))):
        assert sum(digit != "0" for digit in f"{figure:x}") >= 2


async def test_groups_are_not_chosen_by_values_that_are_not_shown(veil: Veil) -> None:
    await veil.put(ALL + "minimum_group: 5\n")
    question = {**WINDOW, "dimensions": ["city"]}
    assert (await veil.ask(ANN, "POST", "/v1/metrics/money/data", question)).status_code == 200
    question["having"] = [{"by": "value", "op": "gt", "value": 1}]
    refused = await veil.ask(ANN, "POST", "/v1/metrics/money/data", question)
    assert (refused.status_code, refused.json()["kind"]) == (403, "not_allowed")


async def test_metrics_of_one_question_are_each_of_their_own_rows(veil: Veil) -> None:
    await veil.put("""\
metrics:
  - {for: ["*"], metrics: [money], rows: {sale: level = 1}}
  - {for: ["*"], metrics: [web_money], rows: {sale: all}}
""")
    question = {"key": "a", "metrics": ["money", "web_money"], **WINDOW}
    found = (await veil.ask(ANN, "POST", "/v1/data", {"questions": [question]})).json()["answers"][0]["answer"]
    assert [int(each) for each in found["rows"][0]] == [
        sum(row["money"] for row in DATA["sale"] if row["level"] == 1),
        sum(row["money"] for row in DATA["sale"] if row["channel"] == "web"),
    ]


@pytest.mark.cases(1)
@pytest.mark.parametrize("standing", ["accepted", "differs", "stale", "proven"])
async def test_what_a_comparison_found_is_said_in_no_answer(
    veil: Veil, standing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is of all rows, and so is what a steward wrote about it."""
    await veil.put(WEB)
    proofs = veil.house.running.corridor.routes.proofs

    async def found(*_: object) -> Standing:
        return Standing(standing, "differs by -$777.77, at 29 of 29 grains; accepted by sue: known")

    monkeypatch.setattr(type(proofs), "standing_of_question", found)
    told = (await money(veil)).json()["provenance"]
    assert told["parity"]["standing"] == standing
    assert "777.77" not in str(told)
    receipt = (await veil.ask(ANN, "GET", f"/v1/receipts/{told['receipt_id']}")).text
    assert "777.77" not in receipt


@pytest.mark.exhaustive
async def test_what_an_engine_says_of_a_row_is_told_to_nobody_who_does_not_see_it(
    veil: Veil, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> Rows:
        raise StatementFailed('invalid input syntax for type integer: "secret"')

    corridor = veil.house.running.corridor
    await veil.put(WEB)
    monkeypatch.setattr(type(corridor), "run", fails)
    for path in ("data", "rows"):
        refused = await veil.ask(ANN, "POST", f"/v1/metrics/money/{path}", WINDOW)
        assert (refused.status_code, refused.json()["detail"]) == (502, "The engine refused the statement.")


@pytest.mark.exhaustive
async def test_a_page_of_receipts_names_none_that_may_not_be_opened(veil: Veil) -> None:
    await veil.put("""\
groups: {a: [a@x.example], b: [b@x.example]}
metrics:
  - {for: [a], metrics: [money], rows: {sale: channel = 'shop'}}
  - {for: [b], metrics: [money], rows: {sale: channel = 'web'}}
""")
    a, b = (Principal(name, name, "person", frozenset({"viewer"}), f"{name}@x.example") for name in "ab")
    own = (await money(veil, b)).json()["provenance"]["receipt_id"]
    for grain in ("day", "week", "month"):
        asked = await veil.ask(a, "POST", "/v1/metrics/money/data", {**WINDOW, "grain": grain})
        assert asked.status_code == 200
    page = (await veil.ask(b, "GET", "/v1/receipts?limit=1")).json()
    assert [each["receipt_id"] for each in page["receipts"]] == [own]
    assert page["next"] in (None, own)
