"""Replay: ask a receipt's question again and say which of the four inputs has moved."""

import time
from dataclasses import dataclass
from typing import Any

import orjson

from assay.answers.receipts import read_document
from assay.answers.resolve import Corridor, Told
from assay.compiler.meaning import meant_by
from assay.compiler.question import restore_question
from assay.people.scope import Scope
from assay.store.receipts import StoredReceipt


@dataclass(frozen=True, slots=True)
class Moved:
    """One of the four: definition, question, route, data; or the compiler, by its meaning of definitions."""

    part: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Replay:
    document: dict[str, Any]
    moved: tuple[Moved, ...]
    told: Told
    same_value: bool
    sentence: str


async def replay(corridor: Corridor, receipt: StoredReceipt, scope: Scope) -> Replay:
    """Raises as asking does, where the question cannot be asked any more."""
    document = read_document(receipt)
    catalog = corridor.catalog
    question = restore_question(document["question"], catalog.workspace, scope)
    told = await corridor.answer(question, catalog, time.perf_counter())
    now = told.answer.provenance
    route, then = document["route"], document["question"]
    pairs = [
        ("definition", document["definition_version"], now.definition_version),
        ("definition", f"dictionary {document['dictionary_version']}", f"dictionary {now.dictionary_version}"),
        ("compiler", f"meaning {meant_by(document)}", f"meaning {now.meaning_version}"),
        ("question", _essence(then), _essence(told.answer.question)),
        ("route", f"{route['backend']} (epoch {route['epoch']})", f"{now.backend} (epoch {now.route_epoch})"),
    ]
    # Versions of two engines are in two tongues; that the data moved can be told on one engine only.
    if route["backend"] == now.backend:
        pairs.append(("data", document["data_version"], now.data_version))
    moved = tuple(Moved(part, before, after) for part, before, after in pairs if before != after)
    same = document["value_digest"] == now.value_digest
    return Replay(document, moved, told, same, _sentence(moved, same, route["backend"], now.backend, document["generator"]))


def _essence(described: dict[str, Any]) -> str:
    """The number of a policy says when it was put in force, not what is seen by it."""
    scope = described.get("scope") or {"rows": {}, "values": {}}
    sees = [scope["rows"], scope["values"]] if any(scope["rows"].values()) else None
    return orjson.dumps({**described, "as_of": None, "scope": sees}, option=orjson.OPT_SORT_KEYS).decode()


def _sentence(moved: tuple[Moved, ...], same: bool, before: str, now: str, author: str) -> str:
    parts = list(dict.fromkeys(each.part for each in moved))
    if not parts and author == "llm" and not same:
        # A replay is always asked in the compiler's words; a model's may have been others.
        return "Nothing has moved; the model's statement gave another value than the compiler's."
    if not parts:
        return "Nothing has moved; the value is " + ("the same." if same else "different, which should not be.")
    names = [
        f"route moved from {before} to {now}" if part == "route" and before != now else f"{part} moved" for part in parts
    ]
    text = ", ".join(names)
    return f"{text[0].upper()}{text[1:]}; the value is {'the same' if same else 'different'}."
