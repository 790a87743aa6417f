"""What the gateway answers itself: is it alive, is everything ready, the contract, the page to try it."""

import asyncio
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

from popote_gateway import readiness
from popote_gateway.carriers.in_process import InProcess
from popote_gateway.table import SERVICES, find


class Links(HTMLParser):
    """Collects what a page refers to, and whatever its policy would have to allow inline."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "action", "srcset", "data", "poster", "formaction"):
                self.urls.append(value or "")
            if name == "style" or name.startswith("on"):
                self.inline.append(name)
        if tag == "style" or (tag == "script" and not dict(attrs).get("src")):
            self.inline.append(tag)


async def test_it_lives_without_any_service(start: Any) -> None:
    async with start({}) as gateway:
        answer = await gateway.client.get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert (await gateway.client.post("/healthz")).headers["allow"] == "GET, HEAD"


async def test_it_is_ready_when_every_service_is(start: Any, play: Any) -> None:
    peers = {name: play() for name in SERVICES}
    async with start(peers) as gateway:
        answer = await gateway.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "services": {name: {"status": "ok"} for name in SERVICES}}
    assert [peer.seen[0].raw_path for peer in peers.values()] == [b"/readyz"] * len(SERVICES)


async def test_it_is_not_ready_while_one_is_down_and_says_which_and_why(start: Any, play: Any) -> None:
    async def without_database(_scope: Any, _receive: Any, send: Any) -> None:
        content = b'{"status":"unavailable","checks":{"database":"TimeoutError"}}'
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": content})

    peers = {name: play() for name in SERVICES if name != "stock"}
    async with start({**peers, "auth": play(without_database)}) as gateway:
        answer = await gateway.client.get("/readyz")
    services = answer.json()["services"]
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert services.pop("stock") == {"status": "unavailable", "reason": "it can't be reached"}
    assert services.pop("auth") == {
        "status": "unavailable",
        "reason": "it is not ready",
        "checks": {"database": "TimeoutError"},
    }
    assert {state["status"] for state in services.values()} == {"ok"}


async def test_a_service_that_hangs_breaks_or_babbles_is_not_ready(play: Any) -> None:
    async def hangs(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.Future()

    async def breaks(_scope: Any, _receive: Any, _send: Any) -> None:
        raise RuntimeError("broken")

    async def babbles(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        for _ in range(100):
            await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    peers = {name: play() for name in SERVICES}
    odd = {"auth": play(hangs), "chat": play(breaks), "config": play(babbles)}
    state = await readiness.ask_all(InProcess({**peers, **odd}), deadline_s=0.05)
    reasons = {name: each.reason for name, each in state.services.items() if each.status != "ok"}
    assert reasons == {"auth": "no answer within 0.05 s", "chat": "it broke", "config": "it is not ready"}


async def test_the_contract_is_the_committed_file_and_is_sent_once(start: Any) -> None:
    async with start({}) as gateway:
        first = await gateway.client.get("/api/openapi.json")
        tag = first.headers["etag"]
        known = [
            await gateway.client.get("/api/openapi.json", headers={"If-None-Match": tags})
            for tags in (tag, f'"other", W/{tag}', "*")
        ]
        other = await gateway.client.get("/api/openapi.json", headers={"If-None-Match": '"other"'})
        head = await gateway.client.head("/api/openapi.json")
    assert first.content == files("popote_gateway").joinpath("openapi.json").read_bytes()
    assert first.headers["content-type"] == "application/json"
    assert [(answer.status_code, answer.content, answer.headers["etag"]) for answer in known] == [(304, b"", tag)] * 3
    assert (other.status_code, other.content) == (200, first.content)
    assert (head.content, head.headers["content-length"]) == (b"", str(len(first.content)))


def test_the_committed_contract_holds_public_paths_alone() -> None:
    document = json.loads(files("popote_gateway").joinpath("openapi.json").read_bytes())
    routed = {path for path in document["paths"] if find(path.encode())}
    assert set(document["paths"]) - routed == {"/healthz", "/readyz"}
    assert "/internal" not in json.dumps(document["paths"])


async def test_who_opens_the_printed_address_sees_what_answers_there(start: Any) -> None:
    async with start({}) as gateway:
        root = await gateway.client.get("/")
        assert (root.status_code, root.headers["location"], root.content) == (307, "/api/docs", b"")


async def test_the_docs_page_needs_nothing_from_elsewhere(start: Any) -> None:
    async with start({}) as gateway:
        page = await gateway.client.get("/api/docs")
        links = Links()
        links.feed(page.text)
        assert {"/api/docs/docs.js", "/api/docs/docs.css", "/api/openapi.json"} <= set(links.urls)
        for url in links.urls:
            assert re.match(r"/api/|#", url), url
            if url.startswith("/"):
                assert (await gateway.client.get(url)).status_code == 200
        style = await gateway.client.get("/api/docs/docs.css")
        script = await gateway.client.get("/api/docs/docs.js")
    assert not links.inline
    assert not re.search(r"https?://|//[a-z]+\.|url\(|@import", style.text)
    assert not re.search(
        r"https?://|\bimport\b|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script.text
    )


async def test_the_docs_page_allows_its_own_files_and_no_more(start: Any) -> None:
    async with start({}) as gateway:
        page = await gateway.client.get("/api/docs")
        script = await gateway.client.get("/api/docs/docs.js")
    policy = dict(rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {rule for name, rule in policy.items() if name.endswith("-src")} == {"'none'", "'self'"}
    assert policy["frame-ancestors"] == "'none'"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_the_docs_page_speaks_to_those_who_do_not_see_it(start: Any) -> None:
    async with start({}) as gateway:
        page = (await gateway.client.get("/api/docs")).text
    assert '<html lang="en">' in page
    for field in re.findall(r'<input id="([^"]+)"', page):
        assert f'for="{field}"' in page
    for landmark in ("<header", "<nav", "<main", "<h1"):
        assert page.count(landmark) == 1
