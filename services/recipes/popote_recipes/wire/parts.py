"""What is planned, for whoever adds up what that holds."""

from collections.abc import Mapping, Sequence
from typing import Self
from uuid import UUID

from msgspec import Struct

from popote_recipes.model.parts import Parts, parts_of
from popote_recipes.model.plan import Meal, PlanEntry
from popote_recipes.model.recipes import Recipe


class PlannedMeal(Parts, frozen=True, kw_only=True):
    """What a dish of the plan is made of."""

    plan_id: UUID
    meal: Meal


class PlannedParts(Struct):
    """The dishes of a day that are recipes, in the order of the meals."""

    meals: list[PlannedMeal]

    @classmethod
    def of(cls, entries: Sequence[PlanEntry], known: Mapping[UUID, Recipe]) -> Self:
        meals = []
        for entry in entries:
            if recipe := known.get(entry.recipe_id) if entry.recipe_id else None:
                parts = parts_of(recipe, known, recipe.factor(entry.servings))
                same = {name: getattr(parts, name) for name in Parts.__struct_fields__}
                meals.append(PlannedMeal(**same, plan_id=entry.id, meal=entry.meal))
        return cls(meals)
