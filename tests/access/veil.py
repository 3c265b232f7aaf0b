"""A workspace of which everybody sees something else, and what each person is to see, calculated from the rows by hand.

Each sale's money is a digit of its own to the base 16: a sum says which rows were added, and how often.
"""

import json
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import asyncpg
import duckdb
import httpx
from tests.conftest import House, cloned_database, eventually, open_house
from tests.unit.small import write_shop

from assay.errors import StoreUnavailable
from assay.people.door import Door
from assay.work.principal import Principal

TABLES = {
    "region": "region_id string, name string, country string?",
    "store": "store_id string, region_id string, city string, size int",
    "product": "product_id string, category string?, cost decimal(38,0)",
    "sale": "sale_id string, store_id string?, product_id string?, channel string?, level int?, money decimal(38,0),"
    " sold_on date",
}
JOINS = ("store.region_id region.region_id", "sale.store_id store.store_id", "sale.product_id product.product_id")
_DIMENSIONS = (
    "[channel, level, {name: city, column: store.city}, {name: region, column: region.name},"
    ' {name: category, column: product.category}, {name: place, expression: "store.city || channel"}]'
)
_MONEY = "entity: sale, measure: SUM(money), time: sold_on, owner: shop, dimensions: " + _DIMENSIONS
METRICS = f"""\
metrics:
  - {{id: money, label: Money, definition: Money., {_MONEY}, segments: [{{name: in_stores, filter: "store.size > 1"}}]}}
  - {{id: lake_money, label: Money in the lake, definition: Money., {_MONEY}}}
  - {{id: web_money, label: Web, definition: Money., filter: "channel = 'web'", {_MONEY}}}
  - {{id: big_stores, label: Big stores, definition: Money., filter: "store.size > 2", {_MONEY}}}
  - {{id: twice, label: Twice, definition: Two metrics., expression: money + web_money, owner: shop}}
  - {{id: costs, label: Costs, definition: Cost of products., entity: product, measure: SUM(cost), owner: shop,
     dimensions: [category]}}
"""
Row = dict[str, Any]
_REGIONS = [("r0", "North", "fr"), ("r1", "South", None), ("r2", "East", "de")]
_STORES = [(f"s{number}", f"r{number % 3}", ("Nice", "Lens", "Nice")[number % 3], number % 4) for number in range(6)]
_PRODUCTS = [(f"p{number}", ("toy", "book", None)[number % 3], 16**number) for number in range(5)]
DATA: dict[str, list[Row]] = {
    name: [dict(zip((each.split()[0] for each in TABLES[name].split(", ")), row, strict=True)) for row in rows]
    for name, rows in {
        "region": _REGIONS, "store": _STORES, "product": _PRODUCTS,
        "sale": [
            (
                f"x{number}", None if number % 13 == 5 else f"s{number * 5 % 6}",
                None if number % 11 == 3 else f"p{number % 5}",
                (None, "web", "shop", "phone")[number * 7 % 4], None if number % 9 == 8 else number % 3, 16**number,
                f"2026-03-{1 + number % 14:02}",
            )
            for number in range(30)
        ],
    }.items()
}  # fmt: skip
BY_KEY = {name: {row[f"{name}_id"]: row for row in rows} for name, rows in DATA.items()}


def parent(row: Row, table: str) -> Row | None:
    """As it lies there, whoever looks."""
    if table == "region":
        store = parent(row, "store")
        return store and BY_KEY["region"][store["region_id"]]
    return BY_KEY[table].get(row[f"{table}_id"])


