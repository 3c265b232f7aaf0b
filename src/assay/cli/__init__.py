"""`assay ...`: the command line."""
