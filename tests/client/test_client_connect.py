"""From the published address to the right Ollama, before anything private is sent."""

import errno
import socket
import ssl
from collections.abc import AsyncIterator
from ipaddress import ip_address

import httpx
import pytest
from msgspec.structs import replace

from popote_client.client import Popote, Waits
from popote_client.connect import Connector, Wish
from popote_client.diagnosis import is_away, own_address, reason_of, shares_network
from popote_client.failures import (
    Away,
    ChooseModel,
    Forbidden,
    ModelMissing,
    NoModels,
    Unreachable,
    WrongServer,
)
from popote_client.ollama import http_client
from popote_client.protocol import Model
from popote_client.resolve import Resolver
from popote_client.testing import StandInBackend, StandInModel, StandInOllama
from popote_client.testing.http_server import HttpServer

QWEN = StandInModel(name="qwen3:8b", digest="d-qwen")
LLAMA = StandInModel(name="llama3.2:latest", digest="d-llama")


@pytest.fixture
async def connector(
    popote: Popote, backend: StandInBackend, ollama: StandInOllama, quick: Waits
) -> AsyncIterator[Connector]:
    backend.address = ollama.base_url
    async with http_client(quick.ollama) as http:
        yield Connector(Resolver(popote.api, popote.state, total_s=5), http, quick.ollama)


async def test_the_only_model_is_used(connector: Connector, ollama: StandInOllama) -> None:
    link = await connector.connect(Wish())

    assert link.model.name == "stand-in:latest"
    assert link.address.url == ollama.base_url
    assert link.address.stale_for_s is None


async def test_the_model_asked_for_comes_before_the_last_used_one(connector: Connector, ollama: StandInOllama) -> None:
    ollama.models = [QWEN, LLAMA]
    last = Model("qwen3:8b", "d-qwen")

    assert (await connector.connect(Wish(last=last))).model.name == "qwen3:8b"
    assert (await connector.connect(Wish(asked="llama3.2", last=last))).model.name == "llama3.2:latest"


async def test_between_several_models_the_person_chooses(connector: Connector, ollama: StandInOllama) -> None:
    ollama.models = [QWEN, LLAMA]

    with pytest.raises(ChooseModel) as choice:
        await connector.connect(Wish())
    assert choice.value.models == ["llama3.2:latest", "qwen3:8b"]


async def test_a_model_that_is_not_there_is_told_with_the_command_that_brings_it(connector: Connector) -> None:
    with pytest.raises(ModelMissing, match="ollama pull mistral"):
        await connector.connect(Wish(asked="mistral"))


async def test_a_server_without_any_model_is_told(connector: Connector, ollama: StandInOllama) -> None:
    ollama.models = []
    with pytest.raises(NoModels):
        await connector.connect(Wish())


async def test_another_digest_than_last_time_is_the_wrong_server_unless_the_person_says_otherwise(
    connector: Connector, ollama: StandInOllama
) -> None:
    last = Model("stand-in:latest", "another digest")

    with pytest.raises(WrongServer):
        await connector.connect(Wish(last=last))
    assert ollama.chats == []

    assert (await connector.connect(Wish(last=last, accept_server=True))).model.digest != "another digest"


async def test_on_an_accepted_server_without_the_last_model_its_only_one_is_used(
    connector: Connector, ollama: StandInOllama
) -> None:
    ollama.models = [LLAMA]
    link = await connector.connect(Wish(last=Model("qwen3:8b", "d-qwen"), accept_server=True))

    assert link.model.name == "llama3.2:latest"


async def test_an_address_that_moved_is_found_by_one_more_look_at_the_backend(
    connector: Connector, backend: StandInBackend, ollama: StandInOllama
) -> None:
    async with StandInOllama() as old:
        backend.address = old.base_url
        await connector.connect(Wish())
    backend.address, backend.etag = ollama.base_url, '"2"'

    assert (await connector.connect(Wish())).address.url == ollama.base_url
    assert backend.calls["GET ollama"] == 2


async def test_the_wrong_server_at_an_old_address_is_left_for_the_new_address(
    connector: Connector, backend: StandInBackend, ollama: StandInOllama
) -> None:
    async with StandInOllama([LLAMA]) as other:
        backend.address = other.base_url
        await connector.connect(Wish())
        backend.address, backend.etag = ollama.base_url, '"2"'
        last = Model("stand-in:latest", ollama.models[0].digest_or_made)

        assert (await connector.connect(Wish(last=last))).address.url == ollama.base_url


async def test_a_refused_connection_is_told_with_the_fix(
    connector: Connector, backend: StandInBackend, ollama: StandInOllama
) -> None:
    await ollama.stop()

    with pytest.raises(Unreachable, match="OLLAMA_HOST") as failure:
        await connector.connect(Wish())
    assert (failure.value.code, failure.value.reason) == ("UNREACHABLE", "refused")
    assert backend.calls["GET ollama"] == 2  # once more, forced


