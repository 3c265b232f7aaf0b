"""A catalog is taken over by the piece: never half of a checkout, and one mistake holds back what it is in alone."""

import asyncio
import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.api.steps import banner, no_problems
from tests.conftest import House, eventually, open_house

SAVINGS = "metrics/savings.yaml"
COLUMNS = "data-dictionary/column_dictionary.csv"
TYPO = ("SUM(cost_avoided_usd)", "SUM(cost_avoided_us)")


def edit(root: Path, name: str, *changes: tuple[str, str]) -> str:
    file = root / name
    before = text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text)
    return before


async def metric(house: House, metric_id: str) -> Any:
    response = await house.client.get(f"/v1/metrics/{metric_id}")
    return response.json() if response.status_code == 200 else None


def shows(house: House, metric_id: str, field: str, value: object) -> Callable[[], Any]:
    async def found() -> bool:
        known = await metric(house, metric_id)
        return known is not None and known[field] == value

    return found


async def test_a_typo_holds_back_its_metric_alone_and_the_edits_beside_it_take_effect(house: House) -> None:
    before = await metric(house, "repair_vs_replace_conversion")
    edit(house.root, SAVINGS, TYPO, (before["label"], "Repaired, not replaced"))
    await eventually(shows(house, "repair_vs_replace_conversion", "label", "Repaired, not replaced"))
    told = await eventually(banner(house, "cost_avoided_us"))
    assert told["mend"].endswith("its last good definition serves until then")
    held = await metric(house, "cost_avoided_mtd")
    assert "cost_avoided_us" in held["held"]
    assert (await metric(house, "csat"))["held"] is None
    assert (await house.ask("cost_avoided_mtd"))["rows"] == [["1410000.00"]]


@pytest.mark.exhaustive
async def test_an_item_that_is_no_yaml_holds_back_itself_alone(house: House) -> None:
    before = await metric(house, "repair_vs_replace_conversion")
    edit(house.root, SAVINGS, ("    label: Cost avoided", "   label: Cost avoided"), (before["label"], "Repaired"))
    await eventually(shows(house, "repair_vs_replace_conversion", "label", "Repaired"))
    assert (await metric(house, "cost_avoided_mtd"))["held"]


@pytest.mark.exhaustive
async def test_a_renamed_column_leaves_metrics_on_the_dictionary_that_they_were_bound_to(house: House) -> None:
    edit(house.root, COLUMNS, (",cost_avoided_usd,", ",cost_avoided_usdd,"))
    told = await eventually(banner(house, "has no column 'cost_avoided_usd'"))
    assert told["line"]
    assert (await house.ask("cost_avoided_mtd"))["rows"] == [["1410000.00"]]
    assert len((await house.client.get("/v1/metrics")).json()["metrics"]) == 34


@pytest.mark.exhaustive
async def test_a_process_started_during_the_typo_serves_the_same(
    database_url: str, workspace_copy: Path, lake: Path, tmp_path: Path
) -> None:
    async with open_house(database_url, workspace_copy, lake, tmp_path / "one") as first:
        good = await first.ask("cost_avoided_mtd")
    edit(workspace_copy, SAVINGS, TYPO)
    edit(workspace_copy, COLUMNS, (",cost_avoided_usd,", ",cost_avoided_usdd,"))
    async with open_house(database_url, workspace_copy, lake, tmp_path / "two") as second:
        again = await second.ask("cost_avoided_mtd")
        assert again["rows"] == good["rows"]
        assert again["provenance"]["definition_version"] == good["provenance"]["definition_version"]  # pyright: ignore
        assert (await metric(second, "cost_avoided_mtd"))["held"]


@pytest.mark.cases(1)
@pytest.mark.parametrize("breaks", ["the metric", "the dictionary"])
async def test_a_column_marked_as_personal_data_now_is_in_no_last_good_definition(house: House, breaks: str) -> None:
    file = house.root / COLUMNS
    header = file.read_text().splitlines()[0].split(",")
    line = next(each for each in file.read_text().splitlines() if ",cost_avoided_usd," in each)
    cells = next(csv.reader([line]))
    cells[header.index("pii")] = "income"
    edit(house.root, COLUMNS, (line, ",".join(f'"{cell}"' for cell in cells)))
    if breaks == "the metric":
        edit(house.root, SAVINGS, TYPO)
    else:
        file.write_text(file.read_text() + file.read_text().splitlines()[-1] + "\n")

    async def refused() -> bool:
        return await metric(house, "cost_avoided_mtd") is None

    await eventually(refused)
    told = str((await house.client.get("/v1/workspace")).json()["problems"])
    assert "personal data" in told
    assert told.count("cost_avoided_mtd: its last good definition cannot serve either") == 1


