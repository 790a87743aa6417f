"""`popote stock`: what the household has."""

import typer

from popote_client.cli.stock import acts, scan, tables, views
from popote_client.language import say

app = typer.Typer()
stock = typer.Typer(help=say("What your household has.", "Ce que votre foyer a."), no_args_is_help=True)
for part in (views.app, acts.app, tables.app, scan.app):
    stock.add_typer(part)
app.add_typer(stock, name="stock")
