"""Messages on their way: on the disk before anything else, in order, stored once."""

import asyncio
import os
import signal
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from popote_client.backoff import Backoff
from popote_client.client import Popote, Waits
from popote_client.delivery import Delivery
from popote_client.outbox import BATCH_BYTES, CONTENT_BYTES, Counts, Outbox, cut
from popote_client.problems import BackendUnreachable, NotLoggedIn, Problem, StateUnusable
from popote_client.state import State
from popote_client.testing import StandInBackend
from popote_client.testing.backend import Trouble
from popote_client.testing.http_server import Request
from popote_client.wire import Message, Role

SOUP, STEW = UUID(int=100), UUID(int=101)


def said(content: str, role: Role = "user") -> Message:
    return Message(id=uuid7(), role=role, content=content, created_at=datetime.now(UTC))


@pytest.fixture
def outbox(popote: Popote) -> Outbox:
    return popote.history.outbox


@pytest.fixture
def delivery(popote: Popote, outbox: Outbox, quick: Waits) -> Delivery:
    return Delivery(popote.api, outbox, quick.backoff)


async def test_messages_arrive_in_order_and_each_conversation_is_made_first(
    outbox: Outbox, delivery: Delivery, backend: StandInBackend
) -> None:
    for number in range(3):
        outbox.add(SOUP, said(f"soup {number}"))
        outbox.add(STEW, said(f"stew {number}"))

    await delivery.once()

    assert backend.contents() == [["soup 0", "soup 1", "soup 2"], ["stew 0", "stew 1", "stew 2"]]
    assert backend.calls == {"POST conversations": 2, "PUT messages": 2}
    assert outbox.counts() == Counts(waiting=0, parked=0)


async def test_what_came_later_follows_without_making_the_conversation_again(
    outbox: Outbox, delivery: Delivery, backend: StandInBackend
) -> None:
    outbox.add(SOUP, said("one"))
    await delivery.once()
    outbox.add(SOUP, said("two"))
    await delivery.once()

    assert backend.contents() == [["one", "two"]]
    assert backend.calls["POST conversations"] == 1


async def test_the_same_message_twice_is_one(outbox: Outbox, delivery: Delivery, backend: StandInBackend) -> None:
    message = said("one")
    outbox.add(SOUP, message)
    outbox.add(SOUP, message)
    await delivery.once()
    outbox.add(SOUP, message)
    await delivery.once()

    assert backend.contents() == [["one"]]
    assert backend.calls["PUT messages"] == 1


@pytest.mark.parametrize("call", ["POST conversations", "PUT messages"])
async def test_a_lost_answer_stores_nothing_twice(
    outbox: Outbox, delivery: Delivery, backend: StandInBackend, call: str
) -> None:
    outbox.add(SOUP, said("one"))
    backend.trouble(call, "lose answer", "lose answer", "lose answer")

    await delivery.run()

    assert backend.contents() == [["one"]]


@pytest.mark.parametrize(
    "trouble", ["drop", "page 200", "page 403", "page 404", (500, "/problems/internal"), (503, "/x"), (429, "/x")]
)
async def test_a_passing_trouble_keeps_everything_for_later(
    outbox: Outbox, delivery: Delivery, backend: StandInBackend, trouble: Trouble
) -> None:
    outbox.add(SOUP, said("one"))
    backend.trouble("PUT messages", trouble, trouble)

    with pytest.raises((BackendUnreachable, Problem)):
        await delivery.once()
    assert outbox.counts() == Counts(waiting=1, parked=0)

    backend.troubles.clear()
    await delivery.once()
    assert backend.contents() == [["one"]]


