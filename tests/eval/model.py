"""The golden set read by the words and a model together, as the clarifier does it."""

import asyncio
import os
import time
from collections import Counter
from dataclasses import replace

from assay.llm import Door, Patience
from assay.widgets.agreement import OPEN_REFUSALS, Asking, Opinion, Read, Unheard, weigh
from assay.widgets.second_reader import SecondReader
from assay.widgets.words.outcome import Ask, Choice, Reading
from assay.widgets.words.reader import Reader
from tests.eval.cases import Case, Result, read

_AT_ONCE = 4
_MODEL_SECONDS = 30.0
"""Longer than anybody waits at the screen: what is scored is the reading, and slowness is told beside it."""


def configured_models() -> list[str]:
    names = [os.environ.get(each) for each in ("ASSAY_LLM", "ASSAY_LLM_FAST")]
    return list(dict.fromkeys(each for each in names if each))


async def run_with_model(reader: Reader, name: str, cases: list[Case]) -> tuple[list[Result], Counter[str]]:
    """What comes of each case, and how often the model had no say, by reason."""
    patience = Patience(request_seconds=_MODEL_SECONDS, total_seconds=_MODEL_SECONDS, most_output_tokens=800)
    second = SecondReader(Door(None, name, patience), _MODEL_SECONDS)
    unheard: Counter[str] = Counter()
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(case: Case) -> Result:
        async with gate:
            before = time.perf_counter()
            reading = read(reader, case)
            is_final = reading.outcome == "refusal" and reading.code not in OPEN_REFUSALS
            opinion: Opinion = Unheard() if is_final else await second.read(case.words, reader, reading)
            if isinstance(opinion, Unheard) and opinion.reason:
                unheard[opinion.reason] += 1
            return Result(case, together(reading, opinion, reader), (time.perf_counter() - before) * 1e3)

    await second.prepare()
    try:
        return await asyncio.gather(*(one(each) for each in cases)), unheard
    finally:
        await second.close()


def together(reading: Reading, opinion: Opinion, reader: Reader) -> Reading:
    """The outcome in the form that the cases are compared with; a choice between readings counts as a question."""
    outcome = weigh(reading, opinion, reader.question, str)
    match outcome:
        case Read(spec):
            return replace(reading, outcome="spec", spec=spec)
        case Asking() if reading.outcome != "questions":
            offered = tuple(Choice(each.label, each.value) for each in outcome.questions[0].choices)
            asked = Ask("reading", "word", outcome.questions[0].text, reading.words, offered)
            return replace(reading, outcome="questions", spec=None, questions=(asked,))
        case _:
            return reading
