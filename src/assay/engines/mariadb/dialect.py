"""MariaDB's SQL as it is read and printed: sqlglot's MySQL, but for what that reads or writes otherwise."""

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL

_MOMENTS = (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPNTZ)


class MariaDB(MySQL):
    # Every connection is opened with NO_BACKSLASH_ESCAPES: a backslash in a text is a backslash.
    class Tokenizer(MySQL.Tokenizer):
        QUOTES: ClassVar = ["'"]
        STRING_ESCAPES: ClassVar = ["'"]

    class Generator(MySQL.Generator):
        TRANSFORMS: ClassVar[dict[Any, Any]] = {
            **MySQL.Generator.TRANSFORMS,
            exp.Least: lambda self, node: _of_those_there(self, node),
            exp.Greatest: lambda self, node: _of_those_there(self, node),
        }
        # Reserved here and not in MySQL.
        RESERVED_KEYWORDS = MySQL.Generator.RESERVED_KEYWORDS | {
            "current_role", "delete_domain_id", "do_domain_ids", "general", "ignore_domain_ids", "ignore_server_ids",
            "master_heartbeat_period", "offset", "page_checksum", "parse_vcol_expr", "position", "ref_system_id",
            "returning", "rownum", "slow", "stats_auto_recalc", "stats_persistent", "stats_sample_pages",
        }  # fmt: skip

        def filter_sql(self, expression: exp.Filter) -> str:
            """There is no FILTER: what does not meet the condition is no value to the aggregate."""
            aggregate, condition = expression.this.copy(), expression.expression.this
            holder = aggregate.this
            # Of several values that are counted together, none may be missing.
            value = holder.expressions[0] if isinstance(holder, exp.Distinct) else holder
            among = exp.Literal.number(1) if isinstance(value, exp.Star) else value.copy()
            value.replace(exp.Case(ifs=[exp.If(this=condition.copy(), true=among)]))
            return self.sql(aggregate)

        def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
            """To the microsecond: a bare DATETIME has none. An instant stays as it is: nothing is cast to a TIMESTAMP."""
            value, kind = expression.this, expression.to.this
            if kind == exp.DType.TIMESTAMPTZ and not isinstance(value, exp.Literal):
                return self.sql(value)
            if kind in _MOMENTS:
                return f"CAST({self.sql(value)} AS DATETIME(6))"
            return super().cast_sql(expression, safe_prefix)

        def anonymous_sql(self, expression: exp.Anonymous) -> str:
            """There is no TRANSLATE: letters are replaced one after the other, of which none is made by another."""
            if expression.name.upper() != "TRANSLATE":
                return super().anonymous_sql(expression)
            value, letters, others = expression.expressions
            for letter, other in zip(letters.name, others.name, strict=True):
                value = exp.func("REPLACE", value, exp.Literal.string(letter), exp.Literal.string(other))
            return self.sql(value)


def _of_those_there(printer: Any, node: exp.Least | exp.Greatest) -> str:
    """LEAST and GREATEST are unknown where one side is: each side without a value is replaced by another one."""
    sides = [node.this, *node.expressions]
    if node.args.get("ignore_nulls"):
        sides = [
            exp.Coalesce(this=each.copy(), expressions=[other.copy() for other in sides if other is not each])
            for each in sides
        ]
    return printer.func("LEAST" if isinstance(node, exp.Least) else "GREATEST", *sides)
