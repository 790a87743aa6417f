"""The library is ranked by the database as the pantry would judge it, recipe by recipe."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

import pytest

from popote_kit.quantity import Amount, Fact, Quantity, unit
from popote_kit.testing import FreshDatabase, new_id
from popote_recipes import queries
from popote_recipes.model.cookable import judge
from popote_recipes.model.needs import needs, slots
from popote_recipes.model.pantry import Slot
from popote_recipes.model.recipes import Alternative, Content, Ingredient, Recipe, StoredQuantity
from popote_recipes.model.supply import Item, Lot, Supply
from popote_recipes.model.things import WATER
from popote_recipes.queries.cookable import Ranked, Wanted
from popote_recipes.queries.substitutes import Substitute

TODAY: Final = date(2025, 6, 2)
NOW: Final = datetime(2025, 6, 2, tzinfo=UTC)
DAYS: Final = 7
FOODS: Final = [UUID(int=number) for number in range(1, 26)]  # the same each time: how they count follows from it
FACTS: Final = [
    Fact("piece", Quantity(Amount("60"), "g")),
    Fact("clove", Quantity(Amount("4"), "g")),
    Fact("ml", Quantity(Amount("0.9"), "g")),
]


@dataclass
class Kitchen:
    """A household's library and what it has, made up by chance."""

    chance: random.Random
    supply: Supply = field(init=False)
    recipes: list[Recipe] = field(init=False)
    substitutes: list[Substitute] = field(init=False)

    def __post_init__(self) -> None:
        items = [self.item(food) for food in FOODS[:18] for _ in range(self.chance.choice((1, 1, 2)))]
        self.supply = Supply(today=TODAY, items=items)
        self.recipes = [self.recipe(number) for number in range(80)]
        pairs = {tuple(self.chance.sample(FOODS, 2)) for _ in range(self.chance.choice((0, 3)))}
        self.substitutes = [
            Substitute(
                id=new_id(), food_id=one, food_name="-", instead_id=other, instead_name="-", created_at=NOW, version=1
            )
            for one, other in pairs
        ]

    def item(self, food: UUID) -> Item:
        """Return an item; those of one food count alike."""
        of_food = random.Random(food.int)  # noqa: S311 - made-up data, as below
        code = of_food.choice(("g", "g", "ml", "piece"))
        amounts = [self.amount(code) for _ in range(self.chance.choice((0, 1, 1, 2, 3)))]
        return Item(
            id=new_id(),
            name="item",
            food_id=food,
            unit=code,
            measure=unit(code).measure,
            is_staple=of_food.random() < 0.1,
            facts=of_food.sample(FACTS, of_food.randrange(4)),
            lots=[self.lot(int(amount * unit(code).base)) for amount in amounts],
        )

    def lot(self, units: int) -> Lot:
        expires_on = self.chance.choice((None, TODAY + timedelta(self.chance.randrange(-3, 20))))
        return Lot(new_id(), units, expires_on, self.chance.random() < 0.5, self.chance.random() < 0.2)

    def amount(self, code: str) -> Decimal:
        return Decimal(self.chance.randrange(1, 9) if code in ("piece", "clove") else self.chance.randrange(5, 600, 5))

    def recipe(self, number: int) -> Recipe:
        lines = [self.line() for _ in range(self.chance.randrange(1, 8))]
        return Recipe(
            id=new_id(),
            title=f"Recipe {number}",
            language="en",
            servings=Decimal(self.chance.choice((1, 2, 4))),
            minutes=self.chance.choice((None, 10, 20, 30)),
            tags=self.chance.choice((["soup"], [])),
            content=Content(ingredients=lines),
            created_by=new_id(),
            created_at=NOW,
            updated_at=NOW,
        )

    def line(self) -> Ingredient:
        code = self.chance.choice(("g", "g", "g", "ml", "piece", "clove", "bunch"))
        amount = self.chance.choice((*[self.amount(code)] * 9, Decimal(0)))
        return Ingredient(
            line="line",
            quantity=None if self.chance.random() < 0.1 else StoredQuantity(amount, code),
            food_id=self.chance.choice((*FOODS, None)),
            name=self.chance.choice(("water", "nobody knows", "butter")),
            is_to_taste=self.chance.random() < 0.05,
            alternatives=[Alternative(name="or", food_id=self.chance.choice(FOODS))] * (self.chance.random() < 0.1),
        )

    @property
    def instead(self) -> Mapping[UUID, Sequence[tuple[UUID, str]]]:
        found: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
        for each in self.substitutes:
            found[each.food_id].append((each.instead_id, each.instead_name))
        return found

    def slots(self, recipe: Recipe) -> list[Slot]:
        return slots(recipe, {}, self.instead)

    def judged(self, recipe: Recipe, servings: Decimal | None, *, staples: bool) -> tuple[int, Fraction]:
        """Return how many lines are missing, and what the recipe saves, as the pantry has it."""
        dish = judge(self.slots(recipe), self.supply, TODAY, servings=recipe.servings, wanted=servings, staples=staples)
        return dish.missing, self.saves(dish.lines, recipe.factor(servings))

    def saves(self, lines: Sequence[Any], factor: Fraction) -> Fraction:
        spoiling = [
            Item(
                **{
                    **{name: getattr(item, name) for name in Item.__struct_fields__},
                    "lots": list(filter(soon, item.lots)),
                }
            )
            for item in self.supply.items
        ]
        soonest = Supply(today=TODAY, items=spoiling)
        shares: dict[UUID, Fraction] = defaultdict(Fraction)
        for line in lines:
            if line.option and line.option.units:
                there = soonest.capacity(line.option.thing_id, line.option.measure, TODAY)
                shares[line.option.thing_id] += line.option.units * factor / there if there else 0
        return sum((min(share, Fraction(1)) for share in shares.values()), Fraction(0))


