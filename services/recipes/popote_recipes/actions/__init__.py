"""The use cases of recipes, a file a noun."""

from popote_recipes.actions import lines, opinions, recipes, substitutes

__all__ = ["lines", "opinions", "recipes", "substitutes"]
