"""Use cases of more than a few lines. `whose` is a household, or None for the system-wide address."""

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from popote_config import queries
from popote_config.address import Address, normalise
from popote_config.errors import AddressRefused, NoSuchRevision
from popote_config.model import Draft, Standing
from popote_config.reach import Policy
from popote_config.remarks import Refused
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.problems import Stale


class Publisher:
    """Decides what is published, and has `announce` told once it is committed."""

    def __init__(self, policy: Policy, announce: Callable[[Standing], Awaitable[None]]) -> None:
        self._policy = policy
        self._announce = announce

    def accept(self, text: str) -> Address:
        """Return the address that `text` means.

        Raises:
            AddressRefused: it can't be published.
        """
        try:
            return normalise(text, self._policy)
        except Refused as refused:
            raise AddressRefused(refused.refusal) from refused

    async def publish(
        self, kitchen: Kitchen, whose: UUID | None, draft: Draft, if_match: IfMatch | None = None
    ) -> Standing:
        """Make the draft what stands for `whose`; what stands there already is left as it is.

        Raises:
            PreconditionRequired: `whose` has an address, and `if_match` does not say which.
            Stale: clients of `whose` are given another address by now.
        """
        await queries.lock(kitchen)
        standing = await queries.read_standing(kitchen)
        own = standing if standing is not None and standing.household_id == whose else None
        if own is not None and own.url == draft.url:
            return own  # a retry, whatever it was based on (RFC 9110, 13.1.1)
        if if_match is not None and (if_match.is_given or own is not None):
            _check(if_match, standing)
        published = await queries.publish(kitchen, whose, draft, replaced=standing.url if standing else None)
        kitchen.after_commit(partial(self._announce, published))
        return published

    async def find(self, kitchen: Kitchen, whose: UUID | None, revision: int) -> Address:
        """Return the address that `whose` published under that revision.

        Raises:
            NoSuchRevision: there is none.
            AddressRefused: the rules have changed since.
        """
        found = await queries.read_publication(kitchen, whose, revision)
        if found is None:
            raise NoSuchRevision(revision=revision)
        return self.accept(found.ollama_base_url)


def _check(if_match: IfMatch, standing: Standing | None) -> None:
    if standing is None:
        raise Stale
    if_match.check(etag(standing.tag))


async def seed(kitchen: Kitchen, url: str) -> None:
    """Publish the first system-wide address, in a kitchen that works for no household; a later one is not touched."""
    await queries.lock(kitchen)
    if await queries.read_standing(kitchen) is None:
        await queries.publish(kitchen, None, Draft(url, published_by="settings"), replaced=None)
