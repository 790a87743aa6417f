"""Nutrients in words: as options of commands, and as lines of a table."""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, NamedTuple

import typer

from popote_client.cli.table import Cell, cell, show_table
from popote_client.food.analyses import Missing
from popote_client.food.nutrients import Nutrients
from popote_client.language import language, say
from popote_client.stock.quantities import digits

WHOLE_FROM = 10  # grams that are shown without decimals


class Entry(NamedTuple):
    """What a nutrient is called, and the unit that it is told in."""

    en: str
    fr: str
    unit: str


ENTRIES: dict[str, Entry] = {
    "energy_kj": Entry("Energy", "Énergie", "kJ"),
    "energy_kcal": Entry("Energy", "Énergie", "kcal"),
    "fat_g": Entry("Fat", "Matières grasses", "g"),
    "saturates_g": Entry("of which saturates", "dont acides gras saturés", "g"),
    "carbohydrate_g": Entry("Carbohydrate", "Glucides", "g"),
    "sugars_g": Entry("of which sugars", "dont sucres", "g"),
    "fibre_g": Entry("Fibre", "Fibres alimentaires", "g"),
    "protein_g": Entry("Protein", "Protéines", "g"),
    "salt_g": Entry("Salt", "Sel", "g"),
    "alcohol_g": Entry("Alcohol", "Alcool", "g"),
    "polyols_g": Entry("of which polyols", "dont polyols", "g"),
}
COUNTED = tuple(ENTRIES)[:-2]  # the rest is told where there is some
REASONS = {
    "unmatched_food": ("no food of that name is known", "aucun aliment connu de ce nom"),
    "unknown_conversion": ("what that amount weighs is not known", "on ne sait pas ce que pèse cette quantité"),
    "no_quantity": ("it says no amount", "la quantité n'est pas dite"),
}


def number(text: str) -> Decimal:
    """Read an amount as in 3.5 or 3,5.

    Raises:
        BadParameter: it is none.
    """
    try:
        value = Decimal(text.replace(",", "."))
    except ArithmeticError:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise typer.BadParameter(say("a number as in 3.5", "un nombre comme 3,5"))
    return value


def option(name: str, code: str) -> Any:  # as typer.Option
    entry = ENTRIES[code]
    what = f"{say(entry.en, entry.fr)}, {entry.unit}."
    return typer.Option(f"--{name}", parser=number, metavar=say("NUMBER", "NOMBRE"), help=what)


Kcal = Annotated[Decimal | None, option("kcal", "energy_kcal")]
Kj = Annotated[Decimal | None, option("kj", "energy_kj")]
Fat = Annotated[Decimal | None, option("fat", "fat_g")]
Saturates = Annotated[Decimal | None, option("saturates", "saturates_g")]
Carbohydrate = Annotated[Decimal | None, option("carbohydrate", "carbohydrate_g")]
Sugars = Annotated[Decimal | None, option("sugars", "sugars_g")]
Fibre = Annotated[Decimal | None, option("fibre", "fibre_g")]
Protein = Annotated[Decimal | None, option("protein", "protein_g")]
Salt = Annotated[Decimal | None, option("salt", "salt_g")]


def named(code: str) -> str:
    entry = ENTRIES[code]
    return say(entry.en, entry.fr)


def told(code: str, amount: Decimal | None) -> str:
    """Say an amount as people read it: energy whole, grams to a tenth below ten, salt to a hundredth."""
    if amount is None:
        return ""
    places = 0 if code.startswith("energy") or amount >= WHOLE_FROM else 2 if code == "salt_g" else 1
    rounded = digits(amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
    return f"{rounded.replace('.', ',') if language() == 'fr' else rounded} {ENTRIES[code].unit}"


def measured(code: str, amount: Decimal | None, coverage: Decimal | None = None) -> Cell:
    """Return an amount for a table, at least as much where not all of it is known."""
    if amount is None:
        return Cell(say("unknown", "inconnu"), "", is_whole=True)
    least = "≥ " if coverage is not None and coverage < 1 else ""
    return Cell(f"{least}{told(code, amount)}", digits(amount), is_whole=True)


def share(part: Decimal | None) -> Cell:
    """Return a share in percent; only all of it is 100 %."""
    if part is None:
        return cell(None)
    percent = int(part * 100)
    return Cell(f"{percent} %" if language() == "fr" else f"{percent}%", digits(part), is_whole=True)


class Column(NamedTuple):
    """A heading, and what stands below it for each nutrient."""

    heading: str
    cell: Callable[[str], Cell]


def amounts(heading: str, nutrients: Nutrients, coverage: Mapping[str, Decimal] | None = None) -> Column:
    """Return the column of what something holds; where `coverage` says so, it is at least as much."""
    shares = coverage or {}
    return Column(heading, lambda code: measured(code, getattr(nutrients, code), shares.get(code)))


def wished(heading: str, goals: Nutrients) -> Column:
    """Return the column of what is wanted; what has no goal is left blank."""
    wanted = dict(goals.known())
    return Column(heading, lambda code: measured(code, wanted[code]) if code in wanted else cell(None))


def known(coverage: Mapping[str, Decimal]) -> Column:
    """Return the column that tells of how much of the food each nutrient is known."""
    return Column(say("Known", "Connu"), lambda code: share(coverage.get(code)))


def counted(nutrients: Nutrients) -> list[str]:
    """Return the nutrients to tell of: those of a label, and alcohol and polyols where there are some."""
    return [code for code in ENTRIES if code in COUNTED or getattr(nutrients, code)]


def show_nutrients(codes: Sequence[str], *columns: Column) -> None:
    """Print columns, a line a nutrient."""
    rows = [[Cell(named(code), code), *(column.cell(code) for column in columns)] for code in codes]
    show_table(["", *(column.heading for column in columns)], rows)


def lacking(missing: Sequence[Missing]) -> list[str]:
    """Say what a total does not hold, and why, a line each."""
    return [why(each.line, each.reason, each.nutrients) for each in missing]


def why(line: str, reason: str, nutrients: Sequence[str]) -> str:
    """Say why something is not counted, or what is not known of it."""
    if reason == "no_value":
        unknown = ", ".join(dict.fromkeys(named(code) for code in nutrients)) or say("values", "valeurs")
        return say(f"Not known of {line}: {unknown}", f"Inconnu pour {line} : {unknown}")
    sentence = say(*REASONS.get(reason, (reason, reason)))
    return say(f"Not counted: {line} ({sentence})", f"Non compté : {line} ({sentence})")
