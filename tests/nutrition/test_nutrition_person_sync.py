"""Goals and weights as phones hear of them: in delta sync, and in what is announced."""

from typing import Any

from popote_kit.testing import FreshDatabase
from popote_nutrition.testing import Table

DAY = "2025-09-03"


async def test_a_phone_hears_of_ones_own_goals_and_weights(anna: Table) -> None:
    goals = await anna.put("/goals", {"from": DAY, "every_day": {"energy_kcal": 2000.5}})
    weight = await anna.put(f"/weights/{DAY}", {"weight": {"amount": 160, "unit": "lb"}})
    first = await anna.get("/diary/changes")
    assert [each["data"] for each in first["changes"]] == [goals, weight]
    assert (await anna.beside().get("/diary/changes"))["changes"] == []
    for path, shown in ((f"/weights/{DAY}", weight), (f"/goals/{goals['id']}", goals)):
        await anna.ask("DELETE", path, headers={"If-Match": f'"{shown["version"]}"'})
    then = await anna.get("/diary/changes", since=first["version"])
    assert [(each["kind"], each["id"], each["deleted"]) for each in then["changes"]] == [
        ("weight", weight["id"], True),
        ("goal", goals["id"], True),
    ]


async def test_what_changed_is_announced_to_the_person_alone(anna: Table, database: FreshDatabase) -> None:
    goals = await anna.put("/goals", {"from": DAY, "every_day": {"energy_kcal": 2000}})
    await anna.put(f"/weights/{DAY}", {"weight": {"amount": 72, "unit": "kg"}})
    rows = await database.rows("SELECT person_id, kind, payload::text FROM nutrition.outbox ORDER BY number")
    told: list[Any] = [(row["kind"], row["payload"].replace(" ", "")) for row in rows]
    assert told == [
        ("goals_changed", f'{{"goal_ids":["{goals["id"]}"]}}'),
        ("weights_changed", f'{{"dates":["{DAY}"]}}'),
    ]
    assert {str(row["person_id"]) for row in rows} == {str(anna.claims["person"])}
