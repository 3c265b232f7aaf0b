"""What follows from a check for one listener: which groups have fired or recovered, and what it is to be told now.

A pure function of what stood before and what was found. What is not known changes nothing: no count goes on, and nothing
fires or recovers by it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from assay.alerts.evaluation import Evaluation
from assay.alerts.judgement import Judged, Key
from assay.store.alerts import GroupState


@dataclass(frozen=True)
class Step:
    """`states`: those that stand from now on. `fired`, `recovered`: what the listener is to be told now."""

    states: tuple[GroupState, ...]
    fired: tuple[GroupState, ...] = ()
    recovered: tuple[GroupState, ...] = ()

    @property
    def is_news(self) -> bool:
        return bool(self.fired or self.recovered)


def step(
    before: Mapping[Key, GroupState], found: Evaluation, times: int, now: datetime,
    may_tell: Callable[[GroupState], bool], *, is_silent: bool,
) -> Step:  # fmt: skip
    """`times`: checks in a row after which it fires, and after which it has recovered.

    `is_silent`: muted or quiet. What still holds afterwards is told then, and so is what has recovered meanwhile.
    `may_tell`: whether it is this listener's turn to hear of a group that has fired.
    """
    states, recovered = list[GroupState](), list[GroupState]()
    if found.unknown is not None:
        states += before.values()
    else:
        judged = {each.key: each for each in found.judged}
        # A group that is not in the answer any more has no value of which anything would hold.
        gone = {key: Judged(key, False) for key in before.keys() - judged.keys()}
        for key, each in {**judged, **gone}.items():
            known = before.get(key)
            following = _following(known, each, found.receipt_id, times, now)
            if following is None or following.fired_at is None or following.streak < times:
                states += [following] if following else []
            elif following.told_at is None:
                pass  # nobody was told that it fired, and nobody waits to hear that it has recovered
            elif is_silent:
                states.append(following)
            else:
                recovered.append(following)
    fired = [
        each._replace(told_at=now)
        for each in states if not is_silent and each.fired_at and not each.told_at and may_tell(each)
    ]  # fmt: skip
    told = {each.key: each for each in fired}
    return Step(tuple(told.get(each.key, each) for each in states), tuple(fired), tuple(recovered))


def _following(
    known: GroupState | None, judged: Judged, receipt_id: str | None, times: int, now: datetime
) -> GroupState | None:  # fmt: skip
    """None where nothing holds and nothing has fired."""
    if judged.holds is None:
        # A streak that is full already waits for its word to be told, not for another check.
        return known
    seen = {"value": judged.value, "before": judged.before, "bucket": judged.bucket, "receipt_id": receipt_id}
    if known is None or known.fired_at is None:
        if not judged.holds:
            return None
        streak = 1 + (known.streak if known else 0)
        is_due = streak >= times
        return GroupState(judged.key, 0 if is_due else streak, now if is_due else None, None, **seen)
    return known._replace(streak=0 if judged.holds else known.streak + 1, **seen)
