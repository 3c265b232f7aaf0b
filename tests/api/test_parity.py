"""Moving a metric: nothing flips before both backends were shown to agree, or a person has accepted how they differ."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import pytest
from tests.api.steps import CLAIM, banner, edit, line_of, route, served_by, to
from tests.conftest import House, eventually, open_house

from assay.live import moving

METRIC = "cost_avoided_mtd"


def publish(house: House, *statements: str) -> None:
    file = house.settings.home / "lakehouse.duckdb"
    fresh = file.with_suffix(".new")
    shutil.copyfile(file, fresh)
    with duckdb.connect(str(fresh)) as connection:
        for each in statements:
            connection.execute(each)
    os.replace(fresh, file)


OTHER_DATA = f"UPDATE {CLAIM} SET updated_ts = updated_ts + INTERVAL 1 SECOND WHERE region = 'West'"
"""What no metric reads: the file's content is another, the figures are not."""
FAULT = f"UPDATE {CLAIM} SET cost_avoided_usd = 0 WHERE region = 'West'"


async def compare(house: House, metric_id: str = METRIC, backend: str = "lakehouse") -> dict[str, Any]:
    response = await house.client.post(f"/v1/routes/{metric_id}/compare", json={"to": backend})
    assert response.status_code == 200, response.text
    return response.json()


async def put(house: House, **body: Any) -> Any:
    return await house.client.put(f"/v1/routes/{METRIC}", json=body)


async def standing(house: House) -> dict[str, Any]:
    answer: Any = await house.ask(METRIC)
    return answer["provenance"]["parity"]


