"""What can be cooked with what there is."""

import datetime as dt
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from popote_client.recipes.part import RecipesPart
from popote_client.stock.ledger import Take
from popote_client.stock.quantities import Quantity, digits

Status = Literal["enough", "short", "missing", "unknown_conversion", "unmatched", "staple", "to_taste"]
COVERED: frozenset[Status] = frozenset({"enough", "staple", "to_taste"})


class ServedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is there for a line; `instead` is the name of what would stand in for what the line asks for.

    `need`, `have` and `short` are in the unit of the line; they are None where nobody can tell. `takes` are the lots
    from which it would come.
    """

    line: str
    status: Status
    name: str = ""
    food_id: UUID | None = None
    need: Quantity | None = None
    have: Quantity | None = None
    short: Quantity | None = None
    takes: list[Take] = []
    instead: str | None = None
    is_past_best_before: bool = False
    is_approximate: bool = False

    @property
    def is_covered(self) -> bool:
        return self.status in COVERED


class Dish(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe as it could be cooked for `servings`.

    `missing` is how many lines are not known to be covered, `unknown` how many of these nobody can tell anything of.
    `servings_possible` is what the lines that can be told of allow, at most 1000. `saves_expiring` adds up which share,
    from 0 to 1, of each thing that expires soon would be used.
    """

    recipe_id: UUID
    title: str
    minutes: int | None = None
    tags: list[str] = []
    image: str | None = None
    servings: Decimal
    servings_possible: int
    missing: int
    unknown: int = 0
    saves_expiring: Decimal
    ingredients: list[ServedLine]


class CookableNow(msgspec.Struct, frozen=True):
    """Recipes by what they save from spoiling, then by what is missing, then by time; as of the household's `today`."""

    today: dt.date
    items: list[Dish]


class Cookables(RecipesPart):
    async def list_cookable(  # noqa: PLR0913  # what may be asked for, by name
        self,
        *,
        max_missing: int | None = None,
        days: int = 7,
        staples: bool = True,
        servings: Decimal | None = None,
        max_minutes: int | None = None,
        tag: str | None = None,
        limit: int = 50,
    ) -> CookableNow:
        """List what can be cooked; what expires within so many days is to be saved."""
        return await self._get(
            "/cookable",
            CookableNow,
            max_missing=max_missing,
            days=days,
            staples=None if staples else "false",
            servings=None if servings is None else digits(servings),
            max_minutes=max_minutes,
            tag=tag,
            limit=limit,
        )
