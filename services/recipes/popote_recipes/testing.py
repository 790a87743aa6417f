"""Somebody in the kitchen: what tests of several packages need."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx

from popote_kit.testing import Authority, new_id


class Cook:
    """A person's way to recipes, stock and nutrition: every call has their token, every POST a key of its own.

    Paths are whole: `/api/recipes/…`, `/api/stock/…`, `/api/nutrition/…`; those below `/internal` go to recipes, and
    come from the nutrition service.
    """

    def __init__(self, clients: Mapping[str, httpx.AsyncClient], authority: Authority, **claims: Any) -> None:
        self.clients = clients
        self.authority = authority
        self.claims = {"household": new_id(), "person": new_id(), **claims}
        self.headers = authority.bearer(**self.claims)

    @property
    def household(self) -> UUID:
        household: UUID = self.claims["household"]
        return household

    @property
    def person(self) -> UUID:
        person: UUID = self.claims["person"]
        return person

    def beside(self, **claims: Any) -> "Cook":
        """Return another person of the household; `claims` replace theirs."""
        return Cook(self.clients, self.authority, **{**self.claims, "person": new_id(), **claims})

    def elsewhere(self, **claims: Any) -> "Cook":
        """Return somebody of another household."""
        return self.beside(household=new_id(), **claims)

    async def ask(self, method: str, path: str, *, key: str | None = None, **options: Any) -> httpx.Response:
        """Send a request, whatever becomes of it."""
        headers = {**self.headers, **options.pop("headers", {})}
        if method == "POST":
            headers["Idempotency-Key"] = key or str(new_id())
        service = "recipes"
        if path.startswith("/internal"):
            whom = {name: self.claims[name] for name in ("household", "person")}
            headers |= self.authority.service_bearer("nutrition", "recipes", **whom)
        else:
            service = path.split("/")[2].partition("?")[0]
        return await self.clients[service].request(method, path, headers=headers, **options)

    async def get(self, path: str, **params: Any) -> Any:
        """Return what a GET is answered with."""
        return told(await self.ask("GET", path, params=params))

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Return what a POST is answered with."""
        return told(await self.ask("POST", path, key=key, **({} if body is None else {"json": body})))

    async def put(self, path: str, body: Any) -> Any:
        """Return what a PUT is answered with."""
        return told(await self.ask("PUT", path, json=body))

    async def edit(self, path: str, body: Any) -> Any:
        """Change what stands there now; return the answer."""
        found = await self.ask("GET", path)
        return told(await self.ask("PATCH", path, json=body, headers={"If-Match": found.headers["etag"]}))

    async def delete(self, path: str) -> None:
        """Delete what stands there now."""
        found = await self.ask("GET", path)
        told(await self.ask("DELETE", path, headers={"If-Match": found.headers["etag"]}))

    async def recipe(self, title: str, *lines: Any, servings: Any = 4, **more: Any) -> dict[str, Any]:
        """Make a recipe of these lines; return it."""
        body = {"title": title, "servings": servings, "ingredients": list(lines), **more}
        return dict(await self.post("/api/recipes", body))

    async def stocked(self, name: str, amount: Any, unit: str, **more: Any) -> dict[str, Any]:
        """Buy something, making its item where there is none; return the lot."""
        line = {"name": name, "quantity": {"amount": amount, "unit": unit}, **more}
        return dict((await self.post("/api/stock/purchases", {"lines": [line]}))["lots"][0])

    async def food(self, words: str) -> str:
        """Return the id of the food that is called so."""
        matched = await self.post("/api/nutrition/match", {"names": [words]})
        return str(matched["items"][0]["food"]["id"])


def told(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None
