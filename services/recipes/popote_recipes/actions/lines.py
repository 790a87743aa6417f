"""What lines mean: nutrition is asked before the household's counter is held, or else later."""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from litestar import Litestar
from msgspec.structs import replace

from popote_kit import sync
from popote_kit.database import Database, Kitchen
from popote_kit.rounds import rounds
from popote_recipes import events, queries
from popote_recipes.actions.recipes import store_needs
from popote_recipes.model.recipes import Ingredient, Language, Recipe, StoredFact, Understood, in_sections
from popote_recipes.peers import MAX_ASKED, Nutrition, Told
from popote_recipes.queries.waiting import FIRST
from popote_recipes.wire.recipes import NewIngredient

log = logging.getLogger(__name__)

LOOK_S: Final = 5.0
BATCH: Final = 50  # recipes

NewLine = str | NewIngredient


async def read(
    nutrition: Nutrition, household: UUID, asked: Sequence[NewLine], language: Language
) -> tuple[list[Ingredient], bool]:
    """Return lines as ingredients, and whether nutrition told what they mean: otherwise they wait for it."""
    lines = [NewIngredient(line=each) if isinstance(each, str) else each for each in asked]
    texts = [each.line.strip() for each in lines]
    told = await nutrition.understand(household, texts, language, [each.food_id for each in lines if each.food_id])
    waiting = [Understood(ingredient=Ingredient(line=text)) for text in texts]
    understood = list(told.lines) if told else waiting
    linked = [
        replace(one, ingredient=_linked(one.ingredient, each, told), is_section=_is_section(one, each))
        for one, each in zip(understood, lines, strict=True)
    ]
    return in_sections(linked, [each.section for each in lines]), told is not None


def unread(asked: Sequence[NewLine]) -> list[Ingredient]:
    """Return lines as ingredients that wait for nutrition."""
    lines = [NewIngredient(line=each) if isinstance(each, str) else each for each in asked]
    return [
        replace(_linked(Ingredient(line=each.line.strip()), each, None), section=each.section or "") for each in lines
    ]


def keeping_choices(asked: Sequence[NewLine], recipe: Recipe) -> list[NewLine]:
    """Return the lines of an edit; one that was there already keeps the food, or the recipe, that was chosen for it."""
    chosen = {each.line: each for each in recipe.content.ingredients if each.link == "chosen"}
    return [_as_asked(chosen[each], None) if isinstance(each, str) and each in chosen else each for each in asked]


def _is_section(understood: Understood, asked: NewIngredient) -> bool:
    return understood.is_section and asked.food_id is None and asked.recipe_id is None


def _linked(ingredient: Ingredient, asked: NewIngredient, told: Told | None) -> Ingredient:
    """Return an ingredient with what a person said of it."""
    if asked.recipe_id is not None:
        return replace(
            ingredient, recipe_id=asked.recipe_id, recipe_servings=asked.recipe_servings, food_id=None, food_name=None,
            facts=[], candidates=[], link="chosen", confidence=1.0,
        )  # fmt: skip
    if asked.food_id is None:
        return ingredient
    return _chosen(ingredient, asked.food_id, told.foods if told else {})


def _chosen(ingredient: Ingredient, food: UUID, foods: Mapping[UUID, tuple[str, list[StoredFact]]]) -> Ingredient:
    name, facts = foods.get(food, (ingredient.food_name, []))
    return replace(ingredient, food_id=food, food_name=name, facts=facts, candidates=[], link="chosen", confidence=1.0)


class Catching:
    """Asks nutrition about the recipes that it did not tell of when they were made, or may tell otherwise of by now."""

    def __init__(self, database: Database, nutrition: Nutrition) -> None:
        self._database = database
        self._nutrition = nutrition
        self._place = FIRST  # the household that was last asked for

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        async with rounds(self.catch_up, every_s=LOOK_S, failing="nutrition can't be asked about recipes"):
            yield

    async def catch_up(self) -> None:
        """Ask about every recipe that is due, household by household, unless nutrition rests; then go on from there."""
        while not self._nutrition.is_resting and (household := await self._next()):
            self._place = household
            await self._ask_for(household)
        if not self._nutrition.is_resting:
            self._place = FIRST

    async def _next(self) -> UUID | None:
        async with self._database.kitchen() as kitchen:
            return await queries.waiting.find_household_to_ask_for(kitchen, self._place)

    async def _ask_for(self, household: UUID) -> None:
        place = FIRST
        while True:
            async with self._database.kitchen(household) as kitchen:
                due = await queries.waiting.read_due(kitchen, BATCH, place)
            if not due:
                return
            place = due[-1].id
            for some in by_calls(due):
                told = await ask(self._nutrition, household, some)
                if told is None:
                    return
                async with self._database.kitchen(household, write=True) as kitchen:
                    await settle(kitchen, some, told)