async def test_new_tries_are_spread_over_growing_waits_with_full_jitter(
    popote: Popote, outbox: Outbox, backend: StandInBackend
) -> None:
    backend.trouble("PUT messages", *[(503, "/problems/unavailable")] * 12)
    outbox.add(SOUP, said("one"))
    ceilings: list[tuple[float, float]] = []
    waits: list[float] = []

    def draw(low: float, high: float) -> float:
        ceilings.append((low, high))
        return high / 2

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    await Delivery(popote.api, outbox, Backoff(draw=draw, sleep=sleep)).run()

    assert ceilings == [(0, min(300, 2 * 2**failures)) for failures in range(12)]
    assert waits == [high / 2 for _, high in ceilings]
    assert backend.contents() == [["one"]]


@pytest.mark.parametrize("trouble", [(409, "/problems/key-in-use"), (401, "/problems/unauthenticated")])
async def test_a_refusal_that_is_not_about_the_messages_parks_nothing(
    popote: Popote, outbox: Outbox, backend: StandInBackend, quick: Waits, trouble: Trouble
) -> None:
    backend.retry_after = "1" if trouble[0] == 409 else "0"
    backend.trouble("POST conversations", trouble, trouble, trouble)
    outbox.add(SOUP, said("one"))

    async def sleep(_seconds: float) -> None:
        assert outbox.counts() == Counts(waiting=1, parked=0)

    await Delivery(popote.api, outbox, Backoff(sleep=sleep)).run()

    assert backend.contents() == [["one"]]


