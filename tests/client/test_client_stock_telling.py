"""What the `popote` command says of what was done to the stock, of what is missing, and of barcodes."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import pytest
from typer import BadParameter

from popote_client.cli.stock.naming import known_name
from popote_client.cli.stock.scan import described, unknown
from popote_client.cli.stock.telling import Short, Shortage, happened, missing, taken
from popote_client.cli.stock.words import day, money, understood
from popote_client.stock.barcodes import Barcode, Product, Scan
from popote_client.stock.ledger import Action, JournalLine, Reason, Take
from popote_client.stock.quantities import Quantity, Unit
from popote_client.stock.units import Said, Units

UNITS = Units(
    [
        Unit("g", "mass", 10**9, "gram", "grams"),
        Unit("kg", "mass", 10**12, "kilogram", "kilograms"),
        Unit("piece", "piece", 10**6, "piece", "pieces"),
    ]
)
SUGAR, FLOUR = UUID(int=1), UUID(int=2)
LENTILS = Product(name="Green lentils", brands="Sabarot", quantity_text="500 g", attribution="Open Food Facts, ODbL")
NAMES = {SUGAR: "sugar", FLOUR: "flour"}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def of(amount: str) -> Quantity:
    number, unit = amount.split()
    return Quantity(Decimal(number), unit)


def line(kind: str, amount: str, sign: Literal[-1, 0, 1] = -1, typed: str = "", item: UUID = SUGAR) -> JournalLine:
    return JournalLine(
        kind=kind,
        lot_id=UUID(int=9),
        item_id=item,
        name=NAMES[item],
        quantity=of(amount),
        sign=sign,
        typed=of(typed) if typed else None,
    )


def act(kind: str, *lines: JournalLine, **more: Any) -> str:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    return happened(Action(id=UUID(int=7), kind=kind, at=at, person_id=UUID(int=8), lines=list(lines), **more), UNITS)


def test_what_came_from_several_lots_is_told_as_one_sum() -> None:
    used = line("take", "1 kg", typed="1.5 kg"), line("take", "0.5 kg")
    assert act("consume", *used, reason="used") == "used: 1.5 kg sugar"
    mixed = line("take", "1 kg", typed="1000.5 g"), line("take", "0.5 g"), line("take", "2 piece", item=FLOUR)
    assert act("consume", *mixed, reason="given") == "given away: 1000.5 g sugar, 2 flour"


def test_an_amount_is_told_as_it_was_typed_where_it_is_about_one_line() -> None:
    assert act("consume", line("take", "0.2 kg", typed="200 g"), reason="used") == "used: 200 g sugar"
    rounded = line("rounding", "0.00003 kg", 1), line("take", "0.2 kg", typed="200 g")
    assert act("consume", *rounded, reason="used") == "used: 200 g sugar"
    assert act("purchase", line("add", "1 kg", 1, typed="1 kg")) == "bought: 1 kg sugar"


def test_a_part_of_a_lot_is_told_once() -> None:
    halves = line("split", "0.1 kg", -1, typed="100 g"), line("split", "0.1 kg", 1)
    assert act("open", *halves) == "opened: 100 g sugar"
    assert act("open", *halves, *halves) == "opened: 0.2 kg sugar"
    assert act("open", line("change", "0 kg", 0)) == "opened: sugar"
    assert act("open", line("change", "0 kg", 0, typed="100 g")) == "opened: 100 g sugar"
    assert act("undo", line("undo", "0.1 kg", -1), line("undo", "0.1 kg", 1)) == "undone: sugar"


def test_a_count_is_told_as_it_was_counted_however_many_lots_it_changed() -> None:
    counted = line("count", "0.3 kg", typed="0 kg"), line("count", "0.2 kg", typed="0 kg")
    assert act("correct", *counted) == "corrected: 0 kg sugar"
    assert act("correct", line("change", "0 kg", 0), line("count", "0.2 kg", 1, typed="500 g")) == (
        "corrected: 500 g sugar"
    )


def test_what_was_taken_is_told_an_item_a_line() -> None:
    takes = [Take(UUID(int=1), SUGAR, of("1 kg")), Take(UUID(int=2), FLOUR, of("5 g"))]
    takes.append(Take(UUID(int=3), SUGAR, of("0.5 kg")))
    assert taken(takes, NAMES, UNITS, "spoiled") == ["Thrown away: 1.5 kg sugar", "Thrown away: 5 g flour"]


@pytest.mark.parametrize(
    ("short", "past", "reason", "lines"),
    [
        ("10 g", False, "used", ["Missing: 10 g flour"]),
        ("10 g", True, "used", ["Missing: 10 g flour", "Past its use-by date, only --spoiled takes it: flour"]),
        ("0 g", True, "given", ["Past its use-by date, only --spoiled takes it: flour"]),
        ("10 g", True, "spoiled", ["Missing: 10 g flour"]),
        ("0 g", False, "used", ["Nothing is left: flour"]),
    ],
)
def test_what_is_past_its_use_by_date_is_not_said_to_be_missing_without_a_word(
    short: str, past: bool, reason: Reason, lines: list[str]
) -> None:
    shortage = Shortage([Short(FLOUR, of(short))], [FLOUR] if past else [])
    assert missing(shortage, NAMES, UNITS, reason) == lines


def test_the_plural_of_what_is_known_is_not_a_new_item(capsys: pytest.CaptureFixture[str]) -> None:
    lime, juice = Said("Lime"), Said("lime juice")
    assert known_name("limes", [juice], [lime, juice]) == "Lime"
    assert capsys.readouterr().err == "“limes” goes with “Lime”.\n"
    assert known_name("lime", [juice, lime], []) == "lime"
    assert known_name("pear", [], [lime]) == "pear"
    assert capsys.readouterr().err == ""


def test_what_is_new_is_told_beside_what_is_close_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert known_name("lime", [Said("lime juice"), Said("kaffir lime")], []) == "lime"
    assert capsys.readouterr().err == "“lime” is new. There is also: lime juice, kaffir lime.\n"
    assert known_name("limes", [Said("lime"), Said("limess")], []) == "limes"
    assert capsys.readouterr().err == "“limes” is new. There is also: lime, limess.\n"


def test_words_that_belong_together_are_to_be_quoted() -> None:
    with pytest.raises(BadParameter, match='put quotes around what belongs together: "3 kg sugar"'):
        understood(UNITS, ["3", "kg", "sugar"])
    with pytest.raises(BadParameter, match="“0 g” is not understood"):
        understood(UNITS, ["rice", "0 g"])


def test_a_product_that_others_know_is_told_with_what_the_code_says_beside_it() -> None:
    scan = Scan(best_before=date(2027, 3, 31), lot="L42", quantity=of("0.5 kg"))
    found = Barcode(gtin="03250390500001", code="3250390500001", status="found", product=LENTILS, scan=scan)
    assert unknown(found) is None
    assert described(found, UNITS) == [
        "Green lentils, Sabarot, 500 g", "Best before: 2027-03-31", "Lot: L42", "Content: 0.5 kg",
    ]  # fmt: skip
    bare = Product(name="Lentils", attribution="")
    assert described(Barcode(gtin="03250390500001", status="found", product=bare), UNITS) == ["Lentils"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("pending", "The product 3250390500001 is still being looked up. Scan it again in a minute."),
        ("unknown", "Nobody here knows the product 3250390500001."),
        ("off", "Nobody here knows the product 3250390500001."),
    ],
)
def test_a_code_that_nobody_knows_yet_or_ever_is_told_so(
    status: Literal["pending", "unknown", "off"], sentence: str
) -> None:
    reason = unknown(Barcode(gtin="03250390500001", code="3250390500001", status=status))
    assert reason is not None
    assert reason.sentence() == sentence


def test_days_and_prices_are_read_as_people_write_them() -> None:
    assert {day(text) for text in ("2026-12-31", "31/12/2026", "31.12.2026")} == {date(2026, 12, 31)}
    assert {money(text) for text in ("3.49", "3,49")} == {Decimal("3.49")}


@pytest.mark.parametrize(
    ("read", "text"), [(day, "soon"), (day, "31/31/2026"), (money, "cheap"), (money, "-1"), (money, "NaN")]
)
def test_what_is_no_day_or_price_is_refused(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(BadParameter):
        read(text)
