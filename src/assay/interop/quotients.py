"""Quotients of whole numbers: real numbers here, which an engine of a source may cut off behind the point."""

from sqlglot import exp

from assay.catalog.formula import INTEGER, Formula, infer
from assay.catalog.metric import Metric
from assay.interop.plain import without_casts

WHOLE_NUMBERS = "whole numbers divide as real numbers; an engine of the source may cut off what is behind the point"


def cuts_whole_numbers(formula: Formula) -> bool:
    """Whether an engine that divides whole numbers as such would cut a quotient in it."""
    return any(infer(each.this) == infer(each.expression) == INTEGER for each in formula.tree.find_all(exp.Div))


def cuts_over_rows(metric: Metric) -> bool:
    """Whether it would cut one in what the metric calculates from rows."""
    formulas = (each for part in metric.parts for each in (part.measure, part.filter) if each is not None)
    return any(map(cuts_whole_numbers, formulas))


def cuts_over_parts(metric: Metric, arithmetic: exp.Expr) -> bool:
    """Whether it would cut one where the metric is calculated from others. `arithmetic`: as it is written in the source."""
    is_whole = all(part.type == INTEGER for part in metric.parts)
    return is_whole and arithmetic.find(exp.Div) is not None and not without_casts(arithmetic)[1]
