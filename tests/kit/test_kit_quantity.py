"""Quantities: exact in and out of base units, and from one measure to another by facts."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from popote_kit.problems import Invalid
from popote_kit.quantity import (
    MAX_BASE,
    TOLERANCE,
    Amount,
    BadFact,
    Converted,
    Fact,
    Quantity,
    Rate,
    TooMuch,
    UnknownConversion,
    UnknownUnit,
    convert,
    in_base,
    rates,
    show,
    unit,
)
from popote_kit.units import UNITS

bases = st.integers(0, MAX_BASE)
units = st.sampled_from(UNITS)
amounts = st.decimals(0, 1000, places=4).map(Amount)


def q(amount: str | int | Decimal, unit: str) -> Quantity:
    return Quantity(Amount(amount), unit)


def fact(unit: str, amount: str | int, other: str, *, is_approximate: bool = False) -> Fact:
    return Fact(unit, q(amount, other), is_approximate=is_approximate)


@pytest.mark.parametrize(
    ("amount", "unit", "base"),
    [
        ("1", "g", 10**9), ("1.5", "kg", 1_500_000_000_000), ("1", "mg", 10**6), ("1", "lb", 453_592_370_000),
        ("1", "oz", 28_349_523_125), ("16", "oz", 453_592_370_000), ("1", "ml", 10**6), ("1", "cl", 10**7),
        ("1", "dl", 10**8), ("1", "l", 10**9), ("1", "tsp", 5_000_000), ("1", "tbsp", 15_000_000),
        ("1", "cup", 236_588_000), ("1", "metric cup", 250_000_000), ("1", "fl oz", 29_573_500),
        ("1", "pint", 473_176_000), ("1", "piece", 10**6), ("0.5", "dozen", 6_000_000), ("2", "gousses", 2_000_000),
        ("0", "g", 0), ("1e-9", "g", 1), ("10000", "kg", MAX_BASE),
    ],
)  # fmt: skip
def test_a_quantity_is_a_whole_number_of_base_units(amount: str, unit: str, base: int) -> None:
    assert in_base(q(amount, unit)) == base


@pytest.mark.parametrize(("millionths", "base"), [("0.5", 0), ("1.5", 2), ("2.5", 2), ("2.500001", 3), ("0.499", 0)])
def test_what_lies_between_two_base_units_goes_to_the_nearer_one_and_halves_to_the_even(
    millionths: str, base: int
) -> None:
    assert in_base(q(Decimal(millionths) / 10**6, "piece")) == base


def test_eighteen_digits_of_pounds_are_rounded_once() -> None:
    amount = "1.00000000012345678"
    assert in_base(q(amount, "lb")) == round(Fraction(amount) * 453_592_370_000)


def test_three_times_a_pound_is_three_pounds() -> None:
    assert 3 * in_base(q(1, "lb")) == in_base(q(3, "lb"))
    assert show(3 * in_base(q(1, "lb")), "lb") == q(3, "lb")


@given(bases, units)
def test_base_units_are_shown_exactly(base: int, unit: Any) -> None:
    assert in_base(show(base, unit.code)) == base


@given(amounts, units)
def test_what_was_typed_is_shown_as_it_was_typed(amount: Amount, unit: Any) -> None:
    assume(Fraction(amount) * unit.base <= MAX_BASE)
    typed = Quantity(amount, unit.code)
    assume(Fraction(amount) * unit.base == in_base(typed))
    assert show(in_base(typed), unit.code) == typed


@pytest.mark.parametrize(
    ("base", "code", "shown"),
    [
        (1_500_000_000_000, "kg", q("1.5", "kg")), (1, "kg", q("0.000000001", "g")), (10**9, "lb", q(1, "g")),
        (10**6, "cup", q(1, "ml")), (1_000_000, "dozen", q(1, "piece")), (18_000_000, "dozen", q("1.5", "dozen")),
        (500_000, "clove", q("0.5", "clove")), (0, "lb", q(0, "lb")), (1000, "kg", q("0.000000001", "kg")),
            (999, "kg", q("0.000000999", "g")),
        (-250 * 10**9, "g", q(-250, "g")), (15 * 10**6, "c. à s.", q(1, "tbsp")),
    ],
)  # fmt: skip
def test_the_unit_that_was_asked_for_gives_way_when_it_can_not_say_the_amount(
    base: int, code: str, shown: Quantity
) -> None:
    assert show(base, code) == shown


@pytest.mark.parametrize(("base", "code"), [(10**20 + 1, "g"), (123 * MAX_BASE + 7, "lb"), (10**19 + 1, "piece")])
def test_a_total_of_many_lots_is_still_shown_to_the_last_digit(base: int, code: str) -> None:
    shown = show(base, code)
    assert Fraction(shown.amount) * unit(shown.unit).base == base


@given(amounts, amounts, units)
def test_two_quantities_add_up(one: Amount, other: Amount, unit: Any) -> None:
    total = Quantity(Amount(one + other), unit.code)
    assume(Fraction(total.amount) * unit.base <= MAX_BASE)
    apart = in_base(Quantity(one, unit.code)) + in_base(Quantity(other, unit.code))
    assert abs(apart - in_base(total)) <= 1  # each is rounded to a whole nanogram
    if unit.base % 10**4 == 0:
        assert apart == in_base(total)


@pytest.mark.parametrize(("amount", "unit"), [("10000.1", "kg"), ("9e12", "l"), ("1e12", "dozen")])
def test_more_than_a_column_holds_is_refused(amount: str, unit: str) -> None:
    with pytest.raises(TooMuch) as refused:
        in_base(q(amount, unit))
    assert (refused.value.status, refused.value.document()["type"]) == (422, "/problems/too-much")


@pytest.mark.parametrize(
    "amount",
    ["1e3000000", "-1e3000000", "1e-3000000", "NaN", "sNaN", "Infinity", "-Infinity", "1" * 19, "0e99", "1e13"],
)
def test_a_number_out_of_bounds_is_refused_before_it_is_computed_with(amount: str) -> None:
    for use in (in_base, lambda one: convert(one, "volume"), lambda one: Fact("cup", one)):
        with pytest.raises(Invalid) as refused:
            use(q(amount, "kg"))
        assert refused.value.facts["errors"][0]["pointer"] == "/amount"


def test_an_unknown_unit_is_refused_wherever_it_stands() -> None:
    for use in (lambda: in_base(q(1, "c")), lambda: show(1, "c"), lambda: convert(q(1, "c"), "mass", []),
                lambda: fact("c", 1, "g"), lambda: fact("cup", 1, "c")):  # fmt: skip
        with pytest.raises(UnknownUnit) as refused:
            use()
        assert refused.value.facts == {"unit": "c"}


def test_every_measure_has_a_tolerance() -> None:
    assert {one.measure for one in UNITS} == TOLERANCE.keys()
    assert TOLERANCE["mass"] == in_base(q("0.05", "g"))
    assert TOLERANCE["volume"] == in_base(q("0.05", "ml"))
    assert TOLERANCE["piece"] == in_base(q("0.01", "piece"))
    assert TOLERANCE["clove"] == in_base(q("0.01", "clove"))


def test_within_one_measure_no_fact_is_needed() -> None:
    assert convert(q(2, "lb"), "mass") == Converted(907_184_740_000, is_approximate=False)
    assert convert(q(1, "dozen"), "piece") == Converted(12_000_000, is_approximate=False)


@pytest.mark.parametrize(
    ("quantity", "measure", "units"),
    [
        (q(3, "clove"), "mass", 15 * 10**9), (q(15, "g"), "clove", 3 * 10**6), (q(1, "dozen"), "mass", 600 * 10**9),
        (q(100, "g"), "piece", 2 * 10**6), (q("0.5", "l"), "mass", 515 * 10**9), (q(103, "g"), "volume", 100 * 10**6),
    ],
)  # fmt: skip
def test_a_fact_leads_both_ways(quantity: Quantity, measure: str, units: int) -> None:
    facts = [fact("clove", 5, "g"), fact("piece", 50, "g"), fact("ml", "1.03", "g")]
    assert convert(quantity, measure, facts) == Converted(units, is_approximate=False)


@given(bases, st.decimals(Decimal("0.001"), 1000, places=3).map(Amount))
def test_there_and_back_with_the_same_fact_is_where_it_began(base: int, density: Amount) -> None:
    facts = [Fact("ml", Quantity(density, "g"))]
    volume = show(base // 10**6, "ml")
    assume(Fraction(in_base(volume)) * Fraction(density) * 1000 <= MAX_BASE)
    mass = convert(volume, "mass", facts)
    # A nanogram too few or too many, seen as a volume.
    assert abs(convert(show(mass.units, "g"), "volume", facts).units - in_base(volume)) <= 1


def test_without_a_fact_the_answer_says_so_and_guesses_nothing() -> None:
    others: Sequence[Sequence[Fact]] = ([], [fact("clove", 5, "g")], [fact("cup", 120, "g")])
    for facts in others:
        with pytest.raises(UnknownConversion) as refused:
            convert(q(1, "botte"), "mass", facts)
        assert refused.value.status == 422
        assert refused.value.facts == {"unit": "botte", "to": "mass"}
    with pytest.raises(UnknownConversion):
        convert(q(1, "g"), "no such measure", others[1])


def test_the_earlier_of_two_facts_wins() -> None:
    ours, starters = fact("piece", 60, "g"), fact("piece", 50, "g", is_approximate=True)
    assert convert(q(1, "piece"), "mass", [ours, starters]) == Converted(60 * 10**9, is_approximate=False)
    assert convert(q(1, "piece"), "mass", [starters, ours]) == Converted(50 * 10**9, is_approximate=True)


def test_the_shorter_chain_wins_over_earlier_facts() -> None:
    facts = [fact("pack", 4, "piece"), fact("piece", 100, "g"), fact("pack", 390, "g")]
    assert convert(q(1, "pack"), "mass", facts).units == 390 * 10**9


def test_a_chain_has_three_facts_at_most() -> None:
    facts = [fact("box", 6, "pack"), fact("pack", 4, "piece"), fact("piece", 50, "ml"), fact("ml", 2, "g")]
    assert convert(q(1, "box"), "volume", facts).units == 1200 * 10**6
    assert convert(q(1, "pack"), "mass", facts).units == 400 * 10**9
    with pytest.raises(UnknownConversion):
        convert(q(1, "box"), "mass", facts)


def test_of_equal_chains_the_one_with_the_best_weakest_fact_wins_there_and_back() -> None:
    facts = [fact("pack", 4, "piece"), fact("pack", 5, "slice"), fact("slice", 30, "g"), fact("piece", 40, "g")]
    assert convert(q(1, "pack"), "mass", facts).units == 150 * 10**9
    assert convert(q(150, "g"), "pack", facts).units == 10**6


def test_a_conversion_is_approximate_when_a_fact_on_its_way_is() -> None:
    facts = [fact("pack", 4, "piece"), fact("piece", 50, "g", is_approximate=True), fact("cup", 120, "g")]
    assert convert(q(1, "pack"), "mass", facts).is_approximate
    assert convert(q(1, "pack"), "volume", facts).is_approximate
    assert not convert(q(1, "pack"), "piece", facts).is_approximate
    assert not convert(q(1, "cup"), "mass", facts).is_approximate


some_facts = st.lists(
    st.tuples(
        st.permutations(["g", "ml", "piece", "clove", "pack", "box"]),
        st.decimals(Decimal("0.01"), 100, places=2).map(Amount),
        st.booleans(),
    ).map(lambda drawn: Fact(drawn[0][0], Quantity(drawn[1], drawn[0][1]), is_approximate=drawn[2])),
    max_size=8,
)


@given(some_facts, st.sampled_from(["mass", "volume", "piece"]), st.decimals(0, 100, places=3).map(Amount))
def test_a_rate_is_what_converting_comes_to_and_is_there_for_what_can_be_converted(
    facts: list[Fact], measure: str, amount: Amount
) -> None:
    found = rates(measure, facts)
    for code in ("g", "ml", "piece", "clove", "pack", "box", "slice"):
        rate = found.get(unit(code).measure)
        try:
            converted = convert(Quantity(amount, code), measure, facts)
        except UnknownConversion:
            assert rate is None
        except TooMuch:
            assert rate is not None
        else:
            assert rate is not None
            units = round(Fraction(amount) * unit(code).base * rate.ratio)
            assert Converted(units, rate.is_approximate) == converted


def test_a_measure_is_worth_itself_also_where_nothing_else_is_known() -> None:
    assert rates("mass") == {"mass": Rate(Fraction(1), is_approximate=False)}


def test_rates_are_exact() -> None:
    facts = [fact("pack", 3, "piece"), fact("piece", "0.1", "g", is_approximate=True), fact("cup", 120, "g")]
    assert rates("pack", facts) == {
        "pack": Rate(Fraction(1), is_approximate=False),
        "piece": Rate(Fraction(1, 3), is_approximate=False),
        "mass": Rate(Fraction(10**6, 3 * 10**8), is_approximate=True),
        "volume": Rate(Fraction(120 * 10**9, 236_588_000) * Fraction(10**6, 3 * 10**8), is_approximate=True),
    }


def test_a_chain_is_rounded_once_at_its_end() -> None:
    facts = [fact("pack", 3, "piece"), fact("piece", 100, "g")]
    assert convert(q(100, "g"), "pack", facts).units == 333_333
    assert convert(q(300, "g"), "pack", facts).units == 10**6


def test_facts_that_lead_in_a_circle_end() -> None:
    facts = [fact("pack", 2, "piece"), fact("piece", 2, "slice"), fact("slice", 2, "pack")]
    with pytest.raises(UnknownConversion):
        convert(q(1, "pack"), "mass", facts)


def test_a_conversion_past_all_bounds_is_refused() -> None:
    with pytest.raises(TooMuch):
        convert(q(10_000, "kg"), "drop", [fact("drop", "0.000000001", "g")])


@pytest.mark.parametrize(
    ("unit", "equals"),
    [
        ("clove", q(0, "g")),
        ("clove", q(-1, "g")),
        ("kg", q(900, "g")),
        ("piece", q(1, "dozen")),
        ("cup", q(1, "tasse")),
    ],
)
def test_a_fact_that_says_nothing_is_refused_when_it_is_made(unit: str, equals: Quantity) -> None:
    with pytest.raises(BadFact) as refused:
        Fact(unit, equals)
    assert (refused.value.status, refused.value.facts) == (422, {"unit": unit})


@pytest.mark.parametrize("problem", [UnknownUnit(unit="c"), UnknownConversion(unit="botte", to="mass"), TooMuch(),
                                     BadFact(unit="kg")])  # fmt: skip
def test_each_refusal_is_told_in_both_languages(problem: Any) -> None:
    told = {language: problem.document(language=language)["detail"] for language in ("en", "fr")}
    assert told["en"] != told["fr"]
    for language, detail in told.items():
        for value in (problem.facts | problem.words(language)).values():
            assert value in detail


def test_what_can_not_be_converted_is_called_as_people_call_it() -> None:
    problem = UnknownConversion(unit="tbsp", to="volume")
    assert "“tablespoon” into millilitres" in problem.document(language="en")["detail"]
    assert "« cuillère à soupe » en millilitres" in problem.document(language="fr")["detail"]
    assert (problem.document()["unit"], problem.document()["to"]) == ("tbsp", "volume")