async def test_who_asks_for_one_comparison_too_many_is_told_to_come_again(
    shared_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_MOST_WAITING", 0)
    for method, path, body in (
        ("POST", f"/v1/routes/{METRIC}/compare", {"to": "lakehouse"}),
        ("POST", f"/v1/routes/{METRIC}/compare", {"to": "lakehouse", "question": {"grain": "week"}}),
        ("PUT", f"/v1/routes/{METRIC}", {"backend": "lakehouse"}),
    ):
        refused = await shared_house.client.request(method, path, json=body)
        assert (refused.status_code, refused.json()["kind"]) == (503, "busy")
        assert int(refused.headers["retry-after"]) > 0


async def test_a_comparison_says_equal_at_every_grain_and_its_certificate_stands_in_the_answers(house: House) -> None:
    assert (await standing(house))["standing"] == "unproven"
    found = await compare(house)
    assert (found["metric_id"], found["from"], found["to"]) == (METRIC, "postgres", "lakehouse")
    assert found["verdict"] == "equal"
    assert {each["verdict"] for each in found["grains"]} == {"equal"}
    assert {"total", "time:day", "region", "category", "claim_status x region"} <= {
        each["grain"] for each in found["grains"]
    }
    again = (await house.client.get(f"/v1/routes/certificates/{found['certificate_id']}")).json()
    assert again == found
    now = await standing(house)
    assert (now["standing"], now["backend"], now["certificate_id"]) == ("proven", "lakehouse", found["certificate_id"])
    shown = await route(house, METRIC)
    assert shown["parity"] == now
    assert {each["backend"] for each in shown["latencies"]} == {"postgres", "lakehouse"}


async def test_new_data_makes_the_certificate_stale_at_once_and_says_why(house: House) -> None:
    await compare(house)
    assert (await standing(house))["standing"] == "proven"
    connection = await asyncpg.connect(house.url)
    await connection.execute(f"UPDATE {CLAIM} SET updated_ts = updated_ts WHERE claim_id = 'CLM-88122'")
    await connection.close()

    async def stale() -> dict[str, Any] | None:
        now = await standing(house)
        assert now["standing"] in ("proven", "stale")
        return now if now["standing"] == "stale" else None

    assert (await eventually(stale))["reason"] == "postgres has other data since"

    await compare(house)
    assert (await standing(house))["standing"] == "proven"
    await asyncio.to_thread(publish, house, OTHER_DATA)

    async def other_side() -> bool:
        return (await route(house, METRIC))["parity"]["reason"] == "lakehouse has other data since"

    await eventually(other_side)


@pytest.mark.exhaustive
async def test_a_certificate_of_before_an_upgrade_of_the_compiler_proves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await compare(house)
    monkeypatch.setattr("assay.compiler.meaning.MEANING_VERSION", found["meaning_version"] + 1)
    house.running.moving.restand()
    now = await standing(house)
    assert now["standing"] == "stale"
    assert now["reason"] == "the compiler has changed since, and with it what the definition means"


@pytest.mark.exhaustive
async def test_no_answer_on_newer_data_calls_itself_proven(house: House) -> None:
    """The answer is made before anything else has noticed that the data moved."""
    found = await compare(house)
    bound = next(each for each in found["sides"] if each["backend"] == "postgres")["data_version"]
    connection = await asyncpg.connect(house.url)
    for _ in range(20):
        await connection.execute(f"UPDATE {CLAIM} SET updated_ts = updated_ts WHERE claim_id = 'CLM-88122'")
        answer: Any = await house.ask(METRIC)
        known = answer["provenance"]
        moved = known["data_version"].split(":")[1] != bound.split("l3_asurion.ev_claim:")[1].split(" ")[0]
        assert known["parity"]["standing"] == ("stale" if moved else "proven")
    await connection.close()


@pytest.mark.exhaustive
async def test_a_changed_definition_makes_the_certificate_stale(house: House) -> None:
    await compare(house)
    file = house.root / "metrics" / "savings.yaml"
    file.write_text(file.read_text().replace("filter: claim_status <> 'denied'", "filter: claim_status = 'approved'"))

    async def stale() -> bool:
        return (await standing(house))["reason"] == "the definition has changed since"

    await eventually(stale)


@pytest.mark.exhaustive
async def test_an_edit_of_the_file_stays_pending_where_the_two_differ(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.routing.table.AGAIN_SECONDS", 1)
    before: Any = await house.ask(METRIC)
    await asyncio.to_thread(publish, house, FAULT)
    edit(house, to(METRIC, "lakehouse"))
    shown = await eventually(banner(house, "cost_avoided_mtd: lakehouse differs from postgres by -"))
    assert shown["line"] == line_of(house, "  cost_avoided_mtd:")
    assert shown["message"].endswith("; postgres keeps serving")
    after: Any = await house.ask(METRIC)
    assert after["rows"] == before["rows"]
    assert after["provenance"]["backend"] == "postgres"
    pending = (await route(house, METRIC))["pending"]
    assert (pending["backend"], pending["state"]) == ("lakehouse", "refused")
    found = (await house.client.get(f"/v1/routes/certificates/{pending['certificate_id']}")).json()
    assert found["explained_by"]["grain"] == "region"
    assert [each["key"] for each in found["explained_by"]["groups"]] == [["West"]]
    assert found["explained_by"]["share"] == 1

    # The lakehouse is mended: the edit takes effect without another one.
    source = house.settings.home / "mended.duckdb"
    shutil.copyfile(os.environ["ASSAY_TEST_LAKE"], source)
    os.replace(source, house.settings.home / "lakehouse.duckdb")
    await eventually(served_by(house, METRIC, "lakehouse"))
    assert (await standing(house))["standing"] == "proven"


@pytest.mark.exhaustive
async def test_a_refused_change_leaves_the_file_as_it_was_and_shows_the_comparison(house: House) -> None:
    await asyncio.to_thread(publish, house, FAULT)
    before = (house.root / "config" / "metric_routing.yaml").read_text()
    response = await put(house, backend="lakehouse")
    assert response.status_code == 409
    body = response.json()
    assert body["kind"] == "route_differs"
    assert body["detail"].startswith("cost_avoided_mtd stays where it is: lakehouse differs from postgres by -")
    assert body["comparison"]["verdict"] == "differs"
    assert (house.root / "config" / "metric_routing.yaml").read_text() == before
    assert (await route(house, METRIC))["backend"] == "postgres"


@pytest.mark.exhaustive
async def test_a_difference_that_was_found_is_not_said_of_other_data(house: House) -> None:
    await asyncio.to_thread(publish, house, FAULT)
    await compare(house)
    assert (await standing(house))["standing"] == "differs"
    await asyncio.to_thread(publish, house, OTHER_DATA)

    async def stale() -> bool:
        now = await standing(house)
        return now["standing"] == "stale" and now["reason"].endswith("; lakehouse has other data since")

    await eventually(stale)


@pytest.mark.exhaustive
async def test_a_person_may_accept_a_difference_and_the_answers_say_so(house: House) -> None:
    await asyncio.to_thread(publish, house, FAULT)
    response = await put(house, backend="lakehouse", accept_difference="the West moved to another book", by="Jane")
    assert response.status_code == 200, response.text
    assert response.json()["backend"] == "lakehouse"
    now = await standing(house)
    assert now["standing"] == "accepted"
    assert now["reason"].endswith("accepted by Jane: the West moved to another book")
    story = (await house.client.get(f"/v1/routes/{METRIC}")).json()
    change = story["changes"][0]
    assert (change["from_backend"], change["to_backend"], change["kind"], change["changed_by"]) == (
        "postgres", "lakehouse", "accepted", "Jane",
    )  # fmt: skip
    assert story["comparisons"][0]["accepted"]["by"] == "Jane"


@pytest.mark.exhaustive
async def test_what_could_not_be_compared_may_be_accepted_too(house: House) -> None:
    late = f"DELETE FROM {CLAIM} WHERE claim_open_ts >= TIMESTAMPTZ '2026-03-17 12:00:00Z'"
    await asyncio.to_thread(publish, house, late)
    assert (await compare(house))["verdict"] == "not_comparable"
    response = await put(house, backend="lakehouse", accept_difference="loaded at noon", by="Jane")
    assert response.status_code == 200, response.text
    assert (await standing(house))["standing"] == "accepted"
    await house.running.routes.reload()
    house.running.moving.restand()
    assert (await standing(house))["standing"] == "accepted"


@pytest.mark.exhaustive
async def test_a_rollback_is_one_request_and_asks_nothing(house: House) -> None:
    await put(house, backend="lakehouse")
    await asyncio.to_thread(publish, house, FAULT)
    response = await house.client.post(f"/v1/routes/{METRIC}/rollback", json={"by": "Joe"})
    assert response.status_code == 200, response.text
    assert response.json()["backend"] == "postgres"
    assert f"  {METRIC}: {{backend: postgres}}" in (house.root / "config" / "metric_routing.yaml").read_text()
    story = (await house.client.get(f"/v1/routes/{METRIC}")).json()
    assert [each["kind"] for each in story["changes"]][:2] == ["rolled_back", "proven"]
    assert story["changes"][0]["changed_by"] == "Joe"
    assert len(story["comparisons"]) == 1


@pytest.mark.exhaustive
async def test_a_metric_that_never_moved_has_nothing_to_go_back_to(house: House) -> None:
    response = await house.client.post("/v1/routes/csat/rollback", json={})
    assert (response.status_code, response.json()["kind"]) == (409, "route_refused")


@pytest.mark.exhaustive
async def test_several_metrics_move_together_each_judged_alone(house: House) -> None:
    await asyncio.to_thread(publish, house, FAULT)
    wanted = {METRIC: "lakehouse", "csat": "lakehouse", "claim_denials": "lakehouse", "nba_taken_pct": "lakehouse"}
    body = (await house.client.put("/v1/routes", json={"routes": wanted, "by": "Jane"})).json()
    flipped = {each["metric_id"]: each["flipped"] for each in body["outcomes"]}
    assert flipped == {METRIC: False, "csat": True, "claim_denials": True, "nba_taken_pct": False}
    for metric_id, moved in flipped.items():
        assert (await route(house, metric_id))["backend"] == ("lakehouse" if moved else "postgres")
    lines = (house.root / "config" / "metric_routing.yaml").read_text()
    assert "  csat: {backend: lakehouse}" in lines
    assert f"  {METRIC}: {{backend: postgres}}" in lines


@pytest.mark.exhaustive
async def test_a_flip_and_its_certificate_are_seen_by_another_process(house: House, tmp_path: Path, lake: Path) -> None:
    async with open_house(house.url, house.root, lake, tmp_path / "second") as second:
        await put(house, backend="lakehouse")
        await eventually(served_by(second, METRIC, "lakehouse"))

        async def proven() -> bool:
            return (await standing(second))["standing"] == "proven"

        # Its own copy of the lakehouse is the same file: what was bound holds there too.
        await eventually(proven)


@pytest.mark.exhaustive
async def test_a_shadow_compares_live_questions_and_a_budget_waits_for_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "SHADOW_SECONDS", 0)
    line = f"  {METRIC}: {{backend: postgres, shadow: lakehouse}}"
    edit(house, lambda text: "\n".join(line if each.startswith(f"  {METRIC}:") else each for each in text.splitlines()))

    async def shadowed() -> bool:
        found = await route(house, METRIC)
        return found["shadow"] == {"backend": "lakehouse", "wanted": 0}

    await eventually(shadowed)
    await house.ask(METRIC, dimensions=["region"])

    async def history(count: int) -> list[dict[str, Any]] | None:
        shadows = (await house.client.get(f"/v1/routes/{METRIC}")).json()["shadows"]
        return shadows if len(shadows) >= count else None

    shadows = await eventually(lambda: history(1))
    assert [each["verdict"] for each in shadows] == ["equal"]
    assert shadows[0]["here_ms"] > 0

    wanted = f"  {METRIC}: {{backend: lakehouse, shadow: lakehouse, clean_comparisons: 3}}"
    edit(house, lambda text: text.replace(line, wanted))
    await eventually(banner(house, "1 of 3 clean comparisons in its shadow so far"))
    edit(house, lambda text: text.replace(wanted, line))
    for dimension in ("channel", "claim_status"):
        await eventually(shadowed)
        await house.ask(METRIC, dimensions=[dimension])
    await eventually(lambda: history(3))
    edit(house, lambda text: text.replace(line, wanted))
    await eventually(served_by(house, METRIC, "lakehouse"))


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("{backend: postgres, shadow: 7}", "shadow is no name"),
        ("{backend: postgres, shadow: lakehose}", "there is no backend 'lakehose' to shadow it"),
        ("{backend: postgres, clean_comparisons: many}", "clean_comparisons is no number"),
        ("{backend: postgres, mode: fast}", "mode is not known here"),
    ],
)
async def test_a_bad_entry_has_its_line_and_the_route_stays(house: House, entry: str, reason: str) -> None:
    edit(house, lambda text: text.replace(f"  {METRIC}: {{backend: postgres}}", f"  {METRIC}: {entry}"))
    shown = await eventually(banner(house, reason))
    assert shown["line"] == line_of(house, f"  {METRIC}:")
    assert (await route(house, METRIC))["backend"] == "postgres"


