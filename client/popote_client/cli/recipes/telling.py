"""A recipe in words, as wide as the terminal."""

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

import typer

from popote_client.cli.nutrients import share
from popote_client.cli.output import note, readable
from popote_client.cli.stock.telling import labelled
from popote_client.language import count, is_plural, language, say
from popote_client.recipes.cookable import ServedLine
from popote_client.recipes.cooking import Lacking
from popote_client.recipes.drafts import Draft
from popote_client.recipes.lines import Ingredient
from popote_client.recipes.recipes import Recipe, Step
from popote_client.stock.quantities import Quantity, digits
from popote_client.stock.units import Units

DIGITS = 3  # of an amount that are shown, at least those before the point
HOUR = 60
SURE = 0.8  # from where on it is not told how sure a line was read
NAMED = 3  # candidates for a name, at most
MARGIN = "  "
REASONS: Mapping[str, tuple[str, str]] = {
    "unknown_conversion": ("can't be compared with what there is", "incomparable avec ce qu'il y a"),
    "unmatched": ("nobody knows what that is", "on ne sait pas ce que c'est"),
}


def echo(line: str, indent: str = "") -> None:
    """Print a line; on a terminal it is broken between words, and goes on below its beginning."""
    if not sys.stdout.isatty():
        typer.echo(line)
        return
    begin = line[: len(line) - len(line.lstrip())]
    width = max(shutil.get_terminal_size().columns, 20)
    for each in readable(line).splitlines() or [""]:
        wrapped = textwrap.wrap(each, width, subsequent_indent=indent or begin, break_on_hyphens=False)
        typer.echo("\n".join(wrapped))


def tell(recipe: Recipe | Draft, line: Callable[[Ingredient], str]) -> None:
    """Print a recipe: what it is, its ingredients as `line` has them, its steps; and what its lines leave open."""
    typer.secho(readable(recipe.title or say("(without a title)", "(sans titre)")), bold=True)
    for each in (about(recipe.servings, recipe.minutes, recipe.tags, recipe.yield_text), recipe.description):
        if each:
            echo(each)
    tell_ingredients([(each.section, line(each)) for each in recipe.ingredients])
    tell_steps(recipe.steps)
    if recipe.source_url or recipe.source_name:
        note(labelled(say("From", "Source"), " ".join(filter(None, (recipe.source_name, recipe.source_url)))))
    for each in left_open(recipe.ingredients):
        note(each)


def tell_ingredients(lines: Iterable[tuple[str, str]]) -> None:
    """Print lines below the titles of their sections."""
    typer.echo()
    now = ""
    for section, line in lines:
        if section != now:
            echo(labelled(section, "").rstrip())
            now = section
        echo(f"{MARGIN}{line}", MARGIN * 2)


def tell_steps(steps: Sequence[Step]) -> None:
    now = ""
    for number, step in enumerate(steps, 1):
        if number == 1 or step.section != now:
            typer.echo()
        if step.section != now:
            echo(labelled(step.section, "").rstrip())
            now = step.section
        time = f" ({minutes(step.minutes)})" if step.minutes else ""
        echo(f"{number}. {step.text}{time}", MARGIN)


def about(for_how_many: Decimal | None, takes: int | None, tags: Sequence[str], yield_text: str = "") -> str:
    """Say in a line for how many it is, how long it takes, and how it is tagged."""
    is_said = for_how_many is not None and digits(for_how_many) in yield_text.split()
    told = [
        servings(for_how_many) if for_how_many else "",
        "" if is_said else yield_text,
        minutes(takes) if takes else "",
        ", ".join(tags),
    ]
    return " · ".join(filter(None, told))


def servings(amount: Decimal) -> str:
    word = say("servings", "portions") if is_plural(amount) else say("serving", "portion")
    return f"{decimal(amount)} {word}"


def minutes(time: int) -> str:
    """Say how long something takes: 45 min, 1 h 30."""
    hours, rest = divmod(time, HOUR)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02}" if rest else f"{hours} h"


