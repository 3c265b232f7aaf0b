"""Hierarchies of dimensions, the widest first: what a chart goes on to. No number depends on them."""

from collections.abc import Mapping
from dataclasses import dataclass

from assay.catalog.binder import Binder
from assay.catalog.dictionary import Table
from assay.catalog.entry import EntityEntry, HierarchyEntry, label_of
from assay.catalog.findings import nearest
from assay.catalog.formula import BadFormula
from assay.catalog.metric import Dimension


@dataclass(frozen=True)
class Hierarchy:
    name: str
    label: str
    levels: tuple[Dimension, ...]
    """As the table offers them."""

    def among(self, shown: Mapping[str, Dimension]) -> tuple[str, ...]:
        """Its levels among the dimensions of a metric: those that mean there what they mean here. One alone is none."""
        found = [each.name for each in self.levels if each.name in shown and shown[each.name].meaning == each.meaning]
        return tuple(found) if len(found) > 1 else ()


def read_hierarchy(binder: Binder, table: Table, entry: EntityEntry, written: HierarchyEntry) -> Hierarchy | None:
    """None where one of its dimensions cannot be used, which is told of the dimension.

    Raises BadFormula, with a sentence, where a level is no dimension that the table offers.
    """
    offered = {each if isinstance(each, str) else each.name: each for each in entry.dimensions}
    levels: list[Dimension] = []
    for name in written.levels:
        if name not in offered:
            hint = nearest(name, set(offered)) or f"it offers {', '.join(offered) or 'no dimensions'}"
            raise BadFormula(f"hierarchy {written.name!r}: {name!r} is not a dimension that the table offers. {hint}")
        if name in {each.name for each in levels}:
            raise BadFormula(f"hierarchy {written.name!r} names {name!r} twice: each level is narrower than the one before")
        try:
            levels.append(binder.dimension(table, offered[name]))
        except BadFormula:
            return None
    return Hierarchy(written.name, written.label or label_of(written.name), tuple(levels))
