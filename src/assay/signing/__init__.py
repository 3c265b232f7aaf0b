"""Signing: what Assay signs, so that others can check it with nothing but public keys. No database is needed here."""
