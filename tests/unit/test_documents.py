"""The documents are true: links lead somewhere; commands, options, endpoints, settings, paths and YAML are as they say."""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from assay.catalog.workspace import load_workspace
from assay.cli.commands import app
from assay.formats.render import KINDS
from assay.loop.content import RULES, load_loop
from assay.loop.rules import RulesFile
from assay.people.policy_files import read_folder, read_policies
from assay.people.providers import read_identity
from assay.routing.file import parse_routing
from assay.settings import read_settings
from assay.widgets.annotations import AnnotationsFile
from assay.widgets.widget import DashboardEntry, Widget

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "adrs").glob("[0-9]*.md"))
PROGRAMS = frozenset("assay make curl export echo cd git pip python . install podman python3".split())
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_ENDPOINT = re.compile(r"\b((?:GET|POST|PUT|PATCH|DELETE)(?:\|[A-Z]+)*) +(/v1/[^\s`?,;|]+)")
_PLACE = re.compile(r"(?:src|tests|docs|demo|scripts|frontend|deploy|\.ci)/[\w./*-]*(?:::\w+)?")
_BUILT = ("frontend/node_modules", "src/assay/web/static")

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def blocks(document: Path) -> list[tuple[str, str]]:
    """(language, text) of each fenced block."""
    return [(found[1], found[2]) for found in _BLOCK.finditer(document.read_text())]


def prose(document: Path) -> str:
    return _BLOCK.sub("", document.read_text())


def spans(document: Path) -> list[str]:
    return _SPAN.findall(prose(document))


# -- links ---------------------------------------------------------------------------------------


def anchors(document: Path) -> set[str]:
    """Of its headings, as they are made from their words on the page of a repository."""
    headings = re.findall(r"^#+ +(.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@each_document
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in _LINK.findall(prose(document)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (document.parent / name).resolve() if name else document
        assert file.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(file), f"{target}: {file.name} has no such heading"


class _Marks(yaml.SafeLoader):
    """Reads the site's settings without what their tags would load."""


_Marks.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)


def _pages(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for each in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _pages(each)


def test_every_document_has_its_place_on_the_site() -> None:
    found = set(_pages(yaml.load((ROOT / "mkdocs.yml").read_text(), _Marks)["nav"]))
    docs = {path.relative_to(ROOT / "docs").as_posix() for path in DOCUMENTS if path.is_relative_to(ROOT / "docs")}
    assert found == docs | {"index.md", "contributing.md", "changelog.md"}


# -- commands ------------------------------------------------------------------------------------


@cache
def verbs() -> frozenset[str]:
    # Without the settings of a make that runs the tests: it would say which folder it enters.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    printed = subprocess.run(["make", "help"], cwd=ROOT, env=plain, capture_output=True, text=True, check=True).stdout
    return frozenset(line.split()[0] for line in printed.splitlines())


def commands() -> dict[str, Any]:
    """`demo reset` -> its command."""

    def below(group: Any, before: str) -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from below(command, f"{before}{name} ")
            else:
                yield before + name, command

    return dict(below(typer.main.get_command(app), ""))


def words_of(line: str) -> list[list[str]]:
    """The commands of a line, each as its words: pipes part them; comments and redirections are left out."""
    line = re.split(r" {2,}(?=[A-Z]+ /)", line.replace(" ...", ""))[0]
    found: list[list[str]] = [[]]
    for word in shlex.split(line.replace("[-", " -").replace("] ", " ").rstrip("]"), comments=True):
        if word in ("|", "&&", ";"):
            found.append([])
        elif word in (">", "<", ">>"):
            break
        else:
            found[-1].append(word)
    return [each for each in found if each]


def check_assay(words: list[str], *, is_whole: bool) -> None:
    """The command exists and so do its options; where it is whole, it parses."""
    known = commands()
    groups = {name.split()[0] for name in known if " " in name}
    name = " ".join(words[1:3]) if words[1] in groups else words[1]
    if name in groups and not is_whole:
        return
    assert name in known, f"there is no command: {' '.join(words)}"
    given = words[1 + len(name.split()) :]
    if is_whole:
        known[name].make_context(name, list(given))
    options = {option for parameter in known[name].params for option in (*parameter.opts, *parameter.secondary_opts)}
    for word in given:
        if word.startswith("--"):
            assert word.split("=")[0] in options, f"assay {name} has no {word}"


def check_make(words: list[str]) -> None:
    for word in words[1:]:
        if "=" not in word and word != "help":
            assert word in verbs(), f"there is no verb {word!r}"


def check_module(words: list[str]) -> None:
    """`python -m tests.bench.events --rate 2000`"""
    if words[1:2] == ["-m"]:
        spec = importlib.util.find_spec(words[2])
        assert spec is not None, f"there is no module {words[2]}"
        assert spec.origin is not None
        source = Path(spec.origin).read_text()
        for word in words[3:]:
            assert not word.startswith("--") or f'"{word}"' in source, f"{words[2]} has no {word}"


def check_words(words: list[str], *, is_whole: bool) -> None:
    match words[0]:
        case "assay":
            check_assay(words, is_whole=is_whole)
        case "make":
            check_make(words)
        case "python":
            check_module(words)
        case "curl":
            method = "POST" if "POST" in words else "GET"
            for path in (word.partition("/v1/")[2] for word in words if "/v1/" in word):
                assert is_endpoint(method, f"/v1/{path}"), f"there is no {method} /v1/{path}"
        case _:
            pass


@each_document
def test_every_command_of_a_block_can_be_typed(document: Path) -> None:
    for language, text in blocks(document):
        if language == "sh":
            for words in (words for line in text.splitlines() for words in words_of(line)):
                assert words[0] in PROGRAMS or words[0].startswith((".venv/", "scripts/")), f"nobody checks {words[0]!r}"
                check_words(words, is_whole=True)


@each_document
def test_every_command_in_the_text_exists(document: Path) -> None:
    lines = [line for language, text in blocks(document) if language == "" for line in text.splitlines()]
    for text in (*spans(document), *lines):
        if re.match(r"(assay|make|python -m) \w", text):
            check_words(words_of(text)[0], is_whole=False)


def test_every_command_and_verb_is_told_of() -> None:
    everything = "\n".join(document.read_text() for document in DOCUMENTS)
    for name in commands():
        assert re.search(rf"\bassay {name}\b", everything), f"no document tells of: assay {name}"
    contributing = (ROOT / "CONTRIBUTING.md").read_text()
    for verb in verbs():
        assert re.search(rf"`make (?:\w+`, `make )?{verb}`", contributing), f"CONTRIBUTING.md does not tell of: make {verb}"


# -- endpoints -----------------------------------------------------------------------------------


@cache
def endpoints() -> tuple[tuple[str, re.Pattern[str]], ...]:
    paths = json.loads((ROOT / "openapi.json").read_text())["paths"]
    return tuple(
        (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path))) for path, known in paths.items() for method in known
    )


