"""One session on one device: kept, refreshed once, and never lost to a lost answer."""

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from popote_client.client import Popote, Waits
from popote_client.problems import BackendUnreachable, NotLoggedIn, NotPopote, Problem
from popote_client.testing import StandInBackend, StandInOllama
from popote_client.testing.http_server import Request
from popote_client.tokens import Tokens
from popote_client.wire import Registration, Rotation, TokenPair


async def test_registering_logs_in_and_gives_the_recovery_codes(
    backend: StandInBackend, tmp_path: Path, quick: Waits
) -> None:
    async with Popote(backend.base_url, home=tmp_path, waits=quick) as popote:
        registered = await popote.api.register(
            Registration(email="m@example.com", password="long enough", display_name="Marie", household_name="Lilas")
        )
        assert len(registered.recovery_codes) == 8
        assert (await popote.api.me()).user.display_name == "Marie"


async def test_the_session_outlives_the_process_in_a_file_for_its_owner_alone(
    popote: Popote, backend: StandInBackend, tmp_path: Path, quick: Waits
) -> None:
    async with Popote(home=tmp_path, waits=quick) as later:
        assert later.api.server == backend.base_url
        assert (await later.api.me()).user.email == "marie@example.com"

    assert stat.S_IMODE((tmp_path / "client.sqlite3").stat().st_mode) == 0o600


async def test_a_wrong_password_is_a_problem_in_the_words_of_the_backend(
    backend: StandInBackend, tmp_path: Path, quick: Waits
) -> None:
    async with Popote(backend.base_url, home=tmp_path, waits=quick) as popote:
        with pytest.raises(Problem) as refused:
            await popote.api.login("marie@example.com", "wrong")

        assert (refused.value.type, refused.value.status) == ("/problems/wrong-credentials", 401)
        assert refused.value.sentence() == "E-mail or password is wrong."
        assert popote.api.tokens.session() is None


async def test_an_expired_access_token_is_refreshed_once_and_the_call_sent_again(
    popote: Popote, backend: StandInBackend
) -> None:
    backend.expire()

    assert (await popote.api.me()).user.display_name == "Marie"

    assert backend.calls == {"GET me": 2, "POST refresh": 1}
    assert popote.session.refresh_token == "refresh-2"
    assert popote.session.refresh_id == ""


async def test_many_calls_that_meet_an_expired_token_share_one_refresh(popote: Popote, backend: StandInBackend) -> None:
    backend.expire()

    await asyncio.gather(*(popote.api.me() for _ in range(30)))

    assert backend.calls["POST refresh"] == 1


