"""One question and its answer: the prompt goes straight to Ollama, the words of both into the history."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from uuid import UUID

from msgspec.structs import replace
from uuid_utils.compat import uuid7

from popote_client.connect import Connector, Link, Wish
from popote_client.events import Connected, Done, Event, Text, Thinking, Waking
from popote_client.failures import NoAnswer
from popote_client.history import History
from popote_client.memory import Memory
from popote_client.protocol import Line, Model, Question, Silence, Turn
from popote_client.wire import Message, Role

SPOKEN = {"user", "assistant", "system"}
NANOSECONDS = 1e9


class Chat:
    """Chats of one person. `memory` holds the model that answered last; without a `history` nothing is saved."""

    def __init__(self, connector: Connector, memory: Memory, history: History | None) -> None:
        self._connector = connector
        self._memory = memory
        self._history = history

    async def ask(
        self, text: str, *, conversation: UUID | None = None, model: str | None = None, accept_server: bool = False
    ) -> AsyncGenerator[Event, None]:
        """Ask, in a conversation that exists or in a new one, and yield what happens, up to `Done`.

        Raises:
            OllamaFailure: there is no answer, or (Unfinished) only the text so far, which is saved as it is.
            Problem, BackendUnreachable, NotLoggedIn: the conversation or the address can't be read.
        """
        earlier = await self._history.transcript(conversation) if self._history and conversation else []
        wish = Wish(asked=model, last=await asyncio.to_thread(self._memory.last), accept_server=accept_server)
        round_ = Round(self._history, conversation or uuid7(), text)
        try:
            async with aclosing(self._answer(wish, [*turns(earlier), Turn("user", text)])) as answer:
                async for part in answer:
                    if isinstance(part, Line) and part.done:
                        await asyncio.to_thread(self._memory.keep, round_.model)
                    for event in round_.take(part):
                        yield event
        finally:
            round_.save_answer()

    async def _answer(self, wish: Wish, asked: Sequence[Turn]) -> AsyncGenerator[Link | Silence | Line, None]:
        """Connect and ask; if that broke off before the first byte, do both once more."""
        for tries_left in (1, 0):
            try:
                async with aclosing(self._try(wish, asked)) as parts:
                    async for part in parts:
                        yield part
            except NoAnswer:
                if not tries_left:
                    raise
            else:
                return

    async def _try(self, wish: Wish, asked: Sequence[Turn]) -> AsyncGenerator[Link | Silence | Line, None]:
        link = await self._connector.connect(wish)
        yield link
        async with aclosing(link.ollama.chat(Question(link.model.name, asked))) as parts:
            async for part in parts:
                yield part


class Round:
    """A question and its answer as it grows. Both are saved once: when asked, and when it ends in whatever way."""

    def __init__(self, history: History | None, conversation: UUID, question: str) -> None:
        self._history = history
        self._conversation = conversation
        self._unsaved_question = [message("user", question)]
        self._answer_id = uuid7()
        self._pieces: list[str] = []
        self._done_reason = "interrupted"
        self.model = Model("", "")

    def take(self, part: Link | Silence | Line) -> Iterator[Event]:
        """Note what happened; yield it as events."""
        match part:
            case Link():
                yield self._connected(part)
            case Silence():
                yield Waking(seconds=part.seconds)
            case Line():
                yield from self._line(part)

    def save_answer(self) -> None:
        """Save what there is of the answer."""
        text, self._pieces = "".join(self._pieces), []
        answer = message("assistant", text)
        self._save(replace(answer, id=self._answer_id, model=self.model.name, done_reason=self._done_reason))

    def _connected(self, link: Link) -> Connected:
        self.model = link.model
        while self._unsaved_question:
            self._save(self._unsaved_question.pop())
        return Connected(
            conversation=self._conversation,
            model=link.model.name,
            address=link.address.url,
            address_age_s=link.address.stale_for_s,
        )

    def _line(self, line: Line) -> Iterator[Event]:
        if line.message.thinking:
            yield Thinking(text=line.message.thinking)
        if line.message.content:
            self._pieces.append(line.message.content)
            yield Text(text=line.message.content)
        if line.done:
            self._done_reason = line.done_reason or "stop"
            self.save_answer()
            yield self._done(line)

    def _done(self, line: Line) -> Done:
        return Done(
            conversation=self._conversation,
            message=self._answer_id,
            model=self.model.name,
            done_reason=self._done_reason,
            is_cut=self._done_reason == "length",
            answer_tokens=line.eval_count,
            seconds=line.total_duration / NANOSECONDS,
        )

    def _save(self, it: Message) -> None:
        if self._history and it.content:
            self._history.write(self._conversation, it)


def turns(messages: Sequence[Message]) -> list[Turn]:
    return [Turn(it.role, it.content) for it in messages if it.role in SPOKEN and it.content]


def message(role: Role, content: str) -> Message:
    return Message(id=uuid7(), role=role, content=content, created_at=datetime.now(UTC))
