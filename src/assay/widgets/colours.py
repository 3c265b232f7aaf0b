"""The colour of a value: chosen by a file, or given once and kept, so that every chart of everybody has the same.

A value travels here as JSON, `["West"]`: the raw values of a series, never how they read.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from assay.catalog.colours import HUES, METRICS
from assay.catalog.workspace import Workspace
from assay.errors import BadQuestion, StoreUnavailable
from assay.store.colours import Given, give_colours, list_colours
from assay.store.database import Database

_MOST_KEPT = 1_000
"""Values of one dimension; those beyond have a colour by their name alone, the same for everybody too."""
_MOST_TOLD = 200
"""Of each dimension at once; a page asks for others when it meets them."""
_LONGEST = 400


class Colours(NamedTuple):
    """`hues` by value; `chosen` are those that the workspace's file names: in one chart they come first."""

    hues: dict[str, int]
    chosen: tuple[str, ...]


async def known_colours(workspace: Workspace, database: Database) -> dict[str, Colours]:
    """Of every dimension that has any."""
    given = await list_colours(database, _MOST_TOLD)
    names = dict.fromkeys((*workspace.colours, *given))
    return {name: _settled(workspace.colours.get(name, {}), given.get(name, [])) for name in names}


async def colours_of(workspace: Workspace, database: Database, dimension: str, values: Sequence[str]) -> Colours:
    """Of these values, given to them now where they had none. Raises BadQuestion for a dimension that nobody has."""
    _expect_known(workspace, dimension)
    chosen = workspace.colours.get(dimension, {})

    def choose(known: Given) -> Mapping[str, int]:
        held = _settled(chosen, known).hues
        room = max(0, _MOST_KEPT - len(known))
        fresh = sorted({each for each in values if each not in held and len(each) <= _LONGEST})[:room]
        given: dict[str, int] = {}
        for value in fresh:
            if _chosen_of(value, chosen) is None:
                given[value] = _freest(_begin(dimension, value), [*held.values(), *given.values()])
        return given

    held = _settled(chosen, await give_colours(database, dimension, choose))
    found = {
        each: _chosen_of(each, chosen) or held.hues.get(each) or _begin(dimension, each) + 1 for each in values
    }  # fmt: skip
    return Colours(found, tuple(each for each in found if _chosen_of(each, chosen)))


async def hues_of_chart(workspace: Workspace, database: Database, dimension: str, values: Sequence[str]) -> dict[str, int]:
    """As a chart of these values has them: two of one chart never share a hue, and one that a file chose keeps its own.

    While the store is away each has the hue that its name alone begins at."""
    if not values:
        return {}
    try:
        told = await colours_of(workspace, database, dimension, values)
    except StoreUnavailable:
        told = Colours({each: _begin(dimension, each) + 1 for each in values}, ())
    found: dict[str, int] = {}
    for value in sorted(set(values), key=lambda each: (each not in told.chosen, each)):
        hue = told.hues[value]
        found[value] = _freest(hue - 1, found.values()) if hue in found.values() else hue
    return found


def _expect_known(workspace: Workspace, dimension: str) -> None:
    """One dimension, or several in their order, each on a line; the last may be `metric`."""
    known = {METRICS, *(name for metric in workspace.metrics.values() for name in metric.dimensions)}
    unknown = next((each for each in dimension.split("\n") if each not in known), None)
    if unknown is not None:
        raise BadQuestion(f"no metric has a dimension {unknown!r}", field="dimension")


def _chosen_of(value: str, chosen: Mapping[str, int]) -> int | None:
    """A file names a value as it reads: `3` and `true` are the number and the flag as well as their texts."""
    if not chosen:
        return None
    try:
        parts: Any = json.loads(value)
    except ValueError:
        return None
    if not isinstance(parts, list) or len(parts) != 1 or parts[0] is None:
        return None
    return chosen.get(parts[0] if isinstance(parts[0], str) else json.dumps(parts[0]))


def _settled(chosen: Mapping[str, int], given: Given) -> Colours:
    """What the file chose; what was given, unless the file gives it to another: then the freest, in the order of giving."""
    hues = {json.dumps([value], ensure_ascii=False, separators=(",", ":")): hue for value, hue in chosen.items()}
    names, taken = tuple(hues), set(chosen.values())
    for value, hue in given:
        own = _chosen_of(value, chosen)
        hues[value] = own or (hue if hue not in taken else _freest(hue - 1, hues.values()))
    return Colours(hues, names)


def _begin(dimension: str, value: str) -> int:
    """A place to begin looking that depends on the name alone (FNV-1a), from 0."""
    held = 0x811C9DC5
    for byte in f"{dimension}\n{value}".encode(errors="surrogatepass"):
        held = (held ^ byte) * 0x01000193 & 0xFFFFFFFF
    return held % len(HUES)


def _freest(begin: int, taken: Iterable[int]) -> int:
    """The next hue, 1 to 8, that the fewest have."""
    counts = Counter(taken)
    order = [(begin + step) % len(HUES) + 1 for step in range(len(HUES))]
    return min(order, key=lambda hue: counts[hue])
