"""What a person reads when Popote is up."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from popote_launcher import network, welcome
from popote_launcher.home import CODE_ALPHABET, setup_code


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@asynccontextmanager
async def ollama() -> AsyncIterator[int]:
    """An Ollama on loopback, as far as its version; gives its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 19\r\nconnection: close\r\n\r\n{"version":"0.5.1"}')
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def shown(listens_on: str, *, code: str | None = None, out: io.StringIO | None = None) -> str:
    out = out or io.StringIO()
    welcome.show(listens_on, 8080, home=Path("/data"), setup_code=code, out=out)
    return out.getvalue()


def test_a_terminal_gets_a_code_for_the_phone_to_scan() -> None:
    assert "▄" in shown("192.168.11.20", out=Terminal())
    assert "▄" not in shown("192.168.11.20")


def test_the_address_for_the_phone_is_the_one_that_is_listened_on() -> None:
    assert "On your phone     http://192.168.11.20:8080\n  On this machine   http://192.168.11.20:8080\n" in shown(
        "192.168.11.20"
    )
    assert "On your phone     http://[fd12::20]:8080\n" in shown("fd12::20")


@pytest.mark.parametrize("everywhere", ["::", "0.0.0.0"])  # noqa: S104 - nothing listens there
def test_where_every_address_is_listened_on_the_phone_gets_that_of_the_home_network(everywhere: str) -> None:
    lan = network.lan_address()
    expected = f"http://{lan}:8080" if lan else "no: this machine is in no network now"
    assert f"On your phone     {expected}" in shown(everywhere)
    assert "On this machine   http://localhost:8080\n" in shown(everywhere)


@pytest.mark.parametrize("loopback", ["127.0.0.1", "::1"])
def test_what_listens_for_this_machine_alone_is_not_offered_to_the_phone(loopback: str) -> None:
    output = shown(loopback, out=Terminal())
    assert f"On your phone     no: it listens on {loopback} (POPOTE_HOST)" in output
    assert "On this machine   http://localhost:8080\n" in output
    assert "▄" not in output


def test_a_home_network_without_the_internet_is_found_and_a_container_network_is_not_taken_for_one() -> None:
    interfaces = {
        "docker0": ["172.17.0.1"],
        "veth12ab": ["172.18.0.1"],
        "eth0": ["169.254.7.7"],
        "wlan0": ["192.168.11.20"],
    }
    assert list(network.home_addresses(interfaces)) == ["192.168.11.20"]
    assert list(network.home_addresses({})) == []


def test_the_welcome_says_how_to_use_the_setup_code() -> None:
    assert "Setup code        popote setup ABCD-EFGH-JKMN" in shown("::", code="ABCD-EFGH-JKMN")


def test_a_setup_code_that_was_used_is_not_shown() -> None:
    assert "Setup code" not in shown("::")


def test_a_setup_code_can_be_read_out_and_is_never_the_same() -> None:
    codes = {setup_code() for _ in range(100)}
    assert len(codes) == 100
    assert set("".join(codes)) <= {*CODE_ALPHABET, "-"}


async def test_an_ollama_for_the_whole_home_can_be_published() -> None:
    out = io.StringIO()
    async with ollama() as port:
        await welcome.show_ollama("localhost", port, out)  # stands for the address in the home network
    assert f"\n  popote ollama set http://localhost:{port}\n" in out.getvalue()


async def test_an_ollama_for_this_machine_alone_is_told_how_to_open_up() -> None:
    out = io.StringIO()
    async with ollama() as port:
        await welcome.show_ollama(None, port, out)
    assert "OLLAMA_HOST=0.0.0.0" in out.getvalue()
    assert "popote ollama set" not in out.getvalue()


async def test_without_an_ollama_nothing_is_said() -> None:
    out = io.StringIO()
    async with ollama() as port:
        pass
    await welcome.show_ollama("localhost", port, out)
    assert out.getvalue() == ""
