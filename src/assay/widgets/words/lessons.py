"""What a clarification teaches: words that a person has explained become another name, in the workspace's own files.

A lesson is proposed and shown as a difference; nothing is written before a person accepts it.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from assay.catalog.dictionary import IN_ROLE
from assay.catalog.marked_yaml import BadYaml, parse_yaml
from assay.catalog.metric import Dimension, Metric
from assay.catalog.pieces import items_of
from assay.catalog.workspace import Workspace
from assay.errors import AlreadyThere, DraftDeclined, StandsInAFile
from assay.widgets.words.language import Language
from assay.widgets.words.lexicon import EXACT, MAX_TERM, Lexicon, words_of
from assay.widgets.words.synonyms import FILE, HEADER
from assay.work.cells import harmless
from assay.work.files import text_in

_LONGEST = 60


@dataclass(frozen=True)
class Lesson:
    """`sentence`: what the words would mean; the file's text now, and as it would be."""

    sentence: str
    file: str
    before: str
    after: str


def lesson(words: str, means: str, lexicon: Lexicon, languages: Mapping[str, Language]) -> Lesson:
    """`means`: `metric:ID`, `dimension:SCHEMA.TABLE.COLUMN` or `value:SCHEMA.TABLE.COLUMN=VALUE`, as choices say it.

    Raises DraftDeclined for words that cannot be a name and for what is not there, AlreadyThere where they are one,
    StandsInAFile where the file has to be edited by hand.
    """
    words = " ".join(words.split())
    what, _, rest = means.partition(":")
    key, _, value = rest.partition("=") if what == "value" else (rest, "", "")
    _expect_name(words, what, key, value, lexicon, languages)
    workspace = lexicon.workspace
    if what == "metric":
        metric = workspace.metrics[key]
        before = text_in(workspace.root / metric.file)
        return Lesson(
            f"“{words}” is another name for {metric.label}", metric.file, before, _with_synonym(before, metric, words)
        )
    before = text_in(workspace.root / FILE)
    said = f"{value} of {_label(key, lexicon)}" if value else _label(key, lexicon)
    return Lesson(f"“{words}” is another name for {said}", FILE, before, _with_row(before, key, value, words))


def _expect_name(words: str, what: str, key: str, value: str, lexicon: Lexicon, languages: Mapping[str, Language]) -> None:
    folded = words_of(words)
    if not folded or len(words) > _LONGEST or len(folded) > MAX_TERM or not re.search(r"[^\W\d_]", words):
        raise DraftDeclined(f"“{words[:_LONGEST]}” cannot be a name.", mend=f"a few words, {_LONGEST} characters at most")
    if re.search(r'[;:{}\[\]"\\\x00-\x1f]', words):
        raise DraftDeclined(f"“{words}” has signs that no name has.", mend="letters, digits, blanks and hyphens")
    if any(set(folded) <= each.written for each in languages.values()):
        raise DraftDeclined(
            f"“{words}” says something in every request, such as a window, an order or a chart: it cannot be a name."
        )
    if IN_ROLE in key:
        mend = "give its dimension a label in metrics/"
        raise DraftDeclined("What is reached in one of several roles has no synonyms of its own.", mend=mend)
    if not _is_there(what, key, value, lexicon):
        raise DraftDeclined(f"There is nothing of that kind to be called “{words}”.", mend="send the value of a choice")
    named = {(each.meant.what, each.meant.key, each.meant.value) for each in lexicon.terms
             if each.words == folded and each.meant.nearness == EXACT}  # fmt: skip
    if (what, key, value or None) in named:
        raise AlreadyThere(f"“{words}” is a name for that already.")
    if named:
        other, its_key, its_value = sorted(named, key=str)[0]
        told = lexicon.metric(its_key).label if other == "metric" else its_value or _label(its_key, lexicon)
        raise DraftDeclined(f"“{words}” is a name for {told} already: it would mean two things.")


def _is_there(what: str, key: str, value: str, lexicon: Lexicon) -> bool:
    match what:
        case "metric":
            return key in lexicon.workspace.metrics
        case "dimension" | "value":
            known = any(each.key == key for each in _dimensions(lexicon.workspace) if each.column is not None)
            return known and (what == "dimension" or value in lexicon.values.get(key, ()))
        case _:
            return False


def _dimensions(workspace: Workspace) -> Iterator[Dimension]:
    for metric in workspace.metrics.values():
        yield from metric.dimensions.values()


def _label(key: str, lexicon: Lexicon) -> str:
    return next((each.label for each in _dimensions(lexicon.workspace) if each.key == key), key)


# -- metrics/*.yaml -----------------------------------------------------------------------------


def _with_synonym(before: str, metric: Metric, words: str) -> str:
    """The rest of the file stays to the letter. What was written is read again: it says this and nothing else new."""
    for start, item in items_of(before):
        for changed in _with_word(item, words):
            lines = before.splitlines(keepends=True)
            size = len(item.splitlines(keepends=True))
            after = "".join([*lines[:start], changed, *lines[start + size :]])
            if _says_only_this_more(before, after, metric.metric_id, words):
                return after
    raise StandsInAFile(
        f"The synonyms of {metric.metric_id} cannot be added to {metric.file} as it is written.",
        mend=f"add {words!r} to its synonyms by hand",
    )


def _with_word(item: str, words: str) -> Iterator[str]:
    """Forms in which an item may say it: in its list on one line, in its list of lines, or in a new one."""
    written = (
        words
        if yaml.safe_load(words) == words and re.fullmatch(r"[\w' -]+", words)
        else json.dumps(words, ensure_ascii=False)
    )
    end = "\r\n" if "\r\n" in item else "\n"
    if listed := re.search(r"\bsynonyms:[ \t]*\[([^\]]*)\]", item):
        comma = ", " if listed[1].strip() else ""
        yield f"{item[: listed.end(1)]}{comma}{written}{item[listed.end(1) :]}"
    elif lines := re.search(r"^[ \t]*synonyms:[ \t]*\r?\n((?:([ \t]*)- .*\r?\n?)+)", item, re.MULTILINE):
        last = "" if lines[1].endswith("\n") else end
        yield f"{item[: lines.end()]}{last}{lines[2]}- {written}{end}{item[lines.end() :]}"
    else:
        body = item.rstrip()
        indent = " " * (len(body) - len(body.lstrip()) + 2)
        yield f"{body}{end}{indent}synonyms: [{written}]{item[len(body) :] or end}"
        if body.endswith("}"):
            yield f"{body[:-1].rstrip()}, synonyms: [{written}]}}{item[len(body) :]}"


def _says_only_this_more(before: str, after: str, metric_id: str, words: str) -> bool:
    try:
        was, now = (parse_yaml(each.removeprefix("\ufeff")).data["metrics"] for each in (before, after))
        wanted = [
            {**each, "synonyms": [*each.get("synonyms", ()), words]} if each["id"] == metric_id else each for each in was
        ]
    except (BadYaml, KeyError, TypeError, AttributeError):
        return False
    return now == wanted and wanted != was


# -- data-dictionary/synonyms.csv ---------------------------------------------------------------


def _with_row(before: str, key: str, value: str, words: str) -> str:
    end = "\r\n" if "\r\n" in before else "\n"
    start = before or ",".join(HEADER) + end
    header = next(csv.reader(io.StringIO(start.removeprefix("\ufeff"), newline="")))
    cells = {"column": key, "value": value, "words": words}
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator=end).writerow([harmless(cells.get(name.strip(), "")) for name in header])
    return f"{start}{'' if start.endswith(end) else end}{line.getvalue()}"
