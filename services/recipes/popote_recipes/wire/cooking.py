"""Cooking on the wire."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct, field

from popote_kit.problems import Invalid
from popote_kit.quantity import Amount, PositiveAmount, Quantity
from popote_recipes.model.cooking import Cook, Lacking, State, Taken
from popote_recipes.model.plan import FIRST_DAY, LAST_DAY, Meal
from popote_recipes.wire.recipes import Servings

MAX_EATERS = 50


class NewEater(Struct, forbid_unknown_fields=True):
    """A member of the household, and how many servings they eat."""

    user_id: UUID
    portions: PositiveAmount


class NewLeftovers(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is put away. Without a date it keeps three days; in a freezer it is best within ninety."""

    servings: Servings
    location_id: UUID | None = None
    use_by: dt.date | None = None


class CookAsked(Struct, forbid_unknown_fields=True, kw_only=True):
    """A recipe that is cooked now. `id` is the cook's, where the client made it; else it follows from the key.

    Without `servings` it is the recipe's own. With `allow_missing` what stock does not have is not taken, and counts as
    eaten all the same: not everything in a kitchen is in its stock. `date` and `meal` are where it goes in the diaries
    of the eaters: left out, they are those of the plan's entry, or of now.
    """

    id: UUID | None = None
    servings: Servings | None = None
    eaters: Annotated[list[NewEater], Meta(max_length=MAX_EATERS)] = field(default_factory=list)
    leftovers: NewLeftovers | None = None
    allow_missing: bool = False
    plan_id: UUID | None = None
    date: dt.date | None = None
    meal: Meal | None = None

    def check(self, servings: Decimal) -> None:
        """Let only what goes together through.

        Raises:
            Invalid: somebody eats twice, more is eaten and left over than is cooked, or a day is of another century.
        """
        wrong: list[tuple[str, str]] = []
        if len({each.user_id for each in self.eaters}) < len(self.eaters):
            wrong.append(("/eaters", "Everyone is there once"))
        left = self.leftovers.servings if self.leftovers else Amount(0)
        if sum((each.portions for each in self.eaters), Amount(0)) + left > servings:
            wrong.append(("/eaters", "Together with what is left over it is more than is cooked"))
        use_by = self.leftovers.use_by if self.leftovers else None
        for pointer, day in (("/date", self.date), ("/leftovers/use_by", use_by)):
            if day is not None and not FIRST_DAY <= day <= LAST_DAY:
                wrong.append((pointer, f"A day from {FIRST_DAY} to {LAST_DAY}"))
        if wrong:
            raise Invalid(errors=[{"pointer": pointer, "message": message} for pointer, message in wrong])


class EaterShown(Struct):
    user_id: UUID
    portions: Amount


class TakeShown(Struct):
    """What was taken of a lot; with `is_approximate` what the recipe asks for is only about as much."""

    lot_id: UUID
    item_id: UUID
    quantity: Quantity
    is_approximate: bool

    @classmethod
    def of(cls, taken: Taken) -> Self:
        return cls(taken.lot_id, taken.item_id, taken.quantity.quantity, taken.is_approximate)


class LackingShown(Struct):
    """A line that stock did not have: `status` tells why, `missing` how much, where that is known."""

    line: str
    name: str
    status: str
    missing: Quantity | None

    @classmethod
    def of(cls, lacking: Lacking) -> Self:
        return cls(lacking.line, lacking.name, lacking.status, lacking.missing.quantity if lacking.missing else None)


class CookShown(Struct, kw_only=True):
    """That a recipe was cooked, and what for; `undone` tells that it was taken back."""

    cook_id: UUID
    recipe_id: UUID
    title: str
    servings: Amount
    date: dt.date
    meal: Meal
    plan_id: UUID | None
    state: State
    takes: list[TakeShown]
    lacking: list[LackingShown]
    leftover_lot_id: UUID | None
    eaters: list[EaterShown]
    person_id: UUID
    version: int
    created_at: dt.datetime

    @classmethod
    def of(cls, cook: Cook) -> Self:
        same = ("recipe_id", "title", "meal", "plan_id", "state", "leftover_lot_id", "person_id", "version",
                "created_at")  # fmt: skip
        return cls(
            **{name: getattr(cook, name) for name in same},
            cook_id=cook.id,
            servings=Amount(cook.servings),
            date=cook.day,
            takes=[TakeShown.of(each) for each in cook.takes],
            lacking=[LackingShown.of(each) for each in cook.lacking],
            eaters=[EaterShown(each.user_id, Amount(each.portions)) for each in cook.eaters],
        )