def soon(lot: Lot) -> bool:
    return lot.expires_on is not None and lot.expires_on <= TODAY + timedelta(DAYS)


def competes(recipe: Sequence[Slot]) -> bool:
    """Whether lines are about one thing and have something that may stand in for it."""
    things = [option.thing_id for slot in recipe for option in slot.options]
    again = {thing for thing, times in Counter(things).items() if times > 1}
    return any(len(slot.options) > 1 and again & {option.thing_id for option in slot.options} for slot in recipe)


async def stored(database: FreshDatabase, scene: Kitchen) -> UUID:
    household = new_id()
    async with database.kitchen("recipes", household, new_id()) as kitchen:
        await queries.recipes.put_recipes(kitchen, scene.recipes)
        found = [(recipe.id, need) for recipe in scene.recipes for need in needs(recipe, {})]
        await queries.recipes.put_needs(kitchen, found, [recipe.id for recipe in scene.recipes])
        for each in scene.substitutes:
            await queries.substitutes.add_substitute(kitchen, each)
    return household


async def ranked(
    database: FreshDatabase, household: UUID, scene: Kitchen, *, staples: bool = True, limit: int = 1000, **wanted: Any
) -> list[Ranked]:
    always = [*WATER, *(scene.supply.staples if staples else ())]
    async with database.kitchen("recipes", household, new_id()) as kitchen:
        columns = scene.supply.columns(TODAY, DAYS)
        return await queries.cookable.rank(kitchen, columns, always, Wanted(**wanted), limit)


async def test_the_database_ranks_as_the_pantry_judges(database: FreshDatabase) -> None:
    compared = 0
    alike = Counter[bool]()
    for seed in range(8):
        scene = Kitchen(random.Random(seed))  # noqa: S311
        household = await stored(database, scene)
        for servings, staples in ((None, True), (Decimal(3), False)):
            found = {
                each.recipe_id: each
                for each in await ranked(database, household, scene, servings=servings, staples=staples)
            }
            for recipe in scene.recipes:
                slots_ = scene.slots(recipe)
                if not any(slot.options for slot in slots_):
                    continue
                missing, saves = scene.judged(recipe, servings, staples=staples)
                ours = found[recipe.id]
                if competes(slots_):
                    alike[ours.missing == missing] += 1
                    continue
                assert (ours.missing, abs(Fraction(ours.saves_expiring) - saves) <= Fraction("0.006")) == (
                    missing,
                    True,
                ), (
                    seed,
                    recipe,
                    ours,
                    float(saves),
                )
                compared += 1
    assert compared > 1000
    assert alike[True] > 50 * alike[False]


async def test_what_saves_most_comes_first_then_what_lacks_least_then_what_is_fast(database: FreshDatabase) -> None:
    scene = Kitchen(random.Random(1))  # noqa: S311
    household = await stored(database, scene)
    by_id = {recipe.id: recipe for recipe in scene.recipes}
    found = await ranked(database, household, scene)

    def key(each: Ranked) -> tuple[Any, ...]:
        recipe = by_id[each.recipe_id]
        return -each.saves_expiring, each.missing, recipe.minutes or 10**6, recipe.title.lower(), recipe.id

    assert found == sorted(found, key=key)
    assert len({each.saves_expiring for each in found}) > 10
    assert await ranked(database, household, scene, limit=5) == found[:5]
    few = [each for each in found if each.missing <= 1]
    assert await ranked(database, household, scene, max_missing=1) == few
    fast = [each for each in found if (by_id[each.recipe_id].minutes or 99) <= 10]
    assert await ranked(database, household, scene, max_minutes=10) == fast
    soups = [each for each in found if by_id[each.recipe_id].tags]
    assert await ranked(database, household, scene, tag="soup") == soups
    some = found[3:6]
    assert await ranked(database, household, scene, among=[each.recipe_id for each in some]) == some
    assert await ranked(database, new_id(), scene) == []


@pytest.mark.parametrize("supply", [Supply(today=TODAY), Supply(today=TODAY, items=[])])
def test_without_a_supply_there_is_nothing_to_compare_with(supply: Supply) -> None:
    assert [list(column) for column in supply.columns(TODAY, DAYS)] == [[]] * 5
