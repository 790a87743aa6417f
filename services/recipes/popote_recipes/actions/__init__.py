"""The use cases of recipes, a file a noun."""

from popote_recipes.actions import lines, opinions, plan, recipes, substitutes

__all__ = ["lines", "opinions", "plan", "recipes", "substitutes"]
