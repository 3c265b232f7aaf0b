"""WHAT TO DO about it: events, context, rules, recommendations, approvals. No table of anybody is known here by name."""
