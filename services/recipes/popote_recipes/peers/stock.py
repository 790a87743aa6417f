"""Stock: what there is, and what it is asked to do."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from uuid import UUID

import httpx
import msgspec
from msgspec import Raw, Struct

from popote_kit import codec
from popote_kit.peers import Peers
from popote_kit.problems import STATUS, IdTaken, Invalid, NameTaken, NotFound, Problem, Stale, TooMany, Unavailable
from popote_kit.quantity import Fact, Quantity, TooMuch
from popote_kit.service_tokens import ServiceTokens
from popote_recipes.errors import AlreadyUndone, NotEnough, UndoBlocked
from popote_recipes.model.cooking import MAX_ITEM_NAME, Order, Taken
from popote_recipes.model.recipes import StoredQuantity
from popote_recipes.model.shopping import ToBuy
from popote_recipes.model.supply import Item, Lot, Supply

log = logging.getLogger(__name__)

MAX_SUPPLIES: Final = 8  # households whose supply is kept as it was read
STOCK_TIMEOUT_S: Final = 5.0
MAX_PUT: Final = 200  # things that stock puts on a list at once


class _Short(Struct):
    item_id: UUID
    missing: Quantity


class _Refusal(Struct):
    """What a problem of stock tells that recipes passes on."""

    type: str
    detail: str = ""
    short: list[_Short] = []
    blocked_by: list[Any] = []
    limit: int = 0
    id: UUID | None = None


class _TakeDone(Struct):
    lot_id: UUID
    item_id: UUID
    quantity: Quantity
    is_approximate: bool = False


class _LotMade(Struct):
    id: UUID


class _Done(Struct):
    takes: list[_TakeDone]
    lots: list[_LotMade]


class Done(Struct, frozen=True):
    """What stock did."""

    takes: list[Taken]
    lots: list[UUID]


class PutLine(Struct, frozen=True):
    """A line of a shopping list; without a quantity it is some."""

    id: UUID
    list_id: UUID
    item_id: UUID | None
    name: str
    quantity: Quantity | None
    is_ticked: bool


class Put(Struct, frozen=True):
    """The list that things were put on, and the lines, of any list, on which they stand."""

    list_id: UUID | None
    items: Sequence[PutLine]


class _Kept(NamedTuple):
    """A supply with its ETag, and its items by what they were read from."""

    tag: str
    supply: Supply
    items: Mapping[bytes, Item]


class Stock:
    """The stock service, asked in the name of recipes."""

    def __init__(self, peers: Peers, tokens: ServiceTokens) -> None:
        self._peers = peers
        self._tokens = tokens
        self._supplies: OrderedDict[UUID, _Kept] = OrderedDict()  # the latest last

    async def supply(self, household: UUID) -> Supply:
        """Return all that the household has.

        Stock is always asked; items that did not change since are not read again.

        Raises:
            NotFound: the household is gone.
            Unavailable: stock does not tell.
        """
        header = await self._tokens.header("stock", household)
        known = self._supplies.get(household)
        guard = {"If-None-Match": known.tag} if known else {}
        answer = await self._call("GET", "/internal/supply", {**header, **guard})
        if known is None or answer.status_code != HTTPStatus.NOT_MODIFIED:
            known = _read(answer, known)
        self._supplies[household] = known
        self._supplies.move_to_end(household)
        while len(self._supplies) > MAX_SUPPLIES:
            self._supplies.popitem(last=False)
        return known.supply

    async def act(self, household: UUID, person: UUID, id: UUID, order: Order) -> Done:
        """Have stock do an action by this id, for a person; asked again, it tells what was done then.

        Raises:
            NotEnough: somebody else took what was to be taken.
            Invalid: what is left over can't be put down so.
            IdTaken: the id is that of something else in stock.
            TooMuch: it takes more than can be taken at once.
            NotFound: the household is gone, or a place for what is left over.
            Unavailable: stock does not tell; it may have done it.
        """
        header = await self._tokens.header("stock", household, person)
        header["Idempotency-Key"] = str(id)
        body = codec.encode({"id": id, **_asked(order)})
        answer = await self._call("POST", "/internal/actions", header, body)
        done = codec.decode(answer.content, _Done)
        takes = [Taken(each.lot_id, each.item_id, _stored(each.quantity), each.is_approximate) for each in done.takes]
        return Done(takes, [lot.id for lot in done.lots])

    async def undo(self, household: UUID, person: UUID, id: UUID, key: str) -> None:
        """Have stock take back the action of this id, once by this key; one that was taken back already stays so.

        Raises:
            UndoBlocked: its result was used since.
            Unavailable: stock does not tell; it may have done it.
        """
        header = await self._tokens.header("stock", household, person)
        header["Idempotency-Key"] = key
        try:
            await self._call("POST", f"/internal/actions/{id}/undo", header)
        except AlreadyUndone:
            log.info("stock had taken it back already", extra={"action_id": str(id)})

    async def put_on_list(
        self, household: UUID, person: UUID, things: Sequence[ToBuy], *, list_id: UUID | None, counted: Supply | None
    ) -> Put:
        """Put what is to be bought on a list, for a person, less what stands on any list already.

        With the supply that was `counted` it is refused when that has changed since.

        Raises:
            NotFound: there is no such list.
            Stale: the supply is another by now.
            TooMany: the list, or what there may be of lists, is full.
            Unavailable: stock does not tell; it may have done it.
        """
        header = await self._tokens.header("stock", household, person)
        known = self._supplies.get(household)
        if counted is not None and (known is None or known.supply is not counted):
            raise Stale
        put = Put(list_id, [])
        for start in range(0, len(things), MAX_PUT):
            needs = [_need(each) for each in things[start : start + MAX_PUT]]
            guard = {"If-Match": known.tag} if known and counted is not None and start == 0 else {}
            body = codec.encode({"list_id": put.list_id, "needs": needs})
            answer = await self._call("POST", "/internal/shopping", {**header, **guard}, body)
            told = codec.decode(answer.content, Put)
            put = Put(told.list_id, [*put.items, *told.items])
        return put

    async def _call(
        self, method: str, path: str, header: Mapping[str, str], body: bytes | None = None
    ) -> httpx.Response:
        try:
            answer = await self._peers.client("stock").request(
                method,
                path,
                content=body,
                headers={**header, "Content-Type": "application/json"} if body else header,
                timeout=STOCK_TIMEOUT_S,
            )
        except (httpx.HTTPError, LookupError) as error:
            log.warning("stock does not answer", extra={"reason": repr(error)})
            raise Unavailable from error
        if answer.is_success or answer.status_code == HTTPStatus.NOT_MODIFIED:
            return answer
        raise _refusal(answer)


class _Item(Struct):
    id: UUID
    name: str
    food_id: UUID | None
    unit: str
    measure: str
    is_staple: bool
    facts: Raw
    lots: list[Lot]


class _Supply(Struct):
    today: date
    freezers: list[UUID]
    items: list[Raw]


# Our own service is read without the strict look at every byte, which costs more than the rest.
_SUPPLY: Final = msgspec.json.Decoder(_Supply)
_ITEM: Final = msgspec.json.Decoder(_Item)
_FACTS: Final = msgspec.json.Decoder(list[Fact], dec_hook=codec.from_plain, float_hook=Decimal)


def _read(answer: httpx.Response, before: _Kept | None) -> _Kept:
    """Return what stock tells; an item that is told as it was before is the one that was read then."""
    known = before.items if before else {}
    try:
        told = _SUPPLY.decode(answer.content)
        items = {each: known.get(each) or _item(each) for each in map(bytes, told.items)}
    except msgspec.DecodeError as error:
        log.warning("what stock has can't be read", extra={"reason": str(error)})
        raise Unavailable from error
    supply = Supply(today=told.today, freezers=told.freezers, items=list(items.values()))
    if before:
        supply.take_over(before.supply)
    return _Kept(answer.headers.get("etag", ""), supply, items)


def _item(body: bytes) -> Item:
    told = _ITEM.decode(body)
    return Item(
        id=told.id,
        name=told.name,
        food_id=told.food_id,
        unit=told.unit,
        measure=told.measure,
        is_staple=told.is_staple,
        facts=_facts(bytes(told.facts)),
        lots=told.lots,
    )


@lru_cache(maxsize=8192)  # many items are of few foods, and what is told of them seldom changes
def _facts(told: bytes) -> list[Fact]:
    return _FACTS.decode(told)


WRONG: Final = {STATUS["malformed"], STATUS["invalid"]}  # asked again it is refused again
TOLD: Final[Mapping[str, Callable[[_Refusal], Problem]]] = {
    **{each.type: lambda _, each=each: each() for each in (AlreadyUndone, NotFound, Stale, TooMuch)},  # type: ignore[misc]  # mypy reads no default of a lambda
    NotEnough.type: lambda told: NotEnough(
        short=[{"item_id": each.item_id, "missing": each.missing} for each in told.short]
    ),
    UndoBlocked.type: lambda told: UndoBlocked(blocked_by=told.blocked_by),
    IdTaken.type: lambda told: IdTaken(id=told.id),
    TooMany.type: lambda told: TooMany(limit=told.limit),
}


def _refusal(answer: httpx.Response) -> Problem:
    """Return what stock refuses as what it means for recipes; what may be otherwise later is as if it were away."""
    try:
        told = codec.decode(answer.content, _Refusal)
    except Problem:
        told = _Refusal("")
    if told.type in TOLD:
        return TOLD[told.type](told)
    log.warning("stock refuses", extra={"status": answer.status_code, "type": told.type})
    if answer.status_code in WRONG or told.type == NameTaken.type:
        return Invalid(errors=[{"pointer": "/leftovers", "message": told.detail}])
    return Unavailable()


def _need(thing: ToBuy) -> Mapping[str, object]:
    what = {"item_id": thing.item_id} if thing.item_id else {"name": thing.name[:MAX_ITEM_NAME].strip()}
    return {**what, "quantity": thing.quantity}


def _asked(order: Order) -> Mapping[str, object]:
    takes = [{"item_id": each.item_id, "quantity": each.quantity.quantity} for each in order.takes]
    adds = [
        {
            "name": each.name,
            "lot_id": each.lot_id,
            "quantity": each.quantity.quantity,
            "location_id": each.location_id,
            "use_by": each.use_by,
            "best_before": each.best_before,
        }
        for each in order.adds
    ]
    return {"takes": takes, "adds": adds, "note": order.note}


def _stored(quantity: Quantity) -> StoredQuantity:
    return StoredQuantity(Decimal(quantity.amount), quantity.unit)
