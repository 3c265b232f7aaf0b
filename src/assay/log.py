"""The log: one line an event, as text for people or as JSON for programs, with what is known of the request it belongs to.

Texts of questions, values and bodies are never logged; what a line names is an id, a name or a count.
"""

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

import orjson

from assay.settings import Settings
from assay.work.request import current_request

ACCESS = "assay.access"
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up_logging(settings: Settings) -> None:
    form, level = settings.log, settings.log_level.upper()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    logging.getLogger("assay").setLevel(level)
    # Its pool logs a traceback for each attempt to reach a server that is away; what that means is said elsewhere.
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    logging.getLogger(ACCESS).setLevel(logging.INFO if settings.access_log else logging.WARNING)


def parts_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says, most wanted first."""
    request = current_request()
    known: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "message": record.getMessage(),
        "logger": record.name,
    }
    if request.request_id != "-":
        known |= {"request_id": request.request_id, "asker": request.asker}
    if request.trace_id is not None:
        known["trace_id"] = request.trace_id
    known |= {name: value for name, value in vars(record).items() if name not in _OWN and not name.startswith("_")}
    if record.exc_info and record.exc_info[0] is not None:
        # Where it went wrong, and as what; the texts of errors may hold values.
        known["error"] = record.exc_info[0].__name__
        known["stack"] = [f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_tb(record.exc_info[2])]
    return known


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return orjson.dumps(parts_of(record), default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        known = parts_of(record)
        stack = known.pop("stack", [])
        first = f"{known.pop('time')} {known.pop('level')} {known.pop('message')}".replace("\n", " ")
        known.pop("logger")
        more = "".join(f" {name}={value}" for name, value in known.items())
        return first + more + "".join(f"\n    {each}" for each in stack)
