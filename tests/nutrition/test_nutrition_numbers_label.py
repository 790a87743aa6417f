"""The label: the order of Annex XV, and the rounding of the Commission's guidance of December 2012."""

from decimal import Decimal
from fractions import Fraction

import pytest

from popote_kit.quantity import Amount
from popote_kit.units import G
from popote_nutrition.model.foods import Language
from popote_nutrition.model.label import Line, label
from popote_nutrition.model.nutrients import UNKNOWN, Nutrients
from popote_nutrition.model.totals import Portion, portion


def labelled(language: Language = "en", **amounts: str) -> dict[str, Line]:
    known = Nutrients(**{code: Amount(amount) for code, amount in amounts.items()})
    return {line.code: line for line in label(portion(known, 100 * G), language)}


def half_known(**amounts: str) -> dict[str, Line]:
    known = Nutrients(**{code: Amount(amount) for code, amount in amounts.items()})
    whole = Portion(100 * G, known, {code: Fraction(1, 2) for code, _ in known.items()})
    return {line.code: line for line in label(whole, "en")}


def test_the_lines_stand_in_the_order_of_the_law() -> None:
    assert list(labelled(polyols_g="3")) == [
        "energy_kj",
        "energy_kcal",
        "fat_g",
        "saturates_g",
        "carbohydrate_g",
        "sugars_g",
        "polyols_g",
        "fibre_g",
        "protein_g",
        "salt_g",
    ]


def test_polyols_are_left_out_where_there_are_none() -> None:
    assert "polyols_g" not in labelled()
    assert "polyols_g" not in labelled(polyols_g="0")


@pytest.mark.parametrize(
    ("code", "amount", "en", "fr"),
    [
        ("energy_kj", "1183.8", "1184 kJ", "1184 kJ"),
        ("energy_kcal", "279.5", "280 kcal", "280 kcal"),
        ("energy_kcal", "0", "0 kcal", "0 kcal"),
        ("energy_kcal", "0.4", "0 kcal", "0 kcal"),
        ("fat_g", "12.5", "13 g", "13 g"),
        ("fat_g", "10", "10 g", "10 g"),
        ("fat_g", "9.95", "10 g", "10 g"),
        ("fat_g", "9.94", "9.9 g", "9,9 g"),
        ("fat_g", "3", "3.0 g", "3,0 g"),
        ("fat_g", "0.51", "0.5 g", "0,5 g"),
        ("fat_g", "0.5", "<0.5 g", "<0,5 g"),
        ("fat_g", "0.01", "<0.5 g", "<0,5 g"),
        ("fat_g", "0", "0 g", "0 g"),
        ("saturates_g", "0.5", "0.5 g", "0,5 g"),
        ("saturates_g", "0.1", "<0.1 g", "<0,1 g"),
        ("saturates_g", "10.4", "10 g", "10 g"),
        ("carbohydrate_g", "0.3", "<0.5 g", "<0,5 g"),
        ("sugars_g", "4.25", "4.3 g", "4,3 g"),
        ("fibre_g", "0.4", "<0.5 g", "<0,5 g"),
        ("protein_g", "25.35", "25 g", "25 g"),
        ("salt_g", "1.32", "1.3 g", "1,3 g"),
        ("salt_g", "0.996", "1.0 g", "1,0 g"),
        ("salt_g", "0.994", "0.99 g", "0,99 g"),
        ("salt_g", "0.013", "0.01 g", "0,01 g"),
        ("salt_g", "0.0125", "<0.01 g", "<0,01 g"),
        ("salt_g", "0", "0 g", "0 g"),
        ("salt_g", "25.04", "25.0 g", "25,0 g"),
    ],
)
def test_a_value_is_rounded_as_the_guidance_says(code: str, amount: str, en: str, fr: str) -> None:
    assert labelled("en", **{code: amount})[code].text == en
    assert labelled("fr", **{code: amount})[code].text == fr


def test_a_line_has_its_number_beside_its_text() -> None:
    lines = labelled(fat_g="0.2", protein_g="9.44")
    assert (lines["protein_g"].amount, lines["protein_g"].is_below) == (Decimal("9.4"), False)
    assert (lines["fat_g"].amount, lines["fat_g"].is_below) == (Decimal("0.5"), True)


def test_names_are_those_of_the_law_in_both_languages() -> None:
    assert [line.name for line in labelled("en").values()][2:4] == ["Fat", "of which saturates"]
    assert [line.name for line in labelled("fr").values()][2:4] == ["Matières grasses", "dont acides gras saturés"]


@pytest.mark.parametrize(("language", "word"), [("en", "unknown"), ("fr", "inconnu")])
def test_what_is_unknown_is_said_to_be(language: Language, word: str) -> None:
    lines = label(portion(UNKNOWN, None), language)
    assert {(line.text, line.amount, line.percent) for line in lines} == {(word, None, None)}


def test_percents_are_whole_and_of_the_exact_value() -> None:
    lines = labelled(
        energy_kj="1183.8", energy_kcal="279.4", fat_g="1.4", saturates_g="0.3", carbohydrate_g="55.4",
        sugars_g="4.95", protein_g="9.4", salt_g="1.32", fibre_g="3.8",
    )  # fmt: skip
    # 1183.8/8400 = 14.09; 279.4/2000 = 13.97; 1.4/70 = 2; 0.3/20 = 1.5; 55.4/260 = 21.3; 4.95/90 = 5.5; 9.4/50 = 18.8;
    # 1.32/6 = 22. Halves go up. There is no reference intake of fibre.
    assert [line.percent for line in lines.values()] == [14, 14, 2, 2, 21, 6, None, 19, 22]


def test_what_is_known_of_a_part_is_the_least_there_is() -> None:
    fat = half_known(fat_g="12.4")["fat_g"]
    assert (fat.text, fat.is_at_least) == ("at least 12 g", True)


def test_less_than_a_trace_is_not_said_of_what_is_unknown() -> None:
    assert half_known(fat_g="0.2")["fat_g"].text == "unknown"
    assert half_known(fat_g="0")["fat_g"].text == "unknown"
