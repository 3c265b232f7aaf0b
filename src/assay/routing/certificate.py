"""The certificate: what a comparison found and all that it binds; and how it stands once something of that has moved."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import orjson

from assay.catalog.metric import Metric
from assay.compiler import meaning
from assay.routing.comparison import Comparison, Side
from assay.routing.parity import PASSED, Gap, GrainResult, shown
from assay.store.parity import StoredCertificate
from assay.work.instants import instant

State = Literal["unproven", "proven", "proven_for_others", "stale", "accepted", "differs"]
MAX_DIFFERENCES = 10_000
"""So many differing groups are kept in a certificate, for whoever accepts them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a metric's route was shown to agree with another backend; as it stands in every answer."""

    standing: State = "unproven"
    reason: str | None = None
    certificate_id: str | None = None
    backend: str | None = None
    """The other backend."""

    @property
    def is_proven(self) -> bool:
        return self.standing in ("proven", "proven_for_others")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a certificate binds of one side, as it is now; None where that is not known at the moment."""

    sql_hash: str | None
    schema: str | None
    data_version: str | None


def certificate_document(comparison: Comparison, created_at: datetime) -> dict[str, Any]:
    """All that is bound, and the result. Its hash is the certificate's id, so that nothing in it can be changed unseen."""
    metric = comparison.metric
    return {
        "metric_id": metric.metric_id,
        "label": metric.label,
        "definition_version": metric.version,
        "meaning_version": meaning.MEANING_VERSION,
        "formula": metric.formula,
        "from": comparison.names[0],
        "to": comparison.names[1],
        "verdict": comparison.verdict,
        "reason": comparison.reason,
        "question": comparison.question,
        "question_key": comparison.question_key,
        "timezone": comparison.timezone,
        "windows": [each.written() for each in comparison.windows],
        "differences": _differences(comparison.grains),
        "tolerance": {"relative": metric.tolerance.relative, "absolute": metric.tolerance.absolute},
        "sides": [_side(each, name) for each, name in
                  zip((comparison.here, comparison.there), comparison.names, strict=True)],
        "behind": comparison.behind and {
            "backend": comparison.behind.backend, "seconds": comparison.behind.seconds, "newest": comparison.behind.newest,
        },
        "grains": [_grain(each) for each in comparison.grains],
        "explained_by": explained(comparison.grains),
        "elapsed_ms": comparison.elapsed_ms,
        "created_at": instant(created_at),
    }  # fmt: skip


def certificate_id(document: dict[str, Any]) -> str:
    return "crt_" + hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]


def _side(side: Side | None, name: str) -> dict[str, Any]:
    if side is None:
        return {"backend": name, "driver": None, "sql_hash": None, "schema": None, "data_version": None,
                "data_version_kind": None, "engine_ms": None}  # fmt: skip
    return {
        "backend": side.name, "driver": side.backend.driver, "sql_hash": side.sql_hash, "schema": side.schema,
        "data_version": side.data_version, "data_version_kind": side.data_version_kind, "engine_ms": side.engine_ms,
    }  # fmt: skip


def _grain(result: GrainResult) -> dict[str, Any]:
    return {
        "grain": result.grain, "verdict": result.verdict, "rows": result.rows, "differing": result.differing,
        "gap": shown(result.net), "reason": result.reason, "largest": [_gap(each) for each in result.gaps],
    }  # fmt: skip


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "key": [shown(part) for part in gap.key], "from": shown(gap.here), "to": shown(gap.there),
        "difference": None if gap.difference is None else shown(gap.difference), "missing_on": gap.missing_on,
    }  # fmt: skip


def _differences(grains: tuple[GrainResult, ...]) -> dict[str, list[Any]] | None:
    """Every group that differs, by grain: what a person accepts who accepts the difference. None where they are too many."""
    if sum(each.differing for each in grains) > MAX_DIFFERENCES:
        return None
    return {each.grain: [_difference(gap) for gap in each.all_gaps] for each in grains if each.verdict == "differs"}


def _difference(gap: Gap) -> list[Any]:
    """Group, column and by how much; both values where they are no numbers."""
    key = [shown(part) for part in gap.key]
    if gap.difference is None:
        return [key, gap.column, None, shown(gap.here), shown(gap.there)]
    return [key, gap.column, shown(gap.difference)]


