"""Regular expressions that take time in proportion to the text, on the engine that reads them: `engine/patterns.py`."""

from sqlglot import exp

from assay.engine import Dialect, engine_of

MAX_PATTERN = 500


def pattern_fault(pattern: exp.Expr | None, dialect: Dialect) -> str | None:
    """Why the pattern may not stand there."""
    if not isinstance(pattern, (exp.Literal, exp.RawString)):
        return "a regular expression has to be written out as text, so that it can be judged"
    text = str(pattern.this)
    if len(text) > MAX_PATTERN:
        return f"a regular expression of {len(text):,} characters; at most {MAX_PATTERN}"
    return engine_of(dialect).reading.pattern_fault(text)
