"""Random people under random policies at every door: each figure is the sum of the rows that are theirs, and of no other.

A row's money is a digit of its own: a total says which rows it is of.
"""

import copy
import csv
import io
import json
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.access.veil import DATA, OWN, READS, Eyes, Row, Veil, file_of, open_veil, person, policies
from tests.api.test_formats import from_arrow, from_workbook

WINDOW = {"start": "2026-03-01", "end": "2026-03-15"}
METRICS = ("money", "lake_money", "web_money", "big_stores", "twice")
VALUES: dict[str, list[Any]] = {
    "level": [0, 1, 2], "channel": ["web", "shop"], "city": ["Nice"], "region": ["North"], "category": ["toy"],
    "place": ["Niceweb"],
}  # fmt: skip
DIMENSIONS = ("channel", "level", "city", "region", "category", "place")


@pytest.fixture(scope="module")
async def veil(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Veil]:
    async with open_veil(tmp_path_factory.mktemp("veil"), lake) as found:
        yield found


def money(rows: list[Row]) -> int:
    return sum(row["money"] for row in rows)


class Asked:
    """A random question, what of it is refused to whom, and the rows of which it is."""

    def __init__(self, chance: random.Random) -> None:
        self.metric = chance.choice(METRICS)
        names = [each for each in DIMENSIONS if (each, self.metric) != ("place", "twice")]
        self.by = chance.sample(names, chance.choice((0, 0, 1, 1, 2)))
        self.filter = chance.choice(names) if chance.random() < 0.4 else None
        self.value = chance.choice(VALUES[self.filter]) if self.filter else None
        self.is_not = chance.random() < 0.3
        self.grain = "day" if chance.random() < 0.2 and not self.by else None
        self.segment = self.metric == "money" and chance.random() < 0.2

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = {"dimensions": self.by, "window": WINDOW}
        if self.filter:
            op = "ne" if self.is_not else "eq"
            found["filters"] = [{"dimension": self.filter, "op": op, "values": [self.value]}]
        if self.grain:
            found["grain"] = self.grain
        if self.segment:
            found["segments"] = ["in_stores"]
        return found

    def is_refused(self, eyes: Eyes) -> bool:
        read = [each for name in [*self.by, *([self.filter] if self.filter else [])] for each in READS[name]]
        read += [*OWN.get(self.metric, ()), *([("store", "size")] if self.segment else ())]
        return not eyes.may_ask(self.metric) or any(each in eyes.hidden for each in read)

    def rows(self, eyes: Eyes) -> list[Row]:
        return [row for row in eyes.counted(self.metric) if self._counts(row)]

    def _counts(self, row: Row) -> bool:
        if self.segment and not (row["size"] or 0) > 1:
            return False
        if self.filter is None:
            return True
        return row[self.filter] != self.value if self.is_not else row[self.filter] == self.value

    def groups(self, eyes: Eyes, figure: Callable[[list[Row]], int] = money) -> dict[tuple[Any, ...], int]:
        """What is shown of each, and of the folded ones together where they are of one dimension of text."""
        hidden, groups = self.hidden(eyes), self._grouped(eyes)
        found = {key: 0 if key in hidden else figure(rows) for key, rows in groups.items()}
        rest = [row for key in hidden for row in groups[key]]
        if self.by and self.name(eyes) != (None,) and len(self.by) == 1 and hidden:
            found[self.name(eyes)] = figure(rest) if eyes.few(self.metric, rest) >= eyes.minimum else 0
        return found

    def name(self, eyes: Eyes) -> tuple[Any, ...]:
        """Under which groups are folded."""
        return tuple(None if name == "level" else f"fewer than {eyes.minimum}" for name in self.by)

    def hidden(self, eyes: Eyes) -> set[tuple[Any, ...]]:
        sizes = {key: eyes.few(self.metric, rows) for key, rows in self._grouped(eyes).items()}
        if not self.by and not self.grain:
            return {()} if sizes[()] < eyes.minimum else set()
        return eyes.folded(sizes, self.name(eyes) if self.by else None)

    def _grouped(self, eyes: Eyes) -> dict[tuple[Any, ...], list[Row]]:
        days = [(f"2026-03-{1 + number:02}",) for number in range(14)] if self.grain else []
        found: dict[tuple[Any, ...], list[Row]] = {key: [] for key in days or ([] if self.by else [()])}
        for row in self.rows(eyes):
            key = (row["sold_on"],) if self.grain else tuple(row[name] for name in self.by)
            found.setdefault(key, []).append(row)
        return found


