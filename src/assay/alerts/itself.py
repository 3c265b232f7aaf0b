"""Alerts on Assay itself: how every metric's route stands, and messages that are not delivered. No figure is in them."""

from datetime import timedelta

from assay.alerts.entry import AlertEntry
from assay.alerts.evaluation import Evaluation
from assay.alerts.judgement import Judged
from assay.answers.resolve import Corridor
from assay.catalog.windows import read_within
from assay.compiler.asked import Asked
from assay.errors import AssayError
from assay.people.scope import Scope
from assay.store.alerts import undelivered
from assay.store.database import Database
from assay.work.instants import instant

_GIVEN_UP = timedelta(days=1)
"""A message that was given up longer ago is news no more."""


async def evaluate_itself(entry: AlertEntry, corridor: Corridor, scope: Scope, database: Database) -> Evaluation:
    """A group is a metric that the scope may ask, or a channel. Raises StoreUnavailable."""
    if entry.when.undelivered is None:
        names = [name for name in corridor.catalog.workspace.metrics if scope.may_ask(name)]
        return Evaluation(tuple([await _stands(name, entry, corridor, scope) for name in names]), None)
    now = corridor.now()
    found = await undelivered(database, now - read_within(entry.when.undelivered), now - _GIVEN_UP)
    judged = [
        Judged((each.listener,), bool(each.waiting or each.given_up), each.waiting, each.given_up,
               instant(each.since) if each.since else None)
        for each in found
    ]  # fmt: skip
    return Evaluation(tuple(judged), None)


async def _stands(metric_id: str, entry: AlertEntry, corridor: Corridor, scope: Scope) -> Judged:
    """As an answer to the metric asked plainly would say it; not known where it cannot be asked just now."""
    try:
        question = await corridor.question((metric_id,), Asked(), corridor.catalog, scope)
        route, _ = corridor.route(question, corridor.catalog)
        standing = (await corridor.standing(question, route, corridor.catalog)).standing
    except AssayError as error:
        return Judged((metric_id,), None, why=error.detail)
    return Judged((metric_id,), standing == entry.when.parity, standing)
