"""The reader under any words: it never fails, forgets no word, and asks only questions that can be asked."""

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.widgets.words.outcome import Reading, Spec
from assay.widgets.words.text import cleaned, tokens
from tests.unit.words.reading import reader

PIECES = (
    "claims denials csat issues savings repairs revenue by per for in the west phones phone denied except not only and or , "
    "top 5 worst weekly daily last month this quarter 30 days since 1 October Q3 03/04 vs year trend table share of region "
    "channel product status severity average rate how many open active unknown reclamaciones por Schäden nach "
    "sinistres 理赔 按 remove also instead clams regoin 0 99999 <b> ' ; -- \u0000 🎉 ２"
).split(" ")
REQUESTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map(" ".join) | st.text(max_size=60)
BASE = Spec("bar", ("claim_volume_l3_asurion",), ("region",))


def _holds(reading: Reading) -> None:
    body = reading.body()
    assert (body["spec"] is not None) == (reading.outcome == "spec")
    assert bool(body["questions"]) == (reading.outcome == "questions")
    assert bool(body["reason"]) == (reading.outcome == "refusal")
    if reading.spec is not None:
        reader().question(reading.spec)
        assert reading.sentence


def _accounts_for_every_word(words: str, reading: Reading) -> None:
    if not reading.accounted:
        assert reading.outcome == "refusal"
        return
    told = [token.text for each in reading.accounted for token in tokens(f"{each.words} {each.mended or ''}")]
    told += [word for each in reading.accounted for word in each.words.split()]
    for token in tokens(cleaned(words)):
        assert any(token.text in each or each in token.text for each in told), (token.text, told)


@given(words=REQUESTS)
@settings(max_examples=120, deadline=None)
def test_any_words_are_read_without_accident(words: str) -> None:
    reading = reader().read(words)
    _holds(reading)
    _accounts_for_every_word(words, reading)
    assert reader().read(words) == reading


@given(words=REQUESTS)
@settings(max_examples=150, deadline=None)
def test_any_words_edit_a_spec_without_accident(words: str) -> None:
    _holds(reader().read_edit(words, BASE))


@given(words=REQUESTS, data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_answers_lead_to_an_outcome(words: str, data: st.DataObject) -> None:
    reading = reader().read(words)
    for _ in range(4):
        if reading.outcome != "questions":
            break
        answers = {
            each.ask_id: data.draw(st.sampled_from([choice.value for choice in each.choices]))
            for each in reading.questions if each.choices
        }  # fmt: skip
        reading = reader().answered(reading, answers)
        _holds(reading)
    assert reading.outcome in ("spec", "refusal")
