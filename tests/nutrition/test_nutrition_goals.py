"""Goals by HTTP: from a day on, for each day of the week, one person's alone; and what an adult needs."""

from datetime import UTC, datetime
from typing import Any

import pytest

from popote_kit.testing import Clock
from popote_nutrition.testing import Table, told

TODAY = "2025-09-03"  # a Wednesday


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2025, 9, 3, 22, 30, tzinfo=UTC))  # the 4th, in Paris


@pytest.fixture
def ida(anna: Table) -> Table:
    """Somebody in London, where it is still the 3rd."""
    return anna.elsewhere(zone="Europe/London")


async def test_goals_hold_from_a_day_on_until_the_next(ida: Table) -> None:
    first = await ida.put("/goals", {"every_day": {"energy_kcal": 2000, "protein_g": 60.5}})
    assert first["from"] == TODAY
    assert list(first["weekdays"]) == [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]  # fmt: skip
    assert first["weekdays"]["sunday"]["protein_g"] == 60.5
    assert first["weekdays"]["sunday"]["salt_g"] is None
    second = await replace(ida, {"from": "2025-09-10", "every_day": {"energy_kcal": 1800}}, first["version"])
    assert (await ida.get("/goals"))["id"] == first["id"]
    assert (await ida.get("/goals", on="2025-09-09"))["id"] == first["id"]
    assert (await ida.get("/goals", on="2025-09-10"))["id"] == second["id"]
    assert (await ida.ask("GET", "/goals", params={"on": "2025-09-02"})).status_code == 404
    pages = [await ida.get("/goals/history", limit=1)]
    pages.append(await ida.get("/goals/history", limit=1, cursor=pages[0]["next_cursor"]))
    assert [page["items"] for page in pages] == [[second], [first]]
    assert pages[1]["next_cursor"] is None


async def test_a_weekday_has_goals_of_its_own_before_those_of_every_day(ida: Table) -> None:
    weekdays = {"saturday": {"energy_kcal": 2500}, "sunday": {"salt_g": 5}}
    only = await ida.put("/goals", {"weekdays": weekdays})
    assert list(only["weekdays"]) == ["saturday", "sunday"]
    both = await replace(
        ida, {"every_day": {"energy_kcal": 2000, "fibre_g": 30}, "weekdays": weekdays}, only["version"]
    )
    assert both["id"] == only["id"]
    assert wanted(both, "friday") == {"energy_kcal": 2000, "fibre_g": 30}
    assert wanted(both, "saturday") == {"energy_kcal": 2500, "fibre_g": 30}
    assert wanted(both, "sunday") == {"energy_kcal": 2000, "fibre_g": 30, "salt_g": 5}


async def test_setting_nothing_ends_goals_and_deleting_brings_those_before_back(ida: Table) -> None:
    first = await ida.put("/goals", {"from": "2025-09-01", "every_day": {"energy_kcal": 2000}})
    ended = await replace(ida, {}, first["version"])
    assert (await ida.get("/goals"))["weekdays"] == {}
    gone = await ida.ask("DELETE", f"/goals/{ended['id']}", headers={"If-Match": f'"{ended["version"]}"'})
    assert gone.status_code == 204
    assert await ida.get("/goals") == first
    assert (await ida.ask("DELETE", f"/goals/{ended['id']}", headers={"If-Match": "*"})).status_code == 404


async def test_goals_that_hold_are_replaced_only_by_who_has_read_them(ida: Table) -> None:
    assert (await ida.ask("PUT", "/goals", json={}, headers={"If-Match": '"7"'})).status_code == 412
    first = await ida.put("/goals", {"every_day": {"energy_kcal": 2000}})
    assert await ida.put("/goals", {"every_day": {"energy_kcal": 2000}}) == first  # sent again
    for body in ({}, {"from": "2025-12-24"}):
        assert (await ida.ask("PUT", "/goals", json=body)).status_code == 428
        assert (await ida.ask("PUT", "/goals", json=body, headers={"If-Match": '"0"'})).status_code == 412
    assert (await ida.ask("DELETE", f"/goals/{first['id']}")).status_code == 428
    assert (await ida.ask("DELETE", f"/goals/{first['id']}", headers={"If-Match": '"0"'})).status_code == 412
    assert await ida.get("/goals") == first


