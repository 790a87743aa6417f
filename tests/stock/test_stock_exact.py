"""Amounts are exact to the nanogram, roundings are in the journal, and what is no amount is refused everywhere."""

import json
from decimal import Decimal
from string import Template
from typing import Any

import httpx
import pytest

from popote_kit.testing import FreshDatabase, new_id
from popote_stock.testing import Kitchen

HERE = "HERE"

# As they stand in JSON, and how they are answered.
NUMBERS = {
    "1e400": 400, "-1e400": 400, "1e3000000": 400, "NaN": 400, "Infinity": 400, "-Infinity": 400, "01": 400, "1.": 400,
    "1,5": 400, '"1.5"': 422, '""': 422, "true": 422, "false": 422, "[1]": 422, "{}": 422, "-1": 422, "-0.001": 422,
    "1e-10": 422, "1e-12": 422, "1e99": 422, "10000000000000": 422, "1e13": 422,
    "1234567890123456789": 422, "0.1234567890123456789": 422, "123456789.1234567890": 422,
}  # fmt: skip
NOTHING = {"null": 422, "0": 422, "-0": 422, "0.0": 422, "0e5": 422}
TONS = {"9999999999999": 422, "10000.000000001": 422}
FAR_DAYS = ("1900-01-01", "2199-12-31")
NO_DAYS = (
    "1899-12-31", "2200-01-01", "0001-01-01", "9999-12-31", "2026-02-30", "2026-13-01", "20260101", "tomorrow",
    "2026-01-01T00:00:00Z", "-2026-01-01", "",
)  # fmt: skip
UNITS = ("", "x" * 41, "parsec", "g g", "1", "💥", "livre", "kg;DROP TABLE lot")


class Pantry:
    """A household with something of everything that a quantity may be of; bodies and paths name it by `$`."""

    def __init__(self, who: Kitchen, **ids: str) -> None:
        self.who = who
        self.ids = ids

    async def send(self, method: str, path: str, body: Any, literal: str) -> httpx.Response:
        """Send a body with `literal`, as it is, where it says HERE."""
        content = self.named(json.dumps(body).replace(f'"{HERE}"', literal)).encode()
        headers = {"Content-Type": "application/json", "If-Match": "*"}
        return await self.who.ask(method, self.named(path), content=content, headers=headers)

    def named(self, text: str) -> str:
        return Template(text).safe_substitute(self.ids)


@pytest.fixture
async def pantry(anna: Kitchen) -> Pantry:
    rice = await anna.item("Rice")
    bought = await anna.buy(rice, 1000)
    shopping = (await anna.post("/lists", {"name": "Market"}))["id"]
    lines = (await anna.post(f"/lists/{shopping}/items", {"lines": [{"item_id": rice}, {"name": "Tea"}]}))["items"]
    tick = {"line_id": lines[0]["id"], "is_ticked": True, "at": "2026-01-01T00:00:00Z"}
    await anna.ask("PUT", f"/lists/{shopping}/ticks", json={"ticks": [tick]})
    return Pantry(anna, rice=rice, lot=bought["lots"][0]["id"], list=shopping, line=lines[0]["id"])


def lines(**members: Any) -> dict[str, Any]:
    return {"lines": [members]}


# Every place that takes a quantity.
PLACES: dict[str, tuple[str, str, Any]] = {
    "a purchase": ("POST", "/purchases", lines(item_id="$rice", quantity=HERE)),
    "a purchase by name": ("POST", "/purchases", lines(name="New", quantity=HERE)),
    "a use": ("POST", "/consume", lines(item_id="$rice", quantity=HERE)),
    "a part to open": ("POST", "/open", lines(lot_id="$lot", quantity=HERE)),
    "a part to move": ("POST", "/move", lines(lot_id="$lot", location_id=None, quantity=HERE)),
    "a part to freeze": ("POST", "/freeze", lines(lot_id="$lot", quantity=HERE)),
    "a part to thaw": ("POST", "/thaw", lines(lot_id="$lot", quantity=HERE)),
    "a new minimum": ("POST", "/items", {"name": "New", "unit": "g", "minimum": HERE}),
    "another minimum": ("PATCH", "/items/$rice", {"minimum": HERE}),
    "a conversion": ("PATCH", "/items/$rice", {"conversions": [{"unit": "pack", "equals": HERE}]}),
    "a pack": ("PATCH", "/items/$rice", {"barcodes": [{"code": "4006381333931", "quantity": HERE}]}),
    "a line of a list": ("POST", "/lists/$list/items", lines(name="New", quantity=HERE)),
    "another line of a list": ("PATCH", "/lists/$list/items/$line", {"quantity": HERE}),
    "a need": ("POST", "/lists/$list/fill", {"needs": [{"name": "New", "quantity": HERE}]}),
    "a trip": ("POST", "/lists/$list/commit", lines(line_id="$line", quantity=HERE)),
    "a count of a lot": ("POST", "/correct", lines(lot_id="$lot", quantity=HERE)),
    "a count of an item": ("POST", "/correct", lines(item_id="$rice", quantity=HERE)),
}
MAY_BE_ZERO = ("a count of a lot", "a count of an item")
MAY_BE_TONS = ("a conversion", "a pack")  # of which nobody has said how many there are

