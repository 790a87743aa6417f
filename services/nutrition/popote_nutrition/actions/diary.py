"""The diary: entries made, changed, copied, forgotten."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import UNSET, Struct
from msgspec.structs import asdict, replace

from popote_kit import sync
from popote_kit.database import Database, Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.identity import Caller
from popote_kit.problems import IdTaken, TooMany, at
from popote_kit.quantity import Amount, Fact, Quantity
from popote_nutrition import events, queries
from popote_nutrition.actions.analysis import as_food, foods_of
from popote_nutrition.actions.matching import match_names
from popote_nutrition.model.days import Period
from popote_nutrition.model.diary import MAX_A_DAY, MAX_NAME, PORTION, TYPED, Entry, resized, snapshot
from popote_nutrition.model.foods import Food, Language
from popote_nutrition.model.lines import parse
from popote_nutrition.model.nutrients import UNKNOWN, Nutrients, rounded, with_energy
from popote_nutrition.model.portions import Part, Weighed, of_food, of_line, valued, weight
from popote_nutrition.model.recipes import RECIPE, Recipe, helping
from popote_nutrition.model.totals import portion
from popote_nutrition.peers import Asked
from popote_nutrition.queries.diary import Place
from popote_nutrition.wire.diary import CopyEntries, EditEntry, NewEntry

ENTRY = "entry"
PAGE = 500


class _Eaten(Struct, frozen=True, kw_only=True):
    """What a new entry is of: its part, and what that was taken for."""

    name: str
    part: Part
    food_id: UUID | None = None
    source: str | None = None


async def create_entry(kitchen: Kitchen, new: NewEntry, asked: Asked, language: Language) -> Entry:
    """Write down what was eaten, with its values as they are now; an id that is used already gives that entry.

    Raises:
        IdTaken: the id is that of an entry that was deleted.
        NotFound: there is no such food, item or recipe.
        Unavailable: another service does not tell what the item or the recipe is.
        UnknownUnit, UnknownConversion, TooMuch: the quantity does not count here.
        TooMany: the day has 200 entries.
    """
    version = await sync.next_version(kitchen, of="person")
    if new.id and (known := await queries.diary.find_entry(kitchen, new.id)):
        return known
    if new.id and await sync.buried(kitchen, ENTRY, [new.id], of="person"):
        raise IdTaken(id=new.id)
    await require_room(kitchen, new.date, 1)
    asked.require()
    eaten = await _eaten(kitchen, new, asked, language)
    entry = Entry(
        id=new.id or uuid_utils.uuid7(),
        day=new.date,
        meal=new.meal,
        kind=new.kind,
        food_id=eaten.food_id,
        item_id=new.item_id,
        recipe_id=new.recipe_id,
        free=new.free,
        name=(new.name or eaten.name).strip()[:MAX_NAME],
        quantity=eaten.part.quantity,
        portions=new.portions,
        portion=snapshot(eaten.part.portion),
        is_approximate=eaten.part.is_approximate,
        reason=eaten.part.reason,
        source=eaten.source if eaten.part.portion.nutrients != UNKNOWN else None,
        version=version,
        created_at=kitchen.now,
    )
    await _store(kitchen, entry)
    return entry


async def edit_entry(kitchen: Kitchen, id: UUID, edit: EditEntry, if_match: IfMatch) -> Entry:
    """Change an entry; with another quantity its values are scaled, and foods are not read again.

    Raises:
        NotFound, Stale, PreconditionRequired: the person has none, or not in that version.
        Invalid, UnknownUnit, UnknownConversion, TooMuch: nothing leads from its quantity to that one.
        TooMany: the other day has 200 entries.
    """
    version = await sync.next_version(kitchen, of="person")
    entry = await queries.diary.read_entry(kitchen, id)
    if_match.check(etag(entry.version))
    changed = replace(_edited(entry, edit), version=version)
    if changed.day != entry.day:
        await require_room(kitchen, changed.day, 1)
    await _store(kitchen, changed, entry.day)
    return changed


async def delete_entry(kitchen: Kitchen, id: UUID, if_match: IfMatch) -> None:
    """Forget an entry.

    Raises:
        NotFound, Stale, PreconditionRequired: the person has none, or not in that version.
    """
    version = await sync.next_version(kitchen, of="person")
    entry = await queries.diary.read_entry(kitchen, id)
    if_match.check(etag(entry.version))
    await queries.diary.delete_entry(kitchen, id)
    await sync.bury(kitchen, ENTRY, [id], version, of="person")
    await events.diary_changed(kitchen, version, [entry.day])


async def copy_entries(kitchen: Kitchen, asked: CopyEntries) -> list[Entry]:
    """Write down for one day what was eaten on another, with the values that those entries have; return the new ones.

    Raises:
        TooMany: the day would have more than 200 entries.
    """
    version = await sync.next_version(kitchen, of="person")
    there = await queries.diary.list_entries(kitchen, asked.from_date, asked.from_date, MAX_A_DAY)
    copies = {entry.id: uuid_utils.uuid7() for entry in there if asked.meals is None or entry.meal in asked.meals}
    if not copies:
        return []
    await require_room(kitchen, asked.to_date, len(copies))
    await queries.diary.copy_entries(kitchen, copies, asked.to_date, version)
    await events.diary_changed(kitchen, version, [asked.to_date])
    made = set(copies.values())
    today = await queries.diary.list_entries(kitchen, asked.to_date, asked.to_date, MAX_A_DAY)
    return [entry for entry in today if entry.id in made]


async def read_range(database: Database, caller: Caller, asked: Period) -> AsyncIterator[list[Entry]]:
    """Give the entries of some days, a page at a time: no connection is held while a client reads."""
    after = None
    while True:
        async with database.kitchen(caller.household, caller.person) as kitchen:
            page = await queries.diary.list_entries(kitchen, asked.first, asked.last, PAGE, after)
        yield page
        if len(page) < PAGE:
            return
        after = Place.of(page[-1])


async def require_room(kitchen: Kitchen, day: dt.date, more: int) -> None:
    """Let through what a day still has room for.

    Raises:
        TooMany: it would have more than 200 entries.
    """
    if await queries.diary.count_on(kitchen, day) + more > MAX_A_DAY:
        raise TooMany(limit=MAX_A_DAY)


async def _store(kitchen: Kitchen, entry: Entry, *days: dt.date) -> None:
    await queries.diary.put_entry(kitchen, entry)
    await events.diary_changed(kitchen, entry.version, [entry.day, *days])


def _edited(entry: Entry, edit: EditEntry) -> Entry:
    name = UNSET if edit.name is UNSET else edit.name.strip()
    sent = {"day": edit.date, "meal": edit.meal, "name": name}
    changed = replace(entry, **{name: value for name, value in sent.items() if value is not UNSET})
    if edit.quantity is not UNSET:
        with at("quantity"):
            return resized(changed, edit.quantity, None)
    if edit.portions is not UNSET:
        with at("portions"):
            return resized(changed, None, edit.portions)
    return changed


async def _eaten(kitchen: Kitchen, new: NewEntry, asked: Asked, language: Language) -> _Eaten:
    if asked.recipe is not None:
        return await _served(kitchen, new, asked.recipe)
    if (item := asked.item) is not None:
        food = await as_food(kitchen, item)
        part = _counted(new, food, item.facts)
        return _Eaten(name=item.name, part=part, food_id=item.food_id, source=food.values_source)
    if new.food_id is not None:
        food = await queries.foods.read_food(kitchen, new.food_id)
        part = _counted(new, food, food.facts)
        return _Eaten(name=food.named(language), part=part, food_id=food.id, source=food.values_source)
    if new.nutrients is not None:
        return _typed(new, new.nutrients)
    return await _read(kitchen, new, new.language or language)


def _counted(new: NewEntry, food: Food, facts: Sequence[Fact]) -> Part:
    wanted = new.quantity or Quantity(new.portions or Amount(0), PORTION)
    with at("quantity" if new.quantity else "portions"):
        return valued(of_food(food, wanted, facts), new.quantity)


async def _served(kitchen: Kitchen, new: NewEntry, recipe: Recipe) -> _Eaten:
    foods = await foods_of(kitchen, [recipe])
    wanted = new.quantity or Quantity(new.portions or Amount(0), PORTION)
    with at("quantity" if new.quantity else "portions"):
        part = replace(helping(recipe, foods, wanted), quantity=new.quantity)
    return _Eaten(name=recipe.title, part=part, source=RECIPE)


def _typed(new: NewEntry, values: Nutrients) -> _Eaten:
    with at("quantity"):
        mass = weight(new.quantity)
    told = rounded(with_energy(Nutrients(**asdict(values))))
    part = valued(Weighed(portion(told, mass), is_approximate=False), new.quantity)
    return _Eaten(name=new.free or "", part=part, source=TYPED)


async def _read(kitchen: Kitchen, new: NewEntry, language: Language) -> _Eaten:
    """Read free text as a line of a recipe; what the entry says of the quantity goes before what the text says."""
    text = new.free or ""
    line = parse(text, language)
    if new.quantity is not None:
        line = replace(line, quantity=new.quantity, at_most=None, equivalent=None)
    matched = await match_names(kitchen, ["" if line.is_section else line.name], language)
    food = matched.food(matched.matches[0])
    with at("quantity" if new.quantity else "free"):
        part = of_line(line, food)
    return _Eaten(
        name=line.name if line.name and part.quantity else text,
        part=part,
        food_id=food.id if food else None,
        source=food.values_source if food else None,
    )
