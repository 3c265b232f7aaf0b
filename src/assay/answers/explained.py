"""An explanation in a few sentences, by template: texts and numbers in turn, each number with its unit and its receipt.

Whoever shows them writes the numbers: the page in the reader's language and with a mark that opens the receipt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from assay.answers.explanation import Division, Explanation, Group, Step, written

As = Literal["value", "change", "size", "share", "rows"]
_NAMED = 3
_MOST_OF = Fraction(1, 2)


@dataclass(frozen=True)
class Number:
    """A number in a sentence. `shown_as`: a value of the metric, a change of it with its sign or its size alone, a share
    of 1, or rows.
    """

    value: Any
    shown_as: As
    receipt_id: str


Piece = str | Number
Sentence = tuple[Piece, ...]


def sentences(explained: Explanation) -> list[Sentence]:
    return [*_of_the_whole(explained), *_of_the_parts(explained), *_of_new_and_gone(explained), *_of_paradoxes(explained)]


def _of_the_whole(explained: Explanation) -> Iterator[Sentence]:
    label, receipt = explained.metric.label, explained.whole.provenance.receipt_id
    before, now = (Number(each, "value", receipt) for each in (explained.before, explained.now))
    if explained.change is None:
        missing = "now" if explained.now is None else "before"
        yield (f"There is no value of {label} {missing}, so there is no change to take apart.",)
        return
    if explained.change == 0:
        yield f"{label} did not change: it is ", now, ", as it was before."
        return
    size = Number(written(abs(explained.change), explained.places), "size", receipt)
    moved = "rose" if explained.change > 0 else "fell"
    old = Fraction(explained.before)
    if old and explained.metric.unit != "percent":
        share = Number(float(abs(explained.change / old)), "share", receipt)
        yield f"{label} {moved} by ", size, ", or ", share, ", from ", before, " to ", now, "."
    else:
        yield f"{label} {moved} by ", size, ", from ", before, " to ", now, "."


def _of_the_parts(explained: Explanation) -> Iterator[Sentence]:
    if explained.kind == "groups":
        if explained.divisions:
            yield ("What it counts cannot be added up over groups, so no group has a part in the change; "
                   "each is shown with what it was and is.",)  # fmt: skip
        return
    if not explained.steps:
        return
    division = explained.divisions[0]
    receipt, places = division.receipt_id, explained.places

    def change(amount: Fraction) -> Number:
        return Number(written(amount, places), "change", receipt)

    by_kind = {kind: [each for each in explained.steps if each.kind == kind] for kind in ("volume", "mix", "rate", "group")}
    dimension = _dimension(explained, division)
    for step in by_kind["volume"]:
        whole = explained.whole.provenance.receipt_id
        before, now = (Number(each, "rows", whole) for each in (step.before, step.now))
        worth = Number(written(step.amount, places), "change", whole)
        yield "By volume: ", now, " rows count instead of ", before, ", which is worth ", worth, "."
    if by_kind["rate"]:
        first = by_kind["rate"][0]
        rates = sum((each.amount for each in explained.steps if each.kind in ("rate", "others")), Fraction(0))
        each_gave = "what each row gives" if by_kind["volume"] else "their rate"
        yield f"By rate: within the groups of {dimension}, {each_gave} did ", change(rates), \
            f", most of all in {_name(first.key)} (", change(first.amount), ")."  # fmt: skip
    for step in by_kind["mix"]:
        if step.amount:
            yield f"By mix: that groups of {dimension} became a larger or smaller part of the whole did ", \
                change(step.amount), "."  # fmt: skip
    if by_kind["group"]:
        yield from _of_groups(explained, dimension, by_kind["group"], change)


def _of_groups(explained: Explanation, dimension: str, steps: Sequence[Step], change: Any) -> Iterator[Sentence]:
    assert explained.change is not None
    receipt = explained.divisions[0].receipt_id
    # Those that went with the whole, until they are most of it; then the largest that went against it.
    along = [each for each in steps if (each.amount > 0) == (explained.change > 0)]
    named, held = list[Step](), Fraction(0)
    for each in along[:_NAMED]:
        named.append(each)
        held += each.amount
        if abs(held) >= abs(explained.change) * _MOST_OF:
            break
    pieces: list[Piece] = [f"By {dimension}: "]
    for at, each in enumerate(named):
        share = Number(float(each.amount / explained.change), "share", receipt)
        pieces += ["; " if at else "", f"{_name(each.key)} did ", change(each.amount), ", ", share, " of the change"]
    against = next((each for each in steps if (each.amount > 0) != (explained.change > 0)), None)
    if against is not None:
        pieces += [f"; against it went {_name(against.key)} with ", change(against.amount)]
    if len(pieces) > 1:
        yield *pieces, "."


def _of_new_and_gone(explained: Explanation) -> Iterator[Sentence]:
    if not explained.divisions:
        return
    division = explained.divisions[0]
    for word, groups in (
        ("New", [each for each in division.groups if each.is_new]),
        ("Gone", [each for each in division.groups if each.is_gone]),
    ):
        if groups:
            more = f" and {len(groups) - _NAMED} more" if len(groups) > _NAMED else ""
            yield (f"{word}, by {_dimension(explained, division)}: {_listed(groups[:_NAMED])}{more}.",)


def _of_paradoxes(explained: Explanation) -> Iterator[Sentence]:
    for division in explained.divisions:
        if division.paradox:
            whole = "rose" if division.paradox == "fell" else "fell"
            yield (f"No group of {_dimension(explained, division)} {whole} though the whole {whole}: each that moved "
                   f"{division.paradox}, and the mix did the rest (Simpson's paradox).",)  # fmt: skip


def _listed(groups: Sequence[Group]) -> str:
    return ", ".join(_name(each.key) for each in groups)


def _dimension(explained: Explanation, division: Division) -> str:
    return " and ".join(explained.metric.dimensions[name].label.lower() for name in division.dimensions)


def _name(key: tuple[Any, ...]) -> str:
    return " · ".join("(none)" if each is None else str(each) for each in key)