# Every place that takes a price.
PRICES: dict[str, tuple[str, str, Any]] = {
    "a purchase": ("POST", "/purchases", lines(item_id="$rice", quantity={"amount": 1, "unit": "g"}, price=HERE)),
    "another price": ("POST", "/correct", lines(lot_id="$lot", price=HERE)),
    "a trip": ("POST", "/lists/$list/commit", lines(line_id="$line", price=HERE)),
}


async def everything(database: FreshDatabase) -> dict[str, list[str]]:
    tables = ("lot", "item", "item_barcode", "action", "action_line", "list", "list_line", "counter")
    return {
        table: [row[0] for row in await database.rows(f"SELECT t::text FROM stock.{table} t ORDER BY 1")]  # noqa: S608
        for table in tables
    }


@pytest.mark.parametrize("place", PLACES)
async def test_what_is_no_quantity_is_refused_and_changes_nothing(
    pantry: Pantry, database: FreshDatabase, place: str
) -> None:
    before = await everything(database)
    wrong = {**NUMBERS, **({} if place in MAY_BE_TONS else TONS), **({} if place in MAY_BE_ZERO else NOTHING)}
    for literal, status in wrong.items():
        answer = await pantry.send(*PLACES[place], f'{{"amount": {literal}, "unit": "kg"}}')
        assert answer.status_code == status, (literal, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    for literal in ("5", '"5 g"', "[]", "{}", '{"amount": 1}', '{"unit": "g"}', '{"amount": 1, "unit": "g", "x": 1}'):
        answer = await pantry.send(*PLACES[place], literal)
        assert answer.status_code == 422, (literal, answer.text)
    for unit in UNITS:
        answer = await pantry.send(*PLACES[place], f'{{"amount": 1, "unit": "{unit}"}}')
        assert answer.status_code == 422, (unit, answer.text)
    assert await everything(database) == before


@pytest.mark.parametrize("place", PRICES)
async def test_what_is_no_price_is_refused_and_changes_nothing(
    pantry: Pantry, database: FreshDatabase, place: str
) -> None:
    before = await everything(database)
    bad = {**NUMBERS, "null": 422, "1e10": 422, "10000000000": 422, "0.00001": 422, "1.23456": 422}
    for literal, status in bad.items():
        answer = await pantry.send(*PRICES[place], f'{{"amount": {literal}, "currency": "EUR"}}')
        assert answer.status_code == status, (literal, answer.text)
    for currency in ("", "eur", "EURO", "E", "€", "EUR\\n", "EU1"):
        answer = await pantry.send(*PRICES[place], f'{{"amount": 1, "currency": "{currency}"}}')
        assert answer.status_code == 422, (currency, answer.text)
    assert await everything(database) == before


@pytest.mark.parametrize("price", ["0", "0.0001", "9999999999.9999", "1e2", "2.50"])
async def test_a_price_is_kept_to_the_last_digit(anna: Kitchen, price: str) -> None:
    rice = await anna.item("Rice")
    line = {"item_id": rice, "quantity": {"amount": 3, "unit": "g"}, "price": {"amount": HERE, "currency": "EUR"}}
    answer = await Pantry(anna).send("POST", "/purchases", {"lines": [line]}, price)
    assert answer.status_code == 201, answer.text
    told = json.loads(answer.text, parse_float=Decimal)["lots"][0]["price"]
    assert Decimal(told["amount"]) == Decimal(price)


# Where in the body of each place the quantity stands.
POINTERS = {
    "a new minimum": "/minimum", "another minimum": "/minimum", "a conversion": "/conversions/0",
    "a pack": "/barcodes/0", "another line of a list": "/quantity", "a need": "/needs/0/quantity",
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
async def test_a_wrong_quantity_is_told_with_its_place(pantry: Pantry, place: str) -> None:
    quantities = ['{"amount": 1, "unit": "parsec"}']
    if place not in (*MAY_BE_TONS, "a purchase by name", "a line of a list", "a need"):
        quantities += ['{"amount": 1, "unit": "cup"}', '{"amount": 9999999999999, "unit": "kg"}']
    for literal in quantities:
        answer = await pantry.send(*PLACES[place], literal)
        assert answer.status_code == 422, answer.text
        pointers = [error["pointer"] for error in answer.json()["errors"]]
        assert pointers == [POINTERS.get(place, "/lines/0/quantity")], (literal, answer.text)


async def test_a_wrong_line_is_told_by_its_number(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    good = {"item_id": rice, "quantity": {"amount": 1, "unit": "g"}}
    wrong: dict[str, dict[str, Any]] = {
        "/quantity": {**good, "quantity": {"amount": 1e-9, "unit": "mg"}},
        "/use_by": {**good, "use_by": "1850-01-01"},
        "": {**good, "name": "Rice"},
    }
    for pointer, line in wrong.items():
        answer = await anna.ask("POST", "/purchases", json={"lines": [good, line]})
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"/lines/1{pointer}"]
    id = str(new_id())
    twins = await anna.ask("POST", "/purchases", json={"lines": [good | {"lot_id": id}] * 2})
    assert [error["pointer"] for error in twins.json()["errors"]] == ["/lines/1/lot_id"]


async def test_a_dear_trifle_that_turns_out_to_be_tons_has_not_cost_more_than_was_paid(anna: Kitchen) -> None:
    saffron = await anna.item("Saffron")
    price = {"amount": 9_000_000_000, "currency": "EUR"}
    lot = (await anna.buy(saffron, 0.000000001, price=price))["lots"][0]["id"]
    counted = {"lines": [{"lot_id": lot, "quantity": {"amount": 9_999, "unit": "kg"}}]}
    assert (await anna.post("/correct", counted))["lots"][0]["price"] == price
    used = await anna.use(saffron, 9_000, "kg")
    await anna.undo(used["action_id"])
    assert await anna.total("Saffron") == 9_999_000


@pytest.mark.parametrize("label", ["best_before", "use_by"])
async def test_a_label_shows_a_day_of_these_centuries(anna: Kitchen, label: str) -> None:
    life = {"opened": 10_000, "frozen": 10_000, "thawed": 10_000}
    rice = await anna.item("Rice", date_kind="use_by", shelf_life=life)
    for day in FAR_DAYS:
        lot = (await anna.buy(rice, 1, **{label: day}))["lots"][0]
        assert lot["expires_on"] == day
        for path in ("/open", "/freeze", "/thaw"):
            await anna.post(path, {"lines": [{"lot_id": lot["id"]}]})
    for day in NO_DAYS:
        body = lines(item_id=rice, quantity={"amount": 1, "unit": "g"}, **{label: day})
        assert (await anna.ask("POST", "/purchases", json=body)).status_code == 422, day


async def test_three_times_one_pound_out_of_three_pounds_leaves_nothing(anna: Kitchen, database: FreshDatabase) -> None:
    flour = await anna.item("Flour", "lb")
    bought = await anna.buy(flour, 3, "lb")
    assert bought["lots"][0]["quantity"] == {"amount": 3, "unit": "lb"}
    for left in (2, 1, 0):
        await anna.use(flour, 1, "lb")
        assert await anna.total("Flour") == left
    assert await anna.on_hand() == {}
    assert {row["kind"] for row in await database.rows("SELECT kind FROM stock.action_line")} == {"add", "take"}


async def test_a_pound_is_as_heavy_as_the_law_says(anna: Kitchen) -> None:
    flour = await anna.item("Flour", "g")
    answer = await anna.ask(
        "POST", "/purchases", json={"lines": [{"item_id": flour, "quantity": {"amount": 1, "unit": "lb"}}]}
    )
    assert b'"quantity":{"amount":453.59237,"unit":"g"}' in answer.content
    await anna.use(flour, 453.59237, "g")
    assert await anna.on_hand() == {}


@pytest.mark.parametrize(
    ("third", "rounding"),
    [("0.333333", 1), ("0.3333333333333333", 1), ("0.33333333", 1), ("0.33", 10_000 - 1), ("0.3334", 200)],
)
async def test_a_third_of_a_cabbage_three_times_leaves_nothing(
    anna: Kitchen, database: FreshDatabase, third: str, rounding: int
) -> None:
    cabbage = await anna.item("Cabbage", "piece")
    await anna.buy(cabbage, 1 if third != "0.33" else 0.999999, "piece")
    line = {"item_id": cabbage, "quantity": {"amount": HERE, "unit": "piece"}}
    for _ in range(3):
        answer = await Pantry(anna).send("POST", "/consume", {"lines": [line]}, third)
        assert answer.status_code == 200, answer.text
    assert await anna.on_hand() == {}
    rows = await database.rows("SELECT abs(delta) AS delta FROM stock.action_line WHERE kind = 'rounding'")
    assert [row["delta"] for row in rows] == [rounding]
    journal = json.loads((await anna.ask("GET", "/journal")).text, parse_float=Decimal)["items"]
    kinds = [[told["kind"] for told in action["lines"]] for action in journal]
    assert kinds == [["rounding", "take"], ["take"], ["take"], ["add"]]
    assert Decimal(journal[0]["lines"][1]["typed"]["amount"]) == Decimal(third)
    assert (await anna.get("/check"))["differences"] == []


async def test_a_rounding_is_undone_with_its_action(anna: Kitchen) -> None:
    cabbage = await anna.item("Cabbage", "piece")
    await anna.buy(cabbage, 1, "piece")
    last = [await anna.use(cabbage, 0.333333, "piece") for _ in range(3)][-1]
    await anna.undo(last["action_id"])
    assert await anna.total("Cabbage") == 0.333334


@pytest.mark.parametrize("amount", ["123456.123456789", "0.000000001", "9999999.999999999", "1e-9", "12e3", "7.10"])
async def test_what_comes_in_to_the_nanogram_goes_out_to_the_nanogram(anna: Kitchen, amount: str) -> None:
    salt = await anna.item("Salt", "g")
    line = {"item_id": salt, "quantity": {"amount": HERE, "unit": "g"}}
    answer = await Pantry(anna).send("POST", "/purchases", {"lines": [line]}, amount)
    told = json.loads(answer.text, parse_float=Decimal)["lots"][0]["quantity"]
    assert (Decimal(told["amount"]), told["unit"]) == (Decimal(amount), "g")
    assert (await Pantry(anna).send("POST", "/consume", {"lines": [line]}, amount)).status_code == 200
    assert await anna.on_hand() == {}


async def test_an_amount_of_18_digits_is_rounded_once_half_to_even(anna: Kitchen, database: FreshDatabase) -> None:
    salt = await anna.item("Salt", "g")
    for amount in ("123456.123456789499", "1.0000000005", "1.0000000015", "1.00000000250000001"):
        line = {"item_id": salt, "quantity": {"amount": HERE, "unit": "g"}}
        answer = await Pantry(anna).send("POST", "/purchases", {"lines": [line]}, amount)
        assert answer.status_code == 201, answer.text
    rows = await database.rows("SELECT amount FROM stock.lot ORDER BY added_at, id")
    assert sorted(row["amount"] for row in rows) == [
        1_000_000_000, 1_000_000_002, 1_000_000_003, 123_456_123_456_789,
    ]  # fmt: skip


async def test_less_than_can_be_counted_is_refused(anna: Kitchen) -> None:
    eggs = await anna.item("Eggs", "piece")
    line = {"item_id": eggs, "quantity": {"amount": 0.0000001, "unit": "piece"}}
    answer = await anna.ask("POST", "/purchases", json={"lines": [line]})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (422, "it is less than can be counted")


async def test_units_are_called_what_people_call_them(anna: Kitchen) -> None:
    oil = await anna.item("Huile", "l")
    for amount, unit in ((1, "litre"), (2, "cuillères à soupe"), (3, "c. à c."), (1, "CL"), (5, "Millilitres")):
        await anna.buy(oil, amount, unit)
    assert await anna.total("Huile") == 1.06
    garlic = await anna.item("Ail", "gousse")
    await anna.buy(garlic, 6, "gousses")
    assert (await anna.on_hand())["Ail"]["total"] == {"amount": 6, "unit": "clove"}


async def test_a_problem_of_units_is_told_in_french(anna: Kitchen) -> None:
    rice = await anna.item("Riz", "g")
    headers = {"Accept-Language": "fr"}
    for unit, type, words in (
        ("parsec", "/problems/unknown-unit", "« parsec » n'est pas une unité connue."),
        ("metric cup", "/problems/unknown-conversion", "Impossible ici de convertir « tasse » en grammes ;"),
    ):
        body = {"lines": [{"item_id": rice, "quantity": {"amount": 1, "unit": unit}}]}
        answer = await anna.ask("POST", "/purchases", json=body, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (422, type)
        assert answer.json()["detail"].startswith(words)


async def test_where_no_fact_leads_from_cups_to_grams_nothing_is_guessed(anna: Kitchen) -> None:
    rice = await anna.item("Rice", "g")
    await anna.buy(rice, 1000)
    body = {"lines": [{"item_id": rice, "quantity": {"amount": 1, "unit": "metric cup"}}]}
    for path in ("/purchases", "/consume"):
        answer = await anna.ask("POST", path, json=body)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-conversion")
    cup = {"unit": "metric cup", "equals": {"amount": 190, "unit": "g"}}
    await anna.ask("PATCH", f"/items/{rice}", json={"conversions": [cup]}, headers={"If-Match": "*"})
    await anna.post("/consume", body)
    assert await anna.total("Rice") == 810


async def test_a_fact_that_is_no_whole_number_leaves_nothing_either(anna: Kitchen) -> None:
    cup = {"unit": "cup", "equals": {"amount": 157.333333333, "unit": "g"}}
    rice = await anna.item("Rice", "g", conversions=[cup])
    await anna.buy(rice, 3, "cup")
    for _ in range(3):
        await anna.use(rice, 1, "cup")
    assert await anna.on_hand() == {}


async def test_an_item_is_counted_to_the_largest_amount_and_no_further(anna: Kitchen) -> None:
    rice = await anna.item("Rice", "g")
    most = await anna.buy(rice, 10_000, "kg")
    assert most["lots"][0]["quantity"]["amount"] == 10_000_000
    for amount in (10_000.000000001, 9_999_999_999_999):
        body = {"lines": [{"item_id": rice, "quantity": {"amount": amount, "unit": "kg"}}]}
        answer = await anna.ask("POST", "/purchases", json=body)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/too-much")
    await anna.buy(rice, 10_000, "kg")
    assert await anna.total("Rice") == 20_000_000


async def test_a_lot_never_holds_more_than_can_be_counted(anna: Kitchen) -> None:
    rice = await anna.item("Rice", "g")
    lot = (await anna.buy(rice, 10_000, "kg"))["lots"][0]["id"]
    used = (await anna.use(rice, 10_000, "kg"))["action_id"]
    await anna.post("/correct", {"lines": [{"lot_id": lot, "quantity": {"amount": 10_000, "unit": "kg"}}]})
    answer = await anna.ask("POST", "/undo", json={"action_id": used})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/too-much")
    assert await anna.total("Rice") == 10_000_000


async def test_a_part_that_is_already_so_is_not_split_off(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    lot = (await anna.buy(rice, 100))["lots"][0]["id"]
    part = {"lot_id": lot, "quantity": {"amount": 40, "unit": "g"}}
    for path, line in (("/move", {**part, "location_id": None}), ("/thaw", part)):
        answer = await anna.ask("POST", path, json={"lines": [line]})
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/nothing-to-do")
    assert len((await anna.on_hand())["Rice"]["lots"]) == 1


async def test_all_that_is_missing_is_told_of_all_lines_together(anna: Kitchen) -> None:
    rice, salt = await anna.item("Rice"), await anna.item("Salt")
    await anna.buy(rice, 100)
    lines = [{"item_id": item, "quantity": {"amount": 80, "unit": "g"}} for item in (rice, salt, rice, rice)]
    answer = await anna.ask("POST", "/consume", json={"lines": lines})
    assert answer.json()["short"] == [
        {"item_id": salt, "missing": {"amount": 80, "unit": "g"}},
        {"item_id": rice, "missing": {"amount": 140, "unit": "g"}},
    ]
    unknown = await anna.ask("POST", "/consume", json={"lines": [{**lines[0], "item_id": str(new_id())}]})
    assert unknown.status_code == 404
