"""The Python client's recipes against the real house: every operation, exact amounts, copies that keep up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from PIL import Image

from popote_client.client import Popote, Waits
from popote_client.problems import Problem
from popote_client.recipes.api import RecipesApi
from popote_client.recipes.choosing import recipes_named
from popote_client.recipes.cooking import Eater, Leftovers, NewCook
from popote_client.recipes.drafts import Source
from popote_client.recipes.lines import NewIngredient
from popote_client.recipes.opinions import NewOpinion
from popote_client.recipes.plan import NewPlanEntry, PlanEntryEdit
from popote_client.recipes.recipes import NewRecipe, RecipeEdit, Step
from popote_client.recipes.replica import OpinionReplica, OpinionRows, RecipeReplica, RecipeRows
from popote_client.stock.ledger import PurchaseLine
from popote_client.stock.quantities import Quantity
from popote_client.wire import Registration
from popote_launcher.testing import House

TUESDAY, DAY = date(2026, 11, 24), timedelta(days=1)
SOUP = NewRecipe(
    title="Leek soup",
    servings=Decimal(4),
    language="en",
    ingredients=["800 g leeks", "Broth:", "1.5 l water", NewIngredient(line="salt", section="At the end")],
    steps=["Cut the leeks.", Step(text="Boil.", section="Broth", minutes=20)],
    tags=["soup", "winter"],
    minutes=35,
    description="Every Sunday.",
    source_url="https://example.org/soup",
    cooked=Quantity(Decimal("2.125"), "kg"),
)

PAGE = """\
<!doctype html><title>Soupe</title><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "Recipe", "name": "Soupe aux poireaux", "recipeYield": "4 personnes",
 "totalTime": "PT35M", "recipeIngredient": ["800 g de poireaux"],
 "recipeInstructions": [{"@type": "HowToStep", "text": "Couper les poireaux."},
                        {"@type": "HowToStep", "text": "Les cuire."}]}
