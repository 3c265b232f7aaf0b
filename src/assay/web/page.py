"""The built frontend: hashed assets kept for good, and the one page, with its CSP, at the addresses that are its own.

The build has written its texts compressed beside them (`frontend/compressed.ts`): what the browser takes is sent as it
lies there.
"""

import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from assay.web.compressed import codings_taken

STATIC = Path(__file__).parent / "static"
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
PLACES = (
    "d/:dashboardId", "desk", "catalog/:metricId?", "routing", "receipts", "receipts/:receiptId", "dictionary/:table?",
    "drafts/:draftId?", "begin/:surveyId?", "audit", "waiting", "alerts", "join",
)  # fmt: skip
"""The page's own addresses beside /, as `frontend/src/app/address.ts` writes them."""
_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}
_LONGEST_PATH = 500
_OF_ASSETS = {"x-content-type-options": "nosniff"}
"""What a page is made of is no page: it needs no policy of its own, and there are dozens of them at a first load."""
_CODINGS = (("br", ".br"), ("gzip", ".gz"))
"""The smallest first."""


def _file(folder: Path, path: str) -> Path | None:
    """The file of the build at this path; None for any other path, however strange."""
    if len(path) > _LONGEST_PATH:
        return None
    try:
        wanted = (folder / path).resolve()
        is_ours = wanted.is_relative_to(folder) and wanted.is_file() and wanted.name != "index.html"
    except (OSError, ValueError):  # too long a name, a NUL
        return None
    return wanted if is_ours else None


def is_place(path: str) -> bool:
    first, _, rest = path.strip("/").partition("/")
    alike = [place.partition("/")[2] for place in PLACES if place.partition("/")[0] == first]
    if "/" in rest:  # no place has more than one part behind its name
        return False
    return not first or any((rest and place) or (not rest and (not place or place.endswith("?"))) for place in alike)


def _sent(file: Path, request: Request, caching: str, own: dict[str, str] = _HEADERS) -> Response:
    """The file, compressed where the build has it so and the browser takes it."""
    headers = {**own, "cache-control": caching}
    compressed = [(coding, file.with_name(file.name + end)) for coding, end in _CODINGS]
    there = [(coding, each) for coding, each in compressed if each.is_file()]
    if there:
        headers["vary"] = "accept-encoding"
    taken = codings_taken(request.headers.get("accept-encoding", ""))
    for coding, each in there:
        if coding in taken:
            kind = mimetypes.guess_type(file.name)[0]
            return FileResponse(each, headers={**headers, "content-encoding": coding}, media_type=kind)
    return FileResponse(file, headers=headers)


def page(request: Request) -> Response:
    """A file of the build, or the page itself for an address that is its own; nothing for all others. Runs in a thread."""
    folder = STATIC.resolve()
    wanted = _file(folder, request.path_params["path"])
    if wanted is not None:
        forever = "/assets/" in request.url.path
        caching = "public, max-age=31536000, immutable" if forever else "no-cache"
        is_part = forever and wanted.suffix in (".js", ".css", ".woff2")
        return _sent(wanted, request, caching, _OF_ASSETS if is_part else _HEADERS)
    index = folder / "index.html"
    if not is_place(request.path_params["path"]):
        return PlainTextResponse("Not found\n", 404, headers=_HEADERS)
    if not index.is_file():
        return PlainTextResponse("The page is not built. Run: make build\n", 404, headers=_HEADERS)
    return _sent(index, request, "no-cache")
