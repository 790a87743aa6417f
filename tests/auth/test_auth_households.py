"""Households: edited, shared, and kept apart; members, roles and invitations."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from popote_kit.client_address import sign
from popote_kit.database import Kitchen
from popote_kit.testing import Clock, FreshDatabase, new_id

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
SignUp = Callable[..., Awaitable[dict[str, Any]]]

INVITATIONS = "/api/auth/invitations"
MEMBERS = "/api/auth/household/members"


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]


async def invite(client: httpx.AsyncClient, who: dict[str, Any], role: str = "adult") -> dict[str, Any]:
    answer = await client.post(INVITATIONS, json={"role": role}, headers=who["headers"])
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def join(client: httpx.AsyncClient, sign_up: SignUp, who: dict[str, Any], role: str = "adult") -> dict[str, Any]:
    """Let a newcomer sign up with an invitation of `who`."""
    invitation = await invite(client, who, role)
    return await sign_up(household_name=None, invitation_code=invitation["code"])


async def accept(client: httpx.AsyncClient, who: dict[str, Any], code: str, **changes: Any) -> httpx.Response:
    body = {"code": code, "refresh_token": who["tokens"]["refresh_token"], "refresh_id": str(new_id())}
    return await client.post(f"{INVITATIONS}/accept", json={**body, **changes})


async def refreshed(client: httpx.AsyncClient, who: dict[str, Any]) -> dict[str, Any]:
    """Return `who` with new tokens."""
    body = {"refresh_token": who["tokens"]["refresh_token"], "refresh_id": str(new_id())}
    answer = await client.post("/api/auth/refresh", json=body)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()["tokens"]
    return {**who, "tokens": tokens, "headers": {"Authorization": f"Bearer {tokens['access_token']}"}}


async def roles(client: httpx.AsyncClient, who: dict[str, Any]) -> dict[str, str]:
    answer = await client.get(MEMBERS, headers=who["headers"])
    assert answer.status_code == 200, answer.text
    return {member["id"]: member["role"] for member in answer.json()["items"]}


async def test_an_edit_needs_the_version_that_was_read(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    read = await client.get("/api/auth/household", headers=anna["headers"])
    edit = {"name": "Chalet", "timezone": "Europe/Zurich", "currency": "CHF"}

    async def patch(**headers: str) -> httpx.Response:
        return await client.patch("/api/auth/household", json=edit, headers={**anna["headers"], **headers})

    blind, done, stale = [
        await patch(**headers)
        for headers in ({}, {"If-Match": read.headers["etag"]}, {"If-Match": read.headers["etag"]})
    ]
    assert [blind.status_code, done.status_code, stale.status_code] == [428, 200, 412]
    again = await client.get("/api/auth/household", headers=anna["headers"])
    assert again.json() == done.json() == {**read.json(), **edit, "version": 2}
    assert again.headers["etag"] == done.headers["etag"] == stale.headers["etag"] == '"2"'
    me = (await client.get("/api/auth/me", headers=anna["headers"])).json()
    assert me["household"]["name"] == "Chalet"


@pytest.mark.parametrize(
    ("edit", "pointer"),
    [
        ({"name": "\t"}, "/name"),
        ({"timezone": "CET+1"}, "/timezone"),
        ({"currency": "ABC"}, "/currency"),
        ({"id": 1}, ""),
    ],
)
async def test_a_wrong_edit_changes_nothing(
    client: httpx.AsyncClient, sign_up: SignUp, edit: dict[str, Any], pointer: str
) -> None:
    anna = await sign_up()
    answer = await client.patch("/api/auth/household", json=edit, headers={**anna["headers"], "If-Match": '"1"'})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await client.get("/api/auth/household", headers=anna["headers"])).json()["version"] == 1


async def test_an_invitation_is_previewed_and_brings_a_newcomer_in(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up(household_name="Chez Anna")
    invitation = await invite(client, anna, "child")
    assert invitation.keys() >= {"id", "code", "expires_at"}
    typed = invitation["code"].lower().replace("-", "")
    preview = await client.get(f"{INVITATIONS}/preview", headers={"X-Invitation-Code": typed})
    assert (preview.status_code, preview.json()) == (200, {"household_name": "Chez Anna", "role": "child"})
    bea = await sign_up(household_name=None, invitation_code=typed)
    assert bea["household"] == {"id": anna["household"]["id"], "name": "Chez Anna", "role": "child"}
    assert await roles(client, anna) == {anna["user"]["id"]: "owner", bea["user"]["id"]: "child"}
    gone = await client.get(f"{INVITATIONS}/preview", headers={"X-Invitation-Code": typed})
    assert problem(gone) == (410, "/problems/invitation-gone")


async def test_an_invitation_lets_in_also_where_registration_needs_one(
    serve: Serve, client: httpx.AsyncClient, sign_up: SignUp
) -> None:
    anna = await sign_up()
    body = {
        "email": "bea@example.org",
        "password": "tarte aux pommes",
        "display_name": "Bea",
        "invitation_code": (await invite(client, anna))["code"],
    }
    async with serve(registration="invite") as strict:
        unknown = await strict.post("/api/auth/register", json={**body, "invitation_code": "AAAA"})
        taken = await strict.post("/api/auth/register", json=body)
        again = await strict.post("/api/auth/register", json={**body, "email": "cleo@example.org"})
    assert [unknown.status_code, taken.status_code, again.status_code] == [404, 201, 410]


async def test_accepting_moves_the_session_and_a_retry_is_the_same(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna, bea = await sign_up(household_name="Chez Anna"), await sign_up()
    code, id = (await invite(client, anna, "adult"))["code"], str(new_id())
    first = await accept(client, bea, code, refresh_id=id)
    again = await accept(client, bea, code, refresh_id=id)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["household"] == {"id": anna["household"]["id"], "name": "Chez Anna", "role": "adult"}
    assert first.json()["tokens"]["refresh_token"] == again.json()["tokens"]["refresh_token"]
    headers = {"Authorization": f"Bearer {first.json()['tokens']['access_token']}"}
    mine = (await client.get("/api/auth/households", headers=headers)).json()["items"]
    assert [one["name"] for one in mine] == ["Chez Anna", "Chez nous"]


async def test_an_invitation_is_good_for_one_of_many(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase
) -> None:
    anna = await sign_up()
    code = (await invite(client, anna))["code"]
    guests = [await sign_up() for _ in range(4)]
    answers = await asyncio.gather(*(accept(client, guest, code) for guest in guests))
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410]
    assert len(await roles(client, anna)) == 2
    rotated = await database.rows("SELECT id FROM auth.session WHERE generation > 0")
    assert len(rotated) == 1  # a refusal rotates nothing


async def test_an_invitation_ends_after_seven_days(client: httpx.AsyncClient, sign_up: SignUp, clock: Clock) -> None:
    anna, bea = await sign_up(), await sign_up()
    code = (await invite(client, anna))["code"]
    clock.advance(days=7)
    anna = await refreshed(client, anna)
    assert problem(await accept(client, bea, code)) == (410, "/problems/invitation-gone")
    assert (await client.get(INVITATIONS, headers=anna["headers"])).json()["items"] == []
    await invite(client, anna)  # which forgets the old one
    assert problem(await accept(client, bea, code)) == (404, "/problems/invitation-unknown")


async def test_invitations_are_listed_without_their_codes_and_revoked(
    client: httpx.AsyncClient, sign_up: SignUp
) -> None:
    anna, bea = await sign_up(), await sign_up()
    made = await invite(client, anna)
    [listed] = (await client.get(INVITATIONS, headers=anna["headers"])).json()["items"]
    assert (listed["id"], listed["role"], listed["invited_by"]) == (made["id"], "adult", anna["user"]["id"])
    assert "code" not in listed
    url = f"{INVITATIONS}/{made['id']}"
    assert (await client.delete(url, headers=bea["headers"])).status_code == 404
    assert (await client.delete(url, headers=anna["headers"])).status_code == 204
    assert (await client.delete(url, headers=anna["headers"])).status_code == 404
    assert problem(await accept(client, bea, made["code"])) == (404, "/problems/invitation-unknown")


async def test_a_member_leaves_an_invitation_for_someone_else(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna, bea = await sign_up(), await sign_up()
    code = (await invite(client, anna))["code"]
    assert problem(await accept(client, anna, code)) == (409, "/problems/already-member")
    assert (await accept(client, bea, code)).status_code == 200


async def test_reuse_by_accept_ends_the_session_and_leaves_the_invitation(
    client: httpx.AsyncClient, sign_up: SignUp
) -> None:
    anna, bea, cleo = await sign_up(), await sign_up(), await sign_up()
    code = (await invite(client, anna))["code"]
    later = await refreshed(client, await refreshed(client, bea))
    assert problem(await accept(client, bea, code)) == (401, "/problems/refresh-reused")
    assert problem(await accept(client, later, code)) == (401, "/problems/invalid-grant")
    assert (await accept(client, cleo, code)).status_code == 200


async def test_nobody_invites_above_their_own_role(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    people = {role: await join(client, sign_up, anna, role) for role in ("adult", "child", "guest")}
    outcomes = {}
    for role, who in people.items():
        for granted in ("owner", "adult", "child", "guest"):
            answer = await client.post(INVITATIONS, json={"role": granted}, headers=who["headers"])
            outcomes[role, granted] = answer.status_code
    allowed = {pair for pair, status in outcomes.items() if status == 201}
    assert allowed == {("adult", "adult"), ("adult", "child"), ("adult", "guest")}
    assert set(outcomes.values()) == {201, 403}
    listing = [(await client.get(INVITATIONS, headers=who["headers"])).status_code for who in people.values()]
    assert listing == [200, 403, 403]


async def test_who_is_taken_out_while_inviting_invites_nobody(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase
) -> None:
    owner = await sign_up()
    member = await join(client, sign_up, owner, "owner")
    async with database.kitchen("auth", UUID(owner["household"]["id"])) as kitchen:
        await kitchen.execute("SELECT FROM household FOR NO KEY UPDATE")
        await kitchen.execute("DELETE FROM member WHERE person_id = $1", UUID(member["user"]["id"]))
        inviting = asyncio.create_task(client.post(INVITATIONS, json={"role": "owner"}, headers=member["headers"]))
        await asyncio.wait([inviting], timeout=0.5)
    assert problem(await inviting) == (403, "/problems/forbidden")
    assert (await client.get(INVITATIONS, headers=owner["headers"])).json()["items"] == []


async def test_only_owners_edit_the_household_and_its_members(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    guest = await join(client, sign_up, anna, "guest")
    url = f"{MEMBERS}/{guest['user']['id']}"
    for role in ("adult", "child", "guest"):
        who = await join(client, sign_up, anna, role)
        edits = [
            await client.patch(
                "/api/auth/household", json={"name": "Mine"}, headers={**who["headers"], "If-Match": '"1"'}
            ),
            await client.patch(url, json={"role": "child"}, headers=who["headers"]),
            await client.patch(f"{MEMBERS}/{who['user']['id']}", json={"role": "owner"}, headers=who["headers"]),
            await client.delete(url, headers=who["headers"]),
        ]
        assert {problem(answer) for answer in edits} == {(403, "/problems/forbidden")}, role
        assert (await client.get(MEMBERS, headers=who["headers"])).status_code == 200
    assert (await roles(client, anna))[guest["user"]["id"]] == "guest"


async def test_a_new_role_counts_at_once(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    bea = await join(client, sign_up, anna, "adult")
    code = (await invite(client, bea))["code"]
    answer = await client.patch(f"{MEMBERS}/{bea['user']['id']}", json={"role": "child"}, headers=anna["headers"])
    assert (answer.status_code, answer.json()["role"]) == (200, "child")
    assert (await client.get("/api/auth/me", headers=bea["headers"])).status_code == 401
    bea = await refreshed(client, bea)
    me = (await client.get("/api/auth/me", headers=bea["headers"])).json()
    assert me["household"]["role"] == "child"
    gone = await client.get(f"{INVITATIONS}/preview", headers={"X-Invitation-Code": code})
    assert gone.status_code == 404  # what was promised under the old role counts no more


async def test_the_last_owner_stays(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    bea = await join(client, sign_up, anna, "adult")
    mine, hers = f"{MEMBERS}/{anna['user']['id']}", f"{MEMBERS}/{bea['user']['id']}"
    for refused in (
        await client.delete(mine, headers=anna["headers"]),
        await client.patch(mine, json={"role": "adult"}, headers=anna["headers"]),
    ):
        assert problem(refused) == (409, "/problems/last-owner")
    assert (await client.patch(hers, json={"role": "owner"}, headers=anna["headers"])).status_code == 200
    assert (await client.delete(mine, headers=anna["headers"])).status_code == 204
    assert await roles(client, await refreshed(client, bea)) == {bea["user"]["id"]: "owner"}


async def test_two_owners_who_leave_at_once_leave_one(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    for _ in range(5):
        anna = await sign_up()
        bea = await join(client, sign_up, anna, "owner")
        answers = await asyncio.gather(
            client.delete(f"{MEMBERS}/{anna['user']['id']}", headers=anna["headers"]),
            client.patch(f"{MEMBERS}/{bea['user']['id']}", json={"role": "adult"}, headers=bea["headers"]),
        )
        assert sorted(answer.status_code for answer in answers)[1] == 409


async def test_who_leaves_acts_for_another_household(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna, bea = await sign_up(household_name="Chez Anna"), await sign_up(household_name="Chez Bea")
    joined = (await accept(client, bea, (await invite(client, anna))["code"])).json()
    bea = {**bea, **joined, "headers": {"Authorization": f"Bearer {joined['tokens']['access_token']}"}}
    assert (await client.delete(f"{MEMBERS}/{bea['user']['id']}", headers=bea["headers"])).status_code == 204
    assert (await client.get("/api/auth/household", headers=bea["headers"])).status_code == 401
    me = (await client.get("/api/auth/me", headers=(await refreshed(client, bea))["headers"])).json()
    assert [one["name"] for one in me["households"]] == [me["household"]["name"]] == ["Chez Bea"]


async def test_who_is_taken_out_of_the_last_household_gets_one_of_their_own(
    client: httpx.AsyncClient, sign_up: SignUp
) -> None:
    anna = await sign_up(household_name="Chez Anna")
    bea = await join(client, sign_up, anna, "child")
    url = f"{MEMBERS}/{bea['user']['id']}"
    assert (await client.delete(url, headers=anna["headers"])).status_code == 204
    assert problem(await client.delete(url, headers=anna["headers"])) == (404, "/problems/not-found")
    login = {"email": bea["user"]["email"], "password": "tarte aux pommes"}
    answers = await asyncio.gather(*(client.post("/api/auth/login", json=login) for _ in range(3)))
    assert {answer.json()["household"]["role"] for answer in answers} == {"owner"}
    assert len({answer.json()["household"]["id"] for answer in answers} - {anna["household"]["id"]}) == 1
    bea = await refreshed(client, bea)
    me = (await client.get("/api/auth/me", headers=bea["headers"])).json()
    assert len(me["households"]) == 1


async def test_there_are_limits_to_households_and_invitations(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    households = [
        await client.post("/api/auth/households", json={"name": f"No. {n}"}, headers=anna["headers"]) for n in range(20)
    ]
    assert [answer.status_code for answer in households] == [201] * 19 + [409]
    assert households[-1].json()["limit"] == 20
    invitations = [await client.post(INVITATIONS, json={"role": "guest"}, headers=anna["headers"]) for _ in range(51)]
    assert [answer.status_code for answer in invitations] == [201] * 50 + [409]


async def test_the_limit_of_invitations_holds_when_many_invite_at_once(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase
) -> None:
    owner = await sign_up()
    await asyncio.gather(*(invite(client, owner) for _ in range(49)))
    async with database.kitchen("auth", UUID(owner["household"]["id"])) as kitchen:
        await kitchen.execute("SELECT FROM household FOR NO KEY UPDATE")
        asked = [client.post(INVITATIONS, json={"role": "guest"}, headers=owner["headers"]) for _ in range(4)]
        inviting = asyncio.gather(*asked)
        await asyncio.wait([inviting], timeout=0.5)
    assert sorted(answer.status_code for answer in await inviting) == [201, 409, 409, 409]


async def test_codes_are_guessed_slowly(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    code = (await invite(client, anna))["code"]
    guesser = {"X-Popote-Client": sign("203.0.113.7", "the gateway's secret, in these tests")}
    guesses = [
        await client.get(f"{INVITATIONS}/preview", headers={**guesser, "X-Invitation-Code": f"GUESS-{n}"})
        for n in range(6)
    ]
    right = await client.get(f"{INVITATIONS}/preview", headers={**guesser, "X-Invitation-Code": code})
    elsewhere = await client.get(f"{INVITATIONS}/preview", headers={"X-Invitation-Code": code})
    assert [answer.status_code for answer in guesses] == [404] * 5 + [429]
    assert (right.status_code, elsewhere.status_code) == (429, 200)


async def test_another_household_is_as_good_as_none(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna, eve = await sign_up(), await sign_up()
    bea = await join(client, sign_up, anna)
    invitation = await invite(client, anna)
    theirs = [bea["user"]["id"], anna["user"]["id"]]
    answers = [
        *[await client.patch(f"{MEMBERS}/{id}", json={"role": "guest"}, headers=eve["headers"]) for id in theirs],
        *[await client.delete(f"{MEMBERS}/{id}", headers=eve["headers"]) for id in theirs],
        await client.delete(f"{INVITATIONS}/{invitation['id']}", headers=eve["headers"]),
        await client.delete(f"{MEMBERS}/{new_id()}", headers=eve["headers"]),
    ]
    bodies = [{**answer.json(), "request_id": None} for answer in answers]
    assert bodies == [bodies[0]] * len(answers)
    assert bodies[0]["type"] == "/problems/not-found"
    assert len(await roles(client, anna)) == 2


async def test_row_level_security_alone_keeps_households_apart(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase
) -> None:
    anna, eve = await sign_up(), await sign_up()
    anna_id, eve_id = anna["user"]["id"], eve["user"]["id"]
    hers, his = anna["household"]["id"], eve["household"]["id"]

    async def counts(kitchen: Kitchen) -> list[int]:
        tables = ("household", "member", "recovery_code", "audit")
        return [await kitchen.fetchval(f"SELECT count(*) FROM {table}") for table in tables]  # noqa: S608 - fixed

    async with database.kitchen("auth") as nobody:
        assert await counts(nobody) == [0, 0, 0, 0]
    async with database.kitchen("auth", his, eve_id) as kitchen:
        assert await counts(kitchen) == [1, 1, 8, 2]
        changed = [
            await kitchen.execute("UPDATE household SET name = 'Mine' WHERE household_id = $1", hers),
            await kitchen.execute("DELETE FROM household WHERE household_id = $1", hers),
            await kitchen.execute("UPDATE member SET role = 'guest' WHERE person_id = $1", anna_id),
            await kitchen.execute("DELETE FROM member WHERE household_id = $1", hers),
            await kitchen.execute("DELETE FROM recovery_code WHERE person_id = $1", anna_id),
        ]
        assert changed == [0, 0, 0, 0, 0]
    async with database.kitchen("auth", person=eve_id) as kitchen:  # as at a login: one's own are read, not changed
        assert await counts(kitchen) == [1, 1, 8, 2]
        assert await kitchen.execute("UPDATE member SET role = 'guest'") == 0
        assert await kitchen.execute("UPDATE household SET name = 'Mine'") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO member VALUES ($1, $2, 'owner', now())",
        "INSERT INTO household VALUES ($1, 'x', 'UTC', 'en', 'EUR', 1, now())",
        "UPDATE member SET household_id = $1",
        "UPDATE audit SET what = $1::text || $2::text",
        "DELETE FROM audit",
    ],
)
async def test_row_level_security_alone_lets_nobody_into_another_household(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase, statement: str
) -> None:
    anna, eve = await sign_up(), await sign_up()
    values = [anna["household"]["id"], eve["user"]["id"]][: statement.count("$")]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.kitchen("auth", eve["household"]["id"], eve["user"]["id"]) as kitchen:
            await kitchen.execute(statement, *values)
