"""The figures that the demo shows at rest, and the shares and sizes that its data is made with.

The seeding reaches the figures by construction, not by luck: `timeline` allots rows to days so that
they come out, whatever the day of the month.
"""

from decimal import Decimal
from typing import Final

ACTIVE_ISSUES: Final = 1286
CLAIMS_IN_PROGRESS: Final = 642
RECOMMENDATIONS_APPROVED: Final = 120
RECOMMENDATIONS_DECIDED: Final = 138
COST_AVOIDED_MONTH_TO_DATE: Final = Decimal("1410000.00")
CSAT: Final = Decimal("4.6")

SAVING_CENTS: Final = 21_000
"""What one avoided replacement is worth: a replacement at 250 against a repair at 40."""
SAVING_SPREAD_CENTS: Final = 6_000
AVOIDED: Final = 6_714
"""Avoided replacements, month to date. Even, because their savings come in pairs around SAVING_CENTS."""
LEFT_OVER_CENTS: Final = int(COST_AVOIDED_MONTH_TO_DATE * 100) - AVOIDED * SAVING_CENTS
"""So many of them are worth one cent more, and the sum is exact."""
AVOIDED_MONTH_BEFORE: Final = 6_334
"""In the same part of the month before: about 6 % fewer."""

# Shares of all claims, in thousandths: 410 approved, 220 in review, 180 pending, 120 closed, 70 denied.
AVOIDED_SHARE: Final = 424
APPROVED_REPLACED: Final = 82
CLOSED_REPLACED: Final = 16
CLOSED_WITHDRAWN: Final = 8
DENIED: Final = 70
IN_REVIEW: Final = 220
PENDING: Final = 180
OTHERS: Final = APPROVED_REPLACED + CLOSED_REPLACED + CLOSED_WITHDRAWN + DENIED + IN_REVIEW + PENDING
CLOSED_OF_53_REPAIRED: Final = 12

HISTORY_MONTHS: Final = 13
DEFAULT_CUSTOMERS: Final = 50_000
DEVICES_PER_HUNDRED_CUSTOMERS: Final = 125
CLAIMS_PER_CUSTOMER: Final = 4
CENTERS: Final = 240
PRODUCTS: Final = 500
