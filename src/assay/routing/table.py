"""The routes that serve, how each stands, and why an edit does not take effect.

An edit of the file is judged a metric at a time. A metric that is served already moves only once its certificate says
that both backends agree, or a person has accepted how they differ. What passes flips in the store, for every process;
what does not leaves the metric where it was, with the reason.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from assay.backends.protocol import Backend, NotConfigured
from assay.catalog.findings import Finding, nearest
from assay.catalog.metric import Metric
from assay.compiler.meaning import as_meant
from assay.compiler.question import Asked, resolve_question
from assay.errors import AssayError, StoreUnavailable
from assay.routing.certificate import (
    PASSED,
    Facts,
    Standing,
    certificate_document,
    certificate_id,
    groups_in,
    moved_since,
    standing_of,
)
from assay.routing.comparing import Comparison, Progress, compare_metric, schema_of, sql_hash
from assay.routing.file import SHOWN, RouteLine, RoutingFile
from assay.routing.judging import judge_route
from assay.routing.serving import Catalog
from assay.store.database import Database
from assay.store.parity import StoredCertificate, accept_difference, add_certificate, clean_shadows, newest_certificates
from assay.store.routes import ChangeKind, Flip, StoredRoute, all_routes, flip_routes

Pair = tuple[str, frozenset[str]]
"""A metric and two backends."""
FRESH_SECONDS = 600
"""A comparison made for an edit lets it flip for so long, though the data has moved on since: on busy tables it always
has. One that was made before the edit does so only while nothing has moved."""
AGAIN_SECONDS = 20
"""An edit that was refused is compared again once something has moved, but no sooner than this."""
TROUBLE_SECONDS = 2
BY_FILE = "the routing file"


@dataclass(frozen=True, slots=True)
class Pending:
    """An edit that has not taken effect: both backends are being compared, or it is refused."""

    backend: str
    state: Literal["comparing", "refused"]
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


class Routes:
    """Read by every question, changed by `apply`, `compare` and `reload` only. `generation` moves with every change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.serving: dict[str, StoredRoute] = {}
        self.lines: dict[str, RouteLine] = {}
        self.pending: dict[str, Pending] = {}
        self.findings: tuple[Finding, ...] = ()
        self.standings: dict[str, Standing] = {}
        self.certificates: dict[Pair, StoredCertificate] = {}
        """The newest of each metric and two backends."""
        self.tried: dict[Pair, StoredCertificate] = {}
        """The newest that this process made, those that could not be compared too."""
        self.troubles: dict[Pair, tuple[float, AssayError]] = {}
        """Comparisons that could not be kept, and when."""
        self.intents: dict[str, Intent] = {}
        self.awaited: dict[Pair, float] = {}
        """Since when (time of day in seconds) an edit waits for a comparison."""
        self.generation = 0
        self._facts: dict[tuple[str, str], Facts] = {}
        self._moving = asyncio.Lock()
        """What is read from the store must not overtake what is written to it."""

    @property
    def epoch(self) -> int:
        """Of the whole routing: rises at every change of any route."""
        return sum(route.epoch for route in self.serving.values())

    def standing(self, metric: Metric) -> Standing:
        """As it was when somebody looked last."""
        return self.standings.get(metric.metric_id, _UNPROVEN)

    async def standing_now(self, metric: Metric, catalog: Catalog) -> Standing:
        """As it is at this moment: data that has moved since the last look is seen here first."""
        known = self.standing(metric)
        if known.standing != "proven":
            return known
        name = self.serving[metric.metric_id].backend
        certificate = self.certificates[metric.metric_id, frozenset((name, known.backend or name))]
        side = next(each for each in certificate.document["sides"] if each["backend"] == name)
        backend, tables = catalog.backends[name], metric.needed_columns
        assert not isinstance(backend, NotConfigured)
        version = backend.known_version(tables) or await backend.data_version(tables)
        if version.kind == "time_bucket" or version.text == side["data_version"]:
            return known
        return replace(known, standing="stale", reason=f"{name} has other data since")

    # -- what the store says ----------------------------------------------------------------------

    async def reload(self) -> list[str]:
        """Take over what the store says, as after a flip by another process; the metrics that moved."""
        async with self._moving:
            stored = await all_routes(self._database)
            found = await newest_certificates(self._database)
            self.certificates = {(each.metric_id, frozenset((each.here, each.there))): each for each in found}
            moved = [name for name, route in stored.items() if self.serving.get(name) != route]
            if moved:
                self._serve(stored)
        return moved

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
        self.generation += 1

    # -- how routes stand -------------------------------------------------------------------------

    def restand(self, catalog: Catalog) -> list[str]:
        """Say anew how every route stands; the metrics whose standing is another now. Asks no engine."""
        found: dict[str, Standing] = {}
        for metric_id, metric in catalog.workspace.metrics.items():
            route = self.serving.get(metric_id)
            of_metric = [each for (name, pair), each in self.certificates.items()
                         if route and name == metric_id and route.backend in pair]  # fmt: skip
            if route and of_metric:
                newest = max(of_metric, key=lambda each: each.created_at)
                facts = {name: each for name in (newest.here, newest.there)
                         if (each := self.facts(metric, name, catalog)) is not None}  # fmt: skip
                found[metric_id] = standing_of(newest, metric, route.backend, facts)
        moved = [name for name in found.keys() | self.standings.keys() if found.get(name) != self.standings.get(name)]
        if moved:
            self.standings = found
            self.generation += 1
        return moved

    def facts(self, metric: Metric, backend_name: str, catalog: Catalog) -> Facts | None:
        """What can be known of one side without asking it; None where it is no longer there."""
        backend = catalog.backends.get(backend_name)
        if backend is None or isinstance(backend, NotConfigured):
            return None
        version = backend.known_version(metric.needed_columns)
        known = self._facts.get((metric.version, backend_name))
        told = version.text if version is not None and version.kind != "time_bucket" else None
        is_described = catalog.described.knows(backend_name, metric.needed_columns)
        return Facts(
            self._sql_hash(metric, backend, catalog) if is_described else None, known.schema if known else None,
            told or (known.data_version if known else None),
        )  # fmt: skip

    def _sql_hash(self, metric: Metric, backend: Backend, catalog: Catalog) -> str:
        question = resolve_question((metric.metric_id,), Asked(), catalog.workspace, datetime.now(UTC))
        return sql_hash(catalog.statement(question, backend))

    async def look(self, catalog: Catalog) -> None:
        """Ask the backends for what they do not tell by themselves: their columns, and their data's version."""
        wanted = {(name, backend) for (name, pair) in self.certificates for backend in pair}
        for metric_id, backend_name in wanted:
            metric, backend = catalog.workspace.metrics.get(metric_id), catalog.backends.get(backend_name)
            if metric is None or backend is None or isinstance(backend, NotConfigured):
                continue
            try:
                await catalog.described.ready(backend, metric.needed_columns)
                version = await backend.data_version(metric.needed_columns)
                told = version.text if version.kind != "time_bucket" else None
                self._facts[metric.version, backend_name] = Facts(None, await schema_of(metric, backend), told)
            except AssayError:
                continue  # away: what it holds is not known, so nothing is said of it

    # -- comparing --------------------------------------------------------------------------------

    async def compare(
        self, metric: Metric, to: str, catalog: Catalog, now: datetime, progress: Progress = lambda *_: None
    ) -> StoredCertificate:
        """Compare the metric on the backend that serves it and on another; the certificate, kept and told to all."""
        names = (self.serving[metric.metric_id].backend, to)
        pair = (metric.metric_id, frozenset(names))
        last = self._newest(pair)
        groups = groups_in(last.document) if last else {}
        comparison = await compare_metric(metric, names, catalog, now, progress, groups)
        try:
            kept = await self._keep(comparison)
        except StoreUnavailable as error:
            self.troubles[pair] = (time.monotonic(), error)
            raise
        self.troubles.pop(pair, None)
        return kept

    async def _keep(self, comparison: Comparison) -> StoredCertificate:
        created_at = datetime.now(UTC)
        document = certificate_document(comparison, created_at)
        name, (here, there) = certificate_id(document), comparison.names
        metric_id = comparison.metric.metric_id
        kept = StoredCertificate(name, metric_id, here, there, comparison.verdict, created_at, document, None, None, None)
        pair = (metric_id, frozenset((here, there)))
        async with self._moving:
            await add_certificate(self._database, name, metric_id, here, there, comparison.verdict, created_at, document)
            self.tried[pair] = kept
            if comparison.verdict != "not_comparable":
                self.certificates[pair] = kept
                for side in document["sides"]:
                    self._facts[comparison.metric.version, side["backend"]] = Facts(
                        None, side["schema"], side["data_version"] if side["data_version_kind"] != "time_bucket" else None
                    )
        return kept

    async def accept(self, certificate: StoredCertificate, reason: str, by: str) -> None:
        pair = (certificate.metric_id, frozenset((certificate.here, certificate.there)))
        accepted = certificate._replace(accepted_reason=reason, accepted_by=by, accepted_at=datetime.now(UTC))
        async with self._moving:
            await accept_difference(self._database, certificate.certificate_id, reason, by)
            self.tried[pair] = self.certificates[pair] = accepted

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
        for metric_id, line in file.lines.items():
            metric = workspace.metrics.get(metric_id)
            if metric is None:
                if not any(finding.metric_id == metric_id for finding in workspace.findings):
                    findings.append(Finding(SHOWN, line.line, f"there is no metric {metric_id!r}",
                                            nearest(metric_id, set(workspace.metrics)), metric_id))  # fmt: skip
                continue
            if line.shadow is not None and line.shadow not in catalog.backends:
                findings.append(Finding(SHOWN, line.line, f"{metric_id}: there is no backend {line.shadow!r} to shadow it",
                                        nearest(line.shadow, set(catalog.backends)), metric_id))  # fmt: skip
            now = self.serving.get(metric_id)
            if now is not None and now.backend == line.backend and line.backend in catalog.backends:
                continue
            verdict = await self._judged(metric, line, now, catalog)
            if isinstance(verdict, Flip):
                flips.append(verdict)
            else:
                pending[metric_id] = verdict
        try:
            moved = await self._flip(flips)
        except StoreUnavailable as error:
            moved = []
            mend = "it takes effect when the database answers again"
            pending |= {each.metric_id: Pending(each.backend, "refused", error.detail, mend, file.lines[each.metric_id].line)
                        for each in flips}  # fmt: skip
        for metric_id in moved:
            self.intents.pop(metric_id, None)
        waiting = {metric_id for metric_id, each in pending.items() if each.state == "comparing"}
        self.awaited = {pair: since for pair, since in self.awaited.items() if pair[0] in waiting}
        for metric_id, each in pending.items():
            stays = f"; {self.serving[metric_id].backend} keeps serving" if metric_id in self.serving else ""
            findings.append(Finding(SHOWN, each.line, f"{metric_id}: {each.reason}{stays}", each.mend, metric_id))
        findings += self._without_route(file, catalog)
        self.lines, self.pending, self.findings = file.lines, pending, tuple(findings)
        return moved

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
        by = intent.by if intent else BY_FILE
        if now is None or now.backend not in catalog.backends:
            return Flip(metric.metric_id, line.backend, "first", by, None, None)
        if intent is not None and intent.kind == "rolled_back":
            return Flip(metric.metric_id, line.backend, "rolled_back", by, intent.reason, None)
        pair = (metric.metric_id, frozenset((now.backend, line.backend)))
        since, trouble = self.troubles.get(pair, (0.0, None))
        if trouble is not None and time.monotonic() - since < TROUBLE_SECONDS:
            mend = "it is compared when the database answers again"
            return Pending(line.backend, "refused", trouble.detail, mend, line.line)
        tried = self._newest(pair)
        if tried is None or not self._holds(tried, metric, pair, catalog, was_asked=intent is not None):
            self.awaited.setdefault(pair, time.time())
            return Pending(
                line.backend, "comparing", f"{now.backend} and {line.backend} are being compared", None, line.line
            )
        name = tried.certificate_id
        if tried.accepted_reason is not None:
            return Flip(metric.metric_id, line.backend, "accepted", tried.accepted_by or by, tried.accepted_reason, name)
        if tried.verdict not in PASSED:
            mend = f"mend the data, or: assay route {metric.metric_id} --to {line.backend} --accept-difference WHY"
            return Pending(line.backend, "refused", tried.document["reason"], mend, line.line, name)
        if line.clean_comparisons:
            clean = await clean_shadows(
                self._database, metric.metric_id, line.backend, as_meant(metric.version), line.clean_comparisons
            )
            if clean < line.clean_comparisons:
                reason = f"{clean} of {line.clean_comparisons} clean comparisons in its shadow so far"
                return Pending(line.backend, "refused", reason, f"write {{backend: {now.backend}, shadow: {line.backend}}} "
                               "and let it be asked", line.line, name)  # fmt: skip
        return Flip(metric.metric_id, line.backend, "proven", by, tried.document["reason"], name)

    def _newest(self, pair: Pair) -> StoredCertificate | None:
        """The newest comparison that is known; as the store has it, where it has it, with what was accepted."""
        known, own = self.certificates.get(pair), self.tried.get(pair)
        if known is None or own is None:
            return known or own
        return own if own.created_at > known.created_at else known

    def _holds(
        self, tried: StoredCertificate, metric: Metric, pair: Pair, catalog: Catalog, *, was_asked: bool
    ) -> bool:  # fmt: skip
        """Whether what was found can decide this edit: nothing has moved, or only the data and only since it was asked."""
        facts = {name: each for name in pair[1] if (each := self.facts(metric, name, catalog)) is not None}
        moved = moved_since(tried.document, metric, facts)
        age = time.time() - tried.created_at.timestamp()
        if any(not each.startswith("data_version") for each in moved):
            return False
        if tried.verdict in PASSED or tried.accepted_reason is not None:
            began = tried.created_at.timestamp() - tried.document["elapsed_ms"] / 1e3
            was_made_for_it = was_asked or began >= self.awaited.get(pair, float("inf"))
            return age < FRESH_SECONDS and (was_made_for_it or not moved)
        # A refusal stands while nothing has moved; what could not be asked is asked again.
        return age < AGAIN_SECONDS or (not moved and tried.verdict == "differs")


_UNPROVEN = Standing()
