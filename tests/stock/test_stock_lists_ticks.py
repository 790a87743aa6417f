"""Ticks: the last word counts, whenever it arrives, and what has left the list never comes back."""

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from popote_kit.testing import Authority, Clock, new_id
from popote_stock.testing import Kitchen, Shop

HOME = UUID("01890000-0000-7000-8000-000000000001")


def of(amount: float, unit: str) -> dict[str, Any]:
    return {"amount": amount, "unit": unit}


@pytest.fixture
def phones(client: httpx.AsyncClient, authority: Authority) -> list[Kitchen]:
    """Two people of one household."""
    return [Kitchen(client, authority.bearer(household=HOME)) for _ in range(2)]


@pytest.fixture
async def shop(phones: list[Kitchen]) -> Shop:
    return await Shop.open(phones[0])


async def bread(shop: Shop) -> str:
    return str((await shop.add({"name": "Bread", "quantity": of(1, "piece")}))[0]["id"])


async def test_a_tick_tells_who_and_when(shop: Shop, clock: Clock) -> None:
    line = await bread(shop)
    answer = await shop.tick(line, at=clock())
    assert (answer["superseded"], answer["gone"]) == ([], [])
    assert answer["items"] == await shop.lines()
    shown = answer["items"][0]
    assert shown["is_ticked"]
    assert shown["ticked_at"] == clock().isoformat().replace("+00:00", "Z")
    assert shown["ticked_by"] is not None
    assert (await shop.tick(line, at=clock(), is_ticked=False))["superseded"] == [line]
    clock.advance(seconds=1)
    (unticked,) = (await shop.tick(line, at=clock(), is_ticked=False))["items"]
    assert (unticked["is_ticked"], unticked["ticked_at"], unticked["ticked_by"]) == (False, None, None)
    assert (await shop.shown())["open"] == 1


async def test_the_same_ticks_again_change_nothing(shop: Shop, clock: Clock) -> None:
    line = await bread(shop)
    await shop.tick(line, at=clock())
    before = await shop.lines()
    assert await shop.tick(line, at=clock()) == {"items": [], "superseded": [], "gone": []}
    assert await shop.lines() == before


async def test_two_phones_agree_in_whatever_order_their_ticks_arrive(phones: list[Kitchen], clock: Clock) -> None:
    """Anna ticks at 1 and unticks at 3, her phone offline; Ben ticks at 2 and at 3."""
    said = [(0, 1, True), (1, 2, True), (0, 3, False), (1, 3, True)]
    outcomes = []
    start = clock()
    clock.advance(minutes=10)
    for number, order in enumerate(itertools.permutations(said)):
        shop = await Shop.open(phones[0], f"List {number}")
        line = await bread(shop)
        for who, minute, is_ticked in order:
            await shop.seen_by(phones[who]).tick(line, at=start + timedelta(minutes=minute), is_ticked=is_ticked)
        (shown,) = await shop.lines()
        outcomes.append((shown["is_ticked"], shown["ticked_at"], shown["ticked_by"]))
        await phones[0].ask("DELETE", shop.path, headers={"If-Match": "*"})
    assert len(set(outcomes)) == 1
    assert outcomes[0][0]


async def test_an_old_tick_is_told_that_it_came_too_late(phones: list[Kitchen], shop: Shop, clock: Clock) -> None:
    line = await bread(shop)
    early = clock()
    clock.advance(minutes=5)
    await shop.tick(line, at=clock())
    await shop.seen_by(phones[1]).tick(line, at=clock() + timedelta(minutes=1), is_ticked=False)
    late = await shop.seen_by(phones[1]).tick(line, at=early, is_ticked=False)
    assert late == {"items": [], "superseded": [line], "gone": []}
    assert (await shop.lines())[0]["is_ticked"]


async def test_of_several_ticks_of_a_line_in_one_request_the_last_counts(shop: Shop, clock: Clock) -> None:
    line = await bread(shop)
    early = clock()
    clock.advance(minutes=5)
    said = [(clock(), True), (early, False), (early, True)]
    ticks = [{"line_id": line, "is_ticked": is_ticked, "at": at.isoformat()} for at, is_ticked in said]
    answer = (await shop.who.ask("PUT", f"{shop.path}/ticks", json={"ticks": ticks})).json()
    assert [each["ticked_at"] for each in answer["items"]] == [clock().isoformat().replace("+00:00", "Z")]
    assert answer["superseded"] == []


