"""Small groups: what fewer rows than the policies' minimum give is shown by no figure, and under no name of its own.

Of how many rows each figure is the engine says, beside the figure. Folded are groups, of a series the cells of its buckets:
those that are too small, and the smallest others until at least two and as many rows as the minimum are folded. For
whoever takes what is shown from a total is to find no single one.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from assay.answers.answer import Folded
from assay.answers.series import Key, Row, cells_of, ordered
from assay.compiler.question import MAX_APART, MAX_LIMIT, Question
from assay.compiler.statement import AnswerColumn
from assay.errors import BadQuestion


def fold(
    rows: list[Row], counts: list[list[int]], columns: Sequence[AnswerColumn], question: Question
) -> tuple[list[Row], bool, bool, Folded | None]:
    """As `finished`, of rows with their counts: for each value of how many rows it is. Raises BadQuestion.

    (rows, whether some were cut off, whether every bucket is there, what was folded).
    """
    keys, minimum = len(question.key_columns()), question.scope.minimum
    if not keys:
        shown = [value if count >= minimum else None for value, count in zip(rows[0], counts[0], strict=True)]
        is_small = min(counts[0]) < minimum
        return [shown], False, True, Folded(minimum, None, _of_total(minimum)) if is_small else None
    if len(rows) > MAX_LIMIT:
        raise BadQuestion(
            f"Among more than {MAX_LIMIT:,} groups those of fewer than {minimum} rows cannot be told.",
            mend="divide less finely, or filter", field="dimensions",
        )  # fmt: skip
    known = {tuple(row[:keys]): row for row in rows}
    sizes: dict[Key, int] = {tuple(row[:keys]): min(own) for row, own in zip(rows, counts, strict=True)}
    times, dense = _fill(sizes, question) if question.grain else ((), True)
    name = tuple(_told(minimum) if each.type.kind == "string" else None for each in question.dimensions)
    hidden = _hidden(sizes, minimum, name, question)
    named = dict.fromkeys(_group(key, question) for key in sizes if key not in hidden or not question.dimensions)
    blank = [None] * (len(columns) - keys)
    shown = [
        known[key] if key not in hidden else [*key, *blank] for key in sizes if _group(key, question) in named
    ]  # fmt: skip
    is_folded = any(_group(key, question) not in named for key in sizes)
    if is_folded and dense:
        shown += [[time, *name, *blank] for time in times] if question.grain else [[*name, *blank]]
    shown = ordered(shown, columns, question, times)
    limit = question.limit or question.most_rows
    folded = None
    if hidden:
        rest_of = _rest_of(named, question) if is_folded else None
        folded = Folded(minimum, name if is_folded else None, _of_groups(minimum, question, rest_of is None), rest_of)
    return shown[:limit], question.limit is None and len(shown) > limit, dense, folded


def _group(key: Key, question: Question) -> Key:
    return key[1:] if question.grain else key


def _fill(sizes: dict[Key, int], question: Question) -> tuple[list[str], bool]:
    """Every bucket of every group, where these are no more than an answer may have: (buckets, whether all are there)."""
    times = [each.name for each in question.buckets()]
    most = question.most_rows if question.limit is None else MAX_LIMIT
    spare = len(times) if question.dimensions else 0  # for what is folded
    cells = cells_of(sizes, question, most - spare)
    if cells is None:
        return sorted({key[0] for key in sizes}), False
    for cell in cells:
        sizes.setdefault(cell, 0)
    return times, True


def _hidden(sizes: dict[Key, int], minimum: int, name: Key, question: Question) -> set[Key]:
    """The cells of which no figure is shown."""
    found = {key for key, size in sizes.items() if size < minimum}
    if not found:
        return found
    # A group that is called as folded ones are could not be told from them.
    found |= {key for key in sizes if question.dimensions and _group(key, question) == name}
    rows = sum(sizes[key] for key in found)
    for key in sorted((key for key in sizes if key not in found), key=lambda key: (sizes[key], orjson.dumps(key))):
        if len(found) > 1 and rows >= minimum:
            break
        found.add(key)
        rows += sizes[key]
    return found


def _rest_of(named: Iterable[Key], question: Question) -> tuple[str | None, ...] | None:
    """The groups that are shown, where a filter can leave them out: names of folded ones would stand in its receipt."""
    shown = tuple(name for (name, *_) in named)
    is_told = len(question.dimensions) == 1 and question.dimensions[0].type.kind == "string" and not question.grain
    return shown if is_told and len(shown) <= MAX_APART else None


def _told(minimum: int) -> str:
    return f"fewer than {minimum}"


def _of_total(minimum: int) -> str:
    return f"Of fewer than {minimum} rows no figure is shown."


def _of_groups(minimum: int, question: Question, has_no_figure: bool) -> str:
    what = "Buckets" if question.grain else "Groups"
    told = f"{what} of fewer than {minimum} rows show no figure of their own, nor do others by which one could be told"
    if not question.dimensions:
        return f"{told}."
    return f"{told}; they are folded into “{_told(minimum)}”{', without a figure' if has_no_figure else ''}."


def least(counts: Iterable[Any]) -> int:
    """Of how many rows a figure is that is made of several: of as many as the one of the fewest."""
    return min(int(each or 0) for each in counts)
