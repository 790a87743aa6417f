"""Thousands of random actions upon the stock, by two people who send again what they are not sure of.

Beside the service stands a plain model. What it says there is, is the start and everything that still stands, in
order: it takes nothing back, it leaves out what was undone. After every step the rows are those of the model, and
the sum of the journal; in the end everything is undone, in any order, and the rows are those of the start.

`TEST_STOCK_EXAMPLES` has more of it played (the default is 30 games).
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count, permutations
from random import Random
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from popote_kit import codec
from popote_kit.testing import Authority, Clock, FreshDatabase, new_id

EXAMPLES: Final = int(os.environ.get("TEST_STOCK_EXAMPLES", "30"))
MOST_OTHER_PLACES: Final = 2
STEPS: Final = 50
START: Final = datetime(2026, 11, 20, 20, tzinfo=UTC)
ZONE: Final = "Pacific/Auckland"  # where the date is another than in UTC for half of the day
RANDOM: Final = st.randoms(use_true_random=True)
Headers = dict[str, str]
Days = dict[str, int | None]
Rows = dict[UUID, dict[str, Any]]

BASE: Final = {
    "g": 10**9, "kg": 10**12, "lb": 453_592_370_000, "oz": 28_349_523_125,
    "ml": 10**6, "cl": 10**7, "l": 10**9, "piece": 10**6, "dozen": 12 * 10**6,
}  # fmt: skip
UNITS: Final = {"g": ("g", "kg", "lb", "oz"), "ml": ("ml", "cl", "l"), "piece": ("piece", "dozen")}
TOLERANCE: Final = {"g": 5 * 10**7, "ml": 5 * 10**4, "piece": 10**4}
FACTS: Final = (  # those in a row go together
    ("location_id",), ("best_before", "use_by"), ("opened_at",), ("frozen_at", "thawed_at"),
    ("price", "currency", "price_for"),
)  # fmt: skip
MAX_PRICE: Final = 10**10
AMOUNTS: Final = ("0.333333", "0.3333333333333333", "1", "1", "2", "3", "0.5", "1.5", "12.75", "0.02", "0.05", "1000")


# What there is


@dataclass(frozen=True)
class Lot:
    id: UUID
    item_id: UUID
    amount: int
    price_for: int
    added_at: datetime
    parent_id: UUID | None = None
    location_id: UUID | None = None
    best_before: date | None = None
    use_by: date | None = None
    opened_at: datetime | None = None
    frozen_at: datetime | None = None
    thawed_at: datetime | None = None
    price: Decimal | None = None
    currency: str | None = None

    def changed(self, other: "Lot") -> frozenset[str]:
        rows = [row for row in FACTS if any(getattr(self, name) != getattr(other, name) for name in row)]
        return frozenset(name for row in rows for name in row)

    def priced(self, price: dict[str, Any]) -> "Lot":
        """Return the lot with a price of what is in it, or was."""
        held = self.amount or self.price_for
        whole = max(held, self.price_for)
        shown = None if self.price is None else price_of(self.price, min(held, self.price_for), self.price_for)
        if shown == price["amount"]:
            return self
        paid = price_of(price["amount"], whole, held)
        if paid >= MAX_PRICE:
            raise Refused(422, "too-much")
        return replace(self, price=paid, currency=price["currency"], price_for=whole)


@dataclass(frozen=True)
class Change:
    """What an action did to one lot; without a before it made it."""

    before: Lot | None
    after: Lot
    is_take: bool = False

    @property
    def lot(self) -> UUID:
        return self.after.id

    @property
    def delta(self) -> int:
        return self.after.amount - (self.before.amount if self.before else 0)

    @property
    def facts(self) -> frozenset[str]:
        return self.before.changed(self.after) if self.before else frozenset()

    def only(self, facts: Iterable[str]) -> "Change":
        """Return the change of the amount and of these facts."""
        before = self.before or self.after
        kept = {name: getattr(self.after, name) for name in facts}
        return replace(self, after=replace(before, amount=self.after.amount, **kept))

    def of_lot(self, id: UUID) -> "Change":
        return replace(self, before=self.before and replace(self.before, id=id), after=replace(self.after, id=id))


@dataclass(frozen=True)
class Done:
    """An action of the journal. An undo, and the undo of that, has the changes of the action, or their opposite."""

    id: UUID
    moment: int
    changes: tuple[Change, ...]
    undoes: "Done | None" = None
    is_served: bool = False

    @property
    def is_opposite(self) -> bool:
        return self.undoes is not None and not self.undoes.is_opposite

    @property
    def root(self) -> "Done":
        return self.undoes.root if self.undoes else self

    def of(self, lot: UUID) -> list[Change]:
        return [change for change in self.changes if change.lot == lot]

    def makes(self, lot: UUID) -> bool:
        return any(change.before is None for change in self.of(lot))

    def facts(self, lot: UUID) -> frozenset[str]:
        return frozenset().union(*(change.facts for change in self.of(lot)))

    def delta(self, lot: UUID) -> int:
        sign = -1 if self.is_opposite else 1
        return sign * sum(change.delta for change in self.of(lot))


@dataclass(frozen=True)
class Item:
    id: UUID
    unit: str
    shown: str
    location_id: UUID | None = None
    date_kind: str = "best_before"
    days: Days = field(default_factory=dict)

    @property
    def tolerance(self) -> int:
        return TOLERANCE[self.unit]

    @property
    def rules(self) -> dict[str, Any]:
        return {"unit": self.shown, "date_kind": self.date_kind, "shelf_life": self.days}


@dataclass(frozen=True)
class Request:
    path: str
    body: dict[str, Any]
    target: Done | None = None  # of an undo


class Refused(Exception):  # noqa: N818 - an answer
    """The answer is a problem."""

    def __init__(self, status: int, name: str, **facts: Any) -> None:
        super().__init__(status, name, facts)
        self.status, self.type, self.facts = status, f"/problems/{name}", facts


def price_of(price: Decimal, part: int, whole: int) -> Decimal:
    return Decimal(round(Fraction(price) * part / whole * 10**4)) / 10**4


def in_base(quantity: dict[str, Any]) -> int:
    return round(Fraction(quantity["amount"]) * BASE[quantity["unit"]])


class Books:
    """The plain model of a household's stock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.items: dict[UUID, Item] = {}
        self.places: dict[UUID, bool] = {}  # and whether each is a freezer
        self.start: dict[UUID, Lot] = {}
        self.lots: dict[UUID, Lot] = {}
        self.kept: dict[UUID, tuple[date | None, str | None, bool]] = {}
        self.log: list[Done] = []
        self.standing: list[Done] = []  # in the order in which they came to stand

    def copy(self) -> "Books":
        other = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict | list):
                setattr(other, name, copy(value))
        return other

    def begin(self) -> None:
        """Let what there is be the start."""
        self.start, self.log, self.standing = dict(self.lots), [], []

    # Reading

    @property
    def today(self) -> date:
        return self.day(self.clock())

    @staticmethod
    def day(moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(ZONE)).date()

    def undone_by(self, done: Done) -> Done | None:
        return next((each for each in self.log if each.undoes is done), None)

    def in_order(self, lots: Iterable[Lot], reason: str = "used") -> list[Lot]:
        """Return the lots in the order in which they are taken."""

        def soonest(lot: Lot) -> tuple[Any, ...]:
            return self.keeping(lot)[0] or date.max, lot.added_at, lot.id

        if reason == "spoiled":
            return sorted(lots, key=soonest)
        good = [lot for lot in lots if not self.is_past_use_by(lot)]
        return sorted(good, key=lambda lot: (lot.opened_at is None, *soonest(lot)))

    def is_past_use_by(self, lot: Lot) -> bool:
        day, _, is_hard = self.keeping(lot)
        return is_hard and day is not None and day < self.today

    def keeping(self, lot: Lot) -> tuple[date | None, str | None, bool]:
        return min(self._expiries(lot), key=lambda expiry: expiry[0] or date.max, default=(None, None, False))

    def _expiries(self, lot: Lot) -> Iterator[tuple[date | None, str | None, bool]]:
        item = self.items[lot.item_id]
        label = [
            (day, name, is_hard)
            for day, name, is_hard in ((lot.use_by, "use_by", True), (lot.best_before, "best_before", False))
            if day
        ]
        is_frozen = lot.frozen_at is not None and lot.thawed_at is None
        was_bought_frozen = lot.frozen_at == lot.added_at

        def after(name: str, moment: datetime | None, *, is_hard: bool) -> list[tuple[date, str, bool]]:
            days = item.days.get(name)
            return [(self.day(moment) + timedelta(days), name, is_hard)] if moment and days is not None else []

        if is_frozen:
            yield from label if was_bought_frozen and label else after("frozen", lot.frozen_at, is_hard=False)
            return
        is_hard = item.date_kind == "use_by"
        thawed = after("thawed", lot.thawed_at, is_hard=is_hard)
        yield from thawed or label or after("purchased", lot.added_at, is_hard=is_hard)
        yield from after("opened", lot.opened_at, is_hard=is_hard)

    def rows(self) -> Rows:
        """Return the rows that there must be."""
        names = ("expires_on", "expires_why", "is_use_by")
        return {id: {**vars(lot), **dict(zip(names, self.kept[id], strict=True))} for id, lot in self.lots.items()}

    # Doing

    def expected(self, request: Request) -> list[Change]:
        """Return what a request does to the lots; those that it makes have ids of their own.

        Raises:
            Refused: it is refused, and does nothing.
        """
        scene = Scene(self)
        getattr(scene, request.path.strip("/").replace("/", "_"))(**request.body)
        if not scene.changes:
            raise Refused(409, "nothing-to-do")
        return scene.changes

    def record(self, id: UUID, changes: Sequence[Change], *, is_served: bool) -> None:
        done = Done(id, len(self.log), tuple(changes), is_served=is_served)
        self.log.append(done)
        self._let_stand([*self.standing, done], {change.lot for change in changes})

    def undo(self, target: Done, id: UUID) -> None:
        """Leave an action out from now on, or let it stand again.

        Raises:
            Refused: it is undone, or something stands in the way.
        """
        if other := self.undone_by(target):
            raise Refused(409, "already-undone", undone_by=str(other.id))
        done = Done(id, len(self.log), self._turning(target), target)
        others = [each for each in self.standing if each.root is not done.root]
        if blockers := self._blockers(target, others if done.is_opposite else [*others, done]):
            raise Refused(409, "undo-blocked", blocked_by={str(each.id) for each in blockers})
        self.log.append(done)
        self._let_stand(others if done.is_opposite else [*others, done], {change.lot for change in done.changes})

    def _blockers(self, target: Done, standing: list[Done]) -> list[Done]:
        later = [each for each in self.standing if each.moment > target.moment]
        after = self._sum(standing)
        blockers: list[Done] = []
        for lot in {change.lot for change in target.changes}:
            if target.makes(lot):
                blockers += [] if target.is_opposite else [each for each in later if each.of(lot)]
            elif lot not in self.lots:
                blockers += [each for each in self.log if each.makes(lot) and each.is_opposite][-1:]
            else:
                blockers += [each for each in later if each.facts(lot) & target.facts(lot)]
                blockers += self._takers(lot, target.moment) if after[lot].amount < 0 else []
        return blockers

    def _turning(self, target: Done) -> tuple[Change, ...]:
        """Return the changes of an action, each with only those facts that are others once it is undone now."""
        lots = dict(self.lots)
        turning: list[Change] = []
        for change in target.changes if target.is_opposite else reversed(target.changes):
            goal, lot = change.after if target.is_opposite else change.before, lots.get(change.lot)
            if change.before and goal and lot:
                goal = self._where_there_is_a_place(goal)
                names = change.facts & lot.changed(goal)
                turning.append(change.only(names))
                lots[change.lot] = replace(lot, **{name: getattr(goal, name) for name in names})
            else:
                turning.append(change)
                lots |= {change.lot: goal} if goal else {}
        return tuple(turning if target.is_opposite else reversed(turning))

    def _takers(self, lot: UUID, moment: int) -> list[Done]:
        later = self.log[moment + 1 :]
        return [each for each in later if each.delta(lot) < 0 and not self.undone_by(each)]

    def _let_stand(self, standing: list[Done], touched: set[UUID]) -> None:
        self.standing = standing
        self.lots = self._sum(standing)
        self.kept = {id: kept for id, kept in self.kept.items() if id in self.lots}
        self.kept |= {id: self.keeping(self.lots[id]) for id in touched & self.lots.keys()}

    def _sum(self, standing: list[Done]) -> dict[UUID, Lot]:
        lots = dict(self.start)
        for done in standing:
            for change in done.changes:
                if change.before is None:
                    lots[change.lot] = change.after
                elif lot := lots.get(change.lot):
                    facts = {name: getattr(change.after, name) for name in change.facts}
                    lots[change.lot] = replace(lot, amount=lot.amount + change.delta, **facts)
        return {id: self._where_there_is_a_place(lot) for id, lot in lots.items()}

    def _where_there_is_a_place(self, lot: Lot) -> Lot:
        return lot if lot.location_id in self.places else replace(lot, location_id=None)

    def forget_place(self, place: UUID) -> None:
        if any(lot.amount and lot.location_id == place for lot in self.lots.values()):
            raise Refused(409, "in-use")
        del self.places[place]
        self.lots = {id: self._where_there_is_a_place(lot) for id, lot in self.lots.items()}
        self.items = {
            id: replace(item, location_id=None) if item.location_id == place else item
            for id, item in self.items.items()
        }

    def edit(self, item: Item) -> None:
        old = self.items[item.id]
        self.items[item.id] = item
        if (old.days, old.date_kind) != (item.days, item.date_kind):
            held = [lot for lot in self.lots.values() if lot.item_id == item.id and lot.amount]
            self.kept |= {lot.id: self.keeping(lot) for lot in held}


