"""WHEN it changes: the running state, the files that are watched, the stream to the browsers."""
