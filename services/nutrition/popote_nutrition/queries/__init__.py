"""Every SQL statement of nutrition, a file a noun."""

from popote_nutrition.queries import changes, foods, importing, names

__all__ = ["changes", "foods", "importing", "names"]
