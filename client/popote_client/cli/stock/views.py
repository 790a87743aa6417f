"""`popote stock list`, `expiring`, `journal`, `check`: looking."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from popote_client.cli.exits import UNFORESEEN
from popote_client.cli.output import note
from popote_client.cli.run import run
from popote_client.cli.stock.telling import happened
from popote_client.cli.stock.words import AsJson, Place, known_units, place_named
from popote_client.cli.table import Cell, Ids, amount, cell, moment, show
from popote_client.client import Popote
from popote_client.language import count, say
from popote_client.part import MOST, every
from popote_client.stock.api import StockApi
from popote_client.stock.ledger import Action
from popote_client.stock.lots import Expiring, OnHand
from popote_client.stock.units import Units

app = typer.Typer()


@app.command("list", help=say("List what is on hand.", "Lister ce qu'il y a."))
def list_(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]", help=say("Only what these words find.", "Seulement ce qu'ils trouvent.")),
    ] = None,
    *,
    at: Place = None,
    as_json: AsJson = False,
    ids: Ids = False,
) -> None:
    async def work(popote: Popote) -> None:
        stock = popote.api.stock
        units, names, found = await asyncio.gather(
            known_units(stock), place_names(stock), on_hand(stock, " ".join(words or ()), at)
        )
        headings = say("Item", "Article"), say("On hand", "En stock"), say("Opened", "Entamé"), say("Until", "Jusqu'au")
        show(
            found,
            (*headings, say("Place", "Lieu"), "ID"),
            lambda each: row(each, units, names),
            as_json=as_json,
            ids=ids,
            nothing=say("There is nothing.", "Il n'y a rien."),
        )

    run(work)


async def on_hand(stock: StockApi, words: str, at: str | None) -> list[OnHand]:
    """Read what there is of the items that `words` find, at the place `at`."""
    place = await place_named(stock, at)
    wanted = {item.id for item in (await stock.list_items(words, limit=MOST)).items} if words else None
    pages = every(lambda cursor: stock.list_on_hand(location_id=place.id if place else None, limit=MOST, cursor=cursor))
    return [each async for each in pages if wanted is None or each.item_id in wanted]


async def place_names(stock: StockApi) -> dict[UUID | None, str]:
    return {place.id: place.name for place in await stock.list_locations()}


def row(each: OnHand, units: Units, names: dict[UUID | None, str]) -> list[Cell]:
    places = dict.fromkeys(names.get(lot.location_id, "") for lot in each.lots)
    return [
        cell(each.name),
        amount(each.total, units),
        amount(each.opened if each.opened.amount else None, units),
        cell(each.soonest),
        cell(", ".join(filter(None, places))),
        cell(each.item_id),
    ]


@app.command(help=say("List what does not keep much longer.", "Lister ce qui ne se garde plus longtemps."))
def expiring(
    *,
    days: Annotated[
        int, typer.Option(min=0, max=3650, help=say("How many days from today.", "Combien de jours à venir."))
    ] = 7,
    as_json: AsJson = False,
    ids: Ids = False,
) -> None:
    async def work(popote: Popote) -> None:
        stock = popote.api.stock
        units, names = await asyncio.gather(known_units(stock), place_names(stock))
        found = [each async for each in every(lambda cursor: stock.list_expiring(days, limit=MOST, cursor=cursor))]
        headings = say("Until", "Jusqu'au"), "", say("Item", "Article"), say("Amount", "Quantité"), say("Place", "Lieu")
        show(
            found,
            (*headings, "ID"),
            lambda each: soon(each, units, names),
            as_json=as_json,
            ids=ids,
            nothing=say("Everything keeps longer.", "Tout se garde plus longtemps."),
        )

    run(work)


def soon(each: Expiring, units: Units, names: dict[UUID | None, str]) -> list[Cell]:
    return [
        cell(each.expires_on),
        Cell(left(each), str(each.days)),
        cell(each.name),
        amount(each.quantity, units),
        cell(names.get(each.location_id)),
        cell(each.id),
    ]


def left(lot: Expiring) -> str:
    """Say how long a lot keeps; past a use-by date it is not to be eaten."""
    if lot.days < 0 and lot.is_use_by:
        return say("do not eat", "ne pas manger")
    if lot.days < 0:
        return say(f"{-lot.days} d past", f"dépassé de {-lot.days} j")
    if not lot.days:
        return say("today", "aujourd'hui")
    return say(f"{lot.days} d left", f"encore {lot.days} j")


@app.command(help=say("Read what was done to the stock.", "Lire ce qui a été fait au stock."))
def journal(
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=say("How many to list.", "Combien en lister."))] = 20,
    as_json: AsJson = False,
    ids: Ids = False,
) -> None:
    async def work(popote: Popote) -> None:
        stock, size = popote.api.stock, min(limit, MOST)
        units = await known_units(stock)
        pages = every(lambda cursor: stock.list_journal(limit=size, cursor=cursor), limit)
        found = [each async for each in pages]
        show(
            found,
            (say("When", "Quand"), say("What", "Quoi"), say("Undone", "Annulé"), "ID"),
            lambda each: entry(each, units),
            as_json=as_json,
            ids=ids,
            nothing=say("Nothing was done yet.", "Rien n'a encore été fait."),
        )

    run(work)


def entry(action: Action, units: Units) -> list[Cell]:
    undone = Cell(say("yes", "oui") if action.undone_by else "", str(action.undone_by or ""))
    return [moment(action.at), cell(happened(action, units)), undone, cell(action.id)]


@app.command(help=say("Compare the stock with its journal.", "Comparer le stock et son journal."))
def check() -> None:
    checked = run(lambda popote: popote.api.stock.check_stock())
    for lot in checked.differences:
        typer.echo(lot)
    if checked.differences:
        note(
            count(
                len(checked.differences),
                one=("This lot differs from the journal.", "Ce lot diffère du journal."),
                several=("These lots differ from the journal.", "Ces lots diffèrent du journal."),
            )
        )
        raise typer.Exit(UNFORESEEN)
    typer.echo(
        count(
            checked.lots,
            one=("{n} lot agrees with the journal.", "{n} lot concorde avec le journal."),
            several=("{n} lots agree with the journal.", "{n} lots concordent avec le journal."),
        )
    )
