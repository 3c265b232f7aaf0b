"""Rows of the dictionary's tables, written by the loop: each with what was there before, so that it can be put back.

Names come from the dictionary and are quoted, values are bound.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.errors import DecisionRefused
from assay.store.database import Connection


@dataclass(frozen=True, slots=True)
class TableName:
    """A table as the dictionary knows it."""

    schema: str
    name: str
    key: tuple[str, ...]

    @property
    def qualified(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"


@dataclass(frozen=True, slots=True)
class Change:
    """A row that was written: `before` and `after` of the columns that were set, `added` of those that were counted up."""

    table: TableName
    operation: str
    key: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    added: dict[str, int]
    seen: tuple[str, ...] = ()
    """Columns that say what was seen or decided at the moment of the change."""


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def read_rows(connection: Connection, text: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    """What a statement that the gate let through finds."""
    return [dict(row) for row in await connection.fetch(text, *values)]


async def table_versions(connection: Connection, tables: Sequence[str]) -> dict[str, str]:
    """As the backend writes them: the epoch, then the counter."""
    rows = await connection.fetch(
        "SELECT table_name, epoch || version FROM assay.table_version, assay.data_epoch() AS epoch"
        " WHERE table_name = ANY($1::text[]) ORDER BY 1",
        list(tables),
    )
    return {row[0]: row[1] for row in rows}


async def insert_row(
    connection: Connection, table: TableName, values: Mapping[str, Any], seen: Sequence[str] = ()
) -> Change:
    names = ", ".join(map(quoted, values))
    row = await connection.fetchrow(
        f"INSERT INTO {table.quoted} AS t ({names})"
        f" SELECT {names} FROM jsonb_populate_record(NULL::{table.quoted}, $1::text::jsonb) RETURNING to_jsonb(t)::text",
        json.dumps(dict(values)),
    )
    assert row is not None
    written = json.loads(row[0], parse_float=str)
    key = {name: written[name] for name in table.key}
    return Change(table, "insert", key, {}, {n: written[n] for n in values}, {}, tuple(seen))


async def has_row(connection: Connection, table: TableName, key: Mapping[str, Any]) -> bool:
    condition, bound = _condition(table, key, 1)
    return bool(await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table.quoted} AS t WHERE {condition})", *bound))


async def change_rows(
    connection: Connection, table: TableName, where: Mapping[str, Any], only: tuple[str, str, str] | None,
    values: Mapping[str, Any], added: Mapping[str, int], as_of: datetime | None = None, latest: str | None = None,
) -> list[Change]:  # fmt: skip
    """Set and count up columns of the rows found; a list in `where` means one of them, None means empty.

    With `as_of` nothing is set that was seen or decided later than that: by an event or a person here, or by the row's
    own column `latest`. Counting up is the same in every order.
    """
    condition, bound = _condition(table, where, 1)
    if only is not None:
        condition += f" AND t.{quoted(only[0])} {only[1]} t.{quoted(only[2])}"
    rows = await connection.fetch(f"SELECT to_jsonb(t)::text FROM {table.quoted} AS t WHERE {condition} FOR UPDATE", *bound)
    changes: list[Change] = []
    for (text,) in rows:
        # Decimals keep their places: a number of JSON would come back as a binary one.
        before = json.loads(text, parse_float=str)
        key = {name: before[name] for name in table.key}
        if as_of is not None and await _was_seen_later(connection, table, key, values, as_of, latest):
            if not added:
                continue
            values = {}
        written = await _write(connection, table, key, values, added)
        assert written is not None, "the row is locked"
        after = json.loads(written, parse_float=str)
        changes.append(
            Change(
                table,
                "update",
                key,
                {n: before[n] for n in values},
                {n: after[n] for n in values},
                dict(added),
                tuple(values),
            )
        )
    return changes


async def _was_seen_later(
    connection: Connection, table: TableName, key: Mapping[str, Any], values: Mapping[str, Any], as_of: datetime,
    latest: str | None,
) -> bool:  # fmt: skip
    if latest is not None:
        condition, bound = _condition(table, key, 2)
        own = f"SELECT EXISTS (SELECT FROM {table.quoted} AS t WHERE {condition} AND t.{quoted(latest)} > $1)"
        if await connection.fetchval(own, as_of, *bound):
            return True
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM assay.loop_change WHERE table_name = $1 AND key = $2::text::jsonb"
            " AND undone_at IS NULL AND occurred_at > $3 AND seen && $4::text[])",
            table.qualified, json.dumps(dict(key)), as_of, list(values),
        )
    )  # fmt: skip


async def _write(
    connection: Connection, table: TableName, key: Mapping[str, Any], values: Mapping[str, Any], added: Mapping[str, int]
) -> str | None:
    """The row as it is then; None where there is none."""
    condition, bound = _condition(table, key, 2)
    parts = [f"{quoted(name)} = v.{quoted(name)}" for name in values]
    parts += [f"{quoted(name)} = t.{quoted(name)} + ({int(count)})" for name, count in added.items()]
    return await connection.fetchval(
        f"UPDATE {table.quoted} AS t SET {', '.join(parts)}"
        f" FROM jsonb_populate_record(NULL::{table.quoted}, $1::text::jsonb) AS v"
        f" WHERE {condition} RETURNING to_jsonb(t)::text",
        json.dumps(dict(values)), *bound,
    )  # fmt: skip


def _condition(table: TableName, where: Mapping[str, Any], first: int) -> tuple[str, list[Any]]:
    parts: list[str] = []
    bound: list[Any] = []
    for name, value in where.items():
        if value is None:
            parts.append(f"t.{quoted(name)} IS NULL")
            continue
        bound.append(json.dumps([{name: each} for each in (value if isinstance(value, list) else [value])]))
        parts.append(
            f"t.{quoted(name)} IN (SELECT w.{quoted(name)} FROM"
            f" jsonb_populate_recordset(NULL::{table.quoted}, ${first + len(bound) - 1}::text::jsonb) AS w)"
        )
    return " AND ".join(parts), bound


async def keep_changes(
    connection: Connection, changes: Sequence[Change], event_id: str | None = None, effect_id: int | None = None,
    *, at: datetime | None = None,
) -> None:  # fmt: skip
    """`at` is the moment that the rows speak of: when the event occurred, or when a person decided."""
    if not changes:
        return
    await connection.execute(
        "INSERT INTO assay.loop_change"
        " (event_id, effect_id, occurred_at, table_name, operation, key, before, after, added, seen)"
        " SELECT $1, $2, $3, c.name, c.operation, c.key::jsonb, c.before::jsonb, c.after::jsonb, c.added::jsonb,"
        " ARRAY (SELECT jsonb_array_elements_text(c.seen::jsonb))"
        " FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])"
        " WITH ORDINALITY AS c(name, operation, key, before, after, added, seen, place) ORDER BY c.place",
        event_id, effect_id, at,
        [each.table.qualified for each in changes], [each.operation for each in changes],
        *([json.dumps(getattr(each, part)) for each in changes] for part in ("key", "before", "after", "added", "seen")),
    )  # fmt: skip


async def take_back(
    connection: Connection, tables: Mapping[str, TableName], at: datetime, effect_id: int | None = None, *, always: bool
) -> None:
    """Put back what an effect (or everything: None) has written, the latest first.

    Not `always`: raises DecisionRefused where somebody has changed one of the rows since.
    """
    rows = await connection.fetch(
        "SELECT change_id, table_name, operation, key::text, before::text, after::text, added::text FROM assay.loop_change"
        " WHERE undone_at IS NULL AND ($1::bigint IS NULL OR effect_id = $1) ORDER BY change_id DESC",
        effect_id,
    )
    for row in rows:
        parts = [json.loads(row[place], parse_float=str) for place in range(3, 7)]
        table = tables.get(row[1])
        if table is None:
            raise DecisionRefused(f"{row[1]} is not in the dictionary any more: its rows cannot be put back.")
        change = Change(table, row[2], *parts)
        if not always and not await _is_as_written(connection, change):
            raise DecisionRefused(
                f"{change.table.qualified} was changed by somebody else meanwhile: it cannot be undone.",
                mend="put the row right where it is kept",
            )
        await _put_back(connection, change)
    await connection.execute(
        "UPDATE assay.loop_change SET undone_at = $1 WHERE change_id = ANY($2::bigint[])", at, [row[0] for row in rows]
    )


async def _is_as_written(connection: Connection, change: Change) -> bool:
    condition, bound = _condition(change.table, change.key, 2)
    names = list(change.after)
    listed = "(" + ", ".join(f"t.{quoted(name)}" for name in names) + ")" if names else "(1)"
    wanted = "(" + ", ".join(f"v.{quoted(name)}" for name in names) + ")" if names else "(1)"
    return bool(
        await connection.fetchval(
            f"SELECT EXISTS (SELECT FROM {change.table.quoted} AS t,"
            f" jsonb_populate_record(NULL::{change.table.quoted}, $1::text::jsonb) AS v"
            f" WHERE {condition} AND {listed} IS NOT DISTINCT FROM {wanted})",
            json.dumps(change.after),
            *bound,
        )
    )


async def _put_back(connection: Connection, change: Change) -> None:
    if change.operation == "insert":
        condition, bound = _condition(change.table, change.key, 1)
        await connection.execute(f"DELETE FROM {change.table.quoted} AS t WHERE {condition}", *bound)
    else:
        less = {name: -count for name, count in change.added.items()}
        await _write(connection, change.table, change.key, change.before, less)
