"""What a stand-in Ollama has, and how it answers."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Literal

import msgspec

Ending = Literal["done", "error", "cut", "drop", "hang"]


class StandInModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model; without a `digest` it has one made of its name. `capabilities` as in `/api/show`."""

    name: str = "stand-in:latest"
    digest: str = ""
    capabilities: tuple[str, ...] = ("completion", "tools", "thinking")
    context_length: int = 40960

    @property
    def digest_or_made(self) -> str:
        return self.digest or sha256(self.name.encode()).hexdigest()


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """How one chat is answered.

    `tokens`: what is said, piece by piece; None says back what was asked, word by word.
    `thinking`: what is thought before, in one piece, unless the request says `think: false`.
    `tool_calls`: as in Ollama's messages; they come on one line before the last.
    `load_s`: silence of a cold load, in seconds, where the model is not loaded; it is lost when the caller hangs up.
    `token_s`: the wait before each token, in seconds.
    `ending`, after `after` tokens (None: all of them):
        done: the last line, with `done_reason`;
        error: one more line with `error` (before the first token: status 500);
        cut: the answer ends without `done`;
        drop: the connection breaks (before the first token: without any answer);
        hang: nothing more comes.
    `status`, `error`: another status than 200 is the whole answer; without `error` its body is empty.
    `html`: a page in place of the answer, as from a router.
    `piece_bytes`: the answer is sent in pieces of so many bytes, wherever that cuts; None sends line by line.
    """

    tokens: Sequence[str] | None = None
    thinking: str = ""
    tool_calls: Sequence[dict[str, Any]] = ()
    load_s: float = 0
    token_s: float = 0
    ending: Ending = "done"
    after: int | None = None
    done_reason: str = "stop"
    status: int = 200
    error: str = ""
    html: bool = False
    piece_bytes: int | None = None
