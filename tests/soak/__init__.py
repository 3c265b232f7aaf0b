"""Programs that run for minutes or hours, and fail on a loss."""
