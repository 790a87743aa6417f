"""The use cases of recipes, a file a noun."""

from popote_recipes.actions import (
    allocation,
    cookable,
    cookbooks,
    cooking,
    drafts,
    export,
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
    "cookbooks",
    "cooking",
    "drafts",
    "export",
    "images",
    "lines",
    "opinions",
    "plan",
    "recipes",
    "substitutes",
]
