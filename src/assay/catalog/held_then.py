"""Joins to rows that hold for a while: of a parent the one is meant that held when a row counts."""

from assay.catalog.dictionary import Dictionary
from assay.catalog.formula import BadFormula
from assay.catalog.metric import Part


def held_at_its_time(part: Part, dictionary: Dictionary) -> Part:
    """The part, of which each such join can be followed. Raises BadFormula."""
    for join in dict.fromkeys(each.approved for each in part.own_joins):
        if join.valid is None:
            continue
        held = f"rows of {join.to_table} hold for a while (join {join.join_id})"
        if part.time is None or part.alive is not None:
            raise BadFormula(f"{held}: the one is meant that held when a row counts, and no time says when that is")
        if join in (each.approved for each in part.time.joins):
            raise BadFormula(f"{held}, and its time stands in one of them: name a time that the row has itself")
        kind = dictionary.tables[join.to_table].columns[join.valid[0]].type.kind
        if part.time.type.kind != kind:
            raise BadFormula(
                f"{held}, from a {kind} until a {kind}, and its time {part.time.written} is a {part.time.type.kind}:"
                f" name a time of the type {kind}, or make them of one type"
            )
    return part
