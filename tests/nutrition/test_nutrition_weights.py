"""Weights by HTTP: one a day, one person's alone."""

from typing import Any

import pytest

from popote_nutrition.testing import Table, told

KG = {"weight": {"amount": 72.4, "unit": "kg"}}


async def test_a_weight_is_kept_as_it_was_typed_and_told_in_kilograms(anna: Table) -> None:
    stored = await anna.put("/weights/2025-09-01", KG | {"note": "after breakfast"})
    assert stored["date"] == "2025-09-01"
    assert stored["weight"] == {"amount": 72.4, "unit": "kg"}
    assert (stored["weight_kg"], stored["note"]) == (72.4, "after breakfast")
    assert await anna.get("/weights/2025-09-01") == stored
    pounds = await anna.put("/weights/2025-09-02", {"weight": {"amount": 160, "unit": "lb"}})
    assert pounds["weight"] == {"amount": 160, "unit": "lb"}
    assert pounds["weight_kg"] == 72.575  # 160 x 0.45359237 = 72.5747792


async def test_a_weight_is_replaced_only_by_who_has_read_it(anna: Table) -> None:
    path, other = "/weights/2025-09-01", {"weight": {"amount": 73, "unit": "kg"}}
    for tag in ('"3"', "*"):  # neither is there
        assert (await anna.ask("PUT", path, json=KG, headers={"If-Match": tag})).status_code == 412
    first = await anna.put(path, KG)
    assert await anna.put(path, KG) == first  # sent again
    assert (await anna.ask("PUT", path, json=other)).status_code == 428
    assert (await anna.ask("PUT", path, json=other, headers={"If-Match": '"0"'})).status_code == 412
    read = {"If-Match": f'"{first["version"]}"'}
    second = told(await anna.ask("PUT", path, json=other, headers=read))
    assert second["id"] == first["id"]
    assert (await anna.ask("DELETE", path, headers=read)).status_code == 412
    assert (await anna.ask("DELETE", path)).status_code == 428
    assert (await anna.ask("DELETE", path, headers={"If-Match": f'"{second["version"]}"'})).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await anna.ask(method, path, headers={"If-Match": "*"})).status_code == 404


async def test_weights_are_listed_by_day_from_a_day_to_a_day(anna: Table) -> None:
    days = ["2025-09-03", "2024-01-01", "2025-09-01", "2025-09-02"]
    for day in days:
        await anna.put(f"/weights/{day}", KG)
    page = await anna.get("/weights", limit=3)
    rest = await anna.get("/weights", limit=3, cursor=page["next_cursor"])
    assert [each["date"] for each in (*page["items"], *rest["items"])] == sorted(days)
    between = await anna.get("/weights", **{"from": "2025-09-01", "to": "2025-09-02"})
    assert [each["date"] for each in between["items"]] == ["2025-09-01", "2025-09-02"]


async def test_nobody_sees_or_overwrites_what_another_weighs(anna: Table) -> None:
    mine = await anna.put("/weights/2025-09-01", KG)
    same_elsewhere = anna.elsewhere(person=anna.claims["person"])
    for other in (anna.beside(), anna.beside(role="guest"), anna.beside(role="child"), same_elsewhere):
        assert (await other.ask("GET", "/weights/2025-09-01")).status_code == 404
        assert (await other.ask("DELETE", "/weights/2025-09-01", headers={"If-Match": "*"})).status_code == 404
        assert (await other.get("/weights"))["items"] == []
        await other.put("/weights/2025-09-01", {"weight": {"amount": 50, "unit": "kg"}})
    assert await anna.get("/weights/2025-09-01") == mine


@pytest.mark.parametrize(
    ("body", "pointer", "kind"),
    [
        ({"weight": {"amount": 701, "unit": "kg"}}, "/weight/amount", "invalid"),
        ({"weight": {"amount": 99, "unit": "g"}}, "/weight/amount", "invalid"),
        ({"weight": {"amount": 0, "unit": "kg"}}, "/weight/amount", "invalid"),
        ({"weight": {"amount": 70, "unit": "l"}}, "/weight", "unknown-conversion"),
        ({"weight": {"amount": 70, "unit": "stones and a bit"}}, "/weight", "unknown-unit"),
        (KG | {"note": "x" * 501}, "/note", "invalid"),
    ],
)
async def test_what_nobody_weighs_is_refused(anna: Table, body: dict[str, Any], pointer: str, kind: str) -> None:
    answer = await anna.ask("PUT", "/weights/2025-09-01", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"] == f"/problems/{kind}"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_day_of_another_century_is_refused(anna: Table) -> None:
    assert (await anna.ask("PUT", "/weights/1899-12-31", json=KG)).status_code == 422
    assert (await anna.ask("GET", "/weights", params={"from": "2300-01-01"})).status_code == 422
    for day in ("2025-02-30", "tomorrow", "1756000000"):
        assert (await anna.ask("PUT", f"/weights/{day}", json=KG)).status_code in {404, 422}
