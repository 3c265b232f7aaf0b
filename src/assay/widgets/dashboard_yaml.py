"""A dashboard as YAML text, in the form that the workspace's files have, and back."""

from typing import Any

from pydantic import ValidationError

from assay.catalog.faults import faults_of
from assay.catalog.marked_yaml import BadYaml, DoubtfulYaml, parse_yaml
from assay.catalog.yaml_text import OnOneLine, write_yaml
from assay.errors import BadRequest
from assay.widgets.widget import DashboardEntry


def write_dashboard(entry: DashboardEntry) -> str:
    """What is as its default is left out; `read_dashboard` of the text gives an equal entry."""
    parts = entry.model_dump(mode="json", exclude_defaults=True)
    # An empty list of tiles is no default: the form asks for it.
    parts["tiles"] = [_tile(each) for each in parts["tiles"]]
    return write_yaml(parts)


def _tile(tile: dict[str, Any]) -> dict[str, Any]:
    widget: dict[str, Any] = {name: _part(name, value) for name, value in tile["widget"].items()}
    return {**tile, "widget": widget}


def _part(name: str, value: Any) -> Any:
    match name:
        case "question" | "spark":
            return OnOneLine({"metrics": value["metrics"], **value})
        case "format":
            return OnOneLine(value)
        case "reference_lines" | "thresholds":
            return [OnOneLine(each) for each in value]
        case _:
            return value


def read_dashboard(text: str) -> DashboardEntry:
    """Raises BadRequest with the line of what is wrong."""
    doubtful: DoubtfulYaml | None = None
    try:
        marked = parse_yaml(text)
    except DoubtfulYaml as error:
        # What is wrong whichever way it is read is told first.
        marked, doubtful = error.marked, error
    except BadYaml as error:
        raise _refused(error) from error
    try:
        entry = DashboardEntry.model_validate(marked.data)
    except ValidationError as error:
        fault = faults_of(error.errors(), DashboardEntry)[0]
        line = marked.line(fault.place) or 1
        place = ".".join(map(str, fault.place)) or None
        raise BadRequest(f"Line {line}: {fault.told_of('the file')}.", mend=fault.mend, line=line, field=place) from error
    if doubtful is not None:
        raise _refused(doubtful) from doubtful
    return entry


def _refused(error: BadYaml) -> BadRequest:
    return BadRequest(f"Line {error.line or 1}: {error}.", mend=error.mend, line=error.line)
