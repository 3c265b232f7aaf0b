"""The first page of a drafted workspace: a headline with figures beside it, its trend, splits by name, a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assay.catalog.spelling import unused
from assay.catalog.splits import LEAST_FILLED, Split, splits_by_worth
from assay.catalog.vocabulary import small
from assay.catalog.when import When
from assay.catalog.yaml_text import Entry

_FIGURES = 4
_BARS = 10


@dataclass(frozen=True)
class Headline:
    """A metric that was drafted, as far as a page has to know it."""

    entry: Entry
    table: str
    whole: str
    """The table, or the one that its rows are parts of."""
    when: When
    splits: Sequence[Split]
    is_flow: bool

    @property
    def metric_id(self) -> str:
        return self.entry["id"]

    @property
    def label(self) -> str:
        return self.entry["label"]


def first_page(headlines: Sequence[Headline]) -> Entry:
    """`headlines`: what was drafted, the weightiest first."""
    figures, taken, tiles = _figures(headlines), set[str](), list[Entry]()
    width = 12 // max(len(figures), 1)
    for number, each in enumerate(figures):
        tiles.append(_tile(unused(each.metric_id, taken), (number * width, 0, width, 2), _kpi(each)))
    y = 2 if figures else 0
    for row in _rows(list(_charts(headlines))):
        x = 0
        for width, (name, widget) in row:
            tiles.append(_tile(unused(name, taken), (x, y, width, 4), widget))
            x += width
        y += 4
    return {
        "dashboard_id": "overview", "label": "Overview",
        "description": "A first page, drafted from the database: keep what is useful, throw the rest away.", "tiles": tiles,
    }  # fmt: skip


def _figures(headlines: Sequence[Headline]) -> list[Headline]:
    """The headline, and beside it what else there is of its table and of others."""
    picked: list[Headline] = []
    for first, most in ((3, 2), (_FIGURES, _FIGURES)):
        for each in headlines:
            of_table = sum(other.table == each.table for other in picked)
            if (
                each not in picked
                and of_table < (first if each.table == headlines[0].table else most)
                and (len(picked) < _FIGURES)
            ):
                picked.append(each)
    return sorted(picked, key=headlines.index)


def _charts(headlines: Sequence[Headline]) -> Iterator[tuple[int, tuple[str, Entry]]]:
    """(wanted width, (name, widget)) of what stands below the figures."""
    trends = [each for each in headlines if each.when.trend is not None]
    main = next((each for each in trends if each.is_flow), None)
    if main is not None:
        yield 8, (f"trend_{main.metric_id}", _trend(main))
    bars = _bars(headlines)
    for number, (each, split) in enumerate(bars):
        yield 4 if number == 0 and main else 6, (f"{each.metric_id}_by_{split.name}"[:56], _bar(each, split))
    table = _table(headlines, bars)
    if table is not None:
        yield 6, table
    others = [each for each in trends if main is not None and each.metric_id != main.metric_id]
    # Two counts that go along with one another are one picture.
    second = next((each for each in others if each.entry.get("measure") != "COUNT(*)"), None)
    if second is not None:
        yield 6, (f"trend_{second.metric_id}", _trend(second))


def _bars(headlines: Sequence[Headline]) -> list[tuple[Headline, Split]]:
    """Three splits, each by something else: of what is added up, and where that has too few, of averages beside it."""
    own = [each for each in headlines[:_SPLIT] if each.whole == headlines[0].whole]
    main, beside = [each for each in own if each.is_flow], [each for each in own if not each.is_flow]
    others = [each for each in headlines[:_SPLIT] if each.is_flow and each not in own]
    picked: list[tuple[Headline, Split]] = []
    for metrics, most, again in (
        (main, 1, False),
        (beside, 1, False),
        (main, 3, False),
        (beside, 1, True),
        (others, 1, False),
    ):
        for each in metrics:
            # What only the parts tell, such as the products of orders, comes before what the whole is divided by already.
            told = {split.label for split in headlines[0].splits} if each.table != headlines[0].table else set[str]()
            for split in sorted(splits_by_worth(list(each.splits)), key=lambda split: split.label in told):
                alike = sum(_is_alike(split, other) for _, other in picked)
                of_metric = sum(other is each for other, _ in picked)
                # Two bars are told once; more of them say something else of an average than of what is added up.
                may_come = alike == 0 or (again and alike == 1 and (split.values or 3) > 2)
                if may_come and of_metric < most and len(picked) < 3:
                    picked.append((each, split))
    return sorted(picked, key=lambda pair: headlines.index(pair[0]))


_SPLIT = 8
"""Of so many metrics splits are shown: those behind are of lesser tables."""
_WHERE = ("country", "city", "state", "region", "county", "district")


def _is_alike(one: Split, other: Split) -> bool:
    """Countries, and the cities in them, say much the same."""
    where = [each.name.rpartition("_")[2] in _WHERE for each in (one, other)]
    return one.label == other.label or all(where)


def _table(headlines: Sequence[Headline], bars: Sequence[tuple[Headline, Split]]) -> tuple[str, Entry] | None:
    """The things that make most of the headline: products, customers' cities, stations."""
    for main in headlines:
        shown = {split.name for each, split in bars if each.table == main.table}
        split = max(
            (each for each in main.splits
             if each.name not in shown and (each.values or 0) > 3 and each.filled >= LEAST_FILLED),
            key=lambda each: (not any(_is_alike(each, other) for _, other in bars), (each.values or 0) > _BARS),
            default=None,
        )  # fmt: skip
        if not main.is_flow or split is None:
            continue
        others = [each for each in headlines if each.table == main.table and each is not main][:2]
        names = [main.metric_id, *(each.metric_id for each in others)]
        title = " and ".join(filter(None, (", ".join([main.label, *(small(each.label) for each in others[:-1])]),
                                           small(others[-1].label) if others else "")))  # fmt: skip
        by = "value" if len(names) == 1 else main.metric_id
        question = {"metrics": names, **main.when.asked(), "dimensions": [split.name],
                    "order": [{"by": by, "descending": True}], "limit": _BARS}  # fmt: skip
        title = f"{title} by {small(split.label)}"
        return f"table_by_{split.name}"[:56], {"kind": "table", **_named(title, main.when.told), "question": question}
    return None


