"""What people write around a recipe: for how many, how long, in which language."""

from decimal import Decimal

import pytest

from popote_recipes.reading.words import language_of, read_minutes, read_servings

SERVINGS = {
    "Pour 4 à 6 personnes": "4",
    "4 servings": "4",
    "4": "4",
    "4.0": "4",
    "4-6": "4",
    "½": "0.5",
    "Serves four": "4",
    "Prep: 15 minutes, 45 minutes Serves: 8": "8",
    "quatre personnes": "4",
    "8 to 10 people": "8",
    "Pour 6 pers.": "6",
    "4 personne(s)": "4",
    "Yield: 6 servings": "6",
    "Servings: 6": "6",
    "pour environ 8": "8",
    "24 cookies (about 8 servings)": "8",
    "6 petites portions": "6",
    "Serves 4 as a main": "4",
    "Serves 4-6 with leftovers": "4",
    "Pour 4 en entrée": "4",
}
PIECES = {
    "12 crêpes": "12",
    "1 gâteau": "1",
    "Pour 20 crêpes": "20",
    "Makes about 2 dozen cookies": "24",
    "une douzaine de sablés": "12",
    "une vingtaine de madeleines": "20",
    "Pour une quinzaine de crêpes": "15",
    "une demi-douzaine d'œufs": "6",
    "1 (9-inch) cake": "1",
    "1 9-inch pie": "1",
    "Pour 2 pots de 350 g": "2",
}
MINUTES = {
    "PT1H30M": 90,
    "P0DT20M": 20,
    "PT90M": 90,
    "pt1h": 60,
    "PT1H30": 90,
    "P1DT2H": 26 * 60,
    "P0Y0M0DT0H35M0.000S": 35,
    "PT30S": 1,
    "1 h 30": 90,
    "1h30": 90,
    "1 heure 30 minutes": 90,
    "1 heure et demie": 90,
    "une heure": 60,
    "une demi-heure": 30,
    "trois quarts d\N{RIGHT SINGLE QUOTATION MARK}heure": 45,
    "un quart d'heure": 15,
    "half an hour": 30,
    "1 hr 15 mins": 75,
    "1½ hours": 90,
    "about 1 hour and 5 minutes": 65,
    "1:30": 90,
    "30": 30,
    "20-30 min": 30,
    "20 à 30 minutes": 30,
    "1 h à 1 h 30": 90,
    "1h30 à 2h": 120,
    "1 hour to 1 hour 15 minutes": 75,
    "2 jours": 2 * 24 * 60,
    "1 h (dont 30 min de repos)": 60,
}


@pytest.mark.parametrize(("text", "amount"), SERVINGS.items())
def test_for_how_many_a_recipe_is_is_read_the_lower_end_of_a_range(text: str, amount: str) -> None:
    found = read_servings(text)
    assert found
    assert (found.amount, found.is_guessed) == (Decimal(amount), False)


@pytest.mark.parametrize(("text", "amount"), PIECES.items())
def test_pieces_are_guessed_to_be_one_for_each(text: str, amount: str) -> None:
    found = read_servings(text)
    assert found
    assert (found.amount, found.is_guessed) == (Decimal(amount), True)


@pytest.mark.parametrize("text", ["", "0", "99999", "750 ml", "1 kg de confiture", "beaucoup", "1/0"])
def test_what_does_not_tell_for_how_many_is_not_guessed(text: str) -> None:
    assert read_servings(text) is None


@pytest.mark.parametrize(("text", "minutes"), MINUTES.items())
def test_times_are_read_in_minutes(text: str, minutes: int) -> None:
    assert read_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "PT0S", "PT", "P", "overnight", "toute la nuit", "PT" + "9" * 300 + "H", "1/0 h"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert read_minutes(text) is None


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Mix the flour with the eggs.", "", "en"),
        ("Mélanger la farine et les œufs dans un bol.", "", "fr"),
        ("Mélanger.", "fr-CA", "fr"),
        ("Mix.", "en_GB", "en"),
        ("Das Mehl mischen.", "de", None),
        ("200 g, 3", "", None),
        ("la farine et le lait et les œufs dans la jatte avec le sucre et un peu de sel sur le feu", "en", "fr"),
    ],
)
def test_the_language_is_the_declared_one_unless_the_words_plainly_say_otherwise(
    text: str, declared: str, language: str | None
) -> None:
    assert language_of(text, declared) == language
