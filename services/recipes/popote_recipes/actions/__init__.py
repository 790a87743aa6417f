"""The use cases of recipes, a file a noun."""

from popote_recipes.actions import cooking, lines, opinions, recipes, substitutes

__all__ = ["cooking", "lines", "opinions", "recipes", "substitutes"]
