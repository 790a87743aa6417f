"""What travels between this client and Ollama, and how long and how much of it we take."""

from collections.abc import Sequence

import msgspec

MIB = 1024 * 1024


class OllamaLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Waits are in seconds."""

    connect_s: float = 1.5
    probe_s: float = 2.5  # a whole GET /api/version
    list_s: float = 10  # a whole GET /api/tags
    first_byte_s: float = 300  # loading, queueing and reading the prompt are silent
    side_check_s: float = 5  # from one look at a silent server to the next
    side_misses: int = 2  # so many in a row, and it is lost
    idle_s: float = 120  # between two pieces of an answer
    line_bytes: int = 4 * MIB
    answer_bytes: int = 64 * MIB


class Model(msgspec.Struct, frozen=True):
    name: str
    digest: str


class ModelList(msgspec.Struct, frozen=True):
    models: list[Model]


class Version(msgspec.Struct, frozen=True):
    version: str


class Turn(msgspec.Struct, frozen=True):
    """One message of a conversation."""

    role: str
    content: str


class Question(msgspec.Struct, frozen=True):
    """What is asked. `num_ctx`, `keep_alive` and `think` are left to Ollama while nothing is published about them."""

    model: str
    messages: Sequence[Turn]
    stream: bool = True


class Silence(msgspec.Struct, frozen=True):
    """The server is there, but nothing has come since the question was sent."""

    seconds: float


class Said(msgspec.Struct, frozen=True):
    content: str = ""
    thinking: str = ""


class Line(msgspec.Struct, frozen=True):
    """One line of an answer. The last is `done` and has the figures; durations are in nanoseconds."""

    message: Said = Said()
    done: bool = False
    done_reason: str = ""
    error: str | None = None
    total_duration: int = 0
    load_duration: int = 0
    prompt_eval_count: int = 0
    eval_count: int = 0


class ErrorBody(msgspec.Struct, frozen=True):
    error: str
