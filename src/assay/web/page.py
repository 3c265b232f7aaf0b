"""The built frontend: hashed assets kept for good, every other path the one page, with its CSP."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

STATIC = Path(__file__).parent / "static"
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


def _file(folder: Path, path: str) -> Path | None:
    """The file of the build at this path; None for any other path, however strange."""
    try:
        wanted = (folder / path).resolve()
        is_ours = wanted.is_relative_to(folder) and wanted.is_file() and wanted.name != "index.html"
    except (OSError, ValueError):  # too long a name, a NUL
        return None
    return wanted if is_ours else None


async def page(request: Request) -> Response:
    """A file of the build, or the page itself for any address that the page's own router knows."""
    folder = STATIC.resolve()
    wanted = _file(folder, request.path_params["path"])
    if wanted is not None:
        forever = "/assets/" in request.url.path
        caching = "public, max-age=31536000, immutable" if forever else "no-cache"
        return FileResponse(wanted, headers={**_HEADERS, "cache-control": caching})
    index = folder / "index.html"
    if "/assets/" in request.url.path or not index.is_file():
        text = "The page is not built. Run: make build\n" if not index.is_file() else "Not found\n"
        return PlainTextResponse(text, 404, headers=_HEADERS)
    return FileResponse(index, headers={**_HEADERS, "cache-control": "no-cache"})
