"""WHETHER SQL may run: an allowlist of tree shapes, and the only maker of `SafeSql`."""

from assay.engine import Dialect
from assay.gate.dialects import print_tree
from assay.gate.judge import judge
from assay.gate.outside import Judge, JudgeHere, judge_outside, not_judged
from assay.gate.policy import Policy
from assay.gate.verdict import SafeSql, Verdict, Violation

__all__ = [
    "Dialect",
    "Judge",
    "JudgeHere",
    "Policy",
    "SafeSql",
    "Verdict",
    "Violation",
    "judge",
    "judge_outside",
    "not_judged",
    "print_tree",
]
