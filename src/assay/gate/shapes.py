"""The tree shapes that may stand in a statement: node classes, and for each the parts it may have.

What is not listed is refused, and so is what an engine's reading says it does not have. Functions with a class of their own
are listed in FUNCTION_NODES; by which names they may be called, the reading says.
"""

from collections.abc import Iterator

from sqlglot import exp

from assay.engine import Reading, engine_of
from assay.gate.spoken import called, part_of, written
from assay.gate.text import Text

_QUERY = {"with_", "order", "limit", "offset"}
_BINARY = {"this", "expression"}

SHAPES: dict[type[exp.Expr], frozenset[str]] = {
    node: frozenset(parts)
    for node, parts in {
        # statements and their clauses
        exp.Select: _QUERY | {"expressions", "distinct", "from_", "joins", "where", "group", "having", "qualify", "windows"},
        exp.Union: _QUERY | {"this", "expression", "distinct"},
        exp.Except: _QUERY | {"this", "expression", "distinct"},
        exp.Intersect: _QUERY | {"this", "expression", "distinct"},
        exp.Subquery: {"this", "alias"},
        exp.With: {"expressions"},
        exp.CTE: {"this", "alias", "materialized"},
        exp.From: {"this"},
        exp.Table: {"this", "db", "alias"},
        exp.TableAlias: {"this", "columns"},
        exp.Join: {"this", "on", "using", "side", "kind"},
        exp.Where: {"this"},
        exp.Group: {"expressions", "grouping_sets", "rollup", "cube", "all"},
        exp.GroupingSets: {"expressions"},
        exp.Rollup: {"expressions"},
        exp.Cube: {"expressions"},
        exp.Having: {"this"},
        exp.Qualify: {"this"},
        exp.Order: {"this", "expressions"},
        exp.Ordered: {"this", "desc", "nulls_first"},
        exp.Limit: {"expression"},
        exp.Fetch: {"direction", "count", "limit_options"},
        exp.LimitOptions: {"rows"},
        exp.Offset: {"expression"},
        exp.Distinct: {"expressions", "on"},
        # windows and aggregates
        exp.Window: {"this", "partition_by", "order", "spec", "alias", "over"},
        exp.WindowSpec: {"kind", "start", "start_side", "end", "end_side", "exclude"},
        exp.Filter: _BINARY,
        exp.WithinGroup: _BINARY,
        exp.IgnoreNulls: {"this"},
        exp.RespectNulls: {"this"},
        # names and values
        exp.Identifier: {"this", "quoted"},
        exp.Column: {"this", "table", "db"},
        exp.Alias: {"this", "alias"},
        exp.Star: {"except_"},
        exp.Literal: {"this", "is_string"},
        exp.RawString: {"this"},
        exp.Boolean: {"this"},
        exp.Null: set(),
        exp.Parameter: {"this"},
        exp.Placeholder: {"this"},
        exp.Var: {"this"},
        exp.Interval: {"this", "unit"},
        exp.IntervalSpan: _BINARY,
        exp.DataType: {"this", "expressions", "nested"},
        exp.DataTypeParam: {"this"},
        exp.Tuple: {"expressions"},
        exp.Paren: {"this"},
        exp.Array: {"expressions", "bracket_notation", "value_constructor"},
        exp.Bracket: {"this", "expressions", "offset", "safe"},
        exp.Kwarg: _BINARY,
        exp.PropertyEQ: _BINARY,
        # operators
        exp.And: _BINARY, exp.Or: _BINARY, exp.Not: {"this"}, exp.Neg: {"this"},
        exp.EQ: _BINARY, exp.NEQ: _BINARY, exp.GT: _BINARY, exp.GTE: _BINARY, exp.LT: _BINARY, exp.LTE: _BINARY,
        exp.NullSafeEQ: _BINARY, exp.NullSafeNEQ: _BINARY,
        exp.Is: {"this", "expression", "negate"},
        exp.Between: {"this", "low", "high", "symmetric"},
        exp.In: {"this", "expressions", "query"},
        exp.Like: _BINARY | {"negate"}, exp.ILike: _BINARY | {"negate"}, exp.SimilarTo: _BINARY, exp.Escape: _BINARY,
        exp.Any: {"this"}, exp.All: {"this"},
        exp.Add: _BINARY, exp.Sub: _BINARY, exp.Mul: _BINARY,
        exp.Div: _BINARY | {"typed", "safe"}, exp.IntDiv: _BINARY, exp.Mod: _BINARY,
        exp.DPipe: _BINARY | {"safe"},
        exp.Overlaps: _BINARY,
        exp.AtTimeZone: {"this", "zone"},
        exp.FromTimeZone: {"this", "zone"},
        # functions whose parts need a look
        exp.Cast: {"this", "to"},
        exp.TryCast: {"this", "to", "safe", "requires_string"},
        exp.Case: {"this", "ifs", "default"},
        exp.If: {"this", "true", "false"},
        exp.Exists: {"this"},
        exp.Collate: _BINARY,
        exp.Count: {"this", "expressions", "big_int"},
        exp.GroupConcat: {"this", "separator"},
        exp.Anonymous: {"this", "expressions"},
        exp.Max: {"this"}, exp.Min: {"this"}, exp.ArgMax: _BINARY, exp.ArgMin: _BINARY,
    }.items()
}  # fmt: skip