def is_endpoint(method: str, path: str) -> bool:
    # A file is the same answer: its ending names the format.
    asked = re.sub(rf"/data\.({'|'.join(KINDS)})$", "/data", path)
    return any(method == known and pattern.fullmatch(asked) for known, pattern in endpoints())


@each_document
def test_every_endpoint_exists(document: Path) -> None:
    for methods, written in _ENDPOINT.findall(document.read_text()):
        path = re.sub(r"\[.*?\]", "", written).rstrip(".):]\"'")
        for method in methods.split("|"):
            assert is_endpoint(method, path), f"there is no {method} {path}"


# -- settings, paths, rooms ----------------------------------------------------------------------


class Asked(Mapping[str, str]):
    """An environment in which everything is set, and which keeps what it was asked for."""

    def __init__(self, file: Path) -> None:
        self.names: set[str] = set()
        self._file = str(file)

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        known = {
            "ASSAY_PORT": "8400", "ASSAY_EVENT_DAYS": "30", "ASSAY_LOG": "json", "ASSAY_LOG_LEVEL": "info",
            "ASSAY_AUDIT_LOG": "stdout", "ASSAY_AUDIT_DAYS": "30",
            "ASSAY_PUBLIC_URL": "https://assay.example", "ASSAY_PROXIES": "127.0.0.1",
            "ASSAY_SMTP_URL": "smtps://mail.example", "ASSAY_MAIL_FROM": "assay@example.com",
            "ASSAY_CONNECTIONS": "SHOP_DATABASE_URL",
            "ASSAY_TLS_CERT": self._file, "ASSAY_TLS_KEY": self._file,
        }  # fmt: skip
        return known.get(name, "long enough for a secret")

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@pytest.fixture
def settings_read(tmp_path: Path) -> set[str]:
    file = tmp_path / "key.pem"
    file.touch(0o600)
    environment = Asked(file)
    read_settings(environment)
    return environment.names


def test_every_setting_is_in_the_table_of_the_readme(settings_read: set[str]) -> None:
    wanted = settings_read | set(re.findall(r"\$\{(\w+)", (ROOT / "demo" / "assay.yaml").read_text())) | {"PG_BIN"}
    section = (ROOT / "README.md").read_text().split("## Configuration")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert wanted == {name for row in rows for name in _SPAN.findall(row)}


