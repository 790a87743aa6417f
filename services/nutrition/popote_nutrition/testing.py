"""Somebody at a household's table: what tests of several packages need."""

from typing import Any
from uuid import UUID

import httpx

from popote_kit.database import Database
from popote_kit.following import Follower
from popote_kit.peers import Peers
from popote_kit.service_tokens import ServiceTokens
from popote_kit.testing import PASSWORD, Authority, FreshDatabase, new_id
from popote_nutrition.actions.meals import OF_RECIPES


class Table:
    """A person's way to nutrition: every call has their token, every POST a key of its own."""

    def __init__(self, client: httpx.AsyncClient, authority: Authority, **claims: Any) -> None:
        self.client = client
        self.authority = authority
        self.claims = {"household": new_id(), "person": new_id(), **claims}
        self.headers = authority.bearer(**self.claims)

    @property
    def household(self) -> UUID:
        household: UUID = self.claims["household"]
        return household

    def beside(self, **claims: Any) -> "Table":
        """Return another person of the household; `claims` replace theirs."""
        return Table(self.client, self.authority, **{**self.claims, "person": new_id(), **claims})

    def elsewhere(self, **claims: Any) -> "Table":
        """Return somebody of another household."""
        return self.beside(household=new_id(), **claims)

    async def ask(self, method: str, path: str, *, key: str | None = None, **options: Any) -> httpx.Response:
        """Send a request below `/api/nutrition`; below `/internal` it comes from the recipes service."""
        headers = {**self.headers, **options.pop("headers", {})}
        if method == "POST":
            headers["Idempotency-Key"] = key or str(new_id())
        if path.startswith("/internal"):
            whom = {name: self.claims[name] for name in ("household", "person")}
            more = {"lang": self.claims["language"]} if "language" in self.claims else {}
            headers |= self.authority.service_bearer("recipes", "nutrition", **whom, **more)
            return await self.client.request(method, path, headers=headers, **options)
        return await self.client.request(method, f"/api/nutrition{path}", headers=headers, **options)

    async def get(self, path: str, **params: Any) -> Any:
        """Return what a GET is answered with."""
        return told(await self.ask("GET", path, params=params))

    async def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
        """Return what a POST is answered with."""
        return told(await self.ask("POST", path, json=body, key=key))

    async def put(self, path: str, body: Any) -> Any:
        """Return what a PUT is answered with."""
        return told(await self.ask("PUT", path, json=body))

    async def edit(self, path: str, body: Any) -> Any:
        """Change what stands there now; return the answer."""
        found = await self.ask("GET", path)
        return told(await self.ask("PATCH", path, json=body, headers={"If-Match": found.headers["etag"]}))

    async def food(self, name: str, **more: Any) -> str:
        """Make a food of the household's own; return its id."""
        return str((await self.post("/foods", {"name": name, **more}))["id"])

    async def find(self, words: str, **params: Any) -> list[str]:
        """Return the names of the foods that a search finds, the best first."""
        return [food["name"] for food in (await self.get("/foods", q=words, **params))["items"]]

    async def match(self, name: str, **more: Any) -> Any:
        """Return what one name means."""
        return (await self.post("/match", {"names": [name], **more}))["items"][0]


async def hear_of_meals(database: FreshDatabase, peers: Peers) -> None:
    """Have nutrition handle all that recipes has announced."""
    own = Database(database.url("nutrition"), schema="nutrition", password=PASSWORD)
    tokens = ServiceTokens(peers, "nutrition", None)
    try:
        await Follower(own, peers, tokens, service="recipes", handlers=OF_RECIPES, retries_s=()).catch_up()
    finally:
        await own.close()


def told(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None