FUNCTION_NODES: frozenset[type[exp.Expr]] = frozenset(
    getattr(exp, name)
    for name in """
    Abs Acos Acosh AddMonths AnyValue ApproxDistinct ApproxQuantile ArrayAgg ArrayContains ArrayDistinct
    ArraySize ArraySort ArrayToString ArrayUniqueAgg Ascii Asin Asinh Atan Atan2 Atanh Avg BitLength ByteLength Cbrt Ceil Chr
    Coalesce Concat ConcatWs Contains ConvertTimezone Corr Cos Cosh Cot CountIf CovarPop CovarSamp CumeDist CurrentDate
    CurrentDatetime CurrentTime CurrentTimestamp CurrentTimezone Date DateAdd DateBin DateDiff DateFromParts
    DateFromUnixDate DateStrToDate DateSub DateToDateStr DateTrunc Datetime DatetimeAdd DatetimeDiff DatetimeSub
    DatetimeTrunc Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear Dayname DecodeCase Degrees DenseRank Elt EndsWith
    EqualNull Exp Extract  First FirstValue Floor Greatest Grouping GroupingId Hour Initcap IsInf IsNan
    JustifyDays JustifyHours JustifyInterval Kurtosis Lag Last LastDay LastValue Lead Least Left Length Levenshtein Ln
    Localtime Localtimestamp Log LogicalAnd LogicalOr Lower MD5 MakeInterval Median Minute Mode Month Monthname
    MonthsBetween Nanvl NextDay NthValue Ntile Nullif NumberToStr Nvl2 Overlay Pad PercentRank PercentileCont
    PercentileDisc Pi Pow Quantile Quarter Radians RegexpSplit Rank RegexpCount RegexpExtract RegexpFullMatch
    RegexpILike RegexpInstr
    RegexpLike RegexpReplace RegexpSubstr RegrAvgx RegrAvgy RegrCount RegrIntercept RegrR2 RegrSlope RegrSxx RegrSxy RegrSyy
    Replace Reverse Right Rint Round RowNumber SafeDivide SafeAdd SafeMultiply SafeSubtract Second Sign Sin Sinh
    Skewness Split SplitPart Sqrt StartsWith Stddev StddevPop StddevSamp StrPosition StrToDate StrToTime StrToUnix
    Strtok Substring SubstringIndex Sum Tan Tanh TimeFromParts TimeStrToDate TimeStrToTime TimeStrToUnix TimeToStr
    TimeToUnix TimeSlice TimestampAdd TimestampDiff TimestampFromParts TimestampSub TimestampTrunc TimeTrunc ToChar ToNumber
    Translate Trim Trunc TsOrDsAdd TsOrDsDiff TsOrDsToDate TsOrDsToDateStr TsOrDsToTimestamp Unicode UnixDate UnixMicros
    UnixMillis UnixSeconds UnixToStr UnixToTime UnixToTimeStr Upper Variance VariancePop Week WeekOfYear WeekStart
    WidthBucket Year YearOfWeek YearOfWeekIso TryToDecfloat StringToArray
    """.split()
)

