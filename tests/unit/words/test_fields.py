"""The requests of other fields (`tests/eval/workspaces`), read with labels alone; and the reader says no words of one."""

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from assay.widgets.words.language import FOLDER, load_languages
from assay.widgets.words.reader import Reader
from assay.widgets.words.text import cleaned, tokens
from tests.eval.cases import Result, read
from tests.eval.fields import FIELDS, field_reader

DEMO_FIELD = frozenset(
    "claims claim claimants claimant adjuster adjusters policyholder policyholders deductible deductibles"
    " sinistres sinistre reclamaciones reclamacion siniestros schaden schadensfall".split()
)
"""Words of the bundled workspace that are of its field alone."""
_OF_EVERY_FIELD = frozenset(("claim",))
"""To claim something is a verb."""


@pytest.mark.cases(3)
@pytest.mark.parametrize("path", FIELDS, ids=lambda path: path.stem)
def test_another_field_is_read_as_its_people_speak(path: Path) -> None:
    reader, cases = field_reader(path)
    results = [Result(case, read(reader, case), 0.0) for case in cases]
    assert [each.case.words for each in results if each.is_silently_wrong] == []
    assert sum(each.exact for each in results) >= 0.9 * len(results)
    _its_own_names_pass_every_pattern(reader)


def _its_own_names_pass_every_pattern(reader: Reader) -> None:
    """No pattern of any language takes a metric, a dimension or a value of the workspace for something that is declined."""
    for metric in reader.lexicon.workspace.metrics.values():
        for dimension in [*metric.dimensions.values()][-2:]:
            value = reader.lexicon.values.get(dimension.key, ("",))[-1]
            words = f"{metric.label.split('(')[0]} by {dimension.label} where {dimension.label} is {value}"
            assert reader.read(words).code in (None, "not_possible"), words


def test_what_only_others_call_so_is_asked_about_with_each_that_is_meant_once() -> None:
    reader, _ = field_reader(next(path for path in FIELDS if path.stem == "wholesale"))
    places = {"Customer country", "Ship country"}
    for words, more in (("orders by country", "Employee country"), ("revenue by country", "Supplier country")):
        (ask,) = reader.read(words).body()["questions"]
        labels = [each["label"] for each in ask["choices"]]
        assert (len(labels), set(labels)) == (3, places | {more}), words


def test_languages_hold_no_words_of_one_field() -> None:
    assert set(load_languages()) == {path.stem for path in FOLDER.glob("??.yaml")}
    for path in FOLDER.glob("??.yaml"):
        said = {token.folded for token in tokens(cleaned(path.read_text(encoding="utf-8")))}
        assert said & DEMO_FIELD <= _OF_EVERY_FIELD, path.name


def test_a_lexicon_travels_to_a_worker_with_what_it_has_read() -> None:
    reader, cases = field_reader(FIELDS[0])
    first = read(reader, cases[0])
    lexicon = pickle.loads(pickle.dumps(reader.lexicon))
    assert read(replace(reader, lexicon=lexicon, _known={}), cases[0]).spec == first.spec
