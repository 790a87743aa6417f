"""The stand-in Ollama, judged by Ollama's own Python client."""

import asyncio

import httpx
import ollama
import pytest

from popote_client.testing import Play, StandInModel, StandInOllama

HELLO = [{"role": "user", "content": "Hello"}]


async def test_the_official_client_streams_a_chat() -> None:
    play = Play(tokens=["Crème ", "brûlée"], thinking="Dessert?")
    async with StandInOllama(script=play) as server, ollama.AsyncClient(server.base_url) as client:
        parts = [part async for part in await client.chat("stand-in", HELLO, stream=True)]

    assert [part.message.role for part in parts] == ["assistant"] * 4
    assert "".join(part.message.content or "" for part in parts) == "Crème brûlée"
    assert parts[0].message.thinking == "Dessert?"
    assert [part.done for part in parts] == [False, False, False, True]
    assert parts[-1].done_reason == "stop"
    assert parts[-1].eval_count == 3


async def test_the_official_client_chats_without_a_stream() -> None:
    play = Play(tokens=["A", "B"], tool_calls=[{"function": {"name": "on_hand", "arguments": {"item": "rice"}}}])
    async with StandInOllama(script=play) as server, ollama.AsyncClient(server.base_url) as client:
        answer = await client.chat("stand-in:latest", HELLO)

    assert answer.message.content == "AB"
    assert answer.message.tool_calls is not None
    assert answer.message.tool_calls[0].function.arguments == {"item": "rice"}
    assert answer.done


async def test_the_official_client_lists_shows_and_preloads_models() -> None:
    model = StandInModel(name="qwen3:8b", digest="d1", capabilities=("completion", "tools"))
    async with StandInOllama([model]) as server, ollama.AsyncClient(server.base_url) as client:
        assert [(each.model, each.digest) for each in (await client.list()).models] == [("qwen3:8b", "d1")]
        assert (await client.show("qwen3:8b")).capabilities == ["completion", "tools"]
        assert (await client.ps()).models == []

        loaded = await client.chat("qwen3:8b", [], options={"num_ctx": 8192})
        assert loaded.done_reason == "load"
        assert [each.context_length for each in (await client.ps()).models] == [8192]

        unloaded = await client.chat("qwen3:8b", [], keep_alive=0)
        assert unloaded.done_reason == "unload"
        assert (await client.ps()).models == []


async def test_the_official_client_sees_errors_before_and_in_the_answer() -> None:
    plays = [Play(ending="error", error="out of memory", after=0), Play(ending="error", error="lost", after=1)]
    async with (
        StandInOllama([StandInModel(capabilities=("completion",))], plays) as server,
        ollama.AsyncClient(server.base_url) as client,
    ):
        with pytest.raises(ollama.ResponseError, match="not found") as missing:
            await client.chat("llama3.2", HELLO)
        with pytest.raises(ollama.ResponseError, match="does not support tools") as no_tools:
            await client.chat("stand-in", HELLO, tools=[{"type": "function", "function": {"name": "f"}}])
        with pytest.raises(ollama.ResponseError, match="does not support thinking"):
            await client.chat("stand-in", HELLO, think=True)
        with pytest.raises(ollama.ResponseError, match="out of memory") as failed:
            await client.chat("stand-in", HELLO)
        stream = await client.chat("stand-in", HELLO, stream=True)
        with pytest.raises(ollama.ResponseError, match="lost"):
            [part async for part in stream]

    assert [missing.value.status_code, no_tools.value.status_code, failed.value.status_code] == [404, 400, 500]


async def test_admin_calls_are_counted() -> None:
    async with StandInOllama() as server, ollama.AsyncClient(server.base_url) as client:
        await client.pull("a")
        await client.copy("a", "b")
        await client.delete("b")

    assert server.admin_calls == {"pull": 1, "copy": 1, "delete": 1}


async def test_paths_and_methods_are_refused_as_ollama_does() -> None:
    async with StandInOllama() as server, httpx.AsyncClient(base_url=server.base_url) as http:
        assert (await http.get("/")).text == "Ollama is running"
        assert (await http.head("/api/version")).status_code == 200
        assert (await http.head("/api/ps")).status_code == 405
        assert (await http.get("/api/chat")).text == "405 method not allowed"
        assert (await http.get("/api/nothing")).text == "404 page not found"
        moved = await http.post(f"{server.base_url}//api/chat")
        assert (moved.status_code, moved.headers["location"]) == (301, "/api/chat")
        assert (await http.post("/api/chat", content=b"{")).status_code == 400


async def test_times_have_nine_digits_and_lines_follow_each_other_without_blanks() -> None:
    async with StandInOllama() as server, httpx.AsyncClient(base_url=server.base_url) as http:
        answer = await http.post("/api/chat", json={"model": "stand-in", "messages": HELLO})

    lines = answer.text.split("\n")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert lines.pop() == ""
    assert all(line.startswith('{"model":"stand-in:latest","created_at":"') for line in lines)
    assert all(len(line.split('"created_at":"')[1].split('"')[0].split(".")[1]) == 10 for line in lines)


async def test_one_chat_runs_at_a_time_and_a_full_queue_is_busy() -> None:
    async with (
        StandInOllama(script=[Play(ending="hang", after=1), Play(tokens=["B"])]) as server,
        ollama.AsyncClient(server.base_url) as client,
    ):
        server.queue = 2
        first = await client.chat("stand-in", HELLO, stream=True)
        assert (await anext(first)).message.content == "This"

        second = asyncio.create_task(client.chat("stand-in", HELLO))
        await server.until(lambda: len(server.chats) == 2)
        with pytest.raises(ollama.ResponseError, match="server busy"):
            await client.chat("stand-in", HELLO)
        assert not second.done()

        await first.aclose()
        assert (await second).message.content == "B"


async def test_hanging_up_during_a_cold_load_loses_the_load() -> None:
    async with StandInOllama(script=Play(load_s=30)) as server, httpx.AsyncClient(timeout=0.1) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.post(f"{server.base_url}/api/chat", json={"model": "stand-in", "messages": HELLO})
        assert server.loaded == {}
        assert server.loads == 0


async def test_another_context_length_loads_the_model_again() -> None:
    async with StandInOllama() as server, ollama.AsyncClient(server.base_url) as client:
        for num_ctx in (4096, 4096, 8192):
            await client.chat("stand-in", HELLO, options={"num_ctx": num_ctx})

    assert server.loads == 2
