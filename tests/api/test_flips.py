"""A flip needs what is true at that moment: what was compared before counts only while both sides are as they were."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.api.steps import CLAIM, banner, edit, insert_claim, route, served_by, to
from tests.api.test_parity import FAULT, METRIC, OTHER_DATA, compare, publish, put, standing
from tests.conftest import House, eventually, open_house

from assay.routing import table


@pytest.mark.exhaustive
async def test_an_edit_does_not_flip_on_a_proof_of_data_that_moved_a_moment_ago(house: House) -> None:
    """Nobody has looked since: what the sides hold is read at the flip."""
    assert (await compare(house))["verdict"] == "equal"
    connection = await asyncpg.connect(house.url)
    for backend in house.running.counted():
        backend.table_moved = lambda _: None  # the notification is still on its way
    await connection.execute(f"UPDATE {CLAIM} SET cost_avoided_usd = cost_avoided_usd + 10000 WHERE claim_id = 'CLM-88122'")
    await connection.close()
    edit(house, to(METRIC, "lakehouse"))
    await eventually(banner(house, "lakehouse differs from postgres"))
    assert (await route(house, METRIC))["backend"] == "postgres"


@pytest.mark.exhaustive
async def test_what_moves_between_a_comparison_and_its_flip_makes_it_stale_and_the_flip_stands(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or no table that is written all the time could move: each comparison is followed by one more row."""
    keep = table.Routes._keep

    async def then_a_row(routes: Any, comparison: Any) -> Any:
        kept = await keep(routes, comparison)
        connection = await asyncpg.connect(house.url)
        await connection.execute(f"UPDATE {CLAIM} SET updated_ts = updated_ts WHERE claim_id = 'CLM-88122'")
        await connection.close()
        return kept

    monkeypatch.setattr(table.Routes, "_keep", then_a_row)
    assert (await put(house, backend="lakehouse")).status_code == 200
    assert (await standing(house))["standing"] == "stale"
    edit(house, to(METRIC, "postgres"))
    await eventually(served_by(house, METRIC, "postgres"))
    story = (await house.client.get(f"/v1/routes/{METRIC}")).json()
    assert [each["kind"] for each in story["changes"]][:2] == ["proven", "proven"]


@pytest.mark.exhaustive
async def test_an_accepted_difference_is_compared_anew_and_may_not_have_grown(house: House) -> None:
    await asyncio.to_thread(
        publish, house, f"UPDATE {CLAIM} SET cost_avoided_usd = cost_avoided_usd + 5 WHERE region = 'West'"
    )
    accepted = await put(house, backend="lakehouse", accept_difference="booked elsewhere", by="Ana")
    assert accepted.status_code == 200, accepted.text
    back = await put(house, backend="postgres")  # the same difference, seen from the other side
    assert back.status_code == 200, back.json()["detail"]
    # The data move and the difference stays: it is accepted still, by whom and why it was.
    await insert_claim(house.url, avoided=0)
    await asyncio.to_thread(copy_new_claim, house)
    edit(house, to(METRIC, "lakehouse"))
    await eventually(served_by(house, METRIC, "lakehouse"))
    now = await standing(house)
    assert now["standing"] == "accepted"
    assert now["reason"].endswith("accepted by Ana: booked elsewhere")
    assert (await put(house, backend="postgres")).status_code == 200
    # One claim more differs, by as little as a cent.
    connection = await asyncpg.connect(house.url)
    await connection.execute(f"UPDATE {CLAIM} SET cost_avoided_usd = cost_avoided_usd - 0.01 WHERE claim_id ="
                             f" (SELECT max(claim_id) FROM {CLAIM} WHERE region = 'West' AND claim_status <> 'denied'"
                             " AND claim_open_ts >= '2026-03-01')")  # fmt: skip
    await connection.close()
    edit(house, to(METRIC, "lakehouse"))
    shown = await eventually(banner(house, "by more than was accepted"))
    assert shown["message"].endswith("postgres keeps serving")
    refused = await put(house, backend="lakehouse")
    assert refused.status_code == 409
    assert "by more than was accepted" in refused.json()["detail"]


@pytest.mark.exhaustive
async def test_an_acceptance_has_served_once_both_agree(house: House) -> None:
    fault = f"UPDATE {CLAIM} SET cost_avoided_usd = cost_avoided_usd + 5 WHERE region = 'West'"
    await asyncio.to_thread(publish, house, fault)
    accepted = await put(house, backend="lakehouse", accept_difference="booked elsewhere", by="Ana")
    assert accepted.status_code == 200, accepted.text
    await asyncio.to_thread(publish, house, fault.replace("+", "-"))
    assert (await put(house, backend="postgres")).status_code == 200
    # The same difference comes once more: nobody has accepted this one, in no process.
    await asyncio.to_thread(publish, house, fault)
    refused = await put(house, backend="lakehouse")
    assert refused.status_code == 409
    assert refused.json()["kind"] == "route_differs"
    await house.running.routes.reload()
    assert not house.running.routes.proofs.accepted


def copy_new_claim(house: House) -> None:
    """As a loader would: the claim that was inserted there is here too."""
    one = f"(SELECT min(claim_id) FROM {CLAIM})"
    publish(house, f"INSERT INTO {CLAIM} SELECT * REPLACE ('CLM-NEW' AS claim_id, 0 AS cost_avoided_usd, 'closed' AS"
                   " claim_status, TIMESTAMPTZ '2026-03-17 12:00:00Z' AS claim_open_ts)"
                   f" FROM {CLAIM} WHERE claim_id = {one}")  # fmt: skip


