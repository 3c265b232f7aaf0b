"""The generator: SQL for a question of the catalog, written by a model and judged like any other text from outside."""

import hashlib
from dataclasses import dataclass
from functools import partial

import sqlglot
from pydantic import BaseModel, Field
from sqlglot import exp

from assay.catalog.calendars import OwnGrain, spoken
from assay.catalog.workspace import Workspace
from assay.compiler.prompt import INSTRUCTIONS, make_prompt
from assay.compiler.question import MAX_APART, Question
from assay.compiler.statement import Statement
from assay.engine import Dialect, engine_of
from assay.errors import AssayError, BadQuestion, LlmUnavailable, SafetyViolation
from assay.gate import Judge, Policy, SafeSql, Violation, not_judged
from assay.llm import Door, Spent
from assay.settings import Settings

ROUNDS = 2
"""The first try, and one with the violations of the first."""
_MAX_TEXT = 64_000


class Written(BaseModel):
    """The statement that answers the question, and how it does so."""

    sql: str = Field(description="One SELECT. Empty only where the question cannot be answered.")
    explanation: str = Field(description="One or two sentences for an analyst: what is counted, over which rows.")


@dataclass(frozen=True, slots=True)
class Round:
    """One try: the text as the model gave it, and what was found wrong with it."""

    sql: str
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What came of asking: `safe`, or `failure` with the reason. Rounds and spending are there either way."""

    model: str | None
    prompt_hash: str
    rounds: tuple[Round, ...]
    spent: Spent
    explanation: str
    safe: SafeSql | None
    failure: AssayError | None


class Generator:
    """Asks a model for SQL and has it judged in a process of its own."""

    def __init__(self, door: Door, judge: Judge) -> None:
        self._door = door
        self._judge = judge

    @classmethod
    def of(cls, settings: Settings, judge: Judge) -> "Generator":
        return cls(Door(settings.llm, settings.llm_fast), judge)

    async def write(self, question: Question, statement: Statement, workspace: Workspace, policy: Policy) -> Draft:
        """SQL for the question; `statement` is the compiler's, whose placeholders and columns the model is held to.

        Raises BadQuestion, before a model is asked, for what none is asked to write.
        """
        dialect = statement.safe.dialect
        if (why_not := _why_not(question, dialect)) is not None:
            raise BadQuestion(why_not, mend="generator: compiler", field="generator")
        instructions = INSTRUCTIONS.format(dialect=dialect)
        prompt = make_prompt(question, statement, workspace, policy)
        digest = hashlib.sha256(f"{instructions}\n{prompt}".encode()).hexdigest()[:32]
        drafted = partial(Draft, self._door.model(), digest)
        rounds: list[Round] = []
        spent, explanation, asked = Spent(), "", prompt
        for _ in range(ROUNDS):
            try:
                reply = await self._door.ask(instructions, asked, Written, tool="write_sql")
            except LlmUnavailable as failure:
                return drafted(tuple(rounds), spent + (failure.spent or Spent()), explanation, None, failure)
            spent += reply.spent
            sql, explanation = _readable(reply.output.sql), _readable(reply.output.explanation)
            if not sql.strip():
                refusal = LlmUnavailable(
                    f"{reply.model} declined: {explanation[:300]}", reason="refused", model=reply.model
                )  # fmt: skip
                return drafted(tuple(rounds), spent, explanation, None, refusal)
            verdict = await self._judge.judge(sql, dialect, policy)
            violations = verdict.violations if verdict.safe is None else held_to(verdict.safe, statement)
            rounds.append(Round(sql, violations))
            if verdict.safe is not None and not violations:
                return drafted(tuple(rounds), spent, explanation, verdict.safe, None)
            asked = f"{prompt}\n\n{_repair(sql, violations)}"
        return drafted(tuple(rounds), spent, explanation, None, _refused(rounds[-1]))

    async def close(self) -> None:
        await self._door.close()
        await self._judge.close()


def _why_not(question: Question, dialect: Dialect) -> str | None:
    """Why no model is asked to write SQL for the question; None where one may be."""
    beyond = next(
        (metric for metric in question.metrics if not metric.adds_up_over_time or metric.has_roles or metric.has_whose), None
    )
    if beyond:
        what = "looks further than its bucket" if beyond.has_frame else "chooses, groups or joins its rows in its own way"
        return f"{beyond.metric_id} {what}, which no model is asked to write."
    if question.whose:
        return "No model is asked to look at what another metric is for somebody."
    if question.having:
        return "No model is asked to choose among groups by their values."
    if question.is_beside or question.others or any(each.by in question.changes() for each in question.order):
        return "No model is asked to tell which groups come first by their change, nor to hold groups against all others."
    if any(each.is_listed for each in question.every_filter):
        return f"A filter has more than {MAX_APART} values, a list that no model is asked to write."
    if isinstance(question.grain, OwnGrain):
        return f"A {spoken(question.grain)} is told by the workspace's calendar, which no model is asked to write."
    unjudged = not_judged(dialect)
    return f"{unjudged}." if unjudged is not None else None


def _readable(text: str) -> str:
    """Text that can be kept and sent on: neither half a surrogate pair nor a NUL."""
    return text[:_MAX_TEXT].encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def held_to(safe: SafeSql, statement: Statement) -> tuple[Violation, ...]:
    """What the gate cannot know: whether the statement has the columns, placeholders and rows of the question."""
    found: list[Violation] = []
    tree = sqlglot.parse_one(safe.text, read=engine_of(safe.dialect).reading.sqlglot)
    names = [name.lower() for name in tree.named_selects] if isinstance(tree, exp.Query) else []
    wanted = [column.name for column in statement.columns]
    if names != [name.lower() for name in wanted]:
        found.append(Violation("wrong_columns", f"the columns are {_listed(names)}; asked for are {_listed(wanted)}"))
    missing = set(statement.safe.parameters) - set(safe.parameters)
    strange = set(safe.parameters) - set(statement.safe.parameters)
    if missing or strange:
        said = [f"{_listed(sorted(missing))} not used"] * bool(missing) + [f"{_listed(sorted(strange))} not known"] * bool(
            strange
        )
        found.append(Violation("wrong_placeholders", f"placeholders: {'; '.join(said)}"))
    if safe.row_limit < statement.safe.row_limit:
        found.append(Violation("too_few_rows", f"LIMIT {safe.row_limit}; asked for is LIMIT {statement.safe.row_limit}"))
    return tuple(found)


def violations_out(violations: tuple[Violation, ...]) -> list[dict[str, str | int | None]]:
    """Violations as they travel."""
    return [{"code": each.code, "message": each.message, "line": each.line, "column": each.column} for each in violations]


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _refused(last: Round) -> SafetyViolation:
    return SafetyViolation(
        f"The model's statement was refused {ROUNDS} times: {last.violations[0].message}",
        mend="generator: compiler answers the same question from the definition",
        violations=violations_out(last.violations),
        sql=last.sql,
    )  # fmt: skip


# -- the prompt ------------------------------------------------------------------------------------


def _repair(sql: str, violations: tuple[Violation, ...]) -> str:
    faults = [f"- {each.code}: {each.message}" + (f" (line {each.line})" if each.line else "") for each in violations]
    told = ["# Your last statement was refused", sql[:8_000], "", *faults, "", "Write it again without these faults."]
    return "\n".join(told)
