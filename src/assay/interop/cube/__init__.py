"""Cube: its data model in YAML, as a model of tables, joins, dimensions and measures."""