@pytest.mark.parametrize("name", ["Containerfile", "compose.yaml", "assay.service"])
def test_what_is_deployed_sets_only_what_is_read(name: str, settings_read: set[str]) -> None:
    text = (ROOT / "deploy" / name).read_text()
    written = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert set(re.findall(r"(?<![\w{])(ASSAY_\w+)[=:]", written)) - {"ASSAY_DATABASE_PASSWORD"} <= settings_read


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "assay.service"
    unit.write_text(
        (ROOT / "deploy" / "assay.service").read_text().replace("/opt/assay/bin/assay", shutil.which("true") or "")
    )
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@each_document
def test_every_path_that_is_named_exists(document: Path) -> None:
    for span in spans(document):
        if not _PLACE.fullmatch(span) or span.startswith(_BUILT):
            continue
        name, _, test = span.partition("::")
        found = list(ROOT.glob(name.rstrip("/")))
        assert found, f"{name} is not there"
        assert not test or f"def {test}(" in found[0].read_text(), f"{name} has no {test}"


def test_each_line_of_the_asvs_is_held_by_a_test_that_there_is_or_said_not_to_be() -> None:
    lines = [line for line in (ROOT / "docs" / "asvs.md").read_text().splitlines() if re.match(r"\| \d", line)]
    assert lines
    for line in lines:
        held = line.rsplit("|", 2)[1].strip()
        if held != "*not*":
            file, name = held.strip("`").split("::")
            assert re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE), line


def test_the_rooms_are_those_of_the_architecture() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "assay").glob("*/__init__.py")}
    section = (ROOT / "docs" / "architecture.md").read_text().split("## The rooms")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert rooms == {name for row in rows for name in _SPAN.findall(row)}


# -- decisions -----------------------------------------------------------------------------------


def test_decisions_are_short_numbered_and_listed() -> None:
    listed = (ROOT / "docs" / "adrs" / "README.md").read_text()
    numbers = [int(each.name[:3]) for each in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    for number, decision in zip(numbers, DECISIONS, strict=True):
        text = decision.read_text()
        assert len(text.splitlines()) <= 40, f"{decision.name} is longer than 40 lines"
        assert text.startswith(f"# {number}. ")
        assert f"({decision.name}) {text.splitlines()[0].split('. ', 1)[1]}\n" in listed


# -- YAML ----------------------------------------------------------------------------------------

YAML = [
    pytest.param(text, id=f"{document.relative_to(ROOT).as_posix()}-{number}")
    for document in DOCUMENTS
    for number, (language, text) in enumerate(blocks(document))
    # The book of the language has tables of its own: tests/engine/test_metrics_book.py.
    if language == "yaml" and document.parent.name != "metrics"
]


@pytest.mark.parametrize("text", YAML)
def test_yaml_is_read_by_what_reads_it(text: str, tmp_path: Path) -> None:
    root = Path(shutil.copytree(ROOT / "demo", tmp_path / "demo"))
    match yaml.safe_load(text):
        case {"metrics": [{"for": _}, *_]}:
            (root / "access").mkdir()
            (root / "access" / "all.yaml").write_text(text)
            assert read_policies(read_folder(root), load_workspace(root, {}))[1] == []
        case {"metrics": list(entries)}:
            check_metrics(root, text, [entry["id"] for entry in entries])
        case {"metrics": dict()}:
            assert parse_routing(text).findings == ()
        case {"roles": _}:
            file = tmp_path / "identity.yaml"
            file.write_text(text)
            read_identity(file, dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "a-secret-of-the-tests"))
        case {"kind": _, "question": _} as found:
            Widget.model_validate(found)
        case {"annotations": _} as found:
            AnnotationsFile.model_validate(found)
        case {"targets": list(entries)}:
            (root / "targets").mkdir()
            (root / "targets" / "as_written.yaml").write_text(text)
            workspace = load_workspace(root, {})
            assert list(workspace.findings) == []
            assert sum(map(len, workspace.targets.values())) == len(entries)
        case {"tiles": _} as found:
            DashboardEntry.model_validate(found)
        case {"rules": _, "actions": _} as found:
            RulesFile.model_validate(found)
        case {"rules": rules}:
            known = yaml.safe_load((root / RULES).read_text())
            known["rules"] += rules
            (root / RULES).write_text(yaml.safe_dump(known))
            assert load_loop(root, load_workspace(root, {}).dictionary)[1] == []
        case dict(lines) if lines and all(isinstance(each, dict) and "backend" in each for each in lines.values()):
            assert parse_routing("metrics:\n" + re.sub("^", "  ", text, flags=re.MULTILINE)).findings == ()
        case found:
            assert found, "an empty block"


def check_metrics(root: Path, text: str, metric_ids: list[str]) -> None:
    """They load beside those of the demo, under names of their own."""
    for each in metric_ids:
        text = re.sub(rf"\bid: {each}\b", f"id: {each}_as_written", text)
    (root / "metrics" / "as_written.yaml").write_text(text)
    workspace = load_workspace(root, {})
    assert list(workspace.findings) == []
    assert {f"{each}_as_written" for each in metric_ids} <= set(workspace.metrics)
