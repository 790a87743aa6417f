"""The use cases of recipes, a file a noun."""

from popote_recipes.actions import cooking, images, lines, opinions, recipes, substitutes

__all__ = ["cooking", "images", "lines", "opinions", "recipes", "substitutes"]