async def test_a_wait_that_the_backend_asks_for_is_kept(
    popote: Popote, outbox: Outbox, backend: StandInBackend
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    backend.retry_after = "7"
    backend.trouble("PUT messages", (429, "/problems/too-many-requests"))
    outbox.add(SOUP, said("one"))
    await Delivery(popote.api, outbox, Backoff(draw=min, sleep=sleep)).run()

    assert waits == [7]


async def test_an_expired_token_is_refreshed_once_on_the_way(
    outbox: Outbox, delivery: Delivery, backend: StandInBackend
) -> None:
    outbox.add(SOUP, said("one"))
    backend.expire()

    await delivery.once()

    assert backend.contents() == [["one"]]
    assert backend.calls["POST refresh"] == 1


async def test_a_message_that_is_here_and_there_is_read_once(
    popote: Popote, outbox: Outbox, delivery: Delivery, backend: StandInBackend
) -> None:
    outbox.add(SOUP, said("one"))
    outbox.add(SOUP, said("two"))
    backend.trouble("PUT messages", "lose answer", "lose answer")
    with pytest.raises(BackendUnreachable):
        await delivery.once()
    outbox.add(SOUP, said("three"))

    assert [message.content for message in await popote.history.transcript(SOUP)] == ["one", "two", "three"]


async def test_an_ended_session_lets_messages_wait_for_the_next_login(
    popote: Popote, outbox: Outbox, delivery: Delivery, backend: StandInBackend
) -> None:
    outbox.add(SOUP, said("one"))
    backend.revoked = True
    with pytest.raises(NotLoggedIn):
        await delivery.once()
    await delivery.run()  # which ends: there is nothing to wait for
    assert outbox.counts() == Counts(waiting=1, parked=0)

    await popote.api.login("marie@example.com", "long enough")
    await delivery.run()
    assert backend.contents() == [["one"]]


async def test_messages_of_one_account_are_never_sent_as_another(
    popote: Popote, outbox: Outbox, delivery: Delivery, backend: StandInBackend
) -> None:
    outbox.add(SOUP, said("one"))
    await popote.api.switch(UUID(int=3))

    with pytest.raises(NotLoggedIn):
        await delivery.once()
    await popote.history.close()

    assert backend.messages == {}
    assert popote.history.outbox.counts() == Counts(waiting=0, parked=0)
    assert outbox.counts() == Counts(waiting=1, parked=0)


async def test_a_refused_message_is_parked_and_the_others_go_on(
    outbox: Outbox, delivery: Delivery, backend: StandInBackend
) -> None:
    backend.refused_words = {"three"}
    for word in ("one", "two", "three", "four", "five"):
        outbox.add(SOUP, said(word))

    await delivery.once()

    assert backend.contents() == [["one", "two", "four", "five"]]
    assert outbox.counts() == Counts(waiting=0, parked=1)
    await delivery.once()
    assert outbox.counts() == Counts(waiting=0, parked=1)


@pytest.mark.parametrize("call", ["POST conversations", "PUT messages"])
async def test_a_conversation_that_is_refused_is_parked_whole_and_the_others_go_on(
    outbox: Outbox, delivery: Delivery, backend: StandInBackend, call: str
) -> None:
    outbox.add(SOUP, said("one"))
    outbox.add(SOUP, said("two"))
    outbox.add(STEW, said("three"))
    backend.trouble(call, (404, "/problems/not-found"))

    await delivery.once()

    assert outbox.counts() == Counts(waiting=0, parked=2)
    assert backend.contents()[-1] == ["three"]


async def test_batches_keep_to_what_the_service_takes_at_once(
    outbox: Outbox, delivery: Delivery, backend: StandInBackend
) -> None:
    for number in range(1001):
        outbox.add(SOUP, said(f"{number}"))
    for number in range(20):
        outbox.add(STEW, said(f"{number}" + "\n" * 100_000))  # each takes 200 kB as JSON

    await delivery.once()  # the backend of these tests asserts the limits

    assert [len(contents) for contents in backend.contents()] == [1001, 20]
    assert backend.contents()[0] == [f"{number}" for number in range(1001)]
    assert backend.calls["PUT messages"] == 3 + 4


async def test_a_message_longer_than_a_row_is_kept_in_parts_and_loses_nothing(
    outbox: Outbox, delivery: Delivery, backend: StandInBackend
) -> None:
    long = said("é🍜" * 60_000, "assistant")
    outbox.add(SOUP, long)
    outbox.add(SOUP, long)
    await delivery.once()

    (contents,) = backend.contents()
    assert "".join(contents) == "é🍜" * 60_000
    assert backend.messages[str(SOUP)][0]["id"] == str(long.id)


@pytest.mark.parametrize("text", ["", "a", "é" * 7, "🍜" * 5, "aé🍜" * 4])
@pytest.mark.parametrize("limit", [4, 5, 6, 7, 100])
def test_a_text_is_cut_between_characters(text: str, limit: int) -> None:
    pieces = list(cut(text, limit))

    assert "".join(pieces) == text
    assert all(len(piece.encode()) <= limit for piece in pieces)


def test_the_limits_are_those_of_the_service() -> None:
    assert (BATCH_BYTES, CONTENT_BYTES) == (1024 * 1024 - 1024, 128 * 1024)


def test_a_text_that_no_database_takes_is_made_storable(outbox: Outbox) -> None:
    outbox.add(SOUP, said("a\0b"))

    assert [message.content for message in outbox.transcript(SOUP)] == ["ab"]


async def test_sent_messages_are_forgotten_after_a_month(popote: Popote, delivery: Delivery, outbox: Outbox) -> None:
    outbox.add(SOUP, said("old"))
    await delivery.once()
    month_later = Outbox(popote.state, outbox.account, clock=lambda: outbox._clock() + 31 * 24 * 3600)
    month_later.add(SOUP, said("new"))
    await Delivery(popote.api, month_later).once()

    assert [message.content for message in outbox.transcript(SOUP)] == ["new"]


def test_forgetting_what_was_sent_keeps_what_waits(outbox: Outbox) -> None:
    outbox.add(SOUP, said("sent"))
    outbox.sent(outbox.transcript(SOUP))
    outbox.add(STEW, said("waiting"))
    outbox.forget_sent()

    assert outbox.transcript(SOUP) == []
    assert outbox.counts() == Counts(waiting=1, parked=0)
    assert outbox.latest() == STEW


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from uuid_utils.compat import uuid7
from popote_client.outbox import Outbox
from popote_client.state import State
from popote_client.wire import Message, Role

outbox = Outbox(State(Path(sys.argv[1])), "marie")
for number in range(int(sys.argv[3])):
    message = Message(id=uuid7(), role="user", content=f"{sys.argv[2]} {number}", created_at=datetime.now(UTC))
    outbox.add(UUID(int=100), message)
    print(message.content, flush=True)
"""


async def writer(home: Path, name: str, count: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(home), name, str(count), stdout=asyncio.subprocess.PIPE
    )


async def test_processes_that_write_at_once_lose_nothing_and_keep_their_order(tmp_path: Path) -> None:
    processes = [await writer(tmp_path, name, 40) for name in ("a", "b", "c")]
    for process in processes:
        await process.communicate()

    contents = [message.content for message in Outbox(State(tmp_path), "marie").transcript(SOUP)]
    assert len(contents) == 120
    for name in ("a", "b", "c"):
        assert [each for each in contents if each.startswith(name)] == [f"{name} {number}" for number in range(40)]


@pytest.mark.parametrize("after", [1, 7, 20])
async def test_a_killed_process_loses_nothing_that_was_written(tmp_path: Path, after: int) -> None:
    process = await writer(tmp_path, "a", 100_000)
    assert process.stdout
    written = [await process.stdout.readline() for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    rest, _ = await process.communicate()

    told = [line.decode().strip() for line in (*written, *rest.splitlines(keepends=True)) if line.endswith(b"\n")]
    outbox = Outbox(State(tmp_path), "marie")
    kept = [message.content for message in outbox.transcript(SOUP)]
    assert kept[: len(told)] == told
    assert len(kept) <= len(told) + 1
    with outbox._state.reading() as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    outbox.add(SOUP, said("next"))


CHATTER = """
import asyncio, sys
from pathlib import Path
from popote_client.client import Popote, Waits

async def main():
    async with Popote(home=Path(sys.argv[1])) as popote:
        await popote.history._delivery.once()

asyncio.run(main())
"""


async def test_a_process_killed_between_sending_and_noting_it_stores_nothing_twice(
    popote: Popote, outbox: Outbox, backend: StandInBackend, delivery: Delivery
) -> None:
    outbox.add(SOUP, said("one"))
    outbox.add(SOUP, said("two"))
    stored = asyncio.Event()

    async def keep_the_answer_back(request: Request) -> None:
        if request.method == "PUT" and not stored.is_set():
            backend.answer(request)
            stored.set()
            await asyncio.Event().wait()

    backend.before = keep_the_answer_back
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHATTER, str(popote.state.path.parent), env={**os.environ}
    )
    await stored.wait()
    process.kill()
    await process.wait()
    assert outbox.counts() == Counts(waiting=2, parked=0)

    await delivery.once()
    assert backend.contents() == [["one", "two"]]


async def test_two_processes_that_deliver_at_once_store_nothing_twice(
    popote: Popote, outbox: Outbox, backend: StandInBackend, quick: Waits
) -> None:
    for number in range(30):
        outbox.add(SOUP, said(f"{number}"))
    async with (
        Popote(home=popote.state.path.parent, waits=quick) as first,
        Popote(home=popote.state.path.parent, waits=quick) as second,
    ):
        await asyncio.gather(first.history._delivery.once(), second.history._delivery.once())

    assert backend.contents() == [[f"{number}" for number in range(30)]]


def test_a_damaged_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "client.sqlite3").write_bytes(b"not a database, although it is long enough to be one" * 100)

    with pytest.raises(StateUnusable, match=r"client\.sqlite3 can't be used: file is not a database"):
        State(tmp_path).read("session", Message)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    State(tmp_path).read("session", Message)
    with sqlite3.connect(tmp_path / "client.sqlite3") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()

    with pytest.raises(StateUnusable, match="newer"):
        State(tmp_path).read("session", Message)
