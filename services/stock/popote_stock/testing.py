"""Somebody at home with their stock, and a stand-in for Open Food Facts: what tests of several packages need."""

import re
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import httpx
from litestar import Litestar, Request, Response, get
from litestar.params import FromPath

from popote_kit.testing import new_id

POLITE: Final = re.compile(r"[\w.-]+/[\w.-]+ \(\S+\)")
EAN_13: Final = 13


class Kitchen:
    """A person's way to stock: every call has their token, every POST a key of its own."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    async def ask(self, method: str, path: str, *, key: str | None = None, **options: Any) -> httpx.Response:
        """Send a request below `/api/stock`, or to a path that starts with `/internal`."""
        headers = {**self.headers, **options.pop("headers", {})}
        if method == "POST":
            headers["Idempotency-Key"] = key or str(new_id())
        url = path if path.startswith("/internal") else f"/api/stock{path}"
        return await self.client.request(method, url, headers=headers, **options)

    async def get(self, path: str, **params: Any) -> Any:
        """Return what a GET is answered with."""
        return told(await self.ask("GET", path, params=params))

    async def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
        """Return what a POST is answered with."""
        return told(await self.ask("POST", path, json=body, key=key))

    async def item(self, name: str, unit: str = "g", **more: Any) -> str:
        """Make an item; return its id."""
        return str((await self.post("/items", {"name": name, "unit": unit, **more}))["id"])

    async def buy(self, item: str, amount: float, unit: str = "g", **more: Any) -> dict[str, Any]:
        """Buy something; return the answer."""
        line = {"item_id": item, "quantity": {"amount": amount, "unit": unit}, **more}
        return dict(await self.post("/purchases", {"lines": [line]}))

    async def use(self, item: str, amount: float, unit: str = "g", **more: Any) -> dict[str, Any]:
        """Use something up; return the answer."""
        line = {"item_id": item, "quantity": {"amount": amount, "unit": unit}, **more}
        return dict(await self.post("/consume", {"lines": [line], "reason": "used"}))

    async def undo(self, action: str) -> str:
        """Undo an action; return the id of the undo."""
        return str((await self.post("/undo", {"action_id": action}))["action_id"])

    async def on_hand(self) -> dict[str, Any]:
        """Return what there is, by the names of the items."""
        return {each["name"]: each for each in (await self.get("/on-hand", limit=200))["items"]}

    async def total(self, name: str) -> Any:
        """Return how much there is of an item, in its unit; 0 where there is none."""
        found = (await self.on_hand()).get(name)
        return found["total"]["amount"] if found else 0


def told(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


class Shop:
    """A shopping list, as one person sees it."""

    def __init__(self, who: Kitchen, id: str) -> None:
        self.who = who
        self.id = id
        self.path = f"/lists/{id}"

    @classmethod
    async def open(cls, who: Kitchen, name: str = "Saturday") -> "Shop":
        """Make a list."""
        return cls(who, str((await who.post("/lists", {"name": name}))["id"]))

    def seen_by(self, who: Kitchen) -> "Shop":
        return Shop(who, self.id)

    async def shown(self) -> dict[str, Any]:
        """Return the list itself."""
        return dict(await self.who.get(self.path))

    async def lines(self) -> list[dict[str, Any]]:
        """Return the lines of the list, in its order."""
        return list((await self.who.get(f"{self.path}/items"))["items"])

    async def add(self, *lines: dict[str, Any]) -> list[dict[str, Any]]:
        """Put lines on the list; return where they stand."""
        return list((await self.who.post(f"{self.path}/items", {"lines": lines}))["items"])

    async def tick(self, *lines: str, at: datetime, is_ticked: bool = True) -> dict[str, Any]:
        """Tick lines, or untick them; return the answer."""
        ticks = [{"line_id": line, "is_ticked": is_ticked, "at": at.isoformat()} for line in lines]
        return dict(told(await self.who.ask("PUT", f"{self.path}/ticks", json={"ticks": ticks})))

    async def fill(self, **asked: Any) -> list[dict[str, Any]]:
        """Put on the list what is short; return those lines."""
        return list((await self.who.post(f"{self.path}/fill", asked))["items"])

    async def bring_home(self, *lines: dict[str, Any]) -> dict[str, Any]:
        """Commit the trip; return the answer."""
        return dict(await self.who.post(f"{self.path}/commit", {"lines": lines}))


class OpenFoodFacts:
    """A stand-in for Open Food Facts: the product reads of its API v2, at most `limit` in `period_s` for an address."""

    def __init__(self, products: Mapping[str, Mapping[str, Any]], *, limit: int = 15, period_s: float = 60) -> None:
        self.products = dict(products)
        self.asked: list[str] = []  # the codes of all reads, those that were refused too
        self.user_agents: set[str] = set()
        self.refused = 0
        self.instead: Response[bytes] | None = None  # of any answer: how it behaves when it is not well
        self._limit = limit
        self._period_s = period_s
        self._reads: defaultdict[str, deque[float]] = defaultdict(deque)

    @property
    def app(self) -> Litestar:
        @get("/api/v2/product/{code:str}")
        async def product(code: FromPath[str], request: Request[Any, Any, Any]) -> Response[Any]:
            return self._answer(code, request)

        return Litestar([product], openapi_config=None)

    def _answer(self, code: str, request: Request[Any, Any, Any]) -> Response[Any]:
        user_agent = request.headers.get("user-agent", "")
        self.asked.append(code)
        self.user_agents.add(user_agent)
        if not POLITE.fullmatch(user_agent):
            return Response(b"who are you?", status_code=403)
        if not self._has_room(request.client.host if request.client else ""):
            self.refused += 1
            return Response(b"<html>too many requests</html>", status_code=503, media_type="text/html")
        return self.instead or self._product(code, request.query_params.get("fields"))

    def _product(self, code: str, fields: str | None) -> Response[Any]:
        facts = self.products.get(code if len(code) < EAN_13 - 1 else code.zfill(EAN_13))
        if facts is None:
            nothing = {"code": code, "status": 0, "status_verbose": "product not found"}
            return Response(nothing, status_code=404)
        wanted = fields.split(",") if fields else [*facts, "code"]
        shown = {name: value for name, value in {**facts, "code": code}.items() if name in wanted}
        return Response({"code": code, "status": 1, "status_verbose": "product found", "product": shown})

    def _has_room(self, address: str) -> bool:
        reads, now = self._reads[address], time.monotonic()
        while reads and reads[0] <= now - self._period_s:
            reads.popleft()
        reads.append(now)
        return len(reads) <= self._limit
