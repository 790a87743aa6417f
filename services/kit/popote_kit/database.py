"""The one way to a database connection: a kitchen, which knows for whom it works before it reads anything."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import date, datetime
from typing import Any, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

from popote_kit import codec
from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.problems import NotFound, Unavailable

Conn = PoolConnectionProxy
Record = asyncpg.Record
T = TypeVar("T")
Wake = Callable[[UUID], Awaitable[None]]

log = logging.getLogger(__name__)

POOL_SIZE: Final = 5
ACQUIRE_TIMEOUT_S: Final = 3.0
CONNECT_TIMEOUT_S: Final = 3.0
CLOSE_TIMEOUT_S: Final = 5.0
COMMAND_TIMEOUT_S: Final = 6.0  # past `statement_timeout`: only a server that says nothing at all reaches it
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
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.PostgresSystemError,
)


class Locked(Unavailable):
    """Another transaction holds what this one needs for longer than `lock_timeout`."""


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
    """A connection that works for one household and one person; row-level security holds it to them.

    Its statements raise `Unavailable` when PostgreSQL is away, full or too slow, and `Locked` when a lock is not free.
    """

    def __init__(  # noqa: PLR0913 - for whom, when and where, by name
        self,
        connection: Conn,
        household: UUID | None,
        person: UUID | None,
        *,
        now: datetime,
        zone: str,
        wake: Wake,
    ) -> None:
        self._connection = connection
        self._wake = wake
        self._household = household
        self._person = person
        self._afterwards: list[Callable[[], Awaitable[None]]] = []
        self.now = now
        self.zone = zone

    @property
    def today(self) -> date:
        """The household's date: that of its own time zone."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()

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

    @asynccontextmanager
    async def on_behalf_of(self, person: UUID) -> AsyncIterator["Kitchen"]:
        """Work for another person of the household for a while, in the same transaction; only for who is trusted to.

        Row-level security, versions and events are theirs meanwhile. Also after an exception, unless it was a statement
        that failed, it then works again for whom it did before.

        Raises:
            RuntimeError: this kitchen only reads.
        """
        if not self._connection.is_in_transaction():
            raise RuntimeError("only a write may be on behalf of somebody else")
        before = self._person
        await self._turn_to(person)
        try:
            yield self
        finally:
            with suppress(asyncpg.InFailedSQLTransactionError):  # nothing more can be done in it, for nobody
                await self._turn_to(before)

    async def _turn_to(self, person: UUID | None) -> None:
        self._person = person
        await self.execute("SELECT set_config('popote.person', $1, true)", str(person or ""))

    async def fetch(self, statement: str, *arguments: object) -> list[Record]:
        with _reaching(self._connection):
            return await self._connection.fetch(statement, *arguments)

    async def fetchrow(self, statement: str, *arguments: object) -> Record | None:
        with _reaching(self._connection):
            return await self._connection.fetchrow(statement, *arguments)

    async def fetchval(self, statement: str, *arguments: object) -> Any:
        with _reaching(self._connection):
            return await self._connection.fetchval(statement, *arguments)

    async def execute(self, statement: str, *arguments: object) -> int:
        """Run a statement and return the number of rows it touched."""
        with _reaching(self._connection):
            tag = await self._connection.execute(statement, *arguments)
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    def after_commit(self, do: Callable[[], Awaitable[None]]) -> None:
        """Have `do` run once this work is committed, before the answer is sent; its failure is only logged.

        The same `do` is run once, however often it was asked for.
        """
        if do not in self._afterwards:
            self._afterwards.append(do)

    async def wake(self) -> None:
        """Tell whoever listens to this household's outbox that there is something new."""
        await self._wake(self.household)

    async def tell(self) -> None:
        """Run what was to be done after the commit."""
        for do in self._afterwards:
            try:
                await do()
            except Exception:
                log.exception("what follows a commit has failed")


