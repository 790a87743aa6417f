"""What was done to the stock, and what could not be done, in words."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

import msgspec

from popote_client.language import say
from popote_client.stock.ledger import Action, JournalLine, Reason, Take
from popote_client.stock.quantities import Quantity
from popote_client.stock.units import Units

VERBS = {
    "purchase": ("bought", "acheté"),
    "shopping": ("bought", "acheté"),
    "used": ("used", "utilisé"),
    "spoiled": ("thrown away", "jeté"),
    "given": ("given away", "donné"),
    "open": ("opened", "ouvert"),
    "move": ("moved", "déplacé"),
    "freeze": ("frozen", "congelé"),
    "thaw": ("thawed", "décongelé"),
    "correct": ("corrected", "corrigé"),
    "service": ("cooked", "cuisiné"),
    "undo": ("undone", "annulé"),
}


class OfItem(Protocol):
    @property
    def item_id(self) -> UUID: ...


L = TypeVar("L", bound=OfItem)


class Short(msgspec.Struct):
    item_id: UUID
    missing: Quantity


class Shortage(msgspec.Struct):
    """What the problem of a shortage tells: what is missing, and of which items more is past its use-by date."""

    short: list[Short]
    past_use_by: list[UUID] = []


def labelled(label: str, text: str) -> str:
    """Put a label before a text, with the colon as the language has it."""
    return say(f"{label}: {text}", f"{label} : {text}")


def happened(action: Action, units: Units) -> str:
    """Tell in words what an action did."""
    verb = say(*VERBS.get(action.reason or action.kind, (action.kind, action.kind)))
    return labelled(verb, ", ".join(told(lines, units) for lines in by_item(action.lines)))


def by_item(lines: Iterable[L]) -> Iterable[list[L]]:
    found: dict[UUID, list[L]] = {}
    for line in lines:
        found.setdefault(line.item_id, []).append(line)
    return found.values()


def told(lines: Sequence[JournalLine], units: Units) -> str:
    """Tell the lines of one item as one, with how much it was about where that is known."""
    quantity = amount_of([line for line in lines if counts(line)], units)
    return f"{units.show(quantity)} {lines[0].name}" if quantity else lines[0].name


def counts(line: JournalLine) -> bool:
    """Whether a line says how much: what is lost in rounding does not, nor the other half of a split."""
    return line.kind != "rounding" and not (line.kind == "split" and line.sign > 0) and bool(line.sign or line.typed)


def amount_of(lines: Sequence[JournalLine], units: Units) -> Quantity | None:
    """Return how much lines of one item are about, as it was typed where that was for all of them; None: not told."""
    typed = {line.typed for line in lines}
    if len(typed) == 1 and (len(lines) == 1 or all(line.kind == "count" for line in lines)):
        return lines[0].typed or lines[0].quantity
    total = units.total([Quantity(line.sign * line.quantity.amount, line.quantity.unit) for line in lines])
    return Quantity(abs(total.amount), total.unit) if total and total.amount else None


def taken(takes: Sequence[Take], names: dict[UUID, str], units: Units, reason: Reason) -> list[str]:
    """Tell what was taken, a line an item."""
    verb = say(*VERBS[reason]).capitalize()
    totals = ((each, units.total([take.quantity for take in each])) for each in by_item(takes))
    return [
        labelled(verb, f"{about(each)}{units.show(total)} {names[each[0].item_id]}") for each, total in totals if total
    ]


def about(takes: Sequence[Take]) -> str:
    """Say that an amount is only about as much, where a conversion was."""
    return "≈ " if any(take.is_approximate for take in takes) else ""


def missing(shortage: Shortage, names: dict[UUID, str], units: Units, reason: Reason) -> list[str]:
    """Tell how much of what is missing, and what lies there past its use-by date, which only `spoiled` takes."""
    past = set() if reason == "spoiled" else set(shortage.past_use_by)
    return [
        line
        for short in shortage.short
        for line in lacking(short, names[short.item_id], units, is_past=short.item_id in past)
    ]


def lacking(short: Short, name: str, units: Units, *, is_past: bool) -> Iterator[str]:
    if short.missing.amount:
        yield labelled(say("Missing", "Il manque"), f"{units.show(short.missing)} {name}")
    elif not is_past:
        yield labelled(say("Nothing is left", "Il n'y a plus rien"), name)
    if is_past:
        label = "Past its use-by date, only --spoiled takes it", "Date limite dépassée, seul --spoiled en prend"
        yield labelled(say(*label), name)
