"""The kitchen's dictionary: foods that all share, and those of a household."""

from popote_kit.testing import new_id
from popote_nutrition.testing import Table

JAM = {"energy_kj": 1000, "energy_kcal": 239, "fat_g": 0, "carbohydrate_g": 58, "sugars_g": 57.5, "protein_g": 0.4}


async def test_the_starter_table_is_found_in_both_languages(anna: Table) -> None:
    for words, food in {"butter": "butter", "beurre doux": "butter", "oeuf": "egg", "Œufs": "egg"}.items():
        assert (await anna.find(words))[0] == food


async def test_a_name_is_shown_in_the_language_that_was_asked_for(anna: Table) -> None:
    assert (await anna.find("butter", lang="fr"))[0] == "beurre"


async def test_a_typing_mistake_and_a_missing_accent_do_no_harm(anna: Table) -> None:
    assert "courgette" in await anna.find("courgete")
    assert "crème fraîche" in " ".join(await anna.find("creme fraiche", lang="fr"))


async def test_a_household_has_foods_of_its_own_which_others_never_see(anna: Table) -> None:
    made = await anna.post("/foods", {"name": "Mamie's jam", "nutrients": JAM})
    assert made["source"] == "household"
    assert made["is_own"]
    assert made["per_100g"]["sugars_g"] == 57.5
    assert made["per_100g"]["fibre_g"] is None
    assert await anna.find("mamie jam") == ["Mamie's jam"]
    other = anna.elsewhere()
    assert await other.find("mamie jam") == []
    assert (await other.ask("GET", f"/foods/{made['id']}")).status_code == 404
    assert (await other.ask("PATCH", f"/foods/{made['id']}", json={}, headers={"If-Match": "*"})).status_code == 404
    assert (await other.ask("DELETE", f"/foods/{made['id']}", headers={"If-Match": "*"})).status_code == 404


async def test_a_name_that_is_nearly_that_of_a_household_s_food_means_it_to_nobody_else(anna: Table) -> None:
    await anna.post("/foods", {"name": "Mamie's quince paste", "nutrients": JAM})
    mine, theirs = await anna.match("mamies quinces pastes"), await anna.elsewhere().match("mamies quinces pastes")
    assert [each["name"] for each in mine["candidates"]][:1] == ["Mamie's quince paste"]
    assert "Mamie's quince paste" not in [each["name"] for each in theirs["candidates"]]
    assert await anna.find("mamie quinec paste") == ["Mamie's quince paste"]
    assert "Mamie's quince paste" not in await anna.elsewhere().find("mamie quinec paste")


async def test_what_a_household_says_of_a_shared_food_is_its_own_affair(anna: Table) -> None:
    butter = (await anna.get("/foods", q="butter"))["items"][0]
    conversion = {"unit": "stick", "equals": {"amount": 113, "unit": "g"}}
    changed = await anna.edit(f"/foods/{butter['id']}", {"conversions": [conversion], "aliases": ["le gras de tata"]})
    assert changed["is_override"]
    assert changed["per_100g"] == butter["per_100g"]
    assert changed["facts"][0]["source"] == "household"
    assert [fact["source"] for fact in changed["facts"][1:]] == ["starter"] * len(butter["facts"])
    assert await anna.find("le gras de tata") == ["butter"]
    assert (await anna.elsewhere().get(f"/foods/{butter['id']}"))["version"] == 0
    gone = await anna.ask("DELETE", f"/foods/{butter['id']}", headers={"If-Match": f'"{changed["version"]}"'})
    assert gone.status_code == 204
    assert await anna.get(f"/foods/{butter['id']}") == butter


async def test_values_that_no_food_has_are_refused_by_name(anna: Table) -> None:
    for nutrients, code in (
        ({"fat_g": 101}, "fat_g"),
        ({"fat_g": 10, "saturates_g": 20}, "saturates_g"),
        ({"carbohydrate_g": 1, "sugars_g": 5}, "sugars_g"),
        ({"energy_kj": 5000}, "energy_kj"),
        ({"protein_g": -1}, "protein_g"),
    ):
        answer = await anna.ask("POST", "/foods", json={"name": "Moon dust", "nutrients": nutrients})
        assert answer.status_code == 422, answer.text
        assert [each["pointer"] for each in answer.json()["errors"]] == [f"/nutrients/{code}"]
    assert await anna.find("moon dust") == []


