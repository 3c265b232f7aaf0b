"""Why somebody sees what they see of a metric, and whether that is what the cases of the policy files say."""

from typing import Literal, NamedTuple

from assay.catalog.metric import Metric
from assay.people.policies import Case, Policies, Policy, is_member
from assay.people.scope import Grant
from assay.work.principal import Principal


class Explained(NamedTuple):
    """`policies`: whether each names the metric, and what it says. `tables`: their conditions, and what is hidden."""

    may_ask: bool
    sentence: str
    policies: list[tuple[Policy, bool, str]]
    tables: list[tuple[str, Literal["all"] | tuple[str, ...], list[str]]]


def explained(policies: Policies, who: Principal, metric: Metric) -> Explained:
    scope = policies.scope_of(who)
    may_ask, rows = scope.may_ask(metric.metric_id), scope.access(metric).rows
    tables: list[tuple[str, Literal["all"] | tuple[str, ...], list[str]]] = []
    for table in sorted(metric.needed_columns):
        sees = tuple(each.text for each in rows[table]) if table in rows else "all"
        tables.append((table, sees, sorted(column for at, column in scope.hidden if at == table)))
    told = [(each, gives, reason) for each in policies.of(who) for gives, reason in [_reason(policies, each, who, metric)]]
    if not may_ask:
        sentence = f"{who.name} may not ask {metric.metric_id}: no policy that is for them names it."
    elif not rows:
        sentence = f"{who.name} sees all rows of {metric.metric_id}."
    else:
        parts = [
            f"of {table} " + (f"those rows where {' or '.join(each.text for each in found)}" if found else "no row")
            for table, found in rows.items()
        ]
        sentence = f"{who.name} sees of {metric.metric_id}: {'; '.join(parts)}."
    if policies.minimum:
        sentence += f" Figures of fewer than {policies.minimum} rows are shown to nobody."
    return Explained(may_ask, sentence, told, tables)


def _reason(policies: Policies, policy: Policy, who: Principal, metric: Metric) -> tuple[bool, str]:
    gives, attributes = Grant(policy.metrics, None).names(metric.metric_id), policies.attributes(who)
    lacking = sorted({
        name for table, text in (policy.rows or {}).items() if text is not None
        for name, _ in policies.condition_of(table, text).counts if not attributes[name]
    })  # fmt: skip
    parts = [
        f"is for {', '.join(member for member in policy.members if is_member(who, member))}",
        "names the metric" if gives else "does not name the metric" if policy.metrics else "gives nothing",
        *([f"nothing is known of {', '.join(lacking)}"] if gives and lacking else []),
        *([f"hides {', '.join(f'{table}.{column}' for table, column in policy.hidden)}"] if policy.hidden else []),
    ]
    return gives, "; ".join(parts)


def failure_of(policies: Policies, case: Case) -> str | None:
    """Why it is not as the case says; None where it is."""
    metric = policies.workspace.metrics[case.metric_id]
    scope = policies.scope_of(case.who)
    rows = scope.access(metric).rows
    if case.sees == "nothing":
        sees_none = not scope.may_ask(metric.metric_id) or rows.get(metric.parts[0].entity.qualified) == ()
        return None if sees_none else f"rows of {metric.metric_id} are seen"
    if not scope.may_ask(metric.metric_id):
        return f"{metric.metric_id} may not be asked"
    if isinstance(case.sees, str):
        return f"not all rows of {', '.join(rows)} are seen" if rows else None
    for table, text in case.sees.items():
        found = "all" if table not in rows else " OR ".join(each.text for each in rows[table]) or "nothing"
        if found != text:
            return f"of {table} {found} is seen, not {text}"
    return None
