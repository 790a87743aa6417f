"""Lines of shopping lists in words: which ones are meant, what was bought of them, and which can't be counted."""

from collections.abc import Sequence

import typer

from popote_client.language import say
from popote_client.problems import Problem
from popote_client.stock.choosing import WhichOne, alike, exactly, holding, unclear
from popote_client.stock.lists import BoughtLine, ListLine
from popote_client.stock.units import NotUnderstood, Units, plain

UNKNOWN_CONVERSION = "/problems/unknown-conversion"


def text(line: ListLine, units: Units) -> str:
    return f"{units.show(line.quantity)} {line.name}" if line.quantity else line.name


def lines_named(said: str, lines: Sequence[ListLine]) -> Sequence[ListLine]:
    """Return the lines of exactly that name, else of one that is alike, else the only one whose name holds the words.

    Raises:
        Unclear: there is none, or there are several.
    """
    found = exactly(said, lines) or alike(said, lines) or holding(said, lines)
    if len({line.name for line in found}) != 1:
        raise unclear(said, found)
    return found


def line_named(said: str, lines: Sequence[ListLine], units: Units) -> ListLine:
    """Return the line that reads as was said, else the only one of that name."""
    found = [line for line in lines if plain(text(line, units)) == plain(said)] or lines_named(said, lines)
    if len(found) > 1:
        raise WhichOne(said=said, names=", ".join(text(line, units) for line in found))
    return found[0]


def bought(what: Sequence[str], lines: Sequence[ListLine], units: Units) -> list[BoughtLine]:
    """Read what was bought of which line, each as in butter=250 g.

    Raises:
        BadParameter: it is said otherwise.
        Unclear: no line goes by that name, or several do.
    """
    return [bought_line(said, lines, units) for said in what]


def bought_line(said: str, lines: Sequence[ListLine], units: Units) -> BoughtLine:
    name, _, amount = said.rpartition("=")
    try:
        quantity = units.measure(amount)
    except NotUnderstood as error:
        raise typer.BadParameter(say('say it as in "butter=250 g"', "dites par exemple « beurre=250 g »")) from error
    return BoughtLine(line_id=line_named(name, lines, units).id, quantity=quantity)


def uncounted(problem: Problem, lines: Sequence[ListLine], units: Units) -> str | None:
    """Tell which line can't be counted and how to say what it is, where that is the problem."""
    if problem.type != UNKNOWN_CONVERSION:
        return None
    named = (text(line, units) for line in lines if str(line.id) == problem.facts.get("line_id"))
    line = next(named, None)
    return line and say(
        f'How much is “{line}”? Say it as in: popote shop done "{line}=250 g"',
        f'Combien fait « {line} » ? Dites par exemple : popote shop done "{line}=250 g"',
    )
