"""Typed questions to other services, and what stock is asked to do."""

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec
from litestar import Litestar
from msgspec import Raw, Struct

from popote_kit import codec
from popote_kit.egress import Egress, Limits, Unreachable
from popote_kit.peers import Peers
from popote_kit.problems import (
    STATUS,
    IdTaken,
    Invalid,
    Malformed,
    NameTaken,
    NotFound,
    Problem,
    Stale,
    TooMany,
    Unavailable,
)
from popote_kit.quantity import Fact, Quantity, TooMuch
from popote_kit.service_tokens import ServiceTokens
from popote_recipes.errors import AlreadyUndone, NotEnough, UndoBlocked
from popote_recipes.model.cooking import MAX_ITEM_NAME, Order, Taken
from popote_recipes.model.recipes import (
    Alternative,
    Candidate,
    Ingredient,
    Language,
    Link,
    StoredFact,
    StoredQuantity,
    Understood,
)
from popote_recipes.model.shopping import ToBuy
from popote_recipes.model.supply import Item, Lot, Supply

log = logging.getLogger(__name__)

PATIENCE_S: Final = 3.0  # how long nutrition is waited for, its token included
REST_S: Final = 5.0  # how long it is left alone after it did not answer
MAX_ASKED: Final = 200  # lines, names, and foods
MAX_SUPPLIES: Final = 8  # households whose supply is kept as it was read
STOCK_TIMEOUT_S: Final = 5.0
MAX_PUT: Final = 200  # things that stock puts on a list at once
PAGE: Final = Limits(total_s=5)  # half of what a page may take until it is a draft

_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)


class _Brief(Struct):
    id: UUID
    name: str


class _Match(Struct):
    status: Link
    confidence: float
    food: _Brief | None
    candidates: list[_Brief]


class _Line(Struct):
    line: str
    quantity: Quantity | None
    at_most: Quantity | None
    equivalent: Quantity | None
    name: str
    note: str | None
    is_section: bool
    is_to_taste: bool
    alternatives: list[str]
    confidence: float
    match: _Match


class _Food(Struct):
    food_id: UUID
    name: str
    facts: list[Fact]


class _Answer(Struct):
    lines: list[_Line] = []
    names: list[_Match] = []
    foods: list[_Food] = []


class Told(Struct, frozen=True):
    """What nutrition made of lines, in their order, and what it knows of the foods that were asked about."""

    lines: Sequence[Understood] = ()
    foods: Mapping[UUID, tuple[str, list[StoredFact]]] = {}


class Nutrition:
    """The nutrition service, asked in the name of recipes: it reads lines, and knows foods."""

    def __init__(self, peers: Peers, tokens: ServiceTokens, *, patience_s: float = PATIENCE_S) -> None:
        self._peers = peers
        self._tokens = tokens
        self._patience_s = patience_s
        self._rests_until = 0.0

    @property
    def is_resting(self) -> bool:
        """Whether it did not answer a moment ago."""
        return time.monotonic() < self._rests_until

    async def understand(
        self, household: UUID, lines: Sequence[str], language: Language, foods: Sequence[UUID] = ()
    ) -> Told | None:
        """Return what at most 200 lines and foods mean to the household; None where nutrition does not tell now."""
        if self.is_resting:
            return None
        try:
            async with asyncio.timeout(self._patience_s):
                answer = await self._ask(household, {"lines": lines, "food_ids": foods, "language": language})
                names = list(dict.fromkeys(name for line in answer.lines for name in line.alternatives))[:MAX_ASKED]
                more = await self._ask(household, {"names": names, "language": language}) if names else _Answer()
        except NotFound:  # the household is gone: nothing is wrong with nutrition
            return None
        except (TimeoutError, httpx.HTTPError, LookupError, Problem) as error:
            self._rests_until = time.monotonic() + REST_S
            log.warning("nutrition does not tell what lines mean", extra={"reason": repr(error)})
            return None
        return _told(answer, dict(zip(names, more.names, strict=True)))

    async def _ask(self, household: UUID, question: Mapping[str, object]) -> _Answer:
        header = await self._tokens.header("nutrition", household)
        answer = await self._peers.client("nutrition").post(
            "/internal/understand",
            content=codec.encode(question),
            headers={**header, "Content-Type": "application/json"},
            timeout=self._patience_s,
        )
        return codec.decode(answer.raise_for_status().content, _Answer)


def _told(answer: _Answer, alternatives: Mapping[str, _Match]) -> Told:
    foods = {food.food_id: (food.name, [StoredFact.of(fact) for fact in food.facts]) for food in answer.foods}
    return Told([_understood(line, foods, alternatives) for line in answer.lines], foods)


