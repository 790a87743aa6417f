"""`popote shop`: shopping lists, from the first line to the end of the trip."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from popote_client.cli.output import note
from popote_client.cli.run import run
from popote_client.cli.shop_lines import bought, lines_named, text, uncounted
from popote_client.cli.stock.words import AsJson, known_units, understood
from popote_client.cli.table import Cell, Ids, amount, cell, show
from popote_client.client import Popote
from popote_client.language import count, say
from popote_client.problems import Problem
from popote_client.stock.api import StockApi
from popote_client.stock.choosing import Unclear, alike, choose_named, exactly
from popote_client.stock.items import SEARCHED
from popote_client.stock.lists import ListLine, NewLine, ShoppingList, Tick
from popote_client.stock.units import Said, Units

app = typer.Typer()
shop = typer.Typer(help=say("What your household must buy.", "Ce que votre foyer doit acheter."), no_args_is_help=True)
app.add_typer(shop, name="shop")

OnList = Annotated[
    str | None,
    typer.Option(
        "--list", metavar="NAME", help=say("Which list; default: the only one.", "Quelle liste ; défaut : la seule.")
    ),
]
Words = Annotated[
    list[str],
    typer.Argument(
        metavar="WHAT…", help=say("Words of a line, each in quotes.", "Des mots d'une ligne, entre guillemets.")
    ),
]


class NoList(Unclear):
    code = "NO_LIST"
    en = "There is no list yet. Make one: popote shop new NAME"
    fr = "Il n'y a pas encore de liste. Créez-en une : popote shop new NOM"


class WhichList(Unclear):
    code = "WHICH_LIST"
    en = "There are several lists: {names}. Say which one."
    fr = "Il y a plusieurs listes : {names}. Dites laquelle."


@shop.command(help=say("List the shopping lists.", "Lister les listes de courses."))
def lists(*, as_json: AsJson = False, ids: Ids = False) -> None:
    found = run(lambda popote: popote.api.stock.list_shopping_lists())
    show(
        found,
        (say("List", "Liste"), say("To buy", "À acheter"), say("Ticked", "Cochés"), "ID"),
        lambda each: [cell(each.name), cell(each.open), cell(each.ticked), cell(each.id)],
        as_json=as_json,
        ids=ids,
        nothing=NoList().sentence(),
    )


@shop.command(help=say("Make a list.", "Créer une liste."))
def new(name: Annotated[str, typer.Argument(metavar="NAME", help=say("As in market.", "Par exemple marché."))]) -> None:
    made = run(lambda popote: popote.api.stock.create_shopping_list(name))
    typer.echo(say(f"Made: {made.name}", f"Créée : {made.name}"))


@shop.command("show", help=say("Read a list, in the order of the aisles.", "Lire une liste, dans l'ordre des rayons."))
def show_(
    name: Annotated[
        str | None, typer.Argument(metavar="[LIST]", help=say("Default: the only one.", "Défaut : la seule."))
    ] = None,
    *,
    as_json: AsJson = False,
    ids: Ids = False,
) -> None:
    async def work(popote: Popote) -> None:
        stock = popote.api.stock
        chosen, units, categories = await asyncio.gather(
            the_list(stock, name), known_units(stock), stock.list_categories()
        )
        found = await stock.list_shopping_lines(chosen.id)
        aisles: dict[UUID | None, str] = {category.id: category.name for category in categories}
        show(
            found,
            ("", say("What", "Quoi"), say("Amount", "Quantité"), say("Aisle", "Rayon"), say("Note", "Note"), "ID"),
            lambda line: row(line, units, aisles.get(line.category_id)),
            as_json=as_json,
            ids=ids,
            nothing=say("Nothing is on this list.", "Rien sur cette liste."),
        )

    run(work)


def row(line: ListLine, units: Units, aisle: str | None) -> list[Cell]:
    mark = Cell("✓", "x") if line.is_ticked else cell(None)
    return [mark, cell(line.name), amount(line.quantity, units), cell(aisle), cell(line.note), cell(line.id)]


@shop.command(help=say("Put something on a list.", "Mettre quelque chose sur une liste."))
def add(
    what: Annotated[
        list[str], typer.Argument(metavar="WHAT…", help=say('As in "2 l milk".', "Par exemple « 2 l de lait »."))
    ],
    *,
    on: OnList = None,
) -> None:
    async def work(popote: Popote) -> None:
        stock = popote.api.stock
        chosen, units = await asyncio.gather(the_list(stock, on), known_units(stock))
        lines = await asyncio.gather(*(line_of(stock, each) for each in understood(units, what)))
        tell_lines(await stock.add_shopping_lines(chosen.id, lines), units)

    run(work)


async def line_of(stock: StockApi, said: Said) -> NewLine:
    """Return a line, of the item of exactly that name, or of the only one that is alike, where there is one."""
    hits = (await stock.list_items(said.name[:SEARCHED])).items
    items = exactly(said.name, hits) or alike(said.name, hits)
    if len(items) == 1:
        return NewLine(item_id=items[0].id, quantity=said.quantity)
    return NewLine(name=said.name, quantity=said.quantity)


@shop.command(help=say("Tick what is in the trolley.", "Cocher ce qui est dans le chariot."))
def tick(what: Words, *, on: OnList = None) -> None:
    run(lambda popote: mark(popote.api.stock, what, on, is_ticked=True))


@shop.command(help=say("Take ticks away.", "Décocher."))
def untick(what: Words, *, on: OnList = None) -> None:
    run(lambda popote: mark(popote.api.stock, what, on, is_ticked=False))


async def mark(stock: StockApi, what: Sequence[str], on: str | None, *, is_ticked: bool) -> None:
    """Tick the lines that the words name, or untick them, and tell which."""
    chosen, units = await asyncio.gather(the_list(stock, on), known_units(stock))
    lines = [line for line in await stock.list_shopping_lines(chosen.id) if line.is_ticked != is_ticked]
    named = {line.id: line for said in what for line in lines_named(said, lines)}
    at = datetime.now(UTC)
    ticked = await stock.tick_shopping_lines(chosen.id, [Tick(line, is_ticked, at) for line in named])
    tell_lines(ticked.items, units)
    if ticked.superseded or ticked.gone:
        note(
            say(
                "Somebody else was there before you; look at the list.",
                "Quelqu'un est passé avant vous ; relisez la liste.",
            )
        )


@shop.command(
    help=say("Put on a list what falls short of its minimum.", "Mettre sur une liste ce qui passe sous son minimum.")
)
def fill(*, on: OnList = None) -> None:
    async def work(popote: Popote) -> None:
        stock = popote.api.stock
        chosen, units = await asyncio.gather(the_list(stock, on), known_units(stock))
        lines = await stock.fill_shopping_list(chosen.id)
        if not lines:
            note(say("Nothing is lacking.", "Il ne manque rien."))
        tell_lines(lines, units)

    run(work)


@shop.command(
    help=say("End the trip: what is ticked goes into the stock.", "Finir les courses : ce qui est coché va en stock.")
)
def done(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=AMOUNT]…",
            help=say(
                'What you bought where that differs, as in "butter=250 g".',
                "Ce que vous avez acheté si c'est différent, par exemple « beurre=250 g ».",
            ),
        ),
    ] = None,
    *,
    on: OnList = None,
) -> None:
    async def work(popote: Popote) -> None:
        stock = popote.api.stock
        chosen, units = await asyncio.gather(the_list(stock, on), known_units(stock))
        lines = [line for line in await stock.list_shopping_lines(chosen.id) if line.is_ticked]
        try:
            lots = (await stock.commit_shopping_trip(chosen.id, bought(what or (), lines, units))).lots
        except Problem as problem:
            if hint := uncounted(problem, lines, units):
                note(hint)
            raise
        typer.echo(
            count(
                len(lots),
                one=("In stock: {n} line of the list.", "En stock : {n} ligne de la liste."),
                several=("In stock: {n} lines of the list.", "En stock : {n} lignes de la liste."),
            )
        )
        note(say("To take that back: popote stock undo", "Pour revenir en arrière : popote stock undo"))

    run(work)


async def the_list(stock: StockApi, name: str | None) -> ShoppingList:
    """Return the list of that name, or without a name the only one.

    Raises:
        Unclear: there is none, or there are several.
    """
    every = await stock.list_shopping_lists()
    if not every:
        raise NoList
    if name is None and len(every) > 1:
        raise WhichList(names=", ".join(each.name for each in every))
    return every[0] if name is None else choose_named(name, every)


def tell_lines(lines: Sequence[ListLine], units: Units) -> None:
    for line in lines:
        typer.echo(f"{'✓' if line.is_ticked else '·'} {text(line, units)}")
