"""The living reader: the values of dimensions read through the corridor and kept fresh, and the reader made of them.

The first reading waits for the values; after that they are read anew in the background, no oftener than once a
minute, and a reading uses what is known. Values that were read before stay known while a backend is away.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from datetime import timedelta

from assay.answers.resolve import Corridor
from assay.catalog.metric import Dimension, Metric
from assay.catalog.windows import to_wall
from assay.catalog.workspace import Workspace
from assay.compiler.question import Asked, AskedBounds, Question
from assay.errors import AssayError
from assay.widgets.words.language import Language, load_languages, load_strangers
from assay.widgets.words.lexicon import build_lexicon, column_key
from assay.widgets.words.reader import Reader
from assay.widgets.words.synonyms import FILE, read_synonyms

MAX_VALUES = 1_000
FRESH_SECONDS = 60.0
_LOOKED_BACK = timedelta(days=730)
_log = logging.getLogger(__name__)


class LivingReader:
    """One for a process. `reader()` gives the reader of this moment's catalog and values."""

    def __init__(self, corridor: Corridor) -> None:
        self._corridor = corridor
        self._languages: dict[str, Language] | None = None
        self._strangers: dict[str, frozenset[str]] = {}
        self._values: dict[str, tuple[str, ...]] = {}
        self._read_at: float | None = None
        self._built: tuple[object, Reader] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    async def reader(self) -> Reader:
        async with self._starting:
            if self._languages is None:
                self._languages, self._strangers = await asyncio.to_thread(lambda: (load_languages(), load_strangers()))
            if self._read_at is None:
                await self._refresh()
        if self._is_old() and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._refresh_quietly())
        return self._current()

    def _is_old(self) -> bool:
        return self._read_at is None or time.monotonic() - self._read_at > FRESH_SECONDS

    def _current(self) -> Reader:
        workspace = self._corridor.catalog.workspace
        key = (workspace.version, _seen(workspace), id(self._values))
        if self._built is None or self._built[0] != key:
            assert self._languages is not None
            synonyms, _ = read_synonyms(workspace)
            lexicon = build_lexicon(workspace, synonyms, self._values, self._languages)
            reader = Reader(lexicon, self._languages, self._strangers, self._corridor.now, self._note)
            self._built = (key, reader)
        return self._built[1]

    def _note(self, question: Question) -> str | None:
        """The routes say where a question is answered; whether they can is no matter of its words."""
        try:
            self._corridor.route(question, self._corridor.catalog)
        except AssayError as error:
            return error.detail
        return None

    async def _refresh_quietly(self) -> None:
        try:
            await self._refresh()
        except AssayError as error:
            _log.warning("values of dimensions could not be read: %s", error.detail)

    async def _refresh(self) -> None:
        workspace = self._corridor.catalog.workspace
        found = dict(self._values)
        for key, (metric, dimension) in value_columns(workspace.metrics.values()).items():
            try:
                found[key] = await self._values_of(metric, dimension, workspace)
            except AssayError as error:
                _log.info("values of %s stay as they were: %s", key, error.detail)
        if found != self._values:
            self._values = found
        self._read_at = time.monotonic()

    async def _values_of(self, metric: Metric, dimension: Dimension, workspace: Workspace) -> tuple[str, ...]:
        window = None
        if metric.has_time:
            tomorrow = to_wall(self._corridor.now(), workspace.zone).date() + timedelta(days=1)
            window = AskedBounds(start=(tomorrow - _LOOKED_BACK).isoformat(), end=tomorrow.isoformat())
        told = await self._corridor.ask(
            (metric.metric_id,), Asked(dimensions=(dimension.name,), window=window, limit=MAX_VALUES)
        )
        return tuple(sorted(row[0] for row in told.answer.rows if isinstance(row[0], str)))


def value_columns(metrics: Iterable[Metric]) -> dict[str, tuple[Metric, Dimension]]:
    """Every column of text that some metric is divided by, and a metric to read it through: one with a time if any."""
    found: dict[str, tuple[Metric, Dimension]] = {}
    for metric in sorted(metrics, key=lambda each: (not each.has_time, len(each.parts))):
        for dimension in metric.dimensions.values():
            if dimension.type.kind == "string" and dimension.column.pii is None:
                found.setdefault(column_key(dimension), (metric, dimension))
    return found


def _seen(workspace: Workspace) -> tuple[int, int]:
    try:
        seen = (workspace.root / FILE).stat()
    except OSError:
        return 0, 0
    return seen.st_mtime_ns, seen.st_size
