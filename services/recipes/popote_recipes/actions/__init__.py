"""The use cases of recipes, a file a noun."""

from popote_recipes.actions import cooking, drafts, images, lines, opinions, plan, recipes, substitutes

__all__ = ["cooking", "drafts", "images", "lines", "opinions", "plan", "recipes", "substitutes"]
