"""Two phones that were offline, and say what they did in any order, also twice, hold the same in the end.

Each seed is a household of its own on one service. `TEST_STOCK_SEEDS` has more of them played (the default is 1000).
"""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from popote_kit.testing import Authority, Clock, new_id
from popote_stock.testing import Kitchen

SEEDS: Final = int(os.environ.get("TEST_STOCK_SEEDS", "1000"))
GROUPS: Final = 10
AT_ONCE: Final = 6
NAMES: Final = ("Rice", "Tea", "Salt")


@dataclass(frozen=True)
class Edit:
    """What a phone will say when it is online again; with a key where it must count once."""

    method: str
    path: str
    body: Any
    key: str


class Phone:
    """A phone: the rows that `changes` told it of, and what it has not said yet."""

    def __init__(self, who: Kitchen) -> None:
        self.who = who
        self.version = 0
        self.rows: dict[str, dict[str, Any]] = {}
        self.queue: list[Edit] = []

    async def sync(self) -> None:
        cursor: dict[str, str] = {}
        while True:
            page = await self.who.get("/changes", since=self.version, limit=20, **cursor)
            for change in page["changes"]:
                self.rows.pop(change["id"], None)
                if not change["deleted"]:
                    self.rows[change["id"]] = {"kind": change["kind"], **change["data"]}
            if page["next_cursor"] is None:
                self.version = page["version"]
                return
            cursor = {"cursor": page["next_cursor"]}

    def of(self, kind: str) -> list[dict[str, Any]]:
        return sorted((row for row in self.rows.values() if row["kind"] == kind), key=lambda row: str(row["id"]))

    def will(self, method: str, path: str, body: Any = None) -> None:
        self.queue.append(Edit(method, path, body, str(new_id())))

    async def say(self, edit: Edit) -> httpx.Response:
        headers = {"If-Match": edit.body} if edit.method == "DELETE" else {}
        body = {} if edit.method == "DELETE" else {"json": edit.body}
        answer = await self.who.ask(edit.method, edit.path, key=edit.key, headers=headers, **body)
        assert answer.status_code < 500, answer.text
        return answer


class Household:
    """Two phones, and a plain account of what came of what they said."""

    def __init__(self, phones: list[Phone], clock: Clock, random: Random) -> None:
        self.phones = phones
        self.clock = clock
        self.random = random
        self.list = str(new_id())
        self.marks: dict[str, list[tuple[Any, bool]]] = {}
        self.answered: dict[str, bytes] = {}
        self.grams = 0

    async def begin(self) -> None:
        """Make a list and some stock, of which both phones hear."""
        first = self.phones[0].who
        await first.post("/lists", {"id": self.list, "name": "Market"})
        lines = [{"id": str(new_id()), "name": name, "quantity": grams(100)} for name in (*NAMES, "Eggs", "Jam")]
        await first.post(f"/lists/{self.list}/items", {"lines": lines})
        await first.post("/purchases", {"lines": [{"name": "Flour", "quantity": grams(300)}]})
        self.grams = 300
        for phone in self.phones:
            await phone.sync()

    def live_on(self, phone: Phone) -> None:
        """Do some things without a network."""
        self._tick(phone)
        for _ in range(self.random.randrange(1, 4)):
            self.random.choice((self._add, self._delete, self._buy, self._use, self._tick))(phone)

    def _tick(self, phone: Phone) -> None:
        lines = self.random.sample(phone.of("list_line"), 3)
        ticks = []
        for line in lines:
            at = self.clock() - timedelta(minutes=self.random.randrange(5))
            is_ticked = self.random.random() < 3 / 4
            ticks.append({"line_id": line["id"], "is_ticked": is_ticked, "at": at.isoformat()})
            self.marks.setdefault(line["id"], []).append((at, is_ticked))
        phone.will("PUT", f"/lists/{self.list}/ticks", {"ticks": ticks})

    def _add(self, phone: Phone) -> None:
        name = self.random.choice((*NAMES, str(new_id())))
        line = {"id": str(new_id()), "name": name, "quantity": grams(50)}
        phone.will("POST", f"/lists/{self.list}/items", {"lines": [line]})

    def _delete(self, phone: Phone) -> None:
        line = self.random.choice(phone.of("list_line"))
        phone.will("DELETE", f"/lists/{self.list}/items/{line['id']}", f'"{line["version"]}"')

    def _buy(self, phone: Phone) -> None:
        line = {"name": "Flour", "quantity": grams(100), "lot_id": str(new_id())}
        phone.will("POST", "/purchases", {"lines": [line]})

    def _use(self, phone: Phone) -> None:
        (flour,) = phone.of("item")
        phone.will("POST", "/consume", {"lines": [{"item_id": flour["id"], "quantity": grams(150)}]})

    async def say_everything(self) -> None:
        """Let both phones say what they did, in their order, now the one and now the other; much of it twice."""
        said: list[tuple[Phone, Edit]] = []
        while waiting := [phone for phone in self.phones if phone.queue]:
            phone = self.random.choice(waiting)
            edit = phone.queue.pop(0)
            said.append((phone, edit))
            self._hear(edit, await phone.say(edit))
            if self.random.randrange(3) == 0:  # the answer was lost, of this one or of an earlier one
                phone, edit = self.random.choice(said)
                self._hear(edit, await phone.say(edit))
            if self.random.randrange(6) == 0:
                await phone.sync()

    def _hear(self, edit: Edit, answer: httpx.Response) -> None:
        if edit.method == "POST" and answer.is_success:
            before = self.answered.setdefault(edit.key, answer.content)
            assert answer.content == before
            if answer.headers.get("idempotent-replayed") is None:
                self.grams += {"/purchases": 100, "/consume": -150}.get(edit.path, 0)

    def expected_ticks(self) -> Iterator[tuple[str, bool]]:
        """Give the lines that nobody added to, and whether the last word was a tick, whoever said it when."""
        for line in self.phones[0].of("list_line"):
            if line["name"] not in NAMES and line["id"] in self.marks:
                yield line["id"], max(self.marks[line["id"]])[1]


def grams(amount: int) -> dict[str, Any]:
    return {"amount": amount, "unit": "g"}


async def play(client: httpx.AsyncClient, authority: Authority, clock: Clock, seed: int) -> None:
    """Play one seed; see that both phones hold what there is, and that it is what they said."""
    home: UUID = new_id()
    phones = [Phone(Kitchen(client, authority.bearer(household=home))) for _ in range(2)]
    household = Household(phones, clock, Random(seed))  # noqa: S311 - a game
    await household.begin()
    for phone in phones:
        household.live_on(phone)
    await household.say_everything()
    fresh = Phone(phones[0].who)
    for phone in (*phones, fresh):
        await phone.sync()
    assert phones[0].rows == phones[1].rows == fresh.rows
    assert sum(lot["quantity"]["amount"] for lot in fresh.of("lot")) == household.grams >= 0
    ticked = {line["id"]: line["is_ticked"] for line in fresh.of("list_line")}
    for line, is_ticked in household.expected_ticks():
        assert ticked[line] == is_ticked, line


@pytest.mark.timeout(60 + SEEDS)
@pytest.mark.parametrize("group", range(GROUPS))
async def test_two_phones_that_were_offline_come_to_hold_the_same(
    client: httpx.AsyncClient, authority: Authority, clock: Clock, group: int
) -> None:
    seeds = iter(range(group, SEEDS, GROUPS))

    async def one_after_the_other() -> None:
        for seed in seeds:
            try:
                await play(client, authority, clock, seed)
            except AssertionError as error:
                error.add_note(f"seed {seed}")
                raise

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