async def ask(nutrition: Nutrition, household: UUID, recipes: Sequence[Recipe]) -> list[list[Ingredient]] | None:
    """Return what the lines of each recipe mean, one group of `by_calls`; None where nutrition does not tell now."""
    lines = [_waited(each) for recipe in recipes for each in recipe.content.ingredients]
    texts = [each.line for each in lines]
    foods = list({each.food_id for each in lines if each.food_id})
    told = await nutrition.understand(household, texts, recipes[0].language, foods)
    if told is None:
        return None
    found = iter(zip(told.lines, lines, strict=True))
    return [_again(recipe, [next(found) for _ in recipe.content.ingredients], told) for recipe in recipes]


def _as_asked(ingredient: Ingredient, section: str | None) -> NewIngredient:
    return NewIngredient(
        line=ingredient.line,
        section=section,
        food_id=ingredient.food_id if ingredient.link == "chosen" else None,
        recipe_id=ingredient.recipe_id,
        recipe_servings=ingredient.recipe_servings,  # type: ignore[arg-type]  # it was one of ours
    )


def _waited(ingredient: Ingredient) -> NewIngredient:
    """Return a line as it was asked about; where it still waited, titles that nutrition sees now are its sections."""
    return _as_asked(ingredient, ingredient.section or (None if ingredient.link == "waiting" else ""))


def _again(recipe: Recipe, read: Sequence[tuple[Understood, NewIngredient]], told: Told) -> list[Ingredient]:
    """Return a recipe's ingredients as nutrition has them now; a line that was none of a section stays one."""
    was_waiting = any(each.link == "waiting" for each in recipe.content.ingredients)
    understood = [
        replace(
            one,
            ingredient=_linked(one.ingredient, asked, told),
            is_section=was_waiting and _is_section(one, asked),
        )
        for one, asked in read
    ]
    return in_sections(understood, [asked.section for _, asked in read])


def by_calls(recipes: Sequence[Recipe]) -> list[list[Recipe]]:
    """Return the recipes in groups about which one question can ask: of one language, with at most 200 lines."""
    groups: list[list[Recipe]] = []
    room = 0
    for recipe in recipes:
        lines = len(recipe.content.ingredients)
        if not groups or lines > room or groups[-1][0].language != recipe.language:
            groups.append([])
            room = MAX_ASKED
        groups[-1].append(recipe)
        room -= lines
    return groups


async def settle(kitchen: Kitchen, due: Sequence[Recipe], told: Sequence[Sequence[Ingredient]]) -> None:
    """Let lines mean what was told, unless their recipe was changed since it was read.

    Only what changes gets another version; that is no revision, since nobody changed what the recipe says.
    """
    version = await sync.next_version(kitchen)
    now = await queries.recipes.find_recipes(kitchen, [recipe.id for recipe in due])
    answered = [
        (now[recipe.id], recipe.due, list(ingredients))
        for recipe, ingredients in zip(due, told, strict=True)
        if recipe.id in now and now[recipe.id].version == recipe.version
    ]
    changed = [
        replace(recipe.with_ingredients(ingredients), version=version)
        for recipe, _, ingredients in answered
        if ingredients != recipe.content.ingredients
    ]
    if changed:
        await queries.recipes.put_recipes(kitchen, changed)
        await store_needs(kitchen, changed)
        await events.recipes_changed(kitchen, version, [recipe.id for recipe in changed])
    await queries.waiting.set_asked(kitchen, {recipe.id: due for recipe, due, _ in answered})
