"""Cooked meals, as the recipes service announces them: in the diary of each who ate, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

import pytest

from popote_kit import outbox
from popote_kit.peers import Peers
from popote_kit.quantity import Amount
from popote_kit.sync import next_version
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id
from popote_nutrition.app import create_app
from popote_nutrition.model.diary import MAX_A_DAY
from popote_nutrition.settings import Settings
from popote_nutrition.testing import Table, hear_of_meals, told
from popote_recipes.app import create_app as create_recipes
from popote_recipes.settings import Settings as RecipesSettings

DAY: Final = "2026-11-24"
PASTA: Final = {
    "energy_kj": 1500, "energy_kcal": 360, "fat_g": 2, "saturates_g": 0.5, "carbohydrate_g": 70, "sugars_g": 3,
    "fibre_g": 4, "protein_g": 12, "salt_g": 0,
}  # fmt: skip


@dataclass
class Dinner:
    """Anna, Bob and Chloé; what recipes announces, and what nutrition makes of it."""

    anna: Table
    bob: Table
    chloe: Table
    database: FreshDatabase
    peers: Peers
    pasta: str

    def cooked(self, cook_id: UUID, **more: Any) -> dict[str, Any]:
        """Return what is said of 4 servings of pasta, 400 g, of which Anna eats 1.5 and Bob 1."""
        eaters = [(self.anna, "1.5"), (self.bob, "1")]
        quantity = {"amount": Amount("400.0"), "unit": "g"}
        return {
            "cook_id": cook_id, "recipe_id": new_id(), "title": "Pasta", "date": DAY, "meal": "dinner", "servings": 4,
            "cooked_mass_g": 800,
            "parts": [
                {"line": "400 g de pâtes", "name": "pâtes", "food_id": self.pasta, "quantity": quantity,
                 "is_to_taste": False, "recipe": None},
                {"line": "sel", "name": "sel", "food_id": None, "quantity": None, "is_to_taste": True, "recipe": None},
            ],
            "eaters": [{"user_id": who.claims["person"], "portions": Amount(portions)} for who, portions in eaters],
            **more,
        }  # fmt: skip

    async def announce(self, kind: str, payload: object) -> None:
        async with self.database.kitchen("recipes", self.anna.household) as kitchen:
            await outbox.announce(kitchen, kind, await next_version(kitchen), payload)

    async def cook(self, cook_id: UUID, **more: Any) -> None:
        await self.announce("meal_cooked.v1", self.cooked(cook_id, **more))
        await self.hear()

    async def uncook(self, cook_id: UUID) -> None:
        await self.announce("meal_uncooked.v1", {"cook_id": cook_id})
        await self.hear()

    async def hear(self) -> None:
        """Have nutrition handle all that was announced."""
        await hear_of_meals(self.database, self.peers)

    async def hear_all_again(self) -> None:
        """Have it handle all that is kept, as after a restore."""
        await self.database.run("UPDATE recipes.epoch SET id = gen_random_uuid()")
        await self.hear()


async def eaten(table: Table, day: str = DAY) -> list[dict[str, Any]]:
    return list((await table.get(f"/days/{day}"))["entries"])


async def of(cook_id: UUID, table: Table) -> list[dict[str, Any]]:
    return [each for each in await eaten(table) if each["cook_id"] == str(cook_id)]


async def forget(table: Table, entry: dict[str, Any]) -> None:
    told(await table.ask("DELETE", f"/diary/{entry['id']}", headers={"If-Match": f'"{entry["version"]}"'}))


@pytest.fixture
async def dinner(database: FreshDatabase, authority: Authority, clock: Clock) -> AsyncIterator[Dinner]:
    auth = {"auth": authority}
    own = RecipesSettings(database_url=database.url("recipes"), database_password=PASSWORD)
    apps = {**auth, "recipes": create_recipes(own, peers=Peers(apps=auth), clock=clock)}
    settings = Settings(database_url=database.url("nutrition"), database_password=PASSWORD)
    app = create_app(settings, peers=Peers(apps=auth), clock=clock)  # it follows nobody by itself
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(calling(apps["recipes"]))
        anna = Table(await stack.enter_async_context(calling(app, timeout=30)), authority)
        pasta = await anna.food("Testpasta", nutrients=PASTA)
        peers = Peers(apps=apps)
        stack.push_async_callback(peers.close)
        yield Dinner(anna, anna.beside(), anna.beside(), database, peers, pasta)


async def test_a_cooked_meal_is_in_the_diary_of_each_who_ate(dinner: Dinner) -> None:
    cook_id = new_id()
    changes = await dinner.anna.get("/changes")
    await dinner.cook(cook_id)
    (annas,), (bobs,) = await eaten(dinner.anna), await eaten(dinner.bob)
    # 400 g of pasta: 1440 kcal, 48 g of protein for 4; 1.5 servings are 540 kcal, 18 g, and 300 g of 800 once cooked.
    assert (annas["nutrients"]["energy_kcal"], annas["nutrients"]["protein_g"]) == (540, 18)
    assert (annas["portions"], annas["mass_g"], annas["quantity"]) == (1.5, 300, None)
    assert (bobs["nutrients"]["energy_kcal"], bobs["portions"], bobs["mass_g"]) == (360, 1, 200)
    assert (annas["name"], annas["date"], annas["meal"], annas["kind"]) == ("Pasta", DAY, "dinner", "recipe")
    assert (annas["cook_id"], annas["source"], annas["reason"]) == (str(cook_id), "recipe", None)
    assert annas["id"] == str(uuid5(cook_id, str(dinner.anna.claims["person"])))
    assert await eaten(dinner.chloe) == []
    assert (await dinner.anna.get("/changes"))["version"] == changes["version"]  # nobody learns how busy diaries are
    (change,) = (await dinner.bob.get("/diary/changes"))["changes"]
    assert (change["id"], change["data"]) == (bobs["id"], bobs)
    told_to = await dinner.database.rows("SELECT person_id, payload FROM nutrition.outbox WHERE kind = 'diary_changed'")
    assert {row["person_id"] for row in told_to} == {who.claims["person"] for who in (dinner.anna, dinner.bob)}


async def test_a_meal_that_is_told_of_five_times_is_eaten_once(dinner: Dinner) -> None:
    cook_id = new_id()
    for _ in range(3):
        await dinner.announce("meal_cooked.v1", dinner.cooked(cook_id))
    await asyncio.gather(*(dinner.hear() for _ in range(3)))
    first = [await eaten(dinner.anna), await eaten(dinner.bob)]
    for _ in range(2):
        await dinner.cook(cook_id)
        await dinner.hear_all_again()
    assert [await eaten(dinner.anna), await eaten(dinner.bob)] == first
    assert [len(entries) for entries in first] == [1, 1]
    assert len((await dinner.anna.get("/diary/changes"))["changes"]) == 1


async def test_what_is_undone_goes_from_every_diary_and_comes_back_with_the_meal(dinner: Dinner) -> None:
    cook_id, other = new_id(), new_id()
    await dinner.cook(cook_id)
    await dinner.cook(other)
    (before,) = await of(cook_id, dinner.bob)
    version = (await dinner.bob.get("/diary/changes"))["version"]
    await dinner.uncook(cook_id)
    await dinner.uncook(cook_id)
    assert [each["cook_id"] for who in (dinner.anna, dinner.bob) for each in await eaten(who)] == [str(other)] * 2
    (gone,) = (await dinner.bob.get("/diary/changes", since=version))["changes"]
    assert (gone["id"], gone["deleted"]) == (before["id"], True)
    await dinner.cook(cook_id)
    (again,) = await of(cook_id, dinner.bob)
    fresh = {name: again[name] for name in ("version", "recipe_id", "created_at")}
    assert again == before | fresh
    (back,) = (await dinner.bob.get("/diary/changes", since=version))["changes"]
    assert (back["id"], back["deleted"]) == (again["id"], False)
    stands = [await eaten(dinner.anna), await eaten(dinner.bob)]
    await dinner.hear_all_again()  # cooked, undone, cooked: heard of all that, so nothing is to be done
    assert [await eaten(dinner.anna), await eaten(dinner.bob)] == stands
    await dinner.uncook(cook_id)
    assert len(await eaten(dinner.bob)) == 1


async def test_an_undo_that_is_heard_of_first_keeps_the_meal_out(dinner: Dinner) -> None:
    cook_id = new_id()
    await dinner.uncook(cook_id)
    assert await eaten(dinner.anna) == []
    await dinner.cook(cook_id)  # later, so it was cooked again
    assert len(await eaten(dinner.anna)) == 1


async def test_what_somebody_has_deleted_stays_deleted(dinner: Dinner) -> None:
    cook_id = new_id()
    await dinner.cook(cook_id)
    await forget(dinner.anna, (await eaten(dinner.anna))[0])
    await dinner.cook(cook_id)
    await dinner.hear_all_again()
    assert (await eaten(dinner.anna), len(await eaten(dinner.bob))) == ([], 1)
    for _ in range(2):
        await dinner.uncook(cook_id)
        assert (await eaten(dinner.anna), await eaten(dinner.bob)) == ([], [])
        await dinner.cook(cook_id)
        assert (await eaten(dinner.anna), len(await eaten(dinner.bob))) == ([], 1)
    await forget(dinner.bob, (await eaten(dinner.bob))[0])  # after it went and came back
    await dinner.uncook(cook_id)
    await dinner.cook(cook_id)
    assert await eaten(dinner.bob) == []


async def test_what_somebody_has_edited_stays_as_it_is_until_the_meal_is_undone(dinner: Dinner) -> None:
    cook_id = new_id()
    await dinner.cook(cook_id)
    entry = (await eaten(dinner.anna))[0]
    edited = await dinner.anna.edit(f"/diary/{entry['id']}", {"portions": 3, "date": "2026-11-25", "name": "Pâtes"})
    assert (edited["nutrients"]["energy_kcal"], edited["mass_g"]) == (1080, 600)
    await dinner.cook(cook_id)
    await dinner.hear_all_again()
    assert (await eaten(dinner.anna), await eaten(dinner.anna, "2026-11-25")) == ([], [edited])
    await dinner.uncook(cook_id)
    assert await eaten(dinner.anna, "2026-11-25") == []


async def test_what_was_copied_from_a_meal_outlives_its_undo(dinner: Dinner) -> None:
    cook_id = new_id()
    await dinner.cook(cook_id)
    await dinner.anna.post("/diary/copy", {"from_date": DAY, "to_date": "2026-11-25"})
    await dinner.uncook(cook_id)
    (copy,) = await eaten(dinner.anna, "2026-11-25")
    assert (copy["cook_id"], copy["portions"]) == (None, 1.5)


async def test_a_full_day_goes_without_and_keeps_nothing_else_waiting(
    dinner: Dinner, caplog: pytest.LogCaptureFixture
) -> None:
    await dinner.database.rows(
        """
        INSERT INTO nutrition.diary_entry
               (household_id, person_id, id, day, meal, kind, free, name, coverage, version, created_at)
        SELECT $1, $2, gen_random_uuid(), '2026-11-24', 'snack', 'free', 'x', 'x', array_fill(0, ARRAY[11]), 1, now()
          FROM generate_series(1, $3)
        """,
        dinner.anna.household,
        dinner.anna.claims["person"],
        MAX_A_DAY,
    )
    full, next_day = new_id(), new_id()
    await dinner.announce("meal_cooked.v1", dinner.cooked(full))
    await dinner.cook(next_day, date="2026-11-25")
    assert [record.__dict__["cook_id"] for record in caplog.records if "into a diary" in record.message] == [str(full)]
    assert (len(await eaten(dinner.anna)), len(await eaten(dinner.bob))) == (MAX_A_DAY, 1)
    assert len(await eaten(dinner.anna, "2026-11-25")) == 1
    await forget(dinner.anna, (await eaten(dinner.anna))[0])
    await dinner.uncook(full)
    assert (len(await eaten(dinner.anna)), await eaten(dinner.bob)) == (MAX_A_DAY - 1, [])
    await dinner.cook(full)  # there is room now
    assert len(await eaten(dinner.anna)) == MAX_A_DAY


async def test_a_meal_says_what_is_not_known_of_it(dinner: Dinner) -> None:
    unmatched = {"line": "1 zorglub", "name": "zorglub", "food_id": None, "quantity": None, "is_to_taste": False}
    meal = dinner.cooked(new_id(), cooked_mass_g=None)
    await dinner.cook(meal["cook_id"], parts=[*meal["parts"], unmatched], cooked_mass_g=None)
    (entry,) = await eaten(dinner.bob)
    assert (entry["nutrients"]["energy_kcal"], entry["reason"], entry["mass_g"]) == (360, "no_value", None)
    # pasta 400 g; salt to taste 1 g; zorglub weighs their average: 400 / 601.5
    assert entry["coverage"]["energy_kcal"] == pytest.approx(400 / 601.5, rel=0.01)
    (missing,) = (await dinner.bob.get(f"/days/{DAY}"))["missing"]
    assert missing["entry_id"] == entry["id"]
    await dinner.cook(new_id(), parts=[unmatched], date="2026-11-25")
    (nothing,) = await eaten(dinner.bob, "2026-11-25")
    assert (set(nothing["nutrients"].values()), nothing["source"]) == ({None}, None)


async def test_row_level_security_alone_hides_meals_from_other_households_and_what_went_from_others(
    dinner: Dinner,
) -> None:
    cook_id = new_id()
    await dinner.cook(cook_id)
    await dinner.uncook(cook_id)

    async def seen(table: Table) -> tuple[int, int]:
        async with dinner.database.kitchen("nutrition", table.household, table.claims["person"]) as kitchen:
            meals = await kitchen.fetchval("SELECT count(*) FROM meal")
            return meals, await kitchen.fetchval("SELECT count(*) FROM withdrawn_entry")

    stranger = dinner.anna.elsewhere(person=dinner.anna.claims["person"])
    assert [await seen(who) for who in (dinner.anna, dinner.chloe, stranger)] == [(1, 1), (1, 0), (0, 0)]


async def test_what_nobody_can_read_is_left_behind_and_the_next_meal_eaten(dinner: Dinner) -> None:
    await dinner.announce("meal_cooked.v1", {"cook_id": "no id"})
    await dinner.announce("meal_uncooked.v1", {})
    await dinner.announce("meal_planned.v1", {})
    await dinner.cook(new_id())
    assert len(await eaten(dinner.anna)) == 1


async def test_a_running_service_hears_of_meals_by_itself(dinner: Dinner, authority: Authority, clock: Clock) -> None:
    await dinner.announce("meal_cooked.v1", dinner.cooked(new_id()))
    settings = Settings(database_url=dinner.database.url("nutrition"), database_password=PASSWORD)
    recipes = create_recipes(
        RecipesSettings(database_url=dinner.database.url("recipes"), database_password=PASSWORD),
        peers=Peers(apps={"auth": authority}),
        clock=clock,
    )
    peers = Peers(apps={"auth": authority, "recipes": recipes})
    async with calling(recipes), calling(create_app(settings, peers=peers, clock=clock)):
        async with asyncio.timeout(30):
            while not await eaten(dinner.anna):  # noqa: ASYNC110 - PostgreSQL sets no event
                await asyncio.sleep(0.01)
    assert len(await eaten(dinner.anna)) == 1
