"""dbt's MetricFlow: its YAML of both versions and its semantic manifest, as a workspace."""
