"""Who may open a receipt: whoever sees at least the rows and columns that it was made from."""

from typing import Any

from pydantic import ValidationError

from assay.answers.making import definition_versions
from assay.catalog.workspace import Workspace
from assay.compiler.question import restore_question
from assay.errors import AssayError
from assay.people.scope import Access, Scope


def may_open(document: dict[str, Any], scope: Scope, workspace: Workspace) -> bool:
    """Whether the scope holds all that the receipt is of: its metrics, each row that could count in it, each column."""
    if scope.is_whole:
        return True
    try:
        question = restore_question(document["question"], workspace, scope)
        if document["definition_version"] != definition_versions(question.metrics):
            return False  # what it was calculated from can be told of today's definitions alone
        theirs: dict[str, Any] = document["question"].get("scope") or {"rows": {}, "values": {}}
        if theirs.get("minimum_group", 0) < scope.minimum:
            return False  # figures of fewer rows stand in it
        return all(
            _holds(scope, scope.access(metric), theirs["rows"].get(metric.metric_id, {}), theirs["values"])
            for metric in question.metrics
        )
    except (AssayError, ValidationError, LookupError, TypeError, ValueError):
        return False


def _holds(scope: Scope, access: Access, rows: dict[str, list[str]], values: dict[str, list[str]]) -> bool:
    for table, conditions in access.rows.items():
        if table not in rows:
            return False  # it is of all rows
        mine = {each.text: each for each in conditions}
        for text in rows[table]:
            condition = mine.get(text)
            if condition is None:
                return False
            for name, _ in condition.counts:
                given, own = set(values[name]), set(scope.values[name])
                if not (given <= own if condition.grows else given == own):
                    return False
    return True