async def test_many_calls_share_a_refresh_that_fails(popote: Popote, backend: StandInBackend) -> None:
    backend.expire()
    backend.trouble("POST refresh", (503, "/problems/unavailable"))

    async def all_wait_for_the_refresh(request: Request) -> None:
        if request.path == "/api/auth/refresh":
            await backend.until(lambda: backend.calls["GET me"] == 10)
            await asyncio.sleep(0.3)  # until the last of them has been answered, too

    backend.before = all_wait_for_the_refresh
    outcomes = await asyncio.gather(*(popote.api.me() for _ in range(10)), return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {Problem}
    assert backend.calls["POST refresh"] == 1
    assert popote.session.is_live


async def test_a_lost_answer_to_a_refresh_is_asked_for_again_with_the_same_id(
    popote: Popote, backend: StandInBackend
) -> None:
    backend.expire()
    backend.trouble("POST refresh", "lose answer")

    await popote.api.me()

    assert backend.calls["POST refresh"] == 2
    assert len(backend.refresh_ids) == 1
    assert not backend.revoked


async def test_a_refresh_that_a_crash_cut_off_is_finished_by_the_next_process(
    popote: Popote, backend: StandInBackend, tmp_path: Path, quick: Waits
) -> None:
    backend.expire()
    backend.trouble("POST refresh", "lose answer", "lose answer")
    with pytest.raises(BackendUnreachable):
        await popote.api.me()
    assert popote.session.refresh_id == backend.refresh_ids[1]

    async with Popote(home=tmp_path, waits=quick) as later:
        await later.api.me()

    assert len(backend.refresh_ids) == 1
    assert not backend.revoked


async def test_two_processes_that_refresh_at_once_end_with_the_same_session(
    popote: Popote, backend: StandInBackend, tmp_path: Path, quick: Waits
) -> None:
    backend.expire()
    both_are_there = asyncio.Event()

    async def wait_for_both(request: Request) -> None:
        if request.path == "/api/auth/refresh":
            if backend.calls["POST refresh"] == 2:
                both_are_there.set()
            await both_are_there.wait()

    backend.before = wait_for_both
    async with Popote(home=tmp_path, waits=quick) as other:
        await asyncio.gather(popote.api.me(), other.api.me())
        assert popote.session == other.session

    assert backend.calls["POST refresh"] == 2
    assert not backend.revoked


async def test_each_refresh_has_an_id_of_its_own(popote: Popote, backend: StandInBackend) -> None:
    for _ in range(3):
        backend.expire()
        await popote.api.me()

    assert len({UUID(id) for id in backend.refresh_ids.values()}) == 3


async def test_a_late_answer_does_not_undo_what_another_process_did_since(popote: Popote) -> None:
    ours, theirs = Tokens(popote.state, popote.api.server), Tokens(popote.state, popote.api.server)
    sent = ours.begin_rotation()
    second = theirs.finish_rotation(theirs.begin_rotation(), Rotation(TokenPair("access-2", "refresh-2")))
    third = theirs.finish_rotation(theirs.begin_rotation(), Rotation(TokenPair("access-3", "refresh-3")))

    assert (second.refresh_token, third.refresh_token) == ("refresh-2", "refresh-3")
    assert ours.finish_rotation(sent, Rotation(TokenPair("access-2", "refresh-2"))) == third
    assert ours.end(sent) == third
    assert popote.session == third


async def test_a_token_that_another_process_has_refreshed_is_picked_up(
    popote: Popote, backend: StandInBackend, tmp_path: Path, quick: Waits
) -> None:
    async with Popote(home=tmp_path, waits=quick) as other:
        backend.expire()
        await asyncio.gather(other.api.me(), other.api.me())
    await popote.api.me()

    assert backend.calls["POST refresh"] == 1


async def test_a_session_that_was_ended_asks_for_a_login_and_sends_nothing_more(
    popote: Popote, backend: StandInBackend
) -> None:
    backend.revoked = True

    with pytest.raises(NotLoggedIn):
        await popote.api.me()
    sent = len(backend.requests)
    with pytest.raises(NotLoggedIn):
        await popote.api.me()

    assert len(backend.requests) == sent
    assert not popote.session.is_live
    assert popote.session.user.email == "marie@example.com"


async def test_an_outage_during_a_refresh_logs_nobody_out(popote: Popote, backend: StandInBackend) -> None:
    backend.expire()
    backend.trouble("POST refresh", (503, "/problems/unavailable"))

    with pytest.raises(Problem):
        await popote.api.me()
    await popote.api.me()

    assert popote.session.is_live
    assert len(backend.refresh_ids) == 1


async def test_a_web_page_with_status_401_does_not_start_a_refresh(popote: Popote, backend: StandInBackend) -> None:
    backend.trouble("GET me", "page 401")

    with pytest.raises(NotPopote):
        await popote.api.me()

    assert backend.calls["POST refresh"] == 0


async def test_switching_households_keeps_the_session_and_survives_a_lost_answer(
    popote: Popote, backend: StandInBackend
) -> None:
    backend.trouble("POST switch", "lose answer")

    session = await popote.api.switch(UUID(int=3))

    assert session.household.name == "Maison de vacances"
    assert popote.session == session
    assert len(backend.refresh_ids) == 1
    assert not backend.revoked


async def test_an_invitation_rotates_the_session_too(popote: Popote, backend: StandInBackend) -> None:
    session = await popote.api.accept_invitation("LILAS-1234")

    assert session.household.name == "Maison de vacances"
    assert session.refresh_token == "refresh-2"


async def test_logging_out_forgets_the_tokens_even_where_the_backend_is_away(
    popote: Popote, backend: StandInBackend
) -> None:
    backend.trouble("POST logout", "drop")

    with pytest.raises(BackendUnreachable):
        await popote.api.logout()

    assert not popote.session.is_live


async def test_a_token_is_never_sent_to_another_server(
    popote: Popote, backend: StandInBackend, ollama: StandInOllama, quick: Waits, tmp_path: Path
) -> None:
    async with Popote(ollama.base_url, home=tmp_path, waits=quick) as elsewhere:
        assert elsewhere.api.tokens.session() is None
        with pytest.raises(NotPopote):
            await elsewhere.api.me()

    assert "authorization" not in ollama.requests[-1].headers


async def test_a_post_is_sent_again_under_its_key_when_the_answer_is_lost(
    popote: Popote, backend: StandInBackend
) -> None:
    backend.trouble("POST conversations", "lose answer")

    await popote.api.create_conversation(UUID(int=9), "Soup")

    keys = {request.headers["idempotency-key"] for request in backend.requests}
    assert keys == {str(UUID(int=9))}
    assert backend.calls["POST conversations"] == 2


async def test_a_login_is_not_sent_twice(backend: StandInBackend, tmp_path: Path, quick: Waits) -> None:
    backend.trouble("POST login", "lose answer")
    async with Popote(backend.base_url, home=tmp_path, waits=quick) as popote:
        with pytest.raises(BackendUnreachable):
            await popote.api.login("marie@example.com", "long enough")

    assert backend.calls["POST login"] == 1


async def test_a_backend_that_is_not_there_is_unreachable(
    tmp_path: Path, quick: Waits, unused_tcp_port_factory: Callable[[], int]
) -> None:
    async with Popote(f"http://127.0.0.1:{unused_tcp_port_factory()}", home=tmp_path, waits=quick) as popote:
        with pytest.raises(BackendUnreachable):
            await popote.api.login("marie@example.com", "long enough")
