"""The engines that come with Assay, a folder each: how each is written, read, reached and surveyed.

A folder describes itself as `ENGINE` (`assay.engine`), and is found by its name. One of a third party looks the same, and is
found by the entry point `assay.engines` of its package.
"""