class Scene:
    """One action as it goes on; a method for each path."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.now = books.clock()
        self.lots = dict(books.lots)
        self.changes: list[Change] = []

    def change(self, before: Lot | None, after: Lot, *, is_take: bool = False) -> None:
        if before is None or before != after:
            self.changes.append(Change(before, after, is_take))
            self.lots[after.id] = after

    def of(self, item: UUID) -> list[Lot]:
        return [lot for lot in self.lots.values() if lot.item_id == item and lot.amount]

    def named(self, lines: Sequence[dict[str, Any]]) -> None:
        if any(line.get("lot_id", line.get("item_id")) not in {*self.lots, *self.books.items} for line in lines):
            raise Refused(404, "not-found")

    def purchases(self, lines: Sequence[dict[str, Any]]) -> None:
        for line in lines:
            item = self.books.items[line["item_id"]]
            amount = in_base(line["quantity"])
            place = line.get("location_id") or item.location_id
            price = line.get("price", {})
            self._come(
                item, amount, place, line.get("lot_id"),
                best_before=line.get("best_before"),
                use_by=line.get("use_by"),
                price=price.get("amount"),
                currency=price.get("currency"),
            )  # fmt: skip

    def _come(self, item: Item, amount: int, place: UUID | None, id: UUID | None = None, **facts: Any) -> None:
        """Let there be a new lot, which freezes where it comes into a freezer."""
        frozen_at = self.now if place and self.books.places[place] else None
        lot = Lot(id or new_id(), item.id, amount, amount, self.now, location_id=place, frozen_at=frozen_at, **facts)
        self.change(None, lot)

    def consume(self, lines: Sequence[dict[str, Any]], reason: str = "used") -> None:
        self.named([line for line in lines if "lot_id" in line])
        short: dict[str, int] = {}
        for line in lines:
            there = (
                [self.lots[line["lot_id"]]]
                if "lot_id" in line
                else self.books.in_order(self.of(line["item_id"]), reason)
            )
            there = [lot for lot in there if lot.amount]
            missing = self._take(there, line["quantity"], self.books.items[line["item_id"]].tolerance)
            if missing or not there:
                short[str(line["item_id"])] = short.get(str(line["item_id"]), 0) + missing
        if short:
            raise Refused(409, "not-enough-stock", short=short)

    def _take(self, there: Sequence[Lot], quantity: dict[str, Any] | str, tolerance: int) -> int:
        """Take from lots in their order, whole ones where only a trifle differs; return what is missing."""
        if isinstance(quantity, str):
            for lot in there:
                self.change(lot, replace(lot, amount=0), is_take=True)
            return 0
        wanted = in_base(quantity)
        for lot in there:
            if not wanted:
                break
            rounded = lot
            if abs(lot.amount - wanted) < tolerance:
                rounded = replace(lot, amount=wanted)
                self.change(lot, rounded)
            taken = min(rounded.amount, wanted)
            self.change(rounded, replace(rounded, amount=rounded.amount - taken), is_take=True)
            wanted -= taken
        return wanted

    def open(self, lines: Sequence[dict[str, Any]]) -> None:
        self.named(lines)
        for line in lines:
            if "item_id" in line:
                self._open_item(self.books.items[line["item_id"]], line)
            elif self.lots[line["lot_id"]].opened_at is None:
                self._part(self.lots[line["lot_id"]], line, opened_at=self.now)

    def _open_item(self, item: Item, line: dict[str, Any]) -> None:
        closed = [lot for lot in self.books.in_order(self.of(item.id)) if lot.opened_at is None]
        wanted = in_base(line["quantity"]) if "quantity" in line else closed[0].amount if closed else 0
        for lot in closed:
            if not wanted:
                break
            opened = wanted if wanted - lot.amount < item.tolerance else lot.amount
            self._set_apart(lot, opened, opened_at=self.now)
            wanted -= opened
        if wanted or not closed:
            raise Refused(409, "not-enough-stock", short={str(item.id): wanted})

    def move(self, lines: Sequence[dict[str, Any]]) -> None:
        self.named(lines)
        for line in lines:
            lot, place = self.lots[line["lot_id"]], line["location_id"]
            into, out_of = (
                self.books.places.get(place, False),
                self.books.places.get(lot.location_id or UUID(int=0), False),
            )
            is_frozen = lot.frozen_at is not None and lot.thawed_at is None
            facts: dict[str, Any] = {"location_id": place}
            if into and not is_frozen:
                facts |= {"frozen_at": self.now, "thawed_at": None}
            if is_frozen and out_of and not into:
                facts |= {"thawed_at": self.now}
            self._part(lot, line, **facts)

    def freeze(self, lines: Sequence[dict[str, Any]]) -> None:
        self._cold(lines, is_frozen=True)

    def thaw(self, lines: Sequence[dict[str, Any]]) -> None:
        self._cold(lines, is_frozen=False)

    def _cold(self, lines: Sequence[dict[str, Any]], *, is_frozen: bool) -> None:
        self.named(lines)
        for line in lines:
            lot = self.lots[line["lot_id"]]
            facts = {"location_id": line["location_id"]} if "location_id" in line else {}
            if is_frozen != (lot.frozen_at is not None and lot.thawed_at is None):
                facts |= {"frozen_at": self.now, "thawed_at": None} if is_frozen else {"thawed_at": self.now}
            self._part(lot, line, **facts)

    def _part(self, lot: Lot, line: dict[str, Any], **facts: Any) -> None:
        self._set_apart(lot, in_base(line["quantity"]) if "quantity" in line else lot.amount, **facts)

    def _set_apart(self, lot: Lot, amount: int, **facts: Any) -> None:
        item = self.books.items[lot.item_id]
        if not lot.amount or amount - lot.amount >= item.tolerance:
            raise Refused(409, "not-enough-stock", short={str(item.id): amount - lot.amount})
        if not lot.changed(replace(lot, **facts)):
            return
        if lot.amount - amount < item.tolerance:
            self.change(lot, replace(lot, **facts))
        else:
            self.change(lot, replace(lot, amount=lot.amount - amount))
            self.change(None, replace(lot, id=new_id(), parent_id=lot.id, amount=amount, **facts))

    def correct(self, lines: Sequence[dict[str, Any]]) -> None:
        self.named(lines)
        for line in lines:
            if "lot_id" in line:
                lot = self.lots[line["lot_id"]]
                if "quantity" in line:
                    self.change(lot, replace(lot, amount=in_base(line["quantity"])))
                    lot = self.lots[lot.id]
                facts: dict[str, Any] = {name: line[name] for name in ("best_before", "use_by") if name in line}
                changed = replace(lot, **facts)
                self.change(lot, changed.priced(line["price"]) if "price" in line else changed)
            else:
                self._count(self.books.items[line["item_id"]], in_base(line["quantity"]))

    def _count(self, item: Item, counted: int) -> None:
        there = self.books.in_order(self.of(item.id), "spoiled")
        more = counted - sum(lot.amount for lot in there)
        if more > 0:
            self._come(item, more, item.location_id)
        for lot in there:
            taken = min(lot.amount, max(-more, 0))
            self.change(lot, replace(lot, amount=lot.amount - taken))
            more += taken

    def internal_actions(
        self, takes: Sequence[dict[str, Any]], adds: Sequence[dict[str, Any]], reason: str, **_id: UUID
    ) -> None:
        self.consume(takes, reason)
        self.purchases(adds)


# The real service


@dataclass(frozen=True)
class Sent:
    """A request with its key, and what it was answered."""

    request: Request
    person: UUID
    key: str
    answer: bytes


@dataclass(frozen=True)
class World:
    """The running service, and a way past it to the rows."""

    client: httpx.AsyncClient
    authority: Authority
    clock: Clock
    connection: asyncpg.Connection
    loop: asyncio.AbstractEventLoop


class Play:
    """A household of two, and the books of what they do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.books = Books(world.clock)
        self.household = new_id()
        self.people = [new_id(), new_id()]
        self.sent: list[Sent] = []
        self._numbers = count()

    def number(self) -> UUID:
        """Return an id that is the same whenever the same game is played."""
        return uuid5(UUID(int=0), str(next(self._numbers)))

    async def ask(
        self, method: str, path: str, body: Any = None, headers: Headers | None = None, person: UUID | None = None
    ) -> httpx.Response:
        whose: dict[str, Any] = {"household": self.household, "person": person or self.people[0], "zone": ZONE}
        is_internal = path.startswith("/internal")
        authority = self.world.authority
        token = authority.service_bearer("recipes", "stock", **whose) if is_internal else authority.bearer(**whose)
        return await self.world.client.request(
            method,
            path if is_internal else f"/api/stock{path}",
            content=codec.encode(body),
            headers={"Content-Type": "application/json", **token, **(headers or {})},
        )

    async def post(self, request: Request, person: UUID, key: str) -> httpx.Response:
        return await self.ask("POST", request.path, request.body, {"Idempotency-Key": key}, person)

    async def furnish(self) -> None:
        for is_freezer in (False, True, False):
            await self.make_place(is_freezer=is_freezer)
        fridge, freezer, _ = self.books.places
        await self._make(Item(self.number(), "g", "g"))
        await self._make(Item(self.number(), "piece", "piece", fridge, days={"purchased": 21, "opened": 1}))
        days: Days = {"purchased": 4, "opened": 2, "frozen": 90, "thawed": 1}
        await self._make(Item(self.number(), "ml", "l", fridge, "use_by", days))
        await self._make(Item(self.number(), "g", "kg", freezer, days={"thawed": 2, "frozen": 300}))

    async def make_place(self, *, is_freezer: bool) -> None:
        id = self.number()
        answer = await self.ask("POST", "/locations", {"id": id, "name": str(id), "is_freezer": is_freezer})
        assert answer.status_code == 201, answer.text
        self.books.places[id] = is_freezer

    async def _make(self, item: Item) -> None:
        own = {"id": item.id, "name": str(item.id), "location_id": item.location_id}
        answer = await self.ask("POST", "/items", own | item.rules)
        assert answer.status_code == 201, answer.text
        self.books.items[item.id] = item

    async def edit(self, item: Item) -> None:
        answer = await self.ask("PATCH", f"/items/{item.id}", item.rules, headers={"If-Match": "*"})
        assert answer.status_code == 200, answer.text
        self.books.edit(item)
        await self.check_rows()

    async def forget_place(self, place: UUID) -> None:
        answer = await self.ask("DELETE", f"/locations/{place}", headers={"If-Match": "*"})
        try:
            self.books.forget_place(place)
        except Refused as refused:
            check_refusal(answer, refused)
        else:
            assert answer.status_code == 204, answer.text
        await self.check_rows()

    async def act(self, request: Request, random: Random) -> httpx.Response:
        """Do something; see that it went as the books say, also when it is sent twice."""
        person, key = random.choice(self.people), str(new_id())
        luck = random.randrange(6)
        if luck == 0:
            await self.post(request, person, key)  # and the answer is lost
        answers = await asyncio.gather(*(self.post(request, person, key) for _ in range(2 if luck == 1 else 1)))
        self.keep(request, person, key, answers[0])
        assert {answer.status_code for answer in answers} == {answers[0].status_code}
        self.books = explained(self.books, [(request, answers[0])], await self.rows())
        await self.check_sums()
        return answers[0]

    def keep(self, request: Request, person: UUID, key: str, answer: httpx.Response) -> None:
        if answer.is_success:
            self.sent.append(Sent(request, person, key, answer.content))

    async def act_at_once(self, requests: Sequence[Request]) -> None:
        """Do several things at once; see that it went as if they had been done one after the other."""
        people = [self.people[number % 2] for number in range(len(requests))]
        answers = await asyncio.gather(
            *(self.post(request, person, str(new_id())) for request, person in zip(requests, people, strict=True))
        )
        self.books = explained(self.books, list(zip(requests, answers, strict=True)), await self.rows())
        await self.check_sums()

    async def send_again(self, sent: Sent) -> None:
        """Send again what was answered long ago."""
        again = await self.post(sent.request, sent.person, sent.key)
        assert (again.content, again.headers["idempotent-replayed"]) == (sent.answer, "true")
        await self.check_rows()

    async def undo_all(self, random: Random) -> None:
        """Undo everything that stands, in any order; what is in the way of something goes before it."""
        while self.books.standing:
            ahead = [random.choice(self.books.standing)]
            while ahead:
                if self.books.undone_by(ahead[-1]):
                    ahead.pop()
                    continue
                answer = await self.act(undo(ahead[-1]), random)
                named = {each["action_id"] for each in answer.json().get("blocked_by", [])}
                ahead += [each for each in self.books.log if str(each.id) in named]

    async def rows(self) -> Rows:
        rows = await self.world.connection.fetch("SELECT * FROM stock.lot WHERE household_id = $1", self.household)
        others = ("household_id", "version")
        return {row["id"]: {name: value for name, value in row.items() if name not in others} for row in rows}

    async def check_rows(self) -> None:
        """See that the lots are what the books say, and each the sum of its journal."""
        assert await self.rows() == self.books.rows()
        await self.check_sums()

    async def check_sums(self) -> None:
        sums = await self.world.connection.fetch(
            "SELECT lot_id, sum(delta)::bigint FROM stock.action_line WHERE household_id = $1 GROUP BY lot_id",
            self.household,
        )
        held = {id: lot.amount for id, lot in self.books.lots.items()}
        assert {row["lot_id"]: row["sum"] for row in sums} == {row["lot_id"]: 0 for row in sums} | held
        assert min(held.values(), default=0) >= 0

    async def check_answers(self) -> None:
        """See that what is told is what there is, in the order in which it will be taken."""
        check = await self.ask("GET", "/check")
        assert check.json()["differences"] == []
        on_hand = read(await self.ask("GET", "/on-hand"))["items"]
        held = [lot for lot in self.books.lots.values() if lot.amount]
        assert {each["item_id"] for each in on_hand} == {str(lot.item_id) for lot in held}
        for each in on_hand:
            lots = [lot for lot in held if str(lot.item_id) == each["item_id"]]
            assert in_base(each["total"]) == sum(lot.amount for lot in lots)
            in_order = [str(lot.id) for lot in self.books.in_order(lots)]
            assert [lot["id"] for lot in each["lots"] if lot["id"] in in_order] == in_order


