"""Locations and categories, made and changed."""

from typing import Final
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec.structs import replace

from popote_kit import sync
from popote_kit.database import Database, Kitchen
from popote_kit.identity import Caller
from popote_kit.problems import NotFound
from popote_stock import queries
from popote_stock.actions.items import MAX_CATEGORIES, refuse_more
from popote_stock.errors import NameTaken
from popote_stock.queries.places import Category, Location

MAX_LOCATIONS: Final = 100
# A new household's places: its names in English and French, and whether it freezes.
FIRST: Final = (("Fridge", "Réfrigérateur", False), ("Freezer", "Congélateur", True), ("Cupboard", "Placard", False))


async def furnish(database: Database, caller: Caller) -> list[Location]:
    """Give a household that has no places, and never did anything, its first ones, in its language."""
    async with database.kitchen(caller.household, caller.person, zone=caller.zone, write=True) as kitchen:
        version = await sync.next_version(kitchen)
        if version == 1:
            await _furnish(kitchen, caller, version)
        return await queries.places.list_locations(kitchen)


async def _furnish(kitchen: Kitchen, caller: Caller, version: int) -> None:
    for english, french, is_freezer in FIRST:
        name = french if caller.language == "fr" else english
        await queries.places.put_location(kitchen, Location(uuid_utils.uuid7(), name, is_freezer, version, kitchen.now))


async def create_location(kitchen: Kitchen, caller: Caller, asked: Location) -> Location:
    """Make a location; an id that is used already gives that one, unchanged.

    Raises:
        NameTaken: another location has the name.
        TooMany: the household has 100.
    """
    version = await sync.next_version(kitchen)
    if version == 1:
        await _furnish(kitchen, caller, version)
    known = {each.id: each for each in await queries.places.list_locations(kitchen)}
    if asked.id in known:
        return known[asked.id]
    await refuse_more(kitchen, "location", MAX_LOCATIONS)
    new = replace(asked, version=version)
    await store_location(kitchen, new)
    return new


async def store_location(kitchen: Kitchen, location: Location) -> None:
    """Store a location.

    Raises:
        NameTaken: another location has the name.
    """
    await _refuse_taken(kitchen, "location", location.name, location.id)
    await queries.places.put_location(kitchen, location)


async def create_category(kitchen: Kitchen, id: UUID, name: str) -> Category:
    """Make a category in the last aisle; an id that is used already gives that one, unchanged.

    Raises:
        NameTaken: another category has the name.
        TooMany: the household has 200.
    """
    version = await sync.next_version(kitchen)
    if known := await queries.places.find_category(kitchen, id):
        return known
    count = await refuse_more(kitchen, "category", MAX_CATEGORIES)
    new = Category(id, name, count + 1, version, kitchen.now)
    await store_category(kitchen, new)
    return new


async def store_category(kitchen: Kitchen, category: Category) -> None:
    """Store a category.

    Raises:
        NameTaken: another category has the name.
    """
    await _refuse_taken(kitchen, "category", category.name, category.id)
    await queries.places.put_category(kitchen, category)


async def category(kitchen: Kitchen, id: UUID) -> Category:
    """Read a category.

    Raises:
        NotFound: the household has no such category.
    """
    found = await queries.places.find_category(kitchen, id)
    if found is None:
        raise NotFound
    return found


async def _refuse_taken(kitchen: Kitchen, table: str, name: str, id: UUID) -> None:
    taken = await queries.places.find_named(kitchen, table, name)
    if taken not in (None, id):
        raise NameTaken(id=taken)
