"""What the commands on stock and shopping have in common: units, places and days in people's words."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from popote_client.language import say
from popote_client.stock.api import StockApi
from popote_client.stock.choosing import choose_named
from popote_client.stock.places import Location
from popote_client.stock.units import NotUnderstood, Said, Units

DAY_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")
AsJson = Annotated[bool, typer.Option("--json", help=say("One JSON object a line.", "Un objet JSON par ligne."))]
Place = Annotated[
    str | None,
    typer.Option("--at", metavar="PLACE", help=say("The place, as in fridge.", "Le lieu, par exemple frigo.")),
]


async def known_units(stock: StockApi) -> Units:
    """Return the units, as people call them in either language."""
    return Units(await stock.list_units())


async def place_named(stock: StockApi, said: str | None) -> Location | None:
    """Return the place of that name, or the only one whose name holds the words.

    Raises:
        Unclear: there is none, or there are several.
    """
    return None if said is None else choose_named(said, await stock.list_locations())


def understood(units: Units, what: Sequence[str]) -> list[Said]:
    """Tell amount, unit and name of each apart.

    Raises:
        BadParameter: that is not possible.
    """
    try:
        return [units.understand(each) for each in what]
    except NotUnderstood as error:
        raise typer.BadParameter(quoted(units, " ".join(what)) or error.sentence()) from error


def quoted(units: Units, words: str) -> str | None:
    """Say how to put quotes around words that make sense together."""
    try:
        together = units.understand(words)
    except NotUnderstood:
        return None
    hint = say(f'put quotes around what belongs together: "{words}"', f'mettez entre guillemets : "{words}"')
    return hint if together.quantity else None


def day(text: str) -> date:
    """Read a day as in 2026-12-31 or 31/12/2026.

    Raises:
        BadParameter: it is none.
    """
    for form in DAY_FORMS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  # a day has no time zone
        except ValueError:
            continue
    raise typer.BadParameter(say("a day as in 2026-12-31", "une date comme 31/12/2026"))


def money(text: str) -> Decimal:
    """Read an amount of money as in 3.49 or 3,49.

    Raises:
        BadParameter: it is none.
    """
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise typer.BadParameter(say("a price as in 3.49", "un prix comme 3,49"))
    return value
