"""Quantities on their way: JSON numbers in and out, in the contract, and in columns."""

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any, NotRequired, TypedDict

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import post
from litestar.params import JSONBody

from popote_kit import contract
from popote_kit.codec import decode, encode
from popote_kit.database import Database, many, maybe, one
from popote_kit.problems import Invalid, Malformed
from popote_kit.quantity import Amount, Fact, PositiveQuantity, Quantity, in_base, show
from popote_kit.testing import PASSWORD, Clock, FreshDatabase, calling, new_id

decimals = st.decimals(0, 10**9, places=9)


class Purchase(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[PositiveQuantity]
    counted: Quantity | None = None


class Nested(msgspec.Struct):
    """A recipe in a recipe; by default one piece."""

    makes: Quantity = Quantity(Amount(1), "piece")
    parts: "list[Nested]" = []


class Dish(TypedDict):
    share: NotRequired[dict[str, tuple[Amount, ...]]]


class Mixed(msgspec.Struct):
    amount: Amount
    note: Any = None
    share: float = 0.0


def read(number: str) -> Amount:
    return decode(f'{{"amount":{number},"unit":"g"}}'.encode(), Quantity).amount


@given(decimals)
def test_a_number_is_read_and_written_to_its_last_digit(number: Decimal) -> None:
    written = encode(number)
    assert read(written.decode()) == number
    assert encode(read(written.decode())) == written


@pytest.mark.parametrize(
    ("number", "amount"),
    [
        ("1.5", "1.5"), ("3", "3"), ("0", "0"), ("-0", "0"), ("-0.0", "0"), ("0.1", "0.1"), ("1E2", "100"),
        ("1e-9", "1e-9"), ("2.50", "2.5"), ("123456789.123456789", "123456789.123456789"),
        ("9999999999999", "9999999999999"),
        ("0.3333333333333333", "0.3333333333333333"), ("0.100000000000000001", "0.100000000000000001"),
    ],
)  # fmt: skip
def test_an_amount_is_the_number_that_was_written(number: str, amount: str) -> None:
    assert read(number) == Decimal(amount)
    assert type(read(number)) is Amount
    assert not read(number).is_signed()


NASTY = [
    *(f"{digits}e{sign}{exponent}" for digits in ("1", "9.9", "0", "-1", "123456789")
      for sign in ("", "-") for exponent in (23, 30, 42, 64, 87, 98, 99)),
    *(f'"{text}"' for text in ("1", "1.5", "NaN", "Infinity", "-Infinity", "sNaN", "1e3000000", "", "1,5", "½", "٣")),
    *("1" * length for length in range(19, 41)), *("0." + "3" * length for length in range(19, 39)),
    "true", "false", "null", "[]", "{}", "[1]", '{"amount":1}', "-1", "-0.5", "-1e-9", "1e13", "10000000000000",
    "1e-10", "0.0000000001", "0e13", "1.000000000000000000",
]  # fmt: skip


def test_a_hundred_nasty_numbers_are_refused_and_pointed_at() -> None:
    assert len(NASTY) > 100
    for number in NASTY:
        with pytest.raises(Invalid) as refused:
            read(number)
        (error,) = refused.value.facts["errors"]
        assert (number, error["pointer"]) == (number, "/amount")


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "1e400", "1e-3000000", "1e3000000", "1" * 5000, "01", "+1", ".5", "1."]
)
def test_what_is_no_sane_json_number_makes_the_body_unreadable(number: str) -> None:
    with pytest.raises(Malformed):
        read(number)


@given(st.text("0123456789.eE+-", max_size=30))
def test_any_number_is_taken_whole_or_refused(number: str) -> None:
    try:
        amount = read(number)
    except (Invalid, Malformed):
        return
    assert amount == Decimal(number)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"lines": [{"amount": 0, "unit": "g"}]}, "/lines/0/amount"),
        ({"lines": [{"amount": -0.0, "unit": "g"}]}, "/lines/0/amount"),
        ({"lines": [{"amount": 1, "unit": "g"}, {"amount": "1", "unit": "g"}]}, "/lines/1/amount"),
        ({"lines": [], "counted": {"amount": -1, "unit": "g"}}, "/counted/amount"),
        ({"lines": [{"amount": 1, "unit": ""}]}, "/lines/0/unit"),
        ({"lines": [{"amount": 1, "unit": "g" * 41}]}, "/lines/0/unit"),
        ({"lines": [{"amount": 1}]}, "/lines/0"),
        ({"lines": [{"amount": 1, "unit": "g", "more": 1}]}, "/lines/0"),
    ],
)
def test_a_wrong_quantity_is_pointed_at(body: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode(json.dumps(body).encode(), Purchase)
    assert [error["pointer"] for error in refused.value.facts["errors"]] == [pointer]


def test_nothing_is_a_fine_count_and_no_purchase() -> None:
    assert decode(b'{"lines":[],"counted":{"amount":0,"unit":"g"}}', Purchase).counted == Quantity(Amount(0), "g")


def test_a_fact_is_read_from_json_and_a_bad_one_pointed_at() -> None:
    clove = decode(b'[{"unit":"gousse","equals":{"amount":5,"unit":"g"}}]', list[Fact])
    assert clove == [Fact("gousse", Quantity(Amount(5), "g"))]
    with pytest.raises(Invalid) as refused:
        decode(b'[{"unit":"gousse","equals":{"amount":0,"unit":"g"}}]', list[Fact])
    assert refused.value.facts["errors"][0]["pointer"] == "/0"


def test_a_type_without_amounts_is_read_as_ever() -> None:
    value = decode(b'{"a": 1.5, "b": [2.0, 3], "c": 1e2}', dict[str, Any])
    assert value == {"a": 1.5, "b": [2.0, 3], "c": 100.0}
    assert [type(one) for one in (value["a"], *value["b"], value["c"])] == [float, float, int, float]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Amount, "#"), (list[Amount | None], "[#]"), (dict[str, Quantity], '{"a":{"amount":#,"unit":"g"}}'),
        (Nested, '{"makes":{"amount":1,"unit":"g"},"parts":[{"makes":{"amount":#,"unit":"g"},"parts":[]}]}'),
        (Dish, '{"share":{"a":[#]}}'),
    ],
)  # fmt: skip
def test_an_amount_is_exact_wherever_it_stands(kind: Any, body: str) -> None:
    exact = body.replace("#", "0.100000000000000001").encode()
    assert encode(decode(exact, kind)) == exact


