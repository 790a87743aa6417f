"""The use cases of recipes, a file a noun."""

from popote_recipes.actions import (
    allocation,
    cookable,
    cooking,
    drafts,
    images,
    lines,
    opinions,
    plan,
    recipes,
    substitutes,
)

__all__ = [
    "allocation",
    "cookable",
    "cooking",
    "drafts",
    "images",
    "lines",
    "opinions",
    "plan",
    "recipes",
    "substitutes",
]
