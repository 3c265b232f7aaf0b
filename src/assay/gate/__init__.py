"""WHETHER SQL may run: an allowlist of tree shapes, and the only maker of `SafeSql`."""

from assay.gate.judge import judge
from assay.gate.outside import Judge, JudgeHere, judge_outside
from assay.gate.policy import Policy
from assay.gate.verdict import DIALECTS, Dialect, SafeSql, Verdict, Violation

__all__ = [
    "DIALECTS",
    "Dialect",
    "Judge",
    "JudgeHere",
    "Policy",
    "SafeSql",
    "Verdict",
    "Violation",
    "judge",
    "judge_outside",
]
