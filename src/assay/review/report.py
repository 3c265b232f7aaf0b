"""What a change does to numbers, as a body of JSON, as people read it, and as a comment in Markdown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assay.catalog.amounts import signed_amount
from assay.catalog.metric import Metric
from assay.review.changes import Aspect, Changes, as_body
from assay.review.differences import INFINITE, Difference, relative
from assay.routing.parity import Gap, GrainResult

_SHOWN_GROUPS, _SHOWN_ASPECTS = 5, 12
_TURNED = {"\\": "\\\\", "|": "\\|", "`": "\\`", "<": "&lt;", "\n": " ", "*": "\\*", "_": "\\_", "[": "\\["}


@dataclass(frozen=True)
class Report:
    """`groups_are_shown`: False where policies or a smallest group are in force: then no value of a group is told, since
    whoever reads a report may see more or less than whoever asks the page."""

    names: tuple[str, str]
    changes: Changes
    differences: dict[str, Difference]
    """Of each metric that changed."""
    units: dict[str, str]
    most: Decimal
    groups_are_shown: bool

    @property
    def ok(self) -> bool:
        """No number moves by more than `most`, each could be compared, and none is gone."""
        return all(each.change != "removed" for each in self.changes.metrics) and all(
            each.verdict != "not_comparable" and each.largest <= self.most for each in self.differences.values()
        )


def report_of(
    names: tuple[str, str], changes: Changes, differences: dict[str, Difference], metrics: dict[str, Metric], most: Decimal,
    *, groups_are_shown: bool,
) -> Report:  # fmt: skip
    units = {name: metrics[name].unit for name in differences}
    return Report(names, changes, differences, units, most, groups_are_shown)


def body_of(report: Report) -> dict[str, Any]:
    return {
        "before": report.names[0], "after": report.names[1], "ok": report.ok, "max_change": percent(report.most),
        "metrics": [_metric_body(report, number) for number in range(len(report.changes.metrics))],
        "settings": [as_body(each) for each in report.changes.settings],
        "routes": [as_body(each) for each in report.changes.routes],
        "policies": [as_body(each) for each in report.changes.policies],
        "groups_are_shown": report.groups_are_shown,
    }  # fmt: skip


def _metric_body(report: Report, number: int) -> dict[str, Any]:
    change = report.changes.metrics[number]
    found = report.differences.get(change.metric_id)
    body: dict[str, Any] = {
        "metric_id": change.metric_id, "change": change.change, "aspects": [as_body(each) for each in change.aspects],
        "used_by": list(change.used_by),
    }  # fmt: skip
    if found is None:
        return body | {"verdict": None, "reason": None, "backend": None, "grains": []}
    return body | {
        "verdict": found.verdict, "reason": found.reason, "backend": found.backend, "unit": report.units[change.metric_id],
        "windows": list(found.windows), "total": None if found.total is None else [_text(each) for each in found.total],
        "largest_change": percent(found.largest), "since": found.since,
        "grains": [_grain_body(each, report.groups_are_shown) for each in found.grains],
    }  # fmt: skip


def _grain_body(grain: GrainResult, groups_are_shown: bool) -> dict[str, Any]:
    gaps = grain.gaps if groups_are_shown or grain.grain == "total" else ()
    return {
        "grain": grain.grain, "verdict": grain.verdict, "groups": grain.rows, "differing": grain.differing,
        "largest_change": percent(max(map(relative, grain.all_gaps), default=Decimal(0))), "reason": grain.reason,
        "largest": [_gap_body(each) for each in gaps],
    }  # fmt: skip


def _gap_body(gap: Gap) -> dict[str, Any]:
    return {
        "key": [None if each is None else str(each) for each in gap.key],
        "before": _text(gap.here), "after": _text(gap.there),
        "difference": _text(gap.difference), "change": percent(relative(gap)), "missing": gap.missing_on,
    }  # fmt: skip


def lines_of(report: Report) -> Iterator[str]:
    """As people read it."""
    yield f"{report.names[0]} -> {report.names[1]}"
    for title, aspects in _others(report):
        yield f"\n{title}"
        yield from (f"  {told_aspect(each)}" for each in aspects)
    for change in report.changes.metrics:
        found = report.differences.get(change.metric_id)
        yield f"\n{change.metric_id}: {sentence_of(report, change.metric_id) if found else change.change}"
        for each in change.aspects[:_SHOWN_ASPECTS]:
            yield f"  {told_aspect(each)}"
        if len(change.aspects) > _SHOWN_ASPECTS:
            yield f"  and {len(change.aspects) - _SHOWN_ASPECTS} more; --json tells all"
        for grain in found.grains if found else ():
            yield f"  by {grain.grain}: {_told_grain(grain)}" if grain.grain != "total" else f"  total: {_told_grain(grain)}"
            yield from (f"    {_told_gap(each, report.units[change.metric_id])}" for each in _shown(grain, report))
        if change.used_by:
            yield f"  used by {', '.join(change.used_by)}"
    yield f"\n{conclusion(report)}"


def markdown_of(report: Report) -> Iterator[str]:
    """A comment of a pull request. What came out of data or files is text in it, whatever it looks like."""
    yield f"### What this does to the numbers: {conclusion(report)}\n"
    for title, aspects in _others(report):
        yield f"\n**{title}**\n"
        yield from (f"- {_plain(each.what)}: {_plain(each.before)} → {_plain(each.after)}" for each in aspects)
    if report.changes.metrics:
        yield "\n| metric | what changed | total before | after | largest change | used by |\n|---|---|---|---|---|---|"
    for change in report.changes.metrics:
        found = report.differences.get(change.metric_id)
        aspects = ", ".join(_plain(each.what) for each in change.aspects[:_SHOWN_ASPECTS]) or change.change
        totals = [_plain(_text(each)) for each in found.total] if found and found.total else ["", ""]
        largest = (_plain(found.reason) if found.reason else percent(found.largest)) if found else ""
        used = "<br>".join(_plain(each) for each in change.used_by)
        yield f"| {_plain(change.metric_id)} | {aspects} | {totals[0]} | {totals[1]} | {largest} | {used} |"
    for change in report.changes.metrics:
        found = report.differences.get(change.metric_id)
        grains = [each for each in found.grains if _shown(each, report)] if found else []
        if not grains:
            continue
        yield f"\n<details><summary>{_plain(change.metric_id)}: where</summary>\n"
        yield "| by | group | before | after | change |\n|---|---|---|---|---|"
        for grain in grains:
            for gap in _shown(grain, report):
                key = _plain(", ".join("none" if each is None else str(each) for each in gap.key))
                moved = f"missing {gap.missing_on}" if gap.missing_on else percent(relative(gap))
                yield f"| {_plain(grain.grain)} | {key} | {_plain(_text(gap.here))} | {_plain(_text(gap.there))} | {moved} |"
        yield "\n</details>"
    if not report.groups_are_shown and report.differences:
        yield "\nGroups are not named: policies or a smallest group are in force."


def conclusion(report: Report) -> str:
    metrics = report.changes.metrics
    if not metrics:
        return "no metric means anything else."
    gone = [each.metric_id for each in metrics if each.change == "removed"]
    unknown = [name for name, each in report.differences.items() if each.verdict == "not_comparable"]
    beyond = [name for name, each in report.differences.items() if name not in unknown and each.largest > report.most]
    told = [
        f"{len(names)} {'metric' if len(names) == 1 else 'metrics'} {what}"
        for names, what in (
            (beyond, f"{'moves' if len(beyond) == 1 else 'move'} by more than {percent(report.most)}"),
            (unknown, "cannot be compared"), (gone, f"{'is' if len(gone) == 1 else 'are'} gone"),
        ) if names
    ]  # fmt: skip
    return f"{'; '.join(told)}." if told else f"no number moves by more than {percent(report.most)}."


def sentence_of(report: Report, metric_id: str) -> str:
    found = report.differences[metric_id]
    if found.reason:
        return f"cannot be compared: {found.reason}"
    on = f" on {found.backend}"
    if found.verdict == "equal":
        return f"another definition, the same numbers at {len(found.grains)} grains{on}"
    since = f", since {found.since}" if found.since and report.groups_are_shown else ""
    if found.total and None not in found.total and found.total[0] != found.total[1]:
        before, after = found.total
        assert before is not None
        assert after is not None
        amount = signed_amount(after - before, report.units[metric_id])
        return f"{_text(before)} -> {_text(after)} ({amount}){since}{on}"
    return f"the same total, other groups{since}{on}"


def told_aspect(aspect: Aspect) -> str:
    return f"{aspect.what}: {aspect.before or 'none'} -> {aspect.after or 'none'}"


def percent(value: Decimal) -> str:
    return "new, gone or from 0" if value == INFINITE else f"{(value * 100).normalize():f}%" if value < 1 else f"{value:.0%}"


def _told_grain(grain: GrainResult) -> str:
    if grain.reason:
        return f"cannot be compared: {grain.reason}"
    if not grain.differing:
        return "the same" if grain.grain == "total" else f"the same in {grain.rows} groups"
    most = percent(max(map(relative, grain.all_gaps)))
    return f"by {most}" if grain.grain == "total" else f"{grain.differing} of {grain.rows} groups differ, at most by {most}"


def _told_gap(gap: Gap, unit: str) -> str:
    key = ", ".join("none" if each is None else str(each) for each in gap.key)
    amount = f" ({signed_amount(gap.difference, unit)}, {percent(relative(gap))})" if gap.difference is not None else ""
    return f"{key}: {_text(gap.here)} -> {_text(gap.there)}{amount}"


def _shown(grain: GrainResult, report: Report) -> tuple[Gap, ...]:
    is_shown = report.groups_are_shown and grain.grain != "total" and " x " not in grain.grain
    return grain.gaps[:_SHOWN_GROUPS] if is_shown else ()


def _others(report: Report) -> Iterable[tuple[str, Any]]:
    changes = report.changes
    return [each for each in (("Settings", changes.settings), ("Routes", changes.routes), ("Policies", changes.policies))
            if each[1]]  # fmt: skip


def _text(value: object) -> str | None:
    return None if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _plain(text: str | None) -> str:
    return "none" if text is None else "".join(_TURNED.get(each, each) for each in text)
