"""What a person reads when Popote is up."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from popote_launcher import welcome
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


def test_a_terminal_gets_a_code_for_the_phone_to_scan() -> None:
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        welcome.show(8080, home=Path("/data"), setup_code="ABCD-EFGH-JKMN", out=out)
    assert "▄" in terminal.getvalue()
    assert "▄" not in file.getvalue()
    assert f"http://{welcome.lan_address()}:8080" in file.getvalue()
    assert "ABCD-EFGH-JKMN" in file.getvalue()


def test_a_setup_code_that_was_used_is_not_shown() -> None:
    out = io.StringIO()
    welcome.show(8080, home=Path("/data"), setup_code=None, out=out)
    assert "Setup code" not in out.getvalue()


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
        await welcome.show_ollama("127.0.0.1", port, out)
    assert "OLLAMA_HOST=0.0.0.0" in out.getvalue()
    assert "popote ollama set" not in out.getvalue()


async def test_without_an_ollama_nothing_is_said() -> None:
    out = io.StringIO()
    async with ollama() as port:
        pass
    await welcome.show_ollama("localhost", port, out)
    assert out.getvalue() == ""
