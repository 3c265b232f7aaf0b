"""Where no metric is named: words of metrics' names, and of what is theirs alone, point to some."""

from assay.widgets.words.chosen import Chosen, ask_among, needs_time
from assay.widgets.words.draft import Draft, Named
from assay.widgets.words.fit import fit
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import PART, Lexicon
from assay.widgets.words.names import is_called, is_measure, said_in_name, stems_of
from assay.widgets.words.text import tokens


def from_hints(draft: Draft, lexicon: Lexicon, language: Language) -> Chosen:
    """No metric was named; words of metrics' names point to some, but only the person can say which."""
    pointing: dict[str, int] = {}
    pointers: list[tuple[Named, list[str]]] = []
    heads: set[str] = set()
    called = {head for own in lexicon.heads[language.code].values() for head in own}
    for each in (*draft.unread, *draft.terms):
        words = stems_of(each.span.folded, language)
        # `top 10 states by issues`: after a rank, `by` may name the metric.
        if each.negated or (each.by and not (draft.ranks and words in called)):
            continue
        if each in draft.unread and is_measure(each.span.folded, language):
            continue
        is_head = words in called
        if each.span.stands_for("dimension") and not is_head:
            continue
        hits = [one for one, metric in lexicon.workspace.metrics.items() if is_called(metric, words, language)]
        if hits:
            pointers.append((each, hits))
        for one in hits:
            pointing[one] = pointing.get(one, 0) + 1
        heads |= {one for one, own in lexicon.heads[language.code].items() if words in own}
    most = max(pointing.values(), default=0)
    hinted = tuple(one for one, count in pointing.items() if count == most)
    # What points to another metric has not been read by choosing this one.
    used = [each for each, hits in pointers if set(hits) & set(hinted)]
    left = [each for each in draft.unread if each not in used]
    inside = _inside_values(draft, lexicon, language) or _inside_dimension(draft, lexicon, language)
    if inside is not None and not left and not hinted:
        found = fit((inside,), draft, lexicon)
        if not found.missing and not needs_time(draft, lexicon.metric(inside)):
            return Chosen(found)
    if left or not hinted:
        return Chosen(hinted=hinted)
    rests = {one: _without(draft, [each for each, hits in pointers if one in hits]) for one in hinted}
    able = [
        one for one, rest in rests.items()
        if not rest.unread and not fit((one,), rest, lexicon).asks and not needs_time(draft, lexicon.metric(one))
    ]  # fmt: skip
    if len(able) == 1 and able[0] in heads:
        rest = rests[able[0]]
        draft.terms, draft.unread = rest.terms, rest.unread
        own = [each for each, hits in pointers if able[0] in hits]
        return Chosen(fit((able[0],), rest, lexicon), {able[0]: own[0]}, used=own)
    words = " ".join(each.span.words for each in used)
    return Chosen(asks=[ask_among(list(able or hinted), words, lexicon)], hinted=hinted)


def _inside_values(draft: Draft, lexicon: Lexicon, language: Language) -> str | None:
    """The one metric that a value's words end with: `screen repairs` are repairs."""
    index = lexicon.index(language.code)
    ids: set[str] = set()
    for each in draft.terms:
        words = tuple(token.folded for token in tokens(each.span.folded))
        if each.span.stands_for("value") and len(words) > 1:
            tail = index.get(stems_of(words[-1], language), ())
            ids |= {one.key for one in tail if one.what == "metric" and one.term == words[-1:]}
    return ids.pop() if len(ids) == 1 else None


def _inside_dimension(draft: Draft, lexicon: Lexicon, language: Language) -> str | None:
    """The one metric that has a dimension, where its words say so too: `denial reasons` are reasons of denials."""
    ids: set[str] = set()
    for each in draft.terms:
        words = set(stems_of(each.span.folded, language))
        for key in {one.key for one in each.span.stands_for("dimension") if one.nearness > PART}:
            having = lexicon.divided_by(key)
            if len(having) == 1 and having[0].unit == "count" and words & said_in_name(having[0], language):
                ids.add(having[0].metric_id)
    return ids.pop() if len(ids) == 1 else None


def _without(draft: Draft, used: list[Named]) -> Draft:
    rest = Draft(**vars(draft))
    rest.terms = [each for each in draft.terms if each not in used]
    rest.unread = [each for each in draft.unread if each not in used]
    return rest
