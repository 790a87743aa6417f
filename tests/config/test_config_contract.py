"""Where is Ollama? The one answer that old clients rely on, byte by byte."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import httpx
import pytest

from popote_config.app import create_app
from popote_config.settings import Settings
from popote_kit.command import contract
from popote_kit.settings import SettingsError, load
from popote_kit.testing import Authority, Clock

PATH = "/api/system-config/ollama"
LAN = "http://192.168.11.101:11434"
OTHER = "http://192.168.11.102:11434"
Headers = dict[str, str]
Start = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


async def put(client: httpx.AsyncClient, who: Headers, url: str = LAN, path: str = PATH, **headers: str) -> Any:
    answer = await client.put(path, json={"ollama_base_url": url}, headers={**who, **headers})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_answer_is_exactly_the_address(client: httpx.AsyncClient, owner: Headers) -> None:
    await put(client, owner)
    answer = await client.get(PATH, headers=owner)
    assert (answer.status_code, answer.content) == (200, b'{"ollama_base_url":"http://192.168.11.101:11434"}')
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["cache-control"] == "private, max-age=60, stale-if-error=86400"
    assert answer.headers["vary"] == "Authorization"
    assert answer.headers["etag"].startswith('"')
    assert not {"age", "warning"} & answer.headers.keys()


async def test_nothing_published_is_a_problem_and_never_an_empty_address(
    client: httpx.AsyncClient, owner: Headers
) -> None:
    for who in (owner, {}):
        answer = await client.get(PATH, headers={**who, "Accept-Language": "fr"})
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/ollama-not-configured")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"].startswith("Aucune adresse")


async def test_what_is_known_already_is_not_sent_again(client: httpx.AsyncClient, owner: Headers) -> None:
    await put(client, owner)
    etag = (await client.get(PATH, headers=owner)).headers["etag"]
    for same in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await client.get(PATH, headers={**owner, "If-None-Match": same})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag), same
        assert answer.headers["cache-control"] == "private, max-age=60, stale-if-error=86400"
        assert answer.headers["vary"] == "Authorization"
    for other in ('"other"', "", "rubbish", f"{etag}x", ",,,"):
        answer = await client.get(PATH, headers={**owner, "If-None-Match": other})
        assert (answer.status_code, answer.json()) == (200, {"ollama_base_url": LAN}), other


async def test_head_is_get_without_the_body(client: httpx.AsyncClient, owner: Headers) -> None:
    assert (await client.head(PATH)).status_code == 404
    assert (await client.head(PATH, headers={"Authorization": "Bearer x"})).status_code == 401
    await put(client, owner)
    full, head = await client.get(PATH, headers=owner), await client.head(PATH, headers=owner)
    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers, "date": ""} == {**full.headers, "date": ""}
    known = {**owner, "If-None-Match": full.headers["etag"]}
    assert (await client.head(PATH, headers=known)).status_code == 304


async def test_the_path_has_one_spelling(client: httpx.AsyncClient, owner: Headers) -> None:
    await put(client, owner)
    for path in (f"{PATH}/", PATH.replace("/ollama", "//ollama"), PATH.replace("ollama", "%6fllama")):
        assert (await client.get(path, headers=owner)).status_code == 404, path


async def test_a_household_is_given_its_own_address_and_others_the_system_wide_one(
    client: httpx.AsyncClient, owner: Headers, operator: Headers, authority: Authority
) -> None:
    await put(client, operator, OTHER, f"{PATH}/default")
    await put(client, owner, LAN)
    given = [(await client.get(PATH, headers=who)).json() for who in (owner, authority.bearer(), operator, {})]
    assert [one["ollama_base_url"] for one in given] == [LAN, OTHER, OTHER, OTHER]


@pytest.mark.parametrize("role", ["owner", "adult", "child", "guest"])
async def test_everyone_in_a_household_may_read(
    client: httpx.AsyncClient, owner: Headers, household: UUID, authority: Authority, role: Any
) -> None:
    await put(client, owner)
    answer = await client.get(PATH, headers=authority.bearer(household=household, role=role))
    assert answer.json() == {"ollama_base_url": LAN}


async def test_an_invalid_token_is_never_taken_for_none(
    client: httpx.AsyncClient, operator: Headers, authority: Authority, clock: Clock
) -> None:
    await put(client, operator, LAN, f"{PATH}/default")
    expired = authority.bearer()
    clock.advance(hours=1)
    foreign = Authority(clock).bearer()
    for wrong in (
        expired,
        foreign,
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic eDp5"},
        {"Authorization": ""},
    ):
        answer = await client.get(PATH, headers=wrong)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated"), wrong
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_reading_without_a_token_can_be_turned_off(start: Start, owner: Headers, operator: Headers) -> None:
    async with start(public_read=False) as client:
        await put(client, operator, LAN, f"{PATH}/default")
        assert (await client.get(PATH)).status_code == 401
        assert (await client.get(PATH, headers=owner)).json() == {"ollama_base_url": LAN}


async def test_households_with_the_same_number_of_changes_have_different_tags(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    anna, ben = authority.bearer(), authority.bearer()
    await put(client, anna, LAN)
    await put(client, ben, OTHER)
    tag = (await client.get(PATH, headers=anna)).headers["etag"]
    answer = await client.get(PATH, headers={**ben, "If-None-Match": tag})
    assert (answer.status_code, answer.json()) == (200, {"ollama_base_url": OTHER})


async def test_the_settings_seed_the_system_wide_address_on_the_first_start_only(
    start: Start, operator: Headers
) -> None:
    async with start(ollama_base_url=f"{LAN}/") as client:
        assert (await client.get(PATH)).json() == {"ollama_base_url": LAN}
        history = (await client.get(f"{PATH}/default/history", headers=operator)).json()["items"]
        assert [(one["ollama_base_url"], one["published_by"]) for one in history] == [(LAN, "settings")]
    async with start(ollama_base_url=OTHER) as client:
        assert (await client.get(PATH)).json() == {"ollama_base_url": LAN}


def test_a_seed_that_would_be_refused_is_refused_at_once() -> None:
    environ = {"CONFIG_DATABASE_URL": "postgresql://", "CONFIG_OLLAMA_BASE_URL": "http://0.0.0.0:11434"}
    with pytest.raises(SettingsError, match=r"OLLAMA_BASE_URL.*bind address"):
        load(Settings, "CONFIG_", environ)


def test_the_contract_is_documented() -> None:
    document = contract(Settings, create_app)
    described = document["paths"][PATH]["get"]
    assert described["operationId"] == "get_ollama_address"
    assert {"200", "304", "401", "404"} <= described["responses"].keys()
    assert {} in described["security"]
    schema = document["components"]["schemas"]["OllamaAddress"]
    assert (list(schema["properties"]), schema["required"]) == (["ollama_base_url"], ["ollama_base_url"])


async def test_the_service_never_connects_to_the_published_address(start: Start, owner: Headers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        host, port = listener.getsockname()
        url = f"http://{host}:{port}"
        async with start(allow_loopback=True, ollama_base_url=url, poll_seconds=0.05) as client:
            await put(client, owner, url)
            await client.put(PATH, params={"dry_run": 1}, json={"ollama_base_url": url}, headers=owner)
            for _ in range(5):
                assert (await client.get(PATH, headers=owner)).json() == {"ollama_base_url": url}
                await asyncio.sleep(0.1)
        with pytest.raises(BlockingIOError):
            listener.accept()
        with socket.create_connection((host, port)):  # had anyone called, it would have been heard
            listener.accept()[0].close()
