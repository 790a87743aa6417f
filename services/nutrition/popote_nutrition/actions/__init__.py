"""Use cases of more than a few lines, a file a noun."""

from popote_nutrition.actions import analysis, days, diary, foods, goals, matching, meals

__all__ = ["analysis", "days", "diary", "foods", "goals", "matching", "meals"]
