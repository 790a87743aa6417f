"""Every SQL statement of recipes, a file a noun."""

from popote_recipes.queries import changes, cookable, cooks, opinions, plan, recipes, revisions, substitutes, waiting

__all__ = ["changes", "cookable", "cooks", "opinions", "plan", "recipes", "revisions", "substitutes", "waiting"]
