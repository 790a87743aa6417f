"""What can be cooked comes out as a person works it out: the cases of `golden/cookable.txt`."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from popote_kit.quantity import Amount, Fact, Quantity, in_base, unit
from popote_kit.testing import new_id
from popote_recipes.model.cookable import Dish, judge
from popote_recipes.model.needs import slots
from popote_recipes.model.pantry import Served
from popote_recipes.model.recipes import Alternative, Content, Ingredient, Recipe, StoredQuantity
from popote_recipes.model.supply import Item, Lot, Supply
from popote_recipes.model.things import WATER, thing

TODAY: Final = date(2025, 6, 2)
NOW: Final = datetime(2025, 6, 2, tzinfo=UTC)
LINE: Final = re.compile(
    r"(?:(?P<low>[\d.]+)(?:-(?P<high>[\d.]+))? (?P<unit>\w+) )?(?P<name>.+?)(?: \((?P<also>[^)]+)\))?"
    r"(?: or (?P<other>.+?))?(?P<taste>, to taste)?"
)
LOT: Final = re.compile(
    r"(?P<quantity>[\d.]+ \w+)(?: (?P<kind>best|use) (?P<month>\d\d)-(?P<day>\d\d))?(?P<opened> opened)?"
)
FACT: Final = re.compile(r"1 (?P<unit>\w+) (?P<sign>[=~]) (?P<equals>[\d.]+ \w+)")


@dataclass
class Case:
    """A case as it is written, line by line."""

    title: str
    number: int
    servings: Decimal = Decimal(4)
    asked: Decimal | None = None
    staples: bool = True
    instead: dict[UUID, list[tuple[UUID, str]]] = field(default_factory=lambda: defaultdict(list))
    parts: dict[str, Recipe] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    lines: list[Ingredient] = field(default_factory=list)
    expected: list[list[str]] = field(default_factory=list)
    verdict: str = ""

    def read(self, mark: str, rest: str) -> None:
        cells = [cell.strip() for cell in rest.split("|")]
        match mark:
            case ":":
                self.set(*rest.split())
            case "+":
                self.items.append(item(*cells))
            case ".":
                self.add_to_part(line(rest))
            case ".@":
                self.add_to_part(self.use(*rest.split()))
            case "@":
                self.lines.append(self.use(*rest.split()))
            case "-":
                self.lines.append(line(cells[0]))
                self.expected.append(cells)
            case "*":
                self.expected.append(cells)
            case ">":
                self.verdict = rest
            case _:
                raise ValueError(mark)

    def set(self, what: str, *values: str) -> None:
        match what:
            case "for":
                self.servings = Decimal(values[0])
            case "asked":
                self.asked = Decimal(values[0])
            case "no":
                self.staples = False
            case "instead":
                self.instead[food(values[0])].append((food(values[1]), values[1]))
            case "part":
                self.parts[values[0]] = recipe(Decimal(values[1]), [])
            case _:
                raise ValueError(what)

    def add_to_part(self, ingredient: Ingredient) -> None:
        list(self.parts.values())[-1].content.ingredients.append(ingredient)

    def use(self, name: str, servings: str | None = None) -> Ingredient:
        return Ingredient(
            line=name, recipe_id=self.parts[name].id, recipe_servings=Decimal(servings) if servings else None
        )

    def judged(self) -> Dish:
        known = {part.id: part for part in self.parts.values()}
        return judge(
            slots(recipe(self.servings, self.lines), known, self.instead),
            Supply(today=TODAY, items=self.items),
            TODAY,
            servings=self.servings,
            wanted=self.asked,
            staples=self.staples,
        )

    def units(self) -> dict[UUID, str]:
        return {item.id: item.unit for item in self.items}


def food(name: str) -> UUID:
    """Return the id of a food; there is one for each name."""
    tap = next(each for each in WATER if each not in (thing(None, "water"), thing(None, "eau")))
    return tap if name == "water" else thing(None, f"the food {name}")


def named(name: str) -> tuple[UUID | None, str]:
    return (None, name[1:]) if name.startswith("?") else (food(name), name)


def of(text: str) -> Quantity:
    amount, _, code = text.partition(" ")
    return Quantity(Amount(amount), code)


def stored(text: str) -> StoredQuantity:
    quantity = of(text)
    return StoredQuantity(Decimal(quantity.amount), quantity.unit)


def matched(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    found = pattern.fullmatch(text.strip())
    assert found, text
    return found.groupdict()


def item(name: str, kept: str, facts: str, lots: str) -> Item:
    food_id, bare = named(name)
    code, _, flag = kept.partition(", ")
    return Item(
        id=new_id(),
        name=bare,
        food_id=food_id,
        unit=code,
        measure=unit(code).measure,
        is_staple=flag == "staple",
        facts=[fact(each) for each in facts.split(";") if each.strip()],
        lots=[lot(each) for each in lots.split(",") if each.strip()],
    )


def fact(text: str) -> Fact:
    found = matched(FACT, text)
    return Fact(found["unit"], of(found["equals"]), is_approximate=found["sign"] == "~")


def lot(text: str) -> Lot:
    found = matched(LOT, text)
    day = date(2025, int(found["month"]), int(found["day"])) if found["kind"] else None
    return Lot(new_id(), in_base(of(found["quantity"])), day, found["kind"] == "use", bool(found["opened"]))


def line(text: str) -> Ingredient:
    found = matched(LINE, text)
    food_id, name = named(found["name"])
    others = [named(each) for each in (found["other"] or "").split(" or ") if each]
    return Ingredient(
        line=text,
        quantity=stored(f"{found['low']} {found['unit']}") if found["low"] else None,
        at_most=stored(f"{found['high']} {found['unit']}") if found["high"] else None,
        equivalent=stored(found["also"]) if found["also"] else None,
        name=name,
        food_id=food_id,
        is_to_taste=bool(found["taste"]),
        alternatives=[Alternative(name=other, food_id=id) for id, other in others],
    )


def recipe(servings: Decimal, lines: list[Ingredient]) -> Recipe:
    return Recipe(
        id=new_id(),
        title="-",
        language="en",
        servings=servings,
        content=Content(ingredients=lines),
        created_by=new_id(),
        created_at=NOW,
        updated_at=NOW,
    )


def cases() -> Iterator[Case]:
    case: Case | None = None
    text = (Path(__file__).parent / "golden" / "cookable.txt").read_text(encoding="utf-8")
    for number, written in enumerate(text.splitlines(), 1):
        mark, _, rest = written.partition(" ")
        if mark == "=":
            case = Case(rest, number)
            yield case
        elif mark not in ("", "#") and case:
            case.read(mark, rest)


CASES: Final = list(cases())


def shown(served: Served, units: dict[UUID, str]) -> list[str]:
    """Return what came out for a line as the cases have it."""
    notes = [
        *(["approximate"] if served.is_approximate else ()),
        *(["past"] if served.is_past_best_before else ()),
        *([f"instead {served.instead}"] if served.instead else ()),
    ]
    taken = " + ".join(quantity(Fraction(take.units), units[take.item_id]) for take in served.takes)
    amounts = [f"{each.amount:f} {each.unit}" if each else "" for each in (served.need, served.have, served.short)]
    return [served.line, served.status, *amounts, taken, *([", ".join(notes)] if notes else [])]


def quantity(units: Fraction, code: str) -> str:
    amount = units / unit(code).base
    return f"{(Decimal(amount.numerator) / amount.denominator).normalize():f} {code}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_it_comes_out_as_worked_out_by_hand(case: Any) -> None:
    dish = case.judged()
    assert [shown(line, case.units()) for line in dish.lines] == case.expected
    assert f"{dish.missing} {dish.unknown} {dish.servings_possible}" == case.verdict


def test_there_are_many_cases_and_each_is_another() -> None:
    assert len(CASES) >= 60
    assert len({case.title for case in CASES}) == len(CASES)
    assert all(case.expected and case.verdict for case in CASES)
