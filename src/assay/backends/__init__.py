"""WHERE a statement runs: one small protocol, one file an engine."""