def read(answer: httpx.Response) -> Any:
    return json.loads(answer.text, parse_float=Decimal)


def explained(books: Books, exchanges: Sequence[tuple[Request, httpx.Response]], rows: Rows) -> Books:
    """Return the books after requests that were answered so and led to these rows, in whatever order they were done.

    Raises:
        AssertionError: there is no order in which they can have been.
    """
    errors = []
    for order in permutations(exchanges):
        after = books.copy()
        try:
            for request, answer in order:
                follow(after, request, answer)
            assert after.rows() == rows
        except AssertionError as error:
            errors.append(error)
        else:
            return after
    raise errors[0]


def follow(books: Books, request: Request, answer: httpx.Response) -> None:
    """Let the books follow an answer, if it is the right one."""
    told = read(answer)
    id = UUID(told["action_id"]) if answer.is_success else UUID(int=0)
    try:
        is_internal = request.path.startswith("/internal/")
        if request.target:
            if is_internal and not request.target.is_served:
                raise Refused(404, "not-found")
            books.undo(request.target, id)
            changes = None
        else:
            changes = books.expected(request)
    except Refused as refused:
        check_refusal(answer, refused)
        return
    assert answer.is_success, (request, answer.text)
    if changes is not None:
        books.record(id, as_told(changes, told), is_served=is_internal)


