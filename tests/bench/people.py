"""What it costs that everybody is somebody: cached answers with identity, policies and the audit of questions, and without.

python -m tests.bench.people

Both servers have the same databases and are asked turn by turn; the load generator's own work is in both figures.
"""

import asyncio
import json
import random
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import httpx

from tests.bench.__main__ import DEMO, RawClient, Row, filled, p50, served
from tests.bench.subscribers import resident_kb, server_of

PEOPLE, SCOPES = 10_000, 200
CLIENTS = 16
_TURNS, _SECONDS = 3, 4
_MOST_GROWN_MB = 100
_PATH, _BODY = "/v1/metrics/cost_avoided_mtd/data", b'{"dimensions":["region"]}'
_JSON = "Content-Type: application/json"
POLICIES = """\
metrics:
  - {for: ["*"], metrics: ["*"], rows: {ev_claim: "region IN ($user.regions)", ev_product_catalog: all}}
people_of: {regions: claim:regions}
"""


async def let_in(store_url: str) -> list[str]:
    """People with a session each: its cookie. One in so many sees the same as another."""
    sessions = [secrets.token_urlsafe(32) for _ in range(PEOPLE)]
    connection = await asyncpg.connect(store_url)
    await connection.executemany(
        "INSERT INTO assay.person (person_id, email, roles, created_by, claims)"
        " VALUES ($1, $1 || '@x.example', '{viewer}', 'bench', $2)",
        [(f"person-{each}", _claims(each)) for each in range(PEOPLE)],
    )  # fmt: skip
    await connection.executemany(
        "INSERT INTO assay.session (hash, principal, copy, address, ends_at)"
        " VALUES (sha256(convert_to($1, 'UTF8')), $2, '', 'local', now() + interval '1 day')",
        [(secret, f"person-{each}") for each, secret in enumerate(sessions)],
    )  # fmt: skip
    await connection.close()
    return [f"Cookie: assay_session={secret}" for secret in sessions]


def _claims(number: int) -> str:
    region = ("West", "Midwest", "South", "Northeast")[number % 4]
    return json.dumps({"regions": [region, f"none {number % SCOPES}"]})


async def asked_each(url: str, cookies: Sequence[str]) -> list[float]:
    """How long each of them waits for the answer, in milliseconds; so many ask at a time."""
    waiting, spent = list(cookies), list[float]()

    async def one() -> None:
        client = await RawClient.open(url)
        while waiting:
            cookie, begun = waiting.pop(), time.perf_counter()
            answer = await client.post(_PATH, _BODY, _JSON, cookie)
            spent.append((time.perf_counter() - begun) * 1e3)
            assert b'"answer_id"' in answer, answer
        client.close()

    await asyncio.gather(*(one() for _ in range(CLIENTS)))
    return spent


async def rate(url: str, *headers: str) -> float:
    """Cached answers in a second."""
    until, done = time.perf_counter() + _SECONDS, 0

    async def one() -> None:
        nonlocal done
        client = await RawClient.open(url)
        while time.perf_counter() < until:
            await client.post(_PATH, _BODY, _JSON, *headers)
            done += 1
        client.close()

    await asyncio.gather(*(one() for _ in range(CLIENTS)))
    return done / _SECONDS


def with_and_without(guarded: str, plain: str, cookie: str) -> Row:
    for url, headers in ((guarded, {"cookie": cookie.removeprefix("Cookie: ")}), (plain, {})):
        told = {**headers, "content-type": "application/json"}
        httpx.post(url + _PATH, content=_BODY, headers=told).raise_for_status()
    rates: dict[str, list[float]] = {guarded: [], plain: []}
    for _ in range(_TURNS):
        rates[guarded].append(asyncio.run(rate(guarded, cookie)))
        rates[plain].append(asyncio.run(rate(plain)))
    with_all, without = p50(rates[guarded]), p50(rates[plain])
    measured = f"{with_all / without:.2f}x ({with_all:,.0f} of {without:,.0f} requests/s)"
    return ("cached answer with identity, policy and audit", ">= 0.8x without", measured, with_all / without >= 0.8)


def many_people(guarded: str, cookies: list[str]) -> list[Row]:
    pid = server_of(guarded)
    before = resident_kb(pid)
    asyncio.run(asked_each(guarded, cookies))  # each is let in, and each scope has its answer
    found: list[float] = []
    for _ in range(3):
        one = asyncio.run(asked_each(guarded, cookies[:1] * PEOPLE))
        many = asyncio.run(asked_each(guarded, random.sample(cookies, PEOPLE)))
        found.append(p95(many) / p95(one))
    grown = (resident_kb(pid) - before) / 1024
    who = f"{PEOPLE:,} people with {SCOPES} scopes"
    return [
        (f"cached answer, {who}", "p95 <= 2x of one person's", f"{p50(found):.2f}x", p50(found) <= 2),
        (f"memory for {who}", f"<= {_MOST_GROWN_MB} MB", f"{grown:.0f} MB", grown <= _MOST_GROWN_MB),
    ]


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="assay-bench-people-"))
    home.chmod(0o755)
    plain_workspace = Path(shutil.copytree(DEMO, home / "plain"))
    workspace = Path(shutil.copytree(DEMO, home / "workspace"))
    (workspace / "access").mkdir()
    (workspace / "access" / "all.yaml").write_text(POLICIES)
    (home / "guarded").mkdir()
    for each in (home, home / "guarded"):
        (each / "bytes.json").write_bytes(b"{}")
    rows: list[Row] = []
    try:
        with filled(home) as urls, served(home, plain_workspace, urls) as plain:
            httpx.post(plain + _PATH, content=_BODY).raise_for_status()
            with_people = {"SERVE_TOKEN": secrets.token_urlsafe(32), "SERVE_AUDIT": "1"}
            # Policies are of the store: whoever has other files gives nothing once these are in force.
            with filled(home / "guarded") as own, served(home / "guarded", workspace, own, **with_people) as guarded:
                cookies = asyncio.run(let_in(own[0]))
                rows.append(with_and_without(guarded, plain, cookies[0]))
                rows += many_people(guarded, cookies)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for what, bar, measured, met in rows:
        print(f"{what:<58}  {bar:<26}  {measured:<38}  {'met' if met else 'MISSED'}")


if __name__ == "__main__":
    main()
