"""Recipes: made, read, scaled, changed, found, brought back, deleted."""

from typing import Any

from popote_kit.testing import new_id
from popote_recipes.testing import Cook

CREPES = ["250 g de farine", "4 œufs", "50 cl de lait", "1 pincée de sel", "50 g de beurre fondu"]


def amounts(recipe: dict[str, Any]) -> list[tuple[float, str] | None]:
    return [
        each["quantity"] and (each["quantity"]["amount"], each["quantity"]["unit"]) for each in recipe["ingredients"]
    ]


async def test_a_recipe_keeps_its_lines_and_knows_what_they_mean(anna: Cook) -> None:
    made = await anna.recipe("Crêpes", *CREPES, servings=4, language="fr", steps=["Mélanger.", "Cuire."], minutes=30)
    assert [each["line"] for each in made["ingredients"]] == CREPES
    assert amounts(made)[:3] == [(250, "g"), (4, "piece"), (50, "cl")]
    assert {each["link"] for each in made["ingredients"]} == {"matched"}
    assert made["ingredients"][0]["food_name"] is not None
    assert [step["text"] for step in made["steps"]] == ["Mélanger.", "Cuire."]
    assert await anna.get(f"/api/recipes/{made['id']}") == made


async def test_amounts_are_shown_for_other_servings(anna: Cook) -> None:
    made = await anna.recipe("Crêpes", *CREPES, servings=4, language="fr")
    scaled = await anna.get(f"/api/recipes/{made['id']}", servings=6)
    assert scaled["servings"] == 6
    assert amounts(scaled)[:3] == [(375, "g"), (6, "piece"), (75, "cl")]


async def test_titles_among_the_lines_become_sections(anna: Cook) -> None:
    lines = ["Pour la pâte :", "200 g de farine", "100 g de beurre", "Pour la garniture :", "3 pommes"]
    made = await anna.recipe("Tarte", *lines, language="fr")
    assert [(each["section"], each["line"]) for each in made["ingredients"]] == [
        ("Pour la pâte", "200 g de farine"),
        ("Pour la pâte", "100 g de beurre"),
        ("Pour la garniture", "3 pommes"),
    ]


async def test_the_same_id_is_the_same_recipe_also_after_it_was_deleted(anna: Cook) -> None:
    id = str(new_id())
    first = await anna.recipe("Soupe", "1 oignon", id=id)
    assert await anna.recipe("Another soup", "2 oignons", id=id) == first
    await anna.delete(f"/api/recipes/{id}")
    answer = await anna.ask("POST", "/api/recipes", json={"id": id, "title": "Soupe", "servings": 2})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/id-taken")


