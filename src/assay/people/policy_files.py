"""The files in `access/`, as they are read. All of them are one whole.

Where one of them cannot be read, or names what is not there, nobody is given anything: policies have no last good.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assay.catalog.binder import Binder
from assay.catalog.dictionary import Table
from assay.catalog.faults import faults_of
from assay.catalog.findings import Finding, cannot_be_read, nearest
from assay.catalog.folder import YAML, is_content
from assay.catalog.formula import BadFormula
from assay.catalog.marked_yaml import BadYaml, MarkedYaml, parse_yaml, read_text
from assay.catalog.row_filter import read_row_filter
from assay.catalog.spelling import table_and_column
from assay.catalog.workspace import Workspace
from assay.people.policies import EVERYBODY, Case, Policies, Policy
from assay.people.roles import Role
from assay.people.scope import Grant
from assay.work.principal import Principal

FOLDER = "access"
_ROLES = frozenset(get_args(Role))
_PLAIN = re.compile(r"[a-z][a-z0-9_]*")
_Text = Annotated[str, Field(min_length=1, max_length=300)]
_Formula = Annotated[str, Field(min_length=1, max_length=2_000)]
Providers = Mapping[str, tuple[str, ...]]
"""Who vouches for people, `oidc:NAME` and `proxy:NAME`, and the domains whose addresses each speaks for."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PolicyEntry(_Strict):
    """One that names no metrics gives nothing: it only hides."""

    for_: tuple[_Text, ...] = Field(alias="for", min_length=1)
    metrics: tuple[_Text, ...] = ()
    rows: Literal["all"] | dict[_Text, _Formula] | None = None
    hide: tuple[_Text, ...] = ()


class CaseWho(_Strict):
    email: _Text | None = None
    groups: tuple[_Text, ...] = ()
    claims: dict[_Text, tuple[_Text, ...]] = Field(default_factory=dict)
    roles: tuple[Role, ...] = ("viewer",)


class CaseEntry(_Strict):
    """What somebody is to see of a metric; `sees` by table where it is not all or nothing."""

    as_: CaseWho = Field(alias="as")
    metric: _Text
    sees: Literal["all", "nothing"] | dict[_Text, _Formula]


class AccessFile(_Strict):
    groups: dict[_Text, tuple[_Text, ...]] = Field(default_factory=dict)
    metrics: tuple[PolicyEntry, ...] = ()
    people_of: dict[_Text, _Text] = Field(default_factory=dict)
    minimum_group: Annotated[int, Field(strict=True, ge=2, le=1_000)] | None = None
    tests: tuple[CaseEntry, ...] = ()


