"""What a person reads when Popote is up."""

import socket
import sys
from pathlib import Path
from typing import Final, TextIO

from popote_launcher.peers import ollama_answers

LOOPBACK: Final = "127.0.0.1"
OLLAMA_PORT: Final = 11434  # where an Ollama listens unless it is told otherwise
ELSEWHERE: Final = "192.0.2.1"  # RFC 5737: an address of nobody; nothing is sent to it


def lan_address() -> str:
    """Return the IPv4 address that other devices at home reach this machine by, or 127.0.0.1 without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE, 9))
            return str(probe.getsockname()[0])
        except OSError:
            return LOOPBACK


def show(port: int, *, home: Path, setup_code: str | None, out: TextIO = sys.stdout) -> None:
    """Print the address, a QR code of it where a person can scan one, and the setup code if it is still of use."""
    url = f"http://{lan_address()}:{port}"
    print(f"\nPopote is up.\n\n  On your phone     {url}\n  On this machine   http://localhost:{port}", file=out)
    print(f"  Your data         {home}", file=out)
    if setup_code:
        print(f"  Setup code        {setup_code}   (makes the first person who enters it the operator)", file=out)
    if out.isatty():
        _show_qr(url, out)
    print("\nCtrl-C stops it.\n", file=out, flush=True)


async def show_ollama(lan: str, port: int = OLLAMA_PORT, out: TextIO = sys.stdout) -> None:
    """Say how to publish the Ollama of this machine, which others reach as `lan`, if there is one."""
    if lan != LOOPBACK and await ollama_answers(lan, port):
        print("An Ollama runs on this machine. Publish its address to your household:\n", file=out)
        print(f"  popote ollama set http://{lan}:{port}\n", file=out, flush=True)
    elif await ollama_answers(LOOPBACK, port):
        print("An Ollama runs on this machine, but for this machine alone. For phones on your Wi-Fi,", file=out)
        print("start it with OLLAMA_HOST=0.0.0.0, then start Popote again.\n", file=out, flush=True)


def _show_qr(url: str, out: TextIO) -> None:
    import segno  # noqa: PLC0415 - only where a person can see it

    print(file=out)
    segno.make(url, micro=False).terminal(out, compact=True)
