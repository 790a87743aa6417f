"""What happens during a chat, in order; also the lines of `popote chat --json`."""

from uuid import UUID

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag=str.lower):
    pass


class Connected(Event, frozen=True):
    """The right Ollama answers; the question goes to it now. Comes again where it had to be sent once more.

    `address_age_s`: how old the address is, in seconds, where the backend could not confirm it.
    """

    conversation: UUID
    model: str
    address: str
    address_age_s: float | None = None


class Waking(Event, frozen=True):
    """The server is there, and has been silent for so long: it loads the model, or others come first."""

    seconds: float


class Thinking(Event, frozen=True):
    text: str


class Text(Event, frozen=True):
    """The next piece of the answer."""

    text: str


class Done(Event, frozen=True):
    """The answer is whole, or `is_cut` at the model's limit and can be continued."""

    conversation: UUID
    message: UUID
    model: str
    done_reason: str
    is_cut: bool
    answer_tokens: int
    seconds: float


class Failed(Event, frozen=True):
    """There is no whole answer. `code` is for programs, `message` for people; the text so far came as `Text`."""

    code: str
    message: str


class Saved(Event, frozen=True):
    """How many messages of this person still wait on this device, and how many the backend will not take."""

    waiting: int
    parked: int
