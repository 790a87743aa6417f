"""From a published address to an Ollama that answers and is the right one, before anything private is sent."""

import asyncio
from collections.abc import Sequence

import httpx
import msgspec

from popote_client.failures import ChooseModel, Forbidden, ModelMissing, NoModels, Unreachable, WrongServer
from popote_client.ollama import Ollama
from popote_client.protocol import Model, OllamaLimits
from popote_client.resolve import Address, Resolver

Probe = asyncio.Task[str]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Which model to talk to, and where.

    `asked` is the model that the person named, `last` the one that answered last. `accept_server` says that the person
    knows why that one is gone.
    """

    asked: str | None = None
    last: Model | None = None
    accept_server: bool = False


class Link(msgspec.Struct, frozen=True):
    address: Address
    ollama: Ollama
    model: Model


class Connector:
    """Connects to the address that `resolver` gives, through `http` (see `ollama.http_client`)."""

    def __init__(self, resolver: Resolver, http: httpx.AsyncClient, limits: OllamaLimits) -> None:
        self._resolver = resolver
        self._http = http
        self._limits = limits

    async def connect(self, wish: Wish) -> Link:
        """Find the server and the model. The last known address is tried while the backend is asked.

        Raises:
            NotConfigured, Unreachable, Forbidden: there is no Ollama to talk to.
            WrongServer: the model that answered last is not there by its digest, and the person did not accept that.
            ModelMissing, ChooseModel, NoModels: there is no model to ask.
        """
        known = await asyncio.to_thread(self._resolver.known)
        early = asyncio.create_task(self._probe(known.url)) if known else None
        try:
            address = await self._resolver.resolve()
            probe = early if known and known.url == address.url else None
            return await self._link_or_look_again(address, wish, probe)
        finally:
            if early:
                await stop(early)

    async def _link_or_look_again(self, address: Address, wish: Wish, probe: Probe | None) -> Link:
        try:
            return await self._link(address, wish, probe)
        except (Unreachable, Forbidden, WrongServer):
            latest = await self._resolver.resolve(forced=True)
            if latest.url == address.url:
                raise
            return await self._link(latest, wish, None)

    async def _link(self, address: Address, wish: Wish, probe: Probe | None) -> Link:
        await (probe or self._probe(address.url))
        ollama = Ollama(address.url, self._http, self._limits)
        models = await ollama.models()
        if wish.last and not wish.accept_server and wish.last.digest not in {model.digest for model in models}:
            raise WrongServer(url=address.url, model=wish.last.name)
        return Link(address, ollama, choose(models, wish))

    async def _probe(self, url: str) -> str:
        return await Ollama(url, self._http, self._limits).version()


def choose(models: Sequence[Model], wish: Wish) -> Model:
    """Return the model asked for, else the one used last, else the only one there."""
    if wish.asked:
        found = find(models, wish.asked)
        if found is None:
            raise ModelMissing(model=wish.asked)
        return found
    if wish.last and (found := find(models, wish.last.name)):
        return found
    if not models:
        raise NoModels
    if len(models) > 1:
        raise ChooseModel(sorted(model.name for model in models))
    return models[0]


def find(models: Sequence[Model], name: str) -> Model | None:
    """Return the model of this name; without a tag it means `latest`, as for Ollama."""
    names = {name, name if ":" in name else f"{name}:latest"}
    return next((model for model in models if model.name in names), None)


async def stop(probe: Probe) -> None:
    """Give up a probe that nobody waits for any more."""
    probe.cancel()
    await asyncio.wait({probe})
    if not probe.cancelled():
        probe.exception()  # noted: asyncio would log it otherwise
