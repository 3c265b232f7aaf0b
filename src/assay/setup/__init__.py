"""A first workspace from a database that nobody here designed: what it is read from, what is chosen, what is written."""
