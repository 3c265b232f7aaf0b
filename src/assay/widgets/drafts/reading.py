"""From words to the definition of a new metric, drawn from the dictionary alone. What it cannot express it declines."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from assay.catalog.binder import Binder
from assay.catalog.dictionary import IN_ROLE, Dictionary, Table
from assay.catalog.entry import RESERVED, DimensionEntry, MetricEntry, Tolerance
from assay.catalog.formula import BadFormula
from assay.catalog.metric import Metric
from assay.catalog.spelling import slug, spoken, unused
from assay.catalog.zones import to_wall
from assay.errors import DraftDeclined
from assay.widgets.drafts.entries import OWNER, FromWords, among, named_window, short
from assay.widgets.drafts.quotients import quotient_from_words
from assay.widgets.drafts.spoken import Said, Spoken, checked, cut
from assay.widgets.drafts.vocabulary import UNITS, Thing, vocabulary
from assay.widgets.words.cover import Span
from assay.widgets.words.guards import declined, no_words
from assay.widgets.words.reader import Reader
from assay.widgets.words.text import cleaned, tokens

MAX_DIMENSIONS = 8
_OF_COLUMNS = {"sum": "SUM", "average": "AVG", "median": "MEDIAN", "highest": "MAX", "lowest": "MIN"}
_LABELS = {"sum": "Total", "average": "Average", "median": "Median", "highest": "Highest", "lowest": "Lowest"}


def entry_from_words(words: str, reader: Reader) -> FromWords:
    """Raises DraftDeclined with the reason. Pure: it reads what the reader has read of catalog and values."""
    refusal = no_words(words) or declined(words, reader.languages.values(), reader.lexicon, is_edit=False)
    if refusal:
        raise DraftDeclined(refusal[1])
    quotient = quotient_from_words(words, reader)
    if quotient is not None:
        return quotient
    workspace, language = reader.lexicon.workspace, reader.languages["en"]
    found = checked(cut(tokens(cleaned(words)), language, vocabulary(reader.lexicon)))
    wall = to_wall(reader.now(), workspace.zone)
    return _Drafting(workspace.dictionary, workspace.metrics, found, wall, words).drafted()


class _Drafting:
    def __init__(
        self, dictionary: Dictionary, metrics: dict[str, Metric], found: Spoken, wall: datetime, words: str
    ) -> None:
        self.dictionary = dictionary
        self.binder = Binder(dictionary)
        self.metrics = metrics
        self.found = found
        self.wall = wall
        self.words = words
        self.rest = list(found.said)
        """What is still to find its place."""

    def drafted(self) -> FromWords:
        kind = self.kind()
        measured = self.measured(kind)
        entity, named = self.entity(measured, kind)
        measure, unit, label = self.measure(kind, measured, entity, named)
        conditions, qualities, divided = self.conditions(entity)
        time = self.time(entity)
        names, dimensions = self.dimensions(entity, divided)
        entry = MetricEntry(
            id=unused(slug(f"{label} {' '.join(qualities)}", "metric"), {*self.metrics}),
            label=short(", ".join([label, *qualities]), 80),
            definition=short(f"{', '.join([label, *qualities])}. Drafted from the words: {cleaned(self.words)}", 600),
            entity=entity.name if self.dictionary.find(entity.name) is entity else entity.qualified,
            measure=measure, filter=" AND ".join(conditions) or None, time=time, window=self.window(time),
            dimensions=dimensions, unit=unit, owner=OWNER,
            # Engines interpolate a median in their own order: the last digit may differ.
            tolerance=Tolerance(relative=1e-9 if kind == "median" else 0, absolute=0),
        )  # fmt: skip
        return FromWords(entry, names, self.found.grain)

    # -- what is measured -----------------------------------------------------------------------

    def kind(self) -> str:
        kinds = dict.fromkeys(self.found.measures)
        if "distinct" in kinds or any(each.of("number") for each in self.rest):
            kinds.pop("count", None)
        if "count" in kinds:
            # `the total number of claims` is a number of claims.
            kinds.pop("sum", None)
        if len(kinds) > 1:
            raise DraftDeclined(f"The words ask for {' and '.join(kinds)} at once; a metric is one of them.")
        numbers = [each for each in self.rest if each.of("number") and not each.of("table")]
        if not kinds and numbers:
            raise DraftDeclined(
                f"“{numbers[0].words}” can be counted in several ways.",
                mend="say total, average, median, highest or lowest",
            )
        return next(iter(kinds), "count")

    def measured(self, kind: str) -> Said | None:
        if kind == "count":
            return None
        what = "key" if kind == "distinct" else "number"
        found = [each for each in self.rest if each.of(what)]
        if not found:
            known = "something that has a key" if kind == "distinct" else "a column of numbers"
            raise DraftDeclined(f"The words name no {what} to take the {kind} of: {known} of the dictionary.")
        if what == "number" and len(found) > 1:
            raise DraftDeclined(f"The words name several numbers: {', '.join(each.words for each in found)}.")
        self.rest.remove(found[0])
        return found[0]

    def entity(self, measured: Said | None, kind: str) -> tuple[Table, Said | None]:
        """The table whose rows count, and the words that name it."""
        saids = [each for each in self.rest if each.of("table")]
        # `repair` is a table's row and a way to settle a claim: beside another table it is the latter.
        plain = [each for each in saids if not each.of("value", "flag")]
        saids = plain or saids[:1]
        tables = {thing.table for each in saids for thing in each.of("table")}
        if len(tables) > 1:
            raise DraftDeclined(f"The words name several things to count: {', '.join(sorted(tables))}.", mend="name one")
        for each in saids:
            self.rest.remove(each)
        if tables:
            return self.dictionary.tables[tables.pop()], saids[0]
        if measured is not None and kind != "distinct":
            tables = {thing.table for thing in measured.of("number")}
            if len(tables) == 1:
                return self.dictionary.tables[tables.pop()], None
            raise DraftDeclined(f"“{measured.words}” stands in {' and '.join(sorted(tables))}.", mend="say of which")
        raise DraftDeclined("The words do not say what is counted.", mend="name a table of the dictionary, such as claims")

    def measure(self, kind: str, measured: Said | None, entity: Table, named: Said | None) -> tuple[str, str, str]:
        """Formula, unit and label."""
        noun = named.words if named else spoken(entity.name).lower()
        if kind == "count":
            return "COUNT(*)", "count", f"Number of {noun}"
        assert measured is not None
        what = "key" if kind == "distinct" else "number"
        thing = self.reached(measured, what, entity)
        column = self.written(thing, entity)
        if kind == "distinct":
            return f"COUNT(DISTINCT {column})", "count", f"Distinct {measured.words} of {noun}"
        unit = UNITS.get(thing.column.rpartition("_")[2], "")
        return f"{_OF_COLUMNS[kind]}({column})", unit, f"{_LABELS[kind]} {measured.words}" + (f" of {noun}" if named else "")

    # -- which rows -----------------------------------------------------------------------------

    def conditions(self, entity: Table) -> tuple[list[str], list[str], list[Thing]]:
        """Conditions as SQL, the words that made them, and what the preview is divided by."""
        values: dict[tuple[str, bool], list[str]] = {}
        qualities: list[str] = []
        divided: list[Thing] = []
        columns: set[str] = set()
        before: str | None = None
        for each in self.rest:
            if each.is_by and each.of("dimension"):
                divided.append(self.reached(each, "dimension", entity))
                continue
            what = "value" if each.of("value") else "flag"
            if not each.of(what):
                continue
            thing = self.reached(each, what, entity)
            column = self.written(thing, entity)
            _is_one_list(each, column, before)
            before = column
            columns.add(thing.column)
            values.setdefault((column, each.is_not), []).extend([thing.value] if what == "value" else [])
            qualities.append(f"not {each.words}" if each.is_not else each.words)
        self.nothing_is_dropped(columns)
        conditions = [among(column, listed, is_not) for (column, is_not), listed in values.items()]
        return conditions, qualities, divided

    def nothing_is_dropped(self, filtered: set[str]) -> None:
        """A column may only stand by itself where it says whose value a neighbour is: `region West`."""
        for each in self.rest:
            if (each.is_by and each.of("dimension")) or each.of("value", "flag"):
                continue
            if {thing.column for thing in each.of("dimension")} & filtered:
                continue
            mend = f"say “by {each.words}”, or name one of its values" if each.of("dimension") else None
            raise DraftDeclined(f"It is not clear what “{each.words}” is to do here.", mend=mend)

    def reached(self, said: Said, what: str, entity: Table) -> Thing:
        """The one thing of this kind that the entity has, or that approved joins reach."""
        things = said.of(what)
        own = [each for each in things if each.table == entity.qualified]
        found = own or [each for each in things if self.reaches(entity, each.table)]
        if what == "value":
            # `channel phone`: the dimension beside it says whose value it is.
            beside = {thing.column for each in self.rest if not each.is_by for thing in each.of("dimension")}
            found = [each for each in found if each.column in beside] or found
        if len({(each.table, each.column, each.value) for each in found}) == 1:
            return found[0]
        if not found:
            raise self.unreached(said, things, entity)
        places = ", ".join(sorted(f"{each.table}.{each.column}" for each in found))
        raise DraftDeclined(f"“{said.words}” may be one of {places}.", mend="say which, or send the definition itself")

    def unreached(self, said: Said, things: Sequence[Thing], entity: Table) -> DraftDeclined:
        """Why none of them can be had: no chain of joins leads there, or several do, and words name none of them."""
        several = {".".join(join.join_id for join in way): None for each in things
                   for way in self.binder.ways.shortest(entity.qualified, each.table)[0]}  # fmt: skip
        if several:
            way = next(iter(several))
            return DraftDeclined(
                f"“{said.words}” can be reached in more than one way from {entity.qualified} ({' or '.join(several)}), and"
                " these words name none of them.",
                mend=f"send the definition itself, with the way that is meant, such as {way}.{things[0].column}",
            )
        return DraftDeclined(f"“{said.words}” cannot be joined to {entity.qualified} without counting rows more than once.")

    def reaches(self, entity: Table, table: str) -> bool:
        try:
            self.binder.ways.reached(entity, _way(table) or table)
        except BadFormula:
            return False
        return True

    def written(self, thing: Thing, entity: Table) -> str:
        if thing.table == entity.qualified:
            return thing.column
        return f"{_way(thing.table) or self.dictionary.tables[thing.table].name}.{thing.column}"

    # -- when, and by what ----------------------------------------------------------------------

    def time(self, entity: Table) -> str | None:
        """The time by which the catalog counts these rows already; else the first that the dictionary marks as one."""
        parts = [part for metric in self.metrics.values() for part in metric.parts if part.entity is entity]
        used = Counter(part.time.name for part in parts if part.time is not None)
        if used:
            return used.most_common(1)[0][0]
        columns = entity.columns.values()
        return next((each.name for each in columns if each.role == "timestamp" and each.type.is_time), None)

    def window(self, time: str | None) -> str | None:
        span: Span | None = self.found.windows[0] if self.found.windows else None
        if span is None:
            return "trailing_30d" if time else None
        if time is None:
            raise DraftDeclined(f"These rows have no time, so “{span.words}” cannot be said of them.")
        return named_window(span, self.wall)

    def dimensions(self, entity: Table, divided: list[Thing]) -> tuple[tuple[str, ...], tuple[str | DimensionEntry, ...]]:
        """What was asked for, then what the table has itself; and how the former are called."""
        found: dict[Thing, str | DimensionEntry] = {}
        taken = {*RESERVED}
        own = [Thing("dimension", entity.qualified, each.name) for each in entity.columns.values()
               if each.role == "dimension" and each.pii is None and each.type.kind != "other"]  # fmt: skip
        for each in dict.fromkeys([*divided, *own[: max(MAX_DIMENSIONS - len(divided), 0)]]):
            name = unused(slug(each.column, "column"), taken)
            is_own = each.table == entity.qualified and name == each.column
            found[each] = name if is_own else DimensionEntry(name=name, column=self.written(each, entity))
        named = [found[each] for each in dict.fromkeys(divided)]
        return tuple(each if isinstance(each, str) else each.name for each in named), tuple(found.values())


def _way(table: str) -> str:
    """The joins of a table in a role, as formulas write them; none of a table that has one way alone."""
    return table.partition(IN_ROLE)[2].replace(" > ", ".")


def _is_one_list(said: Said, column: str, before: str | None) -> None:
    """`or`, and what follows `except`, tie values of one column; between two columns nobody can say what is meant."""
    if said.tie and before is None:
        raise DraftDeclined(
            f"“{said.tie} {said.words}” may be a second thing to count.", mend="name one thing and its qualities"
        )
    if before != column and (said.tie == "or" or (said.tie and said.is_not)):
        tied = "except … and" if said.is_not else "or"
        raise DraftDeclined(f"“{tied} {said.words}” ties {column} to {before}; the conditions of a metric hold all at once.")
