"""From the words of a person to the one food that they mean."""

from uuid import UUID

from popote_client.food.api import FoodApi
from popote_client.food.foods import SEARCHED, Food
from popote_client.language import language
from popote_client.stock.choosing import alike, exactly, unclear


async def food_named(food: FoodApi, said: str) -> Food:
    """Return the food of that id or name; what is only like it is never taken for it.

    Raises:
        Unclear: there is none, or there are several; it tells what a search finds.
    """
    try:
        return await food.get_food(UUID(said), language())
    except ValueError:
        pass
    words = said[:SEARCHED]
    (match,) = await food.match_names([words], language())
    if match.food:
        return await food.get_food(match.food.id, language())
    hits = (await food.list_foods(words, language=language())).items
    found = exactly(said, hits) or alike(said, hits)
    if len(found) == 1:
        return found[0]
    raise unclear(said, found or hits)
