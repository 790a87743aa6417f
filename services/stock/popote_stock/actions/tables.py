"""Stock as a table: everything on hand written out, and what a table tells brought in."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from popote_kit.database import Database, Kitchen
from popote_kit.identity import Caller
from popote_kit.quantity import Amount
from popote_stock import queries
from popote_stock.actions.intake import Intake, Placed, take_in
from popote_stock.actions.places import furnish
from popote_stock.actions.purchases import bring_in
from popote_stock.actions.scene import Scene, begin, finish
from popote_stock.model.foods import NOTHING, Told
from popote_stock.model.table import HEADER, Refusal, Table, write
from popote_stock.queries.tables import START, Place
from popote_stock.wire.common import Price
from popote_stock.wire.ledger import Asked, PurchaseLine
from popote_stock.wire.tables import cells

PAGE: Final = 500


class Outcome(Struct):
    """What became of a table: the action that brought its rows in, how many, and what was refused."""

    action_id: UUID | None
    added: int
    refused: list[Refusal]


async def export(database: Database, caller: Caller) -> AsyncIterator[str]:
    """Give everything on hand as CSV, the items in the order of their names.

    A connection is held for one page at a time, never while the client reads.
    """
    yield write([HEADER])
    after = START
    while True:
        async with database.kitchen(caller.household, caller.person) as kitchen:
            page = await queries.tables.read_kept(kitchen, PAGE, after)
        yield write(cells(lot, ZoneInfo(caller.zone)) for lot in page)
        if len(page) < PAGE:
            return
        after = Place(page[-1].name_key, page[-1].item_id, page[-1].id)


async def bring_in_table(kitchen: Kitchen, caller: Caller, table: Table, told: Told = NOTHING) -> Outcome:
    """Add a lot for each row, all in one purchase; items, locations and categories that are not known yet are made.

    Of an item that is known already, the row's category, barcode and note do not count. Rows that can't be brought in
    are refused; with none that can, there is no action. `told` may say of what food the new items are.
    """
    if not table.rows:
        return Outcome(None, 0, table.refused)
    action = await begin(kitchen, "purchase", Asked())
    await furnish(kitchen, caller, action.sequence)
    intake = await take_in(kitchen, table.rows, action.sequence)
    if intake.placed:
        await intake.make(kitchen, told)
        scene = Scene(kitchen, {})
        await bring_in(kitchen, scene, [_line(one, caller.currency) for one in intake.placed], action.sequence)
        _keep_history(kitchen, scene, intake.placed)
        await finish(kitchen, action, scene)
    return _outcome(table, intake, action.id)


async def try_table(kitchen: Kitchen, table: Table) -> Outcome:
    """Tell what `bring_in_table` would do, and change nothing."""
    return _outcome(table, await take_in(kitchen, table.rows, 0), None)


def _outcome(table: Table, intake: Intake, action: UUID | None) -> Outcome:
    refused = sorted([*table.refused, *intake.refused], key=lambda refusal: refusal.row)
    return Outcome(action if intake.placed else None, len(intake.placed), refused)


def _line(placed: Placed, currency: str) -> PurchaseLine:
    row = placed.row
    return PurchaseLine(
        item_id=placed.item.id,
        quantity=row.quantity,
        best_before=row.best_before,
        use_by=row.use_by,
        location_id=placed.location_id,
        price=None if row.price is None else Price(Amount(row.price), row.currency or currency),
    )


def _keep_history(kitchen: Kitchen, scene: Scene, placed: Sequence[Placed]) -> None:
    """Let the new lots be opened and frozen since the days that the table tells."""
    zone = ZoneInfo(kitchen.zone)
    for one, lot in zip(placed, [change.lot for change in scene.changes], strict=True):
        days = {"opened_at": one.row.opened_on, "frozen_at": one.row.frozen_on}
        if facts := {name: datetime.combine(day, time(), zone) for name, day in days.items() if day}:
            scene.change("change", lot, replace(lot, **facts))
