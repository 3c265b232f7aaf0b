"""Assay's own tables in Postgres, and the embedded server that holds them where no other is named."""
