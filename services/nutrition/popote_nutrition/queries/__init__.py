"""Every SQL statement of nutrition, a file a noun."""

from popote_nutrition.queries import changes, diary, foods, importing, names

__all__ = ["changes", "diary", "foods", "importing", "names"]
