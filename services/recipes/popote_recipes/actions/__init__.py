"""The use cases of recipes, a file a noun."""

from popote_recipes.actions import cooking, lines, opinions, plan, recipes, substitutes

__all__ = ["cooking", "lines", "opinions", "plan", "recipes", "substitutes"]
