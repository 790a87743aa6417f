"""People who use the whole, and what they have written: the same on every run."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

PASSWORD = "leek soup on Sundays, and bread"
ONSETS = [
    "b",
    "bl",
    "br",
    "c",
    "ch",
    "cr",
    "d",
    "f",
    "fr",
    "g",
    "gl",
    "gr",
    "j",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "pr",
    "qu",
    "r",
    "s",
    "t",
    "tr",
    "v",
]
VOWELS = ["a", "e", "i", "o", "u", "é", "è", "ê", "ai", "an", "au", "eu", "in", "oi", "on", "ou"]
CODAS = ["", "", "", "l", "n", "r", "s", "t"]


@dataclass
class Person:
    """Somebody with an account, a household of their own, and conversations."""

    household: str
    id: str
    token: str
    conversations: list[str] = field(default_factory=list)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class ShoppingList:
    """A list of a household, and its lines."""

    id: str
    lines: list[str]


class Writer:
    """Signs people up and writes for them through the public API, from one seed."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self._random = random.Random(20)
        self.vocabulary = [self._word() for _ in range(4000)]
        self._weights = [1 / (rank + 10) for rank in range(len(self.vocabulary))]  # few words are common, as in speech

    def sign_up(self, name: str, conversations: int) -> Person:
        body = {"email": f"{name}@example.org", "password": PASSWORD, "display_name": name, "household_name": name}
        answer = self._ask("POST", "/api/auth/register", {}, body)
        token = answer["tokens"]["access_token"]
        person = Person(answer["household"]["id"], answer["user"]["id"], token)
        for _ in range(conversations):
            created = self._ask("POST", "/api/chat/conversations", person.bearer, {"title": self.text(4)})
            person.conversations.append(created["id"])
        return person

    def write_messages(self, person: Person, each: int) -> None:
        """Put `each` messages into every conversation of the person."""
        for conversation in person.conversations:
            messages = [message(self.text(25), id=str(self._id())) for _ in range(each)]
            path = f"/api/chat/conversations/{conversation}/messages"
            self._ask("PUT", path, person.bearer, {"messages": messages})

    def write_list(self, person: Person, items: Iterable[str]) -> ShoppingList:
        """Make the person's household a shopping list of some of each item."""
        made = self._ask("POST", "/api/stock/lists", person.bearer, {"name": self.text(2)})
        body = {"lines": [{"item_id": item} for item in items]}
        lines = self._ask("POST", f"/api/stock/lists/{made['id']}/items", person.bearer, body)
        return ShoppingList(made["id"], [line["id"] for line in lines["items"]])

    def write_foods(self, person: Person, names: Iterable[str]) -> list[str]:
        """Make the person's household a food of each name; return their ids."""
        values = {"energy_kj": 1500, "fat_g": 10, "carbohydrate_g": 50, "protein_g": 10}
        bodies = [{"name": name, "language": "en", "nutrients": values} for name in names]
        return [self._ask("POST", "/api/nutrition/foods", person.bearer, body)["id"] for body in bodies]

    def teach(self, person: Person, names: Iterable[tuple[str, str]]) -> None:
        """Have the person's household mean foods by names: pairs of a name and the id of a food."""
        for name, food in names:
            self._ask("PUT", "/api/nutrition/names", person.bearer, {"name": name, "food_id": food})

    def text(self, words: int) -> str:
        return " ".join(self._random.choices(self.vocabulary, self._weights, k=words))

    def close(self) -> None:
        self._client.close()

    def _word(self) -> str:
        syllables = self._random.randint(1, 3)
        return "".join(self._random.choice(part) for _ in range(syllables) for part in (ONSETS, VOWELS, CODAS))

    def _id(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)

    def _ask(self, method: str, path: str, headers: dict[str, str], body: Any) -> Any:
        answer = self._client.request(method, path, headers=headers, json=body)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()


def message(content: str, *, id: str) -> dict[str, str]:
    return {"id": id, "role": "user", "content": content, "created_at": "2026-01-01T12:00:00Z"}


def mistyped(word: str) -> str:
    """Return a word with two letters that have changed places."""
    return word[:2] + word[3] + word[2] + word[4:]
