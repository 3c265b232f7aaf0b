"""Whether the suite finds anything: faults put into a copy of the compiler, one at a time, each to be found within minutes.

    python -m tests.truth.mutants [NAME ...]

A mutant is a piece of the source and what stands there instead. Exit code 1 where one is not found.
"""

# ruff: noqa: E501

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 300


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "who has no row holds no condition",
        "compiler/resolved.py",
        "return _COMPARED[self.whose.op](over_none, wanted)",
        "return False",
    ),
    Mutant(
        "the others hold all groups",
        "compiler/conditions.py",
        "return not_of(found) if cut.is_rest else found",
        "return exp.true() if cut.is_rest else found",
    ),
    Mutant(
        "a window holds its end",
        "compiler/conditions.py",
        'exp.LT(this=time.copy(), expression=self.edge(f"{prefix}end", leg, leg.time)),',
        'exp.LTE(this=time.copy(), expression=self.edge(f"{prefix}end", leg, leg.time)),',
    ),
    Mutant(
        "a window leaves out its start",
        "compiler/conditions.py",
        'exp.GTE(this=time, expression=self.edge(f"{prefix}start", leg, leg.time)),',
        'exp.GT(this=time, expression=self.edge(f"{prefix}start", leg, leg.time)),',
    ),
    Mutant(
        "what ended at the moment is there no more",
        "compiler/conditions.py",
        'exp.GTE(this=until.copy(), expression=self.edge(f"{prefix}as_of", leg, ended)),',
        'exp.LT(this=until.copy(), expression=self.edge(f"{prefix}as_of", leg, ended)),',
    ),
    Mutant(
        "what has no end is not there",
        "compiler/conditions.py",
        "                    exp.Is(this=until, expression=exp.null()),\n",
        "",
    ),
    Mutant(
        "a join leaves out rows without a parent",
        "compiler/sources.py",
        'on=on, join_type="left"',
        'on=on, join_type="inner"',
    ),
    Mutant(
        "is not leaves out rows without a value",
        "compiler/conditions.py",
        "return any_of(exp.NEQ(this=column, expression=values[0]), empty) if values else exp.true()",
        "return exp.NEQ(this=column, expression=values[0]) if values else exp.true()",
    ),
    Mutant(
        "not in leaves out rows without a value",
        "compiler/conditions.py",
        "return any_of(not_of(exp.In(this=column, expressions=values)), empty) if values else exp.true()",
        "return not_of(exp.In(this=column, expressions=values)) if values else exp.true()",
    ),
    Mutant(
        "is empty means has a value",
        "compiler/conditions.py",
        '            case "is_null":\n                return empty',
        '            case "is_null":\n                return not_of(empty)',
    ),
    Mutant("at least means more than", "compiler/conditions.py", '"gte": exp.GTE', '"gte": exp.GT'),
    Mutant(
        "the parts of a metric share one filter",
        "compiler/tree.py",
        "if part.filter and len(leg.filters) != 1:",
        "if part.filter and not leg.filters:",
    ),
    Mutant(
        "a filter of the metric is dropped",
        "compiler/conditions.py",
        "found.append(any_of(*[self.formula(each, leg) for each in leg.filters]))",
        "pass",
    ),
    Mutant(
        "the window before is not kept apart",
        "compiler/tree.py",
        "            conditions += self.counts(leg, period)",
        '            conditions += self.counts(leg, "current")',
    ),
    Mutant(
        "a filter of the question is dropped",
        "compiler/conditions.py",
        "found += own",
        "found += own[:1]",
    ),
    Mutant(
        "all groups have to hold",
        "compiler/conditions.py",
        "found.append(any_of(*[all_of(*group)",
        "found.append(all_of(*[all_of(*group)",
    ),
    Mutant(
        "a segment is switched on for nothing",
        "compiler/conditions.py",
        "found += [self.formula(each.formula, leg) for each in leg.segments]",
        "pass",
    ),
    Mutant(
        "what is calculated beyond 64 bits is cut",
        "catalog/formula.py",
        "> _BITS_OF_A_BIGINT",
        "> 200",
    ),
    Mutant(
        "what looks back counts in the question's window",
        "compiler/resolved.py",
        "return shifted(bounds, shift, self.zone)",
        "return bounds",
    ),
    Mutant(
        "a frame begins a day late",
        "catalog/frames.py",
        "return first_day_back(end, self.trailing)",
        "return first_day_back(end, self.trailing) + _DAY",
    ),
    Mutant(
        "a frame reads from the start of the window on",
        "compiler/leaves.py",
        'if leg.frame and (edge.endswith("start") or leg.frame.ends_early):',
        "if leg.frame and leg.frame.ends_early:",
    ),
    Mutant(
        "an earlier frame ends where the later one does",
        "compiler/framed.py",
        "                ends = end_day_back(ends, step)",
        "                ends = ends if step else ends",
    ),
    Mutant(
        "a frame without an end has all its rows",
        "compiler/passes.py",
        'inside: list[exp.Expr] = [exp.GT(this=exp.column("ends", table=buckets), expression=day)]',
        'inside: list[exp.Expr] = [exp.NEQ(this=exp.column("ends", table=buckets), expression=day)]',
    ),
    Mutant(
        "what is kept is chosen over the whole window",
        "compiler/passes.py",
        "            apart.append(self.bucket(leg))",
        "            pass",
    ),
    Mutant(
        "the question's conditions choose before the newest are kept",
        "compiler/passes.py",
        "asked = self.of_question(leg) if keep.of_filtered else []",
        "asked = self.of_question(leg)",
    ),
    Mutant(
        "a FILTER over no rows is unknown",
        "compiler/leaves.py",
        "if self._part is None or not (self._may_be_empty or further is not None):",
        "if self._part is None or not self._may_be_empty:",
    ),
    Mutant(
        "a part of a text is a pattern",
        "compiler/functions.py",
        'for mark in (_ESCAPE, "%", "_"):',
        "for mark in (_ESCAPE,):",
    ),
    Mutant(
        "a part that a group lacks is unknown",
        "compiler/tree.py",
        "    if part.over_no_rows is None or is_total:\n        return value",
        "    if part.over_no_rows is None or is_total or part:\n        return value",
    ),
    Mutant(
        "a sum over nothing is unknown",
        "compiler/dialect.py",
        "is_none = exp.EQ(this=rows, expression=exp.Literal.number(0))",
        "is_none = exp.LT(this=rows, expression=exp.Literal.number(0))",
    ),
    Mutant(
        "a sum of what has no value is 0",
        "compiler/dialect.py",
        "rows = restricted(exp.Count(this=exp.Star(), big_int=True))",
        "rows = restricted(exp.Count(this=node.this.copy(), big_int=True))",
    ),
    Mutant(
        "a division by zero is not guarded",
        "compiler/dialect.py",
        "guarded = exp.Nullif(this=double(denominator), expression=zero)",
        "guarded = exp.Coalesce(this=exp.Nullif(this=double(denominator), expression=zero), expressions=[exp.Literal.number(1)])",
    ),
    Mutant(
        "whole numbers are divided as whole numbers",
        "compiler/dialect.py",
        "return exp.Div(this=double(numerator), expression=guarded, typed=True, safe=False)",
        'return double(exp.cast(exp.Div(this=double(numerator), expression=guarded, typed=True, safe=False), "bigint"))',
    ),
    Mutant(
        "an average counts rows without a value",
        "compiler/dialect.py",
        "return exp.Sum(this=value), exp.Count(this=value.copy(), big_int=True)",
        "return exp.Sum(this=value), exp.Count(this=exp.Star(), big_int=True)",
    ),
    Mutant(
        "a median is the lower of two",
        "engines/duckdb/spelling.py",
        'exp.Anonymous(this="QUANTILE_CONT"',
        'exp.Anonymous(this="QUANTILE_DISC"',
    ),
    Mutant(
        "instants are taken as wall times",
        "engine/spelling.py",
        'zone=exp.Literal.string("UTC")',
        'zone=exp.Literal.string("Asia/Tokyo")',
    ),
    Mutant(
        "a bucket is shifted by a day",
        "engine/spelling.py",
        'exp.cast(exp.TimestampTrunc(this=wall, unit=exp.var(grain.upper())), "date", copy=False)',
        'exp.cast(exp.TimestampTrunc(this=later(wall, timedelta(days=1)), unit=exp.var(grain.upper())), "date", copy=False)',
    ),
    Mutant(
        "a column of single precision is added as it is",
        "compiler/dialect.py",
        '    if column_type.kind == "double":\n        return double(column)',
        '    if column_type.kind == "double":\n        return column',
    ),
    Mutant(
        "a column of doubles is added as it is where decimals are meant",
        "compiler/dialect.py",
        'return exp.cast(column, f"decimal({column_type.precision},{column_type.scale})", copy=False)',
        "return column",
    ),
    Mutant(
        "whole numbers are multiplied in their own width",
        "compiler/pinned.py",
        "        if bits:\n",
        "        if bits and bits < 0:\n",
    ),
    Mutant(
        "decimals are multiplied in their own width",
        "compiler/pinned.py",
        "        if scale is not None:\n",
        "        if scale is not None and scale < 0:\n",
    ),
    Mutant(
        "a week begins on Sunday",
        "catalog/buckets.py",
        "return day - timedelta(days=day.weekday())",
        "return day - timedelta(days=(day.weekday() + 1) % 7)",
    ),
    Mutant(
        "a trailing window is a day longer",
        "catalog/windows.py",
        "timedelta(days=_TRAILING[name] - 1)",
        "timedelta(days=_TRAILING[name])",
    ),
    Mutant(
        "the month before begins as many days ago",
        "catalog/windows.py",
        '"month_to_date": Step(months=1)',
        '"month_to_date": Step(wall=30 * _DAY)',
    ),
    Mutant(
        "a window before does not reach the end of its month",
        "catalog/windows.py",
        "    return back if has else midnight(back.date()) + _DAY",
        "    return back",
    ),
    Mutant(
        "days are moved by one too many",
        "catalog/buckets.py",
        "return offset + moves.by(day_of(instant, zone))",
        "return offset + moves.by(day_of(instant, zone)) + timedelta(days=1)",
    ),
    Mutant(
        "an empty bucket is unknown",
        "answers/series.py",
        "return wire_value(metric.over_no_rows, metric.type)",
        "return None",
    ),
    Mutant(
        "a series ends with its last row",
        "answers/series.py",
        "full = [known.get(cell) or [*cell, *blank] for cell in cells]",
        "full = list(known.values())",
    ),
    Mutant(
        "a column's own type is not looked at",
        "compiler/held.py",
        "return self.tables.get(table_of(table), {}).get(column) or declared.supposed",
        "return declared.supposed",
    ),
    Mutant(
        "a filter's value is not brought into single precision",
        "compiler/held.py",
        'return "fits", struct.unpack("f", struct.pack("f", wide))[0]',
        'return "fits", wide',
    ),
    Mutant(
        "a filter's text loses its blanks",
        "compiler/values.py",
        "        case _:\n            return value\n",
        "        case _:\n            return str(value).strip() if isinstance(value, str) else value\n",
    ),
    Mutant(
        "whole numbers beyond 2 to the 53rd travel as numbers",
        "compiler/values.py",
        "return isinstance(value, int) and not -(2**53) <= value <= 2**53",
        "return False",
    ),
    Mutant(
        "a join does not go by its key",
        "compiler/sources.py",
        "exp.EQ(this=self.key(leg, join.from_table, left), expression=self.key(leg, join.to_table, right))",
        "exp.NEQ(this=self.key(leg, join.from_table, left), expression=self.key(leg, join.to_table, right))",
    ),
    Mutant(
        "what held until a moment holds at it",
        "compiler/sources.py",
        "still = exp.GT(this=ends, expression=then.copy())",
        "still = exp.GTE(this=ends, expression=then.copy())",
    ),
    Mutant(
        "what holds from a moment on does not hold at it",
        "compiler/sources.py",
        "return exp.LTE(this=begins, expression=then)",
        "return exp.LT(this=begins, expression=then)",
    ),
    Mutant(
        "whoever came before the window is new in it",
        "compiler/returns.py",
        "*self.has_keys(leg, first), before, copy=False)",
        "*self.has_keys(leg, first), *self.during(leg), copy=False)",
    ),
    Mutant(
        "what was meant to be unknown over nothing is 0",
        "compiler/dialect.py",
        'if not isinstance(node, exp.Sum if empty == "zero" else exp.Count):',
        'if empty != "zero" or not isinstance(node, exp.Sum):',
    ),
    Mutant(
        "what has no value comes first",
        "engine/spelling.py",
        "return exp.Ordered(this=value, desc=descending, nulls_first=False)",
        "return exp.Ordered(this=value, desc=descending, nulls_first=True)",
    ),
    Mutant(
        "a series is cut before its empty buckets are in it",
        "compiler/tree.py",
        "limit = self.question.limit and (MAX_LIMIT + 1 if self.question.grain else self.question.limit)",
        "limit = self.question.limit",
    ),
    Mutant(
        "a bucket that is not over is called whole",
        "catalog/buckets.py",
        "elif each.end >= as_of:",
        "elif each.end < start:",
    ),
    Mutant(
        "a bucket that the window cuts is called whole",
        "catalog/buckets.py",
        'found: list[tuple[Bucket, Reason]] = [(first, "cut")] if first.start < start else []',
        "found: list[tuple[Bucket, Reason]] = []",
    ),
    Mutant(
        "a day whose midnight is skipped begins an hour late",
        "catalog/zones.py",
        "    if second < first:\n        return _jump(second, first, zone)\n    return second if to_wall",
        "    if second < first:\n        return _jump(second, first, zone) + timedelta(hours=1)\n    return second if to_wall",
    ),
    Mutant(
        "the second of two equal hours is the first",
        "catalog/buckets.py",
        "return _hour_text(instant, offset_at(instant, zone))",
        "return _hour_text(instant, offset_at(instant - _HOUR, zone))",
    ),
)


