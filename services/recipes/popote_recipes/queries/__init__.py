"""Every SQL statement of recipes, a file a noun."""

from popote_recipes.queries import changes, opinions, plan, recipes, revisions, substitutes, waiting

__all__ = ["changes", "opinions", "plan", "recipes", "revisions", "substitutes", "waiting"]
