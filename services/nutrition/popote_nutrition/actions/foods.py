"""Foods of a household: made, changed, forgotten."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec.structs import asdict, replace

from popote_kit import quantity, sync
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.problems import IdTaken, Invalid, NameTaken, NotFound, TooMany, at
from popote_nutrition import events, queries
from popote_nutrition.errors import NoName
from popote_nutrition.model.foods import (
    HOUSEHOLD,
    MAX_FOODS,
    Alias,
    Conversion,
    Food,
    Keeping,
    Language,
    Named,
    Own,
    StoredFact,
)
from popote_nutrition.model.nutrients import Nutrients, Per, check, with_energy
from popote_nutrition.wire.foods import EditFood, NewFood, given

FOOD = "food"


async def create_food(kitchen: Kitchen, new: NewFood, language: Language) -> Food:
    """Make a food of the household's own; an id that is used already gives that food, unchanged.

    Raises:
        IdTaken: the id is that of a food that all share, or of one that was deleted.
        NameTaken: another food of the household goes by the name.
        Invalid, UnknownUnit, BadFact, NoName: a value is wrong.
        TooMany: the household has 2,000.
    """
    version = await sync.next_version(kitchen)
    food_id = new.id or uuid_utils.uuid7()
    if new.id and (known := (await queries.foods.read_foods(kitchen, [new.id])).get(new.id)):
        if known.source != HOUSEHOLD:
            raise IdTaken(id=new.id)
        return known
    if new.id and await sync.buried(kitchen, FOOD, [new.id]):
        raise IdTaken(id=new.id)
    await _refuse_more(kitchen)
    return await _store(kitchen, Own(id=food_id, created_at=kitchen.now), _members(new, language), version)


async def edit_food(kitchen: Kitchen, id: UUID, edit: EditFood, if_match: IfMatch, language: Language) -> Food:
    """Change a food of the household's own; or, of one that all share, what this household sees of it.

    Raises:
        NotFound, Stale, PreconditionRequired: there is none, or not in that version.
        NameTaken, Invalid, UnknownUnit, BadFact, NoName, TooMany: as for a new one.
    """
    version = await sync.next_version(kitchen)
    food = await queries.foods.read_food(kitchen, id)
    if_match.check(etag(food.version))
    own = await queries.foods.read_own(kitchen, id)
    if own is None:
        await _refuse_more(kitchen)
        own = Own(id=id, is_override=True, per=food.per, created_at=kitchen.now)
    return await _store(kitchen, own, _members(edit, language), version)


async def delete_food(kitchen: Kitchen, id: UUID, if_match: IfMatch) -> None:
    """Forget a food of the household's own, and the names that mean it; of one that all share, what was changed.

    Raises:
        NotFound, Stale, PreconditionRequired: the household has none, or not in that version.
    """
    version = await sync.next_version(kitchen)
    food = await queries.foods.read_food(kitchen, id)
    if not food.is_own:
        raise NotFound
    if_match.check(etag(food.version))
    await queries.foods.delete_food(kitchen, id)
    await sync.bury(kitchen, FOOD, [id], version)
    if not food.is_override:
        gone = await queries.names.forget_food(kitchen, id)
        await sync.bury(kitchen, "learned_name", gone, version)
    await events.foods_changed(kitchen, version, [id])


async def _refuse_more(kitchen: Kitchen) -> None:
    if await queries.foods.count_own(kitchen) >= MAX_FOODS:
        raise TooMany(limit=MAX_FOODS)


def _members(sent: NewFood | EditFood, language: Language) -> dict[str, Any]:
    members = given(sent)
    members.pop("id", None)
    return members | {"language": sent.language or language}


async def _store(kitchen: Kitchen, own: Own, members: dict[str, Any], version: int) -> Food:
    changed = _edited(own, members)
    keys = [_told_apart(each) for each in changed.named()]
    if taken := await queries.foods.find_own_named(kitchen, own.id, keys):
        raise NameTaken(id=taken)
    await queries.foods.put_own(kitchen, changed, version)
    await sync.unbury(kitchen, FOOD, [own.id])  # what was changed of a shared food, forgotten, and changed again
    await events.foods_changed(kitchen, version, [own.id])
    if new := {each.name for each in changed.named()} - {each.name for each in own.named()}:
        await events.names_changed(kitchen, version, new)
    return await queries.foods.read_food(kitchen, own.id)


def _told_apart(named: Named) -> str:
    if not named.key:
        raise NoName(name=named.name)
    return named.key


def _edited(own: Own, members: dict[str, Any]) -> Own:
    """Return the household's part of a food with what was sent, checked."""
    language: Language = members["language"]
    changes: dict[str, Any] = {}
    if "name" in members:
        changes[f"name_{language}"] = members["name"].strip()
    if "aliases" in members:
        changes["aliases"] = [Alias(name.strip(), language) for name in members["aliases"]]
    if "conversions" in members:
        with at("conversions"):
            changes["facts"] = _stored(members["conversions"])
    if "nutrients" in members:
        with at("nutrients"):
            values = _checked(members["nutrients"], members.get("per", own.per))
            changes |= {"nutrients": values, "has_nutrients": True}
    elif "per" in members:
        with at("nutrients"):
            check(own.nutrients, members["per"])
    if "keeping" in members:
        changes["keeping"] = Keeping(**asdict(members["keeping"]))
    if "source_note" in members:
        changes["source_id"] = members["source_note"].strip()
    if "per" in members:
        if own.is_override and "nutrients" not in members:
            raise Invalid(errors=[{"pointer": "/per", "message": "It goes with nutrients"}])
        changes["per"] = members["per"]
    return replace(own, **changes)


def _checked(values: Nutrients, per: Per) -> Nutrients:
    plain = Nutrients(**asdict(values))
    check(plain, per)
    return with_energy(plain)


def _stored(conversions: Sequence[Conversion]) -> list[StoredFact]:
    stored = []
    for number, each in enumerate(conversions):
        with at(number):
            unit, equals = quantity.unit(each.unit), quantity.unit(each.equals.unit)
            fact = StoredFact(unit.code, each.equals.amount, equals.code, each.is_approximate)
            fact.fact(HOUSEHOLD)  # which refuses to be made of nonsense
            stored.append(fact)
    return stored
