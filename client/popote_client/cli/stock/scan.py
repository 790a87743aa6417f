"""`popote stock scan`: what a barcode is."""

from typing import Annotated

import typer

from popote_client.backend import JSON
from popote_client.cli.output import note
from popote_client.cli.run import run
from popote_client.cli.stock.telling import labelled
from popote_client.cli.stock.words import AsJson, known_units
from popote_client.cli.table import cell
from popote_client.client import Popote
from popote_client.language import say
from popote_client.stock.api import StockApi
from popote_client.stock.barcodes import Barcode, Scan
from popote_client.stock.choosing import Unclear
from popote_client.stock.units import Units

app = typer.Typer()

TRIES = 4  # each waits for the look-up by itself


class UnknownProduct(Unclear):
    code = "UNKNOWN_PRODUCT"
    en = "Nobody here knows the product {code}."
    fr = "Personne ici ne connaît le produit {code}."


class LookedUp(Unclear):
    code = "STILL_LOOKED_UP"
    en = "The product {code} is still being looked up. Scan it again in a minute."
    fr = "Le produit {code} est encore en cours de recherche. Scannez-le à nouveau dans une minute."


@app.command(help=say("Tell what a barcode is.", "Dire ce qu'est un code-barres."))
def scan(
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE",
            help=say("Its digits, or all that the scanner read.", "Ses chiffres, ou tout ce que le lecteur a lu."),
        ),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    async def work(popote: Popote) -> None:
        found = await looked_up(popote.api.stock, code)
        if as_json:
            typer.echo(JSON.encode(found))
            return
        for line in described(found, await known_units(popote.api.stock)):
            typer.echo(line)
        if found.product:
            note(found.product.attribution)

    run(work)


async def looked_up(stock: StockApi, code: str) -> Barcode:
    """Look a code up.

    Raises:
        Unclear: nobody knows it, or not yet.
    """
    for _ in range(TRIES):
        found = await stock.look_up_scan(code)
        if found.status != "pending":
            break
    if reason := unknown(found):
        raise reason
    return found


def unknown(found: Barcode) -> Unclear | None:
    """Say why a code tells nothing, where it does not."""
    if found.status in {"item", "found"}:
        return None
    kind = LookedUp if found.status == "pending" else UnknownProduct
    return kind(code=found.code or found.gtin)


def described(found: Barcode, units: Units) -> list[str]:
    """Tell what the code is, a line a fact."""
    lines: list[str] = []
    if found.item:
        lines.append(say(f"Yours: {found.item.name}", f"À vous : {found.item.name}"))
    elif found.product:
        facts = (found.product.name, found.product.brands, found.product.quantity_text)
        lines.append(", ".join(fact for fact in facts if fact))
    return lines + (printed(found.scan, units) if found.scan else [])


def printed(scan: Scan, units: Units) -> list[str]:
    """Tell what the code says beside the product."""
    facts = (
        (say("Best before", "De préférence avant"), cell(scan.best_before).people),
        (say("Use by", "À consommer jusqu'au"), cell(scan.use_by).people),
        (say("Lot", "Lot"), scan.lot or ""),
        (say("Content", "Contenu"), units.show(scan.quantity) if scan.quantity else ""),
    )
    return [labelled(name, value) for name, value in facts if value]