TYPES: frozenset[exp.DType] = frozenset({
    exp.DType.BOOLEAN, exp.DType.TINYINT, exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT, exp.DType.INT128,
    exp.DType.UTINYINT, exp.DType.USMALLINT, exp.DType.UINT, exp.DType.UBIGINT,
    exp.DType.DECIMAL, exp.DType.FLOAT, exp.DType.DOUBLE,
    exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.CHAR, exp.DType.NAME,
    exp.DType.DATE, exp.DType.TIME, exp.DType.TIMETZ, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPNTZ,
    exp.DType.TIMESTAMPLTZ, exp.DType.TIMESTAMP_S, exp.DType.TIMESTAMP_MS, exp.DType.TIMESTAMP_NS, exp.DType.DATETIME,
    exp.DType.INTERVAL, exp.DType.UUID,
}) - {exp.DType.NAME}  # fmt: skip

UNITS = frozenset("""
    MICROSECOND MICROSECONDS MILLISECOND MILLISECONDS SECOND SECONDS SEC SECS MINUTE MINUTES MIN MINS HOUR HOURS DAY DAYS
    WEEK WEEKS MONTH MONTHS MON MONS QUARTER QUARTERS YEAR YEARS DECADE DECADES CENTURY CENTURIES MILLENNIUM
    DOW DOY ISODOW ISOYEAR EPOCH EPOCH_MS TIMEZONE TIMEZONE_HOUR TIMEZONE_MINUTE DAYOFWEEK DAYOFYEAR DAYOFMONTH
    DAYOFWEEK_ISO DAYOFWEEKISO WEEKDAY WEEKOFYEAR WEEKISO WEEK_ISO YEAROFWEEK YEAROFWEEKISO YEARWEEK JULIAN ERA
    S M H D Y W Q MS US
""".split())  # fmt: skip
_KEYWORD_ARGUMENTS = frozenset({"YEARS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINS", "SECS"})

_NAME_HOLDERS = (
    exp.Column, exp.Table, exp.TableAlias, exp.Alias, exp.Collate, exp.Join, exp.Window, exp.Star,
)  # fmt: skip
_FRAME_WORDS = frozenset({"UNBOUNDED", "CURRENT ROW", "PRECEDING", "FOLLOWING", "ROWS", "RANGE", "GROUPS"})
_SIDES = frozenset({"", "LEFT", "RIGHT", "FULL"})
_KINDS = frozenset({"", "INNER", "OUTER", "SEMI", "ANTI", "CROSS"})


