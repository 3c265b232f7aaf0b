"""A value has one colour: the file's choice, or what was given to it once, for every page and every process."""

import asyncio
from typing import Any

import pytest
from tests.api.steps import banner, no_problems
from tests.conftest import House, eventually


async def given(house: House, dimension: str, *values: str) -> dict[str, Any]:
    response = await house.client.post("/v1/colours", json={"dimension": dimension, "values": list(values)})
    assert response.status_code == 200, response.text
    return response.json()


async def known(house: House) -> dict[str, dict[str, Any]]:
    body = (await house.client.get("/v1/colours")).json()
    return {each["dimension"]: each for each in body["colours"]}


async def test_a_value_keeps_the_colour_that_it_was_given_whoever_asks_in_whatever_order(house: House) -> None:
    regions = ['["West"]', '["Midwest"]', '["South"]', '["Northeast"]', "[null]", '[""]']
    both = await asyncio.gather(given(house, "region", *regions), given(house, "region", *reversed(regions)))
    assert both[0]["hues"] == both[1]["hues"]
    assert len(set(both[0]["hues"].values())) == len(regions)
    later = await given(house, "region", '["Atlantis"]', '["West"]')
    assert later["hues"]['["West"]'] == both[0]["hues"]['["West"]']
    assert (await known(house))["region"]["hues"].items() >= {**both[0]["hues"], **later["hues"]}.items()


@pytest.mark.exhaustive
async def test_a_file_chooses_a_colour_and_every_page_hears_of_it(house: House) -> None:
    before = (await given(house, "region", '["West"]', '["South"]', '["Midwest"]'))["hues"]
    names = ["blue", "orange", "teal", "plum", "violet", "olive", "sand", "steel"]
    settings = house.root / "assay.yaml"
    text = settings.read_text()
    taken = names[before['["South"]'] - 1]
    settings.write_text(f"{text}colours:\n  region: {{West: {taken}}}\n  product_line: {{'3': plum}}\n")

    async def chosen() -> bool:
        return (await known(house)).get("region", {}).get("chosen") == ['["West"]']

    await eventually(chosen)
    after = (await given(house, "region", '["West"]', '["South"]', '["Midwest"]'))["hues"]
    assert after['["West"]'] == before['["South"]']
    assert after['["Midwest"]'] == before['["Midwest"]']
    assert len(set(after.values())) == 3
    assert after.items() <= (await known(house))["region"]["hues"].items()
    assert (await given(house, "product_line", "[3]"))["hues"] == {"[3]": 4}

    settings.write_text(f"{text}colours:\n  regio: {{West: teal}}\n  region: {{West: teal, South: teal}}\n")
    assert "line" in await eventually(banner(house, "no metric has a dimension 'regio'"))
    assert "both teal" in (await eventually(banner(house, "'West' and 'South' of region are both teal")))["message"]
    settings.write_text(text)
    await eventually(no_problems(house))


async def test_what_nobody_has_is_given_no_colour(house: House) -> None:
    refused = await house.client.post("/v1/colours", json={"dimension": "regio", "values": ['["West"]']})
    assert (refused.status_code, refused.json()["field"]) == (422, "dimension")
    many = await house.client.post("/v1/colours", json={"dimension": "region", "values": ["x" * 2_001]})
    assert many.status_code == 422
    long = await given(house, "region", f'["{"x" * 900}"]')
    assert set(long["hues"].values()) <= set(range(1, 9))
    assert "region" not in await known(house)
