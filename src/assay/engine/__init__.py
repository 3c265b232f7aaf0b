"""What Assay has to know of an engine to write SQL for it, to judge that SQL and to reach it; and which engines there are.

The engines themselves stand in `assay.engines`, one folder each, or in a package of a third party. Nothing here knows one
of them; the rooms above ask for an engine by its name and decide by what it says of itself.
"""

from assay.engine.description import Engine, Survey, Types
from assay.engine.installed import OWN_ENGINES, engine_of, installed, taking_outside_sql
from assay.engine.reading import Reading, listed
from assay.engine.spelling import Spelling
from assay.errors import EngineUnusable

Dialect = str
"""The name of an engine: that of its dialect too."""

__all__ = [
    "OWN_ENGINES",
    "Dialect",
    "Engine",
    "EngineUnusable",
    "Reading",
    "Spelling",
    "Survey",
    "Types",
    "engine_of",
    "installed",
    "listed",
    "taking_outside_sql",
]