def test_a_quantity_that_is_missing_is_the_one_by_default() -> None:
    assert decode(b"{}", Nested).makes == Quantity(Amount(1), "piece")


def test_beside_an_amount_a_float_stays_one_and_what_has_no_type_is_as_exact_as_the_amount() -> None:
    mixed = decode(b'{"amount": 1.5, "note": {"x": 0.1}, "share": 0.1}', Mixed)
    assert (mixed.share, mixed.note) == (0.1, {"x": Decimal("0.1")})
    assert encode(mixed) == b'{"amount":1.5,"note":{"x":0.1},"share":0.1}'


def test_what_can_not_be_written_as_json_is_an_error() -> None:
    with pytest.raises(TypeError, match="Encoding objects of type object is unsupported"):
        encode({"amount": object()})


@post("/weigh", operation_id="weigh", status_code=200)
async def weigh(data: JSONBody[Purchase]) -> Quantity:
    """Add up."""
    return show(sum(map(in_base, data.lines)), "kg")


async def test_a_service_takes_and_gives_quantities(build: Any) -> None:
    async with calling(build(weigh)) as client:
        kilos = '{"lines":[{"amount":1.1,"unit":"kg"},{"amount":2.2,"unit":"kg"}]}'
        answer = await client.post("/weigh", content=kilos, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.text) == (200, '{"amount":3.3,"unit":"kg"}')
        wrong = await client.post("/weigh", json={"lines": [{"amount": "1", "unit": "kg"}]})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/lines/0/amount")
        unknown = await client.post(
            "/weigh", json={"lines": [{"amount": 1, "unit": "c"}]}, headers={"Accept-Language": "fr"}
        )
        assert (unknown.status_code, unknown.json()["type"], unknown.json()["unit"]) == (
            422,
            "/problems/unknown-unit",
            "c",
        )
        assert unknown.json()["detail"] == "« c » n'est pas une unité connue."


def test_the_contract_says_that_an_amount_is_a_number(build: Any) -> None:
    schemas = contract.describe(build(weigh))["components"]["schemas"]
    assert schemas["Quantity"]["properties"]["amount"] == {"type": "number"}
    assert schemas["PositiveQuantity"]["properties"]["amount"] == {"type": "number", "exclusiveMinimum": 0}
    assert schemas["Quantity"]["properties"]["unit"] == {"type": "string", "minLength": 1, "maxLength": 40}
    assert schemas["Quantity"]["required"] == ["amount", "unit"]


@pytest.fixture
async def own(database: FreshDatabase, clock: Clock) -> AsyncIterator[Database]:
    own = Database(database.url("chat"), schema="chat", password=PASSWORD, clock=clock)
    yield own
    await own.close()


async def test_a_numeric_column_is_an_amount(own: Database) -> None:
    typed = Quantity(Amount("123456789.123456789"), "g")
    async with own.kitchen(new_id(), new_id()) as kitchen:
        rows = await kitchen.fetch("SELECT $1::numeric AS amount, $2::text AS unit", typed.amount, typed.unit)
        assert one(rows[0], Quantity) == maybe(rows[0], Quantity) == typed
        assert many(rows, Quantity) == [typed]
        assert type(one(rows[0], Quantity).amount) is Amount


async def test_a_quantity_in_a_jsonb_column_holds_a_number(own: Database) -> None:
    async with own.kitchen(new_id(), new_id()) as kitchen:
        kept = await kitchen.fetchval(
            "SELECT $1::jsonb::text", {"quantity": Quantity(Amount("1.5"), "kg"), "price": Decimal("2.5"), "share": 1.0}
        )
    assert json.loads(kept) == {"quantity": {"amount": 1.5, "unit": "kg"}, "price": 2.5, "share": 1.0}


async def test_what_a_jsonb_column_gives_as_a_float_is_no_amount(own: Database) -> None:
    async with own.kitchen(new_id(), new_id()) as kitchen:
        row = await kitchen.fetchrow("SELECT $1::jsonb AS counted, '[]'::jsonb AS lines", {"amount": 1.5, "unit": "kg"})
        with pytest.raises(msgspec.ValidationError):
            one(row, Purchase)


async def test_more_than_can_be_kept_is_a_problem_too(build: Any) -> None:
    async with calling(build(weigh)) as client:
        much = await client.post("/weigh", json={"lines": [{"amount": 9e12, "unit": "kg"}]})
        assert (much.status_code, much.json()["type"]) == (422, "/problems/too-much")
