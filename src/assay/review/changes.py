"""What changed in meaning between two states of a workspace: by what is hashed, not by how it is written. Asks no engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from assay.catalog.findings import Finding
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace
from assay.people.policies import Policies
from assay.people.policy_files import read_folder, read_policies
from assay.routing.file import read_routing_file
from assay.widgets.dashboard_files import read_dashboards

Change = Literal["added", "removed", "changed"]
Users = dict[str, list[str]]
"""What uses a metric, by its id."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that is another now, such as a metric's filter or one of its dimensions; None where it is not there."""

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class MetricChange:
    metric_id: str
    change: Change
    aspects: tuple[Aspect, ...]
    used_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    metrics: tuple[MetricChange, ...]
    settings: tuple[Aspect, ...]
    routes: tuple[Aspect, ...]
    policies: tuple[Aspect, ...]


def changes_between(before: Workspace, after: Workspace) -> Changes:
    settings = tuple(_settings(before, after))
    names = sorted({*before.metrics, *after.metrics})
    is_other_clock = before.timezone != after.timezone
    users = _users(before), _users(after)
    metrics = [
        found for name in names
        if (found := _metric(name, before, after, users, is_other_clock)) is not None
    ]  # fmt: skip
    return Changes(tuple(metrics), settings, tuple(_routes(before, after)), tuple(_policies(before, after)))


def _settings(before: Workspace, after: Workspace) -> Iterator[Aspect]:
    for name in ("timezone", "unproved_joins", "four_eyes", "receipts_name_asker", "synthetic"):
        old, new = (str(getattr(each.settings, name)) for each in (before, after))
        if old != new:
            yield Aspect(name, old, new)


def _metric(
    name: str, before: Workspace, after: Workspace, users: tuple[Users, Users], is_other_clock: bool
) -> MetricChange | None:
    old, new = before.metrics.get(name), after.metrics.get(name)
    used_before, used_after = (tuple(each.get(name, ())) for each in users)
    if old is None:
        return MetricChange(name, "added", (), used_after)
    if new is None:
        return MetricChange(name, "removed", (), used_before)
    if old.version == new.version and _read(old) == _read(new) and not is_other_clock:
        return None
    aspects = [*_differing(_told(old), _told(new)), *_differing(_dimensions(old), _dimensions(new))]
    if is_other_clock:
        aspects.append(Aspect("time zone", before.timezone, after.timezone))
    return MetricChange(name, "changed", tuple(aspects), used_after)


def _told(metric: Metric) -> dict[str, str | None]:
    """What a definition says, as people read it. What a derived one is calculated from stands in its parts."""
    told: dict[str, str | None] = {
        "formula": metric.formula, "filter": metric.filter_text, "window": metric.window, "unit": metric.unit,
    }  # fmt: skip
    for number, part in enumerate(metric.parts):
        own = f"part {number + 1}: " if len(metric.parts) > 1 else ""
        told |= {
            f"{own}table": part.entity.qualified, f"{own}measure": part.measure.text,
            f"{own}rows": part.filter.text if part.filter else None, f"{own}time": " and ".join(part.when) or None,
            f"{own}over": part.frame.told if part.frame else None, f"{own}keep": part.keep.told if part.keep else None,
            f"{own}per": str(part.per.told) if part.per else None, f"{own}empty": part.empty,
            f"{own}shift": str(part.shift) if part.shift else None,
            f"{own}conversion": part.conversion.text if part.conversion else None,
            f"{own}whose": "; ".join(each.text for each in part.whose) or None,
        }  # fmt: skip
    return told | {f"what is read: {name}": text for name, text in _read(metric).items()}


def _read(metric: Metric) -> dict[str, str]:
    """Of the dictionary what it stands on: the types of its columns and the keys of its joins, by name."""
    types = {
        f"{table}.{name}": kind.text if kind else "as the engine has it"
        for table, columns in metric.needed_columns.items() for name, kind in columns.items()
    }  # fmt: skip
    joins = {
        each.join_id: f"{each.from_table} ({', '.join(each.from_columns)}) to "
        f"{each.to_table} ({', '.join(each.to_columns)}), {each.cardinality}"
        f"{f', held from {each.valid[0]} until {each.valid[1]}' if each.valid else ''}"
        for part in metric.parts for each in part.joins
    }  # fmt: skip
    segments = {f"segment {name}": each.text for name, each in metric.segments.items()}
    return types | joins | segments


def _dimensions(metric: Metric) -> dict[str, str | None]:
    return {
        f"dimension {name}": "; ".join(dict.fromkeys(part.dimensions[name].meaning for part in metric.parts))
        for name in metric.dimensions
    }  # fmt: skip


def _differing(before: dict[str, str | None], after: dict[str, str | None]) -> Iterator[Aspect]:
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Aspect(name, before.get(name), after.get(name))


def _users(workspace: Workspace) -> Users:
    """The derived metrics, by name, and the tiles of dashboards that ask for each."""
    found: dict[str, list[str]] = {}
    for each, good in sorted(workspace.good.metrics.items()):
        for operand in dict.fromkeys(operand.id for operand in good.operands):
            found.setdefault(operand, []).append(f"metric {each}")
    for dashboard, file in read_dashboards(workspace).files.items():
        for tile in file.entry.tiles:
            asked = [question for question in (tile.widget.question, tile.widget.spark) if question]
            for name in dict.fromkeys(each.partition(":")[0] for question in asked for each in question.metrics):
                found.setdefault(name, []).append(f"dashboard {dashboard}, tile {tile.widget_id}")
    return found


def _routes(before: Workspace, after: Workspace) -> Iterator[Aspect]:
    old, new = (
        {name: f"{line.backend}{f', shadow {line.shadow}' if line.shadow else ''}" for name, line in file.lines.items()}
        for file in (read_routing_file(each.routing_file) for each in (before, after))
    )
    yield from _differing({**old}, {**new})


def _policies(before: Workspace, after: Workspace) -> Iterator[Aspect]:
    """A change of who sees what, policy by policy; files that cannot be read deny, which is told too."""
    read = [read_policies(read_folder(each.root), each) for each in (before, after)]
    yield from _differing(*(_told_policies(*each) for each in read))


def _told_policies(policies: Policies | None, findings: list[Finding]) -> dict[str, str | None]:
    if policies is None:
        return {"all policies": f"cannot be read, so nobody sees anything: {findings[0]}"}
    told: dict[str, str | None] = {}
    for each in policies.policies:
        rows = "all" if each.rows is None else ", ".join(
            f"{table} where {condition or 'any'}" for table, condition in sorted(each.rows.items()))  # fmt: skip
        hidden = f"; hidden: {', '.join('.'.join(column) for column in each.hidden)}" if each.hidden else ""
        members, metrics = ", ".join(sorted(each.members)), ", ".join(sorted(each.metrics))
        key = f"policy for {members} on {metrics}"
        known = told.get(key)
        told[key] = f"{known} | {rows}{hidden}" if known else f"rows: {rows}{hidden}"
    told |= {f"attribute {name}": source for name, source in policies.sources.items()}
    return told | ({"minimum_group": str(policies.minimum)} if policies.minimum else {})


def as_body(aspect: Aspect) -> dict[str, Any]:
    return {"what": aspect.what, "before": aspect.before, "after": aspect.after}
