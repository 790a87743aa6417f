"""What can be cooked, on the wire."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from msgspec import Struct

from popote_kit import quantity
from popote_kit.quantity import Amount, Quantity
from popote_recipes.model.cookable import Dish
from popote_recipes.model.pantry import Served, Status
from popote_recipes.model.recipes import Recipe
from popote_recipes.model.supply import Supply


class TakeShown(Struct):
    """What would be taken from a lot."""

    item_id: UUID
    lot_id: UUID
    quantity: Quantity


class LineShown(Struct, kw_only=True):
    """What is there for a line; `instead` is the name of what would stand in for what the line asks for.

    `need`, `have` and `short` are in the unit of the line; `have` and `short` are null where nobody can tell.
    """

    line: str
    status: Status
    name: str
    food_id: UUID | None
    need: Quantity | None
    have: Quantity | None
    short: Quantity | None
    takes: list[TakeShown]
    instead: str | None
    is_past_best_before: bool
    is_approximate: bool

    @classmethod
    def of(cls, served: Served, supply: Supply) -> Self:
        option = served.option
        same = ("line", "status", "need", "have", "short", "instead", "is_past_best_before", "is_approximate")
        return cls(
            **{name: getattr(served, name) for name in same},
            name=option.name if option else served.line,
            food_id=option.thing_id if option and option.is_food else None,
            takes=[
                TakeShown(take.item_id, take.lot_id, quantity.show(take.units, supply.by_id[take.item_id].unit))
                for take in served.takes
            ],
        )


class CookableShown(Struct, kw_only=True):
    """A recipe as it could be cooked for `servings`.

    `missing` is how many lines are not known to be covered, `unknown` how many of these nobody can tell anything of.
    `servings_possible` is what the lines that can be told of allow, at most 1000. `saves_expiring` adds up which share,
    from 0 to 1, of each thing that expires soon would be used.
    """

    recipe_id: UUID
    title: str
    minutes: int | None
    tags: list[str]
    image: str | None
    servings: Amount
    servings_possible: int
    missing: int
    unknown: int
    saves_expiring: Amount
    ingredients: list[LineShown]

    @classmethod
    def of(cls, recipe: Recipe, servings: Decimal | None, dish: Dish, saves: Decimal, supply: Supply) -> Self:
        return cls(
            recipe_id=recipe.id,
            title=recipe.title,
            minutes=recipe.minutes,
            tags=recipe.tags,
            image=recipe.image,
            servings=Amount(recipe.servings if servings is None else servings),
            servings_possible=dish.servings_possible,
            missing=dish.missing,
            unknown=dish.unknown,
            saves_expiring=Amount(saves),
            ingredients=[LineShown.of(line, supply) for line in dish.lines],
        )


class Cookable(Struct):
    """Recipes by what they save from spoiling, then by what is missing, then by time; as of `today`."""

    today: date
    items: Sequence[CookableShown]