Sees = Callable[[Row, dict[str, tuple[str, ...]]], bool]
"""(row, the attributes that somebody has) -> whether the condition is true of it."""
CONDITIONS: dict[str, list[tuple[str, Sees]]] = {
    "sale": [
        ("channel IN ($user.channels)", lambda row, who: row["channel"] in who["channels"]),
        ("channel = $user.channels", lambda row, who: who["channels"] == (row["channel"],)),
        ("NOT channel IN ($user.channels)", lambda row, who: bool(who["channels"]) and row["channel"] is not None
         and row["channel"] not in who["channels"]),
        ("level IN ($user.levels)", lambda row, who: row["level"] is not None
         and all(each.isdecimal() for each in who["levels"]) and str(row["level"]) in who["levels"]),
        ("channel <> 'web'", lambda row, _: row["channel"] not in (None, "web")),
        ("channel IS NULL OR level = 1", lambda row, _: row["channel"] is None or row["level"] == 1),
        ("store.city = 'Nice'", lambda row, _: (found := parent(row, "store")) is not None and found["city"] == "Nice"),
        ("region.name IN ($user.places)", lambda row, who: (found := parent(row, "region")) is not None
         and found["name"] in who["places"]),
        ("product.category IS NULL AND money > 0", lambda row, _: (found := parent(row, "product")) is None
         or found["category"] is None),
    ],
    "store": [
        ("city = 'Nice'", lambda row, _: row["city"] == "Nice"),
        ("size > 1 AND region.country IS NOT NULL", lambda row, _: row["size"] > 1
         and BY_KEY["region"][row["region_id"]]["country"] is not None),
    ],
    "product": [("category = 'toy'", lambda row, _: row["category"] == "toy"),
                ("category IN ($user.channels)", lambda row, who: row["category"] in who["channels"])],
    "region": [("name IN ($user.places)", lambda row, who: row["name"] in who["places"])],
}  # fmt: skip
_METRICS = ("money", "lake_money", "web_money", "big_stores", "twice", "costs")
_PATTERNS = (("*",), ("*money",), ("money", "costs"), ("lake_*", "twice"), ("big_stores", "web_money"))
_HIDDEN = (("sale", "channel"), ("store", "city"), ("store", "size"), ("product", "category"), ("sale", "level"))


@dataclass(frozen=True)
class Given:
    """One policy, as it is written and as it is meant. `rows`: None where it gives all."""

    group: str
    metrics: tuple[str, ...]
    rows: dict[str, tuple[str, Sees] | None] | None
    hidden: tuple[tuple[str, str], ...]

    def names(self, metric: str) -> bool:
        return any(
            metric == each or each == "*" or (each[0] == "*" and metric.endswith(each[1:]))
            or (each[-1] == "*" and metric.startswith(each[:-1])) for each in self.metrics
        )  # fmt: skip

    def written(self) -> str:
        parts = [f"for: [{self.group}]"]
        if self.metrics:
            rows = "all" if self.rows is None else (
                "{" + ", ".join(f'{table}: {_quoted(each)}' for table, each in self.rows.items()) + "}"
            )  # fmt: skip
            parts += [f"metrics: [{', '.join(_text(each) for each in self.metrics)}]", f"rows: {rows}"]
        if self.hidden:
            parts.append(f"hide: [{', '.join('.'.join(each) for each in self.hidden)}]")
        return f"  - {{{', '.join(parts)}}}\n"


def _text(value: str) -> str:
    return f'"{value}"'


def _quoted(condition: tuple[str, Sees] | None) -> str:
    return "all" if condition is None else _text(condition[0])


def policies(chance: random.Random) -> list[Given]:
    """For some groups, each of them with a table or two that are seen in part, whole, or not at all."""
    found: list[Given] = []
    for number in range(chance.randint(2, 7)):
        rows: dict[str, tuple[str, Sees] | None] | None = {}
        for table in TABLES:
            choice = chance.random()
            if choice < 0.45:
                rows[table] = None
            elif choice < 0.85:
                rows[table] = chance.choice(CONDITIONS[table])
        if chance.random() < 0.1:
            rows = None
        hidden = tuple(chance.sample(_HIDDEN, 1)) if chance.random() < 0.25 else ()
        metrics = chance.choice(_PATTERNS) if not hidden or chance.random() < 0.5 else ()
        found.append(Given(f"g{number % 5}", metrics, rows, hidden))
    return found