def check_refusal(answer: httpx.Response, refused: Refused) -> None:
    problem = read(answer)
    assert (answer.status_code, problem.get("type")) == (refused.status, refused.type), (answer.text, refused)
    told = {name: problem[name] for name in refused.facts}
    if "short" in told:
        told["short"] = {each["item_id"]: in_base(each["missing"]) for each in told["short"]}
    if "blocked_by" in told:
        told["blocked_by"] = {each["action_id"] for each in told["blocked_by"]}
    assert told == refused.facts


def as_told(changes: list[Change], told: dict[str, Any]) -> list[Change]:
    """Return the changes with the ids that the service gave to new lots, after a look at all that was told."""
    tells_takes = "takes" in told
    if tells_takes:
        takes = [(take["lot_id"], in_base(take["quantity"])) for take in told["takes"]]
        assert takes == [(str(change.lot), -change.delta) for change in changes if change.is_take]
    last = {change.lot: change.after for change in changes if change.before is None or not tells_takes}
    lots = told.get("lots", [])
    assert [told_of(lot) for lot in lots] == [(lot.item_id, lot.amount, lot.opened_at) for lot in last.values()]
    names = {old: UUID(lot["id"]) for old, lot in zip(last, lots, strict=True)}
    made = {change.lot for change in changes if change.before is None}
    assert all(new == old for old, new in names.items() if old not in made)
    return [change.of_lot(names.get(change.lot, change.lot)) for change in changes]


