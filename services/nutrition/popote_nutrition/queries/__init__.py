"""Every SQL statement of nutrition, a file a noun."""

from popote_nutrition.queries import changes, diary, foods, goals, importing, meals, names, trends, weights

__all__ = ["changes", "diary", "foods", "goals", "importing", "meals", "names", "trends", "weights"]
