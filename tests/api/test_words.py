"""Words read over HTTP: the values of dimensions come from the data through the corridor."""

from tests.conftest import House


async def _read(house: House, words: str, **more: object) -> dict[str, object]:
    response = await house.client.post("/v1/widgets/read", json={"words": words, **more})
    assert response.status_code == 200, response.text
    return response.json()


async def test_plain_words_become_a_checked_spec(shared_house: House) -> None:
    body = await _read(shared_house, "claims by product for phones, last 30 days")
    assert body["outcome"] == "spec"
    assert body["spec"] == {
        "kind": "bar", "metrics": ["claims_by_product_l3_asurion"], "dimensions": ["category"],
        "filters": [{"dimension": "category", "op": "eq", "values": ["Phone"]}], "window": "trailing_30d",
        "grain": None, "compare": None, "limit": None, "order": [],
    }  # fmt: skip
