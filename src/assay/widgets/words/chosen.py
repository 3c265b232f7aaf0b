"""Which metrics a request is about, once that is settled, and the questions by which it is."""

from dataclasses import dataclass, field

from assay.catalog.metric import Metric
from assay.widgets.words.draft import Draft, Named
from assay.widgets.words.fit import Fit, fit
from assay.widgets.words.lexicon import Lexicon
from assay.widgets.words.outcome import Ask, Choice

MOST_CHOICES = 6


@dataclass
class Chosen:
    fit: Fit | None = None
    spans: dict[str, Named] = field(default_factory=dict)
    """Metric, and the words that named it."""
    asks: list[Ask] = field(default_factory=list)
    hinted: tuple[str, ...] = ()
    """Metrics whose names hold a word of the request, where none was named."""
    used: list[Named] = field(default_factory=list)
    """Terms that only pointed to the metric."""


def needs_time(draft: Draft, metric: Metric) -> bool:
    """Whether the words say a window or a grain, which a count at an instant cannot take."""
    asks_time = any(each.meaning != "window.now" for each in draft.windows) or bool(draft.grains or draft.against)
    asks_time = asks_time or any(each.meaning == "kind.trend" for each in draft.kinds)
    is_now = any(each.meaning == "window.now" for each in draft.windows)
    return (asks_time and not metric.has_time) or (is_now and metric.has_time)


def ask_among(ids: list[str], words: str, lexicon: Lexicon) -> Ask:
    choices = tuple(Choice(lexicon.metric(one).label, f"metric:{one}") for one in ids[:MOST_CHOICES])
    return Ask("metric", "metric", f"Which metric do you mean by “{words}”?", words, choices)


def ask_metric(groups: list[list[Named]], lexicon: Lexicon) -> Ask:
    ids = [one.key for group in groups for each in group for one in each.span.stands_for("metric")]
    words = ", ".join(each.span.words for group in groups for each in group)
    choices = tuple(Choice(lexicon.metric(one).label, f"metric:{one}") for one in dict.fromkeys(ids))[:MOST_CHOICES]
    return Ask(
        "metric", "metric", "Several metrics are named, and nothing joins them. Which one is it about?", words, choices
    )


def ask_any_metric(lexicon: Lexicon, draft: Draft) -> Ask:
    """The words say how, and not what."""
    able = [one for one in lexicon.workspace.metrics if not fit((one,), draft, lexicon).asks
            and not needs_time(draft, lexicon.metric(one))]  # fmt: skip
    choices = tuple(Choice(lexicon.metric(one).label, f"metric:{one}") for one in able[:MOST_CHOICES])
    return Ask("metric", "metric", "Which metric shall be shown?", "", choices)