def decimal(amount: Decimal) -> str:
    shown = digits(rounded(amount))
    return shown.replace(".", ",") if language() == "fr" else shown


def rounded(amount: Decimal) -> Decimal:
    """Return an amount to three digits, and whole from a hundred on: more can't be measured in a kitchen."""
    places = max(DIGITS - 1 - max(amount.adjusted(), 0), 0)
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def shown(quantity: Quantity, units: Units) -> str:
    """Write a quantity as a kitchen can measure it, also one that is next to nothing."""
    amount = rounded(quantity.amount) or quantity.amount
    return units.show(Quantity(amount, quantity.unit))


def read(ingredient: Ingredient, units: Units, *, is_scaled: bool) -> str:
    """Return a line as it was written, or for other servings as it was understood."""
    if not is_scaled:
        return ingredient.line
    if ingredient.quantity is None:
        unscaled = say("as written", "tel quel")
        return ingredient.line if ingredient.is_to_taste else f"{ingredient.line} ({unscaled})"
    amount = shown(ingredient.quantity, units)
    if ingredient.at_most:
        least = decimal(ingredient.quantity.amount)
        amount = f"{least}-{shown(ingredient.at_most, units)}"
    more = f", {ingredient.note}" if ingredient.note else ""
    return f"{amount} {ingredient.name}{more}"


def understood(ingredient: Ingredient, units: Units) -> str:
    """Return a line as it was written, and what it is taken for, with how sure that is where it is not."""
    amount = f"{shown(ingredient.quantity, units)} " if ingredient.quantity else ""
    return f"{ingredient.line}  → {amount}{taken_for(ingredient)}"


def taken_for(ingredient: Ingredient) -> str:
    if ingredient.food_name is None and not ingredient.is_to_taste:
        return f"{ingredient.name}?"
    name = ingredient.food_name or ingredient.name
    return name if ingredient.confidence >= SURE else f"{name} ({share(Decimal(str(ingredient.confidence))).people})"


def lacking(lines: Iterable[ServedLine]) -> list[Lacking]:
    """Return what lacks of lines."""
    return [
        Lacking(line=each.line, name=each.name, status=each.status, missing=each.short)
        for each in lines
        if not each.is_covered
    ]


def lacking_told(lacking: Lacking, units: Units) -> str:
    """Say how much of what lacks, and why where that is not plain."""
    what = f"{shown(lacking.missing, units)} {lacking.name}" if lacking.missing else lacking.line
    why = say(*REASONS.get(lacking.status, ("", "")))
    return f"{what} ({why})" if why else what


def left_open(ingredients: Iterable[Ingredient]) -> Iterator[str]:
    """Tell which lines are not understood, and what to do."""
    lines = [each for each in ingredients if not each.is_to_taste and each.recipe_id is None]
    yield from (which_food(each) for each in lines if each.link == "ask")
    unknown = [each.name or each.line for each in lines if each.link == "unmatched"]
    if unknown:
        told = ", ".join(f"“{name}”" if language() == "en" else f"« {name} »" for name in dict.fromkeys(unknown))
        yield say(
            f"No food is known as {told}. Say which it is: popote food teach NAME FOOD",
            f"Aucun aliment connu pour {told}. Dites lequel : popote food teach NOM ALIMENT",
        )
    if waiting := sum(each.link == "waiting" for each in lines):
        yield count(
            waiting,
            one=("{n} line has not been read yet.", "{n} ligne n'a pas encore été lue."),
            several=("{n} lines have not been read yet.", "{n} lignes n'ont pas encore été lues."),
        )


def which_food(ingredient: Ingredient) -> str:
    candidates = ", ".join(each.name for each in ingredient.candidates[:NAMED])
    name = ingredient.name or ingredient.line
    return say(
        f"Which food is “{name}”: {candidates}? Say it: popote food teach NAME FOOD",
        f"Quel aliment est « {name} » : {candidates} ? Dites-le : popote food teach NOM ALIMENT",
    )
