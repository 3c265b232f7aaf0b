"""An engine as it describes itself: plain data and small functions. Its driver is loaded when a backend is opened."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assay.engine.reading import Reading
from assay.engine.spelling import Spelling

if TYPE_CHECKING:  # what only a driver or a survey has to know
    from assay.backends.protocol import Backend, NotConfigured
    from assay.backends.registry import Surroundings
    from assay.catalog.found import Found
    from assay.catalog.workspace import BackendSettings

KINDS = ("string", "integer", "bigint", "double", "boolean", "date", "timestamp", "timestamp_ntz")
"""The dictionary's types that every engine has to be able to create; decimals are DECIMAL(precision, scale) on all."""
_COMPILER_CALLS = frozenset({"coalesce", "count", "max", "min", "nullif", "sum"})
_CLAUSES = frozenset({"select", "where", "group", "having", "qualify", "order"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Types:
    names: Mapping[str, str]
    """The dictionary's type -> what it is called in the engine's DDL."""
    meant: Mapping[str, str]
    """The engine's own name of a type, in lower case -> the name that the dictionary has for it, where that is another."""
    table_format: str | None
    """What CREATE TABLE has to say beside the columns: `USING DELTA`."""
    tells_collations: bool
    """Whether a column's collation can be seen from its type."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Survey:
    """How `assay init --from` reads a database that nobody here designed."""

    schemes: tuple[str, ...]
    """Of the addresses that it reads, before `://`."""
    example: str
    """Such an address."""
    read: Callable[[str, Sequence[str], Callable[[str], None]], Awaitable["Found"]]
    """(address, schemas or none for all, tell) -> what is there. Raises SetupFailed with the mend."""
    connection: Callable[[str, "Found"], tuple[str | None, dict[str, str]]]
    """(address, what is there) -> the environment variable that holds the address, where it may hold a secret; and the
    settings of the backend in assay.yaml."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Engine:
    name: str
    """As `driver:` in assay.yaml and `dialect` in the API say it."""
    types: Types
    spelling: Spelling
    reading: Reading
    settings: tuple[str, ...]
    """What assay.yaml has to say of a backend."""
    open: Callable[["BackendSettings", "Surroundings"], "Backend | NotConfigured"]
    """Loads the driver. Nothing is contacted yet; a missing driver gives NotConfigured."""
    survey: Survey | None


def faults_of(engine: Engine) -> Iterator[str]:
    """What the engine lacks, as parts of a sentence."""
    for name, kind in (("types", Types), ("spelling", Spelling), ("reading", Reading)):
        if not isinstance(getattr(engine, name), kind):
            yield f"{name} is not a {kind.__name__}"
            return
    if not re.fullmatch(r"[a-z][a-z0-9_]*", engine.name):
        yield f"its name {engine.name!r} has other than small letters, digits and _"
    if lacking := [kind for kind in KINDS if not engine.types.names.get(kind)]:
        yield f"its types have no name for {', '.join(lacking)}"
    yield from _reading_faults(engine.reading)
    yield from _spelling_faults(engine.spelling, engine.reading)
    for what, function in _functions_of(engine):
        if not callable(function):
            yield f"{what} is not a function"


def _functions_of(engine: Engine) -> Iterator[tuple[str, Any]]:
    yield "open", engine.open
    yield "reading.pattern_fault", engine.reading.pattern_fault
    for name in ("placeholder", "percentile", "at_utc", "later", "first_day", "cut_time", "ranked", "cut", "weekday",
                 "days_between", "seconds_between"):  # fmt: skip
        yield f"spelling.{name}", getattr(engine.spelling, name)


def _reading_faults(reading: Reading) -> Iterator[str]:
    if lacking := sorted(_COMPILER_CALLS - reading.functions):
        yield f"its functions lack {', '.join(lacking)}, which the compiler calls"
    if strange := sorted(reading.aliases_in - _CLAUSES):
        yield f"aliases_in names {', '.join(strange)}, which is no clause"
    for name in ("string", "quoted", "placeholder", "operators", "raw_string"):
        pattern = getattr(reading, name)
        try:
            re.compile(pattern or "")
        except (re.error, TypeError) as error:
            yield f"reading.{name} is not a regular expression ({error})"


def _spelling_faults(spelling: Spelling, reading: Reading) -> Iterator[str]:
    """The scanner has to read what the spelling writes, or every statement with a parameter would be refused."""
    text = spelling.placeholder(1).sql(dialect=reading.sqlglot)
    if not text.startswith(spelling.mark):
        yield f"the placeholder is written {text!r}, and spelling.mark says {spelling.mark!r}"
    if not re.fullmatch(reading.placeholder, text):
        yield f"the placeholder is written {text!r}, which reading.placeholder does not read"
