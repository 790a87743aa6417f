"""`popote recipes import`: recipes from pages, files and pastes, looked at before they are kept."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from popote_client.backend import JSON
from popote_client.cli.exits import UNFORESEEN
from popote_client.cli.output import is_interactive, note
from popote_client.cli.recipes.choosing import Servings, Yes
from popote_client.cli.recipes.cookbook import is_cookbook
from popote_client.cli.recipes.cookbook import tell as tell_taken
from popote_client.cli.recipes.keeping import STDIN, USUAL_SERVINGS, tell_kept
from popote_client.cli.recipes.telling import tell, understood
from popote_client.cli.run import run
from popote_client.cli.stock.tables import content
from popote_client.cli.stock.words import AsJson, known_units
from popote_client.client import Popote
from popote_client.language import say
from popote_client.recipes.drafts import Draft, Source
from popote_client.recipes.recipes import NewRecipe
from popote_client.stock.units import Units

app = typer.Typer()

ADDRESS = re.compile(r"https?://", re.IGNORECASE)
HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|script|div|article)\b", re.IGNORECASE | re.DOTALL)
JSON_TEXT = re.compile(r"\s*[\[{]")


@app.command(
    "import", help=say("Read a recipe from elsewhere, and keep it.", "Lire une recette d'ailleurs, la garder.")
)
def import_(  # noqa: PLR0913  # what may be said of a recipe
    source: Annotated[
        str,
        typer.Argument(
            metavar=say("URL|FILE|-", "URL|FICHIER|-"),
            help=say("A page, a text, schema.org JSON, a cookbook.", "Une page, un texte, du JSON schema.org, un zip."),
        ),
    ],
    *,
    model_output: Annotated[
        bool, typer.Option("--model-output", help=say("It is what a model said.", "C'est ce qu'a dit un modèle."))
    ] = False,
    title: Annotated[str | None, typer.Option(help=say("Another title.", "Un autre titre."))] = None,
    servings: Servings = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    if ADDRESS.match(source):
        asked = Source(url=source)
    else:
        body = content(STDIN if source == "-" else Path(source))
        if is_cookbook(body):
            take(body, as_json=as_json)
            return
        asked = source_in(body, is_model_output=model_output)

    async def work(popote: Popote) -> None:
        draft = await popote.api.recipes.import_recipe(asked)
        if not as_json:
            show(draft, await known_units(popote.api.stock))
        if not draft.is_usable:
            raise typer.Exit(UNFORESEEN)
        recipe = confirmed(draft, title, servings, is_sure=yes, may_ask=not as_json and is_interactive())
        kept = await popote.api.recipes.create_recipe(recipe) if recipe else None
        if as_json:
            typer.echo(JSON.encode(kept or draft))
        elif kept:
            tell_kept(kept)

    run(work)


def take(body: bytes, *, as_json: bool) -> None:
    """Keep the recipes of a cookbook."""
    taken = run(lambda popote: popote.api.recipes.import_cookbook(body))
    if as_json:
        typer.echo(JSON.encode(taken))
    else:
        tell_taken(taken)


def source_in(body: bytes, *, is_model_output: bool) -> Source:
    """Return what is to be read, by what it looks like."""
    text = decoded(body)
    if is_model_output:
        return Source(model_output=text)
    if HTML.match(text):
        return Source(html=text)
    return Source(json=text) if JSON_TEXT.match(text) else Source(text=text)


def decoded(text: bytes) -> str:
    """Return a text in UTF-8, or as old pages of western Europe are written."""
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError:
        return text.decode("cp1252", errors="replace")


def show(draft: Draft, units: Units) -> None:
    """Print a draft with what was understood, and what to look at."""
    if draft.is_usable:
        tell(draft, lambda ingredient: understood(ingredient, units))
    for warned in draft.warnings:
        note(warned.message)


def confirmed(
    draft: Draft, title: str | None, servings: Decimal | None, *, is_sure: bool, may_ask: bool
) -> NewRecipe | None:
    """Return what the person wants to keep of a draft, None if nothing; who may be asked is, for what it lacks too.

    Raises:
        BadParameter: it lacks a title, and nobody may be asked.
    """
    if not is_sure and not may_ask:
        note(say("Nothing is kept. To keep it: --yes", "Rien n'est gardé. Pour la garder : --yes"))
        return None
    if not is_sure and not typer.confirm(say("Keep it?", "La garder ?"), default=True, err=True):
        return None
    return draft.confirmed(
        title or draft.title or asked_title(may_ask=may_ask),
        servings or draft.servings or asked_servings(may_ask=may_ask),
    )


def asked_title(*, may_ask: bool) -> str:
    if may_ask:
        return str(typer.prompt(say("Title", "Titre"), err=True))
    raise typer.BadParameter(
        say("it has no title: say one", "elle n'a pas de titre : dites-en un"), param_hint="--title"
    )


def asked_servings(*, may_ask: bool) -> Decimal:
    if may_ask:
        return Decimal(
            typer.prompt(say("For how many", "Pour combien"), default=int(USUAL_SERVINGS), type=int, err=True)
        )
    note(say(f"It is kept as for {USUAL_SERVINGS}.", f"Elle est gardée comme pour {USUAL_SERVINGS}."))
    return USUAL_SERVINGS
