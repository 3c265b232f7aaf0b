"""No row counts twice: whatever random statements pass, a SUM that they end in has each row's money once at most.

Each row's money is a digit of its own to the base 16: the total says how often which row was added.
"""

import random
from itertools import count

import duckdb
import pytest

from assay.gate import Policy, judge

_DDL = """
CREATE SCHEMA sales; CREATE SCHEMA ref;
CREATE TABLE ref.product (product_id TEXT, sku TEXT, category TEXT, brand TEXT, list_price_usd HUGEINT);
CREATE TABLE ref.store (store_id TEXT, city TEXT, region TEXT);
CREATE TABLE sales.ev_claim (claim_id TEXT, customer_id TEXT, product_id TEXT, store_id TEXT, status TEXT, channel TEXT,
  region TEXT, is_repeat BOOL, cost_usd HUGEINT);
CREATE TABLE sales.ev_repair (repair_id TEXT, claim_id TEXT, store_id TEXT, result TEXT, parts_usd HUGEINT);
CREATE TABLE sales.ev_survey (survey_id TEXT, claim_id TEXT, score HUGEINT);
CREATE TABLE sales.store_day (store_id TEXT, day_date DATE, weather TEXT, visits HUGEINT);
"""
KEYS = {
    "sales.ev_claim": "claim_id customer_id product_id store_id region channel status",
    "sales.ev_repair": "repair_id claim_id store_id result", "sales.ev_survey": "survey_id claim_id",
    "sales.store_day": "store_id weather", "ref.product": "product_id category brand sku",
    "ref.store": "store_id city region",
}  # fmt: skip
MONEY = {
    "sales.ev_claim": "cost_usd", "sales.ev_repair": "parts_usd", "sales.ev_survey": "score", "sales.store_day": "visits",
    "ref.product": "list_price_usd",
}  # fmt: skip
CONDITIONS = {
    "sales.ev_claim": "{}.region = 'r0'|{}.region = 'r1'|{}.channel = 'r1'|{}.is_repeat|NOT {}.is_repeat|"
    "{}.store_id IS NULL|{}.store_id IS NOT NULL|{}.region IN ('r0', 'r1')|{}.region <> 'r0'|"
    "{}.cost_usd < 99|{}.cost_usd >= 99",
    "sales.ev_repair": "{}.result = 'r0'|{}.result <> 'r0'", "sales.store_day": "{}.weather = 'r0'",
    "ref.product": "{}.brand = 'r0'", "ref.store": "{}.region = 'r0'", "sales.ev_survey": "{}.claim_id = 'c0'",
}  # fmt: skip
JOINS = (
    ("sales.ev_claim", "product_id", "ref.product"), ("sales.ev_claim", "store_id", "ref.store"),
    ("sales.ev_repair", "claim_id", "sales.ev_claim"), ("sales.ev_repair", "store_id", "ref.store"),
    ("sales.ev_survey", "claim_id", "sales.ev_claim"), ("sales.store_day", "store_id", "ref.store"),
)  # fmt: skip
VALUES = ("{v}", "{v}", "{v} + 0", "COALESCE({v}, 0)", "CASE WHEN {k} = 'r0' THEN {v} END")
ALONE = (
    "SUM({v}) OVER (PARTITION BY {k})", "LAG({v}) OVER (ORDER BY {k})", "MAX({v}) OVER (PARTITION BY {k})",
    "(SELECT SUM(z.parts_usd) FROM sales.ev_repair z WHERE z.claim_id = {k})",
    "(SELECT SUM(z.visits) FROM sales.store_day z)",
    "(SELECT MAX(z.list_price_usd) FROM ref.product z WHERE z.product_id = {k})",
)  # fmt: skip
GROUPED = ("SUM({v})", "SUM({v})", "MAX({v})", "ANY_VALUE({v})", "MAX_BY({v}, {k})", "SUM({v}) FILTER(WHERE {k} = 'r0')",
           "SUM(SUM({v})) OVER ()")  # fmt: skip


