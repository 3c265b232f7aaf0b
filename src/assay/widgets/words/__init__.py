"""Words -> a checked widget spec, by rule and without a model."""
