"""The demonstration as it is written down: `demo.yaml` of the workspace, read and proved.

From it the arc is played, measured and filmed, the runbook is printed, and the gates know the demo's metrics.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assay.catalog.findings import Finding, nearest
from assay.catalog.workspace import Workspace
from assay.compiler.question import Asked
from assay.errors import WorkspaceBroken
from assay.loop.proof import Proof

FILE = "demo.yaml"
LONGEST_FILM_SECONDS = 240
Verb = Literal["go", "click", "fill", "press", "see", "gone", "reveal", "keep", "same", "run", "edit"]
_VERBS = ("go", "click", "fill", "press", "see", "gone", "reveal", "keep", "same", "run", "edit")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Strict):
    """Something on the screen, as a person or a screen reader finds it: by its role and its name, or by its text.

    A name or text between slashes is a pattern.
    """

    role: str | None = None
    name: str | None = None
    text: str | None = None
    """What it says, in part; alone, it is found by that."""
    inside: "Place | None" = None
    nth: int = 0

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.role is None and self.text is None:
            raise ValueError("a place needs a role or a text")
        return self

    def words(self) -> str:
        """As a finding or a failed step names it."""
        said = f"{self.role or 'text'} {(self.name or self.text or '')!r}"
        return f"{said} in {self.inside.words()}" if self.inside else said


class Filled(_Strict):
    into: Place
    words: str


class Kept(_Strict):
    """A text of the screen that is remembered by a name, and looked at again later."""

    of: Place
    as_: str = Field(alias="as")


class Edit(_Strict):
    """The one line of the routing file."""

    metric: str
    backend: str


class Act(_Strict):
    """One thing done or looked at: exactly one verb."""

    go: str | None = None
    """An address of the page."""
    click: Place | None = None
    fill: Filled | None = None
    press: str | None = None
    see: Place | None = None
    """Wait until it is there."""
    gone: Place | None = None
    reveal: Place | None = None
    """Scroll it into view."""
    keep: Kept | None = None
    same: Kept | None = None
    """It reads as it did when it was kept."""
    run: str | None = None
    """A command of `assay`, as in a terminal."""
    edit: Edit | None = None

    @model_validator(mode="after")
    def _has_one_verb(self) -> Self:
        said = [verb for verb in _VERBS if getattr(self, verb) is not None]
        if len(said) != 1:
            raise ValueError(f"an act has one verb of {', '.join(_VERBS)}; this has {', '.join(said) or 'none'}")
        if self.run is not None and not self.run.startswith("assay "):
            raise ValueError(f"{self.run!r} is no command of assay")
        return self

    @property
    def verb(self) -> Verb:
        return next(verb for verb in _VERBS if getattr(self, verb) is not None)


class Step(_Strict):
    say: str = Field(min_length=1, max_length=220)
    """The caption, and what is said to the room."""
    do: str = Field(min_length=1)
    """What the presenter does, in words."""
    act: tuple[Act, ...] = Field(min_length=1)
    budget_ms: int = Field(ge=1, le=60_000)
    """How long doing and seeing may take, holding not counted."""
    hold_seconds: float = Field(default=2, ge=0, le=20)
    """How long the film stays on it."""


class Scene(_Strict):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]
    title: str = Field(min_length=1, max_length=80)
    steps: tuple[Step, ...] = Field(min_length=1)


class DemoMetric(_Strict):
    metric_id: str
    words: str
    """What a person asks."""
    question: Asked = Field(default_factory=Asked)


class ScriptFile(_Strict):
    """`demo.yaml`."""

    title: str
    summary: str
    metrics: tuple[DemoMetric, ...] = Field(min_length=1)
    before: tuple[str, ...]
    """What to have ready, for the runbook."""
    scenes: tuple[Scene, ...] = Field(min_length=1)
    after: tuple[str, ...]
    """What to do where something goes wrong, for the runbook."""


def load_script(root: Path, workspace: Workspace) -> ScriptFile:
    """The script of a workspace. Raises WorkspaceBroken with file, line and mend."""
    found, findings = read_script(root, workspace)
    if found is None or findings:
        raise WorkspaceBroken(str(findings[0]), findings=[str(each) for each in findings])
    return found


def read_script(root: Path, workspace: Workspace) -> tuple[ScriptFile | None, list[Finding]]:
    """The script, where it can be read at all, and all that is wrong in it."""
    findings: list[Finding] = []
    proof = Proof(FILE, findings)
    found = proof.read(root, ScriptFile)
    if found is None:
        return None, findings
    _prove_scenes(found, proof)
    for number, each in enumerate(found.metrics):
        _known(proof, ("metrics", number, "metric_id"), "metric", each.metric_id, set(workspace.metrics))
    scenarios = {path.stem for path in (root / "scenarios").glob("*.yaml")}
    for place, act in _acts(found):
        if act.edit is not None:
            _known(proof, (*place, "edit", "metric"), "metric", act.edit.metric, set(workspace.metrics))
            _known(proof, (*place, "edit", "backend"), "backend", act.edit.backend, set(workspace.backends))
        if act.run is not None and act.run.startswith("assay demo scenario "):
            _known(proof, (*place, "run"), "scenario", act.run.split()[3], scenarios)
    return found, findings


def _prove_scenes(script: ScriptFile, proof: Proof) -> None:
    known: set[str] = set()
    for number, scene in enumerate(script.scenes):
        if scene.id in known:
            proof.note(("scenes", number, "id"), f"there are two scenes {scene.id!r}", "give one another id")
        known.add(scene.id)
    kept: set[str] = set()
    for place, act in _acts(script):
        if act.keep is not None:
            kept.add(act.keep.as_)
        if act.same is not None and act.same.as_ not in kept:
            mend = nearest(act.same.as_, kept) or "keep it in a step before"
            proof.note((*place, "same", "as"), f"nothing was kept as {act.same.as_!r}", mend)
    held = sum(step.hold_seconds for scene in script.scenes for step in scene.steps)
    if held > LONGEST_FILM_SECONDS * 0.75:
        proof.note(
            ("scenes",), f"the film would hold still for {held:g} s", f"it has to end within {LONGEST_FILM_SECONDS} s"
        )


def _acts(script: ScriptFile) -> list[tuple[tuple[Any, ...], Act]]:
    return [
        (("scenes", scene_number, "steps", step_number, "act", act_number), act)
        for scene_number, scene in enumerate(script.scenes)
        for step_number, step in enumerate(scene.steps)
        for act_number, act in enumerate(step.act)
    ]


def _known(proof: Proof, place: tuple[Any, ...], what: str, name: str, known: set[str]) -> None:
    if name not in known:
        mend = nearest(name, known) or f"there are {', '.join(sorted(known))}"
        proof.note(place, f"there is no {what} {name!r}", mend)
