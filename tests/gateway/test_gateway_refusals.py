"""What is refused at the door; with either carrier nothing of it reaches a service."""

import json
import subprocess
import sys
from typing import Any

import pytest

from popote_gateway.app import create_app
from popote_gateway.carriers.in_process import InProcess
from popote_gateway.settings import Settings
from popote_kit.settings import SettingsError

SECRET = "a secret of these tests, 32 characters or more"

ODD_PATHS = {
    b"/api/chat/../auth/login": "dot_segment",
    b"/api/chat/..": "dot_segment",
    b"/api/chat/./x": "dot_segment",
    b"/api/chat/%2e%2e/x": "dot_segment",
    b"/api/chat/.%2E/x": "dot_segment",
    b"/api/chat/%2e": "dot_segment",
    b"/../internal/actions": "dot_segment",
    b"/api/chat/%2e%2e%2finternal": "encoded_slash",
    b"/api/chat/a%2Fb": "encoded_slash",
    b"/api/chat/a%5cb": "backslash",
    b"/api/chat/a\\b": "backslash",
    b"/api/chat/a%00": "control_character",
    b"/api/chat/a%0d%0aX:1": "control_character",
    b"/api/chat/%7f": "control_character",
    b"/api/chat/%252e%252e/x": "encoded_percent",
    b"/api/chat/a%25": "encoded_percent",
    b"/api/chat/a;b=1": "semicolon",
    b"/api/chat/..;/x": "semicolon",
    b"/api/chat/a%3Bb": "semicolon",
    b"//api/chat": "empty_segment",
    b"/api//chat/x": "empty_segment",
    b"/api/chat//": "empty_segment",
    b"/api/chat/%c0%ae%c0%ae/x": "non_ascii",
    b"/api/chat/%C3%A9": "non_ascii",
    b"/api/chat/%zz": "bad_escape",
    b"/api/chat/%2": "bad_escape",
    b"/api/chat/x?q=%00": "query",
}
UNREADABLE = (b"/api/chat/\xc3\xa9", b"/api/chat/\xff", b"*", b"api/chat", b"", b"/api/chat/x y")


async def test_odd_paths_are_refused_never_tidied_up(start: Any, peer: Any) -> None:
    async with start({"chat": peer, "auth": peer}) as gateway:
        for target, reason in ODD_PATHS.items():
            head, _, content = (await gateway.ask(target)).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 400"), target
            assert (json.loads(content)["type"], json.loads(content)["reason"]) == ("/problems/path-refused", reason)
    assert not peer.seen


