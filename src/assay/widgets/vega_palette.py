"""The colours of exported charts: the page's own, in its light theme; a test holds them against its stylesheet."""

import json
from collections.abc import Sequence
from typing import Any

HUES = ("#1f5fbf", "#c8774d", "#3a958f", "#8f1352", "#8e73c9", "#5b5a00", "#8d6552", "#195378")
"""c1 to c8."""
ACCENT, OTHERS, COMPARE, NEUTRAL = HUES[0], "#858a91", "#7d828a", "#f6f5f2"
SEQUENTIAL = ("#e9eff9", "#c8d7f0", "#a3bce5", "#7da0d8", "#5682c8", "#3364ae", "#1a4789")
DIVERGING = ("#9a4a17", "#c87f4f", "#e8bd9f", "#efede8", "#a9c0e6", "#5f89cd", "#22539f")
TONES = {"good": "#17703f", "watch": "#955500", "bad": "#b92f26"}
KEPT = len(HUES) - 1
"""Beyond eight series the seven largest have colours, the rest is grey."""


def key_of(value: Any) -> str:
    """A series by its raw value, as colours are kept by."""
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return json.dumps([whole], ensure_ascii=False, separators=(",", ":"))


def shades(numbers: Sequence[float]) -> dict[str, Any]:
    """Seven equal steps, from 0 where values are far apart; to both sides of it where they lie on both."""
    low, high = min(numbers, default=0), max(numbers, default=1)
    if low < 0 < high:
        far = max(-low, high)
        return {"type": "quantize", "domain": [-far, far], "range": list(DIVERGING)}
    return {"type": "quantize", "domain": [0 if 0 <= low < high / 2 else low, high], "range": list(SEQUENTIAL)}
