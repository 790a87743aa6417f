"""Keeps the memory right: from PostgreSQL, when told and every few seconds; from a snapshot while that is away."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from litestar import Litestar

from popote_config import actions, events, queries, snapshot
from popote_config.memory import Memory
from popote_config.model import Standing
from popote_config.settings import Settings
from popote_config.snapshot import Snapshot
from popote_kit.cache import Cache
from popote_kit.database import AWAY, Database
from popote_kit.problems import Unavailable

log = logging.getLogger(__name__)


class Keeper:
    """Fills the memory from the state file at once, and from PostgreSQL as soon as it can be asked."""

    def __init__(
        self, settings: Settings, memory: Memory, database: Database, *, migrate: Callable[[], Awaitable[None]]
    ) -> None:
        self._settings = settings
        self._file: Path | None = settings.state_file
        self._memory = memory
        self._database = database
        self._migrate = migrate
        self._cache = Cache(settings.redis_url)
        self._seal = settings.database_password.encode()  # what all replicas know, and Redis does not
        self._is_migrated = False
        self._last: int | None = None  # the revision up to which PostgreSQL was read; None: never
        self._is_saved = self._is_shared = True  # whether the file, and Redis, hold what the memory holds
        self._is_away = False
        self._told = asyncio.Event()
        self._turn = asyncio.Lock()  # a slow look must not undo what was published meanwhile
        self.jwks = self._recall(snapshot.load(self._file))

    def keep_jwks(self, document: bytes) -> None:
        """Keep auth's keys for a restart while auth is away."""
        self.jwks = document.decode()
        self.rewrite()

    def rewrite(self) -> None:
        """Write the snapshot anew, after a look."""
        self._is_saved = self._is_shared = False
        self._told.set()

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        await self.look()
        if not self._memory.is_current:
            self._recall(await events.recall(self._cache, self._seal))
        tasks = [asyncio.create_task(self._run())]
        if self._settings.redis_url:
            listening = events.listen(self._settings.redis_url, on_joined=self.rewrite, on_told=self._told.set)
            tasks.append(asyncio.create_task(listening))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._is_saved = False  # with the time of the last look
            await self._keep()
            await self._cache.close()

    async def look(self) -> None:
        """Take over what PostgreSQL has and the memory has not."""
        async with self._turn:
            try:
                if await self._read():
                    self._is_saved = self._is_shared = False
            except Exception as error:  # noqa: BLE001 - whatever is wrong, what is known is served
                self._go_without(error)
            else:
                self._is_away = False
                self._memory.confirm()
            await self._keep()

    async def announce(self, value: Standing) -> None:
        """Serve what was just committed, and tell the other replicas."""
        async with self._turn:
            if self._memory.take([value]):
                self._is_saved = self._is_shared = False
                await self._keep()
        await events.tell(self._cache)

    def _recall(self, kept: Snapshot | None) -> str | None:
        """Serve a snapshot, where it has something newer; return its keys."""
        if kept is None:
            return None
        self._memory.take(kept.values)
        self._memory.confirmed_at = self._memory.confirmed_at or kept.confirmed_at
        return kept.jwks

    def _go_without(self, error: Exception) -> None:
        self._memory.is_current = False
        if not isinstance(error, (Unavailable, *AWAY)):
            log.error("the addresses can't be read", exc_info=error)
        elif not self._is_away:
            log.warning("PostgreSQL is away; what was known last is served", extra={"reason": repr(error)})
        self._is_away = True

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), self._settings.poll_seconds)
            self._told.clear()
            await self.look()

    async def _read(self) -> bool:
        """Read what is new, or all the first time and after a backup was restored; tell whether there was any."""
        await self._prepare()
        async with self._database.kitchen() as kitchen:
            last = await queries.read_last_revision(kitchen)
            if last == self._last:
                return False
            known = self._last if self._last is not None and self._last < last else 0
            values = await queries.read_changed_after(kitchen, known)
        self._last = max([last, *(value.revision for value in values)])
        if known:
            return self._memory.take(values)
        self._memory.replace(values)
        return True

    async def _prepare(self) -> None:
        """Migrate and seed, once, as soon as PostgreSQL is there."""
        if self._is_migrated:
            return
        await self._migrate()
        if seed := self._settings.seed:
            async with self._database.kitchen(write=True) as kitchen:
                await actions.seed(kitchen, seed.url)
        self._is_migrated = True

    async def _keep(self) -> None:
        """Write the snapshot to where it is not yet."""
        if self._memory.confirmed_at is None:
            return  # an empty snapshot would say that nothing is published
        kept = Snapshot(self._memory.confirmed_at, self._memory.values(), self.jwks)
        if not self._is_shared and self._memory.is_current:  # while away, another replica's may be newer
            self._is_shared = await events.keep(self._cache, kept, self._seal)
        if not self._is_saved:
            self._is_saved = True
            await self._save(kept)

    async def _save(self, kept: Snapshot) -> None:
        if self._file is None:
            return
        try:
            await asyncio.to_thread(snapshot.save, self._file, kept)
        except OSError as error:  # a full disk, perhaps; the next change tries again
            log.warning("the state file can't be written", extra={"reason": repr(error)})
