"""JSON in and out."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popote_kit.codec import decode, decode_text, encode, exact_json
from popote_kit.problems import Invalid, Malformed
from popote_kit.quantity import Amount

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]))
numbers = st.integers(-(10**30), 10**30) | st.floats(-1e90, 1e90).filter(lambda x: x == 0 or abs(x) > 1e-90)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)


class Line(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    amount: Decimal


class Order(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[Line]


@given(values)
def test_what_python_writes_is_read_back(value: Any) -> None:
    assert decode(json.dumps(value).encode(), Any) == value
    assert decode(json.dumps(value, ensure_ascii=False).encode(), Any) == value


@given(values)
def test_what_is_encoded_is_read_back(value: Any) -> None:
    assert decode(encode(value), Any) == value


@given(st.binary(max_size=300))
def test_bytes_are_read_or_refused_and_nothing_else(body: bytes) -> None:
    try:
        value = decode(body, Any)
    except Malformed:
        return
    assert value == json.loads(body)


@given(st.text('[]{}":,\\ 1e9-u0', max_size=60))
def test_what_looks_like_json_is_read_or_refused(body: str) -> None:
    try:
        value = decode(body.encode(), Any)
    except Malformed:
        return
    assert value == json.loads(body)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("1E+3", b"1000"), ("1.500", b"1.5"), ("1.0", b"1"), ("0E-7", b"0"), ("0.00", b"0"), ("1E-9", b"0.000000001"),
        ("-1.50E+2", b"-150"), ("100", b"100"), ("1.05", b"1.05"), ("-0.10", b"-0.1"), ("1E+20", b"1" + b"0" * 20),
        ("3.90E-7", b"0.00000039"), ("-1.0E+2", b"-100"), ("123456789012345678.125", b"123456789012345678.125"),
    ],
)  # fmt: skip
def test_a_decimal_is_a_plain_number(number: str, written: bytes) -> None:
    assert encode(Decimal(number)) == written
    assert encode([Decimal(number)]) == b"[" + written + b"]"
    assert encode(Amount(number)) == written
    assert encode({"amount": Decimal(number), "unit": "kg"}) == b'{"amount":' + written + b',"unit":"kg"}'


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18))
def test_a_decimal_keeps_its_value_to_the_last_digit(number: Decimal) -> None:
    assert Decimal(encode([number])[1:-1].decode()) == number


def test_what_is_kept_as_jsonb_has_its_decimals_as_texts() -> None:
    value = {"one": Decimal("1.10"), "other": [Amount("0.000000001")], "count": 3, "nothing": None}
    assert json.loads(exact_json(value)) == {"one": "1.10", "other": ["1E-9"], "count": 3, "nothing": None}


@pytest.mark.parametrize("text", ["1E+3", "1.500, 2.0}", "[1.0]", '\\"1.0,', "1.50", '5.00] "1E9" '])
def test_a_text_that_looks_like_a_number_is_left_alone(text: str) -> None:
    assert json.loads(encode({text: text, "amount": Decimal("1.50")})) == {text: text, "amount": 1.5}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"lines": 1}, "/lines"),
        ({"lines": [{"name": "rice", "amount": 1}, {"name": 2, "amount": 1}]}, "/lines/1/name"),
        ({"lines": [{"name": "rice"}]}, "/lines/0"),
        ({"lines": [], "more": 1}, ""),
        ([], ""),
    ],
)
def test_a_wrong_value_is_pointed_at(body: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode(json.dumps(body).encode(), Order)
    assert [error["pointer"] for error in refused.value.facts["errors"]] == [pointer]


def test_a_refusal_never_repeats_more_than_a_little_of_what_was_sent() -> None:
    with pytest.raises(Invalid) as refused:
        decode(json.dumps({"lines": [], "x" * 100_000: 1}).encode(), Order)
    assert len(refused.value.facts["errors"][0]["message"]) <= 200


def test_a_text_is_read_with_or_without_a_byte_order_mark() -> None:
    assert decode_text("\ufeffŒufs;\t6\r\n".encode()) == decode_text("Œufs;\t6\r\n".encode()) == "Œufs;\t6\r\n"


@pytest.mark.parametrize("body", [b"\xe9", b"a\0b", b"a\x1bb", b"\x7f", b"\xff\xfea\0", b"\xed\xa0\x80"])
def test_a_text_of_other_bytes_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode_text(body)
