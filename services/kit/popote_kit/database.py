"""The one way to a database connection: a kitchen, which knows for whom it works before it reads anything."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.problems import NotFound, Unavailable

Conn = PoolConnectionProxy
Record = asyncpg.Record
T = TypeVar("T")

log = logging.getLogger(__name__)

POOL_SIZE: Final = 5
ACQUIRE_TIMEOUT_S: Final = 3.0
CONNECT_TIMEOUT_S: Final = 3.0
SESSION: Final = {
    "statement_timeout": "5000",  # milliseconds, as the next two
    "lock_timeout": "2000",
    "idle_in_transaction_session_timeout": "10000",
    "timezone": "UTC",
    "jit": "off",  # our statements are short; compiling them costs more than it gains
}

# What PostgreSQL says, or fails to say, when it is away, full, or too slow: all worth another try.
AWAY: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.PostgresSystemError,
)


class _Connection(asyncpg.Connection):
    """A connection that remembers for whom its session was last set."""

    __slots__ = ("_set_for",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._set_for: tuple[str, str] | None = None

    def get_reset_query(self) -> str:
        return ""  # nothing is left behind but the identity, which every kitchen sets; a reset costs a round trip

    async def work_for(self, household: str, person: str) -> None:
        if self._set_for == (household, person):
            return
        self._set_for = None
        await self.execute(
            "SELECT set_config('popote.household', $1, false), set_config('popote.person', $2, false)",
            household,
            person,
        )
        self._set_for = (household, person)


class Kitchen:
    """A connection that works for one household and one person; row-level security holds it to them."""

    def __init__(self, connection: Conn, household: UUID | None, person: UUID | None, now: datetime) -> None:
        self._connection = connection
        self._household = household
        self._person = person
        self.now = now

    @property
    def household(self) -> UUID:
        if self._household is None:
            raise LookupError("this kitchen works for no household")
        return self._household

    @property
    def person(self) -> UUID:
        if self._person is None:
            raise LookupError("this kitchen works for no person")
        return self._person

    async def fetch(self, statement: str, *arguments: object) -> list[Record]:
        return await self._connection.fetch(statement, *arguments)

    async def fetchrow(self, statement: str, *arguments: object) -> Record | None:
        return await self._connection.fetchrow(statement, *arguments)

    async def fetchval(self, statement: str, *arguments: object) -> Any:
        return await self._connection.fetchval(statement, *arguments)

    async def execute(self, statement: str, *arguments: object) -> int:
        """Run a statement and return the number of rows it touched."""
        tag = await self._connection.execute(statement, *arguments)
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


class Database:
    """The pool of one service, on its own schema, as its own role.

    It opens when the first statement needs it, so a service starts while PostgreSQL is away.
    """

    def __init__(self, url: str, *, schema: str, password: str = "", clock: Clock = SYSTEM_CLOCK) -> None:
        self.clock = clock
        self._url = url
        self._password = password
        self._schema = schema
        self._pool: asyncpg.Pool[Record] | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                await asyncio.wait_for(pool.close(), timeout=5)
            except TimeoutError:
                pool.terminate()

    @asynccontextmanager
    async def kitchen(
        self, household: UUID | None = None, person: UUID | None = None, *, write: bool = False
    ) -> AsyncIterator[Kitchen]:
        """Give a connection that works for `household` and `person`.

        To read, it is outside a transaction. To write, it is one transaction, committed when the block ends well and
        rolled back when it raises.

        Raises:
            Unavailable: PostgreSQL is away, full or too slow. After a failed commit the write may have happened.
        """
        whom = (str(household or ""), str(person or ""))
        try:
            pool = await self._opened()
            connection = await pool.acquire(timeout=ACQUIRE_TIMEOUT_S)
        except (*AWAY, asyncpg.InterfaceError) as error:
            raise self._away(error) from error
        try:
            async with _transaction(connection, whom) if write else _session(connection, whom):
                yield Kitchen(connection, household, person, self.clock())
        except AWAY as error:
            raise self._away(error) from error
        except asyncpg.InterfaceError as error:
            if connection.is_closed():
                raise self._away(error) from error
            raise
        finally:
            await _release(pool, connection)

    async def _opened(self) -> "asyncpg.Pool[Record]":
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    password=self._password or None,
                    min_size=0,
                    max_size=POOL_SIZE,
                    timeout=CONNECT_TIMEOUT_S,
                    connection_class=_Connection,
                    init=_init,
                    server_settings={
                        **SESSION,
                        "search_path": f"{self._schema}, extensions",
                        "application_name": f"popote-{self._schema}",
                    },
                )
        return self._pool

    def _away(self, error: BaseException) -> Unavailable:
        log.warning("PostgreSQL is away", extra={"schema": self._schema, "reason": repr(error)})
        return Unavailable()


async def _release(pool: "asyncpg.Pool[Record]", connection: Conn) -> None:
    try:
        await pool.release(connection)
    except (*AWAY, asyncpg.InterfaceError) as error:
        log.info("a connection was lost", extra={"reason": repr(error)})


async def _init(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_encode_json, decoder=msgspec.json.decode, format="text"
    )


def _encode_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


@asynccontextmanager
async def _session(connection: Conn, whom: tuple[str, str]) -> AsyncIterator[None]:
    await connection.work_for(*whom)  # type: ignore[attr-defined]  # the proxy forwards to our _Connection
    yield


@asynccontextmanager
async def _transaction(connection: Conn, whom: tuple[str, str]) -> AsyncIterator[None]:
    # One message of the simple protocol; both values are checked UUIDs or empty.
    await connection.execute(f"BEGIN; SET LOCAL popote.household = '{whom[0]}'; SET LOCAL popote.person = '{whom[1]}'")
    try:
        yield
    except BaseException:
        if not connection.is_closed():
            await connection.execute("ROLLBACK")
        raise
    if await connection.execute("COMMIT") != "COMMIT":
        raise RuntimeError("the transaction had failed, and was rolled back")


def one(row: Record | None, kind: type[T]) -> T:
    """Return the row as a `kind` struct, by column name.

    Raises:
        NotFound: there is no row.
    """
    if row is None:
        raise NotFound
    return msgspec.convert(dict(row), kind)


def maybe(row: Record | None, kind: type[T]) -> T | None:
    """Return the row as a `kind` struct, by column name, or None."""
    return None if row is None else msgspec.convert(dict(row), kind)


def many(rows: Iterable[Record], kind: type[T]) -> list[T]:
    """Return the rows as `kind` structs, by column name."""
    return msgspec.convert([dict(row) for row in rows], list[kind])  # type: ignore[valid-type]  # a run-time list type
