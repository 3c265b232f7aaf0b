"""Definitions of other semantic layers: read, translated, and told what of them was kept. Asks no engine and no server."""
