"""The rows that phones keep, as they are sent: each in the shape in which it is read."""

from typing import Any, Final

import msgspec

from popote_kit.sync import Kind
from popote_recipes.model.plan import PlanEntry
from popote_recipes.model.recipes import Recipe
from popote_recipes.queries import changes
from popote_recipes.queries.cooks import cook_of
from popote_recipes.queries.opinions import Opinion
from popote_recipes.queries.substitutes import Substitute
from popote_recipes.wire.cooking import CookShown
from popote_recipes.wire.plan import PlanEntryShown
from popote_recipes.wire.recipes import RecipeShown


def _recipe(data: dict[str, Any]) -> RecipeShown:
    return RecipeShown.of(msgspec.convert(data, Recipe))


def _cook(data: dict[str, Any]) -> CookShown:
    return CookShown.of(cook_of({**data, "request_hash": b""}))


def _substitute(data: dict[str, Any]) -> Substitute:
    return msgspec.convert(data, Substitute)


def _plan_entry(data: dict[str, Any]) -> PlanEntryShown:
    return PlanEntryShown.of(msgspec.convert(data, PlanEntry))


def _opinion(data: dict[str, Any]) -> Opinion:
    return msgspec.convert(data, Opinion)


KINDS: Final = (
    Kind("recipe", changes.RECIPES, _recipe),
    Kind("plan_entry", changes.PLAN_ENTRIES, _plan_entry),
    Kind("cook", changes.COOKS, _cook),
    Kind("substitute", changes.SUBSTITUTES, _substitute),
)
PERSONS_KINDS: Final = (Kind("opinion", changes.OPINIONS, _opinion),)
