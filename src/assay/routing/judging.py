"""Whether a backend can serve a metric at all: it is there, and holds every column that the metric needs."""

import asyncio

from assay.backends.protocol import Backend, NotConfigured
from assay.catalog.findings import nearest
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace
from assay.errors import AssayError
from assay.routing.serving import Backends

AskedOnce = dict[tuple[str, str], "asyncio.Task[dict[str, str] | None]"]
"""Tables by backend as they were described a moment ago, for whoever judges many routes at once."""


async def judge_route(
    metric: Metric, backend_name: str, workspace: Workspace, backends: Backends, described: AskedOnce | None = None
) -> tuple[str, str | None] | None:
    """None where the backend can serve the metric; else why not, and the mend."""
    backend = backends.get(backend_name)
    if backend is None:
        return f"there is no backend {backend_name!r}", nearest(
            backend_name, set(backends)
        ) or f"use one of {', '.join(backends)}"
    if isinstance(backend, NotConfigured):
        return f"backend {backend_name!r} is not configured", backend.reason
    for table, columns in metric.needed_columns.items():
        if not workspace.dictionary.tables[table].lies_in(backend_name):
            return f"{backend_name} has no table {table}, says the dictionary", f"add {backend_name} to its backends there"
        try:
            found = await _described(backend, table, described)
        except AssayError as error:
            return f"{backend_name} cannot be asked: {error.detail}", error.mend
        if found is None:
            return f"{backend_name} has no table {table}", "create it there, or keep the route"
        for name, column_type in columns.items():
            if name not in found:
                return f"{backend_name}: {table} has no column {name!r}", nearest(name, set(found))
            if column_type is None:
                continue
            if not column_type.is_found_as(found[name], backend.driver, backend_name):
                return f"{backend_name}: {table}.{name} is {found[name]} where the dictionary says {column_type.text}", None
    return None


async def _described(backend: Backend, table: str, described: AskedOnce | None) -> dict[str, str] | None:
    if described is None:
        return await backend.describe(table)
    key = (backend.name, table)
    if key not in described:
        described[key] = asyncio.ensure_future(backend.describe(table))
    return await described[key]