async def test_a_server_that_does_not_answer_is_a_timeout(
    connector: Connector, popote: Popote, ollama: StandInOllama, quick: Waits
) -> None:
    ollama.is_deaf = True
    impatient = Connector(connector._resolver, connector._http, replace(quick.ollama, probe_s=0.2))

    with pytest.raises(Unreachable) as failure:
        await impatient.connect(Wish())
    assert failure.value.reason == "timeout"


async def test_a_login_page_is_not_ollama(connector: Connector, ollama: StandInOllama) -> None:
    ollama.is_portal = True

    with pytest.raises(Unreachable) as failure:
        await connector.connect(Wish())
    assert failure.value.reason == "not_ollama"


@pytest.mark.parametrize("version", ["", "x" * 65])
async def test_a_version_that_is_none_is_not_ollama(connector: Connector, ollama: StandInOllama, version: str) -> None:
    ollama.version = version

    with pytest.raises(Unreachable) as failure:
        await connector.connect(Wish())
    assert failure.value.reason == "not_ollama"


async def test_a_redirect_is_not_followed(
    popote: Popote, backend: StandInBackend, quick: Waits, ollama: StandInOllama
) -> None:
    backend.address = ollama.base_url + "/"  # its paths begin with //, which Ollama answers with a redirect
    async with Popote(home=popote.state.path.parent, waits=quick) as device:
        with pytest.raises(Unreachable) as failure:
            [event async for event in device.ask("Hello")]

    assert failure.value.reason == "not_ollama"
    assert {request.path for request in ollama.requests} == {"//api/version"}


async def test_an_ollama_that_takes_no_requests_from_here_is_forbidden(
    raw_refusal: HttpServer, connector: Connector, backend: StandInBackend
) -> None:
    backend.address = raw_refusal.base_url

    with pytest.raises(Forbidden):
        await connector.connect(Wish())


@pytest.mark.parametrize(
    "address", ["ftp://192.168.1.2", "http://", "marie:secret@192.168.1.2", "http://marie:secret@192.168.1.2", "", "x"]
)
async def test_an_address_that_would_send_credentials_or_is_none_is_not_called(
    connector: Connector, backend: StandInBackend, address: str
) -> None:
    backend.address = address

    with pytest.raises(Unreachable) as failure:
        await connector.connect(Wish())
    assert failure.value.reason == "bad_address"


def chain(cause: BaseException) -> httpx.ConnectError:
    """An error as httpx raises it, some layers above its cause."""
    middle = OSError("All connection attempts failed")
    middle.__cause__ = ExceptionGroup("several", [cause]) if isinstance(cause, Exception) else cause
    error = httpx.ConnectError("failed")
    error.__cause__ = middle
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (chain(ConnectionRefusedError(errno.ECONNREFUSED, "refused")), "refused"),
        (chain(OSError(errno.EHOSTUNREACH, "no route")), "no_route"),
        (chain(OSError(errno.ENETUNREACH, "no network")), "no_route"),
        (chain(socket.gaierror(socket.EAI_NONAME, "unknown")), "unknown_name"),
        (chain(ssl.SSLCertVerificationError("self-signed")), "tls"),
        (httpx.ConnectTimeout("slow"), "timeout"),
        (TimeoutError(), "timeout"),
        (httpx.UnsupportedProtocol("ftp"), "bad_address"),
        (httpx.ReadError("reset"), "dropped"),
    ],
)
def test_a_failed_connection_is_told_by_what_caused_it(error: BaseException, reason: str) -> None:
    assert reason_of(error) == reason
    assert Unreachable(url="http://a", reason=reason).sentence("fr")


@pytest.mark.parametrize(
    ("ours", "theirs", "shared"),
    [
        ("192.168.11.20", "192.168.11.101", True),
        ("192.168.1.20", "192.168.11.101", False),
        ("10.3.4.5", "192.168.11.101", False),
        ("fd12:3456::20", "fd12:3456::1", True),
        ("fd12:9999::20", "fd12:3456::1", False),
        ("192.168.11.20", "fd12:3456::1", False),
    ],
)
def test_two_addresses_of_one_home_share_their_prefix(ours: str, theirs: str, shared: bool) -> None:
    assert shares_network(ip_address(theirs), ip_address(ours)) is shared


def test_without_a_way_to_the_address_there_is_no_shared_network() -> None:
    assert not shares_network(ip_address("192.168.11.101"), None)
    assert own_address(ip_address("127.0.0.1")) == ip_address("127.0.0.1")


@pytest.mark.parametrize(
    ("url", "reason", "away"),
    [
        ("http://gpu-box.local:11434", "unknown_name", True),
        ("http://gpu-box:11434", "unknown_name", True),
        ("https://ai.example.com", "unknown_name", False),
        ("https://ai.example.com", "timeout", False),
        ("http://127.0.0.1:11434", "timeout", False),
        ("http://203.0.113.9:11434", "refused", False),
    ],
)
def test_only_a_silent_home_address_means_away(url: str, reason: str, away: bool) -> None:
    assert is_away(url, reason) is away


def test_being_away_points_to_the_history() -> None:
    away = Away(url="http://192.168.11.101:11434", reason="timeout")

    assert away.code == "AWAY"
    assert "popote history" in away.sentence("en")
    assert away.sentence("fr").startswith("Vous semblez loin")
