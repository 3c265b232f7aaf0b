"""What an agent may read without asking for numbers: the catalog, the dictionary, and the book of the language."""

from pathlib import Path

import orjson
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError

import assay
from assay.mcp.server import Server, at

_JSON, _MARKDOWN = "application/json", "text/markdown"
_INSTALLED = Path(__file__).parent / "book"
_BOOK = _INSTALLED if _INSTALLED.is_dir() else Path(assay.__file__).parents[2] / "docs" / "metrics"
"""The wheel carries it; a checkout has it among its documents."""


def add_resources(made: MCPServer, server: Server) -> None:
    async def read(path: str) -> str:
        try:
            return orjson.dumps(await server.get(path), option=orjson.OPT_INDENT_2).decode()
        except ToolError as error:
            raise ResourceError(str(error)) from error

    @made.resource("assay://catalog", title="The catalog", mime_type=_JSON)
    async def catalog() -> str:
        """Every metric that whoever asks may ask for, as GET /v1/metrics tells it."""
        return await read("/v1/metrics")

    @made.resource("assay://catalog/{metric_id}", title="A metric", mime_type=_JSON)
    async def metric(metric_id: str) -> str:
        """One metric: definition, formula, filter, window, dimensions, owner."""
        return await read(at("metrics", metric_id))

    @made.resource("assay://dictionary", title="The dictionary", mime_type=_JSON)
    async def dictionary() -> str:
        """Tables, columns and approved joins; no row of them."""
        return await read("/v1/dictionary")

    @made.resource("assay://language", title="The language of metrics", mime_type=_MARKDOWN)
    async def language() -> str:
        """How a metric is written, with examples; its first page, and the names of the others."""
        others = "\n".join(f"- assay://language/{page}" for page in _pages() if page != "README")
        return f"{_page('README')}\n\nFurther pages:\n\n{others}\n"

    @made.resource("assay://language/{page}", title="A page of the language's book", mime_type=_MARKDOWN)
    async def language_page(page: str) -> str:
        """A further page of the language's book, by its name."""
        return _page(page)


def _pages() -> list[str]:
    return sorted(each.stem for each in _BOOK.glob("*.md"))


def _page(name: str) -> str:
    pages = _pages()
    if name not in pages:
        raise ResourceError(f"The book has no page {name}. It has: {', '.join(pages)}.")
    return (_BOOK / f"{name}.md").read_text("utf-8")
