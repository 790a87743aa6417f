"""The use cases of recipes, a file a noun."""

from popote_recipes.actions import (
    cookable,
    cookbooks,
    cooking,
    drafts,
    export,
    allocation,
    images,
    lines,
    opinions,
    plan,
    recipes,
    substitutes,
)

__all__ = [
    "cookable",
    "cookbooks",
    "cooking",
    "drafts",
    "export",
    "allocation",
    "images",
    "lines",
    "opinions",
    "plan",
    "recipes",
    "substitutes",
]