def _understood(
    line: _Line, foods: Mapping[UUID, tuple[str, list[StoredFact]]], alternatives: Mapping[str, _Match]
) -> Understood:
    food = line.match.food if line.match.status == "matched" else None
    sure = line.match.confidence if line.match.status != "unmatched" else 0.0
    return Understood(
        is_section=line.is_section,
        ingredient=Ingredient(
            line=line.line,
            quantity=StoredQuantity.of(line.quantity),
            at_most=StoredQuantity.of(line.at_most),
            equivalent=StoredQuantity.of(line.equivalent),
            name=line.name,
            note=line.note or "",
            is_to_taste=line.is_to_taste,
            confidence=round(min(line.confidence, sure), 3),
            link=line.match.status,
            food_id=food.id if food else None,
            food_name=food.name if food else None,
            facts=foods[food.id][1] if food and food.id in foods else [],
            candidates=[Candidate(each.id, each.name) for each in line.match.candidates],
            alternatives=[_alternative(name, alternatives.get(name)) for name in line.alternatives],
        ),
    )


def _alternative(name: str, match: _Match | None) -> Alternative:
    food = match.food if match else None
    return Alternative(name=name, food_id=food.id if food else None, food_name=food.name if food else None)


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


class Stock:
    """The stock service, asked in the name of recipes."""

    def __init__(self, peers: Peers, tokens: ServiceTokens) -> None:
        self._peers = peers
        self._tokens = tokens
        self._supplies: OrderedDict[UUID, tuple[str, Supply]] = OrderedDict()  # with their ETags, the latest last

    async def supply(self, household: UUID) -> Supply:
        """Return all that the household has.

        Stock is always asked; what did not change since is not read again.

        Raises:
            NotFound: the household is gone.
            Unavailable: stock does not tell.
        """
        header = await self._tokens.header("stock", household)
        tag, known = self._supplies.get(household, ("", None))
        answer = await self._call("GET", "/internal/supply", {**header, "If-None-Match": tag} if known else header)
        if known is None or answer.status_code != HTTPStatus.NOT_MODIFIED:
            tag, known = answer.headers.get("etag", ""), _supply(answer.content)
        self._supplies[household] = tag, known
        self._supplies.move_to_end(household)
        while len(self._supplies) > MAX_SUPPLIES:
            self._supplies.popitem(last=False)
        return known

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
        tag, known = self._supplies.get(household, ("", None))
        if counted is not None and known is not counted:
            raise Stale
        put = Put(list_id, [])
        for start in range(0, len(things), MAX_PUT):
            needs = [_need(each) for each in things[start : start + MAX_PUT]]
            guard = {"If-Match": tag} if counted is not None and start == 0 else {}
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
    items: list[_Item]


# Our own service is read without the strict look at every byte, which costs more than the rest.
_SUPPLY: Final = msgspec.json.Decoder(_Supply)
_FACTS: Final = msgspec.json.Decoder(list[Fact], dec_hook=codec.from_plain, float_hook=Decimal)


def _supply(body: bytes) -> Supply:
    try:
        told = _SUPPLY.decode(body)
        return Supply(today=told.today, freezers=told.freezers, items=[_item(each) for each in told.items])
    except msgspec.DecodeError as error:
        log.warning("what stock has can't be read", extra={"reason": str(error)})
        raise Unavailable from error


def _item(told: _Item) -> Item:
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


class _Member(Struct):
    id: UUID


class _Members(Struct):
    items: list[_Member]


class Auth:
    """The auth service, asked with the person's own token."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def members(self, authorization: str) -> set[UUID]:
        """Return the ids of those who belong to the person's household.

        Raises:
            Unavailable: auth does not tell.
        """
        try:
            answer = await self._peers.client("auth").get(
                "/api/auth/household/members", headers={"Authorization": authorization}
            )
            return {member.id for member in codec.decode(answer.raise_for_status().content, _Members).items}
        except (httpx.HTTPError, LookupError, Malformed, Invalid) as error:
            log.warning("auth does not tell who belongs to a household", extra={"reason": repr(error)})
            raise Unavailable from error


class Html(Struct, frozen=True):
    """A page as it came, and how its server said that it is encoded."""

    body: bytes
    charset: str | None = None


class Pages:
    """Pages of recipes, read through the egress under a name that says who asks."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._headers = {
            "User-Agent": f"Popote/{version('popote-recipes')} (a household keeps a recipe)",
            "Accept": "text/html, application/xhtml+xml",
        }

    async def get(self, url: str, language: Language) -> Html:
        """Return the HTML at an address, where it has the choice in this language.

        Raises:
            Unreachable: there is none.
        """
        page = await self._egress.get(url, {**self._headers, "Accept-Language": f"{language}, *;q=0.5"})
        kind, _, parameters = page.headers.get("content-type", "").partition(";")
        kind = kind.strip().lower()
        if page.status != HTTPStatus.OK or kind not in ("text/html", "application/xhtml+xml"):
            log.info("there is no page of HTML", extra={"status": page.status, "kind": kind[:60]})
            raise Unreachable
        charset = _CHARSET.search(parameters)
        return Html(page.body, charset[1] if charset else None)

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await self._egress.close()
