"""Cooking: all of it happens, or none.

A cook is written down with what stock is to do before stock is asked. Stock does that once, by the cook's id, however
often it is asked. When it has, the cook is done, and so announced, in one transaction; what stock refuses is forgotten.
Whoever finds a cook on its way drives it on: the request that began it, the same request again, or `recover`.
"""

import datetime as dt
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID, uuid5

import msgspec
from litestar import Litestar
from msgspec import Struct
from msgspec.structs import replace

from popote_kit import sync
from popote_kit.database import Database, Kitchen
from popote_kit.following import Handler
from popote_kit.idempotency import KeyInUse, KeyReused
from popote_kit.identity import Caller
from popote_kit.outbox import Event
from popote_kit.problems import Forbidden, Invalid, NotFound, Problem, Unavailable
from popote_kit.rounds import rounds
from popote_recipes import events, queries
from popote_recipes.actions import plan
from popote_recipes.errors import NotEnough, TooManyLines
from popote_recipes.model.cooking import (
    MAX_TAKES,
    Cook,
    Eater,
    Lacking,
    Order,
    State,
    StockAdd,
    lacking_of,
    leftover,
    meal_at,
    takes_of,
    told_parts,
)
from popote_recipes.model.needs import lines, slots
from popote_recipes.model.pantry import Pantry, Served
from popote_recipes.model.parts import grams_of
from popote_recipes.model.recipes import Recipe
from popote_recipes.model.supply import Supply
from popote_recipes.peers import Auth, Done, Stock
from popote_recipes.queries.cooks import Unfinished
from popote_recipes.wire.cooking import CookAsked

log = logging.getLogger(__name__)

HELD: Final = dt.timedelta(seconds=10)  # longer than stock is waited for
LOOK_S: Final = 2.0
BATCH: Final = 50