async def test_targets_that_are_no_path_are_refused(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        for target in UNREADABLE:
            assert (await gateway.ask(target)).startswith(b"HTTP/1.1 400"), target
    assert not peer.seen


async def test_path_and_query_have_a_longest_length(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        just = await gateway.ask(b"/api/chat/x?q=" + b"a" * (4096 - 14))
        over = await gateway.ask(b"/api/chat/x?q=" + b"a" * (4096 - 13))
    assert just.startswith(b"HTTP/1.1 200")
    assert over.startswith(b"HTTP/1.1 414")
    assert b"/problems/url-too-long" in over
    assert len(peer.seen) == 1


async def test_without_a_list_the_names_of_a_home_network_are_taken(start: Any, peer: Any) -> None:
    taken = (
        "localhost",
        "LOCALHOST:8080",
        "127.0.0.1",
        "192.168.11.5:8080",
        "[::1]:8080",
        "[fd12::1]",
        "kitchen.local",
        "pi.local.",
    )
    refused = (
        "evil.example", "popote", "localhost.evil.ex", "127.0.0.1.evil.example", "local", ".local", "192.168.011.1",
        "::1", "[127.0.0.1]", "localhost:8080:1", "localhost/x", "user@localhost", "a b", "",
    )  # fmt: skip
    async with start({"chat": peer}) as gateway:
        for name in taken:
            answer = await gateway.ask(b"/api/chat/x", headers=b"Host: %s\r\n" % name.encode())
            assert answer.startswith(b"HTTP/1.1 200"), name
        for name in refused:
            answer = await gateway.ask(b"/api/chat/x", headers=b"Host: %s\r\n" % name.encode())
            assert answer.startswith(b"HTTP/1.1 400"), name
            assert b"/problems/host-refused" in answer
    assert len(peer.seen) == len(taken)


async def test_with_a_list_only_its_names_are_taken(start: Any, peer: Any) -> None:
    async with start({"chat": peer}, hosts="popote.example, api.popote.example") as gateway:
        for name, status in (
            (b"popote.example", b"200"),
            (b"API.popote.example:443", b"200"),
            (b"localhost", b"400"),
            (b"192.168.11.5", b"400"),
            (b"x.popote.example", b"400"),
        ):
            answer = await gateway.ask(b"/api/chat/x", headers=b"Host: %s\r\n" % name)
            assert answer.split(b" ")[1] == status, name


async def test_health_checks_from_inside_need_no_public_name(start: Any) -> None:
    async with start({}, hosts="popote.example") as gateway:
        for name in (b"healthcheck.railway.app", b"127.0.0.1:8080", b"localhost", b"popote.example"):
            assert (await gateway.ask(b"/healthz", headers=b"Host: %s\r\n" % name)).startswith(b"HTTP/1.1 200"), name
        assert (await gateway.ask(b"/healthz", headers=b"Host: evil.example\r\n")).startswith(b"HTTP/1.1 400")
        answer = await gateway.ask(b"/api/docs", headers=b"Host: healthcheck.railway.app\r\n")
        assert answer.startswith(b"HTTP/1.1 400")


async def test_no_host_and_two_hosts_are_refused(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        for headers in (b"", b"Host: localhost\r\nHost: localhost\r\n", b"Host: localhost\r\nHost: evil.example\r\n"):
            assert (await gateway.ask(b"/api/chat/x", headers=headers)).startswith(b"HTTP/1.1 400")
    assert not peer.seen


async def test_two_framings_or_two_lengths_are_refused(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        for framing in (
            b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            b"Content-Length: 2\r\nContent-Length: 2\r\n",
            b"Content-Length: 2\r\nContent-Length: 3\r\n",
            b"Content-Length: +2\r\n",
            b"Transfer-Encoding: chunked, identity\r\n",
        ):
            answer = await gateway.raw(b"POST /api/chat/x HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n0\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 400"), framing
    assert not any(seen.body for seen in peer.seen)


async def test_compressed_bodies_are_refused(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        for encoding in ("gzip", "br", "identity"):
            answer = await gateway.client.post("/api/chat/x", content=b"{}", headers={"Content-Encoding": encoding})
            assert (answer.status_code, answer.json()["type"]) == (415, "/problems/body-encoded")
    assert not peer.seen


async def test_methods_without_a_meaning_here_are_refused(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        for method in (b"TRACE", b"PROPFIND", b"PURGE"):
            answer = await gateway.ask(b"/api/chat/x", method=method)
            assert answer.startswith(b"HTTP/1.1 405")
            assert b"allow: GET, HEAD, POST, PUT, PATCH, DELETE" in answer
    assert not peer.seen


async def test_refusals_speak_the_language_of_the_client(start: Any) -> None:
    async with start({}) as gateway:
        french = await gateway.client.get("/nowhere", headers={"Accept-Language": "fr-CH, en;q=0.5"})
        english = await gateway.client.get("/nowhere", headers={"Accept-Language": "de"})
    assert french.json()["detail"] == "Il n'y a rien ici."
    assert english.json()["detail"] == "There is nothing here."
    assert french.json()["title"] == english.json()["title"]


async def test_other_origins_are_not_let_in_unless_listed(start: Any, peer: Any) -> None:
    page = {"Origin": "https://app.example"}
    async with start({"chat": peer}) as gateway:
        answer = await gateway.client.get("/api/chat/x", headers=page)
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_listed_origins_may_ask_first_and_read_every_answer(start: Any, peer: Any) -> None:
    page = {"Origin": "https://app.example"}
    asking = {**page, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
    async with start({"chat": peer}, cors_origins="https://app.example,capacitor://localhost") as gateway:
        preflight = await gateway.client.options("/api/chat/x", headers=asking)
        assert not peer.seen
        answers = [
            await gateway.client.get(target, headers=page) for target in ("/api/chat/x", "/api/stock/x", "/nowhere")
        ]
        native = await gateway.client.get("/api/chat/x", headers={"Origin": "capacitor://localhost"})
    assert preflight.status_code == 204
    assert "PUT" in preflight.headers["access-control-allow-methods"]
    assert {"authorization", "idempotency-key", "if-match"} <= set(
        preflight.headers["access-control-allow-headers"].split(", ")
    )
    assert [answer.status_code for answer in answers] == [200, 503, 404]
    for answer in (preflight, *answers):
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert "access-control-allow-credentials" not in answer.headers
        assert "ETag" in answer.headers["access-control-expose-headers"]
        assert answer.headers["vary"] == "Origin"
    assert native.headers["access-control-allow-origin"] == "capacitor://localhost"


async def test_an_origin_that_only_looks_listed_is_not(start: Any, peer: Any) -> None:
    async with start({"chat": peer}, cors_origins="https://app.example") as gateway:
        for origin in (
            "https://app.example.evil",
            "http://app.example",
            "https://app.example:444",
            "null",
            "HTTPS://app.example",
        ):
            answer = await gateway.client.get("/api/chat/x", headers={"Origin": origin})
            assert "access-control-allow-origin" not in answer.headers
            assert answer.headers["vary"] == "Origin"


async def test_browsers_keep_to_https_when_told(start: Any, peer: Any) -> None:
    async with start({"chat": peer}, hsts_s=600) as gateway:
        for target in ("/api/chat/x", "/nowhere", "/healthz"):
            answer = await gateway.client.get(target)
            assert answer.headers["strict-transport-security"] == "max-age=600"
    async with start({"chat": peer}) as gateway:
        assert "strict-transport-security" not in (await gateway.client.get("/api/chat/x")).headers


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        ({"cors_origins": "https://app.example/"}, "GATEWAY_CORS_ORIGINS"),
        ({"cors_origins": "*"}, "GATEWAY_CORS_ORIGINS"),
        ({"cors_origins": "app.example"}, "GATEWAY_CORS_ORIGINS"),
        ({"trusted_edge": "10.0.0.0/8, proxy"}, "GATEWAY_TRUSTED_EDGE"),
    ],
)
def test_a_wrong_setting_is_named(settings: Any, variable: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        create_app(Settings(secret=SECRET, **settings), InProcess({}))


def test_the_program_names_the_variable_that_is_missing() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "popote_gateway", "serve"],
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (run.returncode, run.stderr.strip()) == (
        1,
        "GATEWAY_SECRET is not set (or GATEWAY_SECRET_FILE, a file that holds it)",
    )