class Database:
    """The pool of one service, on its own schema, as its own role.

    It opens when the first statement needs it, so a service starts while PostgreSQL is away.
    """

    def __init__(self, url: str, *, schema: str, password: str = "", clock: Clock = SYSTEM_CLOCK) -> None:
        self.clock = clock
        self.schema = schema
        self.wake: Wake = _nobody_listens  # called with a household when its outbox has something new
        self._url = url
        self._password = password
        self._pool: asyncpg.Pool[Record] | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            with suppress(*AWAY, asyncpg.InterfaceError):  # what can't close in order, asyncpg ends at once
                await asyncio.wait_for(pool.close(), CLOSE_TIMEOUT_S)

    @asynccontextmanager
    async def kitchen(
        self, household: UUID | None = None, person: UUID | None = None, *, zone: str = "UTC", write: bool = False
    ) -> AsyncIterator[Kitchen]:
        """Give a connection that works for `household` and `person`; the household's dates are those of `zone`.

        To read, it is outside a transaction. To write, it is one transaction, committed when the block ends well and
        rolled back when it raises.

        Raises:
            Unavailable: PostgreSQL is away, full or too slow. After a failed commit the write may have happened.
        """
        whom = (str(household or ""), str(person or ""))
        try:
            pool = self._pool or await self._opened()
            connection = await pool.acquire(timeout=ACQUIRE_TIMEOUT_S)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise _away(error) from error
        kitchen = Kitchen(connection, household, person, now=self.clock(), zone=zone, wake=self.wake)
        try:
            async with _transaction(connection, whom) if write else _session(connection, whom):
                yield kitchen
        finally:
            await _release(pool, connection)
        await kitchen.tell()

    async def _opened(self) -> "asyncpg.Pool[Record]":
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    password=self._password or None,
                    min_size=0,
                    max_size=POOL_SIZE,
                    timeout=CONNECT_TIMEOUT_S,
                    command_timeout=COMMAND_TIMEOUT_S,
                    connection_class=_Connection,
                    init=_init,
                    server_settings={
                        **SESSION,
                        "search_path": f"{self.schema}, extensions",
                        "application_name": f"popote-{self.schema}",
                    },
                )
        return self._pool


async def _nobody_listens(_household: UUID) -> None:
    pass


def _away(error: BaseException) -> Unavailable:
    log.warning("PostgreSQL is away, or too slow", extra={"reason": repr(error)})
    return Locked() if isinstance(error, asyncpg.LockNotAvailableError) else Unavailable()


@contextmanager
def _reaching(connection: Conn) -> Iterator[None]:
    """Turn what keeps PostgreSQL from answering into `Unavailable`."""
    try:
        yield
    except AWAY as error:
        if isinstance(error, TimeoutError):
            connection.terminate()  # it may answer late, or never
        raise _away(error) from error
    except asyncpg.InternalClientError as error:
        connection.terminate()  # PostgreSQL said farewell while it lay in the pool, and asyncpg lost count
        raise _away(error) from error
    except asyncpg.InterfaceError as error:
        if _is_lost(connection):
            raise _away(error) from error
        raise


def _is_lost(connection: Conn) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has taken it back already
        return True


async def _release(pool: "asyncpg.Pool[Record]", connection: Conn) -> None:
    try:
        await pool.release(connection)
    except (*AWAY, asyncpg.InterfaceError) as error:
        log.info("a connection was lost", extra={"reason": repr(error)})


_JSONB: Final = msgspec.json.Encoder(decimal_format="number", enc_hook=codec.to_plain)


async def _init(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_encode_json, decoder=msgspec.json.decode, format="text"
    )


def _encode_json(value: object) -> str:
    return _JSONB.encode(value).decode()


@asynccontextmanager
async def _session(connection: Conn, whom: tuple[str, str]) -> AsyncIterator[None]:
    with _reaching(connection):
        await connection.work_for(*whom)  # type: ignore[attr-defined]  # the proxy forwards to our _Connection
    yield


@asynccontextmanager
async def _transaction(connection: Conn, whom: tuple[str, str]) -> AsyncIterator[None]:
    # One message of the simple protocol; both values are checked UUIDs or empty.
    begin = f"BEGIN; SET LOCAL popote.household = '{whom[0]}'; SET LOCAL popote.person = '{whom[1]}'"
    with _reaching(connection):
        await connection.execute(begin)
    try:
        yield
    except BaseException:
        with suppress(*AWAY, asyncpg.InterfaceError, asyncpg.InternalClientError):  # else it ends with its connection
            await connection.execute("ROLLBACK")
        raise
    with _reaching(connection):
        if await connection.execute("COMMIT") != "COMMIT":
            raise RuntimeError("the transaction had failed, and was rolled back")


def one(row: Record | None, kind: type[T]) -> T:
    """Return the row as a `kind` struct, by column name.

    Raises:
        NotFound: there is no row.
    """
    if row is None:
        raise NotFound
    return msgspec.convert(dict(row), kind, dec_hook=codec.from_plain)


def maybe(row: Record | None, kind: type[T]) -> T | None:
    """Return the row as a `kind` struct, by column name, or None."""
    return None if row is None else msgspec.convert(dict(row), kind, dec_hook=codec.from_plain)


def many(rows: Iterable[Record], kind: type[T]) -> list[T]:
    """Return the rows as `kind` structs, by column name."""
    return msgspec.convert([dict(row) for row in rows], list[kind], dec_hook=codec.from_plain)  # type: ignore[valid-type]  # a run-time list type
