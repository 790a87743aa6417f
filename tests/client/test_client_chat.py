"""A question, its answer, and what is kept of both."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from popote_client.client import Popote, Waits
from popote_client.events import Connected, Done, Event, Text, Thinking, Waking
from popote_client.failures import Interrupted, ModelFailed, NoAnswer, WrongServer
from popote_client.outbox import Counts
from popote_client.problems import BackendUnreachable, PopoteError, Problem
from popote_client.testing import Ending, Play, StandInBackend, StandInModel, StandInOllama


@pytest.fixture(autouse=True)
def published(backend: StandInBackend, ollama: StandInOllama) -> None:
    backend.address = ollama.base_url


async def ask(popote: Popote, text: str = "What can I cook?", **options: Any) -> tuple[list[Event], PopoteError | None]:
    """Return the events, and the failure that ended them, if any."""
    events = []
    try:
        async for event in popote.ask(text, **options):
            events.append(event)  # noqa: PERF401  # they count even where it fails
    except PopoteError as error:
        return events, error
    return events, None


def done(events: list[Event]) -> Done:
    assert isinstance(events[-1], Done)
    return events[-1]


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


async def delivered(popote: Popote) -> Counts:
    await popote.history.close()
    return popote.history.outbox.counts()


async def test_a_chat_streams_and_both_messages_reach_the_backend_in_order(
    popote: Popote, backend: StandInBackend, ollama: StandInOllama
) -> None:
    ollama.play(Play(tokens=["Rice ", "soup."], thinking="Rice is left."))

    events, failure = await ask(popote, "What can I cook?\nQuickly.")

    assert failure is None
    assert [type(event) for event in events] == [Connected, Thinking, Text, Text, Done]
    assert text_of(events) == "Rice soup."
    assert (done(events).done_reason, done(events).is_cut, done(events).model) == ("stop", False, "stand-in:latest")

    assert await delivered(popote) == Counts(waiting=0, parked=0)
    assert backend.contents() == [["What can I cook?\nQuickly.", "Rice soup."]]
    assert list(backend.titles.values()) == ["What can I cook?"]
    asked, answered = next(iter(backend.messages.values()))
    assert (asked["role"], answered["role"], answered["model"]) == ("user", "assistant", "stand-in:latest")
    assert answered["id"] == str(done(events).message)


async def test_no_token_and_no_cookie_reaches_ollama(
    popote: Popote, ollama: StandInOllama, backend: StandInBackend
) -> None:
    ollama.headers = {"set-cookie": "sid=1; Path=/", "www-authenticate": "Bearer"}
    await ask(popote)
    await ask(popote)

    assert len(ollama.chats) == 2
    for request in ollama.requests:
        assert not {"authorization", "cookie", "proxy-authorization"} & set(request.headers)
        assert "access-" not in repr(request)
        assert "refresh-" not in repr(request)


async def test_a_prompt_goes_through_no_proxy(
    popote: Popote, ollama: StandInOllama, monkeypatch: pytest.MonkeyPatch, quick: Waits
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    async with Popote(home=popote.state.path.parent, waits=quick) as device:
        device.api = popote.api
        device.resolver._api = popote.api
        _, failure = await ask(device)

    assert failure is None


async def test_a_conversation_goes_on_with_what_was_said(
    popote: Popote, ollama: StandInOllama, backend: StandInBackend
) -> None:
    first, _ = await ask(popote, "Soup?")
    await ask(popote, "And then?", conversation=done(first).conversation)

    assert [turn["role"] for turn in ollama.chats[1]["messages"]] == ["user", "assistant", "user"]
    assert ollama.chats[1]["messages"][0]["content"] == "Soup?"
    await delivered(popote)
    assert [len(messages) for messages in backend.messages.values()] == [4]


async def test_a_conversation_goes_on_while_the_backend_is_away(
    popote: Popote, ollama: StandInOllama, backend: StandInBackend
) -> None:
    first, _ = await ask(popote, "Soup?")
    await popote.history.close()
    await backend.stop()

    async with Popote(home=popote.state.path.parent, waits=popote.waits) as later:
        events, failure = await ask(later, "And then?", conversation=done(first).conversation)

    assert failure is None
    assert isinstance(events[0], Connected)
    assert events[0].address_age_s is None  # it is fresh still
    assert [turn["content"] for turn in ollama.chats[1]["messages"]][::2] == ["Soup?", "And then?"]


async def test_a_conversation_of_another_device_is_read_from_the_backend(
    popote: Popote, ollama: StandInOllama, backend: StandInBackend, tmp_path: Path, quick: Waits
) -> None:
    first, _ = await ask(popote, "Soup?")
    await delivered(popote)
    made = backend.calls["POST conversations"]  # once, or again if closing broke off the first try
    async with Popote(backend.base_url, home=tmp_path / "other device", waits=quick) as other:
        await other.api.login("marie@example.com", "long enough")
        await ask(other, "And then?", conversation=done(first).conversation)

    assert next(turn["content"] for turn in ollama.chats[1]["messages"]) == "Soup?"
    assert [len(messages) for messages in backend.messages.values()] == [4]
    assert backend.calls["POST conversations"] == made


async def test_an_unknown_conversation_is_told_before_anything_is_sent(
    popote: Popote, ollama: StandInOllama, backend: StandInBackend
) -> None:
    _, failure = await ask(popote, conversation="00000000-0000-0000-0000-000000000009")
    assert isinstance(failure, Problem)

    await backend.stop()
    _, failure = await ask(popote, conversation="00000000-0000-0000-0000-000000000009")
    assert isinstance(failure, BackendUnreachable)
    assert ollama.chats == []


async def test_the_chat_works_with_the_backend_down_and_is_saved_when_it_is_back(
    popote: Popote, ollama: StandInOllama, backend: StandInBackend, quick: Waits
) -> None:
    await ask(popote, "One")
    await popote.history.close()
    backend.troubles["GET ollama"] = [(503, "/problems/unavailable")] * 9
    backend.troubles["PUT messages"] = [(503, "/problems/unavailable")] * 3
    backend.troubles["POST conversations"] = ["drop"] * 4

    async with Popote(home=popote.state.path.parent, waits=quick) as device:
        _, failure = await ask(device, "Two")
        assert failure is None
        await backend.until(lambda: backend.calls["PUT messages"] >= 5)

    assert [contents[0] for contents in backend.contents()] == ["One", "Two"]


async def test_an_answer_does_not_wait_for_a_file_that_another_process_holds(
    popote: Popote, backend: StandInBackend
) -> None:
    with popote.state.writing():
        async with asyncio.timeout(5):  # half of what a write waits for the file
            events, failure = await ask(popote)
        assert (type(events[-1]), failure) == (Done, None)
        assert popote.history.outbox.counts().waiting == 0

    await delivered(popote)
    assert len(backend.contents()[0]) == 2


async def test_a_full_disk_does_not_fail_a_chat(popote: Popote) -> None:
    with popote.state.writing() as db:
        for table in ("message", "fact"):
            full = "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
            db.execute(f"CREATE TRIGGER full_{table} BEFORE INSERT ON {table} {full}")

    events, failure = await ask(popote)
    await popote.history.close()

    assert (type(events[-1]), failure) == (Done, None)
    assert [str(error) for error in popote.history.failures] == [
        f"{popote.state.path} can't be used: database or disk is full."
    ] * 2


async def test_text_before_an_interruption_is_kept_and_saved(
    popote: Popote, ollama: StandInOllama, backend: StandInBackend
) -> None:
    ollama.play(Play(tokens=["Rice ", "soup ", "with"], ending="drop", after=2))
    events, failure = await ask(popote)

    assert isinstance(failure, Interrupted)
    assert text_of(events) == "Rice soup "
    await delivered(popote)
    (_, answer), *_ = backend.messages.values()
    assert (answer["content"], answer["done_reason"]) == ("Rice soup ", "interrupted")


async def test_an_error_in_the_answer_is_a_failure_although_the_status_is_200(
    popote: Popote, ollama: StandInOllama
) -> None:
    ollama.play(Play(tokens=["Rice"], ending="error", error="out of memory"))
    events, failure = await ask(popote)

    assert isinstance(failure, ModelFailed)
    assert not any(isinstance(event, Done) for event in events)


async def test_an_answer_cut_at_the_limit_can_be_continued(popote: Popote, ollama: StandInOllama) -> None:
    ollama.play(Play(tokens=["Rice"], done_reason="length"))
    events, _ = await ask(popote)

    assert (done(events).done_reason, done(events).is_cut) == ("length", True)


async def test_a_question_that_broke_off_before_the_first_byte_is_sent_once_more(
    popote: Popote, ollama: StandInOllama, backend: StandInBackend
) -> None:
    ollama.play(Play(ending="drop", after=0), Play(tokens=["Rice."]))
    events, failure = await ask(popote)

    assert failure is None
    assert [type(event) for event in events] == [Connected, Connected, Text, Done]
    assert len(ollama.chats) == 2
    await delivered(popote)
    assert backend.contents() == [["What can I cook?", "Rice."]]


async def test_it_is_not_sent_a_third_time(popote: Popote, ollama: StandInOllama) -> None:
    ollama.play(Play(ending="drop", after=0))
    _, failure = await ask(popote)

    assert isinstance(failure, NoAnswer)
    assert len(ollama.chats) == 2


@pytest.mark.parametrize("ending", ["drop", "cut", "error"])
async def test_after_the_first_byte_it_is_never_sent_again(
    popote: Popote, ollama: StandInOllama, ending: Ending
) -> None:
    ollama.play(Play(tokens=["Rice"], ending=ending, error="lost"))
    await ask(popote)

    assert len(ollama.chats) == 1


async def test_a_busy_server_is_not_asked_again(popote: Popote, ollama: StandInOllama) -> None:
    ollama.play(Play(status=503, error="server busy, please try again.  maximum pending requests exceeded"))
    await ask(popote)

    assert len(ollama.chats) == 1


async def test_waking_the_model_is_shown(popote: Popote, ollama: StandInOllama) -> None:
    ollama.play(Play(tokens=["Rice."], load_s=0.3))
    events, _ = await ask(popote)

    assert any(isinstance(event, Waking) for event in events)
    assert isinstance(events[-1], Done)


async def test_the_model_that_answered_is_kept_and_its_absence_stops_the_next_chat(
    popote: Popote, ollama: StandInOllama
) -> None:
    await ask(popote)
    ollama.models = [StandInModel(digest="another machine")]

    _, failure = await ask(popote, "A secret")
    assert isinstance(failure, WrongServer)
    assert len(ollama.chats) == 1

    _, failure = await ask(popote, "Not a secret", accept_server=True)
    assert failure is None
    _, failure = await ask(popote, "Again")  # which is now the known one
    assert failure is None


async def test_a_failed_answer_does_not_make_a_server_the_known_one(popote: Popote, ollama: StandInOllama) -> None:
    ollama.play(Play(tokens=["Rice"], ending="cut"), Play(tokens=["Rice"]))
    await ask(popote)
    ollama.models = [StandInModel(digest="another machine")]
    _, failure = await ask(popote)

    assert failure is None


async def test_the_last_used_model_is_used_again(popote: Popote, ollama: StandInOllama) -> None:
    ollama.models = [StandInModel(name="a:latest"), StandInModel(name="b:latest")]
    await ask(popote, model="b")
    await ask(popote)

    assert [chat["model"] for chat in ollama.chats] == ["b:latest", "b:latest"]


async def test_leaving_the_chat_saves_what_there_was(
    popote: Popote, ollama: StandInOllama, backend: StandInBackend
) -> None:
    ollama.play(Play(tokens=["Rice ", "soup."], ending="hang"))
    stream = popote.ask("Hello")
    async for event in stream:
        if isinstance(event, Text) and event.text == "soup.":
            break
    await stream.aclose()

    await delivered(popote)
    assert backend.contents() == [["Hello", "Rice soup."]]


async def test_without_a_login_one_can_chat_and_nothing_is_saved(
    backend: StandInBackend, ollama: StandInOllama, tmp_path: Path, quick: Waits
) -> None:
    async with Popote(backend.base_url, home=tmp_path / "guest", waits=quick) as guest:
        events, failure = await ask(guest)

    assert (type(events[-1]), failure) == (Done, None)
    assert backend.messages == {}


async def test_an_interrupted_answer_of_a_portal_leaves_the_question_in_the_history(
    popote: Popote, backend: StandInBackend, ollama: StandInOllama
) -> None:
    async with StandInOllama(script=Play(html=True)) as other:
        backend.address = other.base_url
        _, failure = await ask(popote, "Hello")

    assert isinstance(failure, Interrupted)
    await delivered(popote)
    assert backend.contents() == [["Hello"]]
