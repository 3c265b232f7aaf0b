"""A hook of MkDocs: the documents beside docs/ become pages of the site too, and links between them follow."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
_LINK = re.compile(r"(!?\[[^\]]*\]\()([^)#\s]+)((?:#[^)\s]*)?\))")


def on_files(files: Files, config: Any) -> Files:
    for name, page in PAGES.items():
        files.append(File.generated(config, page, content=_as_seen_from_docs((ROOT / name).read_text())))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """`../README.md` as it stands in docs/ is `index.md` on the site."""
    if page.file.src_uri in PAGES.values():
        return markdown
    return _LINK.sub(lambda found: found[1] + _moved(found[2]) + found[3], markdown)


def _moved(target: str) -> str:
    ups, name = re.fullmatch(r"((?:\.\./)*)(.*)", target).groups()
    return "../" * (ups.count("../") - 1) + PAGES[name] if ups and name in PAGES else target


def _as_seen_from_docs(markdown: str) -> str:
    """Links of a document in the root, written anew for a page in docs/."""

    def moved(found: re.Match[str]) -> str:
        target = found[2].removeprefix("docs/")
        return found[1] + PAGES.get(target, "adrs/README.md" if target == "adrs/" else target) + found[3]

    return _LINK.sub(moved, markdown)
