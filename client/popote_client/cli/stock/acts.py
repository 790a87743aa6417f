"""`popote stock add`, `use`, `undo`: doing."""

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from popote_client.cli.output import is_interactive, note
from popote_client.cli.run import run
from popote_client.cli.stock.naming import as_known
from popote_client.cli.stock.telling import Shortage, happened, labelled, missing, taken
from popote_client.cli.stock.words import (
    Place,
    day,
    known_units,
    money,
    place_named,
    understood,
)
from popote_client.cli.table import cell, moment
from popote_client.client import Popote
from popote_client.language import say
from popote_client.part import MOST
from popote_client.problems import Problem
from popote_client.stock.api import StockApi
from popote_client.stock.choosing import Unclear, alike, choose
from popote_client.stock.items import SEARCHED, Item
from popote_client.stock.ledger import Action, ConsumeLine, Done, PurchaseLine, Reason, last_standing, stands_for
from popote_client.stock.quantities import Price, Quantity
from popote_client.stock.units import PIECE, Said, Units

app = typer.Typer()

NOT_ENOUGH = "/problems/not-enough-stock"
BLOCKED = "/problems/undo-blocked"
UNDO = "popote stock undo"


class NothingToUndo(Unclear):
    code = "NOTHING_TO_UNDO"
    en = "Nothing that you did lately stands. Name an action of: popote stock journal --ids"
    fr = "Rien de ce que vous avez fait récemment n'est en vigueur. Nommez une action de : popote stock journal --ids"


class Blocked(msgspec.Struct):
    blocked_by: list[Done]


Lines = Annotated[
    list[str], typer.Argument(metavar="WHAT…", help=say('As in "500 g rice".', "Par exemple « 500 g de riz »."))
]
Day = typer.Option(parser=day, metavar="DATE", help=say("As in 2026-12-31.", "Par exemple 31/12/2026."))


@app.command(help=say("Put what you bought into the stock.", "Mettre en stock ce que vous avez acheté."))
def add(
    what: Lines,
    *,
    best_before: Annotated[date | None, Day] = None,
    use_by: Annotated[date | None, Day] = None,
    at: Place = None,
    price: Annotated[
        Decimal | None,
        typer.Option(parser=money, metavar="PRICE", help=say("Of it all, as in 3.49.", "Du tout, par exemple 3,49.")),
    ] = None,
) -> None:
    if price is not None and len(what) > 1:
        raise typer.BadParameter(say("a price is that of one line", "un prix est celui d'une seule ligne"))

    async def work(popote: Popote) -> None:
        stock = popote.api.stock
        units, place = await asyncio.gather(known_units(stock), place_named(stock, at))
        said = await as_known(stock, understood(units, what))
        currency = (await popote.api.me()).household.currency if price is not None else ""
        lines = [
            PurchaseLine(
                name=each.name,
                quantity=each.quantity or Quantity(Decimal(1), PIECE),
                best_before=best_before,
                use_by=use_by,
                location_id=place.id if place else None,
                price=Price(price, currency) if price is not None else None,
            )
            for each in said
        ]
        done = await stock.purchase(lines)
        for each, lot in zip(said, done.lots, strict=True):
            until = say(f", until {cell(lot.expires_on).people}", f", jusqu'au {cell(lot.expires_on).people}")
            added = f"{units.show(lot.quantity)} {each.name}{until if lot.expires_on else ''}"
            typer.echo(labelled(say("Added", "Ajouté"), added))

    run(work)


