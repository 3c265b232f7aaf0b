"""The routes that serve, how each stands, and why an edit does not take effect.

An edit of the file is judged a metric at a time. A metric that is served already moves only once its certificate says
that both backends agree, or a person has accepted how they differ; and that is read anew at the moment of the flip. What
passes flips in the store, for every process; what does not leaves the metric where it was, with the reason.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from assay.catalog.findings import Finding, named, nearest
from assay.catalog.metric import Metric
from assay.compiler.meaning import as_meant, meant_by
from assay.compiler.question import Asked, Question, resolve_question
from assay.errors import AssayError, StoreUnavailable
from assay.people.scope import EVERYTHING
from assay.routing.certificate import certificate_document, certificate_id, groups_in, more_than_accepted, moved_since
from assay.routing.comparer import Progress
from assay.routing.comparing import compare_metric, compare_question
from assay.routing.comparison import Comparison
from assay.routing.file import SHOWN, RouteLine, RoutingFile
from assay.routing.judging import judge_route
from assay.routing.parity import PASSED
from assay.routing.proofs import Pair, Proofs, pair_of
from assay.routing.serving import Catalog
from assay.routing.settling import unsettled
from assay.store.database import Database
from assay.store.parity import (
    StoredCertificate,
    accept_difference,
    add_certificate,
    certificates_of_questions,
    clean_shadows,
    newest_accepted,
    newest_certificates,
)
from assay.store.proposals import ConfirmedRoute, confirmed_routes, propose
from assay.store.routes import ChangeKind, Flip, StoredRoute, all_routes, flip_routes
from assay.work.principal import Principal
from assay.work.request import current_request

FRESH_SECONDS = 600
"""A comparison lets a route flip for so long, and only where both sides' data are read and found unmoved at that moment."""
AGAIN_SECONDS = 20
"""An edit that was refused is compared again once something has moved, but no sooner than this."""
TROUBLE_SECONDS = 2
_CLOCKS_APART = timedelta(minutes=1)
"""What other processes made is looked for so far back."""
BY_FILE = "the routing file"
WAITS = "it waits for a second person"
WHERE = "somebody with the role steward confirms it on the page, under Waiting"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that has not taken effect: both backends are compared, it is refused, or it waits for a second person."""

    backend: str
    state: Literal["comparing", "refused", "waiting"]
    reason: str
    mend: str | None
    line: int | None
    certificate_id: str | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """Who asked for a change through the API, and what kind it is to be; an edit of the file has none."""

    backend: str
    by: str
    kind: ChangeKind
    reason: str | None
    who: Principal | None = field(default_factory=lambda: current_request().who)
    """Whoever asks when this is made."""


class Routes:
    """Read by every question, changed by `apply`, `compare` and `reload` only. `generation` moves with every change."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now
        self.serving: dict[str, StoredRoute] = {}
        self.lines: dict[str, RouteLine] = {}
        self.pending: dict[str, Pending] = {}
        self.findings: tuple[Finding, ...] = ()
        self.proofs = Proofs(now)
        self.troubles: dict[Pair, tuple[float, AssayError]] = {}
        """Comparisons that could not be kept, and when."""
        self.intents: dict[str, Intent] = {}
        self.awaited: dict[Pair, float] = {}
        """Since when (time of day in seconds) an edit waits for a comparison."""
        self._confirmed: dict[str, ConfirmedRoute] = {}
        self._turns = 0
        self._moving = asyncio.Lock()
        """What is read from the store must not overtake what is written to it."""

    @property
    def epoch(self) -> int:
        """Of the whole routing: rises at every change of any route."""
        return sum(route.epoch for route in self.serving.values())

    @property
    def generation(self) -> int:
        """Another whenever a route is another, or may stand otherwise."""
        return self._turns + self.proofs.generation

    # -- what the store says ----------------------------------------------------------------------

    async def reload(self) -> list[str]:
        """Take over what the store says, as after a flip by another process; the metrics of which something is new."""
        async with self._moving:
            stored = await all_routes(self._database)
            newest = await newest_certificates(self._database)
            accepted = await newest_accepted(self._database, PASSED)
            since = self.proofs.newest_question
            questions = await certificates_of_questions(self._database, since and since - _CLOCKS_APART)
            of_questions = self.proofs.take_over(newest, accepted, questions)
            moved = [name for name, route in stored.items() if self.serving.get(name) != route]
            if moved:
                self._serve(stored)
        return list(dict.fromkeys([*moved, *of_questions]))

    async def _flip(self, flips: list[Flip]) -> list[str]:
        """Flip in the store and serve it at once; those that were not served so already."""
        if not flips:
            return []
        async with self._moving:
            flipped = await flip_routes(self._database, flips)
            moved = [name for name, route in flipped.items() if self.serving.get(name) != route]
            if moved:
                self._serve({**self.serving, **flipped})
        return moved

    def _serve(self, routes: dict[str, StoredRoute]) -> None:
        """The one place where routes change, so that no remembered answer outlives its route."""
        self.serving = routes
        self._turns += 1

    # -- comparing --------------------------------------------------------------------------------

    async def compare(
        self, metric: Metric, to: str, catalog: Catalog, now: datetime, progress: Progress = lambda *_: None
    ) -> StoredCertificate:
        """Compare the metric on the backend that serves it and on another; the certificate, kept and told to all."""
        names = (self.serving[metric.metric_id].backend, to)
        pair = (metric.metric_id, frozenset(names))
        last = self.proofs.newest(pair)
        groups = groups_in(last.document) if last else {}
        comparison = await compare_metric(metric, names, catalog, now, progress, groups)
        try:
            kept = await self._keep(comparison)
        except StoreUnavailable as error:
            self.troubles[pair] = (time.monotonic(), error)
            raise
        self.troubles.pop(pair, None)
        return kept

    async def compare_question(self, metric: Metric, question: Question, to: str, catalog: Catalog) -> StoredCertificate:
        """Compare one very question; its certificate, kept and told to all."""
        names = (self.serving[metric.metric_id].backend, to)
        return await self._keep(await compare_question(metric, names, catalog, question))

    async def _keep(self, comparison: Comparison) -> StoredCertificate:
        created_at = datetime.now(UTC)
        document = certificate_document(comparison, created_at)
        (here, there), metric = comparison.names, comparison.metric
        kept = StoredCertificate(certificate_id(document), metric.metric_id, here, there, comparison.verdict, created_at,
                                 document, None, None, None)  # fmt: skip
        async with self._moving:
            await add_certificate(self._database, kept)
            self.proofs.keep(kept, metric)
        return kept

    async def accept(self, certificate: StoredCertificate, reason: str, by: str) -> None:
        accepted = certificate._replace(accepted_reason=reason, accepted_by=by, accepted_at=datetime.now(UTC))
        async with self._moving:
            await accept_difference(self._database, certificate.certificate_id, reason, by)
            self.proofs.accept(accepted)

    async def accept_as_before(self, certificate: StoredCertificate) -> str | None:
        """Accept what differs by no more than a person has accepted of the same definition; else the reason why not."""
        before = self.proofs.accepted.get(pair_of(certificate))
        if before is None or as_certified(before) != as_certified(certificate):
            return certificate.document["reason"]
        more = more_than_accepted(before.document, certificate.document)
        if more is not None:
            return f"{certificate.document['reason']}, by more than was accepted: {more}"
        await self.accept(certificate, before.accepted_reason or "", before.accepted_by or "")
        return None

    # -- the file ---------------------------------------------------------------------------------

    async def apply(self, file: RoutingFile, catalog: Catalog) -> list[str]:
        """Judge the file and flip what may flip; the metrics whose route moved. Last good stays for all others.

        What has to be compared first is left in `pending` as *comparing*: somebody is to compare it and apply again.
        """
        workspace, findings = catalog.workspace, list(file.findings)
        if not file.readable:
            self.findings = tuple(findings)
            return []
        pending: dict[str, Pending] = {}
        flips: list[Flip] = []
        lines = await self._lines(file, catalog)
        for metric_id, line in lines.items():
            metric = workspace.metrics.get(metric_id)
            if metric is None:
                if not any(finding.metric_id == metric_id for finding in workspace.findings):
                    findings.append(Finding(SHOWN, line.line, f"there is no metric {metric_id!r}",
                                            nearest(metric_id, set(workspace.metrics)), metric_id,
                                            wants=named("metric", metric_id) | {"metrics"}))  # fmt: skip
                continue
            if line.shadow is not None and line.shadow not in catalog.backends:
                findings.append(Finding(SHOWN, line.line, f"{metric_id}: there is no backend {line.shadow!r} to shadow it",
                                        nearest(line.shadow, set(catalog.backends)), metric_id))  # fmt: skip
            now = self.serving.get(metric_id)
            if now is not None and now.backend == line.backend and line.backend in catalog.backends:
                continue
            verdict = await self._judged(metric, line, now, catalog)
            if isinstance(verdict, Flip) and now is not None and verdict.kind != "rolled_back" and workspace.four_eyes:
                verdict = await self._seen_by_two(verdict, metric, line, now)
            if isinstance(verdict, Flip):
                flips.append(verdict)
            else:
                pending[metric_id] = verdict
        try:
            moved = await self._flip(flips)
        except StoreUnavailable as error:
            moved = []
            mend = "it takes effect when the database answers again"
            pending |= {each.metric_id: Pending(each.backend, "refused", error.detail, mend, lines[each.metric_id].line)
                        for each in flips}  # fmt: skip
        for metric_id in moved:
            self.intents.pop(metric_id, None)
        waiting = {metric_id for metric_id, each in pending.items() if each.state == "comparing"}
        self.awaited = {pair: since for pair, since in self.awaited.items() if pair[0] in waiting}
        for metric_id, each in pending.items():
            stays = f"; {self.serving[metric_id].backend} keeps serving" if metric_id in self.serving else ""
            reason = each.reason.rstrip(".") if stays else each.reason
            findings.append(Finding(SHOWN, each.line, f"{metric_id}: {reason}{stays}", each.mend, metric_id,
                                    wants=named("backend", each.backend)))  # fmt: skip
        findings += self._without_route(file, catalog)
        self.lines, self.pending, self.findings = lines, pending, tuple(findings)
        return moved

    async def _lines(self, file: RoutingFile, catalog: Catalog) -> dict[str, RouteLine]:
        """What the file asks for; and of what two persons confirmed what the file, which may not be writable, lacks."""
        with suppress(StoreUnavailable):
            self._confirmed = await confirmed_routes(self._database)
        lines = dict(file.lines)
        for metric_id, found in self._confirmed.items():
            metric, now, line = catalog.workspace.metrics.get(metric_id), self.serving.get(metric_id), lines.get(metric_id)
            said = line.backend if line else None
            if metric is None or now is None or said not in (found.in_file, found.backend):
                continue  # the file was edited since
            if _is_leave(found, metric, now, found.backend) or (found.epoch + 1, found.backend) == (now.epoch, now.backend):
                lines[metric_id] = replace(line, backend=found.backend) if line else RouteLine(metric_id, found.backend, 1)
        return lines

    async def _seen_by_two(self, flip: Flip, metric: Metric, line: RouteLine, now: StoredRoute) -> Flip | Pending:
        """The flip, where two persons have said so of just this; an edit of the file alone becomes a proposal."""
        found = self._confirmed.get(metric.metric_id)
        if found is not None and _is_leave(found, metric, now, flip.backend):
            return flip._replace(by=found.signed, who=None, over=now.epoch)
        try:
            proposed = await propose(
                self._database, "route", metric.metric_id, proposed_route(metric, now, flip.backend), BY_FILE, None,
                {"certificate_id": flip.certificate_id, "verdict": flip.reason, "in_file": line.backend},
            )  # fmt: skip
        except StoreUnavailable as error:
            return Pending(flip.backend, "refused", error.detail, "it is judged when the database answers again", line.line)
        if proposed.state == "open":
            return Pending(flip.backend, "waiting", WAITS, WHERE, line.line)
        why = f": {proposed.reason}" if proposed.reason else ""
        reason = f"it was {proposed.state}{f' by {proposed.decided_by}' if proposed.decided_by else ''}{why}"
        return Pending(flip.backend, "refused", reason, "change the line, or propose it on the page", line.line)

    def _without_route(self, file: RoutingFile, catalog: Catalog) -> Iterable[Finding]:
        for metric_id in catalog.workspace.metrics:
            if metric_id not in file.lines:
                stays = "; its last route keeps serving" if metric_id in self.serving else ""
                mend = f"add  {metric_id}: {{backend: {next(iter(catalog.backends), 'NAME')}}}"
                yield Finding(SHOWN, None, f"{metric_id} has no route{stays}", mend, metric_id)

    async def _judged(self, metric: Metric, line: RouteLine, now: StoredRoute | None, catalog: Catalog) -> Flip | Pending:
        """Whether the line may take effect: the decision, with its reason."""
        unfit = await judge_route(metric, line.backend, catalog.workspace, catalog.backends)
        if unfit is not None:
            return Pending(line.backend, "refused", *unfit, line.line)
        intent = self.intents.get(metric.metric_id)
        if intent is not None and intent.backend != line.backend:
            intent = None
        by, who = (intent.by, intent.who) if intent else (BY_FILE, None)
        if now is None or now.backend not in catalog.backends:
            return Flip(metric.metric_id, line.backend, "first", by, None, None, who)
        if intent is not None and intent.kind == "rolled_back":
            return Flip(metric.metric_id, line.backend, "rolled_back", by, intent.reason, None, who)
        pair = (metric.metric_id, frozenset((now.backend, line.backend)))
        since, trouble = self.troubles.get(pair, (0.0, None))
        if trouble is not None and time.monotonic() - since < TROUBLE_SECONDS:
            mend = "it is compared when the database answers again"
            return Pending(line.backend, "refused", trouble.detail, mend, line.line)
        accepted = self.proofs.accepted.get(pair)
        if line.clean_comparisons and accepted is None:
            clean = await clean_shadows(
                self._database, metric.metric_id, line.backend, as_meant(metric.version), line.clean_comparisons
            )
            if clean < line.clean_comparisons:
                reason = f"{clean} of {line.clean_comparisons} clean comparisons in its shadow so far"
                return Pending(line.backend, "refused", reason, f"write {{backend: {now.backend}, shadow: {line.backend}}} "
                               "and let it be asked", line.line)  # fmt: skip
        tried = self.proofs.newest(pair)
        try:
            holds = tried is not None and await self._holds(tried, metric, pair, catalog)
        except AssayError as error:
            return Pending(line.backend, "refused", f"the data cannot be read: {error.detail}", error.mend, line.line)
        if tried is None or not holds:
            self.awaited.setdefault(pair, time.time())
            reason = f"{now.backend} and {line.backend} are being compared"
            return Pending(line.backend, "comparing", reason, None, line.line)
        name = tried.certificate_id
        if tried.verdict in PASSED:
            return Flip(metric.metric_id, line.backend, "proven", by, tried.document["reason"], name, who)
        if tried.accepted_reason is None:
            differs = await self.accept_as_before(tried)
            if differs is not None:
                mend = f"mend the data, or: assay route {metric.metric_id} --to {line.backend} --accept-difference WHY"
                return Pending(line.backend, "refused", differs, mend, line.line, name)
            tried = self.proofs.newest(pair) or tried
        return Flip(metric.metric_id, line.backend, "accepted", tried.accepted_by or by, tried.accepted_reason, name, who)

    async def _holds(self, tried: StoredCertificate, metric: Metric, pair: Pair, catalog: Catalog) -> bool:
        """Whether what was found decides this edit: it was made for it, or both sides are at this moment as they were then.

        Raises AssayError where a side cannot be asked.
        """
        lets_flip = tried.verdict in PASSED or tried.accepted_reason is not None
        age = time.time() - tried.created_at.timestamp()
        began = tried.created_at.timestamp() - tried.document["elapsed_ms"] / 1e3
        was_made_for_it = began >= self.awaited.get(pair, float("inf"))
        if not lets_flip and not was_made_for_it:
            # A refusal flips nothing: what was heard of the sides is enough to keep it.
            known = {name: each for name in pair[1] if (each := self.proofs.facts(metric, name, catalog)) is not None}
            return age < AGAIN_SECONDS or (tried.verdict == "differs" and not moved_since(tried.document, metric, known))
        facts = {name: await self.proofs.facts_now(metric, name, catalog) for name in pair[1]}
        moved = moved_since(tried.document, metric, facts)
        if was_made_for_it:
            # What has arrived since makes it stale, as ever; or no table that is written all the time could move.
            return all(each.startswith("data_version") for each in moved)
        own = resolve_question((metric.metric_id,), Asked(), catalog.workspace, self._now(), EVERYTHING)
        is_of_today = tried.verdict not in PASSED or unsettled(tried.document, metric, own) is None
        return age < FRESH_SECONDS and not moved and is_of_today


def proposed_route(metric: Metric, now: StoredRoute, to: str, accept: str | None = None) -> Document:
    """What is proposed, and what it stands on. `accept`: why a difference is to be accepted."""
    return {
        "from": now.backend, "to": to, "epoch": now.epoch, "definition": as_meant(metric.version), "accept": accept,
    }  # fmt: skip


def _is_leave(found: ConfirmedRoute, metric: Metric, now: StoredRoute, to: str) -> bool:
    """Whether what was confirmed is just this: of this route and definition, a moment ago, and not used yet."""
    stands_on = (found.backend, found.epoch, found.definition)
    return found.is_fresh and stands_on == (to, now.epoch, as_meant(metric.version))


def as_certified(certificate: StoredCertificate) -> tuple[object, ...]:
    """What has to be the same for an acceptance to speak of another certificate too."""
    return certificate.document["definition_version"], meant_by(certificate.document)