@pytest.mark.exhaustive
async def test_a_checkout_of_many_files_is_taken_over_whole(house: House) -> None:
    """Whatever is asked meanwhile: the catalog of before, or that of after."""
    entry = (
        "metrics:\n  - {{id: made_{0}, label: Made, definition: Made., entity: ev_claim, measure: COUNT(*),"
        " time: claim_open_ts, window: today, owner: somebody}}\n"
    )
    seen: set[int] = set()

    async def count() -> int:
        seen.add(len((await house.client.get("/v1/metrics")).json()["metrics"]))
        return max(seen)

    for number in range(150):
        (house.root / "metrics" / f"made_{number}.yaml").write_text(entry.format(number))
        if number % 15 == 0:
            await count()
            await asyncio.sleep(0.1)

    async def all_there() -> bool:
        return await count() == 184

    await eventually(all_there)
    assert seen == {34, 184}


@pytest.mark.exhaustive
async def test_a_workspace_behind_a_link_that_is_swapped_is_followed(
    database_url: str, workspace_copy: Path, lake: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(workspace_copy, tmp_path / "other"))
    edit(other, SAVINGS, ("    label: Cost avoided", "    label: Money kept"))
    link = tmp_path / "current"
    link.symlink_to(workspace_copy)
    async with open_house(database_url, link, lake, tmp_path / "home") as house:
        before = (await metric(house, "cost_avoided_mtd"))["label"]
        (tmp_path / "fresh").symlink_to(other)
        (tmp_path / "fresh").rename(link)
        await eventually(shows(house, "cost_avoided_mtd", "label", before.replace("Cost avoided", "Money kept")))


@pytest.mark.exhaustive
async def test_hidden_files_of_editors_hold_back_nothing_and_their_going_ends_what_they_caused(house: House) -> None:
    (house.root / "metrics" / ".#savings.yaml").symlink_to("nobody@nowhere.1")
    (house.root / "metrics" / "._savings.yaml").write_bytes(b"\x00\x05\x16\x07\xff")
    (house.root / "dashboards" / ".#1-overview.yaml").symlink_to("nobody@nowhere.1")
    edit(house.root, SAVINGS, ("    label: Cost avoided", "    label: Money kept"))

    async def renamed() -> bool:
        return "Money kept" in (await metric(house, "cost_avoided_mtd"))["label"]

    await eventually(renamed)
    assert (await house.client.get("/v1/workspace")).json()["problems"] == []
    aside = house.root / "metrics" / "more.yaml.txt"
    aside.write_text("metrics: []\n")
    await eventually(banner(house, "is not read"))
    aside.unlink()
    await eventually(no_problems(house))


@pytest.mark.exhaustive
async def test_a_changed_driver_is_noticed(house: House) -> None:
    """The cause is told, with its line, and the routes that fall with it are no problems of their own."""
    edit(house.root, "assay.yaml", ("driver: duckdb", "driver: duckdbb"))

    async def told() -> Any:
        said = (await house.client.get("/v1/workspace")).json()
        closed = [
            each for each in said["backends"] if each["state"] == "not_configured" and "duckdbb" in (each["detail"] or "")
        ]
        return closed and len(said["problems"]) == 1 and said["problems"][0]

    problem = await eventually(told)
    assert (problem["kind"], problem["file"], problem["mend"]) == ("catalog", "assay.yaml", "Did you mean 'duckdb'?")
    assert problem["message"] == "backend lakehouse: no driver 'duckdbb' is installed"


@pytest.mark.exhaustive
async def test_a_broken_quote_is_one_line_of_the_banner(house: House) -> None:
    edit(house.root, COLUMNS, (",cost_avoided_usd,", ',"cost_avoided_usd,'))
    told = await eventually(banner(house, "the CSV cannot be read"))
    problems = (await house.client.get("/v1/workspace")).json()["problems"]
    assert problems == [told]
    assert (await house.ask("cost_avoided_mtd"))["rows"] == [["1410000.00"]]
