"""Where the operations on foods are."""

from popote_client.part import Part


class FoodPart(Part):
    root = "/api/nutrition"
