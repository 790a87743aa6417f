"""What a person reads when Popote is up."""

import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Final, TextIO

from popote_launcher.network import reach
from popote_launcher.peers import ollama_answers

LOOPBACK: Final = "127.0.0.1"
OLLAMA_PORT: Final = 11434  # where an Ollama listens unless it is told otherwise


def show(listens_on: str, port: int, *, home: Path, setup_code: str | None, out: TextIO = sys.stdout) -> None:
    """Print the addresses, a QR code for the phone where a person can scan one, and the setup code if it is of use."""
    here, there = reach(listens_on)
    url = f"http://{there}:{port}"
    print(f"\nPopote is up.\n\n  On your phone     {url if there else _why_not(listens_on)}", file=out)
    print(f"  On this machine   http://{here}:{port}\n  Your data         {home}", file=out)
    if setup_code:
        print(f"  Setup code        popote setup {setup_code}   (makes you the operator, once)", file=out)
    if there and out.isatty():
        _show_qr(url, out)
    print("\nCtrl-C stops it.\n", file=out, flush=True)


def _why_not(listens_on: str) -> str:
    if ip_address(listens_on).is_loopback:
        return f"no: it listens on {listens_on} (POPOTE_HOST), for this machine alone"
    return "no: this machine is in no network now; start Popote again when it is"


async def show_ollama(lan: str | None, port: int = OLLAMA_PORT, out: TextIO = sys.stdout) -> None:
    """Say how to publish the Ollama of this machine, which others reach as `lan`, if there is one."""
    if lan and await ollama_answers(lan, port):
        print("An Ollama runs on this machine. Publish its address to your household:\n", file=out)
        print(f"  popote ollama set http://{lan}:{port}\n", file=out, flush=True)
    elif await ollama_answers(LOOPBACK, port):
        print("An Ollama runs on this machine, but for this machine alone. For phones on your Wi-Fi,", file=out)
        print("start it with OLLAMA_HOST=0.0.0.0, then start Popote again.\n", file=out, flush=True)


def _show_qr(url: str, out: TextIO) -> None:
    import segno  # noqa: PLC0415 - only where a person can see it

    print(file=out)
    segno.make(url, micro=False).terminal(out, compact=True)
