"""Metrics that are called by a division which they do not have: *Cost by supplier*, where no dimension is a supplier."""

from collections.abc import Iterator

from assay.catalog.findings import Finding
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace
from assay.widgets.words.language import english
from assay.widgets.words.lexicon import words_of
from assay.widgets.words.parts import is_participle
from assay.widgets.words.synonyms import Synonyms
from assay.widgets.words.terms import DIVIDING, build_lexicon


def titles_of_nothing(workspace: Workspace, synonyms: Synonyms) -> Iterator[Finding]:
    """A title promises what each of its tiles then lacks."""
    divided = [(metric, said) for metric in workspace.metrics.values() if (said := _divided_by(metric))]
    if not divided:
        return
    language = english()
    lexicon = build_lexicon(workspace, synonyms, {}, {language.code: language})
    for metric, said in divided:
        keys = {each.key for each in metric.dimensions.values()}
        if any(each.key in keys for word in (" ".join(said), *said) for each in lexicon.dimensions_called(word, language)):
            continue
        if not set(said).isdisjoint(language.units):
            continue
        has = ", ".join(each.label.lower() for each in metric.dimensions.values())
        yield Finding(
            metric.file, metric.line, f"{metric.label!r} is called “by {' '.join(said)}”, which is none of its dimensions",
            f"add the dimension, give it a synonym, or rename the metric; it has: {has or 'none'}", metric.metric_id,
        )  # fmt: skip


def _divided_by(metric: Metric) -> tuple[str, ...]:
    words = words_of(metric.label.split("(")[0])
    at = next((at for at, word in enumerate(words) if word in DIVIDING), 0)
    # `Calls handled by agents` says who did it.
    return words[at + 1 :] if at and not is_participle(words[at - 1]) else ()
