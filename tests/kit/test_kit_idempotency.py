"""Idempotency keys: one effect and one answer, whatever is sent again, and when."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Annotated, Any

import httpx
import msgspec
import pytest
from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from popote_kit import idempotency
from popote_kit.database import Database, Kitchen
from popote_kit.problems import Problem
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id

Headers = dict[str, str]
URL = "/notes"


class Note(msgspec.Struct):
    words: Annotated[str, msgspec.Meta(max_length=100)]


class Written(msgspec.Struct):
    id: str


class NoRoom(Problem):
    type = "/problems/no-room"
    title = "No room"
    kind = "conflict"


async def insert(kitchen: Kitchen, words: str) -> Written:
    await kitchen.execute("INSERT INTO note VALUES ($1, $2, $3)", kitchen.household, kitchen.person, words)
    return Written(str(new_id()))


@post(URL, operation_id="write_note")
async def write(data: JSONBody[Note], kitchen: NamedDependency[Kitchen]) -> Response[Written]:
    return Response(await insert(kitchen, data.words), headers={"ETag": '"7"', "Location": "/notes/7", "X-Other": "1"})


@post("/other-notes", operation_id="write_other_note")
async def write_elsewhere(data: JSONBody[Note], kitchen: NamedDependency[Kitchen]) -> Written:
    return await insert(kitchen, data.words)


@put(URL, operation_id="put_note")
async def put_note(data: JSONBody[Note], kitchen: NamedDependency[Kitchen]) -> Written:
    return await insert(kitchen, data.words)


async def words(database: FreshDatabase) -> Counter[str]:
    return Counter(row["words"] for row in await database.rows("SELECT words FROM chat.note"))


def keyed(who: Headers, key: str = "k-1") -> Headers:
    return {**who, "Idempotency-Key": key}


async def until_somebody_waits_for_a_lock(database: FreshDatabase) -> None:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not await database.rows(waiting):  # noqa: ASYNC110 - PostgreSQL sets no event
        await asyncio.sleep(0.01)


class Slow:
    """A handler that has done its work, and answers when it is let go."""

    def __init__(self) -> None:
        self.has_written = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.runs = 0

    def handler(self) -> Any:
        @post(URL, operation_id="write_note")
        async def write_slowly(data: JSONBody[Note], kitchen: NamedDependency[Kitchen]) -> Written:
            self.runs += 1
            written = await insert(kitchen, data.words)
            self.has_written.set()
            await self.may_answer.wait()
            return written

        return write_slowly


async def test_one_key_sent_a_hundred_times_at_once_has_one_effect_and_one_answer(
    chat: httpx.AsyncClient, anna: Headers, database: FreshDatabase
) -> None:
    body = {"title": "Soupe"}
    answers = await asyncio.gather(
        *(chat.post("/api/chat/conversations", json=body, headers=keyed(anna)) for _ in range(100))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert len(await database.rows("SELECT id FROM chat.conversation")) == 1


async def test_a_twin_waits_for_the_first_and_gets_its_answer(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    slow = Slow()
    async with calling(build(slow.handler())) as client:
        first = asyncio.create_task(client.post(URL, json={"words": "once"}, headers=keyed(anna)))
        await slow.has_written.wait()
        twin = asyncio.create_task(client.post(URL, json={"words": "once"}, headers=keyed(anna)))
        await until_somebody_waits_for_a_lock(notes)
        slow.may_answer.set()
        assert (await first).content == (await twin).content
        assert (await twin).headers["idempotent-replayed"] == "true"
    assert (slow.runs, await words(notes)) == (1, Counter(["once"]))


async def test_a_twin_that_waited_too_long_is_told_to_come_back(
    build: Any, notes: FreshDatabase, anna: Headers
) -> None:
    slow = Slow()
    async with calling(build(slow.handler()), timeout=30) as client:
        first = asyncio.create_task(client.post(URL, json={"words": "once"}, headers=keyed(anna)))
        await slow.has_written.wait()
        twin = await client.post(URL, json={"words": "once"}, headers=keyed(anna))
        assert (twin.status_code, twin.json()["type"]) == (409, "/problems/key-in-use")
        assert twin.headers["retry-after"] == "1"
        slow.may_answer.set()
        assert (await first).status_code == 201
        again = await client.post(URL, json={"words": "once"}, headers=keyed(anna))
        assert again.content == (await first).content
    assert (slow.runs, await words(notes)) == (1, Counter(["once"]))


async def test_a_replay_is_the_first_answer_again(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    async with calling(build(write)) as client:
        first = await client.post(URL, json={"words": "once"}, headers=keyed(anna))
        again = await client.post(URL, json={"words": "once"}, headers=keyed(anna))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    for name in ("etag", "location", "content-type", "content-length"):
        assert first.headers[name] == again.headers[name]
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert await words(notes) == Counter(["once"])


async def test_an_answer_without_a_body_is_replayed_without_one(
    build: Any, notes: FreshDatabase, anna: Headers
) -> None:
    @post("/quiet", operation_id="write_quietly", status_code=204)
    async def write_quietly(kitchen: NamedDependency[Kitchen]) -> None:
        await insert(kitchen, "once")

    async with calling(build(write_quietly)) as client:
        answers = [await client.post("/quiet", headers=keyed(anna)) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert await words(notes) == Counter(["once"])


async def test_a_key_with_another_body_is_refused(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    async with calling(build(write)) as client:
        await client.post(URL, json={"words": "one"}, headers=keyed(anna))
        other = await client.post(URL, json={"words": "two"}, headers=keyed(anna))
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert await words(notes) == Counter(["one"])


async def test_a_key_with_another_query_is_refused(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    async with calling(build(write)) as client:
        first = await client.post(f"{URL}?twice=1", json={"words": "tea"}, headers=keyed(anna))
        again = await client.post(f"{URL}?twice=1", json={"words": "tea"}, headers=keyed(anna))
        other = await client.post(URL, json={"words": "tea"}, headers=keyed(anna))
    assert again.json() == first.json()
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")


async def test_a_refused_request_leaves_its_key_free(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    refusals = iter([NoRoom(), None])

    @post(URL, operation_id="write_note")
    async def write_if_there_is_room(data: JSONBody[Note], kitchen: NamedDependency[Kitchen]) -> Written:
        written = await insert(kitchen, data.words)
        if refusal := next(refusals):
            raise refusal
        return written

    async with calling(build(write_if_there_is_room)) as client:
        answers = [await client.post(URL, json={"words": "x"}, headers=keyed(anna)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [409, 201]
    assert await words(notes) == Counter(["x"])


async def test_work_that_broke_off_leaves_its_key_free(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    ways_to_break = iter(["SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 1 / 0", "not SQL", None])

    @post(URL, operation_id="write_note")
    async def write_and_break(data: JSONBody[Note], kitchen: NamedDependency[Kitchen]) -> Written:
        written = await insert(kitchen, data.words)
        if statement := next(ways_to_break):
            await kitchen.execute(statement)
        return written

    async with calling(build(write_and_break)) as client:
        answers = [await client.post(URL, json={"words": "x"}, headers=keyed(anna)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [503, 500, 500, 201]
    assert await words(notes) == Counter(["x"])


async def test_a_failed_commit_leaves_its_key_free(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    async with calling(build(write)) as client:
        await client.post(URL, json={"words": "taken"}, headers=anna)
        failed = await client.post(URL, json={"words": "taken"}, headers=keyed(anna))
        assert failed.status_code == 500
        await notes.run("DELETE FROM chat.note")
        assert (await client.post(URL, json={"words": "taken"}, headers=keyed(anna))).status_code == 201
    assert await words(notes) == Counter(["taken"])


async def test_a_key_belongs_to_one_person_in_one_household_and_one_operation(
    build: Any, notes: FreshDatabase, authority: Authority
) -> None:
    person, household = new_id(), new_id()
    callers = [
        authority.bearer(person=person, household=household),
        authority.bearer(person=new_id(), household=household),
        authority.bearer(person=person, household=new_id()),
    ]
    async with calling(build(write, write_elsewhere)) as client:
        answers = [
            await client.post(url, json={"words": f"{number} {url}"}, headers=keyed(who))
            for number, who in enumerate(callers)
            for url in (URL, "/other-notes")
        ]
    assert [answer.status_code for answer in answers] == [201] * 6
    assert len(await words(notes)) == 6


async def test_an_operation_may_need_a_key_or_take_none(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    @post("/needed", operation_id="needed", idempotency="needed")
    async def needed(data: JSONBody[Note], kitchen: NamedDependency[Kitchen]) -> Written:
        return await insert(kitchen, data.words)

    @post("/none", operation_id="none", idempotency="none")
    async def none(data: JSONBody[Note], kitchen: NamedDependency[Kitchen]) -> Written:
        return await insert(kitchen, data.words)

    async with calling(build(needed, none, write)) as client:
        refused = await client.post("/needed", json={"words": "a"}, headers=anna)
        assert (refused.status_code, refused.json()["type"]) == (400, "/problems/idempotency-key-missing")
        assert (await client.post("/needed", json={"words": "b"}, headers=keyed(anna))).status_code == 201
        assert (await client.post(URL, json={"words": "c"}, headers=anna)).status_code == 201
        for text in ("d", "e"):
            answer = await client.post("/none", json={"words": text}, headers=keyed(anna))
            assert (answer.status_code, "idempotent-replayed" in answer.headers) == (201, False)
    assert await words(notes) == Counter("bcde")


async def test_only_a_post_takes_a_key(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    @get(URL, operation_id="count_notes")
    async def count(kitchen: NamedDependency[Kitchen]) -> int:
        found: int = await kitchen.fetchval("SELECT count(*) FROM note")
        return found

    @delete(URL, operation_id="delete_notes", status_code=200)
    async def clear(kitchen: NamedDependency[Kitchen]) -> int:
        return await kitchen.execute("DELETE FROM note")

    async with calling(build(put_note, count, clear)) as client:
        for text in ("a", "b"):
            assert (await client.put(URL, json={"words": text}, headers=keyed(anna))).status_code == 200
        assert (await client.get(URL, headers=keyed(anna))).json() == 2
        assert [(await client.delete(URL, headers=keyed(anna))).json() for _ in range(2)] == [2, 0]
    assert await notes.rows("SELECT key FROM chat.idempotency_key") == []


@pytest.mark.parametrize("key", ["", "x" * 129, "a b", "clé", "a\tb"])
async def test_a_malformed_key_is_refused(build: Any, notes: FreshDatabase, anna: Headers, key: str) -> None:
    headers = {b"Authorization": anna["Authorization"].encode(), b"Idempotency-Key": key.encode("latin-1")}
    async with calling(build(write)) as client:
        answer = await client.post(URL, json={"words": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed")
    assert await words(notes) == Counter()


async def test_keys_are_forgotten_after_thirty_days(
    build: Any, notes: FreshDatabase, anna: Headers, clock: Clock, authority: Authority
) -> None:
    own = Database(notes.url("chat"), schema="chat", password=PASSWORD)
    household, person = new_id(), new_id()
    async with calling(build(write)) as client:
        headers = keyed(authority.bearer(household=household, person=person))
        await client.post(URL, json={"words": "x"}, headers=headers)
        assert await idempotency.sweep(own, clock() + timedelta(days=30)) == 0
        assert await idempotency.sweep(own, clock() + timedelta(days=30, seconds=1)) == 1
        await notes.run("DELETE FROM chat.note")
        again = await client.post(URL, json={"words": "x"}, headers=headers)
    await own.close()
    assert (again.status_code, "idempotent-replayed" in again.headers) == (201, False)
    assert await words(notes) == Counter(["x"])
