"""From the shelf to the day's total: butter is bought, is known for what it is, is eaten and counted."""

from typing import Any, Final

from popote_kit.testing import new_id
from popote_launcher.testing import House, Person

TODAY: Final = "2026-11-24"
SPOON: Final = {"amount": 1, "unit": "tbsp"}


async def told(who: Person, method: str, path: str, body: Any = None) -> Any:
    options = {"headers": {"Idempotency-Key": str(new_id())}, "json": body} if body else {}
    answer = await who.ask(method, f"/api{path}", **options)
    assert answer.status_code < 300, answer.text
    return answer.json()


async def test_butter_is_bought_known_eaten_and_counted(house: House) -> None:
    anna = await house.sign_up("anna", timezone="Europe/Paris", language="fr")
    mate = await house.invite(anna, "mate")
    butter = await told(anna, "POST", "/stock/items", {"name": "Beurre", "unit": "g"})
    food = await told(anna, "GET", f"/nutrition/foods/{butter['food_id']}")
    assert food["names"] == {"en": "butter", "fr": "beurre"}
    assert [fact["unit"] for fact in food["facts"]][:1] == ["ml"]

    await told(anna, "PUT", "/nutrition/goals", {"from": TODAY, "every_day": {"energy_kcal": 2000}})
    spoon = {"date": TODAY, "meal": "breakfast", "item_id": butter["id"], "quantity": SPOON}
    eaten = await told(anna, "POST", "/nutrition/diary", spoon)
    kcal = 15 * 0.9595 * 753 / 100  # the starter table: 0.9595 g/ml, 753 kcal in 100 g
    assert eaten["name"] == "Beurre"
    assert abs(eaten["nutrients"]["energy_kcal"] - kcal) < 0.01
    unknown = {"date": TODAY, "meal": "breakfast", "free": "30 g de zorglub"}
    assert (await told(anna, "POST", "/nutrition/diary", unknown))["reason"] == "unmatched_food"

    day = await told(anna, "GET", f"/nutrition/days/{TODAY}")
    assert day["total"]["energy_kcal"] == day["meals"]["breakfast"]["total"]["energy_kcal"]
    assert day["total"]["energy_kcal"] == eaten["nutrients"]["energy_kcal"]
    assert [each["name"] for each in day["missing"]] == ["zorglub"]
    assert 0.3 < day["coverage"]["energy_kcal"] < 0.4  # 14.4 g of 44.4
    assert day["goals"]["energy_kcal"] == 2000

    await told(anna, "PUT", "/nutrition/names", {"name": "zorglub", "food_id": butter["food_id"]})
    assert await told(anna, "GET", f"/nutrition/days/{TODAY}") == day
    again = await told(anna, "POST", "/nutrition/analyse", {"lines": ["30 g de zorglub"], "language": "fr"})
    assert again["missing"] == []
    assert (await told(mate, "GET", f"/nutrition/days/{TODAY}"))["entries"] == []
    assert (await mate.ask("GET", f"/api/nutrition/diary/{eaten['id']}")).status_code == 404
