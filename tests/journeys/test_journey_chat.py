"""The main job: from nothing to a streamed answer, and the same conversation on another device."""

import json
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from popote_client.testing import Device, Play, StandInModel, StandInOllama
from popote_kit.testing import FreshDatabase
from popote_launcher.testing import House, environment, open_house

PASSWORD = "leek soup every Sunday evening"
ANSWER = ("Une ", "soupe ", "de ", "poireaux ", "🍲.")


class HasRedis(Protocol):
    redis_url: str


async def test_from_nothing_to_an_answer_and_the_same_conversation_elsewhere(house: House, tmp_path: Path) -> None:
    phone, tablet = Device(tmp_path / "phone"), Device(tmp_path / "tablet")
    models, play = [StandInModel(name="qwen3:8b")], Play(tokens=ANSWER)
    async with StandInOllama(models=models, script=play) as ollama:
        account = ("--email", "anna@example.org", "--server", house.base_url)
        more = ("--name", "Anna", "--household", "Chez Anna")
        welcome = await phone.popote("register", *account, *more, stdin=f"{PASSWORD}\n")
        published = await phone.popote("ollama", "set", ollama.base_url)
        answer = await phone.popote("chat", "Que faire avec des poireaux ?")
        await tablet.popote("login", *account, stdin=f"{PASSWORD}\n")
        listed = await tablet.popote("history", "--json")
        conversation = json.loads(listed.splitlines()[0])["id"]
        read = await tablet.popote("history", conversation)

        assert "Chez Anna" in welcome
        assert ollama.base_url in published
        assert "".join(ANSWER) in answer
        assert "Que faire avec des poireaux ?" in read
        assert "".join(ANSWER) in read
        assert len(ollama.chats) == 1
        assert not ollama.admin_calls
        for request in ollama.requests:
            assert {"authorization", "cookie"}.isdisjoint(name.lower() for name in request.headers)


async def test_chat_goes_on_without_the_backend_and_is_saved_later(
    database: FreshDatabase, servers: HasRedis, tmp_path: Path
) -> None:
    """The phone knows the address; the backend is away for one question, then it is back."""
    environ = environment(database, servers.redis_url, tmp_path)
    phone = Device(tmp_path / "phone")
    async with StandInOllama(models=[StandInModel(name="qwen3:8b")]) as ollama:
        async with open_house(environ) as house:
            port = urlsplit(house.base_url).port or 0
            account = ("--email", "anna@example.org", "--server", house.base_url)
            await phone.popote("register", *account, "--name", "Anna", "--household", "x", stdin=f"{PASSWORD}\n")
            await phone.popote("ollama", "set", ollama.base_url)
            await phone.popote("chat", "the first question")
        alone = await phone.popote("chat", "--continue", "the second question")
        assert "the second question" in alone  # the stand-in says back what it is asked
        async with open_house(environ, port):
            await phone.popote("chat", "--continue", "the third question")
            conversation = json.loads((await phone.popote("history", "--json")).splitlines()[0])["id"]
            read = await phone.popote("history", conversation)
    places = [read.index(f"the {number} question") for number in ("first", "second", "third")]
    assert places == sorted(places)
