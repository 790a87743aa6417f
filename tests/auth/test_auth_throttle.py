"""Guessing is slowed down, whoever is guessed at; sign-ups are bounded; hashing has its own threads."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from popote_auth.errors import Busy
from popote_auth.hashing import LONGEST_QUEUE, THREADS, Hasher
from popote_kit.client_address import sign
from popote_kit.testing import Clock, FreshDatabase

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
SignUp = Callable[..., Awaitable[dict[str, Any]]]

RIGHT, WRONG = "tarte aux pommes", "tarte aux poires"


def coming_from(address: str) -> dict[str, str]:
    """Return the header by which the gateway vouches for a client's address."""
    return {"X-Popote-Client": sign(address, "the gateway's secret, in these tests")}


async def log_in(client: httpx.AsyncClient, email: str, password: str, address: str = "198.51.100.1") -> httpx.Response:
    body = {"email": email, "password": password}
    return await client.post("/api/auth/login", json=body, headers=coming_from(address))


async def statuses(client: httpx.AsyncClient, email: str, times: int, address: str = "198.51.100.1") -> list[int]:
    return [(await log_in(client, email, WRONG, address)).status_code for _ in range(times)]


async def test_after_five_failures_one_waits_ever_longer(
    client: httpx.AsyncClient, sign_up: SignUp, clock: Clock
) -> None:
    await sign_up(email="anna@example.org")
    assert await statuses(client, "anna@example.org", 5) == [401] * 5
    waits = []
    for _ in range(4):
        refused = await log_in(client, "anna@example.org", RIGHT)
        assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests")
        waits.append(int(refused.headers["retry-after"]))
        clock.advance(seconds=waits[-1])
        assert await statuses(client, "anna@example.org", 1) == [401]
    assert waits == [1, 2, 4, 8]
    clock.advance(seconds=16)
    assert (await log_in(client, "anna@example.org", RIGHT)).status_code == 200


