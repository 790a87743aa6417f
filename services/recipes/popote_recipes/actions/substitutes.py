"""Foods that a household takes for others."""

from uuid import UUID

import uuid_utils.compat as uuid_utils

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.problems import IdTaken, Invalid, NotFound, TooMany
from popote_recipes import events, queries
from popote_recipes.model.recipes import MAX_SUBSTITUTES
from popote_recipes.peers import Told
from popote_recipes.queries.substitutes import Substitute
from popote_recipes.wire.substitutes import NewSubstitute

SUBSTITUTE = "substitute"


async def create_substitute(kitchen: Kitchen, new: NewSubstitute, told: Told) -> Substitute:
    """Have a food stand in for another; the same pair, or an id that is used already, gives that one.

    Raises:
        IdTaken: the id is that of one that was deleted.
        NotFound: nutrition knows no such food.
        TooMany: the household has 500.
    """
    version = await sync.next_version(kitchen)
    if new.id and (known := await queries.substitutes.find_substitute(kitchen, new.id)):
        return known
    if new.id and await sync.buried(kitchen, SUBSTITUTE, [new.id]):
        raise IdTaken(id=new.id)
    if known := await queries.substitutes.find_pair(kitchen, new.food_id, new.instead_id):
        return known
    if new.food_id == new.instead_id:
        raise Invalid(errors=[{"pointer": "/instead_id", "message": "It is another food than food_id"}])
    if not {new.food_id, new.instead_id} <= told.foods.keys():
        raise NotFound
    if await queries.substitutes.count_substitutes(kitchen) >= MAX_SUBSTITUTES:
        raise TooMany(limit=MAX_SUBSTITUTES)
    substitute = Substitute(
        id=new.id or uuid_utils.uuid7(),
        food_id=new.food_id,
        food_name=told.foods[new.food_id][0],
        instead_id=new.instead_id,
        instead_name=told.foods[new.instead_id][0],
        created_at=kitchen.now,
        version=version,
    )
    await queries.substitutes.add_substitute(kitchen, substitute)
    await events.substitutes_changed(kitchen, version)
    return substitute


async def delete_substitute(kitchen: Kitchen, id: UUID) -> None:
    """Have a food no longer stand in for another.

    Raises:
        NotFound: the household has no such substitute.
    """
    version = await sync.next_version(kitchen)
    if await queries.substitutes.find_substitute(kitchen, id) is None:
        raise NotFound
    await queries.substitutes.delete_substitute(kitchen, id)
    await sync.bury(kitchen, SUBSTITUTE, [id], version)
    await events.substitutes_changed(kitchen, version)
