"""What models answer, plain texts and JSON, read into drafts: corpora with what each must give, and hostile input."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from popote_recipes.reading import forgiving
from popote_recipes.reading.draft import MAX_INGREDIENTS, MAX_STEPS, WARNINGS, Draft
from popote_recipes.reading.model_output import read_model_output
from popote_recipes.reading.structured import read_json
from popote_recipes.reading.text import read_text
from popote_recipes.sandbox import Sandbox

HERE = Path(__file__).parent
OUTPUTS = "model_outputs"
MISREAD = {"056-mixed-quotes"}  # a string that opens with one quote and closes with the other
MEGABYTE = 2**20
SMALL = 2**16

Expected = dict[str, Any]
Reader = Callable[[str], Draft]


def expected(folder: str) -> dict[str, Expected]:
    table: dict[str, Expected] = json.loads((HERE / folder / "expected.json").read_text("utf-8"))
    return table


def source(folder: str, name: str) -> str:
    (path,) = (HERE / folder).glob(f"{name}.*")
    return path.read_bytes().decode()


def lines(draft: Draft) -> list[str]:
    return [ingredient.line for ingredient in draft.ingredients]


def told(draft: Draft, wanted: Expected) -> Expected:
    """Return of `draft` what `wanted` is about."""
    everything = {
        "title": draft.title,
        "servings": None if draft.servings is None else f"{draft.servings:f}",
        "lines": lines(draft),
        "sections": [ingredient.section for ingredient in draft.ingredients],
        "steps": len(draft.steps),
        "step_sections": [step.section for step in draft.steps],
        "minutes": draft.minutes,
        "prep": draft.prep_minutes,
        "cook": draft.cook_minutes,
        "yield_text": draft.yield_text,
        "tags": draft.tags,
        "url": draft.source_url,
        "image": draft.image_url,
        "warnings": sorted({"cut_off", "repaired"} & set(draft.warnings)),
    }
    return {key: value for key, value in everything.items() if key in wanted}


def is_usable(draft: Draft, wanted: Expected) -> bool:
    right = sum(line in lines(draft) for line in wanted["lines"])
    has_steps = bool(draft.steps) or not wanted["steps"]
    return draft.title == wanted["title"] and has_steps and right >= 0.8 * len(wanted["lines"])


def usable_share(cases: dict[str, Expected]) -> float:
    return sum(is_usable(read_model_output(source(OUTPUTS, name)), case) for name, case in cases.items()) / len(cases)


# The corpora


def test_of_all_that_models_answer_95_percent_or_more_give_a_usable_draft() -> None:
    cases = expected(OUTPUTS)
    assert len(cases) >= 150
    assert usable_share(cases) >= 0.95


def test_so_do_the_answers_that_the_readers_were_never_tuned_on() -> None:
    cases = {name: case for name, case in expected(OUTPUTS).items() if case.get("held_out")}
    assert len(cases) >= 30
    assert usable_share(cases) >= 0.95


TUNED = [name for name, case in expected(OUTPUTS).items() if not case.get("held_out") and name not in MISREAD]


@pytest.mark.parametrize("name", TUNED)
def test_what_a_model_answered_is_read_for_what_was_meant(name: str) -> None:
    wanted = {key: value for key, value in expected(OUTPUTS)[name].items() if key != "held_out"}
    assert told(read_model_output(source(OUTPUTS, name)), wanted) == wanted


@pytest.mark.parametrize("name", list(expected("plain_texts")))
def test_a_plain_text_gives_every_line(name: str) -> None:
    wanted = expected("plain_texts")[name]
    assert told(read_text(source("plain_texts", name)), wanted) == wanted


@pytest.mark.parametrize("name", list(expected("json_recipes")))
def test_json_gives_every_line(name: str) -> None:
    wanted = expected("json_recipes")[name]
    assert told(read_json(source("json_recipes", name)), wanted) == wanted


# What a draft says beside its lines


def ingredient(**told: object) -> dict[str, object]:
    """An ingredient as Mealie tells it, null where nothing else is told."""
    keys = ("quantity", "unit", "food", "note", "display", "title", "originalText", "referencedRecipe")
    return dict.fromkeys(keys) | {"isFood": True, "disableAmount": False, "referenceId": "3f6b3c3c"} | told


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"title": "Base", "quantity": 3.0, "food": {"id": "0d3f", "name": "large onions"}}, "3 large onions"),
        ({"note": "3 large onions"}, "3 large onions"),
        ({"note": "onions", "quantity": 3.0}, "3 onions"),
        ({"note": "onions", "quantity": 1.0, "disableAmount": True}, "onions"),
        ({"note": "3 large onions", "quantity": 1.0}, "3 large onions"),
        ({"display": "3 large onions"}, "3 large onions"),
        ({"originalText": "3 large onions", "display": "3 onions"}, "3 large onions"),
        ({"food": {"id": "0d3f", "name": "flour"}, "unit": {"id": "1", "name": "g"}, "quantity": 2.5}, "2.5 g flour"),
    ],
)
def test_of_an_ingredient_of_mealies_whatever_is_filled_is_the_line(told: dict[str, object], line: str) -> None:
    draft = read_json(json.dumps({"name": "Soup", "recipeIngredient": [ingredient(**told), ingredient()]}))
    assert lines(draft) == [line]


@pytest.mark.parametrize(
    ("told", "servings", "yield_text"),
    [
        ({"recipeServings": 4.0, "recipeYieldQuantity": 0.0, "recipeYield": None}, 4, ""),
        ({"recipeServings": 4.0, "recipeYieldQuantity": 12.0, "recipeYield": "cookies"}, 4, "12 cookies"),
        ({"recipeServings": 0.0, "recipeYieldQuantity": 12.0, "recipeYield": "cookies"}, 12, "12 cookies"),
        ({"recipe_servings": 0, "recipe_yield": "4 servings"}, 4, "4 servings"),
        ({"servings": 4, "servings_text": "plates"}, 4, "4 plates"),
    ],
)
def test_how_many_it_serves_goes_before_what_it_makes(told: Expected, servings: int, yield_text: str) -> None:
    draft = read_json(json.dumps({"name": "Soup", "ingredients": ["3 onions"], **told}))
    assert (str(draft.servings), draft.yield_text) == (str(servings), yield_text)


@pytest.mark.parametrize("told", [{"ingredients": ["1 egg"]}, {"@type": "Recipe", "recipeIngredient": "1 egg"}])
def test_an_ingredient_alone_is_better_than_nothing(told: Expected) -> None:
    draft = read_json(json.dumps(told))
    assert (lines(draft), draft.warnings) == (["1 egg"], ["no_title", "no_servings", "no_steps"])


def test_amounts_stand_as_they_were_written() -> None:
    draft = read_model_output(
        '{"titre": "Pain", "ingredients": [{"nom": "farine", "quantite": 1,5, "unite": "kg"}, '
        '{"nom": "sel", "quantite": 1/2, "unite": "c. à s."}, {"nom": "eau", "quantite": 1 1/2, "unite": "l"}, '
        '{"nom": "levure", "quantite": ½}, {"nom": "sucre", "quantite": 1 000, "unite": "mg"}, '
        '{"nom": "graines", "quantite": 200 g}], "etapes": ["Pétrir le tout."]}'
    )
    assert lines(draft) == [
        "1,5 kg de farine", "1/2 c. à s. de sel", "1 1/2 l d'eau", "½ levure", "1 000 mg de sucre", "200 g de graines",
    ]  # fmt: skip


def test_a_number_at_the_end_of_what_was_cut_off_is_not_believed() -> None:
    draft = read_model_output(
        '{"title": "Cake", "ingredients": [{"name": "flour", "quantity": 200}, {"name": "sugar", "quantity": 1'
    )
    assert lines(draft) == ["200 flour", "sugar"]
    assert "cut_off" in draft.warnings


def test_sections_times_and_minutes_of_steps_are_kept() -> None:
    draft = read_model_output(source(OUTPUTS, named("steps-object-with-durations")))
    assert [step.minutes for step in draft.steps] == [2, 40, None]
    assert draft.steps[2].text == "Finir : Ajouter le sucre et laisser refroidir."
    draft = read_model_output(source(OUTPUTS, named("sections-as-object")))
    assert [ingredient.section for ingredient in draft.ingredients][:4] == ["Pâte"] * 3 + ["Crème au citron"]


@pytest.mark.parametrize("between", [" | ", " • ", "; "])
def test_two_times_on_one_line_are_two(between: str) -> None:
    found = read_text(
        f"Pie\nPrep: 20 mins{between}Cook: 1 hr 10 mins\n\nIngredients\n900g potatoes\n\nMethod\n1. Bake."
    )
    assert (found.prep_minutes, found.cook_minutes, found.minutes) == (20, 70, 90)


@pytest.mark.parametrize(
    "times",
    [
        "Préparation : 20 min\nCuisson : 1 h",
        "- Préparation : 20 min\n- Cuisson : 1 h",
        "Préparation : 20 min Cuisson : 1 h",
        "Temps de préparation 20 minutes Temps de cuisson 1 heure",
    ],
)
def test_a_text_tells_its_times_without_becoming_steps(times: str) -> None:
    found = read_text(f"Tarte\n{times}\n\nIngrédients\n- 3 pommes\n\nPréparation\n1. Mélanger.\n2. Cuire 20 min.")
    assert (found.prep_minutes, found.cook_minutes, found.minutes) == (20, 60, 80)
    assert [step.text for step in found.steps] == ["Mélanger.", "Cuire 20 min."]


def test_bulleted_times_under_the_ingredients_are_no_ingredients() -> None:
    found = read_text("Tarte\n\nIngrédients\n- 3 pommes\n- Cuisson : 1 h\n\nPréparation\n1. Mélanger.")
    assert (lines(found), found.cook_minutes) == (["3 pommes"], 60)


def test_a_letter_gives_its_recipe_without_its_greeting_and_farewell() -> None:
    found = read_text(
        "Salut ! Voilà la recette des crêpes\n\n🥞 Crêpes de mamie 🥞\nPour une quinzaine de crêpes\n\n"
        "250 g de farine\n4 œufs\n\nMélanger la farine et les œufs.\nCuire.\n\n"
        "Gros bisous,\nMamie\nPS : elles se congèlent très bien."
    )
    assert (found.title, str(found.servings), found.yield_text) == (
        "Crêpes de mamie",
        "15",
        "Pour une quinzaine de crêpes",
    )
    assert lines(found) == ["250 g de farine", "4 œufs"]
    assert [step.text for step in found.steps] == ["Mélanger la farine et les œufs.", "Cuire."]
    assert found.description == "elles se congèlent très bien."
    assert "servings_guessed" in found.warnings


@pytest.mark.parametrize("farewell", ["Bisous", "À bientôt,\nPaul", "Love,\nGranny", "Gros bisous, Julie", "Cheers!"])
def test_a_farewell_is_no_step(farewell: str) -> None:
    found = read_text(f"Hi Anna!\n\nToast\n\n2 slices of bread\n1 egg\n\n1. Beat it.\n2. Fry both.\n\n{farewell}")
    assert (found.title, [step.text for step in found.steps]) == ("Toast", ["Beat it.", "Fry both."])


@pytest.mark.parametrize("title", ["Hello Dolly Bars", "Dear Granny's Pie", "Love Cake"])
def test_a_title_may_begin_as_a_letter_does(title: str) -> None:
    assert read_text(f"{title}\n\n2 eggs\n100 g flour\n\n1. Mix.\n2. Bake.").title == title


def test_pour_une_douzaine_is_no_section_of_the_ingredients() -> None:
    found = read_text("Cookies\nPour une douzaine de cookies il te faut :\n200 g de farine\n\nMélanger le tout.")
    assert (str(found.servings), found.yield_text) == ("12", "Pour une douzaine de cookies")
    assert [(each.line, each.section) for each in found.ingredients] == [("200 g de farine", "")]


def test_notes_go_to_the_description_and_words_to_the_reader_nowhere() -> None:
    draft = read_model_output(source(OUTPUTS, named("md-gemma-emoji-headings")))
    assert draft.description == "Ajoutez une pincée de piment d'Espelette en fin de cuisson."
    assert (draft.language, draft.prep_minutes, draft.cook_minutes) == ("fr", 20, 45)
    assert "Bon appétit" not in str(read_model_output(source(OUTPUTS, named("gemma-markdown-fr"))))


def test_of_several_recipes_the_first_is_read_and_the_others_are_told() -> None:
    draft = read_model_output(source(OUTPUTS, named("two-different-recipes")))
    assert (draft.title, draft.warnings) == ("Green Salad", ["several_recipes"])


def test_without_headings_the_draft_says_that_it_guessed() -> None:
    draft = read_text(source("plain_texts", "005-fr-no-headings"))
    assert draft.warnings == ["ingredients_guessed", "steps_guessed", "no_servings"]


@pytest.mark.parametrize(
    "text", ["", "   \n", "Hello!", "{}", "[]", "null", "{{{{", "```json\n```", "<think>", "1", "🍗", "\0"]
)
def test_where_there_is_no_recipe_the_draft_says_so(text: str) -> None:
    for read in (read_model_output, read_json, read_text):
        assert read(text).warnings == ["nothing_found"]


def named(slug: str) -> str:
    return next(name for name in expected(OUTPUTS) if name.endswith(slug))


# Hostile


async def test_in_the_sandbox_they_read_the_same() -> None:
    answer = source(OUTPUTS, named("python-literals"))
    read = await Sandbox().run("model_output", msgspec.msgpack.encode([answer]))
    assert msgspec.msgpack.decode(read, type=Draft) == read_model_output(answer)


@pytest.mark.parametrize("text", ["[", '{"a":', '"', "\\", "1", '{"'])
def test_a_megabyte_of_one_thing_is_soon_read(text: str) -> None:
    whole = text * (MEGABYTE // len(text))
    for read in (read_model_output, read_json, read_text):
        assert_sound(read(whole))


@pytest.mark.parametrize(
    "text",
    ['["a" b" ', '["a\n "', '["a"/* ', '{"a":"b", "a" ', "<think>", "```\n", "- a: b\n  c: d\n",
     '{"steps": ["a b"], "ingredients": ["2 a"]},', "|a|b|\n", "# a\n", "**a** ", 'a = "b"\n', '{\\"a\\":',
     "recette de ",
     "pour 4 ", "étape 1 ", "[a](", "A(b=", "1 a, ", "\n", " ", "½"],
)  # fmt: skip
def test_nor_does_a_pattern_keep_the_readers_busy(text: str) -> None:
    whole = text * (SMALL // len(text))
    for read in (read_model_output, read_json, read_text):
        assert_sound(read(whole))


def test_what_is_longer_than_a_megabyte_is_read_in_part() -> None:
    draft = read_model_output(source(OUTPUTS, named("python-literals")) + " " * MEGABYTE)
    assert draft.title == "Veggie Burger"
    assert "truncated" in draft.warnings


def test_thousands_of_ingredients_are_cut_with_a_warning() -> None:
    many = json.dumps({"title": "Feast", "ingredients": ["1 egg"] * 10_000, "steps": ["Boil it."] * 10_000})
    draft = read_json(many)
    assert (len(draft.ingredients), len(draft.steps)) == (MAX_INGREDIENTS, MAX_STEPS)
    assert "truncated" in draft.warnings


def test_a_recipe_cut_off_anywhere_is_read_up_to_there() -> None:
    whole = source(OUTPUTS, named("combo-unquoted-fractions-missing-commas"))
    all_lines = lines(read_model_output(whole))
    for end in range(0, len(whole), 5):
        found = lines(read_model_output(whole[:end]))[:-1]
        assert set(found) <= set(all_lines) or "{" not in whole[:end]


RECIPE_PIECES = st.sampled_from(
    ['{"title": "Soup", ', '"ingredients": [', '"1 onion", ', "'2 l d'eau', ", "1,5, ", "1/2", "]", "}", '"steps": ',
     "// x\n", "```json\n", "- 200 g flour\n", "## Ingredients\n", "1. Boil.\n", "| a | b |\n", "<think>", "</think>",
     "None", "\\", '"', "“", ":", ",", "\n"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(), st.binary().map(lambda raw: raw.decode("latin-1")), st.lists(RECIPE_PIECES, max_size=30).map("".join)
    )
)
def test_whatever_is_written_a_draft_comes_out(text: str) -> None:
    for read in (read_model_output, read_json, read_text):
        assert_sound(read(text))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 9999) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abé _-19", max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(VALUES, max_size=4), st.booleans(), st.sampled_from([None, 1]))
def test_what_is_json_reads_the_same_with_forgiveness(value: list[object], is_ascii: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii, indent=indent)
    assert forgiving._Parser(text, 0).parse().value == forgiving._STRICT.decode(text)


def assert_sound(draft: Draft) -> None:
    assert set(draft.warnings) <= WARNINGS.keys()
    assert len(draft.ingredients) <= MAX_INGREDIENTS
    assert len(draft.steps) <= MAX_STEPS
