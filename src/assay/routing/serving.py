"""What serves at a moment: one loaded state of the workspace with all that is derived from it."""

from collections.abc import Mapping
from dataclasses import dataclass

from assay.backends.protocol import Backend, NotConfigured
from assay.catalog.workspace import Workspace
from assay.compiler.question import Question
from assay.compiler.statement import Compiler, Statement
from assay.gate import Policy
from assay.routing.described import Described

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
    described: Described

    @classmethod
    def of(cls, workspace: Workspace, backends: Backends) -> "Catalog":
        policies = {
            name: Policy.from_dictionary(workspace.dictionary, backend=name, max_rows=10_000 + 1) for name in backends
        }
        return cls(workspace, backends, Policy.from_dictionary(workspace.dictionary), policies, Compiler(), Described())

    def statement(self, question: Question, backend: Backend) -> Statement:
        """The question on a backend, by the column types that are known of it. Raises SafetyViolation."""
        held = self.described.now(backend.name)
        return self.compiler.statement(question, backend.dialect, self.policies[backend.name], held)
