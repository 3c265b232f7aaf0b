"""Readers: of the bundled workspace at the moment of the tests, with values such as its data holds, and of a small shop."""

from functools import cache
from pathlib import Path

from assay.catalog.workspace import Workspace, load_workspace
from assay.widgets.words.language import load_languages, load_strangers
from assay.widgets.words.lexicon import Values
from assay.widgets.words.reader import Reader
from assay.widgets.words.synonyms import read_synonyms
from assay.widgets.words.terms import build_lexicon
from assay.widgets.words.values import value_columns
from tests.conftest import ANCHOR
from tests.unit.small import NOW, write_shop

DEMO = Path(__file__).parents[3] / "demo"
_VALUES = {
    "region": ("Midwest", "Northeast", "Southeast", "Southwest", "West"),
    "ev_claim.channel": ("app", "chat", "phone", "store", "web"),
    "ev_issue_session.channel": ("app", "chat", "phone", "store", "web"),
    "ev_survey_response.channel": ("app", "email", "sms"),
    "claim_status": ("approved", "closed", "denied", "in_review", "pending"),
    "category": ("Appliance", "Laptop", "Phone", "Tablet", "Wearable"),
    "product_line": ("Auriga One", "iPhone", "Nimbus"),
    "manufacturer": ("Apple", "Auriga", "Sable"),
    "resolution": ("repair", "replacement", "withdrawn"),
    "language": ("de", "en", "es", "fr", "zh"),
    "plan_tier": ("complete", "essential", "plus"),
    "priority": ("high", "low", "normal", "urgent"),
    "state_name": ("California", "New York", "Texas"),
    "issue_type": ("Accidental liquid damage", "Device screen damage"),
}


def demo_values(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key in value_columns(workspace.metrics.values()):
        _, table, column = key.split(".")
        found[key] = _VALUES.get(f"{table}.{column}", _VALUES.get(column, ()))
    return found


@cache
def reader(categories: tuple[str, ...] = _VALUES["category"]) -> Reader:
    workspace = load_workspace(DEMO, {})
    languages = load_languages()
    synonyms, findings = read_synonyms(workspace)
    assert findings == []
    values = demo_values(workspace)
    values |= {key: categories for key in values if key.endswith(".category")}
    lexicon = build_lexicon(workspace, synonyms, values, languages)
    return Reader(lexicon, languages, load_strangers(), lambda: ANCHOR)


def shop_reader(root: Path, metrics: str, values: Values | None = None, calendar: str = "") -> Reader:
    """Of the small shop with metrics of its own, and a calendar."""
    workspace = load_workspace(write_shop(root, metrics=metrics, calendar=calendar), {})
    languages = load_languages()
    lexicon = build_lexicon(workspace, read_synonyms(workspace)[0], values or {}, languages)
    return Reader(lexicon, languages, load_strangers(), lambda: NOW)
