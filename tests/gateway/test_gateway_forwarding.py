"""What reaches a service, and what comes back from one: the same with either carrier."""

import gzip
from typing import Any
from uuid import UUID

from popote_gateway.table import SERVICES
from popote_kit import client_address

SECRET = "a secret of these tests, 32 characters or more"


ROUTED = {
    "/api/auth/login": "auth",
    "/.well-known/jwks.json": "auth",
    "/api/system-config/ollama": "config",
    "/api/stock": "stock",
    "/api/recipes/1?servings=6": "recipes",
    "/api/nutrition/foods?q=%C3%A9t%C3%A9&lang=fr": "nutrition",
    "/api/chat/": "chat",
}
NOT_ROUTED = (
    "/internal/actions",
    "/internal/service-tokens",
    "/api/chatter",
    "/api/chat-x/1",
    "/api",
    "/api/CHAT/x",
    "/api/internal",
    "/healthz/x",
)


async def test_each_prefix_leads_to_its_service_and_nothing_else_leads_anywhere(start: Any, play: Any) -> None:
    peers = {name: play() for name in SERVICES}
    async with start(peers) as gateway:
        for target, service in ROUTED.items():
            answer = await gateway.client.get(target)
            assert answer.json() == {"ok": True}
            assert {name: len(peer.seen) for name, peer in peers.items() if peer.seen} == {service: 1}
            peers[service].seen.clear()
        for target in NOT_ROUTED:
            answer = await gateway.client.get(target)
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert not any(peer.seen for peer in peers.values())


async def test_path_and_query_arrive_byte_for_byte(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        await gateway.ask(b"/api/chat/a%41~b%20c,=:@?q=%2F%25&x=a+b&&=")
    assert (peer.seen[0].raw_path, peer.seen[0].query) == (b"/api/chat/a%41~b%20c,=:@", b"q=%2F%25&x=a+b&&=")


async def test_only_listed_headers_reach_a_service_and_only_as_the_client_sent_them(start: Any, peer: Any) -> None:
    listed = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "Accept-Language": "fr",
        "Authorization": "Bearer x",
        "Content-Type": "application/json",
        "Idempotency-Key": "k",
        "If-Match": '"1"',
        "If-None-Match": '"2"',
        "Last-Event-ID": "7",
        "User-Agent": "phone",
        "X-Invitation-Code": "abc",
    }
    outside = {
        "Cookie": "a=b",
        "X-User-Id": "1",
        "X-Household-Id": "1",
        "X-Internal-Token": "1",
        "X-Popote-Client": "10.0.0.1 forged",
        "X-Popote-Other": "1",
        "X-Deadline-Ms": "999999",
        "Forwarded": "for=1.2.3.4",
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Host": "evil.example",
        "X-Real-IP": "1.2.3.4",
        "X-HTTP-Method-Override": "DELETE",
        "Origin": "https://evil.example",
        "TE": "trailers",
        "Upgrade": "h2c",
        "Proxy-Authorization": "x",
    }
    async with start({"chat": peer}) as gateway:
        await gateway.client.post("/api/chat/x", headers={**listed, **outside}, content=b"{}")
    seen = dict(peer.seen[0].headers)
    ours = {b"host", b"content-length", b"x-request-id", b"x-deadline-ms", b"x-popote-client"}
    assert {name: seen[name.lower().encode()].decode() for name in listed} == listed
    assert set(seen) - ours == {name.lower().encode() for name in listed}
    assert len(peer.seen[0].headers) == len(seen)
    assert seen[b"x-deadline-ms"] == b"15000"
    assert client_address.verify(seen[b"x-popote-client"].decode(), SECRET) == "127.0.0.1"


