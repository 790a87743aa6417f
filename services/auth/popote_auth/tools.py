"""What the actions of auth work with, made once."""

import hmac
from collections.abc import Sequence

from msgspec import Struct

from popote_auth import common_passwords
from popote_auth.errors import WeakPassword
from popote_auth.hashing import Hasher
from popote_auth.keys import KeyRing, Secrets
from popote_auth.model import codes
from popote_auth.model.bloom import Bloom
from popote_auth.model.passwords import find_flaw
from popote_auth.settings import Settings
from popote_auth.throttling import Throttle
from popote_kit.database import Database


class Tools(Struct, frozen=True):
    """The parts that the actions share."""

    settings: Settings
    database: Database
    secrets: Secrets
    keys: KeyRing
    hasher: Hasher
    throttle: Throttle
    common: Bloom

    def seal(self, code: str) -> bytes:
        """Return what is stored of a recovery or invitation code."""
        return codes.seal(code, self.secrets.codes)

    def refuse_weak(self, password: str, *, member: str, email: str = "", households: Sequence[str] = ()) -> None:
        """Let a new password pass.

        Raises:
            WeakPassword: it has a flaw; `member` is the body's member that holds it.
        """
        shortest = self.settings.password_min_length
        flaw = find_flaw(password, shortest=shortest, common=self.common, email=email, households=households)
        if flaw is not None:
            raise WeakPassword(flaw, member=member, shortest=shortest)

    def is_credential(self, service: str, credential: str) -> bool:
        expected = self.settings.credential_of(service)
        return expected is not None and hmac.compare_digest(expected.encode(), credential.encode())

    def is_setup_code(self, code: str) -> bool:
        return hmac.compare_digest(self.settings.setup_code.encode(), code.strip().encode())


def make_tools(settings: Settings, database: Database) -> Tools:
    """Return the tools of a service with these settings."""
    secrets = Secrets.derive(settings.secret)
    return Tools(
        settings,
        database,
        secrets,
        KeyRing(database, secrets.sealing),
        Hasher(secrets.pepper, settings.password_profile),
        Throttle(database, secrets.throttle),
        common_passwords.load(),
    )