def file_of(given: Iterable[Given], minimum: int = 0) -> str:
    groups = ", ".join(f"g{number}: [oidc:corp/g{number}]" for number in range(5))
    lines = "".join(each.written() for each in given)
    return (
        f"groups: {{{groups}}}\nmetrics:\n{lines}"
        "people_of: {channels: claim:channels, levels: claim:levels, places: claim:places}\n"
    ) + (f"minimum_group: {minimum}\n" if minimum else "")


def person(chance: random.Random, number: int) -> Principal:
    claims: dict[str, tuple[str, ...]] = {}
    for name, values in (("channels", ("web", "shop", "toy", "x' OR '1'='1")), ("levels", ("0", "1", "2", "one")),
                         ("places", ("North", "South", "East"))):  # fmt: skip
        if chance.random() < 0.8:
            claims[name] = tuple(chance.sample(values, chance.randint(1, 2)))
    groups = frozenset(f"oidc:corp/g{each}" for each in range(5) if chance.random() < 0.45)
    roles = frozenset({"viewer", "editor"})
    return Principal(f"person-{number}", f"p{number}@x.example", "person", roles, f"p{number}@x.example", groups, claims)


# -- what somebody is to see --------------------------------------------------------------------------


@dataclass(frozen=True)
class Eyes:
    """What one person sees under these policies, by the rows and in Python alone."""

    who: Principal
    given: list[Given]
    minimum: int = 0

    @property
    def mine(self) -> list[Given]:
        return [each for each in self.given if f"oidc:corp/{each.group}" in self.who.groups]

    @property
    def hidden(self) -> set[tuple[str, str]]:
        return {column for each in self.mine for column in each.hidden}

    def may_ask(self, metric: str) -> bool:
        return any(each.names(metric) for each in self.mine)

    def sees(self, metric: str, table: str, row: Row | None) -> bool:
        attributes = {name: self.who.claims.get(name, ()) for name in ("channels", "levels", "places")}
        for each in self.mine:
            if row is None or not each.names(metric):
                continue
            if each.rows is None or (table in each.rows and each.rows[table] is None):
                return True
            condition = each.rows.get(table)
            if condition is not None and condition[1](row, attributes):
                return True
        return False

    def joined(self, metric: str) -> Iterator[Row]:
        """The sales that are seen with what is seen of their parents: one that is not seen is absent."""
        for row in DATA["sale"]:
            if not self.sees(metric, "sale", row):
                continue
            store, product = parent(row, "store"), parent(row, "product")
            store = store if self.sees(metric, "store", store) else None
            region = store and BY_KEY["region"][store["region_id"]]
            region = region if self.sees(metric, "region", region) else None
            product = product if self.sees(metric, "product", product) else None
            city, channel = store and store["city"], row["channel"]
            yield {
                **row, "city": city, "size": store and store["size"], "region": region and region["name"],
                "category": product and product["category"], "place": city and channel and city + channel,
            }  # fmt: skip

    def total(self, metric: str) -> int:
        return sum(row["money"] for row in self.counted(metric))

    def counted(self, metric: str) -> Iterator[Row]:
        for row in self.joined(metric):
            if metric == "web_money" and row["channel"] != "web":
                continue
            if metric == "big_stores" and not (row["size"] or 0) > 2:
                continue
            yield row
            if metric == "twice" and row["channel"] == "web":
                yield row

    def costs(self) -> int:
        found = [row["cost"] for row in DATA["product"] if self.sees("costs", "product", row)]
        return sum(found) if len(found) >= self.minimum else 0

    def few(self, metric: str, rows: Iterable[Row]) -> int:
        """Of how many rows the figure is, of two metrics the one of fewer; they come twice where both count them."""
        money = list(rows)
        if metric != "twice":
            return len(money)
        web = sum(row["channel"] == "web" for row in money) // 2
        return min(len(money) - web, web)

    def folded(self, sizes: dict[tuple[Any, ...], int], name: tuple[Any, ...] | None) -> set[tuple[Any, ...]]:
        """The groups without a figure of their own: the small ones with one that is called as folded ones are, and the
        smallest others until two and enough rows are folded."""
        found = {key for key, size in sizes.items() if size < self.minimum}
        found |= {key for key in sizes if found and key == name}
        others = sorted(sizes.keys() - found, key=lambda key: (sizes[key], json.dumps(key, separators=(",", ":"))))
        while found and others and (len(found) < 2 or sum(sizes[key] for key in found) < self.minimum):
            found.add(others.pop(0))
        return found


