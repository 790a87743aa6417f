"""Recipes: made, changed, brought back, deleted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import UNSET, Struct
from msgspec.structs import asdict, replace

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.problems import IdTaken, NotFound, TooMany, at
from popote_kit.quantity import MASS, PositiveQuantity, UnknownConversion, in_base, unit
from popote_recipes import events, queries
from popote_recipes.actions import plan
from popote_recipes.errors import UsedElsewhere
from popote_recipes.model.needs import Need, needs
from popote_recipes.model.recipes import (
    MAX_RECIPES,
    Content,
    Ingredient,
    Language,
    Recipe,
    Step,
    StoredQuantity,
)
from popote_recipes.wire.recipes import EditRecipe, NewRecipe, NewStep

RECIPE = "recipe"
IN_CONTENT = ("description", "yield_text", "prep_minutes", "cook_minutes", "source_url", "source_name")


class Read(Struct, frozen=True):
    """What became of the lines of a body: ingredients, and whether nutrition told what they mean."""

    ingredients: list[Ingredient] | None = None
    is_told: bool = True


async def create_recipe(kitchen: Kitchen, new: NewRecipe, read: Read, language: Language) -> Recipe:
    """Make a recipe; an id that is used already gives that recipe, unchanged.

    Raises:
        IdTaken: the id is that of a recipe that was deleted.
        NotFound: a line stands for a recipe that there is not.
        RecipeLoop, TooManyLines, TooMany, UnknownUnit, TooMuch: it can't be kept so.
    """
    version = await sync.next_version(kitchen)
    if new.id and (known := (await queries.recipes.find_recipes(kitchen, [new.id])).get(new.id)):
        return known
    if new.id and await sync.buried(kitchen, RECIPE, [new.id]):
        raise IdTaken(id=new.id)
    await require_room(kitchen, 1)
    recipe = recipe_of(new, read, language, kitchen, version)
    await store(kitchen, [recipe])
    await events.recipes_changed(kitchen, version, [recipe.id])
    return recipe


def recipe_of(new: NewRecipe, read: Read, language: Language, kitchen: Kitchen, version: int) -> Recipe:
    """Return a new recipe as it is to be stored.

    Raises:
        UnknownUnit, UnknownConversion, TooMuch: what it all weighs when it is done is no mass.
    """
    return Recipe(
        id=new.id or uuid_utils.uuid7(),
        title=new.title.strip(),
        language=new.language or language,
        servings=new.servings,
        minutes=new.minutes,
        tags=tags_of(new.tags),
        content=Content(
            **{name: getattr(new, name) for name in IN_CONTENT},
            cooked=_cooked(new.cooked),
            ingredients=read.ingredients or [],
            steps=steps_of(new.steps),
        ),
        due=0 if read.is_told else 1,
        version=version,
        created_by=kitchen.person,
        created_at=kitchen.now,
        updated_at=kitchen.now,
    )


async def edit_recipe(kitchen: Kitchen, id: UUID, edit: EditRecipe, read: Read, if_match: IfMatch) -> Recipe:
    """Change a recipe; what it was before is kept as a revision.

    Raises:
        NotFound, Stale, PreconditionRequired: there is no such recipe, or not in that version; or no such part.
        RecipeLoop, TooManyLines, UnknownUnit, TooMuch: it can't be kept so.
    """
    version = await sync.next_version(kitchen)
    recipe = await queries.recipes.read_recipe(kitchen, id)
    if_match.check(etag(recipe.version))
    changed = _edited(recipe, edit, read)
    if changed == recipe:
        return recipe
    return await change(kitchen, recipe, changed, version)


async def change(kitchen: Kitchen, before: Recipe, after: Recipe, version: int) -> Recipe:
    """Store a recipe that a person changed; return it with its new revision and version."""
    await queries.revisions.keep(kitchen, before)
    changed = replace(after, revision=before.revision + 1, version=version, updated_at=kitchen.now)
    await store(kitchen, [changed])
    if after.title != before.title:
        await plan.rename_recipe(kitchen, changed.id, version)
    await events.recipes_changed(kitchen, version, [changed.id])
    return changed


async def restore_revision(kitchen: Kitchen, id: UUID, revision: int, if_match: IfMatch) -> Recipe:
    """Let a recipe be what it was in an earlier revision, which is a change like any; its image stays.

    Raises:
        NotFound, Stale, PreconditionRequired: there is no such recipe or revision, or not in that version.
        RecipeLoop, TooManyLines: it can't be kept so any more.
    """
    version = await sync.next_version(kitchen)
    recipe = await queries.recipes.read_recipe(kitchen, id)
    if_match.check(etag(recipe.version))
    old = await queries.revisions.read_revision(kitchen, id, revision)
    again = replace(old, image=recipe.image, due=recipe.due + 1, created_by=recipe.created_by)
    return await change(kitchen, recipe, again, version)


async def delete_recipe(kitchen: Kitchen, id: UUID, if_match: IfMatch) -> Recipe:
    """Forget a recipe, also on the plan; return what it was.

    Raises:
        NotFound, Stale, PreconditionRequired: there is no such recipe, or not in that version.
        UsedElsewhere: other recipes use it.
    """
    version = await sync.next_version(kitchen)
    recipe = await queries.recipes.read_recipe(kitchen, id)
    if_match.check(etag(recipe.version))
    if users := await queries.recipes.find_direct_users(kitchen, id):
        raise UsedElsewhere(recipes=[{"id": user, "title": title} for user, title in users])
    await plan.forget_recipe(kitchen, id, version)
    await queries.recipes.delete_recipe(kitchen, id)
    await sync.bury(kitchen, RECIPE, [id], version)
    await events.recipes_changed(kitchen, version, [id])
    return recipe


async def require_room(kitchen: Kitchen, more: int) -> None:
    """Let so many more recipes be made.

    Raises:
        TooMany: there would be more than 20,000.
    """
    if await queries.recipes.count_recipes(kitchen) + more > MAX_RECIPES:
        raise TooMany(limit=MAX_RECIPES)


async def store(kitchen: Kitchen, recipes: Sequence[Recipe]) -> None:
    """Store recipes with what they, and those that use them, need.

    Raises:
        NotFound: one uses a recipe that there is not.
        RecipeLoop, TooManyLines: see `popote_recipes.model.needs`.
    """
    wanted = {part for recipe in recipes for part in recipe.parts} - {recipe.id for recipe in recipes}
    if wanted and wanted - (await queries.recipes.find_recipes(kitchen, wanted)).keys():
        raise NotFound
    await queries.recipes.put_recipes(kitchen, recipes)
    for recipe in recipes:
        if recipe.parts or recipe.revision > 1:
            await queries.recipes.put_parts(kitchen, recipe)
    await store_needs(kitchen, recipes)


async def store_needs(kitchen: Kitchen, recipes: Sequence[Recipe]) -> None:
    """Store what recipes need, and what those need that use them.

    Raises:
        RecipeLoop, TooManyLines: see `popote_recipes.model.needs`.
    """
    users = {user for recipe in recipes for user in await queries.recipes.find_users(kitchen, recipe.id)}
    concerned = {recipe.id: recipe for recipe in recipes}
    if users or any(recipe.parts for recipe in recipes):
        known = await queries.recipes.read_used(kitchen, users | concerned.keys())
        concerned |= {user: known[user] for user in users}
    else:
        known = {}
    found: list[tuple[UUID, Need]] = []
    for recipe in concerned.values():
        with at("ingredients"):
            found += [(recipe.id, need) for need in needs(recipe, known)]
    await queries.recipes.put_needs(kitchen, found, list(concerned))


def steps_of(steps: Sequence[str | NewStep]) -> list[Step]:
    return [
        Step(text=each.strip())
        if isinstance(each, str)
        else Step(text=each.text.strip(), section=each.section.strip(), minutes=each.minutes)
        for each in steps
    ]


def tags_of(tags: Sequence[str]) -> list[str]:
    """Return tags in their order, each once."""
    return list(dict.fromkeys(tag.strip().lower() for tag in tags))


def _cooked(quantity: PositiveQuantity | None) -> StoredQuantity | None:
    if quantity is not None:
        with at("cooked"):
            in_base(quantity)
            if unit(quantity.unit).measure != MASS:
                raise UnknownConversion(unit=quantity.unit, to=MASS)
    return StoredQuantity.of(quantity)


def _edited(recipe: Recipe, edit: EditRecipe, read: Read) -> Recipe:
    sent: dict[str, Any] = {name: value for name, value in asdict(edit).items() if value is not UNSET}
    told: dict[str, Any] = {name: sent[name] for name in IN_CONTENT if name in sent}
    if read.ingredients is not None:
        told["ingredients"] = read.ingredients
    if edit.steps is not UNSET:
        told["steps"] = steps_of(edit.steps)
    if edit.cooked is not UNSET:
        told["cooked"] = _cooked(edit.cooked)
    own: dict[str, Any] = {name: sent[name] for name in ("language", "servings", "minutes") if name in sent}
    if "title" in sent:
        own["title"] = sent["title"].strip()
    if "tags" in sent:
        own["tags"] = tags_of(sent["tags"])
    return replace(recipe, content=replace(recipe.content, **told), due=recipe.due + (0 if read.is_told else 1), **own)
