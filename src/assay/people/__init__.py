"""People: who asks, what they may do, and what they did."""