@app.command(help=say("Take from the stock.", "Prendre du stock."))
def use(
    what: Lines,
    *,
    spoiled: Annotated[bool, typer.Option("--spoiled", help=say("It went bad.", "C'était gâté."))] = False,
    given: Annotated[bool, typer.Option("--given", help=say("It was given away.", "C'était donné."))] = False,
    everything: Annotated[bool, typer.Option("--all", help=say("All there is.", "Tout ce qu'il y a."))] = False,
) -> None:
    if spoiled and given:
        raise typer.BadParameter(say("either --spoiled or --given", "--spoiled ou --given, pas les deux"))
    reason: Reason = "spoiled" if spoiled else "given" if given else "used"

    async def work(popote: Popote) -> None:
        stock = popote.api.stock
        units = await known_units(stock)
        said = [Said(each) for each in what] if everything else counted(units, what)
        items = await asyncio.gather(*(item_named(stock, each.name) for each in said))
        lines = [
            ConsumeLine(item_id=item.id, quantity=each.quantity or "all")
            for item, each in zip(items, said, strict=True)
        ]
        names = {item.id: item.name for item in items}
        try:
            done = await stock.consume(lines, reason)
        except Problem as problem:
            if problem.type == NOT_ENOUGH:
                for line in missing(msgspec.convert(problem.facts, Shortage), names, units, reason):
                    note(line)
            raise
        for line in taken(done.takes, names, units, reason):
            typer.echo(line)

    run(work)


def counted(units: Units, what: Sequence[str]) -> list[Said]:
    """Tell amount, unit and name of each apart, of which there must be all.

    Raises:
        BadParameter: something is missing.
    """
    said = understood(units, what)
    for each in said:
        if each.quantity is None:
            raise typer.BadParameter(
                say(f"how much of “{each.name}”? Or all of it: --all", f"combien de « {each.name} » ? Ou tout : --all")
            )
    return said


async def item_named(stock: StockApi, said: str) -> Item:
    """Return the item of that name, else the only one that a search finds; tell of one that differs by its plural.

    Raises:
        Unclear: there is none, or there are several.
    """
    hits = (await stock.list_items(said[:SEARCHED])).items
    item = choose(said, hits)
    for other in alike(said, hits):
        if other.id != item.id:
            note(say(f"There is “{other.name}”, too.", f"Il y a aussi « {other.name} »."))
    return item


@app.command(
    help=say("Take back what you did last, or another action.", "Annuler votre dernière action, ou une autre.")
)
def undo(
    action: Annotated[
        UUID | None,
        typer.Argument(
            metavar="ACTION",
            show_default=False,
            help=say("Its ID, from popote stock journal --ids.", "Son ID, de popote stock journal --ids."),
        ),
    ] = None,
) -> None:
    async def work(popote: Popote) -> None:
        stock = popote.api.stock
        units, page = await asyncio.gather(known_units(stock), stock.list_journal(limit=MOST))
        latest = {each.id: each for each in page.items}
        chosen = action or last_of_mine(page.items, popote.session.user.id)
        if chosen in latest:
            note(told_with_time(stands_for(latest[chosen], latest) or latest[chosen], units))
        if action is None and is_interactive() and not typer.confirm(say("Take it back?", "L'annuler ?"), err=True):
            return
        try:
            done = await stock.undo_action(chosen)
        except Problem as problem:
            tell_blocking(problem, latest, units)
            raise
        typer.echo(
            say(
                f"Undone. To take that back: {UNDO} {done.action_id}",
                f"Annulé. Pour revenir en arrière : {UNDO} {done.action_id}",
            )
        )

    run(work)


def last_of_mine(actions: Sequence[Action], person: UUID) -> UUID:
    """Return the id of the person's last action that stands.

    Raises:
        NothingToUndo: there is none.
    """
    last = last_standing(actions, person)
    if last is None:
        raise NothingToUndo
    return last.id


def tell_blocking(problem: Problem, known: dict[UUID, Action], units: Units) -> None:
    """Say which actions have to be undone first, where that is the problem."""
    if problem.type != BLOCKED:
        return
    for each in msgspec.convert(problem.facts, Blocked).blocked_by:
        later = known.get(each.action_id)
        what = f"  # {told_with_time(later, units)}" if later else ""
        note(f"{UNDO} {each.action_id}{what}")


def told_with_time(action: Action, units: Units) -> str:
    return f"{moment(action.at).people} {happened(action, units)}"
