"""An explanation in a few sentences, by template: texts and numbers in turn, each number with its unit and its receipt.

Whoever shows them writes the numbers: the page in the reader's language and with a mark that opens the receipt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from assay.answers.explanation import Division, Explanation, Group, written
from assay.catalog.amounts import signed_amount, value_amount

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
    return [
        *_of_the_whole(explained),
        *_of_groups(explained),
        *_of_the_parts(explained),
        *_of_new_and_gone(explained),
        *_of_paradoxes(explained),
    ]


def _of_the_whole(explained: Explanation) -> Iterator[Sentence]:
    label, receipt = explained.metric.label, explained.whole.provenance.receipt_id
    before, now = (Number(each, "value", receipt) for each in (explained.cell.before, explained.cell.now))
    if explained.whole.folded:
        yield (explained.whole.folded.sentence,)
        return
    if explained.change is None:
        missing = "now" if explained.cell.now is None else "before"
        yield (f"There is no value of {label} {missing}, so there is no change to take apart.",)
        return
    if explained.change == 0:
        yield f"{label} did not change: it is ", now, ", as it was before."
        return
    size = Number(written(abs(explained.change), explained.places), "size", receipt)
    moved = "rose" if explained.change > 0 else "fell"
    old = explained.cell.own[0]
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

    by_kind = {kind: [each for each in explained.steps if each.kind == kind] for kind in ("volume", "mix", "rate")}
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


def _of_groups(explained: Explanation) -> Iterator[Sentence]:
    """Those that went with the whole, until they are most of it; then the largest that went against it."""
    if explained.kind == "groups" or not explained.divisions or not explained.change:
        return
    division = explained.divisions[0]
    receipt, places, change = division.receipt_id, explained.places, explained.change
    moved = [(each, each.amount) for each in division.shown if each.amount]
    pieces, held = list[Piece](), Fraction(0)
    for each, amount in [(each, amount) for each, amount in moved if (amount > 0) == (change > 0)][:_NAMED]:
        pieces += ["; " if pieces else "", f"{_name(each.key)} did ", Number(written(amount, places), "change", receipt)]
        # Where groups did much and the whole did little, a share of it says nothing.
        if abs(amount) <= 2 * abs(change):
            pieces += [", ", Number(float(amount / change), "share", receipt), " of the change"]
        held += amount
        if abs(held) >= abs(change) * _MOST_OF:
            break
    against = next(((each, amount) for each, amount in moved if (amount > 0) != (change > 0)), None)
    if against is not None:
        group, amount = against
        told = "against it went" if pieces else "the largest is"
        pieces += [
            "; " if pieces else "",
            f"{told} {_name(group.key)} with ",
            Number(written(amount, places), "change", receipt),
        ]
    if pieces:
        yield f"By {_dimension(explained, division)}: ", *pieces, "."


def _of_new_and_gone(explained: Explanation) -> Iterator[Sentence]:
    if not explained.divisions:
        return
    division = explained.divisions[0]
    for word, groups in (
        ("New", [each for each in division.shown if each.cell.is_there and not each.cell.was_there]),
        ("Gone", [each for each in division.shown if each.cell.was_there and not each.cell.is_there]),
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
    known = explained.metric.dimensions
    return " and ".join(known[name].label.lower() if name in known else name for name in division.dimensions)


def _name(key: tuple[Any, ...]) -> str:
    return " · ".join("(none)" if each is None else str(each) for each in key)


def plainly(sentence: Sentence, unit: str) -> str:
    """The sentence as a text, its numbers written out in the metric's unit."""
    return "".join(piece if isinstance(piece, str) else _written_out(piece, unit) for piece in sentence)


def _written_out(number: Number, unit: str) -> str:
    match number.shown_as:
        case _ if number.value is None:
            return "nothing"
        case "share":
            return f"{number.value:.1%}"
        case "rows":
            return f"{number.value:,}"
        case "change":
            return signed_amount(Decimal(str(number.value)), unit)
        case "size":
            return signed_amount(abs(Decimal(str(number.value))), unit).lstrip("+")
        case "value":
            return value_amount(Decimal(str(number.value)), unit)
