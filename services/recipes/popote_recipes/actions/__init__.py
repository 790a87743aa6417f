"""The use cases of recipes, a file a noun."""

from popote_recipes.actions import cookable, cooking, drafts, images, lines, opinions, plan, recipes, substitutes

__all__ = ["cookable", "cooking", "drafts", "images", "lines", "opinions", "plan", "recipes", "substitutes"]
