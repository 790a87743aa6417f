"""What replicas of config tell each other through Redis: that there is something to look at. All works without it."""

import asyncio
import hmac
import logging
from collections.abc import Callable
from typing import Final

import msgspec
from redis.asyncio import Redis

from popote_config import snapshot
from popote_config.snapshot import Snapshot
from popote_kit.cache import AWAY, REST_S, Cache, connect
from popote_kit.codec import encode

log = logging.getLogger(__name__)

CHANNEL: Final = "popote:config:changed"
SNAPSHOT: Final = "popote:config:snapshot"
SEAL_BYTES: Final = 32


async def tell(cache: Cache) -> None:
    """Have every replica look."""

    async def publish(redis: Redis) -> None:
        await redis.publish(CHANNEL, b"look")

    await cache.ask(publish)


async def listen(url: str, *, on_joined: Callable[[], None], on_told: Callable[[], None]) -> None:
    """Call `on_told` when a replica has something to look at, and `on_joined` each time Redis is reached; for ever."""
    while True:
        try:
            async with connect(url, read_timeout_s=None) as redis, redis.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                async for message in channel.listen():
                    (on_joined if message["type"] == "subscribe" else on_told)()
        except AWAY as error:
            log.info("Redis pushes nothing", extra={"reason": repr(error)})
        await asyncio.sleep(REST_S)


async def keep(cache: Cache, kept: Snapshot, key: bytes) -> bool:
    """Keep a copy in Redis, sealed with `key` and without auth's keys; tell whether it is there.

    Who can write to Redis must neither sign tokens nor decide where phones send their prompts.
    """
    body = encode(msgspec.structs.replace(kept, jwks=None))

    async def store(redis: Redis) -> bool:
        await redis.set(SNAPSHOT, _seal(body, key) + body)
        return True

    return bool(await cache.ask(store))


async def recall(cache: Cache, key: bytes) -> Snapshot | None:
    """Return the copy in Redis, None when there is none that was sealed with `key`."""

    async def read(redis: Redis) -> bytes | str | None:
        return await redis.get(SNAPSHOT)

    found = await cache.ask(read)
    if not isinstance(found, bytes):  # ours does not decode: it is bytes, or not there
        return None
    seal, body = found[:SEAL_BYTES], found[SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(body, key)):
        log.warning("the copy in Redis is not one of ours and is not used")
        return None
    return snapshot.decode(body)


def _seal(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")
