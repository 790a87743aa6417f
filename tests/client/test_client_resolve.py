"""Where Ollama is: fresh, confirmed, stale with its age, or nowhere."""

import asyncio

import pytest

from popote_client.client import Popote
from popote_client.failures import NotConfigured
from popote_client.problems import BackendUnreachable, NotLoggedIn, Problem
from popote_client.resolve import Address, Resolver
from popote_client.testing import StandInBackend
from popote_client.testing.backend import Trouble
from popote_client.testing.http_server import Request

URL = "http://192.168.11.101:11434"


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def resolver(popote: Popote, backend: StandInBackend, clock: Clock) -> Resolver:
    backend.address = URL
    return Resolver(popote.api, popote.state, total_s=5, clock=clock)


async def test_a_fresh_address_is_used_without_asking(
    resolver: Resolver, backend: StandInBackend, clock: Clock
) -> None:
    assert await resolver.resolve() == Address(URL)
    clock.now += 59
    assert await resolver.resolve() == Address(URL)

    assert backend.calls == {"GET ollama": 1}


async def test_an_old_address_is_confirmed_by_its_etag_and_fresh_again(
    resolver: Resolver, backend: StandInBackend, clock: Clock
) -> None:
    await resolver.resolve()
    clock.now += 61
    assert await resolver.resolve() == Address(URL)
    clock.now += 59
    await resolver.resolve()

    assert [request.headers.get("if-none-match") for request in backend.requests] == [None, '"1"']


async def test_a_forced_look_asks_although_the_address_is_fresh(resolver: Resolver, backend: StandInBackend) -> None:
    await resolver.resolve()
    backend.address, backend.etag = "http://192.168.11.102:11434", '"2"'

    assert await resolver.resolve(forced=True) == Address("http://192.168.11.102:11434")


async def test_a_clock_that_was_set_back_does_not_make_an_address_fresh_for_ever(
    resolver: Resolver, backend: StandInBackend, clock: Clock
) -> None:
    await resolver.resolve()
    clock.now -= 5
    await resolver.resolve()

    assert backend.calls == {"GET ollama": 2}


async def test_an_answer_that_the_backend_had_kept_itself_counts_its_age(
    resolver: Resolver, backend: StandInBackend, clock: Clock
) -> None:
    backend.age = 50
    await resolver.resolve()
    clock.now += 20
    await resolver.resolve()

    assert backend.calls == {"GET ollama": 2}


@pytest.mark.parametrize(
    "trouble",
    [
        "drop",
        "page 200",
        "page 404",
        (500, "/problems/internal"),
        (503, "/problems/unavailable"),
        (429, "/problems/too-many-requests"),
    ],
)
async def test_while_the_backend_is_away_the_kept_address_is_used_and_its_age_told(
    resolver: Resolver, backend: StandInBackend, clock: Clock, trouble: Trouble
) -> None:
    await resolver.resolve()
    clock.now += 3 * 3600
    backend.trouble("GET ollama", trouble, trouble)

    assert await resolver.resolve() == Address(URL, stale_for_s=3 * 3600)


async def test_a_backend_that_is_slow_to_answer_counts_as_away(
    resolver: Resolver, popote: Popote, backend: StandInBackend, clock: Clock
) -> None:
    await resolver.resolve()

    async def never(_request: Request) -> None:
        await asyncio.Event().wait()

    backend.before = never
    impatient = Resolver(popote.api, popote.state, total_s=0.2, clock=clock)
    assert await impatient.resolve(forced=True) == Address(URL, stale_for_s=0)


async def test_the_kept_address_serves_a_process_that_starts_while_the_backend_is_away(
    resolver: Resolver, backend: StandInBackend, popote: Popote
) -> None:
    await resolver.resolve()
    await backend.stop()

    assert (await Resolver(popote.api, popote.state).resolve(forced=True)).url == URL


async def test_an_address_that_was_withdrawn_is_forgotten(resolver: Resolver, backend: StandInBackend) -> None:
    await resolver.resolve()
    backend.address = None

    with pytest.raises(NotConfigured):
        await resolver.resolve(forced=True)
    assert resolver.known() is None


async def test_without_a_kept_address_and_without_the_backend_there_is_none(
    resolver: Resolver, backend: StandInBackend
) -> None:
    await backend.stop()

    with pytest.raises(BackendUnreachable):
        await resolver.resolve()


async def test_an_ended_session_asks_for_a_login_rather_than_using_the_kept_address(
    resolver: Resolver, backend: StandInBackend
) -> None:
    await resolver.resolve()
    backend.revoked = True

    with pytest.raises(NotLoggedIn):
        await resolver.resolve(forced=True)


async def test_a_refusal_by_the_backend_is_told(resolver: Resolver, backend: StandInBackend) -> None:
    await resolver.resolve()
    backend.trouble("GET ollama", (403, "/problems/forbidden"))

    with pytest.raises(Problem, match="/problems/forbidden"):
        await resolver.resolve(forced=True)


async def test_an_expired_token_is_refreshed_on_the_way(resolver: Resolver, backend: StandInBackend) -> None:
    backend.expire()

    assert await resolver.resolve() == Address(URL)
    assert backend.calls["POST refresh"] == 1