async def test_a_phone_whose_clock_is_fast_does_not_outdo_the_others(shop: Shop, clock: Clock) -> None:
    line = await bread(shop)
    (shown,) = (await shop.tick(line, at=clock() + timedelta(days=300)))["items"]
    assert shown["ticked_at"] == clock().isoformat().replace("+00:00", "Z")
    clock.advance(seconds=1)
    (shown,) = (await shop.tick(line, at=clock(), is_ticked=False))["items"]
    assert not shown["is_ticked"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_a_phone_whose_clock_is_fast_keeps_its_own_last_word(
    shop: Shop, clock: Clock, order: tuple[int, int]
) -> None:
    line = await bread(shop)
    said = [(clock() + timedelta(minutes=5), True), (clock() + timedelta(minutes=6), False)]
    ticks = [{"line_id": line, "is_ticked": said[n][1], "at": said[n][0].isoformat()} for n in order]
    assert (await shop.who.ask("PUT", f"{shop.path}/ticks", json={"ticks": ticks})).status_code == 200
    assert not (await shop.lines())[0]["is_ticked"]


async def test_a_phone_whose_clock_is_fast_keeps_its_last_word_in_one_request_after_the_other(
    shop: Shop, clock: Clock
) -> None:
    line = await bread(shop)
    for minutes, is_ticked in ((5, True), (6, False), (7, True), (8, False)):
        clock.advance(milliseconds=1)
        await shop.tick(line, at=clock() + timedelta(minutes=minutes), is_ticked=is_ticked)
        assert (await shop.lines())[0]["is_ticked"] is is_ticked


async def test_an_old_tick_spoke_of_less_than_was_added_since(shop: Shop, clock: Clock) -> None:
    line = await bread(shop)
    early = clock()
    clock.advance(minutes=5)
    assert await bread(shop) == line
    assert (await shop.tick(line, at=early))["superseded"] == [line]
    assert [(each["is_ticked"], each["quantity"]) for each in await shop.lines()] == [(False, of(2, "piece"))]
    assert (await shop.tick(line, at=clock()))["items"][0]["is_ticked"]


@pytest.mark.parametrize(("amount", "is_more"), [(2, True), (0.5, False)])
async def test_an_old_tick_counts_unless_more_is_asked_for_since(
    shop: Shop, clock: Clock, amount: float, is_more: bool
) -> None:
    line = await bread(shop)
    early = clock()
    clock.advance(minutes=5)
    path, edit = f"{shop.path}/items/{line}", {"quantity": of(amount, "piece")}
    assert (await shop.who.ask("PATCH", path, json=edit, headers={"If-Match": "*"})).status_code == 200
    await shop.tick(line, at=early)
    assert (await shop.lines())[0]["is_ticked"] is not is_more


async def test_what_is_in_the_trolley_stays_there_when_more_is_asked_for(shop: Shop, clock: Clock) -> None:
    line = await bread(shop)
    await shop.tick(line, at=clock())
    clock.advance(minutes=5)
    path, edit = f"{shop.path}/items/{line}", {"quantity": of(3, "piece")}
    edited = (await shop.who.ask("PATCH", path, json=edit, headers={"If-Match": "*"})).json()
    assert (edited["is_ticked"], edited["quantity"]) == (True, of(3, "piece"))


async def test_ticked_lines_never_come_back(phones: list[Kitchen], shop: Shop, clock: Clock) -> None:
    """Anna has brought it all home, and put bread on the list again, when Ben's phone finds the network."""
    line = await bread(shop)
    await shop.tick(line, at=clock())
    await shop.bring_home()
    again = await bread(shop)
    late = await shop.seen_by(phones[1]).tick(line, str(new_id()), at=clock())
    assert (late["items"], late["superseded"], len(late["gone"])) == ([], [], 2)
    assert line in late["gone"]
    assert again != line
    assert [(each["id"], each["is_ticked"]) for each in await shop.lines()] == [(again, False)]


async def test_a_line_of_another_list_is_gone_from_this_one(shop: Shop, clock: Clock) -> None:
    line = await bread(shop)
    other = await Shop.open(shop.who, "Elsewhere")
    assert (await other.tick(line, at=clock()))["gone"] == [line]
    assert not (await shop.lines())[0]["is_ticked"]


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("0001-01-01T00:00:00+14:00", 200),
        ("9999-12-31T23:59:59-12:00", 200),
        ("2026-01-01T12:00:00.123456789+02:00", 200),
        ("2026-01-01T12:00:00", 422),
        ("yesterday", 422),
        (1767225600, 422),
    ],
)
async def test_a_moment_has_a_time_zone_and_may_be_far_away(shop: Shop, at: object, status: int) -> None:
    line = await bread(shop)
    ticks = [{"line_id": line, "is_ticked": True, "at": at}]
    answer = await shop.who.ask("PUT", f"{shop.path}/ticks", json={"ticks": ticks})
    assert answer.status_code == status, answer.text
    assert (await shop.lines())[0]["is_ticked"] is (status == 200)


async def test_a_request_has_1_to_500_ticks(shop: Shop, clock: Clock) -> None:
    tick = {"line_id": str(new_id()), "is_ticked": True, "at": clock().isoformat()}
    for count, status in ((0, 422), (500, 200), (501, 422)):
        answer = await shop.who.ask("PUT", f"{shop.path}/ticks", json={"ticks": [tick] * count})
        assert answer.status_code == status
