"""Every SQL statement of recipes, a file a noun."""

from popote_recipes.queries import changes, cooks, opinions, recipes, revisions, substitutes, waiting

__all__ = ["changes", "cooks", "opinions", "recipes", "revisions", "substitutes", "waiting"]
