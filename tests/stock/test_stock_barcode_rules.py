"""Barcodes: one GTIN whatever the bars, what GS1 codes tell besides, and what is refused with a reason."""

import contextlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popote_kit.quantity import Amount, Quantity
from popote_stock.errors import BadBarcode
from popote_stock.model import gs1
from popote_stock.model.barcode import check_digit, expanded, gtin, is_in_store, shown

TODAY = date(2026, 11, 24)
GS = gs1.SEPARATOR
MILK = "03017620422003"


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


def checked(length: int) -> st.SearchStrategy[str]:
    """Codes of this length with the right check digit."""
    return digits(length - 1).map(lambda body: body + check_digit(body))


CODES = st.one_of(*(checked(length) for length in (8, 12, 13, 14)))


def scan(text: str) -> gs1.Scan:
    return gs1.read(text, TODAY)


def fault_of(read: Callable[[str], object], text: str) -> str:
    with pytest.raises(BadBarcode) as refused:
        read(text)
    return str(refused.value.facts["fault"])


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("3017620422003", MILK),
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("04252614", "00042100005264"),
        ("15400141288763", "15400141288763"),
    ],
    ids=["EAN-13", "EAN-8", "UPC-A", "UPC-E", "ITF-14"],
)
def test_every_kind_of_bars_becomes_one_number_of_fourteen_digits(code: str, number: str) -> None:
    assert gtin(code) == number


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("0123450", "01200000345"),
        ("0123451", "01210000345"),
        ("0123452", "01220000345"),
        ("0123453", "01230000045"),
        ("0123454", "01234000005"),
        ("0123455", "01234500005"),
        ("0123459", "01234500009"),
    ],
)
def test_a_upc_e_gets_its_zeros_back(short: str, full: str) -> None:
    check = check_digit(full)
    assert expanded(short + check) == full + check
    assert gtin(short + check) == gtin(full + check)


def test_the_same_can_as_upc_a_and_as_ean_13_is_the_same_can() -> None:
    assert gtin("036000291452") == gtin("0036000291452") == gtin("00036000291452")


@given(CODES)
def test_what_is_shown_reads_as_the_same_number_and_is_never_longer(code: str) -> None:
    number = gtin(code)
    assert gtin(shown(number)) == number
    assert len(shown(number)) <= 14


@given(checked(13), st.integers(0, 12), st.integers(1, 9))
def test_one_digit_misread_is_always_found(code: str, place: int, error: int) -> None:
    wrong = str((int(code[place]) + error) % 10)
    assert fault_of(gtin, code[:place] + wrong + code[place + 1 :]) == "check_digit"


@pytest.mark.parametrize(
    ("code", "shortest"), [(MILK, "3017620422003"), ("00036000291452", "036000291452"), ("00000096385074", "96385074")]
)
def test_a_number_is_shown_in_its_shortest_form(code: str, shortest: str) -> None:
    assert shown(code) == shortest


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("3017620422004", "check_digit"),
        ("96385075", "check_digit"),
        ("04252615", "check_digit"),
        ("301762042200", "check_digit"),
        ("30176204", "check_digit"),
        ("301762042", "length"),
        ("1", "length"),
        ("0" * 15, "length"),
        ("", "characters"),
        ("30176204 2003", "characters"),
        ("301762042200X", "characters"),
        ("٣٠١٧٦٢٠٤٢٢٠٠٣", "characters"),
        ("²²²²²²²²", "characters"),
        ("-3017620422003", "characters"),
    ],
)
def test_a_bad_code_is_refused_and_told_why(code: str, fault: str) -> None:
    assert fault_of(gtin, code) == fault


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    with contextlib.suppress(BadBarcode):
        assert len(gtin(text)) == 14


@pytest.mark.parametrize(
    ("code", "is_shops_own"),
    [
        ("2012345000005", True),
        ("2999999999994", True),
        ("0212345000005", True),
        ("20123451", True),
        ("3017620422003", False),
        ("96385074", False),
        ("036000291452", False),
        ("1200000000003", False),
    ],
)
def test_the_shops_own_numbers_are_told_apart(code: str, is_shops_own: bool) -> None:
    assert is_in_store(gtin(code[:-1] + check_digit(code[:-1]))) is is_shops_own


ELEMENTS = f"01{MILK}15261231310300125010L7{GS}17270100"
LINK = f"https://shop.example/some/where/01/{MILK}/10/L7?15=261231&17=270100&3103=001250&utm_source=x"
WHOLE = gs1.Scan(MILK, date(2026, 12, 31), date(2027, 1, 31), "L7", Quantity(Amount("1.250"), "kg"))


@pytest.mark.parametrize(
    "text",
    [ELEMENTS, GS + ELEMENTS, f"]C1{ELEMENTS}", f"]d2{ELEMENTS}", f"]C1{GS}{ELEMENTS}{GS}", LINK, f"{LINK}#top"],
    ids=["bare", "FNC1", "GS1-128", "DataMatrix", "both", "link", "link with a fragment"],
)
def test_a_gs1_code_tells_dates_lot_and_weight_whatever_carries_it(text: str) -> None:
    assert scan(text) == WHOLE


