"""A stand-in for the backend: the shapes of its public API, nothing behind them, and every trouble of a network."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from popote_client.testing.http_server import Drop, HttpServer, Instead, Request, Response

Trouble = str | tuple[int, str]

BATCH_MESSAGES, BATCH_BYTES, CONTENT_BYTES = 500, 1024 * 1024, 128 * 1024

WRONG_PASSWORD = "wrong"  # noqa: S105  # the one that is never right
OPERATOR = "operator"
SETUP_CODE = "PD2N-8GEQ-KGPE"
USER = {"id": str(UUID(int=1)), "email": "marie@example.com", "display_name": "Marie"}
HOUSEHOLD = {"id": str(UUID(int=2)), "name": "Rue des Lilas", "role": "owner"}
OTHER_HOUSEHOLD = {"id": str(UUID(int=3)), "name": "Maison de vacances", "role": "adult"}


class StandInBackend(HttpServer):
    """One person with one session; what is stored can be read back.

    To change meanwhile: `address`, the published one, with its `etag` and `age`; `revoked`, whether the session has
    ended; `refused_words`, messages that are refused; `retry_after` of every trouble; `before`, awaited first for each
    request. To look at: `requests`, and `calls`, counted by method and last word of the path.
    """

    def __init__(self) -> None:
        super().__init__(self._handle)
        self.generation = 0
        self.refresh_ids: dict[int, str] = {}
        self.revoked = False
        self.expired: set[str] = set()
        self.household = HOUSEHOLD
        self.address: str | None = None
        self.etag = '"1"'
        self.age = 0
        self.retry_after = "0"
        self.titles: dict[str, str] = {}
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.refused_words: set[str] = set()
        self.troubles: dict[str, list[Trouble]] = {}
        self.before: Callable[[Request], Awaitable[None]] | None = None

    def trouble(self, call: str, *kinds: Trouble) -> None:
        """Let the next calls of this kind go wrong.

        "lose answer" does what is asked and breaks the connection, "drop" breaks it at once, "page 401" answers with
        a web page of that status, and a status with a problem type refuses.
        """
        self.troubles.setdefault(call, []).extend(kinds)

    async def _handle(self, request: Request) -> Response:
        call = name(request)
        if self.before:
            await self.before(request)
        trouble = self.troubles[call].pop(0) if self.troubles.get(call) else None
        if trouble == "drop":
            raise Drop
        if isinstance(trouble, str) and trouble.startswith("page"):
            return Response(int(trouble[-3:]), {"content-type": "text/html"}, b"<p>Welcome to our Wi-Fi")
        if isinstance(trouble, tuple):
            return problem(*trouble, headers={"retry-after": self.retry_after})
        response = self.answer(request)
        if trouble == "lose answer":
            raise Drop
        return response

    def answer(self, request: Request) -> Response:
        """Do what is asked."""
        path = request.path.partition("?")[0]
        if path in {"/api/auth/login", "/api/auth/register"}:
            return self._login(request, path)
        if path in {"/api/auth/refresh", "/api/auth/switch", "/api/auth/invitations/accept"}:
            return self._rotate(request, path)
        if "authorization" in request.headers:
            self._authenticate(request.headers["authorization"])
        if path in {"/api/system-config/ollama", "/api/system-config/ollama/default"}:
            return self._ollama(request, path)
        if "authorization" not in request.headers:
            return problem(401, "/problems/unauthenticated")
        return self._private(request, path)

    def _private(self, request: Request, path: str) -> Response:
        if path == "/api/auth/setup":
            return self._set_up(request)
        if path.startswith("/api/chat/conversations"):
            return self._chat(request, path)
        return json({"user": USER, "household": self.household, "households": [HOUSEHOLD, OTHER_HOUSEHOLD]})

    @property
    def calls(self) -> Counter[str]:
        return Counter(map(name, self.requests))

    def tokens(self) -> dict[str, object]:
        return {
            "access_token": f"access-{self.generation}",
            "refresh_token": f"refresh-{self.generation}",
            "token_type": "Bearer",
            "expires_in": 600,
        }

    def expire(self) -> None:
        """Let the present access token run out."""
        self.expired.add(f"access-{self.generation}")

    def _authenticate(self, header: str) -> None:
        token = header.removeprefix("Bearer ")
        if self.revoked or token in self.expired or not token.startswith("access-"):
            raise Instead(problem(401, "/problems/unauthenticated"))

    def _login(self, request: Request, path: str) -> Response:
        if msgspec.json.decode(request.body)["password"] == WRONG_PASSWORD:
            return problem(401, "/problems/wrong-credentials", "E-mail or password is wrong.")
        self.generation += 1
        self.revoked = False
        answer: dict[str, object] = {"user": USER, "household": self.household, "tokens": self.tokens()}
        is_new = path == "/api/auth/register"
        if is_new:
            answer["recovery_codes"] = [f"code-{number}" for number in range(8)]
        return json(answer, 201 if is_new else 200)

    def _rotate(self, request: Request, path: str) -> Response:
        sent = msgspec.json.decode(request.body)
        generation = int(sent["refresh_token"].rpartition("-")[2])
        is_again = self.generation - generation == 1 and self.refresh_ids.get(generation) == sent["refresh_id"]
        if self.revoked or (generation != self.generation and not is_again):
            self.revoked = True
            return problem(401, "/problems/refresh-reused")
        if not is_again:
            self.refresh_ids[generation] = sent["refresh_id"]
            self.generation += 1
        if path == "/api/auth/refresh":
            return json({"tokens": self.tokens()})
        self.household = OTHER_HOUSEHOLD
        return json({"user": USER, "household": self.household, "tokens": self.tokens()})

    def _set_up(self, request: Request) -> Response:
        if msgspec.json.decode(request.body)["code"] != SETUP_CODE:
            return problem(403, "/problems/wrong-setup-code", "That is not the setup code.")
        token = f"access-{self.generation}-{OPERATOR}"
        return json({"operator": True, "access_token": token, "token_type": "Bearer", "expires_in": 600})

    def _ollama(self, request: Request, path: str) -> Response:
        if request.method == "PUT" and path.endswith("/default") and not is_operator(request):
            return problem(403, "/problems/forbidden", "Only the operator may do this.")
        if request.method == "PUT":
            return self._set_ollama(request)
        if self.address is None:
            return problem(404, "/problems/ollama-not-configured", "Nobody has published an address.")
        headers = {"etag": self.etag, "cache-control": "private, max-age=60", "age": str(self.age)}
        if request.headers.get("if-none-match") == self.etag:
            return Response(304, headers)
        return json({"ollama_base_url": self.address}, headers=headers)

    def _set_ollama(self, request: Request) -> Response:
        sent = msgspec.json.decode(request.body)["ollama_base_url"]
        if "dry_run=1" in request.path:
            return json({"normalised": sent.rstrip("/"), "warnings": []})
        if self.address is not None and request.headers.get("if-match") != self.etag:
            return problem(412, "/problems/stale")
        self.address, self.etag = sent.rstrip("/"), f'"{int(self.etag.strip(chr(34))) + 1}"'
        return json({"ollama_base_url": self.address, "revision": 2, "warnings": []})

    def _chat(self, request: Request, path: str) -> Response:
        conversation = path.removesuffix("/messages").rpartition("/")[2]
        if request.method == "POST":
            return self._create(msgspec.json.decode(request.body))
        if conversation == "conversations":
            return self._list(request)
        if conversation not in self.messages:
            return problem(404, "/problems/not-found", "There is no such conversation.")
        stored = self.messages[conversation]
        if request.method == "GET":
            items = stored[::-1] if "order=desc" in request.path else stored
            return json({"items": items, "next_cursor": None})
        return self._store(request, stored)

    def _create(self, sent: dict[str, str]) -> Response:
        self.titles.setdefault(sent["id"], sent.get("title", ""))
        self.messages.setdefault(sent["id"], [])
        return json(self._conversation(sent["id"]), 201)

    def _list(self, request: Request) -> Response:
        words = request.path.partition("q=")[2].partition("&")[0]
        found = [key for key, title in self.titles.items() if words in title]
        return json({"items": [self._conversation(key) for key in reversed(found)], "next_cursor": None})

    def _conversation(self, id: str) -> dict[str, object]:
        now = datetime.now(UTC)
        return {"id": id, "title": self.titles[id], "created_at": now, "updated_at": now}

    def _store(self, request: Request, stored: list[dict[str, Any]]) -> Response:
        batch = msgspec.json.decode(request.body)["messages"]
        longest = max(len(message["content"].encode()) for message in batch)
        if len(batch) > BATCH_MESSAGES or len(request.body) > BATCH_BYTES or longest > CONTENT_BYTES:
            return problem(413, "/problems/too-large")
        if any(message["content"] in self.refused_words for message in batch):
            return problem(422, "/problems/invalid")
        known = {message["id"] for message in stored}
        stored.extend(message for message in batch if message["id"] not in known)
        return json({"stored": len(batch)})

    def contents(self) -> list[list[str]]:
        """The words of every conversation, in the order stored."""
        return [[message["content"] for message in messages] for messages in self.messages.values()]


def is_operator(request: Request) -> bool:
    return request.headers.get("authorization", "").endswith(OPERATOR)


def name(request: Request) -> str:
    return f"{request.method} {request.path.partition('?')[0].rpartition('/')[2]}"


def json(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(status, {"content-type": "application/json", **(headers or {})}, msgspec.json.encode(value))


def problem(
    status: int, type: str, detail: str = "That is refused.", headers: dict[str, str] | None = None
) -> Response:
    body = {"type": type, "title": "Refused", "status": status, "detail": detail, "request_id": "r-1"}
    content_type = {"content-type": "application/problem+json"}
    return Response(status, content_type | (headers or {}), msgspec.json.encode(body))
