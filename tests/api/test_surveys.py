"""A workspace begun from the page: what was named is read, each figure is seen first, what is chosen is written."""

import json
import secrets
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from tests.conftest import House, empty_database, eventually

from assay.people.roles import ALL
from assay.setup.surveys import Surveys
from assay.store.database import with_user
from assay.work.principal import Principal

SALES = "order_id,ordered_on,shop,amount_eur\n" + "".join(
    f"{number},2024-0{1 + number % 3}-{1 + number % 28:02},{('North', 'South', 'West')[number % 3]},{number}.50\n"
    for number in range(1, 301)
)
TOTAL = sum(number + 0.5 for number in range(1, 301))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "sales.csv").write_text(SALES)
    return folder


def surveying(house: House, **settings: Any) -> httpx.AsyncClient:
    """The same Assay with more settings."""
    surveys = Surveys(house.running, replace(house.settings, **settings))
    transport = httpx.ASGITransport(house.application(surveys=surveys, words=None, door=None))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400", timeout=60)


async def read(client: httpx.AsyncClient, connection_id: str) -> list[dict[str, Any]]:
    response = await client.post("/v1/surveys", json={"connection_id": connection_id})
    assert response.status_code == 200, response.text
    return [json.loads(each.removeprefix("data: ")) for each in response.text.split("\n\n") if each]


async def surveyed(client: httpx.AsyncClient, connection_id: str) -> dict[str, Any]:
    *_, last = await read(client, connection_id)
    assert last["event"] == "survey", last
    return last["survey"]


def texts(root: Path) -> dict[str, str]:
    return {str(each.relative_to(root)): each.read_text() for each in sorted(root.rglob("*")) if each.is_file()}


@pytest.mark.exhaustive
async def test_what_is_chosen_is_seen_first_and_written_with_its_new_name(house: House, files: Path) -> None:
    client, before = surveying(house, files=files), texts(house.root)
    listed = (await client.get("/v1/surveys/connections")).json()["connections"]
    assert [each["connection_id"] for each in listed if each["kind"] == "file"] == ["file:sales.csv"]
    survey = await surveyed(client, "file:sales.csv")
    assert texts(house.root) == before
    revenue, *others = survey["metrics"]
    assert (revenue["formula"], bool(revenue["reason"])) == ("SUM(amount_eur)", True)
    address = f"/v1/surveys/{survey['survey_id']}"
    answer = (await client.post(f"{address}/metrics/{revenue['metric_id']}/data")).json()
    assert (answer["rows"], answer["provenance"]["draft"]) == ([[TOTAL]], True)
    receipt = await client.get(f"/v1/receipts/{answer['provenance']['receipt_id']}")
    assert (receipt.status_code, receipt.json()["metric_id"]) == (200, revenue["metric_id"])

    twice = [{"metric_id": each["metric_id"], "label": "Money"} for each in survey["metrics"][:2]]
    refused = await client.post(f"{address}/take", json={"metrics": twice})
    assert (refused.status_code, texts(house.root)) == (422, before), refused.text
    chosen = {"metrics": [{"metric_id": revenue["metric_id"], "label": "Turnover of shops"}]}
    taken = await client.post(f"{address}/take", json=chosen)
    assert taken.status_code == 200, taken.text
    after = texts(house.root)
    assert {name for name in after if after[name] != before.get(name)} == {
        *taken.json()["files"], "config/metric_routing.yaml"
    }  # fmt: skip
    # Every line that people have written stands there still, in its order.
    for name, text in before.items():
        lines = iter(after[name].splitlines())
        assert all(line in lines for line in text.splitlines()), name
    told = await house.ask(revenue["metric_id"])
    assert told["rows"] == [[TOTAL]]
    metrics = (await client.get("/v1/metrics")).json()["metrics"]
    labels = {each["metric_id"]: each["label"] for each in metrics}
    assert labels[revenue["metric_id"]] == "Turnover of shops"
    assert not {each["metric_id"] for each in others} & labels.keys()
    page = (await client.get(f"/v1/dashboards/{taken.json()['dashboard_id']}")).json()
    asked = {name for tile in page["tiles"] for name in tile["widget"]["question"]["metrics"]}
    assert asked == {revenue["metric_id"]}
    assert (await client.post(f"{address}/take", json=chosen)).status_code == 409
    workspace = (await client.get("/v1/workspace")).json()
    assert not [each for each in workspace["problems"] if "sales" in each["message"]], workspace["problems"]


async def test_nothing_is_read_that_nobody_has_named_and_a_key_takes_nothing(shared_house: House, files: Path) -> None:
    client = surveying(shared_house, files=files, connections=("NOT_SET_DATABASE_URL",))
    (files / "link.csv").symlink_to("/etc/passwd")
    listed = (await client.get("/v1/surveys/connections")).json()["connections"]
    assert [(each["connection_id"], each["problem"]) for each in listed if each["kind"] != "backend"] == [
        ("variable:NOT_SET_DATABASE_URL", "NOT_SET_DATABASE_URL is not set."), ("file:sales.csv", None),
    ]  # fmt: skip
    for wanted in ("variable:HOME", "file:../workspace/assay.yaml", "file:link.csv", "postgresql://127.0.0.1/assay"):
        *_, last = await read(client, wanted)
        assert (last["event"], last["problem"]["kind"]) == ("error", "not_found"), wanted
    *_, last = await read(client, "variable:NOT_SET_DATABASE_URL")
    assert last["problem"]["mend"] == "set NOT_SET_DATABASE_URL where this server is started"
    made = (await shared_house.client.post("/v1/keys", json={"name": "agent", "role": "admin"})).json()
    keyed = {"authorization": f"Bearer {made['key']}"}
    refused = await shared_house.client.post("/v1/surveys", json={"connection_id": "file:sales.csv"}, headers=keyed)
    assert (refused.status_code, refused.json()["kind"]) == (403, "not_allowed"), refused.text


