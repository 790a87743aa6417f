"""A phone on the kitchen table hears what another one does, through the gateway."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx

from popote_kit.testing import new_id
from popote_launcher.testing import House, Person


async def events(person: Person, last: str | None = None) -> AsyncGenerator[dict[str, Any]]:
    """Give the events of the person's household, beginning with the place where the stream begins."""
    headers = {"Authorization": f"Bearer {person.answer['tokens']['access_token']}"}
    headers |= {"Last-Event-ID": last} if last else {}
    async with person.client.stream("GET", "/api/stock/events", headers=headers) as answer:
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["content-type"].startswith("text/event-stream")
        block: dict[str, Any] = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if line:
                block[name] = json.loads(value) if name == "data" else value
            elif block:
                yield block
                block = {}


async def buy(person: Person, name: str) -> str:
    body = {"lines": [{"name": name, "quantity": {"amount": 1, "unit": "kg"}}]}
    headers = {"Idempotency-Key": str(new_id())}
    answer: httpx.Response = await person.ask("POST", "/api/stock/purchases", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["action_id"])


async def test_a_purchase_is_heard_by_everyone_at_home_and_by_nobody_else(house: House) -> None:
    anna = await house.sign_up("anna")
    ben = await house.invite(anna, "ben")
    stranger = await house.sign_up("stranger")
    async with aclosing(events(ben)) as hers, aclosing(events(stranger)) as theirs, asyncio.timeout(20):
        start = await anext(hers)
        await anext(theirs)
        action = await buy(anna, "Rice")
        heard = [await anext(hers), await anext(hers)]
        assert [each["event"] for each in heard] == ["items_changed", "stock_changed"]
        assert heard[1]["data"]["action_id"] == action
        other = await buy(stranger, "Salt")
        assert [(await anext(theirs))["event"], (await anext(theirs))["data"]["action_id"]] == ["items_changed", other]
    later = await buy(anna, "Tea")
    async with aclosing(events(ben, start["id"])) as again, asyncio.timeout(20):
        replayed = [await anext(again) for _ in range(5)][1:]
        assert replayed[:2] == heard
        assert replayed[3]["data"]["action_id"] == later
