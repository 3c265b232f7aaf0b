"""WHICH engine answers: the routing file, and the routes that serve."""
