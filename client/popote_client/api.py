"""The backend's operations as typed calls. What it refuses is raised, see problems.py."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from http import HTTPStatus
from uuid import UUID

import msgspec

from popote_client.backend import Backend
from popote_client.food.api import FoodApi
from popote_client.problems import NotLoggedIn, Problem
from popote_client.recipes.api import RecipesApi
from popote_client.stock.api import StockApi
from popote_client.tokens import Session
from popote_client.wire import (
    AccessToken,
    Conversation,
    Login,
    Me,
    Member,
    Message,
    Messages,
    Page,
    Registered,
    Registration,
    Stored,
)

OLLAMA = "/api/system-config/ollama"


class Remark(msgspec.Struct, frozen=True):
    """Something odd about an address that is taken all the same."""

    code: str
    message: str


class AddressChange(msgspec.Struct, frozen=True):
    """What a PUT of the Ollama address did; a dry run has no revision, and calls the address `normalised`."""

    warnings: list[Remark]
    ollama_base_url: str = ""
    normalised: str = ""
    revision: int | None = None


class Api(Backend):
    """What Popote can be asked to do."""

    @cached_property
    def stock(self) -> StockApi:
        """What the household has and must buy."""
        return StockApi(self)

    @cached_property
    def food(self) -> FoodApi:
        """Foods, and what the person eats of them."""
        return FoodApi(self)

    @cached_property
    def recipes(self) -> RecipesApi:
        """The household's recipes, what can be cooked of them, and the plan."""
        return RecipesApi(self)

    # Accounts

    async def register(self, registration: Registration) -> Registered:
        """Make an account, log in, and return the recovery codes, which are shown only this once."""
        answer = await self.anonymous("/api/auth/register", registration)
        registered = self.decode(answer, Registered)
        await asyncio.to_thread(self.tokens.start, registered)
        return registered

    async def login(self, email: str, password: str, device_name: str | None = None) -> Session:
        body = {"email": email, "password": password} | ({"device_name": device_name} if device_name else {})
        answer = await self.anonymous("/api/auth/login", body)
        return await asyncio.to_thread(self.tokens.start, self.decode(answer, Login))

    async def logout(self) -> None:
        """End the session at the backend, and here in any case."""
        try:
            await self.request("POST", "/api/auth/logout")
        finally:
            await asyncio.to_thread(self.tokens.forget)

    async def me(self) -> Me:
        return await self.get("/api/auth/me", Me)

    async def members(self) -> list[Member]:
        """List who belongs to the household, the longest standing first."""
        return (await self.get("/api/auth/household/members", Page[Member])).items

    async def switch(self, household: UUID) -> Session:
        """Go on in another of the person's households."""
        return await self.rotate("/api/auth/switch", household_id=household)

    async def accept_invitation(self, code: str) -> Session:
        """Join a household, and go on in it."""
        return await self.rotate("/api/auth/invitations/accept", code=code)

    async def set_up(self, code: str) -> None:
        """Become the operator of this Popote, with the setup code of its first start; the session goes on as such."""
        session = await asyncio.to_thread(self.tokens.session)
        if session is None:
            raise NotLoggedIn
        answer = await self.request("POST", "/api/auth/setup", body={"code": code})
        token = self.decode(answer, AccessToken).access_token
        await asyncio.to_thread(self.tokens.keep_access, session, token)

    # The Ollama address

    async def set_ollama_address(
        self, url: str, *, reason: str | None = None, default: bool = False, dry_run: bool = False
    ) -> AddressChange:
        """Publish an address for the household, or with `default` for the whole system.

        With `dry_run` nothing changes; the answer tells what would.
        """
        path = f"{OLLAMA}/default" if default else OLLAMA
        answer = await self.request(
            "PUT",
            path,
            body={"ollama_base_url": url} | ({"reason": reason} if reason else {}),
            params={"dry_run": "1"} if dry_run else {},
            headers={} if dry_run else await self._if_match(path),
        )
        return self.decode(answer, AddressChange)

    async def _if_match(self, path: str) -> dict[str, str]:
        try:
            answer = await self.request("GET", path)
        except Problem as problem:
            if problem.status == HTTPStatus.NOT_FOUND:
                return {}
            raise
        return {"if-match": answer.headers["etag"]} if "etag" in answer.headers else {}

    # Conversations

    async def conversations(
        self, *, query: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[Conversation]:
        """One page of the person's conversations, those that hold `query` where it is given."""
        params = {"limit": str(limit), "q": query, "cursor": cursor}
        return await self.get("/api/chat/conversations", Page[Conversation], params)

    async def create_conversation(self, conversation: UUID, title: str | None = None) -> Conversation:
        """Make a conversation under this id; again: the same one."""
        body = {"id": conversation} | ({"title": title} if title else {})
        answer = await self.post("/api/chat/conversations", body, idempotency_key=str(conversation))
        return self.decode(answer, Conversation)

    async def messages(
        self, conversation: UUID, *, order: str = "asc", limit: int = 200, cursor: str | None = None
    ) -> Page[Message]:
        params = {"order": order, "limit": str(limit), "cursor": cursor}
        return await self.get(f"/api/chat/conversations/{conversation}/messages", Page[Message], params)

    async def put_messages(self, conversation: UUID, messages: Sequence[Message]) -> Stored:
        """Store messages under their ids, in this order; those already there stay as they are."""
        path = f"/api/chat/conversations/{conversation}/messages"
        return self.decode(await self.request("PUT", path, body=Messages(messages)), Stored)
