"""Use cases of more than a few lines, a file a noun."""

from popote_nutrition.actions import analysis, foods, goals, matching

__all__ = ["analysis", "foods", "goals", "matching"]