def rows() -> duckdb.DuckDBPyConnection:
    engine, digit = duckdb.connect(config={"threads": 1}), count()
    engine.execute(_DDL)

    def money() -> int:
        return 16 ** next(digit)

    for n in range(5):
        engine.execute(
            "INSERT INTO sales.ev_claim VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [f"c{n}", f"u{n % 2}", f"p{n % 3}", f"s{n % 2}" if n else None, f"r{n % 2}", f"r{n % 3}", f"r{n // 2 % 2}",
             n % 2 == 0, money()],
        )  # fmt: skip
        engine.execute("INSERT INTO sales.ev_repair VALUES (?, ?, ?, ?, ?)",
                       [f"x{n}", f"c{n % 3}", f"s{n % 2}", f"r{n % 2}", money()])  # fmt: skip
    for n in range(4):
        engine.execute("INSERT INTO sales.ev_survey VALUES (?, ?, ?)", [f"y{n}", f"c{n % 2}", money()])
        engine.execute("INSERT INTO sales.store_day VALUES (?, ?, ?, ?)",
                       [f"s{n % 2}", f"2026-01-{28 + n // 2 * 3}", f"r{n % 2}", money()])  # fmt: skip
    for n in range(3):
        engine.execute(
            "INSERT INTO ref.product VALUES (?, ?, ?, ?, ?)", [f"p{n}", f"k{n}", f"r{n % 2}", f"r{n % 2}", money()]
        )
        engine.execute("INSERT INTO ref.store VALUES (?, ?, ?)", [f"s{n}", f"r{n}", f"r{n % 2}"])
    return engine


class Author:
    """Writes statements; a source is (its alias, its table or None, its keys, its money)."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.aliases = chance, count(1)

    def source(self, depth: int) -> tuple[str, tuple[str, str | None, list[str], str | None]]:
        alias = f"t{next(self.aliases)}"
        if depth and self.chance.random() < 0.45:
            return f"({self.query(depth - 1)}) AS {alias}", (alias, None, ["k", "j"], "v")
        table = self.chance.choice(list(KEYS))
        return f"{table} AS {alias}", (alias, table, KEYS[table].split(), MONEY.get(table))

    def sources(self, depth: int) -> tuple[str, list[tuple[str, str | None, list[str], str | None]]]:
        text, first = self.source(depth)
        found = [first]
        for _ in range(self.chance.choice((0, 0, 1, 1, 2, 3))):
            (joined, right), left = self.source(depth), self.chance.choice(found)
            ways = [(key, key) for child, key, parent in JOINS if {child, parent} == {left[1], right[1]}]
            if not (left[1] and right[1]):
                ways = [(self.chance.choice(left[2]), self.chance.choice(right[2]))]
            if ways:
                a, b = self.chance.choice(ways)
                kind = self.chance.choice(("JOIN", "LEFT JOIN", "JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN"))
                text += f" {kind} {joined} ON {left[0]}.{a} = {right[0]}.{b}"
                found.append(right)
        return text, found

    def query(self, depth: int) -> str:
        if depth and self.chance.random() < 0.25:
            stack = self.chance.choice(("UNION ALL", "UNION ALL", "UNION"))
            return f"{self.query(depth - 1)} {stack} {self.query(depth - 1)}"
        text, sources = self.sources(depth)
        keys = [f"{alias}.{key}" for alias, _, names, _ in sources for key in names]
        money = [f"{alias}.{value}" for alias, _, _, value in sources if value]
        if not money:
            return self.query(depth)
        one, other = self.chance.choice(keys), self.chance.choice(keys)
        found = [
            each.format(alias) for alias, table, _, _ in sources if table for each in CONDITIONS[table].split("|")
            if self.chance.random() < 0.1
        ]  # fmt: skip
        text += f" WHERE {' AND '.join(found)}" if found else ""
        value = self.chance.choice(VALUES).format(v=self.chance.choice(money), k=self.chance.choice(keys))
        shape = self.chance.random()
        if shape < 0.4:
            value = self.chance.choice(GROUPED).format(v=value, k=self.chance.choice(keys))
            text += f" GROUP BY ROLLUP ({one}, {other})" if shape < 0.05 else f" GROUP BY {one}, {other}"
        elif shape < 0.55:
            value = self.chance.choice(ALONE).format(v=value, k=self.chance.choice(keys))
        return f"SELECT {'DISTINCT ' if shape > 0.93 else ''}{one} AS k, {other} AS j, {value} AS v FROM {text}"

    def statement(self) -> str:
        text, sources = self.sources(2)
        money = [f"{alias}.{value}" for alias, _, _, value in sources if value]
        return f"SELECT SUM({self.chance.choice(money)}) AS total FROM {text}" if money else self.statement()


@pytest.mark.parametrize("count", [300, pytest.param(6_000, marks=pytest.mark.exhaustive)])
def test_what_passes_adds_no_row_twice(policy: Policy, count: int) -> None:
    engine, passed = rows(), 0
    for seed in range(count):
        sql = Author(random.Random(seed)).statement()
        verdict = judge(sql, "duckdb", policy)
        if verdict.ok:
            passed += 1
            ((total,),) = engine.execute(verdict.sql).fetchall()
            assert set(f"{int(total or 0):x}") <= {"0", "1"}, sql
    assert passed > count / 5
    engine.close()