async def test_an_edit_names_the_version_that_it_read(anna: Cook) -> None:
    made = await anna.recipe("Soupe", "1 oignon", language="fr")
    path = f"/api/recipes/{made['id']}"
    assert (await anna.ask("PATCH", path, json={"title": "Potage"})).status_code == 428
    stale = await anna.ask("PATCH", path, json={"title": "Potage"}, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    changed = await anna.edit(path, {"title": "Potage"})
    assert (changed["title"], changed["revision"]) == ("Potage", 2)
    assert amounts(changed) == amounts(made)


async def test_what_a_recipe_was_can_be_brought_back(anna: Cook) -> None:
    made = await anna.recipe("Soupe", "1 oignon", language="fr")
    path = f"/api/recipes/{made['id']}"
    await anna.edit(path, {"ingredients": ["2 oignons", "1 l d'eau"]})
    revisions = (await anna.get(f"{path}/revisions"))["items"]
    assert [each["revision"] for each in revisions] == [1]
    assert (await anna.get(f"{path}/revisions/1"))["ingredients"] == made["ingredients"]
    now = await anna.ask("GET", path)
    back = await anna.ask("POST", f"{path}/revisions/1/restore", headers={"If-Match": now.headers["etag"]})
    assert (back.status_code, back.json()["revision"]) == (200, 3)
    assert back.json()["ingredients"] == made["ingredients"]


async def test_a_person_says_which_food_a_line_means_and_it_stays(anna: Cook) -> None:
    margarine = await anna.food("margarine")
    made = await anna.recipe("Cake", {"line": "200 g of the yellow stuff", "food_id": margarine}, language="en")
    assert (made["ingredients"][0]["link"], made["ingredients"][0]["food_id"]) == ("chosen", margarine)
    changed = await anna.edit(f"/api/recipes/{made['id']}", {"ingredients": ["200 g of the yellow stuff", "2 eggs"]})
    assert changed["ingredients"][0]["food_id"] == margarine


async def test_a_recipe_uses_others_but_never_itself(anna: Cook) -> None:
    dough = await anna.recipe("Pâte", "200 g de farine", servings=8, language="fr")
    part = {"line": "1 pâte", "recipe_id": dough["id"], "recipe_servings": 4}
    tart = await anna.recipe("Tarte", part, "3 pommes", language="fr")
    assert tart["ingredients"][0]["recipe_id"] == dough["id"]
    found = await anna.ask("GET", f"/api/recipes/{dough['id']}")
    loop = await anna.ask(
        "PATCH",
        f"/api/recipes/{dough['id']}",
        json={"ingredients": [{"line": "1 tarte", "recipe_id": tart["id"]}]},
        headers={"If-Match": found.headers["etag"]},
    )
    assert (loop.status_code, loop.json()["type"]) == (422, "/problems/recipe-loop")
    kept = await anna.ask("DELETE", f"/api/recipes/{dough['id']}", headers={"If-Match": found.headers["etag"]})
    assert (kept.status_code, kept.json()["recipes"][0]["title"]) == (409, "Tarte")
    missing = await anna.ask(
        "POST",
        "/api/recipes",
        json={"title": "X", "servings": 1, "ingredients": [{"line": "1 y", "recipe_id": str(new_id())}]},
    )
    assert missing.status_code == 404


async def test_signs_in_a_search_are_no_operators(anna: Cook) -> None:
    await anna.recipe("Crêpes au lait", "1 l de lait", language="fr")
    await anna.recipe("Pot-au-feu", "1 kg de bœuf", language="fr")

    async def titles(words: str) -> list[str]:
        return [each["title"] for each in (await anna.get("/api/recipes", q=words))["items"]]

    assert await titles("-farine") == []
    assert await titles("-pot au feu") == ["Pot-au-feu"]
    assert await titles('"lait :* & ! crêpes') == ["Crêpes au lait"]
    for words in ("!", ":*", "(" * 100, "\\", "'; --", "😀", "&|!<->" * 16, "a:b:c", "1e5", "%"):
        assert await titles(words) == [], words


async def test_what_is_asked_beside_words_is_looked_for_among_all_that_hold_them(anna: Cook) -> None:
    for number in range(4):
        await anna.recipe(f"Soupe {number}", "1 poireau", tags=["hiver"] if number == 3 else [])
    found = await anna.get("/api/recipes", q="soupe", tag="hiver", limit=1)
    assert [each["title"] for each in found["items"]] == ["Soupe 3"]
    assert [each["title"] for each in (await anna.get("/api/recipes", q="soupe", limit=2))["items"]] == [
        "Soupe 0",
        "Soupe 1",
    ]


async def test_recipes_are_found_in_both_languages_without_accents_and_with_typos(anna: Cook) -> None:
    await anna.recipe("Gâteau aux pommes", "3 pommes", language="fr", tags=["Dessert"], minutes=60)
    await anna.recipe("Œufs mimosa", "6 œufs", language="fr", minutes=20)
    await anna.recipe("Slow roasted carrots", "1 kg carrots", language="en", tags=["roast", "dessert"], minutes=90)
    for words, title in (
        ("gateau pomme", "Gâteau aux pommes"),
        ("oeuf", "Œufs mimosa"),
        ("roasting carrot", "Slow roasted carrots"),
        ("gat", "Gâteau aux pommes"),
        ("gatau", "Gâteau aux pommes"),
        ("mimossa", "Œufs mimosa"),
    ):
        found = (await anna.get("/api/recipes", q=words))["items"]
        assert [each["title"] for each in found][:1] == [title], words
    assert [each["title"] for each in (await anna.get("/api/recipes", tag="dessert", max_minutes=60))["items"]] == [
        "Gâteau aux pommes"
    ]
    first = await anna.get("/api/recipes", limit=2)
    rest = await anna.get("/api/recipes", limit=2, cursor=first["next_cursor"])
    assert [each["title"] for each in first["items"] + rest["items"]] == [
        "Gâteau aux pommes",
        "Œufs mimosa",
        "Slow roasted carrots",
    ]
    assert [(each["tag"], each["recipes"]) for each in (await anna.get("/api/recipes/tags"))["items"]] == [
        ("dessert", 2),
        ("roast", 1),
    ]


async def test_lines_are_read_without_being_stored(anna: Cook) -> None:
    parsed = await anna.post("/api/recipes/parse", {"lines": ["200 g de farine", "2 œufs"], "language": "fr"})
    assert amounts(parsed) == [(200, "g"), (2, "piece")]
    assert all(0 < each["confidence"] <= 1 for each in parsed["ingredients"])
    assert (await anna.get("/api/recipes"))["items"] == []


async def test_what_one_thinks_of_a_recipe_is_ones_own(anna: Cook) -> None:
    made = await anna.recipe("Soupe", "1 oignon")
    bob = anna.beside()
    await anna.put(f"/api/recipes/{made['id']}/opinion", {"is_favourite": True, "note": "plus de sel", "rating": 4})
    assert (await bob.get(f"/api/recipes/{made['id']}/opinion"))["is_favourite"] is False
    assert [each["title"] for each in (await anna.get("/api/recipes", favourite=True))["items"]] == ["Soupe"]
    assert (await bob.get("/api/recipes", favourite=True))["items"] == []
    assert (await bob.get("/api/recipes/opinions"))["items"] == []
    changes = await anna.get("/api/recipes/opinions/changes")
    assert [(each["kind"], each["data"]["note"]) for each in changes["changes"]] == [("opinion", "plus de sel")]


async def test_phones_hear_of_what_changed_and_what_is_gone(anna: Cook) -> None:
    soup = await anna.recipe("Soupe", "1 oignon")
    before = await anna.get("/api/recipes/changes")
    assert [(each["kind"], each["data"]) for each in before["changes"]] == [("recipe", soup)]
    await anna.delete(f"/api/recipes/{soup['id']}")
    after = await anna.get("/api/recipes/changes", since=before["version"])
    assert [(each["id"], each["deleted"]) for each in after["changes"]] == [(soup["id"], True)]


async def test_a_household_says_what_stands_in_for_what(anna: Cook) -> None:
    butter, margarine = await anna.food("butter"), await anna.food("margarine")
    made = await anna.post("/api/recipes/substitutes", {"food_id": butter, "instead_id": margarine})
    assert made == await anna.post("/api/recipes/substitutes", {"food_id": butter, "instead_id": margarine})
    assert (await anna.get("/api/recipes/substitutes"))["items"] == [made]
    unknown = await anna.ask("POST", "/api/recipes/substitutes", json={"food_id": butter, "instead_id": str(new_id())})
    assert unknown.status_code == 404
    assert (await anna.ask("DELETE", f"/api/recipes/substitutes/{made['id']}")).status_code == 204


async def test_nobody_of_another_household_sees_a_recipe(anna: Cook) -> None:
    made = await anna.recipe("Soupe", "1 oignon")
    stranger = anna.elsewhere()
    assert (await stranger.ask("GET", f"/api/recipes/{made['id']}")).status_code == 404
    assert (await stranger.get("/api/recipes"))["items"] == []
    assert (await stranger.get("/api/recipes", q="soupe"))["items"] == []


async def test_other_services_read_what_a_recipe_is_made_of(anna: Cook) -> None:
    dough = await anna.recipe(
        "Pâte", "200 g de farine", servings=8, language="fr", cooked={"amount": 0.4, "unit": "kg"}
    )
    part = {"line": "1/2 pâte", "recipe_id": dough["id"], "recipe_servings": 4}
    tart = await anna.recipe("Tarte", part, "3 pommes", "sel", language="fr", servings=4)
    told = await anna.get(f"/internal/recipes/{tart['id']}/parts", servings=2)
    assert (told["title"], told["servings"], told["cooked_mass_g"]) == ("Tarte", 2, None)
    inside, apples, salt = told["parts"]
    assert (apples["quantity"], salt["is_to_taste"]) == ({"amount": 1.5, "unit": "piece"}, True)
    assert (inside["recipe"]["servings"], inside["recipe"]["cooked_mass_g"]) == (2, 100)
    assert inside["recipe"]["parts"][0]["quantity"] == {"amount": 50, "unit": "g"}


async def test_a_draft_warns_in_the_language_that_the_person_reads(anna: Cook) -> None:
    for header, sentence in (("fr-CA, en;q=0.5", "Il n'y a pas de titre."), ("en", "It has no title.")):
        asked = {"text": "1 œuf"}
        draft = await anna.ask("POST", "/api/recipes/import", json=asked, headers={"Accept-Language": header})
        assert sentence in [each["message"] for each in draft.json()["warnings"]]
