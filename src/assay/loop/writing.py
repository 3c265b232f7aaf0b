"""Steps carried out: what the workspace says is written, as rows of the dictionary's tables, and noted for taking back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from assay.catalog.dictionary import Table
from assay.errors import DecisionRefused
from assay.loop.bindings import Step
from assay.loop.values import fill, look_up, paths_of, wire
from assay.store.database import Connection
from assay.store.loop_rows import Change, TableName, change_rows, has_row, insert_row


def table_name(table: Table) -> TableName:
    return TableName(table.schema, table.name, table.primary_key)


async def carry_out(
    connection: Connection, steps: Iterable[Step], found: dict[str, Any], *, as_of: datetime | None = None
) -> list[Change]:
    """In order. A new row may take the place of a part of `found`, for the steps after it.

    `as_of` is the moment of the event that asks for it: what was seen later than that is not written over.

    Raises DecisionRefused where a step finds another number of rows than it has to.
    """
    changes: list[Change] = []
    for step in steps:
        entry = step.entry
        if entry.unless is not None and look_up(found, entry.unless) is not None:
            continue
        if step.is_insert:
            changes += await _insert(connection, step, found)
            continue
        changed = await _update(connection, step, found, as_of)
        if entry.exactly is not None and len(changed) != entry.exactly:
            raise DecisionRefused(entry.otherwise, mend="ask again: a fresh event brings a fresh recommendation")
        changes += changed
    return changes


async def _insert(connection: Connection, step: Step, found: dict[str, Any]) -> list[Change]:
    values = {name: fill(template, found) for name, template in step.entry.values.items()}
    table = table_name(step.table)
    is_known = step.entry.skip_known and await has_row(connection, table, wire({name: values[name] for name in table.key}))
    if step.entry.as_ is not None:
        found[step.entry.as_] = {**(found.get(step.entry.as_) or {}), **values}
    if is_known:
        return []
    seen = [name for name, template in step.entry.values.items() if _is_seen(template, found)]
    return [await insert_row(connection, table, wire(values), seen)]


def _is_seen(template: Any, found: dict[str, Any]) -> bool:
    """Whether the value is what the event reports, and not what a new row begins with."""
    paths = [path for path, _ in paths_of(template)]
    return any(path.startswith(("payload.", "facts.")) and look_up(found, path) is not None for path in paths)


async def _update(connection: Connection, step: Step, found: dict[str, Any], as_of: datetime | None) -> list[Change]:
    entry = step.entry
    where: dict[str, Any] = {}
    for name, template in entry.where.items():
        if isinstance(template, list):
            where[name] = [wire(fill(each, found)) for each in template]
            continue
        value = wire(fill(template, found))
        if value is None and template is not None:
            return []  # it looks for the row of something that is not there
        where[name] = value
    values = {name: wire(fill(template, found)) for name, template in entry.set.items()}
    return await change_rows(connection, table_name(step.table), where, step.only, values, entry.add, as_of, entry.latest)
