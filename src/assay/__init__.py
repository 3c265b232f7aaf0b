"""Assay: a live metrics dashboard whose every number can be checked."""

__version__ = "0.1.0"