def strange_parts(text: Text, tree: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    """Every node that is not a known shape, with what is wrong about it."""
    reading = engine_of(text.dialect).reading
    for node in tree.walk():
        kind = type(node)
        allowed = SHAPES.get(kind)
        if allowed is None:
            if kind not in FUNCTION_NODES:
                yield node, f"{called(node, text)} may not be used"
            continue
        if kind in reading.absent:
            yield node, f"{called(node, text)} is not part of this dialect"
        for part, value in node.args.items():
            if part not in allowed and value is not None and value is not False and value != []:
                yield node, f"{part_of(node, part, text)} may not be used"
        look = _LOOKS.get(kind)
        if look is not None:
            wrong = look(node, reading, text)
            if wrong:
                yield node, wrong


def _look_at_group(node: exp.Expr, reading: Reading, text: Text) -> str | None:
    if "all" in node.args and node.args["all"] is False:
        return "GROUP BY DISTINCT may not be used"
    if node.args.get("all") and not reading.has_group_by_all:
        return "GROUP BY ALL is not part of this dialect"
    return None


def _look_at_join(node: exp.Expr, reading: Reading, text: Text) -> str | None:
    kind = str(node.args.get("kind") or "").upper()
    if str(node.args.get("side") or "").upper() not in _SIDES or kind not in _KINDS:
        return f"{kind} JOIN may not be used"
    if kind in ("SEMI", "ANTI") and str(node.args.get("side") or "").upper() in ("RIGHT", "FULL"):
        return f"{node.args['side']} {kind} JOIN may not be used"
    if kind in ("SEMI", "ANTI") and not reading.has_semi_joins:
        return f"{kind} JOIN is not part of this dialect"
    return None


def _look_at_var(node: exp.Expr, reading: Reading, text: Text) -> str | None:
    word = str(node.this).upper()
    if isinstance(node.parent, (exp.Kwarg, exp.PropertyEQ)):
        return None if word in _KEYWORD_ARGUMENTS else f"the argument {word} may not be named"
    if isinstance(node.parent, exp.Parameter):
        return None
    if word in UNITS or (isinstance(node.parent, exp.WindowSpec) and word in _FRAME_WORDS):
        return None
    if isinstance(node.parent, exp.Ordered) and word == "ALL" and reading.has_order_by_all:
        return None
    if isinstance(node.parent, exp.WeekStart) and word in ("MONDAY", "SUNDAY"):
        return None
    if word not in text.words:
        return "what stands here may not be used"  # the parser's own word
    is_unit = isinstance(node.parent, (exp.Interval, exp.Func))
    return f"{word} is not a unit of time" if is_unit else f"the word {word} may not stand here"


def _look_at_type(node: exp.Expr, reading: Reading, text: Text) -> str | None:
    if (
        node.this not in TYPES
        or node.args.get("nested")
        or any(type(part) is not exp.DataTypeParam for part in node.expressions)
    ):
        return f"nothing may be cast to {written(node, text) or 'this type'}"
    return None


def _look_at_collation(node: exp.Expr, reading: Reading, text: Text) -> str | None:
    name = node.expression.name
    if name in reading.collations or name.upper() in reading.collations:
        return None
    return f"the collation {name!r} is not among the known ones"


def _look_at_identifier(node: exp.Expr, reading: Reading, text: Text) -> str | None:
    if isinstance(node.parent, _NAME_HOLDERS):
        return None
    own = f"the name {node.name!r}" if node.name.upper() in text.sql.upper() else "a name"
    return f"{own} stands where no name may stand"


def _look_at_spec(node: exp.Expr, reading: Reading, text: Text) -> str | None:
    for part, value in node.args.items():
        if isinstance(value, str) and part != "exclude" and value.upper() not in _FRAME_WORDS:
            return f"the window frame {value!r} may not be used"
    return None


def _look_at_interval(node: exp.Expr, reading: Reading, text: Text) -> str | None:
    this = node.this
    if isinstance(this, exp.Literal) and this.is_string:
        said = this.this.strip()
        bare = said[1:] if said[:1] in "+-" else said
        if not is_span(bare):
            return f"the interval {said!r} is not a plain number and unit"
    return None


def is_span(text: str) -> bool:
    """`1`, `1.5`, `1-2`, `10:30`, `1 day 2 hours`: what every engine reads alike."""
    words = text.split()
    if len(words) == 1:
        return bool(words[0]) and all(mark in "0123456789.:-" for mark in words[0])
    if len(words) % 2:
        return False
    return all(
        word.lstrip("+-").replace(".", "", 1).isdecimal() if place % 2 == 0 else word.upper().rstrip(",") in UNITS
        for place, word in enumerate(words)
    )


_LOOKS = {
    exp.Group: _look_at_group,
    exp.Join: _look_at_join,
    exp.Var: _look_at_var,
    exp.DataType: _look_at_type,
    exp.Collate: _look_at_collation,
    exp.Identifier: _look_at_identifier,
    exp.WindowSpec: _look_at_spec,
    exp.Interval: _look_at_interval,
}
