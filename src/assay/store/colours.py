"""Colours that were given to values, in the store: each once, in the order of their giving."""

from collections.abc import Callable, Mapping, Sequence

from assay.store.audit import Deed, audit, mark_of
from assay.store.database import Connection, Database

Given = Sequence[tuple[str, int]]
"""Values of one dimension with their hues, the first given first."""


async def list_colours(database: Database, most: int) -> dict[str, list[tuple[str, int]]]:
    """By dimension, of each the `most` that were given first."""
    rows = await database.fetch(
        "SELECT dimension, value, hue FROM ("
        "  SELECT *, row_number() OVER (PARTITION BY dimension ORDER BY given) AS place FROM assay.colour"
        ") AS numbered WHERE place <= $1 ORDER BY dimension, given",
        most,
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for dimension, value, hue in rows:
        found.setdefault(dimension, []).append((value, hue))
    return found


async def give_colours(database: Database, dimension: str, choose: Callable[[Given], Mapping[str, int]]) -> Given:
    """All of a dimension, after what `choose` gives to those that have none yet. One gives at a time, whichever process."""

    async def work(connection: Connection) -> Given:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('assay.colour ' || $1, 0))", dimension)
        rows = await connection.fetch("SELECT value, hue FROM assay.colour WHERE dimension = $1 ORDER BY given", dimension)
        known = [(row[0], row[1]) for row in rows]
        fresh = choose(known)
        await connection.executemany(
            "INSERT INTO assay.colour (dimension, value, hue) VALUES ($1, $2, $3)",
            [(dimension, value, hue) for value, hue in fresh.items()],
        )
        if fresh:  # whoever saw the values first: how many, and a mark of which
            after = {"values": len(fresh), "mark": mark_of(fresh)}
            await audit(connection, Deed("colour.given", dimension, after=after))
        return [*known, *fresh.items()]

    return await database.transact(work)
