"""The log of receipts in the store: appended in one order whoever appends, and never changed. Its tree is RFC 9162's."""

from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple

from assay.signing.exported import entry_of
from assay.signing.tree import Hashes, Node, frontier, grow, leaf_hash, root
from assay.store.database import Connection, Database, within
from assay.store.receipts import StoredReceipt

_BATCH, _READ = 1_000, 200


class Logged(NamedTuple):
    """An entry of the log beside the receipt that it names; None where there is none."""

    position: int
    receipt_id: str
    digest: str
    receipt: StoredReceipt | None


async def append_waiting(database: Database) -> bool:
    """Give receipts their places; whether more may be waiting. Called again and again, until none is."""

    async def work(connection: Connection) -> bool:
        size: int | None = await connection.fetchval("SELECT size FROM assay.receipt_log_end FOR UPDATE")
        if size is None:
            return False  # somebody has taken it away: what there is says `assay audit verify`
        taken = await connection.fetch(
            "DELETE FROM assay.receipt_unlogged WHERE receipt_id IN"
            " (SELECT receipt_id FROM assay.receipt_unlogged ORDER BY receipt_id LIMIT $1) RETURNING receipt_id, digest",
            _BATCH,
        )
        if not taken:
            return False
        known = await connection.fetch(
            "SELECT receipt_id FROM assay.receipt_log WHERE receipt_id = ANY ($1::text[])", [row[0] for row in taken]
        )
        there = {row[0] for row in known}
        # One that was written again after a crash of the store has its place already.
        fresh = sorted((row[0], row[1]) for row in taken if row[0] not in there)
        if not fresh:
            return len(taken) == _BATCH
        leaves = [leaf_hash(entry_of(*each)) for each in fresh]
        nodes = grow(size, await hashes_of(connection, frontier(size)), leaves)
        rows = [(position, *each) for position, each in enumerate(fresh, size)]
        await connection.execute(
            "INSERT INTO assay.receipt_log (position, receipt_id, digest)"
            " SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])", *map(list, zip(*rows, strict=True)),
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO assay.receipt_node (level, place, hash) SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])",
            [node.level for node in nodes], [node.place for node in nodes], list(nodes.values()),
        )  # fmt: skip
        await connection.execute("UPDATE assay.receipt_log_end SET size = $1", size + len(fresh))
        return len(taken) == _BATCH

    return await database.transact(work)


class LogEnd(NamedTuple):
    size: int | None
    """As it is written down; None where it is not any more."""
    until: int
    """How many there are by the last one's place."""


async def log_end(database: Database) -> LogEnd:
    """Both of one moment."""
    rows = await database.fetch(
        "SELECT e.size, (SELECT coalesce(max(position) + 1, 0) FROM assay.receipt_log)"
        " FROM (SELECT 1) AS one LEFT JOIN assay.receipt_log_end AS e ON true"
    )
    return LogEnd(*rows[0])


async def log_root(database: Database, size: int) -> bytes:
    """Raises LookupError where nodes of it are missing."""
    return root(size, await hashes_of(database, frontier(size)))


async def hashes_of(source: Database | Connection, nodes: Iterable[Node]) -> Hashes:
    wanted = list(dict.fromkeys(nodes))
    asked = [node.level for node in wanted], [node.place for node in wanted]
    sql = (
        "SELECT level, place, hash FROM assay.receipt_node"
        " JOIN unnest($1::int[], $2::bigint[]) AS w (l, p) ON level = l AND place = p"
    )

    async def work(connection: Connection) -> Hashes:
        return {Node(row[0], row[1]): row[2] for row in await connection.fetch(sql, *asked)}

    return await within(source, work)


async def position_of(database: Database, receipt_id: str) -> int | None:
    rows = await database.fetch("SELECT position FROM assay.receipt_log WHERE receipt_id = $1", receipt_id)
    return rows[0][0] if rows else None


async def walk_log(database: Database) -> AsyncIterator[list[Logged]]:
    """From the first on, some hundreds at a time."""
    after = -1
    while rows := await database.fetch(
        "SELECT l.position, l.receipt_id, l.digest, r.receipt_id, r.answer_id, r.metric_id, r.created_at, r.document,"
        " r.signature FROM assay.receipt_log AS l LEFT JOIN assay.receipt AS r ON r.receipt_id = l.receipt_id"
        " WHERE l.position > $1 ORDER BY l.position LIMIT $2",
        after, _READ,
    ):  # fmt: skip
        yield [Logged(row[0], row[1], row[2], StoredReceipt(*row[3:]) if row[3] is not None else None) for row in rows]
        after = rows[-1][0]


async def unlogged(database: Database, most: int) -> list[str]:
    """Receipts that anybody could check and that neither stand in the log nor wait for it."""
    rows = await database.fetch(
        "SELECT receipt_id FROM assay.receipt AS r WHERE position(':' IN signature) > 0"
        " AND NOT EXISTS (SELECT FROM assay.receipt_log AS l WHERE l.receipt_id = r.receipt_id)"
        " AND NOT EXISTS (SELECT FROM assay.receipt_unlogged AS u WHERE u.receipt_id = r.receipt_id)"
        " ORDER BY receipt_id LIMIT $1", most,
    )  # fmt: skip
    return [row[0] for row in rows]