def more_than_accepted(accepted: dict[str, Any], now: dict[str, Any]) -> str | None:
    """None where no group differs by more than a person accepted; else the first that does."""
    known, found = accepted.get("differences"), now["differences"]
    if known is None or found is None:
        return "more groups differ than a certificate keeps"
    if now["verdict"] == "not_comparable" and not found:
        return str(now["reason"])
    for grain, gaps in found.items():
        allowed = {orjson.dumps(gap[:2]): gap[2:] for gap in known.get(grain, ())}
        for gap in gaps:
            was = allowed.get(orjson.dumps(gap[:2]))
            key = " / ".join("(empty)" if part is None else str(part) for part in gap[0]) or "the total"
            if was is None:
                return f"{grain}: {key} differs, which nobody has accepted"
            if gap[2] is None or was[0] is None:
                if {*map(str, gap[2:])} != {*map(str, was)}:  # whichever side it is seen from
                    return f"{grain}: {key} differs otherwise than was accepted"
            elif Decimal(gap[2]).copy_abs() > Decimal(was[0]).copy_abs():
                return f"{grain}: {key} differs by {gap[2]}, accepted was {was[0]}"
    return None


def groups_in(document: dict[str, Any]) -> dict[str, int]:
    """How many groups the time bucket (`time`) and each dimension had."""
    singles = [each for each in document["grains"] if each["grain"] != "total" and " x " not in each["grain"]]
    return {each["grain"].partition(":")[0]: each["rows"] for each in singles}


def explained(grains: tuple[GrainResult, ...]) -> dict[str, Any] | None:
    """The grain at which the fewest groups hold most of the gap, a single dimension before a pair.

    Of two grains with as few, the one that has more groups says more: 2 of 6 regions, not 2 of 4 statuses.
    """
    found = [each for each in grains if each.few and each.grain != "total"]
    if not found:
        return None
    best = min(found, key=lambda each: (" x " in each.grain, len(each.few), -each.rows))
    share = sum(abs(each.difference or 0) for each in best.few) / best.gap
    return {"grain": best.grain, "groups": [_gap(each) for each in best.few], "share": round(float(share), 4)}


def standing_of(certificate: StoredCertificate, metric: Metric, serving: str, facts: dict[str, Facts]) -> Standing:
    """How the newest certificate stands for the metric as served from `serving` now."""
    other = certificate.there if certificate.here == serving else certificate.here

    def stands(state: State, reason: str | None) -> Standing:
        return Standing(state, reason, certificate.certificate_id, other)

    moved = moved_since(certificate.document, metric, facts)
    if certificate.accepted_reason is not None:
        why = f"{certificate.document['reason']}; accepted by {certificate.accepted_by}: {certificate.accepted_reason}"
        return stands("accepted", why) if "definition" not in moved else stands("stale", moved["definition"])
    if certificate.verdict not in PASSED:
        found = certificate.document["reason"]
        return stands("stale", f"compared last, {found}; {'; '.join(moved.values())}") if moved else stands("differs", found)
    if moved:
        return stands("stale", "; ".join(moved.values()))
    return stands("proven", certificate.document["reason"])


def moved_since(document: dict[str, Any], metric: Metric, facts: dict[str, Facts]) -> dict[str, str]:
    """What of the things that a certificate binds is another now: kind -> sentence. What is not known does not count."""
    moved: dict[str, str] = {}
    if document["definition_version"] != metric.version:
        moved["definition"] = "the definition has changed since"
    elif meaning.meant_by(document) != meaning.MEANING_VERSION:
        moved["definition"] = "the compiler has changed since, and with it what the definition means"
    if document["tolerance"] != {"relative": metric.tolerance.relative, "absolute": metric.tolerance.absolute}:
        moved["tolerance"] = "the tolerance has changed since"
    for side in document["sides"]:
        known = facts.get(side["backend"])
        if known is None:
            moved["backend"] = f"{side['backend']} is no longer there"
            continue
        bound = [("schema", "other columns")]
        # What runs for another definition is another statement; and for a very question it follows from its definition.
        if "definition" not in moved and not document.get("question_key"):
            bound.append(("sql_hash", "another statement"))
        if side["data_version_kind"] == "time_bucket":
            moved[f"data_version {side['backend']}"] = f"{side['backend']} cannot tell whether its data have moved since"
        else:
            bound.append(("data_version", "other data"))
        for part, name in bound:
            now = getattr(known, part)
            if now is not None and now != side[part]:
                moved[f"{part} {side['backend']}"] = f"{side['backend']} has {name} since"
    return moved
