"""What a food holds: scaled, added, its energy, and what can't be."""

from decimal import Decimal
from fractions import Fraction

import pytest

from popote_kit.problems import Invalid
from popote_kit.quantity import Amount
from popote_kit.units import ML, G
from popote_nutrition.model.nutrients import (
    CODES,
    UNKNOWN,
    Energy,
    Nutrients,
    Per,
    check,
    completed,
    energy,
    impossible,
    of_amount,
    rounded,
    salt_of_sodium,
    scaled,
    summed,
    with_energy,
)


def holding(**amounts: str) -> Nutrients:
    return Nutrients(**{code: Amount(amount) for code, amount in amounts.items()})


BREAD = holding(
    fat_g="1.4", carbohydrate_g="55.4", fibre_g="3.8", protein_g="9.4", salt_g="1.32", alcohol_g="0", polyols_g="0"
)


def test_there_are_eleven_nutrients_and_all_may_be_unknown() -> None:
    assert len(CODES) == 11
    assert dict(UNKNOWN.items()) == dict.fromkeys(CODES)


def test_40_grams_of_bread_hold_two_fifths_of_what_100_hold() -> None:
    eaten = of_amount(BREAD, 40 * G, "g")
    # 0.4 x 1.4 = 0.56; 0.4 x 55.4 = 22.16; 0.4 x 1.32 = 0.528
    assert (eaten.fat_g, eaten.carbohydrate_g, eaten.salt_g) == (Decimal("0.56"), Decimal("22.16"), Decimal("0.528"))
    assert eaten.sugars_g is None


def test_a_drink_is_counted_by_its_volume() -> None:
    assert of_amount(holding(sugars_g="10.6"), 330 * ML, "ml").sugars_g == Decimal("34.98")  # 3.3 x 10.6


def test_one_nanogram_is_not_lost() -> None:
    assert of_amount(holding(fat_g="12.345678901234567"), 1, "g").fat_g == Decimal("12.345678901234567E-11")


def test_what_is_known_adds_up_and_the_rest_stays_unknown() -> None:
    both = summed([holding(fat_g="1.1", salt_g="0.3"), holding(fat_g="2.2")])
    assert both == holding(fat_g="3.3", salt_g="0.3")
    assert summed([]) == UNKNOWN


def test_three_thirds_are_whole_when_they_are_shown() -> None:
    third = scaled(holding(fat_g="10"), Fraction(1, 3))
    assert rounded(third) == holding(fat_g="3.3333")
    assert rounded(summed([third] * 3)) == holding(fat_g="10.0000")


def test_salt_is_two_and_a_half_times_the_sodium() -> None:
    assert salt_of_sodium(Decimal("0.4")) == 1


def test_energy_has_factors_of_its_own_in_each_unit() -> None:
    # kJ: 37 x 1.4 + 17 x 55.4 + 17 x 9.4 + 8 x 3.8 = 51.8 + 941.8 + 159.8 + 30.4 = 1183.8
    # kcal: 9 x 1.4 + 4 x 55.4 + 4 x 9.4 + 2 x 3.8 = 12.6 + 221.6 + 37.6 + 7.6 = 279.4 (and 1183.8 / 4.184 is 282.9)
    assert energy(BREAD) == Energy(Amount("1183.8"), Amount("279.4"), is_approximate=False)


def test_alcohol_counts() -> None:
    # Red wine. kJ: 17 x 2.6 + 17 x 0.1 + 29 x 10.5 = 44.2 + 1.7 + 304.5 = 350.4; kcal: 10.4 + 0.4 + 73.5 = 84.3
    wine = holding(fat_g="0", carbohydrate_g="2.6", protein_g="0.1", fibre_g="0", alcohol_g="10.5", polyols_g="0")
    assert energy(wine) == Energy(Amount("350.4"), Amount("84.3"), is_approximate=False)


def test_polyols_are_part_of_the_carbohydrate_and_count_less() -> None:
    # Sugar-free sweets: 90 g of polyols in 95 g. kJ: 17 x 5 + 10 x 90 = 985; kcal: 4 x 5 + 2.4 x 90 = 236
    sweets = holding(fat_g="0", carbohydrate_g="95", protein_g="0", fibre_g="0", alcohol_g="0", polyols_g="90")
    assert energy(sweets) == Energy(Amount("985"), Amount("236.0"), is_approximate=False)


def test_energy_without_the_fibre_is_approximate() -> None:
    # kJ: 37 + 17 x 2 + 17 x 3 = 122; kcal: 9 + 8 + 12 = 29
    found = energy(holding(fat_g="1", carbohydrate_g="2", protein_g="3", alcohol_g="0", polyols_g="0"))
    assert found == Energy(Amount("122"), Amount("29"), is_approximate=True)


@pytest.mark.parametrize("code", ["fat_g", "carbohydrate_g", "protein_g"])
def test_energy_is_unknown_without_fat_carbohydrate_or_protein(code: str) -> None:
    assert energy(Nutrients(**{other: amount for other, amount in BREAD.items() if other != code})) is None


def test_an_unknown_energy_is_filled_in_by_the_factors() -> None:
    filled = with_energy(BREAD)
    assert (filled.energy_kj, filled.energy_kcal) == (Decimal("1183.8"), Decimal("279.4"))
    assert filled.fat_g == BREAD.fat_g


