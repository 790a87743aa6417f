"""Where the operations on recipes are."""

from popote_client.part import Part


class RecipesPart(Part):
    root = "/api/recipes"