def _rows(charts: list[tuple[int, tuple[str, Entry]]]) -> Iterator[list[tuple[int, tuple[str, Entry]]]]:
    """Rows of 12 columns; a row that is not full is stretched."""
    row: list[tuple[int, tuple[str, Entry]]] = []
    for each in charts:
        if sum(width for width, _ in row) + each[0] > 12:
            yield _stretched(row)
            row = []
        row.append(each)
    if row:
        yield _stretched(row)


def _stretched(row: list[tuple[int, tuple[str, Entry]]]) -> list[tuple[int, tuple[str, Entry]]]:
    *before, (_, last) = row
    return [*before, (12 - sum(width for width, _ in before), last)]


def _tile(name: str, place: tuple[int, int, int, int], widget: Entry) -> Entry:
    return {"widget_id": name, **dict(zip("xywh", place, strict=True)), "widget": widget}


def _named(title: str, subtitle: str) -> Entry:
    return {"title": title[:120], **({"subtitle": subtitle} if subtitle else {})}


def _kpi(each: Headline) -> Entry:
    compare = {"compare": "previous_period"} if each.when.is_compared else {}
    question = {"metrics": [each.metric_id], **each.when.asked(), **compare}
    spark = {"spark": {"metrics": [each.metric_id], **each.when.series()}} if each.when.trend is not None else {}
    subtitle = {"subtitle": each.when.told} if each.when.told else {"subtitle": "all time"}
    return {"kind": "kpi", **subtitle, "question": question, **spark}


def _trend(each: Headline) -> Entry:
    title = f"{each.label} by {each.when.grain}"
    return {"kind": "trend", **_named(title, each.when.trend_told),
            "question": {"metrics": [each.metric_id], **each.when.series()}}  # fmt: skip


def _bar(each: Headline, split: Split) -> Entry:
    question = {"metrics": [each.metric_id], **each.when.asked(), "dimensions": [split.name],
                "order": [{"by": "value", "descending": True}], "limit": _BARS}  # fmt: skip
    return {"kind": "bar", **_named(f"{each.label} by {small(split.label)}", each.when.told), "question": question}