class Stove:
    """Where cooks are driven to their end."""

    def __init__(self, database: Database, stock: Stock, auth: Auth) -> None:
        self._database = database
        self._stock = stock
        self._auth = auth

    async def cook(  # noqa: PLR0913 - who cooks what, by name
        self, caller: Caller, recipe_id: UUID, asked: CookAsked, *, key: str, request_hash: bytes, authorization: str
    ) -> Cook:
        """Cook a recipe; the same request again is told what was done then.

        Raises:
            NotFound: there is no such recipe, entry of the plan, place or member.
            NotEnough: something is not there, or not known to be, and may not be missing.
            Invalid: what is asked for does not go together.
            IdTaken: the id is that of something else in stock.
            TooMuch: it takes more than any kitchen holds.
            KeyReused: the key, or the id, is that of another cook.
            KeyInUse: the same request is still on its way.
            Unavailable: a service is away; it may still happen, and the same request again tells.
        """
        id = asked.id or uuid5(caller.household, f"{caller.person} {key}")  # noqa: A001 - as everywhere
        for is_last in (False, False, True):
            known = await self._find(caller, id)
            if known is not None:
                if known.request_hash != request_hash:
                    raise KeyReused
                return await self._again(caller.household, known)
            planned = await self._plan(caller, recipe_id, asked, id, request_hash, authorization)
            async with self._database.kitchen(caller.household, caller.person, write=True) as kitchen:
                cook = replace(planned, held_until=kitchen.now + HELD)
                is_new = await queries.cooks.begin(kitchen, cook)
            try:
                if is_new:
                    return await self._drive(caller.household, caller.person, cook)
            except NotEnough:  # somebody else was faster: look once more what there is
                if is_last:
                    raise
        raise KeyInUse

    async def undo(self, caller: Caller, id: UUID) -> Cook:
        """Take a cook back: stock and diaries are as if it had not been; again, it stays so.

        Raises:
            NotFound: the household has cooked nothing of this id.
            Forbidden: a child takes back only what it cooked itself.
            UndoBlocked: what was left over was used since.
            KeyInUse: it is being cooked, or taken back, right now.
            Unavailable: stock is away; it may still happen.
        """
        async with self._database.kitchen(caller.household, caller.person, write=True) as kitchen:
            cook = await queries.cooks.read_cook(kitchen, id)
            if caller.role == "child" and cook.person_id != caller.person:
                raise Forbidden
            if cook.state == "undone":
                return cook
            until = kitchen.now + HELD
            held = await queries.cooks.turn(
                kitchen, id, before=["done"], after="undoing", version=cook.version, until=until
            ) or await queries.cooks.hold(kitchen, id, until)
        if held is None:
            raise KeyInUse
        return await self._drive(caller.household, caller.person, held)

    async def recover(self) -> None:
        """Drive on every cook that nobody drives."""
        async with self._database.kitchen() as kitchen:
            found = await queries.cooks.find_unfinished(kitchen, BATCH)
        for each in found:
            await self._recover(each)

    async def _recover(self, unfinished: Unfinished) -> None:
        async with self._database.kitchen(unfinished.household, unfinished.person, write=True) as kitchen:
            cook = await queries.cooks.hold(kitchen, unfinished.id, kitchen.now + HELD)
        if cook is None:
            return
        try:
            await self._drive(unfinished.household, cook.person_id, cook)
        except Unavailable:
            log.info("a cook can't be driven on now", extra={"cook_id": str(cook.id)})
        except Problem as problem:
            log.warning("a cook ended as it began", extra={"cook_id": str(cook.id), "type": problem.type})

    async def _find(self, caller: Caller, id: UUID) -> Cook | None:
        async with self._database.kitchen(caller.household, caller.person) as kitchen:
            return await queries.cooks.find_cook(kitchen, id)

    async def _again(self, household: UUID, cook: Cook) -> Cook:
        if cook.state != "begun":
            return cook
        async with self._database.kitchen(household, cook.person_id, write=True) as kitchen:
            held = await queries.cooks.hold(kitchen, cook.id, kitchen.now + HELD)
        if held is None:
            raise KeyInUse
        return await self._drive(household, cook.person_id, held)

    async def _drive(self, household: UUID, person: UUID, cook: Cook) -> Cook:
        """Have stock do for a person what is to be done, and note that it did; whoever calls holds the cook."""
        try:
            done = await self._ask_stock(household, person, cook)
        except Unavailable:
            raise
        except Problem:
            await self._refused(household, cook)
            raise
        return await (self._done(household, cook, done) if done else self._undone(household, cook))

    async def _ask_stock(self, household: UUID, person: UUID, cook: Cook) -> Done | None:
        """Have stock do a cook's order, or take it back; one that asks for nothing is no matter of stock's."""
        is_undo = cook.state == "undoing"
        if cook.stock_order.is_empty:
            return None if is_undo else Done([], [])
        if not is_undo:
            return await self._stock.act(household, person, cook.id, cook.stock_order)
        # Undone, cooked again by an undo of that, and undone again is another time.
        await self._stock.undo(household, person, cook.id, f"undo-{cook.id}-{cook.version}")
        return None

    async def _done(self, household: UUID, cook: Cook, done: Done) -> Cook:
        left = next(iter(done.lots), None)
        async with self._database.kitchen(household, cook.person_id, write=True) as kitchen:
            version = await sync.next_version(kitchen)
            finished = await queries.cooks.finish(kitchen, cook.id, done.takes, left, version)
            if finished is None:
                return await queries.cooks.read_cook(kitchen, cook.id)
            await _announce(kitchen, version, finished)
            return finished

    async def _undone(self, household: UUID, cook: Cook) -> Cook:
        async with self._database.kitchen(household, cook.person_id, write=True) as kitchen:
            version = await sync.next_version(kitchen)
            turned = await queries.cooks.turn(kitchen, cook.id, before=["undoing"], after="undone", version=version)
            if turned is None:
                return await queries.cooks.read_cook(kitchen, cook.id)
            await _announce(kitchen, version, turned)
            return turned

    async def _refused(self, household: UUID, cook: Cook) -> None:
        """Let a cook that stock refuses never have been, and one that it does not take back stand."""
        async with self._database.kitchen(household, cook.person_id, write=True) as kitchen:
            if cook.state == "undoing":
                await queries.cooks.turn(kitchen, cook.id, before=["undoing"], after="done", version=cook.version)
            else:
                await queries.cooks.forget(kitchen, cook)

    async def _plan(  # noqa: PLR0913, PLR0917 - who cooks what, by name
        self, caller: Caller, recipe_id: UUID, asked: CookAsked, id: UUID, request_hash: bytes, authorization: str
    ) -> Cook:
        async with self._database.kitchen(caller.household, caller.person, zone=caller.zone) as kitchen:
            used = await queries.recipes.read_used(kitchen, [recipe_id])
            substitutes = await queries.substitutes.list_substitutes(kitchen)
            entry = await queries.plan.read_entry(kitchen, asked.plan_id) if asked.plan_id else None
            now, today = kitchen.now, kitchen.today
        if recipe_id not in used:
            raise NotFound
        recipe = used[recipe_id]
        if entry and entry.recipe_id != recipe_id:
            raise Invalid(errors=[{"pointer": "/plan_id", "message": "That entry of the plan is of another recipe"}])
        servings = asked.servings or (entry and entry.servings) or recipe.servings
        asked.check(servings)
        await self._require_members(caller, asked, authorization)
        supply = await self._stock.supply(caller.household)
        factor = recipe.factor(servings)
        options = queries.substitutes.by_food(substitutes)
        pantry = Pantry(supply)
        served = [pantry.serve(slot, supply.today, factor) for slot in slots(recipe, used, options)]
        lacking = lacking_of(served)
        if lacking and not asked.allow_missing:
            raise NotEnough(short=[_short(each) for each in lacking])
        return Cook(
            id=id,
            recipe_id=recipe_id,
            title=recipe.title,
            servings=servings,
            day=asked.date or (entry.day if entry else today),
            meal=asked.meal or (entry.meal if entry else meal_at(now, caller.zone)),
            plan_id=asked.plan_id,
            request_hash=request_hash,
            stock_order=_order(caller, recipe, asked, id, served, supply, today),
            meal_parts=told_parts(lines(recipe, used), factor, dict(enumerate(served))),
            cooked_mass_g=_cooked_mass(recipe, factor),
            eaters=[Eater(each.user_id, each.portions) for each in asked.eaters],
            lacking=lacking,
            person_id=caller.person,
            held_until=now,
            created_at=now,
        )

    async def _require_members(self, caller: Caller, asked: CookAsked, authorization: str) -> None:
        others = {each.user_id for each in asked.eaters} - {caller.person}
        if others and others - await self._auth.members(authorization):
            raise Invalid(errors=[{"pointer": "/eaters", "message": "Not all of them belong to the household"}])

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        async with rounds(self.recover, every_s=LOOK_S, failing="cooks can't be driven on"):
            yield


