"""THE NUMBER: resolve, cache, receipt, replay."""
