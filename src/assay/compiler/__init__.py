"""HOW a question becomes SQL: the question resolved, the plan, the tree, the dialect."""
