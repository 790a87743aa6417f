"""Locations and categories, made and changed."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import UNSET
from msgspec.structs import replace

from popote_kit import sync
from popote_kit.database import Database, Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.identity import Caller
from popote_kit.problems import Invalid, NotFound
from popote_stock import events, queries
from popote_stock.actions.refusals import refuse_buried, refuse_more, refuse_named
from popote_stock.errors import InUse
from popote_stock.model.places import MAX_CATEGORIES, MAX_LOCATIONS
from popote_stock.queries.places import Category, Location
from popote_stock.wire.places import EditLocation

# A new household's places: its names in English and French, and whether it freezes.
FIRST: Final = (("Fridge", "Réfrigérateur", False), ("Freezer", "Congélateur", True), ("Cupboard", "Placard", False))


async def list_locations(database: Database, caller: Caller) -> list[Location]:
    """Return the household's locations; one that never had any gets its first ones, in its language."""
    async with database.kitchen(caller.household, caller.person) as kitchen:
        if found := await queries.places.list_locations(kitchen):
            return found
    async with database.kitchen(caller.household, caller.person, write=True) as kitchen:
        await furnish(kitchen, caller, await sync.next_version(kitchen))
        return await queries.places.list_locations(kitchen)


async def furnish(kitchen: Kitchen, caller: Caller, version: int) -> None:
    """Give a household that never had a location its first ones, in its language."""
    if await queries.places.has_had_locations(kitchen):
        return
    places = [
        Location(uuid_utils.uuid7(), french if caller.language == "fr" else english, is_freezer, version, kitchen.now)
        for english, french, is_freezer in FIRST
    ]
    await queries.places.put_locations(kitchen, places)
    await events.places_changed(kitchen, version)


async def create_location(kitchen: Kitchen, caller: Caller, asked: Location) -> Location:
    """Make a location; an id that is used already gives that one, unchanged.

    Raises:
        IdTaken: a location had the id that was deleted since.
        NameTaken: another location has the name.
        TooMany: the household has 100.
    """
    version = await sync.next_version(kitchen)
    await furnish(kitchen, caller, version)
    known = {each.id: each for each in await queries.places.list_locations(kitchen)}
    if asked.id in known:
        return known[asked.id]
    await refuse_buried(kitchen, "location", asked.id)
    await refuse_more(kitchen, "location", MAX_LOCATIONS)
    new = replace(asked, version=version)
    await _store_location(kitchen, new)
    return new


async def edit_location(kitchen: Kitchen, id: UUID, edit: EditLocation, if_match: IfMatch) -> Location:
    """Change a location.

    Raises:
        NotFound, Stale, PreconditionRequired: there is none, or not in that version.
        NameTaken: another location has the name.
    """
    version = await sync.next_version(kitchen)
    known = await queries.places.read_location(kitchen, id)
    if_match.check(etag(known.version))
    changed = replace(known, version=version)
    if edit.name is not UNSET:
        changed = replace(changed, name=edit.name.strip())
    if edit.is_freezer is not UNSET:
        changed = replace(changed, is_freezer=edit.is_freezer)
    await _store_location(kitchen, changed)
    return changed


async def _store_location(kitchen: Kitchen, location: Location) -> None:
    await refuse_named(kitchen, "location", location.name, location.id)
    await queries.places.put_locations(kitchen, [location])
    await events.places_changed(kitchen, location.version)


async def create_category(kitchen: Kitchen, id: UUID, name: str) -> Category:
    """Make a category in the last aisle; an id that is used already gives that one, unchanged.

    Raises:
        IdTaken: a category had the id that was deleted since.
        NameTaken: another category has the name.
        TooMany: the household has 200.
    """
    version = await sync.next_version(kitchen)
    if known := await queries.places.find_category(kitchen, id):
        return known
    await refuse_buried(kitchen, "category", id)
    count = await refuse_more(kitchen, "category", MAX_CATEGORIES)
    new = Category(id, name, count + 1, version, kitchen.now)
    await _store_category(kitchen, new)
    return new


async def rename_category(kitchen: Kitchen, id: UUID, name: str, if_match: IfMatch) -> Category:
    """Give a category another name.

    Raises:
        NotFound, Stale, PreconditionRequired: there is none, or not in that version.
        NameTaken: another category has the name.
    """
    version = await sync.next_version(kitchen)
    known = await queries.places.read_category(kitchen, id)
    if_match.check(etag(known.version))
    renamed = replace(known, name=name, version=version)
    await _store_category(kitchen, renamed)
    return renamed


async def _store_category(kitchen: Kitchen, category: Category) -> None:
    await refuse_named(kitchen, "category", category.name, category.id)
    await queries.places.put_categories(kitchen, [category])
    await queries.places.touch_items(kitchen, category.id, category.version)
    await events.places_changed(kitchen, category.version)


async def delete_location(kitchen: Kitchen, id: UUID, if_match: IfMatch) -> None:
    """Forget a location where nothing lies; items that name it name none then.

    Raises:
        NotFound, Stale, PreconditionRequired: there is none, or not in that version.
        InUse: something lies there.
    """
    version = await sync.next_version(kitchen)
    if_match.check(etag((await queries.places.read_location(kitchen, id)).version))
    if await queries.places.is_location_in_use(kitchen, id):
        raise InUse
    await queries.places.release_items(kitchen, "location_id", id, version)
    await _delete(kitchen, "location", id, version)


async def delete_category(kitchen: Kitchen, id: UUID, if_match: IfMatch) -> None:
    """Forget a category; its items have none then.

    Raises:
        NotFound, Stale, PreconditionRequired: there is none, or not in that version.
    """
    version = await sync.next_version(kitchen)
    if_match.check(etag((await queries.places.read_category(kitchen, id)).version))
    await queries.lists.release_category(kitchen, id, version)
    await queries.places.release_items(kitchen, "category_id", id, version)
    await _delete(kitchen, "category", id, version)


async def _delete(kitchen: Kitchen, kind: str, id: UUID, version: int) -> None:
    await queries.places.delete(kitchen, kind, id)
    await sync.bury(kitchen, kind, [id], version)
    await events.places_changed(kitchen, version)


async def order_categories(kitchen: Kitchen, ids: Sequence[UUID]) -> list[Category]:
    """Put the categories in this order.

    Raises:
        NotFound: one of them is none of the household's.
        Invalid: one is left out, or there twice.
    """
    version = await sync.next_version(kitchen)
    known = {each.id for each in await queries.places.list_categories(kitchen)}
    if not known.issuperset(ids):
        raise NotFound
    if len(ids) != len(known) or len(set(ids)) != len(known):
        raise Invalid(errors=[{"pointer": "/ids", "message": "each category stands in the order once"}])
    await queries.places.order_categories(kitchen, ids, version)
    await events.places_changed(kitchen, version)
    return await queries.places.list_categories(kitchen)
