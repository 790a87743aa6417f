"""Items and places, made and changed."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec.structs import replace

from popote_kit import quantity, sync
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.problems import IdTaken, NameTaken, NotFound, at
from popote_stock import events, queries
from popote_stock.actions.refusals import refuse_more
from popote_stock.errors import BarcodeTaken, InUse, UnitFixed
from popote_stock.model import barcode
from popote_stock.model.foods import NOTHING, Told
from popote_stock.model.items import MAX_ITEMS, Barcode, Conversion, Item, StoredConversion
from popote_stock.model.lots import keeping
from popote_stock.model.places import MAX_CATEGORIES
from popote_stock.queries.places import Category
from popote_stock.wire.items import EditItem, NewItem, PackCode, ShelfLifeDays, given


async def create_item(kitchen: Kitchen, new: NewItem, told: Told = NOTHING) -> Item:
    """Make an item; an id that is used already gives that item, unchanged. `told` may say what food it is.

    Raises:
        IdTaken: an item had the id that was deleted since.
        NameTaken, BarcodeTaken: another item has it.
        NotFound: the household has no such location.
        Invalid, UnknownUnit, UnknownConversion: a value is wrong.
        TooMany: the household knows 20,000.
    """
    version = await sync.next_version(kitchen)
    if new.id and (known := (await queries.items.read_items(kitchen, [new.id], deleted=True)).get(new.id)):
        if known.deleted_at:
            raise IdTaken(id=new.id)
        return known
    await refuse_more(kitchen, "item", MAX_ITEMS)
    with at("unit"):
        blank = _blank(kitchen, new.id or uuid_utils.uuid7(), "", new.unit)
    return await _store(kitchen, await _edited(kitchen, blank, _members(new), told, version), version)


def _members(new: NewItem) -> dict[str, Any]:
    members = given(new)
    del members["id"], members["unit"]
    if new.food_id is None:
        del members["food_id"]  # its name tells
    return members


async def edit_item(kitchen: Kitchen, id: UUID, edit: EditItem, if_match: IfMatch, told: Told = NOTHING) -> Item:
    """Change an item. Where its shelf life changes, its lots keep until another date.

    `told` may say what food it is, by another name, or by the food that was chosen.

    Raises:
        NotFound, Stale, PreconditionRequired: there is none, or not in that version.
        UnitFixed: the new unit measures otherwise, and the journal knows the item.
        NameTaken, BarcodeTaken, Invalid, UnknownUnit, UnknownConversion: as for a new one.
    """
    version = await sync.next_version(kitchen)
    item = await queries.items.read_item(kitchen, id)
    if_match.check(etag(item.version))
    members: dict[str, Any] = given(edit)
    changed = await _edited(kitchen, await _recounted(kitchen, item, members), members, told, version)
    stored = await _store(kitchen, changed, version)
    if (stored.shelf_life, stored.unit) != (item.shelf_life, item.unit):  # phones show its lots in its unit
        lots = await queries.lots.read_open(kitchen, [id])
        kept = [keeping(lot, stored.shelf_life, kitchen.zone) for lot in lots]
        await queries.lots.set_expiry(kitchen, kept, version)
    if (stored.name, stored.category_id) != (item.name, item.category_id):
        await queries.lists.touch_lines(kitchen, id, version)
    return stored


async def _recounted(kitchen: Kitchen, item: Item, members: dict[str, Any]) -> Item:
    """Return the item with the unit that an edit wants."""
    with at("unit"):
        unit = quantity.unit(members.pop("unit", item.unit))
    if unit.measure != item.measure and await queries.items.has_past(kitchen, item.id):
        raise UnitFixed(measure=item.measure)
    counted = item.minimum if unit.measure == item.measure else None
    return replace(item, unit=unit.code, measure=unit.measure, minimum=counted)


async def delete_item(kitchen: Kitchen, id: UUID, if_match: IfMatch) -> None:
    """Forget an item of which nothing is left.

    Raises:
        NotFound, Stale, PreconditionRequired: there is none, or not in that version.
        InUse: there is still some of it.
    """
    version = await sync.next_version(kitchen)
    item = await queries.items.read_item(kitchen, id)
    if_match.check(etag(item.version))
    if await queries.lots.read_open(kitchen, [id]):
        raise InUse
    await queries.lists.release_lines(kitchen, id, version)
    await queries.items.delete_item(kitchen, id, version)
    await events.items_changed(kitchen, version, [id])


async def restore_items(kitchen: Kitchen, items: Sequence[Item], version: int) -> None:
    """Bring deleted items back, without their barcodes; what food they are is asked anew, since they missed all news.

    Raises:
        NameTaken: another item has the name of one by now, or two of them have the same.
    """
    if not items:
        return
    keys = [item.name_key for item in items]
    twins = [item for number, item in enumerate(items) if item.name_key in keys[:number]]
    if taken := await queries.items.find_by_keys(kitchen, keys) or twins:
        raise NameTaken(id=taken[0].id)
    due = [replace(item, food_due=item.food_due + 1) for item in items]
    await queries.items.put_items(kitchen, due, version)
    await events.items_changed(kitchen, version, [item.id for item in items])


async def items_with(kitchen: Kitchen, ids: Iterable[UUID]) -> dict[UUID, Item]:
    """Return the items with these ids.

    Raises:
        NotFound: the household knows no item with one of them.
    """
    wanted = set(ids)
    found = await queries.items.read_items(kitchen, wanted) if wanted else {}
    if len(found) < len(wanted):
        raise NotFound
    return found


async def items_named(kitchen: Kitchen, names: dict[str, str], version: int, told: Told = NOTHING) -> dict[str, Item]:
    """Return the items with these names, by the name as it was given; those that are not known yet are made.

    `names` gives each the unit that it has if it is new, `told` may say what food. Two spellings of one name are one
    item.

    Raises:
        UnknownUnit: a new item's unit is none.
        TooMany: the household knows 20,000.
    """
    if not names:
        return {}
    bare = {name: name.strip() for name in names}
    shared = await queries.items.read_keys(kitchen, list(bare.values()))
    keys = {name: shared[bare[name]] for name in names}
    known = {item.name_key: item for item in await queries.items.find_by_keys(kitchen, list(keys.values()))}
    if new := {keys[name]: name for name in reversed(names) if keys[name] not in known}:
        await refuse_more(kitchen, "item", MAX_ITEMS, more=len(new))
        made = {
            key: told.link(_blank(kitchen, uuid_utils.uuid7(), bare[name], names[name])) for key, name in new.items()
        }
        await queries.items.put_items(kitchen, list(made.values()), version)
        await events.items_changed(kitchen, version, (item.id for item in made.values()))
        known |= made
    return {name: known[keys[name]] for name in names}


def _blank(kitchen: Kitchen, id: UUID, name: str, unit_text: str) -> Item:
    unit = quantity.unit(unit_text)
    return Item(id=id, name=name, unit=unit.code, measure=unit.measure, created_at=kitchen.now)


async def _edited(kitchen: Kitchen, item: Item, members: dict[str, Any], told: Told, version: int) -> Item:
    """Return the item with what was sent, checked and converted."""
    changes: dict[str, Any] = dict(members)
    minimum = changes.pop("minimum", ...)
    if "name" in changes:
        changes["name"] = changes["name"].strip()
    if "shelf_life" in changes:
        changes |= _days(changes.pop("shelf_life"))
    if "category" in changes:
        changes["category_id"] = await category_named(kitchen, changes["category"], version)
    if "barcodes" in changes:
        changes["barcodes"] = _barcodes(changes["barcodes"])
    if "conversions" in changes:
        changes |= {"conversions": _stored(changes["conversions"]), "minimum": None}  # to be counted by these
    if "food_id" in changes:
        changes["is_food_chosen"] = True
    if location := changes.get("location_id"):
        await queries.places.read_location(kitchen, location)
    changed = replace(item, **changes)
    if (changed.is_food_chosen, changed.asks) != (item.is_food_chosen, item.asks):
        changed = told.link(changed)
    with at("conversions"):
        _ = changed.facts  # which refuse to be made of nonsense
    with at("minimum"):
        return _with_minimum(changed, minimum)


def _days(life: ShelfLifeDays) -> dict[str, int | None]:
    return {f"{name}_days": getattr(life, name) for name in ("purchased", "opened", "frozen", "thawed")}


def _barcodes(codes: Sequence[PackCode]) -> list[Barcode]:
    """Return the barcodes in their long form, each once, with units that exist."""
    found: dict[str, Barcode] = {}
    for number, code in enumerate(codes):
        with at("barcodes", number):
            gtin = barcode.gtin(code.code)
            held = code.quantity
            found[gtin] = Barcode(gtin, held.amount, quantity.unit(held.unit).code) if held else Barcode(gtin)
    return list(found.values())


def _stored(conversions: Sequence[Conversion]) -> list[StoredConversion]:
    stored = []
    for number, each in enumerate(conversions):
        with at("conversions", number):
            unit, equals = quantity.unit(each.unit), quantity.unit(each.equals.unit)
        stored.append(StoredConversion(unit.code, each.equals.amount, equals.code))
    return stored


def _with_minimum(item: Item, minimum: Any) -> Item:
    """Return the item with another minimum, or where none is given with the one it has, counted anew."""
    if minimum is None:
        return replace(item, minimum=None, minimum_amount=None, minimum_unit=None)
    if minimum is not ...:
        code = quantity.unit(minimum.unit).code
        item = replace(item, minimum=None, minimum_amount=minimum.amount, minimum_unit=code)
    return item.recounted


async def _store(kitchen: Kitchen, item: Item, version: int) -> Item:
    taken = await queries.items.find_name(kitchen, item.name)
    if taken not in (None, item.id):
        raise NameTaken(id=taken)
    others = await queries.items.find_barcodes_of_others(kitchen, item.id, [each.gtin for each in item.barcodes])
    if others:
        raise BarcodeTaken(code=barcode.shown(others[0][0]), item_id=others[0][1])
    await queries.items.put_items(kitchen, [item], version)
    await queries.items.put_barcodes(kitchen, [item])
    await events.items_changed(kitchen, version, [item.id])
    return await queries.items.read_item(kitchen, item.id)


async def category_named(kitchen: Kitchen, name: str | None, version: int) -> UUID | None:
    """Return the category of that name, a new one at the end of the aisles where there was none.

    Raises:
        TooMany: the household has 200.
    """
    if name is None:
        return None
    name = name.strip()
    if known := await queries.places.find_named(kitchen, "category", name):
        return known
    count = await refuse_more(kitchen, "category", MAX_CATEGORIES)
    new = Category(uuid_utils.uuid7(), name, count + 1, version, kitchen.now)
    await queries.places.put_categories(kitchen, [new])
    await events.places_changed(kitchen, version)
    return new.id
