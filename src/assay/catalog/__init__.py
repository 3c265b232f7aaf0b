"""WHAT a number means: dictionary, metrics, windows, and the checks that they agree."""
