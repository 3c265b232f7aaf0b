"""What was shown of routes: their certificates, and how routes and questions stand by them at a moment."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from assay.backends.protocol import Backend, NotConfigured, look_at
from assay.catalog.metric import Metric
from assay.compiler.question import Asked, Question, resolve_question
from assay.errors import AssayError
from assay.people.scope import EVERYTHING
from assay.routing.certificate import Facts, Standing, moved_since, standing_of
from assay.routing.comparer import sql_hash
from assay.routing.described import fingerprint
from assay.routing.parity import PASSED
from assay.routing.serving import Catalog
from assay.routing.settling import Window, question_key, unsettled, windows_of
from assay.store.parity import StoredCertificate
from assay.store.routes import StoredRoute

Pair = tuple[str, frozenset[str]]
"""A metric and two backends."""
_MAX_QUESTIONS = 2_000


class Proofs:
    """`generation` moves whenever a route or a question may stand otherwise than before."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self.standings: dict[str, Standing] = {}
        """Of routes, as they were when somebody looked last."""
        self.certificates: dict[Pair, StoredCertificate] = {}
        """The newest of each metric and two backends."""
        self.accepted: dict[Pair, StoredCertificate] = {}
        """The newest whose difference a person has accepted, until both are shown to agree."""
        self.tried: dict[Pair, StoredCertificate] = {}
        """The newest that this process made, those that could not be compared too."""
        self.questions: OrderedDict[tuple[str, str], StoredCertificate] = OrderedDict()
        """By metric and the key of a very question."""
        self.generation = 0
        self._facts: dict[tuple[str, str, str, tuple[str, ...]], Facts] = {}
        """By metric, its version, backend, and the segments of the question that binds their columns too."""
        self._windows: dict[str, tuple[Window, ...]] = {}
        """Of certificates by their ids, read once."""

    def take_over(
        self, newest: list[StoredCertificate], accepted: list[StoredCertificate], questions: list[StoredCertificate]
    ) -> list[str]:
        """As the store has them; the metrics of whose questions something new is known."""
        self.certificates = {pair_of(each): each for each in newest}
        self.accepted = {pair_of(each): each for each in accepted}
        return [each.metric_id for each in questions if self._keep_question(each)]

    @property
    def newest_question(self) -> datetime | None:
        """When the newest certificate of a very question was made."""
        return max((each.created_at for each in self.questions.values()), default=None)

    def keep(self, certificate: StoredCertificate, metric: Metric) -> None:
        """One that was just made."""
        document = certificate.document
        if document["question_key"] is None:
            self.tried[pair_of(certificate)] = certificate
        if certificate.verdict == "not_comparable":
            return
        if document["question_key"] is None:
            self.certificates[pair_of(certificate)] = certificate
            if certificate.verdict in PASSED:
                self.accepted.pop(pair_of(certificate), None)
        else:
            self._keep_question(certificate)
        for side in document["sides"]:
            told = side["data_version"] if side["data_version_kind"] != "time_bucket" else None
            self._facts[metric.metric_id, metric.version, side["backend"], _segments_of(document)] = Facts(
                None, side["schema"], told
            )

    def accept(self, certificate: StoredCertificate) -> None:
        pair = pair_of(certificate)
        self.tried[pair] = self.certificates[pair] = self.accepted[pair] = certificate

    def _keep_question(self, certificate: StoredCertificate) -> bool:
        key = (certificate.metric_id, certificate.document["question_key"])
        known = self.questions.get(key)
        if known is not None and known.created_at >= certificate.created_at:
            return False
        self.questions[key] = certificate
        self.questions.move_to_end(key)
        self.generation += 1
        while len(self.questions) > _MAX_QUESTIONS:
            self.questions.popitem(last=False)
        return True

    def newest(self, pair: Pair) -> StoredCertificate | None:
        """The newest comparison that is known; as the store has it, where it has it, with what was accepted."""
        known, own = self.certificates.get(pair), self.tried.get(pair)
        if known is None or own is None:
            return known or own
        return own if own.created_at > known.created_at else known

    # -- how they stand ---------------------------------------------------------------------------

    def standing(self, metric: Metric) -> Standing:
        """Of the metric's route, as it was when somebody looked last."""
        return self.standings.get(metric.metric_id, _UNPROVEN)

    async def standing_of_question(self, metric: Metric, question: Question, serving: str, catalog: Catalog) -> Standing:
        """Of this question, at this moment: data that have moved since the last look are seen here first."""
        known = self.standing(metric)
        if known.standing == "accepted":
            return known  # what a person took stays so while data move
        if known.standing == "differs":
            return await self._differs(known, metric, serving, catalog)
        asked = question if len(question.metrics) == 1 else replace(question, metrics=(metric,))
        own = self.questions.get((metric.metric_id, question_key(asked))) if self.questions else None
        if own is not None and await self._holds(own, metric, asked, serving, catalog):
            state = "proven" if own.verdict in PASSED else "differs"
            return Standing(state, own.document["reason"], own.certificate_id, _other(own, serving))
        if known.standing != "proven":
            return known
        if question.parameters:
            reason = f"{known.reason}; it was compared with the defaults of its parameters"
            return replace(known, standing="proven_for_others", reason=reason)
        certificate = self.certificates[metric.metric_id, frozenset((serving, known.backend or serving))]
        if certificate.document["definition_version"] != metric.version:
            # The catalog was taken over a moment ago, and nobody has looked since.
            return replace(known, standing="stale", reason="the definition has changed since")
        moved = await self._moved(certificate, metric, serving, catalog)
        if moved is not None:
            return replace(known, standing="stale", reason=moved)
        missing = self._unsettled(certificate, metric, asked)
        if missing is None:
            return known
        return replace(known, standing="proven_for_others", reason=f"{known.reason}; {missing}")

    async def _differs(self, known: Standing, metric: Metric, serving: str, catalog: Catalog) -> Standing:
        """A difference of data that have moved since is an old one, as agreement would be."""
        certificate = self.certificates.get((metric.metric_id, frozenset((serving, known.backend or serving))))
        if certificate is None or certificate.certificate_id != known.certificate_id:
            return known
        moved = await self._moved(certificate, metric, serving, catalog)
        if moved is None:
            return known
        return replace(known, standing="stale", reason=f"compared last, {known.reason}; {moved}")

    async def _holds(
        self, own: StoredCertificate, metric: Metric, question: Question, serving: str, catalog: Catalog
    ) -> bool:  # fmt: skip
        """Whether the certificate of a very question settles it as it is asked now."""
        if serving not in (own.here, own.there) or self._unsettled(own, metric, question) is not None:
            return False
        if moved_since(own.document, metric, self._facts_of(own, metric, catalog)):
            return False
        return await self._moved(own, metric, serving, catalog) is None

    def _unsettled(self, certificate: StoredCertificate, metric: Metric, question: Question) -> str | None:
        name = certificate.certificate_id
        windows = self._windows.get(name)
        if windows is None:
            if len(self._windows) > _MAX_QUESTIONS:
                self._windows.clear()
            windows = self._windows[name] = windows_of(certificate.document)
        return unsettled(certificate.document, metric, question, windows)

    async def _moved(self, certificate: StoredCertificate, metric: Metric, serving: str, catalog: Catalog) -> str | None:
        """Which backend has other data than the certificate binds, as a reason.

        The serving one is asked where it does not tell by itself, and the other one where it is near: an engine far away is
        looked at now and then.
        """
        tables = metric.columns_for(_segments_of(certificate.document))
        for side in certificate.document["sides"]:
            name = side["backend"]
            backend = catalog.backends.get(name)
            if backend is None or isinstance(backend, NotConfigured):
                return f"{name} has other data since"
            try:
                if name != serving:  # that one was looked at for the answer
                    await look_at(backend)
                version = backend.known_version(tables)
                if version is None and (name == serving or backend.version_token() is not None):
                    version = await backend.data_version(tables)
            except AssayError:
                if name == serving:
                    raise
                # The answer comes from the serving one, which is there.
                return f"{name} does not answer: what it holds now is not known"
            if version is not None and version.text != side["data_version"]:
                return f"{name} has other data since"
        return None

    def restand(self, serving: Mapping[str, StoredRoute], catalog: Catalog) -> list[str]:
        """Say anew how every route stands; the metrics that may stand otherwise now. Asks no engine."""
        found: dict[str, Standing] = {}
        metrics = catalog.workspace.metrics
        for metric_id, metric in metrics.items():
            route = serving.get(metric_id)
            of_metric = [each for (name, pair), each in self.certificates.items()
                         if route and name == metric_id and route.backend in pair]  # fmt: skip
            if route and of_metric:
                newest = max(of_metric, key=lambda each: each.created_at)
                found[metric_id] = standing_of(newest, metric, route.backend, self._facts_of(newest, metric, catalog))
        # What was shown of a question falls for good once something has moved: data never come back.
        fallen: list[tuple[str, str]] = []
        for key, each in self.questions.items():
            metric = metrics.get(key[0])
            if metric is None or moved_since(each.document, metric, self._facts_of(each, metric, catalog)):
                fallen.append(key)
        for key in fallen:
            del self.questions[key]
        moved = [name for name in found.keys() | self.standings.keys() if found.get(name) != self.standings.get(name)]
        moved += [name for name in dict.fromkeys(name for name, _ in fallen) if name not in moved]
        if moved:
            self.standings = found
            self.generation += 1
        return moved

    def _facts_of(self, certificate: StoredCertificate, metric: Metric, catalog: Catalog) -> dict[str, Facts]:
        # Of a very question no statement is bound: it is not compiled before every answer for nothing.
        with_sql = not certificate.document.get("question_key")
        names = (certificate.here, certificate.there)
        segments = _segments_of(certificate.document)
        found = {name: self.facts(metric, name, catalog, segments, with_sql=with_sql) for name in names}
        return {name: each for name, each in found.items() if each is not None}

    def facts(
        self, metric: Metric, backend_name: str, catalog: Catalog, segments: tuple[str, ...] = (), *, with_sql: bool = True
    ) -> Facts | None:  # fmt: skip
        """What can be known of one side without asking it; None where it is no longer there."""
        backend = catalog.backends.get(backend_name)
        if backend is None or isinstance(backend, NotConfigured):
            return None
        needed = metric.columns_for(segments)
        version = backend.known_version(needed)
        known = self._facts.get((metric.metric_id, metric.version, backend_name, segments))
        told = version.text if version is not None and version.kind != "time_bucket" else None
        with_sql = with_sql and catalog.described.knows(backend_name, needed)
        return Facts(
            _sql_hash(metric, backend, catalog, self._now()) if with_sql else None, known.schema if known else None,
            told or (known.data_version if known else None),
        )  # fmt: skip

    async def facts_now(
        self, metric: Metric, backend_name: str, catalog: Catalog, segments: tuple[str, ...] = ()
    ) -> Facts:  # fmt: skip
        """The same read from the engine at this moment; its data's version is None where it cannot tell."""
        backend = catalog.backends[backend_name]
        assert not isinstance(backend, NotConfigured)
        needed = metric.columns_for(segments)
        await catalog.described.ready(backend, needed, anew=True)
        schema = fingerprint(catalog.described.columns(backend_name, needed))
        version = await backend.data_version(needed)
        told = version.text if version.kind != "time_bucket" else None
        known = Facts(_sql_hash(metric, backend, catalog, self._now()), schema, told)
        self._facts[metric.metric_id, metric.version, backend_name, segments] = replace(known, sql_hash=None)
        return known

    async def look(self, catalog: Catalog) -> None:
        """Ask the backends for what they do not tell by themselves: their columns, and their data's version."""
        pairs = [*((pair, ()) for pair in self.certificates),
                 *((pair_of(each), _segments_of(each.document)) for each in self.questions.values())]  # fmt: skip
        for metric_id, backend_name, segments in {(name, each, by) for (name, pair), by in pairs for each in pair}:
            metric, backend = catalog.workspace.metrics.get(metric_id), catalog.backends.get(backend_name)
            if metric is None or backend is None or isinstance(backend, NotConfigured):
                continue
            try:
                await self.facts_now(metric, backend_name, catalog, segments)
            except AssayError:
                continue  # away: what it holds is not known, so nothing is said of it


def _segments_of(document: dict[str, Any]) -> tuple[str, ...]:
    """Those of a very question. A metric is compared without any."""
    asked = document["question"] if document.get("question_key") else None
    return tuple(each["name"] for each in (asked or {}).get("segments", ()))


def pair_of(certificate: StoredCertificate) -> Pair:
    return certificate.metric_id, frozenset((certificate.here, certificate.there))


def _other(certificate: StoredCertificate, serving: str) -> str:
    return certificate.there if certificate.here == serving else certificate.here


def _sql_hash(metric: Metric, backend: Backend, catalog: Catalog, now: datetime) -> str:
    question = resolve_question((metric.metric_id,), Asked(), catalog.workspace, now, EVERYTHING)
    return sql_hash(catalog.statement(question, backend))


_UNPROVEN = Standing()