@pytest.mark.parametrize("text", ["3017620422003", "]E03017620422003", f"https://x.example/gtin/{MILK}", f"01{MILK}"])
def test_a_plain_code_tells_the_product_alone(text: str) -> None:
    assert scan(text) == gs1.Scan(MILK)


@pytest.mark.parametrize(
    "text",
    [
        f"00{'0' * 18}01{MILK}",
        f"01{MILK}1126110113261101162612012000",
        f"21SERIAL{GS}01{MILK}",
        f"01{MILK}99anything{GS}240part{GS}3922000199",
        f"https://x.example/01/{MILK}/21/serial%2F1/",
        f"http://x.example/01/{MILK}?99=a&310=1&310x=000001&310²=000001",
    ],
)
def test_what_is_not_read_is_passed_over(text: str) -> None:
    assert scan(text) == gs1.Scan(MILK)


@pytest.mark.parametrize(
    ("element", "quantity"),
    [
        ("3100000005", "5 kg"),
        ("3106000005", "0.000005 kg"),
        ("3152000150", "1.50 l"),
        ("3166000250", "0.250 l"),
        ("3201000125", "12.5 lb"),
        ("3012", "12 piece"),
        ("3724", "24 piece"),
    ],
)
def test_a_net_amount_is_exact(element: str, quantity: str) -> None:
    amount, unit = quantity.split()
    assert scan(f"01{MILK}{element}").quantity == Quantity(Amount(Decimal(amount)), unit)


def test_a_scale_that_was_not_asked_tells_no_weight() -> None:
    assert scan(f"01{MILK}3103000000").quantity is None


def test_a_case_names_what_is_inside_and_how_many() -> None:
    assert scan(f"02{MILK}3712") == gs1.Scan(MILK, quantity=Quantity(Amount(12), "piece"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("261231", date(2026, 12, 31)),
        ("280200", date(2028, 2, 29)),
        ("270200", date(2027, 2, 28)),
        ("761231", date(2076, 12, 31)),
        ("771231", date(1977, 12, 31)),
        ("991231", date(1999, 12, 31)),
    ],
)
def test_a_year_of_two_digits_is_the_nearest_one_and_day_zero_the_months_last(written: str, meant: date) -> None:
    assert scan(f"01{MILK}17{written}").use_by == meant


def test_near_the_turn_of_a_century_years_lie_on_both_sides() -> None:
    assert gs1.read(f"01{MILK}17010101", date(2099, 1, 1)).use_by == date(2101, 1, 1)
    assert gs1.read(f"01{MILK}17991231", date(2101, 1, 1)).use_by == date(2099, 12, 31)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "gtin"),
        ("hello", "characters"),
        ("01", "length"),
        (f"01{MILK}1", "length"),
        (f"01{MILK}10", "length"),
        (f"01{MILK}17", "length"),
        (f"01{MILK}1726{GS}1231", "length"),
        (f"01{MILK}10{'L' * 21}", "length"),
        (f"01{MILK}10L\u00e9", "characters"),
        (f"01{MILK}10L\x00", "characters"),
        (f"01{MILK[:-1]}4", "check_digit"),
        (f"01{MILK}17261301", "date"),
        (f"01{MILK}15260230", "date"),
        (f"01{MILK}1526 230", "date"),
        (f"01{MILK}310300x250", "characters"),
        (f"01{MILK}30123456789", "length"),
        ("00395011015300000012", "gtin"),
        ("10LOT", "gtin"),
        ("https://x.example/", "gtin"),
        ("https://x.example/01/", "gtin"),
        (f"https://x.example/01/{MILK}/10", "gtin"),
        (f"https://[x/01/{MILK}", "characters"),
        (f"https://x.example/01/{MILK}?{'a=1&' * 51}", "characters"),
        (f"https://x.example/01/{MILK}?17=2612", "date"),
        (f"https://x.example/01/{MILK}?3103=1", "length"),
        (f"https://x.example/01/{MILK}/10/a%00b", "characters"),
        ("https://x.example/01/%2e%2e", "characters"),
    ],
)
def test_a_bad_scan_is_refused_and_told_why(text: str, fault: str) -> None:
    assert fault_of(scan, text) == fault


PIECES = st.sampled_from(
    ["01", MILK, "15", "17", "261231", "10", "3103", "310x", GS, "]C1", "https://x/01/", "?", "=", "&"]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=8).map("".join))
def test_any_scan_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadBarcode):
        assert len(scan(text).gtin) == 14


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_refusal_is_a_sentence_in_both_languages(language: str) -> None:
    with pytest.raises(BadBarcode) as refused:
        gtin("3017620422004")
    document = refused.value.document(language=language)
    assert (document["status"], document["type"]) == (422, "/problems/bad-barcode")
    assert document["detail"].endswith(".")
