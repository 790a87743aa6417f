"""Looking barcodes up: the household's own item, then what is known of the product, then a question to Open Food Facts.

Questions wait in a queue that all processes share; each process has one worker, and all keep to one budget.
"""

import asyncio
import logging
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, Self
from weakref import WeakValueDictionary

from litestar import Litestar
from msgspec import Struct

from popote_kit.cache import Cache
from popote_kit.database import Database
from popote_kit.egress import Egress, origin
from popote_kit.identity import Caller
from popote_kit.problems import TooManyRequests
from popote_kit.settings import SettingsError
from popote_stock.budget import Budget
from popote_stock.model import barcode
from popote_stock.model.items import Item
from popote_stock.model.product import Known, Product
from popote_stock.peers import Busy, OpenFoodFacts
from popote_stock.queries import items, products
from popote_stock.settings import OPEN_FOOD_FACTS, Settings

log = logging.getLogger(__name__)

Status = Literal["item", "found", "pending", "unknown", "off"]

BUDGET_KEY: Final = "popote:stock:open-food-facts"
READS: Final = 10  # in any minute: Open Food Facts refuses past 15
MINUTE_S: Final = 60
MOST_RESTS: Final = 6  # doublings of the rest while it is away
SWEEP_EVERY_S: Final = 3600
MAX_RETRY_AFTER_S: Final = 3600


@dataclass(frozen=True)
class Pace:
    """How fast the worker goes, in seconds; a test goes faster."""

    patience_s: float = 3  # how long a request waits for its answer
    look_s: float = 5  # between looks for what other processes put into the queue
    rest_s: float = 10  # after the first failure; then twice as long each time
    retry_s: float = 60  # until the same product is tried again; also what a process that died leaves behind


class Finding(Struct, frozen=True):
    """What a barcode turned out to be; `retry_after_s` is how long `pending` may still last."""

    status: Status
    item: Item | None = None
    product: Product | None = None
    retry_after_s: int = 0


class Lookups:
    """Looks barcodes up; `source` is None where Open Food Facts is never asked."""

    def __init__(self, database: Database, source: OpenFoodFacts | None, budget: Budget, pace: Pace = Pace()) -> None:
        self._database = database
        self._source = source
        self._budget = budget
        self._pace = pace
        self._queued = asyncio.Event()
        self._awaited: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()
        self._failures = 0

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Self:
        """Return the lookups that the settings ask for.

        Raises:
            SettingsError: the address of Open Food Facts is none.
        """
        contact = settings.open_food_facts_contact
        source = _open_food_facts(settings.open_food_facts_url, contact) if contact else None
        budget = Budget(Cache(settings.redis_url), BUDGET_KEY, limit=READS, period_s=MINUTE_S)
        return cls(database, source, budget)

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self._sweep())]
        if self._source is not None:
            tasks.append(asyncio.create_task(self._work(self._source)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._budget.close()
            if self._source is not None:
                await self._source.close()

    async def find(self, caller: Caller, gtin: str) -> Finding:
        """Return what the barcode is to the caller's household; a guest has nobody asked.

        Raises:
            TooManyRequests: the household, or everybody, waits for too many others already.
        """
        answered = self._awaited.setdefault(gtin, asyncio.Event())  # before the look, so that no answer slips through
        async with self._database.kitchen(caller.household, caller.person) as kitchen:
            if item := await items.find_by_barcode(kitchen, gtin):
                return Finding("item", item=item)
            known = await products.read_product(kitchen, gtin)
        is_open = known is None or known.state == "waiting"
        if is_open and self._source and caller.role != "guest" and not barcode.is_in_store(gtin):
            known = await self._ask(caller, gtin, known, answered)
        return self._finding(known)

    async def _ask(self, caller: Caller, gtin: str, known: Known | None, answered: asyncio.Event) -> Known | None:
        """Have a barcode asked about, and wait a moment for the answer."""
        if known is None:
            await self._queue(caller, gtin)
        self._queued.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(answered.wait(), self._pace.patience_s)
        async with self._database.kitchen(caller.household, caller.person) as kitchen:
            return await products.read_product(kitchen, gtin)

    async def _queue(self, caller: Caller, gtin: str) -> None:
        async with self._database.kitchen(caller.household, caller.person, write=True) as kitchen:
            await products.queue_product(kitchen, gtin)
            if await products.read_product(kitchen, gtin) is None:
                raise TooManyRequests(retry_after_s=math.ceil(self._budget.period_s))

    def _finding(self, known: Known | None) -> Finding:
        if known is not None and known.product is not None:
            return Finding("found", product=known.product)
        if known is not None and known.state == "waiting" and self._source:
            wait_s = math.ceil(known.place * self._budget.period_s / self._budget.limit)
            return Finding("pending", retry_after_s=min(wait_s, MAX_RETRY_AFTER_S))
        return Finding("unknown" if known or self._source else "off")

    async def _work(self, source: OpenFoodFacts) -> None:
        while True:
            try:
                await self._step(source)
            except Exception:
                log.exception("products can't be looked up")
                await asyncio.sleep(self._pace.look_s)

    async def _step(self, source: OpenFoodFacts) -> None:
        """Ask about the barcode that has waited longest, or wait until that may be done."""
        self._queued.clear()
        async with self._database.kitchen() as kitchen:
            is_due = await products.is_product_due(kitchen, self._retry_after)
        if not is_due:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._queued.wait(), self._pace.look_s)
        elif wait_s := await self._budget.take():
            await asyncio.sleep(wait_s)
        elif gtin := await self._claim():
            await self._settle(source, gtin)

    async def _claim(self) -> str | None:
        async with self._database.kitchen(write=True) as kitchen:
            return await products.claim_product(kitchen, self._retry_after)

    async def _settle(self, source: OpenFoodFacts, gtin: str) -> None:
        try:
            product = await source.ask(gtin)
        except Busy as busy:
            rest_s = max(self._pace.rest_s * 2 ** min(self._failures, MOST_RESTS), busy.retry_after_s)
            self._failures += 1
            log.warning("Open Food Facts rests", extra={"reason": str(busy), "rest_s": rest_s})
            await asyncio.sleep(rest_s)
            return
        self._failures = 0
        async with self._database.kitchen(write=True) as kitchen:
            await products.settle_product(kitchen, gtin, product)
        if answered := self._awaited.get(gtin):
            answered.set()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                async with self._database.kitchen(write=True) as kitchen:
                    await products.forget_products(kitchen)
            except Exception:
                log.exception("old products could not be forgotten")

    @property
    def _retry_after(self) -> timedelta:
        return timedelta(seconds=self._pace.retry_s)


def _open_food_facts(url: str, contact: str) -> OpenFoodFacts:
    """Return the way to Open Food Facts; a server that the operator names in its place may be a private one."""
    try:
        allowed = frozenset() if url == OPEN_FOOD_FACTS else frozenset({origin(url)})
    except ValueError as error:
        raise SettingsError(f"STOCK_OPEN_FOOD_FACTS_URL: {error}") from error
    return OpenFoodFacts(Egress(allowed=allowed), url, contact)
