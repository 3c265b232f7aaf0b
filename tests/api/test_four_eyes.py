"""Four eyes: a move, an accepted difference, a draft and an edit of a file take effect by two persons, in every process."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.steps import BEARER, CLAIM, edit, from_outside, route, routing_file, served_by, to
from tests.api.test_parity import publish
from tests.api.test_people import change, joined, sign_in
from tests.conftest import DEMO, House, cloned_database, eventually, open_house

from assay.web.guard import COOKIE

METRIC = "csat"
served = partial(from_outside, host="0.0.0.0")


@pytest.fixture(scope="module")
async def houses(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[House]]:
    """Two processes on one database and one folder that asks for two persons."""
    folder = tmp_path_factory.mktemp("eyes")
    root = folder / "workspace"
    shutil.copytree(DEMO, root)
    settings = root / "assay.yaml"
    settings.write_text(f"{settings.read_text()}\nfour_eyes: true\n")
    async with (
        cloned_database() as url,
        open_house(url, root, lake, folder / "one") as one,
        open_house(url, root, lake, folder / "other") as other,
    ):
        yield [one, other]


class People:
    """Ann and Bob are stewards, Eve only sees. Each asks with a session of her or his own."""

    def __init__(self, client: httpx.AsyncClient, sessions: dict[str, str]) -> None:
        self.client = client
        self.sessions = sessions

    async def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        cookie = {"cookie": f"{COOKIE}={self.sessions[who]}"} if who in self.sessions else {}
        return await self.client.request(method, path, json=body, headers={**cookie, **headers})

    async def proposals(self, state: str = "open") -> list[dict[str, Any]]:
        response = await self.ask("ann", "GET", "/v1/proposals")
        assert response.status_code == 200, response.text
        return [each for each in response.json()["proposals"] if each["state"] == state]

    async def one(self, kind: str, subject: str) -> dict[str, Any]:
        (found,) = [each for each in await self.proposals() if (each["kind"], each["subject"]) == (kind, subject)]
        return found

    async def decide(self, who: str, proposal: dict[str, Any], word: str = "confirm") -> httpx.Response:
        return await self.ask(who, "POST", f"/v1/proposals/{proposal['proposal_id']}/{word}", {})

    async def move(self, who: str, to: str, metric: str = METRIC, **more: Any) -> httpx.Response:
        return await self.ask(who, "PUT", f"/v1/routes/{metric}", {"backend": to, **more})


@pytest.fixture(scope="module")
async def people(houses: list[House]) -> AsyncIterator[People]:
    async with served(houses[0]) as client:
        sessions = {
            name: await joined(client, f"{name}@x.example", role)
            for name, role in (("ann", "steward"), ("bob", "steward"), ("cy", "steward"), ("eve", "viewer"))
        }
        yield People(client, sessions)


async def audited(people: People, action: str) -> list[dict[str, Any]]:
    return (await people.client.get("/v1/audit", params={"action": action}, headers=BEARER)).json()["entries"]


async def test_a_move_waits_for_another_person_and_then_holds_in_every_process(people: People, houses: list[House]) -> None:
    before = (await route(houses[0], METRIC))["backend"]
    there = "lakehouse" if before == "postgres" else "postgres"
    response = await people.move("ann", there)
    assert response.status_code == 200, response.text
    told = response.json()
    assert (told["backend"], told["pending"]["state"]) == (before, "waiting"), told
    assert f"{METRIC}: {{backend: {there}}}" not in routing_file(houses[0]).read_text()
    waits = await people.one("route", METRIC)
    assert (waits["proposed_by"], waits["missing"], waits["may_confirm"]) == ("ann@x.example", 1, False)
    # Whoever proposed it, also in another browser; a key of hers or of anybody's; the token; whoever has another role.
    people.sessions["ann elsewhere"] = (await sign_in(people.client, "ann@x.example")).cookies[COOKIE]
    made = await people.client.post("/v1/keys", json={"name": "agent", "role": "steward"}, headers=BEARER)
    for who, headers in (
        ("ann", {}), ("ann elsewhere", {}), ("eve", {}), ("nobody", BEARER),
        ("nobody", {"authorization": f"Bearer {made.json()['key']}"}),
    ):  # fmt: skip
        path = f"/v1/proposals/{waits['proposal_id']}/confirm"
        refused = await people.ask(who, "POST", path, {}, **headers)
        assert (refused.status_code, refused.json()["kind"]) == (403, "not_allowed"), (who, refused.text)
    assert (await route(houses[0], METRIC))["backend"] == before
    # Two confirm at once: one of them does.
    done = await asyncio.gather(people.decide("bob", waits), people.decide("cy", waits))
    assert sorted(each.status_code for each in done) in ([200, 409],), [each.text for each in done]
    for house in houses:
        await eventually(served_by(house, METRIC, there))
    assert f"  {METRIC}: {{backend: {there}}}" in routing_file(houses[0]).read_text()
    story = (await people.ask("ann", "GET", f"/v1/routes/{METRIC}")).json()
    assert story["changes"][0]["changed_by"].startswith("ann@x.example, confirmed by ")
    entry = (await audited(people, "proposal.confirmed"))[0]
    assert entry["who"]["name"] in ("bob@x.example", "cy@x.example")
    # What was confirmed is used up: the route back is a proposal of its own, and this one opens nothing again.
    assert (await people.decide("cy", waits)).status_code == 409
    assert (await people.move("ann", before)).json()["pending"]["state"] == "waiting"
    assert (await people.decide("ann", await people.one("route", METRIC), "decline")).status_code == 200


@pytest.mark.exhaustive
async def test_an_edit_of_the_routing_file_takes_two_persons_and_one_who_declines_ends_it(
    people: People, houses: list[House]
) -> None:
    metric = "escalation_rate"
    before = (await route(houses[0], metric))["backend"]
    there = "lakehouse" if before == "postgres" else "postgres"
    edit(houses[0], to(metric, there))
    await eventually(lambda: waiting(people, "route", metric))
    (waits,) = await waiting(people, "route", metric)
    assert (waits["proposed_by"], waits["missing"]) == ("the routing file", 2)
    vouched = await people.decide("ann", waits)
    assert (vouched.json()["state"], vouched.json()["missing"]) == ("open", 1), vouched.text
    assert (await people.decide("ann", waits)).status_code == 403
    assert (await route(houses[1], metric))["backend"] == before
    assert (await people.decide("bob", waits, "decline")).status_code == 200
    await eventually(lambda: refused(houses[0], metric))
    # The line that was declined is not proposed again by itself, but a person may.
    await houses[0].running.reload.routing()
    assert not await waiting(people, "route", metric)
    assert (await people.move("ann", there, metric)).json()["pending"] is not None
    again = await people.one("route", metric)
    assert (await people.decide("bob", again)).json()["state"] == "confirmed"
    for house in houses:
        await eventually(served_by(house, metric, there))


async def waiting(people: People, kind: str, subject: str) -> list[dict[str, Any]]:
    return [each for each in await people.proposals() if (each["kind"], each["subject"]) == (kind, subject)]


async def refused(house: House, metric: str) -> bool:
    pending = (await route(house, metric))["pending"]
    return pending is not None and pending["state"] == "refused" and "declined by bob" in pending["reason"]


@pytest.mark.exhaustive
async def test_a_proposal_ends_with_what_it_stands_on_and_with_whoever_made_it(people: People, houses: list[House]) -> None:
    metric = "claim_denials"
    before = (await route(houses[0], metric))["backend"]
    there = "lakehouse" if before == "postgres" else "postgres"
    await people.move("cy", there, metric)
    waits = await people.one("route", metric)
    # Her role goes, then she does: in neither case does what she proposed take effect.
    await change(people.client, "cy@x.example", roles=["viewer"])
    gone = await people.decide("bob", waits)
    assert (gone.status_code, "may not propose it any more" in gone.json()["detail"]) == (403, True), gone.text
    assert (await people.decide("bob", waits)).status_code == 409
    await change(people.client, "cy@x.example", roles=["steward"])
    await people.move("cy", there, metric)
    waits = await people.one("route", metric)
    await change(people.client, "cy@x.example", disabled=True)
    assert (await people.decide("bob", waits)).status_code == 403
    await change(people.client, "cy@x.example", disabled=False)
    for each in await waiting(people, "route", metric):
        await people.decide("bob", each, "decline")
    # A move that another one overtakes ends with it.
    await people.move("ann", there, metric)
    first = await people.one("route", metric)
    await people.decide("bob", first)
    await eventually(served_by(houses[0], metric, there))
    await people.move("bob", before, metric)
    overtaken = await people.one("route", metric)
    back = await people.ask("ann", "POST", f"/v1/routes/{metric}/rollback", {})
    assert (back.status_code, back.json()["backend"]) == (200, before), back.text
    assert (await people.decide("ann", overtaken)).status_code == 409
    key = await people.client.post(f"/v1/routes/{metric}/rollback", json={}, headers=BEARER)
    assert key.status_code == 403


@pytest.mark.exhaustive
async def test_an_accepted_difference_is_accepted_by_two_and_no_more_than_was_shown(
    people: People, houses: list[House]
) -> None:
    metric = "cost_avoided_mtd"
    assert (await route(houses[0], metric))["backend"] == "postgres"
    more = f"UPDATE {CLAIM} SET cost_avoided_usd = cost_avoided_usd + 5 WHERE region = 'West'"
    await asyncio.to_thread(publish, houses[0], more)
    assert (await people.move("ann", "lakehouse", metric)).status_code == 409
    await people.move("ann", "lakehouse", metric, accept_difference="booked elsewhere")
    waits = await people.one("route", metric)
    assert "although they differ: booked elsewhere" in waits["sentence"]
    assert not houses[0].running.routes.proofs.accepted
    # The difference grows before Bob looks: what was proposed is not this.
    await asyncio.to_thread(publish, houses[0], more)
    grown = await people.decide("bob", waits)
    assert (grown.status_code, "by more than was proposed" in grown.json()["detail"]) == (409, True), grown.text
    await people.move("ann", "lakehouse", metric, accept_difference="booked elsewhere")
    done = await people.decide("bob", await people.one("route", metric))
    assert done.status_code == 200, done.text
    await eventually(served_by(houses[1], metric, "lakehouse"))
    parity = (await route(houses[0], metric))["parity"]
    assert parity["standing"] == "accepted"
    assert "ann@x.example, confirmed by bob@x.example" in parity["reason"]


@pytest.mark.exhaustive
async def test_a_draft_and_an_edited_definition_wait_and_the_last_good_serves(people: People, houses: list[House]) -> None:
    words = {"words": "median labor minutes of repairs"}
    drafted = (await people.client.post("/v1/drafts", json=words, headers=BEARER)).json()
    path = f"/v1/drafts/{drafted['draft_id']}"
    accepted = await people.ask("ann", "POST", f"{path}/accept", {"by": "whoever"})
    assert (accepted.json()["accepted_by"], accepted.json()["proposed_by"]) == (None, "ann@x.example"), accepted.text
    name = drafted["metric"]["id"]
    assert f"id: {name}" not in (houses[0].root / drafted["file"]).read_text()
    assert (await people.decide("ann", await people.one("draft", drafted["draft_id"]))).status_code == 403
    assert (await people.decide("bob", await people.one("draft", drafted["draft_id"]))).status_code == 200
    for house in houses:
        await eventually(lambda house=house: serves(house, name))
    # An edit of its definition: nobody is given another number before two persons have said so.
    file = houses[0].root / drafted["file"]
    text = file.read_text()
    first, _, last = text.rpartition("MEDIAN(labor_minutes)")
    file.write_text(f"{first}MAX(labor_minutes){last}")
    await eventually(lambda: waiting(people, "definition", name))
    for house in houses:
        assert formula(house, name) == "MEDIAN(labor_minutes)"
    waits = await people.one("definition", name)
    assert "-    measure: MEDIAN(labor_minutes)" in waits["diff"]
    assert "+    measure: MAX(labor_minutes)" in waits["diff"]
    await people.decide("ann", waits)
    assert (await people.decide("bob", waits)).json()["state"] == "confirmed"
    for house in houses:
        await eventually(lambda house=house: is_formula(house, name, "MAX(labor_minutes)"))
    # The text from before was confirmed once, and is an edit all the same.
    file.write_text(text)
    await eventually(lambda: waiting(people, "definition", name))
    assert formula(houses[0], name) == "MAX(labor_minutes)"
    # The file goes on to something else: what was proposed is not it any more.
    stale = await people.one("definition", name)
    await people.decide("ann", stale)
    file.write_text(f"{first}MIN(labor_minutes){last}")
    await eventually(lambda: is_waiting_for(houses[0], name, "MIN(labor_minutes)"))
    assert (await people.decide("bob", stale)).status_code == 409
    assert formula(houses[0], name) == "MAX(labor_minutes)"


async def serves(house: House, name: str) -> bool:
    return (await house.client.post(f"/v1/metrics/{name}/data", json={})).status_code == 200


def formula(house: House, name: str) -> str:
    return house.running.catalog.workspace.metrics[name].formula


async def is_formula(house: House, name: str, wanted: str) -> bool:
    return formula(house, name) == wanted


async def is_waiting_for(house: House, name: str, wanted: str) -> bool:
    found = house.running.catalog.workspace.waiting.get(name)
    return found is not None and found.entry.measure == wanted


@pytest.mark.exhaustive
async def test_a_file_cannot_take_four_eyes_back_alone(people: People, houses: list[House]) -> None:
    settings = houses[0].root / "assay.yaml"
    settings.write_text(settings.read_text().replace("four_eyes: true", "four_eyes: false"))
    await eventually(lambda: waiting(people, "four_eyes", "off"))
    assert (await people.move("ann", "lakehouse", "no_such_metric")).status_code in (200, 404, 409)
    assert all(house.running.catalog.workspace.four_eyes for house in houses)
    waits = await people.one("four_eyes", "off")
    await people.decide("ann", waits)
    assert (await people.decide("bob", waits)).status_code == 200
    for house in houses:
        await eventually(lambda house=house: is_off(house))


async def is_off(house: House) -> bool:
    return not house.running.catalog.workspace.four_eyes


@pytest.mark.exhaustive
async def test_what_was_confirmed_serves_where_the_folder_cannot_be_written(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assay.errors import RouteRefused

    settings = house.root / "assay.yaml"
    settings.write_text(f"{settings.read_text()}\nfour_eyes: true\n")
    await house.running.reload.workspace()

    def refuse(*_: object) -> None:
        raise RouteRefused("config/metric_routing.yaml cannot be written: Read-only file system.")

    monkeypatch.setattr("assay.web.proposals.write_routes", refuse)
    async with served(house) as client:
        people = People(client, {name: await joined(client, f"{name}@x.example", "steward") for name in ("ann", "bob")})
        before = (await route(house, METRIC))["backend"]
        there = "lakehouse" if before == "postgres" else "postgres"
        await people.move("ann", there)
        assert (await people.decide("bob", await people.one("route", METRIC))).status_code == 200
        # The file says what it said, and goes on to be judged: it is no edit.
        for _ in range(2):
            await house.running.reload.workspace()
            assert (await route(house, METRIC))["backend"] == there
        assert not await waiting(people, "route", METRIC)


@pytest.mark.exhaustive
async def test_what_could_not_be_written_waits_as_before(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from assay.errors import StandsInAFile

    settings = house.root / "assay.yaml"
    settings.write_text(f"{settings.read_text()}\nfour_eyes: true\n")
    await house.running.reload.workspace()

    def refuse(path: Path, _: str) -> None:
        raise StandsInAFile(f"{path.name} cannot be written: Read-only file system.")

    async with served(house) as client:
        people = People(client, {name: await joined(client, f"{name}@x.example", "steward") for name in ("ann", "bob")})
        words = {"words": "median labor minutes of repairs"}
        drafted = (await client.post("/v1/drafts", json=words, headers=BEARER)).json()
        await people.ask("ann", "POST", f"/v1/drafts/{drafted['draft_id']}/accept", {"by": "whoever"})
        await people.ask("ann", "POST", "/v1/synonyms", {"words": "frugality", "means": "metric:cost_avoided_mtd"})
        for kind, subject in (("draft", drafted["draft_id"]), ("synonym", "metric:cost_avoided_mtd")):
            waits = await people.one(kind, subject)
            with monkeypatch.context() as patched:
                for module in ("assay.widgets.drafts.drafts", "assay.web.synonyms"):
                    patched.setattr(f"{module}.replace_file", refuse)
                refused = await people.decide("bob", waits)
            assert refused.json()["kind"] == StandsInAFile.kind, refused.text
            assert await people.one(kind, subject) == waits
            confirmed = await people.decide("bob", waits)
            assert (confirmed.status_code, confirmed.json()["state"]) == (200, "confirmed"), confirmed.text
    metrics = "".join(each.read_text() for each in (house.root / "metrics").glob("*.yaml"))
    assert f"id: {drafted['metric']['id']}\n" in metrics
    assert "frugality" in metrics


@pytest.mark.exhaustive
async def test_ways_around_it(house: House, lake: Path, tmp_path: Path) -> None:
    settings = house.root / "assay.yaml"
    settings.write_text(f"{settings.read_text()}\nfour_eyes: true\n")
    await house.running.reload.workspace()
    async with served(house) as client:
        roles = {"ada": "admin", "bob": "steward"}
        people = People(client, {name: await joined(client, f"{name}@x.example", role) for name, role in roles.items()})
        people.sessions["ann"] = people.sessions["bob"]
        before = (await route(house, METRIC))["backend"]
        there = "lakehouse" if before == "postgres" else "postgres"
        # Behind a key stands who made it.
        made = (await people.ask("ada", "POST", "/v1/keys", {"name": "agent", "role": "steward"})).json()
        key = {"authorization": f"Bearer {made['key']}"}
        assert (await people.ask("nobody", "PUT", f"/v1/routes/{METRIC}", {"backend": there}, **key)).status_code == 200
        waits = await people.one("route", METRIC)
        assert (waits["proposed_by"], waits["missing"]) == ("key agent", 1)
        assert (await people.decide("ada", waits)).status_code == 403
        assert (await people.decide("bob", waits)).json()["state"] == "confirmed"
        await eventually(served_by(house, METRIC, there))
        # Rolled back by one; the file's line from before is an edit like any other, and what was confirmed is used up.
        assert (await people.ask("ada", "POST", f"/v1/routes/{METRIC}/rollback", {})).status_code == 200
        assert (await people.ask("ada", "POST", f"/v1/routes/{METRIC}/rollback", {})).status_code == 409
        edit(house, to(METRIC, there))
        (again,) = await eventually(lambda: waiting(people, "route", METRIC))
        assert (again["missing"], (await route(house, METRIC))["backend"]) == (2, before)
        # A definition that is new; what its table's entity changes of it; and another that comes after it was taken away.
        metrics = house.root / "metrics"
        (metrics / "fresh.yaml").write_text("metrics:\n  - id: fresh_claims\n    label: Fresh claims\n" + _FRESH)
        (claims,) = await eventually(lambda: waiting(people, "definition", "fresh_claims"))
        assert claims["diff"].startswith("--- /dev/null")
        assert "fresh_claims" not in house.running.catalog.workspace.metrics
        # Another process that starts now holds them back too.
        async with open_house(house.url, house.root, lake, tmp_path / "second") as second:
            assert "fresh_claims" not in second.running.catalog.workspace.metrics
            assert second.running.catalog.workspace.four_eyes
        await people.decide("ada", claims)
        assert (await people.decide("bob", claims)).json()["state"] == "confirmed"
        assert formula(house, "fresh_claims") == "COUNT(*)"
        entities = house.root / "entities" / "tables.yaml"
        offered = entities.read_text()
        entities.write_text(offered.replace("time: claim_open_ts", "time: updated_ts", 1))
        await eventually(lambda: waiting(people, "definition", "claim_volume_l3_asurion"))
        entities.write_text(offered)
        (metrics / "fresh.yaml").unlink()
        await eventually(lambda: is_gone(house, "fresh_claims"))
        another = _FRESH.replace("COUNT(*)", "COUNT(DISTINCT device_id)")
        (metrics / "fresh.yaml").write_text("metrics:\n  - id: fresh_claims\n    label: Fresh claims\n" + another)
        await eventually(lambda: waiting(people, "definition", "fresh_claims"))
        assert await is_gone(house, "fresh_claims")
        # Settings that cannot be read take nothing back.
        settings.write_text("name: [")
        await house.running.reload.workspace()
        assert house.running.catalog.workspace.four_eyes


async def is_gone(house: House, name: str) -> bool:
    return name not in house.running.catalog.workspace.metrics


_FRESH = """\
    definition: Claims that were opened.
    entity: l3_asurion.ev_claim
    measure: COUNT(*)
    time: claim_open_ts
    window: month_to_date
    unit: count
    direction: neutral
    owner: nobody yet
"""


async def test_a_synonym_waits_for_another_person_whose_word_is_the_second_for_the_definition_too(
    people: People, houses: list[House]
) -> None:
    body = {"words": "frugality", "means": "metric:cost_avoided_mtd"}
    told = (await people.ask("ann", "POST", "/v1/synonyms", body)).json()
    assert told["may_accept"] is False, told
    waits = await people.one("synonym", body["means"])
    assert (waits["missing"], waits["may_confirm"]) == (1, False)
    assert (await people.decide("ann", waits)).status_code == 403
    assert "frugality" not in (houses[0].root / told["file"]).read_text()
    confirmed = await people.decide("bob", waits)
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "confirmed"), confirmed.text
    for house in houses:

        async def serves(house: House = house) -> bool:
            metric = (await house.client.get("/v1/metrics/cost_avoided_mtd")).json()
            return "frugality" in metric["synonyms"]

        await eventually(serves)
    assert not [each for each in await people.proposals() if each["kind"] == "definition"]
