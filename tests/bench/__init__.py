"""`make bench`: every bar measured in one run, printed as ratios."""