def test_an_energy_that_is_known_stays_as_it_is() -> None:
    known = Nutrients(**dict(BREAD.items()) | {"energy_kcal": Amount(285)})
    filled = with_energy(known)
    assert (filled.energy_kj, filled.energy_kcal) == (Decimal("1183.8"), Decimal(285))


def test_without_all_factors_one_energy_follows_from_the_other() -> None:
    assert with_energy(holding(energy_kcal="100")).energy_kj == Decimal("418.4")
    assert with_energy(holding(energy_kj="418.4", fat_g="3")).energy_kcal == 100


def test_an_energy_that_is_filled_in_has_few_enough_digits_to_be_read_again() -> None:
    exact = dict.fromkeys(
        ("fat_g", "carbohydrate_g", "protein_g", "fibre_g", "alcohol_g", "polyols_g"), Amount("9") / 7
    )
    filled = with_energy(Nutrients(**{code: Amount(round(amount, 17)) for code, amount in exact.items()}))
    assert filled.energy_kj == Decimal("129.8571")  # (37 + 17 + 8 + 29 + 10) x 9/7, the polyols being all carbohydrate
    assert Amount.read(filled.energy_kj) == filled.energy_kj


def test_an_approximate_energy_is_not_filled_in() -> None:
    plain = holding(fat_g="1", carbohydrate_g="2", protein_g="3")
    assert with_energy(plain) == plain


@pytest.mark.parametrize(
    "food",
    [
        UNKNOWN,
        BREAD,
        holding(energy_kj="3700", energy_kcal="900", fat_g="100", saturates_g="14"),  # oil
        holding(carbohydrate_g="100", sugars_g="100"),  # sugar
        holding(salt_g="100"),
        holding(fat_g="0.4", saturates_g="0.5"),  # rounded apart
        holding(energy_kj="3", energy_kcal="0"),  # tea
        holding(energy_kj="1340", energy_kcal="324"),  # bran: much of it is fibre, 8 kJ and 2 kcal a gram
    ],
)
def test_a_food_that_can_be(food: Nutrients) -> None:
    assert impossible(food) == []
    check(food)


@pytest.mark.parametrize(
    ("food", "per", "code"),
    [
        (holding(fat_g="-0.1"), "g", "fat_g"),
        (holding(fat_g="100.1"), "g", "fat_g"),
        (holding(salt_g="101"), "g", "salt_g"),
        (holding(sugars_g="150.1"), "ml", "sugars_g"),
        (holding(energy_kj="3801"), "g", "energy_kj"),
        (holding(energy_kcal="926"), "ml", "energy_kcal"),
        (holding(fat_g="10", saturates_g="10.6"), "g", "saturates_g"),
        (holding(carbohydrate_g="5", sugars_g="12"), "g", "sugars_g"),
        (holding(carbohydrate_g="5", polyols_g="12"), "g", "polyols_g"),
        (holding(fat_g="40", carbohydrate_g="50", protein_g="16"), "g", "carbohydrate_g"),  # 106 together
        (holding(alcohol_g="80", fibre_g="76"), "ml", "alcohol_g"),  # 156 together
        (holding(energy_kj="250", energy_kcal="250"), "g", "energy_kj"),  # one typed for the other
    ],
)
def test_what_can_t_be_is_named(food: Nutrients, per: Per, code: str) -> None:
    assert [each.code for each in impossible(food, per)] == [code]
    with pytest.raises(Invalid) as refused:
        check(food, per)
    assert [error["pointer"] for error in refused.value.facts["errors"]] == [f"/{code}"]


def test_honey_may_hold_more_than_100_grams_in_100_ml() -> None:
    honey = holding(carbohydrate_g="115", sugars_g="115")
    assert impossible(honey, "ml") == []
    assert len(impossible(honey, "g")) == 2


def test_polyols_that_rounding_makes_more_than_the_carbohydrate_take_no_energy_away() -> None:
    gum = holding(fat_g="0", carbohydrate_g="0", fibre_g="0", protein_g="0", alcohol_g="0", polyols_g="0.5")
    assert with_energy(gum).energy_kj == 5
    assert with_energy(gum).energy_kcal == Decimal("1.2")


def test_a_label_is_completed_by_its_food_but_never_contradicted() -> None:
    food = holding(energy_kj="418.4", energy_kcal="100", fat_g="3", saturates_g="2", carbohydrate_g="5", fibre_g="1")
    said = holding(energy_kcal="50", fat_g="0.5", sugars_g="8")
    # saturates can't be more than the label's fat, nor the carbohydrate less than its sugars; 50 kcal are 209.2 kJ
    assert completed(said, food) == holding(energy_kj="209.2", energy_kcal="50", fat_g="0.5", sugars_g="8", fibre_g="1")


def test_the_energy_of_a_food_is_not_that_of_a_label_with_other_values() -> None:
    food = holding(energy_kj="418.4", energy_kcal="100", fat_g="3", salt_g="1")
    assert completed(holding(fat_g="10"), food) == holding(fat_g="10", salt_g="1")
    assert completed(holding(salt_g="2"), food) == holding(energy_kj="418.4", energy_kcal="100", fat_g="3", salt_g="2")
