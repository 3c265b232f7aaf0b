"""What serves at a moment: one loaded state of the workspace with all that is derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass

from assay.backends.protocol import Backend, NotConfigured
from assay.catalog.workspace import Workspace
from assay.compiler.statement import Compiler
from assay.gate import Policy

Backends = Mapping[str, Backend | NotConfigured]


@dataclass(frozen=True)
class Catalog:
    """Replaced as a whole when the workspace changes, never changed itself."""

    workspace: Workspace
    backends: Backends
    policy: Policy
    """Of the whole dictionary, for text from outside."""
    policies: dict[str, Policy]
    """By backend: only what lies there."""
    compiler: Compiler

    @classmethod
    def of(cls, workspace: Workspace, backends: Backends) -> "Catalog":
        policies = {
            name: Policy.from_dictionary(workspace.dictionary, backend=name, max_rows=10_000 + 1) for name in backends
        }
        return cls(workspace, backends, Policy.from_dictionary(workspace.dictionary), policies, Compiler())
