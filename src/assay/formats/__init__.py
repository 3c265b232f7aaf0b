"""Answers as files: CSV, Arrow, Parquet and workbooks, made from the very body that travels as JSON."""