def told(rows: list[list[Any]]) -> dict[tuple[Any, ...], int]:
    return {tuple(row[:-1]): int(row[-1] or 0) for row in rows if row[-1] not in (None, 0, "0") or len(row) == 1}


def close(found: dict[tuple[Any, ...], Any], wanted: dict[tuple[Any, ...], int], metric: str) -> bool:
    """Derived metrics are calculated on doubles, which hold the first digits alone."""
    wanted = {key: value for key, value in wanted.items() if value or not key}
    if metric != "twice":
        return found == wanted
    return found.keys() == wanted.keys() and all(abs(found[key] - value) <= value * 1e-12 for key, value in wanted.items())


def as_number(text: Any) -> int:
    return int(float(text)) if text not in (None, "") else 0


async def check(veil: Veil, eyes: Eyes, asked: Asked, chance: random.Random) -> None:
    """One question of one person at one door."""
    door = chance.choice((one, together, batch, lines, as_csv, as_arrow, as_sheet, behind, receipt, counted, table))
    await door(veil, eyes, asked)


async def one(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    """From others too, in the same words, and the second time from what was prepared."""
    others = [Eyes(each, eyes.given, eyes.minimum) for each in list(veil.people.values())[-3:]]
    for each in (eyes, *others, eyes, *others):
        await _one(veil, each, asked)


async def together(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    """Two metrics of one table in one question: each is of its own rows, though they have a pass in common."""
    metrics = ("money", "web_money")
    body = {"questions": [{"key": "a", "metrics": metrics, "window": WINDOW}]}
    (found,) = (await veil.ask(eyes.who, "POST", "/v1/data", body)).json()["answers"]
    if all(eyes.may_ask(each) for each in metrics) and ("sale", "channel") not in eyes.hidden:
        rows = {metric: list(eyes.counted(metric)) for metric in metrics}
        shown = [eyes.total(each) if len(rows[each]) >= eyes.minimum else 0 for each in metrics]
        assert [int(each or 0) for each in found["answer"]["rows"][0]] == shown
    else:
        assert found["problem"]["kind"] == "not_allowed"


async def _one(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    path = f"/v1/metrics/{asked.metric}/data"
    response = await veil.ask(eyes.who, "POST", path, asked.body)
    if asked.is_refused(eyes):
        assert response.status_code == 403, (asked.body, response.text)
        return
    assert response.status_code == 200, response.text
    body = response.json()
    assert close(told(numbers(body["rows"], asked)), asked.groups(eyes), asked.metric), (asked.body, response.text)
    hidden = asked.hidden(eyes)
    assert bool(hidden) == ("folded" in body), response.text
    if asked.by:
        called = body.get("folded", {}).get("group")
        assert called == (list(asked.name(eyes)) if hidden else None)
        assert not hidden & {tuple(row[:-1]) for row in body["rows"] if row[:-1] != called}, response.text
        assert (called in [row[:-1] for row in body["rows"]]) == bool(hidden)


def numbers(rows: list[list[Any]], asked: Asked) -> list[list[Any]]:
    return [[*row[:-1], as_number(row[-1]) if asked.metric == "twice" else int(row[-1] or 0)] for row in rows]


async def batch(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    """Beside questions that are refused."""
    questions = [{"key": "a", "metrics": [asked.metric], **asked.body}, {"key": "b", "metrics": ["costs"]}]
    found = (await veil.ask(eyes.who, "POST", "/v1/data", {"questions": questions})).json()["answers"]
    _expect(found[0], eyes, asked)
    if eyes.may_ask("costs"):
        assert int(found[1]["answer"]["rows"][0][0] or 0) == eyes.costs()
    else:
        assert found[1]["problem"]["kind"] == "not_allowed"


def _expect(found: dict[str, Any], eyes: Eyes, asked: Asked) -> None:
    if asked.is_refused(eyes):
        assert found["problem"]["kind"] == "not_allowed"
        return
    assert found["answer"], found
    assert close(told(numbers(found["answer"]["rows"], asked)), asked.groups(eyes), asked.metric), (asked.body, found)


async def lines(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    question = {"key": "a", "metrics": [asked.metric], **asked.body}
    response = await veil.ask(eyes.who, "POST", "/v1/data", {"questions": [question]}, accept="application/x-ndjson")
    found = json.loads(response.text.splitlines()[0])
    # What was prepared for somebody who sees the same comes as a whole, whatever was accepted.
    _expect(found["answers"][0] if "answers" in found else found, eyes, asked)


async def as_csv(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    await _file(veil, eyes, asked, "csv", lambda content: list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:])


async def as_arrow(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    await _file(veil, eyes, asked, "arrow", lambda content: from_arrow(content)[0])


async def as_sheet(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    def read(content: bytes) -> list[list[Any]]:
        at = len(asked.by) + bool(asked.grain)
        return [[row[at] and row[at][1]] if len(row) > at else [None] for row in from_workbook(content)[1:]]

    await _file(veil, eyes, asked, "xlsx", read)


async def _file(veil: Veil, eyes: Eyes, asked: Asked, kind: str, read: Callable[[bytes], list[list[Any]]]) -> None:
    """How values are written there is tested elsewhere: a digit that is not theirs would show in the sum of all groups."""
    response = await veil.ask(eyes.who, "POST", f"/v1/metrics/{asked.metric}/data.{kind}", asked.body)
    if asked.is_refused(eyes):
        assert response.status_code == 403
        return
    assert response.status_code == 200, response.text
    total, wanted = sum(as_exact(row[-1]) for row in read(response.content) if row), sum(asked.groups(eyes).values())
    assert total == wanted if kind != "xlsx" and asked.metric != "twice" else abs(total - wanted) <= wanted * 1e-12, (
        asked.metric, asked.body, total, wanted, read(response.content), asked.groups(eyes),
    )  # fmt: skip


def as_exact(value: Any) -> int:
    if value in (None, ""):
        return 0
    text = str(value)
    return int(text) if text.isdecimal() else int(float(text))


async def behind(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    """The rows themselves: each is theirs, all of them are there, and no column that is hidden."""
    if asked.metric == "twice":
        return
    plain = copy.copy(asked)
    plain.by, plain.grain = [], None
    is_small = len(plain.rows(eyes)) < eyes.minimum
    body = {name: value for name, value in plain.body.items() if name != "dimensions"}
    response = await veil.ask(eyes.who, "POST", f"/v1/metrics/{asked.metric}/rows", body)
    if plain.is_refused(eyes) or is_small:
        assert response.status_code == 403
        return
    found = response.json()
    places = {(each["table"].removeprefix("shop."), each["column"]): at for at, each in enumerate(found["columns"])}
    assert not eyes.hidden & set(places)
    rows = {row[places["sale", "sale_id"]]: row for row in found["rows"]}
    wanted = {row["sale_id"]: row for row in plain.rows(eyes)}
    assert rows.keys() == wanted.keys(), (body, found)
    for name, table in (("city", "store"), ("category", "product"), ("region", "region")):
        at = places.get((table, "name" if name == "region" else name))
        if at is not None:
            assert all(row[at] == wanted[key][name] for key, row in rows.items()), (name, found)
    assert not [name for table, name in eyes.hidden if f".{name}" in found["provenance"]["sql"].split(" WHERE ")[0]]


async def counted(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    """Without a metric: how many of its rows there are is told of those that are theirs."""
    if asked.metric == "twice":
        return
    response = await veil.ask(eyes.who, "POST", f"/v1/metrics/{asked.metric}:rows/data", asked.body)
    if asked.is_refused(eyes):
        assert response.status_code == 403
        return
    assert close(told(response.json()["rows"]), asked.groups(eyes, len), asked.metric), (asked.body, response.text)


async def table(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    """All rows of a table, as the first metric shows them that counts them all and may be asked."""
    response = await veil.ask(eyes.who, "POST", "/v1/metrics/shop.sale:rows/data", {"dimensions": asked.by})
    name = next((each for each in ("money", "lake_money") if eyes.may_ask(each)), None)
    if name is None or any(each in eyes.hidden for by in asked.by for each in READS[by]):
        assert response.status_code == 403
    else:
        whole = copy.copy(asked)
        whole.metric, whole.filter, whole.grain, whole.segment = name, None, None, False
        assert close(told(response.json()["rows"]), whole.groups(eyes, len), name), response.text


async def receipt(veil: Veil, eyes: Eyes, asked: Asked) -> None:
    """Whoever opens it sees the rows that it is of: each of the sums in it could be theirs."""
    response = await veil.ask(eyes.who, "POST", f"/v1/metrics/{asked.metric}/data", asked.body)
    if asked.is_refused(eyes):
        return
    receipt_id = response.json()["provenance"]["receipt_id"]
    own = await veil.ask(eyes.who, "GET", f"/v1/receipts/{receipt_id}")
    assert own.status_code == 200, own.text
    assert eyes.who.id not in own.text
    assert own.json()["question"]["scope"]["policy"] == veil.house.running.access.in_force.number
    again = await veil.ask(eyes.who, "POST", f"/v1/receipts/{receipt_id}/replay")
    assert again.json()["same_value"], again.text
    for other in list(veil.people.values())[-3:]:
        theirs = Eyes(other, eyes.given, eyes.minimum)
        opened = await veil.ask(other, "GET", f"/v1/receipts/{receipt_id}")
        if opened.status_code == 200:
            assert not asked.is_refused(theirs)
            seen = {row["sale_id"] for row in theirs.joined(asked.metric)}
            assert {row["sale_id"] for row in asked.rows(eyes)} <= seen, (asked.body, opened.text)
        listed = (await veil.ask(other, "GET", "/v1/receipts?limit=5")).json()["receipts"]
        assert opened.status_code == 200 or receipt_id not in [each["receipt_id"] for each in listed]
        if opened.status_code != 200:
            assert (await veil.ask(other, "POST", f"/v1/receipts/{receipt_id}/replay")).status_code == 403


@pytest.mark.cases(2)
@pytest.mark.parametrize("seed", range(50))
async def test_each_figure_is_of_the_rows_that_are_theirs(veil: Veil, seed: int) -> None:
    chance = random.Random(seed)
    given, minimum = policies(chance), (0, 5, 2, 0, 3)[seed % 5]
    await veil.put(file_of(given, minimum))
    people = [Eyes(person(chance, seed * 10 + number), given, minimum) for number in range(6)]
    for _ in range(16 if seed < 3 else 100):
        await check(veil, chance.choice(people), Asked(chance), chance)


async def test_words_know_the_values_that_are_seen_and_no_others(veil: Veil) -> None:
    chance = random.Random(1_000)
    given = policies(chance)
    await veil.put(file_of(given))
    cities = sorted({row["city"] for row in DATA["store"]})
    for number in range(8):
        eyes = Eyes(person(chance, number), given)
        seen = {row["city"] for metric in METRICS if eyes.may_ask(metric) and ("store", "city") not in eyes.hidden
                for row in eyes.joined(metric)}  # fmt: skip
        for city in cities:
            reading = await veil.ask(eyes.who, "POST", "/v1/widgets/read", {"words": f"money in {city}"})
            assert reading.status_code == 200, reading.text
            filters = (reading.json()["spec"] or {}).get("filters") or []
            assert city in seen or not filters, (city, reading.text)
