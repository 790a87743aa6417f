"""The use cases of recipes, a file a noun."""

from popote_recipes.actions import cooking, drafts, lines, opinions, plan, recipes, substitutes

__all__ = ["cooking", "drafts", "lines", "opinions", "plan", "recipes", "substitutes"]