def told_of(lot: dict[str, Any]) -> tuple[UUID, int, datetime | None]:
    opened_at = datetime.fromisoformat(lot["opened_at"]) if lot["opened_at"] else None
    return UUID(lot["item_id"]), in_base(lot["quantity"]), opened_at


# What they do


def undo(done: Done) -> Request:
    return Request("/undo", {"action_id": done.id}, done)


class Whim:
    """Makes up requests, out of what there is and was."""

    def __init__(self, play: Play, random: Random) -> None:
        self.play = play
        self.books = play.books
        self.random = random
        self.lots = sorted(self.books.lots.values(), key=lambda lot: (lot.added_at, lot.id))

    def is_so(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    def item(self) -> Item:
        return self.random.choice(list(self.books.items.values()))

    def place(self) -> UUID:
        return self.random.choice(list(self.books.places))

    def lot(self) -> Lot:
        held = [lot for lot in self.lots if lot.amount]
        return self.random.choice(held if held and not self.is_so(8) else self.lots)

    def quantity(self, item: Item, there: int) -> dict[str, Any]:
        """Return a quantity: any, or about as much as there is."""
        if there and self.is_so(2):
            about = there + self.random.choice((-1, 0, 1)) * (item.tolerance + self.random.choice((-1, 0, 1)))
            return {"amount": Decimal(max(about, 1)) / BASE[item.unit], "unit": item.unit}
        return {"amount": Decimal(self.random.choice(AMOUNTS)), "unit": self.random.choice(UNITS[item.unit])}

    def day(self) -> date:
        return self.books.today + timedelta(self.random.randrange(-2, 12))

    def price(self) -> dict[str, Any]:
        return {"amount": Decimal(self.random.randrange(100_000)) / 10_000, "currency": "EUR"}

    def lines(self, make: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
        return [make() for _ in range(self.random.choice((1, 1, 2, 3)))]

    def bought(self) -> dict[str, Any]:
        item = self.item()
        facts: dict[str, Any] = {
            "best_before": self.day, "use_by": self.day, "location_id": self.place, "price": self.price,
            "lot_id": self.play.number,
        }  # fmt: skip
        some = {name: fact() for name, fact in facts.items() if self.is_so(3)}
        return {"item_id": item.id, "quantity": self.quantity(item, 0), **some}

    def taken(self) -> dict[str, Any]:
        if self.lots and self.is_so(4):
            lot = self.lot()
            item = self.books.items[lot.item_id]
            return {"item_id": item.id, "lot_id": lot.id, "quantity": self.all_or(self.quantity(item, lot.amount))}
        item = self.item()
        there = sum(lot.amount for lot in self.lots if lot.item_id == item.id)
        return {"item_id": item.id, "quantity": self.all_or(self.quantity(item, there))}

    def all_or(self, quantity: dict[str, Any]) -> dict[str, Any] | str:
        return "all" if self.is_so(6) else quantity

    def part(self, **facts: Any) -> dict[str, Any]:
        lot = self.lot()
        quantity = {"quantity": self.quantity(self.books.items[lot.item_id], lot.amount)} if self.is_so(2) else {}
        return {"lot_id": lot.id, **quantity, **facts}

    def opened(self) -> dict[str, Any]:
        if not self.is_so(3):
            return self.part()
        item = self.item()
        there = sum(lot.amount for lot in self.lots if lot.item_id == item.id and lot.opened_at is None)
        return {"item_id": item.id} | ({"quantity": self.quantity(item, there)} if self.is_so(2) else {})

    def corrected(self) -> dict[str, Any]:
        if self.is_so(3):
            item = self.item()
            return {"item_id": item.id, "quantity": self.quantity(item, 0)}
        lot = self.lot()
        facts: dict[str, Any] = {
            "quantity": lambda: self.quantity(self.books.items[lot.item_id], lot.amount),
            "best_before": self.day, "use_by": lambda: None, "price": self.price,
        }  # fmt: skip
        return {"lot_id": lot.id, **{name: fact() for name, fact in facts.items() if self.is_so(2)}}

    # Requests

    def purchase(self) -> Request:
        return Request("/purchases", {"lines": self.lines(self.bought)})

    def consume(self) -> Request:
        reason = self.random.choice(("used", "spoiled", "given"))
        return Request("/consume", {"lines": self.lines(self.taken), "reason": reason})

    def serve(self) -> Request:
        takes = self.lines(self.taken) if self.is_so(2) else []
        adds = {"id": self.play.number(), "takes": takes, "adds": [self.bought()], "reason": "used"}
        return Request("/internal/actions", adds)

    def open(self) -> Request:
        return Request("/open", {"lines": self.lines(self.opened)})

    def move(self) -> Request:
        return Request("/move", {"lines": self.lines(lambda: self.part(location_id=self.place()))})

    def cool(self) -> Request:
        path = self.random.choice(("/freeze", "/thaw"))
        where = {"location_id": self.place()} if self.is_so(2) else {}
        return Request(path, {"lines": self.lines(lambda: self.part(**where))})

    def correct(self) -> Request:
        return Request("/correct", {"lines": self.lines(self.corrected)})

    def undo(self) -> Request:
        log = [done for done in self.books.log if self.is_so(6) or not self.books.undone_by(done)]
        done = self.random.choice((log or self.books.log)[-12:])
        if self.is_so(4):
            return Request(f"/internal/actions/{done.id}/undo", {}, done)
        return undo(done)

    def anything(self) -> Request:
        made = [self.purchase, self.purchase, self.serve]
        if self.lots:
            made += [self.consume, self.consume, self.open, self.move, self.cool, self.correct]
        if self.books.log:
            made += [self.undo] * 5
        return self.random.choice(made)()


class Game(RuleBasedStateMachine):
    """A household's weeks, and how all of it is taken back in the end."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.world.clock.now = START
        self.play = Play(world)
        self.is_sound = True

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        self.is_sound = False
        self.world.loop.run_until_complete(work)
        self.is_sound = True

    @initialize(purchases=st.integers(0, 3), random=RANDOM)
    def begin(self, purchases: int, random: Random) -> None:
        """Begin with nothing, or with some lots, of which some are used up."""
        self.run(self.play.furnish())
        for _ in range(purchases):
            self.run(self.play.act(Whim(self.play, random).purchase(), random))
            self.run(self.play.act(Whim(self.play, random).consume(), random))
        self.play.books.begin()
        self.items = dict(self.play.books.items)
        self.places = set(self.play.books.places)

    @rule(random=RANDOM)
    def act(self, random: Random) -> None:
        for _ in range(3):
            request = Whim(self.play, random).anything()
            note(f"{request.path} {request.body}")
            self.run(self.play.act(request, random))

    @precondition(lambda self: self.play.sent)
    @rule(random=RANDOM)
    def send_again(self, random: Random) -> None:
        self.run(self.play.send_again(random.choice(self.play.sent)))

    @rule(random=RANDOM)
    def live_on(self, random: Random) -> None:
        """Let time pass, and something change that is no action."""
        self.world.clock.advance(hours=random.randrange(1, 60))
        self.run(random.choice((self.edit, self.refurnish, self.refurnish))(random))
        self.run(self.play.check_answers())

    async def edit(self, random: Random) -> None:
        item = Whim(self.play, random).item()
        name = random.choice(("purchased", "opened", "frozen", "thawed"))
        days = {**item.days, name: random.choice((None, 0, 1, 2, 5))}
        kind, unit = random.choice(("use_by", "best_before")), random.choice(UNITS[item.unit])
        await self.play.edit(replace(item, shown=unit, date_kind=kind, days=days))

    async def refurnish(self, random: Random) -> None:
        others = [place for place in self.play.books.places if place not in self.places]
        if others and random.randrange(2):
            await self.play.forget_place(random.choice(others))
        elif len(others) < MOST_OTHER_PLACES:
            await self.play.make_place(is_freezer=random.random() < 1 / 2)

    def teardown(self) -> None:
        if self.is_sound:
            self.run(self.end())

    async def end(self) -> None:
        for item in self.items.values():
            await self.play.edit(item)
        await self.play.undo_all(Random(0))  # noqa: S311 - a game
        await self.play.check_answers()
        assert self.play.books.lots == self.play.books.start


@pytest.fixture
async def world(
    client: httpx.AsyncClient, database: FreshDatabase, authority: Authority, clock: Clock
) -> AsyncIterator[World]:
    connection = await asyncpg.connect(database.admin_url)
    try:
        yield World(client, authority, clock, connection, asyncio.get_running_loop())
    finally:
        await connection.close()


@pytest.mark.timeout(60 + 10 * EXAMPLES)
def test_whatever_is_done_and_undone_the_stock_is_what_still_stands(world: World) -> None:
    rules = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None)
    run_state_machine_as_test(lambda: Game(world), settings=rules)  # type: ignore[arg-type]  # it only calls it


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_done_at_once_was_done_one_after_the_other(world: World, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a game
    world.clock.now = START
    play = Play(world)
    await play.furnish()
    await play.act(Whim(play, random).purchase(), random)
    for _ in range(40):
        whim = Whim(play, random)
        await play.act_at_once([whim.anything() for _ in range(random.choice((2, 2, 3)))])
        world.clock.advance(hours=random.randrange(10))
    await play.check_answers()
    await play.undo_all(random)
    assert await play.rows() == {}
