"""The living reader: the values of dimensions read through the corridor and kept fresh, and the reader made of them.

The first reading waits for the values; after that they are read anew in the background, no oftener than once a
minute, and a reading uses what is known. Values that were read before stay known while a backend is away.
"""

import asyncio
import contextlib
import hashlib
import logging
import pickle
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextvars import Context
from dataclasses import replace
from typing import Any, TypeVar

from assay.answers.resolve import Corridor
from assay.catalog.census import ROWS
from assay.catalog.metric import Dimension, Metric
from assay.catalog.workspace import Workspace
from assay.compiler.question import Asked, AskedFilter, Question
from assay.errors import AssayError, DraftDeclined
from assay.people.scope import EVERYTHING, Scope
from assay.widgets.drafts.entries import FromWords
from assay.widgets.words import apart
from assay.widgets.words.lexicon import Values
from assay.widgets.words.outcome import Reading, Spec
from assay.widgets.words.reader import Reader
from assay.widgets.words.synonyms import FILE, read_synonyms
from assay.widgets.words.terms import build_lexicon
from assay.work.patience import FILES_SECONDS, WORKSPACE_FILES, Aside, in_time, with_files
from assay.work.pool import Kept

MAX_VALUES = 1_000
READING_CPU_SECONDS = 3.0
"""A request takes milliseconds, the first of a worker up to a second: it takes the names of the catalog apart. Words that
were made to take longer are refused."""
FRESH_SECONDS = 60.0
_MOST_READERS = 20
"""Of as many scopes values are kept; whoever comes beyond them waits for theirs."""
_MOST_COLUMNS = 20
_AT_ONCE = 4
"""So many columns are read side by side: each takes a connection of the engine that others are waiting for."""
_MOST_LOOKED_UP = 200
_LONGEST = 5
"""Parts of a request that a value may be made of."""
_log = logging.getLogger(__name__)
T = TypeVar("T")


