"""`popote recipes`: the household's cookbook."""

import typer

from popote_client.cli.recipes import cookable, cookbook, cooked, cooking, importing, keeping, plan, views
from popote_client.language import say

app = typer.Typer()
recipes = typer.Typer(
    help=say("Recipes, from the page to the plate.", "Les recettes, de la page à l'assiette."), no_args_is_help=True
)
for part in (views.app, keeping.app, importing.app, cookable.app, plan.app, cooking.app, cooked.app, cookbook.app):
    recipes.add_typer(part)
app.add_typer(recipes, name="recipes")