async def test_two_foods_of_a_household_do_not_share_a_name(anna: Table) -> None:
    first = await anna.food("Tarte aux pommes", aliases=["apple thing"])
    for name in ("tartes aux POMMES", "Apple things"):
        answer = await anna.ask("POST", "/foods", json={"name": name})
        assert answer.status_code == 409
        assert answer.json()["id"] == first


async def test_the_same_id_is_the_same_food_until_it_is_deleted(anna: Table) -> None:
    id = str(new_id())
    first = await anna.post("/foods", {"id": id, "name": "Harissa maison"})
    assert await anna.post("/foods", {"id": id, "name": "Another"}) == first
    gone = await anna.ask("DELETE", f"/foods/{id}", headers={"If-Match": f'"{first["version"]}"'})
    assert gone.status_code == 204
    answer = await anna.ask("POST", "/foods", json={"id": id, "name": "Harissa maison"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/id-taken")
    butter = (await anna.get("/foods", q="butter"))["items"][0]["id"]
    assert (await anna.ask("POST", "/foods", json={"id": butter, "name": "Mine"})).status_code == 409


async def test_the_list_goes_on_page_by_page_own_foods_first(anna: Table) -> None:
    await anna.food("Zaatar maison")
    seen: list[str] = []
    cursor = None
    while True:
        page = await anna.get("/foods", limit=200, **({"cursor": cursor} if cursor else {}))
        seen += [food["id"] for food in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert len(seen) == len(set(seen)) > 300
    assert (await anna.get("/foods", limit=1))["items"][0]["name"] == "Zaatar maison"


async def test_conversions_are_served_with_an_etag_that_changes_with_them(anna: Table) -> None:
    butter, egg = [(await anna.get("/foods", q=name))["items"][0]["id"] for name in ("butter", "egg")]
    path = f"/foods/conversions?ids={butter}&ids={egg}&ids={new_id()}"
    first = await anna.ask("GET", path)
    assert {each["food_id"] for each in first.json()["items"]} == {butter, egg}
    again = await anna.ask("GET", path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await anna.edit(f"/foods/{egg}", {"conversions": [{"unit": "piece", "equals": {"amount": 63, "unit": "g"}}]})
    changed = await anna.ask("GET", path, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    facts = next(each["facts"] for each in changed.json()["items"] if each["food_id"] == egg)
    assert facts[0] == {
        "unit": "piece", "equals": {"amount": 63, "unit": "g"}, "source": "household", "is_approximate": False,
    }  # fmt: skip


async def test_a_name_means_the_food_that_goes_by_it_and_the_lines_language_decides(anna: Table) -> None:
    assert (await anna.match("beurre doux"))["food"]["name"] == "butter"
    assert (await anna.match("3 zorglubs"))["status"] == "unmatched"
    french, english = await anna.match("raisin", language="fr"), await anna.match("raisin", language="en")
    assert french["food"]["id"] != english["food"]["id"]


async def test_what_is_done_to_a_food_does_not_make_another_of_it(anna: Table) -> None:
    plain = await anna.match("oignon", language="fr")
    chopped = await anna.match("oignons finement émincés", language="fr")
    assert chopped["food"] == plain["food"]
    assert chopped["confidence"] < plain["confidence"] == 1


async def test_a_guess_is_never_taken_silently(anna: Table) -> None:
    guess = await anna.match("sauce tomate aux champignons de mamie", language="fr")
    assert guess["status"] != "matched"
    assert guess["food"] is None


async def test_a_correction_is_learned_for_the_household_and_nobody_else(anna: Table) -> None:
    butter = (await anna.get("/foods", q="butter"))["items"][0]["id"]
    taught = await anna.put("/names", {"name": "le gras de tata", "food_id": butter})
    learned = await anna.beside().match("Le Gras de Tata")
    assert (learned["status"], learned["how"], learned["food"]["id"]) == ("matched", "learned", butter)
    assert (await anna.elsewhere().match("le gras de tata"))["how"] != "learned"
    assert [each["name"] for each in (await anna.get("/names"))["items"]] == ["le gras de tata"]
    assert (await anna.ask("DELETE", f"/names/{taught['id']}")).status_code == 204
    assert (await anna.match("le gras de tata"))["how"] != "learned"
    assert (await anna.ask("PUT", "/names", json={"name": "x", "food_id": str(new_id())})).status_code == 404
    assert (await anna.ask("PUT", "/names", json={"name": "de la", "food_id": butter})).status_code == 200


async def test_lines_are_understood_for_other_services_only(anna: Table) -> None:
    body = {"lines": ["250 g de beurre doux mou", "Pour la pâte :", "2 gousses d'ail"], "language": "fr"}
    assert (await anna.client.post("/internal/understand", json=body, headers=anna.headers)).status_code == 401
    answer = await anna.ask("POST", "/internal/understand", json={**body, "names": ["Farine"]})
    understood = answer.json()
    butter, section, garlic = understood["lines"]
    assert butter["quantity"] == {"amount": 250, "unit": "g"}
    assert butter["match"]["food"]["name"] in ("beurre", "butter")
    assert section["is_section"]
    assert section["match"]["status"] == "unmatched"
    assert garlic["quantity"]["unit"] == "clove"
    facts = {food["food_id"]: food["facts"] for food in understood["foods"]}
    assert any(fact["unit"] == "clove" for fact in facts[garlic["match"]["food"]["id"]])
    assert understood["names"][0]["food"]["id"] in facts


async def test_what_changed_comes_with_delta_sync_and_what_went_leaves_a_tombstone(anna: Table) -> None:
    jam = await anna.food("Mamie's jam", nutrients=JAM)
    await anna.put("/names", {"name": "the jam", "food_id": jam})
    changes = await anna.get("/changes", since=0)
    assert [(each["kind"], each["deleted"]) for each in changes["changes"]] == [
        ("food", False),
        ("learned_name", False),
    ]
    assert changes["changes"][0]["data"] == await anna.get(f"/foods/{jam}")
    await anna.ask("DELETE", f"/foods/{jam}", headers={"If-Match": "*"})
    later = await anna.get("/changes", since=changes["version"])
    assert sorted((each["kind"], each["deleted"]) for each in later["changes"]) == [
        ("food", True), ("learned_name", True),
    ]  # fmt: skip


async def test_children_and_guests_do_not_change_the_dictionary(anna: Table) -> None:
    jam = await anna.food("Mamie's jam")
    for role in ("child", "guest"):
        who = anna.beside(role=role)
        assert (await who.ask("POST", "/foods", json={"name": "Candy"})).status_code == 403
        assert (await who.ask("DELETE", f"/foods/{jam}", headers={"If-Match": "*"})).status_code == 403
        assert await who.find("mamie jam") == ["Mamie's jam"]


async def test_polyols_without_carbohydrate_are_stored_like_any_other_value(anna: Table) -> None:
    gum = {"fat_g": 0, "carbohydrate_g": 0, "fibre_g": 0, "protein_g": 0, "alcohol_g": 0, "polyols_g": 0.5}
    assert (await anna.post("/foods", {"name": "Testgum", "nutrients": gum}))["per_100g"]["energy_kj"] == 5


async def test_values_of_100_ml_do_not_become_impossible_ones_of_100_g(anna: Table) -> None:
    syrup = await anna.food("Testsyrup", per="ml", nutrients={"carbohydrate_g": 130})
    answer = await anna.ask("PATCH", f"/foods/{syrup}", json={"per": "g"}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/nutrients/carbohydrate_g")
    assert (await anna.get(f"/foods/{syrup}"))["per"] == "ml"


async def test_a_food_that_is_changed_again_has_no_tombstone_left(anna: Table) -> None:
    butter = (await anna.get("/foods", q="butter"))["items"][0]["id"]
    await anna.edit(f"/foods/{butter}", {"name": "The good butter"})
    since = (await anna.get("/changes"))["version"]
    await anna.ask("DELETE", f"/foods/{butter}", headers={"If-Match": "*"})
    await anna.edit(f"/foods/{butter}", {"name": "The better butter"})
    changes = (await anna.get("/changes", since=since))["changes"]
    assert [(each["id"], each["deleted"]) for each in changes] == [(butter, False)]


async def test_the_longest_names_that_were_taught_are_paged_through_too(anna: Table) -> None:
    butter = (await anna.get("/foods", q="butter"))["items"][0]["id"]
    for number in range(3):
        await anna.put("/names", {"name": "㎯" * 119 + str(number), "food_id": butter})
    first = await anna.get("/names", limit=1)
    second = await anna.get("/names", limit=1, cursor=first["next_cursor"])
    assert second["items"][0]["name"].endswith("1")
