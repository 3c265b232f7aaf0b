"""Drafts of metrics: proposed from words, answered under their own address, and of the catalog once a person accepts."""