async def test_nobody_sees_anothers_goals(ida: Table) -> None:
    mine = await ida.put("/goals", {"every_day": {"energy_kcal": 2000}})
    same_elsewhere = ida.elsewhere(person=ida.claims["person"])
    for other in (ida.beside(), ida.beside(role="guest"), same_elsewhere):
        assert (await other.ask("GET", "/goals")).status_code == 404
        assert (await other.ask("DELETE", f"/goals/{mine['id']}", headers={"If-Match": "*"})).status_code == 404
        assert (await other.get("/goals/history"))["items"] == []
        await other.put("/goals", {"every_day": {"fat_g": 50}})
    assert await ida.get("/goals") == mine


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"every_day": {"energy_kcal": 10_001}}, "/every_day/energy_kcal"),
        ({"weekdays": {"monday": {"fat_g": 2001}}}, "/weekdays/monday/fat_g"),
        ({"every_day": {"fat_g": -1}}, "/every_day/fat_g"),
        ({"every_day": {"fat_g": "10"}}, "/every_day/fat_g"),
        ({"every_day": {"vitamin_c_mg": 90}}, "/every_day"),
        ({"weekdays": {"someday": {}}}, "/weekdays"),
        ({"from": "1899-12-31"}, "/from"),
        ({"from": "2025-02-30"}, "/from"),
    ],
)
async def test_a_goal_that_no_day_can_have_is_refused_by_its_place(
    ida: Table, body: dict[str, Any], pointer: str
) -> None:
    answer = await ida.ask("PUT", "/goals", json=body)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_an_adults_need_is_an_estimate_that_says_its_limits(ida: Table) -> None:
    asked = {"sex": "female", "age": 30, "height_cm": 165, "weight_kg": 60, "activity": "light"}
    # 10 x 60 + 6.25 x 165 - 5 x 30 - 161 = 1320.25; x 1.375 = 1815.3; x 4.184 = 7595.4
    found = await ida.post("/goals/estimate", asked)
    assert (found["energy_kcal"], found["energy_kj"]) == (1820, 7600)
    assert "doctor" in found["limitation"]
    french = told(await ida.ask("POST", "/goals/estimate", json=asked, params={"lang": "fr"}))
    assert "médecin" in french["limitation"]
    assert french["activity"].startswith("Léger")
    by_year = {name: value for name, value in asked.items() if name != "age"} | {"birth_year": 1994}
    assert await ida.post("/goals/estimate", by_year) == found  # 30 until this year's birthday


async def test_an_estimate_takes_the_last_weight_where_none_is_said(ida: Table) -> None:
    asked = {"sex": "female", "age": 30, "height_cm": 165, "activity": "light"}
    answer = await ida.ask("POST", "/goals/estimate", json=asked)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/weight_kg"]
    for day, amount in {"2025-08-01": 70, "2025-09-01": 60, "2025-07-01": 80}.items():
        await ida.put(f"/weights/{day}", {"weight": {"amount": amount, "unit": "kg"}})
    assert (await ida.post("/goals/estimate", asked))["energy_kcal"] == 1820


async def test_minors_get_no_number_in_words_of_their_language(ida: Table) -> None:
    asked = {"sex": "male", "height_cm": 170, "weight_kg": 60, "activity": "active"}
    child = ida.beside(role="child")
    for who, years in ((ida, {"age": 17}), (ida, {"birth_year": 2007}), (child, {"age": 40})):
        answer = await who.ask("POST", "/goals/estimate", json=asked | years, headers={"Accept-Language": "fr"})
        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems/adults-only"
        assert "adultes" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"age": None}, [""]),
        ({"birth_year": 1980}, [""]),
        ({"age": 121}, ["/age"]),
        ({"height_cm": 1.7}, ["/height_cm"]),
        ({"weight_kg": 600}, ["/weight_kg"]),
        ({"activity": "couch"}, ["/activity"]),
    ],
)
async def test_an_estimate_of_nobody_is_refused(ida: Table, change: dict[str, Any], pointers: list[str]) -> None:
    asked = {"sex": "male", "age": 40, "height_cm": 170, "weight_kg": 60, "activity": "active"} | change
    answer = await ida.ask("POST", "/goals/estimate", json=asked)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


async def replace(table: Table, body: dict[str, Any], version: int) -> Any:
    return told(await table.ask("PUT", "/goals", json=body, headers={"If-Match": f'"{version}"'}))


def wanted(goals: Any, weekday: str) -> dict[str, Any]:
    return {code: amount for code, amount in goals["weekdays"][weekday].items() if amount is not None}
