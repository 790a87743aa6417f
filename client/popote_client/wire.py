"""What travels between this client and the backend. Members that we do not read are left out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

import msgspec

T = TypeVar("T")

Role = Literal["user", "assistant", "tool", "system"]


class User(msgspec.Struct, frozen=True):
    id: UUID
    email: str
    display_name: str


class Household(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    role: str
    currency: str = "EUR"


class TokenPair(msgspec.Struct, frozen=True):
    access_token: str
    refresh_token: str


class Rotation(msgspec.Struct, frozen=True):
    """The answer to a refresh; `user` and `household` come where the household may have changed."""

    tokens: TokenPair
    user: User | None = None
    household: Household | None = None


class AccessToken(msgspec.Struct, frozen=True):
    """Another access token of the same session."""

    access_token: str


class Login(msgspec.Struct, frozen=True):
    user: User
    household: Household
    tokens: TokenPair


class Registered(Login, frozen=True):
    recovery_codes: list[str]


class Registration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A new person: with a household of their own, or with the invitation to one."""

    email: str
    password: str
    display_name: str
    household_name: str | None = None
    invitation_code: str | None = None
    device_name: str | None = None
    timezone: str | None = None
    language: str | None = None


class Me(msgspec.Struct, frozen=True):
    user: User
    household: Household
    households: list[Household]


class Member(msgspec.Struct, frozen=True):
    """Somebody who belongs to the household."""

    id: UUID
    display_name: str
    role: str

    @property
    def name(self) -> str:
        return self.display_name


class OllamaAddress(msgspec.Struct, frozen=True):
    ollama_base_url: str


class Conversation(msgspec.Struct, frozen=True):
    """One thread; `found` holds the words that a search found, where they stand in a message."""

    id: UUID
    title: str
    created_at: datetime
    updated_at: datetime
    found: str | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: UUID
    role: Role
    content: str
    created_at: datetime
    model: str | None = None
    done_reason: str | None = None


class Messages(msgspec.Struct, frozen=True):
    """A batch: at most 500 messages and 1 MiB, 128 KiB a content."""

    messages: Sequence[Message]


class Stored(msgspec.Struct, frozen=True):
    stored: int


class Page(msgspec.Struct, Generic[T], frozen=True):
    items: list[T]
    next_cursor: str | None = None
