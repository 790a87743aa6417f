"""What the `popote recipes` command reads, and how it says it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from typer import BadParameter

from popote_client.cli.recipes.cookable import described
from popote_client.cli.recipes.cooking import portion
from popote_client.cli.recipes.importing import confirmed, decoded, source_in
from popote_client.cli.recipes.telling import about, left_open, minutes, read, rounded, understood
from popote_client.cli.recipes.words import day_from, named_day
from popote_client.recipes.cookable import Dish, ServedLine, Status
from popote_client.recipes.drafts import Draft, Source
from popote_client.recipes.lines import Candidate, Ingredient, NewIngredient
from popote_client.recipes.texts import typed
from popote_client.stock.ledger import Take
from popote_client.stock.lots import Expiring
from popote_client.stock.quantities import Quantity, Unit
from popote_client.stock.units import Units

UNITS = Units(
    [
        Unit("g", "mass", 10**9, "gram", "grams"),
        Unit("clove", "clove", 10**6, "clove", "cloves", ["gousse"]),
    ]
)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def quantity(amount: str, unit: str = "g") -> Quantity:
    return Quantity(Decimal(amount), unit)


def test_what_is_typed_is_ingredients_an_empty_line_and_steps() -> None:
    assert typed("200 g  rice\r\nsalt\r\n \r\nWash it.\r\nBoil it.\r\n") == (
        ["200 g rice", "salt"],
        ["Wash it.", "Boil it."],
    )
    assert typed("\nrice\n\nWash it,\nwell.\n\nBoil it.\n") == (["rice"], ["Wash it, well.", "Boil it."])
    assert typed("rice") == (["rice"], [])
    assert typed(" \n") == ([], [])


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("333.333333333", "333"), ("0.333333333", "0.33"), ("12.345", "12.3"), ("1200", "1200"), ("2.5", "2.50")],
)
def test_amounts_are_rounded_to_what_a_kitchen_can_measure(amount: str, shown: str) -> None:
    assert rounded(Decimal(amount)) == Decimal(shown)


def test_a_line_is_told_as_it_was_written_and_for_others_as_it_was_understood() -> None:
    garlic = Ingredient(
        line="2-3 cloves of garlic, crushed",
        quantity=quantity("4", "clove"),
        at_most=quantity("6", "clove"),
        name="garlic",
        note="crushed",
    )
    assert read(garlic, UNITS, is_scaled=False) == "2-3 cloves of garlic, crushed"
    assert read(garlic, UNITS, is_scaled=True) == "4-6 cloves garlic, crushed"
    saffron = Ingredient(line="0.01 g saffron", quantity=quantity("0.001"), name="saffron")
    assert read(saffron, UNITS, is_scaled=True) == "0.001 g saffron"
    salt = Ingredient(line="salt", name="salt", is_to_taste=True)
    assert read(salt, UNITS, is_scaled=True) == "salt"
    assert read(Ingredient(line="a bit of zorglub"), UNITS, is_scaled=True) == "a bit of zorglub (as written)"


def test_spoons_are_named_in_french_and_metric_units_are_the_same_in_either_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoon = Unit("tbsp", "volume", 15 * 10**6, "cuillère à soupe", "cuillères à soupe")
    units = Units([spoon, Unit("cl", "volume", 10**7, "centilitre", "centilitres")])
    assert [units.show(quantity("2", unit)) for unit in ("tbsp", "cl")] == ["2 tbsp", "2 cl"]
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert [units.show(quantity("2", unit)) for unit in ("tbsp", "cl")] == ["2 cuillères à soupe", "2 cl"]


def test_a_recipe_is_described_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert about(Decimal(1), 90, ["soup", "winter"]) == "1 serving · 1 h 30 · soup, winter"
    assert about(None, None, [], "a big pot") == "a big pot"
    assert about(Decimal(4), None, [], "12 crêpes") == "4 servings · 12 crêpes"
    assert about(Decimal(4), None, [], "For 4 people") == "4 servings"
    assert [minutes(time) for time in (45, 60, 125)] == ["45 min", "1 h", "2 h 05"]
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert about(Decimal("1.5"), None, []) == "1,5 portion"


def test_what_lines_leave_open_is_told_with_what_to_do() -> None:
    oil = Ingredient(
        line="oil", name="oil", link="ask", candidates=[Candidate(UUID(int=n), f"oil {n}") for n in range(5)]
    )
    lines = [
        oil,
        Ingredient(line="2 zorglubs", name="zorglub", link="unmatched"),
        Ingredient(line="1 plugh", link="unmatched"),
        Ingredient(line="salt", link="unmatched", is_to_taste=True),
        Ingredient(line="4 eggs", link="waiting"),
        Ingredient(line="200 g butter", link="matched"),
        Ingredient(line="pastry", link="unmatched", recipe_id=UUID(int=9)),
    ]
    assert list(left_open(lines)) == [
        "Which food is “oil”: oil 0, oil 1, oil 2? Say it: popote food teach NAME FOOD",
        "No food is known as “zorglub”, “1 plugh”. Say which it is: popote food teach NAME FOOD",
        "1 line has not been read yet.",
    ]


def test_a_line_of_a_draft_is_told_with_what_it_is_taken_for_and_how_sure_that_is() -> None:
    known = Ingredient(line="200 g leeks", quantity=quantity("200"), name="leeks", food_name="leek", confidence=1)
    assert understood(known, UNITS) == "200 g leeks  → 200 g leek"
    guessed = Ingredient(line="some leks", name="leks", food_name="leek", confidence=0.5)
    assert understood(guessed, UNITS) == "some leks  → leek (50%)"
    unknown = Ingredient(line="some zorglub", name="zorglub")
    assert understood(unknown, UNITS) == "some zorglub  → zorglub?"
    salt = Ingredient(line="salt", name="salt", is_to_taste=True, confidence=0.9)
    assert understood(salt, UNITS) == "salt  → salt"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("<!DOCTYPE html><p>Soup", Source(html="<!DOCTYPE html><p>Soup")),
        ("\n<!-- a page --><HTML lang=en>", Source(html="\n<!-- a page --><HTML lang=en>")),
        (' {"@type": "Recipe"}', Source(json=' {"@type": "Recipe"}')),
        ("Soup\n\n200 g leeks", Source(text="Soup\n\n200 g leeks")),
        ("<3 this soup", Source(text="<3 this soup")),
    ],
)
def test_what_is_imported_is_told_by_what_it_looks_like(text: str, source: Source) -> None:
    assert source_in(text.encode(), is_model_output=False) == source
    assert source_in(text.encode(), is_model_output=True) == Source(model_output=text)


def test_old_pages_of_western_europe_are_read_too() -> None:
    assert decoded("crêpes".encode("cp1252")) == decoded("\ufeffcrêpes".encode()) == "crêpes"


def test_a_draft_is_kept_as_it_was_read_and_never_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    draft = Draft(
        language="fr",
        title="Soupe",
        ingredients=[Ingredient(line="sel", section="Bouillon", food_id=UUID(int=1))],
        tags=["hiver"],
        minutes=20,
    )
    assert confirmed(draft, None, None, is_sure=False, may_ask=False) is None
    kept = confirmed(draft, None, Decimal(6), is_sure=True, may_ask=False)
    assert kept is not None
    assert (kept.title, kept.servings, kept.language, kept.tags, kept.minutes) == (
        "Soupe",
        Decimal(6),
        "fr",
        ["hiver"],
        20,
    )
    assert kept.ingredients == [NewIngredient(line="sel", section="Bouillon")]
    guessed = confirmed(draft, "Potage", None, is_sure=True, may_ask=False)
    assert guessed is not None
    assert (guessed.title, guessed.servings) == ("Potage", Decimal(4))
    assert capsys.readouterr().err == "Nothing is kept. To keep it: --yes\nIt is kept as for 4.\n"
    with pytest.raises(BadParameter, match="title"):
        confirmed(Draft(language="en"), None, None, is_sure=True, may_ask=False)


def test_a_day_goes_by_its_date_its_name_or_how_soon_it_is() -> None:
    names = "monday", "Tuesday", "mer", "jeudi", "FRIDAY", "sat", "dimanche", "today", "demain", "aujourd\u2019hui"
    thursday = date(2026, 12, 31)
    assert [(day_from(name, thursday) - thursday).days for name in names] == [4, 5, 6, 0, 1, 2, 3, 0, 1, 0]
    assert day_from("31/12/2026", thursday) == day_from("2026-12-31", thursday) == thursday
    assert named_day(thursday) == "Thu 2026-12-31"
    for said in ("someday", "su"):
        with pytest.raises(BadParameter, match="2026-12-31"):
            day_from(said, thursday)


def test_shares_are_said_with_whose_they_are() -> None:
    assert [portion(said) for said in ("me:1,5", "bob", " zoe:2 ")] == [
        ("me", Decimal("1.5")), ("bob", Decimal(1)), ("zoe", Decimal(2)),
    ]  # fmt: skip
    for said in (":2", "", "me:much"):
        with pytest.raises(BadParameter):
            portion(said)


def served(line: str, status: Status, **more: Any) -> ServedLine:
    return ServedLine(line=line, name=line.rsplit(maxsplit=1)[-1], status=status, **more)


def dish(*lines: ServedLine, possible: int) -> Dish:
    return Dish(
        recipe_id=UUID(int=1), title="Soup", servings=Decimal(4), servings_possible=possible, missing=1,
        saves_expiring=Decimal(1), ingredients=list(lines),
    )  # fmt: skip


def test_a_dish_is_described_by_what_it_saves_lacks_and_takes_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    milk = Expiring(
        id=UUID(int=2), item_id=UUID(int=3), name="Milk", quantity=quantity("500"), days=1, is_use_by=True,
        added_at=datetime(2026, 11, 24, tzinfo=UTC),
    )  # fmt: skip
    take = Take(milk.id, milk.item_id, quantity("200"))
    lines = [
        served("200 g milk", "enough", takes=[take, take]),
        served("50 g butter", "enough", instead="margarine", is_past_best_before=True),
        served("300 g leeks", "short", short=quantity("100")),
        served("1 zorglub", "unmatched"),
        served("1 saffron", "unknown_conversion"),
        served("salt", "to_taste"),
    ]
    assert list(described(dish(*lines, possible=2), {milk.id: milk}, UNITS)) == [
        "≤ 2 servings",
        "Saves: Milk (1 d left)",
        "Short: 100 g leeks, 1 zorglub (nobody knows what that is), 1 saffron (can't be compared with what there is)",
        "Instead: margarine",
        "Past its best: butter",
    ]
    assert list(described(dish(possible=1000), {}, UNITS)) == ["for any number"]
    assert list(described(dish(possible=0), {}, UNITS)) == []
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert next(described(dish(possible=2), {}, UNITS)) == "≤ 2 portions"
