"""sqlglot's dialects as the gate uses them: parsers as they come, printers that print the judged tree and nothing else.

The stock printers move CTEs to the top (and rebind names on the way), rewrite QUALIFY and semi joins, and drop what a
dialect lacks with a warning. Here none of that happens: what cannot be printed as it stands is refused.
"""

from functools import cache
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.generator import Generator

from assay.engine import Dialect, engine_of
from assay.engine.parser_words import plainly


class Unreadable(Exception):
    """The parser cannot read the text."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


class Unprintable(Exception):
    """The printer cannot say in this dialect what the tree says."""


# Words that an engine evaluates when they stand bare; as names they are printed in quotes.
_SPECIAL = frozenset({
    "user", "current_user", "session_user", "system_user", "current_role", "current_catalog", "current_schema",
    "current_database", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "default",
})  # fmt: skip
# Nodes that the stock printers rewrite: whole statements, and exact percentiles into approximate ones.
_UNTOUCHED = (exp.Select, exp.From, exp.Table, exp.WithinGroup)


def _exactly(stock: type[Generator]) -> type[Generator]:
    """The stock printer without its rewrites of whole statements, and with NULLS FIRST or LAST wherever it was asked for."""

    class Exact(stock):
        TRANSFORMS: ClassVar[dict[Any, Any]] = {
            key: value for key, value in stock.TRANSFORMS.items() if key not in _UNTOUCHED
        }
        EXPRESSIONS_WITHOUT_NESTED_CTES: ClassVar[set[type[exp.Expr]]] = set()
        RESERVED_KEYWORDS = stock.RESERVED_KEYWORDS | _SPECIAL
        explicit_nulls = False

        def ordered_sql(self, expression: exp.Ordered) -> str:
            desc = expression.args.get("desc")
            direction = " DESC" if desc else " ASC" if desc is False else ""
            if not self.explicit_nulls:
                return super().ordered_sql(expression)
            nulls = " NULLS FIRST" if expression.args.get("nulls_first") else " NULLS LAST"
            return f"{self.sql(expression, 'this')}{direction}{nulls}"

    Exact.__name__ = f"Exact{stock.__name__}"
    return Exact


@cache
def _printer(dialect: Dialect) -> type[Generator]:
    return _exactly(type(engine_of(dialect).reading.sqlglot.generator()))


def parse(prepared: str, dialect: Dialect, *, max_nodes: int) -> list[exp.Expr]:
    """The statements of the text. Raises Unreadable or RecursionError.

    `max_nodes` bounds the nodes made on the way, also those of readings that the parser gives up.
    """
    try:
        return [tree for tree in engine_of(dialect).reading.sqlglot.parse(prepared, max_nodes=max_nodes) if tree is not None]
    except RecursionError:
        raise
    except SqlglotError as error:
        raise Unreadable(*plainly(error)) from error
    except Exception as error:  # the parser trips over some texts in ways of its own
        raise Unreadable("the text cannot be read") from error


def print_tree(tree: exp.Expr, dialect: Dialect, *, explicit_nulls: bool) -> str:
    """One line of SQL, without comments. Uses the tree up. Raises Unprintable or RecursionError."""
    options: dict[str, Any] = {"comments": False, "unsupported_level": ErrorLevel.RAISE}
    printer = _printer(dialect)(dialect=engine_of(dialect).reading.sqlglot, **options)
    printer.explicit_nulls = explicit_nulls  # type: ignore[attr-defined]
    try:
        return printer.generate(tree, copy=False)
    except RecursionError:
        raise
    except Exception as error:  # so does the printer
        raise Unprintable(str(error)[:200]) from error
