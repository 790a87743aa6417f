"""Units: what they are called, in two languages, and what no unit is called."""

import unicodedata
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popote_kit.units import MASS, MAX_UNIT, UNITS, VOLUME, UnknownUnit, exact_unit, plain, unit

spellings = [(name, one) for one in UNITS for name in one.spellings()]


def test_no_name_means_two_units() -> None:
    meant = Counter(name for one in UNITS for name in set(map(plain, one.spellings())))
    assert [name for name, count in meant.items() if count > 1] == []


def test_no_code_is_used_twice_and_each_is_short_enough() -> None:
    assert len({one.code for one in UNITS}) == len(UNITS)
    assert max(len(name) for name, _ in spellings) <= MAX_UNIT


def ways_to_write(name: str) -> list[str]:
    return [
        name, name.upper(), name.title(), f" {name}. ", name.replace(" ", ""), name.replace(".", ""),
        name.replace(" ", "\N{NO-BREAK SPACE}"), name.translate(str.maketrans("àâéèêç", "aaeeec")),
        unicodedata.normalize("NFD", name),
    ]  # fmt: skip


@given(st.sampled_from(spellings), st.data())
def test_a_name_is_found_however_it_is_written(spelling: tuple[str, object], data: st.DataObject) -> None:
    name, meant = spelling
    assert unit(data.draw(st.sampled_from(ways_to_write(name)))) is meant


@given(st.sampled_from(spellings))
def test_what_a_name_leads_to_leads_to_itself(spelling: tuple[str, object]) -> None:
    found = unit(spelling[0])
    assert unit(found.code) is found
    assert unit(found.name("fr", 3)) is unit(found.name("en", 3)) is found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("c. à s.", "tbsp"), ("càs", "tbsp"), ("CS", "tbsp"), ("c. à soupe", "tbsp"), ("C.A.S.", "tbsp"),
        ("cuil. à soupe", "tbsp"), ("cuillères à soupe", "tbsp"), ("cuillerée à soupe", "tbsp"), ("tbsp.", "tbsp"),
        ("c. à c.", "tsp"), ("càc", "tsp"), ("cuillère à café", "tsp"), ("Teaspoons", "tsp"), ("c. à café", "tsp"),
        ("fl. oz", "fl oz"), ("floz", "fl oz"), ("Grammes", "g"), ("KG", "kg"), ("L", "l"), ("lbs.", "lb"),
        ("Litre", "l"), ("kilos", "kg"), ("pièce(s)", "piece"), ("pcs", "piece"), ("douzaines", "dozen"),
        ("gousse", "clove"), ("bottes", "bunch"), ("bouquet", "bouquet"), ("boîte", "can"), ("tin", "can"),
        ("pot", "jar"), ("brin", "sprig"), ("feuilles", "leaf"), ("pincée", "pinch"), ("PINCEE", "pinch"),
        ("barquette", "tray"), ("noix", "knob"), ("tablette", "bar"), ("loaves", "loaf"), ("tasse", "metric cup"),
        ("\N{SQUARE KG}", "kg"), ("cuil. à s.", "tbsp"), ("cuillers à café", "tsp"), ("c. à dessert", "dessertspoon"),
        ("rasher", "slice"), ("rondelles", "slice"), ("envelope", "sachet"), ("bocal", "jar"), ("plaquette", "bar"),
        ("bulbe", "head"), ("brique", "box"), ("carrés", "square"), ("scoop", "ball"), ("quartier", "wedge"),
        ("épis", "ear"), ("trait", "dash"), ("louche", "ladle"), ("bols", "bowl"), ("US quart", "qt"),
    ],
)  # fmt: skip
def test_the_names_that_kitchens_use_are_known(text: str, code: str) -> None:
    assert unit(text).code == code


@pytest.mark.parametrize(
    "text",
    ["c", "C.", " c ", "", " ", ".", "t", "T", "M", "1", "1 kg", "kg/m", "m", "livre", "pinte", "\0", "🥄", "x" * 41,
     "g" * 100_000, "\N{COMBINING ACUTE ACCENT}"],
)  # fmt: skip
def test_what_could_be_misread_is_no_unit(text: str) -> None:
    with pytest.raises(UnknownUnit) as refused:
        unit(text)
    assert refused.value.status == 422
    assert refused.value.facts == {"unit": text[:MAX_UNIT]}


@pytest.mark.parametrize(
    ("code", "language", "amount", "name"),
    [
        ("clove", "en", "1", "clove"), ("clove", "en", "2", "cloves"), ("clove", "en", "0.5", "cloves"),
        ("clove", "en", "0", "cloves"), ("clove", "fr", "0", "gousse"), ("clove", "fr", "1.99", "gousse"),
        ("clove", "fr", "2", "gousses"), ("tbsp", "fr", "1.5", "cuillère à soupe"), ("leaf", "en", "3", "leaves"),
        ("tbsp", "fr", "2", "cuillères à soupe"), ("dozen", "en", "2", "dozen"), ("knob", "fr", "2", "noix"),
        ("g", "en", "500", "grams"), ("g", "fr", "500", "grammes"), ("g", "en", "-1", "gram"), ("g", "de", "1", "gram"),
    ],
)  # fmt: skip
def test_a_name_beside_an_amount_is_singular_or_plural(code: str, language: str, amount: str, name: str) -> None:
    assert unit(code).name(language, Decimal(amount)) == name


def test_each_measure_has_a_unit_that_says_everything() -> None:
    assert (exact_unit(MASS).code, exact_unit(VOLUME).code, exact_unit("piece").code) == ("g", "ml", "piece")
    for one in UNITS:
        exact = exact_unit(one.measure)
        assert exact.measure == one.measure
        assert 10**9 % exact.base == 0
