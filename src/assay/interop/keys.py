"""Keys and joins that another layer declares, beside those that a dictionary has."""

from collections.abc import Iterable
from dataclasses import replace

from assay.catalog.dictionary import Dictionary, Join, Table
from assay.catalog.spelling import MAX_ID, slug, unused


def with_key(dictionary: Dictionary, table: Table, columns: tuple[str, ...]) -> Dictionary | str:
    """The dictionary in which the columns are a key of the table, which has two; or why they are not."""
    if set(columns) in (set(table.primary_key), set(table.business_key)):
        return dictionary
    if table.primary_key and table.business_key:
        return f"{table.qualified} has two keys already, and {', '.join(columns)} would be a third"
    part = "business_key" if table.primary_key else "primary_key"
    return replace(dictionary, tables={**dictionary.tables, table.qualified: replace(table, **{part: columns})})


def known_join(made: Join, joins: Iterable[Join]) -> Join | None:
    """The one that leads the same way, whatever it is called."""
    same = _bare(made)
    return next((each for each in joins if _bare(each) == same), None)


def _bare(join: Join) -> Join:
    return replace(join, join_id="", cardinality="many_to_one", description="", line=0)


def named_join(made: Join, name: str, taken: set[str]) -> Join:
    """With an id that is not taken yet."""
    return replace(made, join_id=unused(slug(name, "join")[:MAX_ID], taken))
