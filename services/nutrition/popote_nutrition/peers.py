"""Typed questions to other services: what stock knows of an item, and what recipes are made of."""

import logging
from collections.abc import Awaitable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, Self, TypeVar
from uuid import UUID

import httpx
import msgspec
from msgspec import Struct

from popote_kit import codec
from popote_kit.peers import Peers
from popote_kit.problems import STATUS, Invalid, Malformed, NotFound, Problem, Unavailable
from popote_kit.quantity import Amount, Fact
from popote_kit.service_tokens import ServiceTokens
from popote_nutrition.model.nutrients import Nutrients, Per
from popote_nutrition.model.recipes import Recipe

T = TypeVar("T")

log = logging.getLogger(__name__)

TIMEOUT_S: Final = 2.0


class Product(Struct, frozen=True):
    """What a label says, as somebody entered it in the database that `source` names."""

    source: str
    nutrients: Mapping[str, Decimal]
    per: Per = "g"


class ItemFacts(Struct, frozen=True):
    """An item of the household: the food that it is, how it counts, the product that it was bought as."""

    item_id: UUID
    name: str
    unit: str
    food_id: UUID | None
    facts: list[Fact]
    product: Product | None = None


class Asked(Struct, frozen=True):
    """The item or the recipe that another service was asked about; or what kept it from telling."""

    item: ItemFacts | None = None
    recipe: Recipe | None = None
    problem: Problem | None = None

    @classmethod
    async def about(cls, item: Awaitable[ItemFacts] | None = None, recipe: Awaitable[Recipe] | None = None) -> Self:
        """Await what is asked about, if anything is; who must not do without it calls `require`."""
        try:
            return cls(await item if item else None, await recipe if recipe else None)
        except (NotFound, Unavailable) as problem:
            return cls(problem=problem)

    def require(self) -> None:
        """Let pass what is known, or was not asked about.

        Raises:
            NotFound, Unavailable: the other service did not tell.
        """
        if self.problem is not None:
            raise self.problem


class Stock:
    """The stock service, asked with the person's own token."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def item(self, authorization: str, id: UUID) -> ItemFacts:
        """Return what stock knows of an item.

        Raises:
            NotFound: the household has no such item.
            Unavailable: stock is away.
        """
        headers = {"Authorization": authorization}
        return await _read(self._peers, "stock", f"/api/stock/items/{id}/facts", ItemFacts, headers=headers)


class _Planned(Struct):
    meals: list[Recipe]


class Recipes:
    """The recipes service, asked in the name of nutrition."""

    def __init__(self, peers: Peers, tokens: ServiceTokens) -> None:
        self._peers = peers
        self._tokens = tokens

    async def recipe(self, household: UUID, id: UUID, servings: Amount | None = None) -> Recipe:
        """Return what a recipe is made of, its amounts for so many servings or for its own.

        Raises:
            NotFound: the household has no such recipe.
            Unavailable: recipes is away.
        """
        params = {} if servings is None else {"servings": f"{servings:f}"}
        return await self._ask(household, f"/internal/recipes/{id}/parts", Recipe, params)

    async def planned(self, household: UUID, day: date) -> list[Recipe]:
        """Return what is planned for a day, each meal for the servings that are.

        Raises:
            Unavailable: recipes is away.
        """
        return (await self._ask(household, "/internal/plan/parts", _Planned, {"date": day.isoformat()})).meals

    async def _ask(self, household: UUID, path: str, kind: type[T], params: Mapping[str, str]) -> T:
        headers = await self._tokens.header("recipes", household)
        return await _read(self._peers, "recipes", path, kind, headers=headers, params=params)


async def _read(peers: Peers, service: str, path: str, kind: type[T], **options: Any) -> T:
    try:
        answer = await peers.client(service).get(path, timeout=TIMEOUT_S, **options)
        if answer.status_code == STATUS["not_found"]:
            raise NotFound
        return codec.decode(answer.raise_for_status().content, kind)
    except (httpx.HTTPError, Malformed, Invalid, LookupError) as error:
        log.warning("another service does not tell", extra={"service_name": service, "reason": repr(error)})
        raise Unavailable from error


def nutrients_of(product: Product) -> Nutrients:
    """Return a product's values; those that we have no name for are left out."""
    known: dict[str, Any] = {code: product.nutrients.get(code) for code in Nutrients.__struct_fields__}
    return msgspec.convert(known, Nutrients, dec_hook=codec.from_plain)
