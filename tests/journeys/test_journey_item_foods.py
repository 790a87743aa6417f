"""An item, the food that it is, and what a spoon of it holds: stock and nutrition together, behind the gateway."""

from typing import Any

from popote_kit.testing import new_id
from popote_launcher.testing import House, Person


async def post(who: Person, path: str, body: Any) -> Any:
    answer = await who.ask("POST", path, json=body, headers={"Idempotency-Key": str(new_id())})
    assert answer.status_code < 300, answer.text
    return answer.json()


async def test_a_spoon_of_an_item_is_taken_by_weight_and_counted_by_its_food(house: House) -> None:
    anna, stranger = await house.sign_up("anna"), await house.sign_up("stranger")
    flour = await post(anna, "/api/stock/items", {"name": "Farine", "unit": "g"})
    found = (await post(anna, "/api/nutrition/match", {"names": ["farine"]}))["items"][0]
    assert flour["food_id"] == found["food"]["id"]
    line = {"item_id": flour["id"], "quantity": {"amount": 500, "unit": "g"}}
    await post(anna, "/api/stock/purchases", {"lines": [line]})
    spoon = {"item_id": flour["id"], "quantity": {"amount": 1, "unit": "tbsp"}}
    used = (await post(anna, "/api/stock/consume", {"lines": [spoon], "reason": "used"}))["takes"][0]
    analysed = await post(anna, "/api/nutrition/analyse", spoon)
    assert analysed["mass_g"] == round(used["quantity"]["amount"], 4)
    assert (await stranger.ask("GET", f"/api/stock/items/{flour['id']}/facts")).status_code == 404
    items = (await anna.ask("GET", "/api/stock/items", params={"q": "flour"})).json()["items"]
    assert [item["name"] for item in items] == ["Farine"]
