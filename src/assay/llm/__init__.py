"""The only door to a model. Nothing here knows what is asked; nobody else knows which model answers, or how."""

from assay.llm.door import Door, Reply, Spent
from assay.llm.patience import Patience

__all__ = ["Door", "Patience", "Reply", "Spent"]
