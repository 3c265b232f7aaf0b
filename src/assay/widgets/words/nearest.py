"""What comes closest to words that are not known: metrics by their names and definitions, terms by their letters."""

from dataclasses import replace

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import WRatio, token_set_ratio
from rapidfuzz.process import extract

from assay.widgets.words.asks import folded_words
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import Lexicon, Meant
from assay.widgets.words.mend import nearest_words
from assay.widgets.words.names import said_by, stems_of
from assay.widgets.words.outcome import Choice
from assay.widgets.words.text import stem

_LISTED = 4
_NEAR = 55.0
_ALMOST = 0.84
_LEAST = 4
_LONG_ENOUGH = 6
"""Two slips in a shorter word make another word of it."""


def nearest_metrics(words: str, hinted: tuple[str, ...], lexicon: Lexicon, language: Language) -> tuple[str, ...]:
    """Ids of the metrics that come closest, best first; always some, so that a refusal shows a way on."""
    stems = set(stems_of(words, language))
    units = {unit for unit, listed in language.kin.items() if stems & {stem(each, language.code) for each in listed}}
    scored: list[tuple[float, str]] = []
    for metric_id, metric in lexicon.workspace.metrics.items():
        names = [metric.label, *metric.synonyms]
        near = max((float(token_set_ratio(words.casefold(), name.casefold())) for name in names), default=0.0)
        shared = 40.0 * len(stems & said_by(metric, language)) / max(1, len(stems))
        scored.append(((near if near >= _NEAR else 0.0) + shared + (60.0 if metric_id in hinted else 0.0)
                       + (70.0 if metric.unit in units else 0.0), metric_id))  # fmt: skip
    scored.sort(key=lambda pair: -pair[0])
    return tuple(metric_id for _, metric_id in scored[:_LISTED])


def likely_metrics(words: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Ids of the metrics that are called almost so: by two letters in thirteen, or by the same letters in another order."""
    folded = folded_words(words)
    found: dict[str, None] = {}
    for term in lexicon.terms:
        name = " ".join(term.words)
        if term.meant.what == "metric" and len(name) >= _LEAST and abs(len(name) - len(folded)) <= _LEAST:
            is_near = OSA.normalized_similarity(folded, name) >= _ALMOST or sorted(folded) == sorted(name)
            if is_near and folded != name:
                found.setdefault(term.meant.key)
    return tuple(found)[:_LISTED]


def metrics_near(words: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Ids of the metrics that one of these words may be a slip of: `clams`, a word of its own, too."""
    near = (choice for word in folded_words(words).split() for choice in near_choices(word, lexicon))
    return tuple(dict.fromkeys(choice.value.partition(":")[2] for choice in near if choice.value.startswith("metric:")))


def near_choices(words: str, lexicon: Lexicon) -> tuple[Choice, ...]:
    """Terms that an unknown word may be a misspelling of."""
    folded = folded_words(words)
    by_word = {" ".join(term.words): term.meant for term in lexicon.terms if len(term.words) == 1}
    near = nearest_words(folded, tuple(by_word))
    is_long = len(folded) >= _LONG_ENOUGH
    found = [_choice(word, by_word[word], lexicon) for word, distance in near if distance <= 1 or is_long]
    if not found and len(folded) >= _LEAST:
        # `garden`, of the value *Garden tools*
        named = [term.meant for term in lexicon.terms if term.meant.what == "value" and folded in term.words]
        found = [replace(_choice(folded, each, lexicon), label=f"only {each.value}") for each in named]
    if not found:
        like = extract(folded, list(by_word), scorer=WRatio, limit=2, score_cutoff=88)
        found = [_choice(word, by_word[word], lexicon) for word, _, _ in like if by_word[word].what == "dimension"]
    unique: dict[str, Choice] = {}
    for each in found:
        unique.setdefault(each.value, each)
    return tuple(unique.values())[:_LISTED]


def _choice(word: str, meant: Meant, lexicon: Lexicon) -> Choice:
    match meant.what:
        case "metric":
            return Choice(lexicon.metric(meant.key).label, f"metric:{meant.key}")
        case "dimension":
            return Choice(word, f"dimension:{meant.key}")
        case _:
            return Choice(str(meant.value), f"value:{meant.key}={meant.value}")
