"""Definitions on their way out: described once, written for each format, and read back before anything is claimed."""