@pytest.mark.exhaustive
async def test_what_cannot_be_written_whole_is_not_written_at_all(house: House, files: Path) -> None:
    client = surveying(house, files=files)
    survey = await surveyed(client, "file:sales.csv")
    chosen = {"metrics": [{"metric_id": each["metric_id"], "label": each["label"]} for each in survey["metrics"]]}
    routing = house.root / "config" / "metric_routing.yaml"
    good = routing.read_text()
    routing.write_text("metrics: [\n")
    before = texts(house.root)
    refused = await client.post(f"/v1/surveys/{survey['survey_id']}/take", json=chosen)
    assert (refused.status_code, texts(house.root)) == (409, before), refused.text
    routing.write_text(good)
    settings = house.root / "assay.yaml"
    settings.write_text(settings.read_text() + "four_eyes: true\n")
    await house.running.reload.workspace()
    before = texts(house.root)
    refused = await client.post(f"/v1/surveys/{survey['survey_id']}/take", json=chosen)
    assert (refused.json()["kind"], texts(house.root)) == ("draft_declined", before), refused.text
    assert "two persons" in (await client.get(f"/v1/surveys/{survey['survey_id']}")).json()["problem"]


@pytest.mark.exhaustive
async def test_a_database_that_cannot_be_read_is_told_plainly_and_without_its_password(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with empty_database() as url:
        owner, mark = await asyncpg.connect(url), secrets.token_hex(4)
        role = f"looker_{mark}"
        await owner.execute(f"CREATE TABLE orders (id int PRIMARY KEY, placed_on date, total numeric(10,2));"
                            f"INSERT INTO orders SELECT n, date '2026-01-01' + n % 60, n FROM generate_series(1, 200) AS n;"
                            f"CREATE ROLE {role} LOGIN PASSWORD 'hidden-word'")  # fmt: skip
        try:
            looker = with_user(url, role, "hidden-word")
            gone = url.replace(url.rpartition("/")[2], "no_such_database")
            names = {"RIGHT_URL": url, "NO_RIGHTS_URL": looker, "GONE_URL": gone, "NOT_ONE_URL": "mailto:somebody",
                     "AWAY_URL": "postgresql://somebody:hidden-word@127.0.0.1:1/none"}  # fmt: skip
            for name, address in names.items():
                monkeypatch.setenv(name, address)
            client = surveying(house, connections=tuple(names))
            expected = {"NO_RIGHTS_URL": "GRANT SELECT", "GONE_URL": "check the address", "AWAY_URL": "check the address",
                        "NOT_ONE_URL": "write postgresql://"}  # fmt: skip
            for name, mend in expected.items():
                *_, last = await read(client, f"variable:{name}")
                assert mend in last.get("problem", {}).get("mend", ""), last
                assert "hidden-word" not in json.dumps(last)
            survey = await surveyed(client, "variable:RIGHT_URL")
            total = next(each for each in survey["metrics"] if each["formula"].startswith("SUM"))
            asked = await client.post(f"/v1/surveys/{survey['survey_id']}/metrics/{total['metric_id']}/data")
            assert asked.json()["provenance"]["backend"] == survey["backend"], asked.text
            chosen = {"metrics": [{"metric_id": total["metric_id"], "label": "Turnover"}]}
            taken = await client.post(f"/v1/surveys/{survey['survey_id']}/take", json=chosen)
            assert taken.status_code == 200, taken.text
            written = texts(house.root)
            assert "${RIGHT_URL}" in written["assay.yaml"]
            assert not [name for name, text in written.items() if url in text]
            entries = await owner.fetchval("SELECT count(*) FROM orders")
            assert entries == 200
        finally:
            await owner.execute(f"DROP ROLE {role}")
            await owner.close()


@pytest.mark.exhaustive
async def test_whoever_stops_listening_ends_the_reading(house: House, files: Path) -> None:
    for number in range(30):
        (files / "many").mkdir(exist_ok=True)
        (files / "many" / f"sales{number}.csv").write_text(SALES)
    surveys = Surveys(house.running, replace(house.settings, files=files))
    async with aclosing(surveys.read("file:many", Principal("somebody", "Somebody", "person", ALL))) as lines:
        async for line in lines:
            assert isinstance(line, str)
            break
    assert await house.running.database.fetch("SELECT 1 FROM assay.survey") == []

    async def is_tidy() -> bool:
        return not list((house.running.around.home / "surveys").glob("*.duckdb"))

    await eventually(is_tidy)
