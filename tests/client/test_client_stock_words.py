"""What people say of food, told apart; and from their words to the one thing that they mean."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from popote_client.stock.choosing import Unknown, WhichOne, alike, choose, choose_named, exactly, holding
from popote_client.stock.ledger import Action, last_standing
from popote_client.stock.quantities import Quantity, Unit, digits
from popote_client.stock.tables import BATCH_BYTES, BATCH_ROWS, NotATable, batches
from popote_client.stock.units import NotUnderstood, Said, Units

TSP = ["tsp", "teaspoon", "cuillère à café", "cuillères à café", "c. à c."]
ENGLISH = [
    Unit("g", "mass", 10**9, "gram", "grams"),
    Unit("kg", "mass", 10**12, "kilogram", "kilograms"),
    Unit("l", "volume", 10**9, "litre", "litres"),
    Unit("tsp", "volume", 5 * 10**6, "teaspoon", "teaspoons", TSP),
    Unit("piece", "piece", 10**6, "piece", "pieces"),
    Unit("clove", "clove", 10**6, "clove", "cloves", ["gousse", "gousses"]),
    Unit("knob", "knob", 10**6, "knob", "knobs", ["noix"]),
    Unit("fl oz", "volume", 29_573_500, "fluid ounce", "fluid ounces"),
]
FRENCH = [
    Unit("tsp", "volume", 5 * 10**6, "cuillère à café", "cuillères à café", TSP),
    Unit("clove", "clove", 10**6, "gousse", "gousses"),
    Unit("knob", "knob", 10**6, "noix", "noix"),
]
UNITS = Units(ENGLISH)

ABSURD = (
    "1.500,5 g rice",
    "1/2/3 l milk",
    "9999999999999 x 2 g rice",
    "9" * 5000 + " g rice",
    "1/" + "9" * 5000 + " l milk",
)
NOTHING = ("", "  ", "500 g", "500g", "3", "0 g rice", "1/0 l milk", "0/0 l milk", "0/5 l milk")
NUMBERS = (
    "1e3 g salt",
    "2 500 g rice",
    "1 000 g rice",
    "2 500g rice",
    "-5 g rice",
    ".5 l milk",
    "a 5 g rice",
    "0 x 5 g rice",
)
ANNA, BEN = UUID(int=1), UUID(int=2)


class Thing(msgspec.Struct, frozen=True):
    name: str


@pytest.mark.parametrize(
    ("said", "amount", "unit", "name"),
    [
        ("500 g rice", "500", "g", "rice"),
        ("500g rice", "500", "g", "rice"),
        ("1,5 kg de farine", "1.5", "kg", "farine"),
        ("1.5 KG flour", "1.5", "kg", "flour"),
        ("2 gousses d'ail", "2", "clove", "ail"),
        ("2 gousses d’ail", "2", "clove", "ail"),  # as phones write it
        ("3 cloves of garlic", "3", "clove", "garlic"),
        ("1/2 l milk", "0.5", "l", "milk"),
        ("1 1/2 l milk", "1.5", "l", "milk"),
        ("1½ l milk", "1.5", "l", "milk"),
        ("1/3 cabbage", "0.333333333", "piece", "cabbage"),
        ("2 cuilleres a cafe de sucre", "2", "tsp", "sucre"),
        ("1 c. à c. de sel", "1", "tsp", "sel"),
        ("8 fl. oz. cream", "8", "fl oz", "cream"),
        ("2 noix", "2", "piece", "noix"),
        ("1 noix de beurre", "1", "knob", "beurre"),
        ("6 large eggs", "6", "piece", "large eggs"),
        ("2 x 500 g rice", "1000", "g", "rice"),
        ("2\u00d71,5kg de riz", "3.0", "kg", "riz"),
        ("3 x 1 1/2 l milk", "4.5", "l", "milk"),
        ("2X eggs", "2", "piece", "eggs"),
        ("a kg of salt", "1", "kg", "salt"),
        ("An egg", "1", "piece", "egg"),
        ("un litre de lait", "1", "l", "lait"),
        ("une gousse d'ail", "1", "clove", "ail"),
        ("2 7up", "2", "piece", "7up"),
        ("1 100% apple juice", "1", "piece", "100% apple juice"),
        ("2 xylophones", "2", "piece", "xylophones"),
        ("2 of clubs", "2", "piece", "of clubs"),
    ],
)
def test_amount_unit_and_name_are_told_apart(said: str, amount: str, unit: str, name: str) -> None:
    assert UNITS.understand(said) == Said(name, Quantity(Decimal(amount), unit))


@pytest.mark.parametrize("said", ["milk", "7up", "extra virgin olive oil"])
def test_without_a_number_it_is_all_name(said: str) -> None:
    assert UNITS.understand(said) == Said(said)


@pytest.mark.parametrize("said", [*NOTHING, *ABSURD, *NUMBERS])
def test_what_says_nothing_is_not_understood(said: str) -> None:
    with pytest.raises(NotUnderstood):
        UNITS.understand(said)


@pytest.mark.parametrize(
    ("said", "amount", "unit"),
    [("250 g", "250", "g"), ("1,5kg", "1.5", "kg"), ("3", "3", "piece"), ("a clove", "1", "clove")],
)
def test_an_amount_may_stand_alone(said: str, amount: str, unit: str) -> None:
    assert UNITS.measure(said) == Quantity(Decimal(amount), unit)


@pytest.mark.parametrize("said", ["", "g", "0 g", "3 big ones", "1e3 g"])
def test_what_is_no_amount_is_not_taken_for_one(said: str) -> None:
    with pytest.raises(NotUnderstood):
        UNITS.measure(said)


@pytest.mark.parametrize(
    ("quantity", "en", "fr"),
    [
        (Quantity(Decimal("1.50"), "kg"), "1.5 kg", "1,5 kg"),
        (Quantity(Decimal(1), "clove"), "1 clove", "1 gousse"),
        (Quantity(Decimal("1.5"), "clove"), "1.5 cloves", "1,5 gousse"),
        (Quantity(Decimal(2), "clove"), "2 cloves", "2 gousses"),
        (Quantity(Decimal(6), "piece"), "6", "6"),
        (Quantity(Decimal("1E+3"), "g"), "1000 g", "1000 g"),
        (Quantity(Decimal(2), "hogshead"), "2 hogshead", "2 hogshead"),
    ],
)
def test_a_quantity_is_written_as_people_do(
    quantity: Quantity, en: str, fr: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert UNITS.show(quantity) == en
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert Units(FRENCH).show(quantity) == fr


def test_an_amount_has_no_exponent_and_no_idle_zeros() -> None:
    assert [digits(Decimal(each)) for each in ("1E+2", "0.500", "0E-9", "0.000000001", "12345678901234567.8")] == [
        "100", "0.5", "0", "0.000000001", "12345678901234567.8",
    ]  # fmt: skip


def test_the_exact_name_wins_else_the_only_hit_else_the_person_is_asked() -> None:
    rice, brown, egg = Thing("Rice"), Thing("brown rice"), Thing("Œufs")
    assert choose("RICE", [brown, rice]) is rice
    assert choose("oeufs", [egg]) is egg
    assert choose("ryce", [rice]) is rice
    with pytest.raises(WhichOne, match="brown rice, white rice"):
        choose("rice", [brown, Thing("white rice")])
    with pytest.raises(Unknown, match="saffron"):
        choose("saffron", [])


def test_words_find_names_that_hold_all_of_them() -> None:
    things = [Thing("Crème fraîche"), Thing("Crème brûlée"), Thing("cream")]
    assert holding("fraiche creme", things) == things[:1]
    assert exactly("CREAM", things) == things[2:]
    assert holding(" ", things) == []


def test_a_place_that_nobody_has_is_not_taken_for_the_only_one_that_there_is() -> None:
    fridge, freezer = Thing("Fridge"), Thing("Freezer")
    assert choose_named("fri", [fridge, freezer]) is fridge
    with pytest.raises(WhichOne, match=r"“cellar”.*Fridge"):
        choose_named("cellar", [fridge])
    with pytest.raises(WhichOne, match="Fridge, Freezer"):
        choose_named("fr", [fridge, freezer])
    with pytest.raises(Unknown):
        choose_named("cellar", [])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lime", "limes"),
        ("Œuf", "oeufs"),
        ("gâteau", "gateaux"),
        ("tomatoes", "tomato"),
        ("pomme de terre", "Pommes de terre"),
    ],
)
def test_singular_and_plural_name_the_same_thing(one: str, other: str) -> None:
    there = [Thing(f"{other} bio"), Thing(other)]
    assert alike(one, there) == there[1:]
    assert choose(one, there) is there[1]


@pytest.mark.parametrize(("one", "other"), [("lime", "limeade"), ("pea", "pear"), ("a", "as"), ("lime", "lime juice")])
def test_what_only_begins_alike_is_another_thing(one: str, other: str) -> None:
    assert alike(one, [Thing(other)]) == []


def action(number: int, person: UUID = ANNA, *, undoes: int = 0, undone_by: int = 0) -> Action:
    return Action(
        id=UUID(int=number),
        kind="undo" if undoes else "purchase",
        at=datetime(2026, 11, 24, tzinfo=UTC),
        person_id=person,
        undoes=UUID(int=undoes) if undoes else None,
        undone_by=UUID(int=undone_by) if undone_by else None,
        lines=[],
    )


def test_the_last_action_that_stands_is_neither_undone_nor_an_undo_nor_another_person_s() -> None:
    first, second = action(1), action(2, undone_by=3)
    journal = [action(4, BEN), action(3, undoes=2), second, first]
    assert last_standing(journal, ANNA) is first
    assert last_standing([], ANNA) is None


def test_an_undo_of_an_undo_stands_for_what_it_gives_back() -> None:
    back = action(4, undoes=3)
    journal = [back, action(3, undoes=2, undone_by=4), action(2, undone_by=3), action(1)]
    assert last_standing(journal, ANNA) is back


def test_an_undo_of_what_is_too_long_ago_to_be_seen_is_left_alone() -> None:
    assert last_standing([action(9, undoes=1), action(8)], ANNA) == action(8)


def test_a_long_table_is_cut_into_batches_that_each_have_the_header() -> None:
    rows = "".join(f"item {number},1,kg\r\n" for number in range(1201))
    cut = list(batches(f"\ufeffitem,quantity,unit\r\n{rows}".encode()))
    assert [len(batch.lines) for batch in cut] == [BATCH_ROWS, BATCH_ROWS, 201]
    assert all(batch.body.startswith(b"item,quantity,unit\r\n") for batch in cut)
    assert cut[2].body.endswith(b"item 1200,1,kg\r\n")
    assert (cut[0].line(2), cut[1].line(2), cut[2].line(3)) == (2, 502, 1003)


def test_lines_are_those_of_the_file_though_cells_hold_line_ends_and_lines_are_blank() -> None:
    table = 'item;quantity;unit;note\n\nrice;1,5;kg;"two\nlines; and ""more"""\n\n\nsalt;1;kg;\u2028'
    (batch,) = batches(table.encode())
    assert [batch.line(row) for row in (2, 3)] == [3, 7]
    assert batch.body.decode().count("\n\n") == 0
    assert 'rice;1,5;kg;"two\nlines; and ""more"""\n' in batch.body.decode()


def test_batches_stay_within_what_the_backend_takes_however_long_the_rows_are() -> None:
    row = f"item,1,kg,{'é' * 2000}\n"
    cut = list(batches(("item,quantity,unit,note\n" + row * 450).encode()))
    assert len(cut) > 1
    assert all(len(batch.body) <= BATCH_BYTES for batch in cut)
    assert [line for batch in cut for line in batch.lines] == list(range(2, 452))


@pytest.mark.parametrize("table", [b"item\xff\n1\n", b'item\n"never ends', b'item\n"a"b\n', b"item\n" + b"x" * 2**21])
def test_what_is_no_table_is_told_before_anything_is_sent(table: bytes) -> None:
    with pytest.raises(NotATable):
        list(batches(table))


@pytest.mark.parametrize("table", [b"", b"\n\n", b"item,quantity,unit\n"])
def test_a_table_without_rows_has_no_batches(table: bytes) -> None:
    assert list(batches(table)) == []
