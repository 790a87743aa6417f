"""Nutrition, which reads lines and knows foods."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import httpx
from msgspec import Struct

from popote_kit import codec
from popote_kit.peers import Peers
from popote_kit.problems import NotFound, Problem
from popote_kit.quantity import Fact, Quantity
from popote_kit.service_tokens import ServiceTokens
from popote_recipes.model.recipes import (
    Alternative,
    Candidate,
    Ingredient,
    Language,
    Link,
    StoredFact,
    StoredQuantity,
    Understood,
)

log = logging.getLogger(__name__)

PATIENCE_S: Final = 3.0  # how long nutrition is waited for, its token included
REST_S: Final = 5.0  # how long it is left alone after it did not answer
MAX_ASKED: Final = 200  # lines, names, and foods


class _Brief(Struct):
    id: UUID
    name: str


class _Match(Struct):
    status: Link
    confidence: float
    food: _Brief | None
    candidates: list[_Brief]


class _Line(Struct):
    line: str
    quantity: Quantity | None
    at_most: Quantity | None
    equivalent: Quantity | None
    name: str
    note: str | None
    is_section: bool
    is_to_taste: bool
    alternatives: list[str]
    confidence: float
    match: _Match


class _Food(Struct):
    food_id: UUID
    name: str
    facts: list[Fact]


class _Answer(Struct):
    lines: list[_Line] = []
    names: list[_Match] = []
    foods: list[_Food] = []


class Told(Struct, frozen=True):
    """What nutrition made of lines, in their order, and what it knows of the foods that were asked about."""

    lines: Sequence[Understood] = ()
    foods: Mapping[UUID, tuple[str, list[StoredFact]]] = {}


class Nutrition:
    """The nutrition service, asked in the name of recipes: it reads lines, and knows foods."""

    def __init__(self, peers: Peers, tokens: ServiceTokens, *, patience_s: float = PATIENCE_S) -> None:
        self._peers = peers
        self._tokens = tokens
        self._patience_s = patience_s
        self._rests_until = 0.0

    @property
    def is_resting(self) -> bool:
        """Whether it did not answer a moment ago."""
        return time.monotonic() < self._rests_until

    async def understand(
        self, household: UUID, lines: Sequence[str], language: Language, foods: Sequence[UUID] = ()
    ) -> Told | None:
        """Return what at most 200 lines and foods mean to the household; None where nutrition does not tell now."""
        if self.is_resting:
            return None
        try:
            async with asyncio.timeout(self._patience_s):
                answer = await self._ask(household, {"lines": lines, "food_ids": foods, "language": language})
                names = list(dict.fromkeys(name for line in answer.lines for name in line.alternatives))[:MAX_ASKED]
                more = await self._ask(household, {"names": names, "language": language}) if names else _Answer()
        except NotFound:  # the household is gone: nothing is wrong with nutrition
            return None
        except (TimeoutError, httpx.HTTPError, LookupError, Problem) as error:
            self._rests_until = time.monotonic() + REST_S
            log.warning("nutrition does not tell what lines mean", extra={"reason": repr(error)})
            return None
        return _told(answer, dict(zip(names, more.names, strict=True)))

    async def _ask(self, household: UUID, question: Mapping[str, object]) -> _Answer:
        header = await self._tokens.header("nutrition", household)
        answer = await self._peers.client("nutrition").post(
            "/internal/understand",
            content=codec.encode(question),
            headers={**header, "Content-Type": "application/json"},
            timeout=self._patience_s,
        )
        return codec.decode(answer.raise_for_status().content, _Answer)


def _told(answer: _Answer, alternatives: Mapping[str, _Match]) -> Told:
    foods = {food.food_id: (food.name, [StoredFact.of(fact) for fact in food.facts]) for food in answer.foods}
    return Told([_understood(line, foods, alternatives) for line in answer.lines], foods)


def _understood(
    line: _Line, foods: Mapping[UUID, tuple[str, list[StoredFact]]], alternatives: Mapping[str, _Match]
) -> Understood:
    food = line.match.food if line.match.status == "matched" else None
    sure = line.match.confidence if line.match.status != "unmatched" else 0.0
    return Understood(
        is_section=line.is_section,
        ingredient=Ingredient(
            line=line.line,
            quantity=StoredQuantity.of(line.quantity),
            at_most=StoredQuantity.of(line.at_most),
            equivalent=StoredQuantity.of(line.equivalent),
            name=line.name,
            note=line.note or "",
            is_to_taste=line.is_to_taste,
            confidence=round(min(line.confidence, sure), 3),
            link=line.match.status,
            food_id=food.id if food else None,
            food_name=food.name if food else None,
            facts=foods[food.id][1] if food and food.id in foods else [],
            candidates=[Candidate(each.id, each.name) for each in line.match.candidates],
            alternatives=[_alternative(name, alternatives.get(name)) for name in line.alternatives],
        ),
    )


def _alternative(name: str, match: _Match | None) -> Alternative:
    food = match.food if match else None
    return Alternative(name=name, food_id=food.id if food else None, food_name=food.name if food else None)
