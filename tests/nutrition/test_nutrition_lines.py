"""Lines of ingredients: golden lines with the answers of a cook, and what holds for any text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popote_kit.quantity import Amount, Quantity, in_base
from popote_nutrition.model.lines import MAX_LINE, Language, Line, parse, show

GOLDEN: Final = Path(__file__).parent / "golden"
MIN_GOLDEN: Final = 250
LANGUAGES: Final = get_args(Language)
Answer = tuple[Quantity | None, Quantity | None, Quantity | None, str, str | None, list[str], bool, bool]


def quantity(text: str) -> Quantity | None:
    amount, _, unit = text.strip().partition(" ")
    return Quantity(Amount(amount), unit) if amount else None


def quantities(text: str) -> tuple[Quantity | None, Quantity | None, Quantity | None]:
    """Read "1..2 cup = 120 g": the lower end, the upper end, the same in another measure."""
    counted, _, equal = text.partition("=")
    low, _, high = counted.partition("..")
    if high and " " not in low:
        low += " " + high.strip().partition(" ")[2]
    return quantity(low), quantity(high), quantity(equal)


def answer(fields: list[str]) -> Answer:
    counted, name, note, more = [field.strip() for field in (*fields, "", "")][:4]
    marks = [mark.strip() for mark in more.split(";")]
    others = [mark.removeprefix("or ") for mark in marks if mark.startswith("or ")]
    return (*quantities(counted), name, note or None, others, "section" in marks, "taste" in marks)


def golden(language: Language) -> Iterator[tuple[str, Answer]]:
    for row in (GOLDEN / f"lines_{language}.txt").read_text(encoding="utf-8").splitlines():
        if not row.startswith("#"):
            raw, *fields = row.split(" |")
            yield raw, answer(fields)


def given_by(line: Line) -> Answer:
    return (
        line.quantity, line.at_most, line.equivalent, line.name, line.note, line.alternatives, line.is_section,
        line.is_to_taste,
    )  # fmt: skip


GOLDEN_LINES: Final = [(language, raw) for language in LANGUAGES for raw, _ in golden(language)]
WORDS: Final = [
    "1", "2", "3", "1/2", "½", "1,5", "0.25", "400", "1.000", "g", "kg", "ml", "cl", "c. à soupe", "tbsp", "cup", "can",
    "boîte", "gousse", "cloves", "pinch", "de", "d'", "of", "ou", "or", "à", "to", "-", "x", "(", ")", ",", ":", "plus",
    "sel", "poivre", "farine", "flour", "onion", "noix", "beurre", "demi", "half", "un", "a", "quelques", "environ",
    "about", "juice of", "jus", "citron", "each", "chacun", "et demi", "3 cm", "for", "pour", "to taste", "*", "•",
]  # fmt: skip
texts: Final = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=10).map("".join),
    st.sampled_from([raw for _, raw in GOLDEN_LINES]),
)
languages: Final = st.sampled_from(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_golden_line_is_read_as_a_cook_reads_it(language: Language) -> None:
    lines = list(golden(language))
    assert len(lines) >= MIN_GOLDEN
    assert [
        (raw, given_by(parse(raw, language)), right) for raw, right in lines if given_by(parse(raw, language)) != right
    ] == []


@given(texts, languages)
def test_any_text_is_a_line_that_keeps_it(text: str, language: Language) -> None:
    line = parse(text, language)
    assert line.raw == text
    assert line.name or not any(letter.isascii() and letter.isalpha() for letter in text)
    assert 0 <= line.confidence <= 1
    for quantity in filter(None, (line.quantity, line.at_most, line.equivalent)):
        assert in_base(quantity) >= 0


@given(texts, languages)
def test_a_line_that_is_printed_anew_says_the_same(text: str, language: Language) -> None:
    line = parse(text, language)
    again = parse(show(line, language), language)
    assert (again.quantity, again.at_most, again.name, again.note) == (
        line.quantity,
        line.at_most,
        line.name,
        line.note,
    )


@pytest.mark.parametrize(
    "text",
    [
        "1/" * 250, "(" * 500, ")" * 500, "()" * 250, "de de de " * 55, "\0" * 500, "🥄" * 500, "\u202e\u200f1 g x",
        "1-" * 250, "1 x " * 125, "ou 1 " * 100, "1 à " * 125, "," * 500, "a b, " * 100, "½" * 500, "1 plus " * 70,
        "(1" * 250, "9" * 500, "1." * 250, "ﷺ" * 500, "\ud800", "e\u0301" * 250, "c. à s. " * 60, "un " * 160,
        "1 g " * 125,
        "²½", "১ kg", "\uff11\uff4b\uff47", "x" * 10_000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_line_is_read_too(text: str, language: Language) -> None:
    line = parse(text, language)
    assert line.raw == text
    assert len(line.name) <= 2 * MAX_LINE
    show(line, language)


@pytest.mark.parametrize("text", ["", " ", "\n\t", "-", "• "])
def test_only_an_empty_line_has_no_name(text: str) -> None:
    assert parse(text) == Line(raw=text, name="", confidence=0.8)


@pytest.mark.parametrize("text", ["9999999 kg flour", "99999999999 eggs", "0.0000000001 g salt"])
def test_an_amount_that_no_kitchen_holds_is_none(text: str) -> None:
    line = parse(text)
    assert line.quantity is None
    assert line.name


@pytest.mark.parametrize(
    ("text", "language", "confidence"),
    [
        ("200 g flour", "en", 1.0), ("3 œufs", "fr", 1.0), ("sel, poivre", "fr", 1.0), ("2-3 carrots", "en", 0.95),
        ("Farine : 200 g", "fr", 0.9), ("2 x 400 g cans of tomatoes", "en", 0.9), ("1 c sugar", "en", 0.9),
        ("olive oil", "en", 0.8), ("200 g 00 flour", "en", 0.85), ("200 g", "en", 0.15), ("2 $ flour #", "en", 0.85),
    ],
)  # fmt: skip
def test_what_is_less_plain_is_less_sure(text: str, language: Language, confidence: float) -> None:
    assert parse(text, language).confidence == confidence


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("1½ cups all-purpose flour, sifted", "en", "1 1/2 cups all-purpose flour, sifted"),
        ("Beurre doux : 120g", "fr", "120 g de Beurre doux"),
        ("2 càs d'huile d'olive", "fr", "2 cuillères à soupe d'huile d'olive"),
        ("1,5 kg pommes", "fr", "1,5 kg de pommes"), ("2-3 carrots", "en", "2 - 3 carrots"),
        ("1 onion (about 150 g)", "en", "1 onion (150 g)"), ("For the sauce", "en", "For the sauce:"),
        ("Pour la pâte", "fr", "Pour la pâte :"), ("butter (or margarine)", "en", "butter or margarine"),
        ("salt", "en", "salt, to taste"), ("1 cup plus 2 tbsp flour", "en", "266.5880 ml flour"),
        ("800 g à 1 kg de bœuf", "fr", "800 g - 1 kg de bœuf"),
    ],
)  # fmt: skip
def test_a_line_is_printed_in_one_form(text: str, language: Language, shown: str) -> None:
    assert show(parse(text, language), language) == shown


def test_a_line_can_be_printed_in_the_other_language() -> None:
    assert show(parse("2 gousses d'ail", "fr"), "en") == "2 cloves ail"


@pytest.mark.parametrize(("text", "language"), [("2 parts gin", "en"), ("4 parts de tarte", "fr")])
def test_shares_of_something_are_an_ingredient_and_no_title(text: str, language: Language) -> None:
    assert not parse(text, language).is_section