async def test_a_question_that_names_a_segment_is_compared_and_proven(house: House) -> None:
    asked = {"segments": ["high_value"], "dimensions": ["region"]}
    response = await house.client.post(f"/v1/routes/{METRIC}/compare", json={"to": "lakehouse", "question": asked})
    assert response.status_code == 200, response.text
    found = response.json()
    assert (found["verdict"], found["question"]["segments"][0]["name"]) == ("equal", "high_value")
    answers: list[Any] = [await house.ask(METRIC, **each) for each in (asked, {"dimensions": ["region"]})]
    assert [each["provenance"]["parity"]["standing"] for each in answers] == ["proven", "unproven"]


@pytest.mark.parametrize(
    ("metric_id", "body", "status", "sentence"),
    [
        (METRIC, {"to": "postgres"}, 409, "served by postgres already"),
        (METRIC, {"to": "databricks"}, 409, "not configured"),
        (METRIC, {"to": "lakehose"}, 409, "no backend 'lakehose'"),
        ("nba_taken_pct", {"to": "lakehouse"}, 409, "lakehouse has no table"),
        ("cost_avoided", {"to": "lakehouse"}, 404, "no metric 'cost_avoided'"),
        (METRIC, {"backend": "lakehouse"}, 422, "to"),
    ],
)  # fmt: skip
async def test_a_comparison_that_cannot_be_made_says_why(
    shared_house: House, metric_id: str, body: dict[str, Any], status: int, sentence: str
) -> None:
    response = await shared_house.client.post(f"/v1/routes/{metric_id}/compare", json=body)
    assert response.status_code == status
    assert sentence in response.json()["detail"]