READS = {
    "channel": [("sale", "channel")], "level": [("sale", "level")], "city": [("store", "city")],
    "region": [("region", "name")], "category": [("product", "category")], "place": [("store", "city"), ("sale", "channel")],
}  # fmt: skip
OWN = {"web_money": [("sale", "channel")], "twice": [("sale", "channel")], "big_stores": [("store", "size")]}
"""What a metric reads besides the money and the day."""


# -- a house of it ------------------------------------------------------------------------------------


@dataclass
class Veil:
    house: House
    people: dict[str, Principal]

    def write(self, text: str | None) -> None:
        file = self.house.root / "access" / "all.yaml"
        if text is None:
            file.unlink()
            return
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    async def put(self, text: str | None) -> None:
        """In force at once: what is watched is looked at now."""
        self.write(text)

        async def is_looked_at() -> bool:
            try:
                await self.house.running.access.look()
            except StoreUnavailable:  # a machine that is busy: it is asked again
                return False
            return True

        await eventually(is_looked_at)

    async def ask(self, who: Principal, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        self.people[who.id] = who
        headers = {"authorization": f"Bearer {who.id}", **headers}

        async def answered() -> httpx.Response | None:
            found = await self.house.client.request(method, path, json=body, headers=headers)
            is_busy = found.status_code == 503 and found.json()["kind"] == "store_unavailable"
            return None if is_busy else found

        found = await eventually(answered)
        assert found
        return found


@asynccontextmanager
async def open_veil(folder: Path, lake: Path) -> AsyncIterator[Veil]:
    """Everybody is known by their id: who comes in, and how, is tested elsewhere."""
    people: dict[str, Principal] = {}

    async def bearer(_: Door, secret: bytes, address: str = "local") -> Principal | None:
        return people.get(secret.decode())

    root = write_shop(folder / "workspace", metrics=METRICS, tables=TABLES, joins=JOINS)
    assay = (root / "assay.yaml").read_text().replace("{driver: postgres}", "{driver: postgres, url: embedded}")
    (root / "assay.yaml").write_text(
        assay.replace("{driver: duckdb}", f"{{driver: duckdb, path: {folder / 'veil.duckdb'}}}")
    )
    routes = "".join(f"  {each}: {{backend: {'lake' if each[:4] == 'lake' else 'postgres'}}}\n" for each in _METRICS)
    (root / "config" / "metric_routing.yaml").write_text("metrics:\n" + routes)
    async with cloned_database() as url:
        connection = await asyncpg.connect(url)
        for statement in _ddl():
            await connection.execute(statement)
        await connection.execute(
            "GRANT USAGE ON SCHEMA shop TO assay_reader; GRANT SELECT ON ALL TABLES IN SCHEMA shop TO assay_reader"
        )
        await connection.close()
        with duckdb.connect(str(folder / "veil.duckdb")) as engine:
            for statement in _ddl():
                engine.execute(statement)
        with mock.patch.object(Door, "bearer", bearer):
            async with open_house(url, root, lake, folder / "home") as house:
                yield Veil(house, people)


def _ddl() -> Iterator[str]:
    yield "CREATE SCHEMA shop"
    types = {"string": "text", "int": "integer"}
    for name, written in TABLES.items():
        columns = (each.replace("?", "").split(" ", 1) for each in written.split(", "))
        yield f"CREATE TABLE shop.{name} ({', '.join(f'{column} {types.get(kind, kind)}' for column, kind in columns)})"
        for row in DATA[name]:
            values = ", ".join("NULL" if each is None else f"'{each}'" for each in row.values())
            yield f"INSERT INTO shop.{name} VALUES ({values})"
        yield f"ALTER TABLE shop.{name} ADD PRIMARY KEY ({name}_id)"