</script>"""


@pytest.fixture
async def anna(house: House, tmp_path: Path, quick: Waits) -> AsyncIterator[Popote]:
    """Her device, in a household of her own."""
    who = Registration(
        email="anna@example.org", password="leek soup every Sunday", display_name="Anna", household_name="Chez Anna"
    )
    async with Popote(house.base_url, home=tmp_path / "anna", waits=quick) as popote:
        await popote.api.register(who)
        yield popote


@pytest.fixture
def recipes(anna: Popote) -> RecipesApi:
    return anna.api.recipes


def test_every_operation_of_the_contract_has_its_method() -> None:
    contract = msgspec.json.decode(files("popote_gateway").joinpath("openapi.json").read_bytes())
    operations = {
        operation["operationId"]
        for path, methods in contract["paths"].items()
        if path.startswith("/api/recipes")
        for operation in methods.values()
    }
    assert operations
    assert {name for name in operations if not hasattr(RecipesApi, name)} == set()


async def test_a_recipe_goes_out_and_comes_back_as_it_was_written_or_for_as_many_as_one_likes(
    recipes: RecipesApi,
) -> None:
    made = await recipes.create_recipe(SOUP)
    assert await recipes.get_recipe(made.id) == made
    for name in ("title", "servings", "language", "tags", "minutes", "description", "source_url", "cooked"):
        assert getattr(made, name) == getattr(SOUP, name), name
    assert [(each.line, each.section) for each in made.ingredients] == [
        ("800 g leeks", ""), ("1.5 l water", "Broth"), ("salt", "At the end"),
    ]  # fmt: skip
    assert made.steps == [Step(text="Cut the leeks."), SOUP.steps[1]]
    assert (made.ingredients[1].quantity, made.ingredients[1].link) == (Quantity(Decimal("1.5"), "l"), "matched")
    six = await recipes.get_recipe(made.id, Decimal(6))
    assert [each.quantity for each in six.ingredients[:2]] == [
        Quantity(Decimal(1200), "g"), Quantity(Decimal("2.25"), "l"),
    ]  # fmt: skip
    assert (six.servings, six.cooked) == (Decimal(6), Quantity(Decimal("3.1875"), "kg"))


async def test_a_page_becomes_a_draft_and_when_it_is_confirmed_a_recipe(recipes: RecipesApi) -> None:
    draft = await recipes.import_recipe(Source(html=PAGE, language="fr"))
    assert (draft.title, draft.servings, draft.language, draft.minutes) == ("Soupe aux poireaux", Decimal(4), "fr", 35)
    assert [(each.line, each.food_name) for each in draft.ingredients] == [("800 g de poireaux", "poireau")]
    assert [each.text for each in draft.steps] == ["Couper les poireaux.", "Les cuire."]
    assert (draft.warnings, (await recipes.list_recipes()).items) == ([], [])
    kept = await recipes.create_recipe(draft.confirmed("Soupe", Decimal(6)))
    assert (kept.title, kept.servings, kept.steps, kept.minutes) == ("Soupe", Decimal(6), draft.steps, 35)
    assert kept.ingredients == draft.ingredients


async def test_a_recipe_has_the_picture_that_it_is_given(recipes: RecipesApi) -> None:
    made = await recipes.create_recipe(SOUP)
    file = BytesIO()
    Image.new("RGB", (640, 480), "green").save(file, "PNG")
    shown = await recipes.put_image(made.id, made.version, file.getvalue())
    assert shown.image is not None
    for shot, widest in ((await recipes.get_image(made.id), 640), (await recipes.get_image(made.id, "thumb"), 320)):
        picture = Image.open(BytesIO(shot))
        assert (picture.format, picture.width) == ("JPEG", widest)
    with pytest.raises(Problem):
        await recipes.put_image(made.id, shown.version, b"no picture")
    assert (await recipes.delete_image(made.id, shown.version)).image is None


async def test_a_cookbook_comes_in_as_it_went_out(recipes: RecipesApi) -> None:
    made = await recipes.create_recipe(SOUP)
    book = b"".join([piece async for piece in recipes.export_cookbook("none")])
    again = await recipes.import_cookbook(book)
    assert (again.taken, again.unchanged, again.not_taken, again.remarks) == (0, 1, [], [])
    await recipes.delete_recipe(made.id, made.version)
    assert (await recipes.import_cookbook(book)).taken == 1
    (back,) = (await recipes.list_recipes()).items
    read = await recipes.get_recipe(back.id)
    assert (read.title, read.ingredients, read.steps) == (made.title, made.ingredients, made.steps)


async def test_edits_name_what_was_read_and_can_be_taken_back(recipes: RecipesApi) -> None:
    made = await recipes.create_recipe(SOUP)
    edited = await recipes.edit_recipe(made.id, made.version, RecipeEdit(title="Soup", minutes=None))
    assert (edited.title, edited.minutes, edited.ingredients) == ("Soup", None, made.ingredients)
    with pytest.raises(Problem) as stale:
        await recipes.edit_recipe(made.id, made.version, RecipeEdit(title="Stew"))
    assert stale.value.status == 412
    (before,) = await recipes.list_revisions(made.id)
    assert (before.revision, (await recipes.get_revision(made.id, before.revision)).title) == (1, "Leek soup")
    restored = await recipes.restore_revision(made.id, 1, edited.version)
    assert (restored.title, restored.minutes, restored.revision) == ("Leek soup", 35, 3)
    await recipes.delete_recipe(made.id, restored.version)
    assert (await recipes.list_recipes()).items == []


async def test_recipes_are_listed_searched_and_named_by_their_titles(recipes: RecipesApi) -> None:
    soup = await recipes.create_recipe(SOUP)
    tart = await recipes.create_recipe(NewRecipe(title="Leek tart", servings=Decimal(6), tags=["winter"]))
    assert [each.title for each in (await recipes.list_recipes()).items] == ["Leek soup", "Leek tart"]
    first = await recipes.list_recipes(limit=1)
    assert [each.id for each in (await recipes.list_recipes(limit=1, cursor=first.next_cursor)).items] == [tart.id]
    assert [each.id for each in (await recipes.list_recipes(tag="soup", max_minutes=40)).items] == [soup.id]
    assert [(each.tag, each.recipes) for each in await recipes.list_tags()] == [("winter", 2), ("soup", 1)]
    for said, named in (("leek SOUP", [soup.id]), ("leek soups", [soup.id]), (str(tart.id), [tart.id])):
        assert [each.id for each in await recipes_named(recipes, said)] == named
    assert {each.id for each in await recipes_named(recipes, "leek")} == {soup.id, tart.id}
    assert await recipes_named(recipes, "zorglub") == []


async def test_lines_are_read_without_being_kept(recipes: RecipesApi) -> None:
    butter, zorglub = await recipes.parse_lines(["200 g de beurre ou de margarine", "2 zorglubs"], "fr")
    assert (butter.quantity, butter.link, butter.food_name) == (Quantity(Decimal(200), "g"), "matched", "beurre")
    assert [each.name for each in butter.alternatives] == ["margarine"]
    assert (zorglub.link, zorglub.food_id) == ("unmatched", None)


async def test_what_a_person_thinks_is_theirs_and_the_household_shares_substitutes(anna: Popote) -> None:
    recipes = anna.api.recipes
    made = await recipes.create_recipe(SOUP)
    nothing = await recipes.get_opinion(made.id)
    assert (nothing.is_favourite, nothing.note, nothing.rating) == (False, "", None)
    opinion = await recipes.put_opinion(made.id, NewOpinion(is_favourite=True, note="more salt", rating=4))
    assert (await recipes.list_opinions()).items == [opinion]
    assert [each.is_favourite for each in (await recipes.list_recipes(favourite=True)).items] == [True]
    butter, oil = (each.food.id for each in await anna.api.food.match_names(["butter", "olive oil"], "en") if each.food)
    stands_in = await recipes.create_substitute(butter, oil)
    assert await recipes.create_substitute(butter, oil, id=stands_in.id) == stands_in
    assert (await recipes.list_substitutes()) == [stands_in]
    later = RecipeReplica(recipes, RecipeRows.from_json((await RecipeReplica(recipes).pull()).to_json()))
    assert (later.rows.recipes, later.rows.substitutes) == ({made.id: made}, {stands_in.id: stands_in})
    await recipes.delete_substitute(stands_in.id)
    await recipes.delete_recipe(made.id, made.version)
    rows = await later.pull()
    assert (rows.recipes, rows.substitutes) == ({}, {})


async def test_a_copy_of_opinions_is_one_persons(
    recipes: RecipesApi, anna: Popote, house: House, tmp_path: Path
) -> None:
    made = await recipes.create_recipe(SOUP)
    opinion = await recipes.put_opinion(made.id, NewOpinion(rating=5))
    rows = await OpinionReplica(recipes).pull()
    assert rows.opinions == {made.id: opinion}
    assert (rows.household, rows.person) == (anna.session.household.id, anna.session.user.id)
    assert (await OpinionReplica(recipes, OpinionRows.from_json(rows.to_json())).pull()) == rows
    ben = await house.sign_up("ben")
    async with Popote(house.base_url, home=tmp_path / "ben") as his:
        await his.api.login(ben.email, ben.password)
        assert (await OpinionReplica(his.api.recipes, rows).pull()).opinions == {}


async def test_what_can_be_cooked_is_told_line_by_line_in_amounts(anna: Popote) -> None:
    recipes, stock = anna.api.recipes, anna.api.stock
    soup = await recipes.create_recipe(SOUP)
    nothing = await recipes.list_cookable(max_missing=0)
    assert nothing.items == []
    soon = nothing.today + 2 * DAY
    bought = PurchaseLine(name="Leeks", quantity=Quantity(Decimal("0.5"), "kg"), use_by=soon)
    (lot,) = (await stock.purchase([bought])).lots
    (dish,) = (await recipes.list_cookable(max_missing=2, days=3, servings=Decimal(2), tag="soup")).items
    assert (dish.recipe_id, dish.servings, dish.servings_possible) == (soup.id, Decimal(2), 2)
    assert (dish.missing, dish.saves_expiring) == (0, Decimal("0.8"))
    leeks = dish.ingredients[0]
    assert (leeks.status, leeks.need, leeks.is_covered) == ("enough", Quantity(Decimal(400), "g"), True)
    assert [(take.lot_id, take.quantity) for take in leeks.takes] == [(lot.id, Quantity(Decimal("0.4"), "kg"))]
    (whole,) = (await recipes.list_cookable(staples=False)).items
    assert [each.short for each in whole.ingredients][:1] == [Quantity(Decimal(300), "g")]


async def test_the_plan_is_served_in_its_order_and_what_lacks_goes_on_a_list_once(anna: Popote) -> None:
    recipes, stock = anna.api.recipes, anna.api.stock
    toast = await recipes.create_recipe(NewRecipe(title="Toast", servings=Decimal(1), ingredients=["100 g cheddar"]))
    (lot,) = (await stock.purchase([PurchaseLine(name="Cheddar", quantity=Quantity(Decimal(150), "g"))])).lots
    first = (await recipes.list_plan()).first
    for day in (first, first + DAY):
        await recipes.create_plan_entry(NewPlanEntry(date=day, meal="dinner", recipe_id=toast.id))
    found = await recipes.get_plan_allocation(first, first + DAY)
    fine, short = (meal for day in found.days for meal in day.meals)
    assert (fine.ok, fine.uses[0].lot_id, fine.uses[0].quantity) == (True, lot.id, Quantity(Decimal(100), "g"))
    assert (short.ok, short.short[0].short) == (False, Quantity(Decimal(50), "g"))
    (wanted,) = found.to_buy
    assert (wanted.item_id, wanted.quantity, wanted.needed_on) == (lot.item_id, Quantity(Decimal(50), "g"), first + DAY)
    done = await recipes.shop_for_plan()
    assert [(line.item_id, line.quantity) for line in done.items] == [(lot.item_id, Quantity(Decimal(50), "g"))]
    assert await recipes.shop_for_plan(list_id=done.list_id) == done


async def test_what_is_cooked_comes_out_of_the_stock_goes_into_diaries_and_is_taken_back_whole(anna: Popote) -> None:
    recipes, stock, me = anna.api.recipes, anna.api.stock, anna.session.user.id
    soup = await recipes.create_recipe(NewRecipe(title="Soup", servings=Decimal(2), ingredients=["800 g leeks"]))
    with pytest.raises(Problem) as short:
        await recipes.cook(soup.id, NewCook())
    assert short.value.facts["short"][0]["missing"] == {"amount": 800, "unit": "g"}
    (lot,) = (await stock.purchase([PurchaseLine(name="Leeks", quantity=Quantity(Decimal("1.5"), "kg"))])).lots
    asked = NewCook(
        eaters=[Eater(me, Decimal("1.5"))],
        leftovers=Leftovers(servings=Decimal("0.5"), use_by=date(2026, 12, 1)),
        date=TUESDAY,
        meal="dinner",
    )
    done = await recipes.cook(soup.id, asked, key="once")
    assert await recipes.cook(soup.id, asked, key="once") == done == await recipes.get_cooked(done.cook_id)
    assert [(each.lot_id, each.quantity) for each in done.takes] == [(lot.id, Quantity(Decimal("0.8"), "kg"))]
    assert (done.state, done.date, done.meal, done.eaters) == ("done", asked.date, "dinner", asked.eaters)
    assert done.leftover_lot_id is not None
    assert (await recipes.list_cooked(soup.id)).items == [done]
    rows = await RecipeReplica(recipes).pull()
    assert rows.cooked == {done.cook_id: done}
    undone = await recipes.undo_cooked(done.cook_id)
    assert undone.state == "undone"
    assert [each.quantity for each in await stock.list_lots(lot.item_id)] == [lot.quantity]


async def test_dishes_are_planned_changed_copied_and_taken_off(recipes: RecipesApi) -> None:
    soup = await recipes.create_recipe(SOUP)
    new = NewPlanEntry(id=uuid4(), date=TUESDAY, meal="dinner", recipe_id=soup.id, servings=Decimal("2.5"))
    entry = await recipes.create_plan_entry(new)
    assert await recipes.create_plan_entry(new) == entry == await recipes.get_plan_entry(entry.id)
    assert (entry.title, entry.servings, entry.cook_id) == ("Leek soup", Decimal("2.5"), None)
    out = await recipes.create_plan_entry(NewPlanEntry(date=TUESDAY, meal="lunch", title="Canteen"))
    moved = await recipes.edit_plan_entry(out.id, out.version, PlanEntryEdit(date=TUESDAY + DAY, note="with Zoe"))
    found = await recipes.list_plan(TUESDAY, TUESDAY + DAY)
    assert (found.first, found.last, found.items) == (TUESDAY, TUESDAY + DAY, [entry, moved])
    copies = await recipes.copy_plan(TUESDAY, TUESDAY + 7 * DAY, days=1)
    assert [(each.date, each.title) for each in copies] == [(TUESDAY + 7 * DAY, "Leek soup")]
    assert (await RecipeReplica(recipes).pull()).plan == {each.id: each for each in (entry, moved, *copies)}
    await recipes.delete_plan_entry(entry.id, entry.version)
    assert (await recipes.list_plan(TUESDAY, TUESDAY)).items == []


async def test_events_tell_of_recipes_that_change(recipes: RecipesApi) -> None:
    async with aclosing(recipes.recipes_events()) as events, asyncio.timeout(30):
        first = asyncio.create_task(anext(events))
        while not first.done():  # until it listens, nothing is heard
            await recipes.create_recipe(NewRecipe(id=uuid4(), title="Soup", servings=Decimal(1)))
            await asyncio.wait({first}, timeout=0.2)
        assert first.result().kind == "recipes_changed"
