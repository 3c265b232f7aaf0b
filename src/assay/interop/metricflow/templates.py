"""Conditions of MetricFlow: SQL in which `{{ Dimension('listing__country') }}` stands for a dimension."""

import ast
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from assay.catalog.formula import BadFormula

_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_KINDS = ("Dimension", "TimeDimension", "Entity", "Metric")


@dataclass(frozen=True, slots=True)
class Reference:
    """What stands between the braces. `path`: the names of entities that lead to it, its own name last."""

    kind: str
    path: tuple[str, ...]
    grain: str | None = None
    date_part: str | None = None
    group_by: tuple[str, ...] = ()
    """Of a metric: for each value of what it is looked at."""

    @property
    def name(self) -> str:
        return "__".join(self.path)


def filled(template: str, text_of: Callable[[Reference], str]) -> str:
    """The condition with each reference written out. Raises BadFormula for what is no reference."""
    text = _HOLE.sub(lambda hole: text_of(read_reference(hole[1])), template).strip()
    if "{{" in text or "{%" in text:
        raise BadFormula("a template that is more than references")
    return text


def numbered(template: str) -> tuple[str, list[str]]:
    """The condition with `_hole0`, `_hole1`, ... in the place of what stands between braces; and that."""
    holes: list[str] = []

    def name_of(hole: re.Match[str]) -> str:
        holes.append(hole[1])
        return f"_hole{len(holes) - 1}"

    return _HOLE.sub(name_of, template), holes


def metrics_in(templates: Iterable[str]) -> set[str]:
    """The metrics whose values conditions look at. What cannot be read is told where it is taken."""
    found: set[str] = set()
    for hole in (hole for each in templates for hole in _HOLE.findall(each)):
        with suppress(BadFormula):
            reference = read_reference(hole)
            found |= {reference.name} if reference.kind == "Metric" else set()
    return found


def read_reference(text: str) -> Reference:
    try:
        call = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadFormula(f"{{{{{text}}}}} cannot be read") from error
    return _reference(call, text)


def _reference(call: ast.expr, text: str) -> Reference:
    if not isinstance(call, ast.Call):
        raise BadFormula(f"{{{{{text}}}}} is no reference")
    try:
        given = [ast.literal_eval(each) for each in call.args]
        named = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
    except ValueError as error:
        raise BadFormula(f"{{{{{text}}}}}: names are written out") from error
    match call.func:
        case ast.Name(id=kind) if kind in _KINDS and (given or named):
            return _named(kind, given, named)
        case ast.Attribute(value=inner, attr="grain") if given:
            return replace(_reference(inner, text), grain=str(given[0]).lower())
        case ast.Attribute(value=inner, attr="date_part") if given:
            return replace(_reference(inner, text), date_part=str(given[0]).lower())
        case _:
            raise BadFormula(f"{{{{{text}}}}} is no reference")


def _named(kind: str, given: list[object], named: dict[str | None, object]) -> Reference:
    name = str(given[0] if given else next(iter(named.values())))
    second = given[1] if len(given) > 1 else None
    before = named.get("entity_path") or (second if kind in ("Dimension", "Entity") else None) or ()
    path = (*map(str, before if isinstance(before, (list, tuple)) else (before,)), *name.split("__"))
    grain = (
        named.get("time_granularity_name") or named.get("time_granularity") or (second if kind == "TimeDimension" else None)
    )
    part = named.get("date_part_name")
    group_by = (named.get("group_by") or second or ()) if kind == "Metric" else ()
    groups = tuple(map(str, group_by)) if isinstance(group_by, (list, tuple)) else (str(group_by),)
    return Reference(kind, path, grain and str(grain).lower(), part and str(part).lower(), groups)  # pyright: ignore[reportArgumentType]