def is_found(mutant: Mutant) -> tuple[bool, str]:
    with tempfile.TemporaryDirectory(prefix="assay-mutant-") as folder:
        source = Path(
            shutil.copytree(ROOT / "src" / "assay", Path(folder) / "assay", ignore=shutil.ignore_patterns("static"))
        )
        file = source / mutant.file
        text = file.read_text()
        assert text.count(mutant.old) == 1, (
            f"{mutant.name}: {mutant.file} holds {mutant.old!r} {text.count(mutant.old)} times"
        )
        file.write_text(text.replace(mutant.old, mutant.new))
        around = {**os.environ, "PYTHONPATH": folder, "SECONDS": str(SECONDS), "SEED": "1", "UNTIL_ONE": "1"}
        done = subprocess.run([sys.executable, "-m", "tests.truth"], cwd=ROOT, env=around, capture_output=True, text=True)
    return done.returncode == 1 and "SEED=" in done.stdout, done.stdout or done.stderr[-2000:]


def main() -> int:
    chosen = [each for each in MUTANTS if not sys.argv[1:] or each.name in sys.argv[1:]]
    missed = []
    for mutant in chosen:
        started = time.monotonic()
        found, said = is_found(mutant)
        print(f"{'found ' if found else 'MISSED'} {time.monotonic() - started:5.0f} s  {mutant.name}", flush=True)
        if not found:
            missed.append(mutant.name)
            print(said)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} mutants found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