async def test_a_client_that_sends_few_headers_is_given_none_by_the_carrier(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        await gateway.ask(b"/api/chat/x")
    names = {name for name, _ in peer.seen[0].headers}
    assert names == {b"host", b"x-request-id", b"x-deadline-ms", b"x-popote-client"}


async def test_what_connection_names_is_dropped(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        headers = (
            b"Host: localhost\r\nConnection: Authorization, if-match\r\nAuthorization: Bearer x\r\nIf-Match: 1\r\n"
        )
        await gateway.ask(b"/api/chat/x", headers=headers)
    assert peer.seen[0].header(b"authorization") is None
    assert peer.seen[0].header(b"if-match") is None


async def test_a_doubled_or_unreadable_header_is_refused(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        for headers in (
            b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n",
            b"Idempotency-Key: a\r\nIdempotency-Key: a\r\n",
            b"Content-Type: application/json\r\nContent-Type: text/html\r\n",
            b"Idempotency-Key: caf\xe9\r\n",
            b"User-Agent: \xf0\x9f\x8d\x9a\r\n",
        ):
            answer = await gateway.ask(b"/api/chat/x", headers=b"Host: localhost\r\n" + headers)
            assert answer.startswith(b"HTTP/1.1 400")
            assert b"/problems/header-refused" in answer
    assert not peer.seen


async def test_only_listed_headers_come_back(start: Any, play: Any) -> None:
    passed = {
        b"age": b"3",
        b"cache-control": b"private",
        b"content-disposition": b"attachment",
        b"content-type": b"text/plain",
        b"etag": b'"1"',
        b"idempotent-replayed": b"true",
        b"location": b"/api/chat/1",
        b"ratelimit": b"x",
        b"retry-after": b"1",
        b"vary": b"Authorization",
        b"warning": b'110 - "stale"',
        b"x-accel-buffering": b"no",
        b"www-authenticate": b"Bearer",
    }
    inside = {
        b"set-cookie": b"a=b",
        b"server": b"inside",
        b"x-powered-by": b"x",
        b"x-internal-host": b"db1",
        b"x-request-id": b"another",
        b"connection": b"last-modified",
        b"last-modified": b"never",
        b"access-control-allow-origin": b"*",
        b"keep-alive": b"timeout=1",
    }

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [*passed.items(), *inside.items()]})
        await send({"type": "http.response.body", "body": b"x"})

    async with start({"chat": play(answer)}) as gateway:
        got = await gateway.client.get("/api/chat/x", headers={"X-Request-Id": "mine-1234"})
    assert {name: got.headers[name.decode()].encode() for name in passed} == passed
    assert set(got.headers) - {name.decode() for name in passed} == {
        "date",
        "transfer-encoding",
        "x-content-type-options",
        "x-request-id",
    }
    assert got.headers["x-request-id"] == "mine-1234"


async def test_a_request_gets_an_id_that_the_service_and_the_client_both_see(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        answer = await gateway.client.get("/api/chat/x")
    assert UUID(answer.headers["x-request-id"]).version == 7
    assert peer.seen[0].header(b"x-request-id") == answer.headers["x-request-id"].encode()


async def test_an_odd_request_id_is_replaced(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        for given in ("short", "x" * 65, "a b c d e f", 'quote"quote', "<script>alert"):
            answer = await gateway.client.get("/api/chat/x", headers={"X-Request-Id": given})
            assert UUID(answer.headers["x-request-id"]).version == 7


async def test_every_refusal_carries_the_request_id_too(start: Any) -> None:
    async with start({}) as gateway:
        for target in ("/api/chat/x", "/nowhere", "/api/chat/a;b", "/healthz"):
            answer = await gateway.client.get(target, headers={"X-Request-Id": "mine-1234"})
            assert answer.headers["x-request-id"] == "mine-1234"
            assert answer.json().get("request_id", "mine-1234") == "mine-1234"


async def test_a_service_that_is_away_fails_its_own_routes_alone(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        away = await gateway.client.get("/api/stock/items", headers={"Accept-Language": "fr"})
        fine = await gateway.client.get("/api/chat/x")
    assert (away.status_code, away.json()["type"]) == (503, "/problems/unavailable")
    assert away.headers["retry-after"] == "1"
    assert away.headers["content-type"] == "application/problem+json"
    assert "momentanément" in away.json()["detail"]
    assert fine.status_code == 200
    assert "retry-after" not in fine.headers


async def test_redirects_cookies_and_compression_pass_untouched(start: Any, play: Any) -> None:
    packed = gzip.compress(b"hello")

    async def answer(scope: Any, _receive: Any, send: Any) -> None:
        is_packed = scope["path"].endswith("packed")
        headers = [(b"content-encoding", b"gzip")] if is_packed else [(b"location", b"/api/chat/packed")]
        headers.append((b"set-cookie", b"session=1"))
        await send({"type": "http.response.start", "status": 200 if is_packed else 302, "headers": headers})
        await send({"type": "http.response.body", "body": packed if is_packed else b""})

    peer = play(answer)
    async with start({"chat": peer}) as gateway:
        moved = await gateway.client.get("/api/chat/moved")
        raw = await gateway.ask(b"/api/chat/packed")
    assert (moved.status_code, moved.headers["location"]) == (302, "/api/chat/packed")
    assert packed in raw
    assert [seen.header(b"cookie") for seen in peer.seen] == [None, None]


async def test_head_304_and_204_have_no_content(start: Any, play: Any) -> None:
    async def answer(scope: Any, _receive: Any, send: Any) -> None:
        status = {"/api/chat/known": 304, "/api/chat/gone": 204}.get(scope["path"], 200)
        length = (b"content-length", b"5" if status == 200 else b"0")
        content = b"hello" if status == 200 and scope["method"] != "HEAD" else b""
        await send({"type": "http.response.start", "status": status, "headers": [(b"etag", b'"1"'), length]})
        await send({"type": "http.response.body", "body": content})

    async with start({"chat": play(answer)}) as gateway:
        head = await gateway.ask(b"/api/chat/x", method=b"HEAD")
        known = await gateway.ask(b"/api/chat/known")
        gone = await gateway.ask(b"/api/chat/gone", method=b"DELETE")
        whole = await gateway.client.get("/api/chat/x")
    for raw, status in ((head, b"200"), (known, b"304"), (gone, b"204")):
        assert raw.split(b" ")[1] == status
        assert raw.endswith(b"\r\n\r\n")
        assert b'etag: "1"' in raw
    assert b"content-length: 5" in head
    assert b"content-length" not in known + gone
    assert (whole.content, whole.headers["content-length"]) == (b"hello", "5")


async def test_bodies_arrive_whole_in_both_framings(start: Any, peer: Any) -> None:
    async def chunks() -> Any:
        yield b"one "
        yield b"two"

    methods = ["POST", "PUT", "PATCH", "DELETE"]
    async with start({"chat": peer}) as gateway:
        for method in methods:
            await gateway.client.request(method, "/api/chat/x", content=b"one two")
            await gateway.client.request(method, "/api/chat/x", content=chunks())
            await gateway.client.request(method, "/api/chat/x")
    assert [seen.body for seen in peer.seen] == [b"one two", b"one two", b""] * 4
    assert [seen.method for seen in peer.seen[::3]] == methods


async def test_the_edge_is_believed_about_addresses_and_nobody_else(start: Any, play: Any) -> None:
    async def address(reported: str, **settings: Any) -> str | None:
        peer = play()
        async with start({"chat": peer}, **settings) as gateway:
            await gateway.client.get("/api/chat/x", headers={"X-Real-IP": reported})
        return client_address.verify(peer.seen[0].header(b"x-popote-client").decode(), SECRET)

    behind = {"trusted_edge": "10.0.0.0/8, 127.0.0.1"}
    assert await address("203.0.113.7") == "127.0.0.1"
    assert await address("203.0.113.7", trusted_edge="10.0.0.0/8") == "127.0.0.1"
    assert await address("203.0.113.7", **behind) == "203.0.113.7"
    assert await address("2001:DB8::0:1", **behind) == "2001:db8::1"
    assert await address("::ffff:203.0.113.7", **behind) == "203.0.113.7"
    assert await address("not an address", **behind) == "127.0.0.1"
