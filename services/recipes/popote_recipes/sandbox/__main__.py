"""The child: `python -I -m popote_recipes.sandbox <task> <seconds>`, from standard input to standard output."""

import math
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

import msgspec

MEMORY: Final = 512 * 1024 * 1024  # bytes of address space
FILES: Final = 64
MAX_REASON: Final = 2000  # characters

# Their payload is the list of their arguments.
READERS: Final[Mapping[str, str]] = {
    "cookbook": "popote_recipes.reading.cookbooks:read_cookbook",
    "cookbook_pictures": "popote_recipes.reading.cookbooks:read_pictures",
    "image": "popote_recipes.reading.pictures:read_picture",
    "page": "popote_recipes.reading.pages:read_page",
    "json": "popote_recipes.reading.structured:read_json",
    "text": "popote_recipes.reading.text:read_text",
    "model_output": "popote_recipes.reading.model_output:read_model_output",
}
# Those that take bytes and give bytes.
TASKS: Final[Mapping[str, str]] = {}


def limit(seconds: float) -> None:
    """Let this process have little of everything, and end by itself should nobody be left to end it."""
    whole = math.ceil(seconds)
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, whole),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    signal.alarm(whole + 1)


def perform(task: str, payload: bytes) -> bytes:
    if task in READERS:
        return msgspec.msgpack.encode(_found(READERS[task])(*msgspec.msgpack.decode(payload)))
    answer: bytes = _found(TASKS[task])(payload)
    return answer


def _found(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def main(task: str, seconds: str) -> int:
    limit(float(seconds))
    try:
        answer, failed = perform(task, sys.stdin.buffer.read()), 0
    except Exception:  # noqa: BLE001 - whatever a stranger's input does, the parent is told in one way
        answer, failed = traceback.format_exc()[-MAX_REASON:].encode(errors="replace"), 1
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
