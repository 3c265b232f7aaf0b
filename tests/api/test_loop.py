"""The closed loop by the API: event, recommendation, decision, and the figures that move by their ordinary definitions."""

from tests.api.loop_steps import AT_REST, damage, decide, figures, recommended
from tests.conftest import House


async def test_approving_a_repair_moves_the_figures_by_their_own_definitions(house: House) -> None:
    assert await figures(house) == AT_REST
    name = await recommended(house, damage())
    found = (await house.client.get(f"/v1/recommendations/{name}")).json()
    assert found["action"] == "book_same_day_repair"
    assert [each["code"] for each in found["reasons"]] == ["PART_IN_STOCK", "PLACE_SOON", "COVERED", "SCREEN_DAMAGED"]
    assert found["place"] == "Nashville West End"
    assert await figures(house) == AT_REST
    response = await decide(house, name, "approve")
    assert response.status_code == 200, response.text
    assert response.json()["state"] == "approved"
    moved = {"active_issues": 1285, "claims_in_progress": 641, "nba_taken_pct": 121 / 139, "cost_avoided_mtd": "1410210.00"}
    assert await figures(house) == AT_REST | moved