class Texts(NamedTuple):
    """The files as they lie there, by name; none where there is no folder. `troubles`: why they are not known."""

    files: Mapping[str, str]
    troubles: tuple[Finding, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256(orjson.dumps(dict(self.files), option=orjson.OPT_SORT_KEYS)).hexdigest()


def read_folder(root: Path) -> Texts:
    """All of `access/`. A folder that is there and cannot be looked into is not the same as none."""
    folder = root / FOLDER
    files, troubles = dict[str, str](), list[Finding]()
    try:
        names = sorted(each.name for each in os.scandir(folder) if is_content(each.name))
    except FileNotFoundError:
        gone = Finding(f"{FOLDER}/", None, "is a link that leads nowhere", "put back what it leads to")
        return Texts({}, (gone,) if folder.is_symlink() else ())
    except OSError as error:
        return Texts({}, (cannot_be_read(f"{FOLDER}/", error),))
    for name in names:
        shown = f"{FOLDER}/{name}"
        if not name.endswith(YAML):
            mend = "rename it to end in .yaml, or move it elsewhere"
            troubles.append(Finding(shown, None, "is no file of policies", mend))
            continue
        try:
            files[name] = read_text(folder / name)
        except BadYaml as error:
            troubles += error.findings(shown)
    return Texts(files, tuple(troubles))


def read_policies(
    texts: Texts, workspace: Workspace, providers: Providers | None = None
) -> tuple[Policies | None, list[Finding]]:  # fmt: skip
    """None where anything is wrong with them: then nobody is given anything.

    `providers`: None where it is not known who they are, as on a machine on which policies are only reviewed.
    """
    if texts.troubles:
        return None, list(texts.troubles)
    reader = _Reader(workspace, providers)
    for name, content in sorted(texts.files.items()):
        reader.read(f"{FOLDER}/{name}", content)
    for file in reader.files:
        reader.take(*file)
    if reader.findings:
        return None, reader.findings
    cases, policies = tuple(reader.cases), tuple(reader.policies)
    return Policies(workspace, policies, reader.sources, cases, reader.minimum or 0), []


_Taken = tuple[str, MarkedYaml, AccessFile]


@dataclass
class _Reader:
    workspace: Workspace
    providers: Providers | None
    findings: list[Finding] = field(default_factory=list[Finding])
    files: list[_Taken] = field(default_factory=list[_Taken])
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    sources: dict[str, str] = field(default_factory=dict[str, str])
    policies: list[Policy] = field(default_factory=list[Policy])
    cases: list[Case] = field(default_factory=list[Case])
    minimum: int | None = None

    @cached_property
    def _binder(self) -> Binder:
        return Binder(self.workspace.dictionary)

    def read(self, shown: str, text: str) -> None:
        """The file's form, and what all files share: groups and attributes."""
        try:
            marked = parse_yaml(text)
        except BadYaml as error:
            self.findings += error.findings(shown)
            return
        try:
            taken = AccessFile.model_validate(marked.data)
        except ValidationError as error:
            for fault in faults_of(error.errors(), AccessFile):
                self.note(shown, marked.line(fault.place), fault.told_of("the file"), fault.mend)
            return
        self.files.append((shown, marked, taken))
        for name, members in taken.groups.items():
            line = marked.line(("groups", name))
            if name in self.groups or name == EVERYBODY:
                self.note(shown, line, f"the group {name} stands twice" if name in self.groups else "* is everybody")
            elif _is_member(name):
                self.note(shown, line, f"the group {name} is called as a member is", "give it a plain name")
            self.groups[name] = members
            for each in members:
                if why := self._why_no_member(each):
                    self.note(shown, line, f"group {name}: {each!r} {why[0]}", why[1])
        for name, source in taken.people_of.items():
            line = marked.line(("people_of", name))
            kind, _, claim = source.partition(":")
            if kind != "claim" or not claim or not _PLAIN.fullmatch(name):
                self.note(shown, line, f"people_of.{name}: {source!r} is not where an attribute comes from",
                          "write for instance  regions: claim:regions")  # fmt: skip
            elif self.sources.setdefault(name, claim) != claim:
                self.note(shown, line, f"the attribute {name} stands twice")
        if taken.minimum_group is not None:
            if self.minimum is not None:
                self.note(shown, marked.line(("minimum_group",)), "minimum_group stands twice", "write it in one file")
            self.minimum = taken.minimum_group

    def take(self, shown: str, marked: MarkedYaml, taken: AccessFile) -> None:
        """What names metrics, tables and groups."""
        for index, entry in enumerate(taken.metrics):
            self._take_policy(shown, marked, ("metrics", index), entry)
        for index, case in enumerate(taken.tests):
            line = marked.line(("tests", index)) or 1
            if case.metric not in self.workspace.metrics:
                self.note(shown, line, *_no_metric(case.metric, self.workspace))
            sees = case.sees
            if isinstance(sees, dict):
                rows = self._rows(shown, marked, ("tests", index, "sees"), sees, is_case=True)
                sees = {table: text or "all" for table, text in rows.items()}
            roles, email, groups, claims = frozenset(case.as_.roles), case.as_.email, case.as_.groups, case.as_.claims
            who = Principal("case", "case", "person", roles, email, frozenset(groups), claims)
            self.cases.append(Case(shown, line, who, case.metric, sees))

    def _take_policy(self, shown: str, marked: MarkedYaml, place: tuple[str | int, ...], entry: PolicyEntry) -> None:
        line = marked.line(place) or 1

        def note(part: str, message: str, mend: str | None = None) -> None:
            self.note(shown, marked.line((*place, part)) or line, message, mend)

        members: list[str] = []
        for name in entry.for_:
            if name in self.groups:
                members += self.groups[name]
            elif not _is_member(name):
                mend = nearest(name, set(self.groups)) or f"name it under groups; {_MEMBERS}"
                note("for", f"there is no group {name!r}", mend)
            elif why := self._why_no_member(name):
                note("for", f"{name!r} {why[0]}", why[1])
            else:
                members.append(name)
        for pattern in entry.metrics:
            # That of all metrics waits for the first one.
            if pattern != EVERYBODY and not any(map(Grant((pattern,), None).names, self.workspace.metrics)):
                note("metrics", *_no_metric(pattern, self.workspace))
        if bool(entry.metrics) != (entry.rows is not None):
            note("for", "metrics and rows go together: which metrics, and which of their rows",
                 "write rows: all, or leave both out where it only hides columns")  # fmt: skip
        if not entry.metrics and not entry.hide:
            note("for", "gives nothing and hides nothing", "write metrics and rows, or hide")
        rows = self._rows(shown, marked, (*place, "rows"), entry.rows) if isinstance(entry.rows, dict) else None
        hidden = [found for each in entry.hide if (found := self._column(note, each))]
        self.policies.append(Policy(tuple(members), entry.metrics, rows, tuple(hidden), shown, line))

    def _rows(
        self, shown: str, marked: MarkedYaml, place: tuple[str | int, ...], written: Mapping[str, str], *,
        is_case: bool = False,
    ) -> dict[str, str | None]:  # fmt: skip
        found: dict[str, str | None] = {}
        for name, text in written.items():
            line = marked.line((*place, name))
            table = self._table(shown, line, name)
            if table is None:
                continue
            if table.qualified in found:
                self.note(shown, line, f"{table.qualified} stands twice")
            found[table.qualified] = None if text == "all" else text
            if text == "all" or is_case:  # what a case expects is compared as it is written
                continue
            try:
                condition = read_row_filter(text, self._binder, table)
            except BadFormula as error:
                self.note(shown, line, f"{name}: {error}")
                continue
            for attribute, _ in condition.counts:
                if attribute not in self.sources:
                    mend = nearest(attribute, set(self.sources)) or f"write under people_of  {attribute}: claim:{attribute}"
                    self.note(shown, line, f"{name}: people_of names no attribute {attribute!r}", mend)
        return found

    def _table(self, shown: str, line: int | None, name: str) -> Table | None:
        table = self.workspace.dictionary.find(name)
        if table is None:
            self.note(shown, line, f"no table {name!r} in the dictionary",
                      nearest(name, self.workspace.dictionary.table_names))  # fmt: skip
        return table

    def _column(self, note: Any, written: str) -> tuple[str, str] | None:
        table_name, column = table_and_column(written, self.workspace.dictionary.table_names)
        table = self.workspace.dictionary.find(table_name) if table_name else None
        if table is None:
            note("hide", f"{written!r} names no table of the dictionary", "write table.column")
            return None
        if column not in table.columns:
            note("hide", f"{table.qualified} has no column {column!r}", nearest(column, set(table.columns)))
            return None
        return table.qualified, column

    def _why_no_member(self, text: str) -> tuple[str, str | None] | None:
        """(why nobody can be meant by it, the mend). An admin may invite any address, and put people into any group."""
        if not _is_member(text):
            return "is no group of a provider, address or role", _MEMBERS
        if self.providers is None:
            return None
        provider, domain = text.partition("/")[0], text.rpartition("@")[2].lower()
        if text.startswith(("oidc:", "proxy:")):
            if provider in self.providers:
                return None
            return f"is of a provider that the identity file does not name: {provider}", nearest(
                provider, set(self.providers)
            )
        if "*" not in text.rpartition("@")[0]:
            return None
        domains = {each.lower() for own in self.providers.values() for each in own}
        if not domains or any(fnmatchcase(each, domain) for each in domains):
            return None
        return f"is of a domain that no provider is listed for: {domain}", nearest(domain, domains) or "write each address"

    def note(self, file: str, line: int | None, message: str, mend: str | None = None) -> None:
        self.findings.append(Finding(file, line or 1, message, mend))


_MEMBERS = 'members are  oidc:NAME/group,  jane@example.com,  "*@example.com",  role:viewer,  channel:NAME  or  "*"'


def _is_member(text: str) -> bool:
    """Whether it has the form of one."""
    if text.startswith("role:"):
        return text.removeprefix("role:") in _ROLES
    return text == EVERYBODY or bool(
        re.fullmatch(r"(oidc|proxy):[^/\s]+/\S.*|people:\S.*|channel:[a-z][a-z0-9_]*|[^\s@:/]+@[^\s@:/]+", text)
    )


def _no_metric(name: str, workspace: Workspace) -> tuple[str, str | None]:
    return f"there is no metric {name!r}", nearest(name, set(workspace.metrics))
