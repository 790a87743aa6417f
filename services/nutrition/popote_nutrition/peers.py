"""Typed questions to other services: what stock knows of an item."""

import logging
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec
from msgspec import Struct

from popote_kit import codec
from popote_kit.peers import Peers
from popote_kit.problems import STATUS, Invalid, Malformed, NotFound, Problem, Unavailable
from popote_kit.quantity import Fact
from popote_nutrition.model.nutrients import Nutrients, Per

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
    """What stock was asked about an item and told; or what kept it from that, for whom it concerns."""

    item: ItemFacts | None = None
    problem: Problem | None = None

    @property
    def known(self) -> ItemFacts | None:
        """The item, None where none was asked about.

        Raises:
            NotFound, Unavailable: stock did not tell.
        """
        if self.problem is not None:
            raise self.problem
        return self.item


class Stock:
    """The stock service, asked with the person's own token."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def ask(self, authorization: str, id: UUID) -> Asked:
        """Ask what stock knows of an item: what is stored already is given again, whatever becomes of the answer."""
        try:
            return Asked(await self.item(authorization, id))
        except (NotFound, Unavailable) as problem:
            return Asked(problem=problem)

    async def item(self, authorization: str, id: UUID) -> ItemFacts:
        """Return what stock knows of an item.

        Raises:
            NotFound: the household has no such item.
            Unavailable: stock is away.
        """
        try:
            answer = await self._peers.client("stock").get(
                f"/api/stock/items/{id}/facts", headers={"Authorization": authorization}, timeout=TIMEOUT_S
            )
            if answer.status_code == STATUS["not_found"]:
                raise NotFound
            return codec.decode(answer.raise_for_status().content, ItemFacts)
        except (httpx.HTTPError, Malformed, Invalid, LookupError) as error:
            log.warning("stock does not tell what an item is", extra={"reason": repr(error)})
            raise Unavailable from error


def nutrients_of(product: Product) -> Nutrients:
    """Return a product's values; those that we have no name for are left out."""
    known: dict[str, Any] = {code: product.nutrients.get(code) for code in Nutrients.__struct_fields__}
    return msgspec.convert(known, Nutrients, dec_hook=codec.from_plain)
