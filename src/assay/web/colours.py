"""The colours of values over HTTP: all that are known, and those of values that a page meets for the first time."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assay.web.room import Room
from assay.web.wiring import Run, Sees
from assay.widgets.colours import Colours, colours_of, known_colours

router = Room("widgets", "/v1/colours")


class ColoursIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dimension: str = Field(min_length=1, max_length=400, description="several in their order: each on a line of its own")
    values: list[Annotated[str, Field(max_length=2_000)]] = Field(
        min_length=1, max_length=200, description='each as JSON: ["West"]'
    )


class DimensionColours(BaseModel):
    """`hues`: 1 to 8, by value as JSON. `chosen`: those of them that assay.yaml names."""

    dimension: str
    hues: dict[str, int]
    chosen: list[str]


class ColoursOut(BaseModel):
    colours: list[DimensionColours]


@router.get("")
async def colours(running: Run, sees: Sees) -> ColoursOut:
    """What the workspace chose and, for those who see every row, what was given so far, of each dimension the first 200."""
    known = await known_colours(running.catalog.workspace, running.database)
    if not sees.is_whole:  # values were given a colour as somebody saw them
        known = {
            name: Colours({value: each.hues[value] for value in each.chosen}, each.chosen) for name, each in known.items()
        }
    return ColoursOut(colours=[_told(dimension, each) for dimension, each in known.items()])


@router.post("")
async def give_colours(given: ColoursIn, running: Run) -> DimensionColours:
    """The colours of these values. One that has none yet is given one, and keeps it: everybody sees the same."""
    found = await colours_of(running.catalog.workspace, running.database, given.dimension, given.values)
    return _told(given.dimension, found)


def _told(dimension: str, known: Colours) -> DimensionColours:
    return DimensionColours(dimension=dimension, hues=known.hues, chosen=list(known.chosen))
