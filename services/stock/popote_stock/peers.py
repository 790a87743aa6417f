"""Typed questions to others: nutrition, which knows foods; and Open Food Facts, asked through the egress."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec
from msgspec import Struct

from popote_kit import codec
from popote_kit.egress import Egress, Page, Unreachable
from popote_kit.peers import Peers
from popote_kit.problems import NotFound, Problem
from popote_kit.quantity import Fact
from popote_kit.service_tokens import ServiceTokens
from popote_stock.model import barcode
from popote_stock.model.foods import NOTHING, Food, Told
from popote_stock.model.items import StoredFact
from popote_stock.model.product import Product, read_product

log = logging.getLogger(__name__)

PATIENCE_S: Final = 1.0  # how long nutrition is waited for, its token included
REST_S: Final = 10.0  # how long it is left alone after it did not answer
AT_ONCE: Final = 2
MAX_ASKED: Final = 200  # names, and foods

FIELDS: Final = (
    "code,product_name,product_name_fr,product_name_en,brands,quantity,product_quantity,product_quantity_unit,"
    "nutriments,image_front_small_url,categories_tags"
)
EAN_13: Final = 13
MAX_RETRY_AFTER_S: Final = 3600
_DECODER: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


class _Brief(Struct):
    id: UUID


class _Match(Struct):
    name: str
    food: _Brief | None


class _FoodFacts(Struct):
    food_id: UUID
    names: Mapping[str, str]
    facts: list[Fact]

    @property
    def food(self) -> Food:
        return Food(self.food_id, list(self.names.values()), [StoredFact.of(fact) for fact in self.facts])


class _Understood(Struct):
    names: list[_Match]
    foods: list[_FoodFacts]


class Nutrition:
    """The nutrition service, asked in the name of stock. It is a help: nobody waits for it for long."""

    def __init__(
        self, peers: Peers, tokens: ServiceTokens, *, patience_s: float = PATIENCE_S, rest_s: float = REST_S
    ) -> None:
        self._peers = peers
        self._tokens = tokens
        self._patience_s = patience_s
        self._rest_s = rest_s
        self._rests_until = 0.0
        self._places = asyncio.Semaphore(AT_ONCE)

    @property
    def is_resting(self) -> bool:
        """Whether it did not answer a moment ago."""
        return time.monotonic() < self._rests_until

    async def ask(self, household: UUID, *, names: Sequence[str] = (), ids: Sequence[UUID] = ()) -> Told:
        """Return what the names mean to the household, and what the foods are; of each at most the first 200.

        It is nothing where nutrition does not answer in time, or did not a moment ago.
        """
        names, ids = names[:MAX_ASKED], ids[:MAX_ASKED]
        if not names and not ids:
            return NOTHING
        try:
            async with asyncio.timeout(self._patience_s), self._places:
                if self.is_resting:
                    return NOTHING
                return _told(await self._understand(household, names, ids), ids)
        except NotFound:  # the household is gone: nothing is wrong with nutrition
            return NOTHING
        except (TimeoutError, httpx.HTTPError, LookupError, Problem) as error:
            self._rests_until = time.monotonic() + self._rest_s
            log.warning("nutrition does not tell what items are", extra={"reason": repr(error)})
            return NOTHING

    async def _understand(self, household: UUID, names: Sequence[str], ids: Sequence[UUID]) -> _Understood:
        header = await self._tokens.header("nutrition", household)
        question = codec.encode({"names": names, "food_ids": ids})
        answer = await self._peers.client("nutrition").post(
            "/internal/understand", content=question, headers={**header, "Content-Type": "application/json"}
        )
        return codec.decode(answer.raise_for_status().content, _Understood)


def _told(understood: _Understood, ids: Sequence[UUID]) -> Told:
    foods = {each.food_id: each.food for each in understood.foods}
    return Told(
        {match.name: foods.get(match.food.id) if match.food else None for match in understood.names},
        {id: foods.get(id) for id in ids},  # noqa: A001 - as everywhere
    )


class Busy(Exception):  # noqa: N818 - what the server says
    """Open Food Facts is away, or wants to be left alone for `retry_after_s`."""

    def __init__(self, reason: str, retry_after_s: int = 0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class OpenFoodFacts:
    """The product reads of its API, version 2, under a name that says who asks: it wants to know."""

    def __init__(self, egress: Egress, url: str, contact: str) -> None:
        self._egress = egress
        self._url = url.rstrip("/")
        self._headers = {"User-Agent": f"Popote/{version('popote-stock')} ({contact})", "Accept": "application/json"}

    async def ask(self, gtin: str) -> Product | None:
        """Return the product, or None where Open Food Facts knows none.

        Raises:
            Busy: it gave no usable answer; what it knows is still open.
        """
        # A UPC-A is filed there as the EAN-13 that it is a part of.
        code = barcode.shown(gtin)
        code = code if len(code) < EAN_13 - 1 else code.zfill(EAN_13)
        try:
            page = await self._egress.get(f"{self._url}/api/v2/product/{code}?fields={FIELDS}", self._headers)
        except Unreachable as error:
            raise Busy("it can't be reached") from error
        facts = _facts(page)
        return None if facts is None else read_product(gtin, facts)

    async def close(self) -> None:
        await self._egress.close()


def _facts(page: Page) -> dict[str, Any] | None:
    if page.status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
        wait = page.headers.get("retry-after", "")[:9]
        raise Busy(f"it answers {page.status}", min(int(wait), MAX_RETRY_AFTER_S) if wait.isdecimal() else 0)
    try:
        answer = _DECODER.decode(page.body)
    except (ValueError, RecursionError) as error:
        raise Busy("its answer is no JSON") from error
    match answer:
        case {"status": 1, "product": dict() as facts}:
            return facts
        case {"status": 0}:
            return None
    raise Busy("its answer has another form")
