"""HOW an answer is shown: widgets and dashboards."""
