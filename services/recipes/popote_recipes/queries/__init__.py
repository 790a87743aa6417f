"""Every SQL statement of recipes, a file a noun."""

from popote_recipes.queries import changes, opinions, recipes, revisions, substitutes, waiting

__all__ = ["changes", "opinions", "recipes", "revisions", "substitutes", "waiting"]
