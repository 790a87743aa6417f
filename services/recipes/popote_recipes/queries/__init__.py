"""Every SQL statement of recipes, a file a noun."""

from popote_recipes.queries import (
    changes,
    cookable,
    cookbooks,
    cooks,
    images,
    opinions,
    plan,
    recipes,
    revisions,
    substitutes,
    waiting,
)

__all__ = [
    "changes",
    "cookable",
    "cookbooks",
    "cooks",
    "images",
    "opinions",
    "plan",
    "recipes",
    "revisions",
    "substitutes",
    "waiting",
]