async def test_an_unknown_account_is_slowed_down_alike(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    await sign_up(email="anna@example.org")
    known = await statuses(client, "anna@example.org", 7, "198.51.100.1")
    unknown = await statuses(client, "nobody@example.org", 7, "198.51.100.2")
    assert known == unknown == [401] * 5 + [429] * 2


async def test_outsiders_lock_nobody_out(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    await sign_up(email="anna@example.org")
    assert await statuses(client, "anna@example.org", 6, "203.0.113.1") == [401] * 5 + [429]
    assert await statuses(client, "anna@example.org", 2, "203.0.113.2") == [401] * 2
    assert (await log_in(client, "anna@example.org", RIGHT)).status_code == 200


async def test_a_success_forgives_the_account_but_not_the_address(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    await sign_up(email="anna@example.org")
    assert await statuses(client, "anna@example.org", 4) == [401] * 4
    assert (await log_in(client, "anna@example.org", RIGHT)).status_code == 200
    assert await statuses(client, "bea@example.org", 2) == [401, 429]  # the fifth from this address, and the sixth


async def test_an_address_is_slowed_down_over_all_accounts(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    await sign_up(email="anna@example.org")
    for n in range(5):
        assert await statuses(client, f"nobody{n}@example.org", 1, "2001:db8:1:2::a") == [401]
    same_subscriber = await log_in(client, "anna@example.org", RIGHT, "2001:db8:1:2::b")
    neighbour = await log_in(client, "anna@example.org", RIGHT, "2001:db8:1:3::a")
    assert (same_subscriber.status_code, neighbour.status_code) == (429, 200)


async def test_of_many_guesses_at_once_five_are_answered(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    await sign_up(email="anna@example.org")
    answers = await asyncio.gather(*(log_in(client, "anna@example.org", WRONG) for _ in range(15)))
    assert Counter(answer.status_code for answer in answers) == {401: 5, 429: 10}


async def test_a_right_guess_among_too_many_is_not_told(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    await sign_up(email="anna@example.org")
    guesses = [WRONG] * 9 + [RIGHT]
    answers = await asyncio.gather(*(log_in(client, "anna@example.org", guess) for guess in guesses))
    assert sum(answer.status_code == 401 for answer in answers) <= 5
    assert (await log_in(client, "anna@example.org", RIGHT)).status_code == 429


async def test_many_right_logins_at_once_are_no_guesses(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    await sign_up(email="anna@example.org")
    answers = await asyncio.gather(*(log_in(client, "anna@example.org", RIGHT) for _ in range(12)))
    assert [answer.status_code for answer in answers] == [200] * 12


async def test_another_service_sees_the_same_failures(serve: Serve, client: httpx.AsyncClient, sign_up: SignUp) -> None:
    await sign_up(email="anna@example.org")
    assert await statuses(client, "anna@example.org", 5) == [401] * 5
    async with serve() as replica:
        assert (await log_in(replica, "anna@example.org", RIGHT)).status_code == 429


async def test_a_forged_address_is_the_peer_s_own(client: httpx.AsyncClient) -> None:
    answers = [
        await client.post(
            "/api/auth/login",
            json={"email": "anna@example.org", "password": WRONG},
            headers={"X-Popote-Client": f"203.0.113.{n} {'0' * 64}", "X-Forwarded-For": f"203.0.113.{n}"},
        )
        for n in range(6)
    ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]


@pytest.mark.parametrize("route", ["password", "recovery-codes", "recover", "setup"])
async def test_every_secret_that_can_be_guessed_is_guessed_slowly(
    client: httpx.AsyncClient, sign_up: SignUp, route: str
) -> None:
    anna = await sign_up(email="anna@example.org")
    body = {
        "password": {"current_password": WRONG, "new_password": WRONG},
        "recovery-codes": {"password": WRONG},
        "recover": {"email": "anna@example.org", "recovery_code": "AAAA", "new_password": WRONG},
        "setup": {"code": "AAAA"},
    }[route]
    answers = [
        await client.post(f"/api/auth/{route}", json=body, headers={**anna["headers"], **coming_from("192.0.2.1")})
        for _ in range(6)
    ]
    assert {answer.status_code for answer in answers[:5]} <= {401, 403}
    assert answers[5].status_code == 429


async def test_old_failures_are_forgotten_and_leave_no_rows(
    client: httpx.AsyncClient, clock: Clock, database: FreshDatabase
) -> None:
    for n in range(4):
        await statuses(client, "anna@example.org", 1, f"192.0.2.{n}")
    clock.advance(hours=1, seconds=1)
    await statuses(client, "bea@example.org", 1)
    rows = await database.rows("SELECT failures FROM auth.strike")
    assert [row["failures"] for row in rows] == [1, 1, 1]


async def test_sign_ups_are_bounded_by_the_hour(serve: Serve, clock: Clock) -> None:
    async with serve(registrations_per_hour=3) as client:

        async def register(n: int, address: str = "192.0.2.1") -> httpx.Response:
            body = {
                "email": f"cook{n}@example.org",
                "password": RIGHT,
                "display_name": "Cook",
                "household_name": "Chez nous",
            }
            return await client.post("/api/auth/register", json=body, headers=coming_from(address))

        answers = await asyncio.gather(*(register(n) for n in range(5)))
        refused = [answer for answer in answers if answer.status_code != 201]
        elsewhere = await register(6, "192.0.2.2")
        clock.advance(minutes=59)
        still = await register(7)
        clock.advance(minutes=1)
        later = await register(8)
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 429, 429]
    assert refused[0].headers["retry-after"] == "3600"
    assert still.headers["retry-after"] == "60"
    assert (elsewhere.status_code, later.status_code) == (201, 201)


async def test_a_crowd_of_hashes_waits_or_is_sent_away() -> None:
    hasher = Hasher(b"pepper")
    crowd = THREADS + LONGEST_QUEUE + 7
    outcomes = await asyncio.gather(*(hasher.hash(RIGHT) for _ in range(crowd)), return_exceptions=True)
    hashes = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert sum(isinstance(outcome, Busy) for outcome in outcomes) == 7
    assert len(set(hashes)) == THREADS + LONGEST_QUEUE
    assert await hasher.verify(hashes[0], RIGHT)
    hasher.close()


async def test_who_goes_away_leaves_the_queue() -> None:
    hasher = Hasher(b"pepper")
    for _ in range(3):
        gone = [asyncio.create_task(hasher.hash(RIGHT)) for _ in range(THREADS + LONGEST_QUEUE)]
        await asyncio.sleep(0)
        for task in gone:
            task.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
    assert (await hasher.hash(RIGHT)).startswith("$argon2id$")
    hasher.close()


async def test_nobody_s_password_is_never_right() -> None:
    hasher = Hasher(b"pepper")
    assert not await hasher.verify(None, RIGHT)
    assert not await hasher.verify("no hash at all", RIGHT)
    assert not await Hasher(b"another").verify(await hasher.hash(RIGHT), RIGHT)
    hasher.close()


async def test_a_crowd_of_logins_is_told_when_to_come_back(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    await sign_up(email="anna@example.org")
    answers = await asyncio.gather(*(log_in(client, "anna@example.org", RIGHT, f"192.0.2.{n}") for n in range(60)))
    counted = Counter(answer.status_code for answer in answers)
    assert counted.keys() <= {200, 503}
    assert counted[200] >= THREADS + LONGEST_QUEUE
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 503)