class LivingReader:
    """One for a process and for what is seen. `reader()` gives the reader of this moment's catalog and values."""

    def __init__(self, corridor: Corridor, scope: Scope = EVERYTHING) -> None:
        self._corridor = corridor
        self._scope = scope
        self._others: OrderedDict[str, LivingReader] = OrderedDict()
        self._values: dict[str, tuple[str, ...]] = {}
        self._read_at: float | None = None
        self._built: tuple[object, Reader, Kept] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._file: object = None
        """Of the synonyms, as it was seen last."""
        self._looking = Aside()

    def of(self, scope: Scope) -> "LivingReader":
        """The one that knows no more than the scope holds."""
        if scope == self._scope:
            return self
        found = self._others.get(scope.key)
        if found is None:
            found = self._others[scope.key] = LivingReader(self._corridor, scope)
        self._others.move_to_end(scope.key)
        if len(self._others) > _MOST_READERS:
            self._others.popitem(last=False)
        return found

    async def reader(self) -> Reader:
        async with self._starting:
            if self._read_at is None:
                await self._refresh()
            if self._is_old() and (self._refreshing is None or self._refreshing.done()):
                self._refreshing = asyncio.create_task(self._refresh_quietly(), context=Context())
            workspace = self._corridor.catalog.workspace
            with contextlib.suppress(TimeoutError):  # a disk that does not answer: as it was
                self._file = await in_time(FILES_SECONDS, _seen, workspace, aside=self._looking)
            key = (workspace.version, id(self._values), self._file)
            if self._built is None or self._built[0] != key:
                self._built = (key, *await with_files(WORKSPACE_FILES, self._build, self._askable(workspace)))
            return self._built[1]

    async def prepare(self) -> None:
        """What the first request would wait for: the values, and what a worker makes of them. Raises AssayError."""
        await self._run(await self.reader(), apart.read, {}, "how much of what", {}, None, 0)

    async def read(
        self, reader: Reader, words: str, answers: Mapping[str, str], base: Spec | None, rounds: int = 0
    ) -> Reading:
        """As `reader` reads them. Raises TooMuchWork."""
        return await self._apart(reader, apart.read, words, answers, base, rounds)

    async def read_answered(
        self, reader: Reader, words: str, answers: Mapping[str, str], base: Spec | None, rounds: int
    ) -> Reading:
        """As `reader` reads them with these answers. Raises BadQuestion, TooMuchWork."""
        return await self._apart(reader, apart.read_answered, words, answers, base, rounds)

    async def _apart(self, reader: Reader, read: Callable[..., Reading], words: str, *arguments: Any) -> Reading:
        reading = await self._run(reader, read, {}, words, *arguments)
        found = await self._looked_up(reader, reading)
        if found:
            reading = await self._run(reader, read, found, words, *arguments)
        if reading.spec is None or reader.note is None:
            return reading
        return replace(reading, note=reader.note(reader.question(reading.spec)))

    async def draft(self, reader: Reader, words: str) -> FromWords:
        """The definition of a new metric. Raises DraftDeclined with the reason, TooMuchWork."""
        found = await self._run(reader, apart.draft, words)
        if isinstance(found, DraftDeclined):
            raise found
        return found

    async def _run(self, reader: Reader, work: Callable[..., T], *arguments: Any) -> T:
        built = self._built
        kept = built[2] if built is not None and built[1] is reader else await asyncio.to_thread(_kept, reader)
        return await self._corridor.workers.run(
            work, reader.now(), *arguments, cpu_seconds=READING_CPU_SECONDS, kept=kept, what="This request"
        )

    def _askable(self, whole: Workspace) -> Workspace:
        """With those metrics alone that may be asked."""
        return whole if self._scope == EVERYTHING else replace(whole, metrics=self._scope.askable(whole.metrics))

    def _is_old(self) -> bool:
        return self._read_at is None or time.monotonic() - self._read_at > FRESH_SECONDS

    def _build(self, workspace: Workspace) -> tuple[Reader, Kept]:
        languages, strangers = apart.warm()
        synonyms, _ = read_synonyms(workspace)
        lexicon = build_lexicon(workspace, synonyms, self._values, languages)
        reader = Reader(lexicon, languages, strangers, self._corridor.now, self._note, self._scope)
        return reader, _kept(reader)

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
        workspace = self._askable(self._corridor.catalog.workspace)
        columns = value_columns(workspace.metrics.values())
        read = await self._values_at_once(columns, "values of %s stay as they were: %s")
        found = self._values | {key: read[key] for key in columns if key in read}
        if found != self._values:
            self._values = found
        self._read_at = time.monotonic()

    async def _values_of(self, metric: Metric, dimension: Dimension, among: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Those that the column has, or has of these."""
        filters = (AskedFilter(dimension=dimension.name, op="in", values=among),) if among else ()
        asked = Asked(dimensions=(dimension.name,), filters=filters, limit=MAX_VALUES)
        told = await self._corridor.ask((f"{metric.metric_id}:{ROWS}",), asked, self._scope)
        folded = told.answer.folded and told.answer.folded.group
        return tuple(sorted(row[0] for row in told.answer.rows if isinstance(row[0], str) and folded != (row[0],)))

    async def _looked_up(self, reader: Reader, reading: Reading) -> Values:
        """What the columns that have more values than are kept, or whose values are not known, hold of the unknown words."""
        wanted = _unknown(reading)
        if not wanted:
            return {}
        columns = value_columns(reader.lexicon.workspace.metrics.values())
        cut = [each for each in columns if not 0 < len(reader.lexicon.values.get(each, ())) < MAX_VALUES]
        looked_at = {each: columns[each] for each in cut[:_MOST_COLUMNS]}
        found = await self._values_at_once(looked_at, "values of %s were not looked up: %s", wanted)
        return {key: found[key] for key in looked_at if found.get(key)}

    async def _values_at_once(
        self, columns: Mapping[str, tuple[Metric, Dimension]], else_say: str, among: tuple[str, ...] = ()
    ) -> Values:
        """Of these columns, a few at a time; those that cannot be read are left out, and said to the log."""
        found, free = dict[str, tuple[str, ...]](), asyncio.Semaphore(_AT_ONCE)

        async def read(key: str) -> None:
            async with free:
                try:
                    found[key] = await self._values_of(*columns[key], among)
                except AssayError as error:
                    _log.info(else_say, key, error.detail)

        async with asyncio.TaskGroup() as group:
            for key in columns:
                group.create_task(read(key))
        return found


def _unknown(reading: Reading) -> tuple[str, ...]:
    """Runs of words around those that nobody knows, as they were written and as names are: what may be a value."""
    told, found = reading.accounted, dict[str, None]()
    unknown = [at for at, each in enumerate(told) if each.means == "not known" or each.mended]
    runs = [
        (start, start + size) for size in range(1, _LONGEST + 1) for at in unknown for start in range(at - size + 1, at + 1)
    ]
    for start, end in (run for run in dict.fromkeys(runs) if run[0] >= 0 and run[1] <= len(told)):
        words = " ".join(each.words for each in told[start:end]).split()
        # With what stands between the words where they were written: `AC/DC`.
        written = re.search(r"\W*".join(map(re.escape, words)), reading.words)
        text = written[0] if written else " ".join(words)
        found |= dict.fromkeys((text, text.lower(), text.upper(), text.title(), text[:1].upper() + text[1:]))
    return tuple(found)[:_MOST_LOOKED_UP]


def value_columns(metrics: Iterable[Metric]) -> dict[str, tuple[Metric, Dimension]]:
    """Every column of text that some metric is divided by, and a metric to read it through: one with a time if any."""
    found: dict[str, tuple[Metric, Dimension]] = {}
    for metric in sorted(metrics, key=lambda each: (not each.has_time, len(each.parts))):
        for dimension in metric.dimensions.values():
            if dimension.type.kind == "string" and (dimension.column is None or dimension.column.pii is None):
                found.setdefault(dimension.key, (metric, dimension))
    return found


def _kept(reader: Reader) -> Kept:
    pickled = pickle.dumps(reader.lexicon, protocol=pickle.HIGHEST_PROTOCOL)
    return Kept(hashlib.sha256(pickled).hexdigest(), pickled)


def _seen(workspace: Workspace) -> tuple[int, int]:
    try:
        seen = (workspace.root / FILE).stat()
    except OSError:
        return 0, 0
    return seen.st_mtime_ns, seen.st_size