@pytest.mark.exhaustive
async def test_a_rollback_waits_for_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await put(house, backend="lakehouse")).status_code == 200
    asked: list[str] = []

    async def never(*_: Any) -> Any:
        asked.append("data")
        raise AssertionError("a rollback reads no data")

    monkeypatch.setattr("assay.routing.proofs.Proofs.facts_now", never)
    await asyncio.to_thread(publish, house, FAULT)
    back = await house.client.post(f"/v1/routes/{METRIC}/rollback", json={})
    assert (back.status_code, back.json()["backend"], asked) == (200, "postgres", [])


# -- the standing of a question, as it travels ----------------------------------------------------


async def test_a_304_never_keeps_a_proof_that_fell(house: House) -> None:
    path = f"/v1/metrics/{METRIC}/data"
    first = await house.client.post(path, json={})
    seen = {first.headers["etag"]}
    for change, wanted in ((compare, "proven"), (publish_other, "stale")):
        await change(house)

        async def moved(wanted: str = wanted) -> Any:
            found = [await house.client.post(path, json={}, headers={"if-none-match": each}) for each in seen]
            told = next((each for each in found if each.status_code == 200), None)
            return told if told is not None and told.json()["provenance"]["parity"]["standing"] == wanted else None

        told = await eventually(moved)
        assert told.headers["etag"] not in seen
        assert told.json()["answer_id"] == first.json()["answer_id"]
        seen.add(told.headers["etag"])
    # Not as if every answer was another one.
    again = await house.client.post(path, json={}, headers={"if-none-match": told.headers["etag"]})
    assert again.status_code == 304


async def publish_other(house: House) -> None:
    await asyncio.to_thread(publish, house, OTHER_DATA)


@pytest.mark.exhaustive
async def test_one_very_question_is_compared_and_counts_for_itself_alone(house: House) -> None:
    await compare(house, "csat")
    asked = {"dimensions": ["channel"], "window": "year_to_date"}
    answer: Any = await house.ask("csat", **asked)
    assert answer["provenance"]["parity"]["standing"] == "proven_for_others"
    assert answer["provenance"]["parity"]["reason"].endswith("; its window was not compared")
    response = await house.client.post("/v1/routes/csat/compare", json={"to": "lakehouse", "question": asked})
    found = response.json()
    assert (response.status_code, found["verdict"]) == (200, "equal")
    assert [each["grain"] for each in found["grains"]] == ["this question"]
    assert found["question_key"]
    assert found["windows"][0]["groupings"][0]["keys"] == ["channel"]
    answer = await house.ask("csat", **asked)
    assert answer["provenance"]["parity"]["standing"] == "proven"
    assert answer["provenance"]["parity"]["certificate_id"] == found["certificate_id"]
    other: Any = await house.ask("csat", dimensions=["channel"], window="trailing_90d", grain="day")
    assert other["provenance"]["parity"]["standing"] == "proven_for_others"
    # It decides nothing about the route, and stands among no comparisons of it.
    story = (await house.client.get("/v1/routes/csat")).json()
    assert [each["certificate_id"] for each in story["comparisons"]] != [found["certificate_id"]]
    assert len(story["comparisons"]) == 1


@pytest.mark.exhaustive
async def test_what_was_shown_of_a_question_is_known_to_another_process(house: House, tmp_path: Path, lake: Path) -> None:
    async with open_house(house.url, house.root, lake, tmp_path / "second") as second:
        await compare(house, "csat")
        asked = {"dimensions": ["channel"], "window": "year_to_date"}
        await house.client.post("/v1/routes/csat/compare", json={"to": "lakehouse", "question": asked})

        async def proven() -> bool:
            answer: Any = await second.ask("csat", **asked)
            return answer["provenance"]["parity"]["standing"] == "proven"

        await eventually(proven)


@pytest.mark.exhaustive
async def test_a_last_good_answer_is_not_called_proven(house: House) -> None:
    await compare(house)
    assert (await put(house, backend="lakehouse")).status_code == 200
    assert (await standing(house))["standing"] == "proven"
    lake = house.settings.home / "lakehouse.duckdb"
    lake.rename(lake.with_suffix(".away"))

    async def away() -> Any:
        answer: Any = await house.ask(METRIC)
        return answer["provenance"] if answer["provenance"]["stale"] else None

    known = await eventually(away)
    assert known["parity"]["standing"] == "stale"
    assert known["parity"]["reason"] == "lakehouse does not answer: what it holds now is not known"
    lake.with_suffix(".away").rename(lake)


def test_a_difference_grows_in_any_group() -> None:
    from assay.routing.certificate import more_than_accepted

    def found(*gaps: tuple[str, str | None, Any, Any], verdict: str = "differs") -> dict[str, Any]:
        lines = [[[key], "value", difference, *([here, there] if difference is None else [])]
                 for key, difference, here, there in gaps]  # fmt: skip
        return {"verdict": verdict, "reason": "away", "differences": {"region": lines} if lines else {}}

    accepted = found(("West", "-5", "10", "5"), ("East", None, "a", "b"))
    assert more_than_accepted(accepted, found(("West", "4.99", "1", "5.99"))) is None
    assert more_than_accepted(accepted, found(("East", None, "a", "b"))) is None
    for worse in (
        ("West", "5.01", "1", "6.01"),
        ("North", "0.01", "1", "1.01"),
        ("East", None, "a", "c"),
        ("West", None, "x", "y"),
    ):
        assert more_than_accepted(accepted, found(worse)), worse
    assert more_than_accepted(accepted, found(verdict="not_comparable")) == "away"
    assert more_than_accepted({}, accepted) == "more groups differ than a certificate keeps"