async def _announce(kitchen: Kitchen, version: int, cook: Cook) -> None:
    """Tell that something was cooked, or taken back; the plan knows it too."""
    is_cooked = cook.state == "done"
    tell = events.meal_cooked if is_cooked else events.meal_uncooked
    await tell(kitchen, version, cook)
    if cook.plan_id:
        await plan.note_cook(kitchen, cook.plan_id, cook, version)


class _Action(Struct):
    root_id: UUID | None = None
    root_stands: bool = True


async def _stock_changed(kitchen: Kitchen, event: Event) -> None:
    """Follow somebody who took a cook back in stock's own journal, or took that back in turn.

    Raises:
        Unavailable: the cook is still on its way here; it is to be there before it is gone.
    """
    action = msgspec.convert(event.payload, _Action)
    cook = await queries.cooks.find_cook(kitchen, action.root_id) if action.root_id else None
    if cook is None:
        return
    if cook.state == "begun":
        raise Unavailable
    before: list[State] = ["undone"] if action.root_stands else ["done", "undoing"]
    after: State = "done" if action.root_stands else "undone"
    version = await sync.next_version(kitchen)
    turned = await queries.cooks.turn(kitchen, cook.id, before=before, after=after, version=version)
    if turned:
        await _announce(kitchen, version, turned)


OF_STOCK: Final[Mapping[str, Handler]] = {"stock_changed": _stock_changed}


def _order(  # noqa: PLR0913, PLR0917 - what it follows from
    caller: Caller, recipe: Recipe, asked: CookAsked, id: UUID, served: Sequence[Served], supply: Supply, today: dt.date
) -> Order:
    takes = takes_of(served, supply)
    if len(takes) > MAX_TAKES:
        raise TooManyLines(limit=MAX_TAKES)
    adds: list[StockAdd] = []
    if asked.leftovers:
        adds.append(
            leftover(
                id,
                recipe.title,
                caller.language,
                servings=asked.leftovers.servings,
                location_id=asked.leftovers.location_id,
                use_by=asked.leftovers.use_by,
                today=today,
                freezers=supply.freezers,
            )
        )
    return Order(takes, adds, recipe.title)


def _short(lacking: Lacking) -> dict[str, object]:
    missing = lacking.missing.quantity if lacking.missing else None
    return {"line": lacking.line, "name": lacking.name, "status": lacking.status, "missing": missing}


def _cooked_mass(recipe: Recipe, factor: Fraction) -> Decimal | None:
    grams = grams_of(recipe.content.cooked, factor)
    return None if grams is None else Decimal(grams)
