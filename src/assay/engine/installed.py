"""Which engines there are: Assay's own, and those that installed packages bring by an entry point `assay.engines`.

An engine is loaded when it is asked for by its name, once, and whole or not at all.
"""

import re
from functools import cache
from importlib import import_module, invalidate_caches
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from assay.engine.description import Engine, faults_of
from assay.errors import EngineUnusable

OWN_ENGINES = ("postgres", "duckdb", "databricks", "spark", "mariadb")
GROUP = "assay.engines"


@cache
def engine_of(name: str) -> Engine:
    """Raises EngineUnusable where there is no such engine, or with all that it lacks."""
    if name in OWN_ENGINES:
        found = import_module(f"assay.engines.{name}").ENGINE
    elif name in _brought():
        found = _loaded(name, _brought()[name])
    else:
        raise EngineUnusable(f"There is no engine {name!r}.", mend=f"use one of {', '.join(installed())}")
    if not isinstance(found, Engine):
        raise _unusable(name, "its entry point does not name an Engine")
    if faults := list(faults_of(found)):
        raise _unusable(name, "; ".join(faults))
    if found.name != name:
        raise _unusable(name, f"it calls itself {found.name!r}")
    return found


def installed() -> tuple[str, ...]:
    """The names, Assay's own first. Nothing is loaded."""
    return (*OWN_ENGINES, *sorted(_brought()))


def taking_outside_sql() -> tuple[str, ...]:
    """Those for which SQL from outside is judged. One that cannot be loaded is not among them."""
    found: list[str] = []
    for name in installed():
        try:
            if engine_of(name).reading.takes_outside_sql:
                found.append(name)
        except EngineUnusable:
            continue
    return tuple(found)


@cache
def _brought() -> dict[str, EntryPoint]:
    """By name; Assay's own are not replaced. Looking through all installed packages takes a while: once a process."""
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in OWN_ENGINES}


def find_packages_anew() -> None:
    """After a package came or went while this process runs."""
    invalidate_caches()
    _brought.cache_clear()
    engine_of.cache_clear()


def _loaded(name: str, point: EntryPoint) -> Any:
    try:
        return point.load()
    except TypeError as error:
        # Python names what a description was made without: "Reading.__init__() missing 1 required ...: 'collations'".
        made = re.match(r"(Engine|Reading|Spelling|Survey|Types)\.__init__\(\) missing ", str(error))
        lacking = ", ".join(re.findall(r"'(\w+)'", str(error)))
        raise _unusable(name, f"its {made[1]} lacks {lacking}" if made else str(error)) from error
    except (ImportError, AttributeError) as error:
        raise _unusable(name, f"it cannot be imported: {error}") from error


def _unusable(name: str, why: str) -> EngineUnusable:
    return EngineUnusable(f"The engine {name} cannot be used: {why}.", mend=f"ask whoever wrote the package for {name!r}")
